"""The chip on the plane: itself, what other sources say of it, and the chips of the catalog around it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import hypot, log
from string import ascii_lowercase

from headgate.catalog.record import Record
from headgate.decide.circuit import LEGAL
from headgate.decide.item import ItemFacts
from headgate.decide.one import Decider
from headgate.decide.plane.areas import Limit, Plane, X, plane_of
from headgate.decide.wording import READING
from headgate.expr import AtLeast
from headgate.expr.margin import is_near
from headgate.expr.value import Row

MOST_NEIGHBORS = 16
SAME = 1.005  # figures nearer than this are one mark
AROUND = 2.6  # how far the window goes beyond the outermost limit or figure, times
NEAREST = 4.0  # a limit that no entry names is drawn when within so many times of the chip


@dataclass(frozen=True, slots=True)
class Point:
    """One mark: `x` and `y` are None where unknown; `x_least` and `y_least` say that the figure is a lower bound.

    Args:
        kind: `chip`, `reading` (another source or reading of it), or `neighbor`.
        label: What stands beside it.
        ids: The records it stands for: of a chip also those of the same figures.
        country: Alpha-2 code of the maker.
        says: Of a reading, who says so and why.
    """

    kind: str
    label: str
    ids: tuple[str, ...]
    country: str
    x: float | None
    y: float | None
    x_least: bool = False
    y_least: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a picture of one chip shows.

    Args:
        record: The chip, or the system that holds it.
        plane: The plane with its areas.
        points: The chip first, then its readings, then its neighbors, the nearest first.
        window: From where to where each axis goes.
        limits: The limits drawn.
        near: Those within 5 % of the chip's figures.
        read_on: The last day up to which the law was read.
        scenario: Id of the scenario under which; empty for the law as it is.
    """

    record: Record
    plane: Plane
    points: tuple[Point, ...]
    window: Mapping[str, tuple[float, float]]
    limits: tuple[Limit, ...]
    near: tuple[Limit, ...]
    read_on: date
    scenario: str = ""

    def of(self, kind: str) -> tuple[Point, ...]:
        """Return the points of one kind."""
        return tuple(p for p in self.points if p.kind == kind)


def scene(by: Decider, record: Record, day: date) -> Scene:
    """Return what the picture of a chip on a day shows.

    Args:
        by: The book and the catalog.
        record: A chip, or a system: then its circuits are shown.
        day: Whose law.

    Example:
        >>> from headgate.decide.one import decider
        >>> found = scene(decider(), decider().catalog.get("nvidia-h20-96"), date(2024, 6, 1))
        >>> found.points[0].x, [limit.threshold.value for limit in found.near]
        (2368.0, [2400.0])
    """
    item = by.item({"item": record.id})
    parts = item.parts or ({},)
    about = {"maker": parts[0].get("ic.maker"), "is_datacenter": parts[0].get("ic.is_datacenter")}
    plane = plane_of(by, day, about)
    own = [*chips(by, record, item, plane.y), *readings(record, item, plane.y)]
    limits = tuple(limit for limit in plane.limits if limit.classifies or _is_close(limit, own))
    window = {axis: window_of(axis, limits, own) for axis in (X, plane.y)}
    others = neighbors(by, record, day, plane, window, own)
    own[0] = replace(own[0], ids=(*own[0].ids, *(id for p in others if _same(p, own[0]) for id in p.ids)))
    others = [p for p in others if not _same(p, own[0])]
    near = tuple(
        limit for limit in limits for p in own[:1] if (v := value(p, limit.axis)) and is_near(v, limit.threshold.value)
    )
    return Scene(record, plane, (*own, *others), window, limits, near, by.book.read_on, by.book.scenario)


def value(p: Point, axis: str) -> float | None:
    """Return the figure of a point on one axis, or the least it can be."""
    return p.x if axis == X else p.y


def short_name(record: Record) -> str:
    """Return the name of a chip without that of its maker.

    Example:
        >>> from headgate.catalog.chips import catalog
        >>> short_name(catalog().get("nvidia-a100-sxm4-80"))
        'A100 SXM4 80GB'
    """
    first, _, rest = record.name.partition(" ")
    return rest if rest and first.casefold() == record.maker.partition(" ")[0].casefold() else record.name


def _point(kind: str, label: str, record: Record, part: Row, y: str, says: str = "") -> Point:
    found = [part.get(X), part.get(y)]
    # No logarithmic axis has a place for 0, the density of a planar circuit.
    numbers = [v.low if isinstance(v, AtLeast) else v if isinstance(v, float) and v > 0 else None for v in found]
    least = [isinstance(v, AtLeast) for v in found]
    (x, height), (x_least, y_least) = numbers, least
    return Point(kind, label, (record.id,), record.maker_country, x, height, x_least, y_least, says)


