"""How far China's models are behind in months: as observed, as compute alone would imply, and how weakly these agree.

Three different things, printed side by side and never fitted to one another: the lag of the capability index between
models that were scored; the lag between the largest training runs that are disclosed or estimated; and the months that
a simulated ratio of training compute stands for. The first is far shorter than the other two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from statistics import median
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from headgate.errors import UsageError
from headgate.world.frontier import SURE, Frontier, frontier
from headgate.world.weak_link import MONTH, Array, best_so_far, refuse_too_few, weak_link, years

__all__ = [
    "ComputeLag",
    "EciLag",
    "compute_growth",
    "compute_lag",
    "eci_lags",
    "lag_spread",
    "side_by_side",
    "weak_link",
]
BY_BOTH = "compute and date"


@dataclass(frozen=True, slots=True)
class EciLag:
    """One new Chinese best of the capability index.

    Args:
        ahead: Model of the United States that first reached the same index; empty when none has.
        months: Months from it to the Chinese model, below 0 if China was first; None when none has reached it.
    """

    model: str
    day: date
    eci: float
    ahead: str
    months: float | None


@dataclass(frozen=True, slots=True)
class ComputeLag:
    """The largest Chinese training run known on a day, and when the United States first had one as large.

    Args:
        ahead: The first run of the United States as large; empty when there was none by that day.
        months: Months from it to the day; None when there was none.
        months_at_release: Months from it to the release of the Chinese run; below 0 if China was first.
        ratio: Largest run of the United States over the largest Chinese one, both by that day.
    """

    day: date
    model: str
    flop: float
    ahead: str
    months: float | None
    months_at_release: float | None
    ratio: float


def refuse_no_run(bloc: str, day: date) -> NoReturn:
    """Refuse a day before the first training run known of a bloc."""
    raise UsageError(f"No training run of {bloc} with a known compute was released by {day}. Ask for a later day.")


def refuse_bad_ratio(what: str, number: float, least: str) -> NoReturn:
    """Refuse a ratio or growth for which no lag can be told."""
    raise UsageError(f"The {what} is {number:g}, and must be finite and over {least}. Correct it.")


def _known(models: Iterable[Frontier] | None) -> tuple[Frontier, ...]:
    return frontier() if models is None else tuple(models)


def eci_lags(models: Iterable[Frontier] | None = None) -> tuple[EciLag, ...]:
    """Return the lag of every Chinese model that set a new Chinese best of the capability index.

    The lag is counted from the first day on which a model of the United States was scored at least as high, days being
    those of the scored variants (`Frontier.scored`). The first Chinese model in the table has no best to beat: it
    starts the series and is left out.

    Args:
        models: Models of both blocs; the package's own by default.

    Returns:
        One row for each new best, in order of days.

    Example:
        >>> lags = eci_lags()
        >>> len(lags), lags[-1].model, lags[-1].ahead, round(lags[-1].months or 0, 1)
        (18, 'Kimi K3', 'GPT-5.4 Pro', 4.4)
    """
    scored = [(m.scored, m.eci, m.name, m.bloc) for m in _known(models) if m.eci is not None]
    theirs = sorted(each for each in scored if each[3] == "US")
    found = []
    for day, eci, name in best_so_far(each[:3] for each in scored if each[3] == "CN")[1:]:
        first = next((each for each in theirs if each[1] >= eci), None)
        months = None if first is None else (day - first[0]).days / MONTH
        found.append(EciLag(name, day, eci, first[2] if first else "", months))
    return tuple(found)


def _runs(models: Iterable[Frontier], bloc: str, day: date, sure: bool) -> list[tuple[date, float, str]]:
    runs = [
        (m.released, m.flop, m.name)
        for m in models
        if m.bloc == bloc and m.flop is not None and m.released <= day and (m.confidence in SURE or not sure)
    ]
    return best_so_far(runs) or refuse_no_run(bloc, day)


def compute_lag(day: date, models: Iterable[Frontier] | None = None, sure: bool = False) -> ComputeLag:
    """Return the months since the United States first trained with the compute of the largest Chinese run known.

    Args:
        day: Runs released later are not looked at.
        models: Models of both blocs; the package's own by default.
        sure: Leave out what the source calls speculative, or estimates by outsiders.

    Raises:
        UsageError: One of the blocs had no run with a known compute by then.

    Example:
        >>> lag = compute_lag(date(2025, 12, 31))
        >>> lag.model, lag.ahead, round(lag.months or 0, 1), round(lag.ratio, 1)
        ('Doubao-pro', 'Gemini 1.0 Ultra', 24.8, 20.0)
    """
    known = _known(models)
    ours, theirs = _runs(known, "CN", day, sure), _runs(known, "US", day, sure)
    released, flop, name = ours[-1]
    first = next((each for each in theirs if each[1] >= flop), None)
    months = None if first is None else (day - first[0]).days / MONTH
    at_release = None if first is None else (released - first[0]).days / MONTH
    return ComputeLag(day, name, flop, first[2] if first else "", months, at_release, theirs[-1][1] / flop)


def compute_growth(day: date, models: Iterable[Frontier] | None = None, sure: bool = False) -> float:
    """Return by how many times a year the largest training run of the United States grew up to a day.

    A line through the logarithm of each new largest run.

    Raises:
        UsageError: Fewer than three runs were a new largest one by then.

    Example:
        >>> round(compute_growth(date(2025, 12, 31)), 1)
        6.4
    """
    runs = _runs(_known(models), "US", day, sure)
    if len(runs) < 3:
        refuse_too_few("Growth of the largest run", len(runs), 3)
    matrix = np.array([[1.0, years(at)] for at, _, _ in runs])
    line, *_ = np.linalg.lstsq(matrix, np.log([flop for _, flop, _ in runs]), rcond=None)
    return float(np.exp(line[1]))


@cache
def _own_residual() -> float:
    return next(link.residual_months for link in weak_link(draws=1) if (link.bloc, link.by) == ("both", BY_BOTH))


def lag_spread(
    ratio: ArrayLike, growth_per_year: ArrayLike, residual_months: float | None = None
) -> tuple[Array, float]:
    """Return the months of lag that a ratio of training compute stands for, and how far a model strays from that.

        months = 12 ln(ratio) / ln(growth per year)

    The observed lag of the capability index (median about five months) is far below what this gives for the ratio of
    the largest known runs (`side_by_side` prints both). The formula is not scaled to the observation: it says
    what compute alone would do, and the observation says that compute is not alone.

    Args:
        ratio: United States over China in effective training compute, over 0. Below 1 China leads. Any shape.
        growth_per_year: By how many times a year that of the United States grows, over 1. Broadcasts with the ratio.
        residual_months: Standard deviation of one model about compute and date; from `weak_link` by default.

    Returns:
        Months, float64, in the broadcast shape, and the standard deviation of one model about them, in months. The
        difference of two models taken at random strays 1.4 times as far, the best of many less.

    Raises:
        UsageError: A ratio is not over 0, a growth not over 1, or the residual is negative.

    Example:
        >>> months, sd = lag_spread([1.0, 5.0, 25.0], 5.0)
        >>> months.round(6).tolist(), round(sd, 1)
        ([0.0, 12.0, 24.0], 3.5)
    """
    of, growth = np.asarray(ratio, dtype=np.float64), np.asarray(growth_per_year, dtype=np.float64)
    for what, given, least in (("ratio of training compute", of, 0.0), ("growth per year", growth, 1.0)):
        bad = given[~(np.isfinite(given) & (given > least))]
        if bad.size:
            refuse_bad_ratio(what, float(bad[0]), f"{least:g}")
    spread = _own_residual() if residual_months is None else residual_months
    if not 0 <= spread < np.inf:
        refuse_bad_ratio("residual in months", spread, "or at 0")
    return np.asarray(12 * np.log(of) / np.log(growth)), float(spread)


def side_by_side(day: date, models: Iterable[Frontier] | None = None) -> tuple[str, ...]:
    """Return in words what was observed by a day and what compute alone would imply, neither fitted to the other.

    Raises:
        UsageError: No lag is known by that day.

    Example:
        >>> for line in side_by_side(date(2026, 7, 31)):
        ...     print(line)
        Observed: Chinese models that set a new Chinese best were 5.5 months behind in the last year (median of 9).
        Largest known runs: the United States had the compute of Doubao-pro 31.8 months before, with Gemini 1.0 Ultra.
        By compute alone: a ratio of 20 at growth of 6.4 times a year stands for 19.4 months.
        By the fitted slope: ten times the compute goes with 4.0 points or 3.4 months at one date, the ratio with 4.4.
        Compute alone explains 24 % of the index among 45 models, with the date 89 %; a model strays 3.5 months.
    """
    known = _known(models)
    lags = [lag for lag in eci_lags(known) if lag.day <= day and lag.months is not None]
    recent = [lag.months for lag in lags if (day - lag.day).days < 366 and lag.months is not None]
    if not recent:
        refuse_no_run("China in the last year with a capability index", day)
    runs, growth = compute_lag(day, known), compute_growth(day, known)
    implied, _ = lag_spread(runs.ratio, growth)
    links = {link.by: link for link in weak_link(known) if link.bloc == "both"}
    alone, both = links["compute"], links[BY_BOTH]
    had = "never" if runs.months is None else f"{runs.months:.1f} months before, with {runs.ahead}"
    worth = both.slope_months * np.log10(runs.ratio)
    behind = f"{median(recent):.1f} months behind in the last year (median of {len(recent)})"
    rate = f"a ratio of {runs.ratio:.0f} at growth of {growth:.1f} times a year"
    tenfold = f"{both.slope:.1f} points or {both.slope_months:.1f} months at one date"
    explained = f"{100 * alone.r2:.0f} % of the index among {alone.count} models, with the date {100 * both.r2:.0f}"
    return (
        f"Observed: Chinese models that set a new Chinese best were {behind}.",
        f"Largest known runs: the United States had the compute of {runs.model} {had}.",
        f"By compute alone: {rate} stands for {float(implied):.1f} months.",
        f"By the fitted slope: ten times the compute goes with {tenfold}, the ratio with {worth:.1f}.",
        f"Compute alone explains {explained} %; a model strays {both.residual_months:.1f} months.",
    )
