"""`headgate explain`: one transaction, and the memo that says why."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headgate.cli.explain_out import ENDINGS, FORMATS, put, target
from headgate.cli.under import add_options, asked, chosen, present, said
from headgate.errors import RowError, UsageError

if TYPE_CHECKING:
    from headgate.decide.decision import Decision
    from headgate.decide.one import Decider

PURPOSE = "Explain one transaction: the answer, why, and what is missing."
EPILOG = """\
Example:
  headgate explain --item nvidia-h200-sxm --from US --to CN --on 2026-02-15
  headgate explain --item nvidia-rtx-4090 --from US --to CN --on 2024-06-01 --assume clean
  headgate explain --set tpp=4900 --from US --to VN --on 2026-02-15 --json
  headgate explain --item nvidia-h20-96 --from US --to CN --on 2024-06-01 --assume clean --format md
  headgate explain --item nvidia-l4 --from US --to MY --on 2026-06-01 --questions --answer payment_country=HK

-o memo.pdf writes the memo to file: .txt, .md, .html, .pdf or .json.
Without --activity it is derived: from the US an export, within one country a
transfer, otherwise a reexport.
Exit codes: 0 no license, 10 license or prohibited, 11 only exceptions, 20 facts
are missing (or ambiguous, not modeled), 2 usage, 3 stale law under --strict.
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    made = commands.add_parser(
        "explain",
        help=PURPOSE,
        description=PURPOSE,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--item", metavar="ID", help="catalog id, alias or part number; or state measures with --set")
    made.add_argument("--from", dest="ship_from", metavar="COUNTRY", help="ships from: ISO code or English name")
    made.add_argument("--to", dest="destination", metavar="COUNTRY", help="destination: ISO code or English name")
    made.add_argument("--on", dest="event_date", metavar="DAY", required=True, help="the law day, YYYY-MM-DD")
    made.add_argument("--activity", metavar="ACT", help="export, reexport, transfer, ...; derived when left out")
    made.add_argument(
        "--set", dest="stated", action="append", default=[], metavar="FIELD=VALUE", help="state a fact; repeatable"
    )
    made.add_argument("--assume", metavar="clean", help="state the clean facts wherever nothing else is stated")
    made.add_argument("--items", metavar="FILE.csv", help="your own parts: part number and measures")
    made.add_argument(
        "--answer", action="append", default=[], metavar="COLUMN=VALUE", help="answer a red flag's question; repeatable"
    )
    made.add_argument("--questions", action="store_true", help="print the questionnaire instead: red flags and duties")
    add_options(made)
    made.add_argument("--strict", action="store_true", help="exit with 3 when stale or unverified law decided")
    made.add_argument("--format", choices=list(FORMATS), help="form of the memo; by default that of -o, or text")
    made.add_argument("-o", dest="out", metavar="FILE", help=f"write it to a file in {', '.join(ENDINGS)}")
    made.add_argument("--json", action="store_true", help="print the decision as one line of JSON: --format json")
    made.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Decide the transaction, print the memo or the JSON, and return the exit code."""
    from headgate.decide.exits import exit_code, is_stale
    from headgate.decide.facts import parse_set

    form, path = target(args)
    stated = parse_set(args.stated)
    by = chosen(args)
    row, notes = read_row(args, stated)
    answers = parse_set(args.answer, "--answer")
    decision = by.decide(row, args.assume, stated, answers if answers or args.questions else None)
    if decision.outcome == "invalid_row":
        print(f"headgate: {decision.error}", file=sys.stderr)
        return 2
    if args.questions:
        _ask(decision, form == "json")
    elif form == "json":
        put((_json(decision, by, args, row, notes) + "\n").encode(), decision, path)
    elif form == "text" and path is None:
        _show(decision, by, args, notes)
    else:
        put(_memo(decision, by, args, notes, form), decision, path)
    outcomes = [decision.outcome]
    return exit_code(outcomes, is_stale(decision.flags, decision.evidence), args.strict)


def _show(decision: "Decision", by: "Decider", args: argparse.Namespace, notes: Sequence[str]) -> None:
    """Print the memo for a person at a terminal."""
    from headgate.cli.text import prose_width, say
    from headgate.decide.explain import memo
    from headgate.decide.summary import overdue_lines

    say([f"! {line}" for line in said(args)] + overdue_lines(by.book, present(args), prose_width()))
    say(memo(decision, by, prose_width(), notes).splitlines())


def _warnings(args: argparse.Namespace, by: "Decider") -> list[str]:
    """Say under which law it was decided, and which reviews are overdue."""
    from headgate.decide.summary import overdue

    return [*said(args), *overdue(by.book, present(args))]


def _memo(decision: "Decision", by: "Decider", args: argparse.Namespace, notes: Sequence[str], form: str) -> bytes:
    """Return the memo in a form to file."""
    from headgate.decide import paper
    from headgate.decide.explain import memo_page
    from headgate.decide.memo_top import memo_title
    from headgate.decide.prose import wrap

    warnings = _warnings(args, by)
    page, title = memo_page(decision, by, notes, warnings), memo_title(decision, by)
    if form == "pdf":
        return paper.pdf(page, title)
    if form == "text":
        above = [line for text in warnings for line in (*wrap(f"! {text}", page.width), "")]
        return ("".join(f"{line}\n" for line in above) + page.text()).encode()
    return (paper.html if form == "html" else paper.markdown)(page, title).encode()


def read_row(args: argparse.Namespace, stated: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """Return the row of the options and sentences on how they were read; the activity is derived when not given.

    Raises:
        UsageError: A country, day or activity that cannot be read; the message names the option.
    """
    from headgate.decide.columns import read_cell

    options = {"ship_from": "--from", "destination": "--to", "event_date": "--on", "activity": "--activity"}
    row: dict[str, object] = {}
    notes: list[str] = []
    for column, option in options.items():
        given = getattr(args, column)
        try:
            cell = read_cell(column, given)
        except RowError as problem:
            raise UsageError(f"{option}: {str(problem).removeprefix(f'{column}: ')}") from None
        row[column] = cell
        if cell == "CN" and column in ("ship_from", "destination") and "hong" in _country_words(given):
            notes.append("Hong Kong counts as China everywhere in the EAR.")
    if args.item:
        row["item"] = args.item
    if row["activity"] is None and "activity" not in stated:
        row["activity"], how = derive(row.get("ship_from"), row.get("destination"))
        notes.insert(0, how)
    return {column: cell for column, cell in row.items() if cell is not None}, notes


def _country_words(given: str) -> str:
    return "hong" if given.strip().upper() in ("HK", "HKG") else given.casefold()


def derive(start: object, to: object) -> tuple[str | None, str]:
    """Return the activity that two countries make, and a sentence that says so.

    Example:
        >>> derive("US", "CN")[0], derive("CN", "CN")[0], derive("SG", "CN")[0], derive(None, "CN")[0]
        ('export', 'transfer', 'reexport', None)
    """
    from headgate.law.us.ear.s734 import UNITED_STATES

    if start in UNITED_STATES:
        return "export", "It was not given; derived, because the line ships from the United States."
    if start is None or to is None:
        return None, "It was not given and cannot be derived without --from and --to, so it is unknown."
    if start == to:
        return "transfer", "It was not given; derived, because the line stays within one country."
    return "reexport", "It was not given; derived, because the line goes from one foreign country to another place."


def _ask(decision: "Decision", as_json: bool) -> None:
    """Print the questionnaire of a decision."""
    from dataclasses import asdict

    from headgate.cli.text import emit, prose_width, say
    from headgate.decide.questionnaire import open_lines, questions

    asked = questions(decision)
    if as_json:
        for question in asked:
            emit(asdict(question))
    else:
        say(open_lines(asked, prose_width()))


def _json(
    decision: "Decision", by: "Decider", args: argparse.Namespace, row: dict[str, object], notes: Sequence[str]
) -> str:
    """The decision's columns, the facts and cautions beside it, and where the provisions stand."""
    from headgate.decide.memo_end import citations
    from headgate.decide.packet.record import answers_read, cautions, finite, read_cells

    trace = decision.trace
    activity = trace.cells.get("activity") if trace else row.get("activity")
    found = {**decision.to_dict(), "activity": activity, "activity_derived": bool(notes) and not args.activity}
    found |= {"input": read_cells(decision), "answers": answers_read(decision), "notes": list(notes)}
    found |= cautions(decision, by, asked(args), _warnings(args, by))
    return json.dumps(finite({**found, "citations": citations(decision)}), ensure_ascii=False, default=str)
