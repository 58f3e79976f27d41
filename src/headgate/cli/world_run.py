"""`headgate world run`: the world under the law as it is and under a scenario, draw by draw."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.cli.progress import watched
from headgate.cli.world_files import check_files, write
from headgate.cli.world_options import baseline, check, chosen, common, fitted_words, posterior_of, scenario_of
from headgate.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.world.build import World
    from headgate.world.moved import Move
    from headgate.world.results import Results

PURPOSE = (
    "Run the world, under the law as it is or under a scenario: the gap, China's chips, what the law lets through."
)
EXAMPLE = """\
Example:
  headgate world run
  headgate world run h200-open-at-cap --report h200.html
  headgate world run no-controls --draws 2000 --measure fp8 --measure h100e

Without SCENARIO it runs the law as it is enforced. With one, both worlds see the
same draws, and `change` is scenario less baseline, draw by draw. Numbers are
medians with their 90 % intervals.
"""
STOCK = "h100e"


def add(commands: Any) -> None:
    """Add `run` to the commands of the world."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("run", help=PURPOSE, description=PURPOSE, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("scenario", metavar="SCENARIO", nargs="?", help="the id of a scenario, or a .toml file")
    made.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="set a parameter of SCENARIO")
    made.add_argument("--measure", action="append", default=[], metavar="M", help="only this measure; repeatable")
    made.add_argument("--report", metavar="FILE.html", type=Path, help="write a page with pictures and all sources")
    made.add_argument("--pictures", metavar="DIR", type=Path, help="write the pictures as PNG, SVG and PDF")
    made.add_argument("--out", metavar="FILE.parquet", type=Path, help="write the quantiles as one table")
    common(made)
    made.set_defaults(run=run)


def measures_of(given: Sequence[str]) -> tuple[str, ...]:
    """Return the measures asked for, by default all.

    Raises:
        UsageError: One is unknown; near names are given.

    Example:
        >>> measures_of(["fp8"])
        ('fp8',)
    """
    from headgate.world.axes import MEASURES

    for name in given:
        if name not in MEASURES:
            near = did_you_mean(name, MEASURES)
            raise UsageError(f"--measure {name}: there is no such measure.{near} Measures are {', '.join(MEASURES)}")
    return tuple(dict.fromkeys(given)) or tuple(MEASURES)


def run(args: argparse.Namespace) -> int:
    """Run the world and print what it says; write what was asked for once all of it is known."""
    from headgate.cli.text import emit, prose_width, say, terminal_width
    from headgate.world.moved import moves, verdict
    from headgate.world.run import run as simulate

    measures = measures_of(args.measure)
    check_files(args)
    if args.param and args.scenario is None:
        raise UsageError("--param belongs to a scenario; name one. `headgate law try` lists them")
    if args.scenario is not None:
        check(args, args.scenario)
    worlds = [baseline(args), *([chosen(args, args.scenario)] if args.scenario is not None else [])]
    posterior = posterior_of(args, worlds[0])
    found = moves(worlds[0], worlds[-1])
    with watched(worlds[-1].name, args.json) as bar:
        results = simulate(worlds, args.draws, args.seed, posterior, bar)
    if args.json:
        for record in records(worlds, results, found, measures):
            emit(record)
    else:
        first = verdict(worlds[0], worlds[-1], found) if args.scenario is not None else baseline_words(results[0])
        say([*wrapped(first, prose_width()), *_about(args, prose_width())])
        say(["", *wrapped(fitted_words(posterior, worlds[0]), prose_width())])
        say(_shown(worlds, results, found, measures, terminal_width()))
    for path in write(args, worlds, results, found, posterior):
        if not args.json:
            print(f"written: {path}")
    return 0


def wrapped(text: str, width: int) -> list[str]:
    """Return a sentence in lines."""
    from headgate.cli.text import wrap

    return list(wrap(text, width))


def baseline_words(results: "Results") -> str:
    """Say what was run, where no scenario was named."""
    return f"The law as it is enforced, {results.draws:,} draws. Name a scenario to see what it would change."


def _about(args: argparse.Namespace, width: int) -> Iterator[str]:
    if args.scenario is None or args.scenario == "baseline":
        return
    s = scenario_of(args, args.scenario)
    yield ""
    yield s.title.upper()
    for text in (s.says, f"Status: {s.status} Evidence: {s.evidence.replace('_', ' ')}.", s.note):
        yield from (f"  {line}" for line in wrapped(text, width - 2) if text)


def _shown(
    worlds: Sequence["World"],
    results: Sequence["Results"],
    found: Sequence["Move"],
    measures: Sequence[str],
    width: int,
) -> Iterator[str]:
    from headgate.cli import world_shown as shown

    yield from shown.moved_lines(found, width)
    yield from shown.ratio_lines(results, measures, width)
    yield from shown.channel_lines(results, STOCK, width)
    yield from shown.import_lines(results, worlds, width)
    yield from shown.claim_lines(results[-1], measures, width)
    yield from shown.manifest_lines(results[-1].manifest, width)


def records(
    worlds: Sequence["World"], results: Sequence["Results"], found: Sequence["Move"], measures: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Yield a run as objects for JSON, what moved first."""
    from headgate.world import frames
    from headgate.world.axes import YEARS
    from headgate.world.moved import is_same, verdict

    first, last = worlds[0], worlds[-1]
    names = [each.name for each in worlds]
    yield {
        "kind": "run",
        "scenario": last.name,
        "says": verdict(first, last, found) if len(worlds) > 1 else baseline_words(results[0]),
        "lanes_moved": len({(m.lane, m.chip) for m in found}),
        "same_as_baseline": is_same(first, last),
        "manifest": [dict(each.manifest) for each in results],
    }
    for m in found:
        told = {"lane": m.lane, "chip": m.chip, "from": m.start, "until": m.end}
        yield {
            "kind": "moved",
            **told,
            "before": m.before.words(),
            "after": m.after.words(),
            "gone": m.gone,
            "new": m.new,
        }
    for kind in ("stock", "flow"):
        for row in frames.ratios(results, ("owned", "located", "controlled"), measures, kind).to_dicts():
            yield {"kind": f"ratio_of_{kind}", "scenario": row.pop("series"), **row}
    for name, each, world in zip(names, results, worlds, strict=True):
        for row in frames.channels(each, STOCK).to_dicts():
            yield {"kind": "china_stock", "scenario": name, "measure": STOCK, **row}
        for row in frames.let_through(each, world, frames.imported(each)).to_dicts():
            yield {"kind": "let_through", "scenario": name, **row}
        for basis in ("owned", "controlled"):
            for kind in ("stock", "flow"):
                for measure in measures:
                    labels = {"scenario": name, "basis": basis, "of": kind, "measure": measure}
                    for year, p in zip(YEARS[1:], frames.widening(each, basis, measure, kind), strict=True):
                        yield {"kind": "claim_a", **labels, "year": year, "probability": p}
    if len(results) > 1:
        for row in frames.differences(results[0], results[1:]).to_dicts():
            yield {"kind": "difference", **row}
