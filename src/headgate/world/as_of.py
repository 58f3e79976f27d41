"""A world as somebody saw it at the end of a quarter: its history cut there, and what is supposed carried on blindly.

For the back-test. Nothing that the files say of a later quarter is used:

- units after the origin are a forecast: each vendor's revenue of the origin, grown; products, prices, and what a
  domestic package is made of stay as in the origin's quarter; foreign dies and memory go on coming at its pace;
- a path's knots after the origin are replaced: from its last knot on it grows by a wide spread that is the same for
  every path of a kind and every origin, and that history tells no more of than where the path stood;
- steps after the origin are dropped, and the pull of a chip made for China that was not sold yet is anybody's guess.

What stays of hindsight is said in `HINDSIGHT`. `trending` supposes instead that what grew goes on growing as before.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.draw.spread import Spread
from headgate.world.axes import LABELS, QUARTERS
from headgate.world.build import World
from headgate.world.carried import AHEAD, GROWING, GROWS, carried, onward
from headgate.world.history import Row
from headgate.world.priors import Priors, Quantity
from headgate.world.tables import APPEAL, VENDORS, legal_history

if TYPE_CHECKING:
    from headgate.decide.one import Decider
    from headgate.world.posterior import Posterior

Array = NDArray[np.float64]
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


def revenue(world: World) -> Array:
    """Return each vendor's revenue as it came, USD bn, [quarter, vendor]; from units and prices."""
    usd = world.by_quarter["history"] * world.by_quarter["price"] * world.fixed["is_foreign"]
    return np.stack([usd[:, world.fixed["vendor"] == n].sum(axis=1) for n in range(len(VENDORS))], axis=1) / 1e9


def first_revenue(world: World, origin: int) -> dict[str, Spread]:
    """Return each vendor's revenue in the origin's quarter, USD bn, with a narrow spread."""
    told = np.maximum(revenue(world)[origin], 1e-3).tolist()
    return {
        f"{v}.revenue": Spread("lognormal", usd * 0.85, usd / 0.85, usd) for v, usd in zip(VENDORS, told, strict=True)
    }


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


def laid(found: Mapping[str, Quantity]) -> Priors:
    """Return quantities with their places among the normals."""
    places, size = {}, 0
    for q in found.values():
        places[q.id] = size
        size += q.size
    return Priors(MappingProxyType(dict(found)), MappingProxyType(places), size)


def as_of(world: World, origin: int, products: bool = False) -> World:
    """Return a world as it was seen at the end of a quarter.

    Args:
        world: The world, under the law as known at that time (or under the law that came, to see what that is worth).
        origin: The last quarter known, as a place on the axis; a year of the horizon must be left after it.
        products: Whether to know which products the makers would sell, and at what price, though not how many.
    """
    start = first_revenue(world, origin)
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
    given = world.by_quarter
    cut: dict[str, Any] = {"is_history": np.arange(len(LABELS)) <= origin, "share": shares(world)}
    cut |= {k: paced(given[k], origin) for k in ("die_delivery", "bank_delivery")}
    if not products:
        cut |= {k: held(given[k], origin) for k in STAYING} | {"share": held(cut["share"], origin)}
    return replace(
        world,
        name=f"{world.name} as of {LABELS[origin]}",
        priors=laid(found),
        by_quarter={**given, **cut},
    )


def so_far(world: World, posterior: "Posterior", origin: int) -> dict[str, float]:
    """Return how much each path that grows grew a year, on average from its first quarter to the origin, by history."""
    from jax import vmap

    from headgate.world.quarter.values import Layout

    past = revenue(world)[: origin + 1]
    found = {}
    for n, name in enumerate(VENDORS):
        known = np.nonzero(past[:, n] > 0)[0]
        if known.size > AHEAD:
            found[f"{name}.revenue"] = float((past[-1, n] / past[known[0], n]) ** (4 / (origin - known[0])))
    z = np.zeros((posterior.draws, world.priors.size))
    own = posterior.columns < world.priors.size
    z[:, posterior.columns[own]] = posterior.normals[:, own]
    values = vmap(Layout(world.priors).values)(z)
    for id in (id for id in GROWING if not id.endswith(".revenue")):
        path = np.asarray(values[id])
        found[id] = float(np.median(path[:, origin] / path[:, 0])) ** (4 / origin)
    return found


def trending(world: World, posterior: "Posterior", origin: int) -> World:
    """Return a world as of a quarter in which what grew goes on growing as it did on average, as uncertain as before.

    No knot that history was asked about is changed, so the posterior stays one of this world.

    Args:
        world: From `as_of`.
        posterior: Its fit through the origin.
        origin: The last quarter known.
    """
    found = dict(world.priors.quantities)
    for id, growth in so_far(world, posterior, origin).items():
        *before, last = found[id].spreads
        times = growth / GROWS[1]
        found[id] = replace(found[id], spreads=(*before, last.scaled(times)))
    return replace(world, name=f"{world.name}, growth as before", priors=laid(found))
