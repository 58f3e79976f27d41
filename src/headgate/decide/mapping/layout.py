"""A layout: how the table of a file is found, and how its columns become those of a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headgate.decide.chunk import Chunk
from headgate.decide.columns import COLUMNS
from headgate.decide.mapping.convert import How, converted, joined, others
from headgate.decide.mapping.day_forms import DayForm
from headgate.decide.mapping.headings import Headings
from headgate.decide.mapping.scales import SCALES
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import Series


@dataclass(frozen=True, slots=True)
class Join:
    """Several headings put together into one of our columns.

    Args:
        of: The headings, in order.
        between: What stands between them.
    """

    of: tuple[str, ...]
    between: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a map file (`--map`) and the options beside it say.

    Args:
        name: The map file, for messages; blank when there is none.
        sheet: The sheet of a workbook to read; None when the file says which.
        heading_row: Row of the headings, from 1; None for the first row.
        separator: What stands between the cells of a CSV file.
        encoding: How a CSV file writes letters.
        decimal: The decimal sign of numbers that are text; None for a point and nothing between thousands.
        columns: The file's heading to ours.
        joins: Our column to the headings that make it.
        constants: Our column to the value that it has on every line.
        values: Our column to their value, folded, to ours.
        units: The file's heading to the unit that it is in.
        days: The file's heading to the form of its days.
        only: The file's heading to the values that a line may have there.
        carry: Headings to pass through as they stand.
        ignore: Headings to leave out knowingly.
        optional: Headings that a file may lack.
    """

    name: str = ""
    sheet: str | None = None
    heading_row: int | None = None
    separator: str = ","
    encoding: str = "utf-8"
    decimal: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, Join] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, DayForm] = field(default_factory=dict)
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    carry: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def made(self) -> set[str]:
        """Return the columns of ours that the map makes."""
        return {*self.columns.values(), *self.joins, *self.constants}

    def headings_of(self, column: str, names: Sequence[str]) -> list[str]:
        """Return the headings of a file that make one of our columns; none when the map states it."""
        if column in self.constants:
            return []
        find = Headings(names, self.name)
        told = (
            self.joins[column].of if column in self.joins else [t for t, ours in self.columns.items() if ours == column]
        )
        return [h for name in (told or [column]) if (h := find.find(name)) is not None]

    def apply(self, chunk: Chunk, typed: bool = False) -> Chunk:
        """Return the rows with our columns; the file's own stay beside them, to be carried.

        Args:
            chunk: The rows under the file's headings.
            typed: The file has numbers of its own, so that not every cell is text as a person wrote it.

        Raises:
            UsageError: The map and the headings of the file do not go together.
        """
        import polars as pl

        frame = chunk.frame
        if not self.name:
            return replace(chunk, own=frame)
        find = Headings(frame.columns, self.name)
        carried = tuple(h for name in self.carry if (h := find.need(name, self.optional)) is not None)
        left_out = {h for name in self.ignore if (h := find.find(name)) is not None}
        sources = self._sources(find)
        joins = self._joins(find)
        used = {*carried, *left_out, *sources, *(h for of in joins.values() for h in of)}
        broken = dict(chunk.broken)
        for name, known in self.only.items():
            heading = find.need(name, self.optional)
            if heading is not None:
                used.add(heading)
                _add(broken, others(frame[heading], heading, known))
        rest = [h for h in frame.columns if h not in used]
        sources |= {h: h for h in rest if h in COLUMNS}
        self._check_once([*sources.values(), *joins, *self.constants], rest)
        made: dict[str, Series] = {}
        for heading, ours in sources.items():
            made[ours], wrong = converted(frame[heading], heading, self._how(find, heading, ours, typed))
            _add(broken, wrong)
        for ours, of in joins.items():
            whole, wrong = joined(frame, of, self.joins[ours].between, ours)
            _add(broken, wrong)
            how = How(ours, self.values.get(ours, {}))
            made[ours], wrong = converted(whole, " + ".join(of), how)
            _add(broken, wrong)
        for ours, value in self.constants.items():
            made[ours] = pl.repeat(value, frame.height, dtype=pl.String, eager=True)
        made |= {h: frame[h] for h in rest if h not in COLUMNS}
        columns = [s.alias(n) for n, s in made.items()]
        notes = (*chunk.notes, *self._notes(left_out))
        return replace(chunk, frame=pl.DataFrame(columns), broken=broken, notes=notes, own=frame, carry=carried)

    def _sources(self, find: Headings) -> dict[str, str]:
        """Return the headings of the file that become columns of ours."""
        sources: dict[str, str] = {}
        for theirs, ours in self.columns.items():
            heading = find.need(theirs, self.optional)
            if heading in sources:
                raise UsageError(f"--map {self.name}: {theirs!r} names the heading {heading!r} a second time; keep one")
            if heading is not None:
                sources[heading] = ours
        return sources

    def _joins(self, find: Headings) -> dict[str, list[str]]:
        """Return, for each column that is put together, the headings of the file that make it."""
        joins: dict[str, list[str]] = {}
        for ours, join in self.joins.items():
            found = [(name, find.need(name, self.optional)) for name in join.of]
            headings = [h for _, h in found if h is not None]
            if headings and len(headings) < len(found):
                lost = next(name for name, h in found if h is None)
                raise UsageError(f"--map {self.name}: {ours} is made of {lost!r}, which the file lacks")
            if headings:
                joins[ours] = headings
        return joins

    def _check_once(self, targets: Sequence[str], rest: Sequence[str]) -> None:
        for ours in targets:
            if targets.count(ours) > 1:
                told = f"the heading {ours!r} of the file and another" if ours in rest else "two entries of the map"
                raise UsageError(f"--map {self.name}: {told} give {ours}; keep one, and carry or ignore the other")

    def _how(self, find: Headings, heading: str, ours: str, typed: bool) -> How:
        unit = next((u for name, u in self.units.items() if find.find(name) == heading), None)
        day = next((d for name, d in self.days.items() if find.find(name) == heading), None)
        values = self.values.get(ours, {})
        if unit is None:
            return How(ours, values, decimal=self.decimal, typed=typed, day=day)
        return How(ours, values, unit, SCALES[ours][unit], self.decimal, typed, day)

    def _notes(self, left_out: set[str]) -> Iterator[str]:
        if self.constants:
            told = ", ".join(f"{c} = {v}" for c, v in self.constants.items())
            yield f"The map {self.name} states for every line: {told}."
        if left_out:
            yield f"The map {self.name} leaves out: {', '.join(sorted(left_out))}."


def _add(broken: dict[int, str], more: Mapping[int, str]) -> None:
    """Keep the first that is wrong with each row."""
    for row, why in more.items():
        broken.setdefault(row, why)
