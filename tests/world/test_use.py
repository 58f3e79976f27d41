"""What compute is used for: runs and tokens by hand, lags that are known, and what is refused."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world.agreed import made, runs

from headgate.errors import UsageError
from headgate.world import use
from headgate.world.agree import BASELINE
from headgate.world.axes import BLOCS, LABELS, YEARS, quarter
from headgate.world.lag import eci_lags
from headgate.world.pictures.frames import QUANTILES
from headgate.world.results import Results

PLAIN = {"run.share": 0.1, "run.share_china": 0.5, "run.days": 100.0, "algorithms.growth": 3.0}


def simple(quantities: dict[str, float] | None = None, **flows: object) -> Results:
    """Return a run in which named accounts add usable compute, training as serving, and nothing is retired."""
    given = {(account, m): flow for account, flow in flows.items() for m in ("training", "serving")}
    return made(given, quantities={**PLAIN, **(quantities or {})})


def rising(factor: float) -> np.ndarray:
    """Return a flow whose stock grows by a factor a quarter from 1, [quarter, 1]."""
    stock = factor ** np.arange(len(LABELS), dtype=np.float64)
    return np.diff(stock, prepend=0.0)[:, None]


def test_the_largest_run_is_rate_times_share_times_time() -> None:
    found = simple(us_named=2.0, us_other=1.0, china_legal=1.0)
    us, china = use.largest_run(found, "us"), use.largest_run(found, "china")
    first = 1e12 * 0.1 * 100 * 86_400
    assert us[0] == pytest.approx(3.0 * first)
    assert us[9] == pytest.approx(30.0 * first)
    assert china[9] == pytest.approx(10.0 * first * 0.5)


def test_china_cannot_use_more_than_it_has() -> None:
    found = simple({"run.share": 0.9, "run.share_china": 2.0}, china_legal=1.0)
    assert use.largest_run(found, "china")[0] == pytest.approx(1e12 * 100 * 86_400)


def test_a_rented_chip_trains_for_china_and_not_for_its_owner() -> None:
    alone, rents = simple(us_named=10.0, china_legal=1.0), simple(us_named=10.0, china_legal=1.0, china_rented=1.0)
    assert (use.tokens_a_day(rents, "china") > use.tokens_a_day(alone, "china")).all()
    assert (use.tokens_a_day(rents, "us") < use.tokens_a_day(alone, "us")).all()
    both = [use.tokens_a_day(r, "us") + use.tokens_a_day(r, "china") for r in (alone, rents)]
    assert both[0] == pytest.approx(both[1])


def test_tokens_are_seconds_of_a_day() -> None:
    assert use.tokens_a_day(simple(us_named=5.0), "us")[3] == pytest.approx(4 * 5.0 * 86_400)


def test_algorithms_are_counted_from_the_end_of_2025() -> None:
    found = simple(us_named=1.0)
    ratio = use.effective_run(found, "us") / use.largest_run(found, "us")
    assert ratio[quarter("2025Q4")] == pytest.approx(1.0)
    assert ratio[quarter("2026Q4")] == pytest.approx(3.0)
    assert ratio[quarter("2024Q4")] == pytest.approx(1 / 3)


@given(st.integers(1, 12), st.floats(1.02, 1.8))
@settings(max_examples=40, deadline=None)
def test_the_lag_of_a_series_moved_by_some_quarters_is_these_quarters(later: int, factor: float) -> None:
    ahead = factor ** np.arange(30.0)[:, None]
    behind = ahead / factor**later
    found = use.months_behind(ahead, behind)
    assert np.isposinf(found[: later - 1]).all()
    assert found[later + 1 :] == pytest.approx(3.0 * later)
    assert use.months_behind(behind, ahead)[: 29 - later] == pytest.approx(-3.0 * later)
    assert np.isneginf(use.months_behind(behind, ahead)[-1]).all()


def test_better_algorithms_shorten_the_lag_that_compute_implies() -> None:
    slow, fast = ({"algorithms.growth": growth} for growth in (1.2, 6.0))
    grows = {"us_named": 8.0 * rising(1.2), "china_legal": rising(1.2)}
    at = quarter("2030Q4")
    lags = [use.implied_lag(simple(how, **grows))[at] for how in (slow, fast)]
    assert (lags[1] < lags[0]).all()
    assert lags[0] == pytest.approx(12 * np.log(16.0) / np.log(1.2**4 * 1.2), rel=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -1.0])
def test_lags_need_numbers_over_0(bad: float) -> None:
    good = np.ones((3, 2))
    odd = good.copy()
    odd[1, 1] = bad
    with pytest.raises(UsageError, match="finite numbers over 0"):
        use.months_behind(good, odd)


def test_lags_need_one_shape() -> None:
    with pytest.raises(UsageError, match="one shape"):
        use.months_behind(np.ones((3, 2)), np.ones((3, 1)))


def test_an_unknown_bloc_is_refused_with_near_names() -> None:
    with pytest.raises(UsageError, match="'chna'.*china"):
        use.tokens_a_day(simple(us_named=1.0), "chna")


def test_frames_by_year_and_bloc() -> None:
    frame = use.use_frame(runs(prior=True)[BASELINE])
    assert len(frame) == len(YEARS) * len(BLOCS) * len(use.UNITS)
    assert not frame.select("year", "bloc", "what").is_duplicated().any()
    numbers = frame.select(QUANTILES).to_numpy()
    assert np.isfinite(numbers).all()
    assert (np.diff(numbers, axis=1) >= 0).all()
    us = {r["year"]: r["q50"] for r in frame.iter_rows(named=True) if (r["bloc"], r["what"]) == ("us", "largest_run")}
    assert us[2022] < us[2025] < us[2032]


def test_the_two_lags_stand_side_by_side() -> None:
    results = runs(prior=True)[BASELINE]
    rows = {r["year"]: r for r in use.lag_frame(results).iter_rows(named=True)}
    seen = [lag.months for lag in eci_lags() if lag.day.year == 2025 and lag.months is not None]
    assert rows[2025]["models"] == len(seen)
    assert rows[2025]["observed"] == pytest.approx(np.median(seen))
    assert rows[2030]["observed"] is None
    assert rows[2030]["models"] == 0
    assert 0 < rows[2025]["q05"] < rows[2025]["q95"]
    words = use.in_words(results, date(2026, 7, 31))
    assert words[0].startswith("Simulated, by compute alone")
    assert words[1].startswith("Observed")
    with pytest.raises(UsageError, match="outside the horizon"):
        use.in_words(results, date(2033, 1, 1))


def test_the_observed_lag_moves_nothing_that_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    results = runs(prior=True)[BASELINE]
    before = use.implied_lag(results)
    monkeypatch.setattr(use, "eci_lags", tuple)
    assert np.array_equal(before, use.implied_lag(results))
    assert set(use.lag_frame(results)["models"]) == {0}
