"""The chips the world carries: who makes them, for whom, at what price, and when."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from headgate.catalog.chips import DATA, Catalog, catalog
from headgate.catalog.record import Record, table_of, text_of, texts_of
from headgate.catalog.refusals import (
    refuse_bad_toml,
    refuse_impossible_number,
    refuse_unknown_mark,
    refuse_wrong_type,
    stop,
)
from headgate.errors import UsageError, did_you_mean
from headgate.source import MARKS
from headgate.world.axes import knot_weights, quarter

FILE = DATA / "world" / "chips.toml"
KINDS = ("merchant", "captive", "china", "domestic", "domestic_other")
CLASSES = ("h20", "h200", "frontier")
MEASURES = ("fp16", "fp8", "fp4", "int8", "memory_bandwidth", "memory_size", "die_area_mm2", "io_bandwidth")
NEEDED = ("id", "vendor", "kind", "price_usd", "source", "mark")
OPTIONAL = (
    *("name", "maker", "history", "class", "parent", "window", "share", "packaging", "dies", "hbm_stacks"),
    *("learns", "measures", "decided_as", "note"),
)
CATALOG_KEY: Mapping[str, str] = MappingProxyType(
    {
        "fp16": "dense_fp16_tflops",
        "fp8": "dense_fp8_tflops",
        "fp4": "dense_fp4_tflops",
        "int8": "dense_int8_tops",
        "memory_bandwidth": "dram_bandwidth_gb_per_s",
        "memory_size": "memory_gb",
        "die_area_mm2": "die_area_mm2",
    }
)
Knots = Mapping[str, float]


@dataclass(frozen=True)
class WorldChip:
    """One chip on the axis.

    Args:
        id: A catalog id, or the name of an imagined chip.
        vendor: Who sells it.
        kind: One of `KINDS`.
        price_usd: USD a unit at some quarters.
        history: Its labels in the history of supply.
        beijing: How Beijing treats it, one of `CLASSES`; empty for what it does not gate.
        parent: The chip whose denial makes a china chip wanted.
        window: First and last day on which a china chip is offered.
        share: Of its vendor's revenue after the history, or of the packages of its group, at some quarters.
        packaging: Packaging capacity it takes, in reticles.
        dies: Dies a package, of a domestic chip; the same for `hbm_stacks`.
        learns: Whether the next generation's performance follows revenue (the feedback).
        measures: Numbers of its own, in the catalog's units; they go before the catalog's. `io_bandwidth` (GB/s, both
            directions) is stated of imagined chips alone: of the others the law works it out.
        decided_as: The chip of the catalog whose legal answer it takes.
        record: Its record in the catalog, or None for an imagined chip.
    """

    id: str
    name: str
    maker: str
    vendor: str
    kind: str
    price_usd: Knots
    source: str
    mark: str
    history: tuple[str, ...] = ()
    beijing: str = ""
    parent: str = ""
    window: tuple[date, ...] = ()
    share: Knots = field(default_factory=dict)
    packaging: float = 1.0
    dies: float = 0.0
    hbm_stacks: float = 0.0
    learns: bool = False
    measures: Knots = field(default_factory=dict)
    decided_as: str = ""
    note: str = ""
    record: Record | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether it is made outside China."""
        return self.kind in ("merchant", "captive", "china")

    def number(self, measure: str) -> float | None:
        """Return a number of the chip in the catalog's unit, or None when it is unknown.

        Raises:
            UsageError: There is no such measure.

        Example:
            >>> chips()[0].number("fp16")
            312.0
        """
        if measure not in MEASURES:
            raise UsageError(f"a chip has no {measure!r}.{did_you_mean(measure, MEASURES)}")
        if measure in self.measures:
            return self.measures[measure]
        key = CATALOG_KEY.get(measure)
        return self.record.number(key) if self.record and key else None


