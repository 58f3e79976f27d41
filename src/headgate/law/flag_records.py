"""The red flags as data: what each says and asks, how much it weighs, and the facts that answer its question.

The facts become columns of the table of answers and fields `ask.NAME` of the law; `law/us/red_flags.py` makes
provisions of the flags.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from headgate.errors import BookError, did_you_mean
from headgate.source import MARKS

FILE = "red_flags.toml"
PREFIX = "ask."
# Strongest first. An action is a duty of care: it is to be done, and nothing raises it.
ACTION = "action"
WEIGHTS = ("block", "hold", "note", ACTION)
# Kind of an answer to the kind of field that it becomes.
KINDS = {
    "yesno": "flag",
    "number": "number",
    "share": "number",
    "country": "code",
    "countries": "codes",
    "code": "code",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of the table of answers.

    Args:
        name: The column; the field of the law is `ask.` and this name.
        kind: One of `KINDS`.
        words: What it states; for a yes/no fact, what a yes says.
        unit: Unit of a number.
        values: The codes that may stand there.
    """

    name: str
    kind: str
    words: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition that raises a flag, on some days.

    Args:
        says: One plain sentence.
        weight: One of `WEIGHTS`.
        when: The condition, in the words of a law file.
        start: First day.
        section: Where it is written, as a lawyer cites it.
        published: Name of the publication.
        mark: How well it is known.
        name: What tells it from the other rules of the flag; empty for the first.
        end: First day on which it no longer counts.
        track: The track that alone knows it, or `both`.
        note: Doubts, and our reading.
        spans_of: Id of the provision whose spans of days, marks and publications it takes over.
    """

    says: str
    weight: str
    when: str
    start: date
    section: str
    published: str
    mark: str
    name: str = ""
    end: date | None = None
    track: str = "both"
    note: str = ""
    spans_of: str = ""


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One red flag, or one action of due diligence.

    Args:
        id: Short name, for example `KYC-09`.
        says: One plain sentence.
        ask: The question, as one asks a customer or a colleague.
        weight: Its weight, where no rule of it has another.
        start: Day from which it is known.
        section: Where it is written.
        published: Name of the publication.
        mark: How well it is known.
        facts: Columns that answer the question.
        evidence: What to obtain.
        note: Doubts, and our reading.
        rules: What raises it; none for an action.
    """

    id: str
    says: str
    ask: str
    weight: str
    start: date
    section: str
    published: str
    mark: str
    facts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    note: str = ""
    rules: tuple[Rule, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FlagRecords:
    """All facts and flags, by name and id, in the order of the file."""

    facts: Mapping[str, Fact]
    flags: Mapping[str, RedFlag]


RULE_KEYS = tuple(f.name for f in fields(Rule))
FLAG_KEYS = tuple(f.name for f in fields(RedFlag) if f.name != "rules")
FLAG_TABLE = (*FLAG_KEYS, "when", "end", "track", "version")
TYPES: Mapping[str, type] = {
    **{"start": date, "end": date},
    **dict.fromkeys(("facts", "evidence", "values", "version"), list),
}


def unknown_key(where: str, key: str, known: Iterable[str]) -> BookError:
    """Refuse a key that a record cannot have."""
    return BookError(f"{FILE}, {where}: there is no key {key!r}.{did_you_mean(key, known)}")


def missing_key(where: str, key: str) -> BookError:
    """Refuse a record without one of its keys."""
    return BookError(f"{FILE}, {where}: the key {key!r} is missing")


def wrong_value(where: str, key: str, value: object, known: Iterable[str] = ()) -> BookError:
    """Refuse a value that is of another type, or none of those known."""
    return BookError(f"{FILE}, {where}: {key} is {value!r}" + (f", none of {', '.join(known)}" if known else ""))


@cache
def flag_records() -> FlagRecords:
    """Return the red flags of the package.

    Example:
        >>> flag_records().flags["KYC-09"].weight
        'block'
    """
    return read_flags((files("headgate.data") / FILE).read_text(encoding="utf-8"))


def find_flag(id: str) -> RedFlag:
    """Return one flag by id, whatever its case.

    Raises:
        BookError: No flag has this id; the message lists near names.
    """
    flags = flag_records().flags
    if id.upper() not in flags:
        raise BookError(f"there is no red flag {id!r}.{did_you_mean(id, flags)} `headgate flags list` shows all")
    return flags[id.upper()]


def read_flags(text: str) -> FlagRecords:
    """Read facts and flags.

    Raises:
        BookError: The text is not what the file's own comment describes; the message says where.
    """
    content = tomllib.loads(text)
    for key in content:
        if key not in ("fact", "flag"):
            raise unknown_key("top", key, ("fact", "flag"))
    facts = {name: _fact(name, table) for name, table in content.get("fact", {}).items()}
    flags: dict[str, RedFlag] = {}
    for table in content.get("flag", ()):
        made = _flag(table, facts)
        if made.id in flags:
            raise wrong_value(made.id, "id", "used twice")
        flags[made.id] = made
    unused = facts.keys() - {name for flag in flags.values() for name in flag.facts}
    if unused:
        raise wrong_value(f"fact {min(unused)}", "a fact", "asked by no flag")
    return FlagRecords(facts, flags)


def _check(where: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    for key, value in table.items():
        if key not in known:
            raise unknown_key(where, key, known)
        if type(value) is not TYPES.get(key, str) or value in ("", []):
            raise wrong_value(where, key, value)


def _fact(name: str, table: Mapping[str, Any]) -> Fact:
    where = f"fact {name}"
    _check(where, table, ("kind", "words", "unit", "values"))
    for key in ("kind", "words"):
        if key not in table:
            raise missing_key(where, key)
    if table["kind"] not in KINDS:
        raise wrong_value(where, "kind", table["kind"], KINDS)
    if (table["kind"] == "code") != ("values" in table):
        raise missing_key(where, "values") if table["kind"] == "code" else unknown_key(where, "values", ())
    return Fact(name, table["kind"], table["words"], table.get("unit", ""), tuple(table.get("values", ())))


def _flag(table: Mapping[str, Any], facts: Mapping[str, Fact]) -> RedFlag:
    where = str(table.get("id", "a flag without id"))
    _check(where, table, FLAG_TABLE)
    for key in (f.name for f in fields(RedFlag) if f.default is MISSING):
        if key not in table:
            raise missing_key(where, key)
    if table["weight"] not in WEIGHTS or table["mark"] not in MARKS:
        raise wrong_value(where, "weight or mark", (table["weight"], table["mark"]), (*WEIGHTS, *MARKS))
    for name in table.get("facts", ()):
        if name not in facts:
            raise wrong_value(where, "facts", name, facts)
    told: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items() if k in FLAG_KEYS}
    return RedFlag(**told, rules=tuple(_rules(where, table)))


def _rules(where: str, table: Mapping[str, Any]) -> Iterable[Rule]:
    """Make the rules of a flag: its versions, each laid over what the flag says itself, or the flag alone."""
    own = {key: value for key, value in table.items() if key in RULE_KEYS}
    versions = table.get("version", [{}])
    if table["weight"] == ACTION:
        if "when" in table or "version" in table:
            raise wrong_value(where, "weight", "an action, which nothing raises")
        return
    for version in versions:
        _check(where, version, RULE_KEYS)
        if "when" not in own | version:
            raise missing_key(where, "when")
        yield Rule(**(own | version))
