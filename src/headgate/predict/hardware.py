"""Find a machine by name, chip, path or row of a table of runs, and compose it from its records."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from headgate.catalog import record as records
from headgate.catalog.chips import DATA, catalog, normalized
from headgate.catalog.record import Record, Value
from headgate.errors import CatalogError, UsageError, did_you_mean
from headgate.machine.hardware import Machine
from headgate.predict import compose
from headgate.predict.compose import composed

OWN = ("the user's own file",)
# What a part is, not what it does: halving a part leaves these alone.
FORM = (*records.SIZES[1:], "die_area_mm2", "pcie_generation")
MEASURED = ("training_runs", "serving_runs")


@cache
def _usual() -> Mapping[str, tuple[str, str]]:
    """Return the machine that each chip or short name stands for, and that name as written, by normalized name."""
    found: dict[str, tuple[str, str]] = {}
    for record in catalog().records():
        for name in record.usual_for:
            other, _ = found.setdefault(normalized(name), (record.id, name))
            if other != record.id:
                raise CatalogError(f"{record.id}.toml: usual_for: {name!r} also stands in {other}. Remove one of them.")
    return MappingProxyType(found)


@cache
def _measured_names() -> frozenset[str]:
    """Return the ids of the chips in the tables of runs and, where a row has none, their labels, normalized."""
    found = set()
    for name in MEASURED:
        with (DATA / "measured" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            found |= {normalized(row["chip_id"] or row["chip"]) for row in csv.DictReader(lines)}
    return frozenset(found)


def is_measured(chip: Record) -> bool:
    """Say whether at least one run of a chip stands in the tables of measured runs.

    Example:
        >>> [is_measured(catalog().get(i)) for i in ("nvidia-h100-sxm", "nvidia-rubin-vr200")]
        [True, False]
    """
    names = (chip.id, chip.same_as or chip.id, *chip.aliases)
    return not _measured_names().isdisjoint(normalized(name) for name in names)


def _named(name: str) -> tuple[Record | None, Record]:
    """Return the machine that a name means, or None, and its chip; a chip's name means its usual machine."""
    known = catalog()
    # An exact id of a machine is looked up alone, without reading the whole catalog.
    if (DATA / "machines" / f"{name}.toml").is_file() and (found := known.get(name)).kind == "computer":
        return found, known.get(found.contains[0])
    usual = _usual().get(normalized(name))
    if usual is None:
        found = known.find(name)
        if found.kind == "computer":
            return found, known.get(found.contains[0])
        usual = _usual().get(normalized(found.id))
        if usual is None:
            return None, found
    home, written = known.get(usual[0]), usual[1]
    chip = known.get(written if written in known.ids() else home.contains[0])
    # Who asks for a chip gets a plain node of it where the figures of its machine do not suffice.
    return (None if compose.machine_gaps(home, known.get) else home), chip


def _with_chip(machine: Record | None, chip: Record) -> tuple[Record, tuple[str, ...]]:
    """Return the machine with a chip in it, or a plain node when there is none, and what was assumed."""
    if machine is not None and {chip.id, chip.same_as} & {*machine.contains}:
        return machine, ()
    if machine is not None:
        values = {k: v for k, v in machine.values.items() if k not in ("price_usd", "power_kw")}
        name = f"{machine.name}, with {chip.name}"
        parts = MappingProxyType({role: p for role, p in machine.parts.items() if role != "accelerator"})
        own = replace(machine, name=name, contains=(chip.id,), values=MappingProxyType(values), parts=parts)
        return own, (f"the node of {machine.name} with {chip.name}; its power and price are unknown",)
    link = (chip.number("scale_up_bandwidth_gb_per_s") or 0.0) / 2.0 or compose.pcie_bytes_per_s(chip) / 1e9
    figures = {
        "accelerators_count": float(compose.PLAIN_CHIPS),
        "scale_up_bandwidth_each_direction_gb_per_s": link or compose.LANE_BYTES_PER_S[4] * 16 / 1e9,
        "scaleout_nic_gbit_per_s": compose.PLAIN_NIC_GBIT_PER_S,
    }
    values = {key: Value(v, ("assumed",), "unverified") for key, v in figures.items()}
    plain = Record(
        id=f"{chip.id}-x{compose.PLAIN_CHIPS}",
        name=f"{compose.PLAIN_CHIPS} x {chip.name}",
        maker=chip.maker,
        maker_country=chip.maker_country,
        kind="computer",
        aliases=(),
        contains=(chip.id,),
        same_as="",
        announced=None,
        released=None,
        status="assumed",
        note="",
        chosen="",
        values=MappingProxyType(values),
        readings=(),
    )
    through = "its own link" if chip.number("scale_up_bandwidth_gb_per_s") else "PCIe" if link else "16 lanes of PCIe 4"
    card = f"one card of {compose.PLAIN_NIC_GBIT_PER_S:g} Gb/s for each"
    return plain, (f"{plain.name} joined by {through}, with {card}: no machine of it is on record",)


