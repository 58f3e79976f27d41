"""Margin: how far each compared number is from its threshold."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import copysign, inf

from headgate.expr.node import Compare, Expr, Threshold, walk
from headgate.expr.value import AtLeast, Row

NEAR = 0.05


@dataclass(frozen=True, slots=True)
class Margin:
    """One number beside one threshold.

    Args:
        name: Field name.
        value: The number; a lower bound when `bound` is true.
        op: The comparison the law makes.
        limit: The threshold.
        share: `(value - limit) / |limit|`; negative below it. Infinite when the limit is 0.
        bound: The value is only a lower bound.
    """

    name: str
    value: float
    op: str
    limit: Threshold
    share: float
    bound: bool = False


def margin(name: str, value: float | AtLeast, op: str, limit: Threshold) -> Margin:
    """Measure one number against one threshold.

    Example:
        >>> from headgate.expr.node import threshold
        >>> round(margin("item.tpp", 4750.0, ">=", threshold("t", 4800, "TPP")).share, 4)
        -0.0104
    """
    low, bound = (value.low, True) if isinstance(value, AtLeast) else (value, False)
    gap = low - limit.value
    share = gap / abs(limit.value) if limit.value else (copysign(inf, gap) if gap else 0.0)
    return Margin(name, low, op, limit, share, bound)


def margins(nodes: Iterable[Expr], row: Row) -> list[Margin]:
    """List the margins of every comparison under some expressions whose number the row states."""
    found: dict[tuple[str, str, str], Margin] = {}
    for node in nodes:
        for leaf in walk(node):
            if isinstance(leaf, Compare):
                value = row.get(leaf.name)
                if isinstance(value, int | float | AtLeast) and not isinstance(value, bool):
                    key = (leaf.name, leaf.limit.id, leaf.op)
                    found.setdefault(key, margin(leaf.name, value, leaf.op, leaf.limit))
    return list(found.values())


def is_near(value: float, limit: float) -> bool:
    """Say whether a number lies within 5 % of a threshold.

    Example:
        >>> is_near(4750.0, 4800.0), is_near(4000.0, 4800.0)
        (True, False)
    """
    return abs(value - limit) <= NEAR * abs(limit)
