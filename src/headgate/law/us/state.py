"""Where the law stands today and no rule that was read says for how long: the lines of `data/law_state.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from headgate.errors import BookError, did_you_mean
from headgate.source import MARKS

NEED = {"through": date, "mark": str, "cite": str, "published": date}


@dataclass(frozen=True, slots=True)
class Stay:
    """A rule that is suspended for a time.

    Args:
        through: Last day of the stay.
        mark: How well it is known what holds after that day.
        cite: The rule that says so, for example `90 FR 50857`.
        published: Day on which that rule was published.
    """

    through: date
    mark: str
    cite: str
    published: date


def unknown_line(key: str) -> BookError:
    """Refuse a line that no provision reads."""
    return BookError(f"law_state.toml: unknown key {key!r}.{did_you_mean(key, ('affiliates_stay', *NEED))}")


def wrong_line(key: str, kind: type) -> BookError:
    """Refuse a line without one of its values, or with a value of another kind."""
    return BookError(f"law_state.toml: affiliates_stay needs {key!r}, a {'day' if kind is date else 'text'}")


def no_such_mark(mark: str) -> BookError:
    """Refuse a mark of evidence that is not one of the four."""
    return BookError(f"law_state.toml: mark {mark!r} is none of {', '.join(MARKS)}")


def read_state(text: str) -> Stay:
    """Read the state of the stay.

    Raises:
        BookError: An unknown key, a missing one, or a mark that is none.

    Example:
        >>> line = 'affiliates_stay = {through = 2027-11-09, mark = "primary", cite = "x", published = 2026-11-05}'
        >>> read_state(line).through.isoformat()
        '2027-11-09'
    """
    content = tomllib.loads(text)
    line: Any = content.pop("affiliates_stay", {})
    found: dict[str, Any] = line if isinstance(line, dict) else {}
    for key in (*content, *(k for k in found if k not in NEED)):
        raise unknown_line(key)
    for key, kind in NEED.items():
        if type(found.get(key)) is not kind:
            raise wrong_line(key, kind)
    if found["mark"] not in MARKS:
        raise no_such_mark(found["mark"])
    return Stay(**found)


@cache
def affiliates_stay() -> Stay:
    """Return the stay of the affiliates rule as the data has it."""
    return read_state((files("headgate.data") / "law_state.toml").read_text(encoding="utf-8"))
