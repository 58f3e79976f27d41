"""Scores: equal to brute force and to the closed form of a normal, proper, and refused where there is no number."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from headgate.draw.score import covered, crps, interval
from headgate.draw.spread import Spread
from headgate.draw.stream import normals
from headgate.errors import UsageError

NUMBERS = st.floats(-1e6, 1e6)


def brute(sample, outcome):
    x = np.asarray(sample)
    return np.abs(x - outcome).mean() - 0.5 * np.abs(x[:, None] - x[None, :]).mean()


def closed(mean, sd, outcome):
    """Score of a normal forecast (Gneiting and Raftery 2007, section 4.2)."""
    z = (outcome - mean) / sd
    return sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))


@given(st.lists(NUMBERS, min_size=1, max_size=40), NUMBERS)
def test_sorting_gives_what_all_pairs_give(sample, outcome):
    assert float(crps(sample, outcome)) == pytest.approx(brute(sample, outcome), rel=1e-9, abs=1e-7)


@given(st.lists(NUMBERS, min_size=1, max_size=40), NUMBERS, st.randoms())
def test_a_score_is_never_negative_and_knows_no_order(sample, outcome, random):
    here = float(crps(sample, outcome))
    random.shuffle(sample)
    assert here >= -1e-9
    assert float(crps(sample, outcome)) == pytest.approx(here, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("outcome", [-2.0, 3.0, 4.0, 12.0])
def test_many_draws_of_a_normal_come_to_the_closed_form(outcome):
    # Evenly spaced quantiles instead of random draws: no luck in it.
    sample = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, loc=3, scale=2)
    assert float(crps(sample, outcome)) == pytest.approx(closed(3, 2, outcome), rel=1e-3)


def test_one_draw_scores_its_error_and_a_sure_hit_scores_nothing():
    assert float(crps([5.0], 3.0)) == 2
    assert float(crps([3.0] * 9, 3.0)) == 0


def test_the_truth_scores_best_on_average():
    truth, other = normals("truth", 400)[:, 0], normals("draws", 2000)[:, 0]
    repeated = {name: np.tile(draws[:, None], 400) for name, draws in (
        ("true", other), ("shifted", other + 0.5), ("narrow", other * 0.5), ("wide", other * 2)
    )}  # fmt: skip
    scores = {name: float(crps(sample, truth).mean()) for name, sample in repeated.items()}
    assert min(scores, key=scores.get) == "true"


def test_a_score_has_the_unit_of_the_quantity_and_no_origin():
    sample = normals("unit", 50)[:, 0]
    assert float(crps(sample * 1e3 + 7, 1e3 + 7)) == pytest.approx(1e3 * float(crps(sample, 1.0)))
    # Far from zero nothing is lost to cancellation.
    assert float(crps(sample + 1e9, 1e9 + 1)) == pytest.approx(float(crps(sample, 1.0)), rel=1e-5)


def test_many_forecasts_at_once():
    sample, outcome = normals("many", 100, 6).reshape(100, 2, 3), np.arange(6.0).reshape(2, 3)
    scores, inside = crps(sample, outcome), covered(sample, outcome, 0.9)
    low, high = interval(sample, 0.9)
    assert scores.shape == inside.shape == low.shape == high.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        assert scores[i, j] == pytest.approx(brute(sample[:, i, j], outcome[i, j]))
        assert inside[i, j] == (low[i, j] <= outcome[i, j] <= high[i, j])


def test_the_interval_of_many_draws_is_the_one_told():
    spread = Spread("lognormal", 4, 30, 12)
    drawn = spread.of(stats.norm.ppf((np.arange(10_001) + 0.5) / 10_001))
    assert [float(end) for end in interval(drawn, 0.9)] == pytest.approx([4, 30], rel=1e-3)
    assert [float(end) for end in interval(drawn, 0.8)] == pytest.approx(
        [spread.quantile(0.1), spread.quantile(0.9)], rel=1e-3
    )


def test_an_interval_holds_its_ends():
    sample = [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [bool(covered(sample, y, 0.5)) for y in (0.999, 1.0, 2.0, 3.0, 3.001)] == [False, True, True, True, False]


@given(st.lists(NUMBERS, min_size=1, max_size=30), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_more_mass_is_never_narrower(sample, mass, other):
    mass, other = sorted((mass, other))
    low, high = interval(sample, mass)
    lower, higher = interval(sample, other)
    slack = 1e-9 * max(abs(x) for x in sample)
    assert lower <= low + slack
    assert high <= higher + slack


def test_true_forecasts_cover_as_often_as_they_say():
    truth, drawn = normals("came", 4000)[:, 0], stats.norm.ppf((np.arange(500) + 0.5) / 500)[:, None]
    share = covered(np.broadcast_to(drawn, (500, 4000)), truth, 0.8).mean()
    assert share == pytest.approx(0.8, abs=0.025)


@pytest.mark.parametrize("sample", [[], 3.0, np.zeros((0, 2))])
def test_no_draw_is_refused(sample):
    with pytest.raises(UsageError, match="The forecast has no draw"):
        crps(sample, 1.0)
    with pytest.raises(UsageError, match="The forecast has no draw"):
        interval(sample, 0.5)


def test_a_shape_that_differs_is_refused():
    with pytest.raises(UsageError, match=r"One draw has the shape \[2\], but the outcome \[3\]"):
        crps(np.zeros((5, 2)), np.zeros(3))
    with pytest.raises(UsageError, match=r"One draw has the shape \[\], but the outcome \[2\]"):
        covered(np.zeros(5), np.zeros(2), 0.9)


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(odd):
    for call in (lambda: crps([1.0, odd], 1.0), lambda: interval([odd, odd, 1.0], 0.5)):
        with pytest.raises(UsageError, match="Not finite in the sample: [12] of its numbers"):
            call()
    with pytest.raises(UsageError, match="Not finite in the outcome: 1 of its numbers"):
        covered([1.0, 2.0], odd, 0.5)


@pytest.mark.parametrize("mass", [0, 1, -0.5, 90, math.nan])
def test_a_mass_that_is_no_share_is_refused(mass):
    with pytest.raises(UsageError, match="The mass of an interval is"):
        interval([1.0, 2.0], mass)
    with pytest.raises(UsageError, match="The mass of an interval is"):
        covered([1.0, 2.0], 1.5, mass)
