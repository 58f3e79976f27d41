"""Lay a scenario over a book and its lists: only the versions it changes are cut, and only from its days on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from headgate.catalog.countries import Lists, Membership, find_country
from headgate.errors import BookError, CatalogError
from headgate.expr.change import with_thresholds
from headgate.law.book import Book
from headgate.law.provision import Provision
from headgate.scenario.record import Change, Scenario, exactly, matching
from headgate.source import Cite

Provisions = tuple[Provision, ...]


def lay_over(scenario: Scenario, book: Book, lists: Lists) -> tuple[Book, Lists]:
    """Return the book and the lists under a scenario; one that changes nothing gives back the same two.

    Raises:
        BookError: A change names what does not exist, or leaves a book that contradicts itself.
    """
    provisions, changed = book.provisions, lists
    check_sets(scenario)
    scenario = replace(scenario, unknown=book.unknown)
    for change in scenario.changes:
        try:
            provisions = VERBS[change.verb](scenario, change, provisions) if change.verb in VERBS else provisions
            changed = LIST_VERBS[change.verb](scenario, change, changed) if change.verb in LIST_VERBS else changed
        except (BookError, ValueError) as problem:
            raise BookError(f"scenario {scenario.id}, {change.verb}: {problem}") from None
    if provisions == book.provisions and changed is lists:
        return book, lists
    named = book.unknown | set(book.ids())
    return replace(book, provisions=provisions, scenario=scenario.id, unknown=named), changed


def check_sets(scenario: Scenario) -> None:
    """Refuse two values of one threshold on one day: the scenario contradicts itself.

    Raises:
        BookError: Two changes set the same threshold on days that overlap.
    """
    seen: list[Change] = []
    for change in (c for c in scenario.changes if c.verb == "set"):
        for other in seen:
            same = other.table["threshold"] == change.table["threshold"]
            apart = (other.end is not None and other.end <= change.start) or (
                change.end is not None and change.end <= other.start
            )
            if same and not apart and other.table["value"] != change.table["value"]:
                raise BookError(
                    f"scenario {scenario.id}, set: {change.table['threshold']} is set to {other.table['value']} from "
                    f"{other.start} and to {change.table['value']} from {change.start}, on days that overlap. "
                    "Remove one, or end the first with `until`."
                )
        seen.append(change)


def pieces(p: Provision, change: Change) -> tuple[Provision | None, Provision | None, Provision | None]:
    """Cut a version into what lies before a change, within it, and after it."""
    start, end = p.binds.start, p.end
    before = within = after = None
    if start < change.start:
        before = p if end is not None and end <= change.start else replace(p, end=change.start, ended_by=None)
    if change.end is not None and (end is None or change.end < end):
        after = replace(p, binds_from=change.end) if start < change.end else p
    first = max(start, change.start)
    last = end if change.end is None or (end is not None and end < change.end) else change.end
    if last is None or first < last:
        within = p if (first, last) == (start, end) else replace(p, binds_from=first, end=last, ended_by=None)
    return before, within, after


def recut(provisions: Provisions, change: Change, act: Callable[[Provision], Provision | None]) -> Provisions:
    """Change what lies within the days of a change; a version that stays the same is not cut."""
    found: list[Provision] = []
    for p in provisions:
        before, within, after = pieces(p, change)
        new = act(within) if within is not None else None
        if within is None or new is within:
            found.append(p)
        else:
            found += [piece for piece in (before, new, after) if piece is not None]
    return tuple(found)


def _ids(scenario: Scenario, provisions: Provisions, change: Change) -> frozenset[str]:
    """Return the ids that a change names; one not known yet on a day of knowledge is known to exist, and matches."""
    known = dict.fromkeys((*(p.id for p in provisions), *scenario.unknown))
    return matching(change.table.get("provisions", ["*"] if change.verb == "enforce" else ()), known, "provision")


def on_trial(scenario: Scenario, p: Provision, **gives: Any) -> Provision:
    """Return a provision as a scenario changes it: it cites the scenario beside its own section."""
    source = scenario.sources[0]
    told = f"scenario {scenario.id}: {source['title']}"
    cite = Cite(p.cite.section, told, p.cite.read_on, source.get("url", ""))
    return replace(p, cite=cite, mark=scenario.evidence, **gives)


def _set(scenario: Scenario, change: Change, provisions: Provisions) -> Provisions:
    id, value = change.table["threshold"], change.table["value"]
    exactly(id, {t.id for p in provisions for t in p.thresholds()}, "threshold")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise BookError(f"the value of {id} is {value!r}; write a number of 0 or more")

    def act(p: Provision) -> Provision:
        when = with_thresholds(p.when, {id: value})
        return p if when is p.when else on_trial(scenario, p, when=when)

    return recut(provisions, change, act)


def _repeal(scenario: Scenario, change: Change, provisions: Provisions) -> Provisions:
    ids = _ids(scenario, provisions, change)
    return recut(provisions, change, lambda p: None if p.id in ids else p)


def _keep(scenario: Scenario, change: Change, provisions: Provisions) -> Provisions:
    """Keep provisions as they stood on a day: what stood goes on, and what came later does not come."""
    ids, day = _ids(scenario, provisions, change), change.table["as_of"]
    standing = {id(p) for p in provisions if p.id in ids and day in p.binds}
    found: list[Provision] = []
    for p in provisions:
        if id(p) not in standing:
            found += recut((p,), change, lambda piece: None if piece.id in ids else piece)
            continue
        found.append(p)
        if p.end is not None and (change.end is None or p.end < change.end):
            goes_on = max(p.end, change.start)
            found.append(on_trial(scenario, p, binds_from=goes_on, end=change.end, ended_by=None))
    return tuple(found)


def _enforce(scenario: Scenario, change: Change, provisions: Provisions) -> Provisions:
    """Enforce what is printed: where the two tracks differ, the enforced one follows the printed."""
    ids = _ids(scenario, provisions, change)

    def act(p: Provision) -> Provision | None:
        if p.id not in ids or p.track == "both":
            return p
        return on_trial(scenario, p, track="both") if p.track == "printed" else None

    return recut(provisions, change, act)


def _span(scenario: Scenario, change: Change, provisions: Provisions) -> Provisions:
    """Move the end of a version, or take it away."""
    id, version, end = change.table["provision"], change.table.get("version"), change.table.get("end")
    exactly(id, {p.id for p in provisions}, "provision")
    chosen = [p for p in provisions if p.id == id and version in (None, p.binds.start)]
    if len(chosen) != 1:
        starts = ", ".join(str(p.binds.start) for p in provisions if p.id == id)
        raise BookError(f"{id} has versions from {starts}; say which with `version`")
    if any(d is not None and d < change.start for d in (chosen[0].end, end)):
        raise BookError(f"{id} ends on {chosen[0].end} and would end on {end}: not before {change.start}")
    p = chosen[0]
    if p.end == end:
        return provisions
    # What lies before the scenario's day stays as it is; only what follows is on trial.
    first = max(p.binds.start, change.start)
    before = [replace(p, end=first, ended_by=None)] if p.binds.start < first else []
    after = [on_trial(scenario, p, binds_from=first, end=end, ended_by=None)] if end is None or first < end else []
    return tuple(piece for q in provisions for piece in ((*before, *after) if q is p else (q,)))


def _add(scenario: Scenario, change: Change, provisions: Provisions) -> Provisions:
    assert change.made is not None
    return (*provisions, change.made)


def _list(scenario: Scenario, change: Change, lists: Lists) -> Lists:
    """Put countries on a list, or take them off."""
    id = change.table["list"]
    exactly(id, lists.ids(), "list")
    entries = lists.entries[id]
    for text in change.table.get("remove", ()):
        code = _country(text)
        if not any(e.country == code and (e.span.end is None or e.span.end > change.start) for e in entries):
            raise BookError(f"{code} is not on {id} on {change.start}, so it cannot be taken off")
        entries = tuple(piece for e in entries for piece in (_cut(e, change) if e.country == code else (e,)))
    for text in change.table.get("add", ()):
        code = _country(text)
        cleared = tuple(piece for e in entries for piece in (_cut(e, change) if e.country == code else (e,)))
        made = Membership(id, code, change.start, change.end, scenario.evidence, f"scenario {scenario.id}")
        entries = (*cleared, made)
    return replace(lists, entries=MappingProxyType({**lists.entries, id: entries}))


def _cut(e: Membership, change: Change) -> tuple[Membership, ...]:
    found = []
    if e.start is None or e.start < change.start:
        found.append(e if e.end is not None and e.end <= change.start else replace(e, end=change.start))
    if change.end is not None and (e.end is None or e.end > change.end):
        found.append(e if e.start is not None and e.start >= change.end else replace(e, start=change.end))
    return tuple(found)


def _country(text: str) -> str:
    try:
        return find_country(text)
    except CatalogError as problem:
        raise BookError(str(problem)) from None


def _keep_lists(scenario: Scenario, change: Change, lists: Lists) -> Lists:
    """Keep lists as they stood on a day."""
    if not change.table.get("lists"):
        return lists
    entries = dict(lists.entries)
    for id in matching(change.table["lists"], lists.ids(), "list"):
        standing = [e for e in entries[id] if change.table["as_of"] in e.span]
        cut = [piece for e in entries[id] for piece in _cut(e, change)]
        entries[id] = (*cut, *(replace(e, start=change.start, end=change.end) for e in standing))
    return replace(lists, entries=MappingProxyType(entries))


VERBS: Mapping[str, Callable[[Scenario, Change, Provisions], Provisions]] = {
    "set": _set,
    "repeal": _repeal,
    "keep": _keep,
    "enforce": _enforce,
    "span": _span,
    "provision": _add,
}
LIST_VERBS: Mapping[str, Callable[[Scenario, Change, Lists], Lists]] = {"list": _list, "keep": _keep_lists}
