"""The tables at the end of a report: priors with what history made of them, rows of history, provisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headgate.draw.spread import Spread
from headgate.world.anchors import anchors
from headgate.world.axes import LABELS
from headgate.world.priors import Quantity
from headgate.world.report import ProvisionRow, SourceRow
from headgate.world.run import places

if TYPE_CHECKING:
    from headgate.law.provision import Provision
    from headgate.world.build import World
    from headgate.world.changes import Told
    from headgate.world.moved import Move
    from headgate.world.posterior import Posterior

MOVED = 0.02  # of its 90 % interval: how far history must move a median for it to be said
CHANGE = "scenario/"  # what the id of a scenario's change of a quantity begins with


def few(quantity: Quantity) -> list[int]:
    """Return which spreads of a quantity stand in a table: the only one, or the first, middle and last."""
    count = len(quantity.spreads)
    return sorted({0, count // 2, count - 1})


def shown(number: float) -> str:
    """Return a number in four digits.

    Example:
        >>> shown(0.25), shown(1626360.0), shown(-0.0)
        ('0.25', '1,626,360', '0')
    """
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number + 0.0:.4g}"


def when(quantity: Quantity) -> list[str]:
    """Return the quarter or day of each spread that stands in a table; empty for a single number."""
    if quantity.kind == "path":
        return [LABELS[quantity.knots[n]] for n in few(quantity)]
    return [str(quantity.days[n]) for n in few(quantity)] if quantity.kind == "steps" else []


def learned(world: World, posterior: Posterior) -> dict[str, list[float]]:
    """Return the medians of the quantities after history has spoken, at the places of `few`."""
    import jax

    from headgate.world.quarter.values import Layout

    layout = Layout(world.priors)
    z = np.zeros((min(posterior.draws, 1000), world.priors.size))
    columns = places(world, posterior)
    inside = columns < world.priors.size
    z[:, columns[inside]] = posterior.normals[: len(z), inside]
    values = jax.jit(jax.vmap(layout.values))(z)
    asked = set(columns[inside].tolist())
    found: dict[str, list[float]] = {}
    for id, q in world.priors.quantities.items():
        place = world.priors.columns(id)
        if not asked & set(range(place.start, place.stop)):
            continue
        median = np.median(np.asarray(values[id]), axis=0)
        if q.kind == "path":
            found[id] = [float(median[q.knots[n]]) for n in few(q)]
        elif q.kind == "prior":
            found[id] = [float(median)]
    return found


def has_moved(before: Sequence[Spread], after: Sequence[float]) -> bool:
    """Say whether history moved a median by more than a little of its interval."""
    return any(abs(m - s.middle) > MOVED * max(s.high - s.low, 1e-12) for s, m in zip(before, after, strict=True))


def prior_rows(world: World, posterior: Posterior | None) -> list[SourceRow]:
    """Return all quantities, each with its interval, source and mark, and the median after history."""
    after = learned(world, posterior) if posterior is not None else {}
    found = []
    for q in world.priors.quantities.values():
        spreads = [q.spreads[n] for n in few(q)]
        says = q.says + (f" (at {', '.join(when(q))})" if when(q) else "")
        if q.id in after:
            told = "/".join(shown(m) for m in after[q.id])
            says += f". History makes the median {told}" if has_moved(spreads, after[q.id]) else ". History leaves it"
        low, median, high = ("/".join(shown(getattr(s, end)) for s in spreads) for end in ("low", "middle", "high"))
        refs = f" ({', '.join(q.refs)})" if q.refs else ""
        found.append(SourceRow(q.id, says, low, median, high, q.unit, q.source + refs, q.mark))
    return found


def change_rows(told: Iterable[Told], units: Mapping[str, Quantity], source: str, mark: str) -> list[SourceRow]:
    """Return what a scenario supposes instead, one row for each of its changes."""
    found = []
    for n, change in enumerate(told, start=1):
        numbers = change.numbers
        span = f"from {change.start}{f' until {change.end}' if change.end else ''}"
        unit = units[change.prior].unit if change.kind != "times" else "times what is supposed else"
        middle = numbers.get("value", numbers.get("times", numbers.get("median")))
        why = getattr(change, "why", "")
        says = f"The scenario's {change.prior} {span}{f': {why}' if why else ''}"
        ends = (numbers.get("low"), middle, numbers.get("high"))
        found.append(SourceRow(f"{CHANGE}{n}/{change.prior}", says, *ends, unit, source, mark))
    return found


def history_rows(world: World, ids: Sequence[str]) -> list[SourceRow]:
    """Return rows of history and anchors by id, in the order given."""
    rows = {row.row_id: row for row in world.rows}
    published = {a.anchor_id: a for a in anchors()}
    found = []
    for id in ids:
        if id in rows:
            row = rows[id]
            says = f"{row.vendor} {row.chip}, {row.channel}, {row.period}"
            numbers, unit = (row.low, row.median, row.high), row.unit
            if numbers == (None, None, None):
                numbers, unit = (row.h100e_low, row.h100e_median, row.h100e_high), "h100e"
            found.append(SourceRow(id, says, *numbers, unit, row.source, row.mark, row.url))
        else:
            a = published[id]
            says = f"{a.metric}, {a.scope}, {a.day}"
            found.append(SourceRow(id, says, a.low, a.value, a.high, a.unit, a.source, a.mark, a.url))
    return found


def provision_rows(ids: Iterable[str], known: Mapping[str, Provision], moves: Sequence[Move]) -> list[ProvisionRow]:
    """Return provisions by id, each with its citation and what it moved; ids that no book has are left out."""
    new: dict[str, set[str]] = {}
    gone: dict[str, set[str]] = {}
    for m in moves:
        for held, told in ((new, m.new), (gone, m.gone)):
            for id in told:
                held.setdefault(id, set()).add(f"{m.chip} on {m.lane}")
    found = []
    for id in dict.fromkeys(ids):
        if id not in known:
            continue
        p, both = known[id], (("now decides", new), ("no longer decides", gone))
        moved = "; ".join(f"{word} {few_of(held[id])}" for word, held in both if id in held)
        found.append(ProvisionRow(id, p.says, str(p.cite), moved, p.cite.url))
    return found


def few_of(names: set[str], most: int = 3) -> str:
    """Return some names in words.

    Example:
        >>> few_of({"a", "b", "c", "d", "e"})
        'a, b, c and 2 more'
    """
    order = sorted(names)
    return ", ".join(order[:most]) + (f" and {len(order) - most} more" if len(order) > most else "")
