"""One record of the catalog, read strictly from its TOML file.

How well a value is known is its mark, given by one rule:

* `primary`: a document of the maker gives the value.
* `two_sources`: two or more independent publishers give it, and none of them is in doubt about it.
* `one_source`: one publisher gives it, or several of which the record as a whole is less certain.
* `unverified`: it was not seen in a source (memory, inference, estimate), or the whole record is weak.

A key left out is unknown. Other sources' figures stay as readings. Each `refuse_...` raises `CatalogError`.
"""

import math
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from headgate.catalog.refusals import (
    MAY_BE_ZERO,
    refuse_bad_toml,
    refuse_impossible_number,
    refuse_misnamed_file,
    refuse_misplaced_contents,
    refuse_missing_key,
    refuse_mixed_reading,
    refuse_unexplained_choice,
    refuse_unknown_key,
    refuse_unknown_mark,
    refuse_unknown_source,
    refuse_wrong_type,
    refuse_zero,
)
from headgate.source import MARKS

RATES = (*(f"dense_{r}_tflops" for r in ("fp64", "tf32", "fp16", "fp8", "fp6", "fp4")), "dense_int8_tops")
PARTS = ("die_area_mm2", "dram_bandwidth_gb_per_s", "scale_up_bandwidth_gb_per_s", "pcie_generation", "pcie_lanes")
SIZES = ("memory_gb", "dies_count", "transistors_bn", "tdp_watts", "price_usd", "accelerators_count", "power_kw")
LINKS = ("scale_up_bandwidth_each_direction_gb_per_s", "scaleout_nic_gbit_per_s")
HOSTS = ("cores_count", "host_memory_gb", "host_memory_bandwidth_gb_per_s", "host_link_each_direction_gb_per_s")
SWITCHES = ("switch_bandwidth_each_direction_gb_per_s", "in_network_reduction_tflops", "fabric_switch_tbit_per_s")
CARDS = ("nic_gbit_per_s", "storage_gbit_per_s", "die_to_die_each_direction_gb_per_s")
NUMBERS = RATES + PARTS + SIZES + LINKS + HOSTS + SWITCHES + CARDS
TEXTS = ("process_node", "foundry", "memory_type", "scale_up_link", "cpus", "parameters")
FLAGS = ("is_datacenter", "scale_up_reduces")
DERIVED = ("tpp", "performance_density")
WHOLE = ("pcie_generation", "pcie_lanes", "dies_count", "accelerators_count", "cores_count")
KINDS = ("ic", "computer")
ROLES = ("cpu", "accelerator", "scale_up_switch", "nic", "dpu", "fabric_switch")
NEEDED = ("id", "name", "maker", "maker_country", "kind", "status", "value")
MODEL = ("parts", "usual_for", "family")
TOP = (*NEEDED, *MODEL, "aliases", "contains", "same_as", "announced", "released", "note", "chosen", "reading")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a record, with its sources and its mark. A number is float64; its unit is in the key's name."""

    v: float | bool | str
    source: tuple[str, ...]
    mark: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What another source says: it replaces only the keys it names, or gives TPP and density as it published them."""

    value: Mapping[str, float]
    source: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One role in a machine: the record that fills it, and how many of it one scale-up domain has."""

    id: str
    count: float
    source: tuple[str, ...]
    mark: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One chip (`kind` is `ic`) or system (`computer`) of the catalog.

    Args:
        announced: A day, or a month as text `YYYY-MM`, or None when unknown. The same for `released`.
        contains: Ids of the chips inside a computer.
        same_as: Id of the record whose values this one shares, or an empty string.
        chosen: Which figures are used where sources disagree, and why; empty when there are no readings.
        parts: What a computer is built from, by role; empty when it states its figures itself.
        usual_for: Chips, by id or short name, whose usual machine this computer is.
        family: Name in `data/fit/kernels.toml` of the kernels that a chip runs; empty for `other`.
    """

    id: str
    name: str
    maker: str
    maker_country: str
    kind: str
    aliases: tuple[str, ...]
    contains: tuple[str, ...]
    same_as: str
    announced: date | str | None
    released: date | str | None
    status: str
    note: str
    chosen: str
    values: Mapping[str, Value]
    readings: tuple[Reading, ...]
    parts: Mapping[str, Part] = field(default_factory=dict)
    usual_for: tuple[str, ...] = ()
    family: str = ""

    @property
    def known_from(self) -> date:
        """The day from which one could know of it: when it was announced, else released, else always."""
        told = self.announced or self.released
        if told is None:
            return date.min
        return told if isinstance(told, date) else date.fromisoformat(f"{told}-01")

    def number(self, key: str) -> float | None:
        """Return a number of this record in the unit its key names, or None when it is unknown.

        Raises:
            CatalogError: `key` is not a number that a record can hold.

        Example:
            >>> from headgate.catalog.chips import catalog
            >>> catalog().get("nvidia-h100-sxm").number("die_area_mm2")
            814.0
        """
        if key not in NUMBERS:
            refuse_unknown_key(self.id, key, NUMBERS, "a record")
        value = self.values.get(key)
        return None if value is None else float(value.v)


def text_of(where: str, key: str, given: object) -> str:
    """Return `given` if it is non-empty text."""
    return given if isinstance(given, str) and given else refuse_wrong_type(where, key, given, "non-empty text")


def texts_of(where: str, key: str, given: object) -> tuple[str, ...]:
    """Return `given` as a tuple if it is a list of non-empty texts."""
    if not isinstance(given, list):
        refuse_wrong_type(where, key, given, "a list of texts")
    return tuple(text_of(where, key, item) for item in given)


def table_of(where: str, key: str, given: object, allowed: Collection[str], needed: Iterable[str]) -> dict[str, Any]:
    """Return `given` if it is a table with all needed keys and no key outside `allowed`."""
    if not isinstance(given, dict):
        refuse_wrong_type(where, key, given, "a table")
    for name in given:
        if name not in allowed:
            refuse_unknown_key(where, name, allowed, key)
    for name in needed:
        if name not in given:
            refuse_missing_key(where, f"{key}: {name}")
    return given


def number_of(where: str, key: str, given: object) -> float:
    """Return `given` as float64 if it is a number this key can have."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        refuse_wrong_type(where, key, given, "a number")
    if not math.isfinite(given) or given < 0:
        refuse_impossible_number(where, key, given)
    if given == 0 and key not in MAY_BE_ZERO:
        refuse_zero(where, key)
    if key in WHOLE and given != int(given):
        refuse_wrong_type(where, key, given, "a whole number")
    return float(given)


