"""`headgate chip flips`: when the answer for a chip changed, for which destinations, and by which provision."""

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from headgate.cli.pictures import add_scenario

if TYPE_CHECKING:
    from headgate.catalog.record import Record
    from headgate.decide.everywhere.answers import Answer
    from headgate.decide.one import Decider
    from headgate.decide.turns import Turn

MOST_CAUSES = 2
MOST_NAMED = 24
FROM = "Exported from the United States."
NONE = "No license required means: none under the provisions that `headgate law list` shows. Not legal advice."


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `chip flips`."""
    parser.add_argument("--to", metavar="COUNTRY", help="only this destination, from its first answer on")
    parser.add_argument("--all", action="store_true", help="name every destination and every provision")
    parser.add_argument("--printed", action="store_true", help="also where the printed text alone turns")
    add_scenario(parser)


def run_flips(args: argparse.Namespace) -> int:
    """Find the turns of a chip's answer and print them."""
    from headgate.catalog.country_names import countries
    from headgate.cli.text import emit, prose_width, say
    from headgate.cli.under import chosen, present, said
    from headgate.decide.summary import overdue_lines
    from headgate.decide.turns import turns

    by = chosen(args)
    record = by.catalog.find(args.id)
    to = countries().written(args.to) if args.to is not None else None
    found = turns(by, record.id, to)
    if args.json:
        for turn in found:
            emit(as_record(by, record, turn))
        return 0
    say([*said(args), *overdue_lines(by.book, present(args), prose_width())])
    say(_shown(by, record, found, to, args, prose_width()))
    return 0


def as_record(by: "Decider", record: "Record", turn: "Turn") -> dict[str, object]:
    """Return a turn for JSON."""
    from headgate.catalog.country_names import countries
    from headgate.decide.everywhere.answers import CLEAN_WORDS, in_force

    found = [in_force(by.book, id, turn.day, turn.track) for id in turn.provisions]
    counted = countries().counted_as
    return {
        "item": record.id,
        "day": turn.day,
        "read": turn.day <= by.book.read_on,
        "track": turn.track,
        "what": turn.what,
        "before": _answer(turn.before) if turn.before else None,
        "after": _answer(turn.after),
        "provisions": [
            {"id": p.id, "section": p.cite.section, "published": p.cite.published, "mark": p.mark} for p in found
        ],
        "missing": list(turn.missing),
        "lists": [{"list": c.list_id, "country": c.country, "joins": c.joins, "cite": c.cite} for c in turn.lists],
        "destinations": list(turn.destinations),
        "counts_as": {code: counted[code] for code in turn.destinations if code in counted},
        "flags": list(turn.flags),
        "evidence": turn.evidence,
        "law_version": by.book.version,
        "assumed": f"{FROM} {CLEAN_WORDS}",
    }


def _answer(a: "Answer") -> dict[str, object]:
    return {"outcome": a.outcome, "review_policy": a.review_policy, "exceptions": list(a.exceptions)}


def _shown(
    by: "Decider", record: "Record", found: Sequence["Turn"], to: str | None, args: argparse.Namespace, width: int
) -> Iterator[str]:
    from headgate.catalog.country_names import countries
    from headgate.cli.text import wrap
    from headgate.decide.everywhere.answers import CLEAN_WORDS

    known = countries()
    where = f" TO {known.names[to]}" if to else ""
    yield f"WHEN THE ANSWER FOR {record.id}{where} TURNED".upper()
    lines = [f"{record.name}. {FROM} {CLEAN_WORDS}", *filter(None, [known.counted_words(to or "")])]
    as_of = f"As of {by.book.read_on}: the law was not read after that day; what changed since is not known here."
    for line in (*lines, as_of, "Both texts turn alike, unless a line says which."):
        yield from wrap(line, width, "  ")
    hidden = [t for t in found if t.track == "printed" and not (args.printed or to)]
    first = [t for t in found if t.before is None and t not in hidden]
    if not found:
        yield from ("", *wrap("Never: no license required for any destination on any day of the book.", width, "  "))
    if first:
        yield ""
        yield from _first(first, bool(to), width)
    day, late = None, False
    for turn in found:
        if turn in hidden or turn in first:
            continue
        if turn.day > by.book.read_on and not late:
            late = True
            said = (
                f"-- the law was last read on {by.book.read_on}; what follows was known by then, and is unverified --"
            )
            yield from ("", *wrap(said, width))
        if turn.day != day:
            day = turn.day
            yield ""
        yield from _lines(by, turn, args, width)
    yield ""
    if hidden:
        days = dict.fromkeys(str(t.day) for t in hidden)
        yield from wrap(f"The printed text alone turned on {', '.join(days)}: --printed shows it.", width)
    yield from wrap(NONE, width)


