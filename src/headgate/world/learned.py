"""What history taught: every quantity that it was asked about, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headgate.world.axes import LABELS
from headgate.world.priors import Priors, Quantity

if TYPE_CHECKING:
    from headgate.world.posterior import Posterior

Array = NDArray[np.float64]
ENDS = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Learned:
    """A quantity before and after history was asked.

    Args:
        id: The quantity; `when` is the quarter of a path's knot or the first day of a step, else empty.
        prior: Its 5, 50 and 95 % points; the same for `posterior`.
        moved: How much was learned: divergence of the posterior from the prior, nats, as of two normals. A middle moved
            by half a standard deviation is 0.13, half the width 0.32.
    """

    id: str
    when: str
    unit: str
    says: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    moved: float


def divergence(u: Array) -> float:
    """Return the divergence from a standard normal of a normal with the mean and width of some draws, nats.

    (m^2 + s^2 - 1) / 2 - log s

    Example:
        >>> round(divergence(np.array([-0.5, 0.5])), 3), divergence(np.array([-1.0, 1.0]))
        (0.318, 0.0)
    """
    m, s = float(u.mean()), max(float(u.std()), 1e-9)
    return (m * m + s * s - 1.0) / 2.0 - log(s)


def of_quantity(q: Quantity, first: int, places: dict[int, int], normals: Array) -> list[Learned]:
    """Return what was learned of a quantity: one entry for each of its spreads that history was asked about.

    Args:
        q: The quantity.
        first: Its first place among the normals of a draw.
        places: Place among the normals to column of the posterior.
        normals: Draws of the posterior, [draw, column].
    """
    found = []
    for n, spread in enumerate(q.spreads):
        own = first + n + (q.kind == "path")
        if own not in places or spread.shape == "point":
            continue
        u = normals[:, places[own]]
        if q.kind == "path" and q.common > 0:
            u = sqrt(1.0 - q.common) * u + sqrt(q.common) * normals[:, places[first]]
        when = LABELS[q.knots[n]] if q.kind == "path" else str(q.days[n]) if q.kind == "steps" else ""
        low, middle, high = (float(x) for x in np.quantile(spread.of(u), ENDS))
        prior = (spread.quantile(ENDS[0]), spread.quantile(ENDS[1]), spread.quantile(ENDS[2]))
        found.append(Learned(q.id, when, q.unit, q.says, prior, (low, middle, high), divergence(u)))
    return found


def learned(priors: Priors, posterior: Posterior) -> list[Learned]:
    """Return what history taught, the most first; of a path or of steps, each place of which it says something.

    Args:
        priors: What is supposed.
        posterior: What history says; its numbers are found by their names, and those of no quantity are left out.
    """
    at = {name: n for n, name in enumerate(priors.labels())}
    places = {at[name]: n for n, name in enumerate(posterior.names) if name in at}
    found = [
        each
        for id, q in priors.quantities.items()
        for each in of_quantity(q, priors.start[id], places, posterior.normals)
    ]
    return sorted(found, key=lambda each: -each.moved)


def foremost(found: Sequence[Learned]) -> list[Learned]:
    """Return of each quantity the place where most was learned, in the same order."""
    seen: set[str] = set()
    kept = []
    for each in found:
        if each.id not in seen:
            seen.add(each.id)
            kept.append(each)
    return kept
