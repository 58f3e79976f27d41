"""The columns of a transaction: a closed list, and how a cell of each is read. Blank is unknown, never a default."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headgate.decide.cell import READERS, Cell, read_code, read_items
from headgate.decide.unseen import is_invisible, unseen
from headgate.errors import CatalogError, RowError, UsageError, did_you_mean
from headgate.law.fields import CERTIFICATIONS, USES
from headgate.law.measures import BITS


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    Args:
        name: As in the file's heading.
        kind: How its cells are read; a key of `READERS`, or `code` with `values`.
        note: One line for people.
        values: The allowed codes.
    """

    name: str
    kind: str
    note: str
    values: tuple[str, ...] = ()


RATES = tuple(BITS)
_NOTES = {
    "line_id": ("text", "name of the line, unique in the file"),
    "activity": (
        "code",
        "what is done; `transfer` is in-country",
        "export reexport transfer deemed_export cloud_access use service",
    ),
    "event_date": ("day", "the law day"),
    "order_date": ("day", "for savings clauses"),
    "loaded_date": ("day", "for savings clauses"),
    "item": ("text", "catalog id, alias or maker's part number"),
    "item_kind": ("code", "known from the catalog when `item` is", "ic computer hbm software technology model_weights"),
    "contains": ("ids", "catalog ids of the circuits inside, `;` between; complete when stated, never summed"),
    "maker": ("text", "known from the catalog when `item` is"),
    "stated_eccn": ("text", "what the papers say; never decides"),
    "quantity": ("number", "units"),
    "unit_price_usd": ("number", "USD a unit"),
    "ship_from": ("country", "ISO 3166 alpha-2 code or English name"),
    "destination": ("country", "ISO 3166 alpha-2 code or English name; Hong Kong counts as China"),
    "in_occupied_region": ("yesno", "asked for Ukraine only: Crimea, or the occupied parts of Donetsk and Luhansk"),
    "consignee": ("text", "name; decides nothing"),
    "intermediate_consignee": ("text", "name; decides nothing"),
    "end_user": ("text", "name; decides nothing"),
    "hq_country": ("countries", "headquarters of the parties, `;` between"),
    "ultimate_parent_hq_country": ("countries", "headquarters of their ultimate parents, `;` between"),
    "listed_owner_share": ("share", "0 to 1: held by listed parties together, the worst party's"),
    "is_entity_listed": ("yesno", "any party on the Entity List"),
    "entity_listed_on": ("day", "day on which the party was put on the Entity List, for savings clauses"),
    "is_meu_listed": ("yesno", "any party on the Military End-User List"),
    "is_unverified": ("yesno", "any party on the Unverified List"),
    "is_denied": ("yesno", "any party denied export privileges or blocked"),
    "is_uae_approved": ("yesno", "UAE government or a party of supplement 8 to part 740"),
    "end_use": ("uses", "any of the uses, `;` between; complete when stated", " ".join(USES)),
    "is_datacenter": ("yesno", "designed or marketed for data centers"),
    **{
        c: ("number", f"dense rate in {'TOPS' if c.endswith('tops') else 'TFLOPS'}; 0 when not supported")
        for c in RATES
    },
    "tpp": ("number", "total processing performance"),
    "performance_density": ("number", "TPP/mm2 of non-planar logic"),
    "die_area_mm2": ("number", "area of non-planar logic dies; 0 states that there is none"),
    "dram_bandwidth_gb_per_s": ("number", "GB/s, all memory of the package"),
    "io_bandwidth_gb_per_s": ("number", "GB/s, both directions, memory apart: scale-up link and PCIe"),
    "hbm_density_gb_per_s_mm2": ("number", "GB/s/mm2"),
    "transistors_bn": ("number", "billions, over all dies of the final package"),
    "has_hbm": ("yesno", "holds high-bandwidth memory"),
    "node_nm": ("number", "nm"),
    "exporter_role": ("code", "for the foundry rule", "foundry osat other"),
    "designer_hq_country": ("country", "headquarters of the designer"),
    "designer_status": ("code", "for the foundry rule", "approved authorized none"),
    "packager_status": ("code", "for the foundry rule", "approved authorized none"),
    "designer_application_days": ("number", "for the foundry rule: days since the designer applied for approval"),
    "fabricator_packages_in": ("country", "for the foundry rule: where the fabricator itself packages the die"),
    "made_in": ("country", "where the item is made; for what is not of US origin"),
    "is_us_direct_product": ("yesno", "the direct product of listed US technology or software, or of such a plant"),
    "us_content_share": ("share", "0 to 1: controlled US content by value, de minimis rule"),
    "known_violation": ("yesno", "it is known that a violation of the EAR stands behind the item; for use and service"),
    "us_available_2026_01_15": ("yesno", "commercially available in the US on that day"),
    **{c: ("yesno", words) for c, words in CERTIFICATIONS.items()},
    "us_import": ("yesno", "imported into the United States; the duty is asked only then"),
    "us_import_use": (
        "code",
        "use after import",
        "none us_data_center us_repair us_research us_startup consumer civil_industrial public_sector",
    ),
    "training_operations": ("number", "operations"),
    "weights_published": ("yesno", "the model's weights are published"),
    "is_below_published_model": ("yesno", "fewer operations than the most capable published model took"),
    "is_finetune_of_published": ("yesno", "a fine-tune of a published model"),
    "added_operations": ("number", "operations of the fine-tuning alone"),
    "added_operations_share": ("number", "the same as a share of the original operations"),
    "cloud_customer_hq_country": ("country", "headquarters of the cloud customer"),
    "license_number": ("text", "license held"),
    "nac_number": ("text", "NAC number held"),
    "nac_filed_date": ("day", "day on which the NAC notification was filed"),
    "veu_number": ("text", "validated end user number"),
    "veu_type": ("code", "kind of validated end user", "data_center universal national"),
    "veu_country_tpp": ("number", "TPP that the validated end user has in this country, this line included"),
    "veu_country_share": ("share", "0 to 1: the part of its TPP that the validated end user has in this country"),
    "lpp_tpp_this_year": ("number", "TPP the ultimate consignee got under LPP this calendar year, this line apart"),
    "allocation_tpp_used": ("number", "TPP licensed so far against the country allocation, this line apart"),
    "is_location_verified": ("yesno", "the item reports where it is; read by bills on trial only"),
    "is_trusted_operator": ("yesno", "a trusted US operator abroad; read by bills on trial only"),
}
COLUMNS: dict[str, Column] = {
    name: Column(name, spec[0], spec[1], tuple(spec[2].split()) if len(spec) > 2 else ())
    for name, spec in _NOTES.items()
}
MEASURES = (*RATES, "tpp", "performance_density", "die_area_mm2", "dram_bandwidth_gb_per_s", "io_bandwidth_gb_per_s")
# What `--assume clean` states; headquarters and parent are stated as the destination.
CLEAN: dict[str, Cell] = {
    "is_entity_listed": False,
    "is_meu_listed": False,
    "is_unverified": False,
    "is_denied": False,
    "is_uae_approved": False,
    "listed_owner_share": 0.0,
    "end_use": ("civil",),
    "exporter_role": "other",
    "known_violation": False,
}
# A fact that is stated only for these activities, because no other turns on it.
CLEAN_FOR = {"known_violation": ("use", "service")}
MOST_CELL, MOST_SHOWN = 10_000, 80  # characters of a cell that is read, and of one that a message quotes
# A clean fact that is not stated where this answer says yes: it would say the contrary.
CLEAN_UNLESS = {"listed_owner_share": "has_listed_owner"}
CLEAN_AT_DESTINATION = ("hq_country", "ultimate_parent_hq_country")


