"""Frames that pictures are drawn from: which columns they have, and what is refused before anything is drawn."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.errors import UsageError, did_you_mean
from headgate.pictures.look import Row
from headgate.world.axes import FIRST_YEAR, LABELS, LAST_YEAR, YEARS, quarter

if TYPE_CHECKING:
    import polars as pl

QUANTILES = ("q05", "q25", "q50", "q75", "q95")
# Names of measures, short enough for the head of a panel; any other measure stands as it is.
SHORT: Mapping[str, str] = MappingProxyType(
    {
        "tpp": "TPP (legal measure)",
        "fp8": "Dense FP8",
        "fp4": "Dense FP4",
        "int8": "Dense 8-bit",
        "memory_bandwidth": "Memory bandwidth",
        "memory_size": "Memory size",
        "h100e": "H100-equivalents",
        "training": "Usable training compute",
        "serving": "Usable serving compute",
    }
)


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns of a frame.

    Args:
        what: Its name, for messages.
        texts: Columns of words that must be there.
        numbers: Columns of finite numbers that must be there.
        rising: Columns whose numbers never fall from left to right.
        dated: Whether it has `quarter` or `year`.
        optional: Columns of words that may be there.
        least: The lowest number allowed.
    """

    what: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    rising: tuple[str, ...] = ()
    dated: bool = True
    optional: tuple[str, ...] = ()
    least: float = -math.inf


BANDS = Shape("bands", ("series", "measure"), QUANTILES, QUANTILES, optional=("basis", "scenario"))
INTERVAL = ("low", "median", "high")
CHANNELS = Shape("channels", ("channel",), INTERVAL, INTERVAL, least=0)
LET_THROUGH = Shape(
    "let_through", ("chip", "chip_name", "answer"), ("units", "low", "high"), ("low", "units", "high"), least=0
)
PAIRED = Shape("paired", ("measure", "scenario", "unit"), QUANTILES, QUANTILES)
TORNADO = Shape("tornado", ("headline", "prior", "source"), ("effect", "low", "high"), dated=False)
OBSERVED = Shape("observed", ("series", "source"), INTERVAL, INTERVAL, optional=("measure",))
CLAIMS = Shape("claims", ("claim", "basis", "kind", "measure"), ("probability",), least=0)


def refuse_no_frame(what: str, given: object) -> NoReturn:
    """Refuse what is no frame of Polars."""
    raise UsageError(f"{what}: a Polars DataFrame is needed, not {type(given).__name__}. Build one with pl.DataFrame")


def refuse_no_column(what: str, name: str, columns: Sequence[str]) -> NoReturn:
    """Refuse a frame without a column."""
    there = ", ".join(columns) or "none"
    raise UsageError(f"{what}: there is no column {name!r}.{did_you_mean(name, columns)} The frame has {there}")


def refuse_no_rows(what: str) -> NoReturn:
    """Refuse a frame without a row."""
    raise UsageError(f"{what}: the frame has no rows, so there is nothing to draw. Check what it was filtered by")


def refuse_cell(what: str, line: int, name: str, value: object, wanted: str) -> NoReturn:
    """Refuse one cell of a frame."""
    raise UsageError(f"{what}, row {line}: {name} is {value!r}; {wanted} is needed. Leave out rows that are not known")


def refuse_disorder(what: str, line: int, names: Sequence[str], row: Row) -> NoReturn:
    """Refuse an interval whose ends are exchanged."""
    told = ", ".join(f"{name} {row[name]:g}" for name in names)
    raise UsageError(f"{what}, row {line}: {told}: numbers must not fall from left to right. Exchange them")


def refuse_twice(what: str, line: int, key: Sequence[object]) -> NoReturn:
    """Refuse two rows for one point."""
    told = ", ".join(str(part) for part in key)
    raise UsageError(f"{what}, row {line}: a row for {told} was there before. Keep one")


