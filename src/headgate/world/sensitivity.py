"""Which assumptions matter: how headlines move with each quantity, by exact gradients through the whole simulator.

A headline is a logarithm, averaged over the draws; its effect is its gradient to a shift of one quantity in standard
deviations of its prior, all knots of a path or all steps at once. Followed in a straight line it says what the headline
would be at the 5 and 95 % points of what is left of the quantity: of its prior, or of what history makes of it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.draw.spread import Z95
from headgate.errors import UsageError
from headgate.world.axes import YEARS
from headgate.world.headlines import COMPARES, Headline
from headgate.world.priors import Quantity
from headgate.world.tables import VENDORS

if TYPE_CHECKING:
    import polars as pl

    from headgate.world.build import World
    from headgate.world.posterior import Posterior

Array = NDArray[np.float64]
DRAWS, BATCH = 512, 64
HISTORY = 16
COLUMNS = ("headline", "prior", "effect", "error", "low", "high", "left", "source", "mark")


@dataclass(frozen=True)
class Tornado:
    """Headlines and what each quantity does to them.

    Args:
        headlines: In the order asked for.
        middle: Geometric mean of each over the draws.
        error: Standard error of its logarithm from the number of draws.
        frame: One row for each headline and quantity: `effect` of one standard deviation of the prior on the logarithm
            of the headline, its standard error, the change at the `low` and `high` end of what is left of the quantity,
            `left` of the prior's width, source and mark.
        draws: How many draws.
    """

    headlines: tuple[Headline, ...]
    middle: tuple[float, ...]
    error: tuple[float, ...]
    frame: "pl.DataFrame"
    draws: int


def refuse_not_finite(headline: str, prior: str) -> NoReturn:
    """Refuse a gradient that is no number."""
    raise UsageError(
        f"headline {headline}: its gradient to {prior} is not finite, so that nothing can be said of it. It may be "
        "nothing in this world; ask for another year or channel."
    )


def refuse_no_free(headline: str) -> NoReturn:
    """Refuse a headline that compares with a world that is not given."""
    raise UsageError(f"headline {headline} compares with the world without controls; give that world as the second.")


def direction(q: Quantity) -> Array:
    """Return the shift of a quantity's normals that moves all its spreads by one standard deviation, [its size].

    Example:
        >>> from headgate.world.priors import priors
        >>> direction(priors().find("retire.hazard")).tolist()
        [1.0]
    """
    found = np.zeros(q.size)
    if q.kind != "path":
        found[:] = 1.0
    elif q.size > len(q.spreads):
        found[0] = np.sqrt(q.common)
        found[1 : 1 + len(q.spreads)] = np.sqrt(1.0 - q.common)
    return found


def level(q: Quantity) -> Array:
    """Return the weights of a quantity's normals in the mean of its spreads, in standard deviations, [its size]."""
    found = direction(q)
    own = slice(1, None) if q.kind == "path" else slice(None)
    found[own] /= max(1, len(q.spreads))
    return found


