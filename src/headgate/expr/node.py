"""The law's expression, as data: a dozen kinds of node, built with `&`, `|`, `~` and comparisons.

A node says nothing about how it is computed; each reader in this room gives it one meaning.
There are three truth values, by Kleene: True, False and None for *unknown*.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


class Expr:
    """One condition of the law. Combine with `&`, `|`, `~`; it has no truth value of its own.

    Example:
        >>> fact("buyer.is_denied") & (field("item.tpp") >= threshold("toy/tpp", 4800, "TPP"))
        And(args=(Fact(name='buyer.is_denied'), Compare(name='item.tpp', op='>=', limit=Threshold(id='toy/tpp', value=4800.0, unit='TPP'))))
    """  # noqa: E501

    __slots__ = ()

    def __and__(self, other: "Expr") -> "Expr":
        return And((*_flat(And, self), *_flat(And, other)))

    def __or__(self, other: "Expr") -> "Expr":
        return Or((*_flat(Or, self), *_flat(Or, other)))

    def __invert__(self) -> "Expr":
        return Not(self)

    def __bool__(self) -> bool:
        raise TypeError("an expression has no truth value; evaluate it on a row, and combine with & | ~")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit of the law with the id by which a scenario may change it.

    Args:
        id: Provision id, a slash and a short name, for example `us.ear.3a090.a.1/tpp`.
        value: The limit, in `unit`.
        unit: Unit of both the limit and the number compared with it.
    """

    id: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Const(Expr):
    """Always true, or always false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """A number of the row against a threshold; unknown when the number is."""

    name: str
    op: str
    limit: Threshold


@dataclass(frozen=True, slots=True)
class Fact(Expr):
    """A yes/no fact of the row; unknown when blank."""

    name: str


@dataclass(frozen=True, slots=True)
class OneOf(Expr):
    """A code of the row (or any of its codes) is one of these; unknown when blank."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InList(Expr):
    """A code of the row (or any of its codes) is on a dated list, as the list stands that day; unknown when blank."""

    name: str
    list_id: str


@dataclass(frozen=True, slots=True)
class During(Expr):
    """A day of the row lies in `[start, end)`; unknown when blank."""

    name: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Blank(Expr):
    """The row does not state this. Never unknown; used only where silence must count against the exporter."""

    name: str


@dataclass(frozen=True, slots=True)
class Holds(Expr):
    """Another provision of the book holds, in the version in force; false when none is in force."""

    id: str


@dataclass(frozen=True, slots=True)
class AnyPart(Expr):
    """Some part of the item (an integrated circuit in a computer) meets this; unknown when the parts are."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class And(Expr):
    """All hold."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Expr):
    """At least one holds."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Expr):
    """It does not hold."""

    arg: Expr


TRUE = Const(True)
FALSE = Const(False)


@dataclass(frozen=True, slots=True)
class Field:
    """A name of the row, waiting to be compared."""

    name: str

    def __ge__(self, limit: Threshold) -> Expr:
        return Compare(self.name, ">=", limit)

    def __gt__(self, limit: Threshold) -> Expr:
        return Compare(self.name, ">", limit)

    def __lt__(self, limit: Threshold) -> Expr:
        return Compare(self.name, "<", limit)

    def __le__(self, limit: Threshold) -> Expr:
        return Compare(self.name, "<=", limit)

    def one_of(self, *values: str) -> Expr:
        """Say that the code is one of these values."""
        return OneOf(self.name, values)

    def in_list(self, list_id: str) -> Expr:
        """Say that the code is on this dated list."""
        return InList(self.name, list_id)

    def during(self, start: str, end: str | None = None) -> Expr:
        """Say that the day lies in `[start, end)`, both ISO days."""
        return During(self.name, date.fromisoformat(start), date.fromisoformat(end) if end else None)

    def is_blank(self) -> Expr:
        """Say that the row does not state it."""
        return Blank(self.name)


def field(name: str) -> Field:
    """Name a number, code or day of the row."""
    return Field(name)


def fact(name: str) -> Expr:
    """Name a yes/no fact of the row."""
    return Fact(name)


def threshold(id: str, value: float, unit: str) -> Threshold:
    """Make a threshold of the law; NaN and infinity are refused."""
    if not abs(value) < float("inf"):
        raise ValueError(f"threshold {id} must be a finite number, not {value}")
    return Threshold(id, float(value), unit)


def holds(id: str) -> Expr:
    """Refer to another provision of the book by id."""
    return Holds(id)


def any_part(arg: Expr) -> Expr:
    """Say that some part of the item meets a condition on `ic.` fields."""
    return AnyPart(arg)


def all_of(*args: Expr) -> Expr:
    """Say that all hold; of none, true."""
    return And(args) if len(args) > 1 else args[0] if args else TRUE


def any_of(*args: Expr) -> Expr:
    """Say that at least one holds; of none, false."""
    return Or(args) if len(args) > 1 else args[0] if args else FALSE


def children(node: Expr) -> tuple[Expr, ...]:
    """Return the nodes directly under one node."""
    match node:
        case And(args) | Or(args):
            return args
        case Not(arg) | AnyPart(arg):
            return (arg,)
    return ()


def walk(node: Expr) -> Iterator[Expr]:
    """Yield a node and all nodes under it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def _flat(kind: type, node: Expr) -> tuple[Expr, ...]:
    return node.args if isinstance(node, kind) else (node,)  # type: ignore[attr-defined]
