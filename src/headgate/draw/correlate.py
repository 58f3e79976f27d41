"""Quantities that move together: rank correlation through a Gaussian copula, and memory along time.

Both work on standard normals and return standard normals, so that each quantity keeps its own spread.
"""

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError

LEAST = 1e-10  # smallest eigenvalue of a correlation matrix that is taken as positive definite


def copula(spearman: Any) -> Any:
    """Correlation of two standard normals whose rank correlation is given.

        r = 2 sin(pi rho / 6)

    Args:
        spearman: Rank correlation, -1 to 1. Any shape.

    Returns:
        Correlation of the normals, same shape, float64.

    Source:
        Pearson (1907), Mathematical contributions to the theory of evolution XVI.

    Example:
        >>> copula([0, 0.5, 1]).round(4).tolist()
        [0.0, 0.5176, 1.0]
    """
    return 2 * np.sin(np.pi / 6 * np.asarray(spearman, dtype=np.float64))


def correlate(z: Any, spearman: Any, xp: Any = np) -> Any:
    """Give independent standard normals a rank correlation.

    The first column stays as it is; each later one is mixed from itself and those before it (Cholesky). A row depends
    on that row alone, to the bit, however many rows there are.

    Args:
        z: Independent standard normals, [..., k].
        spearman: Rank correlations, [k, k], symmetric, 1 on the diagonal.
        xp: The array package of z: `numpy` or `jax.numpy`.

    Returns:
        Correlated standard normals in the shape of z. Spreads laid on them keep these rank correlations.

    Raises:
        UsageError: The matrix is no rank correlation of k quantities, or too strong to hold all at once.

    Example:
        >>> from headgate.draw.stream import columns
        >>> both = correlate(columns([("price", 1), ("cost", 1)], 20_000), [[1, 0.8], [0.8, 1]])
        >>> ranks = both.argsort(axis=0).argsort(axis=0)
        >>> float(np.corrcoef(ranks.T)[0, 1].round(1))
        0.8
    """
    z = xp.asarray(z)
    root = _root(spearman, z.shape[-1] if z.ndim else 0)
    mixed = []
    for row, weights in enumerate(root):
        total = float(weights[0]) * z[..., 0]
        for column in range(1, row + 1):
            total = total + float(weights[column]) * z[..., column]
        mixed.append(total)
    return xp.stack(mixed, axis=-1)


def ar1(z: Any, rho: Any, xp: Any = np) -> Any:
    """Give independent standard normals a memory along their last axis.

        x_0 = z_0,   x_t = rho x_(t-1) + sqrt(1 - rho^2) z_t

    Args:
        z: Independent standard normals, [..., time].
        rho: Correlation of neighbors in time, -1 to 1; a number, or an array that broadcasts with z[..., 0]. At 1
            nothing changes over time.
        xp: The array package of z: `numpy`, or `jax.numpy`, where rho can be traced too.

    Returns:
        Standard normals in the shape of z; each has variance 1, and two that are n steps apart correlation rho^n.

    Raises:
        UsageError: rho is outside [-1, 1], where it can be read.

    Example:
        >>> ar1([1.0, 0.0, 0.0], 0.5).tolist()
        [1.0, 0.5, 0.25]
    """
    z = xp.asarray(z)
    if isinstance(rho, int | float | np.generic | np.ndarray) and not np.all(np.abs(rho) <= 1):
        refuse_bad_memory(rho)
    if not z.ndim or not z.shape[-1]:
        refuse_no_time(z.shape)
    rho = xp.asarray(rho)
    fresh = xp.sqrt(1.0 - rho**2)
    steps = [z[..., 0] + 0.0 * fresh]
    for step in range(1, z.shape[-1]):
        steps.append(rho * steps[-1] + fresh * z[..., step])
    return xp.stack(steps, axis=-1)


def refuse_other_size(shape: tuple[int, ...], count: int) -> NoReturn:
    """Refuse a matrix that is not as wide as there are quantities."""
    raise UsageError(
        f"The rank correlations have the shape {list(shape)}, but {count} quantities are drawn. "
        f"Give a matrix of {count} by {count}."
    )


def refuse_no_correlation(row: int, column: int, value: float) -> NoReturn:
    """Refuse a rank correlation outside [-1, 1]."""
    raise UsageError(
        f"The rank correlation in row {row}, column {column} is {value:g}, which is not from -1 to 1. Correct it."
    )


def refuse_bad_diagonal(row: int, value: float) -> NoReturn:
    """Refuse a quantity that is not wholly correlated with itself."""
    raise UsageError(f"The rank correlation in row {row}, column {row} is {value:g}; a diagonal is 1. Write 1.")


def refuse_asymmetric(row: int, column: int, value: float, other: float) -> NoReturn:
    """Refuse two rank correlations of one pair."""
    raise UsageError(
        f"The rank correlation in row {row}, column {column} is {value:g}, but {other:g} the other way round. "
        f"Write one number in both places."
    )


def refuse_impossible(least: float, times: float) -> NoReturn:
    """Refuse rank correlations that no quantities can have all at once, or that make one a copy of others."""
    raise UsageError(
        f"The rank correlations cannot all hold at once: the smallest eigenvalue is {least:.3g} and must be over 0. "
        f"Bring those off the diagonal nearer to 0 (all times {times:.2f} would do); two quantities that always "
        f"move together are one, and take the same draws."
    )


def refuse_bad_memory(rho: Any) -> NoReturn:
    """Refuse a correlation in time outside [-1, 1]."""
    raise UsageError(f"The correlation in time is {rho}, which is not from -1 to 1. Give one, say 0.8.")


def refuse_no_time(shape: tuple[int, ...]) -> NoReturn:
    """Refuse normals without a step of time."""
    raise UsageError(f"Normals of the shape {list(shape)} have no step of time. Give at least one on the last axis.")


def _root(spearman: Any, count: int) -> NDArray[np.float64]:
    """Return the Cholesky root of the normals' correlation, or refuse the rank correlations."""
    given = np.asarray(spearman, dtype=np.float64)
    if not count or given.shape != (count, count):
        refuse_other_size(given.shape, count)
    for row, column in np.argwhere(~(np.abs(given) <= 1)):  # NaN too
        refuse_no_correlation(int(row) + 1, int(column) + 1, given[row, column])
    for row in np.flatnonzero(np.diag(given) != 1):
        refuse_bad_diagonal(int(row) + 1, given[row, row])
    for row, column in np.argwhere(given != given.T):
        refuse_asymmetric(int(row) + 1, int(column) + 1, given[row, column], given[column, row])
    least = _least(given)
    if least <= LEAST:
        mild = next(share for share in range(99, -1, -1) if _least(_milder(given, share / 100)) > LEAST)
        refuse_impossible(least, mild / 100)
    root: NDArray[np.float64] = np.linalg.cholesky(_normal(given)).astype(np.float64)
    return root


def _normal(spearman: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normals' correlation, with a diagonal of exactly 1, which the sine misses by its last bit."""
    normal: NDArray[np.float64] = copula(spearman)
    np.fill_diagonal(normal, 1.0)
    return normal


def _milder(spearman: NDArray[np.float64], times: float) -> NDArray[np.float64]:
    return spearman * times + np.eye(len(spearman)) * (1 - times)


def _least(spearman: NDArray[np.float64]) -> float:
    """Return the smallest eigenvalue of the normals' correlation."""
    return float(np.linalg.eigvalsh(_normal(spearman))[0])
