"""Step 7, the feedback: denied demand raises domestic orders; capacity and performance follow two years later."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

Arrays = Mapping[str, Any]
LAG_QUARTERS, DENIAL_QUARTERS = 8.0, 4.0
BOUND = 2.0  # of the logarithm: orders seven times over or under the reference move nothing further


def surplus(p: Arrays, state: Arrays) -> Any:
    """Return the logarithm of lagged domestic orders over the reference path, within bounds."""
    return jnp.clip(jnp.log(state["orders_lagged"] / (1e9 * p["feedback.reference"])), -BOUND, BOUND)


def capacity_factor(p: Arrays, state: Arrays) -> Any:
    """Return what the feedback makes of capacity; exactly 1 at strength zero."""
    return jnp.exp(p["feedback.capacity"] * surplus(p, state))


def performance_factor(p: Arrays, state: Arrays) -> Any:
    """Return what the feedback makes of the performance of coming generations; exactly 1 at strength zero."""
    return jnp.exp(p["feedback.performance"] * surplus(p, state))


def preference_factor(p: Arrays, state: Arrays) -> Any:
    """Return what is left of the pull of domestic chips where chips were not denied; exactly 1 at strength zero.

    (pull / pull of 2022) ^ -(strength x (1 - denial)),  denial lagged by a year, 1 where all chips are denied
    """
    risen = jnp.log(p["china.domestic_preference"] / p["preference_first"])
    return jnp.exp(-p["feedback.preference"] * (1.0 - state["denied_lagged"]) * risen)


def denial(state: Arrays, offer: Any, washington: Any) -> Any:
    """Return the share of foreign merchant chips on offer that Washington denies China, lagged by a year."""
    now = jnp.sum(offer * (1.0 - washington)) / jnp.maximum(jnp.sum(offer), 1e-9)
    return state["denied_lagged"] + (now - state["denied_lagged"]) / DENIAL_QUARTERS


def lagged(state: Arrays, orders_usd: Any) -> Any:
    """Return domestic orders smoothed with a mean lag of eight quarters."""
    return state["orders_lagged"] + (orders_usd - state["orders_lagged"]) / LAG_QUARTERS
