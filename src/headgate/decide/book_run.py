"""One run over a file: chunk in, decisions out, counted on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from headgate.decide.cell import Cell
from headgate.decide.columns import carried_columns
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.facts import stated_facts
from headgate.decide.mapping.layout import Layout
from headgate.decide.one import Decider, decider
from headgate.decide.read import read_chunks
from headgate.decide.summary import Summary
from headgate.decide.table import Seen, decide_rows
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame

    from headgate.decide.answers import Answers
    from headgate.decide.chunk import Chunk
    from headgate.decide.write import Writer


class Beside(Protocol):
    """What is written beside the decisions, chunk by chunk."""

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
        """Take in the decisions of one chunk with the lines that they are about; `own` is as in a chunk."""


def decide_file(
    path: Path,
    writer: Writer,
    *,
    assume: str | None = None,
    stated: Mapping[str, object] | None = None,
    by: Decider | None = None,
    today: date | None = None,
    layout: Layout | None = None,
    carry: Iterable[str] = (),
    carry_rest: bool = False,
    answers: Answers | None = None,
    beside: Sequence[Beside] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Decide a file.

    Args:
        path: The order book.
        writer: Where decisions go.
        assume: `clean`, or None.
        stated: Facts of `--set`.
        by: The law under which to decide; by default the law as it is.
        today: The day on which reviews are due or not; None asks for none.
        layout: Where the table is, and how its columns become ours.
        carry: Columns to pass through.
        carry_rest: Pass every input column through.
        answers: Answers to the questions of red flags.
        beside: What else is written on the way, line by line: a questionnaire, packets.
        progress: Called with the lines decided so far and 0, because how many there are is known at the end.

    Returns:
        What was counted.

    Raises:
        UsageError: The file or an option cannot be used.
    """
    chosen = by or decider()
    if answers is not None or beside:
        chosen = chosen.answering
    facts = stated_facts(assume, stated)
    summary, seen = Summary(chosen.book, today), Seen()
    with ThreadPoolExecutor(max_workers=1) as pool:
        # One chunk is written while the next is decided.
        writing: Future[None] | None = None
        done = 0
        for chunk in read_chunks(path, layout or Layout()):
            carried = carried_columns(chunk.frame.columns, (*chunk.carry, *carry), carry_rest, chunk.headings())
            check_chunk(path, chunk.frame.columns, carried)
            found = decide_rows(chosen, chunk.frame, facts, bool(assume), seen, chunk.broken, answers)
            summary.note(chunk.notes)
            for each in beside:
                each.add(found, chunk.frame, chosen, assume, stated, answers, chunk.own)
            if writing is not None:
                writing.result()
            writing = pool.submit(_finish, found, chunk, carried, summary, writer, facts)
            done += found.height
            if progress is not None:
                progress(done, 0)
        if writing is not None:
            writing.result()
    if answers is not None:
        summary.note(answers.notes)
        summary.unmatched = answers.unmatched(seen.first)
    return summary


def check_chunk(path: Path, names: Sequence[str], carried: Sequence[str]) -> None:
    """Refuse a file without line ids, or a carried column that has the name of one of the decision's."""
    for name in carried:
        if name in DECISION_COLUMNS:
            raise UsageError(
                f"column {name!r} is also a column of the decision; rename it with --map before carrying it"
            )
    if "line_id" not in names:
        raise UsageError(f"{path}: there is no column line_id; every line needs a name that is unique in the file")


def _finish(
    found: DataFrame, chunk: Chunk, carried: list[str], summary: Summary, writer: Writer, facts: Mapping[str, Cell]
) -> None:
    summary.add(found, chunk.frame)
    writer.write(found.hstack(chunk.carried(carried)) if carried else found, chunk.frame, facts)
