"""The steps of a quarter, one by one: known answers, edges, and what each must never do."""

import itertools
import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world import worlds

from headgate.draw.spread import Z95, Spread
from headgate.world.axes import LABELS, quarter
from headgate.world.changes import Change
from headgate.world.gate import LOOSER
from headgate.world.lane import CATEGORIES
from headgate.world.priors import priors
from headgate.world.quarter import domestic, gate, horizon, install, learn, make, smooth, want
from headgate.world.quarter.values import Layout, changed, disturbance, scaled, under

SHARES = st.floats(0.0, 1.0)
POSITIVE = st.floats(1e-6, 1e9)
GRANTED = ("presumption_of_denial", "case_by_case", "presumption_of_approval", "unstated")


def granted(*shares: float) -> dict[str, float]:
    return {f"granted.{name}": share for name, share in zip(GRANTED, shares, strict=True)}


# The smooth minimum


@given(st.lists(POSITIVE, min_size=1, max_size=5))
def test_the_smooth_minimum_is_never_over_the_smallest_and_close_to_it(limits: list[float]) -> None:
    found = float(smooth.smooth_min(*limits))
    assert min(limits) * len(limits) ** (-1 / 12) * (1 - 1e-12) <= found <= min(limits) * (1 + 1e-12)


@given(POSITIVE, POSITIVE, st.floats(1.0, 100.0))
def test_the_smooth_minimum_rises_with_each_limit_and_scales(one: float, other: float, times: float) -> None:
    found = float(smooth.smooth_min(one, other))
    assert float(smooth.smooth_min(one * times, other)) >= found * (1 - 1e-12)
    assert float(smooth.smooth_min(one * times, other * times)) == pytest.approx(found * times, rel=1e-9)
    assert float(smooth.smooth_min(other, one)) == pytest.approx(found, rel=1e-12)


def test_the_smooth_minimum_takes_zero() -> None:
    assert 0 <= float(smooth.smooth_min(0.0, 1.0)) < 1e-11
    assert math.isfinite(float(smooth.smooth_min(1e-300, 1e300)))


# Gate 1


@given(st.lists(SHARES, min_size=4, max_size=4), SHARES)
def test_the_ladder_follows_the_order_of_the_law(shares: list[float], letters: float) -> None:
    rungs = dict(zip(CATEGORIES, np.asarray(gate.ladder(granted(*shares), letters)).tolist(), strict=True))
    assert rungs["open"] == rungs["exception"] == 1
    for stricter, looser in LOOSER:
        assert rungs[looser] >= rungs[stricter] - 1e-12, (stricter, looser)
    assert rungs["denial"] == shares[0]
    assert rungs["unstated"] <= rungs["case_by_case"] + 1e-12


DAYS = st.lists(st.integers(0, 90), min_size=6, max_size=6).filter(lambda days: sum(days) > 0)


