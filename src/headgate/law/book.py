"""The book: every provision in every version, on two tracks, checked when it is built."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import combinations

from headgate.days import Span
from headgate.errors import BookError, did_you_mean
from headgate.expr import FALSE, Expr
from headgate.expr.node import any_part
from headgate.expr.value import PART_PREFIX
from headgate.law.flag_records import PREFIX
from headgate.law.provision import Provision

PRINTED, ENFORCED = "printed", "enforced"
# Ids of the user's own rules, which are no part of the book that is shared.
OWN = "own."


@dataclass(frozen=True)
class Book:
    """All provisions, in the order of the text.

    Args:
        provisions: Every version of every provision.
        begins: First day the book answers for; earlier days are refused.
        read_on: Last day up to which the sources were read; later days carry a flag.
        readings: Earlier and present readings of the sources: (on which day, up to which day), oldest first.
        scenario: Id of the scenario laid over it; empty for the law as it is.
        announced: Day from which one could know that what is printed only is not enforced; None for always.
        unknown: Ids that a provision may name although none of their versions is known.

    Raises:
        BookError: Two versions of one id overlap on one track, or a reference names no provision.
    """

    provisions: tuple[Provision, ...]
    begins: date
    read_on: date
    readings: tuple[tuple[date, date], ...] = ()
    scenario: str = ""
    announced: date | None = None
    unknown: frozenset[str] = frozenset()
    _by_id: dict[str, list[Provision]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for p in self.provisions:
            self._by_id.setdefault(p.id, []).append(p)
        for versions in self._by_id.values():
            check_no_overlap(versions)
        named, parts = self.unknown | self._by_id.keys(), self.part_ids | self.unknown
        for p in self.provisions:
            check_references(p, named)
            check_one_scope(p, parts)
            check_unmixed(p, parts)
            check_answers(p)

    def ids(self) -> tuple[str, ...]:
        """Return every provision id once, in the order of the text."""
        return tuple(self._by_id)

    def versions(self, id: str) -> tuple[Provision, ...]:
        """Return the versions of one provision.

        Raises:
            BookError: No provision has this id; the message lists near names.
        """
        if id not in self._by_id:
            raise BookError(
                f"the book has no provision {id!r}.{did_you_mean(id, self._by_id)} `headgate law list` shows all"
            )
        return tuple(self._by_id[id])

    def as_known(self, day: date) -> "Book":
        """Return the book as it could be known on a day: later provisions gone, later endings not yet foreseen.

        Example:
            >>> from headgate.law.us import book
            >>> "us.ear.742_6.b_10_iii.gate" in book().as_known(date(2026, 1, 14)).ids()
            False
        """
        known = tuple(
            p if p.end is None or self.end_known_from(p) <= day else replace(p, end=None, ended_by=None)
            for p in self.provisions
            if p.known_from <= day
        )
        if self.announced is not None and day < self.announced:
            # Nobody had said yet that it would not be enforced.
            known = tuple(replace(p, track="both") if p.track == PRINTED else p for p in known)
        gone = self.unknown | (set(self._by_id) - {p.id for p in known})
        done = [up_to for on, up_to in self.readings if on <= day]
        first = self.readings[0][1] if self.readings else self.read_on
        return replace(
            self,
            provisions=known,
            read_on=done[-1] if done else min(first, day),
            unknown=frozenset(gone),
        )

    def overdue(self, today: date) -> tuple[Provision, ...]:
        """Return what was to be reviewed by a day that has passed: nobody has looked whether it still stands."""
        return tuple(p for p in self.provisions if p.review_by and p.review_by <= today)

    def end_known_from(self, p: Provision) -> date:
        """Return the day from which one could know that a version ends when it does.

        What ended it says so; else the version that follows; else the text itself, when it was published.
        """
        if p.ended_by is not None and p.ended_by.published_on is not None:
            return p.ended_by.published_on
        following = [v.known_from for v in self._by_id[p.id] if v.binds.start == p.end]
        return min(following, default=p.known_from)

    def on(self, day: date, track: str) -> "Law":
        """Return the law that binds on one day, on one track."""
        return Law(tuple(p for p in self.provisions if p.on_track(track) and day in p.binds), self)

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """Every day on which some provision starts or ends to bind, from the first day of the book."""
        return self.change_days_of(self.provisions)

    def change_days_of(self, provisions: Iterable[Provision]) -> tuple[date, ...]:
        """Return every day on which one of some provisions starts or ends to bind, from the first day of the book."""
        days = {self.begins}
        for p in provisions:
            days |= {p.binds.start} | ({p.end} if p.end else set())
        return tuple(sorted(d for d in days if d >= self.begins))

    @cached_property
    def part_ids(self) -> frozenset[str]:
        """Ids of the provisions about one integrated circuit, by their own fields or through what they refer to."""
        found = {p.id for p in self.provisions if p.of_part}
        refers = [(p.id, p.refers_outside_parts()) for p in self.provisions]
        while more := {id for id, named in refers if id not in found and not found.isdisjoint(named)}:
            found |= more
        return frozenset(found)

    @cached_property
    def version(self) -> str:
        """A short hash of everything the book says; a scenario, and rules of the user's own, stand behind a plus."""
        own = [p for p in self.provisions if p.id.startswith(OWN)]
        parts = [_digest([p for p in self.provisions if p not in own]) if own else _digest(self.provisions)]
        return "+".join(
            [*parts, *([self.scenario] if self.scenario else []), *([f"own.{_digest(own)}"] if own else [])]
        )


