"""The published numbers and the table of models: complete, strictly read, and every refusal."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from headgate.errors import CatalogError, UsageError
from headgate.world.anchors import anchor, anchors, read_anchors
from headgate.world.frontier import frontier
from headgate.world.history import select
from headgate.world.records import WORLD, read_world_table

Change = Callable[[list[dict[str, str]]], None]


def written(folder: Path, name: str, change: Change) -> Path:
    """Write one of the package's tables, changed, and return its path."""
    rows = list(csv.DictReader(io.StringIO((WORLD / f"{name}.csv").read_text("utf-8"))))
    change(rows)
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def put(row: int, **cells: str) -> Change:
    return lambda rows: rows[row].update(cells)


def test_all_anchors_are_there() -> None:
    every = anchors()
    assert [each.anchor_id for each in every] == [f"A{number:04d}" for number in range(1, 381)]
    assert Counter(each.target for each in every) == {"hard": 268, "soft": 102, "never": 10}
    assert sum(each.mass == 0.8 for each in every) == 9
    assert all(each.source and each.url.startswith("https://") for each in every)


def test_the_target_follows_from_the_verification() -> None:
    hard = {"primary file", "reproduced", "secondary copy of full text"}
    for each in anchors():
        assert (each.target == "hard") == (each.verification in hard), each.anchor_id
        if "[unverified]" in each.verification:
            assert each.target == "never", each.anchor_id
        assert (each.target == "never") == (each.mark == "unverified")


def test_a_bloc_is_the_sum_of_its_parts_and_a_ratio_their_quotient() -> None:
    parts = ("China legal imports", "China domestic (Huawei+Cambricon)")
    names = [f"owned H100e stock, {part}" for part in parts] + ["smuggled Nvidia stock"]
    total = {each.day: each.value or 0 for each in anchors(metric="owned H100e stock, China total")}
    ours = {each.day: each.value or 0 for each in anchors(metric="owned H100e stock, seven named US owners")}
    assert len(total) == len(ours) == 16
    found = Counter[date]()
    for name in names:
        for each in anchors(metric=name, target="hard"):
            found[each.day] += round(each.value or 0)
    assert found == total
    for each in anchors(metric="stock ratio seven named US owners / China"):
        assert each.value == pytest.approx(ours[each.day] / total[each.day], abs=0.006)


def test_the_history_gives_the_anchored_stocks() -> None:
    """Domestic and smuggled to two units, legal to 0.8 %, in each of the quarters anchored."""
    names = {
        "CN-LEGAL": "owned H100e stock, China legal imports",
        "CN-DOM": "owned H100e stock, China domestic (Huawei+Cambricon)",
        "CN-SMUG": "smuggled Nvidia stock",
    }
    for group, name in names.items():
        rows = select(use="primary", group=group)
        for each in anchors(metric=name):
            stock = sum(row.h100e_median or 0 for row in rows if (row.end - each.day).days <= 1)
            assert stock == pytest.approx(each.value, rel=0.008 if group == "CN-LEGAL" else 0, abs=2), each.anchor_id


def test_one_anchor_by_its_id() -> None:
    assert anchor("A0103").value == 4.84
    assert anchor("A0187").value is None
    assert (anchor("A0187").low, anchor("A0187").high) == (10, 31)
    with pytest.raises(UsageError, match=r"no anchor 'A009': .*A0001 to A0380.*Did you mean"):
        anchor("A009")
    with pytest.raises(UsageError, match="There is no anchor 'stock'"):
        anchor("stock")


