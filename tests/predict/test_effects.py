"""Random effects: shrunk towards nothing by little evidence, wider for what was never seen, deaf to single outliers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.predict.effects import TAIL, fit_effects, fit_spread, marginal

SPREAD = {"chip": 0.2, "age": 0.1}
NOISE = 0.05
SIZES = st.floats(-0.5, 0.5)


def rows_of(chip: str, count: int) -> list[dict[str, str | float]]:
    return [{"chip": chip}] * count


def test_nothing_measured_says_nothing_and_has_the_whole_spread():
    fitted = fit_effects([], [], SPREAD, NOISE)
    mean, sd = fitted.predict({"chip": "a"})
    assert mean == 0.0
    assert sd == pytest.approx(np.hypot(0.2, NOISE))
    assert fitted.predict({}) == (0.0, pytest.approx(NOISE))


def test_one_row_is_shrunk_as_the_spread_and_the_noise_say():
    # One residual of 0.05: the Gaussian answer is 0.05 times 0.2^2 over 0.2^2 + 0.05^2, but for the tail's weight.
    fitted = fit_effects(rows_of("a", 1), [0.05], {"chip": 0.2}, NOISE)
    away = (0.05 - fitted.mean[0]) / NOISE
    noise = NOISE**2 * (TAIL + away**2) / (TAIL + 1)
    assert fitted.mean[0] == pytest.approx(0.05 * 0.04 / (0.04 + noise), rel=1e-4)


def test_more_rows_are_believed_more_and_narrow_the_band():
    found = [fit_effects(rows_of("a", n), [0.2] * n, {"chip": 0.2}, NOISE).predict({"chip": "a"}) for n in (1, 3, 30)]
    means, bands = zip(*found, strict=True)
    assert list(means) == sorted(means)
    assert list(bands) == sorted(bands, reverse=True)
    assert means[-1] == pytest.approx(0.2, abs=0.005)
    assert bands[-1] > NOISE


@given(residuals=st.lists(SIZES, min_size=1, max_size=8))
def test_a_level_is_never_pulled_beyond_its_own_rows_and_a_seen_one_is_surer(residuals):
    fitted = fit_effects(rows_of("a", len(residuals)), residuals, {"chip": 0.2}, NOISE)
    seen, band = fitted.predict({"chip": "a"})
    assert min(0.0, *residuals) - 1e-12 <= seen <= max(0.0, *residuals) + 1e-12
    assert band < fitted.predict({"chip": "b"})[1]


def test_an_unseen_level_is_named_and_widens_the_band():
    fitted = fit_effects(rows_of("a", 5), [0.1] * 5, SPREAD, NOISE)
    levels = {"chip": "b", "age": 0.5, "other": "x"}
    assert fitted.unseen(levels) == ("chip",)
    assert fitted.unseen({"chip": "a"}) == ()
    assert fitted.predict({"chip": "b"}) == (0.0, pytest.approx(np.hypot(0.2, NOISE)))


def test_a_factor_that_is_not_calibrated_plays_no_part():
    fitted = fit_effects(rows_of("a", 5), [0.1] * 5, SPREAD, NOISE)
    assert fitted.predict({"chip": "a", "weather": "rain"}) == fitted.predict({"chip": "a"})


def test_a_slope_is_found_and_grows_surer_where_it_was_measured():
    ages = np.linspace(-1, 1, 21)
    rows = [{"age": float(x)} for x in ages]
    fitted = fit_effects(rows, 0.08 * ages, SPREAD, NOISE)
    assert fitted.predict({"age": 2.0})[0] == pytest.approx(0.16, rel=0.1)
    assert fitted.predict({"age": 0.0}) == (0.0, pytest.approx(NOISE))
    assert fitted.predict({"age": 2.0})[1] > fitted.predict({"age": 1.0})[1]


def test_a_slope_never_measured_has_its_spread_times_the_number():
    fitted = fit_effects(rows_of("a", 3), [0.0] * 3, SPREAD, NOISE)
    assert fitted.predict({"age": 3.0})[1] == pytest.approx(np.hypot(0.3, NOISE))
    assert fitted.unseen({"age": 3.0}) == ()  # a slope has no level that could be new


def test_one_row_far_off_does_not_pull_the_rest():
    good = fit_effects(rows_of("a", 10), [0.1] * 10, {"chip": 0.2}, NOISE).predict({"chip": "a"})[0]
    outlier = fit_effects(rows_of("a", 11), [0.1] * 10 + [2.0], {"chip": 0.2}, NOISE).predict({"chip": "a"})[0]
    assert outlier == pytest.approx(good, abs=0.01)
    assert (10 * 0.1 + 2.0) / 11 > good + 0.15  # what a plain mean would say


def test_a_row_without_trust_counts_for_nothing():
    rows, y = [*rows_of("a", 3), {"chip": "a"}], [0.1, 0.1, 0.1, -0.4]
    with_it = fit_effects(rows, y, {"chip": 0.2}, NOISE, [1, 1, 1, 0])
    without = fit_effects(rows[:3], y[:3], {"chip": 0.2}, NOISE)
    assert with_it.predict({"chip": "a"}) == pytest.approx(without.predict({"chip": "a"}))


def test_the_order_of_rows_changes_nothing():
    rows = [{"chip": c, "age": a} for c, a in (("a", 0.1), ("b", 0.7), ("a", 0.4), ("c", 0.9))]
    y = [0.1, -0.2, 0.15, 0.05]
    forth, back = fit_effects(rows, y, SPREAD, NOISE), fit_effects(rows[::-1], y[::-1], SPREAD, NOISE)
    for levels in rows:
        assert forth.predict(levels) == pytest.approx(back.predict(levels))


def test_the_spread_that_made_the_rows_is_found_again():
    draw = np.random.default_rng(11)
    chips = [f"c{i}" for i in range(24)]
    own = dict(zip(chips, draw.normal(0, 0.15, len(chips)), strict=True))
    rows = [{"chip": c} for c in chips for _ in range(4)]
    y = [own[str(r["chip"])] + draw.normal(0, 0.04) for r in rows]
    spread, noise = fit_spread(rows, y, {"chip": 0.05}, 0.1)
    assert spread["chip"] == pytest.approx(0.15, rel=0.35)
    assert noise == pytest.approx(0.04, rel=0.35)


def test_a_factor_that_explains_nothing_shrinks_and_none_falls_under_the_floor():
    rows = [{"chip": f"c{i % 4}"} for i in range(80)]
    y = np.random.default_rng(5).normal(0, 0.05, 80)
    spread, noise = fit_spread(rows, y, {"chip": 0.05}, 0.05, floor=0.02)
    assert 0.02 <= spread["chip"] < 0.05
    assert noise >= 0.02


def test_the_marginal_probability_prefers_the_spread_that_made_the_rows():
    draw = np.random.default_rng(3)
    rows = [{"chip": f"c{i}"} for i in range(30) for _ in range(5)]
    own = {f"c{i}": draw.normal(0, 0.2) for i in range(30)}
    y = [own[r["chip"]] + draw.normal(0, 0.05) for r in rows]
    trust = np.ones(len(rows))
    at = {s: marginal(rows, y, {"chip": s}, 0.05, trust) for s in (0.02, 0.2, 2.0)}
    assert at[0.2] == min(at.values())


def test_the_marginal_probability_is_that_of_a_gaussian():
    # Two rows of one chip: variance 0.04 + 0.0025 each, covariance 0.04.
    rows, y = rows_of("a", 2), np.array([0.1, -0.05])
    covariance = np.array([[0.0425, 0.04], [0.04, 0.0425]])
    expected = 0.5 * np.log(np.linalg.det(covariance)) + 0.5 * y @ np.linalg.inv(covariance) @ y
    assert marginal(rows, y, {"chip": 0.2}, 0.05, np.ones(2)) == pytest.approx(expected)
