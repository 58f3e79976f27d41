"""What is asked about one line, in English and Chinese, and of whom: the customer, the maker, or our own desk."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from headgate.decide.answers import ANSWERS
from headgate.decide.columns import COLUMNS, Column
from headgate.decide.decision import Decision
from headgate.decide.packet.words import CERTIFIED_KEY, chinese
from headgate.decide.questionnaire import RAISED, questions
from headgate.decide.whatif import needed
from headgate.decide.wording import CERTIFIED, question
from headgate.errors import CatalogError
from headgate.law.fields import CERTIFICATIONS
from headgate.law.flag_records import ACTION

FILE = "asked.toml"
CUSTOMER, MAKER, EXPORTER = "customer", "maker", "exporter"


@dataclass(frozen=True, slots=True)
class Roles:
    """Who answers what, as the data says.

    Args:
        who: Column or flag to `maker` or `exporter`; the customer answers everything else.
        covered: Flag to the columns and flags that together ask the same.
    """

    who: Mapping[str, str]
    covered: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ask:
    """One question.

    Args:
        id: The column, or the red flag.
        who: `customer`, `maker` or `exporter`.
        english: The question.
        chinese: The same in Chinese.
        answers: How it is answered: the columns that it fills; none where papers or words answer it.
        state: `missing` for a fact of the line; `raised`, `open` or `action` for a red flag.
        weight: Weight of a red flag.
    """

    id: str
    who: str
    english: str
    chinese: str
    answers: tuple[Column, ...]
    state: str = "missing"
    weight: str = ""


@cache
def roles() -> Roles:
    """Return who answers what.

    Example:
        >>> roles().who["tpp"], roles().who.get("end_use", "customer")
        ('maker', 'customer')
    """
    return read_roles((files("headgate.data") / FILE).read_text(encoding="utf-8"))


def read_roles(text: str) -> Roles:
    """Read who answers what.

    Raises:
        CatalogError: A key, a column or a flag is not known, or stands twice.
    """
    found = tomllib.loads(text)
    who: dict[str, str] = {}
    words = chinese()
    for role in (MAKER, EXPORTER):
        table = found.get(role, {})
        if set(table) != {"columns", "flags"}:
            raise CatalogError(f"{FILE}, {role}: write `columns` and `flags`, and nothing else")
        for name in (*table["columns"], *table["flags"]):
            if name not in words["column"] and name not in words["flag"]:
                raise CatalogError(f"{FILE}, {role}: {name!r} is no question")
            if who.setdefault(name, role) != role:
                raise CatalogError(f"{FILE}: {name!r} is asked of two")
    if set(found) != {MAKER, EXPORTER, "covered"}:
        raise CatalogError(f"{FILE}: its tables are {MAKER}, {EXPORTER} and covered")
    covered = {flag: tuple(columns) for flag, columns in found["covered"].items()}
    for flag, columns in covered.items():
        if flag not in words["flag"] or not set(columns) <= {*words["column"], *words["flag"]}:
            raise CatalogError(f"{FILE}, covered: {flag} = {list(columns)} names what nobody asks")
    return Roles(who, covered)


def asks(decision: Decision) -> list[Ask]:
    """Return what is asked about a line: missing facts, the most decisive first, then red flags, raised ones first.

    Args:
        decision: A decision with its trace; a row that cannot be read leaves nothing to ask.

    Example:
        >>> from headgate.decide.one import decider
        >>> row = {"item": "nvidia-h20-96", "destination": "CN", "activity": "export", "event_date": "2024-06-01"}
        >>> [a.id for a in asks(decider().answering.decide(row, None, None, {}))][:2]
        ['is_denied', 'is_entity_listed']
    """
    if decision.trace is None:
        return []
    return [*_facts(decision), *_flags(decision)]


def _facts(decision: Decision) -> Iterator[Ask]:
    assert decision.trace is not None
    words, who = chinese()["column"], roles().who
    columns = [c for c in decision.missing if c in COLUMNS and c not in needed(decision.trace)]
    certificates = [c for c in columns if c in CERTIFICATIONS and who.get(c) == EXPORTER]
    for column in columns:
        if len(certificates) > 1 and column in certificates:
            if column == certificates[0]:
                answers = tuple(COLUMNS[c] for c in certificates)
                yield Ask(column, EXPORTER, CERTIFIED, words[CERTIFIED_KEY], answers)
        else:
            yield Ask(column, who.get(column, CUSTOMER), question(column), words[column], (COLUMNS[column],))


def _flags(decision: Decision) -> Iterator[Ask]:
    """Yield the red flags that are raised or open, and the duties of diligence; one question for each."""
    words, known = chinese()["flag"], roles()
    rows: dict[str, list[tuple[str, str, str, str]]] = {}
    for q in questions(decision):
        rows.setdefault(q.flag, []).append((q.state, q.weight, q.question, q.column))
    for flag, found in rows.items():
        asked = known.covered.get(flag)
        if asked and set(asked) <= {*decision.missing, *rows}:
            continue
        state, weight, english, _ = found[0]
        answers = tuple(ANSWERS[column] for *_, column in found if column and state not in (RAISED, ACTION))
        yield Ask(flag, known.who.get(flag, CUSTOMER), english, words[flag], answers, state, weight)
