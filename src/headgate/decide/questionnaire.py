"""The questionnaire of a transaction: red flags that are raised, questions that are open, and what due diligence asks.

A question is open while its flag is neither raised nor ruled out by what the line and its answers state.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from headgate.decide.answers import ANSWERS, Answers
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import Decision
from headgate.decide.one import Decider
from headgate.decide.prose import wrap
from headgate.decide.read_jsonl import json_text
from headgate.decide.trace import Trace
from headgate.decide.write import guarded
from headgate.errors import UsageError
from headgate.law.flag_records import ACTION, WEIGHTS, RedFlag, flag_records
from headgate.law.provision import Provision

if TYPE_CHECKING:
    from polars import DataFrame

KINDS = (".csv", ".jsonl", ".xlsx")
# Entries of everyday items: a free line of one of these needs no questionnaire unless a flag is raised.
EVERYDAY = ("3A991", "4A994")
RAISED, OPEN = "raised", "open"


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one line.

    Args:
        line_id: The line.
        flag: Id of the red flag or action.
        weight: `block`, `hold`, `note` or `action`.
        state: `raised`, `open`, or `action`.
        question: What to ask.
        column: Column of the table of answers; blank where the answer is papers or a deed.
        kind: What may stand there.
        meaning: What is stated there; for a yes/no answer, what a yes says; of a raised flag, what raised it.
        evidence: What to obtain.
        answer: The answer, to be filled in.
    """

    line_id: str
    flag: str
    weight: str
    state: str
    question: str
    column: str = ""
    kind: str = ""
    meaning: str = ""
    evidence: str = ""
    answer: str = ""


HEADING = tuple(f.name for f in fields(Question))


def questions(decision: Decision) -> list[Question]:
    """Return the questionnaire of a decision, raised flags first, then by weight.

    Args:
        decision: A decision of a decider for rows with answers; without a trace there is nothing to ask.
    """
    trace = decision.trace
    if trace is None:
        return []
    states, line = _states(trace), decision.line_id or ""
    found = [q for f in flag_records().flags.values() for q in _of_flag(f, states.get(f.id), trace, line)]
    return sorted(found, key=lambda q: (q.state != RAISED, WEIGHTS.index(q.weight)))


def raised(trace: Trace) -> dict[str, Provision]:
    """Return the red flags that are raised, the heaviest first, each with the heaviest rule that raises it."""
    found = {flag: p for flag, (state, p) in _states(trace).items() if state == RAISED}
    return dict(sorted(found.items(), key=lambda f: WEIGHTS.index(f[1].weight)))


def _states(trace: Trace) -> dict[str, tuple[str, Provision]]:
    """Return the flags that are raised or open, with the heaviest rule; a flag that is ruled out is left out."""
    found: dict[str, tuple[str, Provision]] = {}
    for track in trace.era.tracks.values():
        for p, step in zip(track.provisions, track.steps, strict=True):
            truth = trace.truths[step]
            if p.weight and truth is not False:
                said = (RAISED if truth else OPEN, p)
                found[p.flag] = min(found.get(p.flag, said), said, key=_gravity)
    return found


def _gravity(said: tuple[str, Provision]) -> tuple[bool, int]:
    return said[0] != RAISED, WEIGHTS.index(said[1].weight)


def _of_flag(flag: RedFlag, said: tuple[str, Provision] | None, trace: Trace, line_id: str) -> Iterator[Question]:
    papers = "; ".join(flag.evidence)
    if flag.weight == ACTION:
        if flag.start <= trace.day:
            yield Question(line_id, flag.id, ACTION, ACTION, flag.ask, evidence=papers)
        return
    if said is None:
        return
    state, weight = said[0], said[1].weight
    if state == RAISED:
        yield Question(line_id, flag.id, weight, RAISED, flag.ask, meaning=said[1].says, evidence=papers)
    for fact in flag.facts:
        if state == OPEN and trace.cells.get(fact) is None:
            spec = ANSWERS[fact]
            kind = " ".join((spec.kind, *spec.values))
            yield Question(line_id, flag.id, weight, OPEN, flag.ask, fact, kind, spec.note, papers)


def concerns(outcome: str, eccn: str, diligence: str) -> bool:
    """Say whether a line needs a questionnaire: it is not free, a flag is raised, or the item is a controlled one.

    Example:
        >>> concerns("no_license_required", "3A991.p", ""), concerns("no_license_required", "3A090.a", "")
        (False, True)
    """
    if outcome == "invalid_row":
        return False
    controlled = bool(eccn) and not eccn.startswith(EVERYDAY)
    return outcome != "no_license_required" or bool(diligence) or controlled


