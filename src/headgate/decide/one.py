"""One case: a row of cells to a decision, through the generated Python. A table takes the same steps on columns."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

from headgate.catalog.chips import Catalog, catalog
from headgate.catalog.countries import Lists, country_lists
from headgate.catalog.record import Record
from headgate.decide.answer import Answer, bits_of, judge, read_answer
from headgate.decide.answers import check_answers, read_answer_cell
from headgate.decide.cell import Cell
from headgate.decide.columns import check_columns, read_cell
from headgate.decide.consignment import line_sums
from headgate.decide.decision import Decision, Measure
from headgate.decide.era import Era, Eras
from headgate.decide.facts import check_day, check_route, lay_under, row_facts, stated_facts
from headgate.decide.finish import combine, duty_rate, eccn_differs, heavier, measures, shown
from headgate.decide.item import COLUMNS as ITEM_COLUMNS
from headgate.decide.item import ItemFacts, item_facts
from headgate.decide.open_facts import Questions, open_columns, questions_of
from headgate.decide.trace import Trace
from headgate.errors import ConflictError, RowError
from headgate.expr.case import Truths
from headgate.expr.value import Row
from headgate.law.book import ENFORCED, PRINTED, Book

# What the first and the second group of formulas decide: the outcome, and everything else.
GROUPS = ("first", "second")
# Equal items and equal patterns of truths are worked out once, up to this many of each.
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What follows from one pattern of truths: the answer of each track, and what it turns on, outcome first."""

    answers: Mapping[str, Answer]
    questions: tuple[Questions, ...]


