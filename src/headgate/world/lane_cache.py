"""What the answers on lanes turn on, as hashes; and the table of them, kept on disk under such a hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from headgate.catalog.chips import DATA
from headgate.decide.one import Decider
from headgate.law.book import ENFORCED
from headgate.world.axes import QUARTERS

if TYPE_CHECKING:
    from polars import DataFrame

SWITCH = "HEADGATE_CACHE"
# The rooms whose code makes an answer.
ROOMS = ("expr", "catalog", "law", "decide")
FILES = ("axes", "chips", "lane", "lanes", "lane_cache", "gate", "washington")
METADATA = "headgate.sha256"


def digest(parts: Iterable[str]) -> str:
    """Return the SHA-256 of some texts; where one ends and the next begins counts.

    Example:
        >>> digest(["a", "b"]) == digest(["ab"])
        False
    """
    found = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        found.update(f"{len(raw)}\n".encode() + raw)
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Span:
    """Days `[start, end)` on which no law changes, and a hash of the law that decides on them."""

    start: date
    end: date
    law: str


def spans(by: Decider) -> tuple[Span, ...]:
    """Return the spans of unchanged law within the horizon, from the first day that the book answers for.

    The hash is over the enforced provisions, notes apart (they decide nothing), and over all lists. Two spans with one
    hash have the same answers, also under two books.

    Example:
        >>> from headgate.decide.one import decider
        >>> found = spans(decider())
        >>> str(found[0].start), str(found[-1].end), len({s.law for s in found}) < len(found)
        ('2022-08-26', '2033-01-01', True)
    """
    first, last = QUARTERS[0].start, QUARTERS[-1].end
    told = {id(p): digest((repr(p), str(p.id in by.book.part_ids))) for p in by.book.provisions}
    starts = [day for day in by.eras.starts if day < last]
    found = []
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        if end > first:
            day = by.as_of or start
            law = [told[id(p)] for p in by.book.on(day, ENFORCED).provisions if p.stage != "note"]
            lists = [f"{name} {' '.join(sorted(by.lists.members(name, day)))}" for name in by.lists.ids()]
            found.append(Span(max(start, first), end, digest((*law, *lists))))
    return tuple(found)


@cache
def engine() -> str:
    """Return a hash of the code that decides, and of the data beside the catalog's records that it reads."""
    package = Path(__file__).parent.parent
    files = [path for room in ROOMS for path in sorted((package / room).rglob("*.py"))]
    files += [package / "world" / f"{name}.py" for name in FILES]
    files += sorted(path for path in DATA.iterdir() if path.is_file())
    return digest(part for path in files for part in (path.name, path.read_text("utf-8")))


def grounds(by: Decider, rows: Sequence[Mapping[str, str]]) -> str:
    """Return a hash of everything but the law that the answers to some transactions turn on."""
    stated = json.dumps([sorted(row.items()) for row in rows])
    return digest((engine(), by.data_version, repr(sorted(by.own.items())), stated))


def folder() -> Path | None:
    """Return where tables are kept; None when the environment says `HEADGATE_CACHE=off`."""
    if os.environ.get(SWITCH, "").strip().casefold() == "off":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "headgate" / "lanes"


def content(table: DataFrame) -> str:
    """Return a hash of what a table holds."""
    return digest((table.write_ndjson(), str(table.schema)))


def kept(key: str) -> DataFrame | None:
    """Return the table that is kept under a key; None when there is none, or it is not as it was written."""
    import polars as pl

    where = folder()
    path = where / f"{key}.parquet" if where else None
    try:
        if path is None or not path.is_file():
            return None
        told = pl.read_parquet_metadata(path).get(METADATA)
        table = pl.read_parquet(path)
        return table if told == f"{key} {content(table)}" else None
    except (OSError, pl.exceptions.PolarsError):
        return None


def keep(key: str, table: DataFrame) -> None:
    """Keep a table under a key, whole or not at all; a folder that cannot be written is passed over."""
    where = folder()
    if where is None:
        return
    try:
        where.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=where, prefix=key[:16], suffix=".part", delete=False) as file:
            path = Path(file.name)
        try:
            table.write_parquet(path, metadata={METADATA: f"{key} {content(table)}"})
            path.replace(where / f"{key}.parquet")
        finally:
            path.unlink(missing_ok=True)
    except OSError:
        return
