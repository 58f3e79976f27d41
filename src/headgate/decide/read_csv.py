"""CSV in: fast where a block is plain, line by line where it is not, so that one bad row never stops a file."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from headgate.decide.chunk import Chunk
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame

# Larger chunks are decided faster, and take more memory: about 4 kB a row while it is decided and written.
CHUNK_BYTES = 40_000_000
CHUNK_ROWS = 250_000


def _frame(header: list[str], rows: Iterable[list[str | None]]) -> DataFrame:
    import polars as pl

    columns = list(zip(*rows, strict=True)) or [() for _ in header]
    return pl.DataFrame([pl.Series(n, c, dtype=pl.String) for n, c in zip(header, columns, strict=True)])


def csv_chunks(path: Path) -> Iterator[Chunk]:
    """Read a CSV file in blocks."""
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
                    yield from (Chunk(part, {}) for part in fast.iter_slices(CHUNK_ROWS))
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
    if "\r" in text.rstrip("\r\n"):
        raise UsageError(f"{path}: the lines end as on old Macs (CR alone); save the file with other line ends")
    csv.field_size_limit(sys.maxsize)
    try:
        header = [h.strip() for h in next(csv.reader([text.rstrip("\r\n")], strict=True), [])]
    except csv.Error as problem:
        raise UsageError(f"{path}: the heading cannot be read: {problem}; check its quotes") from None
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
        frame = pl.read_csv(BytesIO(data), has_header=False, new_columns=header, infer_schema=False, quote_char=None)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    return frame if frame.height == lines and frame.width == len(header) else None


def _slow_block(header: list[str], data: bytes, last: bool) -> tuple[list[list[str | None]], dict[int, str], bytes]:
    """Read a block line by line; return its rows, what is wrong with some, and an unfinished quoted row at the end."""
    rows: list[list[str | None]] = []
    broken: dict[int, str] = {}
    lines = (
        data.splitlines(keepends=True)
        if b"\r\n" not in data
        else data.replace(b"\r\n", b"\n").splitlines(keepends=True)
    )
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
    """Return one record's cells, how many lines it took (0: it goes on in the next block), and what is wrong."""
    try:
        text = lines[at].decode()
    except UnicodeDecodeError as problem:
        where = f"byte {problem.start} (0x{lines[at][problem.start]:02x})"
        return None, 1, f"the row is not UTF-8 at {where}; save the file as CSV UTF-8"
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
        return (
            None,
            used,
            f"the row has {len(cells)} cells and the heading {width}; a comma inside a cell needs quotes around it",
        )
    return cells, used, None
