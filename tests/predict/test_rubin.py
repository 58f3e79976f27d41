"""The six chips of Vera Rubin NVL72: halving each slows what that chip does, and nothing else."""

import math
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.machine.goodput import checkpoint_seconds, goodput
from headgate.machine.hardware import Machine
from headgate.machine.layout import Job, Layout
from headgate.machine.memory import Keeps
from headgate.machine.offload import exposed_seconds, optimizer_seconds
from headgate.machine.training import Habits, Step, step_seconds
from headgate.predict.hardware import halved, machine
from headgate.predict.models import architecture, recipe
from headgate.predict.search import Space, search

NAME = "vera-rubin-nvl72"
WHOLE = machine(NAME)
HALF = {role: halved(NAME, role) for role in WHOLE.parts}
PARTS = tuple(f.name for f in fields(Step))
DEEPSEEK, LLAMA = architecture("deepseek-v3"), architecture("llama3-70b")
JOB = Job(sequence=4096.0, global_batch=2304.0)

ONE_CHIP = Layout()
RACK = {
    "tensor": (LLAMA, Layout(tensor=8, data=9, shard=1, shard_ranks=9)),
    "experts": (DEEPSEEK, Layout(data=64, expert=64, shard=1, shard_ranks=64)),
    "pipeline": (LLAMA, Layout(pipeline=8, data=9, shard=1, shard_ranks=9)),
}
RACKS = {
    "data": (LLAMA, Layout(tensor=8, data=36, shard=1, shard_ranks=36)),
    "experts": (DEEPSEEK, Layout(data=256, expert=256, shard=1, shard_ranks=256)),
    "pipeline": (LLAMA, Layout(tensor=8, pipeline=4, data=9, shard=1, shard_ranks=9)),
}


def parts(one: Machine, a, layout: Layout, precision: str = "nvfp4") -> dict[str, float]:
    # Data exchange that is hidden altogether could not be seen to slow down.
    job = Job(JOB.sequence, JOB.global_batch, data_overlap=0.0)
    found = step_seconds(a, one, recipe(precision), job, layout)
    return {name: float(getattr(found, name)) for name in PARTS}


def slower(role: str, a, layout: Layout) -> set[str]:
    """Parts of the step that grow when a role's chip is halved; none may shrink."""
    whole, half = parts(WHOLE, a, layout), parts(HALF[role], a, layout)
    assert all(half[name] >= whole[name] * (1 - 1e-12) for name in PARTS if name != "host")
    return {name for name in PARTS if half[name] > whole[name] * (1 + 1e-9)} - {"jitter"}


def test_it_is_built_from_its_six_chips():
    assert set(HALF) == {"cpu", "accelerator", "scale_up_switch", "nic", "dpu", "fabric_switch"}


@pytest.mark.parametrize("precision", ["bf16", "fp8", "mxfp8", "nvfp4"])
def test_half_a_gpu_multiplies_half_as_fast_in_every_format(precision):
    whole, half = (parts(m, DEEPSEEK, ONE_CHIP, precision) for m in (WHOLE, HALF["accelerator"]))
    assert 1.8 < half["compute"] / whole["compute"] <= 2.0
    assert half["memory"] == pytest.approx(2 * whole["memory"])
    assert half["communication"] == whole["communication"] == 0.0
    assert half["bubble"] == whole["bubble"] == 0.0


@pytest.mark.parametrize("name", RACK)
def test_half_the_nvlink_switches_slow_exchange_inside_the_rack(name):
    a, layout = RACK[name]
    found = slower("scale_up_switch", a, layout)
    assert "communication" in found
    # A stage that sends longer also lets the others wait longer; work takes as long as ever.
    assert found <= {"communication", "bubble"}


def test_half_the_nvlink_switches_slow_a_gather_of_tensor_ranks_by_half_their_bandwidth():
    a, layout = LLAMA, Layout(tensor=8)
    whole, half = (parts(m, a, layout)["communication"] for m in (WHOLE, HALF["scale_up_switch"]))
    assert 1.7 < half / whole <= 2.0  # twice, but for the latency


@pytest.mark.parametrize("role", ["scale_up_switch", "nic", "fabric_switch", "dpu", "cpu"])
@pytest.mark.parametrize("a", [LLAMA, DEEPSEEK], ids=lambda a: a.id)
def test_on_one_chip_only_the_gpu_counts(role, a):
    assert parts(HALF[role], a, ONE_CHIP) == parts(WHOLE, a, ONE_CHIP)


@pytest.mark.parametrize("role", ["nic", "fabric_switch"])
@pytest.mark.parametrize("name", RACK)
def test_inside_one_rack_neither_card_nor_fabric_counts(role, name):
    a, layout = RACK[name]
    assert parts(HALF[role], a, layout) == parts(WHOLE, a, layout)


@pytest.mark.parametrize("role", ["nic", "fabric_switch"])
@pytest.mark.parametrize("name", RACKS)
def test_between_racks_half_the_cards_or_half_the_fabric_slow_exchange_alone(role, name):
    a, layout = RACKS[name]
    found = slower(role, a, layout)
    assert "communication" in found
    assert found <= {"communication", "bubble"}