def test_choices_of_anchors() -> None:
    both = anchors(group="ratio", metric="capex ratio four US hyperscalers / China (three firms + state)")
    assert [each.value for each in both] == [8.22, 5.06, 5.45, 7.08]
    assert anchors(group="ratio", target="never") == ()
    with pytest.raises(UsageError, match=r"No row of the anchors has group 'stok'.*Did you mean stock"):
        anchors(group="stok")
    with pytest.raises(UsageError, match="has metric 'gap'"):
        anchors(metric="gap")
    with pytest.raises(UsageError, match="has scope"):
        anchors(scope="Mars")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(0, target="firm"), "A0001: 'firm' is not a known target. Write one of hard, soft, never"),
        (put(0, mark="good"), "'good' is not a mark"),
        (put(0, mark="unverified"), "A0001: an unverified number is given as a target"),
        (put(0, target="never"), "an unverified number is given as a target"),
        (put(0, value="about 3"), "A0001: value: 'about 3' is not a finite number"),
        (put(0, low="inf"), "low: 'inf' is not a finite number"),
        (put(0, low="40000"), "A0001: low, value, high: 40000, 35473, 55416 do not stand in order"),
        (put(0, value="", low="", high=""), "A0001: it has no number"),
        (put(0, date="2022"), "A0001: date: '2022' is not a day"),
        (put(1, anchor_id="A0001"), "line 3: anchor_id"),
    ],
)
def test_a_bad_anchor_is_refused(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        read_anchors(written(tmp_path, "gap_anchors", change))


def test_all_models_are_there() -> None:
    models = frontier()
    assert Counter(model.bloc for model in models) == {"US": 71, "CN": 84}
    assert sum(model.flop is not None for model in models) == 116
    assert sum(model.eci is not None for model in models) == 83
    assert sum(bool(model.hardware) for model in models) == 46
    assert sum(model.chip_hours is not None for model in models) == 17
    assert (min(m.released for m in models), max(m.released for m in models)) == (date(2022, 3, 29), date(2026, 7, 31))
    assert {model.name for model in models if model.eci and model.eci_low is None} == {"Claude 3.5 Sonnet", "GPT-5"}


def test_how_well_a_compute_is_known() -> None:
    marks = {model.name: model.mark for model in frontier()}
    assert marks["DeepSeek-V3"] == marks["Grok 3"] == "one_source"
    assert marks["Grok 4"] == marks["SenseNova 5.5"] == marks["Claude Mythos 5"] == "unverified"


def test_the_largest_runs_of_a_year_are_those_of_the_survey() -> None:
    """Largest run released in the year, United States and China, in FLOP."""
    largest = {(2023, "US"): 5.0e25, (2023, "CN"): 1.3e24, (2024, "US"): 3.8e25, (2024, "CN"): 2.505e25,
               (2025, "US"): 5.0e26, (2025, "CN"): 1.512e25, (2026, "CN"): 2.0e25}  # fmt: skip
    for (year, bloc), flop in largest.items():
        runs = [m.flop or 0 for m in frontier() if m.bloc == bloc and m.released.year == year]
        assert max(runs) == pytest.approx(flop), (year, bloc)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(0, bloc="EU"), "Chinchilla: 'EU' is not a known bloc"),
        (put(0, release_date="March 2022"), "Chinchilla: release_date: 'March 2022' is not a day"),
        (put(0, eci_release_date="2022-13-01"), "eci_release_date: '2022-13-01' is not a day"),
        (put(0, training_compute_flop="big"), "training_compute_flop: 'big' is not a number"),
        (put(0, hardware_quantity="2.5"), "hardware_quantity: '2.5' is not a count"),
        (put(3, eci="99"), "LLaMA-65B: eci: 100.03, 99, 113.84 do not stand in order"),
        (put(1, model="Chinchilla"), "line 3: model"),
    ],
)
def test_a_bad_model_is_refused(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        frontier(written(tmp_path, "frontier_models", change))


@pytest.mark.parametrize("name", ["gap_anchors", "frontier_models"])
def test_epoch_is_credited(name: str) -> None:
    table = read_world_table(name)
    assert table.sources["Epoch AI"].license == "CC BY 4.0"
    assert table.sources["Epoch AI"].credit == "Epoch AI"
    assert table.read_on == date(2026, 11, 22)
