"""A set of named expressions, lowered once to a list of steps that every fast reader follows.

Provisions share most of their conditions. Lowering resolves references to other provisions, folds constants and
gives each distinct condition one place in the list, so that it is computed once however often the law names it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from headgate.expr.node import (
    And,
    AnyPart,
    Blank,
    Compare,
    Const,
    Expr,
    Holds,
    Not,
    Or,
)
from headgate.expr.value import PART_PREFIX

LEAF = "leaf"
NOT_OF = {"<": ">=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a constant, a leaf, a part test, or and/or/not over earlier steps.

    Args:
        kind: `const`, `leaf`, `part`, `and`, `or`, `not`.
        args: Indexes of earlier steps; for `part` the index of a root of the part program.
        leaf: The leaf expression, comparisons always as `>=` or `>`.
        value: The constant.
    """

    kind: str
    args: tuple[int, ...] = ()
    leaf: Expr | None = None
    value: bool = False


@dataclass(slots=True)
class Program:
    """Steps in order, with the step of each named root, and the steps for one part of the item.

    `silent` holds the steps by which a silent row settles a junction: `is_blank` an or, its negation an and.
    """

    steps: list[Step] = field(default_factory=list)
    roots: dict[str, int] = field(default_factory=dict)
    parts: "Program | None" = None
    silent: dict[str, set[int]] = field(default_factory=lambda: {"and": set(), "or": set()})

    def leaves(self) -> list[tuple[int, Expr]]:
        """Return the leaf steps as (index, expression)."""
        return [(i, s.leaf) for i, s in enumerate(self.steps) if s.leaf is not None]


Resolve = Callable[[str], Expr]


def lower(*groups: tuple[Mapping[str, Expr], Resolve]) -> Program:
    """Lower groups of named expressions to one program that shares whatever they have in common.

    Args:
        groups: Pairs of (name to expression, what gives the expression of a provision in force by id). Names are unique
            over all groups; the groups of a day are its two tracks.

    Raises:
        ValueError: Provisions refer to each other in a circle; the message shows it.

    Example:
        >>> from headgate.expr.node import fact
        >>> program = lower(({"a": fact("x") & fact("y"), "b": ~(fact("x") & fact("y"))}, fact))
        >>> len(program.steps)
        4
    """
    part_builder = _Builder(None)
    builder = _Builder(part_builder)
    builder.program.parts = part_builder.program
    for roots, resolve in groups:
        builder.use(resolve)
        for name, node in roots.items():
            builder.program.roots[name] = builder.add(node)
    return builder.program


class _Builder:
    def __init__(self, parts: "_Builder | None") -> None:
        self.program = Program()
        self.parts = parts
        self.seen: dict[object, int] = {}
        self.named: dict[str, int] = {}
        self.open: list[str] = []

    def use(self, resolve: Resolve) -> None:
        self.resolve, self.named = resolve, {}
        if self.parts is not None:
            self.parts.use(resolve)

    def add(self, node: Expr) -> int:
        """Lower a node; return its step."""
        match node:
            case Const(value):
                return self.constant(value)
            case And(args):
                return self.junction("and", [self.add(a) for a in args])
            case Or(args):
                return self.junction("or", [self.add(a) for a in args])
            case Not(arg):
                return self.negation(self.add(arg))
            case Holds(id):
                return self.reference(id)
            case AnyPart(arg):
                return self.part(arg)
            case Compare(name, op, limit) if op in NOT_OF:
                return self.negation(self.add(Compare(name, NOT_OF[op], limit)))
        inside = str(getattr(node, "name", "")).startswith(PART_PREFIX)
        if inside != (self.parts is None):
            place = "outside" if inside else "inside"
            raise ValueError(f"{getattr(node, 'name', node)} is read {place} any_part(...), where it has no value")
        leaf = self.step(("leaf", node), Step(LEAF, leaf=node))
        if isinstance(node, Blank):
            self.program.silent["or"].add(leaf)
        return leaf

    def step(self, key: object, step: Step) -> int:
        if key not in self.seen:
            self.seen[key] = len(self.program.steps)
            self.program.steps.append(step)
        return self.seen[key]

    def constant(self, value: bool) -> int:
        return self.step(("const", value), Step("const", value=value))

    def junction(self, kind: str, args: list[int]) -> int:
        """Return the step of an and/or, without constants and repeats."""
        absorbing = kind == "or"
        kept: list[int] = []
        for arg in args:
            step = self.program.steps[arg]
            if step.kind == "const":
                if step.value is absorbing:
                    return self.constant(absorbing)
            elif arg not in kept:
                kept.append(arg)
        if not kept:
            return self.constant(not absorbing)
        if len(kept) == 1:
            return kept[0]
        return self.step((kind, frozenset(kept)), Step(kind, tuple(kept)))

    def negation(self, arg: int) -> int:
        """Return the step of a negation; two cancel, and that of a constant is a constant."""
        step = self.program.steps[arg]
        if step.kind == "const":
            return self.constant(not step.value)
        if step.kind == "not":
            return step.args[0]
        negated = self.step(("not", arg), Step("not", (arg,)))
        if arg in self.program.silent["or"]:
            self.program.silent["and"].add(negated)
        return negated

    def part(self, arg: Expr) -> int:
        if self.parts is None:
            raise ValueError("any_part(...) cannot stand inside any_part(...)")
        root = self.parts.add(arg)
        self.parts.program.roots[str(root)] = root
        return self.step(("part", root), Step("part", (root,)))

    def reference(self, id: str) -> int:
        if id not in self.named:
            if id in self.open:
                raise ValueError(f"provisions refer to each other in a circle: {' -> '.join([*self.open, id])}")
            self.open.append(id)
            self.named[id] = self.add(self.resolve(id))
            self.open.pop()
        return self.named[id]
