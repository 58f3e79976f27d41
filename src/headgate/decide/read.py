"""Order books in: CSV, JSONL and Parquet, in chunks. One bad row never stops a file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.catalog.chips import catalog
from headgate.decide.chunk import Chunk
from headgate.decide.columns import COLUMNS, read_cell
from headgate.decide.mapping.layout import Layout
from headgate.decide.read_csv import CHUNK_ROWS, check_heading, csv_chunks
from headgate.decide.read_xlsx import xlsx_chunks
from headgate.errors import RowError, UsageError, did_you_mean

if TYPE_CHECKING:
    from polars import DataFrame

    from headgate.catalog.record import Record

JSON_CHUNK_ROWS = 50_000
KINDS = (".csv", ".jsonl", ".parquet", ".xlsx")


def read_chunks(path: Path, layout: Layout) -> Iterator[Chunk]:
    """Read an order book chunk by chunk.

    Args:
        path: The file; its ending tells the format.
        layout: Where the table is, and how its columns become ours.

    Raises:
        UsageError: The file is missing, empty, of another format, or its heading cannot be used.
    """
    if path.suffix.casefold() not in KINDS:
        raise UsageError(f"{path}: files end in {', '.join(KINDS)}; save the book as one of these")
    if path.is_dir():
        raise UsageError(f"{path}: this is a folder; name the file in it")
    if not path.is_file():
        raise UsageError(f"{path}: no such file. Check the path; `headgate decide --help` shows an example")
    if path.stat().st_size == 0:
        raise UsageError(
            f"{path}: the file is empty; it needs a heading with the columns of a transaction and one row a line"
        )
    for chunk in _raw(path, layout):
        yield layout.apply(chunk)


def _raw(path: Path, layout: Layout) -> Iterator[Chunk]:
    """Read the rows under the file's own headings."""
    kind = path.suffix.casefold()
    if kind == ".xlsx":
        return xlsx_chunks(path, layout.sheet, layout.heading_row)
    readers = {".csv": csv_chunks, ".jsonl": _jsonl, ".parquet": _parquet}
    return readers[kind](path)


def read_map(path: str | None) -> Layout:
    """Read a file that renames headings: a table `[columns]` of `"their heading" = "our column"`.

    Raises:
        UsageError: The file cannot be read, or names a column that a transaction does not have.
    """
    if path is None:
        return Layout()
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError(f"--map {path}: {problem}") from None
    if set(found) != {"columns"} or not isinstance(found["columns"], dict):
        raise UsageError(f'--map {path}: write one table, [columns], of "their heading" = "our column"')
    for theirs, ours in found["columns"].items():
        if ours not in COLUMNS:
            raise UsageError(f"--map {path}: {theirs!r} = {ours!r} names no column.{did_you_mean(str(ours), COLUMNS)}")
    if len(set(found["columns"].values())) < len(found["columns"]):
        raise UsageError(f"--map {path}: two headings become the same column; keep one")
    return Layout(name=path, columns=dict(found["columns"]))


def own_items(path: str) -> dict[str, Record]:
    """Read the user's own parts: a CSV with `item` (the part number) and measure columns.

    Returns:
        Part number, casefolded, to record.

    Raises:
        UsageError: The file cannot be used; the message names the row.
    """
    from headgate.decide.item import COLUMNS as ITEM_COLUMNS
    from headgate.decide.own_parts import own_record

    parts: dict[str, Record] = {}
    rows = 0
    for chunk in csv_chunks(_existing(path)):
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


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise UsageError(f"--items {path}: no such file")
    return Path(path)


def _jsonl(path: Path) -> Iterator[Chunk]:
    rows: list[dict[str, str | None]] = []
    broken: dict[int, str] = {}
    names: dict[str, None] = {"line_id": None}
    with path.open("rb") as file:
        for raw in file:
            line = raw.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            try:
                found = json.loads(line, object_pairs_hook=once)
                if not isinstance(found, dict):
                    raise ValueError("it is no object")
                if b"\\ud" in line.lower():
                    json.dumps(found, ensure_ascii=False).encode()
            except (ValueError, RecursionError) as problem:
                broken[len(rows)] = f"the line is no JSON object: {problem}"
                found = {}
            rows.append({k: json_text(v) for k, v in found.items()})
            names.update(dict.fromkeys(found))
            if len(rows) >= JSON_CHUNK_ROWS:
                yield Chunk(_json_frame(names, rows), broken)
                rows, broken = [], {}
    yield Chunk(_json_frame(names, rows), broken)


def _json_frame(names: Mapping[str, None], rows: list[dict[str, str | None]]) -> DataFrame:
    import polars as pl

    return pl.DataFrame([pl.Series(n, [r.get(n) for r in rows], dtype=pl.String) for n in names])


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a name that stands twice is refused, because one of the two would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def json_text(value: Any) -> str | None:
    """Write a JSON value the way a CSV cell would hold it.

    Example:
        >>> json_text(True), json_text(4800.0), json_text(["CN", "HK"]), json_text(None)
        ('yes', '4800', 'CN;HK', None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(json_text(v) or "" for v in value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _parquet(path: Path) -> Iterator[Chunk]:
    import polars as pl

    try:
        scan = pl.scan_parquet(path)
        height = int(scan.select(pl.len()).collect().item())
        check_heading(path, scan.collect_schema().names())
        for start in range(0, max(height, 1), CHUNK_ROWS):
            yield Chunk(scan.slice(start, CHUNK_ROWS).collect(), {})
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise UsageError(f"{path}: the Parquet file cannot be read: {problem}") from None
