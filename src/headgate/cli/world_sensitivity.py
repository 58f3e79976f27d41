"""`headgate world sensitivity`: which assumptions matter to a headline, and by how much."""

import argparse
from collections.abc import Iterator
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.cli.numbers import short, whole
from headgate.cli.progress import watched
from headgate.cli.world_options import baseline, chosen, common, posterior_of

if TYPE_CHECKING:
    from headgate.world.sensitivity import Tornado

PURPOSE = "Say which assumptions matter: exact gradients of headlines to every prior."
ABOUT = """\
Say which assumptions matter: exact gradients of headlines to every prior,
through the whole simulator.

A headline is KIND:WHICH:MEASURE:YEAR.
  ratio:owned:fp8:2028        the US over China, stock at the end of the year
                              (owned, controlled)
  widening:owned:fp8:2028     the same over the year before
  added:domestic:h100e:2028   what China adds in the year (domestic, legal,
                              proxy_fab, smuggled, rented)
  supply:legal:fp8:2028       domestic supply and imports over the imports of a
                              world without controls, in stock; 1 is parity
                              (legal, owned, controlled: which imports)
  orders:flow:2028            domestic orders over those of that world (flow of
                              the year, or stock: added up from 2022 on)
"""
EXAMPLE = """\
Example:
  headgate world sensitivity
  headgate world sensitivity --headline added:smuggled:h100e:2026 --picture tornado.svg
"""
FREE = "no-controls"
MOST = 8
DRAWS = 512


def add(commands: Any) -> None:
    """Add `sensitivity` to the commands of the world."""
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser(
        "sensitivity", help=PURPOSE, description=ABOUT, epilog=EXAMPLE, formatter_class=raw, conflict_handler="resolve"
    )
    made.add_argument("scenario", metavar="SCENARIO", nargs="?", default="baseline", help="by default the law as it is")
    made.add_argument("--headline", action="append", default=[], metavar="H", help="which headline; repeatable")
    made.add_argument("--most", metavar="N", type=whole, default=MOST, help=f"quantities of each headline ({MOST})")
    made.add_argument("--picture", metavar="FILE", type=Path, help="also draw it: .svg, .png, .pdf, .html or .json")
    common(made)
    # A mean of slopes settles with fewer draws than the tails of a distribution do.
    made.add_argument("--draws", metavar="N", type=whole, default=DRAWS, help=f"how many draws ({DRAWS})")
    made.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Differentiate, print, and draw if asked to."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.world.headlines import COMPARES, DEFAULT, headline
    from headgate.world.run import manifest
    from headgate.world.sensitivity import sensitivity

    if args.picture:
        check_picture(args.picture)
    asked = [headline(text) for text in dict.fromkeys(args.headline or DEFAULT)]
    worlds = [chosen(args, args.scenario)]
    if any(each.kind in COMPARES for each in asked):
        worlds.append(chosen(args, FREE))
    posterior = posterior_of(args, worlds[0] if args.scenario == "baseline" else baseline(args))
    with watched("gradients", args.json) as bar:
        found = sensitivity(worlds, asked, args.draws, args.seed, posterior, bar)
    made_of = manifest(worlds[0], args.draws, args.seed, posterior)
    if args.picture:
        draw(found, worlds[0].name, args.seed, posterior is not None, args.picture)
    if args.json:
        for record in records(found, made_of):
            emit(record)
        return 0
    say(shown(found, worlds[0].name, posterior is not None, args.most, prose_width()))
    told = ", ".join(f"{k.removeprefix('hash_')} {str(v)[:12]}" for k, v in made_of.items() if k.startswith("hash_"))
    say(_wrapped(f"Made of: {args.draws:,} draws, seed {args.seed}, posterior {made_of['posterior'][:18]}; {told}."))
    if args.picture:
        print(f"The picture is in {args.picture}.")
    return 0


def _wrapped(text: str) -> Iterator[str]:
    from headgate.cli.text import prose_width, wrap

    yield from ("", *wrap(text, prose_width()))


def check_picture(path: Path) -> None:
    """Refuse a picture that cannot be written before the run instead of after it.

    Raises:
        UsageError: The ending of its name says no kind of picture, or what draws pictures is not installed.
    """
    from headgate.extras import needed
    from headgate.pictures.files import ENDINGS, refuse_ending

    if path.suffix not in ENDINGS:
        refuse_ending(path)
    needed("altair")
    needed("vl_convert")


def draw(found: "Tornado", name: str, seed: int, is_fitted: bool, path: Path) -> None:
    """Draw the tornado of every headline."""
    import polars as pl

    from headgate.world.pictures import save, tornado

    words = {each.id: each.words for each in found.headlines}
    frame = found.frame.with_columns(
        pl.col("headline").replace_strict(words), *(pl.col(c) * 100.0 for c in ("effect", "low", "high"))
    )
    units = dict.fromkeys(words.values(), "change in percent (of the logarithm)")
    history = "Fitted to history; the ends are those of what it leaves of a prior." if is_fitted else "Priors alone."
    about = f"World: {name}. Mean over {found.draws:,} draws, seed {seed}. {history}"
    save(tornado(frame, about=about, units=units), path)


def records(found: "Tornado", made_of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the headlines, each with its quantities, the strongest first, and what the run was made of, for JSON."""
    for n, each in enumerate(found.headlines):
        own = [{k: v for k, v in row.items() if k != "headline"} for row in strongest(found, each.id)]
        yield {
            "headline": each.id,
            "says": each.words,
            "middle": found.middle[n],
            "log_error": found.error[n],
            "by": own,
        }
    yield {"manifest": made_of}


def strongest(found: "Tornado", id: str) -> list[dict[str, Any]]:
    """Return what moves a headline, the strongest first."""
    rows = [row for row in found.frame.to_dicts() if row["headline"] == id]
    return sorted(rows, key=lambda row: (-abs(row["high"]), row["prior"]))


def shown(found: "Tornado", name: str, is_fitted: bool, most: int, width: int) -> Iterator[str]:
    """Yield the headlines for a person."""
    from headgate.cli.text import Column, table, terminal_width, wrap

    ends = "what history leaves of it" if is_fitted else "its prior"
    yield from wrap(
        f"World: {name}. Geometric mean of each headline over {found.draws:,} draws; what one standard deviation of a "
        f"prior does to it, in percent; and the headline with the quantity at the 5 % and at the 95 % of {ends}, one "
        "at a time, in a straight line of logarithms. left: width that history leaves of the prior.",
        width,
    )
    heads = ("per sd", "error", "at 5 %", "at 95 %", "left")
    for n, each in enumerate(found.headlines):
        rows = []
        for row in strongest(found, each.id)[:most]:
            numbers = [f"{100 * row['effect']:+.1f}", f"{100 * row['error']:.1f}"]
            numbers += [short(found.middle[n] * exp(row[end])) for end in ("low", "high")]
            rows.append([f"  {row['prior']}", *numbers, f"{row['left']:.2f}", row["mark"], row["source"]])
        yield from ("", f"{each.words}: {short(found.middle[n])}".upper())
        columns = [Column(""), *(Column(h, right=True) for h in heads), Column("mark"), Column("source", least=10)]
        yield from table(columns, rows, terminal_width())
