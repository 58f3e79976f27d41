"""The tables of a world: chips, history and the two gates as arrays, ready for the steps of a quarter."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.catalog.refusals import stop
from headgate.draw.spread import Z95
from headgate.world.axes import LABELS, QUARTERS, quarter, quarter_of, share_of_days
from headgate.world.chips import CLASSES, WorldChip, along
from headgate.world.gate import Gates
from headgate.world.history import Row, select

Array = NDArray[np.float64]
VENDORS = ("nvidia", "amd", "google", "amazon")
APPEAL = {"nvidia-a800-sxm4-80": 0, "nvidia-h800-sxm": 1, "nvidia-h20-96": 2}
H100_FP8, H100_BANDWIDTH = 1979.0, 3350.0
HISTORY_ENDS = quarter("2025Q4")
# When foreign dies came (2023 and 2024, S0199) and memory (7 of 13 million stacks in December 2024, S0200).
DIE_DELIVERY = {"2023Q2": 0.1, "2023Q3": 0.15, "2023Q4": 0.2, "2024Q1": 0.2, "2024Q2": 0.2, "2024Q3": 0.15}
BANK_DELIVERY = {
    **{"2023Q2": 0.04, "2023Q3": 0.05, "2023Q4": 0.09, "2024Q1": 0.08, "2024Q2": 0.08, "2024Q3": 0.10},
    "2024Q4": 0.56,
}
LANES = {
    "gate_unlisted": ("cn_direct",),
    "gate_listed": ("cn_listed",),
    "gate_rent": ("rent",),
}


def digest(*parts: Mapping[str, Any], quarters: int | None = None) -> str:
    """Return a digest of tables; of those with a time axis only the first quarters, where that is asked for."""
    told = hashlib.sha256()
    for part in parts:
        for name in sorted(part):
            array = np.asarray(part[name])
            array = array[:quarters] if len(array) == len(LABELS) else array
            told.update(name.encode())
            told.update(np.ascontiguousarray(array).tobytes())
    return told.hexdigest()


def needed(chip: WorldChip, *measures: str) -> float:
    """Return the first of some numbers that a chip has.

    Raises:
        CatalogError: It has none of them.
    """
    for measure in measures:
        found = chip.number(measure)
        if found:
            return found
    stop("chips.toml", chip.id, f"none of {', '.join(measures)} is known", "Give one in `measures`, with its source.")


def fixed_tables(chips: Sequence[WorldChip]) -> dict[str, Any]:
    """Return what never changes, by chip."""
    ids = [c.id for c in chips]
    h100 = ids.index("nvidia-h100-sxm")
    parent = [ids.index(c.parent) if c.parent else n for n, c in enumerate(chips)]
    # Whose US volume a cap is counted on: the H200's is in the history of the H100; else the parent's, or its own.
    volume = [h100 if c.id == "nvidia-h200-sxm" else parent[n] for n, c in enumerate(chips)]
    kind = {
        k: np.array([c.kind == k for c in chips])
        for k in ("merchant", "captive", "china", "domestic", "domestic_other")
    }
    return {
        "vendor": np.array([VENDORS.index(c.vendor) if c.is_foreign else 0 for c in chips]),
        "parent": np.array(parent),
        "volume_of": np.array(volume),
        "appeal": np.array([APPEAL.get(c.id, 3) for c in chips]),
        "beijing": np.array([CLASSES.index(c.beijing) if c.beijing else 0 for c in chips]),
        "is_merchant": kind["merchant"],
        "is_captive": kind["captive"],
        "is_special": kind["china"],
        "is_foreign": kind["merchant"] | kind["captive"],
        "is_chain": kind["domestic"],
        "is_domestic_other": kind["domestic_other"],
        "learns": np.array([c.learns for c in chips]),
        "tpp": np.array(
            [max(needed(c, "fp16") * 16 if c.number("fp16") else 0.0, needed(c, "fp8", "fp16") * 8) for c in chips]
        ),
        "gb": np.array([needed(c, "memory_size") if c.is_foreign else 0.0 for c in chips]),
        "reticles": np.array([c.packaging if c.is_foreign else 0.0 for c in chips]),
        "log_flops": np.array([log(needed(c, "fp8", "fp16") / H100_FP8) for c in chips]),
        "log_bandwidth": np.array([log(needed(c, "memory_bandwidth") / H100_BANDWIDTH) for c in chips]),
    }


def offered(chip: WorldChip) -> list[float]:
    """Return the share of each quarter's days on which a chip made for China is on offer."""
    if chip.kind != "china":
        return [0.0] * len(LABELS)
    first, last = chip.window
    return [share_of_days(q, first, last + timedelta(days=1)) for q in QUARTERS]


