"""What a scenario file may hold: the kind of value behind each key, and spans of days."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from headgate.errors import BookError

WHEN = ("from", "until", "why")
# What each key holds.
KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "title", "says", "status", "evidence", "note", "why", "url"), (str,)),
    **dict.fromkeys(("threshold", "provision", "list", "prior", "shape"), (str,)),
    **dict.fromkeys(("from", "until", "as_of", "version", "end"), (date,)),
    **dict.fromkeys(("provisions", "lists", "add", "remove"), (list,)),
}
WORDS = {str: "a text", date: "a day, as 2026-01-31", list: "a list of texts"}


def check_kinds(table: Mapping[str, Any], where: str) -> None:
    """Refuse a value of another kind than its key holds."""
    for key, value in table.items():
        kinds = KINDS.get(key)
        if kinds and type(value) not in kinds:
            raise BookError(f"{where}: {key} is {value!r}; write {' or '.join(WORDS[k] for k in kinds)}")
        if kinds == (list,) and not all(isinstance(v, str) for v in value):
            raise BookError(f"{where}: {key} is {value!r}; write a list of texts")


def span_of(table: Mapping[str, Any], first: date, where: str) -> tuple[date, date | None]:
    """Return the days `[start, end)` of a change; without its own, from the scenario's first day on.

    Raises:
        BookError: The span is empty or turned, or begins before the scenario does.

    Example:
        >>> span_of({"until": date(2027, 1, 1)}, date(2026, 1, 1), "draft.toml, set")[0].isoformat()
        '2026-01-01'
    """
    start, end = table.get("from", first), table.get("until")
    if type(start) is not date or start < first or (end is not None and (type(end) is not date or end <= start)):
        raise BookError(f"{where}: from {start} to {end} is no span of days on or after the scenario's own ({first})")
    return start, end
