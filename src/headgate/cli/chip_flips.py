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
    from headgate.catalog.country_names import find_country
    from headgate.cli.text import emit, prose_width, say
    from headgate.cli.under import chosen, said
    from headgate.decide.turns import turns

    by = chosen(args)
    record = by.catalog.find(args.id)
    to = find_country(args.to) if args.to else None
    found = turns(by, record.id, to)
    if args.json:
        for turn in found:
            emit(as_record(by, record, turn))
        return 0
    say(said(args))
    say(_shown(by, record, found, args, prose_width()))
    return 0


def as_record(by: "Decider", record: "Record", turn: "Turn") -> dict[str, object]:
    """Return a turn for JSON."""
    from headgate.decide.everywhere.answers import CLEAN_WORDS

    cites = {id: by.book.versions(id)[-1].cite for id in turn.provisions}
    return {
        "item": record.id,
        "day": turn.day,
        "read": turn.day <= by.book.read_on,
        "track": turn.track,
        "what": turn.what,
        "before": _answer(turn.before) if turn.before else None,
        "after": _answer(turn.after),
        "provisions": [{"id": id, "section": c.section, "published": c.published} for id, c in cites.items()],
        "missing": list(turn.missing),
        "lists": [{"list": c.list_id, "country": c.country, "joins": c.joins, "cite": c.cite} for c in turn.lists],
        "destinations": list(turn.destinations),
        "assumed": f"{FROM} {CLEAN_WORDS}",
    }


def _answer(a: "Answer") -> dict[str, object]:
    return {"outcome": a.outcome, "review_policy": a.review_policy, "exceptions": list(a.exceptions)}


def _shown(
    by: "Decider", record: "Record", found: Sequence["Turn"], args: argparse.Namespace, width: int
) -> Iterator[str]:
    from headgate.catalog.country_names import country_name, find_country
    from headgate.cli.text import wrap
    from headgate.decide.everywhere.answers import CLEAN_WORDS

    where = f" TO {country_name(find_country(args.to))}" if args.to else ""
    yield f"WHEN THE ANSWER FOR {record.id}{where} TURNED".upper()
    for line in (f"{record.name}. {FROM} {CLEAN_WORDS}", "Both texts turn alike, unless a line says which."):
        yield from wrap(line, width, "  ")
    hidden = [t for t in found if t.track == "printed" and not (args.printed or args.to)]
    first = [t for t in found if t.before is None and t not in hidden]
    if not found:
        yield from ("", *wrap("Never: no license required for any destination on any day of the book.", width, "  "))
    if first:
        yield ""
        yield from _first(first, bool(args.to), width)
    day, late = None, False
    for turn in found:
        if turn in hidden or turn in first:
            continue
        if turn.day > by.book.read_on and not late:
            late = True
            said = f"-- the law was last read on {by.book.read_on}; what follows was known by then --"
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
    from headgate.cli.law_map import names

    if len(codes) > MOST_NAMED and not whole:
        first = ", ".join(codes[:MOST_NAMED])
        return f"{len(codes)} destinations: {first}, ..."
    return ", ".join(names(codes)) if len(codes) <= 8 else f"{len(codes)} destinations: {', '.join(codes)}"


def _causes(by: "Decider", turn: "Turn", whole: bool) -> str:
    """Name what caused a turn: sections with ids, and the countries that joined or left a list."""
    from headgate.cli.changes import list_words
    from headgate.decide.chain import short_section

    ids = turn.provisions if whole else turn.provisions[:MOST_CAUSES]
    said = [f"{short_section(by.book.versions(id)[-1])} ({id})" for id in ids]
    if len(ids) < len(turn.provisions):
        said.append(f"{len(turn.provisions) - len(ids)} more")
    if turn.lists:
        cites = ", ".join(dict.fromkeys(c.cite for c in turn.lists))
        said = [f"{words_} [{cites}]" for words_ in list_words(turn.lists)][:3] + said
    return "; ".join(said)
