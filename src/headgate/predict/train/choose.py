"""Choose among several counts of chips: by time, cost or energy, within limits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from headgate.errors import UsageError
from headgate.predict.train.record import OBJECTIVES, Trained


def check_objective(objective: str, limits: Mapping[str, float]) -> None:
    """Refuse an objective or a limit that is not one, or a limit that is not over 0."""
    if objective not in OBJECTIVES:
        raise UsageError(f"objective {objective!r} is not one of {', '.join(OBJECTIVES)}. Give one of them.")
    for name, most in limits.items():
        if name not in OBJECTIVES.values() or not most > 0:
            raise UsageError(f"limit {name}={most}: limits are {', '.join(OBJECTIVES.values())}, each over 0.")


def refuse_unknown_figure(name: str, machine: str) -> NoReturn:
    """Refuse to choose by a figure that the records do not give."""
    what, give = ("price or power", "usd_per_chip (--usd-per-chip), or ") if name == "usd" else ("power", "")
    raise UsageError(
        f"{name} of {machine} is unknown, so that nothing can be chosen by it: its {what} is not on record. "
        f"Give {give}a TOML file of your own."
    )


def refuse_no_count(tried: Sequence[Trained], limits: Mapping[str, float]) -> NoReturn:
    """Refuse limits that no count keeps, with the one that comes nearest."""
    near = min(tried, key=lambda t: max(t.figures[name][0] / most for name, most in limits.items()))
    found = ", ".join(f"{near.figures[name][0]:,.4g} {name} (at most {most:,.4g})" for name, most in limits.items())
    raise UsageError(f"no count of chips keeps the limits; nearest is {near.run.chips:,} chips: {found}. Allow more.")


def chosen(tried: Sequence[Trained], objective: str, limits: Mapping[str, float], notes: tuple[str, ...]) -> Trained:
    """Return the best of several counts within the limits, with the counts that no other beats.

    Raises:
        UsageError: None keeps the limits; the message says how near the nearest comes.
    """
    aim = OBJECTIVES[objective]
    for name in {aim, *limits} if len(tried) > 1 or limits else ():
        if math.isnan(tried[0].figures[name][0]):
            refuse_unknown_figure(name, tried[0].run.machine.id)
    keeps = [all(t.figures[name][0] <= most for name, most in limits.items()) for t in tried]
    within = [t for t, kept in zip(tried, keeps, strict=True) if kept]
    if not within:
        refuse_no_count(tried, limits)
    if over := [f"{t.run.chips:,}" for t, kept in zip(tried, keeps, strict=True) if not kept]:
        words = ", ".join(f"{most:,.4g} {name}" for name, most in limits.items())
        notes = (*notes, f"left out: {', '.join(over)} chips, over the limit of {words}")
    best = min(within, key=lambda t: t.figures[aim][0])
    front = tuple(t for t in within if not any(_beats(other, t) for other in within)) if len(tried) > 1 else ()
    return replace(best, front=front, notes=(*best.notes, *notes))


def _beats(one: Trained, other: Trained) -> bool:
    """Say whether one is nowhere worse than another, and somewhere better; what is unknown of both counts as alike."""
    pairs = [(one.figures[name][0], other.figures[name][0]) for name in OBJECTIVES.values()]
    known = [(a, b) for a, b in pairs if not math.isnan(a) and not math.isnan(b)]
    return all(a <= b for a, b in known) and any(a < b for a, b in known)
