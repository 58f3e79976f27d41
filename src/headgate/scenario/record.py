"""Scenarios: a bill, a draft or an old rule laid over the law as it is, from a day on.

A scenario is a TOML file with closed keys. Each change names a threshold, provision or list by id; a name that matches
nothing stops here, and nothing before a change's first day is touched. What a text leaves open is a named parameter.
What is not law (what is granted, found out, produced) a scenario changes as a prior of the world.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from headgate.errors import BookError, UsageError, did_you_mean
from headgate.law.provision import Provision
from headgate.law.read import check_keys, read_provision
from headgate.scenario.check import WHEN, check_kinds, span_of
from headgate.scenario.prior import PriorChange, read_priors
from headgate.source import MARKS

FOLDER = Path(__file__).parent.parent / "data" / "scenarios"
TOP = ("id", "title", "says", "status", "evidence", "from", "note", "source", "parameter", "facts")
VERBS: Mapping[str, tuple[str, ...]] = {
    "set": ("threshold", "value"),
    "repeal": ("provisions",),
    "keep": ("provisions", "lists", "as_of"),
    "enforce": ("provisions",),
    "span": ("provision", "version", "end"),
    "list": ("list", "add", "remove"),
    "provision": (),
}
OPTIONAL = ("lists", "version", "end", "add", "remove")
Setting = float | str | bool | date


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a text leaves open: a value of ours that anyone may change, and why it is the one it is."""

    name: str
    value: Setting
    says: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what is done, to what, and on which days `[start, end)`."""

    verb: str
    start: date
    end: date | None
    table: Mapping[str, Any]
    made: Provision | None = None


@dataclass(frozen=True)
class Scenario:
    """A scenario as read.

    Args:
        id: Its name.
        title: In a few words.
        says: What it does, in a sentence.
        status: Where the text stands.
        evidence: How well its text is known, one of `headgate.source.MARKS`.
        start: Its first day.
        sources: Title and address of what it was read from.
        parameters: What the text leaves open.
        changes: What it changes, in order.
        facts: Facts to state of the chips of a trial, beside the clean ones, so that the change can show.
        note: What a reader should know.
        priors: What it changes of the assumptions of the world, in order; the world checks the ids.
        unknown: Ids that exist but are not known on the day of knowledge.
    """

    id: str
    title: str
    says: str
    status: str
    evidence: str
    start: date
    sources: tuple[Mapping[str, str], ...]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    priors: tuple[PriorChange, ...] = ()
    unknown: frozenset[str] = frozenset()

    def days(self) -> tuple[date, ...]:
        """Return every day on which some change begins, in order; the scenario's first day if it changes nothing."""
        return tuple(sorted({c.start for c in self.changes})) or (self.start,)


