"""Choose among several counts of chips: by time, cost or energy, within limits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from headgate.errors import UsageError
from headgate.predict.trained import OBJECTIVES, Trained


def check_objective(objective: str, limits: Mapping[str, float]) -> None:
    """Refuse an objective or a limit that is not one, or a limit that is not over 0."""
    if objective not in OBJECTIVES:
        raise UsageError(f"objective {objective!r} is not one of {', '.join(OBJECTIVES)}. Give one of them.")
    for name, most in limits.items():
        if name not in OBJECTIVES.values() or not most > 0:
            raise UsageError(f"limit {name}={most}: limits are {', '.join(OBJECTIVES.values())}, each over 0.")


def chosen(tried: Sequence[Trained], objective: str, limits: Mapping[str, float], notes: tuple[str, ...]) -> Trained:
    """Return the best of several counts within the limits, with the counts that no other beats.

    Raises:
        UsageError: None keeps the limits; the message says how near the nearest comes.
    """
    aim = OBJECTIVES[objective]
    for name in {aim, *limits} if len(tried) > 1 or limits else ():
        if math.isnan(tried[0].figures[name][0]):
            raise UsageError(
                f"{name} of {tried[0].run.machine.id} is unknown, so that it cannot be chosen by. {_why(name)}"
            )
    within = [t for t in tried if all(t.figures[name][0] <= most for name, most in limits.items())]
    if not within:
        over = min(tried, key=lambda t: max(t.figures[name][0] / most for name, most in limits.items()))
        found = ", ".join(f"{over.figures[name][0]:,.4g} {name} (at most {most:,.4g})" for name, most in limits.items())
        raise UsageError(
            f"no count of chips keeps the limits; nearest is {over.run.chips:,} chips: {found}. Allow more."
        )
    best = min(within, key=lambda t: t.figures[aim][0])
    front = tuple(t for t in within if not any(_beats(other, t) for other in within)) if len(tried) > 1 else ()
    return replace(best, front=front, notes=(*best.notes, *notes))


def _why(name: str) -> str:
    part = {"usd": "price or power", "mwh": "power"}.get(name, "figure")
    return f"Its {part} is not on record; give a TOML file of your own."


def _beats(one: Trained, other: Trained) -> bool:
    """Say whether one is nowhere worse than another, and somewhere better; what is unknown of both counts as alike."""
    pairs = [(one.figures[name][0], other.figures[name][0]) for name in OBJECTIVES.values()]
    known = [(a, b) for a, b in pairs if not math.isnan(a) and not math.isnan(b)]
    return all(a <= b for a, b in known) and any(a < b for a, b in known)
