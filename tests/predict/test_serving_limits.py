"""Serving at its limits: what never fits, few clients, more of everything, and input out of range."""

import itertools
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.errors import HeadgateError, UsageError
from headgate.machine.serving_parts import ServingLayout
from headgate.predict.hardware import machine
from headgate.predict.models import architecture
from headgate.predict.recipes import recipe
from headgate.predict.serving import Served, predict_serving_row, serve
from headgate.predict.serving.apart import Apart
from headgate.predict.serving.by_name import serve_model, service_record
from headgate.predict.serving.model import layouts
from headgate.predict.serving.rows import drafts

R1, LLAMA = architecture("deepseek-r1"), architecture("llama3-70b")
H100, H200, FP8 = machine("dgx-h100"), machine("dgx-h200"), recipe("fp8", "serve")
ROW = {"model": "llama3-70b", "chip": "H100", "chips": "8", "tp": "8", "weight_precision": "fp8", "engine": "vllm"}
ROW |= {"isl": "1024", "osl": "1024", "batch": "32"}


def plan(**changed) -> Served:
    told = {"architecture": LLAMA, "machine": H100, "recipe": FP8, "chips": 8, "isl": 1000, "osl": 1000} | changed
    return serve(**told)


def total(**changed) -> float:
    return plan(**changed).tokens_per_s_per_chip[0] * changed["chips"]


@pytest.mark.parametrize("a", [R1, LLAMA])
def test_a_prompt_that_never_fits_is_refused_at_once(a):
    predict_serving_row(ROW)  # reads the catalog, which takes its own time once
    for call in (
        lambda: plan(architecture=a, isl=1e12),
        lambda: predict_serving_row({**ROW, "model": a.id, "tp": "", "batch": "", "isl": "1e12"}),
    ):
        started = time.process_time()
        with pytest.raises(UsageError, match="No number of chips would do"):
            call()
        assert time.process_time() - started < 1.0


@pytest.mark.parametrize("isl", [1000, 100_000, 1_000_000])
def test_the_count_that_would_do_does_and_one_less_does_not(isl: int):
    with pytest.raises(UsageError, match="chips would do") as refused:
        plan(architecture=R1, chips=2, isl=isl)
    would = int(str(refused.value).split(" chips would do")[0].split()[-1].replace(",", ""))
    assert plan(architecture=R1, chips=would, isl=isl).running >= 1
    with pytest.raises(UsageError, match="does not fit"):
        plan(architecture=R1, chips=would - 1, isl=isl)


def test_more_chips_never_serve_less_in_all():
    for apart in (False, True):
        dense = [total(chips=n, tpot_limit_ms=50, disaggregated=apart) for n in range(8, 65)]
        assert all(after >= before * (1 - 1e-6) for before, after in itertools.pairwise(dense))
        for counts in ((256, 257), (300, 301), (511, 512)):
            few, many = (total(architecture=R1, machine=H200, chips=n, isl=2000, disaggregated=apart) for n in counts)
            assert many >= few * (1 - 1e-6)


def test_chips_left_over_are_named_and_counted():
    found = plan(chips=9)
    assert "1 chip is left over" in found.notes
    assert found.copies * found.layout.chips == 8
    assert found.tokens_per_s_per_chip[0] * 9 == pytest.approx(total(chips=8))


@given(st.integers(1, 600))
@settings(deadline=None, max_examples=40)
def test_experts_are_split_evenly(chips: int):
    for told in ({}, {"whole": False, "every": True}):
        many = layouts(R1, chips, **told)
        assert (R1.moe_ffn % np.asarray(many.expert_tensor) == 0).all()
        assert (many.chips <= chips).all()


@pytest.mark.parametrize("clients", [1, 2, 7, 64, 1000, 10**6])
def test_rate_apart_is_that_of_its_clients_and_times(clients: int):
    found = plan(architecture=R1, machine=H200, chips=128, disaggregated=True, concurrency=clients)
    cycle = found.ttft_ms[0] + 999 * found.tpot_ms[0]
    assert found.tokens_per_s_per_chip[0] * 128 == pytest.approx(1e3 * clients * 1000 / cycle)
    assert found.running * found.copies <= clients


def test_one_client_waits_for_no_other_prompt():
    told = {"architecture": R1, "machine": H200, "chips": 128, "disaggregated": True}
    one, many = plan(**told, concurrency=1), plan(**told, concurrency=4096)
    assert one.ttft_ms[0] < many.ttft_ms[0]
    assert one.tpot_ms[0] < many.tpot_ms[0]


@pytest.mark.parametrize("clients", [None, 1, 32, 5000])
@pytest.mark.parametrize("apart", [False, True])
def test_better_parts_never_serve_less_for_any_clients(clients: int | None, apart: bool):
    told = {"architecture": R1, "chips": 64, "concurrency": clients, "disaggregated": apart, "isl": 4000, "osl": 200}
    chip, wire = H200.chip, H200.scale_out
    faster = {name: replace(k, rate_flop_per_s=k.rate_flop_per_s * 1.5) for name, k in chip.kernels.items()}
    better = (
        replace(H200, chip=replace(chip, memory_bytes=chip.memory_bytes * 1.5)),
        replace(H200, chip=replace(chip, memory_bytes_per_s=chip.memory_bytes_per_s * 1.5)),
        replace(H200, chip=replace(chip, kernels=faster)),
        replace(H200, scale_out=replace(wire, bytes_per_s=wire.bytes_per_s * 1.5)),
    )
    base = plan(machine=H200, **told).tokens_per_s_per_chip[0]
    for one in better:
        assert plan(machine=one, **told).tokens_per_s_per_chip[0] >= base * 0.998