@dataclass(frozen=True)
class Law:
    """The provisions that bind on one day and track, in order."""

    provisions: tuple[Provision, ...]
    book: Book = field(repr=False)

    @cached_property
    def by_id(self) -> dict[str, Provision]:
        """Provision by id."""
        return {p.id: p for p in self.provisions}

    def expression(self, id: str) -> Expr:
        """Return the condition of a provision; one that is not in force never holds."""
        found = self.by_id.get(id)
        return found.when if found else FALSE

    def of_item(self, p: Provision) -> Expr:
        """Return a provision's condition on the whole item: one on a part holds if any part meets it."""
        return any_part(p.when) if self.is_of_part(p) else p.when

    def is_of_part(self, p: Provision) -> bool:
        """Say whether a provision is about one integrated circuit, itself or through what it refers to."""
        return p.of_part or not self.book.part_ids.isdisjoint(p.refers_outside_parts())

    def stage(self, name: str) -> tuple[Provision, ...]:
        """Return the provisions of one stage, in order."""
        return tuple(p for p in self.provisions if p.stage == name)


def check_no_overlap(versions: list[Provision]) -> None:
    """Refuse two versions of one provision that bind on the same day and track."""
    for a, b in combinations(versions, 2):
        same_track = a.track == b.track or "both" in (a.track, b.track)
        if same_track and a.binds.overlaps(b.binds):
            raise BookError(
                f"provision {a.id} has two versions in force at once: {_span(a.binds)} and {_span(b.binds)}"
            )


def check_references(p: Provision, known: Iterable[str]) -> None:
    """Refuse a provision that refers to, covers or takes precedence over one that does not exist."""
    for id in (*p.refers_to(), *p.covers, *p.over):
        if id not in known:
            raise BookError(
                f"provision {p.id} refers to {id!r}, which the book does not have.{did_you_mean(id, known)}"
            )


def check_one_scope(p: Provision, part_ids: Collection[str]) -> None:
    """Refuse a condition that reads a part's number where the whole item is meant."""
    from headgate.expr.node import AnyPart, Holds, walk

    for node in walk(p.when):
        if isinstance(node, AnyPart):
            for inner in walk(node.arg):
                if isinstance(inner, Holds) and inner.id not in part_ids:
                    raise BookError(
                        f"provision {p.id} asks {inner.id} of a part, but that is a condition on the whole item"
                    )


def check_unmixed(p: Provision, part_ids: Collection[str]) -> None:
    """Refuse a condition that reads one circuit's numbers beside the whole line's facts."""
    whole = [n for n in p.reads_outside_parts() if not n.startswith(PART_PREFIX)]
    asked = p.refers_outside_parts()
    beside = whole or [id for id in asked if id not in part_ids]
    if p.of_part and beside:
        raise BookError(
            f"provision {p.id} tests a circuit (ic. fields) beside {beside[0]}, which is of the whole line; put the "
            "circuit's test into any_part(...)"
        )


def check_answers(p: Provision) -> None:
    """Refuse a provision that reads the answer to a question and is no red flag: no outcome may turn on one."""
    asked = sorted(name for name in p.reads() if name.startswith(PREFIX))
    if asked and not (p.stage == "note" and p.weight):
        raise BookError(f"provision {p.id} reads {asked[0]}; only a red flag reads the answers to questions")


def _digest(provisions: Sequence[Provision]) -> str:
    return hashlib.sha256("\n".join(map(repr, provisions)).encode()).hexdigest()[:16]


def _span(span: Span) -> str:
    return f"{span.start} to {span.end or 'open'}"
