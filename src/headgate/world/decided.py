"""What decides a claim: which quantities go with it, and how probable it is where they are low or high."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.world.axes import MEASURES, YEARS
from headgate.world.claims import ORDERS, STOCK_OR_FLOW, holds, margins, orders_margin
from headgate.world.tables import VENDORS

if TYPE_CHECKING:
    import polars as pl

    from headgate.world.build import World
    from headgate.world.posterior import Posterior
    from headgate.world.results import Results

Array = NDArray[np.float64]
LEVEL, CHANGE = "level", "change"
COLUMNS = (
    *("claim", "basis", "kind", "measure", "year", "place"),
    *("quantity", "part", "correlation", "low_third", "high_third"),
)
# Of China, located and owned are one, and the plain B is the same for owned and controlled; it is asked by halves.
ASKED = {"A": ("owned", "controlled"), "B supply": ("owned",), "B supply net": ("controlled",)}
MOST = 3
LEAST_SIGMA = 4.0  # a correlation within so many standard errors of zero is noise
HANDICAP = (
    0.05  # a change over the year must go with the claim by so much more than the level, which says it more plainly
)
TINY = 1e-30
BATCH = 1024


@dataclass(frozen=True, slots=True)
class Drawn:
    """The quantities of all draws at the ends of the years.

    Args:
        labels: Quantity, and `level` or `change` (over the year).
        values: float32 [column, year, draw]; constant where it says nothing.
    """

    labels: tuple[tuple[str, str], ...]
    values: NDArray[np.float32]


def errors_named() -> tuple[str, ...]:
    """Return the names of the errors of published units that all quarters of a vendor have in common."""
    return tuple(f"error.{vendor}" for vendor in VENDORS)


def drawn(worlds: Sequence["World"], draws: int, seed: int, posterior: "Posterior | None") -> Drawn:
    """Draw the quantities again that a run had, and return them at the ends of the years.

    Args:
        worlds: The worlds of the run, the baseline first.
        draws: As in the run.
        seed: As in the run.
        posterior: As in the run.
    """
    from headgate.world.run import _jax, normals

    jax = _jax()
    from headgate.world.quarter.values import Layout

    given = worlds[0].priors
    ids = [id for id, q in given.quantities.items() if q.size]
    in_time = [n for n, id in enumerate(ids) if given.quantities[id].kind != "prior"]
    layout = Layout(given)

    def ends(z: Any) -> Any:
        found = layout.values(z)
        return jax.numpy.stack([jax.numpy.broadcast_to(found[id], (4 * len(YEARS),))[3::4] for id in ids])

    read = jax.vmap(ends, out_axes=-1)
    count = len(ids) + len(in_time) + len(VENDORS)
    values = np.zeros((count, len(YEARS), draws), np.float32)
    start = 0
    for size, z in normals(worlds, draws, seed, posterior, min(BATCH, draws)):
        at = slice(start, start + size)
        level = np.asarray(read(z))[..., :size]
        values[: len(ids), :, at] = level
        moved = np.diff(np.log(np.maximum(level[in_time], TINY)), axis=1)
        values[len(ids) : len(ids) + len(in_time), 1:, at] = moved
        values[-len(VENDORS) :, :, at] = z[:size, given.size : given.size + len(VENDORS)].T[:, None]
        start += size
    labels = [*((id, LEVEL) for id in ids), *((ids[n], CHANGE) for n in in_time)]
    return Drawn((*labels, *((name, LEVEL) for name in errors_named())), values)


def ranks(values: Any) -> Array:
    """Return ranks along the last axis, scaled to mean 0 and mean square 1; a constant becomes 0.

    Example:
        >>> ranks([[3.0, 1.0, 2.0], [7.0, 7.0, 7.0]]).round(3).tolist()
        [[1.225, -1.225, 0.0], [0.0, 0.0, 0.0]]
    """
    given = np.asarray(values)
    order = np.argsort(np.argsort(given, axis=-1, kind="stable"), axis=-1, kind="stable").astype(np.float64)
    order -= order.mean(axis=-1, keepdims=True)
    order /= np.maximum(np.sqrt(np.mean(order**2, axis=-1, keepdims=True)), TINY)
    moves = given.max(axis=-1, keepdims=True) > given.min(axis=-1, keepdims=True)
    return np.asarray(np.where(moves, order, 0.0))


def strongest(
    margin: Array, held: NDArray[np.bool_], ranked: Array, labels: Sequence[tuple[str, str]]
) -> list[tuple[Any, ...]]:
    """Return the quantities that go most with a margin, the strongest first, each once.

    Args:
        margin: By how much the claim holds, [draw].
        held: Whether it holds, [draw].
        ranked: From `ranks`, [column, draw].
        labels: Of the columns.

    Returns:
        Place from 1, quantity, part, rank correlation with the margin, and the probability of the claim in the lower
        and in the upper third of the quantity's draws.
    """
    n = len(margin)
    correlation = ranked @ ranks(margin) / n
    found: list[tuple[Any, ...]] = []
    seen: set[str] = set()
    weight = np.abs(correlation) - [HANDICAP * (part == CHANGE) for _, part in labels]
    for column in np.argsort(-weight, kind="stable"):
        quantity, part = labels[column]
        if len(found) == MOST:
            break
        if quantity in seen or abs(correlation[column]) < LEAST_SIGMA / np.sqrt(n):
            continue
        seen.add(quantity)
        low, high = np.quantile(ranked[column], (1 / 3, 2 / 3))
        thirds = (float(held[ranked[column] <= low].mean()), float(held[ranked[column] >= high].mean()))
        found.append((len(found) + 1, quantity, part, float(correlation[column]), *thirds))
    return found


def decided(baseline: "Results", free: "Results", given: Drawn) -> "pl.DataFrame":
    """Return what decides each claim in each year: the quantities that go most with its margin.

    A correlation is over the draws as they are; after calibration quantities hang together, and one may stand for
    another. `change` is the logarithm of what a quantity grew by over the year.

    Args:
        baseline: The world under the controls.
        free: The world without them.
        given: From `drawn`, of the same run.
    """
    import polars as pl

    asked: dict[tuple[str, str, str, str], Array] = {}
    for measure in MEASURES:
        for (claim, basis, kind), margin in margins(baseline, free, measure).items():
            if basis in ASKED.get(claim, ()):
                asked[claim, basis, kind, measure] = margin
    for kind in STOCK_OR_FLOW:
        asked["B orders", ORDERS[0], kind, ORDERS[1]] = orders_margin(baseline, free, kind)
    rows: list[tuple[Any, ...]] = []
    for n, year in enumerate(YEARS):
        ranked = ranks(given.values[:, n])
        for words, margin in asked.items():
            if np.isfinite(margin[n]).all():
                held = holds(words[0], margin[n])
                rows += [(*words, year, *each) for each in strongest(margin[n], held, ranked, given.labels)]
    types: Mapping[str, Any] = dict.fromkeys(("year", "place"), pl.Int64) | dict.fromkeys(COLUMNS[-3:], pl.Float64)
    schema = {c: types.get(c, pl.String) for c in COLUMNS}
    return pl.DataFrame(sorted(rows, key=lambda row: row[:6]), schema=schema, orient="row")
