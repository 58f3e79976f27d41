"""What the formulas still miss, by group: Gaussian random effects on the logarithm of measured over computed.

A row belongs to one level of several factors (its chip, its software, its format). Each level has one number, shrunk
towards zero as far as the factor's own spread says. A level never seen has the number zero and the factor's whole
spread, so that a band widens by itself for a chip, scale or format that was never measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Levels = Mapping[str, str | float]
TAIL = 4.0  # degrees of freedom of the residual: a few published rows are far off, and must not pull the rest


@dataclass(frozen=True, slots=True)
class Effects:
    """Fitted numbers of all levels.

    Args:
        spread: Standard deviation of each factor, in natural logarithms. A numeric factor is a slope.
        noise: Standard deviation of one row about its levels.
        names: (factor, level) in the order of `mean`; the level of a slope is empty.
        mean: Fitted number of each level.
        covariance: Their posterior covariance.
    """

    spread: Mapping[str, float]
    noise: float
    names: tuple[tuple[str, str], ...]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def predict(self, levels: Levels) -> tuple[float, float]:
        """Return mean and standard deviation of the logarithm for a row of these levels, noise included.

        Example:
            >>> fitted = fit_effects([{"chip": "a"}, {"chip": "a"}], [0.2, 0.2], {"chip": 0.3}, 0.05)
            >>> [round(x, 2) for x in fitted.predict({"chip": "a"})]
            [0.2, 0.06]
            >>> [round(x, 2) for x in fitted.predict({"chip": "b"})]
            [0.0, 0.3]
        """
        place = {name: number for number, name in enumerate(self.names)}
        row = np.zeros(len(self.names))
        unseen = 0.0
        for factor, level in levels.items():
            if factor not in self.spread:
                continue
            slope = not isinstance(level, str)
            at = place.get((factor, "" if slope else str(level)))
            weight = float(level) if slope else 1.0
            if at is None:
                unseen += (weight * self.spread[factor]) ** 2
            else:
                row[at] = weight
        variance = float(row @ self.covariance @ row) + unseen + self.noise**2
        return float(row @ self.mean), variance**0.5

    def unseen(self, levels: Levels) -> tuple[str, ...]:
        """Return the factors whose level was never measured."""
        known = set(self.names)
        return tuple(f for f, v in levels.items() if isinstance(v, str) and f in self.spread and (f, v) not in known)


def _design(rows: Sequence[Levels], factors: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], NDArray[np.float64]]:
    found: dict[tuple[str, str], int] = {}
    cells: list[tuple[int, int, float]] = []
    for number, row in enumerate(rows):
        for factor in factors:
            level = row.get(factor)
            if level is None:
                continue
            key = (factor, level if isinstance(level, str) else "")
            at = found.setdefault(key, len(found))
            cells.append((number, at, 1.0 if isinstance(level, str) else float(level)))
    matrix = np.zeros((len(rows), len(found)))
    for number, at, value in cells:
        matrix[number, at] = value
    return tuple(found), matrix


def fit_effects(
    rows: Sequence[Levels],
    residual: Any,
    spread: Mapping[str, float],
    noise: float,
    weight: Any = None,
    tail: Any = None,
    rounds: int = 12,
) -> Effects:
    """Fit the number of every level at given spreads.

    The posterior mean of a linear model with independent Gaussian levels and a Student-t residual, by re-weighting.

    Args:
        rows: Level of each factor, row by row: text for a group, a number for a slope. A factor left out is no part.
        residual: log(measured / computed), one a row, finite.
        spread: Standard deviation of each factor used, over 0.
        noise: Standard deviation of a row about its levels, over 0.
        weight: Trust in each row, 0 to 1; all 1 by default.
        tail: Weight of each row for lying far off, to start from; all 1 by default.
        rounds: Times that rows are weighed anew.

    Returns:
        The fitted effects.
    """
    y = np.asarray(residual, dtype=np.float64)
    trust = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    names, matrix = _design(rows, tuple(spread))
    prior = np.array([spread[factor] ** 2 for factor, _ in names])
    # Solved over rows, of which there are fewer than levels.
    shared = (matrix * prior) @ matrix.T
    tail = np.ones(len(y)) if tail is None else tail
    mean: NDArray[np.float64] = np.zeros(len(names))
    covariance: NDArray[np.float64] = np.diag(prior)
    for _ in range(rounds):
        root = np.sqrt(trust * tail) / noise
        inner = np.linalg.inv(np.eye(len(y)) + root[:, None] * shared * root)
        back = prior[:, None] * matrix.T * root
        mean = (back @ (inner @ (root * y))).astype(np.float64)
        covariance = (np.diag(prior) - back @ inner @ back.T).astype(np.float64)
        away = (y - matrix @ mean) / noise
        tail = (TAIL + 1) / (TAIL + away**2)
    return Effects(dict(spread), noise, names, mean, covariance)


def fit_spread(
    rows: Sequence[Levels],
    residual: Any,
    start: Mapping[str, float],
    noise: float,
    weight: Any = None,
    rounds: int = 60,
    floor: float = 0.02,
) -> tuple[dict[str, float], float]:
    """Estimate the spread of each factor and the noise by expectation and maximization.

    Args:
        start: First guess of each factor's spread; it also counts as two levels of evidence, so that a factor with
            few levels stays near it.
        noise: First guess of the noise; it counts as ten rows of evidence.
        floor: Smallest spread and noise allowed.

    Returns:
        Spreads by factor, and the noise.
    """
    y = np.asarray(residual, dtype=np.float64)
    spread, level_noise = dict(start), noise
    tail = None
    for _ in range(rounds):
        # Spreads move little from round to round, so that the weights of the round before are nearly right.
        fitted = fit_effects(rows, y, spread, level_noise, weight, tail, 12 if tail is None else 2)
        second = fitted.mean**2 + np.diag(fitted.covariance)
        for factor, guess in start.items():
            own = [second[i] for i, (f, _) in enumerate(fitted.names) if f == factor]
            spread[factor] = max(floor, float((sum(own) + 2 * guess**2) / (len(own) + 2)) ** 0.5)
        _, matrix = _design(rows, tuple(spread))
        away = y - matrix @ fitted.mean
        tail = (TAIL + 1) / (TAIL + (away / level_noise) ** 2)
        about = tail * away**2 + np.einsum("ij,jk,ik->i", matrix, fitted.covariance, matrix)
        level_noise = max(floor, float((about.sum() + 10 * noise**2) / (len(y) + 10)) ** 0.5)
    return spread, level_noise


def row_covariance(rows: Sequence[Levels], spread: Mapping[str, float], noise: float, weight: Any) -> Any:
    """Return the covariance of the rows' residuals at given spreads, levels integrated out."""
    names, matrix = _design(rows, tuple(spread))
    scaled = matrix * np.array([spread[factor] for factor, _ in names])
    return scaled @ scaled.T + np.diag(noise**2 / np.asarray(weight, dtype=np.float64))


def marginal(rows: Sequence[Levels], residual: Any, spread: Mapping[str, float], noise: float, weight: Any) -> float:
    """Return the negative logarithm of the probability of the residuals at given spreads, levels integrated out."""
    y = np.asarray(residual, dtype=np.float64)
    covariance = row_covariance(rows, spread, noise, weight)
    _, logarithm = np.linalg.slogdet(covariance)
    return 0.5 * float(logarithm) + 0.5 * float(y @ np.linalg.solve(covariance, y))
