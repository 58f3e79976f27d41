"""Arithmetic that published numbers rest on: memory and dies per package, Huawei over Nvidia, and IFP's endpoints.

Checked here: SemiAnalysis, "Huawei Ascend Production Ramp", 8 September 2025 (stacks of memory);
Chris McGuire, "China's AI Chip Deficit", Council on Foreign Relations, 15 December 2025 (Huawei over Nvidia, from Epoch
AI's rows); Khan, Burga, Fist and Adamson, Institute for Progress, "Should the US Sell Blackwell Chips to China?",
25 October 2025, https://ifp.org/the-b30a-decision/, and "Should the US Sell Hopper Chips to China?", 7 December 2025,
https://ifp.org/should-the-us-sell-hopper-chips-to-china/ (production, endpoints). Of IFP's nine scenarios only the
endpoints are known. Guessed: the share of US-designed chips that the United States keeps, solved from its 31x.
"""

from collections.abc import Iterable
from datetime import date
from typing import NoReturn

from headgate.errors import UsageError, did_you_mean
from headgate.world.history import Row, history
from headgate.world.published.inputs import inputs


def refuse_bad_volume(what: str, given: float) -> NoReturn:
    """Refuse a volume, a ratio or a share that makes no sense."""
    raise UsageError(f"{what} is {given:g}. Give a finite number of 0 or more, a share at most 1, a divisor over 0.")


def refuse_missing_quarter(vendor: str, first: date, known: Iterable[str]) -> NoReturn:
    """Refuse to add up a year of which the history lacks a quarter."""
    near = "" if vendor in known else did_you_mean(vendor, known)
    raise UsageError(
        f"The history has no full quarter of {vendor} that begins on {first}. "
        f"Choose a vendor and a year that it covers, say Huawei in 2024 or 2025.{near}"
    )


def _check(share: bool = False, **volumes: float) -> None:
    for what, value in volumes.items():
        if not 0 <= value < float("inf") or (share and value > 1):
            refuse_bad_volume(what, value)


def packages_of_stacks(stacks: float, stacks_per_package: float) -> float:
    """Packages that memory is enough for: stacks / stacks a package.

    Example:
        >>> packages_of_stacks(13_000_000, 8)
        1625000.0
    """
    _check(stacks=stacks, stacks_per_package=stacks_per_package)
    if not stacks_per_package:
        refuse_bad_volume("stacks_per_package", stacks_per_package)
    return stacks / stacks_per_package


def packages_of_dies(dies: float, dies_per_package: float, packaging_yield_share: float) -> float:
    """Packages that dies are enough for: dies / dies a package x the share of packages that work.

    Example:
        >>> packages_of_dies(2_000_000, 2, 0.75)
        750000.0
    """
    _check(dies=dies, dies_per_package=dies_per_package)
    _check(share=True, packaging_yield_share=packaging_yield_share)
    if not dies_per_package:
        refuse_bad_volume("dies_per_package", dies_per_package)
    return dies / dies_per_package * packaging_yield_share


def added(vendor: str, year: int, rows: Iterable[Row] | None = None) -> float:
    """H100-equivalents that a vendor made in a year, from the quarters of the history that count once.

    Args:
        vendor: `Nvidia` for the whole world's, China's products within it; `Huawei`.
        year: A calendar year with all its quarters.
        rows: History; None for the package's own.

    Returns:
        The sum of the medians.

    Raises:
        UsageError: The history lacks a quarter of that vendor's year.

    Example:
        >>> round(added("Huawei", 2025))
        527856
    """
    group = "NV-WORLD" if vendor == "Nvidia" else "CN-DOM"
    every = history() if rows is None else tuple(rows)
    found = [
        row
        for row in every
        if row.primary and row.group == group and row.vendor == vendor and row.freq == "Q" and row.start.year == year
    ]
    quarters = {row.start for row in found if row.covers == "whole" and row.h100e_median is not None}
    missing = [month for month in (1, 4, 7, 10) if date(year, month, 1) not in quarters]
    if missing:
        refuse_missing_quarter(vendor, date(year, missing[0], 1), {row.vendor for row in every})
    return sum(row.h100e_median or 0.0 for row in found)


