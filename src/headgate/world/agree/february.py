"""A forecast as of February 2026: the law as known then, China's gate quite open, scored by what came (target F14).

It is no true forecast. Whoever set the other priors knew the outcome; the gate alone is as wide as a gate can be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from headgate.draw.score import crps
from headgate.draw.spread import Spread
from headgate.draw.stream import normals
from headgate.world.agree.channels import h200_delivered
from headgate.world.agree.line import Line, of_anchor
from headgate.world.agree.ours import Draws, Ours, b300e, units_of
from headgate.world.anchors import anchor
from headgate.world.axes import quarter
from headgate.world.build import World, world

if TYPE_CHECKING:
    from headgate.decide.one import Decider

GROUP, NAME = "FORECAST OF FEBRUARY 2026", "february-2026"
KNOWN, LAST = date(2026, 2, 13), "2026Q3"
# Beijing's gate is laid from the first day of the quarter, as shares of a quarter are averaged for each gate by itself:
# before 15 January Washington let none out.
GATE_FROM = date(2026, 1, 1)
FEW = 30_000  # H200
# Grunewald's forecast is of the whole of 2026, and three quarters of it are scored.
PART_OF_YEAR = 0.75


@dataclass(frozen=True)
class WideGate:
    """Beijing's gate for Hopper as it could be supposed in February 2026: anything from nothing to all, all alike.

    Customs had refused the chips for two weeks, and then the first buyers were approved.
    """

    prior: str = "beijing.h200"
    kind: str = "spread"
    numbers: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"low": 0.0, "high": 1.0}))
    shape: str = "uniform"
    start: date = GATE_FROM
    end: date | None = None


@dataclass(frozen=True)
class Forecast:
    """A forecast of the H200 that reach China from January to September 2026, and how it did.

    Args:
        delivered: Draws.
        few: Probability of at most 30,000.
        score: Its CRPS, H200; less is better.
        theirs: CRPS of Grunewald's forecast of the same day.
    """

    delivered: Draws
    few: float
    score: float
    theirs: float


def february(by: "Decider") -> World:
    """Return the world as it could be supposed on 2026-02-13: law and lists as known then, chips as known today.

    Args:
        by: The law as it is.
    """
    known = by.with_book(by.book.as_known(KNOWN), by.lists.as_known(KNOWN))
    return world(known, NAME, GATE_FROM, (WideGate(),))


def grunewald(draws: int = 20_000, seed: int = 0) -> Draws:
    """Return draws of Grunewald's forecast of legal imports to the end of September 2026, in H200.

    Two half normals that meet at the median of a year's forecast, cut at 0; three quarters of the year.

    Example:
        >>> [round(float(np.quantile(grunewald(), p)), -4) for p in (0.05, 0.5, 0.95)]
        [0.0, 440000.0, 570000.0]
    """
    told = anchor("A0208")
    spread = Spread("normal", float(told.low or 0.0), float(told.high or 0.0), told.value)
    year = np.maximum(spread.of(normals("agree.grunewald", draws, 1, seed)[:, 0]), 0.0)
    return np.asarray(PART_OF_YEAR * year * b300e() / units_of("h100e", "nvidia-h200-sxm"), dtype=np.float64)


def forecast(ours: Ours) -> Forecast:
    """Return what the world of `february` says of the H200 delivered, and its score.

    Args:
        ours: A run of it.
    """
    came = float(anchor("A0212").value or 0.0)
    delivered = h200_delivered(ours, quarter(LAST))
    few = float((delivered <= FEW).mean())
    return Forecast(delivered, few, float(crps(delivered, came)), float(crps(grunewald(), came)))


def lines(ours: Ours) -> Iterator[Line]:
    """Yield the line of the forecast, beside what came."""
    made = forecast(ours)
    note = (
        f"ours: law as known on {KNOWN}, Beijing's gate level from nothing to all; {100 * made.few:.0f} % for at most "
        f"{FEW:,}. CRPS {made.score:,.0f} H200, that of Grunewald's forecast of the day {made.theirs:,.0f}. No true "
        "forecast: whoever set the other priors knew what came"
    )
    yield of_anchor(GROUP, anchor("A0212"), made.delivered, note, "F14", "2026Q3")
