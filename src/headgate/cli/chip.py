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
        "headgate chip show nvidia-h20-96 --on 2024-06-01 --picture h20.svg",
    ),
    "flips": (
        "Show when the answer for a chip changed, for which destinations, and by which provision.",
        "headgate chip flips nvidia-h20-96 --to CN",
    ),
}
KINDS = ("ic", "computer")


def add(commands: Any) -> None:
    """Add `chip` and its commands to the parser."""
    from headgate.cli import chip_flips, chip_show

    raw = argparse.RawDescriptionHelpFormatter
    examples = "\n".join(f"  {example}" for _, example in COMMANDS.values())
    chip = commands.add_parser(
        "chip", help=PURPOSE, description=PURPOSE, epilog=f"Example:\n{examples}\n", formatter_class=raw
    )
    verbs = chip.add_subparsers(title="commands", metavar="COMMAND", required=True)
    made = {
        name: verbs.add_parser(
            name, help=says, description=says, epilog=f"Example:\n  {example}\n", formatter_class=raw
        )
        for name, (says, example) in COMMANDS.items()
    }
    made["list"].add_argument("--kind", metavar="KIND", help="only `ic` (chips) or `computer` (systems)")
    for name in ("show", "flips"):
        made[name].add_argument("id", metavar="ID", help="a catalog id, alias or name")
    for name in ("list", "show"):
        text = "classify by the law of this day; by default the last day read"
        made[name].add_argument("--on", metavar="DAY", help=text)
    chip_show.add_options(made["show"])
    chip_flips.add_options(made["flips"])
    for name, run in {"list": run_list, "show": chip_show.run_show, "flips": chip_flips.run_flips}.items():
        made[name].add_argument("--json", action="store_true", help="print one JSON object a line")
        made[name].set_defaults(run=run)


def day_of(text: str | None, by: "Decider") -> date:
    """Return the day asked for; by default the last one up to which the law was read."""
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
    day = day_of(args.on, by)
    rows = []
    for record in by.catalog.records():
        if args.kind not in (None, record.kind):
            continue
        decision = classified(by, record, day)
        if args.json:
            emit(row_of(record, decision, day))
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


def row_of(record: "Record", decision: "Decision", day: date) -> dict[str, object]:
    """Return one record with its measures and its entry, for JSON."""
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
