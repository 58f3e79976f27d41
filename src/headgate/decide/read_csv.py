"""CSV in: fast where a block is plain, line by line where it is not, so that one bad row never stops a file."""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from headgate.decide.chunk import Chunk
from headgate.decide.given_file import MOST_LINE, refuse_long_line, refuse_other_kind
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame

# Larger chunks are decided faster, and take more memory: about 4 kB a row while it is decided and written.
CHUNK_BYTES = 40_000_000
CHUNK_ROWS = 250_000
MOST_HEADING, MOST_NAME = 4_000_000, 500
MOST_LINES = 2_000  # lines of one row, whose quoted cells may hold line breaks
UNCLOSED = 'a quote (") is opened and never closed; close it or write two ("")'
LONE_CR = "a carriage return (CR) alone stands in the row; end every line with LF or CR LF"
UNENDED = "the file has no line end after its last row; if it was cut off, that row is not whole, so check it"
CUT = "the file ends here, after a separator and without a line end, so it may be cut off; end the line if it is whole"
CROSSED = (
    'a quote (") opens a cell that ends in a later line, and both lines are whole rows by themselves; write two ("") '
    "for a quote, and one around the cell"
)


def _frame(header: list[str], rows: Iterable[list[str | None]]) -> DataFrame:
    import polars as pl

    columns = list(zip(*rows, strict=True)) or [() for _ in header]
    return pl.DataFrame([pl.Series(n, c, dtype=pl.String) for n, c in zip(header, columns, strict=True)])


def csv_chunks(path: Path, separator: str = ",", encoding: str = "utf-8", heading_row: int = 1) -> Iterator[Chunk]:
    """Read a CSV file in blocks.

    Args:
        path: The file.
        separator: What stands between its cells.
        encoding: How it writes letters.
        heading_row: The row of its headings, from 1; what stands above is no part of the table.

    Raises:
        UsageError: Its heading cannot be used, or its bytes are not of the encoding that a map states.
    """
    try:
        with path.open("rb") as file:
            recoded = file if encoding == "utf-8" else codecs.EncodedFile(file, "utf-8", encoding)
            yield from _chunks(path, cast("IO[bytes]", recoded), separator, heading_row)
    except UnicodeError as problem:
        raise UsageError(f"{path}: the file is not {encoding}, as the map states: {problem}") from None


def _chunks(path: Path, file: IO[bytes], separator: str, heading_row: int) -> Iterator[Chunk]:
    import polars as pl

    header = _header(path, file, separator, heading_row)
    rest, empty = b"", True
    while True:
        block = file.read(CHUNK_BYTES)
        data = rest + block
        if block:
            cut = data.rfind(b"\n") + 1
            data, rest = data[:cut], data[cut:]
            if len(rest) > MOST_LINE:
                refuse_long_line(path, 0)
        # What ends without a line end may have been cut there, and a cell with it.
        unended = not block and bool(data.strip()) and not data.endswith(b"\n")
        cut_cell = unended and data.endswith(separator.encode())
        notes = (UNENDED,) if unended else ()
        if data and b'"' not in data and not cut_cell:
            fast = _plain_block(header, data, separator)
            if fast is not None:
                empty = False
                yield from (Chunk(part, {}, notes) for part in fast.iter_slices(CHUNK_ROWS))
                data = b""
        if data:
            rows, broken, left = _slow_block(header, data, separator, last=not block)
            rest = left + rest
            if rows:
                empty = False
                if cut_cell:
                    broken.setdefault(len(rows) - 1, CUT)
                yield Chunk(_frame(header, rows), broken, notes)
        if not block:
            break
    if empty:
        yield Chunk(pl.DataFrame(schema=dict.fromkeys(header, pl.String)), {})


