"""Step 7, the feedback: denied demand raises domestic orders; capacity and performance follow two years later."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

Arrays = Mapping[str, Any]
LAG_QUARTERS = 8.0
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


def lagged(state: Arrays, orders_usd: Any) -> Any:
    """Return domestic orders smoothed with a mean lag of eight quarters."""
    return state["orders_lagged"] + (orders_usd - state["orders_lagged"]) / LAG_QUARTERS
