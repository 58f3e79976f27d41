"""Pipeline schedules against the numbers of the papers, and what every schedule has in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.machine.pipeline import SCHEDULES, bubble_seconds, held_micro_batches

ONE_F_ONE_B, ZERO_BUBBLE, DUALPIPE = range(3)
TIME = st.floats(1e-6, 1e3)
STAGES = st.integers(1, 64)
VIRTUAL = st.integers(1, 16)


def bubble_share(stages: int, micro_batches: int, virtual: int) -> float:
    """Share of the step that one stage waits, with a backward twice as long as a forward."""
    wait = float(bubble_seconds(1.0, 2.0, 1.0, stages, virtual, ONE_F_ONE_B))
    return wait / (wait + micro_batches * 3.0)


def test_pangu_ultra_as_its_report_says():
    # Pangu Ultra (arXiv:2504.07866): 8 stages, 16 micro-batches: 30.4 % of the step waits; 6.8 % with 6 virtual stages.
    assert bubble_share(8, 16, 1) == pytest.approx(0.304, abs=5e-4)
    assert bubble_share(8, 16, 6) == pytest.approx(0.068, abs=5e-4)


@pytest.mark.parametrize(("stages", "micro_batches", "virtual"), [(4, 8, 1), (8, 64, 1), (8, 64, 4), (16, 16, 2)])
def test_bubble_over_ideal_time_as_megatron_says(stages, micro_batches, virtual):
    # Narayanan et al. (2021), arXiv:2104.04473, section 2.2: (p - 1) / (v m).
    wait = bubble_seconds(1.3, 2.9, 1.4, stages, virtual, ONE_F_ONE_B)
    assert wait / (micro_batches * 4.2) == pytest.approx((stages - 1) / (virtual * micro_batches))


def test_the_three_schedules_as_deepseek_lists_them():
    # DeepSeek-V3 (arXiv:2412.19437), table 2, with F 1, B 2, W 1 and an overlapped forward and backward of F + B.
    p, f, b, w = 16, 1.0, 2.0, 1.0
    assert bubble_seconds(f, b, w, p, 1, ONE_F_ONE_B) == (p - 1) * (f + b)
    assert bubble_seconds(f, b, w, p, 1, ZERO_BUBBLE) == (p - 1) * (f + b - 2 * w)
    assert bubble_seconds(f, b, w, p, 1, DUALPIPE) == (p / 2 - 1) * ((f + b) + b - 3 * w)


def test_activations_held_as_deepseek_lists_them():
    # The same table: p for 1F1B and zero bubble, p + 1 for DualPipe.
    held = held_micro_batches(16, 1, 1000, np.array([0, 1, 2]))
    assert held.tolist() == [16, 16, 17]


def test_interleaving_holds_more_as_megatron_says():
    # Korthikanti et al. (2022), arXiv:2205.05198: interleaving takes 1 + (p - 1) / (p m) as much, m virtual stages.
    assert held_micro_batches(8, 4, 1000, ONE_F_ONE_B) == 8 * (1 + 7 / (8 * 4))


@given(f=TIME, b=TIME, share=st.floats(0.0, 1.0), virtual=VIRTUAL, schedule=st.integers(0, len(SCHEDULES) - 1))
def test_one_stage_never_waits(f, b, share, virtual, schedule):
    assert bubble_seconds(f, b, share * b, 1, virtual, schedule) == 0.0


@given(f=TIME, b=TIME, share=st.floats(0.0, 1.0), stages=STAGES, virtual=VIRTUAL)
def test_no_bubble_is_negative_and_cleverer_schedules_wait_no_longer(f, b, share, stages, virtual):
    plain, zero, dual = (
        float(x) for x in bubble_seconds(f, b, share * b, stages, 1, np.array([ONE_F_ONE_B, ZERO_BUBBLE, DUALPIPE]))
    )
    assert plain >= zero >= 0.0
    assert plain * (1 + 1e-12) >= dual >= 0.0
    assert float(bubble_seconds(f, b, share * b, stages, virtual, ONE_F_ONE_B)) <= plain


@given(stages=STAGES, virtual=VIRTUAL, micro_batches=st.integers(1, 512), schedule=st.integers(0, 2))
def test_no_stage_holds_more_than_there_is(stages, virtual, micro_batches, schedule):
    held = held_micro_batches(stages, virtual, micro_batches, schedule)
    assert 1 <= held <= micro_batches
    assert held <= 2 * stages
    assert held_micro_batches(stages, virtual, micro_batches + 1, schedule) >= held


def test_schedules_broadcast_with_stages():
    grid = bubble_seconds(1.0, 2.0, 1.0, np.array([[4], [8]]), 1, np.array([0, 1, 2]))
    assert grid.shape == (2, 3)
    assert grid[1, 1] == bubble_seconds(1.0, 2.0, 1.0, 8, 1, ZERO_BUBBLE)
