"""Some rows of an order book, as every reader of files gives them."""

from __future__ import annotations

from dataclasses import dataclass
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
    """

    frame: DataFrame
    broken: dict[int, str]
    notes: tuple[str, ...] = ()
