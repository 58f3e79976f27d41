"""Step 1, made abroad: units from history, and then revenue times share over price, within memory and packaging."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from headgate.world.quarter.smooth import smooth_min

Arrays = Mapping[str, Any]
VENDORS = ("nvidia", "amd", "google", "amazon")


def made_abroad(fixed: Arrays, now: Arrays, p: Arrays) -> Any:
    """Return what foreign makers would sell outside China if China bought nothing, units by chip.

        history:  units x exp(error), plus what China's purchases of the time displaced
        later:    revenue x share / price x min(1, memory / memory wanted, packaging / packaging wanted)

    Args:
        fixed: Tables without a time axis.
        now: Tables of the quarter.
        p: Quantities of the quarter.
    """
    error = now["error"][fixed["vendor"]]
    past = now["history"] * jnp.exp(jnp.where(error < 0, now["history_below"], now["history_above"]) * error)
    held = jnp.sum(past * fixed["is_merchant"] * fixed["gb"])
    displaced = p["displacement.share"] * now["china_gb"] / jnp.maximum(held, 1.0)
    past = past * (1.0 + displaced * fixed["is_merchant"])
    revenue = 1e9 * jnp.stack([p[f"{v}.revenue"] for v in VENDORS])
    wanted = revenue[fixed["vendor"]] * now["share"] / (now["price"] * p["foreign.price"])
    limit = smooth_min(
        jnp.asarray(1.0),
        1e6 * p["world.hbm"] / jnp.maximum(jnp.sum(wanted * fixed["gb"]), 1.0),
        1e6 * p["world.packaging"] / jnp.maximum(jnp.sum(wanted * fixed["reticles"]), 1.0),
    )
    return jnp.where(now["is_history"], past, wanted * limit) * fixed["is_foreign"]


def left_for_others(fixed: Arrays, made: Any, legal: Any, p: Arrays) -> Any:
    """Return what is left outside China, by chip, after what China bought took its place.

    A chip sold to China takes the memory of `displacement.share` of a chip of others, of the merchants together.
    """
    held = jnp.sum(made * fixed["is_merchant"] * fixed["gb"])
    taken = jnp.minimum(jnp.sum(legal * fixed["gb"]) / jnp.maximum(held, 1.0), 1.0)
    return made * (1.0 - p["displacement.share"] * taken * fixed["is_merchant"])
