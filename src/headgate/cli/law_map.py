"""`headgate law map`: what an item needs for every destination, as a table and as a world map."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING
from unicodedata import normalize

from headgate.cli.pictures import add_picture, add_scenario, check_picture, draw

if TYPE_CHECKING:
    from headgate.catalog.record import Record
    from headgate.decide.everywhere.answers import Destination, Group
    from headgate.decide.one import Decider

HELP = (
    "Show for every destination what an item needs, as a table and a world map.",
    "headgate law map --on 2024-06-01 --item nvidia-h100-sxm --picture map.svg",
)
# What is shown where no item is named: the first chip that every rule since 2022 was written for.
REFERENCE = "nvidia-h100-sxm"
ASSUMPTIONS = ("clean", "nothing")
MOST_NAMED = 60
MOST_REASONS = 6


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `law map`."""
    parser.add_argument("--on", metavar="DAY", help="the law of this day; by default the last day read")
    parser.add_argument("--item", metavar="ID", help=f"a catalog id, alias or name; by default {REFERENCE}")
    parser.add_argument("--from", dest="ship_from", metavar="COUNTRY", default="US", help="by default US")
    parser.add_argument(
        "--assume", metavar="WHAT", default="clean", help="`clean` (the default: see `decide --help`) or `nothing`"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="state a fact for every destination"
    )
    parser.add_argument("--printed", action="store_true", help="group and draw by the printed text, not as enforced")
    parser.add_argument("--all", action="store_true", help="name every destination, also those of the largest group")
    add_picture(parser)
    add_scenario(parser)


def run_map(args: argparse.Namespace) -> int:
    """Decide the item everywhere, print, and draw if asked to."""
    from headgate.catalog.country_names import countries
    from headgate.cli.chip import day_of
    from headgate.cli.text import emit, prose_width, say
    from headgate.cli.under import chosen, present, said
    from headgate.decide.everywhere.answers import everywhere
    from headgate.decide.facts import parse_set
    from headgate.decide.summary import overdue_lines
    from headgate.errors import UsageError, did_you_mean

    check_picture(args.picture)
    if args.assume not in ASSUMPTIONS:
        near = did_you_mean(args.assume, ASSUMPTIONS)
        raise UsageError(f"--assume {args.assume}: no such assumption.{near} Give clean or nothing")
    by = chosen(args)
    day = day_of(args.on, by)
    record = by.catalog.find(args.item or REFERENCE)
    start = countries().written(args.ship_from)
    stated = parse_set(args.set)
    found = everywhere(by, record.id, day, start, "clean" if args.assume == "clean" else None, stated)
    facts = fact_lines(by, record, day, start, args.assume, args.set)
    if args.json:
        for each in found:
            emit(as_record(each, record, day, start, facts, by.book.version))
    else:
        say([*said(args), *overdue_lines(by.book, present(args), prose_width())])
        say(_shown(by, found, record, day, facts, args, prose_width()))
    if args.picture:
        _draw(found, record, day, facts, args)
    return 0


def fact_lines(
    by: "Decider", record: "Record", day: date, start: str, assume: str, stated: Sequence[str]
) -> tuple[str, ...]:
    """Say what every answer rests on: where it ships from, and what was assumed and stated."""
    from headgate.catalog.country_names import countries
    from headgate.decide.everywhere.answers import CLEAN_WORDS, activity_of

    known = countries()
    is_stated = any(text.partition("=")[0].strip() == "activity" for text in stated)
    act = "Shipped" if is_stated else f"{activity_of(start, '')}ed".capitalize()
    lines = [f"{act} from {'the ' if start in ('US', 'AE', 'GB') else ''}{known.names[start]}; law of {day}."]
    lines += filter(None, [known.counted_words(start)])
    if assume == "clean":
        lines.append(CLEAN_WORDS)
    else:
        lines.append("Nothing is assumed about the buyer: what is not stated is unknown.")
    if stated:
        lines.append(f"Stated: {', '.join(stated)}.")
    if by.book.scenario:
        lines.append(f"Under the scenario {by.book.scenario}: this is not the law.")
    if day > by.book.read_on:
        lines.append(late_words(by))
    return tuple(lines)


def late_words(by: "Decider") -> str:
    """Say up to when the law was read, of a day that is later."""
    read = by.book.read_on
    return (
        f"As of {read}: the law was not read after that day; what changed since is not known here. All is unverified."
    )


def as_record(
    found: "Destination", record: "Record", day: date, start: str, facts: Sequence[str], version: str
) -> dict[str, object]:
    """Return the answer for one destination, for JSON."""
    from headgate.catalog.country_names import country_name

    enforced, printed = found.enforced, found.printed
    return {
        "destination": found.code,
        "name": country_name(found.code),
        "counts_as": found.counts_as or None,
        "item": record.id,
        "on": day,
        "ship_from": start,
        "eccn_paragraph": found.eccn,
        "outcome": enforced.outcome,
        "outcome_printed": printed.outcome,
        "review_policy": enforced.review_policy,
        "review_policy_printed": printed.review_policy,
        "exceptions": list(enforced.exceptions),
        "exceptions_printed": list(printed.exceptions),
        "reasons": list(enforced.reasons),
        "reasons_printed": list(printed.reasons),
        "missing": list(found.missing),
        "flags": list(found.flags),
        "evidence": found.evidence,
        "law_version": version,
        "error": found.error or None,
        "assumed": list(facts),
    }


