"""One quarter of one draw: make, want, pass two gates, leak, learn, install."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from headgate.world.axes import ACCOUNTS
from headgate.world.quarter import domestic, gate, install, learn, make, want
from headgate.world.quarter.smooth import smooth_min

Arrays = Mapping[str, Any]


def begin(fixed: Arrays) -> dict[str, Any]:
    """Return the state before the first quarter."""
    chips = fixed["gb"].shape[0]
    zero = jnp.zeros(())
    return {
        "die_bank": zero,
        "hbm_bank": zero + 1e5,
        "wafers": zero,
        "orders_lagged": zero + 5e7,
        "denied_lagged": zero,
        "us_volume": jnp.zeros(chips),
        "sold_under_cap": jnp.zeros(chips),
        "allocated_tpp": zero,
    }


def buy(fixed: Arrays, now: Arrays, p: Arrays, state: Arrays) -> dict[str, Any]:
    """Let China buy: legal chips within both gates, then domestic ones, then diverted and rented with what is left."""
    made = make.made_abroad(fixed, now, p)
    gates = {
        "washington": gate.washington(now, p),
        "beijing": gate.beijing(fixed, p),
        "rent": now["gate_rent"] @ gate.ladder(p),
    }
    offer = want.on_offer(fixed, now, p, made, gates["washington"])
    pulls = want.pulls(fixed, now, p, offer, gates, learn.preference_factor(p, state))
    budget = want.budget(pulls, gates["washington"], p)
    money = want.split(budget, pulls)
    price = now["price"] * jnp.where(now["is_history"], 1.0, p["foreign.price"])
    landed = price * (1.0 + now["duty"])
    wish = want.units_for(money["legal"], pulls["legal"], landed)
    legal = jnp.minimum(wish, gate.room(fixed, now, p, made, state))
    elsewhere = {k: v for k, v in pulls.items() if k != "legal"}
    more = want.split(p["china.spill"] * (money["legal"] - jnp.sum(legal * landed)), elsewhere)
    orders = money["domestic"] + more["domestic"]
    factor = learn.capacity_factor(p, state)
    main = domestic.chain(now, p, state, (1.0 - p["china.other_share"]) * orders, factor)
    others = smooth_min(p["china.other_share"] * orders / now["other_price"], 1e3 * p["domestic.other_units"] * factor)
    unmet = orders - main["packages"] * now["domestic_price"] - others * now["other_price"]
    last = want.split(p["china.spill"] * unmet, {k: v for k, v in elsewhere.items() if k != "domestic"})
    risk = p["smuggling.premium"] / (1.0 - jnp.minimum(p["smuggling.detection"], 0.99))
    gray = want.units_for(money["smuggled"] + more["smuggled"] + last["smuggled"], pulls["smuggled"], price * risk)
    hire = want.units_for(
        money["rented"] + more["rented"] + last["rented"], pulls["rented"], price * p["rental.premium"]
    )
    return {
        "offer": offer * fixed["is_merchant"],
        **{"made": made, "gates": gates, "legal": legal, "main": main, "others": others, "gray": gray, "hire": hire},
        "domestic_usd": main["packages"] * now["domestic_price"] + others * now["other_price"],
        **{"orders": orders, "budget": budget, "factor": factor, "price": price, "landed": landed, "risk": risk},
    }


def step(fixed: Arrays, state: Arrays, now: Arrays, p: Arrays) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take one quarter.

    Args:
        fixed: Tables without a time axis.
        state: What the last quarter left.
        now: Tables of the quarter.
        p: Quantities of the quarter.

    Returns:
        The state after it, and its record: `chips` [account, chip], `quality`, `made` and `permitted` by chip,
        `usable` by account, and `series`, the single figures.
    """
    bought = buy(fixed, now, p, state)
    legal, main = bought["legal"], bought["main"]
    left = make.left_for_others(fixed, bought["made"], legal, p)
    into, smuggled = install.divert(install.blocs(fixed, now, p, state, left), bought["gray"], p)
    rented = install.rent(into, bought["hire"], p)
    mix = now["mix"]
    accounts = {
        **{name: into[name] for name in ("us_named", "us_other", "allied", "other")},
        "china_legal": legal,
        "china_domestic": (main["packages"] - main["proxy"]) * mix * fixed["is_chain"],
        "china_domestic_other": bought["others"] * mix * fixed["is_domestic_other"],
        "china_proxy_fab": main["proxy"] * mix * fixed["is_chain"],
        "china_smuggled": smuggled,
        "china_rented": rented,
    }
    after = {
        **domestic.refill(now, p, state, main, bought["factor"]),
        "orders_lagged": learn.lagged(state, bought["orders"]),
        "denied_lagged": learn.denial(state, bought["offer"], bought["gates"]["washington"]),
        "us_volume": state["us_volume"] + into["us_named"] + into["us_other"],
        "sold_under_cap": state["sold_under_cap"]
        + now["capped"] * jnp.minimum(legal, gate.left_under_cap(fixed, p, state)),
        "allocated_tpp": state["allocated_tpp"] + jnp.sum(into["other"] * now["allocated"] * fixed["tpp"]),
    }
    made = left - into["not_made"] + legal + (main["packages"] * fixed["is_chain"] * mix)
    record = {
        "chips": jnp.stack([accounts[name] for name in ACCOUNTS]),
        "made": made + bought["others"] * mix * fixed["is_domestic_other"],
        "quality": jnp.where(fixed["learns"], learn.performance_factor(p, state), 1.0),
        "permitted": bought["gates"]["washington"],
        "usable": jnp.where(jnp.array([name in MADE_IN_CHINA for name in ACCOUNTS]), p["usable.domestic"], 1.0),
        "series": jnp.stack(list(figures(fixed, bought, state, p, smuggled, rented).values())),
    }
    return after, record


SERIES = (
    *("budget_usd", "orders_usd", "legal_usd", "domestic_usd", "smuggled_usd", "rented_usd", "capacity_factor"),
    *("packages", "limit_dies", "limit_memory", "limit_packaging", "yield", "wafers_thousand"),
    *("die_bank", "hbm_bank", "rent_permitted"),
)
MADE_IN_CHINA = ("china_domestic", "china_domestic_other", "china_proxy_fab")


def figures(fixed: Arrays, bought: Arrays, state: Arrays, p: Arrays, smuggled: Any, rented: Any) -> dict[str, Any]:
    """Return the single figures of a quarter, in the order of `SERIES`."""
    main, price = bought["main"], bought["price"]
    found = {
        "budget_usd": bought["budget"],
        "orders_usd": bought["orders"],
        "legal_usd": jnp.sum(bought["legal"] * bought["landed"]),
        "domestic_usd": bought["domestic_usd"],
        "smuggled_usd": jnp.sum(smuggled * price * bought["risk"]),
        "rented_usd": jnp.sum(rented * price * p["rental.premium"]),
        "capacity_factor": bought["factor"],
        "packages": main["packages"],
        "limit_dies": main["limit_dies"],
        "limit_memory": main["limit_memory"],
        "limit_packaging": main["limit_packaging"],
        "yield": domestic.yield_share(p, state["wafers"]),
        "wafers_thousand": main["wafers"],
        "die_bank": state["die_bank"],
        "hbm_bank": state["hbm_bank"],
        "rent_permitted": jnp.sum(bought["gates"]["rent"] * fixed["is_merchant"]) / jnp.sum(fixed["is_merchant"]),
    }
    assert tuple(found) == SERIES
    return found
