"""What is shipped: from the item columns of a row and the catalog to the numbers that the law compares."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from headgate.catalog.chips import Catalog
from headgate.catalog.record import Record
from headgate.decide.cell import Cell
from headgate.decide.circuit import (
    LINKS,
    USER,
    Circuit,
    check_not_a_circuit,
    from_record,
    low,
    maker_name,
    part_of,
    readings_of,
)
from headgate.decide.columns import MEASURES, RATES
from headgate.errors import CatalogError, RowError
from headgate.expr import AtLeast
from headgate.expr.value import Row, Value

COLUMNS = (
    "item",
    "item_kind",
    "contains",
    "maker",
    *MEASURES,
    "is_datacenter",
    "designer_hq_country",
    "transistors_bn",
    "has_hbm",
    "node_nm",
    "hbm_density_gb_per_s_mm2",
)
# Facts that describe an item which is in no list.
DESCRIBING = (*MEASURES, "contains", "transistors_bn", "has_hbm", "node_nm", "hbm_density_gb_per_s_mm2")
# Families that the letters of 2022 name, whatever the rest of the part's name.
FAMILIES = ("a100", "a100x", "h100", "mi250", "mi250x", "dgx")
SHOWN = {
    "tpp": "ic.tpp",
    "performance_density": "ic.performance_density",
    "dram_bandwidth_gb_per_s": "ic.dram_bandwidth",
    "io_bandwidth_gb_per_s": "ic.io_bandwidth",
}


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """The item as the law sees it.

    Args:
        row: The `item.` fields.
        parts: The `ic.` fields of each circuit; None when they are unknown.
        ask_parts: The column that would tell the parts.
        unit_tpp: Total processing performance of one unit: of the circuit, or of all in the machine together.
        marks: Measure column to the mark of the value used; `user` when the row or the user's own list gave it.
        readings: Other values: (`source`, parts) from a second source, (`tf32`, parts) or (`datacenter`, parts) where
            the text can be read in two ways; (`window`, parts) for the year 2028 of the foundry rule.
        flags: Flags of the item alone.
        remembered: The same object is given for every equal item.
    """

    row: Row
    parts: tuple[Row, ...] | None
    ask_parts: str = "item"
    unit_tpp: Value = None
    marks: Mapping[str, str] = field(default_factory=dict)
    readings: tuple[tuple[str, tuple[Row, ...]], ...] = ()
    flags: tuple[str, ...] = ()
    remembered: bool = False


def item_facts(cells: Mapping[str, Cell], catalog: Catalog, own: Mapping[str, Record]) -> ItemFacts:
    """Look the item up, lay the given measures over it, and compute what the law compares.

    Args:
        cells: The read cells of `COLUMNS`.
        catalog: The catalog.
        own: The user's own parts by part number, casefolded; they come before the catalog.

    Raises:
        RowError: The item is in no list and no measure is given, or a contained circuit is unknown.
    """
    record, flags = _look_up(cells, catalog, own)
    kind = _kind(cells, record)
    described = kind is None and any(cells.get(c) is not None for c in MEASURES)
    commodity = _commodity(cells, record, kind, described)
    if commodity == "computer":
        found = _computer(cells, record, catalog, own)
    elif commodity == "ic":
        found = _one_circuit(cells, record)
    else:
        found = ItemFacts({}, () if kind in ("hbm", "model_weights") else None, "contains" if kind else "item")
    designers = _designers(cells, record, kind, catalog, own)
    planar = (
        (kind == "ic" or described) and cells.get("die_area_mm2") == 0.0 and cells.get("performance_density") is None
    )
    area = cells.get("die_area_mm2")
    if area is None and record is not None:
        area = record.number("die_area_mm2")
    row = {
        "item.id": _name(cells, record),
        "item.kind": kind,
        "item.commodity": commodity,
        "item.is_nonplanar": None if area is None else area != 0,
        "item.is_described": True if described else None,
        "item.is_planar": True if planar else None,
        "item.designer_countries": designers,
    }
    return replace(found, row=row, flags=(*flags, *found.flags))


def circuit_facts(record: Record) -> ItemFacts:
    """Return the facts of a catalog record as it stands, for `chip show`."""
    return _one_circuit({}, record)


def _look_up(
    cells: Mapping[str, Cell], catalog: Catalog, own: Mapping[str, Record]
) -> tuple[Record | None, tuple[str, ...]]:
    name = cells.get("item")
    if name is None:
        return None, ()
    try:
        return _find(str(name), catalog, own), ()
    except CatalogError as problem:
        described = any(cells.get(c) is not None for c in DESCRIBING)
        other_kind = cells.get("item_kind") not in (None, "ic", "computer")
        if described or other_kind:
            return None, ("item_not_in_catalog",)
        raise RowError(f"item: {problem}") from None


def _find(name: str, catalog: Catalog, own: Mapping[str, Record]) -> Record:
    return own.get(name.casefold()) or catalog.find(name)


def _kind(cells: Mapping[str, Cell], record: Record | None) -> str | None:
    stated = cells.get("item_kind")
    if record is not None and stated == "ic" and record.kind == "computer":
        raise RowError(f"item_kind: {record.id} is a computer in the catalog, not a circuit; leave item_kind blank")
    if stated in ("hbm", "model_weights"):
        check_not_a_circuit(cells, record, str(stated))
    if cells.get("contains") is not None:
        if stated == "ic":
            raise RowError(
                "contains: an item of kind ic contains no circuits; state item_kind computer, or clear contains"
            )
        if stated is None:
            return "computer"
    if stated is not None:
        return str(stated)
    if record is not None:
        return record.kind
    return None


def _commodity(cells: Mapping[str, Cell], record: Record | None, kind: str | None, described: bool) -> str | None:
    """Return whether it is, or the software or technology is for, a circuit or a computer; None when unknown."""
    if kind in ("ic", "computer"):
        return kind
    if kind not in (None, "software", "technology"):
        return None
    if cells.get("contains") is not None:
        return "computer"
    if record is not None:
        return record.kind
    return "ic" if described or any(cells.get(c) is not None for c in MEASURES) else None


def _name(cells: Mapping[str, Cell], record: Record | None) -> str | None:
    """Return the item's id; outside the catalog, the family that a letter names, or the name as it stands."""
    if record is not None:
        return record.id
    name = cells.get("item")
    if name is None:
        return None
    words = "".join(c if c.isalnum() else " " for c in str(name).casefold()).split()
    return next((w for w in words if w in FAMILIES), "-".join(words))


