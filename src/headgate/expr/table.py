"""A table: a program run on Polars columns, one step at a time for all rows, for millions of rows.

A truth is two Boolean columns without nulls, `yes` and `no`; where neither holds it is unknown. That keeps every
junction a plain `&` or `|` of bits, and Kleene's logic falls out: *and* is yes where all are, and no where any is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_, or_
from typing import TYPE_CHECKING, cast

from headgate.expr.missing import SETTLES
from headgate.expr.node import Blank, Compare, Expr, Fact
from headgate.expr.oracle import atom
from headgate.expr.program import Program, Step
from headgate.expr.value import AtLeast, Lists, Value, check_number

if TYPE_CHECKING:
    from polars import Series


@dataclass(frozen=True, slots=True)
class Truth:
    """Truth of one step for every row: `yes`, `no`, or neither."""

    yes: Series
    no: Series

    @property
    def unknown(self) -> Series:
        """The rows in which it is not known."""
        return ~(self.yes | self.no)

    def to_series(self) -> Series:
        """Return one Boolean column in which null is unknown."""
        from polars import select, when

        return select(when(self.yes | self.no).then(self.yes)).to_series()


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number column: `low` is the number or its lower bound, minus infinity where blank; `exact` says which."""

    low: Series
    exact: Series
    blank: Series


@dataclass(frozen=True, slots=True)
class Codes:
    """A code, day or flag column: `codes` index `values`; the code after the last value is blank."""

    codes: Series
    values: Sequence[Value]


Columns = Mapping[str, Numbers | Codes]


def numbers(values: Sequence[float | AtLeast | None]) -> Numbers:
    """Make a number column.

    Example:
        >>> numbers([1.0, None, AtLeast(2.0)]).exact.to_list()
        [True, False, False]
    """
    from polars import Boolean, Float64, Series

    low = [float("-inf") if v is None else v.low if isinstance(v, AtLeast) else v for v in values]
    exact = Series([v is not None and not isinstance(v, AtLeast) for v in values], dtype=Boolean)
    return Numbers(Series(low, dtype=Float64), exact, Series([v is None for v in values], dtype=Boolean))


def number_column(low: Series, exact: Series) -> Numbers:
    """Make a number column from numbers with nulls and from where they are exact."""
    return Numbers(low.fill_null(float("-inf")), exact, low.is_null())


def codes(values: Sequence[Value]) -> Codes:
    """Make a code, day or flag column from one value a row.

    Example:
        >>> codes(["CN", None, "CN"]).codes.to_list()
        [0, 1, 0]
    """
    from polars import Series, UInt32

    index: dict[Value, int] = {}
    found = [None if v is None else index.setdefault(v, len(index)) for v in values]
    return Codes(Series([len(index) if c is None else c for c in found], dtype=UInt32), list(index))


@lru_cache(maxsize=64)
def constant(value: bool, height: int) -> Series:
    """Return a Boolean column of one value."""
    from polars import Boolean, repeat

    return repeat(value, height, dtype=Boolean, eager=True)


def run_table(
    program: Program, columns: Columns, lists: Lists, height: int, parts: Mapping[int, Truth] | None = None
) -> list[Truth]:
    """Run every step on columns.

    Args:
        program: From `lower`.
        columns: Field name to column, each of `height` rows; a missing field is blank everywhere.
        lists: Gives the members of a dated list.
        height: Number of rows.
        parts: Root of the part program to its truth for each row's parts together.

    Returns:
        One truth a step.

    Raises:
        ValueError: A number is NaN; the message names the field.
    """
    always, never = constant(True, height), constant(False, height)
    leaves = _leaves(program, columns, lists, height)
    truths: list[Truth] = []
    for index, step in enumerate(program.steps):
        args = [truths[a] for a in step.args] if step.kind in ("and", "or", "not") else []
        match step.kind:
            case "const":
                truths.append(Truth(always, never) if step.value else Truth(never, always))
            case "not":
                truths.append(Truth(args[0].no, args[0].yes))
            case "and":
                truths.append(Truth(reduce(and_, [a.yes for a in args]), reduce(or_, [a.no for a in args])))
            case "or":
                truths.append(Truth(reduce(or_, [a.yes for a in args]), reduce(and_, [a.no for a in args])))
            case "part":
                truths.append((parts or {}).get(step.args[0], Truth(never, never)))
            case _:
                truths.append(leaves[index])
    return truths


