"""The policy tracker: bills, instruments, China's measures, lawsuits and open questions, read strictly from TOML.

The files stand in `data/policy/`; each table is a record and its name the id. Each `refuse_...` raises `CatalogError`.
"""

import math
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NoReturn

from headgate.catalog.chips import DATA, ID, normalized
from headgate.catalog.policy_record import (
    KINDS,
    SIDES,
    STATUSES,
    Candidate,
    Disagreement,
    Event,
    Parameter,
    Policy,
)
from headgate.catalog.record import table_of, text_of, texts_of
from headgate.catalog.refusals import refuse_bad_toml, refuse_unknown_mark, refuse_wrong_type, stop
from headgate.errors import CatalogError, did_you_mean, near_names
from headgate.source import MARKS

POLICY = DATA / "policy"
FILES = ("bills", "instruments", "china", "litigation", "enforcement", "open_clocks")
WHEN = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")
NEEDED = ("title", "kind", "side", "status_day", "event")
TEXTS = ("title", "note", "why")
LISTS = ("scenarios", "related", "look_at")
TOP = (*NEEDED, *TEXTS, *LISTS, "numbers", "sponsors", "suspended_until", "review_by")
TABLES = ("parameter", "disagree", "candidate")


def refuse_unknown_word(where: str, key: str, given: str, known: Iterable[str]) -> NoReturn:
    """Refuse a side, kind or status outside its closed list, with near words."""
    words = tuple(known)
    stop(where, key, f"{given!r} is none of {', '.join(words)}", f"Write one of them.{did_you_mean(given, words)}")


def refuse_missing(where: str, key: str) -> NoReturn:
    """Refuse a record or claim without what it needs."""
    stop(where, key, "it is missing or empty", "Add it; a claim without a source or a day is none.")


def refuse_disorder(where: str, day: date | str) -> NoReturn:
    """Refuse events that do not stand in the order of their days."""
    stop(where, "event", f"the event of {day} stands after a later one", "Put the events in the order of their days.")


def refuse_statusless(where: str, day: date | str) -> NoReturn:
    """Refuse a record that has no status on the day of its last sighting."""
    stop(where, "status_day", f"no event up to {day} has a status", "Give one a status, or correct status_day.")


def refuse_dangling(where: str, key: str, target: str, known: Collection[str]) -> NoReturn:
    """Refuse a reference to a record that does not exist."""
    stop(where, key, f"{target!r} is no record of the tracker", f"Correct or remove it.{did_you_mean(target, known)}")


def refuse_second(where: str, name: str) -> NoReturn:
    """Refuse an id or a parameter's name that stands twice."""
    stop(where, name, "it stands twice", "Rename or remove one.")


def refuse_unknown_policy(text: str, known: Mapping[str, Policy]) -> NoReturn:
    """Refuse an id that no record has, with near ids; a title or number that is near counts too."""
    spelled = {name: p.id for p in known.values() for name in (p.id, p.id.partition("-")[2] or p.id, p.title)}
    near = dict.fromkeys(spelled[name] for name in near_names(text, spelled))
    hint = f"Did you mean {' or '.join(near)}?" if near else "`headgate policy list` shows all ids."
    raise CatalogError(f"{text!r} is not in the policy tracker. {hint}")


def words_of(where: str, key: str, given: object) -> tuple[str, ...]:
    """Return a list of texts that is not empty."""
    return texts_of(where, key, given) or refuse_missing(where, key)


def part_of(where: str, key: str, given: object, needed: Collection[str], more: Collection[str] = ()) -> dict[str, Any]:
    """Return one table of a record with all its needed keys and no other."""
    row = table_of(where, key, given, (*needed, *more), ())
    for name in needed:
        if name not in row:
            refuse_missing(where, f"{key}: {name}")
    return row


def word_of(where: str, key: str, given: object, known: Iterable[str]) -> str:
    """Return a word of a closed list."""
    word, words = text_of(where, key, given), tuple(known)
    return word if word in words else refuse_unknown_word(where, key, word, words)


def mark_of(where: str, given: object) -> str:
    """Return a mark."""
    mark = text_of(where, "mark", given)
    return mark if mark in MARKS else refuse_unknown_mark(where, "mark", mark)


def when_of(where: str, key: str, given: object) -> date | str:
    """Return a day, or a month or a year as text."""
    if type(given) is date or (isinstance(given, str) and WHEN.fullmatch(given)):
        return given
    refuse_wrong_type(where, key, given, 'a date, as 2026-03-22, a month, as "2026-09", or a year, as "2026"')


def date_of(where: str, key: str, given: object) -> date | None:
    """Return a day, or None when the key was left out."""
    if given is None or type(given) is date:
        return given
    refuse_wrong_type(where, key, given, "a date, as 2026-03-22")


def marked_of(where: str, key: str, given: object) -> Mapping[str, tuple[str, ...]]:
    """Return texts by their mark, the best known first."""
    row = table_of(where, key, given, MARKS, ())
    return MappingProxyType({mark: words_of(where, f"{key}.{mark}", row[mark]) for mark in MARKS if mark in row})


def event_of(where: str, given: object) -> Event:
    """Return one [[event]], checked."""
    row = part_of(where, "event", given, ("day", "what", "mark", "source"), ("status",))
    status = word_of(where, "status", row["status"], STATUSES) if "status" in row else ""
    what, source = text_of(where, "what", row["what"]), words_of(where, "source", row["source"])
    return Event(when_of(where, "day", row["day"]), what, status, mark_of(where, row["mark"]), source)