def test_card_and_fabric_are_alike_between_racks():
    a, layout = RACKS["data"]
    assert parts(HALF["nic"], a, layout) == parts(HALF["fabric_switch"], a, layout)


@pytest.mark.parametrize("role", ["cpu", "dpu"])
@pytest.mark.parametrize("place", [*RACK.values(), *RACKS.values()], ids=lambda p: str(p[1].chips))
def test_a_plain_step_needs_neither_the_vera_cpu_nor_bluefield(role, place):
    a, layout = place
    assert parts(HALF[role], a, layout) == parts(WHOLE, a, layout)


def offloaded_seconds(one: Machine) -> float:
    """Step of an optimizer whose state lies with the CPU, for a rack's share of Llama 3 70B."""
    return float(optimizer_seconds(LLAMA.parameters / 72, one.host_link_bytes_per_s, one.host_memory_bytes_per_s))


def test_half_a_vera_cpu_doubles_the_time_of_an_offloaded_optimizer_and_halves_what_it_can_hold():
    assert offloaded_seconds(HALF["cpu"]) == pytest.approx(2 * offloaded_seconds(WHOLE))
    assert HALF["cpu"].host_memory_bytes == WHOLE.host_memory_bytes / 2
    # Behind a long step it stays hidden, and then even half a CPU costs nothing.
    step = sum(parts(WHOLE, LLAMA, RACK["tensor"][1]).values())
    assert exposed_seconds(offloaded_seconds(HALF["cpu"]), step) == 0.0
    for role in ("nic", "dpu", "fabric_switch", "scale_up_switch"):
        assert offloaded_seconds(HALF[role]) == offloaded_seconds(WHOLE)


def test_half_a_bluefield_doubles_the_time_of_a_checkpoint_and_lowers_goodput():
    chips, state = 72.0 * 128, 14.0 * DEEPSEEK.parameters
    write = {role: float(checkpoint_seconds(state, chips, m.storage_bytes_per_s)) for role, m in HALF.items()}
    whole = float(checkpoint_seconds(state, chips, WHOLE.storage_bytes_per_s))
    assert write.pop("dpu") == pytest.approx(2 * whole)
    assert set(write.values()) == {whole}
    share = {
        m: float(goodput(chips, state, one.storage_bytes_per_s).share) for m, one in (("whole", WHOLE), *HALF.items())
    }
    assert share["dpu"] < share["whole"]
    assert {share[role] for role in write} == {share["whole"]}


@given(
    role=st.sampled_from(sorted(HALF)),
    tensor=st.sampled_from([1, 4, 8]),
    data=st.sampled_from([1, 8, 72, 144]),
    pipeline=st.sampled_from([1, 4]),
    moe=st.booleans(),
    precision=st.sampled_from(["bf16", "fp8", "nvfp4"]),
)
@settings(max_examples=60)
def test_half_of_any_chip_never_makes_a_step_faster(role, tensor, data, pipeline, moe, precision):
    layout = Layout(tensor=tensor, data=data, pipeline=pipeline, expert=min(data, 8), shard=1, shard_ranks=data)
    a = DEEPSEEK if moe else LLAMA
    whole, half = (parts(m, a, layout, precision) for m in (WHOLE, HALF[role]))
    assert sum(half.values()) >= sum(whole.values()) * (1 - 1e-12)
    assert sum(half.values()) <= sum(whole.values()) * (2 + 1e-9)


@pytest.mark.parametrize("chips", [72, 144])
def test_the_best_way_with_half_a_chip_is_never_faster_and_two_of_six_never_matter(chips):
    def best(one: Machine) -> float:
        # Some fields are held, so that the search is quick; what is left tells the parts apart.
        fixed = {"schedule": 0, "shard": 1, "micro_batch": 1, "expert_tensor": 1, "virtual": 1, "context": 1}
        job = Job(4096.0, 2304.0)
        found = search(Space(DEEPSEEK, one, recipe("nvfp4"), job, chips, fixed, Habits(), Keeps()), keep=1)
        return float(found.seconds[0]) if found.fitting else math.inf

    whole = best(WHOLE)
    times = {role: best(one) / whole for role, one in HALF.items()}
    assert all(t >= 1 - 1e-12 for t in times.values())
    # With half the memory as well, the model fits on two racks only.
    assert times["accelerator"] == math.inf if chips == 72 else 1.2 < times["accelerator"] < 3.0
    assert times["scale_up_switch"] > 1.0
    assert (times["cpu"], times["dpu"]) == (1.0, 1.0)
    between = {times["nic"], times["fabric_switch"]}
    assert between == {1.0} if chips == 72 else max(between) > 1.0


def test_the_roof_is_the_dense_one_and_the_best_case_is_asked_for_by_name():
    assert WHOLE.chip.kernels["nvfp4"].rate_flop_per_s == 35e15
    dense, best = (parts(WHOLE, LLAMA, ONE_CHIP, p) for p in ("nvfp4", "nvfp4-best-case"))
    assert best["compute"] < dense["compute"]
    assert best["memory"] == dense["memory"]
