"""Decisions out as a workbook: the lines, their reasons, what is not covered, what it all is. No formula is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.decide.cell import Cell
from headgate.decide.cells import read_column, texts
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.one import Decider
from headgate.decide.workbook.about import write_about, write_gaps
from headgate.decide.workbook.cells import cell_text
from headgate.decide.workbook.look import Look
from headgate.decide.workbook.page import Page, Value
from headgate.decide.workbook.places import MOST_ROWS, listed
from headgate.decide.workbook.reasons import Reasons
from headgate.errors import RowError, UsageError

if TYPE_CHECKING:
    from polars import DataFrame, Series

# The day that a spreadsheet counts as 61: before it stands a day that never was.
FIRST_DAY = date(1900, 3, 1)
# A workbook says when it was made; the same decisions are the same bytes whenever that is.
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def open_book(path: Path) -> Any:
    """Return a workbook to be written to a path: row by row, no formula, no link, the same bytes every time."""
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = Workbook(str(path), options)
    book.use_zip64()
    book.set_properties({"created": CREATED, "author": "Headgate"})
    return book


def close_book(book: Any) -> None:
    """Write a workbook out.

    Raises:
        OSError: It cannot be written.
    """
    from xlsxwriter.exceptions import XlsxFileError

    try:
        book.close()
    except XlsxFileError as problem:
        inner = problem.args[0] if problem.args else problem
        raise inner if isinstance(inner, OSError) else OSError(str(problem)) from None


def drop_book(book: Any) -> None:
    """Let go of a workbook that is not to be written."""
    for sheet in book.worksheets():
        with suppress(OSError, AttributeError):
            sheet.row_data_fh.close()


class DecisionBook:
    """A workbook of decisions.

    Args:
        path: Where it is written.
        by: The law that decides.
        today: The day on which reviews are due or not; None asks for none.
    """

    def __init__(self, path: Path, by: Decider, today: date | None = None) -> None:
        # The one that knows every rule, also those of red flags that wait for an answer.
        self.by, self.today = by.answering, today
        self.book = open_book(path)
        self.look = Look(self.book)
        self.page: Page | None = None
        self.reasons = Reasons(self.by)
        self.evidence: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.late = 0
        self.lines: list[str] = []

    def add(self, found: DataFrame, frame: DataFrame, orders: DataFrame, facts: Mapping[str, Cell]) -> None:
        """Write some decisions.

        Args:
            found: The decisions.
            frame: The same as CSV holds them, with the columns that are carried.
            orders: The lines that they are about.
            facts: What was stated for every line.

        Raises:
            UsageError: The lines pass the rows of a sheet.
        """
        if self.page is None:
            self.page = Page(self.look, "Decisions", frame.columns)
        if self.page.row + found.height >= MOST_ROWS:
            raise UsageError(
                f"a workbook holds {MOST_ROWS - 1:,} lines at most and the order book has more; write .parquet or .csv"
            )
        self.evidence.update(v for v in found["evidence"].to_list() if v)
        self.outcomes.update(found["outcome"].to_list())
        flag = f"law_not_read_after_{self.by.book.read_on}"
        self.late += sum(flag in (flags or ()) for flags in found["flags"].to_list())
        columns = [cells(frame[name]) for name in frame.columns]
        outcomes = self.look.outcomes
        looks = [None] * len(columns)
        at = [frame.columns.index(name) for name in ("outcome", "outcome_printed")]
        rate = frame.columns.index("duty_rate")
        cut = self.page.cut
        for row in zip(*columns, strict=True):
            styles: list[Any] = list(looks)
            for place in at:
                styles[place] = outcomes[row[place]]
            styles[rate] = self.look.share
            before = len(cut)
            self.page.add(row, styles)
            if len(cut) > before:
                self.lines.append(str(row[0]))
        self.reasons.add(found, self._eras(orders, facts))

    def _eras(self, orders: DataFrame, facts: Mapping[str, Cell]) -> Sequence[int | None]:
        """Return for each line the number of the era whose law decided it."""
        if self.by.as_of is not None:
            return [self._era(self.by.as_of)] * orders.height
        stated = self._era(facts.get("event_date"))
        if "event_date" not in orders.columns:
            return [stated] * orders.height
        days = read_column("event_date", orders["event_date"])
        eras = [self._era(value) for value in days.values]
        return [stated if code is None else eras[code] for code in days.codes.to_list()]

    def _era(self, day: Cell) -> int | None:
        if not isinstance(day, date):
            return None
        try:
            return self.by.eras.number(self.by.law_day({"event_date": day}))
        except RowError:
            return None

    def close(self) -> list[str]:
        """Write the other sheets and the file; return what a person should know.

        Raises:
            OSError: It cannot be written.
        """
        if self.page is None:
            self.page = Page(self.look, "Decisions", DECISION_COLUMNS)
        self.page.end()
        self.reasons.write(self.look)
        write_gaps(self.look, self.by.book, self.today, self.evidence, self.late)
        write_about(self.look, self.by, self.outcomes)
        close_book(self.book)
        if not self.lines:
            return []
        where = listed(self.lines)
        return [f"a workbook's cell holds 32,767 letters; longer texts were cut in {where}. CSV and Parquet hold all"]

    def drop(self) -> None:
        """Let go of it."""
        drop_book(self.book)


def cells(series: Series) -> list[Value]:
    """Return a column as what stands in cells: texts as they are, numbers and days where they read back the same."""
    name, text = series.name, texts(series).to_list()
    if name in ("row_number", "duty_rate"):
        return series.to_list()
    kind = COLUMNS[name].kind if name in COLUMNS and name not in DECISION_COLUMNS else ""
    if kind in ("number", "share") or series.dtype.is_numeric():
        return _each(text, number)
    if kind == "day" or series.dtype.is_temporal():
        return _each(text, day)
    return text


def _each(text: Sequence[str | None], read: Callable[[str], Value]) -> list[Value]:
    known: dict[str | None, Value] = {t: None if t is None else read(t) for t in set(text)}
    return [known[t] for t in text]


def number(text: str) -> Value:
    """Return a number where it is written as a workbook gives it back, else the text.

    Example:
        >>> number("64"), number("0012"), number("0.1"), number("1e5"), number("12345678901234567")
        (64.0, '0012', 0.1, '1e5', '12345678901234567')
    """
    try:
        value = float(text)
    except ValueError:
        return text
    # A workbook holds sixteen digits.
    same = cell_text(value) == text and abs(value) < 1e300 and float(f"{value:.16G}") == value
    return value if same else text


def day(text: str) -> Value:
    """Return a day where it is written as ISO says and a spreadsheet knows it, else the text.

    Example:
        >>> day("2026-02-15"), day("15.2.2026"), day("0999-01-01")
        (datetime.date(2026, 2, 15), '15.2.2026', '0999-01-01')
    """
    try:
        value = date.fromisoformat(text)
    except ValueError:
        return text
    return value if value >= FIRST_DAY and value.isoformat() == text else text


def write_table(path: Path, name: str, frame: DataFrame) -> list[str]:
    """Write a table of texts as a workbook of one sheet; return what a person should know.

    Raises:
        UsageError: It has more rows than a sheet.
        OSError: It cannot be written.
    """
    if frame.height >= MOST_ROWS:
        raise UsageError(f"{path}: a workbook holds {MOST_ROWS - 1:,} rows at most; write .csv")
    book = open_book(path)
    try:
        page = Page(Look(book), name, frame.columns)
        for row in frame.iter_rows():
            page.add(row)
        page.end()
        close_book(book)
    finally:
        drop_book(book)
    return page.cut
