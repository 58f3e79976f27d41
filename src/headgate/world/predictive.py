"""Predictive checks: what the world says of the past, under the priors and after history was asked, beside what was
published.

Bands are of the flow itself, without the errors of those who count it. Not every point was fitted: history asks for
sums of a year where a source splits the year evenly, so that the shape within a year is the model's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.world.anchors import anchors
from headgate.world.axes import ACCOUNTS, LABELS, YEARS, quarter_of
from headgate.world.frames import quantiles
from headgate.world.history import Row, select
from headgate.world.observed import TOGETHER
from headgate.world.results import Results, place, yearly
from headgate.world.tables import HISTORY_ENDS

if TYPE_CHECKING:
    import polars as pl

    from headgate.world.build import World
    from headgate.world.posterior import Posterior
    from headgate.world.run import Progress

Array = NDArray[np.float64]
H100E = "h100e"
DRAWS = 4000
PRIOR, POSTERIOR = "prior", "posterior"
CREDIT = "Bands: Headgate, its model of the world. Points: Epoch AI (CC BY 4.0), differences ours; AI Futures Project."
QUARTERLY: Mapping[str, tuple[tuple[str, ...], str]] = {
    "US, seven named owners": (("us_named",), ""),
    "China, legal imports": (("china_legal",), "CN-LEGAL"),
    "China, domestic": (("china_domestic", "china_proxy_fab"), "CN-DOM"),
    "China, smuggled": (("china_smuggled",), "CN-SMUG"),
}
YEARLY: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "China, rented abroad": (("china_rented",), ("S0209", "S0213")),
}
LEVELS = ("q05", "q25", "q50", "q75", "q95")


@dataclass(frozen=True, slots=True)
class Point:
    """What was published of one quarter or year, H100-equivalents added.

    Args:
        series: One of `QUARTERLY` or `YEARLY`.
        when: A quarter, as 2024Q1, or a year.
        low: Low end; as the median where no interval was published. The same for `high`.
        source: Who says so, in short.
    """

    series: str
    when: str
    low: float
    median: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Inside:
    """How many published points of a series lie in the bands.

    Args:
        of: `prior` or `posterior`.
        points: How many there are; `in50` and `in90` lie in the band of 50 and of 90 %.
        width: Median over the points of the ratio of the ends of the 90 % band.
    """

    series: str
    of: str
    points: int
    in50: int
    in90: int
    width: float


def published(rows: Iterable[Row]) -> tuple[Point, ...]:
    """Return what was published up to the end of the history; of parts of a quarter, medians and ends are added up.

    Example:
        >>> from headgate.world.history import history
        >>> [p.when for p in published(history()) if p.series == "China, rented abroad"]
        ['2024', '2025']
    """
    every = tuple(rows)
    found = list(_stocks())
    for series, (_, group) in QUARTERLY.items():
        told: dict[int, list[Row]] = {}
        for row in select(every, freq="Q", group=group, use="primary") if group else ():
            if quarter_of(row.start) <= HISTORY_ENDS and row.h100e_median is not None:
                told.setdefault(quarter_of(row.start), []).append(row)
        found += [_point(series, LABELS[at], parts) for at, parts in sorted(told.items())]
    by_id = {r.row_id: r for r in every}
    for series, (_, ids) in YEARLY.items():
        found += [_point(series, str(by_id[id].start.year), [by_id[id]]) for id in ids]
    return tuple(found)


def _stocks() -> Iterator[Point]:
    """Yield what the seven owners added: differences of published stocks, whose intervals say nothing of a flow."""
    stocks = {quarter_of(a.day): a for a in anchors(metric="owned H100e stock, seven named US owners")}
    for at, each in stocks.items():
        if at <= HISTORY_ENDS:
            before = stocks.get(at - 1)
            added = float(each.value or 0.0) - float((before.value if before else 0.0) or 0.0)
            yield Point(next(iter(QUARTERLY)), LABELS[at], added, added, added, _short(each.source))


def _point(series: str, when: str, parts: Sequence[Row]) -> Point:
    ends = [
        sum(float((getattr(r, end) if getattr(r, end) is not None else r.h100e_median) or 0.0) for r in parts)
        for end in ("h100e_low", "h100e_median", "h100e_high")
    ]
    source = _short(parts[0].source)
    if any(r.row_id in TOGETHER for r in parts):
        source += ", fitted as one"  # fiscal quarters, which the source split
    return Point(series, when, ends[0], ends[1], ends[2], source)


def _short(source: str) -> str:
    """Return the name of a source without what stands in parentheses after it."""
    return source.partition(" (")[0]


def simulated(results: Results) -> dict[str, dict[str, Array]]:
    """Return H100-equivalents added by series, and by quarter or year up to the end of the history, [draw] for each."""
    flows = results.flows[..., place(H100E)].astype(np.float64)

    def of(accounts: Sequence[str]) -> Array:
        return np.asarray(flows[..., [ACCOUNTS.index(a) for a in accounts]].sum(axis=2))

    found = {
        name: dict(zip(LABELS[: HISTORY_ENDS + 1], of(accounts), strict=False))
        for name, (accounts, _) in QUARTERLY.items()
    }
    years = [str(y) for y in YEARS if f"{y}Q4" in LABELS[: HISTORY_ENDS + 1]]
    found |= {name: dict(zip(years, yearly(of(accounts)), strict=False)) for name, (accounts, _) in YEARLY.items()}
    return found


def checked(
    world: World, posterior: Posterior, draws: int = DRAWS, seed: int = 0, progress: Progress | None = None
) -> dict[str, Results]:
    """Run a world under the priors and under a posterior, with the same random numbers elsewhere."""
    from headgate.world.run import run

    return {
        name: run([world], draws, seed, each, progress, sample=0)[0]
        for name, each in ((PRIOR, None), (POSTERIOR, posterior))
    }


def insides(results: Mapping[str, Results], points: Sequence[Point]) -> list[Inside]:
    """Count the published medians that lie in the bands, by series, for each run."""
    found = []
    for of, each in results.items():
        told = simulated(each)
        for series in (*QUARTERLY, *YEARLY):
            mine = [p for p in points if p.series == series]
            bands = quantiles(np.stack([told[series][p.when] for p in mine]))
            y = np.array([p.median for p in mine])
            in50 = int(((bands[:, 1] <= y) & (y <= bands[:, 3])).sum())
            in90 = int(((bands[:, 0] <= y) & (y <= bands[:, 4])).sum())
            width = float(np.median(bands[:, 4] / np.maximum(bands[:, 0], 1.0)))
            found.append(Inside(series, of, len(mine), in50, in90, width))
    return found


def frames(
    results: Mapping[str, Results], points: Sequence[Point], series: Iterable[str], axis: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return bands and published points of some series: the two frames of `pictures.predictive`.

    Args:
        results: Runs by name, `prior` and `posterior`.
        points: From `published`.
        series: Which.
        axis: `quarter` or `year`.
    """
    import polars as pl

    names = list(series)

    def when(told: str) -> object:
        return told if axis == "quarter" else int(told)

    bands = [
        {
            axis: when(at),
            "series": name,
            "measure": H100E,
            "scenario": of,
            **dict(zip(LEVELS, quantiles(draws[None, :])[0].tolist(), strict=True)),
        }
        for of, each in results.items()
        for name, by in simulated(each).items()
        if name in names
        for at, draws in by.items()
    ]
    seen = [
        {axis: when(p.when), "series": p.series, "low": p.low, "median": p.median, "high": p.high, "source": p.source}
        for p in points
        if p.series in names
    ]
    return pl.DataFrame(bands), pl.DataFrame(seen)


def charts(results: Mapping[str, Results], points: Sequence[Point], about: str = "") -> dict[str, Any]:
    """Return the pictures of the checks by name, `predictive-quarters` and `predictive-years`: Altair charts.

    Raises:
        UsageError: Altair is not installed.
    """
    from headgate.world.pictures import predictive

    unit = "H100-equivalents added"
    told = {"quarters": (QUARTERLY, "quarter"), "years": (YEARLY, "year")}
    return {
        f"predictive-{name}": predictive(
            *frames(results, points, series, axis), about=about, unit=f"{unit} in the {axis}"
        )
        for name, (series, axis) in told.items()
    }
