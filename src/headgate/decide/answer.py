"""The answer of one track in the contract's words, read off the bits of its verdict."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_

from headgate.decide.era import Track
from headgate.decide.verdict import OUTCOMES, Bit, Verdict, verdict
from headgate.errors import ConflictError
from headgate.expr.value import Truth
from headgate.law.provision import Provision
from headgate.source import weakest

__all__ = ["OUTCOMES", "Answer", "answer", "bits_of", "judge", "read_answer"]

Truths = Sequence[Truth] | Mapping[int, Truth]


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
    diligence: str
    needs: tuple[str, ...]
    duty: Truth
    rate: float


def judge(track: Track, truths: Truths, duty_asked: bool = False) -> Verdict:
    """Return the verdict on one row's truths."""
    steps = dict(enumerate(truths)) if isinstance(truths, Sequence) else truths
    yes = {step: truth is True for step, truth in steps.items()}
    no = {step: truth is False for step, truth in steps.items()}
    return verdict(track, yes, no, not_, False, duty_asked)


def answer(track: Track, truths: Truths) -> Answer:
    """Return the answer to one row's truths; see `read_answer`."""
    found = judge(track, truths)
    return read_answer(track, found, bits_of(found))


def bits_of(found: Verdict) -> list[Bit]:
    """Return the bits that an answer is read off, in a fixed order."""
    return [
        *found.outcomes.values(),
        *found.policies.values(),
        *found.exceptions.values(),
        *found.chosen,
        *found.known,
        *found.exact,
        *found.holding,
        *found.reasons,
        *found.concerned,
        *found.flags.values(),
        *found.weights.values(),
        found.due,
        found.not_due,
    ]


def read_answer(track: Track, found: Verdict, bits: Sequence[bool]) -> Answer:
    """Put bits into words.

    Args:
        track: The track.
        found: A verdict on this track; only its names and their order are read.
        bits: The bits, in the order of `bits_of`.

    Raises:
        ConflictError: Two classifications hold, differ, and neither takes precedence; the message quotes both.
    """
    take: Iterator[bool] = iter(bits)
    outcome = _first(found.outcomes, take)
    policy = _first(found.policies, take)
    # `compress` takes as many bits as it is given names.
    exceptions = tuple(compress(found.exceptions, take))
    classes = [p for _, p in track.classes]
    _, known, exact, holding = (list(compress(classes, take)) for _ in range(4))
    check_no_conflict(holding)
    applied = list(compress(track.provisions, take))
    concerned = list(compress(track.provisions, take))
    flags = tuple(compress(found.flags, take))
    diligence = _first(found.weights, take)
    due, not_due = next(take), next(take)
    return Answer(
        outcome=outcome,
        eccn=known[0].eccn if known else "",
        eccn_paragraph=exact[0].paragraph if exact else known[0].eccn if known else "",
        review_policy=policy,
        exceptions=exceptions,
        reasons=tuple([p.id for p in applied]),
        evidence=_evidence(track, applied, concerned),
        flags=flags,
        diligence=diligence,
        needs=tuple(dict.fromkeys([n for p in applied if p.exception in exceptions for n in p.needs])),
        duty=True if due else False if not_due else None,
        rate=track.rate,
    )


def _evidence(track: Track, applied: Sequence[Provision], concerned: Sequence[Provision]) -> str:
    """The weakest mark of what decided; where no requirement applies, those about such items did, by not applying."""
    decided = list(applied)
    if not any(p.stage == "require" or p.frees for p in applied):
        decided += concerned
    return weakest([p.mark for p in decided] or [p.mark for _, p in track.classes] or ["primary"])


def check_no_conflict(holding: Sequence[Provision]) -> None:
    """Refuse two classifications that hold and differ."""
    for other in holding[1:]:
        first = holding[0]
        if other.eccn != first.eccn:
            raise ConflictError(
                f"{first.id} ({first.says}) and {other.id} ({other.says}) both classify the item, as {first.eccn} and "
                f"{other.eccn}, and the book declares no precedence"
            )


def _first(names: Iterable[str], take: Iterator[bool]) -> str:
    return next(iter(list(compress(names, take))), "")
