"""`headgate world claims`: how probable the two claims are, by year and measure, and what decides them."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.cli.numbers import whole
from headgate.cli.progress import watched
from headgate.cli.world_options import DRAWS, baseline, chosen, common, law_of, posterior_of
from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.decide.one import Decider
    from headgate.world.claims_stored import Stored

PURPOSE = "Print the probabilities of claims A and B by year and measure, with the assumptions that decide them."
ABOUT = """\
Print the probabilities of claims A and B by year and measure, with the
assumptions that decide them.

A  The gap widens: the US-to-China ratio of compute is higher than a year ago.
B  The blockade backfires: China's domestic supply is at least the imports that
   the controls cost it, and its domestic orders are twice those of a world
   without controls (scenario no-controls, the same draws).

The results are stored; --refresh runs both worlds anew and stores nothing.
"""
EXAMPLE = """\
Example:
  headgate world claims
  headgate world claims --year 2028 --measure memory_bandwidth
  headgate world claims --refresh --draws 2000 --prior
"""
FREE = "no-controls"
MAIN, SHOWN_YEARS = "fp8", (2026, 2028, 2030, 2032)


def refuse_without_refresh(option: str) -> NoReturn:
    """Refuse an option of a run where nothing is run."""
    raise UsageError(f"{option} changes nothing about stored results. Add --refresh to run anew, or leave it out.")


def refuse_year(year: int, years: Sequence[int]) -> NoReturn:
    """Refuse a year that the claims do not speak of."""
    raise UsageError(
        f"--year {year}: the claims speak of {years[0]} to {years[-1]}. Give one of these. "
        "`headgate world claims` shows years side by side."
    )


def add(commands: Any) -> None:
    """Add `claims` to the commands of the world."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("claims", help=PURPOSE, description=ABOUT, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("--year", metavar="Y", type=whole, help="only this year, with errors")
    made.add_argument("--measure", action="append", default=[], metavar="M", help="only this measure; repeatable")
    made.add_argument("--refresh", action="store_true", help="run both worlds anew instead of reading what is stored")
    common(made)
    made.set_defaults(run=run)


def check(args: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: An option of a run without --refresh, or a year outside the horizon.
    """
    from headgate.world.axes import YEARS

    if not args.refresh:
        given = {"--draws": args.draws != DRAWS, "--seed": args.seed != 0, "--prior": args.prior, "--stale": args.stale}
        for option in (name for name, is_given in given.items() if is_given):
            refuse_without_refresh(option)
    if args.year is not None and args.year not in YEARS:
        refuse_year(args.year, YEARS)


def free_law() -> "Decider":
    """Return the law without controls."""
    return law_of(argparse.Namespace(), FREE)


def refreshed(args: argparse.Namespace) -> "Stored":
    """Run both worlds and return their results."""
    from headgate.world.claims_made import made

    worlds = baseline(args), chosen(args, FREE)
    posterior = posterior_of(args, worlds[0])
    with watched("claims", args.json) as bar:
        return made(*worlds, args.draws, args.seed, posterior, bar)


def run(args: argparse.Namespace) -> int:
    """Print the probabilities of both claims."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.cli.world_claims_shown import shown
    from headgate.cli.world_run import measures_of
    from headgate.decide.one import decider
    from headgate.world.axes import YEARS
    from headgate.world.claims_made import differences
    from headgate.world.claims_stored import read

    check(args)
    measures = measures_of(args.measure)
    stored = refreshed(args) if args.refresh else read()
    stale = [] if args.refresh else differences(stored, decider, free_law)
    if args.json:
        for record in records(stored, stale, measures, args.year):
            emit(record)
        return 0
    main = MAIN if MAIN in measures else measures[0]
    years = (args.year,) if args.year else SHOWN_YEARS
    say(shown(stored, stale, measures, main, years, one=args.year is not None, width=prose_width()))
    if args.year == YEARS[0]:
        say(["", f"A says nothing of {YEARS[0]}, in which the world begins: it looks back a year."])
    return 0


def records(
    stored: "Stored", stale: Sequence[str], measures: Sequence[str], year: int | None
) -> Iterator[dict[str, Any]]:
    """Yield the results as objects for JSON: each claim with what decides it, then what they were made of."""
    by: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for d in stored.decided:
        own = {"quantity": d.quantity, "part": d.part, "correlation": d.correlation}
        own |= {"probability_low_third": d.low_third, "probability_high_third": d.high_third}
        by.setdefault((d.claim, d.basis, d.kind, d.measure, d.year), []).append(own)
    for c in stored.claims:
        if c.measure in (*measures, "orders_usd") and year in (None, c.year):
            yield {**asdict(c), "decided_by": by.get((c.claim, c.basis, c.kind, c.measure, c.year), [])}
    yield {"manifest": {**stored.run, "made_of": stored.made_of}, "stale": list(stale)}
