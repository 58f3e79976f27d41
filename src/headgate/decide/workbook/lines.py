"""What the rows of a workbook need to become lines: its days are numbers, it may hold an earlier run's decisions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.decide.answers import ANSWERS
from headgate.decide.chunk import Chunk
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.mapping.headings import Headings
from headgate.decide.mapping.layout import Layout
from headgate.decide.workbook.places import listed
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame

OWN = frozenset(DECISION_COLUMNS) - {"line_id"}
# The answers to questions come from a file of their own.
OF_ANSWER = "the answer "
# So many of them are no chance: the sheet was one of ours.
OWN_ENOUGH = 3
AGAIN = (
    "So said an earlier run; what it could not read does not stand in its workbook. Correct the line in the order book "
    "that was decided then, and decide that"
)
# A number outside of these days is no day: a year such as 2024 would be the 2,024th day, in 1905.
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)


def as_lines(path: Path, chunks: Iterable[Chunk], layout: Layout) -> Iterator[Chunk]:
    """Pass on chunks; in those of a workbook read days that are numbers, and leave out decisions of an earlier run.

    Args:
        path: The file, for messages.
        chunks: Its chunks under the file's own headings.
        layout: Tells which headings become columns of days.

    Raises:
        UsageError: The workbook holds decisions without the lines that they are about, or a part of them.
    """
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    last: Chunk | None = None
    for chunk in chunks:
        if chunk.day_zero is None:
            yield chunk
            continue
        fresh = _undecided(path, chunk, layout)
        for heading in _day_headings(fresh.frame.columns, layout):
            fresh = _read_days(fresh, heading, counts, examples)
        last = fresh
        yield fresh
    if last is not None and counts:
        notes = tuple(
            f"{heading} of {counts[heading]:,} row{'s' if counts[heading] > 1 else ''} held day numbers, read as days "
            f"({examples[heading]})"
            for heading in counts
        )
        yield replace(last, frame=last.frame.clear(), broken={}, notes=notes)


def _undecided(path: Path, chunk: Chunk, layout: Layout) -> Chunk:
    """Leave out the columns of a decision; a line that could not be read when it was decided stays so."""
    names = chunk.frame.columns
    lacking = [n for n in DECISION_COLUMNS if n not in names]
    if lacking:
        find = Headings(names, layout.name)
        told = {find.find(n) for n in (*layout.columns, *layout.carry, *layout.ignore, *layout.only)}
        if len(OWN.intersection(names) - told) >= OWN_ENOUGH:
            raise UsageError(
                f"{path}: the sheet looks like decisions of an earlier run, but has no column {listed(lacking)}. "
                "To decide its lines again, every column of the decision must stand there under its own name: put it "
                "back, write the workbook anew with --carry-rest, or decide the order book itself"
            )
        return chunk
    kept = [n for n in names if n == "line_id" or n not in DECISION_COLUMNS]
    if kept == ["line_id"]:
        raise UsageError(
            f"{path}: the sheet holds decisions without the lines that they are about. Decide the order book with "
            "--carry-rest: the workbook that it writes can be decided again"
        )
    note = "the sheet holds decisions of an earlier run; they were left out, and its lines decided anew"
    broken = _unread(chunk.frame) | chunk.broken
    return replace(chunk, frame=chunk.frame.select(kept), broken=broken, notes=(*chunk.notes, note))


def _unread(frame: DataFrame) -> dict[int, str]:
    """Return the rows whose line could not be read from its file: their blank cells may not have been blank."""
    import polars as pl

    error = pl.col("error").str.strip_chars().fill_null("")
    wrong = (error != "") | (pl.col("outcome").str.strip_chars() == "invalid_row").fill_null(False)
    rows = frame.select(error).with_row_index("row").filter(frame.select(wrong).to_series())
    return {row: again(why) for row, why in rows.iter_rows() if not is_of_cell(why)}


def is_of_cell(error: str) -> bool:
    """Say whether an error is about a cell that was read and carried as it stands, so that it can be mended there.

    A map carries the file's own columns as they stand, but what it made of a wrong cell is blank.

    Example:
        >>> is_of_cell("is_denied: 'mybe' is neither yes nor no"), is_of_cell("event_date is blank")
        (True, True)
        >>> is_of_cell("is_denied: heading 'Denied?': 'x' is wrong"), is_of_cell("cell G2 holds an error")
        (False, False)
    """
    column = re.split("[: ]", error, maxsplit=1)[0]
    if column not in COLUMNS:
        return error.startswith(OF_ANSWER)
    return not error.startswith(f"{column}: heading ")


def again(error: str) -> str:
    """Return why a line still cannot be read; said twice it stays the same.

    Example:
        >>> again("the row has 9 cells").removesuffix(AGAIN)
        'the row has 9 cells. '
        >>> again(again("the row has 9 cells")) == again("the row has 9 cells")
        True
    """
    told = (error or "the line could not be read").rstrip(". ")
    return told if told.endswith(AGAIN) else f"{told}. {AGAIN}"


def _day_headings(headings: list[str], layout: Layout) -> list[str]:
    """Return the headings of columns of days."""
    kinds = {n: c.kind for n, c in (*COLUMNS.items(), *ANSWERS.items())}
    found = {h for h in headings if kinds.get(h) == "day" and h not in layout.columns}
    if layout.name:
        find = Headings(headings, layout.name)
        found |= {h for theirs, ours in layout.pairs() if kinds[ours] == "day" and (h := find.find(theirs))}
    return [h for h in headings if h in found]


def _read_days(chunk: Chunk, heading: str, counts: Counter[str], examples: dict[str, str]) -> Chunk:
    """Read the numbers of one column as days; what is no day stays as it is."""
    import polars as pl

    assert chunk.day_zero is not None
    column = chunk.frame[heading]
    numbers = column.filter(column.str.contains(r"^\d{5}$|^\d{8}$")).value_counts(sort=True).rows()
    read = {text: day.isoformat() for text, _ in numbers if (day := day_of(text, chunk.day_zero))}
    if not read:
        return chunk
    counts[heading] += sum(count for text, count in numbers if text in read)
    first = min(read)
    examples.setdefault(heading, f"{first} = {read[first]}")
    return replace(chunk, frame=chunk.frame.with_columns(pl.col(heading).replace(read)))


def day_of(text: str, day_zero: date) -> date | None:
    """Return the day that a number stands for: a count of days, or year, month and day in eight digits.

    Example:
        >>> zero = date(1899, 12, 30)
        >>> day_of("45678", zero), day_of("20260215", zero), day_of("02024", zero)
        (datetime.date(2025, 1, 21), datetime.date(2026, 2, 15), None)
    """
    try:
        found = date.fromisoformat(text) if len(text) == 8 else day_zero + timedelta(days=int(text))
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None
