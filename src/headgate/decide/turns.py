"""When the answer for a chip turned: each day on which the law changed, for which destinations, and by what.

Destinations that no provision can tell apart on any day are decided once for all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from headgate.catalog.country_names import countries
from headgate.decide.decision import Decision
from headgate.decide.everywhere.answers import Answer, answers_of
from headgate.decide.flips import clean_row, groups, named_codes
from headgate.decide.one import Decider
from headgate.decide.plane.areas import DECIDING, within
from headgate.expr.node import Holds, InList, walk
from headgate.expr.value import Truth
from headgate.law.book import ENFORCED, PRINTED, Law
from headgate.law.history import WEIGHT, ListChange, list_changes
from headgate.source import weakest

TRACKS = (ENFORCED, PRINTED)


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer that changed on a day, for the same destinations and by the same law.

    Args:
        day: First day of the new answer; of the first answers there are, the first day of the book.
        track: `enforced` or `printed`; `both` where both texts turn alike.
        before: The answer until then; None on the first day of the book.
        after: The answer from then on.
        provisions: Ids of what caused it: those that start, end or change that day and are in only one of the two
            answers' reasons; where there are none, those that a change of a country list moved.
        lists: The countries that joined or left a list that day, among these destinations.
        destinations: Alpha-2 codes; those that a provision names come first, and beside them those that count as one.
        missing: Of an answer that waits for facts, the columns that state them.
        evidence: The weakest mark behind the new answer, of all these destinations.
        flags: Those of the new answer, of any of these destinations.
    """

    day: date
    track: str
    before: Answer | None
    after: Answer
    provisions: tuple[str, ...]
    lists: tuple[ListChange, ...]
    destinations: tuple[str, ...]
    missing: tuple[str, ...] = ()
    evidence: str = ""
    flags: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """`outcome`, or what else of the answer differs: `review_policy` or `exceptions`."""
        if self.before is None or self.before.outcome != self.after.outcome:
            return "outcome"
        return "review_policy" if self.before.review_policy != self.after.review_policy else "exceptions"


def turns(by: Decider, item: str, to: str | None = None) -> tuple[Turn, ...]:
    """Return every turn of the answer for one item, oldest first, under clean facts, exported from the United States.

    Args:
        by: The book and the catalog.
        item: A catalog id.
        to: Only for this destination, also one that counts as another; by default for every one.

    Returns:
        The answers on the first day of the book that are other than `no license required`, then what changed; for one
        destination its first answer whatever it is.

    Example:
        >>> from headgate.decide.one import decider
        >>> [(str(t.day), t.after.outcome, t.provisions[0]) for t in turns(decider(), "nvidia-a800-sxm4-80", "CN")[1:2]]
        [('2023-10-23', 'license_required', 'us.letter.2023_10_23')]
    """
    known, named = countries(), named_codes(by.book)
    found: dict[tuple[object, ...], list[Turn]] = {}
    for group in [[to]] if to else map(known.and_counted, groups(by, by.eras.starts)):
        for turn in _of_one(by, item, group[0], whole=bool(to)):
            key = (turn.day, turn.track, turn.before and said(turn.before), said(turn.after), turn.provisions)
            found.setdefault(key, []).append(replace(turn, destinations=tuple(group)))

    def place(code: str) -> tuple[int, str, str]:
        own = known.counted_as.get(code, code)
        return named.get(own, len(named)), own, code

    every = []
    for alike in found.values():
        codes = tuple(sorted((c for t in alike for c in t.destinations), key=place))
        every.append(
            replace(
                alike[0],
                destinations=codes,
                lists=_joined(by, alike[0].day, {known.counted_as.get(c, c) for c in codes}),
                missing=tuple(dict.fromkeys(m for t in alike for m in t.missing)),
                evidence=weakest([t.evidence for t in alike]),
                flags=tuple(dict.fromkeys(flag for t in alike for flag in t.flags)),
            )
        )
    return tuple(sorted(every, key=lambda t: (t.day, t.track == PRINTED, -len(t.destinations), t.destinations)))