def check_columns(names: Iterable[str], carried: Iterable[str] = ()) -> None:
    """Refuse a column that is neither known nor carried.

    Raises:
        UsageError: An unknown column; the message gives near names and how to pass it through.
    """
    strange = [name for name in names if name not in COLUMNS and name not in carried]
    for name in strange:
        if "sparse" in name.casefold():
            raise UsageError(
                f"column {name!r} is refused: only dense rates count (technical notes to 3A090). A rate with 2:4 "
                f"sparsity is "
                "twice the dense one; state the dense rate in a dense_... column, or pass this one through with --carry"
            )
        more = f", nor are {len(strange) - 1} others" if len(strange) > 1 else ""
        raise UsageError(
            f"column {name!r} is not a column of a transaction{more}.{did_you_mean(name, COLUMNS)}{_named(name)} "
            f"`headgate decide --columns` lists them. Pass it through untouched with --carry {name!r} (or "
            "--carry-rest), or say in a map what it is: under [columns], carry or ignore (`headgate map suggest` "
            "writes a draft)"
        )


def _named(name: str) -> str:
    found = unseen(name)
    return f"{found}." if found else ""


def carried_columns(
    names: list[str], carry: Iterable[str], carry_rest: bool, own: Sequence[str] | None = None
) -> list[str]:
    """Return the columns to pass through, in the file's order.

    Args:
        names: The columns as a map left them.
        carry: Headings of the file to pass through.
        carry_rest: Pass every heading of the file through, and what a map made of it.
        own: The file's headings; None when no map changed them.

    Raises:
        UsageError: A column to carry is not there, or one that is neither known nor carried is.
    """
    wanted, theirs = set(carry), names if own is None else own
    for name in wanted:
        if name not in theirs:
            raise UsageError(f"--carry {name}: the file has no such column.{did_you_mean(name, theirs)}")
    if carry_rest:
        return [n for n in dict.fromkeys((*theirs, *names)) if n != "line_id"]
    check_columns(names, wanted)
    return [n for n in theirs if n in wanted and n != "line_id"]


