"""One record of the policy tracker: what it holds, and its status on any day.

A status is never stored: it is that of the last event up to a day. An event of which only the month or the year is
known counts from the last day on which it can have been.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

SIDES = ("us", "china")
KINDS = (
    *(
        "bill",
        "appropriation",
        "executive_order",
        "proclamation",
        "rule",
        "draft_rule",
        "guidance",
        "letter",
        "program",
    ),
    *("arrangement", "statement", "china_measure", "observation", "litigation", "state_law", "enforcement"),
    "open_question",
)
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "reported": "seen in reports only",
        "announced": "announced, no binding text yet",
        "draft": "a draft",
        "introduced": "introduced",
        "in_committee": "before a committee",
        "out_of_committee": "approved by a committee",
        "attached": "taken into another bill that is not law",
        "dropped": "left out of the bill that carried it",
        "passed_house": "passed by the House",
        "passed_senate": "passed by the Senate",
        "enacted": "enacted",
        "in_force": "in force",
        "not_enforced": "printed, and not enforced",
        "suspended": "suspended",
        "eased": "loosened by a later measure",
        "superseded": "replaced by a later one",
        "withdrawn": "withdrawn",
        "open": "open, without an outcome",
        "stayed": "stayed by a court",
        "charged": "charged, not convicted",
        "pleaded": "guilty pleas",
        "settled": "settled",
        "listed": "put on a list",
        "delisted": "taken off a list",
        "unknown": "not settled by any source",
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One dated step. `day` is a date, or a month (`2026-07`) or a year as text; `status` is empty when it stays."""

    day: date | str
    what: str
    status: str
    mark: str
    source: tuple[str, ...]

    @property
    def first(self) -> date:
        """The first day on which it can have been."""
        return first_day(self.day)

    @property
    def last(self) -> date:
        """The last day on which it can have been; from then on it counts."""
        return last_day(self.day)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a simulation would change, as the source gives it; `value` is None where it is only words."""

    name: str
    value: float | bool | str | None
    says: str
    mark: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A point on which sources differ, what each says, and which reading the events use."""

    about: str
    says: tuple[str, ...]
    used: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a record of unsettled identity could be; `record` is the id of its own record, or empty."""

    number: str
    title: str
    record: str
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    mark: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """One bill, instrument, measure, lawsuit or open question.

    Args:
        status_day: Last day (or month, or year) on which somebody saw the status.
        numbers: Bill numbers, Federal Register documents, orders, by mark. The same for `sponsors`.
        scenarios: Ids of the scenario files that put it on trial.
        related: Ids of other records.
        suspended_until: Last day of a suspension, as its source gives it.
        review_by: Day by which somebody must look whether it still stands.
        why: Of an open question: what hangs on the answer; `look_at`: where it would be found.
    """

    id: str
    title: str
    kind: str
    side: str
    status_day: date | str
    events: tuple[Event, ...]
    numbers: Mapping[str, tuple[str, ...]]
    sponsors: Mapping[str, tuple[str, ...]]
    parameters: tuple[Parameter, ...]
    disagree: tuple[Disagreement, ...]
    candidates: tuple[Candidate, ...]
    scenarios: tuple[str, ...]
    related: tuple[str, ...]
    look_at: tuple[str, ...]
    why: str
    note: str
    suspended_until: date | None
    review_by: date | None

    def last_event(self, day: date | None = None) -> Event | None:
        """Return the last event that had happened for certain on a day; by default on the last sighting."""
        until = day or last_day(self.status_day)
        return next((e for e in reversed(self.events) if e.last <= until), None)

    def status(self, day: date | None = None) -> tuple[str, str]:
        """Return the status on a day (by default on the last sighting) and its mark; two empty texts before the first.

        A suspension whose last day has passed without a later event is `unknown`, never quietly in force or over.

        Example:
            >>> from headgate.catalog.policy import policies
            >>> policies()["hr6875-ai-overwatch"].status(date(2026, 1, 1))
            ('introduced', 'primary')
        """
        until = day or last_day(self.status_day)
        found = next((e for e in reversed(self.events) if e.status and e.last <= until), None)
        if found is None:
            return "", ""
        if found.status == "suspended" and self.suspended_until and until > self.suspended_until:
            return "unknown", "unverified"
        return found.status, found.mark

    def overdue_since(self, today: date) -> date | None:
        """Return the day by which somebody should have looked, once it has come; else None."""
        return self.review_by if self.review_by and self.review_by <= today else None

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source of the record, each once, in the order in which they are used."""
        claims: tuple[Event | Parameter | Candidate, ...] = (*self.events, *self.parameters, *self.candidates)
        return tuple(dict.fromkeys(s for claim in claims for s in claim.source))


def first_day(when: date | str) -> date:
    """Return the first day of a date, a month or a year.

    Example:
        >>> first_day("2026-07"), last_day("2026-07")
        (datetime.date(2026, 7, 1), datetime.date(2026, 7, 31))
    """
    if isinstance(when, date):
        return when
    year, _, month = when.partition("-")
    return date(int(year), int(month or 1), 1)


def last_day(when: date | str) -> date:
    """Return the last day of a date, a month or a year."""
    if isinstance(when, date):
        return when
    year, _, month = when.partition("-")
    return date(int(year), int(month or 12), monthrange(int(year), int(month or 12))[1])
