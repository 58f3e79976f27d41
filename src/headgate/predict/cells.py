"""Cells of a table of runs, read as numbers."""

from collections.abc import Mapping

from headgate.errors import RowError
from headgate.units import digits

MOST = 1e9  # of anything that a row counts


def number(row: Mapping[str, str], column: str, least: float = 1.0) -> float | None:
    """Return the number in a cell, or None for a blank.

    Raises:
        RowError: The cell is no finite number, under `least`, or over a billion.

    Example:
        >>> number({"chips": "2,048"}, "chips"), number({"chips": ""}, "chips")
        (2048.0, None)
    """
    text = digits(row.get(column) or "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise RowError(f"{column} is {row[column]!r}, which is no number. Write digits, as 2048.") from None
    if not least <= value <= MOST:
        raise RowError(f"{column} is {row[column]}; it must be a number of {least:g} or more, and at most {MOST:.0e}.")
    return value


def whole(row: Mapping[str, str], column: str, least: int = 1) -> int | None:
    """Return the whole number in a cell, or None for a blank.

    Raises:
        RowError: The cell is no whole number of `least` or more.
    """
    value = number(row, column, least)
    if value is not None and value != int(value):
        raise RowError(f"{column} is {row[column]}; it must be a whole number.")
    return None if value is None else int(value)


def needed(row: Mapping[str, str], column: str) -> int:
    """Return the whole number in a cell that must be there."""
    value = whole(row, column)
    if value is None:
        raise RowError(f"{column} is blank. State it.")
    return value