def machine(name: str) -> Machine:
    """Compose the machine that a name means.

    Args:
        name: Id, alias or name of a machine; a chip, by id, alias or short name, for the machine it usually stands in;
            or the path of a TOML file of one's own, which ends in `.toml`.

    Raises:
        CatalogError: Nothing has this name (near names are given), it fits several, or a figure is unknown.
        UsageError: There is no such file.

    Example:
        >>> machine("h20").id, machine("h20").domain_chips, machine("ascend-910c").id
        ('hgx-h20-8', 8, 'cloudmatrix-384')
    """
    return own_machine(Path(name)) if name.endswith(".toml") else _machine(name)


@cache
def _machine(name: str) -> Machine:
    record, chip = _named(name)
    full, assumed = _with_chip(record, chip)
    return composed(full, catalog().get, is_measured(chip), assumed)


def machines() -> tuple[str, ...]:
    """Return the ids of the machines that can be composed, sorted.

    Example:
        >>> "vera-rubin-nvl72" in machines(), "rubin-ultra-nvl144-kyber" in machines()
        (True, False)
    """
    gaps = machine_gaps()
    return tuple(r.id for r in catalog().records() if r.kind == "computer" and r.id not in gaps)


def machine_gaps() -> Mapping[str, tuple[str, ...]]:
    """Return the machines that cannot be composed, each with the figures that no record knows.

    Example:
        >>> machine_gaps()["trn3-ultraserver-gen2"]
        ('trn3-ultraserver-gen2: scaleout_nic_gbit_per_s',)
    """
    known = catalog()
    computers = [r for r in known.records() if r.kind == "computer"]
    gaps = {r.id: compose.machine_gaps(r, known.get) for r in computers}
    return MappingProxyType({record_id: missing for record_id, missing in gaps.items() if missing})


def machine_for_row(row: Mapping[str, str]) -> Machine:
    """Compose the machine of one row of a table of runs.

    Args:
        row: `chip_id` or, when that is blank or unknown, `chip`, name the chip; `scaleup_domain` (chips) and
            `nic_gbps_per_chip`, where stated, replace those of its usual machine. Other columns are ignored.

    Raises:
        UsageError: No chip is named, or a number is not one.
        CatalogError: The chip is not known, or its record lacks a figure.

    Example:
        >>> machine_for_row({"chip": "GB200", "nic_gbps_per_chip": "400"}).domain_chips
        72
    """
    chip_id, label = (str(row.get(key) or "").strip() for key in ("chip_id", "chip"))
    if not chip_id and not label:
        raise UsageError("The row names no chip: `chip_id` and `chip` are blank. Give one of them, as nvidia-h100-sxm")
    found = machine(chip_id if chip_id in catalog().ids() or not label else label)
    domain, card = _stated(row, "scaleup_domain", whole=True), _stated(row, "nic_gbps_per_chip")
    if domain and int(domain) != found.domain_chips:
        unknown, share = float("nan"), domain / found.domain_chips
        found = replace(
            found, domain_chips=int(domain), domain_watts=found.domain_watts * share, domain_price_usd=unknown
        )
    if card:
        out = replace(found.scale_out, bytes_per_s=card * compose.GBIT)
        found = replace(found, scale_out=out)
    return found


