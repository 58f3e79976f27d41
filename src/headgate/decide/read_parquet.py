"""Parquet in, a slice of rows after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from headgate.decide.chunk import Chunk
from headgate.decide.read_csv import check_heading
from headgate.errors import UsageError

CHUNK_ROWS = 250_000


def refuse_unreadable(path: Path, problem: object) -> NoReturn:
    """Refuse a file that is no Parquet, or half of one."""
    told = str(problem).removeprefix("parquet: File out of specification: ").splitlines()[0].rstrip(".")[:200]
    raise UsageError(f"{path}: the Parquet file cannot be read: {told}. It may be cut off: copy or export it again")


def parquet_chunks(path: Path) -> Iterator[Chunk]:
    """Read a Parquet file.

    Raises:
        UsageError: It is no Parquet file, is cut off or damaged, or its columns cannot be used.
    """
    import polars as pl

    try:
        scan = pl.scan_parquet(path)
        height = int(scan.select(pl.len()).collect().item())
        check_heading(path, scan.collect_schema().names())
        for start in range(0, max(height, 1), CHUNK_ROWS):
            yield Chunk(scan.slice(start, CHUNK_ROWS).collect(), {})
    except (pl.exceptions.PolarsError, OSError) as problem:
        refuse_unreadable(path, problem)
    except pl.exceptions.PanicException:
        # Bytes that lie about where the rows are, which the library itself notices too late.
        refuse_unreadable(path, "what it says of its own rows is wrong")
