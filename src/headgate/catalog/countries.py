"""Countries and the dated lists of countries: one day, one membership.

The lists are read from `data/country_groups.toml` and refused at the door when they contradict themselves.
`find_country` and `country_name` are offered here too, so that one import serves both questions about a country.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from headgate.catalog.country_names import (
    Countries,
    check_table,
    countries,
    country_name,
    data_text,
    find_country,
    unknown_code,
)
from headgate.days import Span
from headgate.errors import CatalogError, did_you_mean

__all__ = ["Lists", "Membership", "country_lists", "country_name", "find_country", "read_lists"]


def counted_elsewhere(where: str, code: str, as_code: str) -> CatalogError:
    """Refuse a list member that the rules count as another country."""
    return CatalogError(f"{where}: {code} counts as {as_code} and has no membership of its own; list {as_code}")


def not_a_span(where: str, start: object, end: object) -> CatalogError:
    """Refuse a change without days, with an end before its start, or with something that is not a day."""
    return CatalogError(f"{where}: from {start} to {end} is no span of days; write start, end or both, the end later")


def overlapping_spans(where: str, country: str) -> CatalogError:
    """Refuse two entries that put one country on one list on the same day."""
    return CatalogError(f"{where}: two entries for {country} share a day; end the first where the second starts")


def no_such_list(list_id: str, known: Iterable[str]) -> CatalogError:
    """Refuse a list id that is not in the catalog."""
    return CatalogError(f"no country list {list_id!r}.{did_you_mean(list_id, known)}")


def never_on_list(list_id: str, country: str) -> CatalogError:
    """Refuse a citation for a membership that does not exist."""
    return CatalogError(f"{country} is not on {list_id} on the day asked, so there is no entry to cite")


@dataclass(frozen=True, slots=True)
class Membership:
    """One country on one list for one span of days, and how we know.

    Args:
        start: First day, or None when it was on the list on the first day the lists cover.
        end: First day it is no longer on the list, or None while it still is.
        known_from: Day from which one could know of the change; before it the country stays where it was.
    """

    list_id: str
    country: str
    start: date | None
    end: date | None
    mark: str
    cite: str
    note: str = ""
    known_from: date = date.min

    @property
    def span(self) -> Span:
        """The days as a half-open span; an open start is the first day there is."""
        return Span(self.start or date.min, self.end)


@dataclass(frozen=True, slots=True)
class Lists:
    """Every list of countries, by id and day."""

    read_on: date
    first_day: date
    says: Mapping[str, str]
    entries: Mapping[str, tuple[Membership, ...]]

    def as_known(self, day: date) -> "Lists":
        """Return the lists as they could be known on a day: later changes have not happened yet.

        Example:
            >>> "AE" in country_lists().as_known(date(2026, 7, 13)).members("us.country_group.a5", date(2026, 7, 13))
            False
        """
        kept = {id: tuple(e for entry in all for e in _as_known(entry, day)) for id, all in self.entries.items()}
        return replace(self, entries=MappingProxyType(kept))

    def version(self) -> str:
        """Return a short hash of every membership."""
        told = repr([(id, [(e.country, e.start, e.end) for e in self.entries[id]]) for id in self.ids()])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all lists, sorted.

        Example:
            >>> country_lists().ids()[:2]
            ('us.country_group.a1', 'us.country_group.a5')
        """
        return tuple(sorted(self.entries))

    def _entries(self, list_id: str) -> tuple[Membership, ...]:
        if list_id not in self.entries:
            raise no_such_list(list_id, self.entries)
        return self.entries[list_id]

    def members(self, list_id: str, day: date) -> frozenset[str]:
        """Return the alpha-2 codes on a list on a day; days before `first_day` answer as that day does.

        Raises:
            CatalogError: There is no such list.

        Example:
            >>> sorted(country_lists().members("us.country_group.e1", date(2026, 1, 1)))
            ['IR', 'KP', 'SY']
        """
        return frozenset(entry.country for entry in self._entries(list_id) if day in entry.span)

    def change_days(self) -> tuple[date, ...]:
        """Return every day on which some list differs from the day before, in order.

        Example:
            >>> max(country_lists().change_days())
            datetime.date(2026, 7, 10)
        """
        all_entries = [entry for entries in self.entries.values() for entry in entries]
        return tuple(sorted({moment for entry in all_entries for moment in (entry.start, entry.end) if moment}))

    def entry(self, list_id: str, country: str, day: date | None = None) -> Membership:
        """Return the entry that puts a country on a list, for citations: that of a day, or else the latest.

        Raises:
            CatalogError: There is no such list, or the country is not on it.

        Example:
            >>> country_lists().entry("us.country_group.d5", "CY").cite
            '89 FR 40369'
        """
        found = [e for e in self._entries(list_id) if e.country == country and (day is None or day in e.span)]
        if not found:
            raise never_on_list(list_id, country)
        return max(found, key=lambda e: e.span.start)


