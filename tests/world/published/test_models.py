"""The small functions of the rebuilt models: properties, edges, and refusals."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.draw.spread import Spread
from headgate.errors import CatalogError, UsageError
from headgate.world.history import history
from headgate.world.published import Rebuilt, ai2040, arithmetic, cnas, epoch, interval, near, rebuilt
from headgate.world.published import refuse_unknown_target as refuse
from headgate.world.published.inputs import inputs, targets

VOLUME = st.floats(1.0, 1e8)
SHARE = st.floats(0.0, 1.0)


def test_draws_are_the_same_again_and_the_first_ones_stay() -> None:
    for run in (lambda n, s=0: cnas.smuggled(n, s).chips, lambda n, s=0: epoch.total(epoch.smuggled(n, s).blended)):
        assert (run(50) == run(50)).all()
        assert (run(50)[:7] == run(7)).all()
        assert (run(50) != run(50, 1)).all()


def test_diverted_chips_are_never_more_than_were_bought() -> None:
    assert cnas.by_fronts(np.ones(3), np.full(3, 100.0), np.array([0.5, 1.0, 1.7])).tolist() == [50, 100, 100]


def test_a_regime_has_its_weight() -> None:
    ran = cnas.smuggled(100_000)
    assert float((ran.chips == ran.vendors).mean()) == pytest.approx(0.75, abs=0.005)
    assert float((ran.chips == ran.vendors + ran.fronts).mean()) == pytest.approx(0.20, abs=0.005)


def test_observed_cases_add_up_as_in_the_published_run() -> None:
    given_, draws = inputs("epoch"), 100_000
    cases = [epoch.of_case(given_, case, draws) for case in epoch.CASES]
    assert float(np.median(sum(case[2024] for case in cases))) == pytest.approx(38_000, rel=0.02)
    assert float(np.median(sum(case[2025] for case in cases))) == pytest.approx(134_000, rel=0.02)


def test_a_case_of_known_chips_is_split_by_year_and_nothing_is_lost() -> None:
    given_ = inputs("epoch")
    found = epoch.of_case(given_, "gatekeeper", 1000)
    bought = given_.draw("gatekeeper.h100", 1000) + given_.draw("gatekeeper.h200", 1000)
    assert found[2024] + found[2025] == pytest.approx(bought)
    assert (epoch.of_case(given_, "broker_malaysia", 10)[2025] == 0).all()


def test_the_blend_lies_between_the_two_sides() -> None:
    ran = epoch.smuggled(1000)
    for year in epoch.YEARS:
        least, most = (pick(ran.diverted[year], ran.resold[year]) for pick in (np.minimum, np.maximum))
        assert ((ran.blended[year] >= least * (1 - 1e-12)) & (ran.blended[year] <= most * (1 + 1e-12))).all()


@pytest.mark.parametrize("volume", ["usual_volume", "ban_volume"])
@pytest.mark.parametrize("vendors", [5, 20, 75])
def test_the_sum_of_vendors_is_that_of_single_vendors(volume: str, vendors: int) -> None:
    spread, draws = inputs("epoch").spread(f"resale.{volume}"), 40_000
    random = np.random.default_rng(vendors)
    sigma = math.log(spread.high / spread.low) / (2 * 1.6448536269514722)
    single = random.standard_normal((draws, vendors)) * math.sqrt(0.5)
    shared = random.standard_normal((draws, 1)) * math.sqrt(0.5)
    truth = (spread.middle * np.exp(sigma * (single + shared))).sum(axis=1)
    market, own = random.standard_normal((2, draws))
    ours = epoch.sold_by_vendors(np.full(draws, float(vendors)), spread, 0.5, market, own)
    assert interval(ours) == pytest.approx(interval(truth), rel=0.03)


def test_fully_correlated_vendors_sell_one_vendor_s_volume_times_their_number() -> None:
    spread, z = Spread("lognormal", 100, 900), np.array([-1.0, 0.0, 2.0])
    ours = epoch.sold_by_vendors(np.full(3, 7.0), spread, 1.0, z, np.ones(3))
    assert ours == pytest.approx(7 * spread.of(z))


def test_scarcity_raises_the_cost_and_all_passes_cost_the_full_surcharge() -> None:
    charged = [ai2040.surcharge(share) for share in (0.0, 0.1, 0.5, 1.0)]
    assert charged == sorted(charged)
    assert (charged[0], charged[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_supply_by_trend_solves_its_own_equation(year: int) -> None:
    given_ = inputs("ai2040")
    made, spent = ai2040.added_by_trend(year), given_.at("world.capex_usd", year)
    naive = given_.at("world.capex_usd", 2025) / given_.at("world.added", 2025) / 1.4 ** (year - 2025)
    tools = (given_.at("world.euv_tools", year) + given_.at("world.euv_tools", year + 1)) / 2
    share = given_.at("world.ai_passes", year) * made / ai2040.added_as_printed(year) / tools / 360_000
    assert made * naive * (1 + share**2.5) == pytest.approx(spent, rel=1e-9)
    assert made < spent / naive


def test_stocks_conserve_what_is_added() -> None:
    path = ai2040.path()
    for before, after in pairwise(path):
        assert after.stock - before.stock == pytest.approx(after.added)
        assert after.world_stock == pytest.approx(0.955 * before.world_stock + after.world_added + after.domestic)


def test_years_and_costs_that_are_not_there_are_refused() -> None:
    with pytest.raises(CatalogError, match=r"no year 2031\. Choose one that it has: 2026, 2027, 2028"):
        ai2040.domestic(2031)
    with pytest.raises(UsageError, match="no cost 'trends'.*Did you mean trend"):
        ai2040.path("trends")
    with pytest.raises(UsageError, match="Known are printed, trend"):
        ai2040.world_added(2025, "zzz")


@given(us=VOLUME, china=VOLUME, ratio=st.floats(0.5, 50.0), displaced=SHARE)
def test_what_is_sold_brings_the_ratio_there(us: float, china: float, ratio: float, displaced: float) -> None:
    sold = arithmetic.sold_for_ratio(ratio, us, china, displaced)
    if us / china <= ratio:
        assert sold == 0
    else:
        assert arithmetic.ratio_with_exports(us, china, sold, displaced) == pytest.approx(ratio, rel=1e-6)


@given(us=VOLUME, china=VOLUME, share=SHARE, more=SHARE)
def test_selling_or_displacing_more_never_raises_the_ratio(us: float, china: float, share: float, more: float) -> None:
    sold = us * share
    ratio = arithmetic.ratio_with_exports
    assert ratio(us, china, sold, more) <= ratio(us, china, sold) <= ratio(us, china)


@pytest.mark.parametrize(
    "call",
    [
        lambda: arithmetic.packages_of_stacks(-1, 8),
        lambda: arithmetic.packages_of_stacks(8, 0),
        lambda: arithmetic.packages_of_stacks(math.nan, 8),
        lambda: arithmetic.packages_of_dies(8, 2, 1.5),
        lambda: arithmetic.packages_of_dies(8, 0, 0.5),
        lambda: arithmetic.packages_of_dies(math.inf, 2, 0.5),
        lambda: arithmetic.production_ratio(1, 0),
        lambda: arithmetic.ratio_with_exports(1, 0, 0),
        lambda: arithmetic.ratio_with_exports(1, 1, 1, 1.01),
        lambda: arithmetic.ratio_with_exports(1, 1, 2, 1.0),
        lambda: arithmetic.sold_for_ratio(0, 1, 1),
        lambda: arithmetic.sold_for_ratio(-4, 1, 1),
    ],
)
def test_volumes_that_make_no_sense_are_refused(call: object) -> None:
    with pytest.raises(UsageError, match="Give a finite number of 0 or more"):
        call()  # type: ignore[operator]


def test_a_year_is_added_up_only_when_all_its_quarters_are_there() -> None:
    with pytest.raises(UsageError, match="no full quarter of Huawei that begins on 2023-01-01"):
        arithmetic.huawei_over_nvidia(2023)
    with pytest.raises(UsageError, match="no full quarter of Nvidia that begins on 2026-01-01"):
        arithmetic.added("Nvidia", 2026)  # its first quarter is there in part
    with pytest.raises(UsageError, match="Did you mean Huawei"):
        arithmetic.added("Huawey", 2025)


def test_the_share_is_computed_from_the_rows() -> None:
    doubled = [
        replace(row, h100e_median=2 * row.h100e_median) if row.vendor == "Huawei" and row.h100e_median else row
        for row in history()
    ]
    assert arithmetic.huawei_over_nvidia(2025, doubled) == pytest.approx(2 * arithmetic.huawei_over_nvidia(2025))


def test_a_row_is_within_only_if_every_published_number_is() -> None:
    target = next(each for each in targets() if each.id == "cnas.smuggled")
    assert Rebuilt(target, 16_000, 144_000, 1_190_000).within
    assert Rebuilt(target, 14_000, 150_000, 1_300_000).within
    assert not Rebuilt(target, 16_000, 152_000, 1_190_000).within
    assert not Rebuilt(target, 13_000, 144_000, 1_190_000).within
    assert not Rebuilt(target, 16_000, 144_000, None).within
    assert near(1.0004, 1.0, 0.0, 0.0005)
    assert not near(1.0006, 1.0, 0.5, 0.0005)


def test_a_row_can_be_printed_and_followed_to_its_source() -> None:
    for row in rebuilt(10):
        flat = row.row
        assert str(flat["url"]).startswith("https://")
        assert flat["source"]
        assert flat["published_median"] is not None or flat["published_low"] is not None
        assert isinstance(flat["within"], bool)


def test_a_target_that_nothing_computes_is_refused() -> None:
    target = replace(targets()[0], id="cnas.smugled")
    with pytest.raises(CatalogError, match="cnas.smugled: no rebuilt model gives it.*Did you mean cnas.smuggled"):
        refuse(target, ["cnas.smuggled", "epoch.2024"])
