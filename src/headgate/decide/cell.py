"""One cell: how the text or value that stands in a file is read, by kind. Each reader says what is wrong and why."""

import re
from collections.abc import Callable
from datetime import date, datetime, time

from headgate.catalog.countries import find_country
from headgate.days import day
from headgate.errors import did_you_mean

Cell = str | float | bool | date | tuple[str, ...] | None
# In any language: #N/A, #NV, #REF!, #VALEUR!, #NAME?, #DIV/0!; LibreOffice also Err:502.
_SHEET_ERROR = re.compile(r"#(?:N/?[A-Z]|GETTING_DATA|\w[\w/ ]{1,30}[!?])|Err:\d{3}")
# Elsewhere on Earth the same moment has another day, and the law turns on the day.
WITH_TIME = "holds a time of day, and the law counts days; state the day alone, as YYYY-MM-DD"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]+\d\d?:\d\d.*")


def is_sheet_error(text: str) -> bool:
    """Say whether a text is what a spreadsheet shows where a formula failed.

    Example:
        >>> is_sheet_error("#N/A"), is_sheet_error("#BEZUG!"), is_sheet_error("#7")
        (True, True, False)
    """
    return bool(_SHEET_ERROR.fullmatch(text))


def read_text(value: object) -> str:
    """Read a text; a whole number loses its point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    if text.casefold() == "nan":
        raise ValueError("NaN is not a number and no text either; leave the cell blank if it is unknown")
    if text[:1] in ("#", "E") and is_sheet_error(text):
        raise ValueError(f"{text!r} is the error of a spreadsheet and no value; mend it in the book that it comes from")
    return text


def read_code(value: object, known: tuple[str, ...]) -> str:
    """Read one of some known words."""
    text = read_text(value).casefold()
    if text not in known:
        raise ValueError(f"{read_text(value)!r} is none of {', '.join(known)}.{did_you_mean(text, known)}")
    return text


def _day(value: object) -> date:
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise ValueError(
                f"{value} has a time zone, which the law's day has not; write the day alone, as YYYY-MM-DD"
            )
        if value.time() != time():
            raise ValueError(f"{value} {WITH_TIME}")
        return value.date()
    if isinstance(value, date):
        return value
    text = read_text(value)
    if _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} {WITH_TIME}")
    try:
        return day(text)
    except ValueError as problem:
        why = "" if "YYYY-MM-DD" in str(problem) else f" ({problem})"
        raise ValueError(f"{text!r} is not a real day; write it as YYYY-MM-DD{why}") from None


def _number(value: object) -> float:
    if isinstance(value, bool):
        raise ValueError(f"{value} is not a number")
    try:
        number = float(value) if isinstance(value, int | float) else float(str(value).strip().replace("_", "x"))
    except ValueError:
        raise ValueError(
            f"{read_text(value)!r} is not a number; write digits with a point for decimals and no unit or comma"
        ) from None
    if number != number:
        raise ValueError("NaN is not a number; leave the cell blank if it is unknown")
    if number in (float("inf"), float("-inf")):
        raise ValueError("the number must be finite; leave the cell blank if it is unknown")
    if number < 0:
        raise ValueError(f"{number:g} is negative; it must be 0 or more")
    return number


def _share(value: object) -> float:
    number = _number(value)
    if number > 1:
        raise ValueError(f"{number!r} is above 1; a share runs from 0 to 1 (0.6 for 60 percent)")
    return number


def _yesno(value: object) -> bool:
    if isinstance(value, bool):
        return value
    answers = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
    text = read_text(value).casefold()
    if text not in answers:
        raise ValueError(f"{read_text(value)!r} is neither yes nor no; leave the cell blank if it is unknown")
    return answers[text]


def read_items(value: object) -> list[str]:
    """Read the entries of a list, `;` between."""
    cells = value if isinstance(value, list | tuple | set | frozenset) else str(value).split(";")
    items = ["" if v is None else read_text(v) for v in cells]
    if len(items) > 1 and "" in items:
        raise ValueError(f"{';'.join(items)!r} has a blank entry; name every entry, or leave the whole cell blank")
    return [v for v in items if v]


def _country(value: object) -> str:
    return find_country(read_text(value))


READERS: dict[str, Callable[[object], Cell]] = {
    "text": read_text,
    "day": _day,
    "number": _number,
    "share": _share,
    "yesno": _yesno,
    "country": _country,
    "countries": lambda v: tuple(dict.fromkeys(find_country(x) for x in read_items(v))) or None,
    "ids": lambda v: tuple(read_items(v)) or None,
}
