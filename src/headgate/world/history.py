"""What was made, sold, smuggled and rented so far: the rows of `data/world/supply_history.csv`, read strictly."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NoReturn

from headgate.catalog.measured import Measured, number
from headgate.catalog.refusals import refuse_unknown_mark, stop
from headgate.errors import UsageError, did_you_mean
from headgate.source import MARKS
from headgate.world.records import check_order, read_world_table, refuse_unknown_choice, refuse_unknown_word

UNITS = ("chips", "h100e", "b300e", "dies", "hbm_stacks", "usd")
COUNTS = ("flow", "stock", "orders", "approvals", "sales")
COVERS = ("whole", "part")
FREQUENCIES = {"Q": 3, "H": 6, "A": 12}  # months
# The Nvidia world rows contain the products made for China alone: never add them to the rows of CN-LEGAL.
WITH_CHINA = "primary-do-not-sum-with-china-rows"
USES = ("primary", WITH_CHINA, "alternative", "input", "context")
PERIOD = re.compile(r"(?P<year>\d{4})(?:(?P<kind>[QH])(?P<part>[1-4]))?")


@dataclass(frozen=True, slots=True)
class Row:
    """One published count.

    Args:
        start: First day of the period.
        end: First day after it (half-open).
        covers: `whole`, or `part` when the source's data end within the period.
        freq: `Q`, `H` or `A`.
        unit: What `low`, `median` and `high` count: one of `UNITS`.
        counts: `flow` in the period, `stock` at its end, `orders`, `approvals`, or `sales` in dollars.
        low: Low end in `unit`, None where not given; the same for `median` and `high`.
        interval: What low and high are, in words.
        mass: Probability between low and high; None where they are no such interval.
        h100e_low: Low end in H100-equivalents; the same for the other two.
        h100e_per_unit: H100-equivalents of one unit, by Epoch's table.
        use: One of `USES`.
        group: Rows of one group count the same thing.
        mark: How well it is known.
    """

    row_id: str
    period: str
    start: date
    end: date
    covers: str
    freq: str
    bloc: str
    vendor: str
    chip: str
    channel: str
    unit: str
    counts: str
    low: float | None
    median: float | None
    high: float | None
    interval: str
    mass: float | None
    h100e_low: float | None
    h100e_median: float | None
    h100e_high: float | None
    h100e_per_unit: float | None
    use: str
    group: str
    status: str
    mark: str
    source: str
    url: str
    notes: str

    @property
    def primary(self) -> bool:
        """Say whether the row is one of those that count once inside their group."""
        return self.use in ("primary", WITH_CHINA)


def refuse_wrong_span(where: str, row: str, period: str, start: str, end: str) -> NoReturn:
    """Refuse a period that is not the span of its dates."""
    advice = "Write 2024Q1 with 2024-01-01 and 2024-03-31, 2024H1 or 2024, and Q, H or A in freq."
    stop(where, row, f"period {period!r} is not the span {start} to {end} at that freq", advice)


def refuse_empty_row(where: str, row: str) -> NoReturn:
    """Refuse a row without any number."""
    stop(where, row, "no number in units or H100-equivalents", "Give one, or leave the row out.")


def refuse_overlap(where: str, one: Row, two: Row) -> NoReturn:
    """Refuse two primary rows that count the same chips on the same days."""
    what = f"{one.row_id} and {two.row_id} both count {one.vendor} {one.chip} ({one.channel}) in {one.group}"
    advice = f"Their days overlap ({one.period}, {two.period}); make one of them `alternative`."
    stop(where, "overlap", what, advice)


def span_of(period: str) -> tuple[date, date, str] | None:
    """Return first day, first day after, and frequency of a period; None when it is none.

    Example:
        >>> span_of("2025Q4")
        (datetime.date(2025, 10, 1), datetime.date(2026, 1, 1), 'Q')
        >>> span_of("2025H3") is None
        True
    """
    match = PERIOD.fullmatch(period)
    if match is None:
        return None
    freq = match["kind"] or "A"
    months = FREQUENCIES[freq]
    first = (int(match["part"] or 1) - 1) * months
    if first >= 12:
        return None
    year, last = int(match["year"]), first + months
    return date(year, first + 1, 1), date(year + last // 12, last % 12 + 1, 1), freq


def _triple(where: str, raw: Mapping[str, str], stem: str) -> tuple[float | None, float | None, float | None]:
    low, median, high = (number(raw[f"{stem}_{end}"]) for end in ("low", "median", "high"))
    check_order(where, raw["row_id"], stem, (low, median, high))
    return low, median, high


def _row(where: str, raw: Mapping[str, str]) -> Row:
    name = raw["row_id"]
    closed = {"unit": UNITS, "counts": COUNTS, "covers": COVERS, "use": USES, "freq": tuple(FREQUENCIES)}
    for column, words in closed.items():
        if raw[column] not in words:
            refuse_unknown_word(where, name, column, raw[column], words)
    if raw["mark"] not in MARKS:
        refuse_unknown_mark(where, name, raw["mark"])
    span = span_of(raw["period"])
    told = (raw["period_start"], raw["period_end"], raw["freq"])
    if span is None or (span[0].isoformat(), (span[1] - timedelta(days=1)).isoformat(), span[2]) != told:
        refuse_wrong_span(where, name, raw["period"], *told[:2])
    units, equal = _triple(where, raw, "units"), _triple(where, raw, "h100e")
    if all(n is None for n in units + equal):
        refuse_empty_row(where, name)
    return Row(
        name, raw["period"], span[0], span[1], raw["covers"], span[2],
        raw["bloc"], raw["vendor"], raw["chip"], raw["channel"], raw["unit"], raw["counts"],
        *units, raw["interval"], number(raw["mass"]), *equal, number(raw["h100e_per_unit"]),
        raw["use"], raw["overlap_group"], raw["status"], raw["mark"], raw["source"], raw["source_url"], raw["notes"],
    )  # fmt: skip


def _check_overlap(where: str, rows: Iterable[Row]) -> None:
    seen: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.primary:
            others = seen.setdefault((row.group, row.bloc, row.vendor, row.chip, row.channel, row.counts), [])
            for other in others:
                if row.start < other.end and other.start < row.end:
                    refuse_overlap(where, other, row)
            others.append(row)


@cache
def _own() -> tuple[Row, ...]:
    return rows_of(read_world_table("supply_history"))


def rows_of(table: Measured) -> tuple[Row, ...]:
    """Return the rows of a table of history, each checked, and no two primary rows counting the same chips.

    Raises:
        CatalogError: A row is not as it must be; the message names it.

    Example:
        >>> rows_of(read_world_table("supply_history"))[0].chip
        'A100'
    """
    where = f"{table.name}.csv"
    rows = tuple(_row(where, raw) for raw in table.rows)
    _check_overlap(where, rows)
    return rows


def history(path: Path | None = None) -> tuple[Row, ...]:
    """Return the history of supply.

    Args:
        path: A CSV with the same columns; None for the package's own, which is read once.

    Raises:
        CatalogError: The file or a row is not as it must be.

    Example:
        >>> len(history())
        247
        >>> history()[0].period, history()[0].median, history()[0].unit
        ('2022Q1', 212120.0, 'chips')
    """
    return _own() if path is None else rows_of(read_world_table("supply_history", path))


def select(rows: Iterable[Row] | None = None, **choice: str | Iterable[str]) -> tuple[Row, ...]:
    """Return the rows that match every choice.

    Args:
        rows: Rows to choose from; None for the package's own.
        choice: A text column of `Row` (`use`, `group`, `vendor`, `chip`, `channel`, `freq`, `unit`, `period` ...)
            and the word, or words, that it may hold.

    Raises:
        UsageError: A column or a word is not there; near names are given.

    Example:
        >>> sum(row.median for row in select(use="primary", group="CN-LEGAL", chip="H20", period="2025Q1"))
        361677.0
        >>> len(select(group=("NV-WORLD", "CN-LEGAL"), chip="H800"))
        8
    """
    every = history() if rows is None else tuple(rows)
    pool = every
    known = [f.name for f in fields(Row) if f.type is str]
    for column, given in choice.items():
        if column not in known:
            raise UsageError(f"The history has no text column {column!r}.{did_you_mean(column, known)}")
        words = {given} if isinstance(given, str) else set(given)
        there = {getattr(row, column) for row in every}
        for word in sorted(words - there):
            refuse_unknown_choice("history", column, word, there)
        pool = tuple(row for row in pool if getattr(row, column) in words)
    return pool


def fingerprint(rows: Iterable[Row]) -> str:
    """Return the SHA-256 of the content of the rows, the same for the same numbers and words in any order of rows.

    Example:
        >>> fingerprint(history()) == fingerprint(reversed(history()))
        True
    """
    lines = sorted("\x1f".join(_canonical(cell) for cell in astuple(row)) for row in rows)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()


def _canonical(cell: object) -> str:
    if isinstance(cell, float) and math.isfinite(cell):
        return float.hex(cell)
    return "" if cell is None else str(cell)
