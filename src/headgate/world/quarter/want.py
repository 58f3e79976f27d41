"""Step 3, what China wants: its money over legal, domestic, diverted and rented chips, by worth for a dollar."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

Arrays = Mapping[str, Any]
H100_USD = 30_000.0
TINY = 1e-12


def attraction(fixed: Arrays, now: Arrays, p: Arrays) -> Any:
    """Return worth for a dollar to the power of the price response, by chip; 1 is an H100 at 30,000 USD.

    ((flops / flops_H100)^w (bandwidth / bandwidth_H100)^(1 - w) / (price / 30,000))^e
    """
    weight, response = p["china.flops_weight"], p["china.price_response"]
    price = now["price"] * jnp.where(fixed["is_foreign"] & ~now["is_history"], p["foreign.price"], 1.0)
    worth = weight * fixed["log_flops"] + (1.0 - weight) * fixed["log_bandwidth"]
    return jnp.exp(response * (worth - jnp.log(price / H100_USD)))


def on_offer(fixed: Arrays, now: Arrays, p: Arrays, made: Any, permitted: Any) -> Any:
    """Return how much of a full line each foreign chip is to a Chinese buyer, from 0 to about 1.

    A merchant chip counts by its share of what merchants sell. A chip made for China counts while it is offered, as far
    as what merchants now sell is denied, and as far as its parent is denied or no longer on sale.
    """
    usd = made * now["price"] * fixed["is_merchant"]
    merchant = usd / jnp.maximum(jnp.sum(usd), 1.0)
    on_sale = jnp.where(fixed["is_special"], now["offered"], jnp.where(made > 0, 1.0, 0.0))
    denied = 1.0 - jnp.sum(merchant * permitted)
    wanted = denied * (1.0 - (permitted * on_sale)[fixed["parent"]])
    special = now["offered"] * wanted * jnp.stack([p[name] for name in APPEALS])[fixed["appeal"]]
    return jnp.where(fixed["is_special"], special, merchant)


APPEALS = (
    "appeal.nvidia-a800-sxm4-80",
    "appeal.nvidia-h800-sxm",
    "appeal.nvidia-h20-96",
    "appeal.other",
)


def pulls(fixed: Arrays, now: Arrays, p: Arrays, offer: Any, gates: Arrays, homeward: Any) -> dict[str, Any]:
    """Return the pull of each channel: by chip for `legal`, `smuggled` and `rented`, one number for `domestic`.

    Args:
        offer: From `on_offer`.
        gates: `washington` and `beijing`, shares let through by chip, and `rent`, the share of rental the law permits.
        homeward: What the feedback makes of the pull of domestic chips.
    """
    pull = attraction(fixed, now, p)
    response = p["china.price_response"]
    merchant = offer * fixed["is_merchant"]
    risk = p["smuggling.premium"] / (1.0 - jnp.minimum(p["smuggling.detection"], 0.99))
    ease = p["smuggling.ease"] * (1.0 - p["smuggling.location_verification"])
    return {
        "legal": pull * offer * gates["washington"] * gates["beijing"] * (1.0 + now["duty"]) ** -response,
        "smuggled": pull * merchant * (1.0 - gates["washington"]) * ease * risk**-response,
        "rented": pull * merchant * gates["rent"] * p["rental.ease"] * p["rental.premium"] ** -response,
        "domestic": homeward * p["china.domestic_preference"] * jnp.sum(pull * now["mix"] * fixed["is_chain"]),
    }


def budget(pulls: Arrays, washington: Any, p: Arrays) -> Any:
    """Return what Chinese buyers spend in the quarter, USD.

        budget x max(1, pull of all channels / pull if nothing were let out) ^ (response / price response)

    Args:
        pulls: From `pulls`.
        washington: Share of each chip that Washington lets out; what is diverted would pull more without it.
        p: Quantities of the quarter.
    """
    every = sum(jnp.sum(pull) for pull in pulls.values())
    gray = jnp.sum(pulls["smuggled"] / jnp.maximum(1.0 - washington, 1e-6))
    rest = jnp.maximum(gray + jnp.sum(pulls["rented"]) + pulls["domestic"], TINY)
    response = p["china.budget_response"] / p["china.price_response"]
    return 1e9 * p["china.budget"] * jnp.maximum(every / rest, 1.0) ** response


def split(money: Any, among: Arrays) -> dict[str, Any]:
    """Split money over channels in proportion to their pull."""
    sums = {name: jnp.sum(pull) for name, pull in among.items()}
    total = jnp.maximum(sum(sums.values()), TINY)
    return {name: money * share / total for name, share in sums.items()}


def units_for(money: Any, pull: Any, price: Any) -> Any:
    """Return the units that money buys, by chip: money goes in proportion to pull."""
    return money * pull / jnp.maximum(jnp.sum(pull), TINY) / price
