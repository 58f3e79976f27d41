"""Difference in kinks: by how much the growth of China's stock, beside that of US owners, bent at a rule.

After Hillebrandt (2026). The published panel gives every US owner the same weight; only their sum is carried here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError
from headgate.world.agree.line import Line, of_anchor
from headgate.world.agree.ours import Draws, Ours
from headgate.world.agree.owned import LEGAL, US
from headgate.world.anchors import anchor, anchors
from headgate.world.axes import QUARTERS, quarter

GROUP = "BEND IN GROWTH AT A RULE (HILLEBRANDT)"
YEAR = 365.25
CHINA = "owned H100e stock, China total"


@dataclass(frozen=True, slots=True)
class Kink:
    """One bend that was published.

    Args:
        anchor: Its id.
        day: When the rule came.
        first: First quarter of the window, at whose end the first stock is taken; `last` is the last.
        smuggled: Whether China's stock is all of it, as Epoch AI counts, or the legal part alone.
    """

    anchor: str
    day: date
    first: str
    last: str
    smuggled: bool = False


# The first rule's window ends before the second rule, so that one bend is not taken for the other.
KINKS = (
    Kink("A0346", date(2023, 10, 17), "2022Q1", "2025Q4"),
    Kink("A0347", date(2023, 10, 17), "2022Q1", "2025Q4", smuggled=True),
    Kink("A0348", date(2022, 10, 7), "2022Q1", "2023Q3"),
)


def refuse_no_bend(count: int, before: int) -> NoReturn:
    """Refuse a window in which no bend can be told."""
    raise UsageError(
        f"a bend needs two quarters before its day and two after, and the window of {count} has {before} before. "
        "Move the window or the day."
    )


def bend(times: Any, log_ratio: Any, at: float) -> NDArray[np.float64]:
    """Return the bend of a line at a time: by how much its slope changes there, by least squares.

        log ratio = a + b t + bend max(0, t - at)

    Args:
        times: Years, [n].
        log_ratio: Natural logarithm of one stock over another, [n, draw].
        at: The time of the bend.

    Returns:
        ln units a year, [draw].

    Raises:
        UsageError: There are fewer than two times before the bend, or after it.

    Example:
        >>> t = np.arange(6.0)
        >>> bend(t, (t - 2.0 * np.maximum(t - 3.0, 0.0))[:, None], 3.0).round(9).tolist()
        [-2.0]
    """
    t = np.asarray(times, dtype=np.float64) - at
    if (t < 0).sum() < 2 or (t > 0).sum() < 2:
        refuse_no_bend(len(t), int((t < 0).sum()))
    matrix = np.column_stack([np.ones_like(t), t, np.maximum(t, 0.0)])
    found, *_ = np.linalg.lstsq(matrix, np.asarray(log_ratio, dtype=np.float64), rcond=None)
    return np.asarray(found[2])


def _window(of: Kink, stock: Any, us: Any) -> NDArray[np.float64]:
    span = slice(quarter(of.first), quarter(of.last) + 1)
    times = np.array([q.end.toordinal() for q in QUARTERS]) / YEAR
    return bend(times[span], np.log(stock[span] / us[span]), of.day.toordinal() / YEAR)


def simulated(ours: Ours, of: Kink) -> Draws:
    """Return a bend in the simulated history, [draw]."""
    stock = ours.china() if of.smuggled else ours.total(["china_legal"])
    return _window(of, np.maximum(stock, 1.0), np.maximum(ours.total(["us_named"]), 1.0))


def of_published(of: Kink) -> float:
    """Return what the same estimator makes of Epoch AI's published medians.

    Example:
        >>> [round(of_published(k), 2) for k in KINKS]
        [-0.81, -0.09, 0.78]
    """
    us, china = (
        np.array([[float(a.value or 0.0)] for a in anchors(metric=name)])
        for name in (US, CHINA if of.smuggled else LEGAL)
    )
    return float(_window(of, china, us)[0])


def undone(ours: Ours) -> Draws:
    """Return by how much what China makes and what is diverted to it straightens the bend of 2023, ln units a year."""
    legal, whole, _ = (simulated(ours, k) for k in KINKS)
    return np.asarray(whole - legal)


def bends(ours: Ours) -> Mapping[str, Draws]:
    """Return every bend in the simulated history by its anchor."""
    return {k.anchor: simulated(ours, k) for k in KINKS}


def lines(ours: Ours) -> Iterator[Line]:
    """Yield a line for each bend."""
    for kink in KINKS:
        note = (
            f"ours: stocks at the ends of {kink.first} to {kink.last}, US owners as one sum; the same estimator on "
            f"Epoch AI's medians gives {of_published(kink):+.2f}"
        )
        when = kink.day.isoformat()
        yield of_anchor(GROUP, anchor(kink.anchor), simulated(ours, kink), note, "F13", when)
