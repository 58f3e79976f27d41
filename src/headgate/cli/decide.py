"""`headgate decide`: an order book in, decisions out, a summary for the person."""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from headgate.cli.under import add_options, chosen, present, said
from headgate.errors import UsageError

EXAMPLE = """example:
  headgate decide examples/orders.csv -o decisions.csv
  headgate decide examples/orders.csv -o decisions.csv --questions questions.csv --answers-template answers.csv

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
    parser.add_argument("--items", metavar="FILE.csv", help="your own parts: part number (item) and measure columns")
    parser.add_argument("--map", metavar="FILE.toml", help="how your columns become ours (see `headgate map --help`)")
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook to decide")
    parser.add_argument("--heading-row", metavar="N", type=int, help="the row of the headings, from 1; by default 1")
    parser.add_argument("--carry", action="append", default=[], metavar="COLUMN", help="pass an unknown column through")
    parser.add_argument("--carry-rest", action="store_true", help="pass every input column through")
    parser.add_argument("--answers", metavar="FILE", help="answers to the questions of red flags, one row a line_id")
    parser.add_argument("--questions", metavar="FILE", help="write the open questions of red flags: .csv or .jsonl")
    parser.add_argument("--answers-template", metavar="FILE", help="write a table to fill in and give to --answers")
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
    from headgate.decide.questionnaire import Questionnaire
    from headgate.decide.read import read_map
    from headgate.decide.write import Writer

    if args.columns:
        return show_columns(args.json)
    if args.orders is None:
        raise UsageError("name the order book: headgate decide ORDERS.csv (or --columns to see what it may hold)")
    output = Path(args.output) if args.output else None
    written = {"-o": args.output, "--questions": args.questions, "--answers-template": args.answers_template}
    read = {"the order book": args.orders, "the table of answers": args.answers}
    for option, target in written.items():
        for name, source in read.items():
            if target and source and Path(target).exists() and Path(source).exists() and Path(target).samefile(source):
                raise UsageError(f"{option} {target}: this is {name} itself; name another file")
    answers = read_answers(args.answers)
    asked = Questionnaire(args.questions, args.answers_template) if args.questions or args.answers_template else None
    layout = read_map(args.map)
    layout = replace(layout, sheet=args.sheet or layout.sheet, heading_row=args.heading_row or layout.heading_row)
    with asked or nullcontext(), Writer(output, sys.stdout.buffer, args.json) as writer:
        summary = decide_file(
            Path(args.orders),
            writer,
            assume=args.assume,
            stated=parse_set(args.set),
            by=chosen(args),
            today=present(args),
            layout=layout,
            carry=args.carry,
            carry_rest=args.carry_rest,
            answers=answers,
            beside=[asked] if asked else [],
        )
    width = min(shutil.get_terminal_size((80, 24)).columns, 120)
    text = "".join(f"! {line}\n" for line in said(args)) + summary.text(width)
    quiet = args.json and output is None
    if not quiet:
        print(text, end="", file=sys.stdout if output else sys.stderr)
    elif summary.unmatched:
        print(f"headgate: --answers {args.answers}: {summary.lost_answers()}", file=sys.stderr)
    if output and not args.json:
        print(f"Decisions: {output}")
    # A row of answers about no line is as bad as a line that cannot be read.
    outcomes = [*summary.outcomes, *(["invalid_row"] if summary.unmatched else [])]
    return exit_code(outcomes, summary.stale, args.strict)
