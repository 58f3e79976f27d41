"""`headgate world agree`: our numbers beside every published one, with interval, source and whether ours covers it."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.cli.progress import watched
from headgate.cli.world_options import baseline, chosen, common, posterior_of
from headgate.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from headgate.world.agree import Line
    from headgate.world.build import World
    from headgate.world.posterior import Posterior
    from headgate.world.published import Rebuilt
    from headgate.world.results import Results

PURPOSE = "Print our numbers beside every published one: interval, source, covered or not."
EXAMPLE = """\
Example:
  headgate world agree
  headgate world agree --test F11 --quick
  headgate world agree --summary --quick --prior

in ours: the published number lies in our 90 %. in theirs: our median lies in
the published interval. hard: read in the publisher's own file or whole text;
soft: an opening, somebody quoting it, or not the same thing; none: no source
was seen ([unverified]), shown and no target. Units and sales are of the first
draws alone. Without --quick, the worlds are run, too, on which something was
published: scenarios of IFP, CFR and SemiAnalysis, and February 2026.
"""
TESTS = tuple(f"F{n}" for n in range(1, 17))  # the regression targets
MOST_APART = 1000  # draws of the other worlds
AS_OF = date(2026, 7, 31)  # the last day on which the capability index is known


def add(commands: Any) -> None:
    """Add `agree` to the commands of the world."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("agree", help=PURPOSE, description=PURPOSE, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("--test", metavar="F", default="", help="only the lines of one regression target, F1 to F16")
    made.add_argument("--summary", action="store_true", help="only the counts")
    made.add_argument("--quick", action="store_true", help="leave out what other worlds would have to be run for")
    common(made)
    made.set_defaults(run=run)


def refuse_test(test: str, known: Sequence[str], quick: bool) -> NoReturn:
    """Refuse a regression target that no line belongs to."""
    more = " Without --quick there are more." if quick else ""
    near = did_you_mean(test, known)
    raise UsageError(f"--test {test}: no line belongs to it.{near} There are lines of {', '.join(known)}.{more}")


def runs(args: argparse.Namespace, posterior: "Posterior | None") -> "dict[str, Results]":
    """Run the baseline, and the worlds on which something else was published, all with the same draws."""
    from headgate.decide.one import decider
    from headgate.world.agree import BASELINE, FEBRUARY, SCENARIOS
    from headgate.world.agree.february import february
    from headgate.world.run import SAMPLE
    from headgate.world.run import run as simulate

    found: dict[str, Results] = {}
    jobs: list[tuple[tuple[str, ...], list[World], int, int]] = [((BASELINE,), [baseline(args)], args.draws, SAMPLE)]
    if not args.quick:
        apart, few = [chosen(args, name) for name in SCENARIOS], min(args.draws, MOST_APART)
        jobs.append(((*SCENARIOS, FEBRUARY), [*apart, february(decider())], few, few))
    for names, worlds, draws, sample in jobs:
        with watched(names[0] if len(names) == 1 else "other worlds", args.json) as bar:
            made = simulate(worlds, draws, args.seed, posterior, bar, sample)
        found.update(zip(names, made, strict=True))
    return found


def kept(test: str, lines: Sequence["Line"], models: Sequence["Rebuilt"], quick: bool) -> Any:
    """Return the lines and rebuilt numbers of one regression target, or all of them.

    Raises:
        UsageError: Nothing belongs to it.
    """
    if not test:
        return lines, models
    known = sorted({x.test for x in lines if x.test} | {m.target.test for m in models}, key=lambda t: int(t[1:]))
    if test not in known:
        refuse_test(test, known, quick)
    return [x for x in lines if x.test == test], [m for m in models if m.target.test == test]


def run(args: argparse.Namespace) -> int:
    """Print the published numbers beside ours."""
    from headgate.cli.text import emit, say, terminal_width
    from headgate.cli.world_agree_shown import counts, every
    from headgate.world.agree import BASELINE, agree, left_out
    from headgate.world.published import rebuilt
    from headgate.world.use import in_words

    if args.test and args.test not in TESTS:
        refuse_test(args.test, TESTS, quick=False)
    found = runs(args, posterior_of(args, baseline(args)))
    everything, models = agree(found), rebuilt()
    lines, models = kept(args.test, everything, models, args.quick)
    words, missing = in_words(found[BASELINE], AS_OF), left_out(everything)
    manifest = found[BASELINE].manifest
    if args.json:
        for record in records(args, lines, models, words, missing, manifest):
            emit(record)
        return 0
    width = terminal_width()
    if not args.summary:
        say(every(lines, models, () if args.test else words, width))
    say(counts(lines, models, {} if args.test else missing, manifest, width))
    return 0


def records(
    args: argparse.Namespace,
    lines: Sequence["Line"],
    models: Sequence["Rebuilt"],
    words: Sequence[str],
    missing: Mapping[str, tuple[int, str]],
    manifest: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """Yield everything as flat records, each with its `kind`."""
    from headgate.world.agree import summary

    if not args.summary:
        yield from ({"kind": "line", **line.row} for line in lines)
        yield from ({"kind": "rebuilt", **model.row} for model in models)
        yield from ({"kind": "lag", "says": text} for text in words)
    yield from ({"kind": "count", **asdict(count)} for count in summary(lines))
    yield from ({"kind": "left_out", "group": g, "count": n, "why": why} for g, (n, why) in missing.items())
    yield {"kind": "manifest", **manifest}
