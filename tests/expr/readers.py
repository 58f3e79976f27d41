"""The table reader as a whole: parts first, then rows, as every caller of it does."""

from headgate.expr.oracle import kleene_any
from headgate.expr.table import Truth, codes, numbers, run_table

from .draws import NUMBERS, PART_NUMBERS


def columns(rows):
    """Make columns of rows."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {n: (numbers if n in (*NUMBERS, *PART_NUMBERS) else codes)([row.get(n) for row in rows]) for n in names}


def table_truths(program, sheet, lists):
    """Run a program on rows with parts; return the truth of each step for every row."""
    from polars import Boolean, Series

    flat = [part for _, parts in sheet for part in parts or ()]
    inner = run_table(program.parts, columns(flat), lists, len(flat))
    by_root = {}
    for root in program.parts.roots.values():
        each, start, together = inner[root].to_series().to_list(), 0, []
        for _, parts in sheet:
            end = start + len(parts or ())
            together.append(None if parts is None else kleene_any(each[start:end]))
            start = end
        yes, no = (Series([t is value for t in together], dtype=Boolean) for value in (True, False))
        by_root[root] = Truth(yes, no)
    return run_table(program, columns([row for row, _ in sheet]), lists, len(sheet), by_root)
