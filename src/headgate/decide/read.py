"""Order books in: CSV, JSONL and Parquet, in chunks. One bad row never stops a file."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from headgate.decide.columns import COLUMNS, read_cell
from headgate.errors import RowError, UsageError, did_you_mean

if TYPE_CHECKING:
    from polars import DataFrame

    from headgate.catalog.record import Record

CHUNK_ROWS = 200_000
JSON_CHUNK_ROWS = 50_000
CHUNK_BYTES = 24_000_000
KINDS = (".csv", ".jsonl", ".parquet")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file.

    Args:
        frame: The rows, in order; a row that could not be read is blank.
        broken: Row number within the chunk, from 0, to what is wrong with that row.
    """

    frame: DataFrame
    broken: dict[int, str]


def read_chunks(path: Path, rename: Mapping[str, str]) -> Iterator[Chunk]:
    """Read an order book chunk by chunk.

    Args:
        path: The file; its ending tells the format.
        rename: The file's heading to ours.

    Raises:
        UsageError: The file is missing, empty, of another format, or its heading cannot be used.
    """
    if path.suffix.casefold() not in KINDS:
        raise UsageError(f"{path}: files end in {', '.join(KINDS)}; save the book as one of these")
    if not path.is_file():
        raise UsageError(f"{path}: no such file. Check the path; `headgate decide --help` shows an example")
    if path.stat().st_size == 0:
        raise UsageError(f"{path}: the file is empty; it needs a heading with the columns of a transaction and one row a line")
    readers = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    for chunk in readers[path.suffix.casefold()](path):
        names = {n: rename[n] for n in chunk.frame.columns if n in rename}
        yield Chunk(chunk.frame.rename(names), chunk.broken)


def read_map(path: str | None) -> dict[str, str]:
    """Read a file that renames headings: a table `[columns]` of `"their heading" = "our column"`.

    Raises:
        UsageError: The file cannot be read, or names a column that a transaction does not have.
    """
    if path is None:
        return {}
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError(f"--map {path}: {problem}") from None
    if set(found) != {"columns"}:
        raise UsageError(f"--map {path}: write one table, [columns], of \"their heading\" = \"our column\"")
    for theirs, ours in found["columns"].items():
        if ours not in COLUMNS:
            raise UsageError(f"--map {path}: {theirs!r} = {ours!r} names no column.{did_you_mean(str(ours), COLUMNS)}")
    return dict(found["columns"])


def own_items(path: str) -> dict[str, Record]:
    """Read the user's own parts: a CSV with `item` (the part number) and measure columns.

    Returns:
        Part number, casefolded, to record.

    Raises:
        UsageError: The file cannot be used; the message names the row.
    """
    from headgate.decide.item import COLUMNS as ITEM_COLUMNS
    from headgate.decide.item import own_record

    parts: dict[str, Record] = {}
    rows = 0
    for chunk in _csv(_existing(path)):
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
                parts[name.casefold()] = own_record(name, cells)
            except RowError as problem:
                raise UsageError(f"--items {path}, row {rows}: {problem}") from None
    return parts


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise UsageError(f"--items {path}: no such file")
    return Path(path)


def _frame(header: list[str], rows: Iterable[list[str | None]]) -> DataFrame:
    import polars as pl

    columns = list(zip(*rows, strict=True)) or [() for _ in header]
    return pl.DataFrame([pl.Series(n, c, dtype=pl.String) for n, c in zip(header, columns, strict=True)])


def _csv(path: Path) -> Iterator[Chunk]:
    import polars as pl

    with path.open("rb") as file:
        header, start = _header(path, file)
        file.seek(start)
        rest = b""
        while True:
            block = file.read(CHUNK_BYTES)
            data = rest + block
            if block:
                cut = data.rfind(b"\n") + 1
                data, rest = data[:cut], data[cut:]
            if data and b'"' not in data:
                fast = _plain_block(header, data)
                if fast is not None:
                    yield Chunk(fast, {})
                    data = b""
            if data:
                rows, broken, left = _slow_block(header, data, last=not block)
                rest = left + rest
                if rows:
                    yield Chunk(_frame(header, rows), broken)
            if not block:
                break
        if start == path.stat().st_size:
            yield Chunk(pl.DataFrame(schema=dict.fromkeys(header, pl.String)), {})


