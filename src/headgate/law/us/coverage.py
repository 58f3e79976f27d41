"""Which sections of the law the book models, which only in part, which not, and why: one row a section.

The rows stand in `data/coverage.toml`, in the order of the text. A row names its provisions by id, or by the start of
their ids and a `*`. `complaints` holds the rows against a book: every provision stands in exactly one row.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from headgate.errors import BookError, did_you_mean
from headgate.law.book import Book

STATES = ("modeled", "partial", "not_modeled")
KEYS = {"section": str, "what": str, "state": str, "reason": str, "provisions": list}


@dataclass(frozen=True, slots=True)
class Row:
    """One section of the law and how far the book has it.

    Args:
        part: The heading under which it stands, for example `Part 742: control policy`.
        section: As a lawyer cites it.
        what: What it is, in a few words.
        state: One of `STATES`.
        reason: What is missing and why; only a modeled row may leave it out.
        names: Ids of provisions, or the start of ids followed by `*`.
    """

    part: str
    section: str
    what: str
    state: str
    reason: str = ""
    names: tuple[str, ...] = ()

    def has(self, id: str) -> bool:
        """Say whether a provision belongs to this row."""
        return any(fits(name, id) for name in self.names)

    def ids(self, book: Book) -> tuple[str, ...]:
        """Return the ids of its provisions, in the order in which the row names them."""
        return tuple(dict.fromkeys(id for name in self.names for id in book.ids() if fits(name, id)))


def fits(name: str, id: str) -> bool:
    """Say whether an id is the one named, or starts as the name does before its `*`.

    Example:
        >>> fits("us.ear.3a090.a.*", "us.ear.3a090.a.1"), fits("us.ear.3a090.a", "us.ear.3a090.a.1")
        (True, False)
    """
    return id.startswith(name[:-1]) if name.endswith("*") else id == name


def unknown_key(where: str, key: str, known: Iterable[str]) -> BookError:
    """Refuse a key that coverage does not have."""
    return BookError(f"coverage: {where} has an unknown key {key!r}.{did_you_mean(key, known)}")


def wrong_value(where: str, key: str, kind: str) -> BookError:
    """Refuse a key that is missing or has a value of another kind."""
    return BookError(f"coverage: {where} needs {key!r}, {kind}")


def no_such_state(where: str, state: str) -> BookError:
    """Refuse a state that is none of the three."""
    return BookError(f"coverage: {where}: {state!r} is no state; write {', '.join(STATES)}")


def no_reason(where: str, state: str) -> BookError:
    """Refuse a row that says something is missing, but not what and why."""
    return BookError(f"coverage: {where} is {state.replace('_', ' ')} and gives no reason; say what is missing and why")


def read_rows(text: str) -> tuple[Row, ...]:
    """Read the rows of coverage.

    Raises:
        BookError: An unknown key, a missing one, a state that is none, or a reason that is not given.

    Example:
        >>> read_rows('''
        ... [[part]]
        ... title = "Part 742"
        ... [[part.row]]
        ... section = "742.6"
        ... what = "regional stability"
        ... state = "modeled"
        ... provisions = ["us.ear.742_6.*"]
        ... ''')[0].section
        '742.6'
    """
    content = tomllib.loads(text)
    rows = []
    for key in content:
        if key != "part":
            raise unknown_key("the file", key, ["part"])
    for part in content.get("part", []):
        where = str(part.get("title", "a part without a title"))
        for key in part:
            if key not in ("title", "row"):
                raise unknown_key(where, key, ["title", "row"])
        if not isinstance(part.get("title"), str):
            raise wrong_value(where, "title", "a text")
        rows += [_row(where, found) for found in part.get("row", [])]
    return tuple(rows)


def _row(part: str, found: Mapping[str, Any]) -> Row:
    where = f"{part}, {found.get('section', 'a row without a section')}"
    for key, value in found.items():
        if key not in KEYS:
            raise unknown_key(where, key, KEYS)
        if not isinstance(value, KEYS[key]):
            raise wrong_value(where, key, "a text" if KEYS[key] is str else "a list of ids")
    for key in ("section", "what", "state"):
        if not found.get(key):
            raise wrong_value(where, key, "a text")
    if not all(isinstance(name, str) for name in found.get("provisions", ())):
        raise wrong_value(where, "provisions", "a list of ids")
    if found["state"] not in STATES:
        raise no_such_state(where, found["state"])
    reason = found.get("reason", "")
    if found["state"] != "modeled" and not reason:
        raise no_reason(where, found["state"])
    return Row(part, found["section"], found["what"], found["state"], reason, tuple(found.get("provisions", ())))


@cache
def coverage() -> tuple[Row, ...]:
    """Return the rows of the United States, in the order of the text.

    Example:
        >>> {row.state for row in coverage()} == set(STATES)
        True
    """
    return read_rows((files("headgate.data") / "coverage.toml").read_text(encoding="utf-8"))


def row_of(id: str, rows: Iterable[Row]) -> Row | None:
    """Return the row of a provision; None when it stands in none."""
    return next((row for row in rows if row.has(id)), None)


def complaints(rows: Iterable[Row], book: Book) -> list[str]:
    """Return where the rows and a book do not fit together; nothing when they do.

    Every provision stands in exactly one row and every name finds one. A modeled row has law and no gap, a partial one
    has law, one that is not modeled has no law.
    """
    rows = tuple(rows)
    gaps = {p.id for p in book.provisions if p.stage == "not_modeled"}
    found = []
    for id in book.ids():
        homes = [row.section for row in rows if row.has(id)]
        if len(homes) != 1:
            found.append(f"{id} stands in {len(homes)} rows and belongs in one: {', '.join(homes) or 'none'}")
    for row in rows:
        found += [
            f"{row.section}: {name} names no provision{did_you_mean(name, book.ids())}"
            for name in row.names
            if not any(fits(name, id) for id in book.ids())
        ]
        ids = set(row.ids(book))
        if row.state == "modeled" and ids & gaps:
            found.append(
                f"{row.section} is modeled, but {', '.join(sorted(ids & gaps))} says that something is missing"
            )
        if row.state != "not_modeled" and not ids - gaps:
            found.append(f"{row.section} is {row.state}, but no provision has any of it")
        if row.state == "not_modeled" and ids - gaps:
            found.append(f"{row.section} is not modeled, but the book has {', '.join(sorted(ids - gaps))}")
    sections = [row.section for row in rows]
    found += [
        f"{section} has {sections.count(section)} rows"
        for section in sorted({*sections})
        if sections.count(section) > 1
    ]
    return found