def _first(turns: Sequence["Turn"], is_one: bool, width: int) -> Iterator[str]:
    """Yield the answers on the first day of the book, one line each."""
    from headgate.cli.law_map import names
    from headgate.cli.text import wrap

    together: dict[str, list[str]] = {}
    for t in turns:
        track = "" if t.track == "both" else f" ({t.track})"
        together.setdefault(f"{words(t.after)}{track}", []).extend(t.destinations)
    for answer, codes in together.items():
        who = "" if is_one else f": {', '.join(names(codes))}"
        yield from wrap(f"at first: {answer}{who}", width, f"{turns[0].day}  ", " " * 12)


def _lines(by: "Decider", turn: "Turn", args: argparse.Namespace, width: int) -> Iterator[str]:
    """Yield one turn: the day and the answers, the destinations, and what caused it."""
    from headgate.cli.text import wrap

    track = "" if turn.track == "both" else f" ({turn.track})"
    before = words(turn.before) if turn.before else "none"
    yield from wrap(f"{before} -> {words(turn.after)}{track}", width, f"{turn.day}  ", " " * 12)
    if not args.to:
        yield from wrap(_destinations(turn.destinations, args.all), width, " " * 12, " " * 12)
    if caused := _causes(by, turn, args.all):
        yield from wrap(caused, width, " " * 12 + "by ", " " * 15)
    if turn.missing:
        yield from wrap(", ".join(turn.missing[:MOST_CAUSES]), width, " " * 12 + "ask ", " " * 16)


def words(a: "Answer") -> str:
    """Say an answer in a few words.

    Example:
        >>> from headgate.decide.everywhere.answers import Answer
        >>> words(Answer("exception_available", "", ("NAC",), ()))
        'License exception NAC'
    """
    from headgate.decide.everywhere.answers import WORDS

    opened = f" {', '.join(a.exceptions)}" if a.outcome == "exception_available" and a.exceptions else ""
    return f"{WORDS[a.kind]}{opened}"


def _destinations(codes: Sequence[str], whole: bool) -> str:
    from headgate.catalog.country_names import countries
    from headgate.cli.law_map import names

    if len(codes) <= 8:
        return ", ".join(names(codes))
    counted = countries().counted_as
    shown = [f"{c} (counts as {counted[c]})" if c in counted else c for c in codes]
    cut = len(codes) > MOST_NAMED and not whole
    return f"{len(codes)} destinations: {', '.join(shown[:MOST_NAMED] if cut else shown)}{', ...' if cut else ''}"


def _causes(by: "Decider", turn: "Turn", whole: bool) -> str:
    """Name what caused a turn: sections with ids, and the countries that joined or left a list."""
    from headgate.cli.changes import list_words
    from headgate.cli.law_map import provision_words

    most = len(turn.provisions) if whole else MOST_CAUSES
    said = provision_words(by, turn.provisions, turn.day, turn.track, most)
    if turn.lists:
        cites = ", ".join(dict.fromkeys(c.cite for c in turn.lists))
        said = [f"{words_} [{cites}]" for words_ in list_words(turn.lists)][:3] + said
    return "; ".join(said)
