"""What changed when: each day on which the book changes, and what lies between two days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from headgate.expr.node import Threshold
from headgate.law.book import ENFORCED, PRINTED, Book
from headgate.law.provision import Provision

TRACKS = (ENFORCED, PRINTED)
# What a reader of a timeline wants to see first.
WEIGHT = ("require", "exempt", "review", "duty", "classify", "scope", "note", "not_modeled")


class Entry(Protocol):
    """One country on one dated list for one span of days; days left open are None."""

    @property
    def list_id(self) -> str:
        """Id of the list."""
        ...

    @property
    def country(self) -> str:
        """Alpha-2 code."""
        ...

    @property
    def start(self) -> date | None:
        """First day on it."""
        ...

    @property
    def end(self) -> date | None:
        """First day no longer on it."""
        ...

    @property
    def cite(self) -> str:
        """Where that is written."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """One provision that starts, ends or changes its version.

    Args:
        track: `both`, or the one track on which it happens.
        before: The version in force before, or None.
        after: The version in force after, or None.
    """

    track: str
    before: Provision | None
    after: Provision | None

    @property
    def what(self) -> str:
        """`starts`, `ends` or `changes`."""
        return "starts" if self.before is None else "ends" if self.after is None else "changes"

    @property
    def one(self) -> Provision:
        """The version to name: the new one, or the one that ended."""
        found = self.after or self.before
        assert found is not None
        return found

    def thresholds(self) -> tuple[tuple[str, Threshold | None, Threshold | None], ...]:
        """Return the thresholds that differ, as (id, old, new); None where there is none."""
        old = {t.id: t for t in self.before.thresholds()} if self.before else {}
        new = {t.id: t for t in self.after.thresholds()} if self.after else {}
        ids = dict.fromkeys((*old, *new))
        return tuple((id, old.get(id), new.get(id)) for id in ids if old.get(id) != new.get(id))


@dataclass(frozen=True, slots=True)
class ListChange:
    """One country that joins or leaves a list on a day."""

    day: date
    list_id: str
    country: str
    joins: bool
    cite: str


@dataclass(frozen=True, slots=True)
class ChangeDay:
    """One day on which the law differs from the day before, the weightiest change first."""

    day: date
    changes: tuple[Change, ...]
    lists: tuple[ListChange, ...]


def between(book: Book, first: date, second: date) -> tuple[Change, ...]:
    """Return what differs between the law of two days, in the order of the text.

    Args:
        book: The book.
        first: The earlier state.
        second: The later state; it may lie before `first`, and the changes are then read backwards.

    Example:
        >>> from headgate.law.us import book
        >>> found = between(book(), date(2026, 1, 14), date(2026, 1, 15))
        >>> [c.what for c in found if c.one.id == "us.ear.742_6.b_10.denial"]
        ['changes']
    """
    found: dict[tuple[str, Provision | None, Provision | None], list[str]] = {}
    for track in TRACKS:
        old, new = book.on(first, track).by_id, book.on(second, track).by_id
        for id in book.ids():
            if (id in old or id in new) and old.get(id) != new.get(id):
                found.setdefault((id, old.get(id), new.get(id)), []).append(track)
    changes = (Change("both" if len(on) > 1 else on[0], before, after) for (_, before, after), on in found.items())
    order = {id: n for n, id in enumerate(book.ids())}
    return tuple(sorted(changes, key=lambda c: order[c.one.id]))


def changed(book: Book, other: Book, day: date) -> tuple[Change, ...]:
    """Return what differs between two books on one day, in the order of the text.

    Example:
        >>> from headgate.law.us import book
        >>> changed(book(), book().as_known(date(2026, 1, 14)), date(2026, 1, 15))[-1].what
        'ends'
    """
    found: dict[tuple[str, Provision | None, Provision | None], list[str]] = {}
    for track in TRACKS:
        old, new = book.on(day, track).by_id, other.on(day, track).by_id
        for id in dict.fromkeys((*old, *new)):
            # A version that was cut elsewhere says the same here.
            if _said(old.get(id)) != _said(new.get(id)):
                found.setdefault((id, old.get(id), new.get(id)), []).append(track)
    order = {id: n for n, id in enumerate(dict.fromkeys((*book.ids(), *other.ids())))}
    changes = (Change("both" if len(on) > 1 else on[0], before, after) for (_, before, after), on in found.items())
    return tuple(sorted(changes, key=lambda c: order[c.one.id]))


def _said(p: Provision | None) -> object:
    return None if p is None else (p.when, p.policy, p.covers, p.needs, p.rate, p.prohibits, p.flag, p.eccn)


def list_changes(entries: Iterable[Entry], first: date, second: date) -> tuple[ListChange, ...]:
    """Return which countries joined or left a list after the first day, up to and with the second.

    Example:
        >>> list_changes([], date(2024, 1, 1), date(2025, 1, 1))
        ()
    """
    found = []
    for entry in entries:
        for moment, joins in ((entry.start, True), (entry.end, False)):
            if moment is not None and first < moment <= second:
                found.append(ListChange(moment, entry.list_id, entry.country, joins, entry.cite))
    return tuple(sorted(found, key=lambda c: (c.day, c.list_id, c.country)))


def timeline(book: Book, entries: Iterable[Entry] = ()) -> tuple[ChangeDay, ...]:
    """Return every day on which the book or a list changes, oldest first.

    Args:
        book: The book.
        entries: The dated lists' entries.

    Example:
        >>> from headgate.law.us import book
        >>> timeline(book())[0].day.isoformat()
        '2022-08-26'
    """
    entries = tuple(entries)
    last = date.max
    moved: dict[date, list[ListChange]] = {}
    for change in list_changes(entries, book.begins, last):
        moved.setdefault(change.day, []).append(change)
    days = sorted({*book.change_days, *moved})
    return tuple(
        ChangeDay(
            day,
            tuple(sorted(between(book, day - timedelta(days=1), day), key=weight)),
            tuple(moved.get(day, ())),
        )
        for day in days
    )


def weight(change: Change) -> tuple[int, int]:
    """Order changes by what a reader wants first: what starts to be required, and what was there before last.

    Example:
        >>> from headgate.law.us import book
        >>> sorted(between(book(), date(2022, 10, 20), date(2022, 10, 21)), key=weight)[0].one.stage
        'require'
    """
    kind = {"starts": 0, "changes": 1, "ends": 2}[change.what]
    return (WEIGHT.index(change.one.stage) + (len(WEIGHT) if change.what == "ends" else 0), kind)