def _header(path: Path, file: IO[bytes], separator: str, heading_row: int) -> list[str]:
    """Return the heading; the file stands where the rows start."""
    for _ in range(heading_row - 1):
        if not file.readline(MOST_LINE):
            raise UsageError(f"{path}: the file ends before row {heading_row}, which is to hold the headings")
    first = file.readline(MOST_HEADING)
    refuse_other_kind(path, first)
    if len(first) == MOST_HEADING:
        raise UsageError(
            f"{path}: the heading has no end in {MOST_HEADING:,} bytes; the first row must name the columns"
        )
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"{path}: the heading is not UTF-8; save the file as CSV UTF-8, or state `encoding` under [file] of a map"
        ) from None
    if "\r" in text.rstrip("\r\n"):
        raise UsageError(f"{path}: the lines end as on old Macs (CR alone); save the file with other line ends")
    csv.field_size_limit(sys.maxsize)
    try:
        header = [h.strip() for h in next(csv.reader([text.rstrip("\r\n")], delimiter=separator, strict=True), [])]
    except csv.Error as problem:
        raise UsageError(f"{path}: the heading cannot be read: {problem}; check its quotes") from None
    if len(header) < 2 and any(other in text for other in ";\t|," if other != separator):
        told = "commas" if separator == "," else repr(separator)
        raise UsageError(
            f"{path}: the columns are not separated by {told}; save the file as comma-separated CSV, or state "
            "`separator` under [file] of a map (`headgate map suggest` finds it)"
        )
    check_heading(path, header)
    return header


def check_heading(path: Path, header: list[str]) -> None:
    """Refuse a heading that is blank, or names a column twice or not at all."""
    if not any(header):
        raise UsageError(f"{path}: the first row is blank; it must name the columns")
    for n, name in enumerate(header, 1):
        if not name:
            raise UsageError(f"{path}: column {n} of the heading has no name; name it or remove the column")
        if len(name) > MOST_NAME:
            raise UsageError(
                f"{path}: column {n} of the heading has a name of {len(name):,} characters: {name[:20]!r}..."
            )
        if header.index(name) != n - 1:
            raise UsageError(f"{path}: the heading names {name!r} twice; remove one")


