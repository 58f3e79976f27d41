"""`headgate law`: the provisions, one by one and through time."""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from headgate.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.law.book import Book
    from headgate.law.provision import Provision

PURPOSE = "Show the law: its provisions, their versions, and what changed when."
COMMANDS: Mapping[str, tuple[str, str]] = {
    "list": ("List the provisions, grouped by stage.", "headgate law list --on 2026-02-15 --stage require"),
    "show": ("Show one provision in every version.", "headgate law show us.ear.3a090.a.1"),
    "timeline": ("Show on one screen what changed when.", "headgate law timeline"),
    "diff": (
        "Show what differs between two days, and which catalog chips flip for which destinations.",
        "headgate law diff 2023-10-22 2023-11-18",
    ),
    "coverage": (
        "Show every section of the law as modeled, partial or not modeled, with the reason.",
        "headgate law coverage --state partial",
    ),
    "try": (
        "Try a bill, a draft or an old rule: which chips and which order lines get another answer.",
        "headgate law try h20-letters-lifted examples/orders.csv",
    ),
}


def add(commands: Any) -> None:
    """Add `law` and its commands to the parser."""
    from headgate.cli import law_map, trial
    from headgate.cli.coverage import add_options, run_coverage

    raw = argparse.RawDescriptionHelpFormatter
    examples = "\n".join(f"  {example}" for _, example in (*COMMANDS.values(), law_map.HELP))
    law = commands.add_parser(
        "law", help=PURPOSE, description=PURPOSE, epilog=f"Example:\n{examples}\n", formatter_class=raw
    )
    verbs = law.add_subparsers(title="commands", metavar="COMMAND", required=True)
    made = {
        name: verbs.add_parser(
            name, help=says, description=says, epilog=f"Example:\n  {example}\n", formatter_class=raw
        )
        for name, (says, example) in {**COMMANDS, "map": law_map.HELP}.items()
    }
    law_map.add_options(made["map"])
    made["list"].add_argument("--on", metavar="DAY", help="only what binds on this day, YYYY-MM-DD")
    made["list"].add_argument("--stage", metavar="STAGE", help="only this stage: classify, scope, require, exempt, ...")
    made["show"].add_argument("id", metavar="ID", help="a provision id, from `headgate law list`")
    made["timeline"].add_argument("--all", action="store_true", help="every day, also those of smaller changes")
    made["diff"].add_argument("first", metavar="DAY", help="the earlier day, YYYY-MM-DD")
    made["diff"].add_argument("second", metavar="DAY", help="the later day, YYYY-MM-DD")
    add_options(made["coverage"])
    trial.add_options(made["try"])
    runs = {"list": run_list, "show": run_show, "timeline": run_timeline, "diff": run_diff}
    runs |= {"coverage": run_coverage, "try": trial.run_try, "map": law_map.run_map}
    for name, run in runs.items():
        made[name].add_argument("--json", action="store_true", help="print one JSON object a line")
        made[name].set_defaults(run=run)


def _book() -> "Book":
    from headgate.law.us import book

    return book()


def run_list(args: argparse.Namespace) -> int:
    """Print the provisions, grouped by stage."""
    from headgate.cli.text import emit, read_day, say, terminal_width
    from headgate.law.provision import STAGES

    if args.stage is not None and args.stage not in STAGES:
        near = did_you_mean(args.stage, STAGES)
        raise UsageError(f"--stage {args.stage}: no such stage.{near} The stages are {', '.join(STAGES)}")
    day = read_day("--on", args.on) if args.on else None
    stages = [args.stage] if args.stage else STAGES
    found = [p for p in _book().provisions if day is None or day in p.binds]
    for stage in stages:
        inside = [p for p in found if p.stage == stage]
        if args.json:
            for p in inside:
                emit(as_record(p))
        elif inside:
            count = f"{len(inside)} provision{'s' if len(inside) > 1 else ''}"
            say([f"{stage.upper().replace('_', ' ')} ({count})".upper(), *_listed(inside, terminal_width()), ""])
    return 0


