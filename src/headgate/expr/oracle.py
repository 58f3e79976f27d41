"""The plain tree-walking evaluator: slow, obvious, and what every other reader must agree with."""

from collections.abc import Callable
from datetime import date

from headgate.expr.node import (
    And,
    AnyPart,
    Blank,
    Compare,
    Const,
    During,
    Expr,
    Fact,
    Holds,
    InList,
    Not,
    OneOf,
    Or,
)
from headgate.expr.value import AtLeast, Lists, Parts, Row, Truth, Value, check_number


def evaluate(
    node: Expr,
    row: Row,
    lists: Lists = lambda _: frozenset(),
    parts: Parts = None,
    resolve: Callable[[str], Expr] | None = None,
) -> Truth:
    """Evaluate an expression on one row.

    Args:
        node: The expression.
        row: Field name to value; a missing name and None both mean unknown.
        lists: Gives the members of a dated list on the row's day.
        parts: The item's integrated circuits, each a row of `ic.` fields; None when unknown.
        resolve: Gives the expression of a provision in force, by id.

    Returns:
        True, False, or None for unknown.

    Raises:
        ValueError: A number is NaN.

    Example:
        >>> from headgate.expr.node import field, threshold
        >>> evaluate(field("item.tpp") >= threshold("t", 4800, "TPP"), {"item.tpp": AtLeast(2000.0)}) is None
        True
    """
    match node:
        case Const(value):
            return value
        case And(args):
            return kleene_all([evaluate(a, row, lists, parts, resolve) for a in args])
        case Or(args):
            return kleene_any([evaluate(a, row, lists, parts, resolve) for a in args])
        case Not(arg):
            inner = evaluate(arg, row, lists, parts, resolve)
            return None if inner is None else not inner
        case AnyPart(arg):
            return None if parts is None else kleene_any([evaluate(arg, p, lists, None, resolve) for p in parts])
        case Holds(id):
            if resolve is None:
                raise ValueError(f"no book to look {id} up in")
            return evaluate(resolve(id), row, lists, parts, resolve)
    return atom(node, row.get(node.name), lists)  # type: ignore[attr-defined]


def atom(node: Expr, value: Value, lists: Lists) -> Truth:
    """Evaluate a leaf on the value of its field."""
    if isinstance(node, Blank):
        return value is None
    if value is None:
        return None
    match node:
        case Fact():
            return bool(value)
        case OneOf(_, values):
            return _any_code(value, values)
        case InList(_, list_id):
            return _any_code(value, lists(list_id))
        case During(_, start, end):
            assert isinstance(value, date)
            return start <= value and (end is None or value < end)
        case Compare(name, op, limit):
            return compare(check_number(name, value), op, limit.value)  # type: ignore[arg-type]
    raise TypeError(f"{type(node).__name__} is not a leaf")


def compare(value: float | AtLeast | None, op: str, limit: float) -> Truth:
    """Compare a number, or a lower bound of one, with a limit."""
    if isinstance(value, AtLeast):
        reached = value.low >= limit if op in (">=", "<") else value.low > limit
        return (op in (">=", ">")) if reached else None
    if value is None:
        return None
    return {">=": value >= limit, ">": value > limit, "<": value < limit, "<=": value <= limit}[op]


def kleene_all(values: list[Truth]) -> Truth:
    """Return Kleene's *and*: false if any is false, else unknown if any is unknown."""
    return False if False in values else None if None in values else True


def kleene_any(values: list[Truth]) -> Truth:
    """Return Kleene's *or*: true if any is true, else unknown if any is unknown."""
    return True if True in values else None if None in values else False


def _any_code(value: Value, codes: tuple[str, ...] | frozenset[str]) -> bool:
    return any(v in codes for v in value) if isinstance(value, frozenset) else value in codes