def _shown(
    by: "Decider",
    found: Sequence["Destination"],
    record: "Record",
    day: date,
    facts: Sequence[str],
    args: argparse.Namespace,
    width: int,
) -> Iterator[str]:
    from headgate.cli.text import wrap
    from headgate.decide.everywhere.answers import WORDS, groups_of

    track = "printed" if args.printed else "enforced"
    entry = next((d.eccn for d in found if d.eccn), "")
    yield f"WHAT IT NEEDS FOR {len(found)} DESTINATIONS, {day}"
    told = "" if args.item else " The reference item; another with --item."
    yield from wrap(f"{record.name} ({record.id}{f', {entry}' if entry else ''}).{told}", width, "  ")
    for line in facts:
        yield from wrap(line, width, "  ")
    groups = groups_of(found, track, by, day)
    most = max(len(g.codes) for g in groups)
    for g in groups:
        opened = f": {', '.join(g.exceptions)}" if g.exceptions else ""
        yield from ("", f"{WORDS[g.kind]}{opened} ({len(g.codes)})".upper())
        named = names(g.codes)
        if len(g.codes) == most and most > MOST_NAMED and not args.all:
            yield from wrap(f"All other destinations, {named[0]} to {named[-1]}; --all names them.", width, "  ")
        else:
            yield from wrap(", ".join(named), width, "  ")
        yield from _reasons(by, g, day, track, width)
    yield from _other_text(found, track, width)
    said = "No license required means: none under the provisions that `headgate law list` shows. Not legal advice."
    yield from ("", *wrap(said, width))


def names(codes: Sequence[str]) -> list[str]:
    """Return the names of destinations in their own order.

    Example:
        >>> names(["CN", "HK", "AE"])
        ['China', 'Hong Kong (counts as China)', 'United Arab Emirates']
    """
    from headgate.decide.everywhere.answers import name_of

    return sorted(map(name_of, codes), key=lambda name: normalize("NFKD", name))


def provision_words(by: "Decider", ids: Sequence[str], day: date, track: str, most: int) -> list[str]:
    """Name provisions by section and id as they stood on a day, each with its mark where it is not primary.

    Args:
        by: The book.
        ids: The provisions.
        day: The day, for those that ended on it too.
        track: `enforced`, `printed`, or `both`.
        most: How many are named; of the others their number and weakest mark.
    """
    from headgate.decide.chain import short_section
    from headgate.decide.everywhere.answers import in_force
    from headgate.decide.wording import MARK
    from headgate.source import weakest

    found = [in_force(by.book, id, day, track) for id in ids]
    said = [f"{short_section(p)} ({p.id}{'' if p.mark == 'primary' else f'; {MARK[p.mark]}'})" for p in found[:most]]
    if rest := [p.mark for p in found[most:]]:
        worst = weakest(rest)
        said.append(f"{len(rest)} more{'' if worst == 'primary' else f' ({MARK[worst]})'}")
    return said


def _reasons(by: "Decider", g: "Group", day: date, track: str, width: int) -> Iterator[str]:
    """Say what the answer of a group rests on, how well that is known, and what is flagged."""
    from headgate.cli.text import wrap
    from headgate.decide.wording import MARK

    if g.reasons:
        yield from wrap("; ".join(provision_words(by, g.reasons, day, track, MOST_REASONS)), width, "  by ", "     ")
    if g.missing:
        yield from wrap(", ".join(g.missing[:MOST_REASONS]), width, "  ask ", "      ")
    if g.evidence not in ("", "primary"):
        yield from wrap(f"evidence: {MARK[g.evidence]}", width, "  ")
    # That the law was not read after a day stands above.
    if flags := [flag for flag in g.flags if not flag.startswith("law_not_read_after_")]:
        yield from wrap(f"flags: {', '.join(flags)}", width, "  ", "    ")


def _other_text(found: Sequence["Destination"], track: str, width: int) -> Iterator[str]:
    """Say what the other of the two texts answers, where it is something else."""
    from headgate.cli.text import wrap
    from headgate.decide.everywhere.answers import WORDS

    other = "enforced" if track == "printed" else "printed"
    moved: dict[tuple[str, str], list[str]] = {}
    for d in found:
        pair = (d.on(track).kind, d.on(other).kind)
        if pair[0] != pair[1]:
            moved.setdefault(pair, []).append(d.code)
    if not moved:
        yield from ("", *wrap(f"The {other} law answers the same everywhere.", width))
        return
    yield from ("", f"AS {other}, ANOTHER ANSWER ({sum(map(len, moved.values()))})".upper())
    for (one, two), codes in moved.items():
        few = ": " + ", ".join(names(codes)) if len(codes) <= MOST_NAMED // 2 else ""
        yield from wrap(
            f"{WORDS[one]} -> {WORDS[two]}, {len(codes)} destination{'s' if len(codes) > 1 else ''}{few}", width, "  - "
        )
    if other == "printed":
        yield from wrap("--printed groups and draws by the printed text.", width, "  ")


def _draw(
    found: Sequence["Destination"], record: "Record", day: date, facts: Sequence[str], args: argparse.Namespace
) -> None:
    from headgate.decide.everywhere.picture import Caption, world_map
    from headgate.decide.plane.points import short_name
    from headgate.pictures.look import DARK, LIGHT

    track = "printed" if args.printed else "enforced"
    text = "by the printed text" if args.printed else "as enforced"
    title = f"What {record.maker} {short_name(record)} needs on {day}, {text}"
    chart = world_map(found, Caption(title, tuple(facts)), track, DARK if args.dark else LIGHT)
    draw(chart, args.picture, args.json)
