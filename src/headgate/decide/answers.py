"""Answers to the questions of red flags: a second table, one row a line, with a column for each fact of the flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.decide.cell import Cell
from headgate.decide.cells import Cells, cell_errors, line_ids, read_column
from headgate.decide.columns import Column, read_as
from headgate.errors import RowError, UsageError, did_you_mean
from headgate.law.flag_records import flag_records

if TYPE_CHECKING:
    from polars import DataFrame, Series

ANSWERS = {f.name: Column(f.name, f.kind, f.words, f.values) for f in flag_records().facts.values()}


def check_answers(names: Iterable[str], where: str = "the answers") -> None:
    """Refuse a column that answers no question of a red flag.

    Raises:
        UsageError: An unknown column; the message gives near names.
    """
    for name in names:
        if name not in ANSWERS:
            raise UsageError(
                f"{where}: column {name!r} answers no question of a red flag.{did_you_mean(name, ANSWERS)} "
                f"`headgate flags list --columns` shows them all"
            )


def read_answer_cell(column: str, value: object) -> Cell:
    """Read one answer; blank is unanswered.

    Raises:
        RowError: The answer cannot be read.

    Example:
        >>> read_answer_cell("payment_country", "Hong Kong"), read_answer_cell("unusual_urgency", "yes")
        ('CN', True)
    """
    try:
        return read_as(ANSWERS[column], value)
    except RowError as problem:
        raise RowError(f"the answer {problem}") from None


class Answers:
    """A table of answers, read once.

    Args:
        frame: The table, with `line_id` and any of the columns of `ANSWERS`.
        broken: Number of a row, from 0, to why it could not be read at all.
        where: How messages name the table.

    Raises:
        UsageError: There is no `line_id`, or a column answers no question.
    """

    def __init__(self, frame: DataFrame, broken: Mapping[int, str] | None = None, where: str = "the answers") -> None:
        if "line_id" not in frame.columns:
            raise UsageError(f"{where}: there is no column line_id; every row of answers names the line it is about")
        names = [name for name in frame.columns if name != "line_id"]
        check_answers(names, where)
        self.frame, self.where = frame, where
        self.columns = {name: read_column(name, frame[name], read_answer_cell) for name in names}
        self.ids = [None if id is None else unguarded(id) for id in line_ids(frame["line_id"]).to_list()]
        self.broken = dict(broken or {})
        self.notes: tuple[str, ...] = ()
        self.row_of: dict[str, int] = {}
        again: dict[str, list[int]] = {}
        for row, id in enumerate(self.ids):
            if id is not None and self.row_of.setdefault(id, row) != row:
                again.setdefault(id, [self.row_of[id]]).append(row)
        self.errors = self._errors(again)

    def _errors(self, again: Mapping[str, list[int]]) -> Series:
        import polars as pl

        found = cell_errors(self.columns, list(self.columns), len(self.ids)).to_list()
        for id, rows in again.items():
            listed = " and ".join(str(row + 1) for row in rows)
            found[rows[0]] = f"{self.where}: line_id {id!r} stands in rows {listed}; keep one row a line"
        return pl.Series(found, dtype=pl.String)

    def of_rows(self, ids: Series) -> tuple[dict[str, Cells], Series]:
        """Return the answers of some lines as columns, and what is wrong with the answers of each."""
        import polars as pl

        if not self.ids:
            return {}, pl.repeat(None, len(ids), dtype=pl.String, eager=True)
        rows = [None if id is None else self.row_of.get(unguarded(id)) for id in ids.to_list()]
        at = pl.Series(rows, dtype=pl.UInt32)
        columns = {name: Cells(c.codes.gather(at), c.values) for name, c in self.columns.items()}
        return columns, self.errors.gather(at)

    def of(self, line_id: str) -> dict[str, Any]:
        """Return the answers of one line as they stand in the table; blanks are left out."""
        row = self.row_of.get(unguarded(line_id))
        if row is None:
            return {}
        return {name: v for name, v in self.frame.row(row, named=True).items() if name != "line_id" and v is not None}

    def unmatched(self, lines: Iterable[str]) -> list[str]:
        """Say which rows of answers are about none of some lines."""
        known = {unguarded(line) for line in lines}
        found = []
        for row, id in enumerate(self.ids, 1):
            if row - 1 in self.broken:
                found.append(f"row {row}: {self.broken[row - 1]}")
            elif id is None:
                found.append(f"row {row}: line_id is blank")
            elif id not in known:
                found.append(f"row {row}: line_id {id!r} matches no line")
        return found


def unguarded(id: str) -> str:
    """Return a line id without the apostrophe that keeps a spreadsheet from running it.

    Example:
        >>> unguarded("'=A1"), unguarded("'tis")
        ('=A1', "'tis")
    """
    return id[1:] if id[:1] == "'" and id[1:].lstrip()[:1] in ("=", "+", "-", "@") and len(id) > 1 else id


def read_answers(path: str | None) -> Answers | None:
    """Read a file of answers: .csv, .jsonl, .parquet or .xlsx; None when there is none.

    Raises:
        UsageError: The file cannot be used.
    """
    import polars as pl

    from headgate.decide.mapping.layout import Layout
    from headgate.decide.read import read_chunks
    from headgate.decide.read_xlsx import xlsx_chunks
    from headgate.decide.workbook.lines import as_lines

    if path is None:
        return None
    notes: dict[str, None] = {}
    frames: list[DataFrame] = []
    broken: dict[int, str] = {}
    file = Path(path)
    is_book = file.suffix.casefold() == ".xlsx" and file.is_file()
    # Which sheet of a workbook of answers cannot be said.
    book = as_lines(file, xlsx_chunks(file, option=""), Layout()) if is_book else None
    for chunk in book or read_chunks(file, Layout()):
        start = sum(frame.height for frame in frames)
        broken |= {start + row: why for row, why in chunk.broken.items()}
        frames.append(chunk.frame)
        notes |= dict.fromkeys(f"--answers: {note}" for note in chunk.notes)
    told = Answers(pl.concat(frames, how="diagonal"), broken, f"--answers {path}")
    told.notes = tuple(notes)
    return told
