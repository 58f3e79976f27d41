"""Usable compute: the table is complete, in bounds and up to date, strictly read, and follows the numbers of a chip."""

import csv
import importlib.util
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.measured import measured
from headgate.errors import CatalogError, UsageError
from headgate.predict.hardware import machine
from headgate.predict.models import architecture
from headgate.world.chips import chips
from headgate.world.records import WORLD
from headgate.world.usable import (
    BASES,
    JOBS,
    MODEL,
    SEQUENCE,
    Usable,
    ceiling,
    serving_rate,
    training_rate,
    usable,
    usable_of,
    usable_spread,
)

ROOT = Path(__file__).resolve().parents[2]
TEXT = (WORLD / "usable.csv").read_text("utf-8")
BY_ID = {chip.id: chip for chip in chips()}
Change = Callable[[dict[str, dict[str, str]]], object]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("usable_script", ROOT / "scripts" / "usable.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def computed(script: ModuleType) -> list[Usable]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADGATE_TODAY", script.TODAY)
        return script.computed(chips())


def written(folder: Path, change: Change) -> Path:
    """Write the package's table, changed, and return its path."""
    rows = {row["row_id"]: row for row in csv.DictReader(io.StringIO(TEXT))}
    header = list(next(iter(rows.values())))
    change(rows)
    path = folder / "usable.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.values())
    return path


def put(row: str, **cells: str) -> Change:
    return lambda rows: rows[row].update(cells)


def test_the_table_is_what_the_script_writes(script: ModuleType, computed: list[Usable]) -> None:
    assert script.differing(script.text_of(computed), WORLD / "usable.csv") == [], "run: python scripts/usable.py"


def test_a_stale_table_is_seen(script: ModuleType, computed: list[Usable], tmp_path: Path) -> None:
    text = script.text_of(computed)
    stale = written(tmp_path, put("nvidia-gb200/training", median="1800"))
    assert script.differing(text, stale) == ["nvidia-gb200/training"]
    fewer = written(tmp_path, lambda rows: rows.pop("nvidia-gb200/serving"))
    assert script.differing(text, fewer) == ["nvidia-gb200/serving"]
    other = written(tmp_path, put("nvidia-gb200/serving", machine="dgx-b200"))
    assert script.differing(text, other) == ["nvidia-gb200/serving"]


def test_every_chip_has_both_jobs_and_no_row_is_idle() -> None:
    assert set(usable()) == {(chip.id, job) for chip in chips() for job in JOBS}


def test_bands_hold_their_median_and_stay_under_the_ceiling() -> None:
    for row in usable().values():
        assert 0 < row.low < row.median < row.high <= row.ceiling
        assert 0.1 < row.share < 0.8
        assert row.basis in BASES


def test_the_machine_of_a_row_is_the_one_it_is_said_to_be() -> None:
    for row in usable().values():
        home = machine(row.like or row.chip)
        assert home.id == row.machine
        assert row.basis != "measured" or not home.published_only


def test_a_relative_has_the_share_of_its_like_and_a_wider_band() -> None:
    rows = [row for row in usable().values() if row.like]
    assert len(rows) >= 2 * 15
    for row in rows:
        like = usable()[row.like, row.job]
        assert row.share == pytest.approx(like.share, rel=1e-3)
        assert row.spread[0] < like.spread[0]
        # The ceiling may cut the upper end.
        assert row.spread[1] > like.spread[1] * 0.999
        assert row.job != "training" or row.precision == like.precision


def test_published_runs_of_the_training_job_lie_in_the_bands() -> None:
    """Llama 3 70B at 8,192 tokens, pretraining in the same width on 64 chips or more: published tokens a second."""
    useful = architecture(MODEL).train_flop_per_token(SEQUENCE) / 1e12
    seen = set()
    for run in measured("training_runs").rows:
        row = usable().get((run["chip_id"], "training"))
        same = (run["model"], run["task"], run["seq"]) == (MODEL, "pretrain", str(SEQUENCE))
        narrow = run["precision"] in ("fp8", "fp8-current-scaling")
        if row is None or not same or narrow != (row.precision == "fp8") or not (narrow or run["precision"] == "bf16"):
            continue
        assert row.low < float(run["tokens_per_s_per_chip"]) * useful < row.high
        seen.add(row.chip)
    assert seen == {"nvidia-gb200", "google-tpu-7x-ironwood", "google-tpu-v6e"}


