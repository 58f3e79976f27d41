"""`headgate world backtest`: forecasts from four origins, scored beside two naive ones, wins and losses alike."""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.cli.numbers import whole
from headgate.cli.world_options import seed
from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.world.scores import Backtest

PURPOSE = "Print how well the world forecast what came, from four origins, beside two naive forecasts."
ABOUT = f"""{PURPOSE}

The world is fitted to what was known at the end of 2023Q4, 2024Q2, 2024Q4 and 2025Q2,
under the law as known then, and forecasts four quarters. Scores are stored;
--refit makes them anew, about two minutes a fit on two cores. Fits are kept, so that
an interrupted run goes on where it stopped.
"""
EXAMPLE = """\
Example:
  headgate world backtest
  headgate world backtest --json
  headgate world backtest --refit --folder fits --out .
"""
DRAWS = 4000


def refuse_without_refit(option: str) -> NoReturn:
    """Refuse an option of a run where nothing is run."""
    raise UsageError(f"{option} changes nothing about stored scores. Add --refit to make them anew, or leave it out.")


def refuse_no_folder(option: str, path: Path) -> NoReturn:
    """Refuse a folder that is not there, or is none."""
    raise UsageError(f"{option} {path}: there is no such folder. Make it first, or name another.")


def add(commands: Any) -> None:
    """Add `backtest` to the commands of the world."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("backtest", help=PURPOSE, description=ABOUT, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("--refit", action="store_true", help="make the scores anew instead of reading what is stored")
    group = made.add_argument_group("with --refit")
    group.add_argument("--draws", metavar="N", type=whole, help=f"draws of each forecast ({DRAWS})")
    group.add_argument("--seed", metavar="N", type=seed, help="which random numbers, of fits and forecasts (0)")
    group.add_argument("--warmup", metavar="N", type=whole, help="steps of each chain that are thrown away (300)")
    group.add_argument("--samples", metavar="N", type=whole, help="steps of each chain that are kept (300)")
    group.add_argument("--folder", metavar="DIR", type=Path, help="where fits are kept (~/.cache/headgate/backtest)")
    group.add_argument(
        "--out", metavar="DIR", type=Path, help="write the scores here, as backtest.csv and backtest.toml"
    )
    made.add_argument("--json", action="store_true", help="print JSON, one object a line")
    made.set_defaults(run=run)


def check(args: argparse.Namespace) -> None:
    """Refuse options that do not go together, and folders that are not there.

    Raises:
        UsageError: An option of a run without --refit, or a folder that cannot be written to.
    """
    if not args.refit:
        for name in ("draws", "seed", "warmup", "samples", "folder", "out"):
            if getattr(args, name) is not None:
                refuse_without_refit(f"--{name}")
    if args.out is not None and not args.out.is_dir():
        refuse_no_folder("--out", args.out)
    if args.folder is not None and args.folder.exists() and not args.folder.is_dir():
        refuse_no_folder("--folder", args.folder)


def run(args: argparse.Namespace) -> int:
    """Print the stored scores, or make them anew."""
    from headgate.cli.text import emit, say, terminal_width
    from headgate.world.scores import read

    check(args)
    found = refitted(args) if args.refit else read()
    if args.json:
        for record in records(found):
            emit(record)
    else:
        say(shown(found, terminal_width()))
    return 0


def fits_folder() -> Path:
    """Return where fits are kept unless another folder is named."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headgate" / "backtest"


def refitted(args: argparse.Namespace) -> "Backtest":
    """Make the scores anew, and write them where that was asked for."""
    from headgate.decide.one import decider
    from headgate.world.backtest import backtest
    from headgate.world.scores import write

    fit = {name: getattr(args, name) for name in ("warmup", "samples") if getattr(args, name) is not None}
    found = backtest(
        decider(),
        args.folder or fits_folder(),
        draws=args.draws or DRAWS,
        seed=args.seed or 0,
        fit=fit,
        told=lambda line: print(line, file=sys.stderr, flush=True),
        bar=sys.stderr.isatty() and not args.json,
    )
    if args.out is not None:
        write(found, args.out)
    return found


def records(found: "Backtest") -> Iterator[dict[str, object]]:
    """Yield a back-test as objects for JSON: what it was made of, the table, then every forecast."""
    from headgate.world.scores import lines, stale

    about = {"run": dict(found.run), "fits": {k: dict(v) for k, v in found.fits.items()}}
    yield {"kind": "backtest", **about, "hindsight": list(found.hindsight), "other_than_now": stale(found)}
    for line in lines(found.scores):
        yield {"kind": "score", **asdict(line)}
    for score in found.scores:
        yield {"kind": "forecast", **asdict(score)}


def shown(found: "Backtest", width: int) -> Iterator[str]:
    """Yield a back-test as lines: where the world loses and wins, the tables, the hindsight, what it was made of."""
    from headgate.cli.text import Column, table, wrap
    from headgate.world.scores import lines, stale
    from headgate.world.scores_told import HEAD, READ, cells, parts, verdict

    made, room = lines(found.scores), min(width, 120)
    for text in verdict(made):
        yield from wrap(text, room, "", "  ")
    columns = [Column(HEAD[0]), Column(HEAD[1]), *(Column(h, right=True) for h in HEAD[2:])]
    for heading, mine in parts(made):
        yield ""
        yield heading.upper()
        yield from table(columns, [cells(x) for x in mine], width)
    yield ""
    yield from wrap(READ, room)
    yield ""
    yield "WHAT HINDSIGHT IS IN IT"
    for text in found.hindsight:
        yield from wrap(text, room, "- ", "  ")
    yield ""
    fits = "; ".join(
        f"{origin}: R-hat {told['r_hat']:.3f}, effective sample {told['effective_sample']:.0f}"
        for origin, told in found.fits.items()
    )
    yield from wrap(f"Fits. {fits}.", room)
    yield from wrap(f"{found.run['draws']:,} draws a forecast, seed {found.run['seed']}.", room)
    if others := stale(found):
        yield from wrap(f"Made with other {' and '.join(others)} than now; --refit makes the scores anew.", room)
