"""Steps 4 and 5, the two gates: what Washington lets out, up to its cap, and what Beijing lets in."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

Arrays = Mapping[str, Any]


def ladder(p: Arrays, letters: Any = 1.0) -> Any:
    """Return the share let through by each category of the law's answer, from open to denial.

    Open and exception let all through; a stricter policy never lets more through than a milder one. A policy not
    stated is at most a review case by case: a share `letters` of it, and at least a denial.
    """
    denial = p["granted.presumption_of_denial"]
    case = denial + (1.0 - denial) * p["granted.case_by_case"]
    approval = case + (1.0 - case) * p["granted.presumption_of_approval"]
    unstated = denial + (case - denial) * letters
    return jnp.stack([jnp.ones(()), jnp.ones(()), approval, case, unstated, denial])


def washington(now: Arrays, p: Arrays) -> Any:
    """Return the share of each chip that Washington lets go to China, listed and unlisted buyers together."""
    rungs, listed = ladder(p, p["granted.unstated"]), p["china.listed_share"]
    return (1.0 - listed) * (now["gate_unlisted"] @ rungs) + listed * (now["gate_listed"] @ rungs)


def beijing(fixed: Arrays, p: Arrays) -> Any:
    """Return the share of each chip that Beijing lets in, of what Washington lets out."""
    classes = jnp.stack([p["beijing.h20"], p["beijing.h200"], p["beijing.frontier"]])
    return classes[fixed["beijing"]]


def left_under_cap(fixed: Arrays, p: Arrays, state: Arrays) -> Any:
    """Return how many of each chip the cap of the rule still lets go.

    The cap is a share of the US volume of the product, all quarters together, less what went before under it.
    """
    counted = jnp.where(fixed["is_special"], p["cap.us_volume_counted"], 1.0)
    volume = state["us_volume"][fixed["volume_of"]] * counted
    return jnp.maximum(p["cap.us_volume_share"] * volume - state["sold_under_cap"], 0.0)


def room(fixed: Arrays, now: Arrays, p: Arrays, made: Any, state: Arrays) -> Any:
    """Return how many of each chip can go to China in the quarter: what is offered, within the cap on its days."""
    offered = jnp.where(fixed["is_special"], 1e3 * p["offer.units"] * now["offered"], p["offer.merchant_share"] * made)
    under_cap = jnp.minimum(left_under_cap(fixed, p, state), offered)
    return offered * (1.0 - now["capped"]) + under_cap * now["capped"]
