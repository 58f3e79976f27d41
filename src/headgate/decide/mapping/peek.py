"""A first look at somebody's file: how it is written, where its headings stand, and its first rows."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.decide.cells import texts
from headgate.decide.given_file import check_given
from headgate.decide.mapping.layout import Layout
from headgate.decide.read import KINDS, raw_chunks
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame

LOOK_BYTES, LOOK_ROWS = 1_000_000, 15
_NUMBER = re.compile(r"[-+]?[\d.,' ]+%?")


@dataclass(slots=True)
class Peek:
    """What was seen of a file.

    Args:
        path: The file.
        frame: Its first rows under its own headings.
        file: Keys of the table [file] of a map, and why each was guessed; blank when it was said.
    """

    path: Path
    frame: DataFrame
    file: dict[str, tuple[str | int, str]] = field(default_factory=dict)

    def values(self, heading: str) -> list[str]:
        """Return the distinct cells of a column that are filled, in order."""
        column = texts(self.frame[heading]).str.strip_chars()
        return [v for v in column.drop_nulls().unique(maintain_order=True).to_list() if v]


def look(path: Path, sheet: str | None = None, heading_row: int | None = None) -> Peek:
    """Look at a file.

    Args:
        path: An order book of any kind.
        sheet: The sheet of a workbook; None when there is one.
        heading_row: The row of its headings; None to find it.

    Raises:
        UsageError: The file cannot be used, or has no row that could be headings.
    """
    check_given(path, KINDS)
    kind = path.suffix.casefold()
    told: dict[str, tuple[str | int, str]] = {}
    if sheet is not None:
        told["sheet"] = (sheet, "")
    if heading_row is not None:
        told["heading_row"] = (heading_row, "")
    if kind == ".csv":
        told |= _csv_keys(path, heading_row)
    if kind == ".xlsx" and heading_row is None:
        return _workbook(path, told)
    return Peek(path, _first(path, told), told)


def _first(path: Path, told: dict[str, tuple[str | int, str]]) -> DataFrame:
    layout = Layout(**{key: value for key, (value, _) in told.items()})  # type: ignore[arg-type]
    frame = next(iter(raw_chunks(path, layout))).frame
    # A line of JSON may lack the name that every line is given room for.
    if path.suffix.casefold() == ".jsonl" and frame["line_id"].null_count() == frame.height:
        return frame.drop("line_id")
    return frame


def _workbook(path: Path, told: dict[str, tuple[str | int, str]]) -> Peek:
    """Try one row after another until one can be headings."""
    first: UsageError | None = None
    for row in range(1, LOOK_ROWS + 1):
        tried = told | ({"heading_row": (row, "no row above can be headings")} if row > 1 else {})
        try:
            return Peek(path, _first(path, tried), tried)
        except UsageError as problem:
            first = first or problem
            if "--heading-row" not in str(problem):
                break
    assert first is not None
    raise first


def _csv_keys(path: Path, heading_row: int | None) -> dict[str, tuple[str | int, str]]:
    """Return how a CSV file is written, as far as it is not as usual."""
    with path.open("rb") as file:
        raw = file.read(LOOK_BYTES)
    encoding, why = _encoding(raw)
    told: dict[str, tuple[str | int, str]] = {"encoding": (encoding, why)} if encoding != "utf-8" else {}
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(raw).removeprefix("\ufeff")
    lines = [line for line in text.splitlines()[: 4 * LOOK_ROWS] if line.strip()]
    counts = {mark: sorted(line.count(mark) for line in lines)[len(lines) // 2] for mark in ",;\t|"} if lines else {}
    separator = max(counts, key=lambda mark: counts[mark], default=",")
    if separator != "," and counts[separator] > 0:
        told["separator"] = (separator, f"most lines hold {counts[separator]} of them")
    else:
        separator = ","
    if heading_row is None:
        rows = list(csv.reader(text.splitlines()[:LOOK_ROWS], delimiter=separator))
        widest = max((sum(map(bool, r)) for r in rows), default=0)
        at = next((n for n, r in enumerate(rows, 1) if sum(map(bool, r)) == widest and not any(map(_is_number, r))), 1)
        if at > 1:
            told["heading_row"] = (at, "it is the first row that is filled to its end with words")
    return told


def _is_number(cell: str) -> bool:
    return bool(cell.strip()) and _NUMBER.fullmatch(cell.strip()) is not None


def _encoding(raw: bytes) -> tuple[str, str]:
    """Return how letters are written, and why it is thought so."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "the file begins with its mark"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)
        return "utf-8", ""
    except UnicodeDecodeError:
        pass
    # In Chinese text bytes above 127 stand in rows; in Western text a letter with an accent stands alone.
    pairs = sum(len(run) for run in re.findall(rb"[\x80-\xff][\x40-\xff]{3,}", raw))
    high = sum(byte > 127 for byte in raw)
    try:
        codecs.getincrementaldecoder("gb18030")().decode(raw)
    except UnicodeDecodeError:
        return "cp1252", "it is no UTF-8, and no Chinese text either"
    if len(re.findall(rb"[\x81-\xfe]{4,}", raw)) and 2 * pairs > high:
        return "gb18030", "it is no UTF-8, and its bytes stand as those of Chinese text do"
    return "cp1252", "it is no UTF-8, and single letters have accents"
