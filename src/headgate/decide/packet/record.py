"""The machine-readable record of one line: what came in, what was decided, and every reason with its citation."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite

from headgate.catalog.record import PARTS
from headgate.decide.answers import ANSWERS
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import Decision
from headgate.decide.one import Decider
from headgate.decide.packet.asked import Ask
from headgate.decide.packet.documents import Due
from headgate.decide.wording import NEEDS, NLR, flag_words, question
from headgate.law.book import ENFORCED, PRINTED
from headgate.law.fields import BY_NAME
from headgate.law.provision import Provision
from headgate.version import VERSION

FORMAT = 1
# The options that change the law.
ASKED = ("as_of", "as_known", "scenario", "parameters", "overlay")
NO_FORMS = (
    "No questions to a customer are written under a scenario: it is not the law, and what it asks is not theirs to "
    "answer."
)
PARTIES = ("consignee", "intermediate_consignee", "end_user")


@dataclass(frozen=True, slots=True)
class Source:
    """The files that a run read, each with its name and the SHA-256 of its bytes.

    Args:
        orders: The order book.
        others: What else shaped the decisions: a mapping, answers, own parts; role to (name, hash), which is blank for
            what comes with the program.
        under: Under which law the run decided, in sentences; none for the law as it is.
        asked: The same as options: name to what was given.
        reviews: Which reviews are overdue, in sentences.
    """

    orders: tuple[str, str]
    others: Mapping[str, tuple[str, str]]
    under: tuple[str, ...] = ()
    asked: Mapping[str, object] = field(default_factory=dict)
    reviews: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what must be known before anything else."""
        return self.under + self.reviews


@dataclass(frozen=True, slots=True)
class Line:
    """One line to hold, with all that its packet is made from.

    Args:
        decision: The decision, with its trace unless the row cannot be read.
        by: What made it.
        cells: The row under our headings.
        original: The row as the file holds it, under its own headings.
        answers: Answers to the questions of red flags, as the table of answers holds them.
        source: The files of the run.
        asks: What is asked about it.
        due: The documents that it asks for.
    """

    decision: Decision
    by: Decider
    cells: Mapping[str, object]
    original: Mapping[str, object]
    answers: Mapping[str, object]
    source: Source
    asks: tuple[Ask, ...]
    due: tuple[Due, ...]

    @property
    def name(self) -> str:
        """Return what a person calls the line."""
        number = f"row {self.decision.row_number}"
        return number if self.decision.line_id is None else self.decision.line_id

    def parties(self) -> tuple[str, ...]:
        """Return the names of the parties, each once."""
        return tuple(dict.fromkeys(str(name) for c in PARTIES if (name := self.fact(c))))

    def fact(self, column: str) -> object:
        """Return what the line says of a fact: as read, stated facts included, or else as it stands in the file."""
        if self.decision.trace is not None:
            return self.decision.trace.cells.get(column)
        return self.cells.get(column)

    @property
    def no_form(self) -> str:
        """Return why no questions to the customer are written; blank where they are."""
        if self.by.book.scenario or self.source.asked.get("scenario"):
            return NO_FORMS
        if self.decision.outcome == "invalid_row":
            return "The row cannot be read, so there is nothing to ask a customer yet: correct it first."
        return ""

    def of_catalog(self, column: str) -> object:
        """Return what the item's record says of a fact that the line does not state; None when it says nothing."""
        trace = self.decision.trace
        part = trace.item.parts[0] if trace is not None and trace.item.parts else {}
        found = [part.get(name) for name, info in BY_NAME.items() if info.column == column]
        return next((v for v in found if v is not None), None)

    def figure(self, column: str) -> float | None:
        """Return the figure of a column in the record of the item's circuit, where all of them are one circuit."""
        trace = self.decision.trace
        ids = {str(part.get("ic.id") or "") for part in trace.item.parts or ()} if trace is not None else set()
        if column not in PARTS or len(ids) != 1:
            return None
        (id,) = ids
        found = self.by.own.get(id.casefold())
        record = found or (self.by.catalog.get(id) if id in self.by.catalog.ids() else None)
        return record.number(column) if record is not None else None


