"""Equal lines are decided once: the distinct lines of a run, and which of them each row is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from headgate.decide.cells import Cells, texts

if TYPE_CHECKING:
    from polars import DataFrame, Series

# Above this share of distinct lines there is nothing to win; above this number what was met is forgotten.
MOST_DISTINCT = 0.5
MOST_REMEMBERED = 100_000


class Met:
    """The distinct lines met so far in a run, with what was decided; all of one law and one set of stated facts."""

    def __init__(self) -> None:
        self.places: dict[tuple[object, ...], int] = {}
        self.decided: DataFrame | None = None

    def decide(
        self, frame: DataFrame, columns: Mapping[str, Cells], decide: Callable[[DataFrame], DataFrame]
    ) -> DataFrame | None:
        """Return a decision for each row, by deciding only lines not met before; None where most lines differ.

        Args:
            frame: The rows as they stand.
            columns: Their columns as read.
            decide: Decides each row of a frame.
        """
        import polars as pl

        split = distinct(columns)
        if split is None:
            return None
        first, key = split
        few = frame[first]
        if len(self.places) > MOST_REMEMBERED:
            self.places, self.decided = {}, None
        names = tuple(columns)
        lines = [(names, *row) for row in pl.DataFrame({name: texts(few[name]) for name in names}).rows()]
        new = [n for n, line in enumerate(lines) if line not in self.places]
        if new or self.decided is None:
            start = len(self.places)
            self.places.update((lines[n], start + m) for m, n in enumerate(new))
            found = decide(few[new])
            self.decided = found if self.decided is None else pl.concat([self.decided, found])
        place = pl.Series([self.places[line] for line in lines], dtype=pl.UInt32)
        return self.decided[place.gather(key)]


def distinct(columns: Mapping[str, Cells]) -> tuple[Series, Series] | None:
    """Return the first row of each distinct line, and which line each row is; None where most lines differ."""
    import polars as pl

    if not columns:
        return None
    codes = pl.DataFrame({name: cells.codes for name, cells in columns.items()})
    told = codes.with_row_index("at").unique(subset=codes.columns, keep="first", maintain_order=True)
    if told.height > MOST_DISTINCT * codes.height:
        return None
    numbered = told.select(pl.exclude("at")).with_row_index("line")
    key = codes.join(numbered, on=codes.columns, how="left", nulls_equal=True, maintain_order="left")["line"]
    return told["at"], key
