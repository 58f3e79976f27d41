"""One item decided for every destination of the catalog, one by one, and those of the same answer put together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headgate.catalog.country_names import countries
from headgate.decide.decision import Decision
from headgate.decide.flips import clean_row
from headgate.decide.one import Decider
from headgate.decide.wording import OUTCOME, POLICY
from headgate.errors import UsageError
from headgate.law.book import ENFORCED, PRINTED, Book
from headgate.law.provision import Provision
from headgate.law.us.ear.s734 import UNITED_STATES
from headgate.source import weakest

TRACKS = (ENFORCED, PRINTED)
# From the freest answer to the strictest, then those that are none.
ORDER = (
    "no_license_required",
    "exception_available",
    "presumption_of_approval",
    "case_by_case",
    "unstated",
    "presumption_of_denial",
    "denial",
    "prohibited",
    "insufficient_facts",
    "legal_ambiguity",
    "not_modeled",
    "invalid_row",
)
# The kind of answer on a picture or at the head of a group, in a few words.
WORDS = {
    "no_license_required": "No license required",
    "exception_available": "License exception",
    "presumption_of_approval": "License, presumption of approval",
    "case_by_case": "License, case by case",
    "unstated": "License, no policy published",
    "presumption_of_denial": "License, presumption of denial",
    "denial": "License, denied",
    "prohibited": "Prohibited",
    "insufficient_facts": "Facts missing",
    "legal_ambiguity": "Two readings of the text",
    "not_modeled": "Not modeled",
    "invalid_row": "Cannot be read",
}
# What `clean` says of every line, in a sentence.
CLEAN_WORDS = (
    "Assumed (clean): headquarters and ultimate parent at the destination, nobody listed, denied or owned by listed "
    "parties, civil end use, no party on the UAE list, exporter neither foundry nor packager."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one track answers: the contract's columns, and the kind by which answers are put together."""

    outcome: str
    review_policy: str
    exceptions: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The outcome; of a required license its review policy."""
        return self.review_policy or "unstated" if self.outcome == "license_required" else self.outcome

    def words(self) -> str:
        """Say the answer.

        Example:
            >>> Answer("license_required", "denial", (), ()).words()
            'a license is required; applications are denied'
        """
        said = OUTCOME[self.outcome]
        if self.exceptions and self.outcome == "exception_available":
            said += f": {', '.join(self.exceptions)}"
        return f"{said}; {POLICY[self.review_policy]}" if self.review_policy in POLICY else said


@dataclass(frozen=True, slots=True)
class Destination:
    """The answer for one destination on both tracks, with what is missing and how well it is known.

    Args:
        code: Alpha-2 code, also of a place that counts as another.
        evidence: The weakest mark behind the answer; empty where there is none.
        flags: Those of the decision.
    """

    code: str
    enforced: Answer
    printed: Answer
    missing: tuple[str, ...]
    eccn: str
    error: str
    evidence: str
    flags: tuple[str, ...]

    @property
    def counts_as(self) -> str:
        """The code that this one counts as; empty of one that is its own."""
        return countries().counted_as.get(self.code, "")

    def on(self, track: str) -> Answer:
        """Return the answer of one track."""
        return self.enforced if track == ENFORCED else self.printed


def answers_of(d: Decision) -> tuple[Answer, Answer]:
    """Return the answers of a decision, as enforced and as printed."""
    enforced = Answer(d.outcome, d.review_policy, d.exceptions, d.reasons)
    return enforced, Answer(d.outcome_printed, d.review_policy_printed, d.exceptions_printed, d.reasons_printed)


def destinations() -> list[str]:
    """Return the code of every place that a row may name as its destination, also where it counts as another one.

    Example:
        >>> "CN" in destinations(), "TW" in destinations(), "HK" in destinations()
        (True, True, True)
    """
    return sorted(countries().names)


def activity_of(start: str, to: str) -> str:
    """Return the activity that two countries make.

    Example:
        >>> activity_of("US", "CN"), activity_of("PR", "CN"), activity_of("SG", "HK"), activity_of("CN", "HK")
        ('export', 'export', 'reexport', 'transfer')
    """
    counted = countries().counted_as
    if start in UNITED_STATES:
        return "export"
    return "transfer" if counted.get(to, to) == counted.get(start, start) else "reexport"


def in_force(book: Book, id: str, day: date, track: str = "") -> Provision:
    """Return the version of a provision that binds on a day, or bound on the eve; of several, the least well known.

    Args:
        book: The book.
        id: The provision.
        day: A day, for one that ended on it too.
        track: `enforced` or `printed`; anything else asks for either.
    """
    every = [v for v in book.versions(id) if track not in TRACKS or v.on_track(track)] or [*book.versions(id)]
    for when in (day, day - timedelta(days=1)):
        if found := [v for v in every if when in v.binds]:
            mark = weakest([v.mark for v in found])
            return next(v for v in found if v.mark == mark)
    return every[-1]


def name_of(code: str) -> str:
    """Return the name of a destination, with what it counts as where it is not its own.

    Example:
        >>> name_of("HK"), name_of("MO")
        ('Hong Kong (counts as China)', 'Macau')
    """
    known = countries()
    other = known.counted_as.get(code)
    return f"{known.names[code]} (counts as {known.names[other]})" if other else known.names[code]


def everywhere(
    by: Decider,
    item: str,
    day: date,
    ship_from: str = "US",
    assume: str | None = "clean",
    stated: Mapping[str, object] | None = None,
) -> list[Destination]:
    """Decide an item for every destination.

    Args:
        by: The book and the catalog.
        item: A catalog id.
        day: Whose law.
        ship_from: The country it ships from; from elsewhere than the United States and its territories it is a
            reexport.
        assume: `clean`, or None to leave everything unknown.
        stated: Facts stated besides.

    Raises:
        UsageError: A stated fact is one that the map itself goes through.

    Example:
        >>> from headgate.decide.one import decider
        >>> found = {d.code: d for d in everywhere(decider(), "nvidia-h100-sxm", date(2024, 6, 1))}
        >>> found["CN"].enforced.kind, found["DE"].enforced.kind
        ('presumption_of_denial', 'no_license_required')
    """
    for fixed in ("item", "destination", "event_date"):
        if fixed in (stated or {}):
            raise UsageError(f"--set {fixed}: the map itself says that; it decides one item on one day everywhere")
    if "ship_from" in (stated or {}):
        raise UsageError("--set ship_from: give it with --from, which also makes it an export or a reexport")
    found = []
    for code in destinations():
        facts = {"ship_from": ship_from, "activity": activity_of(ship_from, code), **(stated or {})}
        d = by.decide(clean_row(item, code, day, facts), assume, facts)
        enforced, printed = answers_of(d)
        found.append(
            Destination(code, enforced, printed, d.missing, d.eccn_paragraph, d.error or "", d.evidence, d.flags)
        )
    return found


@dataclass(frozen=True, slots=True)
class Group:
    """Destinations of one answer on one track; the requirements that most of them share come first."""

    kind: str
    exceptions: tuple[str, ...]
    codes: tuple[str, ...]
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    evidence: str
    flags: tuple[str, ...]


def groups_of(found: Iterable[Destination], track: str, by: Decider, day: date) -> list[Group]:
    """Return destinations by kind of answer and open exceptions, the freest first.

    Example:
        >>> from headgate.decide.one import decider
        >>> every = everywhere(decider(), "nvidia-h100-sxm", date(2022, 11, 1))
        >>> [(g.kind, len(g.codes)) for g in groups_of(every, "enforced", decider(), date(2022, 11, 1))][-2:]
        [('denial', 6), ('insufficient_facts', 1)]
    """
    together: dict[tuple[str, tuple[str, ...]], list[Destination]] = {}
    for d in found:
        a = d.on(track)
        together.setdefault((a.kind, a.exceptions if a.kind == "exception_available" else ()), []).append(d)
    requires = {p.id for p in by.book.on(day, track).stage("require")}
    groups = []
    for (kind, exceptions), inside in together.items():
        reasons = Counter(id for d in inside for id in d.on(track).reasons if id in requires)
        missing = tuple(dict.fromkeys(m for d in inside for m in d.missing)) if kind == "insufficient_facts" else ()
        often = tuple(id for id, _ in reasons.most_common())
        marks = [d.evidence for d in inside if d.evidence]
        flags = tuple(dict.fromkeys(flag for d in inside for flag in d.flags))
        codes = tuple(d.code for d in inside)
        groups.append(Group(kind, exceptions, codes, often, missing, weakest(marks) if marks else "", flags))
    return sorted(groups, key=lambda g: (ORDER.index(g.kind), g.exceptions))


def counts(found: Sequence[Destination], track: str) -> dict[str, int]:
    """Return how many destinations have each kind of answer, the freest first."""
    kinds = [d.on(track).kind for d in found]
    return {kind: kinds.count(kind) for kind in ORDER if kind in kinds}
