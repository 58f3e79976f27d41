"""What a decision was made from, kept for its memo."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headgate.decide.answer import Answer
from headgate.decide.cell import Cell
from headgate.decide.era import Era
from headgate.decide.item import ItemFacts
from headgate.expr.case import Truths
from headgate.expr.value import Row


@dataclass(frozen=True)
class Trace:
    """The row as read, the facts made of it, and the truth of every step.

    Args:
        cells: The cells of the row, stated facts included.
        day: The law day.
        item: The item's facts.
        row: All fields of the law.
        era: The era of the day.
        truths: Truth of every step of the era's program.
        each: The same for each circuit.
        answers: Answer by track.
        readings: Answers under the other reading or source, as (label, answer by track).
    """

    cells: Mapping[str, Cell]
    day: date
    item: ItemFacts
    row: Row
    era: Era
    truths: Truths
    each: tuple[Truths, ...] | None
    answers: Mapping[str, Answer]
    readings: tuple[tuple[str, Mapping[str, Answer]], ...]
