"""A world as somebody saw it at the end of a quarter: its history cut there, and what is supposed carried on blindly.

For the back-test. Nothing that the files say of a later quarter is used:

- units after the origin are a forecast: each vendor's revenue of the origin, grown; products, prices, and what a
  domestic package is made of stay as in the origin's quarter; foreign dies and memory go on coming at its pace;
- a path's knots after the origin are replaced: from its last knot on it grows by a wide spread that is the same for
  every path of a kind and every origin, and that history tells no more of than where the path stood;
- steps after the origin are dropped, and the pull of a chip made for China that was not sold yet is anybody's guess.

What stays of hindsight is said in `HINDSIGHT`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import exp, hypot, log, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.draw.spread import Spread
from headgate.world.axes import LABELS, QUARTERS
from headgate.world.build import World
from headgate.world.history import Row
from headgate.world.priors import Priors, Quantity
from headgate.world.tables import APPEAL, VENDORS, legal_history

if TYPE_CHECKING:
    from headgate.decide.one import Decider

Array = NDArray[np.float64]
AHEAD = 4  # quarters from the origin to the last knot of a path
# Growth a year beyond the last knot known, 5, 50 and 95 %: of what grows with the industry, and of shares and tastes
# (of the odds, where it is a share).
GROWS, DRIFTS = (0.8, 1.5, 3.0), (0.6, 1.0, 1.7)
GROWING = (
    *("nvidia.revenue", "amd.revenue", "google.revenue", "amazon.revenue", "china.budget", "smic.capacity"),
    *("domestic.packaging", "domestic.other_units", "hbm.cxmt", "hbm.import_open"),
    *("smuggling.ease", "china.domestic_preference", "rental.ease"),
)
# Limits of the world's memory and packaging are known for the end of 2025 alone; they bind nothing here.
UNLIMITED = {"world.hbm": Spread("lognormal", 1e5, 1e6), "world.packaging": Spread("lognormal", 1e5, 1e6)}
# Pull of a chip made for China that was not sold yet, as wide as of those that were, all together.
UNSOLD = Spread("lognormal", 0.15, 5.0)
STAYING = ("price", "mix", "dies", "stacks", "domestic_price", "other_price")
HINDSIGHT = (
    "Built in 2026: which quantities the model has, how they act on each other, and all intervals of what has no date.",
    "The spreads of what had a date before the origin were set in 2026; history up to the origin then narrows them.",
    "Figures are as published by 2026, known later than the end of their quarter; the naive forecasts know the same.",
    "Epoch AI splits the domestic chips of a year evenly: its first half tells the second, to the naive ones as well.",
    "How many foreign dies and memory stacks came to China in all (not when), and the most H20 that can be delivered.",
    "From when and until when a chip made for China was on offer: H20 from February 2024, MI308X from October 2025.",
    "The growth supposed beyond the origin, 0.8 to 3 times a year, was chosen in 2026; it was not tuned to the scores.",
)


def _logit(share: float) -> float:
    return log(share / (1.0 - share))


def _share(odds: float) -> float:
    return 1.0 / (1.0 + exp(-odds))


SCALES: Mapping[str, tuple[Callable[[float], float], Callable[[float], float]]] = MappingProxyType(
    {"lognormal": (log, exp), "logit_normal": (_logit, _share)}
)


def grown(here: Spread, growth: tuple[float, float, float], years: float) -> Spread:
    """Return where a path may stand some years after a place: the spread of the place and of the growth, together.

    Args:
        here: Where it stands; a factor on it, or on the odds of a share.
        growth: Factor a year, 5, 50 and 95 %. Its spread widens with the square root of the years.
        years: Over 0.

    Example:
        >>> print(grown(Spread("lognormal", 1, 4), (0.5, 1.0, 2.0), 1.0))
        2 [0.751 to 5.33]
    """
    there, back = SCALES[here.shape]
    low, middle, high = (there(x) for x in (here.low, here.middle, here.high))
    down, up = (sqrt(years) * abs(log(growth[1] / growth[k])) for k in (0, 2))
    ahead = middle + years * log(growth[1])
    ends = (ahead - hypot(middle - low, down), ahead + hypot(high - middle, up))
    return Spread(here.shape, back(ends[0]), back(ends[1]), back(ahead))


def width(spread: Spread) -> float:
    """Return how wide a spread is in its own scale."""
    there, _ = SCALES[spread.shape]
    return there(spread.high) - there(spread.low)


def carried(q: Quantity, origin: int) -> Quantity:
    """Return a quantity as it was supposed at the end of a quarter; of a path, what was said of later is forgotten.

    What the knots of a path have in common is set so that growth is independent of where the path stands:
    history moves the level of all that comes, and tells nothing of the growth.

    Example:
        >>> from headgate.world.priors import priors
        >>> found = carried(priors().find("smuggling.ease"), 9)
        >>> [LABELS[k] for k in found.knots]
        ['2022Q1', '2023Q4', '2024Q2', '2025Q2']
    """
    if q.kind == "steps":
        known = [n for n, day in enumerate(q.days) if day < QUARTERS[origin].end]
        return replace(q, days=tuple(q.days[n] for n in known), spreads=tuple(q.spreads[n] for n in known))
    if q.kind != "path" or q.spreads[0].shape not in SCALES:
        return q
    growth = GROWS if q.id in GROWING else DRIFTS
    knots = [(k, s) for k, s in zip(q.knots, q.spreads, strict=True) if k <= origin]
    if not knots:
        # The file begins later: what it says first is taken to have held.
        knots = [(origin, q.spreads[0])]
    at, last = knots[-1]
    if at < origin:
        knots.append((origin, grown(last, growth, (origin - at) / 4)))
    return onward(replace(q, knots=tuple(k for k, _ in knots), spreads=tuple(s for _, s in knots)), growth)


def onward(q: Quantity, growth: tuple[float, float, float]) -> Quantity:
    """Return a path with a knot a year after its last one, grown from it."""
    origin, here = q.knots[-1], q.spreads[-1]
    ahead = grown(here, growth, AHEAD / 4)
    common = width(here) / width(ahead)
    return replace(q, knots=(*q.knots, origin + AHEAD), spreads=(*q.spreads, ahead), common=common)


def revenue(world: World, origin: int) -> dict[str, Spread]:
    """Return each vendor's revenue in the origin's quarter, USD bn, with a narrow spread; from units and prices."""
    units, price = world.by_quarter["history"][origin], world.by_quarter["price"][origin]
    vendor, foreign = world.fixed["vendor"], world.fixed["is_foreign"]
    found = {}
    for n, name in enumerate(VENDORS):
        usd = max(float((units * price * foreign)[vendor == n].sum()) / 1e9, 1e-3)
        found[f"{name}.revenue"] = Spread("lognormal", usd * 0.85, usd / 0.85, usd)
    return found


def shares(world: World) -> Array:
    """Return each vendor's revenue by chip as it came, up to the end of the history, [quarter, chip]."""
    units, price, foreign = (world.by_quarter["history"], world.by_quarter["price"], world.fixed["is_foreign"])
    usd = units * price * foreign
    found = np.array(world.by_quarter["share"])
    for n in range(len(VENDORS)):
        mine = (world.fixed["vendor"] == n) & foreign
        for q in range(len(LABELS)):
            total = usd[q, mine].sum()
            if total > 0:
                found[q, mine] = usd[q, mine] / total
    return found


