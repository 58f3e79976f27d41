"""`headgate chip show`: one record with every value, what the law makes of it, and its picture among the limits."""

import argparse
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from headgate.cli.chip import classified, day_of, eras, figure, row_of
from headgate.cli.pictures import add_picture, add_scenario, check_picture, draw

if TYPE_CHECKING:
    from headgate.catalog.record import Record
    from headgate.decide.one import Decider
    from headgate.decide.plane.points import Scene
    from headgate.expr import AtLeast
    from headgate.expr.node import Threshold

MOST_NEAREST = 6


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `chip show`."""
    add_picture(parser)
    add_scenario(parser)


def run_show(args: argparse.Namespace) -> int:
    """Print one record with its sources and what the law makes of it; draw it if asked to."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.cli.under import chosen, said
    from headgate.decide.plane.points import scene

    check_picture(args.picture)
    by = chosen(args)
    day = day_of(args.on, by)
    record = by.catalog.find(args.id)
    found = scene(by, record, day)
    if args.json:
        emit(_record(by, record, day, found))
    else:
        say(said(args))
        say(_shown(by, record, day, found, prose_width()))
    if args.picture:
        from headgate.decide.plane.picture import picture
        from headgate.pictures.look import DARK, LIGHT

        draw(picture(found, DARK if args.dark else LIGHT), args.picture, args.json)
    return 0


def _record(by: "Decider", record: "Record", day: date, found: "Scene") -> dict[str, object]:
    from headgate.decide.plane.told import as_record

    decision = classified(by, record, day)
    used = dict.fromkeys(s for v in record.values.values() for s in v.source)
    sources = by.catalog.sources()
    return {
        **row_of(record, decision, day),
        "maker_country": record.maker_country,
        "aliases": list(record.aliases),
        "contains": list(record.contains),
        "announced": record.announced,
        "released": record.released,
        "status": record.status,
        "note": record.note,
        "values": {
            k: {"value": v.v, "mark": v.mark, "sources": list(v.source), "note": v.note}
            for k, v in record.values.items()
        },
        "readings": [{"value": dict(r.value), "sources": list(r.source), "why": r.why} for r in record.readings],
        "chosen": record.chosen,
        "measures": decision.measures,
        "eccn_over_time": [{"from": a, "to": b, "eccn": said} for a, b, said in eras(by, record)],
        "plane": as_record(found),
        "sources": {s: sources[s].title for s in used if s in sources},
    }


