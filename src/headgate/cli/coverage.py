"""`headgate law coverage`: every section of the law as modeled, in part, or not, with the reason."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from headgate.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.law.book import Book
    from headgate.law.us.coverage import Row

STATE = {"modeled": "modeled", "partial": "partial", "not_modeled": "not modeled"}
COLUMN = 13


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `law coverage`."""
    parser.add_argument("--state", metavar="STATE", help="only this state: modeled, partial or not_modeled")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table, the one of the README")


def run_coverage(args: argparse.Namespace) -> int:
    """Print the sections of the law and how far the book has them."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.law.us import book
    from headgate.law.us.coverage import STATES, coverage

    if args.state is not None and args.state not in STATES:
        near = did_you_mean(args.state, STATES)
        raise UsageError(f"--state {args.state}: no such state.{near} The states are {', '.join(STATES)}")
    if args.markdown and args.json:
        raise UsageError("--markdown and --json: two forms of one answer; choose one")
    rows = [row for row in coverage() if args.state in (None, row.state)]
    if args.json:
        for row in rows:
            emit(as_record(row, book()))
    elif args.markdown:
        say(markdown_lines(rows, book()))
    else:
        say(coverage_lines(rows, book(), prose_width()))
    return 0


def as_record(row: "Row", book: "Book") -> dict[str, object]:
    """Return a row as an object for JSON."""
    return {
        "part": row.part,
        "section": row.section,
        "what": row.what,
        "state": row.state,
        "reason": row.reason,
        "provisions": list(row.ids(book)),
    }


def counted(rows: Iterable["Row"], book: "Book") -> str:
    """Count the sections by state, and the provisions.

    Example:
        >>> from headgate.law.us import book
        >>> from headgate.law.us.coverage import Row
        >>> counted([Row("part", "746.6", "Crimea", "modeled", names=("us.ear.746_6",))], book())
        '1 section: 1 modeled; 1 provision.'
    """
    rows = tuple(rows)
    states = Counter(row.state for row in rows)
    ids = {id for row in rows for id in row.ids(book)}
    told = ", ".join(f"{states[state]} {word}" for state, word in STATE.items() if states[state])
    return f"{_many(len(rows), 'section')}: {told or 'none'}; {_many(len(ids), 'provision')}."


def coverage_lines(rows: Iterable["Row"], book: "Book", width: int) -> Iterator[str]:
    """Yield coverage for a terminal: part by part, a row with its state, its section, and what is missing."""
    from headgate.cli.text import wrap

    rows = tuple(rows)
    yield "COVERAGE"
    yield from wrap(counted(rows, book), width, "  ")
    for part, inside in groupby(rows, key=lambda row: row.part):
        yield ""
        yield part.upper()
        for row in inside:
            state = f"  {STATE[row.state]:<{COLUMN}}"
            yield from wrap(f"{row.section}: {row.what}{_told(row, book)}", width, state)
            if row.reason:
                yield from wrap(row.reason, width, " " * (COLUMN + 4))


def markdown_lines(rows: Iterable["Row"], book: "Book") -> Iterator[str]:
    """Yield coverage as one Markdown table."""
    yield "| section | what it is | state | what is missing, and why |"
    yield "|---|---|---|---|"
    for part, inside in groupby(rows, key=lambda row: row.part):
        yield f"| **{cell(part)}** | | | |"
        for row in inside:
            count = f" ({len(row.ids(book))})" if row.state != "not_modeled" else ""
            reason = f"{cell(row.reason)} " if row.reason else ""
            yield f"| {cell(row.section)} | {cell(row.what)} | {STATE[row.state]}{count} | {reason}|"


def cell(text: str) -> str:
    r"""Return a text as it must stand in a cell of a Markdown table.

    Example:
        >>> cell("a | b")
        'a \\| b'
    """
    return text.replace("|", "\\|")


def _told(row: "Row", book: "Book") -> str:
    return f" ({_many(len(row.ids(book)), 'provision')})" if row.state != "not_modeled" else ""


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