def chips(by: Decider, record: Record, item: ItemFacts, y: str) -> Iterator[Point]:
    """Yield the chip itself; of a system every circuit in it, the strongest first."""
    for part in item.parts or ():
        id = part.get("ic.id")
        inside = by.catalog.find(str(id)) if id and record.kind == "computer" else record
        label = short_name(inside) + (f" in {short_name(record)}" if inside is not record else "")
        yield _point("chip", label, inside, part, y)
    if not item.parts:
        yield Point("chip", short_name(record), (record.id,), record.maker_country, None, None)


def readings(record: Record, item: ItemFacts, y: str) -> Iterator[Point]:
    """Yield what other sources and other readings of the text make of the chip, where that is another place."""
    said = iter([r for r in record.readings if record.kind == "ic" and any(k in LEGAL for k in r.value)])
    places = [_point("chip", "", record, part, y) for part in item.parts or ()]
    count = 0
    for label, parts in item.readings:
        told = next(said, None) if label == "source" else None
        why = f"{told.why} ({', '.join(told.source)})" if told else READING.get(label, label)
        for part in parts:
            if item.parts and part in item.parts:
                continue
            made = _point("reading", "", record, part, y, why)
            if (made.x is None and made.y is None) or any(_same(made, place) for place in places):
                continue
            places.append(made)
            yield replace(made, label=ascii_lowercase[count % len(ascii_lowercase)])
            count += 1


def window_of(axis: str, limits: Iterable[Limit], points: Iterable[Point]) -> tuple[float, float]:
    """Return from where to where an axis goes: over all limits and figures, and some way beyond."""
    found = [limit.threshold.value for limit in limits if limit.axis == axis]
    found += [v for p in points if (v := value(p, axis))]
    return (min(found) / AROUND, max(found) * AROUND) if found else (1.0, 10_000.0)


def _is_close(limit: Limit, points: Sequence[Point]) -> bool:
    figures = [v for p in points if (v := value(p, limit.axis))]
    return any(1 / NEAREST <= v / limit.threshold.value <= NEAREST for v in figures)


def neighbors(
    by: Decider,
    record: Record,
    day: date,
    plane: Plane,
    window: Mapping[str, tuple[float, float]],
    own: Sequence[Point],
) -> list[Point]:
    """Return the chips known on a day in the window, of the same market, those of equal figures as one; nearest first.

    Of another market (for data centers or not) other entries hold, so that it would stand in the wrong area.
    """
    found: list[Point] = []
    shown = {id for p in own for id in p.ids}
    for other in by.catalog.records():
        if other.kind != "ic" or other.id in shown or other.known_from > day:
            continue
        part = (by.item({"item": other.id}).parts or ({},))[0]
        p = _point("neighbor", short_name(other), other, part, plane.y)
        if part.get("ic.is_datacenter") != plane.about["is_datacenter"] or p.x is None or p.y is None:
            continue
        if not (_inside(p.x, window[X]) and _inside(p.y, window[plane.y])):
            continue
        twin = next((n for n, q in enumerate(found) if _same(p, q)), None)
        if twin is None:
            found.append(p)
        else:
            found[twin] = replace(found[twin], ids=(*found[twin].ids, *p.ids))
    named = [replace(p, label=f"{p.label} +{len(p.ids) - 1}" if len(p.ids) > 1 else p.label) for p in found]
    return sorted(named, key=lambda p: (_distance(p, own, plane.y, window), p.ids))


def _inside(v: float, ends: tuple[float, float]) -> bool:
    return ends[0] < v < ends[1]


def _same(p: Point, q: Point) -> bool:
    pairs = ((p.x, q.x), (p.y, q.y))
    return p.country == q.country and all(
        a == b or (a is not None and b is not None and 1 / SAME < a / b < SAME) for a, b in pairs
    )


def _distance(p: Point, own: Sequence[Point], y: str, window: Mapping[str, tuple[float, float]]) -> float:
    """Return how far a point lies from the chip, as a share of the window; where a figure is unknown, by the other."""
    width = {axis: log(ends[1] / ends[0]) for axis, ends in window.items()}
    far = []
    for q in own:
        steps = [log(a / b) / width[axis] for axis in (X, y) if (a := value(p, axis)) and (b := value(q, axis))]
        if steps:
            far.append(hypot(*steps))
    return min(far, default=0.0)
