"""The roofline: its corner, its two sides, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.machine.roofline import attainable_flop_per_s, ridge_flop_per_byte

RATES = st.floats(1e12, 1e17)
MEMORY = st.floats(1e11, 1e14)


@given(rate=RATES, memory=MEMORY)
def test_at_the_ridge_both_limits_meet(rate, memory):
    ridge = float(ridge_flop_per_byte(rate, memory))
    assert float(attainable_flop_per_s(ridge, rate, memory)) == pytest.approx(rate)
    assert float(attainable_flop_per_s(ridge * 0.99, rate, memory)) == pytest.approx(0.99 * rate)
    assert float(attainable_flop_per_s(ridge * 2.0, rate, memory)) == rate


@given(intensity=st.floats(0.0, 1e6), rate=RATES, memory=MEMORY, more=st.floats(1.0, 10.0))
def test_more_rate_or_bandwidth_never_lowers_the_roof(intensity, rate, memory, more):
    usual = attainable_flop_per_s(intensity, rate, memory)
    assert attainable_flop_per_s(intensity, rate * more, memory) >= usual
    assert attainable_flop_per_s(intensity, rate, memory * more) >= usual
    assert attainable_flop_per_s(intensity * more, rate, memory) >= usual


def test_arrays_broadcast_and_the_unknown_stays_unknown():
    found = attainable_flop_per_s(np.array([[1.0], [1e6]]), np.array([1e15, np.nan]), 1e12)
    assert found.shape == (2, 2)
    assert found[:, 0].tolist() == [1e12, 1e15]
    assert np.isnan(found[:, 1]).all()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1.0, 1e15, 1e12), "intensity"), ((1.0, 0.0, 1e12), "rate_flop_per_s"), ((1.0, 1e15, -1.0), "memory_bytes")],
)
def test_a_number_out_of_range_is_refused_by_name(arguments, name):
    with pytest.raises(UsageError, match=name):
        attainable_flop_per_s(*arguments)
