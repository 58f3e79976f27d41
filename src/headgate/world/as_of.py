"""A world as somebody saw it at the end of a quarter: its history cut there, and what is supposed carried on blindly.

For the back-test. Units after the origin are no history but a forecast: each vendor's revenue of the origin, grown. A
path's knots after the origin, set by us with later knowledge, are replaced by the path's own value at the origin and a
wide spread of growth that is the same for every path of a kind and every origin. Steps after the origin are dropped.
What stays of hindsight is said in `HINDSIGHT`.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from headgate.draw.spread import Spread
from headgate.world.axes import LABELS, QUARTERS, knot_weights
from headgate.world.build import World
from headgate.world.priors import Priors, Quantity
from headgate.world.tables import HISTORY_ENDS, VENDORS

# Growth a year beyond the origin, 5, 50 and 95 %: of what grows with the industry, and of shares and tastes.
GROWS, DRIFTS = (0.8, 1.5, 3.0), (0.6, 1.0, 1.7)
GROWING = (
    *("nvidia.revenue", "amd.revenue", "google.revenue", "amazon.revenue", "world.hbm", "world.packaging"),
    *("china.budget", "smic.capacity", "domestic.packaging", "domestic.other_units", "hbm.cxmt", "hbm.import_open"),
    *("smuggling.ease", "china.domestic_preference", "rental.ease"),
)
HINDSIGHT = (
    "which products the makers would sell (not how many), prices, and the intervals of everything before the origin "
    "were set in 2026; at most one year ahead is scored"
)


def carried(q: Quantity, origin: int) -> Quantity:
    """Return a quantity as it was supposed at the end of a quarter.

    Example:
        >>> from headgate.world.priors import priors
        >>> [LABELS[k] for k in carried(priors().find("china.budget"), 7).knots][-3:]
        ['2023Q2', '2023Q4', '2024Q4']
    """
    if q.kind == "steps":
        known = [n for n, day in enumerate(q.days) if day < QUARTERS[origin].end]
        return replace(q, days=tuple(q.days[n] for n in known), spreads=tuple(q.spreads[n] for n in known))
    if q.kind != "path" or q.size == 0:
        return q
    knots = [(k, s) for k, s in zip(q.knots, q.spreads, strict=True) if k <= origin]
    here = np.array(knot_weights(q.knots)[origin])
    scale = np.log if q.is_logarithmic else np.asarray
    back = np.exp if q.is_logarithmic else np.asarray
    low, middle, high = (
        float(back(here @ scale([getattr(s, k) for s in q.spreads]))) for k in ("low", "middle", "high")
    )
    if not knots or knots[-1][0] < origin:
        knots.append((origin, Spread(q.spreads[0].shape, low, high, middle)))
    ahead = grown(q, knots[-1][1])
    last = min(origin + 4, len(LABELS) - 1)
    return replace(q, knots=(*(k for k, _ in knots), last), spreads=(*(s for _, s in knots), ahead))


def grown(q: Quantity, here: Spread) -> Spread:
    """Return where a path may stand a year after the origin."""
    low, middle, high = GROWS if q.id in GROWING else DRIFTS
    if here.shape == "logit_normal":
        ends = (here.low * low, here.middle, 1.0 - (1.0 - here.high) * low)
        return Spread(here.shape, ends[0], ends[2], ends[1])
    # The uncertainty of the start and that of the growth, together.
    start = (np.log(here.low / here.middle), np.log(here.high / here.middle))
    way = (-np.hypot(start[0], np.log(low / middle)), np.hypot(start[1], np.log(high / middle)))
    centre = here.middle * middle
    return Spread(here.shape, centre * float(np.exp(way[0])), centre * float(np.exp(way[1])), centre)


def revenue(world: World, origin: int) -> dict[str, Spread]:
    """Return each vendor's revenue in the origin's quarter, USD bn, with a narrow spread; from units and prices."""
    units, price = world.by_quarter["history"][origin], world.by_quarter["price"][origin]
    vendor, foreign = world.fixed["vendor"], world.fixed["is_foreign"]
    found = {}
    for n, name in enumerate(VENDORS):
        usd = float((units * price * foreign)[vendor == n].sum()) / 1e9
        usd = max(usd, 1e-3)
        found[f"{name}.revenue"] = Spread("lognormal", usd * 0.85, usd / 0.85, usd)
    return found


def shares(world: World) -> Any:
    """Return each vendor's revenue by chip as it came, up to the end of the history, [quarter, chip]."""
    units, price, foreign = (world.by_quarter["history"], world.by_quarter["price"], world.fixed["is_foreign"])
    usd = units * price * foreign
    found = np.array(world.by_quarter["share"])
    for n in range(len(VENDORS)):
        mine = (world.fixed["vendor"] == n) & foreign
        for q in range(HISTORY_ENDS + 1):
            total = usd[q, mine].sum()
            if total > 0:
                found[q, mine] = usd[q, mine] / total
    return found


def as_of(world: World, origin: int) -> World:
    """Return a world as it was seen at the end of a quarter.

    Args:
        world: The world, under the law as known at that time (or under the law that came, to see what that is worth).
        origin: The last quarter known, as a place on the axis.
    """
    start = revenue(world, origin)
    found: dict[str, Quantity] = {}
    for id, q in world.priors.quantities.items():
        if id in start:
            first = replace(q, knots=(origin,), spreads=(start[id],))
            found[id] = replace(
                first, knots=(origin, min(origin + 4, len(LABELS) - 1)), spreads=(start[id], grown(q, start[id]))
            )
            continue
        if id in ("world.hbm", "world.packaging"):
            # Limits of 2025 do not speak of 2024; nothing binds beyond revenue.
            found[id] = replace(q, knots=(0,), spreads=(Spread("lognormal", 1e5, 1e6, 3e5),))
            continue
        found[id] = carried(q, origin)
    places, size = {}, 0
    for q in found.values():
        places[q.id] = size
        size += q.size
    cut = {"is_history": np.arange(len(LABELS)) <= origin, "share": shares(world)}
    return replace(
        world,
        name=f"{world.name} as of {LABELS[origin]}",
        priors=Priors(MappingProxyType(found), MappingProxyType(places), size),
        by_quarter={**world.by_quarter, **cut},
    )
