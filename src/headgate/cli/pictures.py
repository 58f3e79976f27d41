"""The options of commands that draw, and of those that may lay a scenario over the law."""

import argparse
import errno
import os
from pathlib import Path
from typing import Any

from headgate.errors import UsageError, did_you_mean
from headgate.files import refusal


def add_picture(parser: argparse.ArgumentParser) -> None:
    """Add `--picture` and `--dark`."""
    parser.add_argument("--picture", metavar="FILE", type=Path, help="also draw it: .svg, .png, .pdf, .html or .json")
    parser.add_argument("--dark", action="store_true", help="draw it on a dark page")


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """Add `--scenario` and `--param`, the only options of `which law` that make sense where days are compared."""
    parser.add_argument(
        "--scenario", metavar="NAME", help="a scenario laid over the law: a file, or an id of `law try`"
    )
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the scenario"
    )
    parser.set_defaults(as_of=None, as_known=None, overlay=None)


def check_picture(path: Path | None) -> None:
    """Refuse a picture that cannot be written before the work instead of after it.

    Raises:
        UsageError: The ending of its name says no kind of picture, its folder cannot be written in, or what draws
            pictures is not installed.
    """
    from headgate.extras import needed
    from headgate.pictures.files import ENDINGS, refuse_ending

    if path is None:
        return
    if path.is_dir():
        raise UsageError(f"--picture {path}: this is a folder; name a file in it")
    if path.suffix not in ENDINGS:
        refuse_ending(path)
    _check_folder(path)
    needed("altair")
    needed("vl_convert")


def _check_folder(path: Path) -> None:
    """Refuse a file in a folder that is none, or in which nobody may write; near names help."""
    folder = path.parent
    if folder.is_dir():
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(f"--picture {path}: {refusal(errno.EACCES)}")
        return
    there = next(above for above in folder.parents if above.exists())
    if folder.exists() or not there.is_dir():
        raise UsageError(f"--picture {path}: {folder if folder.exists() else there} is a file and no folder; name one")
    try:
        beside = sorted(each.name for each in there.iterdir() if each.is_dir())
    except OSError:
        # A folder that cannot be looked into has no names to offer.
        beside = []
    near = did_you_mean(folder.relative_to(there).parts[0], beside)
    raise UsageError(f"--picture {path}: the folder {folder} does not exist; make it first.{near}")


def draw(chart: Any, path: Path, quiet: bool) -> None:
    """Write a picture, and say where it is unless the output is for a program."""
    from headgate.pictures.files import save

    save(chart, path)
    if not quiet:
        print(f"\nThe picture is in {path}.")