def _listed(provisions: Iterable["Provision"], width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    for p in provisions:
        track = "" if p.track == "both" else f", {p.track} only"
        yield f"  {p.id}  {span_words(p)}, {p.mark}{track}"
        yield from wrap(p.says, width, "      ")


def span_words(p: "Provision") -> str:
    """Say from when to when a provision binds, both days included.

    Example:
        >>> from headgate.law.us import book
        >>> span_words(book().versions("us.ear.3a090.2022")[0])
        '2022-10-21 to 2023-11-16'
    """
    from datetime import timedelta

    return f"{p.binds.start} to {p.end - timedelta(days=1)}" if p.end else f"from {p.binds.start}"


def as_record(p: "Provision") -> dict[str, object]:
    """Return a provision as an object for JSON."""
    from headgate.law.fields import WORDS

    return {
        "id": p.id,
        "stage": p.stage,
        "says": p.says,
        "start": p.start,
        "binds_from": p.binds.start,
        "end": p.end,
        "ended_by": str(p.ended_by) if p.ended_by else "",
        "published_on": p.cite.published_on,
        "known_from": p.known_from,
        "review_by": p.review_by,
        "track": p.track,
        "mark": p.mark,
        "section": p.cite.section,
        "published": p.cite.published,
        "url": p.cite.url,
        "read_on": p.cite.read_on,
        "when": expression_words(p, WORDS),
        "thresholds": [{"id": t.id, "value": t.value, "unit": t.unit} for t in p.thresholds()],
        "refers_to": list(p.refers_to()),
        "eccn": p.eccn,
        "paragraph": p.paragraph,
        "exception": p.exception,
        "covers": list(p.covers),
        "needs": list(p.needs),
        "policy": p.policy,
        "rate": p.rate,
        "flag": p.flag,
        "weight": p.weight,
        "prohibits": p.prohibits,
        "note": p.note,
    }


def expression_words(p: "Provision", names: Mapping[str, str]) -> str:
    """Return a provision's condition as a sentence; a reference stands as the other provision's id."""
    from headgate.decide.chain import named
    from headgate.expr.words import words

    return words(named(p.when), names, lambda id: f"[{id}]")


def run_show(args: argparse.Namespace) -> int:
    """Print one provision in every version."""
    from headgate.cli.text import emit, prose_width, say

    book = _book()
    versions = book.versions(args.id)
    if args.json:
        for p in versions:
            emit(as_record(p) | {"referred_to_by": referring(book, p.id)})
        return 0
    for p in versions:
        say(_shown(book, p, prose_width()))
    return 0


def referring(book: "Book", id: str) -> list[str]:
    """Return the ids of the provisions that build on one, cover it, or take precedence over it."""
    return list(dict.fromkeys(p.id for p in book.provisions if id in (*p.refers_to(), *p.covers, *p.over)))


def _shown(book: "Book", p: "Provision", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap
    from headgate.decide.prose import number
    from headgate.law.fields import WORDS

    yield p.id
    yield from wrap(p.says, width, "  ")
    effect = f"effective {p.start}"
    binds = f"; duties bind from {p.binds_from}" if p.binds_from else ""
    end = f"; no longer in effect from {p.end}" if p.end else "; no end"
    gives = {
        "ECCN": p.paragraph,
        "exception": p.exception,
        "review policy": p.policy.replace("_", " "),
        "duty": f"{p.rate:.0%}" if p.rate is not None else "",
        "prohibits": "yes" if p.prohibits else "",
        "flag": p.flag,
        "weight": p.weight,
        "to be done": ", ".join(p.needs),
        "covers": ", ".join(p.covers),
        "goes before": ", ".join(p.over),
    }
    limits = "; ".join(f"{t.id} = {number(t.value)} {t.unit}".strip() for t in p.thresholds())
    lines = {
        "stage": p.stage.replace("_", " "),
        "dates": effect + binds + end,
        "track": {"both": "printed and enforced", "printed": "printed only", "enforced": "enforced only"}[p.track],
        "condition": expression_words(p, WORDS),
        "thresholds": limits,
        **gives,
        "citation": str(p.cite),
        "address": p.cite.url,
        "published on": str(p.cite.published_on) if p.cite.published_on else "",
        "read on": p.cite.read_on,
        "known from": str(p.known_from),
        "ended by": str(p.ended_by) if p.ended_by else "",
        "review by": str(p.review_by) if p.review_by else "",
        "evidence": p.mark.replace("_", " "),
        "note": p.note,
        "refers to": ", ".join(p.refers_to()),
        "used by": ", ".join(referring(book, p.id)),
    }
    for name, text in lines.items():
        if text:
            yield from wrap(text, width, f"  {name + ':':<15}")
    yield ""


def run_timeline(args: argparse.Namespace) -> int:
    """Print what changed when, on one screen."""
    from headgate.catalog.countries import country_lists
    from headgate.cli.changes import MOST_LINES, as_change, as_list_change, timeline_lines
    from headgate.cli.text import emit, say, terminal_width
    from headgate.law.history import timeline

    book = _book()
    days = timeline(book, [entry for entries in country_lists().entries.values() for entry in entries])
    if not args.json:
        say(timeline_lines(days, book.read_on, terminal_width(), None if args.all else MOST_LINES))
        return 0
    for d in days:
        emit(
            {
                "day": d.day,
                "read": d.day <= book.read_on,
                "changes": [as_change(c) for c in d.changes],
                "lists": [as_list_change(c) for c in d.lists],
            }
        )
    return 0


def run_diff(args: argparse.Namespace) -> int:
    """Print what differs between two days, and which chips flip."""
    from headgate.catalog.countries import country_lists
    from headgate.cli.changes import diff_lines, diff_records
    from headgate.cli.text import emit, prose_width, read_day, say
    from headgate.decide.flips import flips
    from headgate.decide.one import decider
    from headgate.law.history import between, list_changes

    first, second = read_day("law diff", args.first), read_day("law diff", args.second)
    _check_days(first, second)
    entries = [entry for entries in country_lists().entries.values() for entry in entries]
    changes = between(_book(), first, second)
    lists = list_changes(entries, first, second)
    found = flips(decider(), first, second)
    if args.json:
        for record in diff_records(changes, lists, found):
            emit(record)
    else:
        say(diff_lines((first, second), changes, lists, found, prose_width()))
        if second > _book().read_on:
            print(f"\nThe law was last read on {_book().read_on}; what changed after that day is not known here.")
    return 0


def _check_days(first: date, second: date) -> None:
    book = _book()
    if first < book.begins:
        raise UsageError(f"law diff {first}: the book begins on {book.begins}; give that day or a later one")
    if second <= first:
        raise UsageError(f"law diff {first} {second}: give the earlier day first, and two different days")
