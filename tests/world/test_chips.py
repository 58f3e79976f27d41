"""The chips of the world: as the package has them, and what a file of them is refused for."""

from pathlib import Path
from typing import Any

import pytest

from headgate.catalog.chips import catalog
from headgate.errors import CatalogError, HeadgateError, UsageError
from headgate.source import MARKS
from headgate.world.axes import LABELS, quarter
from headgate.world.chips import CLASSES, KINDS, MEASURES, along, chips, places, read_chips
from headgate.world.history import history, select
from headgate.world.tables import VENDORS

GOOD = """
read_on = 2026-11-22
[[chip]]
id        = "nvidia-h100-sxm"
vendor    = "nvidia"
kind      = "merchant"
class     = "h200"
price_usd = { 2022Q1 = 25000, 2026Q1 = 30000 }
source    = "nobody"
mark      = "unverified"
[[chip]]
id        = "one-for-china"
name      = "One for China"
maker     = "NVIDIA"
vendor    = "nvidia"
kind      = "china"
class     = "h20"
parent    = "nvidia-h100-sxm"
window    = [2026-01-01, 2027-12-31]
price_usd = { 2026Q1 = 10000 }
measures  = { fp16 = 100.0, fp8 = 200.0, memory_bandwidth = 4000.0, memory_size = 96.0 }
source    = "nobody"
mark      = "unverified"
"""


def read(folder: Path, text: str = GOOD) -> Any:
    path = folder / "chips.toml"
    path.write_text(text, encoding="utf-8")
    return read_chips(path, catalog())


def test_a_good_file_is_read(tmp_path: Path) -> None:
    one, other = read(tmp_path)
    assert (one.id, one.is_foreign, one.name) == ("nvidia-h100-sxm", True, one.record.name)
    assert (other.record, other.maker, other.parent) == (None, "NVIDIA", "nvidia-h100-sxm")
    assert other.number("fp8") == 200
    assert other.number("fp4") is None
    assert one.number("memory_size") == 80
    assert places((one, other), "china") == [1]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind      = "merchant"', 'kind = "merchent"', "one of merchant, captive"),
        ('class     = "h200"', 'class = "hopper"', "one of h20, h200, frontier"),
        ('mark      = "unverified"', 'mark = "sure"', "'sure' is not a mark"),
        ("25000", "-1", "not a finite number of 0 or more"),
        ("25000", "nan", "not a finite number"),
        ("25000", "true", "not a number"),
        ("25000", '"cheap"', "not a number"),
        ("{ 2022Q1 = 25000, 2026Q1 = 30000 }", "25000", "a table of quarters"),
        ("{ 2022Q1 = 25000, 2026Q1 = 30000 }", "{}", "a table of quarters"),
        ("2022Q1", "2021Q4", "not a quarter"),
        ('vendor    = "nvidia"\nkind      = "merchant"', 'kind = "merchant"', "the key is missing"),
        ('vendor    = "nvidia"', 'vender = "nvidia"\nvendor = "nvidia"', "vendor"),
        ('id        = "nvidia-h100-sxm"', 'id = "nvidia-h101-sxm"', "no record of the catalog has it"),
        ('id        = "one-for-china"', 'id = "nvidia-h100-sxm"', "the id stands twice"),
        ('parent    = "nvidia-h100-sxm"', 'parent = "nobody"', "its parent 'nobody' is not in the file"),
        ('parent    = "nvidia-h100-sxm"\n', "", "from one day to a later one"),
        ("window    = [2026-01-01, 2027-12-31]\n", "", "from one day to a later one"),
        ("2026-01-01, 2027-12-31", "2027-12-31, 2026-01-01", "the first before the last"),
        ("2026-01-01, 2027-12-31", '"2026Q1", "2027Q4"', "two days"),
        ("{ fp16 = 100.0", "{ fp17 = 100.0", "fp16"),
        ("fp16 = 100.0", "fp16 = inf", "not a finite number"),
        ('maker     = "NVIDIA"\n', "", "Give an imagined chip a name, a maker and measures"),
        ('maker     = "NVIDIA"', 'maker = "NVIDIA"\ndecided_as = "nobody"', "not in the catalog"),
        ("read_on = 2026-11-22", "", "read_on"),
        ("[[chip]]", "[[chip]", "not valid TOML"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(HeadgateError) as refused:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert says in str(refused.value)
    assert isinstance(refused.value, CatalogError) or "quarter" in says


def test_an_unknown_measure_is_refused_with_near_ones() -> None:
    with pytest.raises(UsageError, match="a chip has no 'fp9'"):
        chips()[0].number("fp9")


def test_knots_run_straight_and_level() -> None:
    path = along({"2026Q1": 10.0, "2026Q3": 30.0})
    assert path[: quarter("2026Q1") + 1] == [10.0] * (quarter("2026Q1") + 1)
    assert path[quarter("2026Q2")] == 20
    assert set(path[quarter("2026Q3") :]) == {30.0}


# The package's own


def test_the_package_has_every_kind_of_chip_once() -> None:
    ids = [c.id for c in chips()]
    assert len(ids) == len(set(ids)) > 40
    assert {c.kind for c in chips()} == set(KINDS)
    assert all(c.mark in MARKS and c.source for c in chips())
    for kind in KINDS:
        assert [chips()[n].kind for n in places(chips(), kind)] == [kind] * len(places(chips(), kind))


@pytest.mark.parametrize("chip", chips(), ids=lambda c: c.id)
def test_a_chip_has_what_its_kind_needs(chip: Any) -> None:
    assert len(along(chip.price_usd)) == len(LABELS)
    assert min(along(chip.price_usd)) > 0
    assert all(chip.number(m) is None or chip.number(m) >= 0 for m in MEASURES)
    assert chip.number("fp16") or chip.number("fp8")
    assert chip.number("memory_bandwidth")
    if chip.is_foreign:
        assert chip.vendor in VENDORS
        assert chip.number("memory_size")
        assert chip.packaging > 0
    if chip.kind in ("merchant", "china"):
        assert chip.beijing in CLASSES
    if chip.kind == "china":
        assert next(c for c in chips() if c.id == chip.parent).is_foreign
        assert not chip.share
    if chip.kind == "domestic":
        assert chip.dies > 0
        assert chip.hbm_stacks > 0
    if chip.record is None:
        assert chip.measures
    if chip.learns:
        assert chip.kind in ("domestic", "domestic_other")


def test_every_chip_of_the_history_has_its_place() -> None:
    labels = [label for c in chips() for label in c.history]
    assert len(labels) == len(set(labels))
    told = {r.chip for r in select(history(), freq="Q", use="primary")}
    assert {t for t in told if not t.startswith("mixed")} <= set(labels)
