"""Order books in: CSV, JSONL, Parquet and XLSX, in chunks. One bad row never stops a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.catalog.chips import catalog
from headgate.decide.chunk import Chunk
from headgate.decide.columns import read_cell
from headgate.decide.given_file import check_given, steady
from headgate.decide.mapping.layout import Layout
from headgate.decide.read_csv import csv_chunks
from headgate.decide.read_jsonl import jsonl_chunks
from headgate.decide.read_parquet import parquet_chunks
from headgate.decide.read_xlsx import xlsx_chunks
from headgate.decide.workbook.lines import as_lines
from headgate.errors import RowError, UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.catalog.record import Record

KINDS = (".csv", ".jsonl", ".parquet", ".xlsx")
# These have numbers of their own; a Parquet column says itself whether it is text.
TYPED = (".jsonl", ".xlsx")


def read_chunks(path: Path, layout: Layout) -> Iterator[Chunk]:
    """Read an order book chunk by chunk.

    Args:
        path: The file; its ending tells the format.
        layout: Where the table is, and how its columns become ours.

    Raises:
        UsageError: The file is missing, empty, of another format, or its heading cannot be used.
    """
    check_given(path, KINDS)
    for chunk in as_lines(path, steady(path, raw_chunks(path, layout)), layout):
        yield layout.apply(chunk, typed=path.suffix.casefold() in TYPED)


def raw_chunks(path: Path, layout: Layout) -> Iterator[Chunk]:
    """Read the rows under the file's own headings."""
    kind = path.suffix.casefold()
    if kind == ".xlsx":
        return xlsx_chunks(path, layout.sheet, layout.heading_row)
    if kind == ".csv":
        return csv_chunks(path, layout.separator, layout.encoding, layout.heading_row or 1)
    if kind == ".parquet":
        return parquet_chunks(path)
    # A line of JSON leaves out what is blank, also the name of the line, unless a map makes that of something else.
    return jsonl_chunks(path, () if "line_id" in layout.made() else ("line_id",))


def own_items(path: str) -> dict[str, Record]:
    """Read the user's own parts: a CSV or a workbook with `item` (the part number) and measure columns.

    Returns:
        Part number, casefolded, to record.

    Raises:
        UsageError: The file cannot be used; the message names the row.
    """
    from headgate.decide.item import COLUMNS as ITEM_COLUMNS
    from headgate.decide.own_parts import own_record

    parts: dict[str, Record] = {}
    rows = 0
    for chunk in _parts(path):
        unknown = [c for c in chunk.frame.columns if c not in ITEM_COLUMNS]
        if "item" not in chunk.frame.columns or unknown:
            near = did_you_mean(unknown[0], ITEM_COLUMNS) if unknown else ""
            raise UsageError(
                f"--items {path}: columns are item and any of {', '.join(ITEM_COLUMNS[1:])}"
                + (f"; not {unknown[0]!r}.{near}" if unknown else "; item is missing")
            )
        for n, row in enumerate(chunk.frame.iter_rows(named=True)):
            rows += 1
            try:
                if n in chunk.broken:
                    raise RowError(chunk.broken[n])
                cells = {c: read_cell(c, v) for c, v in row.items()}
                if cells["item"] is None:
                    raise RowError("item is blank; give the part number")
                name = str(cells["item"])
                if name.casefold() in parts:
                    raise RowError(f"item {name!r} is listed twice")
                if name.casefold() in catalog().ids():
                    raise RowError(
                        f"item {name!r} is in the catalog; choose another part number, or state measures in the orders"
                    )
                parts[name.casefold()] = own_record(name, cells)
            except RowError as problem:
                raise UsageError(f"--items {path}, row {rows}: {problem}") from None
    return parts


def _parts(path: str) -> Iterator[Chunk]:
    if not Path(path).is_file():
        raise UsageError(f"--items {path}: no such file")
    return xlsx_chunks(Path(path), option="") if path.casefold().endswith(".xlsx") else csv_chunks(Path(path))