def _leaves(program: Program, columns: Columns, lists: Lists, height: int) -> dict[int, Truth]:
    """Return the truth of every leaf; the leaves of one coded column are looked up together."""
    never = constant(False, height)
    found: dict[int, Truth] = {}
    by_column: dict[str, list[int]] = {}
    checked: set[str] = set()
    for index, leaf in program.leaves():
        name = leaf.name  # type: ignore[attr-defined]
        column = columns.get(name)
        if column is None:
            silent = constant(isinstance(leaf, Blank), height)
            found[index] = Truth(silent, never)
        elif isinstance(column, Numbers):
            if name not in checked and column.low.is_nan().any():
                check_number(name, float("nan"))
            checked.add(name)
            found[index] = _number_leaf(leaf, column)
        else:
            by_column.setdefault(name, []).append(index)
    for name, indexes in by_column.items():
        found |= _coded_leaves(program, indexes, cast("Codes", columns[name]), lists)
    return found


def _number_leaf(leaf: Expr, column: Numbers) -> Truth:
    if isinstance(leaf, Blank):
        return Truth(column.blank, ~column.blank)
    assert isinstance(leaf, Compare)
    reached = column.low >= leaf.limit.value if leaf.op == ">=" else column.low > leaf.limit.value
    return Truth(reached, column.exact & ~reached)


def _coded_leaves(program: Program, indexes: Sequence[int], column: Codes, lists: Lists) -> dict[int, Truth]:
    from polars import Boolean, DataFrame, Series

    by_code: dict[str, Series] = {}
    for index in indexes:
        leaf = cast("Expr", program.steps[index].leaf)
        truths = [bool(v) if isinstance(leaf, Fact) else atom(leaf, v, lists) for v in column.values]
        blank = True if isinstance(leaf, Blank) else None
        by_code[f"y{index}"] = Series([t is True for t in (*truths, blank)], dtype=Boolean)
        by_code[f"n{index}"] = Series([t is False for t in (*truths, blank)], dtype=Boolean)
    rows = DataFrame(by_code)[column.codes]
    return {index: Truth(rows[f"y{index}"], rows[f"n{index}"]) for index in indexes}


def sensitive_table(program: Program, truths: Sequence[Truth], seeds: Mapping[int, Series]) -> dict[int, Series]:
    """Return, for each step that matters anywhere, the rows in which changing it alone would change a seed."""
    reached: dict[int, Series] = dict(seeds)
    for index in range(len(program.steps) - 1, -1, -1):
        here = reached.get(index)
        step = program.steps[index]
        if here is None or step.kind not in ("and", "or", "not"):
            continue
        for arg, rows in _through(step, truths, here, program.silent):
            reached[arg] = reached[arg] | rows if arg in reached else rows
    return reached


def _through(
    step: Step, truths: Sequence[Truth], here: Series, silent: Mapping[str, Collection[int]]
) -> list[tuple[int, Series]]:
    if step.kind == "not":
        return [(step.args[0], here)]
    settling = [truths[a].yes if SETTLES[step.kind] else truths[a].no for a in step.args]
    one, two = settling[0], None
    for column in settling[1:]:
        both = one & column
        two = both if two is None else two | both
        one = one | column
    none = here & ~one
    alone = here if two is None else here & ~two
    loud = [column for arg, column in zip(step.args, settling, strict=True) if arg not in silent[step.kind]]
    if len(settling) - len(loud) > 1:
        # Where only silent arguments settle, breaking the silence in all of them would change the step.
        alone = alone | (here & ~reduce(or_, loud) if loud else here)
    return [(arg, none | (alone & column)) for arg, column in zip(step.args, settling, strict=True)]
