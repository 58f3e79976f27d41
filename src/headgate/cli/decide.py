"""`headgate decide`: an order book in, decisions out, a summary for the person."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.cli.progress import Bar, watched
from headgate.cli.under import add_options, asked, chosen, present, said
from headgate.errors import UsageError
from headgate.files import writing

if TYPE_CHECKING:
    from headgate.decide.packet.packets import Packets

EXAMPLE = """example:
  headgate decide examples/orders.csv -o decisions.csv
  headgate decide examples/orders.csv -o decisions.csv --questions questions.csv --answers-template answers.csv
  headgate decide examples/orders.csv -o decisions.csv --packet packets

exit codes: 0 nothing needs a license, 10 a license is required or the act is prohibited, 11 only exceptions,
20 facts are missing or rows are invalid, 3 stale law under --strict, 2 usage
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "decide",
        help="decide an order book line by line under the law of each line's day",
        description="Decide an order book line by line under the law of each line's day.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("orders", metavar="ORDERS", nargs="?", help="the order book: .csv, .xlsx, .jsonl or .parquet")
    parser.add_argument("--columns", action="store_true", help="print the columns of a transaction and what they hold")
    parser.add_argument("-o", "--output", metavar="OUT", help="write decisions here: .csv, .xlsx, .jsonl or .parquet")
    parser.add_argument("--assume", choices=["clean"], help="state the clean facts wherever a line is blank")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="state a fact wherever it is blank"
    )
    parser.add_argument(
        "--items", metavar="FILE", help="your own parts, .csv or .xlsx: part number (item) and measures"
    )
    parser.add_argument(
        "--map", metavar="MAP", help="how your columns become ours: a .toml file, or a name of `headgate map list`"
    )
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook to decide")
    parser.add_argument("--heading-row", metavar="N", type=int, help="the row of the headings, from 1; by default 1")
    parser.add_argument("--carry", action="append", default=[], metavar="COLUMN", help="pass an unknown column through")
    parser.add_argument("--carry-rest", action="store_true", help="pass every input column through")
    parser.add_argument("--answers", metavar="FILE", help="answers to the questions of red flags, one row a line_id")
    parser.add_argument(
        "--questions", metavar="FILE", help="write the open questions of red flags: .csv, .jsonl, .xlsx"
    )
    parser.add_argument("--answers-template", metavar="FILE", help="write a table to fill in and give to --answers")
    parser.add_argument(
        "--packet",
        metavar="DIR",
        help="write a folder for each line to hold: memo, questions, documents, JSON; an index",
    )
    parser.add_argument("--packet-pdf", action="store_true", help="with --packet: write each memo as a PDF too")
    parser.add_argument("--strict", action="store_true", help="exit 3 when stale or unverified law touched a line")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line instead of CSV")
    add_options(parser)
    parser.set_defaults(run=run)


def show_columns(as_json: bool) -> int:
    """Print the columns of a transaction."""
    import json

    from headgate.decide.columns import COLUMNS

    for column in COLUMNS.values():
        if as_json:
            print(json.dumps({"name": column.name, "kind": column.kind, "note": column.note, "values": column.values}))
        else:
            values = f" ({' '.join(column.values)})" if column.values else ""
            print(f"{column.name:28} {column.kind:10} {column.note}{values}")
    return 0


def run(args: argparse.Namespace) -> int:
    """Decide the book; return the exit code."""
    from headgate.decide.answers import read_answers
    from headgate.decide.book_run import decide_file
    from headgate.decide.exits import exit_code
    from headgate.decide.facts import parse_set
    from headgate.decide.mapping.map_file import read_map, with_options
    from headgate.decide.questionnaire import Questionnaire
    from headgate.decide.write import Writer

    if args.columns:
        return show_columns(args.json)
    if args.orders is None:
        raise UsageError("name the order book: headgate decide ORDERS.csv. `headgate decide --columns` lists columns")
    output = Path(args.output) if args.output else None
    written = _written(args)
    answers = read_answers(args.answers)
    forms = Questionnaire(args.questions, args.answers_template) if args.questions or args.answers_template else None
    packets = _packets(args, written)
    layout = with_options(read_map(args.map), Path(args.orders), args.sheet, args.heading_row)
    by = chosen(args)
    named = ", ".join(f"{option} {target}" for option, target in written.items() if target) or "standard output"
    with (
        writing(named),
        _bar(args) as bar,
        packets or nullcontext(),
        forms or nullcontext(),
        Writer(output, sys.stdout.buffer, args.json, by, present(args)) as writer,
    ):
        if packets and bar:
            packets.progress = bar.part("writing packets", "lines to hold")
        summary = decide_file(
            Path(args.orders),
            writer,
            assume=args.assume,
            stated=parse_set(args.set),
            by=by,
            today=present(args),
            layout=layout,
            carry=args.carry,
            carry_rest=args.carry_rest,
            answers=answers,
            beside=[each for each in (forms, packets) if each],
            progress=bar,
        )
    summary.note(writer.notes)
    width = min(shutil.get_terminal_size((80, 24)).columns, 120)
    text = "".join(f"! {line}\n" for line in said(args)) + summary.text(width)
    quiet = args.json and output is None
    if not quiet:
        print(text, end="", file=sys.stdout if output else sys.stderr)
    elif summary.unmatched:
        print(f"headgate: --answers {args.answers}: {summary.lost_answers()}", file=sys.stderr)
    if output and not args.json:
        print(f"Decisions: {output}")
    if packets and not quiet:
        print(packets.said(), file=sys.stdout if output else sys.stderr)
    # A row of answers about no line is as bad as a line that cannot be read.
    outcomes = [*summary.outcomes, *(["invalid_row"] if summary.unmatched else [])]
    return exit_code(outcomes, summary.stale, args.strict)


def _bar(args: argparse.Namespace) -> AbstractContextManager[Bar | None]:
    """Return what shows how far it is; decisions that scroll over the terminal show that by themselves."""
    scrolls = args.output is None and sys.stdout.isatty()
    return watched(f"deciding {Path(args.orders).name}", args.json or scrolls, "lines")


def _written(args: argparse.Namespace) -> dict[str, str | None]:
    """Return the files to write by their options; refuse one without a name, or that is read too."""
    written = {"-o": args.output, "--questions": args.questions, "--answers-template": args.answers_template}
    for option, target in written.items():
        if target is not None and not target.strip():
            raise UsageError(f"{option}: no name is given; name a file, or leave the option out")
    read = {"the order book": args.orders, "the table of answers": args.answers}
    for option, target in written.items():
        for name, source in read.items():
            if target and source and Path(target).exists() and Path(source).exists() and Path(target).samefile(source):
                raise UsageError(f"{option} {target}: this is {name} itself; name another file")
    return written


def _packets(args: argparse.Namespace, written: Mapping[str, str | None]) -> Packets | None:
    """Return what writes the packets, when they are asked for."""
    if args.packet is None:
        if args.packet_pdf:
            raise UsageError("--packet-pdf needs --packet DIR, the folder in which the packets go")
        return None
    from headgate.decide.packet.packets import Packets

    inside = Path(args.packet).absolute()
    for option, target in written.items():
        if target and Path(target).absolute().is_relative_to(inside):
            raise UsageError(
                f"{option} {target}: this is in the folder of --packet, which must be empty; write it elsewhere"
            )
    others = {"Map of headings": args.map, "Own parts": args.items, "Answers": args.answers}
    return Packets(
        args.packet, Path(args.orders), others, said(args), args.packet_pdf, asked=asked(args), today=present(args)
    )