def held(table: Array, origin: int) -> Array:
    """Return a table by quarter whose later rows are as in the origin's quarter."""
    found = np.array(table)
    found[origin + 1 :] = found[origin]
    return found


def paced(shares: Array, origin: int) -> Array:
    """Return deliveries by quarter, as shares of all, that go on at the origin's pace until all has come.

    Example:
        >>> paced(np.array([0.2, 0.3, 0.1, 0.4]), 1).tolist()
        [0.2, 0.3, 0.3, 0.2]
    """
    found = np.zeros_like(shares)
    left = 1.0
    for q, share in enumerate(shares):
        found[q] = round(min(share if q <= origin else shares[origin], left), 12)
        left -= found[q]
    return found


def unsold(q: Quantity, rows: tuple[Row, ...], world: World, origin: int) -> bool:
    """Whether a quantity is the pull of a chip made for China that had not been sold by the end of a quarter."""
    if not q.id.startswith("appeal."):
        return False
    id = q.id.removeprefix("appeal.")
    labels = {label for c in world.chips if c.id == id for label in c.history}
    return id not in APPEAL or not any(r.chip in labels and r.start < QUARTERS[origin].end for r in rows)


def law_known(by: "Decider", origin: int) -> "Decider":
    """Return the law and its lists as known on the last day of a quarter; of chips, what is known today.

    Args:
        by: The law as it is.
        origin: The quarter, as a place on the axis.
    """
    day = QUARTERS[origin].last
    return by.with_book(by.book.as_known(day), by.lists.as_known(day))


def as_of(world: World, origin: int, products: bool = False) -> World:
    """Return a world as it was seen at the end of a quarter.

    Args:
        world: The world, under the law as known at that time (or under the law that came, to see what that is worth).
        origin: The last quarter known, as a place on the axis; a year of the horizon must be left after it.
        products: Whether to know which products the makers would sell, and at what price, though not how many.
    """
    start = revenue(world, origin)
    sold = legal_history(world.rows)
    found: dict[str, Quantity] = {}
    for id, q in world.priors.quantities.items():
        if id in start:
            found[id] = onward(replace(q, knots=(origin,), spreads=(start[id],)), GROWS)
        elif id in UNLIMITED:
            found[id] = replace(q, knots=(0,), spreads=(UNLIMITED[id],))
        elif unsold(q, sold, world, origin):
            found[id] = replace(q, spreads=(UNSOLD,))
        else:
            found[id] = carried(q, origin)
    places, size = {}, 0
    for q in found.values():
        places[q.id] = size
        size += q.size
    given = world.by_quarter
    cut: dict[str, Any] = {"is_history": np.arange(len(LABELS)) <= origin, "share": shares(world)}
    cut |= {k: paced(given[k], origin) for k in ("die_delivery", "bank_delivery")}
    if not products:
        cut |= {k: held(given[k], origin) for k in STAYING} | {"share": held(cut["share"], origin)}
    return replace(
        world,
        name=f"{world.name} as of {LABELS[origin]}",
        priors=Priors(MappingProxyType(found), MappingProxyType(places), size),
        by_quarter={**given, **cut},
    )