def _as_known(entry: Membership, day: date) -> tuple[Membership, ...]:
    """Return an entry as known on a day: one whose change was not known yet has not joined, or has not left."""
    if entry.known_from <= day:
        return (entry,)
    if entry.end is not None:
        return (replace(entry, end=None),) if entry.start is None or entry.start <= day else ()
    return ()


def _read_entry(list_id: str, table: Mapping[str, Any], country: str, known: Countries) -> Membership:
    """Make one entry of a list out of the table it stands in: the list itself, or one of its changes."""
    where = f"list {list_id}"
    if country in known.counted_as:
        raise counted_elsewhere(where, country, known.counted_as[country])
    if country not in known.names:
        raise unknown_code(where, country)
    start, end, told = table.get("start"), table.get("end"), table.get("known_from")
    if any(d is not None and type(d) is not date for d in (start, end)) or (start and end and end <= start):
        raise not_a_span(where, start, end)
    if told is not None and type(told) is not date:
        raise not_a_span(where, start, told)
    changed = date.min if start is None and end is None else max(d for d in (start, end) if d is not None)
    return Membership(
        list_id, country, start, end, table["mark"], table["cite"], table.get("note", ""), told or changed
    )


def _read_list(list_id: str, table: Mapping[str, Any], known: Countries) -> tuple[Membership, ...]:
    """Read the members and the changes of one list."""
    where = f"list {list_id}"
    check_table(where, table, {"says", "mark", "cite", "members"}, {"note", "start", "known_from", "change"})
    entries = [_read_entry(list_id, table, country, known) for country in table["members"]]
    for change in table.get("change", []):
        check_table(f"{where}, change", change, {"country", "mark", "cite"}, {"start", "end", "known_from", "note"})
        if "start" not in change and "end" not in change:
            raise not_a_span(where, None, None)
        entries.append(_read_entry(list_id, change, change["country"], known))
    for i, one in enumerate(entries):
        if any(one.country == other.country and one.span.overlaps(other.span) for other in entries[:i]):
            raise overlapping_spans(where, one.country)
    return tuple(entries)


def read_lists(text: str, known: Countries) -> Lists:
    """Read the text of `country_groups.toml`.

    Raises:
        CatalogError: A key is unknown or missing, a member is no country or counts as another, spans overlap.
        tomllib.TOMLDecodeError: The text is no TOML, or a day in it does not exist.
    """
    table = tomllib.loads(text)
    check_table("country_groups.toml", table, {"read_on", "first_day", "list"}, set())
    return Lists(
        read_on=table["read_on"],
        first_day=table["first_day"],
        entries=MappingProxyType(
            {list_id: _read_list(list_id, each, known) for list_id, each in table["list"].items()}
        ),
        says=MappingProxyType({list_id: each["says"] for list_id, each in table["list"].items()}),
    )


@cache
def country_lists() -> Lists:
    """Return all lists of countries, read once."""
    return read_lists(data_text("country_groups.toml"), countries())
