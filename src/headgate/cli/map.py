"""`headgate map`: other people's columns. A draft from a file, a look at what a map makes of it, the maps that ship."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.decide.mapping.show import Shown
    from headgate.decide.mapping.suggest import Draft

PURPOSE = "Say how the columns of somebody's own file become those of a transaction."
COMMANDS: Mapping[str, tuple[str, str]] = {
    "suggest": (
        "Write a draft of a map from the headings and cells of a file, every guess marked.",
        "headgate map suggest examples/erp/sap-german.csv",
    ),
    "check": (
        "Show what a map makes of the first rows of a file, without deciding them.",
        "headgate map check oracle-orders examples/erp/oracle-orders.csv",
    ),
    "list": ("List the maps that come with Headgate.", "headgate map list"),
    "show": ("Print a map that comes with Headgate, to copy and change.", "headgate map show sap-german"),
}
MOST_BROKEN = 5


def add(commands: Any) -> None:
    """Add `map` and its commands to the parser."""
    raw = argparse.RawDescriptionHelpFormatter
    examples = "\n".join(f"  {example}" for _, example in COMMANDS.values())
    door = commands.add_parser(
        "map", help=PURPOSE, description=PURPOSE, epilog=f"Example:\n{examples}\n", formatter_class=raw
    )
    verbs = door.add_subparsers(title="commands", metavar="COMMAND", required=True)
    made = {
        name: verbs.add_parser(
            name, help=says, description=says, epilog=f"Example:\n  {example}\n", formatter_class=raw
        )
        for name, (says, example) in COMMANDS.items()
    }
    made["suggest"].add_argument("orders", metavar="ORDERS", help="the file: .csv, .xlsx, .jsonl or .parquet")
    made["suggest"].add_argument("-o", "--output", metavar="MAP.toml", help="write the draft here")
    made["check"].add_argument("map", metavar="MAP", help="a .toml file, or a name of `headgate map list`")
    made["check"].add_argument("orders", metavar="ORDERS", help="the file: .csv, .xlsx, .jsonl or .parquet")
    made["check"].add_argument("--rows", metavar="N", type=int, default=3, help="how many rows to show; by default 3")
    made["show"].add_argument("name", metavar="NAME", help="a name of `headgate map list`")
    for name in ("suggest", "check"):
        made[name].add_argument("--sheet", metavar="NAME", help="the sheet of a workbook")
        made[name].add_argument("--heading-row", metavar="N", type=int, help="the row of the headings, from 1")
    for name, run in (("suggest", run_suggest), ("check", run_check), ("list", run_list), ("show", run_show)):
        made[name].add_argument("--json", action="store_true", help="print one JSON object a line")
        made[name].set_defaults(run=run)


def run_suggest(args: argparse.Namespace) -> int:
    """Write a draft."""
    from headgate.decide.mapping.draft import draft_text
    from headgate.decide.mapping.layout import Layout
    from headgate.decide.mapping.map_file import with_options
    from headgate.decide.mapping.suggest import suggest
    from headgate.files import write_whole

    path = Path(args.orders)
    target = Path(args.output) if args.output else None
    with_options(Layout(), path, args.sheet, args.heading_row)
    if target is not None and target.suffix.casefold() != ".toml":
        raise UsageError(f"-o {target}: a map is a .toml file; name one")
    draft = suggest(path, args.sheet, args.heading_row)
    text = draft_text(draft)
    if target is not None:
        write_whole(target, text.encode())
    if args.json:
        from headgate.cli.text import emit

        for record in records(draft):
            emit(record)
        return 0
    if target is None:
        print(text, end="")
    where = sys.stdout if target else sys.stderr
    print(f"{told(draft)}{f' Draft: {target}' if target else ''}", file=where)
    return 0


def told(draft: "Draft") -> str:
    """Say in a line what a draft holds."""
    count = len(draft.peek.frame.columns)
    guesses, legal, choice = (draft.count(kind) for kind in ("guess", "legal", "choice"))
    lost = len(draft.unknown)
    stops = f", among them {lost} heading{'s' if lost > 1 else ''} that no column was found for" if lost else ""
    return (
        f"{count} headings: {guesses} lines guessed, {legal} of the law and {choice} choices for you{stops}. "
        "Check it, and write confirmed = true."
    )


def records(draft: "Draft") -> Iterator[dict[str, object]]:
    """Yield the lines of a draft as objects for JSON."""
    from headgate.decide.mapping.readings import UNDECIDED

    for key, (value, why) in draft.peek.file.items():
        kind = "choice" if value == UNDECIDED else "guess" if why else "said"
        yield {"table": "file", "key": key, "value": value, "kind": kind, "because": why}
    for g in draft.guesses:
        yield {"table": g.table, "key": g.key, "value": g.value, "kind": g.kind, "because": g.because}
    for heading in draft.unknown:
        why = "no column was found for it; map, carry or ignore it"
        yield {"table": None, "key": heading, "value": None, "kind": "choice", "because": why}


def run_check(args: argparse.Namespace) -> int:
    """Show what a map makes of a file."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.decide.mapping.map_file import read_map, with_options
    from headgate.decide.mapping.show import show

    if args.rows < 1:
        raise UsageError(f"--rows {args.rows}: show at least one row")
    path = Path(args.orders)
    found = show(path, with_options(read_map(args.map, drafts=True), path, args.sheet, args.heading_row), args.rows)
    if args.json:
        for m in found.made:
            emit({"column": m.column, "from": m.comes_from, "theirs": m.theirs, "ours": m.ours})
        for row, why in found.broken.items():
            emit({"row": row, "error": why})
    else:
        say(shown_lines(found, prose_width()))
    return 0


