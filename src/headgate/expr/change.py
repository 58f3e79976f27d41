"""Change: the same expression with other thresholds."""

from collections.abc import Mapping
from dataclasses import replace

from headgate.expr.node import And, AnyPart, Compare, Expr, Not, Or


def with_thresholds(node: Expr, values: Mapping[str, float]) -> Expr:
    """Return an expression in which the thresholds named have other values; one that names none is the same object.

    Args:
        node: The expression.
        values: Threshold id to its new value, in the threshold's own unit.

    Example:
        >>> from headgate.expr import field, threshold
        >>> with_thresholds(field("x") >= threshold("t/x", 4800, "TPP"), {"t/x": 2400}).limit.value
        2400.0
    """
    match node:
        case Compare(limit=limit) if limit.id in values and limit.value != values[limit.id]:
            return replace(node, limit=replace(limit, value=float(values[limit.id])))
        case And(args) | Or(args):
            changed = tuple([with_thresholds(a, values) for a in args])
            return node if all(a is b for a, b in zip(args, changed, strict=True)) else type(node)(changed)
        case Not(arg) | AnyPart(arg):
            inner = with_thresholds(arg, values)
            return node if inner is arg else type(node)(inner)
    return node