def said(a: Answer) -> tuple[str, str, tuple[str, ...]]:
    """Return what of an answer a turn is about: the outcome, and the policy or the exceptions that it comes with."""
    policy = a.review_policy if a.outcome == "license_required" else ""
    return a.outcome, policy, a.exceptions if a.outcome == "exception_available" else ()


def _of_one(by: Decider, item: str, code: str, whole: bool) -> Iterator[Turn]:
    """Yield the turns for one destination; the first answer where it is a license, or `whole`."""
    starts = by.eras.starts
    last: Decision | None = None
    for day in starts:
        now = by.decide(clean_row(item, code, day), "clean", None)
        before, after = by_track(last) if last is not None else {}, by_track(now)
        alike = _alike(after) and (not before or _alike(before))
        for track in (ENFORCED,) if alike else TRACKS:
            old, new = before.get(track), after[track]
            is_free = old is None and not whole and new.outcome == "no_license_required"
            if is_free or (old is not None and said(new) == said(old)):
                continue
            caused = _causes(by, last, now, track) if last is not None else _decisive(by, new.reasons)
            asked = now.missing if new.outcome == "insufficient_facts" else ()
            on = "both" if alike else track
            yield Turn(day, on, old, new, caused, (), (code,), asked, now.evidence, now.flags)
        last = now


def by_track(d: Decision) -> dict[str, Answer]:
    """Return the answers of a decision by track."""
    return dict(zip(TRACKS, answers_of(d), strict=True))


def _alike(answers: Mapping[str, Answer]) -> bool:
    return said(answers[ENFORCED]) == said(answers[PRINTED])


def _truths(d: Decision, track: str) -> dict[str, Truth]:
    """Return the truth of each provision in force, by id."""
    assert d.trace is not None
    side = d.trace.era.tracks[track]
    return {p.id: d.trace.truths[step] for p, step in zip(side.provisions, side.steps, strict=True)}


def _causes(by: Decider, last: Decision, now: Decision, track: str) -> tuple[str, ...]:
    """Return the provisions that made the difference between two answers, by the first of these that names one.

    Those that changed that day and were applied before or after, but not both times; those that changed and came to
    another truth; those that changed below what was applied; and at last what was applied one time only.
    """
    old, new = (d.trace.era.tracks[track].law for d in (last, now) if d.trace)
    moved = [id for id in by.book.ids() if old.by_id.get(id) != new.by_id.get(id)]
    before, after = set(by_track(last)[track].reasons), set(by_track(now)[track].reasons)
    was, became = _truths(last, track), _truths(now, track)
    turned = {id for id in was.keys() | became.keys() if was.get(id, False) is not became.get(id, False)}
    below = {n.id for law in (old, new) for id in before | after for n in _built_on(law, id)}
    for several in (before ^ after, turned & _deciding(by), below):
        if found := [id for id in moved if id in several]:
            return _decisive(by, found)
    return _decisive(by, [id for id in by.book.ids() if id in before ^ after])


def _deciding(by: Decider) -> set[str]:
    return {p.id for p in by.book.provisions if p.stage in DECIDING}


def _built_on(law: Law, id: str) -> Iterator[Holds]:
    return (node for node in within(law, law.expression(id)) if isinstance(node, Holds))


def _decisive(by: Decider, ids: Sequence[str]) -> tuple[str, ...]:
    """Order provisions by what a reader wants first: requirements, exceptions, reviews; else the rest."""
    stage = {id: by.book.versions(id)[-1].stage for id in ids}
    kept = [id for id in ids if stage[id] in DECIDING] or ids
    return tuple(sorted(kept, key=lambda id: WEIGHT.index(stage[id])))


def _joined(by: Decider, day: date, codes: Iterable[str]) -> tuple[ListChange, ...]:
    """Return which of some countries joined or left, that day, a list that the book reads."""
    read = {n.list_id for p in by.book.provisions for n in walk(p.when) if isinstance(n, InList)}
    entries = [e for id in sorted(read) for e in by.lists.entries[id] if e.country in codes]
    return list_changes(entries, day - timedelta(days=1), day)
