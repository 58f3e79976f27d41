"""Cost: terms are shown, unknown prices stay unknown, and sums come out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.machine import cost as c

from .parts import machine


def test_every_term_is_in_what_is_shown():
    shown = c.Terms(4.0, 0.6, 0.11, 1.4).shown()
    assert shown == "price spread over 4 years, 60 % of hours used, 0.11 USD/kWh, PUE 1.4"


def test_the_price_of_the_domain_goes_before_the_price_of_the_chip():
    assert c.chip_price(machine(8, chip_usd=30e3, domain_price_usd=350e3)).usd == 43750.0
    alone = c.chip_price(machine(8, chip_usd=30e3))
    assert alone.usd == 30e3
    assert "chip alone" in alone.basis


def test_an_unknown_price_is_nan_to_the_end_and_says_so():
    price = c.chip_price(machine(8))
    assert np.isnan(price.usd)
    assert price.basis.startswith("unknown")
    hour = c.usd_per_chip_hour(price.usd, 875.0, c.Terms())
    assert np.isnan(hour)
    assert np.isnan(c.usd_for_tokens(1e12, hour, 1500.0, 0.9))


def test_an_h100_hour_by_hand():
    terms = c.Terms(amortization_years=5, utilization_share=0.8, usd_per_kwh=0.08, pue=1.25)
    assert c.usd_per_chip_hour(43750.0, 875.0, terms) == pytest.approx(43750 / (5 * 8766 * 0.8) + 0.0875)


def test_deepseek_v3_as_its_report_counts():
    assert c.usd_for_tokens(14.8e12, 2.0, 1e12 / (180_000 * 3600), 1.0) == pytest.approx(2.664e6 * 2)


@given(
    price=st.floats(0.0, 1e5),
    years=st.floats(1.0, 10.0),
    used=st.floats(0.1, 1.0),
    more=st.floats(1.0, 2.0),
)
def test_a_dearer_machine_and_shorter_use_never_cost_less(price, years, used, more):
    base = c.usd_per_chip_hour(price, 1000.0, c.Terms(years, used))
    assert c.usd_per_chip_hour(price * more, 1000.0, c.Terms(years, used)) >= base
    assert c.usd_per_chip_hour(price, 1000.0, c.Terms(years / more, used)) >= base * (1 - 1e-12)
    assert c.usd_per_chip_hour(price, 1000.0 * more, c.Terms(years, used)) >= base


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: c.Terms(amortization_years=0), "amortization_years is 0: it must be over 0"),
        (lambda: c.Terms(utilization_share=1.2), "utilization_share is 1.2"),
        (lambda: c.Terms(pue=0.99), "pue is 0.99: it must be 1 or more"),
        (lambda: c.Terms(usd_per_kwh=-0.01), "usd_per_kwh is -0.01"),
        (lambda: c.usd_per_chip_hour(-1.0, 1.0, c.Terms()), "price_usd is -1"),
        (lambda: c.usd_for_tokens(1.0, 1.0, 0.0, 1.0), "tokens_per_s_per_chip is 0"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(call, says):
    with pytest.raises(UsageError, match=says):
        call()
