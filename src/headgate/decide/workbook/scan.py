"""A sheet looked over before it is read: how far it reaches, and what its values do not tell.

The library that reads values lays a sheet out as one rectangle, and gives a blank for an error and for a formula
without a value; so both are found here first, in one pass over the sheet's text.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from headgate.decide.cell import is_sheet_error
from headgate.decide.workbook.places import (
    MOST_COLUMNS,
    MOST_LETTERS,
    MOST_ROWS,
    column_letters,
    column_number,
)
from headgate.decide.workbook.plain_rows import FILLED, left_over

# What follows the cells of a sheet; from there on only merges are looked at.
AFTER = frozenset(
    "sheetCalcPr sheetProtection protectedRanges scenarios autoFilter sortState mergeCells phoneticPr "
    "conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks "
    "colBreaks ignoredErrors drawing legacyDrawing oleObjects controls tableParts".split()
)
MAX_MERGES = 200_000
# What is shown of a cell that cannot be read, so that no one takes it for blank; no reader of cells takes these texts.
NO_VALUE, MERGED = "#FORMULA!", "#MERGED!"
# Beyond so many, such a cell is blank; its row is broken all the same.
MOST_LOST, MOST_ERROR = 200_000, 40


class DamagedSheet(Exception):
    """A sheet that no spreadsheet program would write."""


@dataclass(slots=True)
class Scan:
    """What was found in a sheet.

    Args:
        rows: Rows that hold a value.
        last_row: The last of them.
        columns: Numbers of the columns that hold a value.
        formulas: Cells with a formula.
        broken: Row to what is wrong with one of its cells.
        merges: Merged ranges as on the sheet, such as `C5:D6`.
        hidden_rows: Numbers of the hidden rows that hold a value.
        hidden_columns: Spans of hidden columns, first and last.
        shared: Cells whose text stands in the table of strings.
        lost: Row and column of a cell that cannot be read, to what is shown for it.
    """

    rows: int = 0
    last_row: int = 0
    columns: set[int] = field(default_factory=set)
    formulas: int = 0
    broken: dict[int, str] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    hidden_rows: array[int] = field(default_factory=lambda: array("I"))
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    shared: int = 0
    lost: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """The number of the last column that holds a value."""
        return max(self.columns, default=0)


def scan_sheet(blocks: Iterable[bytes]) -> Scan:
    """Look over a sheet.

    Args:
        blocks: Its part of the package, block by block.

    Raises:
        DamagedSheet: It is no sheet that a spreadsheet program would write.
    """
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    walk = _Walk(parser)
    parser.StartElementHandler = walk.reader()
    try:
        for block in left_over(blocks, walk.take):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        raise DamagedSheet(str(problem)) from None
    walk.end_row()
    walk.found.columns = {_column(name) for name in (*walk.letters, *(name.decode() for name in walk.plain))}
    return walk.found


class _Walk:
    """The walk over a sheet's elements; `reader` gives the handler that expat calls for each."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser, self.found = parser, Scan()
        self.row, self.hidden, self.after = 0, False, False
        self.seen: set[str] = set()
        self.letters: set[str] = set()
        self.plain: set[bytes] = set()
        self.waiting = ""

    def reader(self) -> Callable[[str, list[str]], None]:
        """Return the handler; it is called for every element, so that what is rare is done elsewhere."""
        found, seen, number, ref, cell = self.found, self.seen, "0", "", [""]

        def start(name: str, told: list[str]) -> None:
            nonlocal number, ref, cell
            if ":" in name:
                name = name.rpartition(":")[2]
            if name == "c":
                if self.waiting or self.after:
                    self.end_formula()
                cell = told
                ref = told[1] if told and told[0] == "r" else _ref(told, ref, number)
            elif name in ("v", "is"):
                if self.after or not ref:
                    return
                letters = ref.removesuffix(number)
                if letters in seen:
                    raise DamagedSheet(f"cell {ref} stands twice")
                seen.add(letters)
                kind = cell[cell.index("t") + 1] if "t" in cell else ""
                if kind == "s":
                    found.shared += 1
                elif kind == "e":
                    found.broken.setdefault(self.row, f"cell {ref} holds an error (as #N/A or #REF!); mend it")
                    self.text_of_error(letters)
                elif self.waiting:
                    self.value_of_formula(kind)
            elif name == "row":
                number, ref = self.start_row(told), ""
            elif name == "f":
                if ref and not self.after:
                    found.formulas += 1
                    self.waiting = ref
            else:
                self.other(name, told)

        return start

    def take(self, row: re.Match[bytes]) -> bool:
        """Take in a plain row; False when rows have ended."""
        if self.after:
            return False
        self.end_row()
        if not self.row < (number := int(row[1])) <= MOST_ROWS:
            raise DamagedSheet(f"row {number} follows row {self.row}")
        self.row, text = number, row[0]
        columns = FILLED.findall(text)
        if not columns:
            return True
        if len(distinct := set(columns)) < len(columns):
            raise DamagedSheet(f"a cell of row {number} stands twice")
        self.plain |= distinct
        self.found.rows += 1
        self.found.last_row = number
        self.found.shared += text.count(b't="s"')
        return True

    def start_row(self, told: list[str]) -> str:
        """Begin a row; return its number as text."""
        if self.after:
            return "0"
        self.end_row()
        given = dict(zip(told[::2], told[1::2], strict=True))
        number = given.get("r", str(self.row + 1))
        if not number.isdecimal() or not self.row < int(number) <= MOST_ROWS:
            raise DamagedSheet(f"row {number} follows row {self.row}")
        self.row, self.hidden = int(number), given.get("hidden") in ("1", "true")
        return number

    def end_row(self) -> None:
        """Count the row that ends."""
        if self.waiting:
            self.end_formula()
        if not self.seen:
            return
        self.found.rows += 1
        self.found.last_row = self.row
        if not self.seen <= self.letters:
            self.letters |= self.seen
            if len(self.letters) > MOST_COLUMNS:
                raise DamagedSheet(f"the cells of row {self.row} stand elsewhere")
        if self.hidden:
            self.found.hidden_rows.append(self.row)
        self.seen.clear()

    def end_formula(self) -> None:
        """Note a formula whose cell ends without a value."""
        if self.after:
            raise DamagedSheet("a cell stands outside of the rows")
        why = (
            f"cell {self.waiting} holds a formula without a stored value, and formulas are not run; open and save the "
        )
        self.found.broken.setdefault(self.row, why + "book in a spreadsheet program, or paste the values")
        self.lose(self.waiting.removesuffix(str(self.row)), NO_VALUE)
        self.parser.CharacterDataHandler = None
        self.waiting = ""

    def lose(self, letters: str, shown: str) -> None:
        """Note a cell that cannot be read."""
        if len(self.found.lost) < MOST_LOST:
            self.found.lost[self.row, _column(letters)] = shown

    def text_of_error(self, letters: str) -> None:
        """Note which error stands in a cell."""
        said = ""

        def text(data: str) -> None:
            nonlocal said
            said = (said + data)[:MOST_ERROR]

        def end(_: str) -> None:
            self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
            self.waiting = ""
            self.lose(letters, said if is_sheet_error(said) else "#ERROR!")

        self.parser.CharacterDataHandler, self.parser.EndElementHandler = text, end

    def value_of_formula(self, kind: str) -> None:
        """See whether the value of a formula is one; a formula may give an empty text."""
        if kind == "str":
            self.waiting = ""
            return

        def text(data: str) -> None:
            if data.strip():
                self.waiting = ""
                self.parser.CharacterDataHandler = None

        self.parser.CharacterDataHandler = text

    def other(self, name: str, told: list[str]) -> None:
        """Take in what is no cell: merges and hidden columns."""
        if name in AFTER and not self.after:
            self.end_row()
            self.after = True
        given = dict(zip(told[::2], told[1::2], strict=True)) if name in ("mergeCell", "col") else {}
        if name == "mergeCell" and "ref" in given:
            self.found.merges.append(given["ref"])
            if len(self.found.merges) > MAX_MERGES:
                raise DamagedSheet(f"over {MAX_MERGES:,} merged ranges")
        elif name == "col" and given.get("hidden") in ("1", "true"):
            span = given.get("min", ""), given.get("max", "")
            if all(end.isdecimal() for end in span):
                self.found.hidden_columns.append((int(span[0]), min(int(span[1]), MOST_COLUMNS)))


def _ref(told: list[str], before: str, row: str) -> str:
    """Return the name of a cell; one that has none follows the cell before it."""
    given = dict(zip(told[::2], told[1::2], strict=True))
    return given.get("r") or column_letters(_column(before.removesuffix(row)) + 1 if before else 1) + row


def _column(letters: str) -> int:
    if not (letters.isascii() and letters.isalpha() and len(letters) <= MOST_LETTERS):
        raise DamagedSheet(f"the cell {letters}... stands in another row than its own")
    if (number := column_number(letters)) > MOST_COLUMNS:
        raise DamagedSheet(f"there is no column {letters}")
    return number


def scan_strings(blocks: Iterable[bytes]) -> array[int]:
    """Return the length of each text in the table of strings.

    Raises:
        DamagedSheet: The table cannot be read.
    """
    lengths = array("Q")

    def start(name: str, told: list[str]) -> None:
        if name.rpartition(":")[2] == "si":
            lengths.append(0)

    def text(data: str) -> None:
        if lengths:
            lengths[-1] += len(data)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        raise DamagedSheet(str(problem)) from None
    return lengths