class Decider:
    """A book, its lists and a catalog, ready to decide.

    Args:
        book: The book; by default that of the United States.
        own: The user's own parts by casefolded part number.
        lists: The dated lists; by default those of the package.
        records: The catalog; by default that of the package.
        as_of: Decide every row under the law of this day instead of its event date.
        answers: Rows may come with answers to the questions of red flags.
    """

    def __init__(
        self,
        book: Book | None = None,
        own: Mapping[str, Record] | None = None,
        lists: Lists | None = None,
        records: Catalog | None = None,
        as_of: date | None = None,
        answers: bool = False,
    ) -> None:
        from headgate.law.us import book as us_book

        self.book = book or us_book()
        self.lists = lists or country_lists()
        self.catalog: Catalog = records or catalog()
        self.as_of = as_of
        self.answers = answers
        self.eras = Eras(self.book, self.lists, answers)
        self.own = own or {}
        self._items: dict[tuple[Cell, ...], ItemFacts | str] = {}
        self._worked: dict[tuple[object, ...], WorkedOut] = {}
        self._shown: dict[tuple[int, int], dict[str, Measure | None]] = {}

    def with_book(self, book: Book, lists: Lists) -> "Decider":
        """Return a decider of another book and other lists; everything else as here."""
        return Decider(book, self.own, lists, self.catalog, self.as_of, self.answers)

    @cached_property
    def answering(self) -> "Decider":
        """The decider of the same law whose rows may come with answers to the questions of red flags."""
        return self if self.answers else Decider(self.book, self.own, self.lists, self.catalog, self.as_of, True)

    def as_known(self, day: date) -> "Decider":
        """Return a decider that knows only what could be known on a day."""
        book, lists, records = self.book.as_known(day), self.lists.as_known(day), self.catalog.as_known(day)
        return Decider(book, self.own, lists, records, self.as_of, self.answers)

    @cached_property
    def data_version(self) -> str:
        """Hash of the catalog and of the lists of countries."""
        return hashlib.sha256(f"{self.catalog.version()}{self.lists.version()}".encode()).hexdigest()[:16]

    def law_day(self, cells: Mapping[str, Cell]) -> date:
        """Return the day whose law decides a row.

        Raises:
            RowError: The row has no day that the book answers for.
        """
        return self.as_of or check_day(cells, self.book.begins)

    def decide(
        self,
        row: Mapping[str, object],
        assume: str | None,
        stated: Mapping[str, object] | None,
        answers: Mapping[str, object] | None = None,
    ) -> Decision:
        """Decide one row of raw cells, with its answers; a row that cannot be read is a decision `invalid_row`."""
        if answers is not None and not self.answers:
            return self.answering.decide(row, assume, stated, answers)
        check_columns(row)
        check_answers(answers or ())
        facts = stated_facts(assume, stated)
        cells: dict[str, Cell] = {}
        try:
            for column, value in row.items():
                cells[column] = read_cell(column, value)
            told = {column: read_answer_cell(column, value) for column, value in (answers or {}).items()}
            filled, assumed = lay_under({**cells, **told}, facts, bool(assume))
            return self.decide_cells(filled, assumed)
        except (RowError, ConflictError) as problem:
            line = cells.get("line_id")
            return self.invalid(str(problem), None if line is None else str(line))

    def invalid(self, error: str, line_id: str | None) -> Decision:
        """Return the decision of a row that cannot be read."""
        return Decision(
            line_id=line_id,
            error=error,
            law_version=self.book.version,
            data_version=self.data_version,
            measures=shown({}),
        )

    def decide_cells(self, cells: Mapping[str, Cell], assumed: tuple[str, ...] = ()) -> Decision:
        """Decide one row of read cells.

        Raises:
            RowError: The row cannot be decided as it stands.
        """
        day = self.law_day(cells)
        check_route(cells)
        era = self.eras.on(day)
        item = self.item(cells)
        row: Row = {**row_facts(cells), **item.row, **line_sums(cells, item.unit_tpp)}
        truths, each = era.run(row, item.parts)
        found = self.work_out(era, truths, each, row.get("act.us_import") is True)
        answers = found.answers
        readings = tuple((label, self._under(era, row, parts)) for label, parts in item.readings)
        missing, near = open_columns(found.questions, row, item)
        needs = {n: None for a in answers.values() for n in a.needs if cells.get(n) is None}
        final, reading_flags = combine(answers, readings)
        enforced, printed = final[ENFORCED], final[PRINTED]
        late = day > self.book.read_on
        flags = dict.fromkeys(
            (
                *enforced.flags,
                *printed.flags,
                *item.flags,
                *(("near_threshold",) if near else ()),
                *reading_flags,
                *(("eccn_mismatch",) if eccn_differs(cells.get("stated_eccn"), enforced) else ()),
                *((f"law_not_read_after_{self.book.read_on}",) if late else ()),
            )
        )
        return Decision(
            line_id=None if cells.get("line_id") is None else str(cells["line_id"]),
            outcome=enforced.outcome,
            outcome_printed=printed.outcome,
            eccn=enforced.eccn,
            eccn_paragraph=enforced.eccn_paragraph,
            review_policy=enforced.review_policy,
            review_policy_printed=printed.review_policy,
            exceptions=enforced.exceptions,
            exceptions_printed=printed.exceptions,
            duty_rate=duty_rate(enforced, cells.get("us_import")),
            reasons=enforced.reasons,
            reasons_printed=printed.reasons,
            missing=(*missing, *needs),
            flags=tuple(flags),
            assumed=assumed,
            measures=self._measures(item, era),
            evidence="unverified" if late else enforced.evidence,
            diligence=heavier(enforced.diligence, printed.diligence),
            law_version=self.book.version,
            data_version=self.data_version,
            trace=Trace(cells, day, item, row, era, truths, each, answers, readings),
        )

    def item(self, cells: Mapping[str, Cell]) -> ItemFacts:
        """Return the facts of the item of a row, worked out once for equal items.

        Raises:
            RowError: The item cannot be found.
        """
        key = tuple([cells.get(c) for c in ITEM_COLUMNS])
        found = self._items.get(key)
        if found is None:
            try:
                found = item_facts(cells, self.catalog, self.own)
                if len(self._items) < REMEMBERED:
                    found = replace(found, remembered=True)
            except RowError as problem:
                found = str(problem)
            if len(self._items) < REMEMBERED:
                self._items[key] = found
        if isinstance(found, str):
            raise RowError(found)
        return found

    def work_out(self, era: Era, truths: Truths, each: tuple[Truths, ...] | None, duty_asked: bool) -> WorkedOut:
        """Answer one pattern of truths, once."""
        key = (era.number, truths, each, duty_asked)
        found = self._worked.get(key)
        if found is None:
            verdicts = {name: judge(track, truths, duty_asked) for name, track in era.tracks.items()}
            answers = {name: read_answer(era.tracks[name], v, bits_of(v)) for name, v in verdicts.items()}
            seeds = [
                {step for v in verdicts.values() for step, bit in getattr(v, group).items() if bit} for group in GROUPS
            ]
            found = WorkedOut(answers, tuple(questions_of(era, truths, each, s) for s in seeds))
            if len(self._worked) < REMEMBERED:
                self._worked[key] = found
        return found

    def _under(self, era: Era, row: Row, parts: tuple[Row, ...]) -> Mapping[str, Answer]:
        truths, each = era.run(row, parts)
        return self.work_out(era, truths, each, row.get("act.us_import") is True).answers

    def _measures(self, item: ItemFacts, era: Era) -> dict[str, Measure | None]:
        key = (id(item), era.number)
        found = self._shown.get(key)
        if found is None:
            found = shown(measures(item, era))
            # Only an item that is remembered keeps its identity.
            if item.remembered and len(self._shown) < REMEMBERED:
                self._shown[key] = found
        return {column: None if m is None else dict(m) for column, m in found.items()}


@cache
def decider() -> Decider:
    """Return the decider of the built-in book and catalog."""
    return Decider()


def decide_one(
    row: Mapping[str, object] | None = None,
    /,
    *,
    assume: str | None = None,
    set: Mapping[str, object] | None = None,
    by: Decider | None = None,
    answers: Mapping[str, object] | None = None,
    **columns: object,
) -> Decision:
    """Decide one transaction; see `headgate.decide`."""
    return (by or decider()).decide({**(row or {}), **columns}, assume, set, answers)
