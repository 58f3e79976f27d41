"""Step 2, made in China: packages by the shortest of dies, memory, packaging and orders; banks that run out."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from headgate.world.quarter.gate import ladder
from headgate.world.quarter.smooth import smooth_min

Arrays = Mapping[str, Any]


def yield_share(p: Arrays, wafers: Any) -> Any:
    """Return the share of good dies after some thousands of wafers.

    1 - yield = (1 - first) (1 + cumulative / first wafers)^-b
    """
    return 1.0 - (1.0 - p["yield.first"]) * (1.0 + wafers / p["yield.first_wafers"]) ** -p["yield.learning"]


def limits(now: Arrays, p: Arrays, state: Arrays, factor: Any) -> dict[str, Any]:
    """Return how many packages each link of the chain could make in the quarter, and what each takes.

    Args:
        factor: What the feedback makes of capacity; 1 without feedback.
    """
    good = p["die.per_wafer"] * yield_share(p, state["wafers"])
    wafers = p["smic_wafers"] * p["smic.wafers"] * p["smic.ai_share"] * factor
    own = 1e3 * wafers * good
    bank = state["die_bank"] * p["die_bank.rate"]
    dies_each = now["dies"] / p["yield.packaging"]
    stacks = state["hbm_bank"] * p["hbm.rate"]
    return {
        "dies": (own + bank) / dies_each,
        "memory": stacks / now["stacks"],
        "packaging": 1e3 * p["domestic.packaging"] * factor,
        "bank": bank,
        "own_dies": own,
        "dies_each": dies_each,
        "good_each_wafer": good,
    }


def chain(now: Arrays, p: Arrays, state: Arrays, orders_usd: Any, factor: Any) -> dict[str, Any]:
    """Run the chain of Huawei and Cambricon for a quarter.

    Returns:
        `packages`, those from the bank of foreign dies (`proxy`), thousands of `wafers`, `stacks` and `bank_dies` used,
        and the limits by link.
    """
    found = limits(now, p, state, factor)
    orders = orders_usd / now["domestic_price"]
    packages = smooth_min(orders, found["dies"], found["memory"], found["packaging"])
    dies = packages * found["dies_each"]
    # Both sources give in proportion to what each could give, the bank first by its weight, and no more than they have.
    own = p["die_bank.own_weight"] * found["own_dies"]
    share = dies * found["bank"] / jnp.maximum(found["bank"] + own, 1e-9)
    from_bank = jnp.minimum(jnp.maximum(share, dies - found["own_dies"]), found["bank"])
    return {
        "packages": packages,
        "proxy": packages * from_bank / jnp.maximum(dies, 1e-9),
        "wafers": (dies - from_bank) / found["good_each_wafer"] / 1e3,
        "stacks": packages * now["stacks"],
        "bank_dies": from_bank,
        **{f"limit_{k}": found[k] for k in ("dies", "memory", "packaging")},
    }


def refill(now: Arrays, p: Arrays, state: Arrays, used: Arrays, factor: Any) -> dict[str, Any]:
    """Return the banks and the wafers after the quarter.

    Foreign memory came freely until it was denied; then as much as the law lets through, and some of the rest anyway.
    """
    let = now["gate_hbm"] @ ladder(p)
    foreign = (let * p["hbm.import_open"] + (1.0 - let) * p["hbm.import_stacks"]) / 4.0 * now["after_bank"]
    banked = p["hbm.bank_stacks"] * p["hbm.usable_share"] * now["bank_delivery"]
    own = p["hbm.cxmt"] * p["hbm.cxmt_stacks"] * factor / 4.0
    return {
        "die_bank": state["die_bank"] + 1e6 * p["die_bank.total"] * now["die_delivery"] - used["bank_dies"],
        "hbm_bank": state["hbm_bank"] + 1e6 * (foreign + banked + own) - used["stacks"],
        "wafers": state["wafers"] + used["wafers"],
    }