def test_more_bandwidth_serves_more() -> None:
    def median(chip: str, job: str) -> float:
        return usable()[chip, job].median

    assert median("nvidia-h200-sxm", "serving") > median("nvidia-h100-sxm", "serving")
    assert median("huawei-ascend-950dt", "serving") > 1.2 * median("huawei-ascend-950pr", "serving")
    # The H20 has 15 % of an H100's rate, and more than that of its serving.
    h20 = {job: median("nvidia-h20-96", job) / median("nvidia-h100-sxm", job) for job in JOBS}
    assert 0.15 < h20["training"] < 0.35
    assert 0.2 < h20["serving"] < 0.35


@pytest.mark.parametrize(
    ("chip", "training", "serving"),
    [
        ("nvidia-h100-sxm", ("fp8", 1979.0), ("fp8", 1979.0)),
        ("nvidia-a100-sxm4-80", ("bf16", 312.0), ("int8", 624.0)),
        ("google-tpu-v5p", ("bf16", 459.0), ("int8", 918.0)),
        ("huawei-ascend-950pr", ("fp8", 1000.0), ("fp8", 1000.0)),
        ("nvidia-gb300", ("fp8", 5000.0), ("fp8", 5000.0)),
    ],
)
def test_the_format_of_each_job(chip: str, training: tuple[str, float], serving: tuple[str, float]) -> None:
    assert training_rate(BY_ID[chip]) == training
    assert serving_rate(BY_ID[chip]) == serving


def test_a_chip_without_eight_bits_serves_in_sixteen() -> None:
    plain = replace(BY_ID["nvidia-2029"], measures={"fp16": 100.0, "memory_bandwidth": 1000.0})
    assert serving_rate(plain) == ("bf16", 100.0)


@given(rate=st.floats(1.0, 1e5), bandwidth=st.floats(10.0, 1e5), more=st.floats(1.0, 5.0), job=st.sampled_from(JOBS))
def test_the_ceiling_grows_with_the_chip_and_in_step_with_it(
    rate: float, bandwidth: float, more: float, job: str
) -> None:
    def of(rate: float, bandwidth: float) -> float:
        numbers = {"fp16": rate, "memory_bandwidth": bandwidth}
        return ceiling(replace(BY_ID["nvidia-2029"], measures=numbers), job)

    one = of(rate, bandwidth)
    assert of(rate * more, bandwidth) >= one
    assert of(rate, bandwidth * more) >= one
    assert of(rate * more, bandwidth * more) == pytest.approx(one * more)


def test_the_ceiling_of_serving_by_hand() -> None:
    """Five forward passes of 69.6 billion multiplying parameters, and 4,608 tokens of 163,840 cached bytes."""
    chip = BY_ID["nvidia-h100-sxm"]
    seconds = 5 * 2 * 69.5e9 / 1979e12 + 4608 * 163_840 / 3350e9
    assert ceiling(chip, "serving") == pytest.approx(1 / seconds, rel=0.005)


def test_usable_compute_follows_the_numbers_of_a_chip() -> None:
    chip = BY_ID["huawei-ascend-960"]
    median, row = usable_of(chip, "training")
    assert median == pytest.approx(row.median, rel=1e-4)
    faster = replace(chip, measures={"fp8": 3000.0})
    assert usable_of(faster, "training")[0] == pytest.approx(1.5 * row.median, rel=1e-4)
    assert row.median < usable_of(chip, "training", usable())[0] * 1.001