def read_cell(column: str, value: object) -> Cell:
    """Read one cell; blank, None and a missing column are all None.

    Raises:
        RowError: The cell cannot be read; the message says which column, what stands there, and what to write.

    Example:
        >>> read_cell("destination", "Hong Kong"), read_cell("is_denied", "no"), read_cell("tpp", " ")
        ('CN', False, None)
    """
    return read_as(COLUMNS[column], value)


def read_as(spec: Column, value: object) -> Cell:
    """Read one cell the way its column says; see `read_cell`."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and len(value) > MOST_CELL:
        raise RowError(
            f"{spec.name}: the cell holds {len(value):,} characters, beginning {value.strip()[:20]!r}; "
            f"a fact has at most {MOST_CELL:,}. Look for a quote that is not closed"
        )
    if isinstance(value, str) and is_invisible(value):
        told = f"{value.strip()!r} shows nothing; leave the cell blank if it is unknown."
        raise RowError(f"{spec.name}: {told}{unseen(value)}")
    try:
        if spec.kind == "code":
            return read_code(value, spec.values)
        if spec.kind == "uses":
            return tuple(read_code(v, spec.values) for v in read_items(value)) or None
        return READERS[spec.kind](value)
    except (ValueError, CatalogError) as problem:
        raise RowError(f"{spec.name}: {_briefly(str(problem), value)}") from None


def _briefly(told: str, value: object) -> str:
    """Return what is wrong with a cell, with a long one cut, and what is not seen in it named."""
    if not isinstance(value, str):
        return told
    text = value.strip()
    if len(text) > MOST_SHOWN:
        told = told.replace(repr(text), f"{text[:MOST_SHOWN]!r}...")
    found = unseen(text)
    return f"{told}{'' if told.endswith(('.', '?')) else '.'}{found}" if found else told


def written(value: Cell) -> str:
    """Write a cell the way a file states it.

    Example:
        >>> written(False), written(("CN", "HK")), written(0.0)
        ('no', 'CN;HK', '0')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
