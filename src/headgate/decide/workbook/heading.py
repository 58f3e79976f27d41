"""The headings of a sheet: one row, one name a column; what is not so is refused by the name of its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headgate.decide.workbook.cells import cell_text
from headgate.decide.workbook.places import cell_name, column_letters, column_number

SAY = "--heading-row {0} (or heading_row = {0} in a map file)"
Row = Sequence[object]


class BadHeading(Exception):
    """The headings cannot be used."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows and columns count from 1.

    Args:
        name: As on the sheet.
    """

    name: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


def read_merge(name: str) -> Merge | None:
    """Read the name of a merged range; None when it is none.

    Example:
        >>> read_merge("C5:D6")
        Merge(name='C5:D6', first_row=5, last_row=6, first_column=3, last_column=4)
    """
    first, _, last = name.replace("$", "").partition(":")
    ends = []
    for end in (first, last or first):
        letters = end.rstrip("0123456789")
        row = end[len(letters) :]
        if not row or not letters.isascii() or not letters.isalpha():
            return None
        ends.append((int(row), column_number(letters)))
    (top, left), (bottom, right) = ends
    return Merge(name, top, bottom, left, right)


def read_heading(
    rows: Sequence[Row], given: int | None, first_column: int, merges: Sequence[Merge], broken: Mapping[int, str]
) -> dict[int, str]:
    """Return the headings by their place in a row, blank ones too.

    Args:
        rows: The first rows of the sheet.
        given: The row of the headings, from 1, as the user said; None for the first.
        first_column: Number of the column in which rows begin.
        merges: Merged ranges.
        broken: Row to what is wrong with a cell of it.

    Raises:
        BadHeading: The row is no heading, or one cell of it is none.
    """
    at = given or 1
    if at > len(rows) or not any(cell != "" for cell in rows[at - 1]):
        seems = _seems(rows)
        raise BadHeading(
            f"row {at} is blank; it must name the columns. "
            + (f"Row {seems} may be the headings: say {SAY.format(seems)}" if seems else "Say which row does")
        )
    for merge in merges:
        if merge.first_row <= at <= merge.last_row:
            raise BadHeading(_merged(rows, merge, at, first_column))
    if at in broken:
        raise BadHeading(f"the heading cannot be read: {broken[at]}")
    texts = {place: cell_text(cell) or "" for place, cell in enumerate(rows[at - 1])}
    names = {place: " ".join(text.split("\n")).strip() for place, text in texts.items()}
    filled = [place for place, name in names.items() if name]
    wider = max((sum(cell != "" for cell in row) for row in rows[at:]), default=0)
    if given is None and len(filled) == 1 and wider > 1:
        only = cell_name(at, first_column + filled[0])
        raise BadHeading(
            f"row {at} holds one cell, {only} ({names[filled[0]]!r}): a title, it seems, and no headings. "
            f"Say which row holds them: {SAY.format(_seems(rows) or 'N')}"
        )
    first: dict[str, int] = {}
    for place in filled:
        name = names[place]
        if first.setdefault(name, place) != place:
            both = [cell_name(at, first_column + p) for p in (first[name], place)]
            raise BadHeading(f"the heading {name!r} stands in {both[0]} and in {both[1]}; rename one or remove it")
    return names


def _merged(rows: Sequence[Row], merge: Merge, at: int, first_column: int) -> str:
    place = merge.first_column - first_column
    row = rows[merge.first_row - 1] if merge.first_row <= len(rows) else ()
    text = cell_text(row[place]) if 0 <= place < len(row) else None
    below = merge.last_row + 1 if merge.first_column == merge.last_column else at + 1
    return (
        f"the heading is merged in {merge.name} ({text!r}), so that it names no single column. Unmerge it and write "
        f"one heading a column in one row, or, if row {below} names each column, say {SAY.format(below)}"
    )


def _seems(rows: Sequence[Row]) -> int | None:
    """Return the first row that could be the headings: several cells, all of them texts, no two the same."""
    for number, row in enumerate(rows, 1):
        filled = [cell for cell in row if cell != ""]
        if len(filled) > 1 and len(set(map(str, filled))) == len(filled) and all(isinstance(c, str) for c in filled):
            return number
    return None


def check_unnamed(names: Mapping[int, str], rows: Sequence[tuple[int, Row]], at: int, first_column: int) -> None:
    """Refuse values under a blank heading.

    Args:
        names: The headings by place.
        rows: Rows with their numbers.
        at: The row of the headings.
        first_column: Number of the column in which rows begin.

    Raises:
        BadHeading: A column without a heading holds a value.
    """
    for place in (place for place, name in names.items() if not name):
        for number, row in rows:
            if row[place] != "":
                column = first_column + place
                raise BadHeading(
                    f"cell {cell_name(at, column)} is blank, but column {column_letters(column)} holds values, first "
                    f"in {cell_name(number, column)}. Name the column or empty it; if the headings take two lines, say "
                    + SAY.format(at + 1)
                )