def _shown(by: "Decider", record: "Record", day: date, found: "Scene", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    yield from wrap(f"{record.name} ({record.id})", width)
    facts = [record.maker, record.maker_country, "chip" if record.kind == "ic" else "system", record.status]
    dates = [f"{word} {d}" for word, d in (("announced", record.announced), ("released", record.released)) if d]
    yield from wrap(", ".join([*facts, *dates]), width)
    for name, text in (
        ("also called", ", ".join(record.aliases)),
        ("contains", ", ".join(record.contains)),
        ("values as of", record.same_as),
        ("note", record.note),
    ):
        if text:
            yield from wrap(text, width, f"{name}: ", "  ")
    yield from _law_lines(by, record, day, found, width)
    yield from _value_lines(by, record, width)


def _law_lines(by: "Decider", record: "Record", day: date, found: "Scene", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap
    from headgate.decide.chain import margin_words
    from headgate.decide.item import SHOWN, circuit_facts
    from headgate.decide.wording import MARK, flag_words
    from headgate.expr import AtLeast
    from headgate.expr.margin import is_near, margin

    yield from ("", f"MEASURES OF THE LAW ON {day}")
    decision = classified(by, record, day)
    # A system is judged by the circuits inside; the decision holds the strongest one first.
    item = circuit_facts(record) if record.kind == "ic" else decision.trace.item if decision.trace else None
    part = item.parts[0] if item is not None and item.parts else {}
    limits = by.eras.on(day).limits
    if record.kind == "computer":
        yield from wrap("Those of the strongest circuit inside; a system is never summed.", width, "  ")
    for column, name in SHOWN.items():
        value = part.get(name)
        if not isinstance(value, float | AtLeast):
            yield from wrap(f"{column}: unknown", width, "  ")
            continue
        mark = MARK.get(item.marks.get(column, "") if item else "", "")
        near = sorted(limits.get(name, ()), key=lambda t: abs(t.value - low_of(value)))[:2]
        limit_words = [margin_words(margin(name, value, ">=", t)).partition(" against ")[2] for t in near]
        warn = " NEAR" if any(is_near(low_of(value), t.value) for t in near) else ""
        least = "at least " if isinstance(value, AtLeast) else ""
        shown = figure(decision, column).removeprefix(">=")
        beside = f"; nearest {' and '.join(limit_words)}" if limit_words else ""
        yield from wrap(f"{least}{shown}, {mark}{beside}{warn}", width, f"  {column}: ", "      ")
        yield from _ruler(limits.get(name, ()), value, width)
    yield from wrap("On each line, logarithmic: | a limit of the day, # the item, > it or more.", width, "  ")
    yield from _nearest(found, width)
    if day > by.book.read_on:
        yield from wrap(flag_words(f"law_not_read_after_{by.book.read_on}"), width, "  ")
    yield from ("", "ECCN BY THE NUMBERS")
    for start, end, said in eras(by, record):
        yield f"  {f'{start} to {end}' if end else f'from {start}':<24}  {said}"


def _ruler(limits: "tuple[Threshold, ...]", value: "float | AtLeast", width: int) -> Iterator[str]:
    """Draw a measure among its limits: `|` is a limit, `#` the item."""
    from headgate.decide.plane.told import ruler
    from headgate.decide.prose import number
    from headgate.expr import AtLeast

    found = low_of(value)
    if limits and found > 0 and all(t.value > 0 for t in limits):
        marks = {number(t.value): t.value for t in limits}
        yield from (f"      {line}" for line in ruler(marks, found, isinstance(value, AtLeast), min(72, width - 6)))


def _nearest(found: "Scene", width: int) -> Iterator[str]:
    """Name the chips of the catalog that lie nearest on the plane of the day."""
    from headgate.cli.text import wrap

    named = [p.label for p in found.of("neighbor")[:MOST_NEAREST]]
    if named:
        axes = "TPP and density" if found.plane.y == "ic.performance_density" else "TPP and I/O bandwidth"
        yield from wrap(
            f"{', '.join(named)} (+1: one more of equal figures)", width, f"  nearest in {axes}: ", "      "
        )


def low_of(value: object) -> float:
    """Return a number, or the lower bound that is known of it."""
    from headgate.expr import AtLeast

    return value.low if isinstance(value, AtLeast) else float(value)  # type: ignore[arg-type]


def _value_lines(by: "Decider", record: "Record", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap
    from headgate.decide.prose import number
    from headgate.decide.wording import MARK

    used: dict[str, None] = {}
    yield from ("", "VALUES")
    for key, v in record.values.items():
        used |= dict.fromkeys(v.source)
        shown = ("yes" if v.v else "no") if isinstance(v.v, bool) else number(v.v) if isinstance(v.v, float) else v.v
        note = f"; {v.note}" if v.note else ""
        yield from wrap(f"{shown} ({MARK[v.mark]}: {', '.join(v.source)}{note})", width, f"  {key}: ", "      ")
    if record.readings:
        yield from ("", "OTHER READINGS")
        for r in record.readings:
            used |= dict.fromkeys(r.source)
            values = ", ".join(f"{k} {number(v)}" for k, v in r.value.items())
            yield from wrap(f"{values} ({', '.join(r.source)}): {r.why}", width, "  - ")
        yield from wrap(f"Chosen: {record.chosen}", width, "  ")
    yield from ("", "SOURCES")
    sources = by.catalog.sources()
    for id in used:
        s = sources.get(id)
        said = f"{s.title}, read {s.read_on}{f', {s.url}' if s.url else ''}" if s else "not listed"
        yield from wrap(said, width, f"  {id}: ", "      ")
