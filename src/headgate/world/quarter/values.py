"""Standard normals become quantities: one number each, or one for every quarter; all spreads are read at once."""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from numpy.typing import NDArray

from headgate.draw.spread import Z95, Spread
from headgate.world.axes import LABELS, knot_weights
from headgate.world.changes import Change
from headgate.world.priors import Priors, Quantity, step_weights

Array = NDArray[np.float64]
LOG, LOGIT, PLAIN, LEVEL = range(4)
SCALES = {"lognormal": LOG, "logit_normal": LOGIT, "normal": PLAIN, "point": PLAIN, "uniform": LEVEL}


def scaled(spread: Spread) -> tuple[int, float, float, float]:
    """Return a spread in its own scale: the scale, the middle, and a standard deviation below and above it."""
    kind = SCALES[spread.shape]
    told = (spread.low, spread.middle, spread.high)
    if kind == LEVEL:
        return kind, spread.low, spread.high - spread.low, spread.high - spread.low
    if kind == LOG:
        told = (log(told[0]), log(told[1]), log(told[2]))
    elif kind == LOGIT:
        told = (_logit(told[0]), _logit(told[1]), _logit(told[2]))
    low, middle, high = told
    return kind, middle, (middle - low) / Z95, (high - middle) / Z95


def _logit(share: float) -> float:
    return log(share / (1 - share))


def disturbance(keeps: float) -> Array:
    """Return the matrix that turns independent normals into a stationary disturbance of unit variance, by quarter."""
    n = len(LABELS)
    age = np.arange(n)[:, None] - np.arange(n)[None, :]
    grown = np.where(age >= 0, np.power(keeps, np.maximum(age, 0)), 0.0)
    fresh = np.full(n, np.sqrt(1.0 - keeps**2))
    fresh[0] = 1.0
    return np.asarray(grown * fresh[None, :])


class Layout:
    """Where every spread finds its normals, and which spreads make up every quantity."""

    def __init__(self, priors: Priors) -> None:
        self.priors = priors
        rows: list[tuple[int, int, float, float, tuple[int, float, float, float]]] = []
        self.place: dict[str, tuple[int, int]] = {}
        for id, q in priors.quantities.items():
            self.place[id] = (len(rows), len(rows) + len(q.spreads))
            first = priors.start[id]
            for n, spread in enumerate(q.spreads):
                moves = q.size > (len(LABELS) if q.shock else 0)
                common = q.common if q.kind == "path" and moves else 0.0
                own = first + n + (1 if q.kind == "path" else 0)
                weights = (np.sqrt(common), np.sqrt(1.0 - common)) if moves else (0.0, 0.0)
                rows.append((first if moves else 0, own if moves else 0, *weights, scaled(spread)))
        self.common = np.array([r[0] for r in rows])
        self.own = np.array([r[1] for r in rows])
        self.weights = np.array([r[2:4] for r in rows])
        told = np.array([r[4] for r in rows])
        self.kind, self.middle, self.below, self.above = told[:, 0].astype(int), told[:, 1], told[:, 2], told[:, 3]
        self.lines = {id: self._line(q) for id, q in priors.quantities.items() if q.kind != "prior"}

    @staticmethod
    def _line(q: Quantity) -> Array:
        return np.array(step_weights(q.days) if q.kind == "steps" else knot_weights(q.knots))

    def values(self, z: Any) -> dict[str, Any]:
        """Return all quantities of one draw, by id: a number, or [quarter].

        Args:
            z: Standard normals in the order of the priors, [priors.size] or more.
        """
        u = self.weights[:, 0] * z[self.common] + self.weights[:, 1] * z[self.own]
        t = self.middle + jnp.where(u < 0, self.below, self.above) * u
        plain = jnp.where(self.kind == LEVEL, self.middle + self.above * ndtr(u), t)
        curved = jnp.exp(jnp.where(self.kind == LOG, t, -jnp.where(self.kind == LOGIT, t, 0.0)))
        v = jnp.where(self.kind == LOG, curved, jnp.where(self.kind == LOGIT, 1.0 / (1.0 + curved), plain))
        found: dict[str, Any] = {}
        for id, q in self.priors.quantities.items():
            first, last = self.place[id]
            if q.kind == "prior":
                found[id] = v[first]
            elif q.is_logarithmic and q.kind == "path":
                path = self.lines[id] @ t[first:last]
                if q.shock:
                    sd, keeps = q.shock
                    end = self.priors.start[id] + q.size
                    path = path + sd * (disturbance(keeps) @ z[end - len(LABELS) : end])
                found[id] = jnp.exp(path)
            else:
                found[id] = self.lines[id] @ v[first:last]
        return found


def changed(given: Any, change: Change, normals: Any, extra: Any) -> Any:
    """Return a quantity under a change of a scenario, for every quarter.

    Args:
        given: What it is without the change: a number, or [quarter].
        normals: The quantity's own normals.
        extra: Normals of changes that have one of their own.
    """
    weight = np.array(change.weight)
    if change.times is not None:
        new = given * change.times
    else:
        assert change.spread is not None
        at = extra[change.column] if change.column >= 0 else normals[0] if normals.shape[0] else jnp.zeros(())
        new = change.spread.of(at, jnp)
    # By steps, so that a change that changes nothing gives back the very number.
    return jnp.where(weight >= 1, new, jnp.where(weight > 0, given + (new - given) * weight, given))


def under(found: Mapping[str, Any], changes: Sequence[Change], priors: Priors, z: Any, extra: Any) -> dict[str, Any]:
    """Return all quantities of one draw under the changes of a scenario; what is not changed stays the same array.

    A share times a factor goes up to 1 and no further.
    """
    given = dict(found)
    for change in changes:
        new = changed(given[change.id], change, z[priors.columns(change.id)], extra)
        given[change.id] = jnp.minimum(new, 1.0) if priors.find(change.id).is_share else new
    return given
