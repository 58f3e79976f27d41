"""A trial: the same chips and the same order lines decided under the law as it is and under a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.days import day
from headgate.decide.book_run import check_chunk
from headgate.decide.codes import check_codes
from headgate.decide.columns import COLUMNS, carried_columns
from headgate.decide.facts import stated_facts
from headgate.decide.flips import Flip, flips
from headgate.decide.mapping.map_file import read_map
from headgate.decide.one import Decider, decider
from headgate.decide.read import read_chunks
from headgate.decide.table import Seen, decide_rows
from headgate.errors import UsageError
from headgate.law.book import OWN, Book
from headgate.law.history import Change, changed
from headgate.law.own import lay_over as lay_own
from headgate.scenario.apply import lay_over
from headgate.scenario.record import Scenario, read_scenario

if TYPE_CHECKING:
    from polars import DataFrame

    from headgate.catalog.record import Record

ENFORCED = ("outcome", "review_policy", "exceptions", "eccn", "eccn_paragraph", "duty_rate")
COMPARED = (*ENFORCED, "outcome_printed", "review_policy_printed", "exceptions_printed")


@dataclass(frozen=True, slots=True)
class DayTrial:
    """What a scenario moves on one day: provisions that differ, and chips that flip."""

    day: date
    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class LineFlip:
    """One order line whose answer differs.

    Args:
        line_id: The line.
        item: As the order book names it; the same for the destination and the day.
        track: `enforced`, or `printed` where only that answer differs.
        before: Outcome and review policy under the law as it is.
        after: The same under the scenario.
        gone: Provision ids that no longer apply.
        new: Provision ids that now do.
    """

    line_id: str
    item: str
    destination: str
    event_date: str
    track: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """A scenario, the two books, and what it moved."""

    scenario: Scenario
    baseline: Decider
    changed: Decider
    days: tuple[DayTrial, ...]
    lines: tuple[LineFlip, ...] = ()
    decided: int = 0

    @property
    def moved(self) -> bool:
        """Whether any answer differs."""
        return bool(self.lines) or any(d.flips for d in self.days)


def under(scenario: Scenario, by: Decider) -> Decider:
    """Return a decider under a scenario; everything else as it was."""
    check_codes((c.made for c in scenario.changes if c.made), by.catalog)
    book, lists = lay_over(scenario, by.book, by.lists)
    return by.with_book(book, lists)


def law_under(
    as_of: str | None = None,
    as_known: str | None = None,
    overlay: str | None = None,
    scenario: str | None = None,
    parameters: Mapping[str, str] | None = None,
    own: Mapping[str, Record] | None = None,
) -> Decider:
    """Return the decider that these options describe; each is laid over what stands before it.

    Raises:
        UsageError: A day, folder, scenario or parameter cannot be used.
        BookError: A rule of the overlay or the scenario cannot be used.
    """
    by = decider()
    if as_of or own:
        by = Decider(by.book, own, by.lists, by.catalog, _day("as-of", as_of, by.book))
    if known := _day("as-known", as_known, by.book):
        by = by.as_known(known)
    if overlay:
        book = lay_own(by.book, Path(overlay))
        check_codes((p for p in book.provisions if p.id.startswith(OWN)), by.catalog)
        by = by.with_book(book, by.lists)
    if scenario:
        return under(read_scenario(scenario, parameters), by)
    if parameters:
        raise UsageError("a parameter belongs to a scenario; name one with --scenario. `headgate law try` lists them")
    return by


def _day(option: str, text: str | None, book: Book) -> date | None:
    if text is None:
        return None
    try:
        found = day(text)
    except ValueError as problem:
        raise UsageError(f"--{option}: {problem}") from None
    if found < book.begins:
        raise UsageError(f"--{option} {found}: the book begins on {book.begins}; give that day or a later one")
    return found


def trial_days(scenario: Scenario, book: Book) -> tuple[date, ...]:
    """Return the days on which to look: where a change begins, and the last day up to which the law was read."""
    return tuple(sorted({*(max(d, book.begins) for d in scenario.days()), max(book.read_on, scenario.start)}))


def chips_on(scenario: Scenario, by: Decider, then: Decider, days: Sequence[date]) -> tuple[DayTrial, ...]:
    """Return what differs on some days, for every chip of the catalog and every destination."""
    return tuple(DayTrial(d, changed(by.book, then.book, d), flips(by, d, d, None, then, scenario.facts)) for d in days)


def lines_of(
    by: Decider,
    then: Decider,
    orders: Path,
    assume: str | None = None,
    stated: Mapping[str, object] | None = None,
    rename: str | None = None,
    carry_rest: bool = False,
) -> tuple[int, tuple[LineFlip, ...]]:
    """Decide an order book twice; return how many lines it has, and those whose answers differ.

    Raises:
        UsageError: The file cannot be used.
    """
    facts, found, rows = stated_facts(assume, stated), [], 0
    seen = {id(d): Seen() for d in (by, then)}
    for chunk in read_chunks(orders, read_map(rename)):
        carried = carried_columns(chunk.frame.columns, chunk.carry, carry_rest, chunk.headings())
        check_chunk(orders, chunk.frame.columns, carried)
        known = [c for c in chunk.frame.columns if c in COLUMNS]
        frame = chunk.frame.select(known)
        first, second = (decide_rows(d, frame, facts, bool(assume), seen[id(d)], chunk.broken) for d in (by, then))
        found += list(_differing(frame, first, second))
        rows += frame.height
    return rows, tuple(found)


def _differing(orders: DataFrame, first: DataFrame, second: DataFrame) -> Iterator[LineFlip]:
    differs = None
    for column in COMPARED:
        unequal = first[column].ne_missing(second[column])
        differs = unequal if differs is None else differs | unequal
    assert differs is not None
    for n in differs.arg_true().to_list():
        a, b = first.row(n, named=True), second.row(n, named=True)
        track = "" if any(a[c] != b[c] for c in ENFORCED) else "_printed"
        reasons = [list(row[f"reasons{track}"]) for row in (a, b)]
        lane = {
            c: str(orders[c][n] or "") if c in orders.columns else "" for c in ("item", "destination", "event_date")
        }
        yield LineFlip(
            line_id=str(a["line_id"]),
            track="printed" if track else "enforced",
            before=_answer(a, b, track),
            after=_answer(b, a, track),
            gone=tuple(r for r in reasons[0] if r not in reasons[1]),
            new=tuple(r for r in reasons[1] if r not in reasons[0]),
            **lane,
        )


def _answer(row: Mapping[str, object], other: Mapping[str, object], track: str) -> tuple[str, ...]:
    """Return outcome and review policy, and whatever else of the answer differs."""
    beside = [c for c in (f"exceptions{track}", "eccn_paragraph", "duty_rate") if row[c] != other[c]]
    told = [f"{c.partition('_')[0]} {_text(row[c])}" for c in beside]
    return (str(row[f"outcome{track}"]), str(row[f"review_policy{track}"]), *told)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value or "none")


def try_scenario(
    scenario: Scenario,
    by: Decider,
    orders: Path | None = None,
    days: Sequence[date] = (),
    assume: str | None = None,
    stated: Mapping[str, object] | None = None,
    rename: str | None = None,
    carry_rest: bool = False,
) -> Trial:
    """Put a scenario on trial.

    Args:
        scenario: The scenario.
        by: The law as it is.
        orders: An order book to decide twice.
        days: On which days to compare chips; by default where a change begins, and where the law was last read.
        assume: As in `decide`, for the order book.
        stated: As in `decide`, for the order book.
        rename: A file that renames the order book's headings.
        carry_rest: Allow columns of the order book that are not known.

    Returns:
        What moved. Of a scenario that changes no law, nothing is decided.
    """
    if not scenario.changes:
        return Trial(scenario, by, by, ())
    then = under(scenario, by)
    found = chips_on(scenario, by, then, days or trial_days(scenario, by.book))
    if not days and not any(d.flips for d in found):
        # A change may begin or end to matter on a day between; the first such day is looked for.
        between = sorted({*by.eras.starts, *then.eras.starts} - {d.day for d in found})
        later = (chips_on(scenario, by, then, (d,)) for d in between if d >= scenario.start)
        found = tuple(sorted((*found, *next((d for d in later if d[0].flips), ())), key=lambda d: d.day))
    count, lines = lines_of(by, then, orders, assume, stated, rename, carry_rest) if orders else (0, ())
    return Trial(scenario, by, then, found, lines, count)
