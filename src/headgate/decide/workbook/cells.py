"""One cell of a workbook as the text that a CSV file would hold."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta


def cell_text(value: object) -> str | None:
    """Return a value of a workbook as text; a blank cell is None.

    Example:
        >>> cell_text(4992.0), cell_text(0.1 + 0.2), cell_text(True), cell_text(" 0012"), cell_text("")
        ('4992', '0.30000000000000004', 'yes', ' 0012', None)
        >>> cell_text(datetime(2026, 2, 15)), cell_text(datetime(2026, 2, 15, 13, 45))
        ('2026-02-15', '2026-02-15T13:45:00')
    """
    return TEXTS.get(type(value), str)(value) or None


def _number(value: object) -> str:
    assert isinstance(value, float)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _moment(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat() if value.time() != time() else value.date().isoformat()


def _yes(value: object) -> str:
    return "yes" if value else "no"


TEXTS: dict[type, Callable[[object], str]] = {
    str: str,
    float: _number,
    int: str,
    bool: _yes,
    date: str,
    datetime: _moment,
    time: str,
    timedelta: str,
}
