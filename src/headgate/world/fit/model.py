"""The world as a probabilistic model: standard normals are the parameters, history is what was seen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from jax.scipy.stats import norm
from numpy.typing import NDArray

import headgate.world.quarter  # noqa: F401  (64 bits before anything is traced)
from headgate.world.axes import ACCOUNTS
from headgate.world.chips import WorldChip
from headgate.world.observed import Observation
from headgate.world.quarter.step import SERIES

Array = NDArray[np.float64]
LEAST = 1.0
FREEDOM = 4.0  # degrees of freedom: one estimate that is far off must not pull the rest


def reading(
    seen: Sequence[Observation], chips: Sequence[WorldChip], h100e: Array, quarters: int
) -> Callable[[Mapping[str, Any]], Any]:
    """Return the function that reads off a simulated history what each observation is about, [observation].

    Args:
        seen: The observations.
        chips: The axis of chips.
        h100e: H100-equivalents of one chip, [chip].
        quarters: How many quarters are simulated.
    """
    figures = np.zeros((len(seen), quarters, len(SERIES)))
    weights = np.zeros((len(seen), quarters, len(ACCOUNTS), len(chips)))
    for n, o in enumerate(seen):
        span = slice(o.first, o.last + 1)
        if o.unit in SERIES:
            figures[n, span, SERIES.index(o.unit)] = 1.0
            continue
        mine = np.array([not o.chips or bool(set(c.history) & set(o.chips)) for c in chips])
        each = mine * (h100e if o.unit == "h100e" else 1.0)
        for account in o.accounts:
            weights[n, span, ACCOUNTS.index(account)] = each
    flat, money = weights.reshape(len(seen), -1), figures.reshape(len(seen), -1)

    def read(record: Mapping[str, Any]) -> Any:
        return flat @ record["chips"].reshape(-1) + money @ record["series"].reshape(-1)

    return read


def touched(run: Callable[[Any], Any], size: int, points: int = 6, seed: int = 0) -> NDArray[np.intp]:
    """Return which normals move any observation: those with a gradient somewhere.

    Args:
        run: Normals of one draw to what the observations are about.
        size: How many normals there are.
        points: At how many random points to look.
    """
    z = np.random.Generator(np.random.Philox(seed)).standard_normal((points, size))
    slope = jax.jit(jax.vmap(jax.jacrev(lambda x: jnp.log(jnp.maximum(run(x), LEAST)))))(z)
    return np.nonzero(np.abs(np.asarray(slope)).max(axis=(0, 1)) > 0)[0]


def model(
    run: Callable[[Any], Any], seen: Sequence[Observation], columns: NDArray[np.intp], size: int
) -> Callable[[], None]:
    """Return the model: normals of one draw, what they make of the history, and how far that is from what is said.

    Args:
        run: Normals of one draw to what the observations are about, [observation].
        seen: The observations.
        columns: The normals that are sampled; the others stay at their middle, which moves nothing.
        size: How many normals there are.
    """
    value = np.log([o.value for o in seen])
    error = np.array([o.error for o in seen])
    floor = np.array([o.kind == "at least" for o in seen])

    def told() -> None:
        free = numpyro.sample("z", dist.Normal(0.0, 1.0).expand([len(columns)]).to_event(1))
        z = jnp.zeros(size).at[columns].set(free)
        here = jnp.log(jnp.maximum(run(z), LEAST))
        about = dist.StudentT(FREEDOM, here, error).log_prob(value)
        above = norm.logcdf((here - value) / error)
        numpyro.factor("history", jnp.sum(jnp.where(floor, above, about)))

    return told