def test_more_clients_never_get_less_in_all():
    for apart in (False, True):
        rates = [
            plan(chips=32, concurrency=n, disaggregated=apart).tokens_per_s_per_chip[0] for n in (1, 4, 16, 64, 256)
        ]
        assert rates == sorted(rates)


def test_the_division_found_is_the_best_of_all():
    """Against a search by hand of four divisions of a machine with one spread and fixed times."""
    readers, decoders = np.array([[1.0, 2.0, 3.0]]), np.array([[3.0, 2.0, 1.0]])
    times = np.full((1, 2), 0.01), np.array([[100.0, 1000.0]])
    ways = Apart(readers, decoders, readers * 1.0, np.full((1, 3), 0.5), *times, 100.0)
    assert ways.best(math.inf)[0] == pytest.approx(3.0)
    # Two clients take 0.5 + 99 * 0.01 seconds for a request.
    assert ways.best(2.0)[0] == pytest.approx(2.0 / 1.49)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"isl": 0.5}, "isl is 0.5"),
        ({"osl": 0.999}, "osl is 0.999"),
        ({"draft_tokens": -1}, "draft tokens are -1"),
        ({"draft_tokens": 17}, "from 0 to 16"),
        ({"draft_tokens": 1.5}, "draft tokens are 1.5"),
        ({"acceptance": -0.1}, "acceptance is -0.1"),
        ({"acceptance": 1.01}, "acceptance is 1.01"),
        ({"acceptance": math.nan}, "acceptance is nan"),
        ({"imbalance": 0.99}, "imbalance is 0.99"),
        ({"cache_bytes": 0}, "cache_bytes is 0"),
        ({"concurrency": 0.5}, "concurrency is 0.5"),
        ({"concurrency": 1.1e9}, "concurrency is 1.1e\\+09"),
        ({"chips": 2_000_000_000}, "chips is 2e\\+09"),
        ({"chips": 1.5}, "chips is 1.5; it must be a whole number"),
        ({"recipe": recipe("nvfp4-best-case", "serve")}, "best case of Rubin alone"),
        ({"chips": 128, "mapping": ServingLayout(1, 1, 128)}, "80 layers do not go on 128 stages"),
        ({"mapping": ServingLayout(1), "isl": 1e7}, "does not fit on nvidia-h100-sxm as it is spread"),
    ],
)
def test_a_service_out_of_range_is_refused(changed: dict, says: str):
    if "isl" in changed and "mapping" in changed:
        changed = {"mapping": ServingLayout(1), "isl": 1e5}
    with pytest.raises(UsageError, match=says):
        plan(**changed)


def test_the_edges_of_the_ranges_are_served():
    found = plan(isl=1, osl=1, draft_tokens=16, acceptance=1.0, imbalance=1.0, concurrency=1)
    assert 0 < found.tokens_per_s_per_chip[0] < math.inf
    assert plan(chips=10**9).tokens_per_s_per_chip[0] == pytest.approx(plan(chips=64).tokens_per_s_per_chip[0], rel=0.1)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"osl": "0.5"}, "column osl: 0.5 is under 1 token"),
        ({"isl": "0.5"}, "column isl: 0.5 is under 1 token"),
        ({"weight_precision": "nvfp4-best-case"}, "best case of Rubin alone"),
        ({"tp": "1", "pp": "81", "chips": "81"}, "pp 81: llama3-70b has 80 layers"),
        ({"mtp": "maybe"}, "column mtp: 'maybe' is not understood"),
        ({"mtp": "17"}, "column mtp: '17'"),
        ({"mtp": "-1"}, "column mtp: '-1'"),
        ({"chips": "1", "tp": "1", "isl": "100000"}, "does not fit"),
    ],
)
def test_a_row_out_of_range_is_refused(changed: dict[str, str], says: str):
    with pytest.raises(HeadgateError) as refused:
        predict_serving_row({**ROW, **changed})
    assert says in str(refused.value)


@pytest.mark.parametrize("phase", ["aggregated serving", "offline max throughput"])
def test_no_token_follows_the_only_one(phase: str):
    found = predict_serving_row({**ROW, "osl": "1", "phase": phase})
    assert found["tpot_ms"] is None
    assert found["tokens_per_s_per_chip"][0] > 0


@pytest.mark.parametrize("apart", [False, True])
def test_a_plan_for_one_token_has_no_time_between_tokens(apart: bool):
    made = service_record(serve_model("llama3-70b", "h100", 16, 1024, 1, tpot_limit_ms=1, disaggregated=apart))
    assert made["tpot_ms"] == {"median": None, "low": None, "high": None}
    assert made["step_ms"] == {}
    assert made["tokens_per_s_per_chip"]["median"] > 0


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", (0, 0.7)),
        ("no", (0, 0.7)),
        ("simulated", (0, 0.7)),
        ("yes", (1, 0.7)),
        ("Yes (1 draft, ~70% accept; memory)", (1, 0.7)),
        ("yes (3 drafts, 62.5% accepted)", (3, 0.625)),
        ("2", (2, 0.7)),
        ("0", (0, 0.7)),
        ("16", (16, 0.7)),
    ],
)
def test_drafts_as_tables_write_them(cell: str, expected: tuple[int, float]):
    assert drafts({"mtp": cell}) == pytest.approx(expected)
