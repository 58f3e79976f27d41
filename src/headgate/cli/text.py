"""What the commands share for writing to a terminal: its width, a little bold, tables, one JSON object a line."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headgate.decide.prose import pad, shorten, width_of, wrap
from headgate.errors import UsageError

__all__ = ["Column", "bold", "emit", "pad", "read_day", "say", "shorten", "table", "terminal_width", "width_of", "wrap"]

MOST_READABLE = 120


def terminal_width() -> int:
    """Return the terminal's width in columns, 80 where there is none."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def prose_width() -> int:
    """Return the width at which paragraphs wrap: the terminal's, up to what an eye follows to the next line."""
    return min(MOST_READABLE, terminal_width())


def is_colored() -> bool:
    """Say whether output may be marked: on a terminal, unless NO_COLOR is set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def bold(text: str) -> str:
    """Return a heading in bold on a terminal, and as it stands elsewhere."""
    return f"\x1b[1m{text}\x1b[0m" if is_colored() else text


def say(lines: Iterable[str]) -> None:
    """Print lines; those in capitals are headings."""
    for line in lines:
        print(bold(line) if line.isupper() and not line.startswith(" ") else line)


def emit(found: Mapping[str, object]) -> None:
    """Print one JSON object on one line; a day as ISO text, a tuple or set as a list."""
    print(json.dumps(found, ensure_ascii=False, default=plain))


def plain(value: object) -> object:
    """Return what JSON has no form for as something it has."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def read_day(option: str, text: str) -> date:
    """Read a day given on the command line.

    Raises:
        UsageError: It is no real day written YYYY-MM-DD.

    Example:
        >>> read_day("--on", "2026-02-15")
        datetime.date(2026, 2, 15)
    """
    from headgate.decide.columns import read_cell
    from headgate.errors import RowError

    try:
        found = read_cell("event_date", text)
    except RowError as problem:
        raise UsageError(f"{option}: {str(problem).removeprefix('event_date: ')}") from None
    if not isinstance(found, date):
        raise UsageError(f"{option}: no day is given; write it as YYYY-MM-DD")
    return found


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Args:
        head: Its heading.
        right: Aligned to the right, as numbers are.
        least: The width to which it may be cut; 0 when it is never cut. Below that it is left out.
    """

    head: str
    right: bool = False
    least: int = 0


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Lay out a table; where it is too wide, columns that may be cut are cut, and then left out, the last first.

    Example:
        >>> table([Column("id"), Column("TPP", right=True)], [["h20", "2,368"]], 80)
        ['id     TPP', 'h20  2,368']
    """
    wide = [max(width_of(cell) for cell in (c.head, *(row[n] for row in rows))) for n, c in enumerate(columns)]
    kept = list(range(len(columns)))
    for n in reversed(range(len(columns))):
        over = sum(wide[k] for k in kept) + 2 * (len(kept) - 1) - width
        if over <= 0 or not columns[n].least:
            continue
        if wide[n] - over >= columns[n].least:
            wide[n] -= over
        else:
            kept.remove(n)
    lines = []
    for row in [[c.head for c in columns], *rows]:
        cells = [pad(shorten(row[n], wide[n]), wide[n], columns[n].right) for n in kept]
        lines.append("  ".join(cells).rstrip())
    return lines