class Questionnaire:
    """Writes the questionnaire of a run, and a table of answers to be filled in; both appear only when they are whole.

    Args:
        path: Where the questions go, one a row; None for nowhere.
        template: Where a table in the layout of `--answers` goes, blank where a question is open; None for nowhere.
    """

    def __init__(self, path: str | None = None, template: str | None = None) -> None:
        self.path = _checked("--questions", path)
        self.template = _checked("--answers-template", template)
        self.rows: Path | None = None
        self.given: dict[str, Mapping[str, object]] = {}
        self.columns: set[str] = set()

    def __enter__(self) -> Questionnaire:
        if self.path is not None:
            self.rows = _beside(self.path)
            _append(blank_frame(HEADING), self.rows, self.path.suffix, heading=True)
        return self

    def add(
        self,
        found: DataFrame,
        orders: DataFrame,
        by: Decider,
        assume: str | None,
        stated: Mapping[str, object] | None,
        answers: Answers | None,
        own: DataFrame | None = None,
    ) -> None:
        """Ask what is open about the lines of one chunk."""
        import polars as pl

        decided = found.select("outcome", "eccn", "diligence").iter_rows()
        due = pl.Series([concerns(*row) for row in decided], dtype=pl.Boolean)
        names = [c for c in orders.columns if c in COLUMNS]
        asked: list[Question] = []
        for row in orders.select(names).with_columns(found["line_id"]).filter(due).iter_rows(named=True):
            given = answers.of(row["line_id"]) if answers is not None else {}
            here = questions(by.decide(row, assume, stated, given))
            asked += here
            self.given[row["line_id"]] = given
            self.columns |= {q.column for q in here if q.column} | given.keys()
        if self.rows is not None and self.path is not None and asked:
            _append(pl.DataFrame([asdict(q) for q in asked]), self.rows, self.path.suffix, heading=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self.rows is not None and self.path is not None:
                if self.path.suffix.casefold() == ".xlsx":
                    _workbook("Questions", _read(self.rows, HEADING), self.rows)
                os.replace(self.rows, self.path)
            if kind is None and self.template is not None:
                self._write_template(self.template)
        finally:
            if self.rows is not None:
                self.rows.unlink(missing_ok=True)

    def _write_template(self, path: Path) -> None:
        rows = _beside(path)
        try:
            if path.suffix.casefold() == ".xlsx":
                _workbook("Answers", self._template(), rows)
            else:
                _append(self._template(), rows, path.suffix, heading=True)
            os.replace(rows, path)
        finally:
            rows.unlink(missing_ok=True)

    def _template(self) -> DataFrame:
        import polars as pl

        columns = [c for c in ANSWERS if c in self.columns]
        rows = [{"line_id": id, **{c: json_text(given.get(c)) for c in columns}} for id, given in self.given.items()]
        return pl.concat(
            [blank_frame(("line_id", *columns)), *([pl.DataFrame(rows, infer_schema_length=None)] if rows else [])],
            how="vertical_relaxed",
        )


def blank_frame(names: Iterable[str]) -> DataFrame:
    """Return a table of texts without rows."""
    import polars as pl

    return pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _checked(option: str, path: str | None) -> Path | None:
    """Return the path of a file to write; refuse one that cannot be written."""
    if path is None:
        return None
    target = Path(path)
    if target.suffix.casefold() not in KINDS:
        raise UsageError(f"{option} {target}: the file ends in {' or '.join(KINDS)}")
    if not target.parent.is_dir():
        raise UsageError(f"{option} {target}: the folder {target.parent} does not exist; make it first")
    return target


def _beside(path: Path) -> Path:
    """Make an empty file beside a path, to become it."""
    try:
        handle, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as problem:
        raise UsageError(f"{path}: cannot write there: {problem.strerror}") from None
    os.close(handle)
    return Path(made)


def _append(frame: DataFrame, path: Path, suffix: str, heading: bool) -> None:
    with path.open("ab") as file:
        if suffix.casefold() == ".csv":
            guarded(frame).write_csv(file, include_header=heading)
        elif frame.height:
            frame.write_ndjson(file)


def _read(rows: Path, names: Iterable[str]) -> DataFrame:
    """Read back rows of texts."""
    import polars as pl

    schema = dict.fromkeys(names, pl.String)
    return pl.read_ndjson(rows, schema=schema) if rows.stat().st_size else pl.DataFrame(schema=schema)


def _workbook(name: str, frame: DataFrame, path: Path) -> None:
    from headgate.decide.write_xlsx import write_table

    write_table(path, name, frame)


def open_lines(asked: Iterable[Question], width: int) -> Iterator[str]:
    """Yield a questionnaire for a person."""
    heads = {RAISED: "RED FLAGS RAISED", OPEN: "QUESTIONS", ACTION: "DUE DILIGENCE"}
    before, flag = "", ""
    for q in asked:
        if q.state != before:
            yield from ("", heads[q.state])
            before, flag = q.state, ""
        if q.flag != flag:
            said = f"{q.meaning} {q.question}" if q.state == RAISED else q.question
            yield from wrap(f"{q.flag} ({q.weight}): {said}", width, "  - ", "    ")
            if q.evidence:
                yield from wrap(f"obtain: {q.evidence}", width, "    ")
        if q.column:
            said = f"yes means: {q.meaning}" if q.kind == "yesno" else f"{q.meaning} ({q.kind})"
            yield from wrap(f"{q.column}: {said}", width, "      ")
        flag = q.flag
