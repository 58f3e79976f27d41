"""One run over a file: chunk in, decisions out, counted on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.decide.columns import carried_columns
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.facts import stated_facts
from headgate.decide.one import Decider, decider
from headgate.decide.read import own_items, read_chunks, read_map
from headgate.decide.summary import Summary
from headgate.decide.table import Seen, decide_rows
from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.decide.write import Writer


def decide_file(
    path: Path,
    writer: Writer,
    *,
    assume: str | None = None,
    stated: Mapping[str, object] | None = None,
    items: str | None = None,
    rename: str | None = None,
    carry: Iterable[str] = (),
    carry_rest: bool = False,
) -> Summary:
    """Decide a file.

    Args:
        path: The order book.
        writer: Where decisions go.
        assume: `clean`, or None.
        stated: Facts of `--set`.
        items: The user's own parts, a CSV file.
        rename: A file that renames headings.
        carry: Columns to pass through.
        carry_rest: Pass every input column through.

    Returns:
        What was counted.

    Raises:
        UsageError: The file or an option cannot be used.
    """
    chosen = Decider(own=own_items(items)) if items else decider()
    facts = stated_facts(assume, stated)
    summary, seen = Summary(chosen.book), Seen()
    for chunk in read_chunks(path, read_map(rename)):
        carried = carried_columns(chunk.frame.columns, carry, carry_rest)
        for name in carried:
            if name in DECISION_COLUMNS:
                raise UsageError(
                    f"column {name!r} is also a column of the decision; rename it with --map before carrying it"
                )
        if "line_id" not in chunk.frame.columns:
            raise UsageError(f"{path}: there is no column line_id; every line needs a name that is unique in the file")
        found = decide_rows(chosen, chunk.frame, facts, bool(assume), seen, chunk.broken)
        summary.add(found, chunk.frame)
        writer.write(found.hstack(chunk.frame.select(carried)) if carried else found)
    return summary
