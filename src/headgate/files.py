"""Writing files so that a name never stands for half of one, and saying why where one cannot be written."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headgate.errors import HeadgateError, UsageError

# What to do where the system refuses.
ADVICE = {
    errno.ENOSPC: "Make room, or write elsewhere; no half-written file is left",
    errno.EDQUOT: "Make room, or write elsewhere; no half-written file is left",
    errno.EFBIG: "Write elsewhere, or split the file; no half-written file is left",
    errno.EACCES: "Name a folder in which you may write, or a file that you may read",
    errno.EPERM: "Name a folder in which you may write, or a file that you may read",
    errno.EROFS: "Name a folder in which you may write",
}
# How the libraries that write for us tell the number of an error of the system.
OF_A_LIBRARY = re.compile(r"\(os error (\d+)\)")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for half of it: beside it first, then in its place.

    Args:
        path: A file of that name is replaced once the new one is whole.
        content: All of it.

    Raises:
        OSError: It cannot be written; it names the file, and one that was there stays as it was.
    """
    half = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        half.write_bytes(content)
        os.replace(half, path)
    except OSError as problem:
        # Nobody asked for the half: the error names what was asked for.
        raise OSError(problem.errno, problem.strerror, str(path)) from None
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Turn what a library says of a file that cannot be written into a refusal that names it and says what to do.

    Args:
        name: What is written, as the user named it.

    Raises:
        UsageError: The system refused, and the error says of no file that it is about.
    """
    try:
        yield
    except (HeadgateError, BrokenPipeError):
        raise
    except Exception as problem:
        number = system_error(problem)
        if number == errno.EPIPE:
            raise BrokenPipeError(number, os.strerror(number)) from None
        if number is None or getattr(problem, "filename", None):
            raise
        raise UsageError(f"{name}: {refusal(number)}") from None


def system_error(problem: BaseException) -> int | None:
    """Return the number of the system's error behind a problem; None when it is of another kind.

    Example:
        >>> system_error(ValueError("cannot write: No space left on device (os error 28)"))
        28
    """
    if isinstance(problem, OSError) and problem.errno:
        return problem.errno
    found = OF_A_LIBRARY.search(str(problem))
    return int(found[1]) if found else None


def refusal(number: int) -> str:
    """Say what the system refused, and what to do.

    Example:
        >>> import errno
        >>> refusal(errno.EROFS)
        'Read-only file system. Name a folder in which you may write'
    """
    advice = ADVICE.get(number, "")
    return f"{os.strerror(number)}. {advice}" if advice else os.strerror(number)