@st.composite
def loosened(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of days by category before and after some days went to a looser category."""
    days = np.array(draw(DAYS), dtype=float)
    before, after = days / days.sum(), days / days.sum()
    for stricter, looser in draw(st.lists(st.sampled_from(LOOSER), min_size=1, max_size=6)):
        part = after[CATEGORIES.index(stricter)] * draw(SHARES)
        after[CATEGORIES.index(stricter)] -= part
        after[CATEGORIES.index(looser)] += part
    return before, after


@given(
    loosened(),
    loosened(),
    st.lists(SHARES, min_size=4, max_size=4),
    st.lists(st.floats(1e-3, 1e7), min_size=4, max_size=4),
    st.tuples(SHARES, SHARES),
    SHARES,
)
def test_loosening_never_lowers_what_washington_permits(
    unlisted: Any, listed: Any, shares: list[float], amounts: list[float], capped: tuple[float, float], of: float
) -> None:
    """The share let through times the room, at the same state; a cap is loosened by days without it."""
    p = {**granted(*shares), "china.listed_share": of, "offer.units": amounts[0], "offer.merchant_share": shares[0]}
    p |= {"cap.us_volume_share": shares[1], "cap.us_volume_counted": shares[2]}
    fixed = {"is_special": np.array([False, True]), "volume_of": np.array([0, 0])}
    state = {"us_volume": np.array([amounts[1], 0.0]), "sold_under_cap": np.array([amounts[2], 0.5 * amounts[2]])}
    found = []
    for n in (0, 1):
        now = {"gate_unlisted": np.stack([unlisted[n]] * 2), "gate_listed": np.stack([listed[n]] * 2)}
        now |= {"capped": np.full(2, (max(capped), min(capped))[n]), "offered": np.ones(2)}
        room = np.asarray(gate.room(fixed, now, p, np.array([amounts[3], 0.0]), state))
        assert (room >= 0).all()
        found.append((np.asarray(gate.washington(now, p)), room))
    (share, room), (more_share, more_room) = found
    assert ((share >= 0) & (share <= 1 + 1e-12)).all()
    assert (more_share >= share - 1e-12).all()
    assert (more_room >= room * (1 - 1e-12)).all()
    assert (more_share * more_room >= share * room * (1 - 1e-9)).all()


def test_the_room_is_what_is_offered_within_what_the_cap_leaves() -> None:
    fixed = {"is_special": np.array([False, True, False]), "volume_of": np.array([0, 0, 2])}
    p = {"offer.units": 0.5, "offer.merchant_share": 0.4, "cap.us_volume_share": 0.5, "cap.us_volume_counted": 0.25}
    state = {"us_volume": np.array([800.0, 9e9, 100.0]), "sold_under_cap": np.array([100.0, 40.0, 70.0])}
    made = np.array([1000.0, 0.0, 1000.0])
    now = {"offered": np.array([0.0, 1.0, 0.0]), "capped": np.zeros(3)}
    assert np.asarray(gate.left_under_cap(fixed, p, state)).tolist() == [300.0, 60.0, 0.0]
    assert np.asarray(gate.room(fixed, now, p, made, state)).tolist() == [400.0, 500.0, 400.0]
    assert np.asarray(gate.room(fixed, {**now, "capped": np.ones(3)}, p, made, state)).tolist() == [300.0, 60.0, 0.0]
    half = np.asarray(gate.room(fixed, {**now, "capped": np.full(3, 0.5)}, p, made, state))
    assert half.tolist() == [350.0, 280.0, 200.0]


def test_beijing_gates_by_class() -> None:
    p = {"beijing.h20": 0.1, "beijing.h200": 0.2, "beijing.frontier": 0.3}
    assert np.asarray(gate.beijing({"beijing": np.array([2, 0, 1])}, p)).tolist() == [0.3, 0.1, 0.2]


# Made abroad

MAKE = {
    "vendor": np.array([0, 0, 2]),
    "is_merchant": np.array([True, True, False]),
    "is_foreign": np.array([True, True, True]),
    "gb": np.array([100.0, 50.0, 10.0]),
    "reticles": np.array([2.0, 1.0, 1.0]),
}
PAST = {
    "error": np.array([1.0, 0.0, -2.0, 0.0]),
    "history": np.array([10.0, 20.0, 30.0]),
    "history_below": np.array([0.1, 0.1, 0.2]),
    "history_above": np.array([0.3, 0.3, 0.4]),
    "china_gb": 500.0,
    "is_history": True,
    "share": np.array([0.5, 0.5, 1.0]),
    "price": np.array([1e4, 2e4, 5e3]),
}
MONEY = {"nvidia.revenue": 1.0, "amd.revenue": 1.0, "google.revenue": 0.5, "amazon.revenue": 1.0}
MONEY |= {"foreign.price": 2.0, "world.hbm": 1e9, "world.packaging": 1e9, "displacement.share": 0.0}


def test_history_is_units_with_the_error_on_its_own_side() -> None:
    made = np.asarray(make.made_abroad(MAKE, PAST, MONEY))
    assert made == pytest.approx([10 * math.exp(0.3), 20 * math.exp(0.3), 30 * math.exp(-0.4)])


def test_what_china_bought_is_put_back_and_taken_again() -> None:
    p = {**MONEY, "displacement.share": 0.8}
    plain = np.asarray(make.made_abroad(MAKE, PAST, MONEY))
    back = np.asarray(make.made_abroad(MAKE, PAST, p))
    assert ((back - plain) * MAKE["gb"]).sum() == pytest.approx(0.8 * 500)
    assert back[2] == plain[2]
    legal = np.array([5.0, 0.0, 0.0])
    left = np.asarray(make.left_for_others(MAKE, back, legal, p))
    assert ((back - left) * MAKE["gb"]).sum() == pytest.approx(0.8 * 500)
    assert np.asarray(make.left_for_others(MAKE, back, 0 * legal, p)).tolist() == back.tolist()
    assert np.asarray(make.left_for_others(MAKE, back, 1e9 * legal, p))[:2] == pytest.approx(0.2 * back[:2])
    assert np.asarray(make.left_for_others(MAKE, back, legal, MONEY)).tolist() == back.tolist()


def test_after_the_history_money_makes_chips_within_memory_and_packaging() -> None:
    later = {**PAST, "is_history": False}
    free = np.asarray(make.made_abroad(MAKE, later, MONEY))
    assert free == pytest.approx([0.5e9 / 2e4, 0.5e9 / 4e4, 0.5e9 / 1e4], rel=1e-6)
    gb, reticles = (free * MAKE["gb"]).sum(), (free * MAKE["reticles"]).sum()
    for name, wanted in (("world.hbm", gb), ("world.packaging", reticles)):
        short = np.asarray(make.made_abroad(MAKE, later, {**MONEY, name: 0.25 * wanted / 1e6}))
        assert short == pytest.approx(0.25 * free, rel=1e-6)
    cheap = np.asarray(make.made_abroad(MAKE, later, {**MONEY, "foreign.price": 1.0}))
    assert cheap == pytest.approx(2 * free, rel=1e-6)


# Wanted


def test_an_h100_at_its_price_attracts_by_one() -> None:
    fixed = {"log_flops": np.zeros(2), "log_bandwidth": np.zeros(2), "is_foreign": np.array([True, False])}
    now = {"price": np.array([30_000.0, 30_000.0]), "is_history": False}
    p = {"china.flops_weight": 0.3, "china.price_response": 2.0, "foreign.price": 0.5}
    assert np.asarray(want.attraction(fixed, now, p)) == pytest.approx([4.0, 1.0])
    assert np.asarray(want.attraction(fixed, {**now, "is_history": True}, p)) == pytest.approx([1.0, 1.0])


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.floats(0, 1e6), min_size=2, max_size=2), min_size=1))
def test_money_is_split_whole_and_by_pull(pulls: dict[str, list[float]]) -> None:
    among = {name: np.array(pull) for name, pull in pulls.items()}
    parts = {name: float(share) for name, share in want.split(100.0, among).items()}
    total = sum(pull.sum() for pull in among.values())
    assert min(parts.values()) >= 0
    if total > 1e-6:
        assert sum(parts.values()) == pytest.approx(100)
        for name, pull in among.items():
            assert parts[name] == pytest.approx(100 * pull.sum() / total, abs=1e-9)
    else:
        assert sum(parts.values()) <= 100 * (1 + 1e-9)


def test_money_buys_units_by_pull_and_price() -> None:
    units = np.asarray(want.units_for(90.0, np.array([1.0, 2.0, 0.0]), np.array([10.0, 5.0, 1.0])))
    assert units == pytest.approx([3, 12, 0])
    assert not np.asarray(want.units_for(90.0, np.zeros(2), np.ones(2))).any()


def _special(made: list[float], permitted: list[float]) -> float:
    """Return the offer of a chip made for China whose parent is the first of two merchant chips."""
    fixed = {"is_merchant": np.array([True, True, False]), "is_special": np.array([False, False, True])}
    fixed |= {"parent": np.array([0, 0, 0]), "appeal": np.array([3, 3, 0])}
    now = {"price": np.full(3, 10.0), "offered": np.array([0.0, 0.0, 0.7])}
    p = dict.fromkeys(want.APPEALS, 2.0)
    offer = np.asarray(want.on_offer(fixed, now, p, np.array(made), np.array(permitted)))
    assert offer[:2] == pytest.approx(np.array(made[:2]) / sum(made))
    return float(offer[2])


def test_a_chip_for_china_pulls_as_far_as_what_is_sold_and_its_parent_are_denied() -> None:
    for sold, parent in itertools.product((0.0, 0.25, 1.0), repeat=2):
        # A trickle of the parent keeps it on sale and weighs nothing in what merchants sell.
        assert _special([1e-12, 5, 0], [1 - parent, 1 - sold, 1]) == pytest.approx(1.4 * sold * parent)
    assert _special([0, 5, 0], [1, 0, 1]) == pytest.approx(1.4)  # a parent that is no longer made does not compete
    assert _special([5, 0, 0], [1, 0, 1]) == 0  # a parent that may be bought does


def test_every_gate_shuts_its_own_channel() -> None:
    fixed = {"log_flops": np.zeros(3), "log_bandwidth": np.zeros(3)}
    fixed |= {"is_foreign": np.array([True, True, False]), "is_chain": np.array([False, False, True])}
    fixed |= {"is_merchant": np.array([True, False, False])}
    now = {"price": np.full(3, 3e4), "is_history": True, "duty": np.zeros(3), "mix": np.array([0.0, 0.0, 1.0])}
    p = {"china.flops_weight": 0.5, "china.price_response": 2.0, "foreign.price": 1.0, "rental.ease": 1.0}
    p |= {"smuggling.premium": 1.5, "smuggling.detection": 0.2, "smuggling.ease": 1.0, "rental.premium": 1.2}
    p |= {"smuggling.location_verification": 0.0, "china.domestic_preference": 2.0}
    offer, one = np.array([1.0, 1.0, 0.0]), np.ones(3)
    shut = {"washington": 0 * one, "beijing": one, "rent": 0 * one}
    found = {k: np.asarray(v) for k, v in want.pulls(fixed, now, p, offer, shut, 0.5).items()}
    assert not found["legal"].any()
    assert not found["rented"].any()
    assert found["smuggled"] == pytest.approx([(1.5 / 0.8) ** -2, 0, 0])
    assert found["domestic"] == pytest.approx(0.5 * 2.0)
    wide = {"washington": one, "beijing": one, "rent": one}
    found = {k: np.asarray(v) for k, v in want.pulls(fixed, {**now, "duty": 0.25 * one}, p, offer, wide, 1.0).items()}
    assert found["legal"] == pytest.approx(np.array([1, 1, 0]) * 1.25**-2)
    assert not found["smuggled"].any()
    assert found["rented"] == pytest.approx([1.2**-2, 0, 0])
    verified = want.pulls(fixed, now, {**p, "smuggling.location_verification": 1.0}, offer, shut, 1.0)
    assert not np.asarray(verified["smuggled"]).any()


# Shared out

STATE = {"allocated_tpp": 0.0}
BLOCS = {"us.named_share": 0.6, "us.other_share": 0.5, "allied.share": 0.25, "displacement.share": 0.3}
BLOCS |= {**granted(0.0, 0.5, 0.5, 0.5), "cap.allocated_countries": 10.0}
OPEN, DENIED = np.eye(6)[[0, 0]], np.eye(6)[[5, 5]]
OUT = {"is_captive": np.array([False, True]), "tpp": np.array([1000.0, 1000.0])}


def blocs(**tables: Any) -> dict[str, np.ndarray]:
    now = {"gate_allied": OPEN, "gate_other": OPEN, "allocated": np.zeros(2), "allocation_tpp": 1.0, **tables}
    return {k: np.asarray(v) for k, v in install.blocs(OUT, now, BLOCS, STATE, np.array([100.0, 50.0])).items()}


def test_what_is_left_is_shared_out_whole() -> None:
    found = blocs()
    assert found["us_named"].tolist() == [60, 50]
    assert found["us_other"].tolist() == [20, 0]
    assert found["allied"].tolist() == [5, 0]
    assert found["other"].tolist() == [15, 0]
    assert found["not_made"].tolist() == [0, 0]


def test_what_is_denied_goes_to_the_us_as_far_as_chips_displace_each_other() -> None:
    found = blocs(gate_allied=DENIED, gate_other=DENIED)
    assert found["us_named"] == pytest.approx([60 + 0.3 * 20, 50])
    assert found["not_made"] == pytest.approx([14, 0])
    assert not found["allied"].any()
    assert not found["other"].any()
    assert sum(found.values()) == pytest.approx([100, 50])


def test_an_allocation_holds_until_it_is_used_up() -> None:
    whole = {"allocated": np.ones(2), "allocation_tpp": 900.0}
    assert blocs(**whole)["other"] == pytest.approx([9, 0])
    assert blocs(**{**whole, "allocation_tpp": 1e9})["other"] == pytest.approx([15, 0])
    assert blocs(**{**whole, "allocated": np.full(2, 0.5)})["other"] == pytest.approx([0.5 * 15 + 0.5 * 15, 0])
    used = {**STATE, "allocated_tpp": 9000.0}
    now = {"allocated": np.ones(2), "allocation_tpp": 900.0}
    assert not np.asarray(install.within_allocation(OUT, now, BLOCS, used, np.array([15.0, 0.0]))).any()


def test_diverted_chips_are_taken_from_where_they_were() -> None:
    into = {name: np.array([10.0, 0.0]) for name in ("us_named", "us_other", "allied", "other")}
    after, taken = install.divert(into, np.array([4.0, 7.0]), {"smuggling.max_share": 0.5})
    assert np.asarray(taken).tolist() == [4, 0]
    assert np.asarray(after["allied"] + after["other"]).tolist() == [16, 0]
    assert np.asarray(after["us_named"]).tolist() == [10, 0]
    _, most = install.divert(into, np.array([1e9, 0.0]), {"smuggling.max_share": 0.5})
    assert np.asarray(most).tolist() == [10, 0]
    assert np.asarray(install.rent(into, np.array([3.0, 3.0]), {"rental.max_share": 0.1})).tolist() == [3, 0]
    assert np.asarray(install.rent(into, np.array([30.0, 3.0]), {"rental.max_share": 0.1})).tolist() == [4, 0]


# Made in China

CHAIN = {"yield.first": 0.2, "yield.first_wafers": 5.0, "yield.learning": 0.1, "die.per_wafer": 80.0, "hbm.rate": 0.5}
CHAIN |= {"smic_wafers": 20.0, "smic.wafers": 1.0, "smic.ai_share": 0.5, "die_bank.rate": 0.25, "yield.packaging": 0.8}
CHAIN |= {"domestic.packaging": 50.0, "die_bank.own_weight": 0.5}
BANKS = {"die_bank": 100_000.0, "hbm_bank": 1e6, "wafers": 0.0}
NOW = {"dies": 2.0, "stacks": 8.0, "domestic_price": 2e4}


def chain(orders: float = 1e12, state: dict[str, float] | None = None, **p: float) -> dict[str, float]:
    found = domestic.chain(NOW, {**CHAIN, **p}, {**BANKS, **(state or {})}, orders, 1.0)
    return {k: float(v) for k, v in found.items()}


def test_the_chain_makes_what_its_shortest_link_lets_it() -> None:
    found = chain()
    assert found["limit_packaging"] == 50_000
    assert found["limit_memory"] == 62_500
    assert found["limit_dies"] == pytest.approx((20e3 * 0.5 * 80 * 0.2 + 25_000) * 0.8 / 2)
    assert chain(orders=2e4 * 100)["packages"] == pytest.approx(100, rel=1e-9)
    assert chain(state={"hbm_bank": 1600.0})["packages"] == pytest.approx(100, rel=1e-9)
    assert chain(**{"domestic.packaging": 0.1})["packages"] == pytest.approx(100, rel=1e-9)
    few = chain(state={"die_bank": 0.0}, **{"smic_wafers": 0.02})
    assert few["packages"] == pytest.approx(20 * 0.5 * 80 * 0.2 * 0.8 / 2, rel=1e-9)
    assert few["proxy"] == few["bank_dies"] == 0


@given(st.floats(0.0, 1e7), st.floats(0.0, 100.0), st.floats(0.01, 20.0), st.floats(1e3, 1e11), st.floats(0.01, 0.99))
def test_neither_source_of_dies_gives_more_than_it_has(
    bank: float, wafers: float, weight: float, orders: float, rate: float
) -> None:
    """Also where the weight is over 1 and dies are short, so that home dies alone could not be enough."""
    found = chain(
        orders, {"die_bank": bank}, **{"smic_wafers": wafers, "die_bank.own_weight": weight, "die_bank.rate": rate}
    )
    dies = found["packages"] * 2 / 0.8
    assert 0 <= found["bank_dies"] <= bank * rate * (1 + 1e-12)
    assert -1e-9 <= found["wafers"] <= 0.5 * wafers * (1 + 1e-9) + 1e-9
    assert found["wafers"] * 1e3 * 80 * 0.2 + found["bank_dies"] == pytest.approx(dies, abs=1e-6)
    assert found["proxy"] <= found["packages"] * (1 + 1e-12)
    assert found["stacks"] == pytest.approx(8 * found["packages"])


def test_yield_starts_where_it_is_told_and_rises_by_the_law_of_learning() -> None:
    assert float(domestic.yield_share(CHAIN, 0.0)) == pytest.approx(0.2)
    doubled = [1 - float(domestic.yield_share(CHAIN, w)) for w in (5.0, 15.0, 35.0)]
    assert doubled[1] / doubled[0] == pytest.approx(2**-0.1)
    assert doubled[2] / doubled[1] == pytest.approx(2**-0.1)


def test_banks_fill_with_what_comes_and_lose_what_is_used() -> None:
    p = {**granted(0.0, 0.5, 0.5, 0.5), "hbm.import_open": 12.0, "hbm.import_stacks": 0.4, "hbm.bank_stacks": 13.0}
    p |= {"hbm.usable_share": 0.5, "hbm.cxmt": 2.0, "hbm.cxmt_stacks": 2.0, "die_bank.total": 3.0}
    now = {"gate_hbm": np.eye(6)[0], "after_bank": 1.0, "bank_delivery": 0.1, "die_delivery": 0.2}
    used = {"bank_dies": 1000.0, "stacks": 5000.0, "wafers": 3.0}
    after = domestic.refill(now, p, BANKS, used, 1.5)
    assert float(after["die_bank"]) == pytest.approx(100_000 + 600_000 - 1000)
    assert float(after["hbm_bank"]) == pytest.approx(1e6 + 1e6 * (3 + 0.65 + 1.5) - 5000)
    assert float(after["wafers"]) == 3
    denied = domestic.refill({**now, "gate_hbm": np.eye(6)[5]}, p, BANKS, used, 1.5)
    assert float(denied["hbm_bank"]) == pytest.approx(1e6 + 1e6 * (0.1 + 0.65 + 1.5) - 5000)
    early = domestic.refill({**now, "after_bank": 0.0}, p, BANKS, used, 1.5)
    assert float(early["hbm_bank"]) == pytest.approx(1e6 + 1e6 * (0.65 + 1.5) - 5000)


# Learning


@given(st.floats(1e3, 1e14), st.floats(0.01, 100.0))
def test_feedback_is_bounded_and_one_at_no_strength(orders: float, reference: float) -> None:
    state = {"orders_lagged": jnp.asarray(orders)}
    p = {"feedback.capacity": 0.0, "feedback.performance": 0.0, "feedback.reference": reference}
    assert float(learn.capacity_factor(p, state)) == 1
    assert float(learn.performance_factor(p, state)) == 1
    p |= {"feedback.capacity": 0.6, "feedback.performance": 0.3}
    assert abs(float(learn.surplus(p, state))) <= learn.BOUND
    assert math.exp(-1.2) - 1e-12 <= float(learn.capacity_factor(p, state)) <= math.exp(1.2) + 1e-12
    assert (float(learn.capacity_factor(p, state)) >= 1) == (orders >= 1e9 * reference)


@given(st.floats(0.0, 1.0), st.floats(0.01, 100.0), st.floats(0.0, 1.0))
def test_the_turn_to_domestic_chips_takes_denial(strength: float, risen: float, denied: float) -> None:
    p = {"feedback.preference": 0.0, "china.domestic_preference": 0.4 * risen, "preference_first": 0.4}
    assert float(learn.preference_factor(p, {"denied_lagged": denied})) == 1
    p |= {"feedback.preference": strength}
    assert float(learn.preference_factor(p, {"denied_lagged": 1.0})) == 1
    found = float(learn.preference_factor(p, {"denied_lagged": denied}))
    assert found == pytest.approx(risen ** (-strength * (1 - denied)), rel=1e-9)
    assert (found <= 1 + 1e-12) == (risen >= 1 or strength * (1 - denied) < 1e-12)


def test_denial_is_the_share_of_what_is_on_offer_lagged_by_a_year() -> None:
    offer, share, state = np.array([3.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.5]), {"denied_lagged": 0.0}
    path = []
    for _ in range(60):
        state = {"denied_lagged": float(learn.denial(state, offer, share))}
        path.append(state["denied_lagged"])
    assert path[0] == pytest.approx(0.75 / 4)
    assert path[-1] == pytest.approx(0.75, rel=1e-6)
    assert float(learn.denial({"denied_lagged": 0.4}, 0 * offer, share)) == pytest.approx(0.3)


def test_orders_are_remembered_with_a_mean_lag_of_eight_quarters() -> None:
    state, weights = 0.0, []
    for n in range(400):
        weights.append(1.0 if n == 0 else 0.0)
        state = float(learn.lagged({"orders_lagged": state}, weights[-1]))
        weights[-1] = state
    assert sum(weights) == pytest.approx(1)
    assert sum(n * w for n, w in enumerate(weights)) == pytest.approx(learn.LAG_QUARTERS - 1)
    assert float(learn.lagged({"orders_lagged": 5.0}, 5.0)) == 5


# Values


@pytest.fixture(scope="module")
def layout() -> Layout:
    return Layout(priors())


def test_at_the_middle_every_quantity_is_its_middle(layout: Layout) -> None:
    found = {k: np.asarray(v) for k, v in layout.values(np.zeros(priors().size)).items()}
    assert list(found) == list(priors().quantities)
    for id, q in priors().quantities.items():
        middles = [s.middle for s in q.spreads]
        told = found[id] if q.kind == "prior" else found[id][list(q.knots)] if q.kind == "path" else found[id][-1]
        assert told == pytest.approx(middles if q.kind == "path" else middles[-1], rel=1e-9), id


@pytest.mark.parametrize("z", [-2.5, -Z95, -0.3, 0.7, Z95, 3.0])
def test_every_spread_is_drawn_as_it_is_told(layout: Layout, z: float) -> None:
    """Priors and steps by their own normal; the knots of a path by the common one where it is all there is."""
    found = {k: np.asarray(v) for k, v in layout.values(np.full(priors().size, z)).items()}
    for id, q in priors().quantities.items():
        if q.kind == "prior":
            assert float(found[id]) == pytest.approx(float(q.spreads[0].of(z)), rel=1e-9), id
        elif q.kind == "steps":
            assert found[id][0] == pytest.approx(float(q.spreads[0].of(z)), rel=1e-9), id
            assert found[id][-1] == pytest.approx(float(q.spreads[-1].of(z)), rel=1e-9), id
        elif not q.shock:
            u = z * (math.sqrt(q.common) + math.sqrt(1 - q.common)) if q.size else 0.0
            told = [float(s.of(u)) for s in q.spreads]
            assert found[id][list(q.knots)] == pytest.approx(told, rel=1e-9), id


def test_the_knots_of_a_path_are_told_apart_and_together(layout: Layout) -> None:
    draws = np.random.default_rng(1).standard_normal((4000, priors().size))
    import jax

    found = np.asarray(jax.vmap(lambda z: layout.values(z)["smic.capacity"])(draws))
    q = priors().find("smic.capacity")
    for k, spread in zip(q.knots, q.spreads, strict=True):
        within = (found[:, k] >= spread.low) & (found[:, k] <= spread.high)
        assert within.mean() == pytest.approx(0.9, abs=0.02)
    together = np.corrcoef(np.log(found[:, q.knots[-1]]), np.log(found[:, q.knots[-2]]))[0, 1]
    assert together == pytest.approx(q.common, abs=0.05)


@pytest.mark.parametrize("keeps", [0.0, 0.5, 0.9])
def test_a_disturbance_is_as_wide_in_every_quarter_and_fades(keeps: float) -> None:
    matrix = disturbance(keeps)
    both = matrix @ matrix.T
    assert np.diag(both) == pytest.approx(np.ones(len(LABELS)))
    assert both[10, 7] == pytest.approx(keeps**3)
    assert not np.triu(matrix, 1).any()


def test_a_level_spread_is_told_by_its_ends() -> None:
    assert scaled(Spread("uniform", 0.2, 0.6))[1:3] == pytest.approx((0.2, 0.4))
    assert scaled(Spread("lognormal", 1.0, 100.0))[1] == pytest.approx(math.log(10))


# Changes

WEIGHT = tuple(0.0 if n < 5 else 0.25 if n == 5 else 1.0 for n in range(len(LABELS)))


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 10.0) | st.just(0.0))
def test_a_change_holds_from_its_day_and_by_its_days(value: float, times: float) -> None:
    found = np.asarray(changed(jnp.asarray(value), Change("x", WEIGHT, times=times), jnp.zeros(0), jnp.zeros(0)))
    assert (found[:5] == value).all()
    assert found[5] == pytest.approx(0.75 * value + 0.25 * value * times)
    assert (found[6:] == value * times).all()


@given(st.floats(1e-6, 1e6), st.floats(0.01, 0.99))
def test_a_change_to_what_is_moves_no_bit(value: float, weight: float) -> None:
    days = (weight, *([1.0] * (len(LABELS) - 1)))
    for change in (Change("x", days, times=1.0), Change("x", days, spread=Spread.point(value))):
        found = np.asarray(changed(jnp.full(len(LABELS), value), change, jnp.zeros(0), jnp.zeros(0)))
        assert (found == value).all()


def test_a_new_spread_keeps_the_place_of_the_draw() -> None:
    """A draw that was high stays high; a quantity without a normal takes the one of the change."""
    told = Spread("lognormal", 1.0, 4.0)
    own = changed(jnp.asarray(9.0), Change("x", WEIGHT, spread=told), jnp.asarray([Z95]), jnp.zeros(0))
    assert float(own[-1]) == pytest.approx(4.0)
    extra = jnp.asarray([0.0, -Z95])
    other = changed(jnp.asarray(9.0), Change("x", WEIGHT, spread=told, column=1), jnp.zeros(0), extra)
    assert float(other[-1]) == pytest.approx(1.0)
    point = changed(jnp.asarray(9.0), Change("x", WEIGHT, spread=Spread.point(0.0)), jnp.zeros(0), jnp.zeros(0))
    assert np.asarray(point)[6:].tolist() == [0.0] * (len(LABELS) - 6)


def test_a_share_times_a_factor_goes_no_further_than_one() -> None:
    """A share of more than 1 let through would be fewer than none denied."""
    ids = ("granted.case_by_case", "smuggling.location_verification", "hbm.cxmt")
    found = {id: jnp.full(len(LABELS), 0.6) for id in ids}
    told = under(found, [Change(id, WEIGHT, times=3.0) for id in ids], priors(), jnp.zeros(9999), jnp.zeros(0))
    assert [float(told[id][-1]) for id in ids] == [1.0, 1.0, pytest.approx(1.8)]


def test_what_is_not_changed_stays_the_very_array() -> None:
    found = {"one": jnp.asarray(1.0), "beijing.h20": jnp.ones(len(LABELS))}
    told = under(found, [Change("beijing.h20", WEIGHT, times=0.5)], priors(), jnp.zeros(priors().size), jnp.zeros(0))
    assert told["one"] is found["one"]
    assert float(told["beijing.h20"][-1]) == 0.5
    assert float(found["beijing.h20"][-1]) == 1


# The loop


def test_errors_of_a_vendor_go_together_and_end_with_the_history() -> None:
    width = sum(n for _, n in horizon.streams())
    draws = np.random.default_rng(2).standard_normal((3000, width))
    p = {"production.correlation": 0.5}
    found = np.stack([np.asarray(horizon.errors(p, z, len(LABELS))) for z in draws[:400]])
    assert found.shape[1:] == (len(LABELS), horizon.VENDORS)
    assert not found[:, horizon.HISTORY :].any()
    assert quarter("2025Q4") + 1 == horizon.HISTORY
    assert found[:, : horizon.HISTORY].std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(found[:, 0, 0], found[:, 9, 0])[0, 1] == pytest.approx(0.5, abs=0.12)
    assert abs(np.corrcoef(found[:, 0, 0], found[:, 0, 1])[0, 1]) < 0.15
    assert np.asarray(horizon.errors(p, draws[0], 5)).shape == (5, horizon.VENDORS)


def test_capacity_grows_as_much_faster_as_a_scenario_says() -> None:
    path = np.exp(np.linspace(0, 4, len(LABELS)))
    plain = np.asarray(horizon.capacity({"smic.capacity": path, "smic.growth": 1.0}))
    assert plain == pytest.approx(path)
    growth = np.where(np.arange(len(LABELS)) >= 20, 0.0, 1.0)
    held = np.asarray(horizon.capacity({"smic.capacity": path, "smic.growth": growth}))
    assert held[:20] == pytest.approx(path[:20])
    assert held[20:] == pytest.approx(np.full(len(LABELS) - 20, path[19]))


def test_the_loop_is_the_steps_one_after_another() -> None:
    """The compiled loop over all quarters, and the steps taken one by one, agree to rounding."""
    found = worlds.hand()
    result = worlds.run([worlds.baseline()], worlds.DRAWS)[0]
    assert np.abs(result.series - found.record["series"]).max() <= 1e-5 * np.abs(found.record["series"]).max()
    flows = (found.record["chips"] * found.record["quality"][:, :, None]) @ worlds.baseline().conversion.factors
    flows[..., 7:] *= found.record["usable"][..., None]
    np.testing.assert_allclose(result.flows, flows, rtol=1e-5, atol=1e-2)
