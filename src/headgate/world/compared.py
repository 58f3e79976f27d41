"""Scenarios side by side: the same few numbers of each, and what it changes of them draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.world.axes import YEARS
from headgate.world.frames import LEVELS, added, check_paired
from headgate.world.moved import is_same, moves, verdict
from headgate.world.results import Results, year_ends, yearly

if TYPE_CHECKING:
    import polars as pl

    from headgate.world.build import World

Draws = NDArray[np.float64]
SPAN = (2026, 2027, 2028)
SHORT = {"owned": "owned", "controlled": "ctrl"}
RATIO_MEASURE, RATIO_YEARS = "fp8", (2028, 2032)


@dataclass(frozen=True, slots=True)
class Number:
    """One number that scenarios are compared by.

    Args:
        id: Its name.
        head: Heading of its column, in a word or two.
        says: What it is.
        unit: What it counts.
        of: How it is taken from results, [draw].
    """

    id: str
    head: str
    says: str
    unit: str
    of: Callable[[Results], Draws]


def _added(*channels: str) -> Callable[[Results], Draws]:
    return lambda results: np.asarray(sum(added(results, "h100e", SPAN)[c] for c in channels))


def _ratio(basis: str, year: int) -> Callable[[Results], Draws]:
    at = YEARS.index(year)
    return lambda results: year_ends(results.ratio(basis, RATIO_MEASURE))[at].astype(np.float64)


def _orders(results: Results) -> Draws:
    at = [YEARS.index(y) for y in SPAN]
    return np.asarray(yearly(results.figure("orders_usd"))[at].sum(axis=0, dtype=np.float64))


_YEARS = f"{SPAN[0]} to {SPAN[-1]}"
NUMBERS = (
    Number("legal", "legal", f"what China imports legally, {_YEARS}", "H100-equivalents", _added("legal")),
    Number(
        "domestic",
        "domestic",
        f"chips of Chinese design, wherever their dies are made, {_YEARS}",
        "H100-equivalents",
        _added("domestic", "proxy_fab"),
    ),
    Number("smuggled", "smuggled", f"what is smuggled into China, {_YEARS}", "H100-equivalents", _added("smuggled")),
    Number("rented", "rented", f"what China begins to rent abroad, {_YEARS}", "H100-equivalents", _added("rented")),
    *(
        Number(
            f"{basis}_{year}",
            f"{SHORT[basis]} {year}",
            f"US over China, FP8 compute {basis}, end of {year}",
            "times",
            _ratio(basis, year),
        )
        for basis in ("owned", "controlled")
        for year in RATIO_YEARS
    ),
    Number("orders", "orders", f"what China orders from Chinese makers, {_YEARS}", "USD", _orders),
)


@dataclass(frozen=True)
class Compared:
    """One scenario beside the baseline.

    Args:
        scenario: Its name.
        says: Whether anything moved, in a sentence.
        moved: How many chips on lanes have another answer.
        is_same: Whether the two worlds are the same.
        base: Quantiles of each number of `NUMBERS` in the baseline, by id.
        levels: The same in the scenario.
        changes: Quantiles of scenario less baseline, draw by draw, by id.
        manifest: What the run was made of.
    """

    scenario: str
    says: str
    moved: int
    is_same: bool
    base: Mapping[str, tuple[float, ...]]
    levels: Mapping[str, tuple[float, ...]]
    changes: Mapping[str, tuple[float, ...]]
    manifest: Mapping[str, Any]


def _told(draws: Draws) -> tuple[float, ...]:
    return tuple(float(x) for x in np.quantile(draws, list(LEVELS.values())))


def numbers_of(results: Results) -> dict[str, Draws]:
    """Return the numbers of `NUMBERS` of one world, [draw] for each."""
    return {number.id: number.of(results) for number in NUMBERS}


def compared(worlds: tuple[World, World], results: Sequence[Results]) -> Compared:
    """Compare a scenario with its baseline.

    Args:
        worlds: The baseline and the scenario's world.
        results: Their results, run together.

    Raises:
        UsageError: The results did not see the same draws.
    """
    before, after = worlds
    check_paired(*results)
    found = moves(before, after)
    base, numbers = (numbers_of(each) for each in results)
    return Compared(
        scenario=after.name,
        says=verdict(before, after, found),
        moved=len({(m.lane, m.chip) for m in found}),
        is_same=is_same(before, after),
        base={id: _told(draws) for id, draws in base.items()},
        levels={id: _told(draws) for id, draws in numbers.items()},
        changes={id: _told(draws - base[id]) for id, draws in numbers.items()},
        manifest=results[1].manifest,
    )


def headline(baseline: str, found: Sequence[Compared]) -> str:
    """Say which scenarios move an answer of the law, which only what is supposed, and which nothing.

    Example:
        >>> one = Compared("a-bill", "", 0, True, {}, {}, {}, {})
        >>> headline("baseline", [one])
        'Nothing moved: a-bill is the same world as baseline, in every draw.'
    """
    still = [c.scenario for c in found if c.is_same]
    if len(still) == len(found):
        verb = "is" if len(found) == 1 else "are"
        return f"Nothing moved: {', '.join(still)} {verb} the same world as {baseline}, in every draw."
    law, supposed = [c for c in found if c.moved and not c.is_same], [c for c in found if not c.moved and not c.is_same]
    told = [f"The law's answer on a lane moves in {len(law)} of {len(found)} scenarios"]
    told += [f"in {len(supposed)} only what is supposed changes"] if supposed else []
    told += [f"in {len(still)} no chip moves ({', '.join(still)})"] if still else []
    return f"{'; '.join(told)}."


def frame(found: Sequence[Compared]) -> pl.DataFrame:
    """Return the comparison as a tidy frame.

    Returns:
        Columns `scenario`, `moved`, `number`, `says`, `unit`, `q05` to `q95`, and the same with `baseline_` and
        `change_` before.
    """
    import polars as pl

    return pl.DataFrame(
        [
            {
                "scenario": c.scenario,
                "moved": c.moved,
                "number": number.id,
                "says": number.says,
                "unit": number.unit,
                **dict(zip(LEVELS, c.levels[number.id], strict=True)),
                **{f"baseline_{k}": v for k, v in zip(LEVELS, c.base[number.id], strict=True)},
                **{f"change_{k}": v for k, v in zip(LEVELS, c.changes[number.id], strict=True)},
            }
            for c in found
            for number in NUMBERS
        ]
    )
