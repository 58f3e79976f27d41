"""What a scenario moves at gate 1: chips on lanes whose answer differs, from which day, and by which provisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from headgate.world.axes import QUARTERS

if TYPE_CHECKING:
    from polars import DataFrame

    from headgate.world.build import World


class Answer(NamedTuple):
    """What the law says of a chip on a lane, as far as it moves chips."""

    category: str
    limits: str
    duty: float

    def words(self) -> str:
        """Return it in words.

        Example:
            >>> Answer("case_by_case", "us_volume", 0.25).words()
            'case by case, limit us volume, duty 25 %'
        """
        parts = [self.category.replace("_", " ")]
        parts += [f"limit {limit.replace('_', ' ')}" for limit in self.limits.split(";") if limit]
        parts += [f"duty {100 * self.duty:g} %"] if self.duty else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Move:
    """One chip on one lane whose answer differs on the days `[start, end)`.

    Args:
        lane: Id of the lane.
        chip: Id of the chip, or `hbm`.
        start: First day.
        end: The day after the last one; None when it goes on.
        before: The answer of the baseline.
        after: The answer of the scenario.
        gone: Provisions among the reasons of the baseline alone.
        new: Provisions among those of the scenario alone.
    """

    lane: str
    chip: str
    start: date
    end: date | None
    before: Answer
    after: Answer
    gone: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def says(self) -> str:
        """Before and after, in words."""
        return f"{self.before.words()} -> {self.after.words()}"


Span = tuple[date, date | None, Answer, frozenset[str]]


def _spans(table: DataFrame) -> dict[tuple[str, str], list[Span]]:
    found: dict[tuple[str, str], list[Span]] = {}
    columns = ("lane", "chip", "start", "end", "category", "limits", "duty_rate", "reasons")
    for lane, chip, start, end, category, limits, duty, reasons in table.select(columns).iter_rows():
        answer = Answer(category, limits, duty or 0.0)
        found.setdefault((lane, chip), []).append((start, end, answer, frozenset(filter(None, reasons.split(";")))))
    return {key: sorted(spans, key=lambda s: s[0]) for key, spans in found.items()}


def moves(before: World, after: World) -> tuple[Move, ...]:
    """Return what differs between the lane decisions of two worlds, within the horizon.

    Args:
        before: The baseline.
        after: The scenario's world; it has the same chips and lanes.

    Returns:
        By first day, then lane and chip. Spans that touch and differ in the same way are one.

    Example:
        >>> import headgate
        >>> from headgate.world.build import world
        >>> one = world(headgate.law())
        >>> moves(one, one)
        ()
    """
    if before.gates is after.gates or before.gates.hash == after.gates.hash:
        return ()
    old, new = _spans(before.gates.table), _spans(after.gates.table)
    found = [m for key, spans in old.items() for m in _along(key, spans, new[key])]
    return tuple(sorted(found, key=lambda m: (m.start, m.lane, m.chip)))


def _along(key: tuple[str, str], old: Sequence[Span], new: Sequence[Span]) -> Iterator[Move]:
    last = QUARTERS[-1].end
    days = sorted({d for spans in (old, new) for start, end, *_ in spans for d in (start, end) if d and d < last})
    pieces = []
    for start, end in zip(days, [*days[1:], None], strict=True):
        (was, why), (now, why_now) = _on(old, start), _on(new, start)
        pieces.append((start, end, was, now, tuple(sorted(why - why_now)), tuple(sorted(why_now - why))))
    for (was, now), run in groupby(pieces, key=lambda p: (p[2], p[3])):
        if was != now:
            told = list(run)
            gone = tuple(sorted({r for p in told for r in p[4]}))
            came = tuple(sorted({r for p in told for r in p[5]}))
            yield Move(*key, told[0][0], told[-1][1], was, now, gone, came)


def _on(spans: Sequence[Span], day: date) -> tuple[Answer, frozenset[str]]:
    return next((answer, why) for start, end, answer, why in spans if start <= day and (end is None or day < end))


@dataclass(frozen=True, slots=True)
class Group:
    """Moves of some chips on some lanes that are alike: the same first day and the same answers."""

    start: date
    says: str
    lanes: tuple[str, ...]
    chips: tuple[str, ...]


def grouped(found: Sequence[Move]) -> tuple[Group, ...]:
    """Put together what moves alike, so that a person can read it.

    Example:
        >>> was, now = Answer("denial", "", 0.0), Answer("open", "", 0.0)
        >>> both = [Move(lane, "h20", date(2026, 1, 1), None, was, now, (), ()) for lane in ("cn_direct", "cn_listed")]
        >>> [(g.lanes, g.chips) for g in grouped(both)]
        [(('cn_direct', 'cn_listed'), ('h20',))]
    """
    chips: dict[tuple[date, str, str], list[str]] = {}
    for m in found:
        chips.setdefault((m.start, m.says, m.lane), []).append(m.chip)
    lanes: dict[tuple[date, str, tuple[str, ...]], list[str]] = {}
    for (start, says, lane), ids in chips.items():
        lanes.setdefault((start, says, tuple(sorted(set(ids)))), []).append(lane)
    return tuple(Group(start, says, tuple(sorted(ids)), which) for (start, says, which), ids in lanes.items())


def is_same(before: World, after: World) -> bool:
    """Say whether nothing at all differs: no table of a gate, and no quantity."""
    if before.changes != after.changes:
        return False
    mine, other = before.gate_tables, after.gate_tables
    return all((mine[name] == other[name]).all() for name in mine)


def verdict(before: World, after: World, found: Sequence[Move]) -> str:
    """Say in a sentence whether a scenario moves anything: an answer of the law on a lane, or a quantity.

    Args:
        before: The baseline.
        after: The scenario's world.
        found: What `moves` gives for them.
    """
    name = after.name
    ids = dict.fromkeys(c.id for c in (*after.changes, *before.changes))
    supposed = f"what is supposed of {', '.join(ids)}"
    if found:
        which = {m.chip for m in found}
        told = f"Under {name} the law's answer moves for {_counted(which)} on "
        told += f"{_number(len({m.lane for m in found}), 'lane')}, first on {found[0].start}"
        if is_same(before, after):
            lanes = ", ".join(sorted({m.lane for m in found}))
            return f"{told}; but no chip of the world goes by {lanes}, so that nothing else moves."
        return f"{told}{f', and so does {supposed}' if ids else ''}. This is not the law."
    if is_same(before, after):
        return f"Nothing moved: no lane decision, and no quantity. The world under {name} is that of {before.name}."
    if ids:
        return f"No lane decision moved: {name} changes no answer of the law, but {supposed}."
    return f"No lane decision moved; {name} changes how many chips a limit of the law leaves."


def _counted(which: set[str]) -> str:
    chips = len(which - {"hbm"})
    return " and ".join(([_number(chips, "chip")] if chips else []) + (["HBM"] if "hbm" in which else []))


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
