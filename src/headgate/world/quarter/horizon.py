"""The one loop over time: all quarters of one draw, from its normals to the chips of every account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from headgate.world.axes import LABELS
from headgate.world.changes import Change
from headgate.world.priors import Priors
from headgate.world.quarter.step import begin, step
from headgate.world.quarter.values import Layout, under
from headgate.world.results import KEPT

Arrays = Mapping[str, Any]
VENDORS = 4
HISTORY = 16


def streams() -> list[tuple[str, int]]:
    """Return the random streams beside the priors': errors of the published units, by vendor, and by quarter, too."""
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


@dataclass(frozen=True)
class Variant:
    """One world beside others: the same chips, history and draws under other law or with quantities changed.

    Args:
        gates: Tables of the gates, [quarter, ...].
        changes: What a scenario changes of the quantities.
    """

    gates: Arrays
    changes: tuple[Change, ...] = ()


def tables_of(by_quarter: Arrays, variants: Sequence[Variant], quarters: int) -> tuple[Any, Any]:
    """Return the tables with a time axis: those that the variants share, and those of their gates."""
    shared = {k: np.asarray(v)[:quarters] for k, v in by_quarter.items()}
    return shared, [{k: np.asarray(v)[:quarters] for k, v in each.gates.items()} for each in variants]


def simulator(
    priors: Priors,
    fixed: Arrays,
    by_quarter: Arrays,
    variants: Sequence[Variant],
    quarters: int = len(LABELS),
    finish: Callable[[Arrays], Any] = dict,
) -> Callable[[Any], tuple[Any, ...]]:
    """Return the function that runs one draw through every variant at once; what they share is worked out once.

    Args:
        priors: What the world supposes.
        fixed: Tables without a time axis.
        by_quarter: Tables with the quarter first, but those of the gates.
        variants: The worlds to run side by side.
        quarters: How many quarters to run, from the first.
        finish: What to keep of the record of each quarter.

    Returns:
        A function of the normals of one draw, [priors.size + errors + those of the changes], and of the tables of
        `tables_of` where other ones than these are wanted. It gives for each variant what `finish` keeps of each
        quarter's record: that of `step`, and `kept`, the quantities of `KEPT`.
    """
    tables = tables_of(by_quarter, variants, quarters)
    width = sum(size for _, size in streams())
    layout = Layout(priors)

    def run(z: Any, given_tables: Any = None) -> tuple[Any, ...]:
        shared, own = tables if given_tables is None else given_tables
        base = layout.values(z)
        error = errors(base, z[priors.size : priors.size + width], quarters)
        given = [under(base, each.changes, priors, z, z[priors.size + width :]) for each in variants]
        first = jnp.broadcast_to(base["china.domestic_preference"], (len(LABELS),))[0]
        given = [{**p, "smic_wafers": capacity(p), "preference_first": first} for p in given]
        paths = [{k: v[:quarters] for k, v in p.items() if jnp.ndim(v) == 1} for p in given]
        numbers = [{k: v for k, v in p.items() if jnp.ndim(v) == 0} for p in given]

        def one(states: Any, inputs: Any) -> tuple[Any, Any]:
            now, gates, here, wrong = inputs
            done = [
                step(fixed, state, {**now, **gate, "error": wrong}, {**number, **path})
                for state, gate, path, number in zip(states, gates, here, numbers, strict=True)
            ]
            kept = [jnp.stack([{**n, **h}[k] for k in KEPT]) for n, h in zip(numbers, here, strict=True)]
            records = [finish({**record, "kept": k}) for (_, record), k in zip(done, kept, strict=True)]
            return tuple(after for after, _ in done), tuple(records)

        begun = tuple(begin(fixed) for _ in variants)
        _, found = jax.lax.scan(one, begun, (shared, own, paths, error))
        return tuple(found)

    return run
