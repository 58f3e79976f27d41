"""How weakly capability follows compute: least squares of the capability index on training compute and date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.draw.stream import normals
from headgate.errors import UsageError
from headgate.world.frontier import Frontier, frontier

YEAR = 365.25  # days
MONTH = YEAR / 12
GROUPS = {"US": ("US",), "CN": ("CN",), "both": ("US", "CN")}
BY = ("compute", "date", "compute and date")
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Link:
    """One fit of the capability index.

    Args:
        bloc: `US`, `CN` or `both`.
        by: What the index is fitted on: `compute` (its logarithm to base 10), `date`, or both.
        count: Models with an index and a training compute.
        r2: Share of the variance explained, with a 90 % interval from the bootstrap in `r2_low` and `r2_high`.
        slope: Index points for ten times the compute, or for a year when fitted on the date alone; with its interval.
        residual_points: Standard deviation about the line, in index points.
        residual_months: The same in months of progress of the United States frontier.
        slope_months: The slope in such months.
    """

    bloc: str
    by: str
    count: int
    r2: float
    r2_low: float
    r2_high: float
    slope: float
    slope_low: float
    slope_high: float
    residual_points: float
    residual_months: float
    slope_months: float


def refuse_too_few(what: str, count: int, least: int) -> NoReturn:
    """Refuse a fit on fewer models than it needs."""
    raise UsageError(f"{what}: {count} models have the numbers, {least} are needed. Give the whole table.")


def years(day: date) -> float:
    """Return a day in years since 2022 began.

    Example:
        >>> years(date(2022, 1, 1))
        0.0
    """
    return (day - date(2022, 1, 1)).days / YEAR


def best_so_far(scored: Iterable[tuple[date, float, str]]) -> list[tuple[date, float, str]]:
    """Return those of (day, number, name) that beat all before them, in the order of days.

    Example:
        >>> [name for _, _, name in best_so_far([(date(2025, 1, 1), 3, "b"), (date(2024, 1, 1), 4, "a")])]
        ['a']
    """
    found: list[tuple[date, float, str]] = []
    for each in sorted(scored):
        if not found or each[1] > found[-1][1]:
            found.append(each)
    return found


def points_per_month(models: Iterable[Frontier] | None = None) -> float:
    """Return the progress of the United States frontier: index points a month, by a line through each new best.

    Raises:
        UsageError: Fewer than three models were a new best.

    Example:
        >>> round(points_per_month(), 2)
        1.19
    """
    known = frontier() if models is None else models
    best = best_so_far((m.scored, m.eci, m.name) for m in known if m.bloc == "US" and m.eci is not None)
    if len(best) < 3:
        refuse_too_few("Progress of the frontier", len(best), 3)
    matrix = np.array([[1.0, years(day)] for day, _, _ in best])
    line, *_ = np.linalg.lstsq(matrix, np.array([eci for _, eci, _ in best]), rcond=None)
    return float(line[1]) / 12


def weigh(matrix: Array, y: Array, weight: Array) -> tuple[Array, Array]:
    """Fit by weighted least squares, once for each row of weights.

    Args:
        matrix: Regressors, [models, columns], full rank.
        y: What is fitted, [models].
        weight: Weights over 0, [draws, models].

    Returns:
        Coefficients [draws, columns], and the weighted share of variance explained [draws].

    Example:
        >>> x = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
        >>> line, r2 = weigh(x, np.array([1.0, 3.0, 5.0]), np.ones((1, 3)))
        >>> line[0].round(6).tolist(), float(r2[0])
        ([1.0, 2.0], 1.0)
    """
    square = np.einsum("di,ij,ik->djk", weight, matrix, matrix)
    cross = np.einsum("di,ij,i->dj", weight, matrix, y)
    line = np.linalg.solve(square, cross[..., None])[..., 0]
    mean = (weight * y).sum(1) / weight.sum(1)
    off = (weight * (y - line @ matrix.T) ** 2).sum(1)
    return line, 1 - off / (weight * (y - mean[:, None]) ** 2).sum(1)


def _link(bloc: str, by: str, table: Array, month: float, draws: int, seed: int) -> Link:
    chosen = {"compute": (1,), "date": (2,), "compute and date": (1, 2)}[by]
    matrix, y = np.column_stack([np.ones(len(table)), table[:, chosen]]), table[:, 0]
    line, r2 = weigh(matrix, y, np.ones((1, len(y))))
    off = y - matrix @ line[0]
    spread = float(off @ off / (len(y) - matrix.shape[1])) ** 0.5
    # The Bayesian bootstrap: half the sum of two squared normals is an exponential weight.
    z = normals(f"world.weak_link/{bloc}", draws, 2 * len(y), seed)
    weight = (z[:, ::2] ** 2 + z[:, 1::2] ** 2) / 2
    lines, shares = weigh(matrix, y, weight)
    low, high = np.quantile(shares, (0.05, 0.95)), np.quantile(lines[:, 1], (0.05, 0.95))
    first = (float(r2[0]), float(low[0]), float(low[1]), float(line[0, 1]), float(high[0]), float(high[1]))
    return Link(bloc, by, len(y), *first, spread, spread / month, first[3] / month)


def weak_link(models: Iterable[Frontier] | None = None, draws: int = 1000, seed: int = 0) -> tuple[Link, ...]:
    """Fit the capability index on compute, on the date, and on both, for each bloc and for both together.

    Compute alone is a weak link: methods, data and training after the first run move the index too, and the compute of
    the best models of 2026 is not disclosed, so that the fit is on the models that say.

    Args:
        models: Models of both blocs; the package's own by default.
        draws: Draws of the bootstrap (Bayesian: models weighted at random), 1 or more.
        seed: Seed of its stream.

    Returns:
        Nine fits, bloc by bloc.

    Raises:
        UsageError: A bloc has fewer than five models with both numbers, or draws or seed are out of range.

    Example:
        >>> for link in weak_link():
        ...     if link.bloc == "both":
        ...         print(f"{link.by}: {link.r2:.2f}, {link.residual_points:.1f} points")
        compute: 0.24, 11.0 points
        date: 0.85, 4.9 points
        compute and date: 0.89, 4.2 points
    """
    known = frontier() if models is None else tuple(models)
    month = points_per_month(known)
    links = []
    for bloc, members in GROUPS.items():
        rows = [(m.eci, np.log10(m.flop), years(m.scored)) for m in known if m.bloc in members and m.eci and m.flop]
        if len(rows) < 5:
            refuse_too_few(f"Capability and compute, {bloc}", len(rows), 5)
        links += [_link(bloc, by, np.array(rows, dtype=np.float64), month, draws, seed) for by in BY]
    return tuple(links)
