"""`headgate law try`: a bill, a draft or an old rule against the law as it is, chip by chip and line by line."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.cli.progress import watched
from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.scenario.prior import PriorChange
    from headgate.scenario.record import Scenario
    from headgate.scenario.trial import DayTrial, LineFlip, Trial

MOST_LINES = 40


def add_options(made: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    from headgate.cli.under import add_options as add_law_options

    made.add_argument(
        "names",
        metavar="SCENARIO [ORDERS]",
        nargs="*",
        help="the id of a scenario, or a .toml file; and an order book to decide under both",
    )
    made.add_argument("--on", metavar="DAY", action="append", default=[], help="compare chips on this day; repeatable")
    made.add_argument("--assume", choices=["clean"], help="for ORDERS: state the clean facts wherever a line is blank")
    made.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="for ORDERS: state a fact")
    made.add_argument("--items", metavar="FILE.csv", help="for ORDERS: your own parts")
    made.add_argument("--map", metavar="MAP", help="for ORDERS: how your columns become ours (`headgate map --help`)")
    made.add_argument("--carry-rest", action="store_true", help="for ORDERS: allow columns that are not known")
    add_law_options(made, scenario=False)


def run_try(args: argparse.Namespace) -> int:
    """Put a scenario on trial and print what moved; without a name, list the scenarios."""
    from headgate.cli.text import emit, prose_width, read_day, say, wrap
    from headgate.cli.under import baseline, said, scenario_of
    from headgate.decide.facts import parse_set
    from headgate.scenario.trial import try_scenario

    if not args.names:
        return _list(args.json)
    if len(args.names) > 2:
        raise UsageError(f"law try {' '.join(args.names)}: name one scenario and at most one order book")
    name, orders = args.names[0], Path(args.names[1]) if len(args.names) > 1 else None
    scenario = scenario_of(name, args)
    days = [read_day("--on", text) for text in args.on]
    with watched(f"trying {scenario.id}", args.json):
        found = try_scenario(
            scenario,
            baseline(args),
            orders,
            days,
            assume=args.assume,
            stated=parse_set(args.set),
            rename=args.map,
            carry_rest=args.carry_rest,
        )
    if args.json:
        for record in records(found):
            emit(record)
    else:
        args.scenario = None
        say([*trial_lines(found, prose_width()), *(line for text in said(args) for line in ("", *wrap(text, 80)))])
    return 0


def _list(as_json: bool) -> int:
    from headgate.cli.text import Column, emit, say, table, terminal_width
    from headgate.scenario.record import names, read_scenario

    scenarios = [read_scenario(name) for name in names()]
    if as_json:
        for s in scenarios:
            emit({"id": s.id, "title": s.title, "says": s.says, "status": s.status, "from": s.start})
        return 0
    columns = [Column("scenario"), Column("from"), Column("what it does", least=30)]
    say(table(columns, [[s.id, str(s.start), s.title] for s in scenarios], terminal_width()))
    print("\nheadgate law try SCENARIO [ORDERS] puts one on trial.")
    return 0


def records(found: "Trial") -> Iterator[dict[str, object]]:
    """Yield a trial as objects for JSON, the verdict first."""
    from headgate.cli.changes import as_change, diff_records

    s = found.scenario
    yield {
        "kind": "trial",
        "scenario": s.id,
        "moved": found.moved,
        "parameters": {p.name: p.value for p in s.parameters.values()},
        "law_version": found.changed.book.version,
        "baseline": found.baseline.book.version,
        "days": [d.day for d in found.days],
        "lines_decided": found.decided,
        "lines_moved": len(found.lines),
    }
    yield from ({"kind": "prior", **prior_record(p)} for p in s.priors)
    for d in found.days:
        yield from ({"on": d.day, "kind": "provision", **as_change(c)} for c in d.changes)
        yield from ({"on": d.day, **record} for record in diff_records((), (), d.flips))
    for line in found.lines:
        yield {"kind": "line", **{name: getattr(line, name) for name in line.__slots__}}


def prior_record(p: "PriorChange") -> dict[str, object]:
    """Return one change of an assumption of the world as an object for JSON."""
    shape = {"shape": p.shape} if p.shape else {}
    return {"prior": p.prior, **p.numbers, **shape, "from": p.start, "until": p.end, "why": p.why}


def trial_lines(found: "Trial", width: int) -> Iterator[str]:
    """Yield a trial for a person: first whether anything moved at all."""
    from headgate.cli.text import wrap

    yield from wrap(_verdict(found), width)
    yield ""
    yield from _about(found.scenario, width)
    for n, d in enumerate(found.days):
        before = found.days[n - 1] if n else None
        yield from ("", *_day(d, before, found.scenario.facts, width))
    if found.decided:
        yield from ("", *_lines(found, width))


def _verdict(found: "Trial") -> str:
    s = found.scenario
    if not s.changes:
        if not s.priors:
            return f"{s.id} changes nothing: no law, and no assumption of the world. Nothing was decided."
        return (
            f"{s.id} changes no law, so that no chip and no order line was decided; `headgate world run {s.id}` shows "
            "what it does."
        )
    if not found.moved:
        same = " The book is the same." if found.changed.book is found.baseline.book else ""
        world = f" What it assumes of the world shows in `headgate world run {s.id}`." if s.priors else ""
        return (
            f"Nothing moved: no chip and no line has another answer under {s.id}. Compared are outcomes, "
            f"review policies, exceptions, ECCNs and duties, not flags.{same}{world}"
        )
    chips = {item for d in found.days for f in d.flips for item in f.items}
    lines = f", and {len(found.lines):,} of {found.decided:,} lines" if found.decided else ""
    return f"Under {s.id} the answer moves for {len(chips)} chips{lines}. This is not the law."


def _about(s: "Scenario", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap
    from headgate.scenario.prior import words

    yield s.title.upper()
    told = [s.says, f"Status: {s.status}", f"Evidence: {s.evidence.replace('_', ' ')}.", *([s.note] if s.note else [])]
    for text in told:
        yield from wrap(text, width, "  ")
    for p in s.parameters.values():
        unit = f" {p.unit}" if p.unit else ""
        yield from wrap(f"--param {p.name}={p.value}{unit}: {p.says}", width, "  open: ")
    for change in s.priors:
        yield from wrap(f"{words(change)}: {change.why}", width, "  world: ")
    for source in s.sources:
        yield from wrap(" ".join(v for v in (source["title"], source.get("url", "")) if v), width, "  source: ")


def _day(d: "DayTrial", before: "DayTrial | None", stated: Mapping[str, object], width: int) -> Iterator[str]:
    from headgate.cli.changes import change_lines, flip_lines
    from headgate.cli.text import wrap

    beside = f", with {', '.join(f'{name}={value}' for name, value in stated.items())}" if stated else ""
    yield f"ON {d.day}"
    if before is not None and (before.changes, before.flips) == (d.changes, d.flips):
        yield f"  The same as on {before.day}."
        return
    for what, head in (("starts", "New"), ("changes", "Changed"), ("ends", "Gone")):
        inside = [c for c in d.changes if c.what == what]
        if inside:
            yield f"  {head}:"
        for c in inside:
            yield from change_lines(c, width)
    yield from wrap(
        "Chips that flip, each from the US under clean facts (headquarters in the destination, nobody "
        f"listed, civil end use){beside}:",
        width,
        "  ",
    )
    if not d.flips:
        yield "  None."
    yield from flip_lines(d.flips, width)


def _lines(found: "Trial", width: int) -> Iterator[str]:
    from headgate.cli.text import shorten, wrap

    yield f"ORDER LINES ({len(found.lines):,} OF {found.decided:,} MOVE)"
    for line in found.lines[:MOST_LINES]:
        yield "  " + shorten(f"{line.line_id}  {line.item} to {line.destination} on {line.event_date}", width - 2)
        printed = "as printed: " if line.track == "printed" else ""
        yield from wrap(f"{printed}{_answer(line.before)} -> {_answer(line.after)}", width, "      ")
        yield from _why(line, width)
    if len(found.lines) > MOST_LINES:
        yield f"  and {len(found.lines) - MOST_LINES:,} more; --json prints all"


def _why(line: "LineFlip", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    told = [f"{word} {', '.join(ids)}" for word, ids in (("no longer", line.gone), ("now", line.new)) if ids]
    if told:
        yield from wrap("; ".join(told), width, "      ")


def _answer(found: tuple[str, ...]) -> str:
    outcome, policy, *beside = found
    told = [*([policy] if policy else []), *beside]
    return f"{outcome} ({'; '.join(told)})" if told else outcome
