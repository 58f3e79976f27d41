"""How each column that a file gives is read: its unit, the form of its days, its values. No entry is left unused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from headgate.decide.columns import COLUMNS
from headgate.decide.mapping.convert import How
from headgate.decide.mapping.headings import Headings
from headgate.decide.mapping.scales import SCALES, unit_named
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame

    from headgate.decide.mapping.layout import Layout

Pair = tuple[str, str]
UNDECIDED = "?"  # what a draft writes for a decimal sign that nobody can guess; no map is read with it
# One to three digits, a sign, three digits: 15.824 is fifteen and some to one reader, and fifteen thousand to another.
EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def readings(layout: Layout, find: Headings, pairs: Sequence[Pair], typed: bool) -> list[How]:
    """Return how each pair of a heading and a column of ours is read.

    Args:
        layout: The map.
        find: The headings of the file.
        pairs: The headings that become columns of ours, each with its column.
        typed: The file has numbers of its own.

    Raises:
        UsageError: An entry of [units], [dates] or [values] is about no column that the file gives.
    """
    units = {h: layout.units[name] for h, name in _by_heading(layout, find, pairs, "units", layout.units)}
    days = {h: layout.days[name] for h, name in _by_heading(layout, find, pairs, "dates", layout.days)}
    _check_values(layout, find, pairs)
    made = []
    for heading, ours in pairs:
        unit = None if heading not in units else unit_named(ours, units[heading])
        if unit is None and heading in units and ours in SCALES:
            raise UsageError(
                f"--map {layout.name}: [units] {heading!r} = {units[heading]!r}: it becomes {ours}, whose units are "
                f"{', '.join(SCALES[ours])}"
            )
        by = Decimal(1) if unit is None else SCALES[ours][unit]
        day = days.get(heading) if COLUMNS[ours].kind == "day" else None
        made.append(How(ours, layout.values.get(ours, {}), unit or "", by, layout.decimal, typed, day))
    return made


def _by_heading(
    layout: Layout, find: Headings, pairs: Sequence[Pair], table: str, entries: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield the heading of the file that each entry of a table is about; refuse one that nothing would read."""
    fits = SCALES if table == "units" else {c.name for c in COLUMNS.values() if c.kind == "day"}
    seen: dict[str, str] = {}
    for name in entries:
        heading = find.need(name, layout.optional)
        if heading is None:
            continue
        if not any(h == heading and ours in fits for h, ours in pairs):
            what = "a number with a unit" if table == "units" else "a day"
            raise UsageError(
                f"--map {layout.name}: [{table}] {name!r}: this heading becomes no column that is {what}, and nothing "
                "would read the entry; map the heading under [columns], or take the entry out"
            )
        if heading in seen:
            raise UsageError(
                f"--map {layout.name}: [{table}] {seen[heading]!r} and {name!r} are one heading of the file; keep one"
            )
        seen[heading] = name
        yield heading, name


def _check_values(layout: Layout, find: Headings, pairs: Sequence[Pair]) -> None:
    given = {ours for _, ours in pairs} | layout.made()
    for ours in layout.tables:
        if ours not in given and find.need(ours, layout.optional) is not None:
            raise UsageError(
                f"--map {layout.name}: [values.{ours}]: the map leaves the heading {ours!r} out, and nothing would "
                "read the table; take one of the two out"
            )


def point_notes(frame: DataFrame) -> Iterator[str]:
    """Yield a note for each column of texts whose numbers would all be others if a point stood between thousands.

    Example:
        >>> import polars as pl
        >>> [note[:3] for note in point_notes(pl.DataFrame({"tpp": ["15.824", "70"], "node_nm": ["7.125", "4.5"]}))]
        ['tpp']
    """
    import polars as pl

    for name in frame.columns:
        series = frame[name]
        if name not in COLUMNS or COLUMNS[name].kind != "number" or series.dtype != pl.String:
            continue
        pointed = series.filter(series.str.contains(".", literal=True))
        if len(pointed) and pointed.str.strip_chars().str.contains(rf"^(?:{EITHER.pattern})$").all():
            yield (
                f"{name}: every number with a point has three digits behind it, as 15.824 has; the point is read as "
                'that of decimals. If it stands between thousands, state decimal = "," under [file] of a map.'
            )
