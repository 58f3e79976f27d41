"""What a map makes of a file's first rows: cell by cell, without deciding anything."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from headgate.decide.columns import COLUMNS, carried_columns, read_cell
from headgate.decide.mapping.layout import Layout
from headgate.decide.read import read_chunks
from headgate.errors import RowError


@dataclass(frozen=True, slots=True)
class Made:
    """One column of ours, as a map makes it.

    Args:
        column: Ours.
        comes_from: The headings of the file, or that the map states it.
        theirs: The first cells under these headings.
        ours: The same cells as they are read; a cell that cannot be read says why.
    """

    column: str
    comes_from: str
    theirs: tuple[str, ...]
    ours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The first rows of a file under a map.

    Args:
        rows: How many are shown.
        made: Our columns.
        carried: Headings that pass through.
        broken: Row, from 1, to what is wrong with it; a row may have more that is wrong.
        notes: What else there is to know.
    """

    rows: int
    made: tuple[Made, ...]
    carried: tuple[str, ...]
    broken: dict[int, str]
    notes: tuple[str, ...]


def show(path: Path, layout: Layout, most: int = 3) -> Shown:
    """Apply a map to the first rows of a file.

    Args:
        path: The file.
        layout: The map.
        most: How many rows to show.

    Raises:
        UsageError: The file or the map cannot be used, or they do not go together.
    """
    from headgate.decide.book_run import check_chunk

    chunk = next(islice(read_chunks(path, layout), 1))
    carried = carried_columns(chunk.frame.columns, chunk.carry, False, chunk.headings())
    check_chunk(path, chunk.frame.columns, carried)
    few, own = chunk.frame.head(most), chunk.own
    assert own is not None
    made = []
    for column in (c for c in COLUMNS if c in few.columns):
        headings = layout.headings_of(column, own.columns)
        theirs = [
            " + ".join("" if v is None else str(v) for v in row) for row in own.select(headings).head(most).rows()
        ]
        ours = [_read(column, v) for v in few[column].to_list()]
        made.append(Made(column, " + ".join(headings) or "the map, for every line", tuple(theirs), tuple(ours)))
    broken = {n + 1: why for n, why in sorted(chunk.broken.items())}
    return Shown(few.height, tuple(made), tuple(carried), broken, chunk.notes)


def _read(column: str, value: object) -> str:
    try:
        cell = read_cell(column, value)
    except RowError as problem:
        return f"! {problem}"
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, tuple):
        return ";".join(cell)
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell)
