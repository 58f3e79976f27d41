"""Provisions written in TOML, as a scenario or a private rule states them: the same record, read at the door.

[[provision]]
id    = "own.policy.no-resellers"
stage = "require"
says  = "We ship no .a item to Kazakhstan."
when  = 'holds("us.ear.734.movement") & holds("us.ear.742_6.items_a") & field("act.destination").one_of("KZ")'
start = 2026-01-01
mark  = "primary"
section = "export policy, point 4"
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from headgate.errors import BookError, did_you_mean
from headgate.expr import Expr, walk
from headgate.expr.node import InList
from headgate.expr.text import parse
from headgate.law.fields import BY_NAME, LISTS
from headgate.law.provision import Provision, provision
from headgate.source import Cite

NEEDED = ("id", "stage", "says", "when", "start", "mark", "section")
TEXTS = ("id", "stage", "says", "when", "mark", "section", "published", "url", "policy", "exception", "flag", "note")
LISTED = ("covers", "needs")
DAYS = ("start", "end", "binds_from", "known_from", "review_by")
KEYS = (*TEXTS, *LISTED, *DAYS)


def read_provision(table: Mapping[str, Any], where: str) -> Provision:
    """Read one provision.

    Args:
        table: The table of one `[[provision]]`.
        where: File and place, for messages.

    Raises:
        BookError: A key, type, word, field or list is not known, or one is missing; the message says which and where.

    Example:
        >>> read_provision({"id": "own.x", "stage": "note", "says": "Look.", "when": "True", "start": date(2026, 1, 1),
        ...                 "mark": "primary", "section": "policy"}, "own.toml").binds.start.year
        2026
    """
    where = f"{where}, provision {table.get('id', '?')}"
    check_keys(table, KEYS, NEEDED, where)
    for keys, kind, words in ((TEXTS, str, "a text"), (DAYS, date, "a day, as 2026-01-31"), (LISTED, list, "a list")):
        for key in keys:
            if key in table and type(table[key]) is not kind:
                raise BookError(f"{where}: {key} is {table[key]!r}; write {words}")
            if key in table and kind is list and not all(isinstance(v, str) for v in table[key]):
                raise BookError(f"{where}: {key} is {table[key]!r}; write a list of texts")
    when = parse_at(table["when"], where)
    cite = Cite(table["section"], table.get("published", ""), table["start"].isoformat(), table.get("url", ""))
    told: dict[str, Any] = {key: v for key, v in table.items() if key not in ("when", "section", "published", "url")}
    told |= {key: table[key].isoformat() for key in DAYS if key in table}
    told |= {key: tuple(table[key]) for key in LISTED if key in table}
    return provision(**told, when=when, cite=cite)


def parse_at(text: str, where: str) -> Expr:
    """Read an expression and check every field and list that it names.

    Raises:
        BookError: The text cannot be read, or names a field or list that does not exist.
    """
    try:
        when = parse(text)
    except BookError as problem:
        raise BookError(f"{where}: {problem}") from None
    for node in walk(when):
        name = getattr(node, "name", None)
        if name is not None and name not in BY_NAME:
            raise BookError(f"{where}: there is no field {name!r}.{did_you_mean(name, BY_NAME)}")
        if isinstance(node, InList) and node.list_id not in LISTS:
            raise BookError(f"{where}: there is no list {node.list_id!r}.{did_you_mean(node.list_id, LISTS)}")
    return when


def check_keys(table: Mapping[str, Any], known: Iterable[str], needed: Iterable[str], where: str) -> None:
    """Refuse an unknown key, with near names, and a missing one."""
    for key in table:
        if key not in known:
            raise BookError(f"{where}: there is no key {key!r}.{did_you_mean(key, known)} Known: {', '.join(known)}")
    for key in needed:
        if key not in table:
            raise BookError(f"{where}: the key {key!r} is missing")
