"""The plane on which the entries of a day can be drawn, and its areas: the book itself is asked in every field of it.

The limits are those of the provisions in force. Between two neighboring limits of each axis every circuit is classified
alike, so that one question for each field gives the whole picture; a scenario or another day moves it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise, product
from math import inf

from headgate.decide.era import TRACKS, Track
from headgate.decide.one import Decider
from headgate.expr.node import Compare, Expr, Holds, Threshold, walk
from headgate.law.book import Law
from headgate.law.provision import Provision

X = "ic.tpp"
# The second axis: the column that states it. The first one serves where two show equally much.
ACROSS = {"ic.performance_density": "performance_density", "ic.io_bandwidth": "io_bandwidth_gb_per_s"}
COLUMNS = {X: "tpp", **ACROSS}
# What decides a transaction, other than its entry.
DECIDING = ("require", "exempt", "review")
OPEN = "not settled"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the plane: from `low` up to `high` on each axis, and the entry it lies in; blank where in none."""

    x: tuple[float, float]
    y: tuple[float, float]
    paragraph: str
    eccn: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit on an axis: the number, the provisions that compare with it, and whether an entry does."""

    axis: str
    threshold: Threshold
    provisions: tuple[str, ...]
    classifies: bool


@dataclass(frozen=True, slots=True)
class Plane:
    """One plane on one day.

    Args:
        day: Whose law it is.
        y: The field of its second axis.
        limits: Every limit on its axes that day, rising.
        fields: The fields; none on a day without any entry by these numbers.
        about: The facts of the circuit that the areas are drawn for.
    """

    day: date
    y: str
    limits: tuple[Limit, ...]
    fields: tuple[Field, ...]
    about: Mapping[str, object]

    def on(self, axis: str) -> tuple[Limit, ...]:
        """Return the limits on one axis."""
        return tuple(limit for limit in self.limits if limit.axis == axis)


def within(law: Law, node: Expr, seen: set[str] | None = None) -> Iterator[Expr]:
    """Yield the nodes of a condition and of all that it builds on, each provision once."""
    seen = set() if seen is None else seen
    for inner in walk(node):
        yield inner
        if isinstance(inner, Holds) and inner.id not in seen:
            seen.add(inner.id)
            yield from within(law, law.expression(inner.id), seen)


def is_drawn(law: Law, p: Provision, axes: Sequence[str]) -> bool:
    """Say whether a provision names circuits by the numbers of these axes and by no other number."""
    if not law.is_of_part(p) or not (p.eccn or _names_items(law, p)):
        return False
    names = {node.name for node in within(law, p.when) if isinstance(node, Compare)}
    return bool(names) and names <= set(axes)


def _names_items(law: Law, p: Provision) -> bool:
    """A scope that refers to no other provision, as that of a letter: it reaches circuits outside the entries."""
    return p.stage == "scope" and not p.refers_to()


def drawn(law: Law) -> tuple[str, tuple[Provision, ...]]:
    """Return the second axis on which most of a day's entries can be drawn, and the provisions drawn there.

    Example:
        >>> from headgate.law.us import book
        >>> axis, found = drawn(book().on(date(2022, 11, 1), "enforced"))
        >>> axis, [p.id for p in found]
        ('ic.io_bandwidth', ['us.ear.3a090.2022', 'us.letter.2022_08_26.item'])
    """
    # What has no limit on the second axis can be drawn on either, and says nothing of which to choose.
    by_axis = {y: [p for p in law.provisions if is_drawn(law, p, (X, y))] for y in ACROSS}
    best = max(by_axis, key=lambda y: len(by_axis[y]))
    return best, tuple(sorted(by_axis[best], key=lambda p: not p.eccn))


def plane_of(by: Decider, day: date, about: Mapping[str, object], track: str = TRACKS[0]) -> Plane:
    """Return the plane of a day for circuits of one kind.

    Args:
        by: The book, or a scenario laid over it.
        day: Whose law.
        about: Cells that all circuits of the picture share: `maker`, `is_datacenter`.
        track: `enforced` or `printed`.

    Example:
        >>> from headgate.decide.one import decider
        >>> found = plane_of(decider(), date(2024, 6, 1), {"maker": "NVIDIA", "is_datacenter": True})
        >>> [limit.threshold.value for limit in found.on("ic.performance_density")]
        [1.6, 3.2, 5.92]
        >>> dict.fromkeys(f.paragraph for f in found.fields if f.x[0] == 1600)
        {'': None, '3A090.b.2': None, '3A090.a.2': None}
    """
    return replace(_plane(by, by.eras.number(day), tuple(sorted(about.items())), track), day=day)


@lru_cache(maxsize=512)
def _plane(by: Decider, number: int, about: tuple[tuple[str, object], ...], track: str) -> Plane:
    """Return the plane of an era, worked out once for all circuits of one kind."""
    day = by.eras.starts[number]
    side = by.eras.at(number).tracks[track]
    y, provisions, limits = _limits_of_era(by, number, track)
    edges = {
        axis: [0.0, *(limit.threshold.value for limit in limits if limit.axis == axis and limit.classifies), inf]
        for axis in (X, y)
    }
    fields = []
    for across, up in product(pairwise(edges[X]), pairwise(edges[y])):
        cells = {**dict(about), COLUMNS[X]: middle(*across), COLUMNS[y]: middle(*up)}
        fields.append(Field(across, up, *_entry(by, side, provisions, cells, day)))
    return Plane(day, y, limits, tuple(fields) if provisions else (), dict(about))


@lru_cache(maxsize=128)
def _limits_of_era(by: Decider, number: int, track: str) -> tuple[str, tuple[Provision, ...], tuple[Limit, ...]]:
    law = by.eras.at(number).tracks[track].law
    y, provisions = drawn(law)
    return y, provisions, tuple(_limits(law, provisions, y))


def middle(low: float, high: float) -> float:
    """Return a number between two limits, the middle on a logarithmic axis.

    Example:
        >>> middle(0.0, 1600.0), middle(1600.0, 6400.0), middle(4800.0, inf), middle(0.0, inf)
        (800.0, 3200.0, 9600.0, 1.0)
    """
    if low and high < inf:
        return float((low * high) ** 0.5)
    return low * 2 if low else high / 2 if high < inf else 1.0


def _entry(
    by: Decider, side: Track, provisions: Sequence[Provision], cells: Mapping[str, object], day: date
) -> tuple[str, str]:
    """Return the paragraph and the entry in which a circuit of these numbers lies."""
    # It has a name, so that no letter may mean it by name.
    made = {"item": "a circuit of these numbers", "item_kind": "ic", "exporter_role": "other", "event_date": day}
    found = by.decide_cells({**made, **cells})  # type: ignore[dict-item]
    assert found.trace is not None
    truth = {p.id: found.trace.truths[step] for p, step in zip(side.provisions, side.steps, strict=True)}
    true = [p for p in provisions if truth[p.id]]
    if holding := next((p for p in true if not any(p.id in other.over for other in true)), None):
        return (holding.paragraph, holding.eccn) if holding.eccn else (holding.cite.section, holding.cite.section)
    return (OPEN, OPEN) if any(truth[p.id] is None for p in provisions) else ("", "")


def _limits(law: Law, provisions: Sequence[Provision], y: str) -> Iterator[Limit]:
    """Yield each limit on the axes once: those of the entries drawn, and those of whatever else decides."""
    found: dict[tuple[str, float], tuple[Threshold, dict[str, None], bool]] = {}
    deciding = (p for p in law.provisions if p.stage in DECIDING)
    for classifies, several in ((True, provisions), (False, deciding)):
        for p in several:
            for one in reached(law, p):
                for node in walk(one.when):
                    if isinstance(node, Compare) and node.name in (X, y):
                        key = (node.name, node.limit.value)
                        found.setdefault(key, (node.limit, {}, classifies))[1][one.id] = None
    for (axis, _), (limit, ids, classifies) in sorted(found.items()):
        yield Limit(axis, limit, tuple(ids), classifies)


def reached(law: Law, p: Provision) -> Iterator[Provision]:
    """Yield a provision and all that it builds on in force, each once."""
    yield p
    for id in dict.fromkeys(node.id for node in within(law, p.when) if isinstance(node, Holds)):
        if id in law.by_id:
            yield law.by_id[id]