def json_bytes(value: object) -> bytes:
    """Return JSON for a file: the same bytes for the same value, days as ISO, letters of every script as they are.

    Example:
        >>> json_bytes({"day": date(2026, 1, 15), "hq": ("CN",)}).decode()
        '{\\n "day": "2026-01-15",\\n "hq": [\\n  "CN"\\n ]\\n}\\n'
    """
    return (json.dumps(finite(value), ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()


def finite(value: object) -> object:
    """Write numbers that JSON has no word for, as a margin over a threshold of zero, as text."""
    match value:
        case dict():
            return {str(name): finite(v) for name, v in value.items()}
        case list() | tuple():
            return [finite(v) for v in value]
        case float() if not isfinite(value):
            return str(value)
    return value


def read_cells(d: Decision) -> dict[str, object]:
    """Return the cells of a line as they were read, without what was stated or assumed and without answers."""
    cells = d.trace.cells if d.trace is not None else {}
    return {c: v for c, v in cells.items() if v is not None and c in COLUMNS and c not in d.assumed}


def answers_read(d: Decision) -> dict[str, object]:
    """Return the answers to questions of red flags as they were read."""
    cells = d.trace.cells if d.trace is not None else {}
    return {c: v for c, v in cells.items() if v is not None and c in ANSWERS}


def cautions(d: Decision, by: Decider, asked: Mapping[str, object], warnings: Iterable[str]) -> dict[str, object]:
    """Return what stands beside every decision in a record for a machine: its law, what was stated, what to mind.

    Args:
        d: The decision.
        by: What made it.
        asked: The options that change the law, by name.
        warnings: What must be known before anything else.
    """
    cells = d.trace.cells if d.trace is not None else {}
    return {
        "legal_advice": False,
        "no_license_required_means": NLR,
        "warnings": list(warnings),
        "law": law(d, by, asked),
        "stated": {c: cells.get(c) for c in d.assumed},
    }


def law(d: Decision, by: Decider, asked: Mapping[str, object]) -> dict[str, object]:
    """Return which law decided: its day, up to when it was read, and what was laid over it."""
    return {
        "day": None if d.trace is None else d.trace.day,
        "version": d.law_version,
        "read_up_to": by.book.read_on,
        **{name: asked.get(name) for name in ASKED},
        "scenario": by.book.scenario or asked.get("scenario"),
        "data_version": d.data_version,
    }


def record(line: Line) -> dict[str, object]:
    """Return the record of a line."""
    d = line.decision
    name, digest = line.source.orders
    shared = cautions(d, line.by, line.source.asked, line.source.warnings)
    return {
        "format": FORMAT,
        "program": {"name": "headgate", "version": VERSION},
        **{key: value for key, value in shared.items() if key != "law"},
        "source": {
            "file": name,
            "sha256": digest,
            "row_number": d.row_number,
            "others": {role: {"file": f, "sha256": h or None} for role, (f, h) in line.source.others.items()},
        },
        "law": law(d, line.by, line.source.asked) | {"under": list(line.source.under)},
        "input": _input(line),
        "decision": d.to_dict(),
        "reasons": list(_reasons(d)),
        "missing": [_missing(name, line.asks) for name in d.missing],
        "flags": [{"id": flag, "says": flag_words(flag)} for flag in d.flags],
        "questions": [
            {"id": a.id, "of": a.who, "state": a.state, "asks": a.english, "asks_zh": a.chinese} for a in line.asks
        ],
        "documents": [
            {"id": each.document.id, "from": each.document.who, "certain": each.certain, "mark": each.document.mark}
            for each in line.due
        ],
    }


def _input(line: Line) -> dict[str, object]:
    """The row as it stands in the file, as it was read, and what was stated for it."""
    d, trace = line.decision, line.decision.trace
    return {
        "cells": {name: value for name, value in line.original.items() if value is not None},
        "read": read_cells(d),
        "assumed": {c: trace.cells.get(c) for c in d.assumed} if trace is not None else {},
        "answers": dict(line.answers),
        "answers_read": answers_read(d),
    }


def _reasons(d: Decision) -> Iterator[dict[str, object]]:
    """Every provision that applied on one of the two tracks, once, with its citation and the days of its version."""
    if d.trace is None:
        return
    seen: dict[tuple[str, date], Provision] = {}
    tracks: dict[tuple[str, date], list[str]] = {}
    for name, ids in ((ENFORCED, d.reasons), (PRINTED, d.reasons_printed)):
        for p in d.trace.era.tracks[name].provisions:
            if p.id in ids:
                seen.setdefault((p.id, p.start), p)
                tracks.setdefault((p.id, p.start), []).append(name)
    for key, p in seen.items():
        yield {
            "id": p.id,
            "tracks": tracks[key],
            "stage": p.stage,
            "says": p.says,
            "section": p.cite.section,
            "published": p.cite.published,
            "published_on": p.cite.published_on,
            "url": p.cite.url or None,
            "read_on": p.cite.read_on,
            "mark": p.mark,
            "start": p.start,
            "binds_from": p.binds.start,
            "end": p.end,
            "note": p.note or None,
        }


def _missing(name: str, asked: Iterable[Ask]) -> dict[str, object]:
    of = next((a.who for a in asked if name == a.id or name in (c.name for c in a.answers)), "exporter")
    return {"name": name, "asks": NEEDS.get(name) or question(name), "to_do": name in NEEDS, "of": of}
