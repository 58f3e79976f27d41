"""A draft of a map, guessed from headings and values. Every guess says why; nothing of the law is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headgate.decide.columns import COLUMNS
from headgate.decide.mapping.guess_values import (
    NO_DAYS,
    country_language,
    decimal_sign,
    guess_dates,
    guess_unit,
    unreadable,
    unusual,
)
from headgate.decide.mapping.peek import Peek, look
from headgate.decide.mapping.readings import UNDECIDED
from headgate.decide.mapping.vocabulary import GUESSABLE, SPARSE, Meaning, meanings
from headgate.decide.read import TYPED

DOLLARS = ("USD", "US$", "US-Dollar", "美元")
PARTS = ("(document)", "(item number)", "(currency)", "(price unit)")


@dataclass(frozen=True, slots=True)
class Guess:
    """One line of a draft.

    Args:
        table: The table of the map that it stands in.
        key: A heading of the file, or a column of ours.
        value: What the map says of it.
        because: Why.
        kind: `guess`; `legal` and `choice` are for a person to say, and are written as comments.
    """

    table: str
    key: str
    value: object
    because: str
    kind: str = "guess"


@dataclass(slots=True)
class Draft:
    """A draft of a map.

    Args:
        peek: What was seen of the file.
        guesses: Its lines, table by table.
        unknown: Headings for which no column was found; nothing is chosen for them, so that they stop a run.
        own: Headings that are names of our columns.
    """

    peek: Peek
    guesses: list[Guess] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)

    def seen(self, heading: str) -> str:
        """Say what stands under a heading."""
        values = self.peek.values(heading)
        if SPARSE.search(heading):
            return f"A rate with sparsity is twice the dense one, and no fact of the law. Here stands {_few(values)}"
        return f"Here stands {_few(values)}" if values else "All rows seen are blank"

    def count(self, kind: str) -> int:
        """Return how many lines are of a kind."""
        kinds = [g.kind for g in self.guesses] + ["choice" for _ in self.unknown]
        kinds += ["choice" if value == UNDECIDED else "guess" for value, why in self.peek.file.values() if why]
        return kinds.count(kind)


def suggest(path: Path, sheet: str | None = None, heading_row: int | None = None) -> Draft:
    """Guess a map for a file.

    Args:
        path: An order book of any kind.
        sheet: The sheet of a workbook.
        heading_row: The row of its headings; None to find it.

    Raises:
        UsageError: The file cannot be used.
    """
    draft = Draft(look(path, sheet, heading_row))
    headings = draft.peek.frame.columns
    draft.own = [h for h in headings if h in COLUMNS]
    found = {h: meanings(h) for h in headings}
    taken = _parts(draft, found)
    chosen = _columns(draft, {h: m for h, m in found.items() if h not in taken})
    _readings(draft, chosen)
    if "activity" not in draft.own and not any(g.value == "activity" for g in draft.guesses):
        why = "no heading says what is done"
        draft.guesses.append(Guess("constants", "activity", "export", why, "legal"))
    told = {g.key for g in draft.guesses} | taken
    draft.unknown = [h for h in headings if h not in told and h not in draft.own]
    return draft


def _parts(draft: Draft, found: dict[str, list[Meaning]]) -> set[str]:
    """Put together the name of a line, and check prices; return the headings used for it."""
    by_part: dict[str, list[str]] = {part: [] for part in PARTS}
    for heading, means in found.items():
        for m in means:
            if m.column in by_part and m.strength == 2:
                by_part[m.column].append(heading)
    taken: set[str] = set()
    documents, items = by_part["(document)"], by_part["(item number)"]
    single = any(m.column == "line_id" and m.strength == 2 for means in found.values() for m in means)
    if documents and items and not single:
        pair = [documents[0], items[0]]
        frame = draft.peek.frame.select(pair)
        if frame.is_unique().all():
            why = f"one names the order, the other its line; together all {frame.height:,} rows seen differ"
            draft.guesses.append(Guess("join", "line_id", pair, why))
        else:
            why = "one names the order, the other its line, yet rows repeat; every line needs a name of its own"
            draft.guesses.append(Guess("join", "line_id", pair, why, "choice"))
        taken |= set(pair)
    for part, wanted, why in (
        ("(currency)", DOLLARS, "a price in another currency is no price in dollars"),
        ("(price unit)", ("1", "1.0"), "a price for several pieces is no price of one"),
    ):
        for heading in by_part[part]:
            seen = draft.peek.values(heading)
            kind = "guess" if seen and set(seen) <= set(wanted) else "choice"
            told = why if kind == "guess" else f"{why}, and here stands {_few(seen)}"
            draft.guesses.append(Guess("only", heading, seen if kind == "guess" else [wanted[0]], told, kind))
            taken.add(heading)
    return taken


def _columns(draft: Draft, found: dict[str, list[Meaning]]) -> dict[str, str]:
    """Choose a heading for each column; return those that are guessed."""
    rivals: dict[str, list[str]] = {}
    for heading, means in found.items():
        for m in (m for m in means if m.column in COLUMNS):
            rivals.setdefault(m.column, []).append(heading)
    chosen: dict[str, str] = {h: h for h in draft.own}
    for heading, means in found.items():
        if heading in chosen:
            continue
        known = [m for m in means if m.column in COLUMNS]
        for m in known:
            beside = [h for h in rivals[m.column] if h != heading and _strength(found[h], m.column) >= m.strength]
            # A heading that could be several things stands back behind one that can be this alone.
            beside = [h for h in beside if sum(k.column in COLUMNS for k in found[h]) == 1]
            kind = "guess"
            why = m.why
            if m.column not in GUESSABLE:
                kind = "legal"
            elif len(known) > 1:
                kind = "choice"
                why = f"it could be {' or '.join(k.column for k in known)}"
            elif beside:
                kind = "choice"
                why = f"{m.why}; so is {' and '.join(map(repr, beside))}"
            else:
                chosen[heading] = m.column
            told = f"{why}{_beware(draft, m.column)}. {draft.seen(heading)}"
            draft.guesses.append(Guess("columns", heading, m.column, told, kind))
    return chosen


def _beware(draft: Draft, column: str) -> str:
    """Return what a person should look at in a column before all."""
    if column == "event_date":
        return "; its day chooses the law, so check that it is the day of the export"
    if column == "unit_price_usd" and not any(g.table == "only" for g in draft.guesses):
        return "; no heading names the currency, so check that it is dollars"
    return ""


def _strength(means: Sequence[Meaning], column: str) -> int:
    return max((m.strength for m in means if m.column == column), default=0)


def _readings(draft: Draft, chosen: dict[str, str]) -> None:
    """Guess how the cells of the chosen columns are read: signs, days, units, countries."""
    peek = draft.peek
    numbers = {h: peek.values(h) for h, c in chosen.items() if COLUMNS[c].kind in ("number", "share")}
    written = {h: values for h, values in numbers.items() if not peek.frame[h].dtype.is_numeric()}
    told = decimal_sign((v for values in written.values() for v in values), peek.path.suffix.casefold() in TYPED)
    sign = None if told is None else told[0]
    if told is not None:
        odd = "".join(f"; {text}" for h in written if (text := unusual(chosen[h], written[h])))
        peek.file["decimal"] = (told[0], told[1] + (odd if sign == UNDECIDED else ""))
    for heading, column in chosen.items():
        values = peek.values(heading)
        if COLUMNS[column].kind == "day":
            blanks = [v for v in values if v in NO_DAYS]
            draft.guesses += [
                Guess(f"values.{column}", v, "", "this is how a system writes that there is no day") for v in blanks
            ]
            days = [v for v in values if v not in NO_DAYS]
            draft.guesses += [Guess("dates", heading, form, why, kind) for form, why, kind in guess_dates(days)]
        if heading in numbers:
            # A number that nobody can read yet is in no unit that its size betrays.
            cells = [] if sign == UNDECIDED and heading in written else values
            draft.guesses += [Guess("units", heading, u, why) for u, why in guess_unit(column, heading, cells, sign)]
    places = [v for h, c in chosen.items() if COLUMNS[c].kind == "country" for v in peek.values(h)]
    language = country_language(places)
    if language is not None:
        peek.file["language"] = language
    for heading, column in chosen.items():
        for value, why in unreadable(column, peek.values(heading), str((language or ("",))[0])):
            draft.guesses.append(Guess(f"values.{column}", value, "", why, "choice"))


def _few(values: Sequence[str], most: int = 3) -> str:
    return ", ".join(v if len(v) < 30 else f"{v[:28]}…" for v in values[:most]) + (
        ", ..." if len(values) > most else ""
    )
