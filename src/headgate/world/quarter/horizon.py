"""The one loop over time: all quarters of one draw, from its normals to the chips of every account."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from headgate.world.axes import LABELS
from headgate.world.priors import Priors
from headgate.world.quarter.step import begin, step
from headgate.world.quarter.values import Change, reader

Arrays = Mapping[str, Any]
ERRORS = ("error.vendor", "error.quarter")
VENDORS = 4
HISTORY = 16


def streams() -> list[tuple[str, int]]:
    """Return the random streams beside the priors': errors of the published units, by vendor and by vendor and quarter."""
    return [("error.vendor", VENDORS), ("error.quarter", VENDORS * HISTORY)]


def errors(p: Arrays, z: Any, quarters: int) -> Any:
    """Return the error of the published units of each vendor in standard deviations, [quarter, vendor]."""
    common, own = z[:VENDORS], z[VENDORS:].reshape(HISTORY, VENDORS)
    rho = p["production.correlation"]
    found = jnp.sqrt(rho) * common[None, :] + jnp.sqrt(1.0 - rho) * own
    return jnp.concatenate([found, jnp.zeros((max(0, quarters - HISTORY), VENDORS))])[:quarters]


def capacity(p: Arrays) -> Any:
    """Return SMIC's capacity with its growth changed where a scenario changes it, [quarter]."""
    path = jnp.broadcast_to(p["smic.capacity"], (len(LABELS),))
    growth = jnp.diff(jnp.log(path)) * jnp.broadcast_to(p["smic.growth"], (len(LABELS),))[1:]
    return path[0] * jnp.exp(jnp.concatenate([jnp.zeros(1), jnp.cumsum(growth)]))


def simulator(
    priors: Priors,
    fixed: Arrays,
    by_quarter: Arrays,
    changes: Sequence[Change] = (),
    quarters: int = len(LABELS),
    finish: Callable[[Arrays], Any] = dict,
) -> Callable[[Any], Any]:
    """Return the function that runs one draw.

    Args:
        priors: What the world supposes.
        fixed: Tables without a time axis.
        by_quarter: Tables with the quarter first.
        changes: What a scenario changes of the quantities.
        quarters: How many quarters to run, from the first.
        finish: What to keep of the record of each quarter.

    Returns:
        A function of the normals of one draw, [priors.size + errors + changes], giving `chips` [quarter, account, chip],
        `made`, `quality` and `permitted` [quarter, chip], `series` [quarter, figure].
    """
    tables = {k: np.asarray(v)[:quarters] for k, v in by_quarter.items()}
    width = sum(size for _, size in streams())
    read = reader(priors, changes)

    def run(z: Any) -> dict[str, Any]:
        p = read(z, z[priors.size + width :])
        given = {**p, "smic_wafers": capacity(p)}
        paths = {k: v[:quarters] for k, v in given.items() if jnp.ndim(v) == 1}
        numbers = {k: v for k, v in given.items() if jnp.ndim(v) == 0}
        error = errors(given, z[priors.size : priors.size + width], quarters)

        def one(state: Any, inputs: tuple[Arrays, Arrays, Any]) -> tuple[Any, Any]:
            now, here, wrong = inputs
            after, record = step(fixed, state, {**now, "error": wrong}, {**numbers, **here})
            return after, finish(record)

        _, found = jax.lax.scan(one, begin(fixed), (tables, paths, error))
        return found

    return run
