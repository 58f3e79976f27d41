"""How the truths of one track combine to an answer: written once, for a single truth and for a column of them.

Everything is `&`, `|` and `not_` on yes and no, so that the same lines run on Python's booleans and on Boolean columns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from headgate.decide.era import Track
from headgate.law.provision import POLICIES, WEIGHTS, Provision

Bit = Any
Steps = Sequence[Bit] | Mapping[int, Bit]

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
class Verdict:
    """The answer of one track as bits.

    Args:
        outcomes: Outcome to whether it is the one.
        policies: Review policy to whether it is the strictest possible; none where no license is needed.
        exceptions: Exception to whether it is open and counts.
        chosen: For each classification whether it is the deciding one.
        known: For each whether the ECCN is then known, no other entry being possible.
        exact: For each whether the paragraph is known too.
        holding: For each whether it holds and no other takes precedence; two that differ are a conflict.
        reasons: For each provision, in order, whether it stands among the reasons.
        concerned: For each provision whether it is a requirement about such an item, whether it holds or not.
        flags: Flag to whether it is raised.
        weights: Weight to whether a red flag of that weight is raised.
        due: The duty is due; `not_due` that it is not.
        first: Step to whether a change of it would change the outcome.
        second: Step to whether a change of it would change anything else.
    """

    outcomes: Mapping[str, Bit]
    policies: Mapping[str, Bit]
    exceptions: Mapping[str, Bit]
    chosen: Sequence[Bit]
    known: Sequence[Bit]
    exact: Sequence[Bit]
    holding: Sequence[Bit]
    reasons: Sequence[Bit]
    concerned: Sequence[Bit]
    flags: Mapping[str, Bit]
    weights: Mapping[str, Bit]
    due: Bit
    not_due: Bit
    first: Mapping[int, Bit]
    second: Mapping[int, Bit]


@dataclass(frozen=True, slots=True)
class _Logic:
    """Negation, and what false is, for the kind of bits at hand."""

    not_: Callable[[Bit], Bit]
    false: Bit

    def any(self, bits: Sequence[Bit]) -> Bit:
        return reduce(or_, bits, self.false)


def verdict(track: Track, yes: Steps, no: Steps, not_: Callable[[Bit], Bit], false: Bit, asked: Bit) -> Verdict:
    """Combine the truths of one track.

    Args:
        track: The track.
        yes: For each step whether it is true.
        no: For each step whether it is false; neither is unknown.
        not_: Negation of such a bit.
        false: The bit that is false.
        asked: The duty is asked.
    """
    logic = _Logic(not_, false)
    f = track.formulas
    outcomes = _outcomes(logic, f, yes, no)
    needed = not_(no[f["required"]])
    policies = _policies(logic, f, no, needed)
    exceptions = {x: outcomes["exception_available"] & yes[f[f"open:{x}"]] for x in track.exceptions}
    chosen, known, exact, holding = _classes(logic, track, yes, no)
    flags: dict[str, Bit] = {}
    for step, flag, exception in track.flags:
        raised = yes[step] & exceptions[exception] if exception else yes[step]
        flags[flag] = flags[flag] | raised if flag in flags else raised
    weights = {w: logic.any([yes[step] for step, weight in track.weights if weight == w]) for w in WEIGHTS}
    alive = not_(outcomes["prohibited"])
    unsettled = not_(outcomes["license_required"]) | yes[f["exempted"]]
    # A prohibition that stands because the row is silent asks for the fact that would lift it.
    first = {f["prohibited"]: not_(false), f["required"]: alive}
    first[f["unmodeled"]] = first.get(f["unmodeled"], false) | (alive & unsettled)
    second = _second(logic, track, yes, no, alive & needed, alive & asked)
    unclassified = alive & not_(logic.any(known))
    for step, _ in track.classes:
        second[step] = second.get(step, false) | (unclassified & not_(yes[step] | no[step]))
    return Verdict(
        outcomes=outcomes,
        policies=policies,
        exceptions=exceptions,
        chosen=chosen,
        known=known,
        exact=exact,
        holding=holding,
        reasons=_reasons(logic, track, yes, chosen, policies, exceptions),
        concerned=[logic.any([yes[track.steps[m]] for m in places]) for places in track.about],
        flags=flags,
        weights=weights,
        due=yes[f["due"]],
        not_due=no[f["due"]],
        first=first,
        second=second,
    )


def _outcomes(logic: _Logic, f: Mapping[str, int], yes: Steps, no: Steps) -> dict[str, Bit]:
    """Say which outcome it is; each is taken from what the stricter ones have left."""
    not_ = logic.not_
    required, free = yes[f["required"]], no[f["required"]]
    unmodeled, modeled = yes[f["unmodeled"]], no[f["unmodeled"]]
    prohibited = yes[f["prohibited"]]
    left = not_(prohibited)
    # An exception counts only where nothing that is not modeled could stand beside what it covers.
    license_required = left & required & not_(yes[f["exempted"]] & (unmodeled | modeled))
    left = left & not_(license_required)
    not_modeled = left & unmodeled
    left = left & not_(not_modeled)
    exception_available = left & required
    left = left & not_(exception_available)
    insufficient = left & not_(free & modeled)
    return {
        "prohibited": prohibited,
        "license_required": license_required,
        "exception_available": exception_available,
        "no_license_required": left & not_(insufficient),
        "insufficient_facts": insufficient,
        "not_modeled": not_modeled,
    }


def _policies(logic: _Logic, f: Mapping[str, int], no: Steps, needed: Bit) -> dict[str, Bit]:
    """Say which policy is the strictest stated; where unknown facts decide, the strictest still possible."""
    found: dict[str, Bit] = {}
    left = needed
    for policy in POLICIES[:-1]:
        found[policy] = left & logic.not_(no[f[f"policy:{policy}"]])
        left = left & logic.not_(found[policy])
    return found | {POLICIES[-1]: left}


def _classes(logic: _Logic, track: Track, yes: Steps, no: Steps) -> tuple[list[Bit], list[Bit], list[Bit], list[Bit]]:
    not_, any_ = logic.not_, logic.any
    beaten = [any_([yes[s] for s, q in track.classes if p.id in q.over]) for _, p in track.classes]
    holding = [yes[s] & not_(b) for (s, _), b in zip(track.classes, beaten, strict=True)]
    open_ = [not_(no[s]) & not_(b) for (s, _), b in zip(track.classes, beaten, strict=True)]
    eccn = [p.eccn for _, p in track.classes]
    chosen, known, exact = [], [], []
    for n, own in enumerate(holding):
        chosen.append(own & not_(any_(holding[:n])))
        known.append(chosen[n] & not_(any_([open_[m] for m, name in enumerate(eccn) if name != eccn[n]])))
        exact.append(known[n] & not_(any_(open_[:n])))
    return chosen, known, exact, holding


def _second(logic: _Logic, track: Track, yes: Steps, no: Steps, needed: Bit, asked: Bit) -> dict[int, Bit]:
    f = track.formulas
    found = {f[f"open:{x}"]: needed for x in track.exceptions}
    left = needed
    for policy in POLICIES[:-1]:
        step = f[f"policy:{policy}"]
        found[step] = found.get(step, logic.false) | left
        left = left & logic.not_(yes[step])
    return found | {f["due"]: found.get(f["due"], logic.false) | asked}


def _reasons(
    logic: _Logic,
    track: Track,
    yes: Steps,
    chosen: Sequence[Bit],
    policies: Mapping[str, Bit],
    exceptions: Mapping[str, Bit],
) -> list[Bit]:
    """Say which provisions applied, and which they build on."""
    deciding = {p.id: bit for (_, p), bit in zip(track.classes, chosen, strict=True)}
    held = [yes[step] for step in track.steps]
    found = [
        bit & _applies(logic, p, deciding, policies, exceptions) for p, bit in zip(track.provisions, held, strict=True)
    ]
    for n in track.top_down:
        for m in track.builds_on[n]:
            found[m] = found[m] | (found[n] & held[m])
    return found


def _applies(
    logic: _Logic,
    p: Provision,
    deciding: Mapping[str, Bit],
    policies: Mapping[str, Bit],
    exceptions: Mapping[str, Bit],
) -> Bit:
    match p.stage:
        case "classify":
            return deciding.get(p.id, logic.not_(logic.false))
        case "scope":
            return logic.not_(logic.false) if p.frees else logic.false
        case "exempt":
            return exceptions[p.exception]
        case "review":
            return policies[p.policy]
        case "note":
            return logic.false
    return logic.not_(logic.false)
