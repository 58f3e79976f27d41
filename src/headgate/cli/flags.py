"""`headgate flags`: the red flags and duties of care as data, one by one."""

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headgate.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.law.flag_records import RedFlag

PURPOSE = "Show the red flags: what each says and asks, how much it weighs, and the columns that answer it."
COMMANDS: Mapping[str, tuple[str, str]] = {
    "list": ("List the red flags and duties of care.", "headgate flags list --weight block"),
    "show": ("Show one red flag: conditions, sources, evidence to obtain.", "headgate flags show KYC-09"),
}


def add(commands: Any) -> None:
    """Add `flags` and its commands to the parser."""
    raw = argparse.RawDescriptionHelpFormatter
    examples = "\n".join(f"  {example}" for _, example in COMMANDS.values())
    flags = commands.add_parser(
        "flags", help=PURPOSE, description=PURPOSE, epilog=f"Example:\n{examples}\n", formatter_class=raw
    )
    verbs = flags.add_subparsers(title="commands", metavar="COMMAND", required=True)
    made = {
        name: verbs.add_parser(
            name, help=says, description=says, epilog=f"Example:\n  {example}\n", formatter_class=raw
        )
        for name, (says, example) in COMMANDS.items()
    }
    made["list"].add_argument("--weight", metavar="WEIGHT", help="only this weight: block, hold, note or action")
    made["list"].add_argument("--columns", action="store_true", help="list the columns of a table of answers instead")
    made["show"].add_argument("id", metavar="ID", help="a flag id, from `headgate flags list`")
    for name, run in (("list", run_list), ("show", run_show)):
        made[name].add_argument("--json", action="store_true", help="print one JSON object a line")
        made[name].set_defaults(run=run)


def run_list(args: argparse.Namespace) -> int:
    """Print the flags, or the columns of a table of answers."""
    from headgate.cli.text import Column, emit, say, table, terminal_width
    from headgate.law.flag_records import WEIGHTS, flag_records

    if args.columns:
        return _columns(args.json)
    if args.weight is not None and args.weight not in WEIGHTS:
        near = did_you_mean(args.weight, WEIGHTS)
        raise UsageError(f"--weight {args.weight}: no such weight.{near} The weights are {', '.join(WEIGHTS)}")
    found = [f for f in flag_records().flags.values() if args.weight in (None, *weights_of(f))]
    if args.json:
        for flag in found:
            emit(as_record(flag))
        return 0
    rows = [[f.id, "/".join(weights_of(f)), f.start.isoformat(), f.mark, f.says] for f in found]
    heads = (Column("id"), Column("weight"), Column("from"), Column("evidence"), Column("says", least=20))
    say(table(heads, rows, terminal_width()))
    return 0


def _columns(as_json: bool) -> int:
    from dataclasses import asdict

    from headgate.cli.text import emit
    from headgate.law.flag_records import flag_records

    for fact in flag_records().facts.values():
        if as_json:
            emit(asdict(fact))
        else:
            values = f" ({' '.join(fact.values)})" if fact.values else ""
            print(f"{fact.name:32} {fact.kind:10} {fact.words}{values}")
    return 0


def weights_of(flag: "RedFlag") -> tuple[str, ...]:
    """Return the weights that a flag can have, the heaviest first.

    Example:
        >>> from headgate.law.flag_records import find_flag
        >>> weights_of(find_flag("ADV-06")), weights_of(find_flag("DD-01"))
        (('block', 'hold'), ('action',))
    """
    from headgate.law.flag_records import WEIGHTS

    found = {rule.weight for rule in flag.rules} or {flag.weight}
    return tuple(sorted(found, key=WEIGHTS.index))


def as_record(flag: "RedFlag") -> dict[str, object]:
    """Return a flag as an object for JSON, with the ids of its provisions."""
    return {
        "id": flag.id,
        "weights": list(weights_of(flag)),
        "says": flag.says,
        "ask": flag.ask,
        "columns": list(flag.facts),
        "evidence": list(flag.evidence),
        "start": flag.start,
        "section": flag.section,
        "published": flag.published,
        "mark": flag.mark,
        "note": flag.note,
        "provisions": _provisions(flag),
    }


def _provisions(flag: "RedFlag") -> list[str]:
    from headgate.law.us.red_flags import provisions_of

    return list(dict.fromkeys(p.id for p in provisions_of(flag)))


def run_show(args: argparse.Namespace) -> int:
    """Print one flag."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.law.flag_records import find_flag

    flag = find_flag(args.id)
    if args.json:
        emit(as_record(flag))
    else:
        say(_shown(flag, prose_width()))
    return 0


def _shown(flag: "RedFlag", width: int) -> Iterator[str]:
    from headgate.cli.law import expression_words, span_words
    from headgate.cli.text import wrap
    from headgate.law.fields import WORDS
    from headgate.law.flag_records import flag_records
    from headgate.law.us.red_flags import provisions_of

    yield f"{flag.id}  {'/'.join(weights_of(flag))}"
    yield from wrap(flag.says, width, "  ")
    facts = [flag_records().facts[name] for name in flag.facts]
    lines = {
        "ask": flag.ask,
        "obtain": "; ".join(flag.evidence),
        "source": f"{flag.section} ({flag.published})",
        "evidence": flag.mark.replace("_", " "),
        "from": flag.start.isoformat(),
        "note": flag.note,
    }
    for name, text in lines.items():
        if text:
            yield from wrap(text, width, f"  {name + ':':<15}")
    for fact in facts:
        kind = " ".join((fact.kind, *fact.values, fact.unit)).strip()
        yield from wrap(f"{fact.name}: {fact.words} ({kind})", width, f"  {'answer:':<15}")
    for p in provisions_of(flag):
        said = f"{p.weight}, {span_words(p)}: {expression_words(p, WORDS)} [{p.id}]"
        yield from wrap(said, width, f"  {'raised when:':<15}")
        if p.note and p.note != flag.note:
            yield from wrap(p.note, width, " " * 17)
    yield ""
