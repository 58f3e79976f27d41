"""Ask history: sample the quantities given 2022 to 2025, and refuse a fit that did not come out well."""

from collections.abc import Mapping
from typing import Any, NoReturn

import jax
import numpy as np
from numpy.typing import NDArray
from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
from numpyro.infer import MCMC, NUTS

from headgate.errors import UsageError
from headgate.world import observed
from headgate.world.axes import LABELS
from headgate.world.build import World, factors_of
from headgate.world.fit.model import model, reading, touched
from headgate.world.posterior import MADE_OF, Posterior, digest
from headgate.world.quarter.horizon import Variant, simulator, streams
from headgate.world.tables import HISTORY_ENDS

Array = NDArray[np.float64]
MOST_R_HAT, LEAST_ESS, MOST_DIVERGENT = 1.05, 100.0, 0.01
KEPT_DRAWS = 2000


def refuse_bad_fit(found: Mapping[str, Any]) -> NoReturn:
    """Refuse a sample that did not mix or diverged."""
    told = ", ".join(f"{k} {v:.4g}" for k, v in found.items() if isinstance(v, int | float))
    raise UsageError(
        f"the fit is refused: {told}; wanted are R-hat of at most {MOST_R_HAT}, an effective sample of at least "
        f"{LEAST_ESS:.0f} and at most {MOST_DIVERGENT:.0%} divergent. Give it more --warmup and --samples."
    )


def diagnose(chains: Array, divergent: Array, steps: Array) -> dict[str, Any]:
    """Return how well the sampler did.

    Args:
        chains: Draws, [chain, draw, column].
        divergent: Which transitions diverged.
        steps: Leapfrog steps of each transition.
    """
    return {
        "r_hat": float(np.max(split_gelman_rubin(chains))),
        "effective_sample": float(np.min(effective_sample_size(chains))),
        "divergent_share": float(np.mean(divergent)),
        "mean_steps": float(np.mean(steps)),
        "chains": int(chains.shape[0]),
        "draws": int(chains.shape[0] * chains.shape[1]),
    }


def is_bad(found: Mapping[str, Any]) -> bool:
    """Whether a fit is refused."""
    return not (
        found["r_hat"] <= MOST_R_HAT
        and found["effective_sample"] >= LEAST_ESS
        and found["divergent_share"] <= MOST_DIVERGENT
    )


def calibrate(
    world: World,
    through: int = HISTORY_ENDS,
    warmup: int = 500,
    samples: int = 750,
    chains: int = 4,
    seed: int = 0,
    progress: bool = False,
) -> Posterior:
    """Sample what is supposed of a world, given its history.

    Args:
        world: The world, under the law as it was.
        through: Last quarter that may be known, as a place on the axis.
        warmup: Steps of each chain that are thrown away.
        samples: Steps of each chain that are kept.
        chains: Chains, run side by side.
        seed: Seed of the sampler.
        progress: Whether to show a bar.

    Returns:
        At most 2,000 draws of the normals that any observation turns on; all others keep their own streams.

    Raises:
        UsageError: The sample did not mix: R-hat over 1.05, an effective sample under 100, over 1 % divergent.
    """
    seen = observed.observations(world.rows, through)
    quarters = through + 1
    size = world.priors.size + sum(width for _, width in streams())
    simulate = simulator(world.priors, world.fixed, world.by_quarter, [Variant(world.gate_tables)], quarters)
    read = reading(seen, world.chips, factors_of(world, "h100e"), quarters)

    def run(z: Any) -> Any:
        return read(simulate(z)[0])

    columns = touched(run, size)
    kernel = NUTS(model(run, seen, columns, size), target_accept_prob=0.85, max_tree_depth=8)
    sampler = MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=samples,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=progress,
    )
    sampler.run(jax.random.PRNGKey(seed), extra_fields=("diverging", "num_steps"))
    extra = sampler.get_extra_fields()
    drawn = np.asarray(sampler.get_samples(group_by_chain=True)["z"], dtype=np.float64)
    found = diagnose(drawn, np.asarray(extra["diverging"]), np.asarray(extra["num_steps"]))
    if is_bad(found):
        refuse_bad_fit(found)
    flat = np.swapaxes(drawn, 0, 1).reshape(-1, len(columns))
    kept = flat[np.linspace(0, len(flat) - 1, min(KEPT_DRAWS, len(flat))).astype(int)]
    kept = kept.astype(np.float32).astype(np.float64)
    names = [*world.priors.labels(), *(f"{n}[{k}]" for n, width in streams() for k in range(width))]
    now = world.fingerprints(HISTORY_ENDS + 1)
    made_of = {**{k: now[k] for k in MADE_OF}, "observations": observed.fingerprint(seen), "through": LABELS[through]}
    return Posterior(tuple(names[c] for c in columns), columns, kept, made_of, found, digest(kept))
