"""Order books in from a workbook: every cell as the text that a CSV would hold, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.decide.chunk import Chunk
from headgate.decide.workbook.cells import cell_text
from headgate.decide.workbook.heading import BadHeading, Merge, check_unnamed, read_heading, read_merge
from headgate.decide.workbook.package import Package, Sheet
from headgate.decide.workbook.places import column_letters, listed
from headgate.decide.workbook.scan import MERGED, MOST_LOST, Scan
from headgate.decide.workbook.sheets import check_texts, choose
from headgate.errors import UsageError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Row = Sequence[object]
# A row of a workbook takes more memory on its way than one of a CSV file.
XLSX_CHUNK_ROWS = 50_000
TOP_ROWS = 30


def xlsx_chunks(
    path: Path, sheet: str | None = None, heading_row: int | None = None, option: str = "--sheet NAME"
) -> Iterator[Chunk]:
    """Read one sheet of a workbook, chunk by chunk, every cell as the text that a CSV would hold.

    Args:
        path: The workbook.
        sheet: The sheet's name; None when there is only one with cells.
        heading_row: The row of the headings, from 1; None for the first.
        option: How the user names a sheet, for messages.

    Raises:
        UsageError: It is no workbook, is damaged or too large, or its sheet or headings are not clear.
    """
    if heading_row is not None and heading_row < 1:
        raise UsageError(f"--heading-row {heading_row}: rows count from 1")
    package = Package(path)
    chosen, scan, notes = choose(package, sheet, option)
    check_texts(package, scan)
    table = _Table(package, chosen, scan, heading_row)
    yield from table.chunks([*notes, *table.notes()])


class _Table:
    """One sheet as a table under its headings."""

    def __init__(self, package: Package, chosen: Sheet, scan: Scan, heading_row: int | None) -> None:
        self.where, self.scan, self.at = f"{package.path}, sheet {chosen.name!r}", scan, heading_row or 1
        self.day_zero = date(1904, 1, 1) if package.day_zero_1904 else date(1899, 12, 30)
        self.values = _values(package, chosen)
        # The library gives rows from the first of the sheet, and columns from the first that is filled.
        start = self.values.start
        self.first_column = start[1] + 1 if start else 1
        merges = [merge for name in scan.merges if (merge := read_merge(name))]
        rows = [row for row, _ in zip(self.values.iter_rows(), range(self.at + TOP_ROWS), strict=False)]
        try:
            self.names = read_heading(rows, heading_row, self.first_column, merges, scan.broken)
        except BadHeading as problem:
            raise UsageError(f"{self.where}: {problem}") from None
        self.broken = _covered(merges, self.at, scan.last_row) | scan.broken
        end = self.first_column + len(self.names) - 1
        self.lost = _lost(scan.lost, merges, range(self.at + 1, scan.last_row + 1), range(self.first_column, end + 1))

    def notes(self) -> list[str]:
        """Say what a person may not see on the sheet: what is hidden, formulas, what stands above the headings."""
        notes = []
        hidden = [
            f"{column_letters(number)} ({name})"
            for place, name in self.names.items()
            if name and any(a <= (number := self.first_column + place) <= b for a, b in self.scan.hidden_columns)
        ]
        if hidden:
            notes.append(
                f"column {hidden[0]} is hidden; it was read"
                if len(hidden) == 1
                else f"columns {listed(hidden)} are hidden; they were read"
            )
        rows = sum(number > self.at for number in self.scan.hidden_rows)
        if rows:
            notes.append(f"{rows:,} hidden row{'s were' if rows > 1 else ' was'} decided too")
        if self.scan.formulas:
            many = "s were" if self.scan.formulas > 1 else " was"
            notes.append(f"{self.scan.formulas:,} formula{many} not run; the values stored in the cells were read")
        if self.at > 1:
            above = "row 1 stands" if self.at == 2 else f"rows 1 to {self.at - 1} stand"
            notes.append(f"{above} above the headings and {'was' if self.at == 2 else 'were'} not read")
        return notes

    def chunks(self, notes: list[str]) -> Iterator[Chunk]:
        """Give the rows under the headings."""
        rows: list[tuple[int, Row]] = []
        told, blank, last, width = tuple(notes), 0, self.at, len(self.names)
        for number, row in enumerate(self.values.iter_rows(), 1):
            if number <= self.at:
                continue
            if row.count("") == width and number not in self.scan.broken:
                continue
            blank += number - last - 1
            last = number
            rows.append((number, row))
            if len(rows) == XLSX_CHUNK_ROWS:
                yield self._chunk(rows, told)
                rows, told = [], ()
        if self.at > 1 or blank:
            skipped = f"{blank:,} empty row{'s were' if blank > 1 else ' was'} skipped, and " if blank else ""
            first = f"line 1 stands in row {self.at + 1} of the sheet or below"
            told += (f"{skipped}row_number counts the lines under the headings: {first}",)
        yield self._chunk(rows, told)

    def _chunk(self, rows: list[tuple[int, Row]], notes: tuple[str, ...]) -> Chunk:
        import polars as pl

        try:
            check_unnamed(self.names, rows, self.at, self.first_column)
        except BadHeading as problem:
            raise UsageError(f"{self.where}: {problem}") from None
        broken = {n: self.broken[number] for n, (number, _) in enumerate(rows) if number in self.broken}
        columns = list(zip(*(self._shown(number, row) for number, row in rows), strict=True)) or [()] * len(self.names)
        series = [
            pl.Series(name, [cell_text(v) if v.__class__ is not str else v or None for v in columns[place]], pl.String)
            for place, name in self.names.items()
            if name
        ]
        return Chunk(pl.DataFrame(series), broken, notes, day_zero=self.day_zero)

    def _shown(self, number: int, row: Row) -> Row:
        """Return a row with a sign in each cell that cannot be read: blank, it would be a fact that nobody stated."""
        if number not in self.broken:
            return row
        return [self.lost.get((number, n), v) if v == "" else v for n, v in enumerate(row, self.first_column)]


def _values(package: Package, chosen: Sheet) -> CalamineSheet:
    """Read the values of a sheet; what is wrong with it is said."""
    import python_calamine as calamine

    try:
        with calamine.load_workbook(BytesIO(package.data)) as book:
            found: CalamineSheet = book.get_sheet_by_name(chosen.name)
            return found
    except calamine.CalamineError as problem:
        raise package.damaged(problem) from None
    except BaseException as problem:
        # What the library did not foresee is no error to it, but a panic.
        if type(problem).__name__ != "PanicException":
            raise
        raise package.damaged(problem) from None


def _covered(merges: Sequence[Merge], heading: int, last: int) -> dict[int, str]:
    """Return the rows under the headings that a merged range covers, each once, with what is wrong."""
    found: dict[int, str] = {}
    done = heading
    for merge in sorted(merges, key=lambda m: m.first_row):
        why = (
            f"cells {merge.name} are merged; unmerge them and fill in each cell, for a cell's value holds for it alone"
        )
        for row in range(max(merge.first_row, done + 1), min(merge.last_row, last) + 1):
            found[row] = why
        done = max(done, min(merge.last_row, last))
    return found


def _lost(
    found: Mapping[tuple[int, int], str], merges: Sequence[Merge], rows: range, columns: range
) -> dict[tuple[int, int], str]:
    """Return what is shown for cells that cannot be read, those of merged ranges too; by row and column."""
    lost = dict(found)
    left = MOST_LOST
    for merge in merges:
        for row in range(max(merge.first_row, rows.start), min(merge.last_row + 1, rows.stop)):
            for column in range(max(merge.first_column, columns.start), min(merge.last_column + 1, columns.stop)):
                if not left:
                    return lost
                left -= 1
                lost.setdefault((row, column), MERGED)
    return lost
