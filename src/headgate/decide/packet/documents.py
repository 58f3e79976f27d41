"""The documents to obtain for a line: records of the data, and whether each applies, does not, or waits for a fact."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from headgate.decide.columns import COLUMNS
from headgate.decide.decision import Decision
from headgate.decide.trace import Trace
from headgate.decide.verdict import OUTCOMES
from headgate.decide.wording import FLAGS, NEEDS
from headgate.errors import CatalogError, did_you_mean
from headgate.expr.value import Truth
from headgate.law.book import ENFORCED, PRINTED
from headgate.law.us.ear.s734 import UNITED_STATES
from headgate.source import MARKS

FILE = "documents.toml"
WHO = ("customer", "maker", "exporter")
# Outcomes that a missing fact could still turn into another one.
UNSETTLED = ("insufficient_facts", "legal_ambiguity", "not_modeled")
CONDITIONS = (
    *("outcome", "exception", "provision", "missing", "waits_for", "stated", "flag", "eccn", "activity", "item_kind"),
    "ship_from",
)
# What raises a document whatever the outcome: a flag, or a fact that the line states.
RAISED_BY = ("flag", "stated")
# The kind of an item of which nobody says what it is.
UNSTATED = "unstated"
LISTS = ("contains", "columns", "needs")


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    Args:
        id: Short name.
        who: Who gives it, one of `WHO`.
        title: Its name.
        why: Why it is asked for, in a sentence.
        section: Where that is written, as a lawyer cites it.
        published: Publications, `;` between; blank when there is none.
        mark: How well the source is known, one of `headgate.source.MARKS`.
        when: When it applies: any of these tables, of each every key, of a key any value.
        contains: What must stand in it.
        columns: Facts of a transaction that it states or proves.
        needs: What must still be done or shown, names of `NEEDS`.
        url: Address of the publication.
        note: Doubts, and our reading.
        start: First law day on which it is asked for, where no condition says so already and none of `columns` is a
            fact that the line lacks.
    """

    id: str
    who: str
    title: str
    why: str
    section: str
    published: str
    mark: str
    when: tuple[Mapping[str, tuple[str, ...]], ...]
    contains: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    url: str = ""
    note: str = ""
    start: date = date.min


@dataclass(frozen=True, slots=True)
class Due:
    """One document that a line asks for.

    Args:
        document: The document.
        certain: It is due on what is known; otherwise a missing fact decides.
    """

    document: Document
    certain: bool


@cache
def documents() -> tuple[Document, ...]:
    """Return the documents of the package, in the order of the file.

    Example:
        >>> [d.id for d in documents() if "NAC" in str(d.when) and d.needs][-1]
        'nac_notification'
    """
    return read_documents((files("headgate.data") / FILE).read_text(encoding="utf-8"))


def read_documents(text: str) -> tuple[Document, ...]:
    """Read the documents.

    Raises:
        CatalogError: A key or a value is not known; the message says where.
    """
    content = tomllib.loads(text)
    if set(content) != {"document"}:
        raise CatalogError(f"{FILE}: it holds tables [[document]] and nothing else, not {', '.join(content)}")
    found: dict[str, Document] = {}
    for table in content["document"]:
        made = _document(table)
        if made.id in found:
            raise CatalogError(f"{FILE}: the id {made.id!r} is used twice")
        found[made.id] = made
    return tuple(found.values())


def _document(table: Mapping[str, Any]) -> Document:
    where = f"{FILE}, {table.get('id', 'a document without id')}"
    known = {f.name: f for f in fields(Document)}
    for key, value in table.items():
        if key not in known:
            raise CatalogError(f"{where}: there is no key {key!r}.{did_you_mean(key, known)}")
        if type(value) is not (list if key in (*LISTS, "when") else date if key == "start" else str):
            raise CatalogError(f"{where}: {key} is {value!r}")
    if lacking := [name for name, f in known.items() if f.default is MISSING and name not in table]:
        raise CatalogError(f"{where}: the key {lacking[0]!r} is missing")
    for key, allowed in (("who", WHO), ("mark", MARKS)):
        if table[key] not in allowed:
            raise CatalogError(f"{where}: {key} is {table[key]!r}, none of {', '.join(allowed)}")
    _check_names(where, "columns", table.get("columns", ()), COLUMNS)
    _check_names(where, "needs", table.get("needs", ()), NEEDS)
    when = tuple(_condition(where, each) for each in table["when"])
    if not when:
        raise CatalogError(f"{where}: `when` is empty; say when the document applies")
    return Document(**{**table, **{key: tuple(table.get(key, ())) for key in LISTS}, "when": when})


