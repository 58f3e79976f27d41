"""What a row may hold, and the door at which a number that is no number is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Truth = bool | None


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number of which only a lower bound is known: it can reach a threshold, never clear one."""

    low: float


Value = float | AtLeast | bool | str | frozenset[str] | date | None
Row = Mapping[str, Value]
Parts = Sequence[Row] | None
Lists = Callable[[str], frozenset[str]]

PART_PREFIX = "ic."


def check_number(name: str, value: float | AtLeast | None) -> float | AtLeast | None:
    """Return the number; engines disagree on NaN, so NaN stops here.

    Raises:
        ValueError: The value is NaN; the message names the field.
    """
    low = value.low if isinstance(value, AtLeast) else value
    if low is not None and low != low:
        raise ValueError(f"{name} is NaN, which is not a number; leave it blank if it is unknown")
    return value