def _one_circuit(cells: Mapping[str, Cell], record: Record | None) -> ItemFacts:
    given = {c: cast("float", cells[c]) for c in MEASURES if cells.get(c) is not None}
    base = from_record(record) if record else Circuit(None, None, {}, {}, False, None)
    stated_dc = cells.get("is_datacenter")
    # A stated TPP stands for every rate of the catalog, and a stated rate for its TPP.
    silenced = RATES if "tpp" in given else ("tpp",) if any(c in given for c in RATES) else ()
    values = {k: v for k, v in base.values.items() if k not in silenced} | given
    has_hbm = cells.get("has_hbm")
    transistors = cells.get("transistors_bn")
    circuit = Circuit(
        id=record.id if record else _name(cells, None),
        maker=maker_name(record.maker if record else cells.get("maker")),
        values=values,
        marks={**base.marks, **dict.fromkeys(given, USER)},
        complete=base.complete or all(c in given for c in RATES),
        is_datacenter=base.is_datacenter if stated_dc is None else bool(stated_dc),
        others=tuple(o for o in base.others if not any(_touches(k, given) for k in o.value)),
        transistors=None if transistors is None else cast("float", transistors),
        has_hbm=None if has_hbm is None else bool(has_hbm),
    )
    part, marks, disagree = part_of(circuit)
    flags = (*_override_flags(base, part), *disagree)
    return ItemFacts({}, (part,), "item", part["ic.tpp"], marks, readings_of(circuit), flags)


def _override_flags(base: Circuit, part: Row) -> tuple[str, ...]:
    """Flag a row whose stated facts change what the catalog says of its item."""
    if base.id is None:
        return ()
    own = part_of(base)[0]
    names = (*SHOWN.values(), "ic.is_datacenter")
    return ("user_overrides_catalog",) if any(own[n] is not None and own[n] != part[n] for n in names) else ()


