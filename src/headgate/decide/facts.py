"""Who, where and for what: from the read cells of a row to the fields of the law. A blank cell stays unknown."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import cast

from headgate.decide.cell import Cell
from headgate.decide.columns import CLEAN, CLEAN_AT_DESTINATION, CLEAN_FOR, CLEAN_UNLESS, COLUMNS, read_cell
from headgate.decide.consignment import SUMS
from headgate.errors import RowError, UsageError, did_you_mean
from headgate.expr.value import Value
from headgate.law.fields import ANSWERS, FIELDS, FieldInfo

ITEM_FIELDS = (
    "item.id",
    "item.kind",
    "item.commodity",
    "item.is_described",
    "item.is_planar",
    "item.is_nonplanar",
    "item.designer_countries",
)
# The fields a row states directly; those of the item come from `item.py`, the sums from `consignment.py`.
DIRECT = (
    *(f for f in FIELDS if not f.name.startswith("ic.") and f.name not in (*ITEM_FIELDS, *SUMS)),
    *ANSWERS,
)
PLACE = {column: n for n, column in enumerate(COLUMNS)}


def field_value(info: FieldInfo, cell: Cell) -> Value:
    """Return what a cell says about one field."""
    return None if cell is None else reader(info)(cell)


def reader(info: FieldInfo) -> Callable[[Cell], Value]:
    """Return what makes the value of a field of a cell that is stated."""
    if info.name.startswith("use."):
        use = info.name.removeprefix("use.")
        return lambda cell: use in cast("tuple[str, ...]", cell)
    if info.name.startswith("party.is_one_"):
        return lambda cell: len(cast("tuple[str, ...]", cell)) == 1
    if info.kind == "codes":
        return lambda cell: frozenset(cell if isinstance(cell, tuple) else (str(cell),))
    return lambda cell: cast("Value", cell)


READERS = {
    column: tuple((f.name, reader(f)) for f in DIRECT if f.column == column) for column in {f.column for f in DIRECT}
}


def row_facts(cells: Mapping[str, Cell]) -> dict[str, Value]:
    """Return the direct fields that a row states.

    Example:
        >>> row_facts({"end_use": ("civil",), "is_denied": False})["use.wmd"]
        False
    """
    return {
        name: read(cell) for column, cell in cells.items() if cell is not None for name, read in READERS.get(column, ())
    }


def stated_facts(assume: str | None, stated: Mapping[str, object] | None) -> dict[str, Cell]:
    """Return the facts of `--assume` and `--set`, read like cells; `--set` wins.

    Raises:
        UsageError: An unknown assumption or column, or a value that cannot be read.

    Example:
        >>> stated_facts("clean", {"end_use": "supercomputer"})["end_use"]
        ('supercomputer',)
    """
    if assume not in (None, "", "clean"):
        raise UsageError(f"--assume {assume}: the only assumption is `clean`")
    facts: dict[str, Cell] = dict(CLEAN) if assume else {}
    for column, value in (stated or {}).items():
        if column not in COLUMNS or column == "line_id":
            raise UsageError(
                f"--set {column}: no such column of a transaction.{did_you_mean(column, COLUMNS)} "
                "`headgate decide --columns` lists them"
            )
        try:
            facts[column] = read_cell(column, value)
        except RowError as problem:
            raise UsageError(f"--set {problem}") from None
    return facts


def parse_set(pairs: Iterable[str], option: str = "--set") -> dict[str, str]:
    """Split `field=value` pairs.

    Raises:
        UsageError: A pair without `=`, or a field stated twice.

    Example:
        >>> parse_set(["hq_country=SG"])
        {'hq_country': 'SG'}
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"{option} {pair}: write it as field=value, as in `{option} {name.strip()}=...`")
        if name.strip() in found:
            raise UsageError(f"{option} {name.strip()} is given twice")
        found[name.strip()] = value
    return found


def lay_under(
    cells: dict[str, Cell], stated: Mapping[str, Cell], at_destination: bool
) -> tuple[dict[str, Cell], tuple[str, ...]]:
    """Fill blank cells with stated facts; return the filled row and what was filled.

    Args:
        cells: The row's own cells, with its answers.
        stated: Column to fact, from `stated_facts`.
        at_destination: State headquarters and ultimate parent in the destination where blank.
    """
    filled, assumed = dict(cells), []
    facts = dict(stated)
    if at_destination and cells.get("destination", stated.get("destination")) is not None:
        place = str(cells.get("destination") or stated["destination"])
        facts = {**dict.fromkeys(CLEAN_AT_DESTINATION, cast("Cell", (place,))), **facts}
    activity = cells.get("activity", stated.get("activity"))
    for column, fact in facts.items():
        clean = at_destination and fact == CLEAN.get(column)
        if clean and column in CLEAN_FOR and activity not in CLEAN_FOR[column]:
            continue
        if clean and cells.get(CLEAN_UNLESS.get(column, "")) is True:
            continue
        if cells.get(column) is None and fact is not None:
            filled[column] = fact
            assumed.append(column)
    return filled, tuple(sorted(assumed, key=PLACE.__getitem__))


def check_route(cells: Mapping[str, Cell]) -> None:
    """Refuse an in-country transfer that leaves the country.

    Raises:
        RowError: The two countries are stated and differ.
    """
    start, end = cells.get("ship_from"), cells.get("destination")
    if cells.get("activity") == "transfer" and None not in (start, end) and start != end:
        raise RowError(
            f"activity: a transfer is in-country, and this line goes from {start} to {end}; state export or reexport"
        )


def check_day(cells: Mapping[str, Cell], begins: date) -> date:
    """Return the law day of a row.

    Raises:
        RowError: There is no event date, or it lies before the first day of the book.
    """
    event = cells.get("event_date")
    if event is None:
        raise RowError("event_date is blank; the law depends on the day, so state it as YYYY-MM-DD")
    assert isinstance(event, date)
    if event < begins:
        raise RowError(f"event_date {event} lies before {begins}, the first day this book answers for")
    return event
