"""`headgate doctor`: is the installation sound, how old are law and data, and what is not modeled."""

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headgate.cli.doctor_checks import Check

PURPOSE = "Check the installation, the age of law and data, and what is not modeled."
EXAMPLE = """\
Example:
  headgate doctor
  headgate doctor --json

Exit codes: 0 nothing is wrong (a note may stand there), 1 something is. It uses
no network.
"""
SOMETHING_WRONG = 1
INDENT = 23


def add(commands: Any) -> None:
    """Add `doctor` to the parser."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("doctor", help=PURPOSE, description=PURPOSE, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("--json", action="store_true", help="print one JSON object a line")
    made.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what was found; 1 when something is wrong."""
    from dataclasses import asdict

    from headgate.cli.doctor_checks import WRONG, checks
    from headgate.cli.text import emit, prose_width, say
    from headgate.days import today

    found = tuple(checks(today()))
    if args.json:
        for check in found:
            emit(asdict(check))
    else:
        say(shown(found, prose_width()))
    return SOMETHING_WRONG if any(check.state == WRONG for check in found) else 0


def shown(found: Iterable["Check"], width: int) -> Iterator[str]:
    """Yield what was found for a terminal, what is wrong last as well as in its place.

    Example:
        >>> from headgate.cli.doctor_checks import Check
        >>> list(shown([Check("law", "read", "ok", "up to 2026-09-25")], 80))
        ['LAW', '  ok    read           up to 2026-09-25', '', 'Nothing is wrong.']
    """
    from headgate.cli.doctor_checks import NOTE, WRONG
    from headgate.cli.text import wrap

    found, group = tuple(found), ""
    for check in found:
        if check.group != group:
            yield from ([""] if group else [])
            yield check.group.upper()
            group = check.group
        text = f"{check.says}. {check.do}." if check.do else check.says
        yield from wrap(text, width, f"  {check.state:<5} {check.name:<14} ", " " * INDENT)
    wrong = [check.name for check in found if check.state == WRONG]
    notes = sum(check.state == NOTE for check in found)
    told = f" {notes} note{'s' if notes > 1 else ''} above." if notes else ""
    yield from ("", f"Wrong: {', '.join(wrong)}." if wrong else f"Nothing is wrong.{told}")
