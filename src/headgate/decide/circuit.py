"""One circuit: from its values to the numbers that the law compares, and to the other readings of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from headgate.catalog.chips import catalog, normalized
from headgate.catalog.record import Reading, Record
from headgate.decide.cell import Cell
from headgate.decide.columns import MEASURES, RATES
from headgate.errors import RowError
from headgate.expr import AtLeast
from headgate.expr.value import Row
from headgate.law import measures as legal
from headgate.source import MARKS

USER = "user"
LINKS = ("scale_up_bandwidth_gb_per_s", "pcie_generation", "pcie_lanes")
LEGAL = (*RATES, "die_area_mm2", "dram_bandwidth_gb_per_s", *LINKS, "tpp", "performance_density")
NAMES = {"ic": "circuit", "computer": "computer"}
# What memory and model weights do not have.
PERFORMANCE = tuple(c for c in MEASURES if "bandwidth" not in c)
MAKERS = {"nvidia": "NVIDIA", "amd": "AMD", "advanced micro devices": "AMD", "intel": "Intel", "habana": "Intel"}


@dataclass(frozen=True, slots=True)
class Circuit:
    """One circuit with its values, before the measures are computed."""

    id: str | None
    maker: str | None
    values: Mapping[str, float]
    marks: Mapping[str, str]
    complete: bool
    is_datacenter: bool | None
    others: tuple[Reading, ...] = ()
    # Only as attested on the row: an estimate of the catalog overcomes no presumption.
    transistors: float | None = None
    has_hbm: bool | None = None


def maker_name(text: object) -> str | None:
    """Return the maker's name as the catalog writes it; None for a text that names no maker we know.

    A letter spares only what another known maker makes: a placeholder, a board seller or a name in another script is no
    maker known to be another.
    """
    if text is None:
        return None
    folded = str(text).casefold()
    addressee = next((canonical for word, canonical in MAKERS.items() if word in folded), None)
    return addressee or known_makers().get(normalized(str(text)))


@cache
def known_makers() -> Mapping[str, str]:
    """Return the makers of the catalog by normalized name."""
    return {normalized(r.maker): r.maker for r in catalog().records()}


def from_record(record: Record) -> Circuit:
    """Return the circuit that a record of the catalog, or of the user's own list, describes."""
    keys = (*LEGAL, "io_bandwidth_gb_per_s")
    values = {key: float(record.values[key].v) for key in keys if key in record.values}
    datacenter = record.values.get("is_datacenter")
    others = tuple(r for r in record.readings if any(k in LEGAL for k in r.value))
    own = bool(record.values) and all(v.mark == USER for v in record.values.values())
    return Circuit(
        id=record.id,
        maker=maker_name(record.maker or None) if own else MAKERS.get(record.maker.casefold(), record.maker),
        values=values,
        marks={key: record.values[key].mark for key in values},
        # A catalog record lists every format the chip supports; the user's own list only when it gives them all.
        complete=any(c in values for c in RATES) and (not own or all(c in values for c in RATES)),
        is_datacenter=None if datacenter is None else bool(datacenter.v),
        others=others,
    )