def shown_lines(found: "Shown", width: int) -> Iterator[str]:
    """Yield what a map makes of a file, for a person."""
    from headgate.cli.text import shorten, wrap

    for note in found.notes:
        yield from wrap(note, width)
    yield f"THE FIRST {found.rows} ROWS"
    blank = []
    for m in found.made:
        if not any((*m.theirs, *m.ours)):
            blank.append(m.column)
            continue
        yield shorten(f"  {m.column}, from {m.comes_from}", width)
        for theirs, ours in dict.fromkeys(zip(m.theirs or ("",) * found.rows, m.ours, strict=True)):
            yield shorten(f"      {theirs or 'blank'} -> {ours or 'unknown'}" if m.theirs else f"      {ours}", width)
    if blank:
        yield from wrap(f"Blank in these rows: {', '.join(blank)}.", width, "  ")
    if found.carried:
        yield from wrap(f"Passed through: {', '.join(found.carried)}.", width, "  ")
    if found.broken:
        yield f"ROWS THAT CANNOT BE READ ({len(found.broken):,})"
        for row, why in list(found.broken.items())[:MOST_BROKEN]:
            yield from wrap(f"row {row}: {why}", width, "  ")
    yield "Nothing was decided."


def run_list(args: argparse.Namespace) -> int:
    """Print the maps that come with Headgate."""
    from headgate.cli.text import Column, emit, say, table, terminal_width
    from headgate.decide.mapping.shipped import shipped_names, shipped_title

    if args.json:
        for name in shipped_names():
            emit({"name": name, "title": shipped_title(name)})
        return 0
    rows = [[name, shipped_title(name)] for name in shipped_names()]
    say(table((Column("name"), Column("what it reads", least=30)), rows, terminal_width()))
    print("\nheadgate decide ORDERS --map NAME uses one, headgate map show NAME prints it.")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Print a map that comes with Headgate."""
    from headgate.cli.text import emit
    from headgate.decide.mapping.shipped import shipped_names, shipped_text
    from headgate.errors import did_you_mean

    if args.name not in shipped_names():
        raise UsageError(
            f"map show {args.name}: no map of that name comes with Headgate.{did_you_mean(args.name, shipped_names())} "
            "`headgate map list` shows those that do"
        )
    text = shipped_text(args.name)
    if args.json:
        import tomllib

        emit({"name": args.name, **tomllib.loads(text)})
    else:
        print(text, end="")
    return 0
