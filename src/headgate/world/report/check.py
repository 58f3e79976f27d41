"""What a report must be before it is written: no number without a source on the page, no source twice, whole tables."""

import re
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import NoReturn

from headgate.errors import UsageError, did_you_mean
from headgate.source import MARKS
from headgate.world.report.page import Page, Prose, Table, Value, ids_of

# What in plain text is no number of the model: days, quarters, years, and the ends and masses of intervals.
NAMES = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{4}Q[1-4]\b|\b(?:19|20)\d{2}\b|\b(?:5|50|90|95) %")
FIGURES = re.compile(r"[<>~≈±+\s−-]*\d[\d.,\s%()\[\]–−+kMB-]*")  # a cell that is a number and nothing else
NUMBER = re.compile(r"(?<![\w.])\d[\d,.]*(?![\w-])")


def refuse_no_source(where: str, text: str) -> NoReturn:
    """Refuse a number that says nothing of where it comes from."""
    raise UsageError(f"report, {where}: {text!r} has no source. Name the priors, history rows or provisions behind it")


def refuse_unknown_source(where: str, text: str, id: str, known: Iterable[str]) -> NoReturn:
    """Refuse a number whose source is not on the page."""
    raise UsageError(
        f"report, {where}: {text!r} comes from {id!r}, which is in no table of the page.{did_you_mean(id, known)} "
        "Add its row to the priors, the history or the provisions"
    )


def refuse_bare_number(where: str, text: str, number: str) -> NoReturn:
    """Refuse a number in plain text."""
    raise UsageError(f"report, {where}: the number {number} in {text!r} has no source. Make it a Value with its ids")


def refuse_bad_id(id: str) -> NoReturn:
    """Refuse an id that no link can point to."""
    raise UsageError(f"report: the id {id!r} is empty or has a blank in it. Give the row an id without blanks")


def refuse_id_twice(id: str) -> NoReturn:
    """Refuse two rows with one id."""
    raise UsageError(f"report: two rows have the id {id!r}. Keep one, so that a number leads to one row")


def refuse_mark(id: str, mark: str) -> NoReturn:
    """Refuse a mark that is none."""
    near = did_you_mean(mark, MARKS)
    raise UsageError(f"report, {id}: {mark!r} is not a mark.{near} Write one of {', '.join(MARKS)}")


def refuse_no_number(id: str, number: float) -> NoReturn:
    """Refuse a number of a source that is not finite."""
    raise UsageError(f"report, {id}: {number} is not a number that can be shown. Leave it None where it is not known")


def refuse_ragged(where: str, row: int, cells: int, columns: int) -> NoReturn:
    """Refuse a row of a table with too many or too few cells."""
    raise UsageError(f"report, {where}, row {row}: {cells} cells for {columns} columns. Give one cell a column")


def bare_number(text: str) -> str | None:
    """Return the first number in plain text that is no name, or None.

    Example:
        >>> bare_number("The FP8 ratio of H100s rises 4.1 times"), bare_number("By 2026Q3, 90 % of draws")
        ('4.1', None)
    """
    found = NUMBER.search(NAMES.sub("", text))
    return found[0] if found else None


def check(page: Page) -> None:
    """Refuse a page that cannot be followed back to its sources.

    Raises:
        UsageError: A number has no source, or one that is not on the page; an id is there twice or has a blank; a mark
            is none; or a row of a table has the wrong count of cells.
    """
    seen: set[str] = set()
    for id in (*ids_of(page.priors), *ids_of(page.history), *ids_of(page.provisions)):
        if [id] != id.split():
            refuse_bad_id(id)
        if id in seen:
            refuse_id_twice(id)
        seen.add(id)
    for row in (*page.priors, *page.history):
        if row.mark not in MARKS:
            refuse_mark(row.id, row.mark)
        for number in (row.low, row.median, row.high):
            if isinstance(number, float) and not isfinite(number):
                refuse_no_number(row.id, number)
    for where, value in _values(page):
        if not value.ids:
            refuse_no_source(where, value.text)
        for id in value.ids:
            if id not in seen:
                refuse_unknown_source(where, value.text, id, seen)


def _values(page: Page) -> Iterator[tuple[str, Value]]:
    """Yield every number of the page with where it stands; refuse those in plain text."""
    for headline in page.headlines:
        yield f"headline {headline.label!r}", headline.value
    for section in page.sections:
        where = f"section {section.heading!r}"
        yield from _of_prose(where, section.prose)
        if section.figure:
            yield f"{where}, picture", Value(section.figure.words, section.figure.ids)
        if section.table:
            yield from _of_table(where, section.table)


def _of_prose(where: str, prose: Prose) -> Iterator[tuple[str, Value]]:
    for words in [prose] if isinstance(prose, str) else prose:
        if isinstance(words, Value):
            yield where, words
        elif found := bare_number(words):
            refuse_bare_number(where, words, found)


def _of_table(where: str, table: Table) -> Iterator[tuple[str, Value]]:
    for nth, row in enumerate(table.rows, start=1):
        if len(row) != len(table.columns):
            refuse_ragged(where, nth, len(row), len(table.columns))
        for cell in row:
            if isinstance(cell, Value):
                yield where, cell
            elif FIGURES.fullmatch(NAMES.sub("", cell)):
                refuse_bare_number(f"{where}, row {nth}", cell, cell)
