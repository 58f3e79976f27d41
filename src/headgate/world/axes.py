"""The axes of the world, once and for all: quarters, accounts, blocs, channels, measures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from headgate.errors import UsageError

FIRST_YEAR, LAST_YEAR = 2022, 2032


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One quarter of a year; `start` is its first day, `end` the first day after it."""

    year: int
    number: int

    @property
    def start(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """The first day after it."""
        return date(self.year + 1, 1, 1) if self.number == 4 else date(self.year, 3 * self.number + 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


QUARTERS = tuple(Quarter(y, n) for y in range(FIRST_YEAR, LAST_YEAR + 1) for n in (1, 2, 3, 4))
LABELS = tuple(str(q) for q in QUARTERS)
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
BLOCS = ("us", "china", "allied", "other")
CHANNELS = ("legal", "domestic", "proxy_fab", "smuggled", "rented")
# Into whose stock a chip goes, and how. `us_named` are the seven owners that Epoch AI names; `china_domestic` are
# Huawei and Cambricon, whose dies and memory are modeled. What is rented stands in another account, too: it is a
# claim on chips of others, not a second chip.
ACCOUNTS = (
    *("us_named", "us_other", "allied", "other"),
    *("china_legal", "china_domestic", "china_domestic_other", "china_proxy_fab", "china_smuggled", "china_rented"),
)
CHANNEL_OF: Mapping[str, str] = MappingProxyType(
    {
        "china_legal": "legal",
        "china_domestic": "domestic",
        "china_domestic_other": "domestic",
        "china_proxy_fab": "proxy_fab",
        "china_smuggled": "smuggled",
        "china_rented": "rented",
    }
)
CHINA_OWNED = tuple(a for a in CHANNEL_OF if a != "china_rented")
US_OWNED = ("us_named", "us_other")
KINDS = ("owned", "located", "controlled")
MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "tpp": "total processing performance, the legal measure",
        "fp8": "dense FP8 TFLOPS, FP16 where a chip has no FP8",
        "fp4": "dense FP4 TFLOPS, the next wider format where a chip has no FP4",
        "int8": "dense 8-bit TOPS, integer or floating, whichever is higher",
        "memory_bandwidth": "memory bandwidth, GB/s",
        "memory_size": "memory, GB",
        "h100e": "H100-equivalents by Epoch AI's rule: 8-bit operations over those of an H100",
        "training": "usable training compute, TFLOP/s on a reference job",
        "serving": "usable serving compute, tokens/s on a reference job",
    }
)


def quarter(text: str) -> int:
    """Return the place of a quarter on the axis.

    Raises:
        UsageError: It is not a quarter of the horizon.

    Example:
        >>> quarter("2022Q1"), quarter("2032Q4")
        (0, 43)
    """
    found = re.fullmatch(r"(\d{4})Q([1-4])", text)
    if not found or text not in LABELS:
        raise UsageError(f"{text!r} is not a quarter from {LABELS[0]} to {LABELS[-1]}; write one as 2026Q3")
    return LABELS.index(text)


def quarter_of(day: date) -> int:
    """Return the place of the quarter that holds a day.

    Raises:
        UsageError: The day lies outside the horizon.

    Example:
        >>> LABELS[quarter_of(date(2026, 11, 22))]
        '2026Q4'
    """
    if not QUARTERS[0].start <= day < QUARTERS[-1].end:
        raise UsageError(f"{day} lies outside the horizon, {QUARTERS[0].start} to {QUARTERS[-1].last}")
    return (day.year - FIRST_YEAR) * 4 + (day.month - 1) // 3


def share_of_days(which: Quarter, start: date | None, end: date | None) -> float:
    """Return the share of a quarter's days that lie in a span `[start, end)`; an open end is None.

    Example:
        >>> share_of_days(Quarter(2026, 1), date(2026, 1, 16), None)
        0.8333333333333334
    """
    first = which.start if start is None else max(which.start, start)
    last = which.end if end is None else min(which.end, end)
    return max(0, (last - first).days) / which.days


def knot_weights(knots: Sequence[int]) -> list[list[float]]:
    """Return the weight of each knot in every quarter, [quarter][knot]: straight lines, level before and after.

    Example:
        >>> knot_weights([0, 2])[:3]
        [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    found = []
    for q in range(len(LABELS)):
        row = [0.0] * len(knots)
        after = next((n for n, place in enumerate(knots) if place >= q), len(knots))
        if after in (0, len(knots)) or knots[after] == q:
            row[min(after, len(knots) - 1)] = 1.0
        else:
            part = (q - knots[after - 1]) / (knots[after] - knots[after - 1])
            row[after - 1], row[after] = 1 - part, part
        found.append(row)
    return found
