"""From what the formulas say of serving to a median and a band of ninety percent."""

import math

from headgate.machine.serving_parts import Engine
from headgate.predict.serving.fit import serving_effects, serving_fit
from headgate.predict.serving.rows import Case

Quantity = tuple[float, float, float]
PUBLISHED_BAND = {"dense": 0.30, "moe": 0.45}  # least half-width where nothing of the machine was ever measured
UNNAMED = 1.3  # a judgment: wider where the software is not named, or is one that was never measured
MEMORY_BAND = 0.1  # a judgment: no peak of a serving chip is among the published rows


def engine_of(case: Case) -> Engine:
    """Return the calibrated scalars of the case's software."""
    return serving_fit().engine(case.engine)


def half_band(case: Case, quantity: str) -> tuple[float, float]:
    """Return the logarithm that calibration adds to a quantity, and half the width of its band, in logarithms."""
    fit = serving_fit()
    mean, sd = serving_effects(quantity).predict(case.levels)
    half = fit.band[quantity] * max(sd, fit.least[quantity])
    if engine_of(case) is fit.engine(""):
        half *= UNNAMED
    if case.machine.published_only:
        kind = "moe" if case.architecture.experts else "dense"
        half = max(half, math.log1p(PUBLISHED_BAND[kind]))
    return mean, half


def banded(value: float, mean: float, half: float) -> Quantity:
    """Return median, low and high of a value, from logarithms.

    Example:
        >>> banded(10.0, 0.0, 0.0)
        (10.0, 10.0, 10.0)
    """
    median = value * math.exp(mean)
    return median, median * math.exp(-half), median * math.exp(half)


def memory_band(memory_bytes: float) -> Quantity:
    """Return the memory of the fullest chip, in GiB, with its band."""
    return banded(memory_bytes / 2**30, 0.0, math.log1p(MEMORY_BAND))


def closed_rate(clients: float, output: float, tpot: tuple[float, float], ttft: tuple[float, float]) -> Quantity:
    """Return the rate of clients who ask again at once, from the two times: tokens per second, median, low and high.

        rate = clients * output / (TTFT + (output - 1) TPOT)

    Args:
        clients: Clients, over 0.
        output: Tokens of an answer, 1 or more.
        tpot, ttft: Median in milliseconds, and half the width of its band in logarithms. The two err apart, so each
            widens the rate's band as far as its share of the time goes.

    Example:
        >>> closed_rate(10.0, 101.0, (10.0, 0.0), (1000.0, 0.0))
        (505.0, 505.0, 505.0)
    """
    later = (output - 1.0) * tpot[0]
    whole = ttft[0] + later
    half = math.hypot(later / whole * tpot[1], ttft[0] / whole * ttft[1])
    return banded(1e3 * clients * output / whole, 0.0, half)