def shares(chips: Sequence[WorldChip]) -> tuple[Array, Array]:
    """Return shares of vendor revenue, and of the packages of each domestic group, [quarter, chip], adding up to 1.

    Raises:
        CatalogError: A vendor or group has no share in some quarter in which it needs one.
    """
    raw = np.array([along(c.share) if c.share else [0.0] * len(LABELS) for c in chips]).T
    revenue, mix = np.zeros_like(raw), np.zeros_like(raw)
    groups = {v: [n for n, c in enumerate(chips) if c.is_foreign and c.vendor == v] for v in VENDORS}
    groups |= {k: [n for n, c in enumerate(chips) if c.kind == k] for k in ("domestic", "domestic_other")}
    for name, members in groups.items():
        total = raw[:, members].sum(axis=1)
        start = HISTORY_ENDS if name in VENDORS else 0
        if (empty := np.nonzero(total[start:] <= 0)[0]).size:
            stop("chips.toml", name, f"no chip has a share in {LABELS[start + empty[0]]}", "Let the shares go on.")
        target = revenue if name in VENDORS else mix
        target[:, members] = raw[:, members] / np.where(total > 0, total, 1.0)[:, None]
    return revenue, mix


def made_history(chips: Sequence[WorldChip], rows: Sequence[Row]) -> dict[str, Array]:
    """Return units outside China by quarter and chip, the halves of their intervals, and the memory that China bought.

    The Nvidia rows hold what went to China; the primary rows of legal imports are taken off again.
    """
    n = (len(LABELS), len(chips))
    units, below, above, china_gb = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(len(LABELS))
    place = {label: k for k, c in enumerate(chips) for label in c.history}
    world = [r for r in select(rows, freq="Q", channel="world production (all destinations)") if r.primary]
    for row in world:
        at, chip = quarter_of(row.start), chips[place[row.chip]]
        if row.covers != "whole" or at > HISTORY_ENDS or chip.kind == "china":
            continue
        low, median, high = row.low, row.median, row.high
        if not (low and median and high):
            stop(
                "supply_history.csv", row.row_id, "a row of world production has no interval", "Give low, median, high."
            )
        units[at, place[row.chip]] = median
        below[at, place[row.chip]] = log(median / low) / Z95
        above[at, place[row.chip]] = log(high / median) / Z95
    for row in legal_history(rows):
        at, k = quarter_of(row.start), place[row.chip]
        china_gb[at] += float(row.median or 0.0) * needed(chips[k], "memory_size")
        if chips[k].kind == "merchant":
            units[at, k] -= float(row.median or 0.0)
    return {"history": units, "history_below": below, "history_above": above, "china_gb": china_gb}


def legal_history(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the primary quarterly rows of legal imports into China, up to the end of the history."""
    found = select(rows, freq="Q", group="CN-LEGAL", use="primary")
    return tuple(r for r in found if quarter_of(r.start) <= HISTORY_ENDS)


def gate_tables(gates: Gates, weights: Mapping[str, Mapping[str, float]], allocation_tpp: float) -> dict[str, Any]:
    """Return the shares of days under each category of the law by quarter and chip, for each use that the steps make.

    Args:
        gates: Gate 1.
        weights: For `gate_allied` and `gate_other`: lane to weight.
        allocation_tpp: Performance that one country may have under the AI Diffusion Rule, TPP.
    """
    at = {lane: n for n, lane in enumerate(gates.lanes)}
    told = {name: dict.fromkeys(lanes, 1.0) for name, lanes in LANES.items()} | {k: dict(v) for k, v in weights.items()}
    found: dict[str, Any] = {}
    for name, lanes in told.items():
        total = sum(lanes.values())
        found[name] = sum(gates.shares[:, at[lane]] * (w / total) for lane, w in lanes.items())
    other = told["gate_other"]
    limited = gates.limited.get("country_allocation", np.zeros_like(gates.duty))
    found["allocated"] = sum(limited[:, at[lane]] * (w / sum(other.values())) for lane, w in other.items())
    # The allocation is for 2025 to 2027 together; after that it is supposed to go on at the same pace.
    passed = np.array([(n - LABELS.index("2025Q1") + 1) / 12 for n in range(len(LABELS))])
    found["allocation_tpp"] = allocation_tpp * np.maximum(passed, 1.0)
    found["gate_hbm"] = gates.item_shares[:, gates.item_lanes.index("hbm_cn")]
    direct = at["cn_direct"]
    return {**found, "capped": gates.capped[:, direct], "duty": gates.duty[:, direct]}


def by_quarter(chips: Sequence[WorldChip], rows: Sequence[Row]) -> dict[str, Any]:
    """Return everything that has a time axis but the law."""
    revenue, mix = shares(chips)
    price = np.array([along(c.price_usd) for c in chips]).T
    chain = np.array([c.kind == "domestic" for c in chips])
    others = np.array([c.kind == "domestic_other" for c in chips])
    return {
        **made_history(chips, rows),
        "is_history": np.array([q <= HISTORY_ENDS for q in range(len(LABELS))]),
        "share": revenue,
        "mix": mix,
        "price": price,
        "offered": np.array([offered(c) for c in chips]).T,
        "dies": (mix * chain) @ np.array([c.dies for c in chips]),
        "stacks": (mix * chain) @ np.array([c.hbm_stacks for c in chips]),
        "domestic_price": (mix * chain * price).sum(axis=1),
        "other_price": (mix * others * price).sum(axis=1),
        "die_delivery": np.array([DIE_DELIVERY.get(q, 0.0) for q in LABELS]),
        "bank_delivery": np.array([BANK_DELIVERY.get(q, 0.0) for q in LABELS]),
        "after_bank": np.array([float(q.start >= date(2025, 1, 1)) for q in QUARTERS]),
    }
