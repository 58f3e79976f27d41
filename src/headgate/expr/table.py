"""A table: a program run on Polars columns, one step a column, for millions of rows.

Truth is a Boolean column in which null means unknown; Polars' `&`, `|` and `~` are Kleene's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from headgate.expr.missing import SETTLES
from headgate.expr.node import Blank, Compare, Expr, Fact
from headgate.expr.oracle import atom
from headgate.expr.program import LEAF, Program
from headgate.expr.value import AtLeast, Lists, Value

if TYPE_CHECKING:
    from polars import Series


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number column: `low` holds the number or its lower bound; `slack` is null where it is only a bound, else false."""

    low: Series
    slack: Series


@dataclass(frozen=True, slots=True)
class Codes:
    """A code, day or flag column: `codes` index `values`; null is blank."""

    codes: Series
    values: Sequence[Value]


Columns = Mapping[str, Numbers | Codes]


def numbers(values: Sequence[float | AtLeast | None]) -> Numbers:
    """Make a number column; NaN raises ValueError.

    Example:
        >>> numbers([1.0, None, AtLeast(2.0)]).low.to_list()
        [1.0, None, 2.0]
    """
    from polars import Boolean, Float64, Series

    low = Series([v.low if isinstance(v, AtLeast) else v for v in values], dtype=Float64)
    if low.is_nan().any():
        raise ValueError("a number column holds NaN, which is not a number; leave unknown cells blank")
    return Numbers(
        low, Series([False if v is not None and not isinstance(v, AtLeast) else None for v in values], dtype=Boolean)
    )


def codes(values: Sequence[Value]) -> Codes:
    """Make a code, day or flag column from one value a row.

    Example:
        >>> codes(["CN", None, "CN"]).codes.to_list()
        [0, None, 0]
    """
    from polars import Series, UInt32

    index: dict[Value, int] = {}
    return Codes(
        Series([None if v is None else index.setdefault(v, len(index)) for v in values], dtype=UInt32), list(index)
    )


def run_table(
    program: Program, columns: Columns, lists: Lists, height: int, parts: Mapping[int, Series] | None = None
) -> list[Series]:
    """Run every step on columns.

    Args:
        program: From `lower`.
        columns: Field name to column, each of `height` rows; a missing field is blank everywhere.
        lists: Gives the members of a dated list.
        height: Number of rows.
        parts: Root of the part program to its truth for each row's parts together.

    Returns:
        One Boolean column a step.
    """
    from polars import Boolean, Series, repeat

    truths: list[Series] = []
    for step in program.steps:
        args = [truths[a] for a in step.args] if step.kind in ("and", "or", "not") else []
        if step.kind == "const":
            column = repeat(step.value, height, dtype=Boolean, eager=True)
        elif step.kind == "not":
            column = ~args[0]
        elif step.kind in SETTLES:
            column = args[0]
            for other in args[1:]:
                column = column & other if step.kind == "and" else column | other
        elif step.kind == "part":
            column = (parts or {}).get(step.args[0], repeat(None, height, dtype=Boolean, eager=True))
        else:
            column = _leaf(cast("Expr", step.leaf), columns, lists, height)
        truths.append(column)
    return cast("list[Series]", truths) if truths else [Series([], dtype=Boolean)][:0]


def _leaf(leaf: Expr, columns: Columns, lists: Lists, height: int) -> Series:
    from polars import Boolean, Series, repeat

    column = columns.get(leaf.name)  # type: ignore[attr-defined]
    if column is None:
        return repeat(True if isinstance(leaf, Blank) else None, height, dtype=Boolean, eager=True)
    if isinstance(leaf, Compare):
        assert isinstance(column, Numbers)
        reached = column.low >= leaf.limit.value if leaf.op == ">=" else column.low > leaf.limit.value
        return reached | column.slack
    if isinstance(leaf, Blank):
        return (column.low if isinstance(column, Numbers) else column.codes).is_null()
    assert isinstance(column, Codes)
    by_code = Series(
        [bool(v) if isinstance(leaf, Fact) else atom(leaf, v, lists) for v in column.values], dtype=Boolean
    )
    return by_code.gather(column.codes) if len(by_code) else repeat(None, height, dtype=Boolean, eager=True)


def sensitive_table(program: Program, truths: Sequence[Series], seeds: Mapping[int, Series]) -> dict[int, Series]:
    """Return, for each step that matters anywhere, the rows in which changing it alone would change a seed."""
    reached: dict[int, Series] = dict(seeds)
    for index in range(len(program.steps) - 1, -1, -1):
        here = reached.get(index)
        step = program.steps[index]
        if here is None or step.kind in ("const", LEAF, "part"):
            continue
        if step.kind == "not":
            _reach(reached, step.args[0], here)
            continue
        wanted = SETTLES[step.kind]
        settling = [(truths[a] if wanted else ~truths[a]).fill_null(False) for a in step.args]
        one, two = settling[0], settling[0] & ~settling[0]
        for column in settling[1:]:
            two = two | (one & column)
            one = one | column
        open_here, none = here & ~two, here & ~one
        for arg, column in zip(step.args, settling, strict=True):
            _reach(reached, arg, none | (open_here & column))
    return reached


def _reach(reached: dict[int, Series], index: int, rows: Series) -> None:
    reached[index] = reached[index] | rows if index in reached else rows