def test_the_spread_is_one_array_of_factors() -> None:
    found = usable_spread(chips())
    assert found.shape == (len(chips()), 2, 2)
    assert found.dtype == np.float64
    place = list(BY_ID).index("huawei-ascend-910c")
    row = usable()["huawei-ascend-910c", "training"]
    assert tuple(found[place, 0]) == (row.low / row.median, row.high / row.median)
    # Chips that were measured are known better than relatives of another vendor.
    other = list(BY_ID).index("baidu-kunlun-p800")
    assert found[other, 0, 0] < found[place, 0, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("nvidia-gb200/training", job="mining"), "'mining' is not a known job.*training, serving"),
        (put("nvidia-gb200/training", basis="measures"), "not a known basis.*Did you mean measured"),
        (put("nvidia-gb200/training", job="serving"), "the id is not chip/job"),
        (put("nvidia-gb200/training", low="1996"), "do not stand in order"),
        (put("nvidia-gb200/training", high="6000"), "do not stand in order"),
        (put("nvidia-gb200/training", median=""), "median: '' is not a finite number over 0"),
        (put("nvidia-gb200/training", low="-1"), "low: '-1' is not a number"),
        (put("nvidia-gb200/training", low="0"), "low: '0' is not a finite number over 0"),
        (put("nvidia-gb200/training", ceiling="nan"), "ceiling: 'nan' is not a number"),
        (put("nvidia-gb200/training", ceiling="inf"), "ceiling: 'inf' is not a number"),
        (put("nvidia-gb200/training", low="much"), "low: 'much' is not a number"),
        (put("nvidia-gb200/training", like="nvidia-h100-sxm"), "does not go with basis measured"),
        (put("nvidia-2029/training", like=""), "does not go with basis relative"),
        (put("nvidia-2029/training", like="nvidia-2031"), "'nvidia-2031' is no chip that was predicted"),
        (put("nvidia-2029/training", like="nvidia-gb201"), "'nvidia-gb201' is no chip that was predicted"),
        (put("nvidia-gb200/training", row_id="nvidia-h100-sxm/training"), "was there before"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        usable(written(tmp_path, change))


def test_an_unchanged_table_reads_the_same(tmp_path: Path) -> None:
    assert usable(written(tmp_path, len)) == usable()


def test_a_chip_without_a_row_is_refused() -> None:
    with pytest.raises(CatalogError, match="nvidia-h21: there is no row of training.*scripts/usable.py"):
        usable_of(replace(BY_ID["nvidia-h100-sxm"], id="nvidia-h21"), "training")


def test_a_job_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="Did you mean training"):
        usable_of(BY_ID["nvidia-h100-sxm"], "trainin")
    with pytest.raises(UsageError, match="'mining' is not a reference job"):
        ceiling(BY_ID["nvidia-h100-sxm"], "mining")


@pytest.mark.parametrize(
    ("numbers", "job", "message"),
    [
        ({"memory_bandwidth": 100.0}, "training", "Give fp8 or fp16"),
        ({"memory_bandwidth": 100.0}, "serving", "Give fp8 or int8 or fp16"),
        ({"fp8": 100.0}, "serving", "Give memory_bandwidth"),
    ],
)
def test_a_missing_number_is_refused(numbers: dict[str, float], job: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        ceiling(replace(BY_ID["nvidia-2029"], measures=numbers), job)


def test_the_script_wants_a_relative_of_its_own_kind(script: ModuleType, computed: list[Usable]) -> None:
    unknown = replace(BY_ID["nvidia-2029"], id="nvidia-2040")
    with pytest.raises(SystemExit, match="no machine of nvidia-2040 can be composed: name a relative"):
        script.computed([unknown])
    row = next(r for r in computed if (r.chip, r.job) == ("cambricon-mlu590", "training"))
    with pytest.raises(SystemExit, match="trains in fp8, its relative cambricon-mlu590 in bf16"):
        script.related(BY_ID["cambricon-mlu690"], BY_ID["cambricon-mlu590"], row)
