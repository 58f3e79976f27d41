"""What the rows of a workbook need to become lines: its days are numbers, it may hold an earlier run's decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from headgate.decide.answers import ANSWERS
from headgate.decide.chunk import Chunk
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.mapping.headings import Headings
from headgate.decide.mapping.layout import Layout
from headgate.errors import UsageError

# A number outside of these days is no day: a year such as 2024 would be the 2,024th day, in 1905.
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)


def as_lines(path: Path, chunks: Iterable[Chunk], layout: Layout) -> Iterator[Chunk]:
    """Pass on chunks; in those of a workbook read days that are numbers, and leave out decisions of an earlier run.

    Args:
        path: The file, for messages.
        chunks: Its chunks under the file's own headings.
        layout: Tells which headings become columns of days.

    Raises:
        UsageError: The workbook holds decisions without the lines that they are about.
    """
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    last: Chunk | None = None
    for chunk in chunks:
        if chunk.day_zero is None:
            yield chunk
            continue
        fresh = _undecided(path, chunk)
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


def _undecided(path: Path, chunk: Chunk) -> Chunk:
    """Leave out the columns of a decision, where all of them are there."""
    names = chunk.frame.columns
    if not set(DECISION_COLUMNS) <= set(names):
        return chunk
    kept = [n for n in names if n == "line_id" or n not in DECISION_COLUMNS]
    if kept == ["line_id"]:
        raise UsageError(
            f"{path}: the sheet holds decisions without the lines that they are about. Decide the order book with "
            "--carry-rest: the workbook that it writes can be decided again"
        )
    note = "the sheet holds decisions of an earlier run; they were left out, and its lines decided anew"
    return replace(chunk, frame=chunk.frame.select(kept), notes=(*chunk.notes, note))


def _day_headings(headings: list[str], layout: Layout) -> list[str]:
    """Return the headings of columns of days."""
    kinds = {n: c.kind for n, c in (*COLUMNS.items(), *ANSWERS.items())}
    found = {h for h in headings if kinds.get(h) == "day" and h not in layout.columns}
    if layout.name:
        find = Headings(headings, layout.name)
        found |= {h for theirs, ours in layout.columns.items() if kinds[ours] == "day" and (h := find.find(theirs))}
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
