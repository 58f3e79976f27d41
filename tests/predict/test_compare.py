"""Machines side by side: the basis, the precision, what each side tells, and what is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import CatalogError, UsageError
from headgate.machine.cost import Terms, chip_price
from headgate.machine.energy import chip_power
from headgate.predict.compare import compare, precision_for, split_name
from headgate.predict.compare.basis import Basis, whole_chips
from headgate.predict.compare.side import Side, Work
from headgate.predict.hardware import machine
from headgate.predict.train import train

WORK = Work("llama3-70b")


@pytest.fixture(scope="module")
def two():
    return compare(["h20", "h200"], WORK, Basis(chips=64))


def test_a_side_tells_what_train_tells(two):
    alone = train("llama3-70b", "h200", 64, 1e12)
    assert two.sides[1].rate == alone.figures["tokens_per_s_per_chip"]
    assert two.sides[1].parts == alone.parts
    assert two.sides[1].figure("days") == alone.figures["days"]


def test_parts_add_up_and_bands_hold_their_median(two):
    for side in two.sides:
        assert sum(side.parts.values()) == pytest.approx(1.0)
        for band in (side.rate, side.served_rate, side.per_mw(side.rate), side.per_usd(side.rate)):
            assert 0 < band[1] < band[0] < band[2]


def test_rates_for_power_and_money_are_the_chips_own(two):
    side, terms = two.sides[0], Terms()
    assert side.per_mw(side.rate)[0] == pytest.approx(1e6 * side.rate[0] / (side.watts_per_chip * terms.pue))
    assert side.per_usd(side.rate)[0] == pytest.approx(3600 * side.rate[0] / side.usd_per_hour)
    # A dollar buys what `train` says it does, once failures are counted.
    usd = side.figure("usd")[0]
    assert 1e12 / usd == pytest.approx(side.per_usd(side.rate)[0] * float(side.trained.failures.share))


def test_the_service_keeps_its_limit(two):
    for side in two.sides:
        assert side.served.plan.tpot_ms[0] <= WORK.tpot_ms * 1.001


def test_a_chip_without_8_bit_floats_takes_what_it_has_and_says_so():
    found = compare(["h200", "ascend-910c"], Work("llama3-70b", precision="fp8"), Basis(chips=64))
    assert [side.precision for side in found.sides] == ["fp8", "bf16"]
    assert found.sides[0].served.recipe.id == "fp8"
    assert found.sides[1].served.recipe.format in ("int8", "bf16")
    assert not any("does not multiply" in note for note in found.sides[0].notes)
    assert any("huawei-ascend-910c does not multiply in fp8" in note for note in found.sides[1].notes)


def test_a_precision_of_one_machine_is_kept_or_refused():
    found = compare(["vr200:nvfp4", "vr200:bf16", "ascend-910c:fp8"], WORK, Basis(chips=64))
    assert [side.precision for side in found.sides] == ["nvfp4", "bf16", ""]
    assert found.sides[0].rate[0] > found.sides[1].rate[0]
    assert "does not multiply in fp8" in found.sides[2].refusal
    assert all(math.isnan(x) for x in found.sides[2].rate)
    assert found.sides[2].parts == {}


def test_the_best_case_of_rubin_is_faster_and_of_rubin_alone():
    found = compare(["vr200:nvfp4", "vr200:nvfp4-best-case", "gb200:nvfp4-best-case"], WORK, Basis(chips=64))
    dense, best, other = found.sides
    assert best.rate[0] > dense.rate[0]
    assert any("best case" in note for note in best.notes)
    assert "Rubin" in other.refusal


def test_what_was_never_measured_is_an_extrapolation():
    found = compare(["h100", "vr200"], WORK, Basis(chips=64))
    assert [side.extrapolated for side in found.sides] == [False, True]


def test_a_model_that_does_not_fit_says_so_on_its_side():
    found = compare(["h20"], Work("deepseek-v3"), Basis(chips=8))
    assert "does not fit" in found.sides[0].refusal
    assert found.sides[0].trained is None


@pytest.mark.parametrize("name", ["h20", "vr200", "ascend-910c"])
def test_a_budget_buys_whole_chips_and_leaves_little(name):
    found = machine(name)
    price = chip_price(found).usd
    chips = Basis(usd=1e8).chips_of(found, 1.25)
    assert 15 / 16 * 1e8 < (chips + 1) * price
    assert chips * price <= 1e8
    chips = Basis(megawatts=20).chips_of(found, 1.25)
    assert chips * chip_power(found).watts * 1.25 <= 20e6


@given(st.floats(1.0, 1e6))
def test_whole_chips_leave_less_than_a_sixteenth(number):
    chips = whole_chips(number)
    assert number - chips < max(1.0, number / 16 + 1)
    assert 1 <= chips <= number


def test_the_same_money_and_the_same_power_are_compared():
    assert compare(["h20"], WORK, Basis(usd=1e6)).sides[0].chips == 40
    assert compare(["h20"], WORK, Basis(megawatts=0.1)).basis == "0.1 MW of building power each"


def test_a_machine_without_a_price_is_refused_by_money_alone():
    found = compare(["tpu-v5p-pod"], WORK, Basis(usd=1e6))
    assert "price of tpu-v5p-pod is not known" in found.sides[0].refusal == found.sides[0].serving_refusal
    assert found.sides[0].chips == 0


def test_too_little_money_is_refused():
    with pytest.raises(UsageError, match="1,000 USD do not suffice for one chip of hgx-h20-8"):
        Basis(usd=1000.0).chips_of(machine("h20"), 1.25)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"chips": 8, "usd": 1e6}, "chips and usd are given"),
        ({"chips": 0}, "chips is 0"),
        ({"chips": 8.5}, "chips is 8.5"),
        ({"usd": -1.0}, "usd is -1"),
        ({"megawatts": math.inf}, "megawatts is inf"),
        ({"megawatts": math.nan}, "megawatts is nan"),
    ],
)
def test_a_basis_out_of_range_is_refused(given, says):
    with pytest.raises(UsageError, match=says):
        Basis(**given)


def test_nothing_to_compare_and_unknown_names_are_refused():
    with pytest.raises(UsageError, match="no machine is named"):
        compare([], WORK)
    with pytest.raises(CatalogError, match="Did you mean"):
        compare(["h2o0"], WORK)
    with pytest.raises(CatalogError, match="deepseek"):
        compare(["h20"], Work("deepseek-v33"))
    with pytest.raises(UsageError, match="not a recipe"):
        compare(["h20"], Work("llama3-70b", precision="fp7"))
    with pytest.raises(UsageError, match="MACHINE:PRECISION"):
        split_name("vr200:nvpf4")


def test_a_precision_wanted_of_all_is_asked_for_where_the_chip_has_it():
    assert precision_for(machine("h20"), None, None) == (None, ())
    assert precision_for(machine("h20"), "bf16", "fp8") == ("bf16", ())
    name, notes = precision_for(machine("ascend-910c"), None, "nvfp4")
    assert name is None
    assert notes == ("huawei-ascend-910c does not multiply in nvfp4; what is usual on it is used instead",)


def test_an_unknown_price_stays_unknown():
    side = Side(machine("h20"), 8, 575.0, math.nan, math.nan, 1.25)
    assert all(math.isnan(x) for x in side.per_usd((1.0, 0.5, 2.0)))
    assert side.extrapolated is False
