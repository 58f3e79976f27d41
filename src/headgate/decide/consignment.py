"""The performance of a whole line: what is compared with a yearly cap, an allocation or a size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from headgate.decide.cell import Cell
from headgate.expr import AtLeast
from headgate.expr.table import Numbers, number_column, numbers
from headgate.expr.value import Value

if TYPE_CHECKING:
    from polars import Series

    from headgate.decide.cells import Cells

# Field of the law to the column of what came before; None when the line alone counts.
SUMS: Mapping[str, str | None] = {
    "act.line_tpp": None,
    "act.lpp_tpp": "lpp_tpp_this_year",
    "act.allocation_tpp": "allocation_tpp_used",
}


def line_sums(cells: Mapping[str, Cell], unit_tpp: Value) -> dict[str, Value]:
    """Return the sums of one row: quantity times the performance of one unit, and what came before.

    A sum of which a part is unknown is a lower bound; without a quantity or a performance nothing is known.

    Example:
        >>> line_sums({"quantity": 10.0, "lpp_tpp_this_year": 100.0}, 50.0)["act.lpp_tpp"]
        600.0
        >>> line_sums({"quantity": 10.0}, 50.0)["act.lpp_tpp"]
        AtLeast(low=500.0)
    """
    quantity = cells.get("quantity")
    low, exact = (unit_tpp.low, False) if isinstance(unit_tpp, AtLeast) else (unit_tpp, unit_tpp is not None)
    line = cast("float", quantity) * cast("float", low) if quantity is not None and low is not None else 0.0
    found: dict[str, Value] = {}
    for name, column in SUMS.items():
        before = cells.get(column) if column else 0.0
        total = line + cast("float", before or 0.0)
        known = exact and quantity is not None and before is not None
        found[name] = total if known else AtLeast(total) if total else None
    return found


def sum_columns(columns: Mapping[str, Cells], unit_tpp: Sequence[Value], key: Series, at: Series) -> dict[str, Numbers]:
    """Return the same sums for the rows `at`; `key` says which item each row has."""
    import polars as pl

    unit = numbers(cast("Sequence[float | AtLeast | None]", unit_tpp))
    quantity = _stated(columns, "quantity", at)
    line = (quantity * unit.low.gather(key)).fill_null(0.0)
    line = line.set(line == float("-inf"), 0.0)
    exact = unit.exact.gather(key) & quantity.is_not_null()
    found: dict[str, Numbers] = {}
    for name, column in SUMS.items():
        before = _stated(columns, column, at) if column else pl.repeat(0.0, len(at), dtype=pl.Float64, eager=True)
        total = line + before.fill_null(0.0)
        known = exact & before.is_not_null()
        found[name] = number_column(total.set((total == 0.0) & ~known, None), known)
    return found


def _stated(columns: Mapping[str, Cells], name: str, at: Series) -> Series:
    import polars as pl

    cells = columns.get(name)
    if cells is None:
        return pl.repeat(None, len(at), dtype=pl.Float64, eager=True)
    return pl.Series(cells.values, dtype=pl.Float64).gather(cells.codes.gather(at))