def parameter_of(where: str, given: object) -> Parameter:
    """Return one [[parameter]], checked."""
    row = part_of(where, "parameter", given, ("name", "says", "mark", "source"), ("value",))
    value = row.get("value")
    if value is not None and not isinstance(value, bool | int | float | str):
        refuse_wrong_type(where, "value", value, "a number, a text, true or false")
    if not isinstance(value, bool | str) and value is not None and not math.isfinite(value):
        refuse_wrong_type(where, "value", value, "a finite number")
    name, says = text_of(where, "name", row["name"]), text_of(where, "says", row["says"])
    return Parameter(name, value, says, mark_of(where, row["mark"]), words_of(where, "source", row["source"]))


def disagreement_of(where: str, given: object) -> Disagreement:
    """Return one [[disagree]], checked: at least two sides, and what was used."""
    row = part_of(where, "disagree", given, ("about", "says", "used"))
    says = words_of(where, "says", row["says"])
    if len(says) < 2:
        refuse_missing(where, "disagree: a second reading in says")
    return Disagreement(text_of(where, "about", row["about"]), says, text_of(where, "used", row["used"]))


def candidate_of(where: str, given: object) -> Candidate:
    """Return one [[candidate]], checked."""
    needed = ("number", "title", "reasons_for", "reasons_against", "mark", "source")
    row = part_of(where, "candidate", given, needed, ("record",))
    return Candidate(
        number=text_of(where, "number", row["number"]),
        title=text_of(where, "title", row["title"]),
        record=text_of(where, "record", row["record"]) if "record" in row else "",
        reasons_for=words_of(where, "reasons_for", row["reasons_for"]),
        reasons_against=words_of(where, "reasons_against", row["reasons_against"]),
        mark=mark_of(where, row["mark"]),
        source=words_of(where, "source", row["source"]),
    )


def rows_of(where: str, key: str, given: object) -> list[object]:
    """Return the tables of a list of tables; none when the key was left out."""
    return given if isinstance(given, list) else refuse_wrong_type(where, key, given, f"a list of tables [[{key}]]")


def policy_of(where: str, id: str, given: object) -> Policy:
    """Return one record, checked by itself."""
    row = part_of(where, id, given, NEEDED, (*TOP, *TABLES))
    if not ID.fullmatch(id):
        refuse_wrong_type(where, "id", id, "lower-case letters and digits with hyphens between")
    many = {key: rows_of(where, key, row.get(key, [])) for key in ("event", *TABLES)}
    events = tuple(event_of(where, each) for each in many["event"])
    for one, other in pairwise(events):
        if other.first < one.first:
            refuse_disorder(where, other.day)
    parameters = tuple(parameter_of(where, each) for each in many["parameter"])
    names = [p.name for p in parameters]
    for name in names:
        if names.count(name) > 1:
            refuse_second(where, f"parameter {name}")
    made = Policy(
        id=id,
        title=text_of(where, "title", row["title"]),
        kind=word_of(where, "kind", row["kind"], KINDS),
        side=word_of(where, "side", row["side"], SIDES),
        status_day=when_of(where, "status_day", row["status_day"]),
        events=events,
        numbers=marked_of(where, "numbers", row.get("numbers", {})),
        sponsors=marked_of(where, "sponsors", row.get("sponsors", {})),
        parameters=parameters,
        disagree=tuple(disagreement_of(where, each) for each in many["disagree"]),
        candidates=tuple(candidate_of(where, each) for each in many["candidate"]),
        why=text_of(where, "why", row["why"]) if "why" in row else "",
        note=text_of(where, "note", row["note"]) if "note" in row else "",
        suspended_until=date_of(where, "suspended_until", row.get("suspended_until")),
        review_by=date_of(where, "review_by", row.get("review_by")),
        **{key: words_of(where, key, row[key]) if key in row else () for key in LISTS},
    )
    return made if made.status()[0] else refuse_statusless(where, made.status_day)


def read_policies(texts: Mapping[str, str]) -> Mapping[str, Policy]:
    """Read the texts of the tracker's files, by file name, and check the records against each other.

    Raises:
        CatalogError: Anything is not as it must be; the message names the file, the record, why, and what to do.
    """
    found: dict[str, Policy] = {}
    for file, text in texts.items():
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            refuse_bad_toml(file, error)
        if date_of(file, "read_on", raw.pop("read_on", None)) is None:
            refuse_missing(file, "read_on")
        for id, given in raw.items():
            if id in found:
                refuse_second(file, id)
            found[id] = policy_of(f"{file}: {id}", id, given)
    for p in found.values():
        for key, target in (*(("related", r) for r in p.related), *(("candidate", c.record) for c in p.candidates)):
            if target and target not in found:
                refuse_dangling(p.id, key, target, found)
    return MappingProxyType(found)


@cache
def policies() -> Mapping[str, Policy]:
    """Return every record of the tracker by id, in the order of the files, read once.

    Example:
        >>> policies()["hr6875-ai-overwatch"].scenarios
        ('ai-overwatch',)
    """
    return read_policies({f"{name}.toml": (POLICY / f"{name}.toml").read_text("utf-8") for name in FILES})


def find_policy(text: str) -> Policy:
    """Return the record that an id, or one of its numbers, names.

    Raises:
        CatalogError: Nothing, or more than one record, has this name; near ids are given.

    Example:
        >>> find_policy("H.R. 6875").id
        'hr6875-ai-overwatch'
    """
    known = policies()
    if text in known:
        return known[text]
    wanted = normalized(text)
    fits = [p for p in known.values() if wanted in {normalized(n) for names in p.numbers.values() for n in names}]
    return fits[0] if len(fits) == 1 else refuse_unknown_policy(text, known)
