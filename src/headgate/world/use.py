"""Step 9, what compute is used for: the largest training run, tokens served a day, the lag that compute alone implies.

The lag of compute and the observed lag of the capability index are two things. Both are given, and neither is fitted to
the other: `weak_link` says how little of the index compute alone explains.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError
from headgate.world.axes import BLOCS, LABELS, YEARS, quarter, quarter_of
from headgate.world.lag import eci_lags, lag_spread, side_by_side
from headgate.world.pictures.frames import QUANTILES
from headgate.world.results import Results, check, year_ends

if TYPE_CHECKING:
    import polars as pl

Array = NDArray[np.float64]
DAY = 86_400.0  # seconds
BASE = quarter("2025Q4")  # effective compute is counted in the algorithms of its end
POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
UNITS = {"largest_run": "FLOP", "effective_run": "FLOP in the algorithms of the end of 2025", "tokens": "tokens a day"}


def largest_run(results: Results, bloc: str) -> Array:
    """Return the largest training run that a bloc could have finished by the end of each quarter, [quarter, draw].

        FLOP = usable training compute under control x share in one run x days x 86,400

    Args:
        results: A run of the world.
        bloc: `us`, `china`, `allied` or `other`. China's share of its compute has a factor of its own.

    Raises:
        UsageError: There is no such bloc.
    """
    check(bloc, BLOCS, "bloc")
    share = results.quantity("run.share").astype(np.float64)
    if bloc == "china":
        share = np.minimum(share * results.quantity("run.share_china"), 1.0)
    rate = 1e12 * results.stock(bloc, "controlled", "training").astype(np.float64)
    return np.asarray(rate * share * results.quantity("run.days") * DAY)


def effective_run(results: Results, bloc: str) -> Array:
    """Return the largest run in the algorithms of the end of 2025, [quarter, draw].

        effective FLOP = FLOP x growth of algorithms ^ years since the end of 2025

    Better algorithms are taken to reach both blocs at once: what differs is compute.

    Raises:
        UsageError: There is no such bloc.
    """
    years = (np.arange(len(LABELS)) - BASE)[:, None] / 4.0
    return np.asarray(largest_run(results, bloc) * results.quantity("algorithms.growth").astype(np.float64) ** years)


def tokens_a_day(results: Results, bloc: str) -> Array:
    """Return the tokens a day that a bloc could serve with all compute under its control, [quarter, draw].

    All of it on the reference job of `usable`, a dense model of 70 billion parameters: a ceiling, as training, idle
    hours and other models are not taken off. Compare blocs by it, not with a count of tokens sold.

    Raises:
        UsageError: There is no such bloc.
    """
    check(bloc, BLOCS, "bloc")
    return np.asarray(DAY * results.stock(bloc, "controlled", "serving").astype(np.float64))


def months_behind(ahead: Any, behind: Any) -> Array:
    """Return how many months ago the one ahead first had what the one behind has, by quarter and draw.

    Between quarters by a straight line of the logarithm. Where the one ahead had as much in the first quarter already,
    it is infinite (longer than the horizon looks back); where it never has as much, minus infinity.

    Args:
        ahead: Over 0, [quarter, draw].
        behind: The same shape.

    Raises:
        UsageError: The shapes differ, or a number is not finite and over 0.

    Example:
        >>> us, china = [[1.0], [2.0], [4.0], [8.0]], [[1.0], [0.5], [2.0], [2.8284271]]
        >>> months_behind(us, china)[:, 0].round(3).tolist()
        [inf, inf, 3.0, 4.5]
    """
    one, two = np.asarray(ahead, dtype=np.float64), np.asarray(behind, dtype=np.float64)
    if one.shape != two.shape or one.ndim != 2:
        raise UsageError(f"lags need two tables of one shape [quarter, draw], not {one.shape} and {two.shape}.")
    if not (np.isfinite(one).all() and np.isfinite(two).all() and one.min() > 0 and two.min() > 0):
        raise UsageError("lags need finite numbers over 0 in every quarter and draw. Leave the others out.")
    top, wanted = np.maximum.accumulate(np.log(one), axis=0), np.log(two)
    found = np.empty_like(wanted)
    for q, want in enumerate(wanted):
        after = (top < want).sum(axis=0)
        at = np.clip(after, 1, len(top) - 1)
        low, high = (np.take_along_axis(top, (at - k)[None], axis=0)[0] for k in (1, 0))
        place = at - 1 + (want - low) / np.maximum(high - low, 1e-300)
        found[q] = np.where(after == 0, np.inf, np.where(after == len(top), -np.inf, 3.0 * (q - place)))
    return found


def implied_lag(results: Results) -> Array:
    """Return the months by which China's effective training compute trails the United States', [quarter, draw].

    What compute alone would imply; see `months_behind` for infinite ones.
    """
    return months_behind(effective_run(results, "us"), effective_run(results, "china"))


def quantiles(draws: Any) -> dict[str, float]:
    """Return quantiles of draws by name; each is one of the draws, so that infinite ones do no harm.

    Example:
        >>> quantiles([1.0, 2.0, 3.0, 4.0, float("inf")])["q50"]
        3.0
    """
    found = np.quantile(np.asarray(draws, dtype=np.float64), POINTS, method="inverted_cdf")
    return dict(zip(QUANTILES, map(float, found), strict=True))


def use_frame(results: Results) -> "pl.DataFrame":
    """Return what compute is good for at the end of each year: year, bloc, what, unit and quantiles."""
    import polars as pl

    told = {"largest_run": largest_run, "effective_run": effective_run, "tokens": tokens_a_day}
    rows = []
    for bloc in BLOCS:
        for what, read in told.items():
            ends = year_ends(read(results, bloc))
            for year, draws in zip(YEARS, ends, strict=True):
                rows.append({"year": year, "bloc": bloc, "what": what, "unit": UNITS[what], **quantiles(draws)})
    return pl.DataFrame(rows)


def lag_frame(results: Results) -> "pl.DataFrame":
    """Return the lag in months at the end of each year: as compute alone implies, and as the index shows, side by side.

    `observed` is the middle of the lags of that year's new Chinese bests, with the shortest and the longest, and their
    count; `beyond` is the share of the draws in which the lag is longer than the horizon looks back. None where there
    is nothing to tell.
    """
    import polars as pl

    seen = eci_lags()
    rows = []
    for year, draws in zip(YEARS, year_ends(implied_lag(results)), strict=True):
        lags = [lag.months for lag in seen if lag.day.year == year and lag.months is not None]
        told = dict(zip(("shortest", "observed", "longest"), _ends(lags), strict=True))
        beyond = float(np.isposinf(draws).mean())
        rows.append({"year": year, **quantiles(draws), "beyond": beyond, **told, "models": len(lags)})
    return pl.DataFrame(rows, infer_schema_length=None)


def _ends(lags: list[float]) -> tuple[float | None, float | None, float | None]:
    return (min(lags), float(np.median(lags)), max(lags)) if lags else (None, None, None)


def in_words(results: Results, day: date) -> tuple[str, ...]:
    """Return the two lags in words, the simulated one first, and how weakly the index follows compute.

    Raises:
        UsageError: No lag was observed by that day, or it lies outside the horizon.
    """
    at = quarter_of(day)
    told = quantiles(implied_lag(results)[at])
    _, strays = lag_spread(1.0, 2.0)
    ours = (
        f"Simulated, by compute alone: China's largest run at the end of {LABELS[at]} is what the United States could "
        f"do {_months(told['q50'])} before (90 %: {_months(told['q05'])} to {_months(told['q95'])}); one model strays "
        f"{strays:.1f} months from what compute and date say."
    )
    return ours, *side_by_side(day)


def _months(months: float) -> str:
    return "more months than the horizon has" if months == np.inf else f"{months:.0f} months"
