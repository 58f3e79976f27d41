"""Power and energy: metered nodes, what is unknown, and units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.machine import energy as e

from .parts import machine


@pytest.mark.parametrize(
    ("tdp", "node_kw", "metered"),
    [(700.0, 10.2, 856.0), (700.0, 10.2, 871.0), (1000.0, 14.3, 1196.0)],
)
def test_metered_nodes_are_met_within_3_percent_and_their_nameplates_are_far_over(tdp, node_kw, metered):
    power = e.chip_power(machine(8, tdp, domain_watts=1000 * node_kw))
    assert power.watts == pytest.approx(metered, rel=0.03)
    assert power.high_watts > 1.4 * metered
    assert f"{node_kw:.1f} kW" in power.basis


def test_a_rack_draws_what_is_published_for_it():
    power = e.chip_power(machine(72, 1200.0, domain_watts=132_000.0))
    assert power.watts == pytest.approx(132_000 / 72)
    assert power.low_watts == 1375.0
    assert "132.0 kW) over 72 chips" in power.basis


def test_published_power_is_the_most_a_node_draws():
    assert e.chip_power(machine(8, 400.0, domain_watts=4000.0)).watts == 500.0


@pytest.mark.parametrize("chips", [8, 9])
def test_one_figure_alone_is_used_and_none_is_unknown(chips):
    assert e.chip_power(machine(chips, 500.0)).watts == 675.0
    assert "is not published" in e.chip_power(machine(chips, 500.0)).basis
    assert e.chip_power(machine(chips, domain_watts=1000.0 * chips)).watts == 1000.0
    none = e.chip_power(machine(chips))
    assert np.isnan(none.watts)
    assert none.basis.startswith("unknown")
    assert np.isnan(e.run_kwh(8, none.watts, 3600, 1.2))


def test_64_metered_nodes_for_an_hour():
    watts = e.chip_power(machine(8, 700.0)).watts
    assert e.run_kwh(512, watts, 3600, 1.0) == pytest.approx(438, rel=0.03)


def test_mean_power_lies_between_rest_and_full():
    assert e.mean_watts(1000.0, 0.0, 0.2) == 200.0
    assert e.mean_watts(1000.0, 1.0, 0.2) == 1000.0


@given(watts=st.floats(1.0, 5000.0), rate=st.floats(0.1, 1e6), pue=st.floats(1.0, 2.0), tokens=st.floats(1.0, 1e13))
def test_energy_of_a_token_times_tokens_is_the_energy_of_the_run(watts, rate, pue, tokens):
    run_joules = e.run_kwh(1, watts, tokens / rate, pue) * 3.6e6
    assert run_joules == pytest.approx(tokens * e.joules_per_token(watts, rate, pue))
    assert e.tokens_per_s_per_mw(rate, watts, pue) * e.joules_per_token(watts, rate, pue) == pytest.approx(1e6)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: e.run_kwh(8, 875.0, 3600, 0.9), "pue is 0.9: it must be 1 or more"),
        (lambda: e.joules_per_token(875.0, 0.0, 1.2), "tokens_per_s_per_chip is 0: it must be over 0"),
        (lambda: e.mean_watts(1.0, 1.1, 0.2), "busy_share is 1.1"),
        (lambda: e.chip_power(machine(8, 700.0), host_watts=-1.0), "host_watts is -1"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(call, says):
    with pytest.raises(UsageError, match=says):
        call()
