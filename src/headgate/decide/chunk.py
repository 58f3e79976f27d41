"""Some rows of an order book, as every reader of files gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polars import DataFrame


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file.

    Args:
        frame: The rows, in order; a row that could not be read is blank.
        broken: Row number within the chunk, from 0, to what is wrong with that row.
        notes: What a person should know of how the file was read; said once, atop the summary.
        own: The rows under the file's own headings, untouched by any map; None when they are those of `frame`.
        carry: Headings of the file that its map passes through.
        day_zero: The day from which a workbook counts days; None for a file that is no workbook.
    """

    frame: DataFrame
    broken: dict[int, str]
    notes: tuple[str, ...] = ()
    own: DataFrame | None = None
    carry: tuple[str, ...] = ()
    day_zero: date | None = None

    def headings(self) -> list[str]:
        """Return the file's own headings."""
        return (self.frame if self.own is None else self.own).columns

    def carried(self, names: Sequence[str]) -> DataFrame:
        """Return columns to pass through: as they stand in the file, or where it has no such heading, ours."""
        own = self.frame if self.own is None else self.own
        inside = set(own.columns)
        return own.select(n for n in names if n in inside).hstack(
            self.frame.select(n for n in names if n not in inside)
        )
