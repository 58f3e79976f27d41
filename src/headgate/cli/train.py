"""`headgate train`: what it takes to train a model on a stock of chips, how to lay it out, and how sure that is."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headgate.cli.numbers import above_zero, pairs, share, whole, zero_or_more

if TYPE_CHECKING:
    from headgate.predict.train.record import Trained

PURPOSE = "Predict days, energy and dollars to train a model on a stock of chips."
EXAMPLE = """\
Example:
  headgate train --model deepseek-v3 --machine cloudmatrix-384 --chips 3072 --tokens 14.8T
  headgate train --model deepseek-v3 --machine h800 --chips 2048 --tokens 14.8T --search
  headgate train --model llama3-70b --machine h100 --chips 512 1024 2048 --tokens 15T --most-usd 3e6
  headgate train --model deepseek-v3 --machine vr200 --chips 2016 --tokens 14.8T --precision nvfp4-best-case

What --set does not hold is searched among what the software usually does;
--search tries every schedule, sharding and, unless --precision is given, recipe.
Parts to --set: tensor, pipeline, context, data, expert, expert_tensor, virtual,
micro_batch, shard, recompute, schedule, sequence_parallel (or tp, pp, cp, dp, ep,
vpp).
"""
LIMITS = {"days": "most_days", "usd": "most_usd", "mwh": "most_mwh"}
BAR = 40


def add(commands: Any) -> None:
    """Add `train` to the parser."""
    made = commands.add_parser(
        "train",
        help=PURPOSE,
        description=PURPOSE,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--model", required=True, metavar="M", help="a model's id, alias or name, or a path to TOML")
    made.add_argument("--machine", required=True, metavar="X", help="a machine, or a chip for its usual machine")
    made.add_argument("--chips", required=True, metavar="N", nargs="+", type=whole, help="chips; or several counts")
    made.add_argument("--tokens", required=True, metavar="T", help="budget, as 14.8T, 500B or 2e12")
    made.add_argument("--precision", metavar="R", help="recipe, as bf16 or mxfp8; by default the usual one of the chip")
    made.add_argument("--sequence", metavar="TOKENS", type=whole, default=4096, help="tokens in a sequence (4096)")
    made.add_argument("--batch", metavar="N", type=whole, help="sequences in a step; by default near 16 Mi tokens")
    made.add_argument("--set", action="append", default=[], metavar="PART=SIZE", help="hold a part of the layout")
    made.add_argument("--search", action="store_true", help="try every schedule, sharding and recipe")
    made.add_argument("--software", metavar="TEXT", help="stack and release, as 'NeMo 25.11'; by default the usual one")
    made.add_argument("--objective", metavar="WHAT", default="time", help="choose among counts by time, cost or energy")
    made.add_argument("--most-days", metavar="DAYS", type=above_zero, help="leave out counts that take longer")
    made.add_argument("--most-usd", metavar="USD", type=above_zero, help="leave out counts that cost more")
    made.add_argument("--most-mwh", metavar="MWH", type=above_zero, help="leave out counts that need more energy")
    made.add_argument("--usd-per-chip", metavar="USD", type=zero_or_more, help="price of a chip with its share of all")
    add_terms(made)
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.set_defaults(run=run)


def add_terms(made: argparse.ArgumentParser) -> None:
    """Add the options of what a cost assumes."""
    made.add_argument("--usd-per-kwh", metavar="USD", type=zero_or_more, help="price of electricity (0.08)")
    made.add_argument("--years", metavar="YEARS", type=above_zero, help="years over which the price is spread (5)")
    made.add_argument("--utilization", metavar="SHARE", type=share, help="share of hours that are used (0.8)")
    made.add_argument("--pue", metavar="RATIO", type=above_zero, help="power of the building over the machines' (1.25)")


def terms_of(args: argparse.Namespace) -> Any:
    """Return the terms of the cost as the options state them."""
    from headgate.machine.cost import Terms

    given = {
        "amortization_years": args.years,
        "utilization_share": args.utilization,
        "usd_per_kwh": args.usd_per_kwh,
        "pue": args.pue,
    }
    return Terms(**{name: value for name, value in given.items() if value is not None})


def run(args: argparse.Namespace) -> int:
    """Predict a job of training."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.predict.train import train
    from headgate.predict.train.record import record_of

    job = train(
        args.model,
        args.machine,
        args.chips,
        args.tokens,
        precision=args.precision,
        sequence=args.sequence,
        batch=args.batch,
        layout=pairs("--set", args.set),
        full_search=args.search,
        software=args.software,
        objective=args.objective,
        limits={name: most for name, option in LIMITS.items() if (most := getattr(args, option)) is not None},
        terms=terms_of(args),
        usd_per_chip=args.usd_per_chip,
    )
    if args.json:
        emit(record_of(job))
    else:
        say(_shown(job, args.search, prose_width()))
    return 0


