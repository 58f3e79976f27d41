"""One case: Python generated from a program, for a decision in microseconds and without any heavy import."""

from collections.abc import Callable, Sequence
from typing import cast

from headgate.expr.node import Blank, Compare, Expr, Fact
from headgate.expr.oracle import atom
from headgate.expr.program import LEAF, Program, Step
from headgate.expr.value import AtLeast, Lists, Parts, Row, Truth, Value, check_number

Truths = Sequence[Truth]
# Takes a row and its parts; returns the truth of every step and, for each part, of every step of the part program.
Run = Callable[[Row, Parts], tuple[Truths, tuple[Truths, ...] | None]]


def compile_case(program: Program, lists: Lists) -> Run:
    """Compile a program to a function of one row.

    Args:
        program: From `lower`.
        lists: Gives the members of a dated list; the compiled function keeps what it gives now.

    Returns:
        A function of a row and its parts that gives the truth of every step. NaN raises ValueError.

    Example:
        >>> from headgate.expr.node import field, threshold
        >>> from headgate.expr.program import lower
        >>> program = lower(({"a": field("item.tpp") >= threshold("t", 4800, "TPP")}, field))
        >>> compile_case(program, lambda _: frozenset())({"item.tpp": 4799.9999}, None)[0][program.roots["a"]]
        False
    """
    row_steps = _compile(program, lists)
    inner = program.parts
    if inner is None or not inner.steps:
        return lambda row, parts: (row_steps(row, None), None)
    part_steps = _compile(inner, lists)

    def run(row: Row, parts: Parts) -> tuple[Truths, tuple[Truths, ...] | None]:
        each = None if parts is None else tuple([part_steps(p, None) for p in parts])
        return row_steps(row, each), each

    return run


def _compile(program: Program, lists: Lists) -> Callable[[Row, tuple[Truths, ...] | None], Truths]:
    scope: dict[str, object] = {"AtLeast": AtLeast, "check": check_number, "any_part": _any_part}
    lines = ["def run(row, each):", " get = row.get"]
    numbers: dict[str, int] = {}
    for name in {s.leaf.name: None for s in program.steps if isinstance(s.leaf, Compare)}:
        n = numbers[name] = len(numbers)
        lines += [
            f" x{n} = get({name!r}); b{n} = None",
            f" if x{n} is not None:",
            f"  if x{n} != x{n}: check({name!r}, x{n})",
            f"  if x{n}.__class__ is AtLeast: b{n} = check({name!r}, x{n}).low; x{n} = None",
        ]
    told: dict[str, str] = {}
    for name in {_name(s.leaf): None for s in program.steps if s.leaf is not None and not isinstance(s.leaf, Compare)}:
        told[name] = f"v{len(told)}"
        lines.append(f" {told[name]} = get({name!r})")
    lines += [f" t{i} = {_source(i, s, numbers, told, scope, lists)}" for i, s in enumerate(program.steps)]
    lines.append(f" return ({''.join(f't{i},' for i in range(len(program.steps)))})")
    exec(compile("\n".join(lines), "<generated from the law>", "exec"), scope)
    return cast("Callable[[Row, tuple[Truths, ...] | None], Truths]", scope["run"])


def _name(leaf: Expr) -> str:
    return str(leaf.name)  # type: ignore[attr-defined]


def _source(
    index: int, step: Step, numbers: dict[str, int], told: dict[str, str], scope: dict[str, object], lists: Lists
) -> str:
    args = [f"t{a}" for a in step.args]
    match step.kind:
        case "const":
            return str(step.value)
        case "and":
            return f"False if {_is('or', args, False)} else None if {_is('or', args, None)} else True"
        case "or":
            return f"True if {_is('or', args, True)} else None if {_is('or', args, None)} else False"
        case "not":
            return f"None if {args[0]} is None else not {args[0]}"
        case "part":
            return f"None if each is None else any_part(each, {step.args[0]})"
    assert step.kind == LEAF
    return _leaf_source(index, cast("Expr", step.leaf), numbers, told, scope, lists)


def _leaf_source(
    index: int, leaf: Expr, numbers: dict[str, int], told: dict[str, str], scope: dict[str, object], lists: Lists
) -> str:
    if isinstance(leaf, Compare):
        n, limit = numbers[leaf.name], repr(leaf.limit.value)
        reached = f"True if b{n} is not None and b{n} {leaf.op} {limit} else None"
        return f"x{n} {leaf.op} {limit} if x{n} is not None else {reached}"
    value = told[_name(leaf)]
    if isinstance(leaf, Fact):
        return value
    if isinstance(leaf, Blank):
        return f"{value} is None"
    scope[f"leaf{index}"] = _Remember(leaf, lists)
    return f"leaf{index}[{value}]"


def _is(word: str, args: list[str], value: Truth) -> str:
    return f" {word} ".join(f"{a} is {value}" for a in args)


def _any_part(each: tuple[Truths, ...], root: int) -> Truth:
    answer: Truth = False
    for truths in each:
        if truths[root] is True:
            return True
        if truths[root] is None:
            answer = None
    return answer


class _Remember(dict[Value, Truth]):
    """Truth of a leaf by the value of its field: codes and days repeat, so each is tested once."""

    def __init__(self, leaf: Expr, lists: Lists) -> None:
        super().__init__()
        self.leaf, self.lists = leaf, lists

    def __missing__(self, value: Value) -> Truth:
        truth = atom(self.leaf, value, self.lists)
        if len(self) < 100_000:
            self[value] = truth
        return truth