def _stated(row: Mapping[str, str], key: str, whole: bool = False) -> float:
    """Return a number over 0 of a row, or 0 when the cell is blank."""
    text = str(row.get(key) or "").strip()
    if not text:
        return 0.0
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 < number < float("inf") or (whole and number != int(number)):
        wanted = "a whole number over 0" if whole else "a number over 0"
        raise UsageError(f"{key}: {text!r} is not {wanted}. Correct the cell, or leave it blank for the usual one")
    return number


def halved(name: str, role: str) -> Machine:
    """Compose a machine with every figure of one of its parts halved, to see what that part does.

    Args:
        name: Id, alias or name of a machine of the catalog.
        role: `accelerator`, or another role that the machine's record fills with a part.

    Raises:
        UsageError: The record names no part for the role.

    Example:
        >>> whole, half = machine("vera-rubin-nvl72"), halved("vera-rubin-nvl72", "nic")
        >>> half.scale_out.bytes_per_s / whole.scale_out.bytes_per_s, half.scale_up == whole.scale_up
        (0.5, True)
    """
    record, chip = _named(name)
    if record is None:
        raise CatalogError(f"{name!r} is a chip without a machine on record; name a machine.")
    filled = {"accelerator": record.contains[0], **{r: p.id for r, p in record.parts.items()}}
    if role not in filled:
        near = did_you_mean(role, filled) or f" It has {', '.join(filled)}."
        raise UsageError(f"{record.id!r} names no part for {role!r}. Take a role that its record fills.{near}")

    def find(part_id: str) -> Record:
        part = catalog().get(part_id)
        return _half(part) if part_id == filled[role] else part

    return composed(record, find, is_measured(chip), (f"every figure of {filled[role]} is halved",))


def _half(part: Record) -> Record:
    """Return a part with each of its figures halved."""
    numbers = {k: v for k, v in part.values.items() if k in records.NUMBERS and k not in FORM}
    half = {k: replace(v, v=float(v.v) / 2.0) for k, v in numbers.items()}
    return replace(part, values=MappingProxyType({**part.values, **half}))


def own_machine(path: Path) -> Machine:
    """Compose a machine from a TOML file of one's own: a machine, or a chip in a plain node.

    The file is a record as in `data/machines` or `data/chips`; a value may be a plain number, and what only a catalog
    needs may be left out. `contains` names a chip of the catalog, or a file `ID.toml` beside it.

    Raises:
        UsageError: There is no such file.
        CatalogError: The file is not as it must be, or a figure is missing.
    """
    own = _own_record(path)

    def find(record_id: str) -> Record:
        beside = path.parent / f"{record_id}.toml"
        return own if record_id == own.id else _own_record(beside) if beside.is_file() else catalog().find(record_id)

    full, assumed = (own, ()) if own.kind == "computer" else _with_chip(None, own)
    chip = find(full.contains[0])
    return composed(full, find, is_measured(chip), (*assumed, f"figures of {path.name}, unchecked"))


def _own_record(path: Path) -> Record:
    """Read a record of the user's own, with what only a catalog needs filled in."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(
            f"{path}: the file cannot be read: {error.strerror}. Give the path of a machine's TOML file"
        ) from error
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{path.name}: the file is not valid TOML: {error}. Correct it at that place.") from error
    kind = "computer" if "contains" in raw else "ic"
    filled = {"id": path.stem, "name": path.stem, "maker": "own", "maker_country": "ZZ", "kind": kind, "status": "own"}
    values = raw.get("value", {})
    if isinstance(values, dict):
        grounds = {"from": list(OWN), "mark": "unverified"}
        values = {k: v if isinstance(v, dict) else {"v": v, **grounds} for k, v in values.items()}
    return records.record_of({**filled, **raw, "value": values}, path.stem)
