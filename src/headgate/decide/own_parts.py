"""The user's own parts, as records beside those of the catalog."""

from collections.abc import Mapping
from typing import cast

from headgate.catalog.record import Record, Value
from headgate.decide.cell import Cell
from headgate.decide.circuit import USER
from headgate.decide.columns import MEASURES


def own_record(part_number: str, cells: Mapping[str, Cell]) -> Record:
    """Make a record of the user's own part from read cells."""
    values = {
        key: Value(cast("float | bool", cell), ("the user's own list",), USER)
        for key, cell in cells.items()
        if cell is not None and key in (*MEASURES, "is_datacenter")
    }
    return Record(
        id=part_number,
        name=part_number,
        maker=str(cells.get("maker") or ""),
        maker_country=str(cells.get("designer_hq_country") or ""),
        kind=str(cells.get("item_kind") or ("computer" if cells.get("contains") else "ic")),
        aliases=(),
        contains=cast("tuple[str, ...]", cells.get("contains") or ()),
        same_as="",
        announced=None,
        released=None,
        status="",
        note="",
        chosen="",
        values=values,
        readings=(),
    )
