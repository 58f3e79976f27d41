"""State off the chip: which part is the slow one, and when a tier is worth it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.machine import offload as o

RATE = st.floats(1e9, 1e13)


def test_the_slower_of_link_and_memory_sets_the_rate():
    assert o.host_bytes_per_s(64e9, 600e9) == 64e9
    assert o.host_bytes_per_s(900e9, 600e9) == 600e9


def test_on_a_narrow_link_halving_host_memory_changes_nothing_and_on_a_wide_one_it_doubles_the_time():
    # 32 bytes touched against 2 sent: memory is the slow part until the link is 16 times slower.
    assert o.optimizer_seconds(1e9, 10e9, 600e9) == o.optimizer_seconds(1e9, 10e9, 300e9) == pytest.approx(0.2)
    assert o.optimizer_seconds(1e9, 900e9, 300e9) == 2 * o.optimizer_seconds(1e9, 900e9, 600e9)
    assert o.optimizer_seconds(1e9, 450e9, 600e9) == o.optimizer_seconds(1e9, 900e9, 600e9)
    assert o.optimizer_seconds(1e9, 600e9 / 16, 600e9) == pytest.approx(32e9 / 600e9)


@given(parameters=st.floats(0.0, 1e12), link=RATE, memory=RATE, more=st.floats(1.0, 100.0))
def test_more_bandwidth_never_takes_longer(parameters, link, memory, more):
    base = o.optimizer_seconds(parameters, link, memory)
    assert o.optimizer_seconds(parameters, link * more, memory) <= base
    assert o.optimizer_seconds(parameters, link, memory * more) <= base


def test_hidden_transfers_cost_nothing():
    assert o.exposed_seconds(0.2, 0.3) == 0.0
    assert o.exposed_seconds(0.3, 0.2) == pytest.approx(0.1)


def test_nothing_cached_takes_no_time():
    np.testing.assert_allclose(o.prefix_seconds([0, 1000], 1000.0, 1e6, 0.5), [0.0, 1.5])


@given(kept=st.floats(1e3, 1e6), rate=RATE, tokens=st.floats(1.0, 1e6))
def test_at_the_break_even_rate_fetching_is_as_fast_as_computing_again(kept, rate, tokens):
    again = tokens / o.recompute_tokens_per_s(kept, rate)
    assert o.prefix_seconds(tokens, kept, rate, 0.0) == pytest.approx(again)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: o.host_bytes_per_s(0.0, 1e9), "link_bytes_per_s is 0: it must be over 0"),
        (lambda: o.optimizer_seconds(-1.0, 1e9, 1e9), "parameters is -1"),
        (lambda: o.exposed_seconds(1.0, -1.0), "hidden_seconds is -1"),
        (lambda: o.prefix_seconds(1.0, 1.0, 0.0, 0.0), "tier_bytes_per_s is 0"),
        (lambda: o.recompute_tokens_per_s(0.0, 1e9), "kv_bytes_per_token is 0"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(call, says):
    with pytest.raises(UsageError, match=says):
        call()
