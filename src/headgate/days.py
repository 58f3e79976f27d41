"""Days and half-open spans of days."""

import os
from dataclasses import dataclass
from datetime import date, datetime


def day(text: str | date) -> date:
    """Read an ISO day.

    Raises:
        ValueError: The text is not a real day written YYYY-MM-DD.

    Example:
        >>> day("2023-11-17")
        datetime.date(2023, 11, 17)
    """
    if isinstance(text, date):
        return text
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        raise ValueError(f"{text!r} is not a day written YYYY-MM-DD")
    return date.fromisoformat(text)


def today() -> date:
    """Return the present day; the variable HEADGATE_TODAY sets another, so that a run can be repeated as it was."""
    told = os.environ.get("HEADGATE_TODAY")
    return day(told) if told else datetime.now().astimezone().date()


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of days `[start, end)`; `end` None means open-ended.

    Example:
        >>> date(2025, 11, 9) in Span(date(2025, 9, 29), date(2025, 11, 10))
        True
        >>> date(2025, 11, 10) in Span(date(2025, 9, 29), date(2025, 11, 10))
        False
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"span ends on {self.end}, on or before its start {self.start}")

    def __contains__(self, moment: date) -> bool:
        return self.start <= moment and (self.end is None or moment < self.end)

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two spans share a day."""
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)