def _shown(job: "Trained", searched: bool, width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    run = job.run
    yield from wrap(f"{run.architecture.id} on {run.chips:,} x {run.machine.chip.id} ({run.machine.name})", width)
    scale, name = (1e12, "trillion") if job.tokens >= 1e11 else (1e9, "billion")
    tokens = f"{job.tokens / scale:,.6g} {name} tokens"
    batch = f"{run.job.global_batch:,.0f} sequences of {run.job.sequence:,.0f} tokens a step"
    yield from wrap(f"{tokens}, {batch}, {run.recipe.id}, {run.software}", width)
    yield from _figures(job)
    yield from _parts(job)
    yield from _layouts(job, searched, width)
    yield from _front(job)
    yield from ("", "WHAT IT RESTS ON")
    for note in job.notes:
        yield from wrap(note, width, "  - ")
    yield from _sources(job, width)


def _figures(job: "Trained") -> Iterator[str]:
    """Yield the figures with their bands, each in a unit in which it is short."""
    from headgate.cli.numbers import band_head, band_line

    chip = job.run.machine.chip
    roof = chip.kernels[job.run.recipe.format].rate_flop_per_s / 1e12
    names = {
        "days": ("time, with failures", "days"),
        "days_without_failures": ("time, without", "days"),
        "chip_hours": ("chip-hours", ""),
        "mwh": ("energy", "MWh"),
        "usd": ("cost", "USD"),
        "step_time_s": ("step", "s"),
        "tokens_per_s_per_chip": ("tokens/s a chip", ""),
        "mfu": (f"MFU of {roof:,.0f} TFLOP/s", "%"),
        "peak_mem_gib": ("peak memory", f"GiB of {chip.memory_bytes / 2**30:.0f}"),
    }
    yield ""
    yield band_head()
    for name, (label, unit) in names.items():
        median, low, high = (value * (100.0 if name == "mfu" else 1.0) for value in job.figures[name])
        yield band_line(label, (median, low, high), unit)


def _parts(job: "Trained") -> Iterator[str]:
    yield from ("", "WHERE THE STEP GOES")
    for name, part in job.parts.items():
        yield f"  {name:<14} {100 * part:>5.1f} %  {'#' * round(BAR * part)}".rstrip()
    yield f"  failures cost {100 * (1 - float(job.failures.share)):.1f} % of the time besides"


def layout_words(layout: "dict[str, int] | Any") -> str:
    """Return a layout in words; sizes of one are left out.

    Example:
        >>> layout_words({"tensor": 8, "pipeline": 1, "data": 4, "shard": 1, "recompute": 0, "schedule": 0})
        'tensor 8, data 4, micro-batch 1, shards optimizer, recomputes none'
    """
    from headgate.machine.layout import RECOMPUTE, SHARDING
    from headgate.machine.pipeline import SCHEDULES

    sizes = ("tensor", "pipeline", "virtual", "context", "data", "expert", "expert_tensor")
    said = [f"{name.replace('_', ' ')} {layout[name]}" for name in sizes if layout.get(name, 1) > 1]
    said.append(f"micro-batch {layout.get('micro_batch', 1)}")
    said.append(f"shards {SHARDING[layout['shard']]}")
    said.append(f"recomputes {RECOMPUTE[layout['recompute']]}")
    if layout.get("pipeline", 1) > 1:
        said.append(SCHEDULES[layout["schedule"]].replace("_", " "))
    return ", ".join(said)


def _layouts(job: "Trained", searched: bool, width: int) -> Iterator[str]:
    """Yield the chosen layout and, after a full search, the next best ones."""
    from headgate.cli.text import wrap

    ways = f"{job.evaluated:,} ways evaluated, {job.fitting:,} fit into memory"
    yield from ("", f"LAYOUT ({ways})".upper())
    first, *rest = job.options
    yield from wrap(layout_words(first.layout), width, "  ")
    if not rest:
        return
    yield from ("", "NEXT BEST" if searched else "NEXT BEST OF THE USUAL WAYS")
    for option in rest if searched else rest[:3]:
        more = 100 * (option.step_time_s / first.step_time_s - 1)
        said = f"{option.recipe}: {layout_words(option.layout)}; {option.peak_mem_gib:.0f} GiB"
        yield from wrap(said, width, f"  +{more:4.1f} %  ", " " * 11)


def _front(job: "Trained") -> Iterator[str]:
    """Yield the counts of chips that no other beats, where several were given."""
    from headgate.cli.numbers import short
    from headgate.cli.text import Column, table, terminal_width

    if not job.front:
        return
    yield from ("", "COUNTS OF CHIPS THAT NO OTHER BEATS IN DAYS, DOLLARS AND ENERGY")
    rows = []
    for t in job.front:
        cells = [short(t.figures[name][0]) for name in ("days", "usd", "mwh", "mfu")]
        cells[3] = f"{100 * t.figures['mfu'][0]:.1f} %"
        rows.append([f"  {t.run.chips:,}{' *' if t.run.chips == job.run.chips else ''}", *cells])
    heads = [Column("  chips"), *(Column(h, right=True) for h in ("days", "USD", "MWh", "MFU"))]
    yield from table(heads, rows, terminal_width())
    yield "  * chosen, and shown above"


def _sources(job: "Trained", width: int) -> Iterator[str]:
    """Yield where the figures of machine, model and calibration are from."""
    from headgate.cli.text import wrap
    from headgate.predict.grounds import grounds_of

    yield from ("", "SOURCES")
    for what, said in grounds_of(job.run.architecture, job.run.machine, "training").items():
        yield from wrap(f"{what}: {said}", width, "  ", "      ")