def huawei_over_nvidia(year: int, rows: Iterable[Row] | None = None) -> float:
    """Huawei's additions of a year over Nvidia's, in H100-equivalents.

    Example:
        >>> round(huawei_over_nvidia(2024), 3)
        0.054
    """
    every = history() if rows is None else tuple(rows)
    return added("Huawei", year, every) / added("Nvidia", year, every)


def production_ratio(china: float, us_designed: float) -> float:
    """China's production over the US-designed one, in one unit.

    Example:
        >>> round(production_ratio(160_000, 6_890_000), 3)
        0.023
    """
    _check(china=china, us_designed=us_designed)
    return china / us_designed if us_designed else refuse_bad_volume("us_designed", us_designed)


def ratio_with_exports(us: float, china: float, sold: float = 0.0, displaced_share: float = 0.0) -> float:
    """US compute added over China's in a year in which some is sold to China.

        (us - displaced_share x sold) / (china + sold)

    Args:
        us: What the United States would add if nothing were sold, 0 or more.
        china: What China makes itself, in the same unit.
        sold: What is sold to China, in the same unit.
        displaced_share: Share of it that the United States goes without: 0 none, 1 one for one.

    Returns:
        The ratio; 1 is parity.

    Raises:
        UsageError: A number is negative or not finite, the share is over 1, China would have nothing, or the United
            States would go without more than it has.

    Example:
        >>> round(ratio_with_exports(4.96e6, 160e3), 1), round(ratio_with_exports(4.96e6, 160e3, 2.4e6, 1.0), 2)
        (31.0, 1.0)
    """
    _check(us=us, china=china, sold=sold)
    _check(share=True, displaced_share=displaced_share)
    if not china + sold:
        refuse_bad_volume("china + sold", 0.0)
    if displaced_share * sold > us:
        refuse_bad_volume("us - displaced_share x sold", us - displaced_share * sold)
    return (us - displaced_share * sold) / (china + sold)


def sold_for_ratio(ratio: float, us: float, china: float, displaced_share: float = 0.0) -> float:
    """What must be sold to China to bring the ratio down to a given one; 0 when it is there already.

    Example:
        >>> round(sold_for_ratio(4, 4.96e6, 160e3)), round(sold_for_ratio(4, 4.96e6, 160e3, 1.0))
        (1080000, 864000)
    """
    _check(ratio=ratio, us=us, china=china)
    _check(share=True, displaced_share=displaced_share)
    if not ratio + displaced_share:
        refuse_bad_volume("ratio + displaced_share", 0.0)
    return max(0.0, (us - ratio * china) / (ratio + displaced_share))


def ifp_us_added(year: int = 2026) -> float:
    """B300-equivalents that the United States adds without exports, at IFP's volumes and the share solved from its 31x.

    Example:
        >>> round(ifp_us_added() / 1e6, 2)
        4.96
    """
    number = inputs("arithmetic").number
    return number(f"ifp.us_designed_{year}") * number("ifp.us_share_2026")


def ifp_ratio(b30a_chips: float, displaced_share: float = 0.0) -> float:
    """IFP's ratio of 2026 when a number of B30A chips is sold to China, China's own production at its high end.

    Example:
        >>> round(ifp_ratio(0)), round(ifp_ratio(2_000_000), 1), round(ifp_ratio(2_000_000, 1.0), 1)
        (31, 4.3, 3.4)
    """
    number = inputs("arithmetic").number
    sold = b30a_chips * number("ifp.b30a_per_b300")
    return ratio_with_exports(ifp_us_added(), number("ifp.huawei_2026_high"), sold, displaced_share)
