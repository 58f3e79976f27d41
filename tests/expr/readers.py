"""The table reader as a whole: parts first, then rows, as every caller of it does."""

from headgate.expr.oracle import kleene_any
from headgate.expr.table import codes, numbers, run_table

from .draws import NUMBERS, PART_NUMBERS


def columns(rows):
    """Make columns of rows."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {n: (numbers if n in (*NUMBERS, *PART_NUMBERS) else codes)([row.get(n) for row in rows]) for n in names}


def table_truths(program, sheet, lists):
    """Run a program on rows with parts; return the truth of each step, row by row."""
    from polars import Boolean, Series

    flat = [part for _, parts in sheet for part in parts or ()]
    inner = run_table(program.parts, columns(flat), lists, len(flat))
    together, start = {root: [] for root in program.parts.roots.values()}, 0
    for _, parts in sheet:
        end = start + len(parts or ())
        for root, found in together.items():
            found.append(None if parts is None else kleene_any(inner[root].to_list()[start:end]))
        start = end
    by_root = {root: Series(found, dtype=Boolean) for root, found in together.items()}
    return run_table(program, columns([row for row, _ in sheet]), lists, len(sheet), by_root)
