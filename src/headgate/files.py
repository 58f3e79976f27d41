"""Writing files so that a name never stands for half of one."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for half of it: beside it first, then in its place.

    Args:
        path: A file of that name is replaced once the new one is whole.
        content: All of it.

    Raises:
        OSError: It cannot be written; a file that was there stays as it was.
    """
    half = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        half.write_bytes(content)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