def part_of(
    c: Circuit, tf32_bits: int = legal.BITS["dense_tf32_tflops"]
) -> tuple[Row, dict[str, str], tuple[str, ...]]:
    """Compute the `ic.` fields of one circuit, the mark of each measure, and a flag if given measures contradict."""
    v, disagree = c.values, False
    rates = {k: v[k] for k in RATES if k in v}
    best = legal.total_processing_performance(rates, tf32_bits)
    tpp: legal.Measure = None
    if "tpp" in v:
        disagree = best is not None and best[0] > 1.01 * v["tpp"]
        tpp = max(v["tpp"], best[0]) if best else v["tpp"]
    elif best is not None:
        tpp = best[0] if c.complete else AtLeast(best[0])
    density = legal.performance_density(tpp, v.get("die_area_mm2"))
    if "performance_density" in v:
        stated = v["performance_density"]
        # An area stated beside a density must not be contradicted in the mild direction.
        beside = density if c.marks.get("die_area_mm2") == USER and isinstance(density, float) else stated
        disagree = disagree or beside > 1.01 * stated
        density = max(stated, beside)
    dram = v.get("dram_bandwidth_gb_per_s")
    io: legal.Measure = v.get("io_bandwidth_gb_per_s")
    if io is None:
        io = legal.bandwidth_sum(v.get(LINKS[0]), legal.pcie_bandwidth(v.get(LINKS[1]), v.get(LINKS[2])))
    part: Row = {
        "ic.id": c.id,
        "ic.maker": c.maker,
        "ic.is_datacenter": c.is_datacenter,
        "ic.tpp": tpp,
        "ic.performance_density": density,
        "ic.performance_density?": "die_area_mm2" if "die_area_mm2" not in v else "tpp",
        "ic.peak_tops": legal.peak_tops(rates, tpp, c.complete),
        "ic.dram_bandwidth": dram,
        "ic.io_bandwidth": io,
        "ic.total_bandwidth": legal.bandwidth_sum(dram, io),
        "ic.transistors": c.transistors,
        "ic.has_hbm": c.has_hbm,
        "ic.is_window_open": False,
        "ic.total_bandwidth?": "dram_bandwidth_gb_per_s" if dram is None else "io_bandwidth_gb_per_s",
    }
    return part, _marks(c, best[1] if best else "tpp"), ("measures_disagree",) if disagree else ()


def _marks(c: Circuit, deciding: str) -> dict[str, str]:
    m = c.marks

    def weakest(*keys: str) -> str:
        known = [m[k] for k in keys if k in m]
        return USER if USER in known else max(known, key=MARKS.index, default="")

    tpp_key = "tpp" if "tpp" in m else deciding
    marks = {
        "tpp": weakest(tpp_key),
        "performance_density": weakest(
            *(["performance_density"] if "performance_density" in m else [tpp_key, "die_area_mm2"])
        ),
        "dram_bandwidth_gb_per_s": weakest("dram_bandwidth_gb_per_s"),
        "io_bandwidth_gb_per_s": weakest(*(["io_bandwidth_gb_per_s"] if "io_bandwidth_gb_per_s" in m else LINKS)),
    }
    return {k: mark for k, mark in marks.items() if mark}


def readings_of(c: Circuit) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Return what other sources, and the other reading of a TF32 input's length, make of the circuit."""
    found: list[tuple[str, tuple[Row, ...]]] = []
    for other in c.others:
        named = {k: x for k, x in other.value.items() if k in LEGAL}
        values = {k: x for k, x in c.values.items() if not ("tpp" in named and k in RATES)} | named
        changed = replace(c, values=values, complete=c.complete or any(k in RATES for k in named))
        found.append(("source", (part_of(changed)[0],)))
    if "dense_tf32_tflops" in c.values and "tpp" not in c.values:
        wide = part_of(c, legal.TF32_CONTAINER_BITS)[0]
        if low(wide["ic.tpp"]) > low(part_of(c)[0]["ic.tpp"]):
            found.append(("tf32", (wide,)))
    if c.transistors is not None and c.has_hbm is not True:
        found.append(("window", ({**part_of(c)[0], "ic.is_window_open": True},)))
    return tuple(found)


def low(value: object) -> float:
    return value.low if isinstance(value, AtLeast) else float(cast("float", value) or 0.0)


def check_not_a_circuit(cells: Mapping[str, Cell], record: Record | None, kind: str) -> None:
    """Refuse a kind that contradicts what else the row says of the item: it would free a circuit.

    Raises:
        RowError: The item is a circuit or computer of the catalog, contains some, or has a circuit's performance.
    """
    if record is not None:
        raise RowError(f"item_kind: {record.id} is no {kind} but a {NAMES[record.kind]} of the catalog; clear it")
    own = [c for c in ("contains", *PERFORMANCE) if cells.get(c) is not None]
    if own:
        raise RowError(f"item_kind: {kind} has no {own[0]}; state what it is, or clear {own[0]}")
