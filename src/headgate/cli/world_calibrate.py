"""`headgate world calibrate`: ask history, say how well that went and what it taught, and store it."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.cli.numbers import whole
from headgate.cli.progress import watched
from headgate.cli.world_files import check_files
from headgate.cli.world_options import baseline, seed
from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.world.build import World
    from headgate.world.learned import Learned
    from headgate.world.posterior import Posterior
    from headgate.world.predictive import Inside
    from headgate.world.results import Results

PURPOSE = "Fit what the world supposes to the history of 2022 to 2025, and store the result."
ABOUT = f"""{PURPOSE}

It takes some minutes on two cores, and prints how well the sampler did, which
quantities history moved most, and how many published numbers lie in the bands before
and after. A fit that did not come out well is refused, and nothing is written.
"""
EXAMPLE = """\
Example:
  headgate world calibrate --stored
  headgate world calibrate --stored --pictures checks
  headgate world calibrate --warmup 500 --samples 750 --out posterior.parquet
"""
WARMUP, SAMPLES, CHAINS, DRAWS = 500, 750, 4, 4000
MOST_LEARNED = 15
FIT = ("warmup", "samples", "chains", "through", "out")


def refuse_with_stored(option: str) -> NoReturn:
    """Refuse an option of a fit where nothing is fitted."""
    raise UsageError(
        f"{option} changes nothing about the stored posterior. Leave out --stored to fit anew, or leave it out."
    )


def refuse_later(label: str, last: str) -> NoReturn:
    """Refuse to know of what history does not tell."""
    raise UsageError(f"--through {label}: history ends with {last}. Give that quarter or an earlier one.")


def refuse_cut_short(label: str) -> NoReturn:
    """Refuse to store a posterior of a part of history where the world looks for one of all of it."""
    raise UsageError(
        f"--through {label}: a posterior of a part of history is not stored as the world's. Name a file with --out."
    )


def refuse_no_place() -> NoReturn:
    """Refuse to fit where the result could not be stored."""
    raise UsageError(
        "the stored posterior belongs to a checkout, and this is an installed package. Name a file with --out."
    )


def add(commands: Any) -> None:
    """Add `calibrate` to the commands of the world."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("calibrate", help=PURPOSE, description=ABOUT, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("--stored", action="store_true", help="fit nothing; show the posterior that is stored")
    made.add_argument("--stale", action="store_true", help="with --stored: also one made with other law or data")
    made.add_argument("--out", metavar="FILE.parquet", type=Path, help="write here (in a checkout: the world's own)")
    made.add_argument("--pictures", metavar="DIR", type=Path, help="draw the predictive checks as PNG, SVG and PDF")
    group = made.add_argument_group("how it is fitted")
    group.add_argument("--warmup", metavar="N", type=whole, help=f"steps of each chain that are thrown away ({WARMUP})")
    group.add_argument("--samples", metavar="N", type=whole, help=f"steps of each chain that are kept ({SAMPLES})")
    group.add_argument("--chains", metavar="N", type=whole, help=f"chains, side by side ({CHAINS})")
    group.add_argument("--through", metavar="QUARTER", help="last quarter that may be known (2025Q4)")
    group.add_argument("--draws", metavar="N", type=whole, default=DRAWS, help=f"draws of the checks ({DRAWS})")
    group.add_argument("--seed", metavar="N", type=seed, default=0, help="which random numbers (0)")
    made.add_argument("--json", action="store_true", help="print JSON, one object a line")
    made.set_defaults(run=run)


def place_of(args: argparse.Namespace, through: int) -> Path:
    """Return where the fit is to be stored.

    Raises:
        UsageError: The world's own posterior cannot stand there, or a part of history was asked for.
    """
    from headgate.world.axes import LABELS
    from headgate.world.posterior import FILE
    from headgate.world.tables import HISTORY_ENDS

    if args.out is not None:
        return Path(args.out)
    if through < HISTORY_ENDS:
        refuse_cut_short(LABELS[through])
    root = FILE.parents[4]
    if not (root / "pyproject.toml").is_file() or not os.access(FILE.parent, os.W_OK):
        refuse_no_place()
    return FILE


def through_of(args: argparse.Namespace) -> int:
    """Return the last quarter that may be known, as a place on the axis.

    Raises:
        UsageError: It is no quarter, or history ends before it.
    """
    from headgate.world.axes import LABELS, quarter
    from headgate.world.tables import HISTORY_ENDS

    if args.through is None:
        return HISTORY_ENDS
    found = quarter(args.through)
    if found > HISTORY_ENDS:
        refuse_later(args.through, LABELS[HISTORY_ENDS])
    return found


