"""One column of a file made one of ours: each distinct cell is worked out once, exactly, and put back in its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from headgate.decide.cell import read_items
from headgate.decide.cells import texts
from headgate.decide.columns import COLUMNS
from headgate.decide.mapping.day_forms import DayForm
from headgate.decide.mapping.headings import fold
from headgate.decide.mapping.scales import read_number, scaled

if TYPE_CHECKING:
    from polars import DataFrame, Series

Broken = dict[int, str]
NUMBERS = ("number", "share")
LISTS = ("countries", "uses", "ids")


@dataclass(frozen=True, slots=True)
class How:
    """How the cells of one column are read.

    Args:
        column: Ours.
        values: Their value, folded, to ours.
        unit: The unit they are in; blank when it is ours.
        by: What a number in it is multiplied by.
        decimal: The decimal sign of the file's texts.
        typed: The file has numbers of its own, which came here with a point.
        day: The form of its days.
    """

    column: str
    values: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    by: Decimal = Decimal(1)
    decimal: str | None = None
    typed: bool = False
    day: DayForm | None = None

    def reader(self) -> Callable[[str], str] | None:
        """Return what makes our text of theirs; None when they are alike."""
        kind = COLUMNS[self.column].kind
        numbers = kind in NUMBERS and (self.decimal is not None or self.by != 1)
        own = self._number if numbers else self.day.read if self.day is not None else None
        if not self.values:
            return own
        if kind in LISTS:
            return self._entries
        values, rest = self.values, own or (lambda text: text)
        return lambda text: values[fold(text)] if fold(text) in values else rest(text)

    def _entries(self, text: str) -> str:
        if fold(text) in self.values:
            return self.values[fold(text)]
        return ";".join(self.values.get(fold(v), v) for v in read_items(text))

    def _number(self, text: str) -> str:
        plain = text
        if self.unit == "%":
            plain = text.removesuffix("%").removesuffix("％").rstrip()
            number = read_number(plain, self.decimal, self.typed)
            if plain == text and 0 < number <= 1:
                whole = scaled(number, Decimal(100))
                raise ValueError(
                    f"{text!r} could be {text} % or, as a workbook stores percents, {whole} %; write {text}%"
                )
        return scaled(read_number(plain, self.decimal, self.typed), self.by)


def converted(series: Series, heading: str, how: How) -> tuple[Series, Broken]:
    """Return a column of the file as one of ours, and which rows hold a cell that cannot be read.

    Args:
        series: The file's column.
        heading: As it stands in the file, for messages.
        how: What makes ours of theirs.
    """
    import polars as pl

    if how.decimal is not None and series.dtype.is_numeric():
        how = How(how.column, how.values, how.unit, how.by, None, True, how.day)
    read = how.reader()
    if read is None:
        return series, {}
    text = texts(series)
    plain = _plain_numbers(text, how)
    if plain is not None:
        ours, wrong = _each(text.set(plain.is_not_null(), None), read, heading, how)
        return pl.select(pl.coalesce(plain, ours)).to_series().alias(series.name), wrong
    return _each(text, read, heading, how)


def _plain_numbers(text: Series, how: How) -> Series | None:
    """Read numbers that only one reading fits at full speed, others null; None where each cell needs a closer look."""
    import polars as pl

    if COLUMNS[how.column].kind not in NUMBERS or how.decimal is None or how.by != 1 or how.values:
        return None
    group, point = (".", ",") if how.decimal == "," else (",", ".")
    # With a decimal sign, or with neither sign: what has groups alone may have been a number of the file's own.
    whole, grouped = r"\d+", rf"(?:[1-9]\d{{0,2}}(?:[{group}]\d{{3}})+|\d+)[{point}]\d+"
    fits = text.str.strip_chars().str.contains(rf"^[+-]?(?:{whole}|{grouped})$")
    bare = text.str.strip_chars().str.replace_all(group, "", literal=True).str.replace(point, ".", literal=True)
    return pl.select(pl.when(fits).then(bare)).to_series()


def _each(text: Series, read: Callable[[str], str], heading: str, how: How) -> tuple[Series, Broken]:
    """Read each distinct cell once."""
    import polars as pl

    distinct = text.drop_nulls().unique(maintain_order=True)
    made: list[str | None] = []
    wrong: dict[int, str] = {}
    for code, cell in enumerate(distinct.to_list()):
        bare = cell.strip()
        try:
            made.append(read(bare) or None if bare else None)
        except ValueError as problem:
            made.append(None)
            wrong[code] = f"{how.column}: heading {heading!r}: {problem}"
    codes = text.cast(pl.Enum(distinct)).to_physical()
    ours = pl.Series(text.name, made, dtype=pl.String)
    return ours.gather(codes), rows_of(codes, wrong)


def rows_of(codes: Series, wrong: Mapping[int, str]) -> Broken:
    """Return what is wrong with each row whose code is wrong."""
    if not wrong:
        return {}
    rows = codes.is_in(list(wrong)).fill_null(False).arg_true()
    return dict(zip(rows.to_list(), (wrong[c] for c in codes.gather(rows).to_list()), strict=True))


def joined(frame: DataFrame, headings: Sequence[str], between: str, column: str) -> tuple[Series, Broken]:
    """Put several columns of the file together into one of ours; a row with some of them blank is broken."""
    import polars as pl

    parts = [pl.Series(str(n), texts(frame[h])).str.strip_chars().replace("", None) for n, h in enumerate(headings)]
    table = pl.DataFrame(parts)
    blank = table.select(pl.any_horizontal(pl.all().is_null()) & ~pl.all_horizontal(pl.all().is_null())).to_series()
    whole = table.select(pl.concat_str(pl.all(), separator=between)).to_series()
    broken: Broken = {}
    for row in blank.arg_true().to_list():
        empty = [h for h, part in zip(headings, parts, strict=True) if part[row] is None]
        told = ", ".join(map(repr, empty))
        broken[row] = (
            f"{column}: heading {told} is blank, so that {' and '.join(map(repr, headings))} cannot be put together"
        )
    return whole, broken


def others(series: Series, heading: str, known: Sequence[str]) -> Broken:
    """Return the rows whose cell is none of the values that a map allows."""
    import polars as pl

    text = texts(series).fill_null("")
    distinct = text.unique(maintain_order=True)
    allowed = {fold(v) for v in known}
    wrong = {
        code: f"heading {heading!r}: {cell!r} is none of {', '.join(map(repr, known))}, which the map says it must be"
        for code, cell in enumerate(distinct.to_list())
        if fold(cell) not in allowed
    }
    return rows_of(text.cast(pl.Enum(distinct)).to_physical(), wrong)
