"""The file that is given: refused where it is none, and watched while it is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NoReturn, TypeVar

from headgate.errors import UsageError

T = TypeVar("T")
# Longer than any line of an order book; a file of another kind may have none that ends.
MOST_LINE = 64_000_000
STARTS = {
    b"PAR1": "a Parquet file; give it a name that ends in .parquet",
    b"PK\x03\x04": "a workbook or another packed file; give a workbook a name that ends in .xlsx",
    b"\xd0\xcf\x11\xe0": "an old or locked workbook (.xls); save it as .xlsx or as CSV UTF-8",
    b"\x1f\x8b": "packed (gzip); unpack it first",
    b"\xff\xfe\x00\x00": "UTF-32; save it as UTF-8",
    b"\x00\x00\xfe\xff": "UTF-32; save it as UTF-8",
    b"\xff\xfe": "UTF-16; save it as UTF-8, or for a CSV state `encoding` under [file] of a map",
    b"\xfe\xff": "UTF-16; save it as UTF-8, or for a CSV state `encoding` under [file] of a map",
    b"%PDF": "a PDF; ask for the table as a file",
}


def check_given(path: Path, kinds: Iterable[str]) -> None:
    """Refuse what is no file of a known kind, or an empty one.

    Args:
        path: The file.
        kinds: The endings that can be read.

    Raises:
        UsageError: The message says what stands there instead.
    """
    ending = f"{path}: files end in {', '.join(kinds)}; save the book as one of these"
    found = _found(path, ending if path.suffix.casefold() not in kinds else "")
    if stat.S_ISDIR(found.st_mode):
        raise UsageError(f"{path}: this is a folder; name the file in it")
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{path}: this is a pipe or a device, no file; save the book under a name that ends in .csv")
    if path.suffix.casefold() not in kinds:
        raise UsageError(ending)
    if found.st_size == 0:
        raise UsageError(
            f"{path}: the file is empty; it needs a heading with the columns of a transaction and one row a line. "
            "`headgate decide --columns` lists them"
        )


def _found(path: Path, ending: str) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError:
        told = f"{path}: no such file. Check the path; `headgate decide --help` shows an example"
        if path.is_symlink():
            told = f"{path}: the link leads to {os.readlink(path)}, which is not there"
        raise UsageError(ending or told) from None
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise UsageError(f"{path}: it cannot be read: {why}") from None


def steady(path: Path, parts: Iterable[T]) -> Iterator[T]:
    """Pass on what is read of a file, and refuse the file when it was written to meanwhile.

    Args:
        path: The file.
        parts: What is read of it, part by part.

    Raises:
        UsageError: It grew, shrank, was written to or replaced; half of it may be of one state, half of another.
    """
    before = _state(path)
    try:
        yield from parts
    except UsageError:
        # What half a file says is wrong is not what is wrong with it.
        _refuse_changed(path, before)
        raise
    _refuse_changed(path, before)


def _state(path: Path) -> tuple[int, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _refuse_changed(path: Path, before: tuple[int, int, int, int] | None) -> None:
    after = _state(path)
    if after == before:
        return
    sizes = f" (from {before[2]:,} to {after[2]:,} bytes)" if before and after and before[2] != after[2] else ""
    how = "was taken away" if after is None else f"changed{sizes}"
    raise UsageError(
        f"{path}: the file {how} while it was read, so its decisions are worth nothing. "
        "Let whatever writes it finish, or decide a copy"
    )


def refuse_other_kind(path: Path, first: bytes, why: str = "") -> None:
    """Refuse a text file that begins as a file of another kind does.

    Args:
        path: The file.
        first: What it begins with.
        why: What it is, when that is known.

    Raises:
        UsageError: The message says what it is, and what to do.
    """
    if not why:
        why = next((told for start, told in STARTS.items() if first.startswith(start)), "")
    if not why and b"\0" in first[:4096]:
        why = "no text: it holds NUL bytes. If it is UTF-16, save it as UTF-8"
    if why:
        raise UsageError(f"{path}: the file is {why}")


def whole_lines(path: Path, file: IO[bytes], most: int = MOST_LINE) -> Iterator[bytes]:
    """Yield the lines of a file.

    Args:
        path: Its name, for the message.
        file: The file.
        most: Bytes of the longest line that there may be.

    Raises:
        UsageError: A line is longer.
    """
    number = 0
    while line := file.readline(most + 1):
        number += 1
        if len(line) > most:
            refuse_long_line(path, number, most)
        yield line


def refuse_long_line(path: Path, number: int, most: int = MOST_LINE) -> NoReturn:
    """Refuse a line that goes on and on."""
    where = f"line {number:,}" if number else "a line"
    raise UsageError(f"{path}: {where} is longer than {most:,} bytes; check that the file is a table with a row a line")