def refuse_unknown(what: str, name: str, value: str, known: Sequence[str]) -> NoReturn:
    """Refuse a word that the picture does not know."""
    raise UsageError(f"{what}: {name} {value!r} is not known.{did_you_mean(value, known)} Known are {', '.join(known)}")


def name_of(measure: str) -> str:
    """Return the short name of a measure.

    Example:
        >>> name_of("fp8"), name_of("ratio of flows")
        ('Dense FP8', 'ratio of flows')
    """
    return SHORT.get(measure, measure)


def place(row: Mapping[str, Any]) -> float:
    """Return where a row stands on the axis of years: the middle of its quarter or of its year.

    Example:
        >>> place({"quarter": "2026Q3"}), place({"year": 2026})
        (2026.625, 2026.5)
    """
    if "quarter" in row:
        return FIRST_YEAR + (quarter(row["quarter"]) + 0.5) / 4
    return int(row["year"]) + 0.5


def unique(rows: Sequence[Row], name: str) -> list[str]:
    """Return the words of a column, each once, in order of appearance."""
    return list(dict.fromkeys(row[name] for row in rows))


def rows_of(frame: "pl.DataFrame", shape: Shape) -> list[Row]:
    """Return the rows of a frame with the columns of a shape and, when dated, `x`, the place on the axis of years.

    Args:
        frame: A Polars DataFrame; columns beyond the shape's are left aside.
        shape: What it must be.

    Raises:
        UsageError: It is no frame, is empty, lacks a column, or a cell is not as it must be; the message says where.

    Example:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"year": [2026], "channel": ["legal"], "low": [1], "median": [2], "high": [3]})
        >>> rows_of(frame, CHANNELS)
        [{'year': 2026, 'channel': 'legal', 'low': 1.0, 'median': 2.0, 'high': 3.0, 'x': 2026.5}]
    """
    import polars as pl

    if not isinstance(frame, pl.DataFrame):
        refuse_no_frame(shape.what, frame)
    dates = [name for name in ("quarter", "year") if name in frame.columns][:1] if shape.dated else []
    if shape.dated and not dates:
        refuse_no_column(shape.what, "quarter", frame.columns)
    texts = [*shape.texts, *(name for name in shape.optional if name in frame.columns)]
    for name in (*texts, *shape.numbers):
        if name not in frame.columns:
            refuse_no_column(shape.what, name, frame.columns)
    if frame.is_empty():
        refuse_no_rows(shape.what)
    return [
        _row(shape, line, row, dates, texts)
        for line, row in enumerate(frame.select(*dates, *texts, *shape.numbers).to_dicts(), start=1)
    ]


def _row(shape: Shape, line: int, row: Row, dates: Sequence[str], texts: Sequence[str]) -> Row:
    for name in texts:
        if not isinstance(row[name], str):
            refuse_cell(shape.what, line, name, row[name], "a text")
    for name in shape.numbers:
        value = row[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            refuse_cell(shape.what, line, name, value, "a finite number")
        if value < shape.least:
            refuse_cell(shape.what, line, name, value, f"{shape.least:g} or more")
        row[name] = float(value)
    if any(row[one] > row[two] for one, two in pairwise(shape.rising)):
        refuse_disorder(shape.what, line, shape.rising, row)
    if "quarter" in dates and row["quarter"] not in LABELS:
        refuse_cell(shape.what, line, "quarter", row["quarter"], f"a quarter from {LABELS[0]} to {LABELS[-1]}")
    if "year" in dates and row["year"] not in YEARS:
        refuse_cell(shape.what, line, "year", row["year"], f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return row | {"x": place(row)} if dates else row


def check_once(what: str, rows: Sequence[Row], *names: str) -> None:
    """Refuse two rows for one point of a line.

    Raises:
        UsageError: Two rows agree in all the columns named.
    """
    seen = set()
    for line, row in enumerate(rows, start=1):
        key = tuple(row[name] for name in names)
        if key in seen:
            refuse_twice(what, line, [row.get("quarter", row.get("year", "")), *(k for k in key if k != row.get("x"))])
        seen.add(key)
