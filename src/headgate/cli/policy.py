"""`headgate policy`: bills, instruments, China's measures and open questions, each with its sources and conflicts."""

import argparse
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from headgate.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.catalog.policy_record import Policy

PURPOSE = "Show the policy tracker: what is proposed, in force, suspended or in doubt, and how well it is known."
COMMANDS = {
    "list": (
        "List the records, one a line; a ? behind a status says that no source could be checked.",
        "headgate policy list --kind bill --on 2026-01-01",
    ),
    "show": (
        "Show one record: events, parameters, where sources disagree, the scenario that tries it.",
        "headgate policy show hr6875-ai-overwatch",
    ),
}
WIDEST_TITLE = 48
NOTE = """
A status is that of the last sighting, or with --on that of a day.
An event known by its month counts from the month's last day.
"""


def add(commands: Any) -> None:
    """Add `policy` and its commands to the parser."""
    raw = argparse.RawDescriptionHelpFormatter
    examples = "\n".join(f"  {example}" for _, example in COMMANDS.values())
    policy = commands.add_parser(
        "policy", help=PURPOSE, description=PURPOSE, epilog=f"Example:\n{examples}\n", formatter_class=raw
    )
    verbs = policy.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run in (("list", run_list), ("show", run_show)):
        says, example = COMMANDS[name]
        notes = NOTE if name == "list" else ""
        made = verbs.add_parser(
            name, help=says, description=says, epilog=f"Example:\n  {example}\n{notes}", formatter_class=raw
        )
        if name == "show":
            made.add_argument("id", metavar="ID", help="an id from `headgate policy list`, or a number, as H.R. 6875")
        else:
            made.add_argument("--side", metavar="SIDE", help="only `us` or `china`")
            made.add_argument("--kind", metavar="KIND", help="only this kind: bill, rule, china_measure, ...")
            made.add_argument("--status", metavar="STATUS", help="only this status: in_force, suspended, unknown, ...")
            made.add_argument("--on", metavar="DAY", help="the status as of this day, from the events; YYYY-MM-DD")
        made.add_argument("--json", action="store_true", help="print one JSON object a line")
        made.set_defaults(run=run)


def check_word(option: str, given: str | None, known: Iterable[str]) -> None:
    """Refuse a word outside a closed list.

    Raises:
        UsageError: It is none of them; the message lists near ones.
    """
    words = tuple(known)
    if given is not None and given not in words:
        raise UsageError(f"{option} {given}: no such word.{did_you_mean(given, words)} Known are {', '.join(words)}")


def run_list(args: argparse.Namespace) -> int:
    """Print the records, one a line."""
    from headgate.catalog.policy import policies
    from headgate.catalog.policy_record import KINDS, SIDES, STATUSES
    from headgate.cli.text import emit, read_day, say, terminal_width
    from headgate.days import today

    for option, given, known in (
        ("--side", args.side, SIDES),
        ("--kind", args.kind, KINDS),
        ("--status", args.status, STATUSES),
    ):
        check_word(option, given, known)
    day = read_day("--on", args.on) if args.on else None
    found = [
        p
        for p in policies().values()
        if args.side in (None, p.side) and args.kind in (None, p.kind) and p.status(day)[0] in (args.status or STATUSES)
    ]
    if args.json:
        for p in found:
            emit(as_row(p, day, today()))
    else:
        say(list_lines(found, day, today(), terminal_width()))
    return 0


def as_row(p: "Policy", day: date | None, today: date) -> dict[str, object]:
    """Return a record's line as an object for JSON."""
    status, mark = p.status(day)
    last = p.last_event(day)
    return {
        "id": p.id,
        "title": p.title,
        "kind": p.kind,
        "side": p.side,
        "status": status,
        "status_mark": mark,
        "status_day": day or p.status_day,
        "last_event": {"day": last.day, "what": last.what} if last else None,
        "scenarios": list(p.scenarios),
        "suspended_until": p.suspended_until,
        "review_by": p.review_by,
        "review_overdue_since": p.overdue_since(today),
    }


def status_word(status: str, mark: str) -> str:
    """Return a status as the list shows it.

    Example:
        >>> status_word("in_force", "unverified"), status_word("in_force", "primary")
        ('in_force?', 'in_force')
    """
    return f"{status}?" if mark == "unverified" and status not in ("unknown", "open") else status


def list_lines(found: Iterable["Policy"], day: date | None, today: date, width: int) -> Iterator[str]:
    """Yield the list, grouped by kind, with what is overdue said under its record."""
    from headgate.catalog.policy_record import KINDS
    from headgate.cli.text import Column, shorten, table, wrap

    records = sorted(found, key=lambda p: KINDS.index(p.kind))
    if not records:
        yield f"No record fits{f' on {day}' if day else ''}."
        return
    rows = []
    for p in records:
        last = p.last_event(day)
        day_of, what = (str(last.day), last.what) if last else ("", "")
        rows.append([p.id, status_word(*p.status(day)), day_of, shorten(p.title, WIDEST_TITLE), what])
    columns = [Column("id"), Column("status"), Column("last event"), Column("title", least=10)]
    head, *lines = table([*columns, Column("what", least=30)], rows, width)
    yield head
    for n, (p, line) in enumerate(zip(records, lines, strict=True)):
        if n == 0 or records[n - 1].kind != p.kind:
            yield from ("", f"{p.kind.replace('_', ' ').upper()} ({sum(other.kind == p.kind for other in records)})")
        yield line
        if since := p.overdue_since(today):
            now = status_word(*p.status(today))
            changed = "" if day or now == status_word(*p.status()) else f"; by its events now {now}"
            yield f"    review overdue since {since}{changed}"
    yield ""
    when = f"on {day}" if day else "when last seen"
    yield from wrap(
        f"{len(records)} records, status {when}; ? unverified. `headgate policy show ID` has the rest.", width
    )


def run_show(args: argparse.Namespace) -> int:
    """Print one record with everything it holds."""
    from headgate.catalog.policy import find_policy
    from headgate.cli.policy_page import show_lines
    from headgate.cli.text import emit, prose_width, say
    from headgate.days import today

    p = find_policy(args.id)
    if args.json:
        emit(as_record(p, today()))
    else:
        say(show_lines(p, today(), prose_width()))
    return 0


def as_record(p: "Policy", today: date) -> dict[str, object]:
    """Return a whole record as an object for JSON."""
    from dataclasses import asdict

    status, mark = p.status(today)
    return {
        **as_row(p, None, today),
        "status_today": {"day": today, "status": status, "mark": mark},
        "numbers": dict(p.numbers),
        "sponsors": dict(p.sponsors),
        "events": [asdict(e) for e in p.events],
        "parameters": [asdict(e) for e in p.parameters],
        "disagree": [asdict(e) for e in p.disagree],
        "candidates": [asdict(e) for e in p.candidates],
        "related": list(p.related),
        "why": p.why,
        "look_at": list(p.look_at),
        "note": p.note,
        "sources": list(p.sources),
    }
