"""Time of a training step: work against the model's own count, what each part of a machine does, what never hurts."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.kernels import gemm_seconds
from headgate.machine.layout import Job, Layout
from headgate.machine.recipe import Recipe
from headgate.machine.training import Habits, Step, step_seconds

from .draws import JOBS, layouts
from .units import DENSE, FP8, MIXTURE, ONE

BF16 = Recipe("bf16", "bf16")
JOB = Job(sequence=4096.0, global_batch=512.0)
MACHINE = ONE.machine(8)
SHORT = Job(sequence=1024.0, global_batch=512.0, fused_attention=False)
QUIET = Habits(jitter=0.0, step_seconds=0.0)
EXACT = 1 + 1e-12
ALONE = Layout()
MORE = st.floats(1.0, 30.0)
MODELS = (
    DENSE,
    MIXTURE,
    replace(DENSE, gated=False, tied=True, kv_heads=32, window=128, window_share=0.5),
    replace(DENSE, moe_layers=32, experts=256, topk=2, moe_ffn=4096, ffn=0),
)


def perfect(machine: Machine = MACHINE, attention_limit: float = 0.8) -> Machine:
    """Return a machine whose kernels run at 0.8 of the roof whatever the shape."""
    exact = {
        name: replace(k, efficiency_limit=0.8, m_half=0.0, n_half=0.0, k_half=0.0, floor_seconds=0.0)
        for name, k in machine.chip.kernels.items()
    }
    chip = replace(machine.chip, kernels=exact, attention_limit=attention_limit, attention_half=0.0)
    return replace(machine, chip=replace(chip, memory_bytes_per_s=1e20))


def better(machine: Machine, rate=1.0, attention=1.0, memory=1.0, up=1.0, out=1.0) -> Machine:
    """Return the machine with more of something."""
    kernels = {n: replace(k, rate_flop_per_s=k.rate_flop_per_s * rate) for n, k in machine.chip.kernels.items()}
    chip = replace(
        machine.chip,
        kernels=kernels,
        attention_limit=machine.chip.attention_limit * attention,
        memory_bytes_per_s=machine.chip.memory_bytes_per_s * memory,
    )
    near, far = machine.scale_up, machine.scale_out
    return replace(
        machine,
        chip=chip,
        scale_up=replace(near, bytes_per_s=near.bytes_per_s * up),
        scale_out=replace(far, bytes_per_s=far.bytes_per_s * out),
    )


def parts(step: Step) -> dict[str, float]:
    return {f.name: float(getattr(step, f.name)) for f in fields(Step)}


def step(a: Architecture = DENSE, layout: Layout = ALONE, job: Job = JOB, machine: Machine = MACHINE, **more) -> Step:
    return step_seconds(a, machine, more.pop("recipe", BF16), job, layout, more.pop("habits", None))


@given(a=st.sampled_from(MODELS), layout=layouts(), sequence=st.sampled_from([1024.0, 8192.0]))
def test_perfect_kernels_take_the_work_of_the_model_over_their_rate(a, layout, sequence):
    # Latent attention has heads of another width, on which the rate of attention depends.
    a = replace(a, head_dim=128, value_dim=128)
    job = replace(JOB, sequence=sequence)
    habits = replace(QUIET, attention_backward=2.0)
    found = step_seconds(a, perfect(), BF16, job, replace(layout, recompute=0), habits)
    work = a.train_flop_per_token(sequence)
    if a.attention == "mla":
        # Every tensor rank computes the latent vectors whole.
        work += 6 * a.layers * a.hidden * (a.q_rank + a.kv_rank + a.rope_dim) * (layout.tensor - 1)
    work *= sequence * job.global_batch
    assert float(found.compute) * layout.chips * 0.8 * 1e15 == pytest.approx(work, rel=1e-9)


def test_imbalance_stretches_routed_experts_alone():
    layout = Layout(data=8, expert=8)
    even, uneven = (step(MIXTURE, layout, replace(JOB, imbalance=i), perfect(), habits=QUIET) for i in (1.0, 1.5))
    tokens = JOB.sequence * JOB.global_batch / 8
    routed = 6 * MIXTURE.moe_layers * MIXTURE.topk * MIXTURE.expert_parameters * tokens
    assert float(uneven.compute - even.compute) * 0.8 * 1e15 == pytest.approx(0.5 * routed)


@given(
    a=st.sampled_from(MODELS),
    job=JOBS,
    layout=layouts(),
    recipe=st.sampled_from([BF16, FP8]),
    part=st.sampled_from(["rate", "attention", "memory", "up", "out"]),
    more=MORE,
    slow=st.sampled_from([1.0, 0.03]),
)
@example(MIXTURE, SHORT, Layout(pipeline=2, data=2, shard=3, shard_ranks=2), BF16, "rate", 2.0, 1.0)
@example(DENSE, SHORT, Layout(8, 16, 2, 64, shard_ranks=128, schedule=2), BF16, "attention", 2.0, 1.0)
@example(DENSE, SHORT, Layout(pipeline=16, data=8, schedule=1), BF16, "rate", 4.0, 10.0)
def test_more_of_anything_never_makes_a_step_slower(a, job, layout, recipe, part, more, slow):
    machine = better(MACHINE, rate=slow)
    base = step_seconds(a, machine, recipe, job, layout)
    faster = step_seconds(a, better(machine, **{part: more}), recipe, job, layout)
    assert float(faster.total) <= float(base.total) * EXACT
    assert all(value >= 0.0 for value in parts(base).values())
    assert np.isfinite(float(base.total))


@pytest.mark.parametrize("schedule", [0, 1, 2])
def test_a_chip_that_waits_for_its_host_has_no_longer_bubble_for_being_faster(schedule):
    # Launching takes ten times the work: the half of the backward that fills a bubble is then launching too.
    layout = Layout(pipeline=16, data=8, schedule=schedule)
    times = [
        float(step(DENSE, layout, replace(JOB, global_batch=256.0), better(MACHINE, rate=r)).total)
        for r in (5.0, 10.0, 20.0, 40.0)
    ]
    assert times == sorted(times, reverse=True)


@given(a=st.sampled_from(MODELS), job=JOBS, micro=st.sampled_from([1, 2, 4]), recompute=st.integers(0, 2))
def test_one_chip_neither_communicates_nor_waits_for_others(a, job, micro, recompute):
    alone = parts(step(a, Layout(micro_batch=micro, recompute=recompute), job))
    assert (alone["communication"], alone["bubble"], alone["jitter"]) == (0.0, 0.0, 0.0)
    assert alone["compute"] > 0
    # Nothing of the network is looked at.
    assert alone == parts(
        step(a, Layout(micro_batch=micro, recompute=recompute), job, better(MACHINE, up=0.1, out=0.1))
    )


@given(a=st.sampled_from(MODELS), layout=layouts())
def test_one_stage_has_no_bubble(a, layout):
    assert parts(step(a, replace(layout, pipeline=1, virtual=1, schedule=0)))["bubble"] == 0.0


@pytest.mark.parametrize(
    ("layout", "changed"),
    [
        (Layout(tensor=8), "up"),
        (Layout(tensor=16), "both"),  # wider than the domain of eight
        (Layout(data=8, shard=1, shard_ranks=8), "up"),
        (Layout(data=64, shard=1, shard_ranks=64), "both"),  # gathers run inside a node and between nodes
        (Layout(data=8, expert=8), "up"),
        (Layout(data=64, expert=64), "both"),
        (Layout(pipeline=8), "up"),
        (Layout(tensor=8, pipeline=4), "both"),
        (Layout(tensor=4, pipeline=4), "both"),  # two stages share a node, but the second border is between nodes
        (Layout(tensor=4, pipeline=2), "up"),
        (Layout(context=8, shard_ranks=8), "up"),
    ],
)
def test_which_link_each_way_of_sharing_uses(layout, changed):
    a = MIXTURE if layout.expert > 1 else DENSE
    # Attention is taken to be so fast that it hides no ring, and data exchange is hidden by nothing.
    machine = better(MACHINE, rate=1e3, memory=1e3)
    job = replace(JOB, data_overlap=0.0, global_batch=64.0)
    base = parts(step(a, layout, job, machine, habits=QUIET))["communication"]
    slower = {
        link: parts(step(a, layout, job, better(machine, **{link: 0.5}), habits=QUIET))["communication"] > base * EXACT
        for link in ("up", "out")
    }
    assert slower == {"up": changed in ("up", "both"), "out": changed in ("out", "both")}


def test_a_token_crosses_to_another_node_once_for_all_its_experts_there():
    layout, wide = Layout(data=64, expert=64), replace(MIXTURE, group_limit=0)
    far = better(MACHINE, up=1e6, rate=1e6, memory=1e6)
    limited, free = (parts(step(a, layout, machine=far))["communication"] for a in (MIXTURE, wide))
    # Four groups instead of the 5.25 of eight nodes that eight draws reach.
    assert limited < free


def test_hiding_communication_leaves_what_it_takes_from_the_work():
    layout = Layout(tensor=8)
    shown = {
        o: parts(step(layout=layout, job=replace(JOB, tensor_overlap=o)))["communication"] for o in (0.0, 0.5, 1.0)
    }
    share = Habits().contention
    assert shown[1.0] == pytest.approx(share * shown[0.0])
    assert shown[0.5] == pytest.approx((1 + share) / 2 * shown[0.0])


def test_recomputing_everything_is_another_forward_and_with_fused_attention_selective_costs_nothing():
    none, selective, full = (parts(step(layout=Layout(recompute=r), machine=perfect(), habits=QUIET)) for r in range(3))
    assert selective == none
    assert full["compute"] > none["compute"]
    assert full["memory"] > none["memory"]
    unfused = replace(JOB, fused_attention=False)
    none, selective = (parts(step(layout=Layout(recompute=r), job=unfused)) for r in range(2))
    assert selective["compute"] > none["compute"]


def test_a_frozen_base_has_no_weight_gradients_nor_their_exchange():
    layout = Layout(data=8)
    trained, frozen = (
        parts(step(layout=layout, job=replace(JOB, frozen=f), machine=perfect(attention_limit=1e9)))
        for f in (False, True)
    )
    assert frozen["compute"] == pytest.approx(trained["compute"] * 2 / 3, rel=1e-3)
    assert trained["communication"] > frozen["communication"] == 0.0


def test_even_stages_wait_the_bubble_of_the_schedule_and_uneven_ones_longer():
    # The output is left out, so that 32 layers on 8 stages are even.
    a = replace(DENSE, vocab=0)
    for virtual in (1, 2, 4):
        found = parts(step(a, Layout(pipeline=8, virtual=virtual), machine=perfect(), habits=QUIET))
        busy = found["compute"] + found["memory"] + found["communication"] + found["host"]
        sends = 0.02  # sending between stages is not in the bubble
        assert found["bubble"] == pytest.approx(7 * busy / 512 / virtual, rel=sends)
    uneven = parts(step(replace(a, layers=33), Layout(pipeline=8), machine=perfect(), habits=QUIET))
    # One stage has five layers, the others have four and an eighth on the mean.
    assert uneven["bubble"] / uneven["compute"] > 5 / 4.125 - 1


def test_jitter_takes_its_share_for_each_doubling_beyond_eight_chips():
    for data, doublings in ((1, 0), (8, 0), (16, 1), (64, 3)):
        found = parts(step(layout=Layout(data=data), habits=Habits(jitter=0.01)))
        rest = sum(found.values()) - found["jitter"]
        assert found["jitter"] == pytest.approx(0.01 * doublings * rest)


def test_the_host_is_waited_for_only_where_launching_outlasts_the_work():
    habits = replace(QUIET, host_seconds=5e-3)
    quick, long = (
        parts(step(job=replace(JOB, sequence=s, global_batch=1.0), habits=habits))["host"] for s in (64.0, 65536.0)
    )
    layers = DENSE.layers * habits.host_seconds
    assert 0.5 * layers < quick < layers
    assert long < 1e-3 * layers
    captured = parts(step(job=replace(JOB, captured=True)))
    assert captured["host"] == Habits().step_seconds


def test_immature_software_costs_experts_alone():
    old, new = replace(JOB, immaturity=10.0), replace(JOB, immaturity=1.0)
    assert parts(step(DENSE, job=old)) == parts(step(DENSE, job=new))
    assert parts(step(MIXTURE, job=old))["host"] > parts(step(MIXTURE, job=new))["host"]


def test_a_best_case_roof_speeds_the_narrow_multiplications_up_and_nothing_else():
    dense = Recipe("nvfp4", "nvfp4", weight_bytes=0.5)
    plain, best = (
        parts(step(machine=perfect(), recipe=r, habits=QUIET)) for r in (dense, replace(dense, roof_factor=2.0))
    )
    assert plain["memory"] == best["memory"]
    tokens = JOB.sequence * JOB.global_batch
    narrow = 6 * (DENSE.parameters - DENSE.embedding_parameters) * tokens / 0.8e15
    assert plain["compute"] - best["compute"] == pytest.approx(narrow / 2)


def test_narrow_formats_pay_for_quantizing_and_leave_the_output_wide():
    free = replace(FP8, quantize_bytes=0.0)
    paid, unpaid = (parts(step(recipe=r)) for r in (FP8, free))
    assert paid["memory"] > unpaid["memory"]
    assert paid["compute"] == unpaid["compute"]
    slow_bf16 = better(MACHINE)
    kernels = {**MACHINE.chip.kernels, "bf16": replace(MACHINE.chip.kernels["bf16"], rate_flop_per_s=1e14)}
    slow_bf16 = replace(MACHINE, chip=replace(MACHINE.chip, kernels=kernels))
    assert parts(step(machine=slow_bf16, recipe=FP8))["compute"] > parts(step(recipe=FP8))["compute"]


def test_a_format_that_the_chip_lacks_is_a_key_error_and_never_a_default():
    with pytest.raises(KeyError, match="fp6"):
        step(recipe=Recipe("fp6", "fp6"))


def test_fully_sharded_weights_are_gathered_for_every_micro_batch():
    once, always = (
        parts(step(layout=Layout(data=64, shard=s, shard_ranks=64), job=replace(JOB, data_overlap=0.0)))[
            "communication"
        ]
        for s in (1, 3)
    )
    # Eight micro-batches, three gathers each instead of two in all.
    assert always == pytest.approx(once * 8 * 3 / 2)


def test_the_optimizer_reads_only_its_share():
    memory = {s: parts(step(layout=Layout(data=8, shard=s, shard_ranks=8)))["memory"] for s in (0, 1)}
    bandwidth = MACHINE.chip.memory_bytes_per_s * MACHINE.chip.stream_efficiency
    whole = DENSE.parameters * Habits().optimizer_bytes / bandwidth
    assert memory[0] - memory[1] == pytest.approx(whole * 7 / 8)


@given(a=st.sampled_from(MODELS), some=st.lists(layouts(), min_size=2, max_size=6), job=JOBS)
def test_arrays_of_layouts_agree_with_single_ones(a, some, job):
    columns = {f.name: np.array([float(getattr(one, f.name)) for one in some]) for f in fields(Layout)}
    whole = step_seconds(a, MACHINE, BF16, job, Layout(**columns))
    for place, one in enumerate(some):
        single = parts(step_seconds(a, MACHINE, BF16, job, one))
        for name, value in single.items():
            found = np.broadcast_to(getattr(whole, name), len(some))[place]
            assert found == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(a=st.sampled_from(MODELS), layout=layouts(), job=JOBS, more=st.integers(2, 4))
def test_a_larger_batch_never_takes_less_time_nor_more_for_each_sequence(a, layout, job, more):
    base = float(step_seconds(a, MACHINE, BF16, job, layout).total)
    larger = float(step_seconds(a, MACHINE, BF16, replace(job, global_batch=job.global_batch * more), layout).total)
    assert base <= larger * EXACT
    assert larger <= base * more * EXACT


def test_a_single_multiplication_is_the_kernels():
    # One layer without gate and with attention that costs nothing: four multiplications and the output.
    a = Architecture("a", 1, 4096, 32, 32, 128, 16384, 32000, gated=False)
    machine = replace(MACHINE, chip=replace(MACHINE.chip, attention_limit=1e12))
    k, bandwidth = machine.chip.kernels["bf16"], machine.chip.memory_bytes_per_s
    shapes = [(4096, 3 * 4096, 4096), (4096, 4096, 4096), (4096, 16384, 4096), (4096, 4096, 16384), (4096, 32000, 4096)]
    once = sum(float(gemm_seconds(*shape, k, bandwidth)) for shape in shapes)
    found = step(a, job=replace(JOB, global_batch=2.0), machine=machine)
    assert float(found.compute) == pytest.approx(2 * 3 * once, rel=1e-6)
