"""Missing: which unknown facts could still flip an answer, and which known numbers are near enough to.

A step is *sensitive* when changing it alone would change some seed: under an `and`, every other argument must be able
to be true; under an `or`, every other must be able to be false. Where nothing but the row's silence settles a junction,
in however many arguments, the silence can be broken in all of them. An unknown leaf that is sensitive is a missing
fact. A known number that is sensitive and within 5 % of its threshold is a near one.
"""

from collections.abc import Iterable, Sequence

from headgate.expr.case import Truths
from headgate.expr.node import Blank, Expr
from headgate.expr.program import LEAF, Program

# What decides between the arguments of a junction: one False settles an `and`, one True settles an `or`.
SETTLES = {"and": False, "or": True}


def sensitive(program: Program, truths: Truths, seeds: Iterable[int]) -> set[int]:
    """Return the steps whose change alone would change a seed, several silent ones counting as one.

    Example:
        >>> from headgate.expr.node import fact
        >>> from headgate.expr.program import lower
        >>> program = lower(({"a": fact("x") & fact("y")}, fact))
        >>> sorted(sensitive(program, (False, None, False), [program.roots["a"]]))
        [0, 2]
    """
    found: set[int] = set()
    waiting = list(seeds)
    steps = program.steps
    while waiting:
        index = waiting.pop()
        if index in found:
            continue
        found.add(index)
        step = steps[index]
        if step.kind == "not":
            waiting.append(step.args[0])
        elif step.kind in SETTLES:
            settles = SETTLES[step.kind]
            settling = [a for a in step.args if truths[a] is settles]
            if len(settling) <= 1 or program.silent[step.kind].issuperset(settling):
                waiting += settling or step.args
    return found


def sensitive_leaves(
    program: Program, truths: Truths, each: Sequence[Truths] | None, seeds: Iterable[int]
) -> tuple[list[tuple[Expr, int, int | None]], bool]:
    """Return the sensitive leaves as (leaf, step, part number or None), and whether the parts are missing."""
    reached = sensitive(program, truths, seeds)
    leaves: list[tuple[Expr, int, int | None]] = []
    parts_unknown = False
    for index in reached:
        step = program.steps[index]
        if step.kind == LEAF and step.leaf is not None:
            leaves.append((step.leaf, index, None))
        elif step.kind == "part":
            if each is None:
                parts_unknown = True
            else:
                leaves += _in_parts(program, each, step.args[0])
    return leaves, parts_unknown


def _in_parts(program: Program, each: Sequence[Truths], root: int) -> list[tuple[Expr, int, int | None]]:
    assert program.parts is not None
    settling = [n for n, truths in enumerate(each) if truths[root] is True]
    if len(settling) > 1:
        return []
    found: list[tuple[Expr, int, int | None]] = []
    for n in settling or range(len(each)):
        for index in sensitive(program.parts, each[n], [root]):
            leaf = program.parts.steps[index].leaf
            if leaf is not None:
                found.append((leaf, index, n))
    return found


def is_missing(leaf: Expr, truth: bool | None) -> bool:
    """Say whether a leaf waits for a fact: it is unknown, or it holds because the row is silent."""
    return truth is None or (isinstance(leaf, Blank) and truth)
