"""Single kernels: where compute, memory and the floor each set the time, and what makes none of them slower."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.machine.kernels import attention_seconds, gemm_seconds, pass_seconds

from .units import ONE

H100 = replace(
    ONE.machine().chip.kernels["bf16"],
    rate_flop_per_s=989.4e12,
    efficiency_limit=0.83,
    m_half=106.0,
    n_half=12.0,
    k_half=112.0,
    memory_efficiency=0.82,
    floor_seconds=3.5e-6,
)
CHIP = ONE.machine().chip
SIZE = st.integers(0, 65536).map(float)
MORE = st.floats(1.0, 50.0)


def test_an_endless_multiplication_reaches_the_limit_and_no_more():
    size = 1e7
    share = 2 * size**3 / gemm_seconds(size, size, size, H100, 3.35e12) / H100.rate_flop_per_s
    assert share == pytest.approx(H100.efficiency_limit, rel=1e-4)
    assert share < H100.efficiency_limit


@pytest.mark.parametrize("axis", ["m", "n", "k"])
def test_at_its_half_size_a_dimension_alone_halves_the_efficiency(axis):
    big = {"m": 1e7, "n": 1e7, "k": 1e7}
    small = {**big, axis: getattr(H100, f"{axis}_half")}

    def share(sizes):
        # Memory is taken to be endless, so that only the efficiency is seen.
        seconds = gemm_seconds(**sizes, kernel=H100, memory_bytes_per_s=np.inf)
        return 2 * sizes["m"] * sizes["n"] * sizes["k"] / seconds / H100.rate_flop_per_s

    assert share(small) == pytest.approx(share(big) / 2, rel=1e-4)


def test_a_thin_multiplication_waits_for_the_weights():
    seconds = gemm_seconds(1, 8192, 8192, H100, 3.35e12)
    weights = 2.0 * 8192 * 8192 / (3.35e12 * 0.82)
    assert seconds == pytest.approx(weights + 3.5e-6, rel=1e-3)
    assert gemm_seconds(1, 8192, 8192, H100, 3.35e12, operand_bytes=1.0) == pytest.approx(
        weights / 2 + 3.5e-6, rel=1e-3
    )


def test_nothing_to_multiply_costs_the_floor():
    none = replace(H100, m_half=0.0, n_half=0.0, k_half=0.0)
    assert gemm_seconds(0, 4096, 0, none, 3.35e12) == 3.5e-6


def test_a_group_of_equal_multiplications_is_launched_once():
    one = gemm_seconds(128, 2048, 4096, H100, 3.35e12)
    many = gemm_seconds(128, 2048, 4096, H100, 3.35e12, count=32)
    assert many == pytest.approx(32 * (one - 3.5e-6) + 3.5e-6)


@given(m=SIZE, n=SIZE, k=SIZE, bandwidth=st.floats(1e11, 1e14), more=MORE)
def test_more_rate_and_more_bandwidth_never_make_a_multiplication_slower(m, n, k, bandwidth, more):
    base = gemm_seconds(m, n, k, H100, bandwidth)
    assert gemm_seconds(m, n, k, H100, bandwidth * more) <= base
    faster = replace(H100, rate_flop_per_s=H100.rate_flop_per_s * more)
    assert gemm_seconds(m, n, k, faster, bandwidth) <= base
    assert base >= H100.floor_seconds


@given(m=SIZE, n=SIZE, k=SIZE, more=MORE)
def test_a_larger_multiplication_never_takes_less_time_and_never_runs_at_a_lower_rate(m, n, k, more):
    base, larger = (gemm_seconds(x, n, k, H100, 3.35e12) for x in (m, m * more))
    assert larger >= base
    assert larger <= more * base * (1 + 1e-12)


def test_arrays_broadcast_and_agree_with_single_calls():
    m, n = np.array([[1.0], [512.0], [4096.0]]), np.array([256.0, 8192.0])
    whole = gemm_seconds(m, n, 1024.0, H100, 3.35e12)
    assert whole.shape == (3, 2)
    for i, j in np.ndindex(3, 2):
        assert whole[i, j] == gemm_seconds(m[i, 0], n[j], 1024.0, H100, 3.35e12)


def test_attention_at_its_half_length_runs_at_half_the_limit():
    flop = 1e12
    endless = attention_seconds(flop, 1e12, 128.0, CHIP)
    assert endless == pytest.approx(flop / (1e15 * CHIP.attention_limit))
    assert attention_seconds(flop, CHIP.attention_half, 128.0, CHIP) == pytest.approx(2 * endless)


def test_narrow_heads_lower_the_rate_of_attention_and_wide_ones_raise_it():
    at = {dim: attention_seconds(1e12, 4096.0, dim, CHIP) for dim in (64.0, 128.0, 192.0)}
    assert at[64.0] == pytest.approx(at[128.0] * 4 / 3)
    assert at[64.0] > at[128.0] > at[192.0]


@given(flop=st.floats(0.0, 1e18), tokens=st.floats(1.0, 1e6), more=MORE)
def test_longer_sequences_and_less_work_never_take_attention_longer(flop, tokens, more):
    base = attention_seconds(flop, tokens, 128.0, CHIP)
    assert attention_seconds(flop, tokens * more, 128.0, CHIP) <= base
    assert attention_seconds(flop / more, tokens, 128.0, CHIP) <= base


def test_a_pass_runs_at_the_share_of_the_bandwidth_that_streams_reach():
    assert pass_seconds(3e12 * 0.85, CHIP) == pytest.approx(1.0)
    assert pass_seconds(0.0, CHIP) == 0.0
