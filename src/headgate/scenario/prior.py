"""Changes of what a world assumes: a quantity that is no law, set, multiplied or spread anew from a day on.

Which quantities there are, the world knows; here only the form is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import isfinite
from types import MappingProxyType
from typing import Any

from headgate.errors import BookError
from headgate.law.read import check_keys
from headgate.scenario.check import WHEN, check_kinds, span_of

NUMBERS = ("value", "times", "low", "high", "median")
KEYS = ("prior", *NUMBERS, "shape", *WHEN)
WAYS = "write exactly one of: value, times, or low and high (with median and shape if need be)"


@dataclass(frozen=True, slots=True)
class PriorChange:
    """One change of one quantity of the world on the days `[start, end)`.

    Args:
        prior: Id of the quantity, as the world has it.
        kind: `value` when it is known exactly, `times` when what the world assumes is multiplied, `spread` when it
            gets a 90 % interval of its own.
        numbers: By their keys: `value`; `times`; or `low`, `high` and perhaps `median`.
        start: First day.
        end: The day after the last one; None when it goes on.
        why: The reason.
        shape: Shape of a spread; without one, that of the quantity itself.
    """

    prior: str
    kind: str
    numbers: Mapping[str, float]
    start: date
    end: date | None
    why: str
    shape: str = ""


def read_priors(tables: Iterable[Mapping[str, Any]], first: date, where: str) -> tuple[PriorChange, ...]:
    """Read the `[[prior]]` tables of a scenario.

    Args:
        tables: The tables, parameters filled in.
        first: The scenario's first day.
        where: The file, for messages.

    Raises:
        BookError: A table is malformed, or two of them change one quantity on the same days.

    Example:
        >>> table = {"prior": "beijing.h200", "times": 0.5, "why": "half as many permits"}
        >>> read_priors([table], date(2026, 1, 1), "draft.toml")[0].numbers["times"]
        0.5
    """
    found = tuple(_read(table, first, f"{where}, prior {table.get('prior', '?')}") for table in tables)
    for one, other in combinations(found, 2):
        if one.prior == other.prior and _overlap(one, other):
            refuse_two_changes(one, other, where)
    return found


def words(change: PriorChange) -> str:
    """Say a change in words.

    Example:
        >>> change = read_priors([{"prior": "smic.wafers", "value": 2, "why": "x"}], date(2026, 1, 1), "draft.toml")[0]
        >>> words(change)
        'smic.wafers = 2 from 2026-01-01'
    """
    n = {name: f"{number:,.12g}" for name, number in change.numbers.items()}
    if change.kind == "value":
        told = f"= {n['value']}"
    elif change.kind == "times":
        told = f"times {n['times']}"
    else:
        middle = f"median {n['median']}, " if "median" in n else ""
        told = f"{n['low']} to {n['high']} ({middle}90 %{', ' + change.shape if change.shape else ''})"
    until = f" until {change.end}" if change.end else ""
    return f"{change.prior} {told} from {change.start}{until}"


def _read(table: Mapping[str, Any], first: date, where: str) -> PriorChange:
    check_keys(table, KEYS, ("prior", "why"), where)
    check_kinds(table, where)
    numbers = {key: _number(key, table[key], where) for key in NUMBERS if key in table}
    kind = _kind(numbers, "shape" in table, where)
    if kind == "times" and numbers["times"] < 0:
        raise BookError(f"{where}: times is {numbers['times']:g}; write 0 or more")
    if kind == "spread" and numbers["low"] > numbers["high"]:
        raise BookError(f"{where}: low {numbers['low']:g} lies over high {numbers['high']:g}; exchange them")
    if "median" in numbers and not numbers["low"] <= numbers["median"] <= numbers["high"]:
        raise BookError(f"{where}: median {numbers['median']:g} lies outside of low and high; write one within")
    start, end = span_of(table, first, where)
    told = MappingProxyType(numbers)
    return PriorChange(table["prior"], kind, told, start, end, table["why"], table.get("shape", ""))


def _number(key: str, value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BookError(f"{where}: {key} is {value!r}; write a number")
    return float(value)


def _kind(numbers: Mapping[str, float], has_shape: bool, where: str) -> str:
    """Return which way a change is told; exactly one."""
    given = set(numbers) | ({"shape"} if has_shape else set())
    for way in ("value", "times"):
        if given == {way}:
            return way
    if {"low", "high"} <= given <= {"low", "high", "median", "shape"}:
        return "spread"
    raise BookError(f"{where}: it states {', '.join(sorted(given)) or 'no number'}; {WAYS}")


def _overlap(one: PriorChange, other: PriorChange) -> bool:
    return (one.end is None or other.start < one.end) and (other.end is None or one.start < other.end)


def refuse_two_changes(one: PriorChange, other: PriorChange, where: str) -> None:
    """Refuse two changes of one quantity that hold on the same days."""
    raise BookError(
        f"{where}: two changes contradict each other: {words(one)}, and {words(other)}. "
        "Keep one, or end the first with `until` before the second begins"
    )
