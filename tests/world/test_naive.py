"""The two naive forecasts: what they carry on, how wide they are, and what they refuse."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.world.naive import FEW, METHODS, UNIT, naive, scale, unscaled

FLOWS = st.lists(st.floats(0, 1e7), min_size=2, max_size=16)


def doubling(count: int) -> list[float]:
    return [float(unscaled(math.log(2) * n)) for n in range(1, count + 1)]


@given(st.floats(0, 1e9))
def test_the_scale_goes_there_and_back(flow: float) -> None:
    assert unscaled(scale(flow)) == pytest.approx(flow, abs=1e-6, rel=1e-9)


def test_nothing_is_nothing_on_the_scale_and_a_negative_flow_too() -> None:
    assert scale(0.0) == 0.0
    assert scale(-5.0) == 0.0
    assert scale(UNIT) == pytest.approx(math.log(2))


@pytest.mark.parametrize("method", METHODS)
def test_steady_growth_goes_on(method: str) -> None:
    # Steady on the scale of the scores, where both methods see the same change in every quarter.
    for ahead in (1, 2, 4):
        sample = naive(doubling(6), ahead, method, draws=999)
        assert sample is not None
        assert float(np.median(sample)) == pytest.approx(math.log(2) * (6 + ahead))


def test_the_last_growth_is_the_last_change_and_the_walk_the_mean_one() -> None:
    known = [unscaled(y) for y in (1.0, 2.0, 2.5, 2.75)]
    middles = [float(np.median(naive(known, 2, method, draws=999))) for method in METHODS]
    assert middles == pytest.approx([2.75 + 2 * 0.25, 2.75 + 2 * 1.75 / 3])


@pytest.mark.parametrize("method", METHODS)
def test_it_widens_with_the_root_of_the_quarters(method: str) -> None:
    known = [unscaled(y) for y in (10.0, 10.5, 10.2, 10.9, 11.0)]
    one, four = (np.quantile(naive(known, ahead, method), (0.16, 0.84)) for ahead in (1, 4))
    assert np.diff(four) == pytest.approx(2 * np.diff(one))


def test_few_changes_give_the_width_set_for_them() -> None:
    sample = naive([1e6, 1e6], 1, "random_walk", draws=20_000)
    assert float(np.std(sample)) == pytest.approx(FEW, rel=1e-2)


@pytest.mark.parametrize("method", METHODS)
def test_one_flow_is_too_little(method: str) -> None:
    assert naive([], 1, method) is None
    assert naive([5.0], 1, method) is None
    assert naive([5.0, 6.0], 1, method) is not None


@given(FLOWS, st.integers(1, 4), st.sampled_from(METHODS))
def test_no_flow_is_negative_and_quantiles_rise(known: list[float], ahead: int, method: str) -> None:
    sample = naive(known, ahead, method, draws=50)
    assert sample is not None
    assert np.isfinite(sample).all()
    assert sample.min() >= 0.0
    assert (np.diff(sample) >= 0).all()


def test_an_unknown_method_is_refused_with_a_near_name() -> None:
    with pytest.raises(UsageError, match=r"'random_wlak'.*random_walk"):
        naive([1.0, 2.0], 1, "random_wlak")


def test_no_quarter_ahead_is_refused() -> None:
    with pytest.raises(UsageError, match="ahead is 0"):
        naive([1.0, 2.0], 0, "random_walk")