def shifts(worlds: Sequence["World"]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return for each quantity the direction of its shift and the weights of its level, over all normals of a draw.

    Beside the priors: the errors of the published units of each vendor (all quarters at once), and the quantities that
    a scenario changes to another spread.
    """
    from headgate.world.run import extras

    given = worlds[0].priors
    names = extras(worlds)
    size = given.size + len(VENDORS) * (1 + HISTORY) + len(names)
    move: dict[str, Array] = {}
    mean: dict[str, Array] = {}
    for id, q in given.quantities.items():
        if q.size and direction(q).any():
            move[id], mean[id] = np.zeros(size), np.zeros(size)
            move[id][given.columns(id)], mean[id][given.columns(id)] = direction(q), level(q)
    rho = given.find("production.correlation").spreads[0].middle
    for n, vendor in enumerate(VENDORS):
        own = given.size + len(VENDORS) + n + len(VENDORS) * np.arange(HISTORY)
        told = np.zeros(size)
        told[given.size + n], told[own] = np.sqrt(rho), np.sqrt(1.0 - rho)
        move[f"error.{vendor}"], mean[f"error.{vendor}"] = told, told.copy()
        mean[f"error.{vendor}"][own] /= HISTORY
    for n, (name, _) in enumerate(names):
        move[name] = mean[name] = np.eye(1, size, size - len(names) + n)[0]
    return move, mean


def left_of(mean: Array, posterior: "Posterior | None") -> float:
    """Return how much of a prior's width history leaves: the standard deviation of its level over that of the prior.

    Args:
        mean: Weights of the level over all normals of a draw.
        posterior: What history says; None leaves all.
    """
    if posterior is None:
        return 1.0
    told = mean[posterior.columns]
    others = float(np.sum(mean**2) - np.sum(told**2))
    return float(np.sqrt((np.var(posterior.normals @ told) + max(others, 0.0)) / np.sum(mean**2)))


def sensitivity(
    worlds: Sequence["World"],
    asked: Sequence[Headline],
    draws: int = DRAWS,
    seed: int = 0,
    posterior: "Posterior | None" = None,
    progress: Callable[[int, int], None] | None = None,
) -> Tornado:
    """Differentiate headlines by every quantity.

    Args:
        worlds: The world; and behind it the one without controls where a headline compares with it.
        asked: The headlines.
        draws: How many draws to average over.
        seed: Which random numbers.
        posterior: What history says; None takes the priors.
        progress: Called with draws done and draws in all.

    Raises:
        UsageError: A headline compares with a world that is not given, or a gradient is not finite.
    """
    for each in asked:
        if each.kind in COMPARES and len(worlds) < 2:
            refuse_no_free(each.id)
    move, mean = shifts(worlds)
    values, slopes = _differentiated(worlds, asked, np.array(list(move.values())), draws, seed, posterior, progress)
    rows = []
    for h, each in enumerate(asked):
        for n, id in enumerate(move):
            one = slopes[:, h, n]
            if not np.isfinite(one).all():
                refuse_not_finite(each.id, id)
            left = left_of(mean[id], posterior)
            effect, error = float(one.mean()), float(one.std() / np.sqrt(draws))
            end = Z95 * left * effect
            rows.append((each.id, id, effect, error, -end, end, left, *_ground(worlds[0], id)))
    return Tornado(
        tuple(asked),
        tuple(exp(v) for v in values.mean(axis=0)),
        tuple(float(e) for e in values.std(axis=0) / np.sqrt(draws)),
        _framed(rows),
        draws,
    )


def _framed(rows: Sequence[tuple[object, ...]]) -> "pl.DataFrame":
    import polars as pl

    schema = {c: pl.String if c in ("headline", "prior", "source", "mark") else pl.Float64 for c in COLUMNS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _ground(world: "World", id: str) -> tuple[str, str]:
    """Return source and mark of a quantity."""
    if id in world.priors.quantities:
        q = world.priors.quantities[id]
        return q.source, q.mark
    if id.startswith("error."):
        return "intervals of the published units, supply_history.csv", "one_source"
    return "the scenario", "unverified"


def _differentiated(
    worlds: Sequence["World"],
    asked: Sequence[Headline],
    ways: Array,
    draws: int,
    seed: int,
    posterior: "Posterior | None",
    progress: Callable[[int, int], None] | None,
) -> tuple[Array, Array]:
    """Return the headlines, [draw, headline], and how they move along some ways, [draw, headline, way]."""
    from headgate.world.run import _jax, normals

    _jax()
    from headgate.world.quarter.gradient import gradients

    found = gradients(worlds, [(a.kind, a.which, a.measure, a.year - YEARS[0]) for a in asked])

    def one(job: tuple[int, Array]) -> tuple[Array, Array]:
        count, z = job
        slopes, values = found(z)
        return np.asarray(values)[:count], np.asarray(slopes)[:count] @ ways.T

    values, slopes, done = [], [], 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for value, slope in pool.map(one, normals(worlds, draws, seed, posterior, min(BATCH, draws))):
            values.append(value)
            slopes.append(slope)
            done += len(value)
            if progress:
                progress(done, draws)
    return np.concatenate(values), np.concatenate(slopes)
