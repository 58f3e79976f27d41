"""Chips become compute: every chip in every measure, each number traced, the rules of fallback, and what is refused."""

import time
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.chips import catalog
from headgate.errors import CatalogError, UsageError
from headgate.source import MARKS
from headgate.world.axes import MEASURES
from headgate.world.chips import WorldChip, chips
from headgate.world.history import select
from headgate.world.measures import (
    H100_TOPS,
    KINDS,
    Conversion,
    conversion,
    derived_h100e,
    disagreements,
    published_h100e,
)

BY_ID = {chip.id: chip for chip in chips()}
IMAGINED = BY_ID["nvidia-2029"]
FULL = {"fp16": 100.0, "fp8": 200.0, "fp4": 400.0, "int8": 300.0, "memory_bandwidth": 1000.0, "memory_size": 64.0}


@pytest.fixture(scope="module")
def found() -> Conversion:
    return conversion(chips())


def value(found: Conversion, chip: str, measure: str) -> float:
    return float(found.column(measure)[found.chips.index(chip)])


def with_numbers(**numbers: float) -> WorldChip:
    """Return an imagined chip, known to the table of usable compute, with these numbers alone."""
    return replace(IMAGINED, measures=numbers)


def without(*names: str) -> WorldChip:
    return with_numbers(**{k: v for k, v in FULL.items() if k not in names})


def test_every_chip_has_every_measure_on_the_axis(found: Conversion) -> None:
    assert found.factors.shape == (len(chips()), len(MEASURES)) == (len(chips()), 9)
    assert found.factors.dtype == np.float64
    assert found.chips == tuple(BY_ID)
    assert np.isfinite(found.factors).all()
    assert (found.factors > 0).all()


def test_every_number_is_traced(found: Conversion) -> None:
    for row in found.grounds:
        assert len(row) == len(MEASURES)
        for ground in row:
            assert ground.kind in KINDS
            assert ground.mark in MARKS
            assert ground.says
            assert ground.source


def test_the_sources_of_catalog_values_are_the_catalogs(found: Conversion) -> None:
    known = set(catalog().sources())
    from_catalog = [g for row in found.grounds for g in row if g.kind == "catalog"]
    assert len(from_catalog) > 100
    assert {name for g in from_catalog for name in g.source.split(", ")} <= known


def test_an_estimate_of_ours_is_never_better_than_unverified(found: Conversion) -> None:
    for chip, row in zip(chips(), found.grounds, strict=True):
        for measure, ground in zip(MEASURES, row, strict=True):
            if measure in ("training", "serving"):
                assert ground.mark == "unverified"
            if ground.kind == "own":
                assert (ground.mark, ground.source) == (chip.mark, chip.source)


@pytest.mark.parametrize(
    ("chip", "measure", "expected"),
    [
        ("nvidia-a100-sxm4-80", "tpp", 4992.0),
        ("nvidia-h20-96", "tpp", 2368.0),
        ("nvidia-rubin-ultra-2die", "tpp", 140_000.0),
        ("nvidia-h20-96", "h100e", 0.1496),
        ("nvidia-gb200", "h100e", 2.5265),
        ("nvidia-gb300", "h100e", 2.5265),
        ("nvidia-h100-sxm", "h100e", 1.0),
        ("nvidia-a100-sxm4-80", "fp8", 312.0),
        ("nvidia-gb300", "int8", 5000.0),
        ("google-tpu-v5p", "int8", 918.0),
        ("huawei-ascend-910c", "fp8", 800.0),
        ("huawei-ascend-910c", "fp4", 800.0),
        ("nvidia-h100-sxm", "fp4", 1979.0),
        ("nvidia-h20-96", "memory_bandwidth", 4000.0),
        ("nvidia-h20-96", "memory_size", 96.0),
    ],
)
def test_known_numbers(found: Conversion, chip: str, measure: str, expected: float) -> None:
    assert value(found, chip, measure) == pytest.approx(expected, rel=1e-4)


def test_the_huawei_chips_stand_as_epoch_counts_them(found: Conversion) -> None:
    assert value(found, "huawei-ascend-910c", "h100e") == pytest.approx(0.77, abs=0.005)
    assert 0.34 < value(found, "huawei-ascend-910b2", "h100e") < 0.354


def test_one_ascend_910c_is_much_less_of_a_gb300_in_narrower_measures(found: Conversion) -> None:
    share = {m: value(found, "huawei-ascend-910c", m) / value(found, "nvidia-gb300", m) for m in MEASURES}
    assert share["h100e"] == pytest.approx(0.30, abs=0.01)
    assert share["fp8"] == pytest.approx(0.16, abs=0.005)
    assert share["fp4"] == pytest.approx(0.05, abs=0.005)


def test_the_rates_agree_with_epoch_but_for_four_chips() -> None:
    told = {d.chip: round(d.share, 2) for d in disagreements(chips())}
    assert told == {
        "aws-trainium1": -0.10,
        "amd-mi308x": -0.10,
        "huawei-ascend-910b2": 0.09,
        "huawei-ascend-910c": 0.05,
        "cambricon-mlu590": 0.23,
    }
    agreeing = [c for c in chips() if published_h100e(c) and c.id not in told]
    assert len(agreeing) >= 20


def test_the_rule_is_eight_bits_over_those_of_an_h100() -> None:
    assert catalog().get("nvidia-h100-sxm").number("dense_int8_tops") == H100_TOPS
    assert derived_h100e(with_numbers(**FULL))[0] == pytest.approx(300 / 1979)
    assert derived_h100e(without("int8"))[0] == pytest.approx(200 / 1979)
    value, ground = derived_h100e(without("int8", "fp8"))
    assert value == pytest.approx(100 / 1979)
    assert ground.fallback