def _condition(where: str, table: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """Check one table of conditions: every key and every value must be one that a decision can have."""
    if not table:
        raise CatalogError(f"{where}: a table of `when` is empty")
    allowed: dict[str, Iterable[str] | None] = {
        "outcome": OUTCOMES,
        "missing": (*COLUMNS, *NEEDS),
        "waits_for": COLUMNS,
        "stated": COLUMNS,
        "ship_from": UNITED_STATES,
        "flag": FLAGS,
        "activity": COLUMNS["activity"].values,
        "item_kind": (*COLUMNS["item_kind"].values, UNSTATED),
    }
    for key, values in table.items():
        if key not in CONDITIONS:
            raise CatalogError(f"{where}, when: there is no key {key!r}.{did_you_mean(key, CONDITIONS)}")
        if not isinstance(values, list) or not values:
            raise CatalogError(f"{where}, when: {key} is {values!r}; write a list")
        _check_names(where, f"when.{key}", values, allowed.get(key))
    return {key: tuple(values) for key, values in table.items()}


def _check_names(where: str, key: str, values: Iterable[object], known: Iterable[str] | None) -> None:
    for value in values:
        if not isinstance(value, str) or (known is not None and value not in known):
            raise CatalogError(f"{where}: {key} names {value!r}.{did_you_mean(str(value), known or ())}")


def due(decision: Decision) -> list[Due]:
    """Return the documents that a line asks for, those that are certain first.

    Example:
        >>> import headgate
        >>> row = dict(item="nvidia-rtx-4090", activity="export", ship_from="US", destination="CN")
        >>> d = headgate.decide(**row, event_date="2024-06-01", assume="clean")
        >>> "nac_notification" in [each.document.id for each in due(d) if each.certain]
        True
    """
    truths = [(document, applies(document, decision)) for document in documents()]
    found = [Due(document, truth is True) for document, truth in truths if truth is not False]
    return sorted(found, key=lambda each: not each.certain)


def applies(document: Document, decision: Decision) -> Truth:
    """Say whether a document applies to a line: yes, no, or that a missing fact decides."""
    if _is_early(document, decision):
        return False
    return _any(_table(table, decision) for table in document.when)


@cache
def owed_by() -> tuple[frozenset[str], frozenset[str]]:
    """Return the flags, and the columns when they are stated, that may raise a document whatever the outcome."""
    tables = [table for document in documents() for table in document.when if _is_raised(table)]
    flags, stated = ({v for table in tables for v in table.get(key, ())} for key in RAISED_BY)
    return frozenset(flags), frozenset(stated)


def owes_paper(decision: Decision) -> bool:
    """Say whether a flag or a stated fact raises a document for certain, whatever the outcome.

    Example:
        >>> import headgate
        >>> row = dict(item="nvidia-h100-sxm", activity="export", ship_from="US", destination="DE")
        >>> row |= dict(event_date="2026-09-01", is_unverified="yes", assume="clean")
        >>> (d := headgate.decide(**row)).outcome, owes_paper(d)
        ('no_license_required', True)
    """
    return any(
        _is_raised(table) and _table(table, decision) is True
        for document in documents()
        if not _is_early(document, decision)
        for table in document.when
    )


def _is_raised(table: Mapping[str, tuple[str, ...]]) -> bool:
    return "outcome" not in table and any(key in table for key in RAISED_BY)


def _is_early(document: Document, decision: Decision) -> bool:
    """Say whether a document is not asked for yet; a fact that the line lacks is asked for on any day."""
    early = decision.trace is not None and decision.trace.day < document.start
    return early and not {*document.columns} & {*decision.missing}


def _table(table: Mapping[str, tuple[str, ...]], decision: Decision) -> Truth:
    return _all(_holds(key, values, decision) for key, values in table.items())


def _holds(key: str, values: tuple[str, ...], d: Decision) -> Truth:
    trace = d.trace
    match key:
        case "outcome":
            # A row that was read never becomes one that cannot be, whatever fact is learned.
            open_yet = d.outcome in UNSETTLED and set(values) != {"invalid_row"}
            return d.outcome in values or (None if open_yet else False)
        case _ if d.outcome == "invalid_row":
            return False
        case "missing":
            return any(name in values for name in d.missing)
        case "waits_for":
            return None if any(name in values for name in d.missing) else False
        case "stated":
            return trace is not None and any(trace.cells.get(name) is not None for name in values)
        case "flag":
            return any(name in values for name in d.flags)
        case "eccn":
            return _any(_begins(d, value) for value in values)
        case "exception":
            return _any(_opens(d, value) for value in values)
        case "provision":
            return None if trace is None else _any(_truth(trace, id) for id in values)
    if trace is None:
        return None
    stated = trace.row.get("item.kind") if key == "item_kind" else trace.cells.get(key)
    if stated is None:
        return True if key == "item_kind" and UNSTATED in values else None
    return str(stated) in values


def _begins(d: Decision, value: str) -> Truth:
    found = d.eccn_paragraph or d.eccn
    return found.startswith(value) if found else (None if d.outcome in UNSETTLED else False)


def _opens(d: Decision, name: str) -> Truth:
    """Say whether an exception is open as enforced or printed; where a license is not asked for, none is used."""
    if name in d.exceptions or name in d.exceptions_printed:
        return True
    if d.trace is None or d.outcome not in ("license_required", *UNSETTLED):
        return False
    tracks = [d.trace.era.tracks[track] for track in (ENFORCED, PRINTED)]
    found = [d.trace.truths[t.formulas[f"open:{name}"]] for t in tracks if f"open:{name}" in t.formulas]
    return None if None in found else False


def _truth(trace: Trace, id: str) -> Truth:
    """Return the truth of a provision on either track; one that is not in force does not apply."""
    found = [
        trace.truths[step]
        for track in trace.era.tracks.values()
        for p, step in zip(track.provisions, track.steps, strict=True)
        if p.id == id
    ]
    return _any(found)


def _any(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return True if True in found else None if None in found else False


def _all(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return False if False in found else None if None in found else True
