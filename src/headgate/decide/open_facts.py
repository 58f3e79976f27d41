"""What the answer to one row still turns on: the facts to ask for, and the numbers that lie near."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headgate.decide.era import Era
from headgate.decide.item import ItemFacts
from headgate.expr.case import Truths
from headgate.expr.margin import NEAR
from headgate.expr.missing import is_missing, sensitive_leaves
from headgate.expr.node import Compare
from headgate.expr.value import Row
from headgate.law.fields import BY_NAME, RANK


@dataclass(frozen=True, slots=True)
class Questions:
    """What one group of formulas still turns on: fields to ask, numbers compared, and whether the parts are unknown."""

    asked: tuple[tuple[str, int | None], ...]
    compared: tuple[tuple[str, int | None, float, float], ...]
    parts_unknown: bool


def questions_of(era: Era, truths: Truths, each: tuple[Truths, ...] | None, seeds: Iterable[int]) -> Questions:
    """Sort the sensitive leaves into those that wait for a fact and the numbers that may be near."""
    leaves, parts_unknown = sensitive_leaves(era.program, truths, each, seeds)
    asked: list[tuple[str, int | None]] = []
    compared: dict[tuple[str, int | None, float, float], None] = {}
    for leaf, step, n in leaves:
        name = leaf.name  # type: ignore[attr-defined]
        if is_missing(leaf, truths[step] if n is None or each is None else each[n][step]):
            if BY_NAME[name].asked:
                asked.append((name, n))
        elif isinstance(leaf, Compare):
            compared[name, n, leaf.limit.value, NEAR * abs(leaf.limit.value)] = None
    return Questions(tuple(asked), tuple(compared), parts_unknown)


def open_columns(found: Iterable[Questions], row: Row, item: ItemFacts) -> tuple[tuple[str, ...], bool]:
    """Return the columns whose facts could change the answer, most decisive first, and whether a number is near."""
    columns: list[str] = []
    near = False
    for questions in found:
        here = {item.ask_parts} if questions.parts_unknown else set()
        for name, n in questions.asked:
            source = row if n is None or item.parts is None else item.parts[n]
            here.add(str(source.get(f"{name}?") or BY_NAME[name].column))
        columns += [c for c in sorted(here, key=RANK.__getitem__) if c not in columns]
        if not near:
            near = _is_near(questions, row, item.parts or ())
    return tuple(columns), near


def _is_near(questions: Questions, row: Row, parts: Sequence[Row]) -> bool:
    """Say whether a known number lies within 5 percent of a threshold that it is compared with."""
    for name, n, limit, slack in questions.compared:
        value = (row if n is None else parts[n]).get(name)
        if value.__class__ is float and abs(value - limit) <= slack:
            return True
    return False
