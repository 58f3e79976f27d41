"""A table's cells: each distinct text of a column is read once, by the same reader as one case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headgate.decide.cell import Cell
from headgate.decide.columns import CLEAN, CLEAN_AT_DESTINATION, CLEAN_FOR, CLEAN_UNLESS, COLUMNS, read_cell
from headgate.errors import RowError

if TYPE_CHECKING:
    from polars import DataFrame, Series


@dataclass(slots=True)
class Cells:
    """One column as codes into its distinct cells; null is blank.

    Args:
        codes: UInt32, one a row.
        values: The distinct cells.
        errors: Code to what is wrong with that cell.
    """

    codes: Series
    values: list[Cell]
    errors: dict[int, str] = field(default_factory=dict)


def texts(series: Series) -> Series:
    """Return a column as text, the way a CSV file would hold it; a list becomes `;`-text."""
    import polars as pl

    if series.dtype == pl.String:
        return series
    if isinstance(series.dtype, pl.List | pl.Array) and not series.dtype.inner.is_nested():
        return series.cast(pl.List(pl.String)).list.eval(pl.element().fill_null("")).list.join(";")
    if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone is None:
        day, moment = series.cast(pl.Date), series.dt.to_string("iso:strict").str.replace(r"\.0+$", "")
        whole = series == day.cast(series.dtype)
        return pl.select(pl.when(whole).then(day.cast(pl.String)).otherwise(moment)).to_series().alias(series.name)
    odd = series.dtype in (pl.Binary, pl.Object, pl.Duration) or isinstance(series.dtype, pl.Datetime)
    if odd or series.dtype.is_nested():
        # Nothing a column may hold: written out as it stands, so that the reader says what is wrong with it.
        return pl.Series(series.name, [None if v is None else str(v) for v in series.to_list()], dtype=pl.String)
    if series.dtype.is_float():
        whole = series.is_finite() & (series == series.round()) & (series.abs() < 1e15)
        short = series.is_not_null() & whole
        return (
            pl.select(
                pl.when(short)
                .then(series.cast(pl.Int64, strict=False).cast(pl.String))
                .otherwise(series.cast(pl.String))
            )
            .to_series()
            .alias(series.name)
        )
    return series.cast(pl.String)


def read_column(name: str, series: Series, read: Callable[[str, object], Cell] = read_cell) -> Cells:
    """Read one column; a cell that cannot be read keeps its message by code."""
    import polars as pl

    text = texts(series)
    distinct = text.drop_nulls().unique(maintain_order=True)
    codes = text.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32)
    values: list[Cell] = []
    errors: dict[int, str] = {}
    for code, cell in enumerate(distinct.to_list()):
        try:
            values.append(read(name, cell))
        except RowError as problem:
            values.append(None)
            errors[code] = str(problem)
    blank = [code for code, value in enumerate(values) if value is None]
    if blank:
        keep = pl.Series(range(len(values)), dtype=pl.UInt32)
        keep = keep.set(keep.is_in(pl.Series([c for c in blank if c not in errors], dtype=pl.UInt32)), None)
        codes = keep.gather(codes)
    return Cells(codes, values, errors)


# Texts that no provision reads; whatever stands there can be read.
UNREAD = ("line_id", "consignee", "intermediate_consignee", "end_user", "license_number")


def read_columns(frame: DataFrame) -> dict[str, Cells]:
    """Read every column that a provision reads or that can be wrong."""
    return {name: read_column(name, frame[name]) for name in frame.columns if name in COLUMNS and name not in UNREAD}


def line_ids(series: Series) -> Series:
    """Return the line ids as text; null where blank."""
    import polars as pl

    stripped = texts(series).str.strip_chars()
    return pl.select(pl.when(stripped != "").then(stripped)).to_series()


def cell_errors(columns: Mapping[str, Cells], order: list[str], height: int) -> Series:
    """Return the first message of each row, in the order of the columns; null where every cell was read."""
    import polars as pl

    found = (
        pl.Series([None] * height, dtype=pl.String)
        if not height
        else pl.repeat(None, height, dtype=pl.String, eager=True)
    )
    for name in order:
        cells = columns.get(name)
        if cells is not None and cells.errors:
            messages = pl.Series([cells.errors.get(c) for c in range(len(cells.values))], dtype=pl.String)
            here = messages.gather(cells.codes)
            found = pl.select(pl.coalesce(found, here)).to_series()
    return found


def fill(
    columns: dict[str, Cells], stated: Mapping[str, Cell], at_destination: bool, height: int
) -> tuple[dict[str, Cells], dict[str, Series]]:
    """State facts wherever a row is blank; return the columns and, for each filled one, the rows that were filled."""
    import polars as pl

    filled: dict[str, Series] = {}
    out = dict(columns)
    blank = pl.repeat(None, height, dtype=pl.UInt32, eager=True)
    destination = columns.get("destination")
    for name in COLUMNS:
        own = columns.get(name) or Cells(blank, [])
        fact = stated.get(name)
        if fact is not None:
            rows = own.codes.is_null()
            if at_destination and name in CLEAN_FOR and fact == CLEAN[name]:
                acts = out.get("activity") or Cells(blank, [])
                fits = pl.Series([v in CLEAN_FOR[name] for v in acts.values], dtype=pl.Boolean)
                rows = rows & fits.gather(acts.codes).fill_null(False)
            told = columns.get(CLEAN_UNLESS.get(name, ""))
            if at_destination and told is not None and fact == CLEAN[name]:
                contrary = pl.Series([v is True for v in told.values], dtype=pl.Boolean)
                rows = rows & ~contrary.gather(told.codes).fill_null(False)
            codes = own.codes.zip_with(~rows, pl.repeat(len(own.values), height, dtype=pl.UInt32, eager=True))
            out[name] = Cells(codes, [*own.values, fact], own.errors)
        elif at_destination and name in CLEAN_AT_DESTINATION:
            there = out.get("destination") or destination
            if there is None:
                continue
            rows = own.codes.is_null() & there.codes.is_not_null()
            places: list[Cell] = [None if v is None else (str(v),) for v in there.values]
            shifted = there.codes + len(own.values)
            codes = pl.select(pl.coalesce(own.codes, shifted)).to_series().cast(pl.UInt32)
            out[name] = Cells(codes, [*own.values, *places], own.errors)
        else:
            continue
        if rows.any():
            filled[name] = rows
    return out, filled
