"""A layout: how the table of a file is found, and how its columns become those of a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.decide.chunk import Chunk


@dataclass(frozen=True, slots=True)
class Layout:
    """What a map file (`--map`) and the options beside it say.

    Args:
        name: The map file, for messages; blank when there is none.
        sheet: The sheet of a workbook to read; None when the file says which.
        heading_row: Row of the headings, from 1; None for the first row.
        columns: The file's heading to ours.
    """

    name: str = ""
    sheet: str | None = None
    heading_row: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def apply(self, chunk: Chunk) -> Chunk:
        """Return the rows with our columns."""
        names = {n: self.columns[n] for n in chunk.frame.columns if n in self.columns}
        return Chunk(chunk.frame.rename(names), chunk.broken, chunk.notes)
