"""Numbers on the command line: how they are read, and how they are written so that one sees their size."""

import argparse
import re
from collections.abc import Sequence

from headgate.errors import UsageError
from headgate.units import digits

WHOLE = re.compile(r"\d+")


def whole(text: str) -> int:
    """Read a whole number of 1 or more; commas may part thousands.

    Example:
        >>> whole("2048"), whole("2,048")
        (2048, 2048)
    """
    if not WHOLE.fullmatch(digits(text)) or not int(digits(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more; write digits, as 2048")
    return int(digits(text))


def above_zero(text: str) -> float:
    """Read a number over 0."""
    return _number(text, "a number over 0", least=0.0, above=True)


def zero_or_more(text: str) -> float:
    """Read a number of 0 or more."""
    return _number(text, "a number of 0 or more", least=0.0)


def share(text: str) -> float:
    """Read a share, over 0 and at most 1."""
    return _number(text, "a share over 0 and at most 1, as 0.8", least=0.0, most=1.0, above=True)


def _number(text: str, what: str, least: float, most: float = float("inf"), above: bool = False) -> float:
    try:
        value = float(digits(text))
    except ValueError:
        value = float("nan")
    if not least <= value <= most or value == float("inf") or (above and value == least):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    """Read `name=value` texts, each name once.

    Example:
        >>> pairs("--set", ["tensor=8", "pipeline = 4"])
        {'tensor': '8', 'pipeline': '4'}
    """
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not name or not sign or not value:
            raise UsageError(f"{option} {text}: write it as name=value, as {option} tensor=8")
        if name in found:
            raise UsageError(f"{option} {text}: {name} is given twice; give it once")
        found[name] = value
    return found


def short(value: float) -> str:
    """Write a number with about four digits that count, large ones in millions and more.

    Example:
        >>> [short(x) for x in (0.01234, 5.7478, 61.063, 1425.2, 3001389.0, 2.1e10, float("nan"))]
        ['0.01234', '5.748', '61.06', '1,425', '3.00 M', '21.0 B', 'unknown']
    """
    if value != value:
        return "unknown"
    for size, name in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if abs(value) >= size:
            scaled = value / size
            return f"{scaled:,.{2 if scaled < 10 else 1 if scaled < 100 else 0}f} {name}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def band_head() -> str:
    """Return the heading over lines of `band_line`."""
    return f"{'':<22} {'median':>12}   {'90 % band':^25}".rstrip()


def band_line(label: str, band: tuple[float, float, float], unit: str = "") -> str:
    """Return one line of a table of figures: median, band, unit.

    Example:
        >>> band_line("step", (5.7478, 3.41, 9.66), "s")
        'step                          5.748         3.41 to 9.66       s'
    """
    if band[0] != band[0]:
        return f"{label:<22} {'unknown':>12}"
    median, low, high = (short(value) for value in band)
    return f"{label:<22} {median:>12}   {low:>10} to {high:<10} {unit}".rstrip()
