"""`headgate chip`: the catalog, each value with its source, and what the law makes of it."""

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from headgate.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.catalog.record import Record
    from headgate.decide.decision import Decision
    from headgate.decide.one import Decider

PURPOSE = "Show the catalog: chips and systems with their figures, sources and classification."
COMMANDS = {
    "list": ("List the chips and systems with the measures the law compares.", "headgate chip list --kind computer"),
    "show": (
        "Show one chip or system with every value, its source and its ECCN over time.",
        "headgate chip show nvidia-h20-96",
    ),
}
KINDS = ("ic", "computer")


def add(commands: Any) -> None:
    """Add `chip` and its commands to the parser."""
    raw = argparse.RawDescriptionHelpFormatter
    examples = "\n".join(f"  {example}" for _, example in COMMANDS.values())
    chip = commands.add_parser(
        "chip", help=PURPOSE, description=PURPOSE, epilog=f"Example:\n{examples}\n", formatter_class=raw
    )
    verbs = chip.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run in (("list", run_list), ("show", run_show)):
        says, example = COMMANDS[name]
        made = verbs.add_parser(
            name, help=says, description=says, epilog=f"Example:\n  {example}\n", formatter_class=raw
        )
        if name == "show":
            made.add_argument("id", metavar="ID", help="a catalog id, alias or name")
        else:
            made.add_argument("--kind", metavar="KIND", help="only `ic` (chips) or `computer` (systems)")
        made.add_argument("--on", metavar="DAY", help="classify by the law of this day; by default the last day read")
        made.add_argument("--json", action="store_true", help="print one JSON object a line")
        made.set_defaults(run=run)


def _day(text: str | None, by: "Decider") -> date:
    from headgate.cli.text import read_day

    day = read_day("--on", text) if text else by.book.read_on
    if day < by.book.begins:
        raise UsageError(f"--on {day}: the book begins on {by.book.begins}; give that day or a later one")
    return day


def classified(by: "Decider", record: "Record", day: date) -> "Decision":
    """Decide the item alone, by its numbers: what a foundry ships could be presumed to be more."""
    return by.decide_cells({"item": record.id, "event_date": day, "exporter_role": "other"})


def eccn_words(decision: "Decision") -> str:
    """Return the ECCN by numbers; `none` when no entry reaches the item, `unknown` when a figure is missing."""
    if decision.eccn:
        return decision.eccn_paragraph
    trace = decision.trace
    if trace is None:
        return "unknown"
    return "unknown" if any(trace.truths[s] is not False for s, _ in trace.era.tracks["enforced"].classes) else "none"


def figure(decision: "Decision", name: str) -> str:
    """Return one measure as a table shows it: a lower bound with `>=`, an unknown one blank."""
    from headgate.decide.prose import number

    m = decision.measures.get(name)
    if m is None or not isinstance(m["value"], float):
        return ""
    return f"{'>=' if m['at_least'] else ''}{number(round(m['value'], 2))}"


def run_list(args: argparse.Namespace) -> int:
    """Print the catalog as a table."""
    from headgate.cli.text import Column, emit, say, table, terminal_width, wrap
    from headgate.decide.item import SHOWN
    from headgate.decide.one import decider

    if args.kind is not None and args.kind not in KINDS:
        near = did_you_mean(args.kind, KINDS)
        raise UsageError(f"--kind {args.kind}: no such kind.{near} Give ic (chips) or computer (systems)")
    by = decider()
    day = _day(args.on, by)
    rows = []
    for record in by.catalog.records():
        if args.kind not in (None, record.kind):
            continue
        decision = classified(by, record, day)
        if args.json:
            emit(_row(record, decision, day))
            continue
        figures = [figure(decision, name) for name in SHOWN]
        rows.append([record.id, *figures, eccn_words(decision), record.maker, record.name])
    if rows:
        heads = ("TPP", "TPP/mm2", "DRAM", "I/O")
        columns = [Column("id"), *(Column(h, right=True) for h in heads), Column("ECCN")]
        columns += [Column("maker", least=8), Column("name", least=12)]
        say(table(columns, rows, terminal_width()))
        foot = f"{len(rows)} records, ECCN by the numbers on {day}; DRAM and I/O in GB/s; blank is unknown."
        say(["", *wrap(foot, terminal_width())])
    return 0


def _row(record: "Record", decision: "Decision", day: date) -> dict[str, object]:
    from headgate.decide.item import SHOWN

    known = {name: decision.measures.get(name) for name in SHOWN}
    return {
        "id": record.id,
        "name": record.name,
        "maker": record.maker,
        "kind": record.kind,
        **{name: m["value"] if m and not m["at_least"] else None for name, m in known.items()},
        **{f"{name}_at_least": m["value"] for name, m in known.items() if m and m["at_least"]},
        "eccn": decision.eccn,
        "eccn_paragraph": decision.eccn_paragraph,
        "on": day,
    }


def eras(by: "Decider", record: "Record") -> Iterator[tuple[date, date | None, str]]:
    """Yield the classification over time as (first day, last day or None, ECCN)."""
    found: list[tuple[date, str]] = []
    for start in by.eras.starts:
        said = eccn_words(classified(by, record, start))
        if not found or found[-1][1] != said:
            found.append((start, said))
    ends = [start - timedelta(days=1) for start, _ in found[1:]]
    for (start, said), end in zip(found, [*ends, None], strict=True):
        yield start, end, said


def run_show(args: argparse.Namespace) -> int:
    """Print one record with its sources and what the law makes of it."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.decide.one import decider

    by = decider()
    day = _day(args.on, by)
    record = by.catalog.find(args.id)
    if args.json:
        emit(_record(by, record, day))
    else:
        say(_shown(by, record, day, prose_width()))
    return 0


def _record(by: "Decider", record: "Record", day: date) -> dict[str, object]:
    decision = classified(by, record, day)
    used = dict.fromkeys(s for v in record.values.values() for s in v.source)
    sources = by.catalog.sources()
    return {
        **_row(record, decision, day),
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
        "sources": {s: sources[s].title for s in used if s in sources},
    }


def _shown(by: "Decider", record: "Record", day: date, width: int) -> Iterator[str]:
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
    yield from _law_lines(by, record, day, width)
    yield from _value_lines(by, record, width)


def _law_lines(by: "Decider", record: "Record", day: date, width: int) -> Iterator[str]:
    from headgate.cli.text import wrap
    from headgate.decide.chain import margin_words
    from headgate.decide.item import SHOWN, circuit_facts
    from headgate.decide.wording import MARK
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
    yield from ("", "ECCN BY THE NUMBERS")
    for start, end, said in eras(by, record):
        yield f"  {f'{start} to {end}' if end else f'from {start}':<24}  {said}"


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