def amount_of(where: str, key: str, given: object) -> float:
    """Return a finite number of 0 or more; here 0 means none."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        refuse_wrong_type(where, key, given, "a number")
    if not 0 <= given < float("inf"):
        refuse_impossible_number(where, key, given)
    return float(given)


def knots_of(where: str, key: str, given: object) -> Knots:
    """Return numbers at quarters, in the order of time, checked."""
    if not isinstance(given, dict) or not given:
        refuse_wrong_type(where, key, given, "a table of quarters, as { 2026Q1 = 10.0 }")
    return MappingProxyType({k: amount_of(where, f"{key}: {k}", given[k]) for k in sorted(given, key=quarter)})


def along(knots: Knots) -> list[float]:
    """Return knots as one number for every quarter: straight lines between, level before and after.

    Example:
        >>> path = along({"2022Q1": 1.0, "2022Q3": 3.0})
        >>> path[:4], len(path)
        ([1.0, 2.0, 3.0, 3.0], 44)
    """
    weights = knot_weights([quarter(k) for k in knots])
    return [sum(w * v for w, v in zip(row, knots.values(), strict=True)) for row in weights]


def _chip(where: str, given: object, known: Catalog) -> WorldChip:
    row: dict[str, Any] = table_of(where, "chip", given, (*NEEDED, *OPTIONAL), NEEDED)
    id = text_of(where, "id", row["id"])
    at = f"{where}, {id}"
    if row["kind"] not in KINDS:
        refuse_wrong_type(at, "kind", row["kind"], f"one of {', '.join(KINDS)}")
    if row["mark"] not in MARKS:
        refuse_unknown_mark(at, "mark", row["mark"])
    if row.get("class", CLASSES[0]) not in CLASSES:
        refuse_wrong_type(at, "class", row["class"], f"one of {', '.join(CLASSES)}")
    record = known.get(id) if id in known.ids() else None
    if record is None and not ("name" in row and "maker" in row and "measures" in row):
        stop(at, "id", "no record of the catalog has it", "Give an imagined chip a name, a maker and measures.")
    measures = table_of(at, "measures", row.get("measures", {}), MEASURES, ())
    window = tuple(row.get("window", ()))
    if any(type(d) is not date for d in window) or list(window) != sorted(set(window)):
        refuse_wrong_type(at, "window", window, "two days, the first before the last")
    if row["kind"] == "china" and (len(window) != 2 or "parent" not in row):
        stop(at, "window", "a china chip is offered from one day to a later one", "Give it `parent` and `window`.")
    return WorldChip(
        id=id,
        name=text_of(at, "name", row["name"]) if "name" in row else record.name if record else id,
        maker=text_of(at, "maker", row["maker"]) if "maker" in row else record.maker if record else "",
        vendor=text_of(at, "vendor", row["vendor"]),
        kind=row["kind"],
        price_usd=knots_of(at, "price_usd", row["price_usd"]),
        source=text_of(at, "source", row["source"]),
        mark=row["mark"],
        history=texts_of(at, "history", row["history"]) if "history" in row else (),
        beijing=row.get("class", ""),
        parent=text_of(at, "parent", row["parent"]) if "parent" in row else "",
        window=window,
        share=knots_of(at, "share", row["share"]) if "share" in row else {},
        packaging=amount_of(at, "packaging", row.get("packaging", 1.0)),
        dies=amount_of(at, "dies", row.get("dies", 0.0)),
        hbm_stacks=amount_of(at, "hbm_stacks", row.get("hbm_stacks", 0.0)),
        learns=row.get("learns", False) is True,
        measures=MappingProxyType({k: amount_of(at, k, v) for k, v in measures.items()}),
        decided_as=text_of(at, "decided_as", row["decided_as"]) if "decided_as" in row else "",
        note=text_of(at, "note", row["note"]) if "note" in row else "",
        record=record,
    )


def read_chips(path: Path, known: Catalog) -> tuple[WorldChip, ...]:
    """Read the chips of the world, in the order of the file.

    Raises:
        CatalogError: Anything in the file is not as it must be.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as problem:
        refuse_bad_toml(path.name, problem)
    rows = table_of(path.name, "file", raw, ("read_on", "chip"), ("read_on", "chip"))["chip"]
    found = tuple(_chip(path.name, row, known) for row in rows)
    ids = [c.id for c in found]
    for c in found:
        if ids.count(c.id) > 1:
            stop(path.name, c.id, "the id stands twice", "Remove one.")
        if c.parent and c.parent not in ids:
            stop(path.name, c.id, f"its parent {c.parent!r} is not in the file", "Name a chip of the file.")
        if c.decided_as and c.decided_as not in known.ids():
            stop(path.name, c.id, f"decided_as {c.decided_as!r} is not in the catalog", "Name a chip of the catalog.")
    return found


@cache
def chips() -> tuple[WorldChip, ...]:
    """Return the chips of the world.

    Example:
        >>> [c.id for c in chips()][:2]
        ['nvidia-a100-sxm4-80', 'nvidia-a800-sxm4-80']
    """
    return read_chips(FILE, catalog())


def places(which: Sequence[WorldChip], *kinds: str) -> list[int]:
    """Return where the chips of some kinds stand on the axis."""
    return [n for n, c in enumerate(which) if c.kind in kinds]