@pytest.mark.parametrize(
    ("lacks", "measure", "expected", "fallback"),
    [
        ((), "fp8", 200, False),
        (("fp8",), "fp8", 100, True),
        ((), "fp4", 400, False),
        (("fp4",), "fp4", 200, True),
        (("fp4", "fp8"), "fp4", 100, True),
        ((), "int8", 300, False),
        (("int8",), "int8", 200, False),
        (("fp8", "int8"), "int8", 100, True),
        ((), "tpp", 2400, False),
        (("int8",), "tpp", 1600, False),
    ],
)
def test_the_next_wider_format_is_taken_and_said(
    lacks: tuple[str, ...], measure: str, expected: float, fallback: bool
) -> None:
    done = conversion([without(*lacks)])
    assert done.column(measure)[0] == expected
    assert done.ground("nvidia-2029", measure).fallback is fallback


def test_a_number_of_the_chips_own_goes_before_the_catalogs() -> None:
    own = replace(BY_ID["nvidia-h100-sxm"], measures={"fp8": 3000.0}, history=())
    done = conversion([own])
    assert done.column("fp8")[0] == 3000.0
    assert done.column("tpp")[0] == 24_000.0
    assert done.column("h100e")[0] == pytest.approx(3000 / 1979)
    assert done.ground(own.id, "fp8").kind == "own"
    assert done.ground(own.id, "memory_size").kind == "catalog"


@pytest.mark.parametrize("lacks", [("memory_bandwidth",), ("memory_size",), ("fp16", "fp8", "fp4", "int8")])
def test_a_missing_number_is_refused_with_the_chip_and_what_to_give(lacks: tuple[str, ...]) -> None:
    with pytest.raises(
        CatalogError, match=f"nvidia-2029: it has no number for .*Give .*{lacks[0]}.* in its `measures`"
    ):
        conversion([without(*lacks)])


@pytest.mark.parametrize("name", ["memory_bandwidth", "memory_size"])
def test_zero_is_not_a_number_of_a_chip(name: str) -> None:
    with pytest.raises(CatalogError, match="0 would be wrong"):
        conversion([with_numbers(**{**FULL, name: 0.0})])


def test_a_rate_of_zero_is_a_format_that_the_chip_lacks() -> None:
    assert conversion([with_numbers(**{**FULL, "fp8": 0.0})]).column("fp8")[0] == 100.0


def test_four_bits_alone_are_no_eight() -> None:
    with pytest.raises(CatalogError, match="no number for fp8.*Give fp8 or fp16"):
        conversion([without("fp16", "fp8", "int8")])


def test_unknown_names_are_refused_with_near_ones(found: Conversion) -> None:
    with pytest.raises(UsageError, match="Did you mean memory_size"):
        found.column("memory_sise")
    with pytest.raises(UsageError, match="Did you mean .*nvidia-h20-96"):
        found.ground("nvidia-h20", "fp8")
    with pytest.raises(UsageError, match="'fp9' is not a measure"):
        found.ground("nvidia-h20-96", "fp9")


def test_no_chips_are_an_empty_table() -> None:
    assert conversion([]).factors.shape == (0, len(MEASURES))


rates = st.floats(1.0, 1e6)


@given(fp16=rates, fp8=rates, fp4=rates, int8=rates, more=st.floats(1.0, 10.0), which=st.sampled_from(sorted(FULL)))
def test_a_higher_number_lowers_no_measure(
    fp16: float, fp8: float, fp4: float, int8: float, more: float, which: str
) -> None:
    low = {**FULL, "fp16": fp16, "fp8": fp8, "fp4": fp4, "int8": int8}
    one = conversion([with_numbers(**low)]).factors[0]
    two = conversion([with_numbers(**{**low, which: low[which] * more})]).factors[0]
    assert (two >= one * (1 - 1e-12)).all()


def labels() -> dict[str, str]:
    """Return the chip of the axis by its label in the history; what was smuggled counts as H100s."""
    return {label: chip.id for chip in chips() for label in chip.history}


def stock(found: Conversion, measure: str, groups: Iterable[str], vendors: Iterable[str] | None = None) -> float:
    """Return what the primary rows of some groups add up to at the end of 2025."""
    total = 0.0
    for row in select(group=groups):
        if not row.primary or row.unit != "chips" or row.period > "2025Q4" or row.median is None:
            continue
        if vendors is not None and row.vendor not in vendors:
            continue
        smuggled = row.group == "CN-SMUG"
        units = (row.h100e_median or 0.0) if smuggled else row.median
        total += units * value(found, "nvidia-h100-sxm" if smuggled else labels()[row.chip], measure)
    return total


def test_the_ratio_of_stocks_rises_from_bandwidth_to_fp8_to_fp4(found: Conversion) -> None:
    ratio = {}
    for measure in ("memory_bandwidth", "fp8", "fp4", "h100e"):
        china = stock(found, measure, ("CN-LEGAL", "CN-DOM", "CN-DOM-OTHER", "CN-SMUG"))
        imported = stock(found, measure, ("CN-LEGAL", "CN-SMUG"))
        made = stock(found, measure, ("NV-WORLD", "OTHER-WORLD"))
        ratio[measure] = (made - imported) / china
    assert ratio["memory_bandwidth"] < ratio["fp8"] < ratio["fp4"]
    assert ratio["memory_bandwidth"] < ratio["h100e"]


def test_a_second_conversion_is_quick(found: Conversion) -> None:
    start = time.perf_counter()
    again = conversion(chips())
    assert time.perf_counter() - start < 0.2
    assert (again.factors == found.factors).all()
