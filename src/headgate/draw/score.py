"""How good a forecast was: a proper score of its draws against what came, and whether its interval held it."""

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError


def crps(sample: Any, outcome: Any) -> Any:
    """Continuous ranked probability score of draws against what came; smaller is better, 0 is perfect.

    For the distribution that the draws themselves are (a weight of 1 / n on each), exactly, by sorting:

        CRPS = mean |x - y| - 1/2 mean |x - x'|

    With one draw it is the absolute error. It has the unit of the quantity.

    Args:
        sample: Draws, [n, ...], n 1 or more, finite.
        outcome: What came, in the shape of one draw, finite.

    Returns:
        Score in the shape of one draw, float64.

    Raises:
        UsageError: There is no draw, a shape differs, or a number is not finite.

    Source:
        Gneiting and Raftery (2007), doi:10.1198/016214506000001437, equation 21.

    Example:
        >>> float(crps([1.0, 3.0], 2.0))
        0.5
    """
    away, _ = _pair(sample, outcome)
    away = np.sort(away, axis=0)
    count = len(away)
    # Of all pairs, the draw of rank i is the larger i times and the smaller n - 1 - i times.
    ranks = (2.0 * np.arange(count) - (count - 1)).reshape(-1, *[1] * (away.ndim - 1))
    return np.abs(away).mean(axis=0) - (ranks / count * away).mean(axis=0)


def interval(sample: Any, mass: float) -> tuple[Any, Any]:
    """Return the ends of the central interval that holds a share of the draws.

    Args:
        sample: Draws, [n, ...], n 1 or more, finite.
        mass: Share within, between 0 and 1: 0.9 gives the 5 % and the 95 % point.

    Returns:
        Lower and upper end, each in the shape of one draw; between two draws by a straight line.

    Raises:
        UsageError: There is no draw, a number is not finite, or the mass is not a share.

    Example:
        >>> low, high = interval([0.0, 1.0, 2.0, 3.0, 4.0], 0.5)
        >>> float(low), float(high)
        (1.0, 3.0)
    """
    if not 0 < mass < 1:
        refuse_bad_mass(mass)
    low, high = np.quantile(_finite("sample", sample), [(1 - mass) / 2, (1 + mass) / 2], axis=0)
    return low, high


def covered(sample: Any, outcome: Any, mass: float) -> Any:
    """Say whether the central interval of the draws holds what came, its ends included.

    Args:
        sample: Draws, [n, ...], n 1 or more, finite.
        outcome: What came, in the shape of one draw, finite.
        mass: Share of the draws within the interval, between 0 and 1.

    Returns:
        Truth values in the shape of one draw; their mean over many forecasts should be near the mass.

    Raises:
        UsageError: There is no draw, a shape differs, a number is not finite, or the mass is not a share.

    Example:
        >>> bool(covered([0.0, 1.0, 2.0, 3.0, 4.0], 3.5, 0.5))
        False
    """
    _, came = _pair(sample, outcome)
    low, high = interval(sample, mass)
    return (low <= came) & (came <= high)


def refuse_no_draws() -> NoReturn:
    """Refuse to score a forecast without draws."""
    raise UsageError("The forecast has no draw, so that it cannot be scored. Give at least one along the first axis.")


def refuse_other_shape(sample: tuple[int, ...], outcome: tuple[int, ...]) -> NoReturn:
    """Refuse an outcome that is not shaped as one draw."""
    raise UsageError(
        f"One draw has the shape {list(sample[1:])}, but the outcome {list(outcome)}. Give one outcome for each number."
    )


def refuse_not_finite(what: str, count: int) -> NoReturn:
    """Refuse NaN and infinities in a score."""
    raise UsageError(f"Not finite in the {what}: {count} of its numbers, so that there is no score. Leave them out.")


def refuse_bad_mass(mass: float) -> NoReturn:
    """Refuse an interval that holds nothing, everything, or no share at all."""
    raise UsageError(f"The mass of an interval is {mass!r}, which is not between 0 and 1. Give a share such as 0.9.")


def _finite(what: str, given: Any) -> NDArray[np.float64]:
    numbers = np.asarray(given, dtype=np.float64)
    if what == "sample" and not (numbers.ndim and len(numbers)):
        refuse_no_draws()
    odd = int((~np.isfinite(numbers)).sum())
    return refuse_not_finite(what, odd) if odd else numbers


def _pair(sample: Any, outcome: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distance of each draw from the outcome, and the outcome."""
    drawn, came = _finite("sample", sample), _finite("outcome", outcome)
    if drawn.shape[1:] != came.shape:
        refuse_other_shape(drawn.shape, came.shape)
    return drawn - came, came
