"""One sheet of a workbook as a table, written row by row: what stands in a cell, and what a cell cannot hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from string import whitespace
from typing import TYPE_CHECKING

from headgate.decide.workbook.look import WIDTH, WIDTHS, Look
from headgate.decide.workbook.places import MOST_COLUMNS, MOST_ROWS, MOST_TEXT
from headgate.errors import UsageError
from headgate.units import FORMULA

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Value = str | float | date | None
RUNS, STARTS = re.compile(FORMULA), frozenset(f"=+-@{whitespace}")
# XML has no place for these two, even escaped.
NO_LETTERS = "\ufffe", "\uffff"
CUT = " [cut here: {0:,} letters in all; CSV and Parquet hold them]"


class Page:
    """A sheet with headings, frozen and filtered, whose rows are written one after another.

    Args:
        look: The formats of the workbook.
        name: The sheet's name.
        headings: Its columns.
        kept: Columns that stay in sight.
        above: A sentence over the headings; blank for none.
    """

    def __init__(self, look: Look, name: str, headings: Sequence[str], kept: int = 1, above: str = "") -> None:
        if len(headings) > MOST_COLUMNS:
            raise UsageError(f"{len(headings):,} columns are more than a sheet's {MOST_COLUMNS:,}; write .parquet")
        self.look, self.name, self.headings = look, name, headings
        self.sheet: Worksheet = look.book.add_worksheet(name)
        self.cut: list[str] = []
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        # Part numbers and line ids are texts on purpose.
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{MOST_ROWS}"})
        for place, heading in enumerate(headings):
            self.sheet.set_column(place, place, WIDTHS.get(heading, WIDTH), look.plain)
        self.top = 1 if above else 0
        if above:
            self.sheet.write_string(0, 0, above, look.plain)
        for place, heading in enumerate(headings):
            self.sheet.write_string(self.top, place, self.fitting(heading, "the heading"), look.head)
        self.sheet.freeze_panes(self.top + 1, kept)
        self.sheet.repeat_rows(self.top)
        self.row = self.top

    def add(self, values: Sequence[Value], looks: Sequence[Format | None] = ()) -> None:
        """Write one row.

        Args:
            values: A value for each heading; None and an empty text stay blank.
            looks: A format for each, where it is not the plain one.
        """
        self.row += 1
        sheet, row, plain = self.sheet, self.row, self.look.plain
        for place, given in enumerate(values):
            if given is None or given == "":
                continue
            value, look = given, looks[place] if looks else None
            if isinstance(value, str):
                if len(value) * 2 > MOST_TEXT or NO_LETTERS[0] in value or NO_LETTERS[1] in value:
                    value = self.fitting(value, f"column {self.headings[place]} of row {row + 1}")
                if look is None:
                    look = self.look.quoted if value[0] in STARTS and RUNS.search(value) else plain
                sheet.write_string(row, place, value, look)
            elif isinstance(value, date):
                sheet.write_datetime(row, place, value, look or self.look.day)
            else:
                sheet.write_number(row, place, value, look or plain)

    def fitting(self, text: str, where: str) -> str:
        """Return a text that fits into a cell: cut with a mark where it is too long, and without letters XML lacks."""
        for letter in NO_LETTERS:
            text = text.replace(letter, "\ufffd")
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if units <= MOST_TEXT:
            return text
        mark = CUT.format(len(text))
        kept = text.encode("utf-16-le")[: 2 * (MOST_TEXT - len(mark))].decode("utf-16-le", "ignore")
        self.cut.append(where)
        return kept + mark

    def end(self) -> None:
        """Put the filter over what was written."""
        self.sheet.autofilter(self.top, 0, max(self.row, self.top), max(len(self.headings) - 1, 0))
