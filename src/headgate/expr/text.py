"""Text: an expression read from the same words in which a law file writes it. Nothing is executed.

holds("us.ear.734.movement") & (field("ic.tpp") >= threshold("own.cap/tpp", 4800, "TPP"))
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import NoReturn

from headgate.errors import BookError, did_you_mean
from headgate.expr.node import (
    FALSE,
    TRUE,
    Expr,
    Field,
    Threshold,
    all_of,
    any_of,
    any_part,
    fact,
    field,
    holds,
    threshold,
)

WORDS: Mapping[str, Callable[..., object]] = {
    "all_of": all_of,
    "any_of": any_of,
    "any_part": any_part,
    "fact": fact,
    "field": field,
    "holds": holds,
    "threshold": threshold,
}
METHODS = ("one_of", "in_list", "during", "is_blank")
COMPARISONS: Mapping[type[ast.cmpop], Callable[..., object]] = {
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
}
JUNCTIONS: Mapping[type[ast.operator], Callable[..., object]] = {
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}


def parse(text: str) -> Expr:
    """Read an expression.

    Args:
        text: The words of a law file: `field`, `fact`, `holds`, `any_part`, `all_of`, `any_of`, `threshold`, the
            methods `one_of`, `in_list`, `during`, `is_blank`, comparisons with a threshold, `&`, `|`, `~`, True, False.

    Raises:
        BookError: The text is none of that; the message quotes the place.

    Example:
        >>> parse('field("item.tpp") >= threshold("toy/tpp", 4800, "TPP")')
        Compare(name='item.tpp', op='>=', limit=Threshold(id='toy/tpp', value=4800.0, unit='TPP'))
    """
    try:
        # The brackets let it run over several lines.
        tree = ast.parse(f"({text.strip()}\n)", mode="eval")
        made = _read(tree.body)
    except (SyntaxError, ValueError, RecursionError) as problem:
        raise BookError(f"{text.strip()[:200]!r} is no expression: {problem}") from None
    if not isinstance(made, Expr):
        _refuse(tree.body, "it is no condition; compare a field, name a fact, or say what holds")
    return made


def _read(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=bool(value)):
            return TRUE if value else FALSE
        case ast.Constant(value=str() | int() | float()):
            return node.value
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return ~_condition(operand)
        case ast.BinOp(op=op, left=left, right=right) if type(op) in JUNCTIONS:
            return JUNCTIONS[type(op)](_condition(left), _condition(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return _compared(node, _read(left), COMPARISONS[type(op)], _read(right))
        case ast.Call(func=func, args=args, keywords=[]):
            return _called(node, func, [_read(a) for a in args])
    _refuse(
        node, "only field, fact, holds, any_part, all_of, any_of, threshold, comparisons, &, | and ~ can stand here"
    )


def _condition(node: ast.expr) -> Expr:
    made = _read(node)
    if not isinstance(made, Expr):
        _refuse(node, "it is no condition; put comparisons beside & and | into brackets")
    return made


def _compared(node: ast.expr, left: object, compare: Callable[..., object], right: object) -> object:
    if not isinstance(left, Field) or not isinstance(right, Threshold):
        _refuse(node, 'compare a field with a threshold, as in field("ic.tpp") >= threshold("own.x/tpp", 4800, "TPP")')
    return compare(left, right)


def _called(node: ast.expr, func: ast.expr, args: list[object]) -> object:
    match func:
        case ast.Name(id=name) if name in WORDS:
            word = WORDS[name]
        case ast.Name(id=name):
            _refuse(node, f"{name} is no word of an expression.{did_you_mean(name, WORDS)}")
        case ast.Attribute(value=owner, attr=name) if name in METHODS:
            made = _read(owner)
            if not isinstance(made, Field):
                _refuse(node, f"{name} belongs to a field")
            word = getattr(made, name)
        case _:
            _refuse(node, f"only {', '.join(METHODS)} can be asked of a field")
    conditions = name in ("all_of", "any_of", "any_part")
    if any(isinstance(a, Expr) is not conditions for a in args):
        _refuse(node, f"{name} takes {'conditions' if conditions else 'names and numbers'}")
    try:
        found: object = word(*args)
    except (TypeError, ValueError) as problem:
        _refuse(node, str(problem))
    return found


def _refuse(node: ast.expr, why: str) -> NoReturn:
    raise BookError(f"{ast.unparse(node)!r} cannot be read: {why}")
