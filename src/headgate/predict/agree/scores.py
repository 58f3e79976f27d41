"""How far off predictions are: median, 90th percentile, bias and coverage, by quantity, chip and kind of model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from headgate.predict.agree import QUANTITIES, Band, Row, inside


@dataclass(frozen=True, slots=True)
class Score:
    """How far off a set of predictions is; errors are shares of the measured value.

    Args:
        rows: Predictions with a measurement.
        middle, high: Median and 90th percentile of the absolute error.
        bias: Median of predicted over measured, less one: over 0 is too slow, or too much.
        covered: Share that lies in the band of ninety percent; NaN where there is no band.
    """

    rows: int
    middle: float
    high: float
    bias: float
    covered: float


def score(pairs: Sequence[tuple[Band, float]]) -> Score:
    """Return the score of predictions with their measured values.

    Example:
        >>> made = score([((1.1, 1.0, 1.2), 1.0), ((0.9, 0.7, 1.1), 1.0), ((1.3, 1.2, 1.4), 1.0)])
        >>> made.rows, round(made.middle, 2), round(made.bias, 2), round(made.covered, 2)
        (3, 0.1, 0.1, 0.67)
    """
    if not pairs:
        return Score(0, math.nan, math.nan, math.nan, math.nan)
    errors = sorted(band[0] / value - 1.0 for band, value in pairs)
    sizes = sorted(abs(e) for e in errors)
    # The 90th percentile by linear interpolation between the two nearest.
    place = 0.9 * (len(sizes) - 1)
    below = int(place)
    above = sizes[min(below + 1, len(sizes) - 1)]
    high = sizes[below] + (place - below) * (above - sizes[below])
    covered = sum(inside(band, value) for band, value in pairs) / len(pairs)
    return Score(len(pairs), median(sizes), high, median(errors), covered)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary: what rows it is of, and three scores.

    Args:
        seen: The package's own predictions, of rows that it was calibrated on.
        blind: Of models that had not seen the row's group.
        constant: Of one efficiency a cell, without the row's group.
        lost: Rows that cannot be predicted.
    """

    quantity: str
    chip: str
    arch: str
    seen: Score
    blind: Score
    constant: Score
    lost: int


def line(rows: Sequence[Row], quantity: str, chip: str, arch: str) -> Line:
    """Return the line of the rows of one quantity, chip (`all` for every one) and kind of model."""
    own = [r for r in rows if r.scored and r.quantity == quantity and r.arch == arch and chip in ("all", r.chip)]
    flat = [((r.constant, math.nan, math.nan), r.measured) for r in own if r.constant == r.constant]
    return Line(
        quantity,
        chip,
        arch,
        score([(r.told, r.measured) for r in own if r.told]),
        score([(r.blind, r.measured) for r in own if r.blind]),
        replace(score(flat), covered=math.nan),
        sum(1 for r in own if not r.told),
    )


def summary(rows: Sequence[Row]) -> list[Line]:
    """Return the scores by quantity and kind of model, for all chips and then chip by chip.

    Args:
        rows: Of `agreement`, all or some.

    Returns:
        Lines in the order of `QUANTITIES`; fine-tuning, cut-down models and unverified rows are left out.

    Example:
        >>> from headgate.predict.agree import agreement
        >>> [(x.chip, x.arch) for x in summary(agreement("training"))][:2]
        [('all', 'dense'), ('all', 'moe')]
    """
    found = []
    for quantity in QUANTITIES:
        own = [r for r in rows if r.scored and r.quantity == quantity]
        kinds = sorted({r.arch for r in own})
        cells = sorted({(r.chip, r.arch) for r in own})
        found += [line(own, quantity, "all", arch) for arch in kinds]
        found += [line(own, quantity, chip, arch) for chip, arch in cells]
    return found
