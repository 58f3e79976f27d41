"""Two naive forecasts, to be beaten: the last growth rate goes on; a random walk with drift."""

from collections.abc import Sequence
from itertools import pairwise
from math import log1p, sqrt
from statistics import NormalDist, fmean, stdev

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
UNIT = 1000.0  # H100-equivalents; below about that many, a flow is scored as if it were none
FEW = 0.5  # standard deviation of a quarter's change where fewer than three changes are known
METHODS = ("last_growth", "random_walk")


def scale(flow: float) -> float:
    """Return a flow on the scale of the scores: log(1 + flow / 1,000 H100e)."""
    return log1p(max(flow, 0.0) / UNIT)


def naive(known: Sequence[float], ahead: int, method: str, draws: int = 2000) -> Array | None:
    """Forecast a series of flows some quarters ahead, on the scale of the scores.

        last_growth:  y + h d, d the last change
        random_walk:  y + h m, m the mean change

    Both with a standard deviation of s sqrt(h), s that of the changes so far.

    Args:
        known: Flows up to the origin, oldest first.
        ahead: Quarters ahead, h, 1 or more.
        method: One of `METHODS`.
        draws: Size of the sample: evenly spaced quantiles.

    Returns:
        A sample, [draw], or None where two flows are not known.

    Example:
        >>> naive([0.0, 1000.0], 1, "last_growth", draws=3).round(2).tolist()
        [0.9, 1.39, 1.87]
    """
    y = [scale(x) for x in known]
    if len(y) < 2:
        return None
    changes = [b - a for a, b in pairwise(y)]
    drift = changes[-1] if method == "last_growth" else fmean(changes)
    spread = max(stdev(changes), 0.05) if len(changes) >= 3 else FEW
    quantiles = [NormalDist().inv_cdf((n + 0.5) / draws) for n in range(draws)]
    return np.maximum(y[-1] + ahead * drift + spread * sqrt(ahead) * np.array(quantiles), 0.0)
