"""Our numbers beside every published one that they can be compared with, each with interval, source and verdict."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headgate.errors import UsageError
from headgate.world.agree import channels, elsewhere, february, kinks, lags, located, makers, memory, owned
from headgate.world.agree.line import Line
from headgate.world.agree.ours import Ours
from headgate.world.anchors import anchors
from headgate.world.axes import LABELS
from headgate.world.results import Results

__all__ = ["BASELINE", "FEBRUARY", "SCENARIOS", "Count", "Line", "agree", "left_out", "summary"]
BASELINE, FEBRUARY = "baseline", february.NAME
# The scenarios on which something was published.
SCENARIOS = (*elsewhere.SCENARIOS, memory.NAME)
# Why the anchors of a group have no line: those of the group that are not compared.
WHY: Mapping[str, str] = {
    "spend": "capital spending is of whole firms; the world has what is spent on accelerators",
    "price": "prices go in, they do not come out",
    "input": "goes in as a prior",
    "power": "the world has no power grid",
    "revenue": "covers more than the chips carried here, or counts by fiscal quarter",
    "ratio": "of single chips or of capital spending",
    "lag": "of hardware in years before the horizon, or of models by their chips",
    "growth": "of capital spending",
    "stock": "the region is no bloc of its own",
    "scenario": "no scenario of the package, or a part of a forecast whose whole is compared",
    "effect": "counts training runs, of which only the largest is simulated",
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many published numbers are met.

    Args:
        target: `hard`, `soft` or `never`.
        count: How many there are.
        covered: How many lie in our 90 %.
        with_interval: How many are published with an interval.
        inside: In how many of these our median lies.
    """

    target: str
    count: int
    covered: int
    with_interval: int
    inside: int


def agree(runs: Mapping[str, Results]) -> tuple[Line, ...]:
    """Set a run, or several, beside every published number that it can be compared with.

    Args:
        runs: Results by name. `baseline` is needed; those of `SCENARIOS` and of `FEBRUARY` bring more lines.

    Raises:
        UsageError: The baseline is missing, a name is not known, or a run ends before the horizon does.
    """
    if BASELINE not in runs or not set(runs) <= {BASELINE, FEBRUARY, *SCENARIOS}:
        raise UsageError(f"agree takes {BASELINE}, and {', '.join((FEBRUARY, *SCENARIOS))}; given were {list(runs)}.")
    for name, results in runs.items():
        if len(results.flows) != len(LABELS):
            had = len(results.flows)
            raise UsageError(f"the run of {name} has {had} quarters, not {len(LABELS)}. Run all of them.")
    ours = {name: Ours(results) for name, results in runs.items()}
    base = ours[BASELINE]
    found: list[Line] = []
    for part in (owned, located, channels, makers, kinks, lags):
        found += part.lines(base)
    for name in elsewhere.SCENARIOS:
        if name in ours:
            found += elsewhere.lines(name, ours[name], base)
    if memory.NAME in ours:
        found += memory.lines(ours[memory.NAME], base)
    if FEBRUARY in ours:
        found += february.lines(ours[FEBRUARY])
    return tuple(found)


def summary(lines: Iterable[Line]) -> tuple[Count, ...]:
    """Return how many hard and soft targets are covered, and how many unverified numbers."""
    found = []
    told = tuple(lines)
    for target in ("hard", "soft", "never"):
        mine = [line for line in told if line.target == target]
        ends = [line.ours_inside for line in mine if line.ours_inside is not None]
        found.append(Count(target, len(mine), sum(line.covered for line in mine), len(ends), sum(ends)))
    return tuple(found)


def left_out(lines: Iterable[Line]) -> dict[str, tuple[int, str]]:
    """Return how many anchors of each group have no line, and why.

    Raises:
        UsageError: A group has anchors without a line and nothing says why.
    """
    there = {line.ref for line in lines}
    missing = Counter(a.group for a in anchors() if a.anchor_id not in there)
    odd = sorted(set(missing) - set(WHY))
    if odd:
        raise UsageError(f"anchors of {', '.join(odd)} are compared with nothing, and nothing says why.")
    return {group: (count, WHY[group]) for group, count in missing.items()}
