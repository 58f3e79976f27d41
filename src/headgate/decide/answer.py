"""From truth values to the answer of one track: outcome, classification, policy, exceptions, reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headgate.decide.era import Track
from headgate.errors import ConflictError
from headgate.expr.value import Truth
from headgate.law.provision import POLICIES, Provision
from headgate.source import weakest

Truths = Sequence[Truth] | Mapping[int, Truth]

OUTCOMES = (
    "prohibited",
    "license_required",
    "exception_available",
    "no_license_required",
    "insufficient_facts",
    "legal_ambiguity",
    "not_modeled",
    "invalid_row",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one track. Names as in the contract's columns."""

    outcome: str
    eccn: str
    eccn_paragraph: str
    review_policy: str
    exceptions: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: str
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    duty: Truth
    rate: float


def answer(track: Track, truths: Truths) -> Answer:
    """Read the answer of one track off the truth of its steps.

    Raises:
        ConflictError: Two classifications hold, differ, and neither takes precedence; the message quotes both.
    """
    f = track.formulas
    required, exempted = truths[f["required"]], truths[f["exempted"]]
    outcome = _outcome(truths[f["prohibited"]], required, exempted, truths[f["unmodeled"]])
    eccn, paragraph, chosen = classify(track, truths)
    policy = _policy(track, truths) if required is not False else ""
    counts = outcome == "exception_available"
    exceptions = tuple(x for x in track.exceptions if counts and truths[f[f"open:{x}"]] is True)
    places = _reasons(track, truths, chosen, policy, exceptions)
    applied = [track.provisions[n] for n in places]
    return Answer(
        outcome=outcome,
        eccn=eccn,
        eccn_paragraph=paragraph,
        review_policy=policy,
        exceptions=exceptions,
        reasons=tuple(p.id for p in applied),
        evidence=weakest([p.mark for p in applied] or [p.mark for p in track.law.stage("classify")] or ["primary"]),
        flags=tuple(dict.fromkeys([flag for step, flag in track.flags if truths[step]])),
        needs=tuple(dict.fromkeys(n for p in applied if p.exception in exceptions for n in p.needs)) if counts else (),
        duty=truths[f["due"]],
        rate=track.rate,
    )


def _outcome(prohibited: Truth, required: Truth, exempted: Truth, unmodeled: Truth) -> str:
    if prohibited:
        return "prohibited"
    if required and not (exempted and unmodeled is not None):
        return "license_required"
    if unmodeled:
        return "not_modeled"
    if required:
        return "exception_available"
    if required is None or unmodeled is None:
        return "insufficient_facts"
    return "no_license_required"


def classify(track: Track, truths: Truths) -> tuple[str, str, Provision | None]:
    """Return ECCN, paragraph and the deciding provision; blank where they are not known or no entry reaches the item.

    Raises:
        ConflictError: Two different entries hold and neither takes precedence.
    """
    open_ = [(truths[step], p) for step, p in track.classes if truths[step] is not False]
    beaten = {id for truth, p in open_ if truth for id in p.over}
    open_ = [(truth, p) for truth, p in open_ if p.id not in beaten]
    first = next((p for truth, p in open_ if truth), None)
    if first is None:
        return "", "", None
    for truth, p in open_:
        if truth and p.eccn != first.eccn:
            raise ConflictError(
                f"{first.id} ({first.says}) and {p.id} ({p.says}) both classify the item, as {first.eccn} and "
                f"{p.eccn}, and the "
                "book declares no precedence"
            )
    if any(p.eccn != first.eccn for _, p in open_):
        return "", "", first
    return first.eccn, first.paragraph if open_[0][1] is first else first.eccn, first


def _policy(track: Track, truths: Truths) -> str:
    """The strictest policy stated; where unknown facts decide, the strictest still possible."""
    return next((p for p in POLICIES[:-1] if truths[track.formulas[f"policy:{p}"]] is not False), "unstated")


def _reasons(
    track: Track, truths: Truths, chosen: Provision | None, policy: str, exceptions: tuple[str, ...]
) -> list[int]:
    reasons: set[int] = set()

    def add(n: int) -> None:
        if n not in reasons:
            reasons.add(n)
            for m in track.builds_on[n]:
                if truths[track.steps[m]] is True:
                    add(m)

    for n, (p, step) in enumerate(zip(track.provisions, track.steps, strict=True)):
        if truths[step] is True and _applies(p, chosen, policy, exceptions):
            add(n)
    return sorted(reasons)


def _applies(p: Provision, chosen: Provision | None, policy: str, exceptions: tuple[str, ...]) -> bool:
    match p.stage:
        case "classify":
            return p is chosen or not p.eccn
        case "scope":
            return p.id == "not_an_export"
        case "exempt":
            return p.exception in exceptions
        case "review":
            return p.policy == policy
        case "note":
            return False
    return True


def waiting_for(track: Track, found: Answer, truths: Truths, duty_asked: Truth) -> tuple[list[int], list[int]]:
    """Return the formulas whose change would change the answer: those of the outcome, then all others."""
    f = track.formulas
    if found.outcome == "prohibited":
        return [], []
    first, second = [f["prohibited"], f["required"]], []
    if found.outcome != "license_required" or truths[f["exempted"]] is True:
        first.append(f["unmodeled"])
    if truths[f["required"]] is not False:
        second += [f[f"open:{x}"] for x in track.exceptions]
        for policy in POLICIES[:-1]:
            second.append(f[f"policy:{policy}"])
            if truths[second[-1]] is True:
                break
    if duty_asked:
        second.append(f["due"])
    if not found.eccn:
        second += [step for step, _ in track.classes if truths[step] is None]
    return first, second
