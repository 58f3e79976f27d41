"""Predicted training runs: what calibration adds to the formulas, how wide the band is, and what is never looked at."""

import csv
import math
import re
from dataclasses import fields, replace
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.catalog.chips import DATA
from headgate.errors import UsageError
from headgate.machine.training import Habits
from headgate.predict.calibrated import FIT, SLOPES, effects, fit
from headgate.predict.hardware import machine
from headgate.predict.power import power_ratio, sustained
from headgate.predict.runs import Run, run_of_row
from headgate.predict.stacks import REFERENCE
from headgate.predict.training import (
    HALF_BAND,
    MEMORY_BAND,
    PUBLISHED_BAND,
    chip_year,
    compute,
    job_of,
    levels_of,
    model_flop_per_token,
    predict,
    software_year,
)

with (DATA / "measured" / "training_runs.csv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
RESULTS = (
    *("step_time_s", "tokens_per_s_per_chip", "tflops_per_chip", "tflops_uniform_causal", "mfu_reported"),
    *("model_flop_per_token_causal", "tflops_convention", "peak_mem_gib", "node_power_w"),
)
# What a row says of itself, which no prediction may depend on either.
ASIDE = ("source", "verify", "verification", "group", "vendor", "arch", "params_active_b")
BARE = {
    "model": "llama3-70b",
    "chip": "H100",
    "chips": "64",
    "seq": "8192",
    "global_batch": "128",
    "precision": "fp8",
    "software": "NeMo 25.11",
}
MAPPED = {**BARE, "tp": "8", "pp": "4", "vpp": "5", "micro_batch": "1"}
MIXTURE = {**BARE, "model": "deepseek-v3", "chips": "1024", "seq": "4096", "global_batch": "8192"}


def bare(**cells: str) -> Run:
    return run_of_row({**BARE, **cells})


@given(row=st.sampled_from(ROWS), junk=st.lists(st.text(max_size=6), min_size=len(RESULTS + ASIDE)))
@settings(max_examples=25)
def test_what_was_measured_never_changes_a_prediction(row, junk):
    scrambled = {**row, **dict(zip(RESULTS + ASIDE, junk, strict=False))}
    found, usual = predict(run_of_row(scrambled)), predict(run_of_row(row))
    assert found.quantities == usual.quantities
    assert found.computed.layout == usual.computed.layout


@given(row=st.sampled_from(ROWS))
@settings(max_examples=25)
def test_the_quantities_of_a_prediction_hang_together(row):
    run = run_of_row(row)
    found = predict(run)
    for middle, low, high in found.quantities.values():
        assert 0 < low <= middle <= high < math.inf
    seconds, rate = found.quantities["step_time_s"], found.quantities["tokens_per_s_per_chip"]
    tokens = run.job.global_batch * run.job.sequence
    assert seconds[0] * rate[0] * run.chips == pytest.approx(tokens)
    # The fastest step is the highest rate.
    assert seconds[1] * rate[2] * run.chips == pytest.approx(tokens)
    assert seconds[0] == pytest.approx(found.computed.seconds * found.factor)
    assert math.log(seconds[2] / seconds[0]) == pytest.approx(HALF_BAND * found.sd)
    if not run.peak_tflops:
        roof = run.machine.chip.kernels[run.recipe.format].rate_flop_per_s
        assert found.quantities["mfu"][0] == pytest.approx(model_flop_per_token(run) * rate[0] / roof)
        assert found.quantities["mfu"][0] < 1.0
    peak = found.quantities["peak_mem_gib"]
    assert peak[2] / peak[0] == pytest.approx(1 + MEMORY_BAND)


def test_a_stated_peak_is_what_utilization_is_measured_against():
    half = predict(bare(mfu_peak_tflops="989.5")).quantities
    whole = predict(bare(mfu_peak_tflops="1979")).quantities
    assert half["mfu"][0] == pytest.approx(2 * whole["mfu"][0])
    assert half["step_time_s"] == whole["step_time_s"]


def test_operations_of_a_token_count_the_whole_square_of_attention_and_two_thirds_when_frozen():
    run = bare()
    causal = run.architecture.train_flop_per_token(8192)
    square = 6 * 80 * 64 * 256 * 4096
    assert model_flop_per_token(run) == pytest.approx(causal + square)
    assert model_flop_per_token(bare(task="lora")) == pytest.approx((causal + square) * 2 / 3)


def test_a_mapping_stated_in_full_is_taken_as_it_is_even_when_it_should_not_fit():
    # Llama 3 70B over eight tensor ranks does not fit into 80 GB; it is computed all the same.
    stated = {**BARE, "chips": "8", "tp": "8", "pp": "1", "micro_batch": "1", "global_batch": "8", "fsdp": "0"}
    done = compute(run_of_row(stated))
    assert not done.searched
    assert done.peak_bytes > 1.25 * done.run.machine.chip.memory_bytes
    assert done.layout.recompute == 2.0
    # Undivided it needs six times the memory: its weights must have been sharded.
    whole = compute(run_of_row({**stated, "tp": "1", "chips": "64", "global_batch": "64"}))
    assert whole.layout.shard == 3.0
    with pytest.raises(UsageError, match="does not fit on 8 x nvidia-h100-sxm"):
        compute(run_of_row({**stated, "tp": "1", "model": "llama3.1-405b"}))
    with pytest.raises(UsageError, match="does not fit on 2 x nvidia-h100-sxm: the leanest layout needs"):
        compute(bare(chips="2"))


def test_a_refusal_for_memory_says_by_how_much():
    with pytest.raises(UsageError, match=r"needs (\d+) GiB a chip, (\d+) GiB more than the 75 GiB usable") as refusal:
        compute(bare(chips="2"))
    needed, over = (int(x) for x in re.findall(r"(\d+) GiB (?:a chip|more)", str(refusal.value)))
    assert needed - over == pytest.approx(75, abs=1)


def test_a_blank_mapping_is_searched_and_never_slower_than_a_stated_one_that_fits():
    searched, stated = compute(bare()), compute(run_of_row(MAPPED))
    assert searched.searched
    assert not stated.searched
    assert stated.peak_bytes < stated.run.machine.chip.memory_bytes * 0.94
    assert searched.seconds <= stated.seconds
    assert (stated.layout.tensor, stated.layout.pipeline, stated.layout.virtual) == (8.0, 4.0, 5.0)


@given(
    row=st.sampled_from([BARE, {**MIXTURE, "ep": "32"}, MAPPED]),
    part=st.sampled_from(["rate", "memory rate", "scale_up", "scale_out", "memory"]),
    more=st.floats(1.0, 4.0),
)
@settings(max_examples=15)
def test_more_of_a_machine_never_makes_a_run_slower(row, part, more):
    run = run_of_row({**row, "pp": row.get("pp", "8")})
    one = run.machine
    if part in ("scale_up", "scale_out"):
        link = getattr(one, part)
        better = replace(one, **{part: replace(link, bytes_per_s=link.bytes_per_s * more)})
    else:
        chip = one.chip
        faster = {n: replace(k, rate_flop_per_s=k.rate_flop_per_s * more) for n, k in chip.kernels.items()}
        changed = {
            "rate": {"kernels": faster},
            "memory rate": {"memory_bytes_per_s": chip.memory_bytes_per_s * more},
            "memory": {"memory_bytes": chip.memory_bytes * more},
        }
        better = replace(one, chip=replace(chip, **changed[part]))
    base, found = predict(run), predict(replace(run, machine=better))
    assert found.quantities["step_time_s"][0] <= base.quantities["step_time_s"][0] * (1 + 1e-9)


def test_a_machine_never_measured_says_so_and_has_at_least_the_band_of_its_kind():
    for row, kind in ((BARE, "dense"), (MIXTURE, "moe")):
        found = predict(run_of_row({**row, "chip": "vr200", "precision": "nvfp4"}))
        middle, _, high = found.quantities["step_time_s"]
        assert high / middle >= 1 + PUBLISHED_BAND[kind] - 1e-9
        assert "never measured" in found.notes[0]
        assert {"chip", "chip_format"} <= set(found.unseen)


def test_the_band_widens_with_what_was_never_seen():
    known = predict(bare())
    assert "chip" not in known.unseen
    for changed in (
        {"chip": "h200", "precision": "bf16"},
        {"software": "an unknown stack of 2025-11"},
        {"model": "qwen3-32b"},
    ):
        other = predict(bare(**changed))
        assert other.sd > known.sd
        assert other.unseen


def test_a_mixture_of_experts_is_less_certain_than_a_dense_model():
    assert predict(run_of_row(MIXTURE)).sd > predict(bare()).sd


def test_what_was_assumed_is_said():
    notes = predict(bare(global_batch="", precision="")).notes
    assert any("bf16 is assumed" in n for n in notes)
    assert any("the batch is not stated" in n for n in notes)
    assert predict(bare()).notes == ()


def test_the_year_of_software_stays_within_what_was_measured():
    fitted = fit()
    assert software_year(bare(software="NeMo 25.11"), fitted) == 2025.875
    assert software_year(bare(software="torchtitan 2099-01"), fitted) == fitted.last_year
    assert software_year(bare(software="torchtitan 2001-01"), fitted) == fitted.first_year
    # Unknown software is a year and a half younger than the chip: the H100 is of 2022.
    assert software_year(bare(software=""), fitted) == pytest.approx(chip_year("nvidia-h100-sxm") + 1.5)
    assert chip_year("no-such-chip") is None


def test_levels_name_what_a_run_belongs_to():
    fitted = fit()
    dense = levels_of(bare(), searched=True, fitted=fitted)
    assert dense["kind"] == "dense"
    assert dense["chip_format"] == "nvidia-h100-sxm fp8"
    assert dense["searched"] == "yes"
    assert "moe_years" not in dense
    assert "task" not in dense
    mixture = levels_of(run_of_row({**MIXTURE, "task": "lora"}), searched=False, fitted=fitted)
    assert (mixture["kind"], mixture["task"]) == ("moe", "lora")
    assert mixture["moe_years"] == pytest.approx(2025.875 - REFERENCE)
    assert "searched" not in mixture


def test_software_for_a_new_chip_is_young_and_ages():
    fitted = fit()
    youth = [
        levels_of(bare(chip="B200", software=f"NeMo {year}.06"), searched=False, fitted=fitted)["youth"]
        for year in (25, 26)
    ]
    assert 1 >= youth[0] > youth[1] > 0


def test_power_for_each_operation_is_compared_with_the_chip_whose_kernels_were_timed():
    assert power_ratio("nvidia-h100-sxm", "hopper") == 0.0
    # GB300 runs GB200's kernels at the same dense rate with 1,400 watts for 1,200; H20 was timed itself.
    assert power_ratio("nvidia-gb300", "blackwell") == pytest.approx(math.log(1400 / 1200))
    assert power_ratio("nvidia-h20-96", "hopper") == 0.0
    assert power_ratio("no-such-chip", "hopper") == 0.0
    assert all(-0.35 <= power_ratio(m, "blackwell") <= 0.2 for m in ("nvidia-b200", "nvidia-gb200", "nvidia-gb300"))


def test_more_rate_at_the_same_power_is_never_slower(monkeypatch):
    # The record changes, not only the machine: the power left for each operation falls as its rate rises.
    from headgate.predict import power

    run = run_of_row({**MIXTURE, "software": "NeMo 25.11"})
    ratio = power.power_ratio(run.machine.chip.id, run.machine.chip.family)
    before = predict(run).quantities["step_time_s"][0]
    for more in (1.05, 1.2, 1.4):
        kernels = {n: replace(k, rate_flop_per_s=more * k.rate_flop_per_s) for n, k in run.machine.chip.kernels.items()}
        faster = replace(run.machine, chip=replace(run.machine.chip, kernels=kernels))
        left = ratio - math.log(more)
        monkeypatch.setattr(power, "power_ratio", lambda *_, left=left: left)
        after = predict(replace(run, machine=faster)).quantities["step_time_s"][0]
        assert after <= before
        before = after


def test_power_changes_multiplication_alone():
    before = machine("gb300-nvl72")
    after = sustained(before, 0.5)
    assert all(after.chip.kernels[n].efficiency_limit > k.efficiency_limit for n, k in before.chip.kernels.items())
    assert replace(after, chip=replace(after.chip, kernels=before.chip.kernels)) == before
    assert sustained(machine("dgx-h100"), 0.5) == machine("dgx-h100")


def test_the_habits_of_software_reach_the_formulas():
    fitted = fit()
    assert job_of(bare(software="NeMo 25.11"), fitted).tensor_overlap == fitted.tensor_fused
    assert job_of(bare(software="torchtitan 2025-06, vanilla TP"), fitted).tensor_overlap == 0.0
    assert job_of(bare(software="torchtitan 2025-06, async TP"), fitted).tensor_overlap == fitted.tensor_fused
    assert job_of(bare(software="torchtitan 2025-06"), fitted).attention_slowdown == fitted.fa2
    older = bare(chip="A100", precision="bf16", software="torchtitan 2025-06")
    assert job_of(older, fitted).attention_slowdown == 1.0
    assert job_of(bare(software="MLPerf v5.1"), fitted).captured


def test_host_time_of_experts_falls_with_the_years_and_with_fewer_experts_a_token():
    fitted = fit()
    late, early = (job_of(run_of_row({**MIXTURE, "software": s}), fitted) for s in ("NeMo 25.11", "NeMo 25.02"))
    assert early.immaturity / late.immaturity == pytest.approx(math.exp(fitted.maturity * 0.75))
    one = run_of_row({**MIXTURE, "model": "llama4-maverick"})
    assert job_of(one, fitted).immaturity == pytest.approx(late.immaturity / 4)


def test_the_fit_is_data_within_reason_and_covers_every_habit():
    fitted = fit()
    assert (FIT / "training.toml").is_file()
    for field in fields(Habits):
        assert getattr(fitted.habits, field.name) > 0
    for share in ("tensor_overlap", "data_overlap", "expert_overlap", "send_overlap", "contention"):
        assert 0 < getattr(fitted.habits, share) < 1
    assert fitted.first_year < REFERENCE < fitted.last_year + 1
    assert set(SLOPES) <= set(fitted.spread)
    assert all(0 < s < 1 for s in fitted.spread.values())


def test_effects_are_fitted_to_the_rows_that_the_script_wrote():
    with (FIT / "training_rows.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {r["row_id"] for r in rows} <= {r["row_id"] for r in ROWS}
    assert len(rows) > 150
    known = effects()
    assert {f for f, _ in known.names} <= set(fit().spread)
    assert np.all(np.linalg.eigvalsh(known.covariance) > 0)


def test_residuals_on_file_are_those_of_the_formulas_as_they_are():
    # A change of formulas or records without a new fit shows here.
    with (FIT / "training_rows.csv").open(encoding="utf-8", newline="") as lines:
        stored = {r["row_id"]: float(r["residual"]) for r in csv.DictReader(lines)}
    apart = []
    for row in ROWS:
        if row["row_id"] not in stored:
            continue
        run = run_of_row(row)
        if row["step_time_s"] and not run.batch_assumed:
            measured = float(row["step_time_s"])
        else:
            measured = run.job.global_batch * run.job.sequence / run.chips / float(row["tokens_per_s_per_chip"])
        apart.append(abs(math.log(measured / compute(run).seconds) - stored[row["row_id"]]))
    assert median(apart) < 0.002
    assert np.quantile(apart, 0.95) < 0.02


def test_one_chip_communicates_with_no_one():
    step = compute(bare(chips="1", model="llama3-8b", layers_run="2", global_batch="4")).step
    assert (float(step.communication), float(step.bubble), float(step.jitter)) == (0.0, 0.0, 0.0)


def test_a_run_on_another_machine_is_otherwise_the_same():
    run = bare(precision="bf16")
    other = replace(run, machine=machine("a100"))
    assert other.machine.chip.id == "nvidia-a100-sxm4-80"
    assert replace(other, machine=run.machine) == run
    assert predict(other).quantities["step_time_s"][0] > predict(run).quantities["step_time_s"][0]