def sources_of(where: str, key: str, given: object, known: Collection[str] | None) -> tuple[str, ...]:
    """Return the source ids of one value; checked against `known` unless that is None."""
    names = texts_of(where, key, given)
    if not names:
        refuse_missing_key(where, f"{key}: from")
    if known is not None and (strangers := [name for name in names if name not in known]):
        refuse_unknown_source(where, key, strangers[0], known)
    return names


def value_of(where: str, key: str, given: object, known: Collection[str] | None) -> Value:
    """Return one value of [value], checked."""
    row = table_of(where, key, given, ("v", "from", "mark", "note"), ("v", "from", "mark"))
    raw = row["v"]
    if key in FLAGS and not isinstance(raw, bool):
        refuse_wrong_type(where, key, raw, "true or false")
    v = raw if key in FLAGS else text_of(where, key, raw) if key in TEXTS else number_of(where, key, raw)
    return Value(v, *_grounds_of(where, key, row, known))


def _grounds_of(
    where: str, key: str, row: Mapping[str, Any], known: Collection[str] | None
) -> tuple[tuple[str, ...], str, str]:
    """Return sources, mark and note of one value or part, checked."""
    mark = text_of(where, key, row["mark"])
    if mark not in MARKS:
        refuse_unknown_mark(where, key, mark)
    note = text_of(where, key, row["note"]) if "note" in row else ""
    return sources_of(where, key, row["from"], known), mark, note


def part_of(where: str, role: str, given: object, known: Collection[str] | None) -> Part:
    """Return one part of [parts], checked."""
    row = table_of(where, role, given, ("id", "count", "from", "mark", "note"), ("id", "count", "from", "mark"))
    count = number_of(where, f"{role}: count", row["count"])
    return Part(text_of(where, f"{role}: id", row["id"]), count, *_grounds_of(where, role, row, known))