def run(args: argparse.Namespace) -> int:
    """Fit, or read what is stored; print what came of it."""
    from headgate.cli.text import emit, say, terminal_width
    from headgate.world.learned import foremost, learned
    from headgate.world.predictive import checked, insides, published

    if args.stored:
        for name in (name for name in FIT if getattr(args, name) is not None):
            refuse_with_stored(f"--{name}")
    check_files(args)
    world = baseline(args)
    posterior, told = read(world, args.stale) if args.stored else fitted(args, world)
    with watched("checks", args.json) as bar:
        results = checked(world, posterior, args.draws, args.seed, bar)
    moved, points = learned(world.priors, posterior), published(world.rows)
    within = insides(results, points)
    if args.json:
        emit(
            {"kind": "fit", **told, **posterior.diagnostics, "made_of": dict(posterior.made_of), "hash": posterior.hash}
        )
        for kind, rows in (("learned", moved), ("check", within)):
            for row in rows:
                emit({"kind": kind, **asdict(row)})
    else:
        say(shown(posterior, told, foremost(moved), within, terminal_width()))
    for path in pictures(args, results, points):
        if not args.json:
            print(f"written: {path}")
    return 0


def read(world: "World", stale: bool) -> tuple["Posterior", dict[str, object]]:
    """Return the stored posterior, and where it stands.

    Raises:
        UsageError: There is none, or it was made with other law or data, and --stale is not given.
    """
    from headgate.world.posterior import FILE, fitting, load

    return fitting(load(), world, stale), {"path": FILE.name}


def fitted(args: argparse.Namespace, world: "World") -> tuple["Posterior", dict[str, object]]:
    """Fit and store; return the posterior, where it stands and how long it took.

    Raises:
        UsageError: The fit did not come out well; nothing is written.
    """
    from headgate.world.posterior import store

    through = through_of(args)
    path = place_of(args, through)
    from headgate.world.fit.calibrate import calibrate

    begun = time.monotonic()
    posterior = calibrate(
        world,
        through,
        args.warmup or WARMUP,
        args.samples or SAMPLES,
        args.chains or CHAINS,
        args.seed,
        sys.stderr.isatty() and not args.json,
    )
    seconds = round(time.monotonic() - begun, 1)
    store(posterior, path)
    return posterior, {"path": str(args.out or path.name), "seconds": seconds}


def pictures(args: argparse.Namespace, results: dict[str, "Results"], points: Any) -> Iterator[Path]:
    """Draw the predictive checks where that was asked for, and yield the names of the files."""
    if args.pictures is None:
        return
    from headgate.world.charts import save_charts
    from headgate.world.predictive import charts

    about = f"{args.draws:,} draws, seed {args.seed}; flows, without the errors of those who count them."
    manifest = {name: dict(each.manifest) for name, each in results.items()}
    yield from save_charts(charts(results, points, about), args.pictures, manifest)


def shown(
    posterior: "Posterior", told: dict[str, object], moved: list["Learned"], within: list["Inside"], width: int
) -> Iterator[str]:
    """Yield a fit as lines: how well the sampler did, what history taught, what lies in the bands."""
    from headgate.cli.text import Column, table, wrap
    from headgate.cli.world_shown import tidy

    d = posterior.diagnostics
    yield "FIT"
    yield from wrap(
        f"R-hat at most {d['r_hat']:.3f}, effective sample at least {d['effective_sample']:.0f}, "
        f"{d['divergent_share']:.2%} of the steps diverged; {d['chains']} chains, {d['draws']:,} draws of "
        f"{len(posterior.names)} numbers, {d['mean_steps']:.0f} leapfrog steps each.",
        min(width, 120),
    )
    took = f", {told['seconds']} seconds" if "seconds" in told else ""
    yield from wrap(f"History through {posterior.made_of['through']}{took}: {told['path']}", min(width, 120))
    yield ""
    yield f"WHAT HISTORY MOVED MOST ({MOST_LEARNED} OF {len(moved)})"
    columns = [Column("quantity"), Column("when"), *(Column(h, right=True) for h in ("before", "after", "nats"))]
    rows = []
    for each in moved[:MOST_LEARNED]:
        before, after = (f"{tidy(b)} {tidy(a)}..{tidy(c)}" for a, b, c in (each.prior, each.posterior))
        rows.append([each.id, each.when, before, after, f"{each.moved:.2f}"])
    yield from table(columns, rows, width)
    yield ""
    yield "PUBLISHED NUMBERS IN THE BANDS"
    columns = [
        Column("series"),
        Column("under"),
        *(Column(h, right=True) for h in ("points", "in 50 %", "in 90 %", "width")),
    ]
    yield from table(
        columns,
        [[c.series, c.of, str(c.points), str(c.in50), str(c.in90), f"{c.width:.1f}"] for c in within],
        width,
    )
    yield "  width: the upper end of the 90 % band over the lower, median of the points."
