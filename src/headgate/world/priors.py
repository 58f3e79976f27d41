"""What the world supposes: quantities with their spreads and sources, and where each stands among the normals.

A quantity is a `prior` (one number), a `path` (knots by quarter) or `steps` (from a day on). Everything random enters
as standard normals, one named stream a quantity; a posterior is nothing but other normals in the same places.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from headgate.catalog.chips import DATA
from headgate.catalog.record import table_of, text_of, texts_of
from headgate.catalog.refusals import refuse_bad_toml, refuse_unknown_mark, refuse_wrong_type, stop
from headgate.draw.spread import Spread, read_spread
from headgate.errors import UsageError, did_you_mean
from headgate.source import MARKS
from headgate.world.axes import LABELS, QUARTERS, quarter, share_of_days

FILE = DATA / "world" / "priors.toml"
NEEDED = ("id", "unit", "says", "source", "mark")
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "prior": ("value", "low", "median", "high", "shape", "refs", "note"),
        "path": ("shape", "common", "shock", "knots", "refs", "note"),
        "steps": ("shape", "at", "refs", "note"),
    }
)
SPREAD = ("value", "low", "median", "high")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One uncertain quantity.

    Args:
        kind: `prior`, `path` or `steps`.
        spreads: One for a prior, one a knot for a path, one a step for steps.
        knots: Quarters of a path's knots, as places on the axis.
        days: First days of the steps.
        common: Share of each knot's variance that the knots of a path have in common.
        shock: Standard deviation of a path's disturbance, and how much of it is left after a quarter.
        refs: Anchors and history rows that it rests on.
    """

    id: str
    kind: str
    unit: str
    says: str
    source: str
    mark: str
    spreads: tuple[Spread, ...]
    knots: tuple[int, ...] = ()
    days: tuple[date, ...] = ()
    common: float = 0.0
    shock: tuple[float, float] | None = None
    refs: tuple[str, ...] = ()
    note: str = ""

    @property
    def size(self) -> int:
        """How many normals a draw of it takes."""
        if self.kind != "path":
            return 0 if all(s.shape == "point" for s in self.spreads) else len(self.spreads)
        own = 0 if all(s.shape == "point" for s in self.spreads) else 1 + len(self.spreads)
        return own + (len(LABELS) if self.shock else 0)

    @property
    def is_share(self) -> bool:
        """Whether it lies between 0 and 1."""
        return self.unit == "share" or self.spreads[0].shape == "logit_normal"

    @property
    def is_logarithmic(self) -> bool:
        """Whether the lines between the knots are straight in the logarithm."""
        return self.spreads[0].shape == "lognormal"


@dataclass(frozen=True)
class Priors:
    """All quantities, in the order of the file.

    Args:
        quantities: By id.
        start: First place of each quantity among the normals.
        size: How many normals a draw takes.
    """

    quantities: Mapping[str, Quantity]
    start: Mapping[str, int]
    size: int

    def find(self, id: str) -> Quantity:
        """Return a quantity.

        Raises:
            UsageError: There is none of this id; near names are given.

        Example:
            >>> priors().find("displacement.share").unit
            'share'
        """
        if id not in self.quantities:
            raise UsageError(f"the world has no quantity {id!r}.{did_you_mean(id, self.quantities)}")
        return self.quantities[id]

    def streams(self) -> list[tuple[str, int]]:
        """Return name and number of columns of each random stream, in the order of the normals."""
        return [(q.id, q.size) for q in self.quantities.values() if q.size]

    def columns(self, id: str) -> slice:
        """Return where a quantity stands among the normals."""
        return slice(self.start[id], self.start[id] + self.find(id).size)

    def labels(self) -> list[str]:
        """Return the name of each normal, as `id[3]` where a quantity has more than one."""
        return [f"{n}[{k}]" if size > 1 else n for n, size in self.streams() for k in range(size)]

    def fingerprint(self) -> str:
        """Return a digest of all that is supposed."""
        return hashlib.sha256(repr(tuple(self.quantities.values())).encode()).hexdigest()


def refuse_twice(id: str) -> NoReturn:
    """Refuse an id that stands twice."""
    stop(FILE.name, id, "the id stands twice", "Remove one.")


