"""Published models of the compute gap, rebuilt from their stated inputs and set beside what they print.

Each is a handful of small functions in a file named for its authors. `rebuilt` runs them all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

import numpy as np

from headgate.errors import CatalogError, did_you_mean
from headgate.world.published import ai2040, arithmetic, cnas, epoch
from headgate.world.published.inputs import inputs, targets
from headgate.world.published.record import FILE, Draws, Target

Numbers = tuple[float | None, float | None, float | None]
EXACT = 1e-9  # what floating point may add to a stated margin


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One published number beside ours.

    Args:
        target: What was published, where, how far ours may be off, and whether that is required.
        low: Our low end (5 %); None where the model gives none. The same for `median` and `high` (95 %).
    """

    target: Target
    low: float | None
    median: float | None
    high: float | None

    @property
    def within(self) -> bool:
        """Whether every number that was published has one of ours within its margin."""
        target = self.target
        return (
            near(self.median, target.median, target.tolerance, target.absolute)
            and near(self.low, target.low, target.tolerance_tail, target.absolute)
            and near(self.high, target.high, target.tolerance_tail, target.absolute)
        )

    @property
    def row(self) -> dict[str, str | int | float | bool | None]:
        """The row as flat columns, for a table or for JSON."""
        target = self.target
        return {
            "test": target.test,
            "id": target.id,
            "name": target.name,
            "year": target.year,
            "unit": target.unit,
            "low": self.low,
            "median": self.median,
            "high": self.high,
            "published_low": target.low,
            "published_median": target.median,
            "published_high": target.high,
            "within": self.within,
            "soft": target.soft,
            "source": str(target.source),
            "url": target.source.url,
            "mark": target.mark,
            "note": target.note,
        }


def near(ours: float | None, theirs: float | None, share: float, absolute: float | None = None) -> bool:
    """Say whether ours is within a share of theirs, or within an absolute margin; a number not published always is.

    Example:
        >>> near(103.0, 100.0, 0.05), near(103.0, 100.0, 0.05, absolute=2.0)
        (True, False)
        >>> near(None, 100.0, 1.0), near(1.0, None, 0.0)
        (False, True)
    """
    if theirs is None:
        return True
    margin = absolute if absolute is not None else share * abs(theirs)
    return ours is not None and abs(ours - theirs) <= margin + EXACT * abs(theirs)


def interval(draws: Draws) -> Numbers:
    """Return the 5 %, 50 % and 95 % points of draws.

    Example:
        >>> interval(np.arange(101.0))
        (5.0, 50.0, 95.0)
    """
    low, median, high = np.percentile(draws, [5, 50, 95])
    return float(low), float(median), float(high)


def rebuilt(draws: int = 100_000, seed: int = 0) -> list[Rebuilt]:
    """Run every rebuilt model and set each number beside the published one.

    Args:
        draws: Number of draws of the models that draw, 1 or more.
        seed: Of their random streams.

    Returns:
        A row for each published number, in the order of `published.toml`.

    Example:
        >>> rows = rebuilt(2_000)
        >>> rows[0].target.name, rows[0].target.year
        ('CNAS: chips smuggled, its inputs run again', 2024)
    """
    ours = {**_cnas(draws, seed), **_epoch(draws, seed), **_ai2040(), **_arithmetic()}
    return [Rebuilt(target, *_ours(ours, target)) for target in targets()]


def refuse_unknown_target(target: Target, known: Iterable[str]) -> NoReturn:
    """Refuse a target that nothing here computes."""
    near_ones = did_you_mean(target.id, known)
    raise CatalogError(f"{FILE}: target {target.id}: no rebuilt model gives it. Correct the id.{near_ones}")


def _ours(ours: Mapping[str, Callable[[int], Numbers]], target: Target) -> Numbers:
    return ours[target.id](target.year) if target.id in ours else refuse_unknown_target(target, ours)


def _one(value: float) -> Callable[[int], Numbers]:
    return lambda year: (None, value, None)


def _three(numbers: Numbers) -> Callable[[int], Numbers]:
    return lambda year: numbers


def _by_year(values: Mapping[int, float]) -> Callable[[int], Numbers]:
    return lambda year: (None, values[year], None)


def _cnas(draws: int, seed: int) -> dict[str, Callable[[int], Numbers]]:
    chips = cnas.smuggled(draws, seed).chips
    low, high = cnas.ascend_packages()
    return {
        "cnas.smuggled": _three(interval(chips)),
        "cnas.smuggled_printed": _three(interval(chips)),
        "cnas.over_100k": _one(float((chips > 100_000).mean())),
        "cnas.ascend": _three((low, None, high)),
        **{f"cnas.{use}": _one(share) for use, share in cnas.compute_shares().items()},
    }


def _epoch(draws: int, seed: int) -> dict[str, Callable[[int], Numbers]]:
    ran = epoch.smuggled(draws, seed)
    sides = {"total": ran.blended, "diverted": ran.diverted, "resold": ran.resold}
    found = {f"epoch.{name}": _three(interval(epoch.total(side))) for name, side in sides.items()}
    return found | {f"epoch.{year}": _three(interval(part)) for year, part in ran.blended.items()}


def _ai2040() -> dict[str, Callable[[int], Numbers]]:
    path, trend = ai2040.path(), ai2040.path("trend")
    domestic = _by_year({year.year: year.domestic for year in path})
    return {
        "ai2040.packages": _by_year({year.year: year.packages for year in path if year.packages is not None}),
        "ai2040.domestic": domestic,
        "ai2040.domestic_printed": domestic,
        "ai2040.stock": _by_year({year.year: year.stock for year in path}),
        "ai2040.world_stock": _by_year({year.year: year.world_stock for year in path}),
        "ai2040.share": _by_year({year.year: year.share for year in path}),
        "ai2040.share_by_trend": _by_year({year.year: year.share for year in trend}),
    }


def _arithmetic() -> dict[str, Callable[[int], Numbers]]:
    number = inputs("arithmetic").number
    stacks = number("stacks_per_package")
    us, china = arithmetic.ifp_us_added(), number("ifp.huawei_2026_high")
    to_4 = partial(arithmetic.sold_for_ratio, 4.0, us, china)
    huawei = _by_year({year: arithmetic.huawei_over_nvidia(year) for year in (2024, 2025)})

    def production(year: int) -> Numbers:
        low, high = (
            arithmetic.production_ratio(number(f"ifp.huawei_{year}_{end}"), number(f"ifp.us_designed_{year}"))
            for end in ("low", "high")
        )
        return low, None, high

    return {
        "arithmetic.hbm_bank": _one(arithmetic.packages_of_stacks(number("hbm_bank_stacks"), stacks)),
        "arithmetic.cxmt_2026": _one(arithmetic.packages_of_stacks(number("cxmt_2026_stacks"), stacks)),
        "arithmetic.huawei_over_nvidia": huawei,
        "arithmetic.huawei_over_nvidia_cfr": huawei,
        "arithmetic.production_2025": production,
        "arithmetic.production_2026": production,
        "arithmetic.no_exports": _one(arithmetic.ifp_ratio(0)),
        "arithmetic.b30a_to_4": _three((to_4(1.0), to_4(0.5), to_4(0.0))),
        "arithmetic.b30a_to_parity": _one(arithmetic.sold_for_ratio(1.0, us, china, 1.0)),
    }