def names() -> tuple[str, ...]:
    """Return the ids of the scenario files of the package.

    Example:
        >>> "h20-letters-lifted" in names()
        True
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def find(name: str) -> Path:
    """Return the file of a scenario: a path, or the id of one of the package's.

    Raises:
        UsageError: There is no such file; the message lists near names.
    """
    for path in (FOLDER / f"{name}.toml", Path(name)):
        if path.is_file():
            return path
    raise UsageError(
        f"there is no scenario {name!r}.{did_you_mean(name, names())} `headgate law try` lists them all; "
        "one of your own is given as the path to its .toml file"
    )


def read_scenario(name: str, settings: Mapping[str, str] | None = None) -> Scenario:
    """Read a scenario.

    Args:
        name: A path, or the id of one of the package's scenarios.
        settings: Parameter to another value, as text.

    Raises:
        UsageError: There is no such scenario or parameter, or a value is of the wrong kind.
        BookError: The file is malformed; the message says where.
    """
    path = find(name)
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BookError(f"{path}: the file is not valid TOML: {problem}") from None
    where = path.name
    check_keys(table, (*TOP, *VERBS, "prior"), ("id", "title", "says", "status", "evidence", "from", "source"), where)
    if table["evidence"] not in MARKS:
        raise BookError(f"{where}: evidence {table['evidence']!r} is none of {', '.join(MARKS)}")
    parameters = {p.name: p for p in _parameters(table.get("parameter", {}), settings or {}, where)}
    table = {k: v if k == "parameter" else _fill(v, parameters, where) for k, v in table.items()}
    check_kinds({k: v for k, v in table.items() if k in TOP}, where)
    tables = {"source": table["source"], **{verb: table.get(verb, []) for verb in (*VERBS, "prior")}}
    for key, each in tables.items():
        if not isinstance(each, list) or not all(isinstance(t, dict) for t in each):
            raise BookError(f"{where}: {key} is {each!r}; write [[{key}]] tables")
    if not table["source"]:
        raise BookError(f"{where}: name at least one [[source]]")
    for source in table["source"]:
        check_keys(source, ("title", "url"), ("title",), f"{where}, source")
        check_kinds(source, f"{where}, source")
    if not isinstance(table.get("facts", {}), dict):
        raise BookError(f"{where}: facts is {table['facts']!r}; write a [facts] table")
    return Scenario(
        id=table["id"],
        title=table["title"],
        says=table["says"],
        status=table["status"],
        evidence=table["evidence"],
        start=table["from"],
        sources=tuple(table["source"]),
        parameters=parameters,
        changes=tuple(_change(verb, c, table["from"], where) for verb in VERBS for c in table.get(verb, ())),
        facts=table.get("facts", {}),
        note=table.get("note", ""),
        priors=read_priors(table.get("prior", ()), table["from"], where),
    )


def _parameters(table: Mapping[str, Any], settings: Mapping[str, str], where: str) -> Iterable[Parameter]:
    if not isinstance(table, dict) or not all(isinstance(each, dict) for each in table.values()):
        raise BookError(f"{where}: write each parameter as a [parameter.NAME] table")
    for name in settings:
        if name not in table:
            raise UsageError(f"--param {name}: {where} has no such parameter.{_known_parameters(name, table)}")
    for name, each in table.items():
        check_keys(each, ("value", "says", "unit"), ("value", "says"), f"{where}, parameter {name}")
        value = _as(each["value"], settings[name], name) if name in settings else each["value"]
        yield Parameter(name, value, each["says"], each.get("unit", ""))


def _known_parameters(name: str, table: Mapping[str, Any]) -> str:
    near = did_you_mean(name, table) or (f" It has {', '.join(table)}." if table else " It has none.")
    return f"{near} `headgate law try` shows each scenario on trial with its parameters"


def _as(like: Setting, text: str, name: str) -> Setting:
    """Read a setting as a value of the same kind as the one it replaces."""
    try:
        if isinstance(like, bool):
            return {"yes": True, "true": True, "no": False, "false": False}[text.strip().casefold()]
        if isinstance(like, date):
            return date.fromisoformat(text)
        if isinstance(like, str):
            return text
        number = float(text)
        if not 0 <= number < float("inf"):
            raise ValueError
        return number
    except (KeyError, ValueError):
        kind = {bool: "yes or no", date: "a day, as 2026-01-31"}.get(type(like), "a number of 0 or more")
        raise UsageError(f"--param {name}: {text!r} is not {kind}") from None


def _fill(value: Any, parameters: Mapping[str, Parameter], where: str) -> Any:
    """Put the parameters in: a value that is `$name` as a whole, or `$name` within the text of an expression."""
    if isinstance(value, dict):
        return {k: _fill(v, parameters, where) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(v, parameters, where) for v in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    if value[1:] in parameters and value[0] == "$":
        return parameters[value[1:]].value

    def told(found: re.Match[str]) -> str:
        if found[1] not in parameters:
            near = did_you_mean(found[1], parameters)
            raise BookError(f"{where}: {found[0]} names a parameter that the file does not state.{near}")
        return str(parameters[found[1]].value)

    return re.sub(r"\$(\w*)", told, value)


def _change(verb: str, table: Mapping[str, Any], first: date, where: str) -> Change:
    where = f"{where}, {verb}"
    if verb == "provision":
        made = read_provision({"start": first, **table}, where)
        if not made.id.startswith("draft."):
            raise BookError(f"{where} {made.id}: the id of a provision on trial begins with 'draft.'")
        start, end = made.binds.start, made.end
        if made.stage == "exempt" and not (made.exception and made.covers):
            raise BookError(f"{where} {made.id}: an exemption names its `exception` and the ids it `covers`")
        if start < first:
            raise BookError(f"{where} {made.id}: it begins on {start}, before the scenario does ({first})")
        return Change(verb, start, end, table, made)
    known = (*VERBS[verb], *WHEN)
    optional = (*OPTIONAL, "provisions") if verb == "enforce" or "lists" in table else OPTIONAL
    check_keys(table, known, [k for k in VERBS[verb] if k not in optional], where)
    check_kinds(table, where)
    start, end = span_of(table, first, where)
    if verb == "keep" and table["as_of"] > start:
        raise BookError(f"{where}: as_of {table['as_of']} lies after {start}, from which on it is to be kept")
    return Change(verb, start, end, table)


def exactly(id: str, known: Iterable[str], what: str) -> None:
    """Refuse an id that names nothing; the message lists near names."""
    known = tuple(known)
    if id not in known:
        raise BookError(f"there is no {what} {id!r}.{did_you_mean(id, known)}")


def matching(patterns: Iterable[str], known: Iterable[str], what: str) -> frozenset[str]:
    """Return the ids that some patterns name; `*` stands for any ending.

    Raises:
        BookError: A pattern matches nothing; the message lists near names.

    Example:
        >>> sorted(matching(["us.a*"], ["us.ab", "us.ac", "us.b"], "provision"))
        ['us.ab', 'us.ac']
    """
    known = tuple(known)
    found: set[str] = set()
    for pattern in patterns:
        hits = [k for k in known if fnmatchcase(k, pattern)]
        if not hits:
            raise BookError(f"there is no {what} {pattern!r}.{did_you_mean(pattern, known)}")
        found.update(hits)
    return frozenset(found)
