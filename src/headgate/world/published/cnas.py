"""CNAS on smuggling in 2024, and the shares of compute that it makes of it.

Rebuilt from: Grunewald and Fist, "Countering AI Chip Smuggling Has Become a National Security Priority", Center for a
New American Security, 11 June 2025, appendix A,
https://www.cnas.org/publications/reports/countering-ai-chip-smuggling-has-become-a-national-security-priority.

Two paths into China: many vendors with few chips each, and few cloud fronts that divert part of large orders. Which of
them operates is itself uncertain. Reproduced: the chips smuggled in 2024, the shares of training and inference compute,
and the arithmetic of TSMC's dies. Guessed: intervals are read as lognormal, a diverted share over 1 is cut, and what
the report calls its framework being off, 5 % of the draws, is both paths times up to ten either way. With 1,000 to a
million chips in its place the median would be 135,000 and not 144,000.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from headgate.draw.stream import normals
from headgate.world.published.arithmetic import packages_of_dies
from headgate.world.published.inputs import inputs
from headgate.world.published.record import Draws

MONTHS = 12
USES = ("training", "inference")
DRAWN = ("vendors", "chips_per_vendor_month", "fronts", "chips_per_front", "diverted_share", "framework_off_factor")


@dataclass(frozen=True, slots=True)
class Smuggled:
    """Chips smuggled in 2024, draw by draw: by vendors, by cloud fronts, and in all, whichever of them operates."""

    vendors: Draws
    fronts: Draws
    chips: Draws


def by_vendors(vendors: Draws, chips_per_vendor_month: Draws) -> Draws:
    """Chips a year sold by many small vendors: vendors x chips a month x 12.

    Example:
        >>> float(by_vendors(np.float64(70), np.float64(100)))
        84000.0
    """
    return np.asarray(vendors * chips_per_vendor_month * MONTHS)


def by_fronts(fronts: Draws, chips_per_front: Draws, diverted_share: Draws) -> Draws:
    """Chips a year diverted by cloud fronts: fronts x chips bought x the share diverted, at most all of them.

    Example:
        >>> float(by_fronts(np.float64(3), np.float64(20000), np.float64(0.5)))
        30000.0
    """
    return np.asarray(fronts * chips_per_front * np.minimum(diverted_share, 1.0))


def smuggled(draws: int = 100_000, seed: int = 0) -> Smuggled:
    """Run the model of smuggling in 2024.

    Args:
        draws: Number of draws, 1 or more.
        seed: Of the random streams.

    Returns:
        Chips by path and in all, each [draws].

    Example:
        >>> bool((smuggled(9).chips == smuggled(20).chips[:9]).all())
        True
    """
    given = inputs("cnas")
    draw = {name: given.draw(name, draws, seed) for name in DRAWN}
    vendors = by_vendors(draw["vendors"], draw["chips_per_vendor_month"])
    fronts = by_fronts(draw["fronts"], draw["chips_per_front"], draw["diverted_share"])
    both = vendors + fronts
    regime = normals("published.cnas.regime", draws, 1, seed)[:, 0]
    only, with_fronts = given.number("weight_vendors_only"), given.number("weight_both")
    first, second = (NormalDist().inv_cdf(p) for p in (only, only + with_fronts))
    off = both * draw["framework_off_factor"]
    return Smuggled(vendors, fronts, np.where(regime < first, vendors, np.where(regime < second, both, off)))


def compute_shares() -> Mapping[str, float]:
    """Share of the compute that China acquired in 2024 which was smuggled, for training and for inference.

    Sums of effective EFLOP/s (dense FP16): smuggled H100, legal H20, Ascend 910C with dies from TSMC and from SMIC.

    Example:
        >>> {use: round(share, 3) for use, share in compute_shares().items()}
        {'training': 0.101, 'inference': 0.063}
    """
    given = inputs("cnas")
    parts = {use: {n: given.number(n) for n in given.given if n.startswith(f"{use}.")} for use in USES}
    return {use: part[f"{use}.h100_smuggled"] / sum(part.values()) for use, part in parts.items()}


def ascend_packages() -> tuple[float, float]:
    """Ascend 910C that TSMC's dies made, low and high: dies / 2 x the packaging yield.

    Example:
        >>> ascend_packages()
        (750000.0, 1125000.0)
    """
    number = inputs("cnas").number
    per_package, yields = number("dies.dies_per_package"), number("dies.packaging_yield_share")
    low, high = (packages_of_dies(number(f"dies.{end}_count"), per_package, yields) for end in ("low", "high"))
    return low, high
