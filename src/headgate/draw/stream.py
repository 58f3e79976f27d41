"""Named random streams: each quantity has its own, so that adding one moves no other.

A stream is a counter-based generator (Philox) whose key is a digest of the seed and the name. Each column of a
quantity has a stretch of the counter to itself. A number therefore depends on the seed, the name, its column and its
draw, and on nothing else: not on how many draws, columns or quantities are asked for, nor on their order.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError

ROWS = 1024  # draws filled at a time: the columns of a block are made one by one, and turned while still in the cache
SEEDS = 2**63


def normals(name: str, draws: int, size: int = 1, seed: int = 0) -> NDArray[np.float64]:
    """Draw the standard normals of one quantity.

    Args:
        name: Name of the quantity.
        draws: Number of draws, 1 or more.
        size: Number of columns, 1 or more, say one a quarter.
        seed: 0 to 2^63 - 1.

    Returns:
        Independent standard normals, float64, [draws, size]. More draws or columns leave the first ones as they are.

    Raises:
        UsageError: An argument is out of range.

    Example:
        >>> few, many = normals("yield", 2), normals("yield", 5, 3)
        >>> bool((few == many[:2, :1]).all())
        True
    """
    return columns([(name, size)], draws, seed)


def columns(names: Sequence[tuple[str, int]], draws: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw the standard normals of several quantities, side by side.

    Args:
        names: Name and number of columns of each quantity, no name twice.
        draws: Number of draws, 1 or more.
        seed: 0 to 2^63 - 1.

    Returns:
        What `normals` gives for each, in order, float64, [draws, sum of the columns], rows contiguous.

    Raises:
        UsageError: An argument is out of range, or a name is there twice.

    Example:
        >>> both = columns([("yield", 1), ("price", 4)], draws=3)
        >>> both.shape, bool((both[:, 1:] == normals("price", 3, 4)).all())
        ((3, 5), True)
    """
    _check(names, draws, seed)
    filled = np.empty((draws, sum(size for _, size in names)))
    start = 0
    for block in blocks(names, draws, seed):
        filled[start : start + len(block)] = block
        start += len(block)
    return filled


def blocks(
    names: Sequence[tuple[str, int]], draws: int, seed: int = 0, rows: int = ROWS
) -> Iterator[NDArray[np.float64]]:
    """Draw what `columns` gives, some rows at a time, so that many draws need little memory.

    Args:
        names: Name and number of columns of each quantity, no name twice.
        draws: Number of draws in all, 1 or more.
        seed: 0 to 2^63 - 1.
        rows: Draws in a block, 1 or more; the last block has what is left.

    Yields:
        Standard normals, [rows, sum of the columns]. The memory is used again for the next block: copy to keep.

    Raises:
        UsageError: An argument is out of range, or a name is there twice.

    Example:
        >>> [len(block) for block in blocks([("yield", 1)], draws=5, rows=2)]
        [2, 2, 1]
    """
    _check(names, draws, seed)
    if not _whole(rows, 1):
        refuse_bad_count("rows", rows)
    streams = [_stream(name, column, seed) for name, size in names for column in range(size)]
    turned = np.empty((len(streams), min(rows, draws)))
    for start in range(0, draws, rows):
        count = min(rows, draws - start)
        for line, stream in zip(turned, streams, strict=True):
            stream.standard_normal(out=line[:count])
        yield turned[:, :count].T


def refuse_bad_seed(seed: object) -> NoReturn:
    """Refuse a seed that is no whole number from 0 to 2^63 - 1."""
    raise UsageError(f"The seed is {seed!r}, which is not a whole number from 0 to {SEEDS - 1}. Give one, say 0.")


def refuse_bad_count(what: str, count: object) -> NoReturn:
    """Refuse a number of draws, rows or columns that is no whole number from 1."""
    raise UsageError(f"The number of {what} is {count!r}, which is not a whole number from 1. Give 1 or more.")


def refuse_bad_name(name: object) -> NoReturn:
    """Refuse a quantity without a name."""
    raise UsageError(f"A random stream is named {name!r}, which is no name. Name the quantity that it draws.")


def refuse_name_twice(name: str) -> NoReturn:
    """Refuse two quantities of one name, which would get the same numbers."""
    raise UsageError(f"Two quantities are named {name!r} and would get the same draws. Give each its own name.")


def _whole(number: object, least: int) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool) and int(number) >= least


def _check(names: Sequence[tuple[Any, int]], draws: int, seed: int) -> None:
    if not _whole(seed, 0) or seed >= SEEDS:
        refuse_bad_seed(seed)
    if not _whole(draws, 1):
        refuse_bad_count("draws", draws)
    seen: set[str] = set()
    for name, size in names:
        if not isinstance(name, str) or not name:
            refuse_bad_name(name)
        if not _whole(size, 1):
            refuse_bad_count(f"columns of {name}", size)
        if name in seen:
            refuse_name_twice(name)
        seen.add(name)


def _stream(name: str, column: int, seed: int) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    key = int.from_bytes(digest[:16], "little")
    # The counter has 256 bits; a column owns the 2^128 blocks from its own start.
    return np.random.Generator(np.random.Philox(key=key, counter=column << 128))
