"""Words: an expression as the sentence a lawyer reads."""

from collections.abc import Callable, Mapping

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

OPS = {">=": "is at least", ">": "is above", "<": "is below", "<=": "is at most"}


def plain(value: float) -> str:
    """Write a number in full, without an exponent and without a decimal that says nothing.

    Example:
        >>> plain(4800.0), plain(4799.9999), plain(26_900_000.0)
        ('4800', '4799.9999', '26900000')
    """
    return str(int(value)) if value.is_integer() else repr(value)


def words(
    node: Expr,
    names: Mapping[str, str] | None = None,
    title: Callable[[str], str] = lambda id: f"[{id}] holds",
) -> str:
    """Write an expression as a sentence.

    Args:
        node: The expression.
        names: Field or list id to its name in words; an unnamed one is written as it stands.
        title: Writes a reference to another provision.

    Example:
        >>> from headgate.expr.node import field, threshold, fact
        >>> words((field("ic.tpp") >= threshold("t", 4800, "TPP")) & ~fact("ic.is_datacenter"))
        'ic.tpp is at least 4800 TPP and not (ic.is_datacenter)'
    """
    names = names or {}

    def say(n: Expr) -> str:
        return words(n, names, title)

    def inside(n: Expr) -> str:
        return f"({say(n)})" if isinstance(n, And | Or) else say(n)

    match node:
        case Const(value):
            return "always" if value else "never"
        case And(args):
            return " and ".join(inside(a) for a in args)
        case Or(args):
            return " or ".join(inside(a) for a in args)
        case Not(arg):
            return f"not ({say(arg)})"
        case AnyPart(arg):
            return f"for any integrated circuit in the item: ({say(arg)})"
        case Holds(id):
            return title(id)
        case Fact(name):
            return names.get(name, name)
        case Blank(name):
            return f"{names.get(name, name)} is not stated"
        case Compare(name, op, limit):
            return f"{names.get(name, name)} {OPS[op]} {plain(limit.value)} {limit.unit}"
        case OneOf(name, values):
            return f"{names.get(name, name)} is {' or '.join(values)}"
        case InList(name, list_id):
            return f"{names.get(name, name)} is in {names.get(list_id, list_id)}"
        case During(name, start, end):
            return f"{names.get(name, name)} is on or after {start}" + (f" and before {end}" if end else "")
    raise TypeError(f"no words for {type(node).__name__}")
