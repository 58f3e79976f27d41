"""A row of the table of training runs: what is read, what is searched, and every cell that is refused."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.catalog.chips import DATA
from headgate.errors import HeadgateError, RowError, UsageError
from headgate.machine.pipeline import SCHEDULES
from headgate.predict.hardware import machine
from headgate.predict.models import recipe
from headgate.predict.runs import (
    SIZES,
    check_format,
    needed,
    number,
    recompute_place,
    run_of_row,
    usual_batch,
    whole,
)
from headgate.predict.training import compute

ROW = {
    "row_id": "mine",
    "model": "llama3-70b",
    "chip": "H100",
    "chip_id": "nvidia-h100-sxm",
    "chips": "64",
    "seq": "8192",
    "tp": "4",
    "pp": "4",
    "vpp": "5",
    "cp": "1",
    "micro_batch": "1",
    "global_batch": "128",
    "precision": "fp8",
    "software": "NeMo 25.11",
}
MIXTURE = {**ROW, "model": "deepseek-v3", "tp": "1", "pp": "8", "vpp": "1", "ep": "8", "chips": "128"}
OWN = {
    "model": "my-own",
    "layers": "32",
    "hidden": "4096",
    "heads": "32",
    "kv_heads": "8",
    "head_dim": "128",
    "ffn": "14336",
    "vocab": "128256",
    "chip": "H100",
    "chips": "8",
    "seq": "4096",
    "precision": "bf16",
}
COUNTS = ("chips", "seq", "global_batch", *SIZES)
RESULTS = ("step_time_s", "tokens_per_s_per_chip", "tflops_per_chip", "mfu_reported", "peak_mem_gib", "node_power_w")


def with_cells(row: dict[str, str], **cells: str) -> dict[str, str]:
    return {**row, **cells}


def test_a_row_in_full_is_held_in_full():
    run = run_of_row(ROW)
    assert (run.id, run.chips, run.task, run.year) == ("mine", 64, "pretrain", 2025.875)
    assert (run.architecture.id, run.machine.chip.id, run.recipe.id) == ("llama3-70b", "nvidia-h100-sxm", "fp8")
    assert (run.job.sequence, run.job.global_batch, run.batch_assumed) == (8192, 128, False)
    held = {"tensor": 4, "pipeline": 4, "virtual": 5, "context": 1, "data": 4, "micro_batch": 1, "expert": 1}
    assert held.items() <= run.fixed.items()
    assert run.fixed["schedule"] == 0.0
    assert run.assumed == ()


def test_a_blank_mapping_is_searched():
    bare = {k: v for k, v in ROW.items() if k not in SIZES}
    run = run_of_row(bare)
    assert not {"tensor", "pipeline", "data", "virtual", "context", "micro_batch"} & set(run.fixed)
    done = compute(run)
    assert done.searched
    assert done.evaluated > 1000
    blank = run_of_row({**bare, **dict.fromkeys(SIZES, "")})
    assert blank.fixed == run.fixed


def test_inside_a_stated_mapping_a_blank_was_left_at_one():
    run = run_of_row({**{k: v for k, v in MIXTURE.items() if k not in ("ep", "cp")}, "software": "something"})
    assert (run.fixed["context"], run.fixed["expert_tensor"]) == (1.0, 1.0)
    # Over how many ranks experts lie is no small thing, and is searched.
    assert "expert" not in run.fixed
    assert run_of_row(with_cells(ROW, ep="")).fixed["expert"] == 1.0
    # With data ranks stated, context ranks are the rest.
    assert run_of_row(with_cells(ROW, cp="", dp="2")).fixed["context"] == 2.0
    # Without tensor and pipeline ranks nothing is taken for one.
    free = run_of_row({k: v for k, v in MIXTURE.items() if k not in ("ep", "cp", "pp")})
    assert not {"expert", "context", "data"} & set(free.fixed)


def test_data_ranks_are_the_rest_and_must_be_whole():
    assert run_of_row(ROW).fixed["data"] == 4.0
    with pytest.raises(UsageError, match="tensor 4 x pipeline 4 x context 8 make 128, which does not divide the 64"):
        compute(run_of_row(with_cells(ROW, cp="8")))
    with pytest.raises(UsageError, match="make 32 chips, not 64"):
        compute(run_of_row(with_cells(ROW, dp="2")))


@pytest.mark.parametrize(
    ("words", "place"),
    [("full", 2), ("yes", 2), ("Full block", 2), ("selective", 1), ("selective (per-op)", 1), ("none", 0)],
)
def test_words_for_recomputation(words, place):
    assert run_of_row(with_cells(ROW, recompute=words)).fixed["recompute"] == place
    assert recompute_place(words) == place


def test_a_recomputation_that_names_no_choice_is_searched_and_said():
    run = run_of_row(with_cells(ROW, recompute="per recipe (not in table)"))
    assert "recompute" not in run.fixed
    assert run.assumed == ("recompute 'per recipe (not in table)' names no choice; it is searched",)


def test_a_precision_that_is_not_stated_is_assumed_and_said():
    run = run_of_row(with_cells(ROW, precision=""))
    assert run.recipe.id == "bf16"
    assert "bf16 is assumed" in run.assumed[0]


def test_a_batch_that_is_not_stated_is_assumed_and_said():
    run = run_of_row(with_cells(ROW, global_batch=""))
    assert run.batch_assumed
    assert run.job.global_batch % 4 == 0


@pytest.mark.parametrize(
    ("chips", "sequence", "fixed", "batch"),
    [
        (2048, 4096, {}, 4096),
        (65536, 4096, {}, 4096),  # more chips than 16 Mi tokens have sequences
        (8, 4096, {}, 4096),
        (8, 8192, {"tensor": 8, "pipeline": 1}, 2048),
        (96, 4096, {"data": 96, "micro_batch": 4}, 4224),
        (64, 4096, {"tensor": 4, "pipeline": 16}, 4096),
        (64, 2**30, {"tensor": 4, "pipeline": 16}, 64),  # four micro-batches for each stage
        (64, 2**30, {"tensor": 8, "pipeline": 1, "micro_batch": 2}, 16),
    ],
)
def test_a_usual_batch_is_whole_rounds_near_sixteen_million_tokens(chips, sequence, fixed, batch):
    assert usual_batch(chips, sequence, fixed) == batch


@given(
    chips=st.integers(1, 20000),
    sequence=st.integers(1, 200000),
    tensor=st.sampled_from([1, 8]),
    pipeline=st.sampled_from([1, 3, 16]),
    micro=st.integers(1, 9),
)
def test_a_usual_batch_is_never_nothing_and_always_whole_rounds(chips, sequence, tensor, pipeline, micro):
    batch = usual_batch(chips, sequence, {"tensor": tensor, "pipeline": pipeline, "micro_batch": micro})
    data = max(1, chips // (tensor * pipeline))
    assert batch >= 1
    assert batch % (data * micro) == 0


def test_fully_sharded_runs_say_so_by_their_own_column_or_their_software():
    assert run_of_row(with_cells(ROW, fsdp="8")).fixed["shard"] == 3.0
    assert run_of_row(with_cells(ROW, fsdp="0")).fixed["shard"] == 1.0
    assert run_of_row(with_cells(ROW, software="torchtitan 2025-06")).fixed["shard"] == 3.0
    assert run_of_row(with_cells(ROW, software="torchtitan 2025-06", fsdp="0")).fixed["shard"] <= 1.0


def test_the_task_freezes_the_base_and_reduces_the_layers():
    assert run_of_row(with_cells(ROW, task="lora")).job.frozen
    proxy = run_of_row({**MIXTURE, "pp": "2", "chips": "16", "task": "proxy (reduced layers)", "layers_run": "6"})
    assert (proxy.task, proxy.architecture.layers, proxy.architecture.dense_layers) == ("proxy", 6, 1)


def test_notes_tell_of_expert_tensor_ranks_and_dualpipe():
    run = run_of_row({**MIXTURE, "notes": "expert TP 1; DualPipe schedule"})
    assert run.fixed["expert_tensor"] == 1.0
    assert run.fixed["schedule"] == SCHEDULES.index("dualpipe")
    # With one stage there is nothing to schedule.
    assert run_of_row({**MIXTURE, "pp": "1", "notes": "DualPipe"}).fixed["schedule"] == 0.0


def test_a_model_of_one_s_own_is_read_from_its_columns():
    run = run_of_row(OWN)
    assert run.architecture.parameters / 1e9 == pytest.approx(8.03, abs=0.01)
    assert compute(run).seconds > 0


@pytest.mark.parametrize("column", COUNTS)
@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("many", "is 'many', which is no number. Write digits, as 2048"),
        ("8x", "is '8x', which is no number"),
        ("0", "is 0; it must be a number of 1 or more"),
        ("-8", "is -8; it must be a number of 1 or more"),
        ("nan", "is nan; it must be a number of 1 or more"),
        ("inf", "is inf; it must be a number of 1 or more"),
        ("1e400", "is 1e400; it must be a number of 1 or more"),
        ("1e30", "is 1e30; it must be a number of 1 or more, and at most 1e"),
        ("2.5", "is 2.5; it must be a whole number"),
    ],
)
def test_a_count_that_is_none_is_refused_by_column_and_reason(column, cell, says):
    with pytest.raises(RowError, match=f"^{column} {says}"):
        run_of_row(with_cells(MIXTURE, **{column: cell}))


@pytest.mark.parametrize("column", ["layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "vocab"])
@pytest.mark.parametrize("cell", ["many", "-8", "nan", "inf", "1e300", "2.5"])
def test_a_size_of_a_model_that_is_none_is_refused(column, cell):
    with pytest.raises(HeadgateError, match=f"{column}.*{cell}"):
        run_of_row(with_cells(OWN, **{column: cell}))


def test_parameters_that_no_model_has_are_refused():
    with pytest.raises(RowError, match="params_total_b is 1e300; it must be a number of 0 or more, and at most 1e"):
        run_of_row(with_cells(OWN, params_total_b="1e300", ffn=""))


def test_a_width_of_heads_in_words_is_left_to_the_reader_of_models():
    run = run_of_row({**OWN, "model": "my-mla", "heads": "128", "head_dim": "qk 128+64 / v 128", "kv_heads": ""})
    assert (run.architecture.attention, run.architecture.head_dim, run.architecture.v_dim) == ("mla", 192, 128)


def test_layers_that_no_model_has_are_refused_before_they_are_counted():
    with pytest.raises(RowError, match="layers is 1000000; it must be at most 10,000"):
        run_of_row(with_cells(OWN, layers="1000000"))


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"tp": "3"}, "tensor 3 does not divide the 64 chips"),
        ({"pp": "7"}, "pipeline 7 does not divide the 64 chips"),
        ({"pp": "8", "tp": "8", "vpp": "20"}, "pipeline 8 x virtual 20 make 160 parts of the model's 80 layers"),
        ({"pp": "128", "tp": "1", "chips": "128", "vpp": "1"}, "pipeline 128 is more than the model's 80 layers"),
        ({"ep": "8"}, "expert is 8, but llama3-70b has no experts"),
        ({"micro_batch": "3"}, "data 4 x micro_batch 3 does not divide the batch of 128 sequences"),
        ({"global_batch": "126"}, "data 4 x micro_batch 1 does not divide the batch of 126 sequences"),
        ({"chips": "48", "tp": "48", "pp": "1", "vpp": "1"}, "tensor 48 does not divide the model's 64 heads"),
        ({"cp": "4", "seq": "8190"}, "context 4 does not divide the sequence of 8,190 tokens"),
    ],
)
def test_sizes_that_do_not_fit_together_are_refused(cells, says):
    with pytest.raises(UsageError, match=says):
        compute(run_of_row(with_cells(ROW, **cells)))


def test_experts_that_do_not_divide_are_refused():
    with pytest.raises(UsageError, match="expert 3 does not divide the model's 256 experts"):
        compute(run_of_row(with_cells(MIXTURE, ep="3")))


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"chip": "H1000", "chip_id": ""}, "H1000"),
        ({"chip": "", "chip_id": ""}, "names no chip"),
        ({"precision": "fp7"}, "precision 'fp7' is not a recipe"),
        ({"model": "llama9-70b"}, "model 'llama9-70b' is not in the catalog, and the row lacks layers, hidden, heads"),
        ({"layers_run": "100"}, None),
        ({"layers_run": "0"}, "layers_run is 0"),
        ({"fsdp": "some"}, "fsdp is 'some', which is no number"),
        ({"nic_gbps_per_chip": "fast"}, "nic_gbps_per_chip: 'fast' is not a number over 0"),
        ({"mfu_peak_tflops": "zero"}, "mfu_peak_tflops is 'zero', which is no number"),
    ],
)
def test_what_is_not_known_is_refused_and_says_which(cells, says):
    if says is None:  # more layers than the model has are all of them
        assert run_of_row(with_cells(ROW, **cells)).architecture.layers == 80
        return
    with pytest.raises(HeadgateError, match=says):
        run_of_row(with_cells(ROW, **cells))


@pytest.mark.parametrize("column", ["chips", "seq"])
def test_what_is_needed_is_asked_for(column):
    with pytest.raises(RowError, match=f"{column} is blank. State it"):
        run_of_row(with_cells(ROW, **{column: " "}))


@pytest.mark.parametrize(
    ("chip", "precision", "says"),
    [
        (
            "huawei-ascend-910b1",
            "fp8",
            "huawei-ascend-910b1 does not multiply in fp8; it has bf16, int8. Comparable is int8",
        ),
        (
            "huawei-ascend-910c",
            "fp8-block",
            "does not multiply in fp8_block .fp8-block.*Comparable is int8",
        ),
        ("nvidia-a100-sxm4-80", "fp8", "does not multiply in fp8"),
        (
            "nvidia-h100-sxm",
            "nvfp4",
            "does not multiply in nvfp4; it has .*Comparable is fp8",
        ),
        ("nvidia-h100-sxm", "mxfp8", "does not multiply in mxfp8; it has .*Comparable is fp8"),
    ],
)
def test_a_precision_that_the_chip_lacks_is_refused_with_what_is_comparable(chip, precision, says):
    with pytest.raises(UsageError, match=says):
        run_of_row({**ROW, "chip": "", "chip_id": chip, "precision": precision})
    with pytest.raises(UsageError, match=says):
        check_format(machine(chip), recipe(precision))


def test_numbers_in_cells():
    assert number({"x": " 16,384 "}, "x") == 16384.0
    assert number({"x": "1e3"}, "x") == 1000.0
    assert number({}, "x") is None
    assert number({"x": "  "}, "x") is None
    assert number({"x": "0"}, "x", least=0.0) == 0.0
    assert number({"x": "1e9"}, "x") == 1e9
    with pytest.raises(RowError, match="x is 1000000001; it must be a number of 1 or more, and at most 1e"):
        number({"x": "1000000001"}, "x")
    assert whole({"x": "8.0"}, "x") == 8
    assert needed({"x": "8"}, "x") == 8


def test_every_published_run_can_be_read():
    with (DATA / "measured" / "training_runs.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        run = run_of_row(row)
        assert run.id == row["row_id"]
        assert run.chips == int(row["chips"])


@given(junk=st.text(max_size=8), column=st.sampled_from(RESULTS))
def test_what_was_measured_is_never_read(junk, column):
    assert run_of_row({**ROW, column: junk}) == run_of_row(ROW)


@given(
    cells=st.dictionaries(
        st.sampled_from([*COUNTS, "precision", "recompute", "task", "fsdp", "layers_run", "model", "chip", "notes"]),
        st.one_of(st.text(max_size=6), st.integers(-3, 300).map(str), st.floats().map(str)),
        max_size=3,
    )
)
@settings(max_examples=60)
def test_a_row_is_read_or_refused_and_nothing_else(cells):
    try:
        done = compute(run_of_row({**MIXTURE, **cells}))
    except HeadgateError:
        return
    assert 0 < done.seconds < float("inf")
    assert done.layout.chips == done.run.chips