def reading_of(where: str, given: object, known: Collection[str] | None) -> Reading:
    """Return one [[reading]], checked."""
    row = table_of(where, "reading", given, ("value", "from", "why"), ("value", "from", "why"))
    part = table_of(where, "reading", row["value"], NUMBERS + DERIVED, ())
    if not part:
        refuse_missing_key(where, "reading: value")
    if any(key in DERIVED for key in part) and any(key not in DERIVED for key in part):
        refuse_mixed_reading(where)
    numbers = {key: number_of(where, key, v) for key, v in part.items()}
    source = sources_of(where, "reading", row["from"], known)
    return Reading(MappingProxyType(numbers), source, text_of(where, "why", row["why"]))


def date_of(where: str, key: str, given: object) -> date | str | None:
    """Return a day, a month as text, or None when the key was left out."""
    if given is None or type(given) is date or (isinstance(given, str) and MONTH.fullmatch(given)):
        return given
    refuse_wrong_type(where, key, given, 'a date, as 2022-03-22, or a month, as "2026-09"')


def parse_record(text: str, stem: str, known_sources: Collection[str] | None = None) -> Record:
    r"""Read one record from the text of its TOML file.

    Args:
        text: The file's text.
        stem: The file's name without `.toml`; the record's id must be the same.
        known_sources: Ids of `sources.toml`; None leaves that one check to the full load.

    Returns:
        The record, without the values it shares through `same_as`.

    Raises:
        CatalogError: Anything in the file is not as it must be; the message names file, key, why, and what to do.

    Example:
        >>> head = 'name = "X"\nmaker = "M"\nmaker_country = "US"\nkind = "ic"\nstatus = "shipping"\n[value]'
        >>> parse_record('id = "x"\n' + head, "x").number("die_area_mm2") is None
        True
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        refuse_bad_toml(f"{stem}.toml", error)
    return record_of(raw, stem, known_sources)


def record_of(raw: Mapping[str, Any], stem: str, known_sources: Collection[str] | None = None) -> Record:
    """Return the record that the tables of a TOML file give; `parse_record` says what is refused."""
    where = f"{stem}.toml"
    top = table_of(where, "record", raw, TOP, NEEDED)
    done: dict[str, Any] = {key: text_of(where, key, top[key]) for key in NEEDED if key != "value"}
    optional = ("same_as", "note", "chosen", "family")
    done |= {key: text_of(where, key, top[key]) if key in top else "" for key in optional}
    done |= {key: texts_of(where, key, top.get(key, [])) for key in ("aliases", "contains", "usual_for")}
    done |= {key: date_of(where, key, top.get(key)) for key in ("announced", "released")}
    if done["id"] != stem:
        refuse_misnamed_file(where, done["id"])
    if done["kind"] not in KINDS:
        refuse_wrong_type(where, "kind", done["kind"], f"one of {', '.join(KINDS)}")
    if not re.fullmatch(r"[A-Z]{2}", done["maker_country"]):
        refuse_wrong_type(where, "maker_country", done["maker_country"], "the two capital letters of ISO 3166")
    if bool(done["contains"]) != (done["kind"] == "computer") or ("parts" in top and done["kind"] == "ic"):
        refuse_misplaced_contents(where, done["kind"])
    given_parts = table_of(where, "parts", top.get("parts", {}), ROLES, ())
    done["parts"] = MappingProxyType({role: part_of(where, role, p, known_sources) for role, p in given_parts.items()})
    rows = table_of(where, "value", top["value"], NUMBERS + TEXTS + FLAGS, ())
    values = {key: value_of(where, key, row, known_sources) for key, row in rows.items()}
    given = top.get("reading", [])
    if not isinstance(given, list):
        refuse_wrong_type(where, "reading", given, "a list of tables [[reading]]")
    readings = tuple(reading_of(where, row, known_sources) for row in given)
    if bool(readings) != bool(done["chosen"]):
        refuse_unexplained_choice(where)
    return Record(**done, values=MappingProxyType(values), readings=readings)
