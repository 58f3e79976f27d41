"""Files that the commands of the world write: refused before the run where they cannot be, written whole after it."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from headgate.cli.progress import watched
from headgate.cli.world_options import BASELINE, law_of, scenario_of
from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.law.provision import Provision
    from headgate.world.build import World
    from headgate.world.moved import Move
    from headgate.world.posterior import Posterior
    from headgate.world.report import Page
    from headgate.world.results import Results
    from headgate.world.writer import Asked

ENDINGS = {"report": ".html", "out": ".parquet"}


def refuse_ending(option: str, path: Path, ending: str) -> NoReturn:
    """Refuse a file to write whose name says it is of another kind."""
    raise UsageError(f"{option} {path}: the name must end in {ending}; write it as {path.stem or 'run'}{ending}")


def refuse_no_folder(option: str, path: Path) -> NoReturn:
    """Refuse a file to write in a folder that is not there."""
    raise UsageError(f"{option} {path}: there is no folder {path.parent}. Make it first, or name another.")


def refuse_folder(option: str, path: Path) -> NoReturn:
    """Refuse to write a file where a folder is."""
    raise UsageError(f"{option} {path}: this is a folder. Name a file in it.")


def refuse_not_folder(path: Path) -> NoReturn:
    """Refuse a file where a folder of pictures is to be."""
    raise UsageError(f"--pictures {path}: this is a file. Name a folder; it is made when it is not there.")


def check_files(args: argparse.Namespace) -> None:
    """Refuse files that cannot be written.

    Args:
        args: Its `report`, `out` and `pictures` are looked at, as far as the command has them.

    Raises:
        UsageError: A name ends otherwise, a folder is not there, or what draws pictures is not installed.
    """
    from headgate.extras import needed

    for name, ending in ENDINGS.items():
        path, option = getattr(args, name, None), f"--{name}"
        if path is None:
            continue
        if path.suffix != ending:
            refuse_ending(option, path, ending)
        if path.is_dir():
            refuse_folder(option, path)
        if not path.parent.is_dir():
            refuse_no_folder(option, path)
    folder = getattr(args, "pictures", None)
    if folder is not None and folder.exists() and not folder.is_dir():
        refuse_not_folder(folder)
    if folder is not None or getattr(args, "report", None) is not None:
        needed("altair")
        needed("vl_convert")


def write(
    args: argparse.Namespace,
    worlds: Sequence["World"],
    results: Sequence["Results"],
    found: Sequence["Move"],
    posterior: "Posterior | None",
) -> Iterator[Path]:
    """Write the files that were asked for, each whole or not at all, and yield their names."""
    from headgate.decide.one import decider

    law = str(decider().book.read_on)
    if args.out is not None:
        from headgate.world.table import write_table

        write_table(results, args.out)
        yield args.out
    if args.pictures is not None:
        from headgate.world.charts import charts, fitted, save_charts

        made = [dict(each.manifest) for each in results]
        drawn = charts(results, worlds, law, fitted(posterior, worlds[0]))
        yield from save_charts(drawn, args.pictures, made)
    if args.report is not None:
        from headgate.world.report import report

        report(_page(args, worlds, results, found, posterior, law), args.report)
        yield args.report


def _page(
    args: argparse.Namespace,
    worlds: Sequence["World"],
    results: Sequence["Results"],
    found: Sequence["Move"],
    posterior: "Posterior | None",
    law: str,
) -> "Page":
    """Return the report of a run: every quantity is moved once, so that each number can name what it comes from."""
    from headgate.world.grounds import grounds
    from headgate.world.page import page

    with watched("tracing the numbers", args.json) as bar:
        behind = grounds(worlds, args.seed, posterior, bar)
    return page(_asked(args, law), worlds, results, found, behind, posterior)


def _asked(args: argparse.Namespace, law: str) -> "Asked":
    from headgate.world.writer import Asked

    by = law_of(args, args.scenario or BASELINE)
    known = {p.id: p for p in sorted((*law_of(args, BASELINE).book.provisions, *by.book.provisions), key=_begins)}
    if args.scenario in (None, BASELINE):
        words = "What happens to the compute gap under the law as it is enforced?"
        return Asked("The compute gap under the law as it is", words, law, known)
    s = scenario_of(args, args.scenario)
    words = f"What would happen to the compute gap? {s.says} Status: {s.status}"
    sources = "; ".join(" ".join(filter(None, (each["title"], each.get("url", "")))) for each in s.sources)
    return Asked(f"{s.title}: the compute gap", words, law, known, sources, s.evidence)


def _begins(provision: "Provision") -> date:
    return provision.start
