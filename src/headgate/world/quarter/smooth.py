"""The smaller of several limits, smoothly, so that gradients pass through every one of them."""

from typing import Any

import jax.numpy as jnp

SHARPNESS = 12.0
TINY = 1e-12


def smooth_min(*limits: Any) -> Any:
    """Return the smooth minimum of positive numbers, never over the smallest of them.

        (sum x^-k)^(-1/k), k = 12

    Two equal limits give 6 % less than either; one twice the other, 0.002 % less than the smaller.

    Example:
        >>> bool(0.93 < smooth_min(1.0, 1.0) < 1.0), bool(0.9999 < smooth_min(1.0, 2.0) < 1.0)
        (True, True)
    """
    least = jnp.maximum(limits[0], TINY)
    for x in limits[1:]:
        least = jnp.minimum(least, jnp.maximum(x, TINY))
    total = sum((least / jnp.maximum(x, TINY)) ** SHARPNESS for x in limits)
    return least * total ** (-1.0 / SHARPNESS)
