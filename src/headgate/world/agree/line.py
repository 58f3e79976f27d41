"""One published number beside ours: what is kept of both, and whether either interval holds the other's middle."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from headgate.draw.score import interval
from headgate.errors import UsageError
from headgate.world.agree.ours import Draws, Ours
from headgate.world.anchors import Anchor, anchor, anchors
from headgate.world.axes import LABELS, QUARTERS, quarter_of
from headgate.world.history import Row, history

Read = Callable[[Ours, int], Draws]  # a run and a quarter, to draws in the unit of the published number
Numbers = tuple[float | None, float | None, float | None]
MASS = 0.9
OVER_A_YEAR = ("flow", "spend", "scenario")  # groups of anchors


@dataclass(frozen=True, slots=True)
class Line:
    """One published number beside ours.

    Args:
        group: Heading it stands under.
        when: Quarter, year or day.
        low: Our 5 % point; `median` and `high` are the 50 and 95 % points.
        published: Published middle; None where only ends are given. `published_low` and `published_high` are the ends.
        mass: Probability between the published ends; None where they are a range, a bound or a judgment.
        ref: Id of the anchor, the row of history, or where else it stands.
        verification: How it was checked.
        target: `hard`, `soft`, or `never` for what no source was seen of; that is shown and not counted.
        test: The regression target it belongs to, as F11; empty for none.
    """

    group: str
    metric: str
    when: str
    unit: str
    low: float
    median: float
    high: float
    published_low: float | None
    published: float | None
    published_high: float | None
    mass: float | None
    source: str
    url: str
    ref: str
    mark: str
    verification: str
    target: str
    test: str = ""
    note: str = ""

    @property
    def covered(self) -> bool:
        """Whether the published number lies in our 90 %; of a range without a middle, whether the two overlap."""
        if self.published is not None:
            return self.low <= self.published <= self.high
        return _ends_hold(self.published_low, self.high, None) and _ends_hold(None, self.low, self.published_high)

    @property
    def ours_inside(self) -> bool | None:
        """Whether our median lies in the published interval; None where none is published."""
        if self.published_low is self.published_high is None:
            return None
        return _ends_hold(self.published_low, self.median, self.published_high)

    @property
    def row(self) -> dict[str, Any]:
        """The line as flat columns, for a table or for JSON."""
        return {**asdict(self), "covered": self.covered, "ours_inside": self.ours_inside}


def _ends_hold(low: float | None, value: float, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def of_draws(draws: Any, mass: float = MASS) -> tuple[float, float, float]:
    """Return low end, median and high end of draws.

    Raises:
        UsageError: There is no draw, or one is not finite.

    Example:
        >>> [round(x, 9) for x in of_draws(np.arange(101.0))]
        [5.0, 50.0, 95.0]
    """
    low, high = interval(draws, mass)
    return float(low), float(np.median(np.asarray(draws, dtype=np.float64))), float(high)


def of_anchor(
    group: str, of: Anchor, draws: Any, note: str = "", test: str = "", when: str = "", target: str = ""
) -> Line:
    """Set draws beside an anchor.

    Args:
        note: What ours counts otherwise; the anchor's own note where it is empty.
        when: As to be printed; that of `when_of` where it is empty.
        target: Another than the anchor's own, where ours is not the same thing.
    """
    return Line(
        group, of.metric, when or when_of(of), of.unit, *of_draws(draws), of.low, of.value, of.high,
        of.mass, of.source, of.url, of.anchor_id, of.mark, of.verification, target or of.target, test,
        note or of.notes,
    )  # fmt: skip


def when_of(of: Anchor) -> str:
    """Return the year of what is counted over a year, else the quarter of an anchor's day.

    Example:
        >>> when_of(anchor("A0132")), when_of(anchor("A0133"))
        ('2024', '2024Q4')
    """
    over_a_year = of.group in OVER_A_YEAR or of.metric.startswith("flow ratio") or "additions" in of.metric
    return str(of.day.year) if over_a_year else LABELS[quarter_of(of.day)]


def of_row(group: str, metric: str, of: Row, draws: Any, note: str = "", test: str = "") -> Line:
    """Set draws beside a row of history, in H100-equivalents where it counts those, else in its unit; never hard."""
    told: Numbers = (of.h100e_low, of.h100e_median, of.h100e_high)
    if of.unit != "h100e":
        told = (of.low, of.median, of.high)
    return Line(
        group, metric, of.period, of.unit, *of_draws(draws), *told, of.mass, of.source, of.url, of.row_id,
        of.mark, of.status, "never" if of.mark == "unverified" else "soft", test, note or of.notes,
    )  # fmt: skip


def by_metric(group: str, table: Mapping[str, Read], ours: Ours, note: str = "", test: str = "") -> Iterator[Line]:
    """Yield a line for every anchor of some metrics; each is read at the quarter of its day."""
    for metric, read in table.items():
        for each in anchors(metric=metric):
            yield of_anchor(group, each, read(ours, quarter_of(each.day)), note, test)


def by_id(group: str, table: Mapping[str, Read], ours: Ours, note: str = "", test: str = "") -> Iterator[Line]:
    """Yield a line for each of some anchors, read at the quarter of its day."""
    for id, read in table.items():
        of = anchor(id)
        yield of_anchor(group, of, read(ours, quarter_of(of.day)), note, test)


def by_row(group: str, metric: str, ids: Iterable[str], read: Read, ours: Ours, note: str = "") -> Iterator[Line]:
    """Yield a line for each of some rows of history, read at the last quarter of its period."""
    for id in ids:
        of = row_of(id)
        yield of_row(group, metric, of, read(ours, last_quarter(of)), note)


def row_of(id: str) -> Row:
    """Return a row of history by its id.

    Raises:
        UsageError: There is none.
    """
    found = next((r for r in history() if r.row_id == id), None)
    if found is None:
        raise UsageError(f"there is no row {id!r} in the history of supply. Correct the id.")
    return found


def last_quarter(of: Row) -> int:
    """Return the last quarter of a row's period.

    Example:
        >>> LABELS[last_quarter(row_of("S0173"))]
        '2024Q4'
    """
    return next(n for n, q in enumerate(QUARTERS) if q.end == of.end)