def _touches(key: str, given: Mapping[str, float]) -> bool:
    """A second source's value says nothing more where the user has stated the measure it goes into."""
    if key in LINKS:
        return "io_bandwidth_gb_per_s" in given
    return (
        key in given or (key in (*RATES, "tpp") and "tpp" in given) or (key == "tpp" and any(c in given for c in RATES))
    )


def _computer(
    cells: Mapping[str, Cell], record: Record | None, catalog: Catalog, own: Mapping[str, Record]
) -> ItemFacts:
    ids = [*cast("tuple[str, ...]", cells.get("contains") or ()), *(record.contains if record else ())]
    if record is not None and record.kind == "ic":
        ids.append(record.id)
    given = {c: cast("float", cells[c]) for c in MEASURES if cells.get(c) is not None}
    flags = ("measures_of_computer_counted",) if given else ()
    if not ids:
        return ItemFacts({}, None, "contains", flags=flags)
    machine = cells.get("is_datacenter")
    if machine is None and record is not None and record.kind == "computer" and "is_datacenter" in record.values:
        machine = bool(record.values["is_datacenter"].v)
    circuits = [from_record(_contained(id, catalog, own)) for id in dict.fromkeys(ids)]
    if given:
        # Measures are a circuit's: stated for a computer they describe one more inside, which only makes it stricter.
        maker = maker_name(cells.get("maker"))
        circuits.append(Circuit(None, maker, given, dict.fromkeys(given, USER), False, None))
    if _name(cells, record) == "dgx":
        circuits = [replace(c, id="dgx") for c in circuits]
    parts = [part_of(replace(c, is_datacenter=_in_machine(c.is_datacenter, machine))) for c in circuits]
    chosen = tuple(p[0] for p in parts)
    readings: list[tuple[str, tuple[Row, ...]]] = []
    for n, c in enumerate(circuits):
        alone = replace(c, is_datacenter=_in_machine(c.is_datacenter, machine))
        readings += [(label, (*chosen[:n], *other, *chosen[n + 1 :])) for label, other in readings_of(alone)]
    if machine is True and any(c.is_datacenter is False for c in circuits):
        readings.append(("datacenter", tuple(part_of(c)[0] for c in circuits)))
    strongest = max(parts, key=lambda p: low(p[0]["ic.tpp"]))
    shown = (strongest[0], *(p for p in chosen if p is not strongest[0]))
    return ItemFacts({}, shown, "contains", _together(record, chosen), strongest[1], tuple(readings), flags)


def _together(record: Record | None, parts: tuple[Row, ...]) -> Value:
    """Return the performance of all circuits in a machine; a lower bound unless their number is known."""
    tpp = [p["ic.tpp"] for p in parts]
    count = record.number("accelerators_count") if record is not None else None
    if count is not None and len(tpp) == 1 and isinstance(tpp[0], float):
        return count * tpp[0]
    total = sum(low(t) for t in tpp)
    return AtLeast(total) if total else None


def _contained(id: str, catalog: Catalog, own: Mapping[str, Record]) -> Record:
    try:
        record = _find(id, catalog, own)
    except CatalogError as problem:
        raise RowError(f"contains: {problem}") from None
    if record.kind != "ic":
        raise RowError(f"contains: {record.id} is a computer; name the circuits inside it")
    return record


def _in_machine(circuit: bool | None, machine: Cell) -> bool | None:
    """A circuit in a computer counts as for data centers if either is marketed so; the text is silent on whose."""
    if circuit or machine:
        return True
    return None if circuit is None or machine is None else False


def _designers(
    cells: Mapping[str, Cell], record: Record | None, kind: str | None, catalog: Catalog, own: Mapping[str, Record]
) -> frozenset[str] | None:
    stated = cells.get("designer_hq_country")
    ids = (*cast("tuple[str, ...]", cells.get("contains") or ()), *(record.contains if record else ()))
    inside = [_find(id, catalog, own) for id in ids] if kind == "computer" else []
    makers = [r.maker_country for r in (*inside, *([record] if record is not None and not inside else []))]
    if stated is not None:
        # What the row states is one more designer: it never takes away that of a known circuit.
        return frozenset((str(stated), *(m for m in makers if m)))
    return frozenset(makers) if makers and all(makers) else None
