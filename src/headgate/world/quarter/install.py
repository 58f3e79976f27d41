"""Steps 6 and 8, into whose stock a chip goes: the blocs outside China, what is diverted from them, what is rented."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from headgate.world.quarter.gate import ladder

Arrays = Mapping[str, Any]


def within_allocation(fixed: Arrays, now: Arrays, p: Arrays, state: Arrays, chips: Any) -> Any:
    """Return what of some chips the countries' allocations still hold; all of them where the law allocates nothing."""
    asked = jnp.sum(chips * now["allocated"] * fixed["tpp"])
    room = p["cap.allocated_countries"] * now["allocation_tpp"] - state["allocated_tpp"]
    share = jnp.clip(room / jnp.maximum(asked, 1.0), 0.0, 1.0)
    return chips * (1.0 - now["allocated"] * (1.0 - share))


def blocs(fixed: Arrays, now: Arrays, p: Arrays, state: Arrays, left: Any) -> dict[str, Any]:
    """Share out what is left outside China, units by chip.

    What the law keeps from allied and other countries goes to US owners as far as chips displace each other, and is not
    made otherwise.
    """
    rungs = ladder(p)
    named = jnp.where(fixed["is_captive"], 1.0, p["us.named_share"]) * left
    rest = left - named
    us_other = rest * p["us.other_share"]
    out = rest - us_other
    allied, other = out * p["allied.share"], out * (1.0 - p["allied.share"])
    let_allied = allied * (now["gate_allied"] @ rungs)
    let_other = within_allocation(fixed, now, p, state, other * (now["gate_other"] @ rungs))
    denied = (allied - let_allied) + (other - let_other)
    back = p["displacement.share"] * denied
    return {
        "us_named": named + back,
        "us_other": us_other,
        "allied": let_allied,
        "other": let_other,
        "not_made": denied - back,
    }


def divert(into: Arrays, wanted: Any, p: Arrays) -> tuple[dict[str, Any], Any]:
    """Take diverted chips out of allied and other countries; return the blocs after it and the chips, by chip."""
    out = into["allied"] + into["other"]
    share = jnp.minimum(wanted / jnp.maximum(out, 1e-9), p["smuggling.max_share"])
    kept = {name: into[name] * (1.0 - share) for name in ("allied", "other")}
    return {**into, **kept}, out * share


def rent(into: Arrays, wanted: Any, p: Arrays) -> Any:
    """Return the chips outside China that Chinese firms rent, by chip."""
    there = into["us_named"] + into["us_other"] + into["allied"] + into["other"]
    return jnp.minimum(wanted, p["rental.max_share"] * there)
