"""Files that the commands of the world write: refused before the run where they cannot be written after it."""

import argparse
from pathlib import Path
from typing import NoReturn

from headgate.errors import UsageError

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
