"""Steps 6 and 8, into whose stock a chip goes: the blocs outside China, what is diverted from them, what is rented."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from headgate.world.quarter.gate import ladder

Arrays = Mapping[str, Any]


def blocs(fixed: Arrays, now: Arrays, p: Arrays, left: Any) -> dict[str, Any]:
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
    let_allied, let_other = allied * (now["gate_allied"] @ rungs), other * (now["gate_other"] @ rungs)
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
