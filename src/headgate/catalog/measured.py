"""Published measurements: tables of training runs, serving runs and kernels, and what each column of them is.

A table is a CSV with a TOML beside it. Cells stay text, a blank stays blank; `number` reads one cell.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from headgate.catalog.chips import DATA
from headgate.catalog.record import table_of, text_of
from headgate.catalog.refusals import refuse_bad_toml, refuse_wrong_type, stop
from headgate.errors import CatalogError, did_you_mean

TABLES = ("training_runs", "serving_runs", "kernel_efficiency")
ROLES = ("id", "model", "machine", "mapping", "measured", "derived", "origin")
KINDS = ("text", "count", "number")
TOP = ("says", "read_on", "key", "note", "sources", "columns")
SOURCE = ("url", "what", "license", "credit")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of measurements.

    Args:
        role: `id`, `model`, `machine`, `mapping`, `measured` (a result), `derived` (worked out), or `origin`.
        kind: `text`, `count` (a whole number), or `number`.
        unit: Unit of a number, or an empty string.
    """

    says: str
    role: str
    kind: str = "text"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows of a table are from, under which license, and whom to credit."""

    url: str
    what: str
    license: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """One table of published measurements.

    Args:
        columns: What each column is, in the order of the file.
        sources: Where the rows are from, by name; each row names its own in `source`.
        rows: Cells by column, as text; blank where the source does not say.
    """

    name: str
    says: str
    read_on: date
    note: str
    columns: Mapping[str, Column]
    sources: Mapping[str, Origin]
    rows: tuple[Mapping[str, str], ...]

    def of_role(self, role: str) -> tuple[str, ...]:
        """Return the names of the columns of one role.

        Example:
            >>> measured("kernel_efficiency").of_role("measured")
            ('median', 'p10', 'p90')
        """
        return tuple(name for name, column in self.columns.items() if column.role == role)


def refuse_unknown_table(name: str) -> NoReturn:
    """Refuse a name that no table of measurements has."""
    near = did_you_mean(name, TABLES) or f" Known are {', '.join(TABLES)}."
    raise CatalogError(f"{name!r} is not a table of measurements.{near}")


def refuse_other_columns(where: str, found: list[str], wanted: list[str]) -> NoReturn:
    """Refuse a table whose header is not what its description says."""
    odd = next((c for c in [*found, *wanted] if (c in found) != (c in wanted)), "their order")
    stop(
        where, "header", f"it differs from the description at {odd}", "Describe each column once, in the file's order."
    )


def refuse_bad_line(where: str, line: int, why: str) -> NoReturn:
    """Refuse one line of a table."""
    stop(where, f"line {line}", why, "Correct the line; a cell that is not known stays blank.")


def number(cell: str) -> float | None:
    """Return the number in a cell, or None when it is blank.

    Raises:
        ValueError: The cell holds something else.

    Example:
        >>> number("2.5"), number("")
        (2.5, None)
    """
    return float(cell) if cell.strip() else None


def read_table(name: str, description: str, lines: list[str]) -> Measured:
    r"""Read a table from the text of its description and the lines of its CSV.

    Args:
        name: Its name, for messages.
        description: Text of the TOML.
        lines: Lines of the CSV, the header first.

    Returns:
        The table, every cell checked against the kind of its column.

    Raises:
        CatalogError: The description or a line is not as it must be; the message says where and why.

    Example:
        >>> about = 'says = "S"\nread_on = 2026-11-22\nkey = "a"\nnote = "N"\n[sources]\n'
        >>> about += '[columns]\na = { role = "id", says = "A" }'
        >>> read_table("t", about, ["a", "1"]).rows[0]["a"]
        '1'
    """
    where = f"{name}.toml"
    try:
        raw = tomllib.loads(description)
    except tomllib.TOMLDecodeError as error:
        refuse_bad_toml(where, error)
    top = table_of(where, "table", raw, TOP, TOP)
    if type(top["read_on"]) is not date:
        refuse_wrong_type(where, "read_on", top["read_on"], "a date, as 2026-11-22")
    columns = {key: _column(where, key, given) for key, given in _parts(where, top, "columns").items()}
    sources = {
        key: Origin(**table_of(where, key, given, SOURCE, ("url", "what")))
        for key, given in _parts(where, top, "sources").items()
    }
    rows = _rows(f"{name}.csv", lines, columns, top["key"])
    return Measured(
        name,
        text_of(where, "says", top["says"]),
        top["read_on"],
        text_of(where, "note", top["note"]),
        MappingProxyType(columns),
        MappingProxyType(sources),
        rows,
    )


def _parts(where: str, top: Mapping[str, object], key: str) -> dict[str, object]:
    given = top[key]
    return given if isinstance(given, dict) else refuse_wrong_type(where, key, given, "a table")


def _column(where: str, key: str, given: object) -> Column:
    column = Column(**table_of(where, key, given, ("says", "role", "kind", "unit"), ("says", "role")))
    if column.role not in ROLES:
        refuse_wrong_type(where, f"{key}: role", column.role, f"one of {', '.join(ROLES)}")
    if column.kind not in KINDS:
        refuse_wrong_type(where, f"{key}: kind", column.kind, f"one of {', '.join(KINDS)}")
    return column


def _rows(where: str, lines: list[str], columns: Mapping[str, Column], key: str) -> tuple[Mapping[str, str], ...]:
    reader = csv.reader(lines)
    header = next(reader, [])
    if header != list(columns):
        refuse_other_columns(where, header, list(columns))
    rows, seen = [], set()
    for line, cells in enumerate(reader, start=2):
        if len(cells) != len(header):
            refuse_bad_line(where, line, f"{len(cells)} cells instead of {len(header)}")
        row = dict(zip(header, cells, strict=True))
        for name, column in columns.items():
            if not _fits(row[name], column.kind):
                refuse_bad_line(where, line, f"{name}: {row[name]!r} is not a {column.kind}")
        if key and (row[key] in seen or not row[key]):
            refuse_bad_line(where, line, f"{key}: {row[key]!r} is blank or was there before")
        seen.add(row.get(key, ""))
        rows.append(MappingProxyType(row))
    return tuple(rows)


def _fits(cell: str, kind: str) -> bool:
    """Say whether a cell is blank or of its column's kind."""
    if kind == "text" or not cell:
        return True
    try:
        value = float(cell)
    except ValueError:
        return False
    return 0 <= value < float("inf") and (kind == "number" or value == int(value))


@cache
def measured(name: str) -> Measured:
    """Return a table of published measurements.

    Args:
        name: `training_runs`, `serving_runs`, or `kernel_efficiency`.

    Returns:
        The table.

    Raises:
        CatalogError: There is no such table, or its file is malformed.

    Example:
        >>> len(measured("training_runs").rows)
        203
    """
    if name not in TABLES:
        refuse_unknown_table(name)
    folder: Path = DATA / "measured"
    text = (folder / f"{name}.toml").read_text("utf-8")
    return read_table(name, text, (folder / f"{name}.csv").read_text("utf-8").splitlines())