def _header(path: Path, file: IO[bytes]) -> tuple[list[str], int]:
    """Return the heading and where the rows start."""
    first = file.readline()
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{path}: the file is UTF-16; save it as CSV UTF-8")
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: the heading is not UTF-8; save the file as CSV UTF-8") from None
    header = [h.strip() for h in next(csv.reader([text.rstrip("\r\n")]), [])]
    if len(header) < 2 and (";" in text or "\t" in text):
        raise UsageError(f"{path}: the columns are not separated by commas; save the file as comma-separated CSV")
    check_heading(path, header)
    return header, file.tell()


def check_heading(path: Path, header: list[str]) -> None:
    """Refuse a heading that is blank, or names a column twice or not at all."""
    if not any(header):
        raise UsageError(f"{path}: the first row is blank; it must name the columns")
    for n, name in enumerate(header, 1):
        if not name:
            raise UsageError(f"{path}: column {n} of the heading has no name; name it or remove the column")
        if header.index(name) != n - 1:
            raise UsageError(f"{path}: the heading names {name!r} twice; remove one")


def _plain_block(header: list[str], data: bytes) -> DataFrame | None:
    """Read a block without quotes at full speed; None when a row needs a closer look."""
    import polars as pl

    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    if data.count(b",") != lines * (len(header) - 1) or b"\n\n" in data or b"\n\r\n" in data or data[:1] in b"\r\n":
        return None
    try:
        frame = pl.read_csv(
            BytesIO(data), has_header=False, new_columns=header, infer_schema=False, quote_char=None
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    return frame if frame.height == lines and frame.width == len(header) else None


def _slow_block(
    header: list[str], data: bytes, last: bool
) -> tuple[list[list[str | None]], dict[int, str], bytes]:
    """Read a block line by line; return its rows, what is wrong with some, and an unfinished quoted row at the end."""
    rows: list[list[str | None]] = []
    broken: dict[int, str] = {}
    lines = data.splitlines(keepends=True) if b"\r\n" not in data else data.replace(b"\r\n", b"\n").splitlines(keepends=True)
    at = 0
    while at < len(lines):
        record, used, problem = _record(lines, at, len(header), last)
        if used == 0:
            return rows, broken, b"".join(lines[at:])
        at += used
        if record is None and problem is None:
            continue
        if problem is not None:
            broken[len(rows)] = problem
            record = []
        rows.append(([c or None for c in record or []] + [None] * len(header))[: len(header)])
    return rows, broken, b""


def _record(lines: list[bytes], at: int, width: int, last: bool) -> tuple[list[str] | None, int, str | None]:
    """Read one record; return its cells, how many lines it took (0: it goes on in the next block), and what is wrong."""
    try:
        text = lines[at].decode()
    except UnicodeDecodeError as problem:
        return None, 1, f"the row is not UTF-8 at byte {problem.start} (0x{lines[at][problem.start]:02x}); save the file as CSV UTF-8"
    if not text.strip():
        return None, 1, None
    used = 1
    while text.count('"') % 2:
        if at + used >= len(lines):
            if not last:
                return None, 0, None
            return None, 1, 'a quote (") is opened and never closed; close it or write two ("")'
        more = lines[at + used].decode(errors="replace")
        if more.count('"') % 2 == 0 and len(next(csv.reader([more]), [])) == width:
            return None, 1, 'a quote (") is opened and never closed; close it or write two ("")'
        text += more
        used += 1
    try:
        cells = next(csv.reader([text] if used == 1 else text.splitlines(keepends=True), strict=True), [])
    except csv.Error as problem:
        return None, used, f"the row cannot be read: {problem}; check its quotes"
    if len(cells) > width:
        return None, used, f"the row has {len(cells)} cells and the heading {width}; a comma inside a cell needs quotes around it"
    return cells, used, None


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
                found = json.loads(line)
                if not isinstance(found, dict):
                    raise ValueError("it is no object")
            except (ValueError, UnicodeDecodeError) as problem:
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
