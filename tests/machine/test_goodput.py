"""Failures and goodput: published figures, limits, and what must never get worse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.machine import goodput as g

SECONDS = st.floats(1.0, 1e6)


def test_llama_3_stops_every_three_hours():
    assert 54 * 86400 / g.job_mtbf_seconds(16384) == pytest.approx(419)
    assert g.job_mtbf_seconds(1) / 86400 / 365 == pytest.approx(5.8, abs=0.05)


def test_llama_3_is_over_90_percent_with_the_default_restart():
    run = g.goodput(16384, 405e9 * 14, g.LLAMA_3_STORAGE_BYTES_PER_S)
    assert run.share == pytest.approx(0.90, abs=0.002)
    implied = g.implied_restart_seconds(0.90, run.interval_seconds, run.write_seconds, run.mtbf_seconds)
    assert implied == pytest.approx(g.RESTART_SECONDS, rel=0.05)


@pytest.mark.parametrize(("mtbf_minutes", "minutes"), [(24 * 60, 117), (6 * 60, 57), (15, 9.1)])
def test_daly_gives_the_intervals_of_his_figures_3_to_5(mtbf_minutes, minutes):
    assert g.daly_interval_seconds(300, mtbf_minutes * 60) / 60 == pytest.approx(minutes, abs=0.4)


def test_writing_that_takes_longer_than_twice_the_mean_time_between_failures():
    assert g.daly_interval_seconds(200.0, 100.0) == 100.0
    assert g.daly_interval_seconds(199.999, 100.0) == pytest.approx(100 * (2 * (1 + 1 / 3 + 1 / 9) - 2), rel=1e-4)


@given(write=st.floats(1e-3, 100.0), mtbf=st.floats(1e4, 1e7), factor=st.floats(1.2, 20.0))
def test_no_interval_beats_dalys(write, mtbf, factor):
    best = g.daly_interval_seconds(write, mtbf)
    reached = g.goodput_share(best, write, 60.0, mtbf)
    assert reached >= g.goodput_share(best * factor, write, 60.0, mtbf) - 1e-12
    assert reached >= g.goodput_share(best / factor, write, 60.0, mtbf) - 1e-12


@given(interval=SECONDS, write=SECONDS, restart=SECONDS, mtbf=SECONDS)
def test_the_share_is_a_share_and_the_restart_is_recovered(interval, write, restart, mtbf):
    share = g.goodput_share(interval, write, restart, mtbf)
    assert 0.0 <= share <= 1.0
    if share > 1e-200:
        found = g.implied_restart_seconds(share, interval, write, mtbf)
        assert found == pytest.approx(restart, rel=1e-6, abs=1e-6 * mtbf)


@given(chips=st.integers(1, 10**6), storage=st.floats(1e6, 1e12), more=st.floats(1.0, 100.0))
def test_more_storage_bandwidth_and_fewer_failures_never_lower_goodput(chips, storage, more):
    base = g.goodput(chips, 1e12, storage).share
    assert g.goodput(chips, 1e12, storage * more).share >= base * (1 - 1e-12)
    assert g.goodput(chips, 1e12, storage, g.FAILURES_PER_CHIP_DAY / more).share >= base * (1 - 1e-12)
    assert g.goodput(chips, 1e12, storage, restart_seconds=g.RESTART_SECONDS / more).share >= base * (1 - 1e-12)


def test_a_job_ten_times_the_size_loses_more():
    shares = g.goodput(np.array([1e3, 1e4, 1e5]), 5.7e12, 1e9).share
    assert shares[0] > 0.98
    assert shares[0] > shares[1] > shares[2]
    assert shares[2] < 0.75


def test_days_of_deepseek_v3():
    hours = g.days_to_tokens(14.8e12, 2048 * 1543.2, 1.0) * 24 * 2048
    assert hours == pytest.approx(14.8 * 180_000, rel=1e-3)
    assert g.days_to_tokens(14.8e12, 2048 * 1543.2, 0.5) == 2 * g.days_to_tokens(14.8e12, 2048 * 1543.2, 1.0)


def test_what_is_unknown_stays_unknown():
    assert np.isnan(g.job_mtbf_seconds(1024, np.nan))
    assert np.isnan(g.goodput(1024, 1e12, np.nan).share)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: g.job_mtbf_seconds(0), "chips is 0: it must be over 0"),
        (lambda: g.checkpoint_seconds(1e12, 8, 0.0), "storage_bytes_per_s is 0"),
        (lambda: g.goodput_share(1.0, -1.0, 0.0, 1.0), "write_seconds is -1"),
        (lambda: g.days_to_tokens([1e12, -5.0], 1e6, 1.0), "tokens is -5: it must be 0 or more"),
        (lambda: g.days_to_tokens(1e12, 1e6, 1.5), "share is 1.5: it must be over 0 and at most 1"),
        (lambda: g.goodput(8, 0.0, 1e9), "state_bytes is 0"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(call, says):
    with pytest.raises(UsageError, match=says):
        call()
