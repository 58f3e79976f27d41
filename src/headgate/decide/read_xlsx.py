"""Order books in from a spreadsheet of Excel's kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from headgate.decide.chunk import Chunk
from headgate.errors import UsageError


def xlsx_chunks(path: Path, sheet: str | None, heading_row: int | None) -> Iterator[Chunk]:
    """Read one sheet of a workbook, chunk by chunk, every cell as the text that a CSV would hold."""
    raise UsageError(f"{path}: {sheet} {heading_row}")
