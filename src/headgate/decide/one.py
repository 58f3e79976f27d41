"""One case: a row of cells to a decision, through the generated Python. A table takes the same steps on columns."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, cached_property

from headgate.catalog.chips import Catalog, catalog
from headgate.catalog.countries import country_lists
from headgate.catalog.record import Record
from headgate.decide.answer import Answer, answer, waiting_for
from headgate.decide.columns import Cell, check_columns, read_cell
from headgate.decide.decision import Decision, Measure
from headgate.decide.era import TRACKS, Era, Eras
from headgate.decide.facts import check_day, lay_under, row_facts, stated_facts
from headgate.decide.item import COLUMNS as ITEM_COLUMNS
from headgate.decide.item import SHOWN, ItemFacts, item_facts
from headgate.decide.trace import Trace
from headgate.errors import ConflictError, RowError
from headgate.expr import AtLeast
from headgate.expr.case import Truths
from headgate.expr.margin import margin
from headgate.expr.missing import is_missing, near_number, sensitive_leaves
from headgate.expr.value import PART_PREFIX, Row
from headgate.law.book import ENFORCED, PRINTED, Book
from headgate.law.fields import BY_NAME, RANK
from headgate.law.provision import POLICIES

# Flag of a text that can be read in two ways, by the label of the reading.
READING_FLAGS = {"tf32": "tf32_bit_length", "datacenter": "datacenter_marketing"}
ITEMS_REMEMBERED = 50_000
Z_ENTRIES = ("3A001", "4A003", "4A004", "4A005", "5A002", "5A004", "5A992")


class Decider:
    """A book, its lists and a catalog, ready to decide.

    Args:
        book: The book; by default that of the United States.
        own: The user's own parts by casefolded part number.
    """

    def __init__(self, book: Book | None = None, own: Mapping[str, Record] | None = None) -> None:
        from headgate.law.us import book as us_book

        self.book = book or us_book()
        self.catalog: Catalog = catalog()
        self.eras = Eras(self.book, country_lists())
        self.own = own or {}
        self._items: dict[tuple[Cell, ...], ItemFacts | str] = {}

    @cached_property
    def data_version(self) -> str:
        """Hash of the catalog."""
        return self.catalog.version()

    def decide(self, row: Mapping[str, object], assume: str | None, stated: Mapping[str, object] | None) -> Decision:
        """Decide one row of raw cells; a row that cannot be read is a decision `invalid_row`."""
        check_columns(row)
        facts = stated_facts(assume, stated)
        cells: dict[str, Cell] = {}
        try:
            for column, value in row.items():
                cells[column] = read_cell(column, value)
            filled, assumed = lay_under(cells, facts, bool(assume))
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
        day = check_day(cells, self.book.begins)
        era = self.eras.on(day)
        item = self.item(cells)
        row: Row = {**row_facts(cells), **item.row}
        truths, each = era.run(row, item.parts)
        answers = {name: answer(track, truths) for name, track in era.tracks.items()}
        readings = tuple((label, _under(era, row, parts)) for label, parts in item.readings)
        missing, near = self._open_questions(era, row, item, truths, each, answers)
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
            measures=shown(measures(item, era)),
            evidence="unverified" if late else enforced.evidence,
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
            except RowError as problem:
                found = str(problem)
            if len(self._items) < ITEMS_REMEMBERED:
                self._items[key] = found
        if isinstance(found, str):
            raise RowError(found)
        return found

    def _open_questions(
        self,
        era: Era,
        row: Row,
        item: ItemFacts,
        truths: Truths,
        each: tuple[Truths, ...] | None,
        answers: Mapping[str, Answer],
    ) -> tuple[tuple[str, ...], bool]:
        """Return the columns whose facts could change the answer, most decisive first, and whether a number is near."""
        asked = row.get("act.us_import") is True
        waits = [waiting_for(era.tracks[t], answers[t], truths, asked) for t in TRACKS]
        found: list[str] = []
        near = False
        for seeds in ([s for first, _ in waits for s in first], [s for _, second in waits for s in second]):
            leaves, parts_unknown = sensitive_leaves(era.program, truths, each, seeds)
            columns = {item.ask_parts} if parts_unknown else set()
            for leaf, step, n in leaves:
                source = row if n is None or item.parts is None else item.parts[n]
                truth = truths[step] if n is None or each is None else each[n][step]
                name = leaf.name  # type: ignore[attr-defined]
                if is_missing(leaf, truth):
                    columns.add(str(source.get(f"{name}?") or BY_NAME[name].column))
                elif name.startswith(PART_PREFIX) and near_number(leaf, source.get(name)):
                    near = True
            found += [c for c in sorted(columns, key=RANK.__getitem__) if c not in found]
        return tuple(found), near


def _under(era: Era, row: Row, parts: tuple[Row, ...]) -> dict[str, Answer]:
    truths, _ = era.run(row, parts)
    return {name: answer(track, truths) for name, track in era.tracks.items()}


def combine(
    answers: Mapping[str, Answer], readings: tuple[tuple[str, Mapping[str, Answer]], ...]
) -> tuple[dict[str, Answer], tuple[str, ...]]:
    """Lay other sources and other readings beside the answer.

    A second source never changes the answer and is flagged where it would. Two readings of the text whose outcomes
    differ are `legal_ambiguity`; where only the policy differs the stricter one stands. Both are flagged.
    """
    final = dict(answers)
    flags: dict[str, None] = {}
    for label, others in readings:
        for track, own in answers.items():
            other = others[track]
            if (other.outcome, other.review_policy) == (own.outcome, own.review_policy):
                continue
            if label == "source":
                flags["sources_disagree"] = None
                continue
            flags[READING_FLAGS[label]] = None
            if other.outcome != own.outcome:
                final[track] = replace(final[track], outcome="legal_ambiguity", exceptions=())
                flags[f"readings:{'|'.join(sorted({own.outcome, other.outcome}))}"] = None
            final[track] = replace(
                final[track], review_policy=stricter(final[track].review_policy, other.review_policy)
            )
    return final, tuple(flags)


def stricter(a: str, b: str) -> str:
    """Return the stricter of two review policies; blank is the mildest.

    Example:
        >>> stricter("case_by_case", "presumption_of_denial")
        'presumption_of_denial'
    """
    order = (*POLICIES, "")
    return min(a, b, key=order.index)


def duty_rate(found: Answer, us_import: Cell) -> float | None:
    """Return the duty as a share of value; None where it was not asked or is not known."""
    if us_import is not True or found.duty is None:
        return None
    return found.rate if found.duty else 0.0


def eccn_differs(stated: Cell, found: Answer) -> bool:
    """Say whether the papers name another entry than the book finds; a .z item of a controlled machine is the same."""
    if stated is None or not found.eccn:
        return False
    text = str(stated).upper().replace(" ", "")
    own = found.eccn_paragraph.upper()
    if own.startswith(text) or text.startswith(own):
        return False
    is_z = text.split(".")[0] in Z_ENTRIES and ".Z" in text
    return not (is_z and found.eccn.startswith(("4A090", "3A090")))


def measures(item: ItemFacts, era: Era) -> dict[str, Measure]:
    """Return the measures used, each with its mark and its margin to the nearest threshold of the day."""
    if not item.parts:
        return {}
    found: dict[str, Measure] = {}
    for column, name in SHOWN.items():
        value = item.parts[0].get(name)
        if not isinstance(value, float | AtLeast):
            continue
        low = value.low if isinstance(value, AtLeast) else value
        found[column] = {
            "value": low,
            "at_least": isinstance(value, AtLeast),
            "mark": item.marks.get(column, ""),
            "threshold": None,
            "margin": None,
        }
        limits = era.limits.get(name, ())
        if limits:
            at = bisect_left(limits, low, key=lambda t: t.value)
            nearest = min(limits[max(at - 1, 0) : at + 1], key=lambda t: abs(low - t.value))
            found[column] |= {"threshold": nearest.id, "margin": round(margin(name, low, ">=", nearest).share, 6)}
    return found


def shown(found: Mapping[str, Measure]) -> dict[str, Measure | None]:
    """Return every measure in order, None where it is unknown."""
    return {column: found.get(column) for column in SHOWN}


@cache
def decider() -> Decider:
    """Return the decider of the built-in book and catalog."""
    return Decider()