def _plain_block(header: list[str], data: bytes, separator: str) -> DataFrame | None:
    """Read a block without quotes at full speed; None when a row needs a closer look."""
    import polars as pl

    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    if (
        len(header) == 1  # where a line of spaces would be a row
        or data.count(separator.encode()) != lines * (len(header) - 1)
        or b"\n\n" in data
        or b"\n\r\n" in data
        or data[:1] in b"\r\n"
        or data.count(b"\r") != data.count(b"\r\n")
    ):
        return None
    try:
        frame = pl.read_csv(
            BytesIO(data),
            has_header=False,
            new_columns=header,
            infer_schema=False,
            quote_char=None,
            separator=separator,
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    return frame if frame.height == lines and frame.width == len(header) else None


def _slow_block(
    header: list[str], data: bytes, separator: str, last: bool
) -> tuple[list[list[str | None]], dict[int, str], bytes]:
    """Read a block line by line; return its rows, what is wrong with some, and an unfinished quoted row at the end."""
    rows: list[list[str | None]] = []
    broken: dict[int, str] = {}
    lines = list(BytesIO(data))  # a carriage return alone ends no line
    at = 0
    while at < len(lines):
        record, used, problem = _record(lines, at, len(header), separator, last)
        if used == 0:
            return rows, broken, b"".join(lines[at:])
        at += used
        if record is None and problem is None:
            continue
        if problem is not None:
            broken[len(rows)] = problem
        rows.append([None] * len(header) if record is None else [c or None for c in record])
    return rows, broken, b""


def _record(
    lines: list[bytes], at: int, width: int, separator: str, last: bool
) -> tuple[list[str] | None, int, str | None]:
    """Return one row's cells, how many lines it took (0: it goes on in the next block), and what is wrong.

    A quote opens a cell only where the cell starts; elsewhere it is a letter, as in 19" Rack. What is wrong with a row
    over several lines breaks its first line alone, and the others are read anew: a row must not vanish in another.
    """
    try:
        text = lines[at].decode()
    except UnicodeDecodeError as problem:
        where = f"byte {problem.start} (0x{lines[at][problem.start]:02x})"
        return None, 1, f"the row is not UTF-8 at {where}; save the file as CSV UTF-8, or state its encoding in a map"
    if not text.strip() and separator not in text:
        return None, 1, None
    if '"' not in text:
        line = text.removesuffix("\n").removesuffix("\r")
        if "\r" in line:
            return None, 1, LONE_CR
        cells = line.split(separator)
        return (cells, 1, None) if len(cells) == width else (None, 1, _miscounted(len(cells), width, separator))
    parts = _Parts(lines, at, width, separator)
    reader = csv.reader(parts, delimiter=separator, strict=True)
    try:
        cells = next(reader)
    except csv.Error as problem:
        if parts.is_spent and not last:
            return None, 0, None
        if parts.next > at + 1 or parts.is_spent or parts.is_given_up:
            return None, 1, UNCLOSED
        told = f"the row cannot be read: {problem}; check its quotes"
        return None, 1, LONE_CR if "new-line" in str(problem) else told
    used = reader.line_num
    if len(cells) != width:
        return None, 1, _miscounted(len(cells), width, separator, used)
    if used > 1 and parts.is_whole(at) and parts.is_whole(at + used - 1):
        return None, 1, CROSSED
    try:
        b"".join(lines[at : at + used]).decode()
    except UnicodeDecodeError:
        return None, used, "a line of the row is not UTF-8; save the file as CSV UTF-8, or state its encoding in a map"
    return cells, used, None


class _Parts:
    """The lines of one row, given to a reader of CSV for as long as they can be of one row.

    Args:
        lines: The lines of the block.
        at: The first of the row.
        width: How many cells a row has.
        separator: What stands between them.
    """

    def __init__(self, lines: list[bytes], at: int, width: int, separator: str) -> None:
        self.lines, self.at, self.width, self.separator = lines, at, width, separator
        self.next, self.turns = at, 0
        self.is_spent = self.is_given_up = False

    def __iter__(self) -> _Parts:
        return self

    def __next__(self) -> str:
        self.is_spent = self.next == len(self.lines)
        # A line between the first and the last that is a whole row was not meant to stand in a cell; and a row opens
        # and closes no more quoted cells than it has cells.
        self.is_given_up = self.next - self.at >= MOST_LINES or self.turns > 2 * self.width
        if not self.is_spent and self.next > self.at + 1:
            self.is_given_up |= self.is_whole(self.next - 1, closed=True)
        if self.is_spent or self.is_given_up:
            raise StopIteration
        text = self.lines[self.next].decode(errors="replace")
        self.turns += '"' in text.replace('""', "")
        self.next += 1
        return text

    def is_whole(self, number: int, closed: bool = False) -> bool:
        """Return whether a line is a whole row by itself, be it with a quote left open that is then a letter."""
        text = self.lines[number].decode(errors="replace").rstrip("\r\n") + "\n"
        try:
            cells = next(csv.reader([text], delimiter=self.separator), [])
        except csv.Error:
            return False
        # Only an open cell holds the end of the line.
        if cells and cells[-1].endswith("\n"):
            return not closed and len(cells) + cells[-1].count(self.separator) == self.width
        return len(cells) == self.width


def _miscounted(found: int, width: int, separator: str, lines: int = 1) -> str:
    told = "comma" if separator == "," else repr(separator)
    row = "the row" if lines == 1 else f"the row, which a quote carries over {lines} lines,"
    why = (
        f"a {told} inside a cell needs quotes around it"
        if found > width
        else f"it may be cut short; a blank cell keeps its {told}, for a cell left out would move the others"
    )
    return f"{row} has {found} cell{'s' if found != 1 else ''} and the heading {width}; {why}"
