"""Predicted against measured: every row is there, the baseline is honest, and the search never loses to the authors."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.measured import measured
from headgate.errors import CatalogError, UsageError
from headgate.machine.layout import Layout
from headgate.predict import agree, parts
from headgate.predict.agree import authors, scores, worked
from headgate.predict.agree import text as agree_text
from headgate.predict.runs import run_of_row

ROWS = measured("training_runs").rows


@pytest.fixture(scope="module")
def training():
    return agree.agreement("training")


def of(row_id):
    return next(r for r in ROWS if r["row_id"] == row_id)


def plain(row_id="a", measured_seconds=1.0, roof=0.5, chip="c", group="c|m|bf16", **rest):
    """Return a row of a made-up run."""
    fields = {"kind": "training", "model": "m", "arch": "dense", "precision": "bf16", "part": "pretrain"}
    fields |= {"source": "s", "verify": "primary", "quantity": "step_time_s"}
    return agree.Row(id=row_id, chip=chip, group=group, measured=measured_seconds, roof=roof, **{**fields, **rest})


def test_no_measured_row_is_lost(training):
    timed = {r["row_id"] for r in ROWS if r["step_time_s"] or r["tokens_per_s_per_chip"]}
    assert {r.id for r in training if r.quantity == "step_time_s"} == timed
    kept = {r["row_id"] for r in ROWS if r["peak_mem_gib"]}
    assert {r.id for r in training if r.quantity == agree.MEMORY} == kept
    assert all(r.told or r.problem for r in training)


def test_a_row_that_cannot_be_predicted_is_listed_with_its_reason():
    row = {**of("llama2-70b_MI300X_8_fp8_lora"), "chip": "no such chip", "chip_id": ""}
    (found,) = agree._training_rows(row)
    assert found.told is None
    assert "no such chip" in found.problem
    assert math.isnan(found.error)
    assert not agree.inside(found.told, found.measured)


def test_a_rate_becomes_the_time_of_a_step():
    row = of("llama2-70b_MI300X_8_fp8_lora")
    run = run_of_row(row)
    assert agree.measured_step_seconds(row, run) == float(row["step_time_s"])
    rate = {**row, "step_time_s": "", "tokens_per_s_per_chip": "8192"}
    assert agree.measured_step_seconds(rate, run) == run.job.global_batch * run.job.sequence / run.chips / 8192
    assert agree.measured_step_seconds({**rate, "tokens_per_s_per_chip": ""}, run) is None


def test_the_roof_is_a_lower_bound_of_every_measured_step(training):
    timed = [r for r in training if r.quantity == "step_time_s" and r.part == "pretrain"]
    assert [r.id for r in timed if r.roof >= r.measured] == []


def test_the_baseline_never_sees_the_row_or_its_group(training):
    row = next(r for r in training if r.id == "palm-540b_TPUv4_6144_bf16_pretrain")
    others = [r for r in training if r.quantity == "step_time_s" and r.told and r.group != row.group]
    assert row.constant == agree.constant_seconds(row, others)
    moved = replace(row, measured=row.measured * 100)
    assert agree.constant_seconds(moved, others) == row.constant


def test_the_baseline_takes_its_cell_then_its_kind_then_nothing():
    row = plain(measured_seconds=9.0)
    cell, kind = plain("b", 2.0, group="c|n|bf16"), plain("d", 4.0, chip="e", group="e|n|bf16")
    assert agree.constant_seconds(row, [cell, kind]) == 2.0
    assert agree.constant_seconds(row, [kind]) == 4.0
    other = plain("f", 8.0, chip="e", group="e|n|fp8")
    assert agree.constant_seconds(row, [other]) == 8.0
    assert math.isnan(agree.constant_seconds(row, [replace(other, arch="moe")]))
    assert math.isnan(agree.constant_seconds(row, [replace(cell, verify="unverified")]))


def test_unknown_kinds_chips_and_models_are_refused():
    with pytest.raises(UsageError, match="Did you mean training"):
        agree.agreement("trainin")
    with pytest.raises(UsageError, match="nvidia-h200-sxm"):
        list(agree_text.agree_text("training", chip="nvidia-h200-sx", rows=False))
    with pytest.raises(UsageError, match="stands in no calibration row"):
        list(agree_text.agree_text("training", model="no such model"))


def test_the_text_shows_every_row_with_its_source():
    lines = list(agree_text.agree_text("training", chip="NVIDIA-H200-SXM"))
    rows = [r for r in ROWS if r["chip_id"] == "nvidia-h200-sxm"]
    assert all(any(line.startswith(r["row_id"]) for line in lines) for r in rows)
    assert all(any(line.endswith(r["source"]) for line in lines) for r in rows)
    assert max(map(len, lines[2:])) < 200


@given(st.lists(st.tuples(st.floats(0.5, 2.0), st.floats(1.01, 2.0), st.floats(0.1, 10.0)), min_size=1, max_size=40))
def test_a_score_lies_within_its_errors(drawn):
    pairs = [((middle, middle / wide, middle * wide), value) for middle, wide, value in drawn]
    made = scores.score(pairs)
    sizes = [abs(band[0] / value - 1.0) for band, value in pairs]
    assert min(sizes) <= made.middle <= made.high * (1 + 1e-12) <= max(sizes) * (1 + 1e-9)
    assert 0.0 <= made.covered <= 1.0
    assert made.rows == len(pairs)


def test_no_rows_have_no_score():
    made = scores.score([])
    assert made.rows == 0
    assert math.isnan(made.middle)


def test_unverified_and_fine_tuned_rows_do_not_count(training):
    apart = [r for r in training if not r.scored]
    assert {r.part for r in apart} >= {"lora", "proxy"}
    assert any(r.verify == "unverified" for r in apart)
    lines = scores.summary(training)
    total = sum(x.seen.rows for x in lines if x.chip == "all" and x.quantity == "step_time_s")
    assert total == sum(r.scored and r.quantity == "step_time_s" and r.told is not None for r in training)


def test_the_model_beats_one_efficiency_on_rows_it_has_not_seen(training):
    own = [r for r in training if r.scored and r.quantity == "step_time_s"]
    for arch in ("dense", "moe"):
        line = scores.line(own, "step_time_s", "all", arch)
        assert line.blind.rows == line.seen.rows
        assert line.blind.middle < 0.8 * line.constant.middle


def test_what_was_left_out_tells_of_this_calibration():
    made = agree_text.left_out()
    assert made["fitted"] == {kind: agree.fitted_hash(kind) for kind in agree.KINDS}, "run: scripts/leave_out.py"
    assert {(s["name"], s["quantity"]) for s in made["slice"]} >= {
        *((name, "step_time_s") for name in ("group", "chip", "model", "scale")),
        *((name, quantity) for name in ("group", "chip", "model") for quantity in ("tpot_ms", "ttft_ms")),
    }


@pytest.fixture(scope="module")
def choices():
    return authors.against_authors()


def test_the_search_beats_or_ties_every_published_mapping(choices):
    assert len(choices) == sum(authors.stated(r) for r in ROWS)
    assert [c.id for c in choices if c.problem] == []
    assert [c.id for c in choices if c.our_seconds > c.their_seconds * (1 + 1e-9)] == []
    assert all(c.evaluated > 1 for c in choices)


def test_the_search_uses_the_same_chips_batch_and_schedule(choices):
    for c in choices:
        assert c.ours.chips == c.theirs.chips
        assert c.ours.schedule == c.theirs.schedule or c.ours.pipeline == 1 or c.theirs.pipeline == 1


def test_a_tight_mapping_gets_the_room_that_it_takes(choices):
    tight = next(c for c in choices if c.tight)
    roomy = authors.choice(run_of_row({**of(tight.id), "micro_batch": "1", "recompute": "full"}))
    assert not roomy.tight
    assert roomy.our_seconds >= tight.our_seconds


def test_a_mapping_that_cannot_be_is_explained():
    run = run_of_row({**of("gpt3-175b_A100_1024_bf16_pretrain"), "tp": "7", "dp": ""})
    found = authors.choice(run)
    assert found.problem
    assert math.isnan(found.gain)


def test_a_layout_in_words():
    assert authors.words(Layout(tensor=2, expert=8, recompute=2)) == "TP2 EP8 MB1, shards optimizer, recomputes full"


@pytest.fixture(scope="module")
def examples():
    return {e.id: e for e in worked.worked_examples()}


def test_the_famous_runs_are_worked_and_were_not_calibrated_on(examples):
    groups = {r["group"] for r in ROWS}
    for group in ("H800|deepseek-v3|fp8", "H100|llama3.1-405b|bf16", "Ascend910B|pangu-ultra-135b|bf16"):
        assert group not in groups
    hours = examples["deepseek-v3-2048-h800"].checks[0]
    assert hours.published == 180000
    assert abs(hours.error) < 0.25
    assert hours.inside
    for name in ("llama-3.1-405b-16384-h100", "pangu-ultra-8192-910b", "pangu-ultra-8192-910b-baseline"):
        check = examples[name].checks[0]
        assert abs(check.error) < 0.25
        assert check.inside == (check.told[1] <= check.published <= check.told[2])


def test_serving_examples_are_rows_with_what_was_said_without_them(examples):
    decode = {c.quantity: c for c in examples["deepseek-r1-cloudmatrix-decode"].checks}
    assert decode["tokens_per_s_per_chip"].published == 1943
    assert decode["tpot_ms"].published == 49.4
    assert all(c.told for c in decode.values())


def test_the_two_counts_of_operations_differ_by_attention(examples):
    causal, full = examples["llama-3.1-405b-16384-h100"].checks
    assert 1.02 < full.told[0] / causal.told[0] < 1.08


def test_a_strange_key_of_an_example_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "worked.toml"
    path.write_text('[[example]]\nid = "x"\ntitel = "x"\n')
    monkeypatch.setattr(worked, "FILE", path)
    with pytest.raises(CatalogError, match="titel"):
        worked.worked_examples()


def test_halving_each_of_six_parts_slows_what_it_should_and_nothing_else():
    found = {p.role: {work for work, times in p.slower.items() if times > 1 + 1e-9} for p in parts.parts()}
    wires = {"training"}
    assert found == {
        "accelerator": {"training", "decode", "prompt"},
        "cpu": {"optimizer", "context_host"},
        "scale_up_switch": {"training", "decode", "prompt"},
        "nic": wires,
        "dpu": {"checkpoint", "lost", "context_storage"},
        "fabric_switch": wires,
    }


def test_half_a_part_never_makes_anything_faster_or_more_than_twice_as_slow():
    for p in parts.parts():
        assert all(1.0 - 1e-12 <= times <= 2.0 + 1e-9 for times in p.slower.values())
        assert p.fits == (p.role != "accelerator")
