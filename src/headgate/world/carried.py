"""A path of the world as somebody saw it at the end of a quarter: what was said of later is forgotten, and it grows on.

From its last knot on a path grows by a wide spread that is the same for every path of a kind and every origin, and that
history tells no more of than where the path stood. For the back-test; see `headgate.world.as_of`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import exp, hypot, log, sqrt
from types import MappingProxyType

from headgate.draw.spread import Spread
from headgate.world.axes import QUARTERS
from headgate.world.priors import Quantity

AHEAD = 4  # quarters from the origin to the last knot of a path
# Growth a year beyond the last knot known, 5, 50 and 95 %: of what grows with the industry, and of shares and tastes
# (of the odds, where it is a share).
GROWS, DRIFTS = (0.8, 1.5, 3.0), (0.6, 1.0, 1.7)
GROWING = (
    *("nvidia.revenue", "amd.revenue", "google.revenue", "amazon.revenue", "china.budget", "smic.capacity"),
    *("domestic.packaging", "domestic.other_units", "hbm.cxmt", "hbm.import_open"),
    *("smuggling.ease", "china.domestic_preference", "rental.ease"),
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
        2 [0.7504 to 5.33]
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
        >>> from headgate.world.axes import LABELS
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