def _spreads(where: str, shape: object, tables: Iterable[object]) -> tuple[Spread, ...]:
    found = []
    for given in tables:
        if not isinstance(given, dict):
            refuse_wrong_type(where, "spread", given, "a table, as { low = 1, high = 2 }")
        told = {k: v for k, v in given.items() if k != "from"}
        found.append(read_spread(told if "value" in told else {"shape": shape, **told}, where))
    return tuple(found)


def _quantity(where: str, kind: str, given: object) -> Quantity:
    needed = {"prior": NEEDED, "path": (*NEEDED, "knots"), "steps": (*NEEDED, "at")}[kind]
    row: dict[str, Any] = table_of(where, kind, given, (*NEEDED, *KINDS[kind]), needed)
    id = text_of(where, "id", row["id"])
    at = f"{where}, {id}"
    if row["mark"] not in MARKS:
        refuse_unknown_mark(at, "mark", row["mark"])
    texts: dict[str, Any] = {k: text_of(at, k, row[k]) for k in ("unit", "says", "source", "mark")}
    extra: dict[str, Any] = {"refs": texts_of(at, "refs", row["refs"]) if "refs" in row else ()}
    extra["note"] = text_of(at, "note", row["note"]) if "note" in row else ""
    if kind == "prior":
        spreads = _spreads(at, row.get("shape"), [{k: row[k] for k in SPREAD if k in row}])
    elif kind == "path":
        knots = row["knots"]
        if not isinstance(knots, dict) or not knots:
            refuse_wrong_type(at, "knots", knots, "a table of quarters")
        order = sorted(knots, key=quarter)
        spreads = _spreads(at, row.get("shape"), (knots[k] for k in order))
        extra["knots"] = tuple(quarter(k) for k in order)
        extra["common"] = float(row.get("common", 0.0))
        if not 0 <= extra["common"] <= 1:
            refuse_wrong_type(at, "common", row["common"], "a share from 0 to 1")
        if "shock" in row:
            shock = table_of(at, "shock", row["shock"], ("sd", "keeps"), ("sd", "keeps"))
            if not (0 < shock["sd"] < 2 and 0 <= shock["keeps"] < 1):
                refuse_wrong_type(at, "shock", shock, "sd over 0 and keeps from 0 to below 1")
            extra["shock"] = (float(shock["sd"]), float(shock["keeps"]))
    else:
        steps = row["at"]
        days = [s.get("from") for s in steps]
        if any(type(d) is not date for d in days) or days != sorted(set(days)) or days[0] > QUARTERS[0].start:
            refuse_wrong_type(at, "at", days, f"steps with rising days `from`, the first on {QUARTERS[0].start}")
        spreads = _spreads(at, row.get("shape"), steps)
        extra["days"] = tuple(days)
    return Quantity(id=id, kind=kind, spreads=spreads, **texts, **extra)


def read_priors(path: Path = FILE) -> Priors:
    """Read what the world supposes.

    Raises:
        CatalogError: Anything in the file is not as it must be: a key, a spread with low over high, an id twice.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as problem:
        refuse_bad_toml(path.name, problem)
    table = table_of(path.name, "file", raw, ("read_on", *KINDS), ("read_on",))
    found: dict[str, Quantity] = {}
    for kind in KINDS:
        for given in table.get(kind, ()):
            q = _quantity(path.name, kind, given)
            if q.id in found:
                refuse_twice(q.id)
            found[q.id] = q
    start, size = {}, 0
    for q in found.values():
        start[q.id] = size
        size += q.size
    return Priors(MappingProxyType(found), MappingProxyType(start), size)


@cache
def priors() -> Priors:
    """Return what the world supposes.

    Example:
        >>> priors().find("cap.us_volume_share").spreads[0].low
        0.5
    """
    return read_priors()


def step_weights(days: Sequence[date]) -> list[list[float]]:
    """Return the share of every quarter's days in which each step holds: [quarter][step].

    Example:
        >>> step_weights([date(2022, 1, 1), date(2022, 2, 15)])[0]
        [0.5, 0.5]
    """
    ends: list[date | None] = [*days[1:], None]
    return [[share_of_days(q, start, end) for start, end in zip(days, ends, strict=True)] for q in QUARTERS]
