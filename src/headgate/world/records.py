"""The tables of `data/world`: how a CSV there is read beside its description, and the refusals they share."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from headgate.catalog.chips import DATA
from headgate.catalog.measured import Measured, read_table
from headgate.catalog.refusals import stop
from headgate.errors import CatalogError, UsageError, did_you_mean

WORLD = DATA / "world"


def refuse_unknown_word(where: str, row: str, column: str, given: str, known: Iterable[str]) -> NoReturn:
    """Refuse a word outside the closed list of its column."""
    words = tuple(known)
    advice = f"Write one of {', '.join(words)}.{did_you_mean(given, words)}"
    stop(where, row, f"{given!r} is not a known {column}", advice)


def refuse_disorder(where: str, row: str, what: str, numbers: Sequence[float | None]) -> NoReturn:
    """Refuse a low over its median, or a median over its high."""
    shown = ", ".join("blank" if n is None else f"{n:g}" for n in numbers)
    advice = "Low, median and high must not fall; leave an end that is not known blank."
    stop(where, row, f"{what}: {shown} do not stand in order", advice)


def refuse_unknown_choice(table: str, column: str, given: str, known: Iterable[str]) -> NoReturn:
    """Refuse to select by a word that no row has."""
    words = sorted(set(known))
    near = did_you_mean(given, words) or f" Known are {', '.join(words)}."
    raise UsageError(f"No row of the {table} has {column} {given!r}. Choose one that is there.{near}")


def check_order(where: str, row: str, what: str, numbers: Sequence[float | None]) -> None:
    """Refuse numbers that fall from low to high; a blank is passed over."""
    given = [n for n in numbers if n is not None]
    if given != sorted(given):
        refuse_disorder(where, row, what, numbers)


def read_world_table(name: str, path: Path | None = None) -> Measured:
    """Return one table of `data/world`, or the CSV at `path` read by the same description.

    Raises:
        CatalogError: The file cannot be read, or a line, column or number is not as it must be.

    Example:
        >>> len(read_world_table("supply_history").rows)
        247
    """
    file = path or WORLD / f"{name}.csv"
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{file}: it cannot be read: {error}. Give the path of a CSV in UTF-8.") from error
    return read_table(name, (WORLD / f"{name}.toml").read_text("utf-8"), lines)


def day_of(where: str, row: str, column: str, cell: str) -> date:
    """Return the day in a cell.

    Raises:
        CatalogError: The cell holds no day.

    Example:
        >>> day_of("t.csv", "one", "date", "2026-01-31")
        datetime.date(2026, 1, 31)
    """
    try:
        return date.fromisoformat(cell)
    except ValueError:
        refuse_not_a_day(where, row, column, cell)


def refuse_not_a_day(where: str, row: str, column: str, cell: str) -> NoReturn:
    """Refuse a cell that should hold a day."""
    stop(where, row, f"{column}: {cell!r} is not a day", "Write it as 2026-01-31.")
