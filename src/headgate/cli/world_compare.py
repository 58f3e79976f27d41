"""`headgate world compare`: any number of scenarios against one world, each with the same draws, in one table."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.cli.progress import watched
from headgate.cli.world_files import check_files
from headgate.cli.world_options import BASELINE, baseline, check, chosen, common, posterior_of
from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.world.build import World
    from headgate.world.compared import Compared, Number
    from headgate.world.posterior import Posterior

PURPOSE = "Compare scenarios with one world, draw by draw: what moves, China's chips by channel, the gap, orders."
EXAMPLE = """\
Example:
  headgate world compare baseline no-controls full-embargo
  headgate world compare no-controls october-2022-only --draws 2000
  headgate world compare --all --out compared.parquet

`baseline` is the law as it is enforced. Each scenario is run beside it with the
same draws, one pair at a time, so that memory does not grow with their number.
"""
WIDE = 170


def add(commands: Any) -> None:
    """Add `compare` to the commands of the world."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("compare", help=PURPOSE, description=PURPOSE, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("names", metavar="BASELINE SCENARIO", nargs="*", help="`baseline` or a scenario; then scenarios")
    made.add_argument("--all", action="store_true", help="compare every scenario of the package")
    made.add_argument("--out", metavar="FILE.parquet", type=Path, help="write the comparison as one table")
    common(made)
    made.set_defaults(run=run)


def names_of(args: argparse.Namespace) -> tuple[str, list[str]]:
    """Return the baseline and the scenarios to compare with it, each once.

    Raises:
        UsageError: There is no scenario to compare.
    """
    from headgate.scenario.record import names

    first, *rest = args.names or [BASELINE]
    scenarios = list(dict.fromkeys([*rest, *(names() if args.all else ())]))
    if not scenarios:
        told = f"only {first} is named" if args.names else "nothing is named"
        raise UsageError(
            f"world compare: {told}. Name a baseline and at least one scenario, as in "
            f"`world compare {BASELINE} no-controls`, or say --all."
        )
    return first, scenarios


def run(args: argparse.Namespace) -> int:
    """Compare and print; the table is written once all scenarios have run."""
    from headgate.cli.text import emit, prose_width, say, terminal_width
    from headgate.world.compared import headline

    first, scenarios = names_of(args)
    check_files(args)
    law = baseline(args)
    base = law if first == BASELINE else chosen(args, first)
    posterior = posterior_of(args, law)
    for name in scenarios:
        check(args, name)
    found = []
    for one in pairs(args, base, scenarios, posterior):
        found.append(one)
        if args.json:
            emit({"kind": "compared", "baseline": base.name, **record(one)})
    if not args.json:
        from headgate.cli.text import wrap

        say(wrap(headline(base.name, found), prose_width()))
        say(shown(base.name, found, terminal_width()))
    if args.out is not None:
        from headgate.files import write_whole
        from headgate.world.compared import frame
        from headgate.world.table import parquet

        write_whole(args.out, parquet(frame(found), [dict(c.manifest) for c in found]))
        if not args.json:
            print(f"written: {args.out}")
    return 0


def pairs(
    args: argparse.Namespace, base: "World", names: Sequence[str], posterior: "Posterior | None"
) -> Iterator["Compared"]:
    """Run each scenario beside the baseline, one pair at a time, and yield what is compared."""
    from headgate.world.compared import compared
    from headgate.world.run import run as simulate

    for n, name in enumerate(names, start=1):
        with watched(f"{n} of {len(names)}, {name}", args.json) as bar:
            each = chosen(args, name)
            results = simulate([base, each], args.draws, args.seed, posterior, bar, sample=1)
        yield compared((base, each), results)


def record(c: "Compared") -> dict[str, object]:
    """Return one scenario as an object for JSON."""
    from headgate.world.compared import NUMBERS
    from headgate.world.frames import LEVELS

    numbers = {
        n.id: {
            "says": n.says,
            "unit": n.unit,
            **dict(zip(LEVELS, c.levels[n.id], strict=True)),
            "baseline": dict(zip(LEVELS, c.base[n.id], strict=True)),
            "change": dict(zip(LEVELS, c.changes[n.id], strict=True)),
        }
        for n in NUMBERS
    }
    told = {"scenario": c.scenario, "says": c.says, "lanes_moved": c.moved, "same_as_baseline": c.is_same}
    return {**told, "numbers": numbers, "manifest": dict(c.manifest)}


def shown(base: str, found: Sequence["Compared"], width: int) -> Iterator[str]:
    """Yield the comparison for a person: two tables, with intervals where the terminal is wide."""
    from headgate.cli.text import wrap
    from headgate.cli.world_shown import manifest_lines
    from headgate.world.compared import NUMBERS

    added = [n for n in NUMBERS if n.unit == "H100-equivalents"]
    rest = [n for n in NUMBERS if n not in added]
    yield ""
    yield f"WHAT CHINA ADDS 2026 TO 2028, H100-EQUIVALENTS, LESS THAT UNDER {base.upper()}"
    yield from _table(base, found, added, width, moved=True)
    yield ""
    yield f"US OVER CHINA, FP8, END OF YEAR; ORDERS IN USD; LESS THAT UNDER {base.upper()}"
    yield from _table(base, found, rest, width)
    yield ""
    intervals = "" if width >= WIDE else f" The intervals: on {WIDE} columns, with --json or with --out."
    words = f"The first line: medians of {base}; the others: scenario less {base}, draw by draw. Moved: chips on lanes "
    words += "with another answer of the law. Domestic: chips of Chinese design, wherever their dies are made. "
    words += "Ctrl: controlled, that is owned or rented. "
    yield from wrap(f"{words}In parentheses: the 90 % interval holds zero.{intervals}", min(width, 120), "  ")
    yield from manifest_lines({k: v for k, v in found[0].manifest.items() if k not in VARIES}, width)


VARIES = ("scenario", "hash_lanes", "hash_changes")


def _table(
    base: str, found: Sequence["Compared"], numbers: Sequence["Number"], width: int, moved: bool = False
) -> list[str]:
    from headgate.cli.text import Column, table
    from headgate.cli.world_shown import tidy

    rows = [[base, *([""] if moved else []), *(tidy(found[0].base[n.id][2]) for n in numbers)]]
    for c in found:
        cells = [change(c.changes[n.id], width >= WIDE) for n in numbers]
        rows.append([c.scenario, *([f"{c.moved:,}" if c.moved else "-"] if moved else []), *cells])
    heads = [Column("scenario", least=20), *([Column("moved", right=True)] if moved else [])]
    return table([*heads, *(Column(n.head, right=True) for n in numbers)], rows, width)


def change(numbers: Sequence[float], is_wide: bool) -> str:
    """Return a change as a cell: its median, in parentheses where the 90 % interval holds zero, or with the interval.

    Example:
        >>> change([-3.0, -2.0, -1.0, 0.5, 1.0], False), change([1.0, 2.0, 3.0, 4.0, 5.0], True)
        ('(-1)', '+3 +1..+5')
    """
    from headgate.cli.world_shown import cell, tidy

    if is_wide:
        return cell(numbers, "+")
    median, is_zero = tidy(numbers[2], "+"), numbers[0] == numbers[4] == 0
    return f"({median})" if numbers[0] <= 0 <= numbers[4] and not is_zero else median
