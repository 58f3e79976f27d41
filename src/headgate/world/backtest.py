"""The back-test: fitted through four origins, four quarters forecast from each, scored beside two naive forecasts.

Each origin is a fit of its own, under the law as it was known then. A fit that was made is kept on disk and not made
again, so that an interrupted back-test goes on where it stopped.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headgate.draw.score import covered, crps
from headgate.world import results
from headgate.world.anchors import anchors
from headgate.world.as_of import as_of
from headgate.world.axes import ACCOUNTS, LABELS, QUARTERS, quarter_of
from headgate.world.build import World
from headgate.world.history import Row, select
from headgate.world.naive import METHODS, naive, scale
from headgate.world.posterior import Posterior, differences, load, store

if TYPE_CHECKING:
    from headgate.decide.one import Decider

ORIGINS = ("2023Q4", "2024Q2", "2024Q4", "2025Q2")
AHEAD = 4
SERIES: dict[str, tuple[str, ...]] = {
    "us_named": ("us_named",),
    "china_legal": ("china_legal",),
    "china_domestic": ("china_domestic", "china_proxy_fab"),
    "china_smuggled": ("china_smuggled",),
}
GROUPS = {"china_legal": "CN-LEGAL", "china_domestic": "CN-DOM", "china_smuggled": "CN-SMUG"}


@dataclass(frozen=True, slots=True)
class Score:
    """One forecast of one quarter, scored.

    Args:
        method: `world`, `world, law that came`, or a naive one.
        crps: Continuous ranked probability score of log(1 + flow / 1,000 H100e); less is better.
        in80: Whether the 80 % interval held the outcome; the same for 90 %.
    """

    origin: str
    quarter: str
    series: str
    method: str
    outcome: float
    median: float
    low: float
    high: float
    crps: float
    in80: bool
    in90: bool


def outcomes(rows: Sequence[Row]) -> dict[str, dict[int, float]]:
    """Return what came, H100e added by quarter, for every series: published medians, by place on the axis.

    A quarter of legal imports that the history reports as none is none.
    """
    found: dict[str, dict[int, float]] = {name: {} for name in SERIES}
    stocks = {
        quarter_of(a.day): float(a.value or 0) for a in anchors(metric="owned H100e stock, seven named US owners")
    }
    for at, value in stocks.items():
        found["us_named"][at] = value - stocks.get(at - 1, 0.0)
    for name, group in GROUPS.items():
        for row in select(rows, freq="Q", group=group, use="primary"):
            at = quarter_of(row.start)
            if row.h100e_median is not None:
                found[name][at] = found[name].get(at, 0.0) + row.h100e_median
    return found


def forecast(world: World, posterior: Posterior, draws: int, seed: int) -> Any:
    """Return flows in H100e by quarter, draw and account, float32."""
    from headgate.world.run import run

    (found,) = run([world], draws, seed, posterior, sample=1)
    return found.flows[..., results.place("h100e")]


def scored(origin: int, name: str, method: str, at: int, sample: Any, outcome: float) -> Score:
    """Score a sample, already on the scale of the scores."""
    y = scale(outcome)
    low, median, high = (float(np.expm1(np.quantile(sample, p)) * 1000.0) for p in (0.05, 0.5, 0.95))
    return Score(
        LABELS[origin],
        LABELS[at],
        name,
        method,
        outcome,
        median,
        low,
        high,
        float(crps(sample, y)),
        bool(covered(sample, y, 0.8)),
        bool(covered(sample, y, 0.9)),
    )


def of_origin(
    origin: int,
    known: World,
    came: World,
    posterior: Posterior,
    draws: int = 4000,
    seed: int = 0,
) -> list[Score]:
    """Return all scores of one origin.

    Args:
        origin: The last quarter known.
        known: The world as of the origin, under the law as known then.
        came: The same under the law that came.
        posterior: Fitted through the origin.
        draws: Draws of the forecast.
        seed: Their seed.
    """
    came_true, found = outcomes(known.rows), []
    told = {
        "world": forecast(known, posterior, draws, seed),
        "world, law that came": forecast(came, posterior, draws, seed),
    }
    for name, accounts in SERIES.items():
        columns = [ACCOUNTS.index(a) for a in accounts]
        past = [came_true[name][q] for q in sorted(came_true[name]) if q <= origin]
        for ahead in range(1, AHEAD + 1):
            at = origin + ahead
            if at not in came_true[name]:
                continue
            outcome = came_true[name][at]
            for method, flows in told.items():
                sample = np.log1p(flows[at][:, columns].sum(axis=1).astype(np.float64) / 1000.0)
                found.append(scored(origin, name, method, at, sample, outcome))
            for method in METHODS:
                sample = naive(past, ahead, method)
                if sample is not None:
                    found.append(scored(origin, name, method, at, sample, outcome))
    return found


def backtest(
    law: Callable[[str | None], "Decider"],
    build: Callable[["Decider"], World],
    folder: Path,
    origins: Sequence[str] = ORIGINS,
    draws: int = 4000,
    seed: int = 0,
    fit: dict[str, int] | None = None,
    told: Callable[[str], None] = print,
) -> list[Score]:
    """Run the back-test.

    Args:
        law: The law as known on a day, or the law as it is for None.
        build: A world under a law.
        folder: Where fits and scores are kept.
        origins: Last quarters known.
        draws: Draws of each forecast.
        seed: Seed of fits and forecasts.
        fit: Further arguments of the fit, as `warmup` and `samples`.
        told: Called with a line of progress.

    Returns:
        All scores.
    """
    found: list[Score] = []
    folder.mkdir(parents=True, exist_ok=True)
    for label in origins:
        origin = LABELS.index(label)
        known = as_of(build(law(str(QUARTERS[origin].last))), origin)
        came = as_of(build(law(None)), origin)
        posterior = fitted(known, origin, folder / f"{label}.parquet", seed, fit or {}, told)
        scores = of_origin(origin, known, came, posterior, draws, seed)
        told(f"{label}: {len(scores)} forecasts scored")
        found += scores
    keep(found, folder / "scores.json")
    return found


def fitted(
    world: World, origin: int, path: Path, seed: int, fit: dict[str, int], told: Callable[[str], None]
) -> Posterior:
    """Return the fit through an origin: the one kept, if it was made of the same, or a new one."""
    if path.is_file():
        kept = load(path)
        if not differences(kept, world):
            told(f"{LABELS[origin]}: the fit that was kept")
            return kept
    from headgate.world.fit.calibrate import calibrate

    told(f"{LABELS[origin]}: fitting")
    made = calibrate(world, through=origin, seed=seed, **fit)
    store(made, path)
    return made


def keep(scores: Sequence[Score], path: Path) -> None:
    """Write scores; a file of that name is replaced as a whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps([asdict(s) for s in scores], indent=0), "utf-8")
    os.replace(part, path)


def table(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """Return mean CRPS and coverage by series and method, over all origins and quarters that every method forecast.

    Wins and losses alike: a method is compared on the same forecasts as the world.
    """
    rows = []
    methods = list(dict.fromkeys(s.method for s in scores))
    for name in (*SERIES, "all"):
        mine = [s for s in scores if name in (s.series, "all")]
        cells = {m: {(s.origin, s.quarter, s.series): s for s in mine if s.method == m} for m in methods}
        shared = set.intersection(*(set(c) for c in cells.values())) if cells else set()
        for method in methods:
            each = [cells[method][k] for k in shared]
            if each:
                rows.append(
                    {
                        "series": name,
                        "method": method,
                        "forecasts": len(each),
                        "crps": float(np.mean([s.crps for s in each])),
                        "in80": float(np.mean([s.in80 for s in each])),
                        "in90": float(np.mean([s.in90 for s in each])),
                    }
                )
    return rows
