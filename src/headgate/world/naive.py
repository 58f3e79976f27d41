"""Two naive forecasts, to be beaten: the last growth rate goes on; a random walk with drift."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError, did_you_mean

Array = NDArray[np.float64]
UNIT = 1000.0  # H100-equivalents; below about that many, a flow is scored as if it were none
FEW = 0.5  # standard deviation of a quarter's change where fewer than three changes are known
METHODS = ("last_growth", "random_walk")


def scale(flow: Any) -> Any:
    """Return flows on the scale of the scores: log(1 + flow / 1,000 H100e)."""
    return np.log1p(np.maximum(flow, 0.0) / UNIT)


def unscaled(y: Any) -> float:
    """Return the flow at a place on the scale of the scores, H100e.

    Example:
        >>> unscaled(scale(2500.0))
        2500.0
    """
    return float(np.expm1(y) * UNIT)


def naive(known: Sequence[float], ahead: int, method: str, draws: int = 2000) -> Array | None:
    """Forecast a series of flows some quarters ahead, on the scale of the scores.

        last_growth:  y + h d, d the last change
        random_walk:  y + h m, m the mean change

    Both with a standard deviation of s sqrt(h), s that of the changes so far. Spreads that also count how uncertain
    the growth is, s sqrt(h + h^2 / n) and s sqrt(h (h + 1) (2 h + 1) / 6), are wider; their CRPS in the back-test is
    about the same (0.58 against 0.58, 0.52 against 0.51), so that nothing is won against these by being sharper.

    Args:
        known: Flows up to the origin, oldest first.
        ahead: Quarters ahead, h, 1 or more.
        method: One of `METHODS`.
        draws: Size of the sample: evenly spaced quantiles.

    Returns:
        A sample, [draw], or None where two flows are not known.

    Raises:
        UsageError: There is no such method, or `ahead` is below 1.

    Example:
        >>> naive([0.0, 1000.0], 1, "last_growth", draws=3).round(2).tolist()
        [0.9, 1.39, 1.87]
    """
    if method not in METHODS:
        raise UsageError(
            f"there is no naive forecast {method!r}; take {' or '.join(METHODS)}.{did_you_mean(method, METHODS)}"
        )
    if ahead < 1:
        raise UsageError(f"ahead is {ahead}; a forecast is 1 or more quarters ahead")
    y = [scale(x) for x in known]
    if len(y) < 2:
        return None
    changes = [b - a for a, b in pairwise(y)]
    drift = changes[-1] if method == "last_growth" else fmean(changes)
    spread = max(stdev(changes), 0.05) if len(changes) >= 3 else FEW
    quantiles = [NormalDist().inv_cdf((n + 0.5) / draws) for n in range(draws)]
    found: Array = np.maximum(y[-1] + ahead * drift + spread * sqrt(ahead) * np.array(quantiles), 0.0)
    return found
