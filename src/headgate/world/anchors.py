"""Published numbers that the simulation is compared with: the rows of `data/world/gap_anchors.csv`, read strictly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import NoReturn

from headgate.catalog.measured import number
from headgate.catalog.refusals import refuse_unknown_mark, stop
from headgate.errors import UsageError, did_you_mean
from headgate.source import MARKS
from headgate.world.records import (
    check_order,
    day_of,
    read_world_table,
    refuse_unknown_choice,
    refuse_unknown_word,
)

# hard: a test may fail on it; soft: printed beside our number; never: no source was seen, so neither.
TARGETS = ("hard", "soft", "never")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One published number.

    Args:
        day: Day it is for; the end of the year for a flow of that year.
        value: Median or point in `unit`, None where only the ends are given. May be negative.
        mass: Probability between `low` and `high`; None where they are a range, a bound or a judgment.
        kind: How it came about: published, derived, reproduction, forecast, observed and others.
        verification: How it was checked, in words.
        target: One of `TARGETS`.
        mark: How well it is known.
    """

    anchor_id: str
    group: str
    metric: str
    scope: str
    day: date
    value: float | None
    low: float | None
    high: float | None
    unit: str
    interval: str
    mass: float | None
    kind: str
    source: str
    url: str
    verification: str
    target: str
    mark: str
    notes: str


def refuse_unknown_anchor(name: str, known: tuple[str, ...]) -> NoReturn:
    """Refuse an id that no anchor has."""
    near = did_you_mean(name, known)
    raise UsageError(f"There is no anchor {name!r}: ids run from {known[0]} to {known[-1]}.{near} Correct the id.")


def refuse_not_a_number(where: str, row: str, column: str, cell: str) -> NoReturn:
    """Refuse a cell that should hold a finite number or nothing."""
    stop(where, row, f"{column}: {cell!r} is not a finite number", "Write digits, or leave the cell blank.")


def refuse_target_of_unverified(where: str, row: str) -> NoReturn:
    """Refuse an unverified row that stands as a target."""
    stop(where, row, "an unverified number is given as a target", "Write `never`, or say where it was seen.")


def _signed(where: str, raw: Mapping[str, str], column: str) -> float | None:
    try:
        found = number(raw[column])
    except ValueError:
        refuse_not_a_number(where, raw["anchor_id"], column, raw[column])
    if found is not None and not math.isfinite(found):
        refuse_not_a_number(where, raw["anchor_id"], column, raw[column])
    return found


def _anchor(where: str, raw: Mapping[str, str]) -> Anchor:
    name = raw["anchor_id"]
    if raw["target"] not in TARGETS:
        refuse_unknown_word(where, name, "target", raw["target"], TARGETS)
    if raw["mark"] not in MARKS:
        refuse_unknown_mark(where, name, raw["mark"])
    if (raw["mark"] == "unverified") != (raw["target"] == "never"):
        refuse_target_of_unverified(where, name)
    low, value, high = (_signed(where, raw, column) for column in ("low", "value", "high"))
    check_order(where, name, "low, value, high", (low, value, high))
    if low is value is high is None:
        stop(where, name, "it has no number", "Give a value or an end, or leave the row out.")
    return Anchor(
        name, raw["group"], raw["metric"], raw["scope"], day_of(where, name, "date", raw["date"]), value, low, high,
        raw["unit"], raw["interval"], number(raw["mass"]), raw["kind"], raw["source"], raw["source_url"],
        raw["verification"], raw["target"], raw["mark"], raw["notes"],
    )  # fmt: skip


@cache
def _own() -> Mapping[str, Anchor]:
    return {each.anchor_id: each for each in read_anchors()}


def read_anchors(path: Path | None = None) -> tuple[Anchor, ...]:
    """Return every anchor of the package, or of the CSV at `path`, each checked.

    Raises:
        CatalogError: The file or a row is not as it must be; the message names it.

    Example:
        >>> sum(each.target == "hard" for each in read_anchors())
        268
    """
    return tuple(_anchor("gap_anchors.csv", raw) for raw in read_world_table("gap_anchors", path).rows)


def anchors(
    group: str | None = None, metric: str | None = None, scope: str | None = None, target: str | None = None
) -> tuple[Anchor, ...]:
    """Return the anchors of a group, metric, scope and target, in the order of the file.

    Raises:
        UsageError: No anchor has that word; near names are given.

    Example:
        >>> len(anchors()), len(anchors(group="lag", target="hard"))
        (380, 19)
        >>> [each.value for each in anchors(metric="stock ratio seven named US owners / China")][-1]
        8.67
    """
    found = tuple(_own().values())
    for column, word in (("group", group), ("metric", metric), ("scope", scope), ("target", target)):
        if word is None:
            continue
        there = {getattr(each, column) for each in _own().values()}
        if word not in there:
            refuse_unknown_choice("anchors", column, word, there)
        found = tuple(each for each in found if getattr(each, column) == word)
    return found


def anchor(anchor_id: str) -> Anchor:
    """Return one anchor by its id.

    Raises:
        UsageError: There is none; near ids are given.

    Example:
        >>> anchor("A0346").value, anchor("A0346").mass
        (-0.56, 0.95)
    """
    own = _own()
    return own.get(anchor_id) or refuse_unknown_anchor(anchor_id, tuple(own))
