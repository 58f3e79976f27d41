"""A layout: how the table of a file is found, and how its columns become those of a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headgate.decide.chunk import Chunk
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.mapping.convert import How, converted, joined, others
from headgate.decide.mapping.day_forms import DayForm
from headgate.decide.mapping.headings import Headings
from headgate.decide.mapping.readings import Pair, point_notes, readings
from headgate.errors import UsageError

if TYPE_CHECKING:
    from polars import DataFrame, Series

DECIDED = tuple(c for c in DECISION_COLUMNS if c not in COLUMNS)
MOST_NAMED = 12


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
        values: Our column to their value, folded, to ours; with the words of the map's language.
        tables: Our columns for which the map itself has a table of values.
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
    tables: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, DayForm] = field(default_factory=dict)
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    carry: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def made(self) -> set[str]:
        """Return the columns of ours that the map makes."""
        return {*self.columns.values(), *self.joins, *self.constants}

    def pairs(self) -> list[Pair]:
        """Return each heading that alone becomes a column of ours, and that column; a join of one copies it."""
        copied = ((join.of[0], ours) for ours, join in self.joins.items() if len(join.of) == 1)
        return [*self.columns.items(), *copied]

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
            _check_undecided(frame.columns)
            notes = chunk.notes if typed else (*chunk.notes, *point_notes(frame))
            return replace(chunk, own=frame, notes=notes)
        find = Headings(frame.columns, self.name)
        carried = tuple(h for name in self.carry if (h := find.need(name, self.optional)) is not None)
        left_out = {h for name in self.ignore if (h := find.find(name)) is not None}
        pairs = self._pairs(find, left_out)
        joins = self._joins(find)
        read = {*(h for h, _ in pairs), *(h for of in joins.values() for h in of)}
        both = left_out & {*read, *carried}
        if both:
            raise UsageError(
                f"--map {self.name}: ignore lists {min(both)!r}, which another part of the map uses; keep "
                "one of the two"
            )
        checked = [(h, v) for name, v in self.only.items() if (h := find.need(name, self.optional)) is not None]
        used = {*left_out, *read, *(h for h, _ in checked)}
        rest = [h for h in frame.columns if h not in used and h not in COLUMNS and h not in carried]
        _check_undecided(rest)
        self._check_once(pairs, joins)
        broken = dict(chunk.broken)
        for heading, known in checked:
            _add(broken, others(frame[heading], heading, known))
        made = self._made(frame, broken, joins, list(zip(pairs, readings(self, find, pairs, typed), strict=True)))
        made |= {h: frame[h] for h in rest}
        ours = pl.DataFrame([s.alias(n) for n, s in made.items()])
        unread = [h for h in carried if h not in used]
        notes = (*chunk.notes, *self._notes(left_out, unread))
        if not typed and self.decimal is None:
            notes = (*notes, *point_notes(pl.DataFrame([frame[h].alias(c) for h, c in pairs])))
        return replace(chunk, frame=ours, broken=broken, notes=notes, own=frame, carry=carried)

    def _made(
        self, frame: DataFrame, broken: dict[int, str], joins: Mapping[str, list[str]], each: Sequence[tuple[Pair, How]]
    ) -> dict[str, Series]:
        """Return our columns, and add what is wrong with rows to those that are broken."""
        import polars as pl

        made: dict[str, Series] = {}
        for (heading, ours), how in each:
            made[ours], wrong = converted(frame[heading], heading, how)
            _add(broken, wrong)
        for ours, of in joins.items():
            whole, wrong = joined(frame, of, self.joins[ours].between, ours)
            _add(broken, wrong)
            made[ours], wrong = converted(whole, " + ".join(of), How(ours, self.values.get(ours, {})))
            _add(broken, wrong)
        for ours, value in self.constants.items():
            made[ours] = pl.repeat(value, frame.height, dtype=pl.String, eager=True)
        return made

    def _pairs(self, find: Headings, left_out: set[str]) -> list[Pair]:
        """Return the headings of the file that become columns of ours, each with its column.

        A heading that has the name of a column is that column, whatever else the map does with it: checked, carried or
        copied, it states the same fact. Only `ignore`, another column under [columns], or a join that makes that very
        column of it takes the name away.
        """
        pairs: list[Pair] = []
        mapped: set[str] = set()
        for n, (theirs, ours) in enumerate(self.pairs()):
            heading = find.need(theirs, self.optional)
            if heading in mapped and n < len(self.columns):
                raise UsageError(f"--map {self.name}: {theirs!r} names the heading {heading!r} a second time; keep one")
            if heading is not None:
                pairs.append((heading, ours))
                mapped |= {heading} if n < len(self.columns) else set()
        parts = {ours: {find.find(h) for h in join.of} for ours, join in self.joins.items()}
        own = (h for h in find.names if h in COLUMNS and h not in mapped and h not in left_out)
        return [*pairs, *((h, h) for h in own if h not in parts.get(h, ()))]

    def _joins(self, find: Headings) -> dict[str, list[str]]:
        """Return, for each column that several headings make, those of the file."""
        joins: dict[str, list[str]] = {}
        for ours, join in self.joins.items():
            if len(join.of) == 1:
                continue
            found = [(name, find.need(name, self.optional)) for name in join.of]
            headings = [h for _, h in found if h is not None]
            if headings and len(headings) < len(found):
                lost = next(name for name, h in found if h is None)
                raise UsageError(f"--map {self.name}: {ours} is made of {lost!r}, which the file lacks")
            if headings:
                joins[ours] = headings
        return joins

    def _check_once(self, pairs: Sequence[Pair], joins: Mapping[str, list[str]]) -> None:
        """Refuse two sources of one column; all doubles are named at once, in words that a map can take over."""
        own = [ours for h, ours in pairs if h == ours]
        made = [*(ours for h, ours in pairs if h != ours), *joins, *self.constants]
        double = [c for c in own if c in made]
        if double:
            told = ", ".join(f'"{c}"' for c in double[:MOST_NAMED]) + (", ..." if len(double) > MOST_NAMED else "")
            more = f", and so with {len(double) - 1} more" if len(double) > 1 else ""
            raise UsageError(
                f"--map {self.name}: the heading {double[0]!r} of the file and another entry of the map give "
                f"{double[0]}{more}. If `decide --map ... --carry-rest` wrote the file, the map was applied then: "
                "decide the file without the map, with --carry-rest, or the original file with it. Else keep one; to "
                f"leave the file's out, write ignore = [{told}]"
            )
        for ours in made:
            if made.count(ours) > 1:
                raise UsageError(f"--map {self.name}: two entries of the map give {ours}; keep one")

    def _notes(self, left_out: set[str], unread: Sequence[str]) -> Iterator[str]:
        if self.constants:
            told = ", ".join(f"{c} = {v}" for c, v in self.constants.items())
            yield f"The map {self.name} states for every line: {told}."
        if left_out:
            yield f"The map {self.name} leaves out: {', '.join(sorted(left_out))}."
        if unread:
            few = ", ".join(unread[:MOST_NAMED])
            more = f" and {len(unread) - MOST_NAMED} more" if len(unread) > MOST_NAMED else ""
            yield f"The map {self.name} carries, and nothing reads: {few}{more}."


def _check_undecided(headings: Sequence[str]) -> None:
    """Refuse a file that holds decisions: a row that could not be read stands blank there, and blank states nothing."""
    found = [h for h in headings if h in DECIDED]
    if 2 * len(found) > len(DECIDED):
        raise UsageError(
            f"the file holds decisions of an earlier run ({', '.join(found[:3])}, ...; {len(found)} columns of a "
            "decision). Decide the order book that they were made from; a row that could not be read stands blank "
            "beside its decision, and would be decided as if it had said nothing"
        )


def _add(broken: dict[int, str], more: Mapping[int, str]) -> None:
    """Keep the first that is wrong with each row."""
    for row, why in more.items():
        broken.setdefault(row, why)
