"""What a number comes from: the quantities that move it, found by moving each; and the rows of history behind it.

The random numbers of one quantity are moved by one standard deviation each, while all others stay as they are, and the
change of each number is measured. So the links in a report are what the simulator does, not what is remembered of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.world.axes import CHANNEL_OF, LABELS, MEASURES, YEARS
from headgate.world.frames import channel_stock
from headgate.world.history import select
from headgate.world.observed import observations
from headgate.world.results import Results, year_ends
from headgate.world.run import BATCH, Progress, compiled, normals
from headgate.world.tables import HISTORY_ENDS, legal_history

if TYPE_CHECKING:
    from headgate.world.build import World
    from headgate.world.posterior import Posterior

Array = NDArray[np.float64]
LEAST = 0.01  # a quantity is behind a number if one standard deviation of it moves the number by this share or more
MOST = 3  # quantities named beside a number


@dataclass(frozen=True)
class Grounds:
    """How much each quantity moves each number.

    Args:
        ids: Ids of the quantities.
        moves: Number to its mean relative change (of its logarithm) by quantity and year, [quantity, year].
        sizes: The same without signs: the mean of the absolute changes.
    """

    ids: tuple[str, ...]
    moves: Mapping[str, Array]
    sizes: Mapping[str, Array]

    def behind(self, number: str, year: int, most: int = MOST) -> tuple[str, ...]:
        """Return the quantities behind a number in a year, the strongest first; at least one.

        Args:
            number: `ratio.owned.fp8`, `ratio.controlled.h100e`, `china.legal`, `china.owned` and the like.
            year: At its end.
            most: How many at most.
        """
        sizes = self.sizes[number][:, YEARS.index(year)]
        order = np.argsort(-sizes, kind="stable")
        found = [self.ids[n] for n in order[:most] if sizes[n] >= LEAST] or [self.ids[order[0]]]
        return tuple(found)

    def strongest(self, number: str, year: int) -> list[tuple[str, float]]:
        """Return the quantities that move a number in a year, the strongest first, each with its signed change."""
        at = YEARS.index(year)
        sizes = self.sizes[number][:, at]
        order = [n for n in np.argsort(-sizes, kind="stable") if sizes[n] >= LEAST]
        return [(self.ids[n], float(self.moves[number][n, at])) for n in order]


def numbers_of(results: Results) -> dict[str, Array]:
    """Return the logarithms of the numbers of a report at the ends of the years, [year, draw] for each."""
    found = {f"ratio.{b}.{m}": results.ratio(b, m) for b in ("owned", "controlled") for m in MEASURES}
    stocks = channel_stock(results, "h100e")
    found |= {f"china.{name}": stock for name, stock in stocks.items()}
    found["china.owned"] = np.sum([stock for name, stock in stocks.items() if name != "rented"], axis=0)
    return {k: np.log(np.maximum(year_ends(v).astype(np.float64), 1e-6)) for k, v in found.items()}


def _few(world: World, simulate: Callable[[Any], Any], z: Array) -> Results:
    """Return the results of one batch of draws, without chips."""
    from headgate.world.quarter.step import SERIES

    record = {k: np.swapaxes(np.asarray(v), 0, 1) for k, v in simulate(z)[-1].items()}
    none = np.zeros((len(LABELS), 0, 0, 0), np.float32)
    return Results(world.name, record["flows"], record["series"], SERIES, record["kept"], none, ())


def grounds(
    worlds: Sequence[World], seed: int, posterior: Posterior | None, progress: Progress | None = None
) -> Grounds:
    """Move every quantity by one standard deviation, and return what that does to each number of the last world.

    Args:
        worlds: As they were run, so that nothing is compiled anew.
        seed: As for `run`.
        posterior: As for `run`; the draws that history speaks for are moved from where they are.
        progress: Called with quantities done and quantities in all.
    """
    priors, simulate = worlds[-1].priors, compiled(worlds, chips=False)
    _, z = next(iter(normals(worlds, BATCH, seed, posterior)))
    base = numbers_of(_few(worlds[-1], simulate, z))
    ids = tuple(id for id, q in priors.quantities.items() if q.size)

    def one(id: str) -> dict[str, Array]:
        moved = z.copy()
        moved[:, priors.columns(id)] += 1.0
        return {k: v - base[k] for k, v in numbers_of(_few(worlds[-1], simulate, moved)).items()}

    found: list[tuple[dict[str, Array], dict[str, Array]]] = []
    with ThreadPoolExecutor(max_workers=min(8, cpu_count() or 1)) as pool:
        for less in pool.map(one, ids):
            size = {k: np.abs(v).mean(axis=1) for k, v in less.items()}
            found.append(({k: v.mean(axis=1) for k, v in less.items()}, size))
            if progress:
                progress(len(found), len(ids))
    moves = {k: np.array([m[k] for m, _ in found]) for k in base}
    sizes = {k: np.array([s[k] for _, s in found]) for k in base}
    return Grounds(ids, moves, sizes)


def history_behind(world: World, posterior: Posterior | None) -> dict[str, tuple[tuple[int, str], ...]]:
    """Return the rows of history behind each channel into China, and behind what is made abroad (`abroad`).

    Args:
        world: Its rows of history.
        posterior: When history has spoken, the rows and anchors that it was asked for count, too.

    Returns:
        Year and id of each row or anchor; the year is the last one that it tells of.
    """
    rows = select(world.rows, freq="Q", channel="world production (all destinations)")
    found: dict[str, dict[str, int]] = {"abroad": {}, **{channel: {} for channel in CHANNEL_OF.values()}}
    found["abroad"] = {r.row_id: r.start.year for r in rows if r.primary and r.covers == "whole"}
    found["legal"] = {r.row_id: r.start.year for r in legal_history(world.rows)}
    if posterior is not None:
        for seen in observations(world.rows, HISTORY_ENDS):
            for channel in {CHANNEL_OF.get(account, "abroad") for account in seen.accounts}:
                told = dict.fromkeys(seen.id.split("+"), YEARS[seen.last // 4])
                found[channel] = {**told, **found[channel]}
    return {k: tuple((year, id) for id, year in v.items()) for k, v in found.items()}
