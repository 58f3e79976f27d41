"""Peak memory of a chip in training: counted by hand, against published peaks, and what never takes more."""

import csv
from dataclasses import fields, replace
from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.chips import DATA
from headgate.machine.layout import Job, Layout
from headgate.machine.memory import (
    GIB,
    Keeps,
    Memory,
    layer_activation_bytes,
    stage_parameters,
    training_memory,
)
from headgate.machine.recipe import Recipe
from headgate.predict.runs import run_of_row
from headgate.predict.training import compute

from .draws import layouts
from .units import DENSE, FP8, MIXTURE

BF16 = Recipe("bf16", "bf16")
JOB = Job(sequence=4096.0, global_batch=512.0)


def total(a, layout, job=JOB, recipe=BF16, keeps=None):
    return float(training_memory(a, recipe, job, layout, keeps).total)


def test_states_of_one_chip_are_sixteen_bytes_a_parameter_and_two_for_its_gradient():
    # Rajbhandari et al. (2020): 2 for the weight, 12 for Adam; gradients here accumulate in four bytes.
    found = training_memory(DENSE, BF16, JOB, Layout())
    assert found.weights == 2 * DENSE.parameters
    assert found.gradients == 4 * DENSE.parameters
    assert found.optimizer == 12 * DENSE.parameters
    assert found.runtime == 1.0 * GIB
    assert found.total == sum(getattr(found, f.name) for f in fields(Memory))


def test_what_each_stage_of_sharding_divides():
    n = DENSE.parameters
    whole = [training_memory(DENSE, BF16, JOB, Layout(data=8, shard=s, shard_ranks=8)) for s in range(4)]
    assert [m.optimizer / n for m in whole] == [12, 1.5, 1.5, 1.5]
    assert [m.gradients / n for m in whole] == [4, 4, 0.5, 0.5]
    assert [m.weights / n for m in whole[:3]] == [2, 2, 2]
    # Of sharded weights two layers at a time are gathered.
    assert whole[3].weights == pytest.approx(2 * n * 2 / DENSE.layers)


def test_a_frozen_base_has_neither_gradients_nor_optimizer():
    found = training_memory(DENSE, BF16, replace(JOB, frozen=True), Layout())
    assert (found.gradients, found.optimizer) == (0.0, 0.0)
    assert found.weights == 2 * DENSE.parameters


def test_dualpipe_holds_the_weights_twice():
    plain, dual = (training_memory(DENSE, BF16, JOB, Layout(pipeline=8, schedule=s)) for s in (0, 2))
    assert dual.weights == 2 * plain.weights


def test_experts_are_divided_over_expert_ranks_and_their_states_over_what_is_left():
    held = Layout(data=64, expert=64, shard=1, shard_ranks=64)
    fixed, routed = stage_parameters(MIXTURE, held)
    assert routed == MIXTURE.routed_parameters / 64
    assert fixed == MIXTURE.parameters - MIXTURE.routed_parameters
    # Each expert lies on one rank only, so that its optimizer is divided no further.
    assert training_memory(MIXTURE, BF16, JOB, held).optimizer == pytest.approx(12 * (fixed / 64 + routed))


def test_the_fullest_stage_has_whole_layers_and_an_end():
    # 32 layers on 5 stages: one has 7. The embedding and the output lie on different stages.
    fixed, _ = stage_parameters(DENSE, Layout(pipeline=5))
    layer = (DENSE.parameters - DENSE.embedding_parameters) / 32
    assert fixed == pytest.approx(7 * layer + DENSE.vocab * DENSE.hidden)
    # An embedding that is shared lies on both ends.
    shared, _ = stage_parameters(replace(DENSE, tied=True), Layout(pipeline=5))
    assert shared == pytest.approx(fixed)
    alone, _ = stage_parameters(replace(DENSE, tied=True), Layout())
    assert alone == DENSE.parameters - DENSE.vocab * DENSE.hidden


def test_some_stage_has_experts_in_all_its_layers():
    # DeepSeek-V3 has three dense layers; 61 layers on 16 stages are 4 on the fullest, all with experts.
    _, routed = stage_parameters(MIXTURE, Layout(pipeline=16, expert=1))
    assert routed == pytest.approx(MIXTURE.routed_parameters * 4 / 58)


def test_activations_of_a_classic_block_as_korthikanti_counts_them():
    # arXiv:2205.05198: 34 s b h + 5 a s^2 b; theirs has dropout masks (2) and a GELU block of 4 h with 19 s b h.
    a = replace(DENSE, kv_heads=32, ffn=4 * 4096, gated=False)
    classic = layer_activation_bytes(a, BF16, replace(JOB, fused_attention=False), Layout())
    tokens, h = 4096, 4096
    # 8 h norms and inputs, 4 a d + 4 k d, 2 f before and 2 f after the activation, 4 a of the softmax's sums.
    ours = tokens * (8 * h + 4 * h + 4 * h + 4 * 4 * h + 4 * 32) + 5 * 32 * 4096 * tokens
    assert classic == pytest.approx(ours)
    assert classic == pytest.approx(tokens * h * (34 + 5 * 32 * 4096 / h), rel=0.02)


def test_activations_of_a_gated_layer_as_the_docstring_says():
    tokens = 4096 * 2 / 4
    found = layer_activation_bytes(DENSE, BF16, JOB, Layout(context=4, micro_batch=2))
    a, k, d = DENSE.heads, DENSE.kv_heads, DENSE.head_dim
    assert found == pytest.approx(tokens * (8 * 4096 + 4 * a * d + 4 * k * d + 6 * 14336 + 4 * a))


def test_inputs_kept_narrow_take_less():
    narrow = replace(BF16, saved_bytes=1.0)
    assert layer_activation_bytes(DENSE, narrow, JOB, Layout()) < layer_activation_bytes(DENSE, BF16, JOB, Layout())


def test_sequence_parallelism_divides_what_tensor_ranks_would_repeat():
    apart = training_memory(DENSE, BF16, JOB, Layout(tensor=8, sequence_parallel=1))
    repeated = training_memory(DENSE, BF16, JOB, Layout(tensor=8, sequence_parallel=0))
    tokens = 4096
    assert repeated.activations - apart.activations == pytest.approx(32 * tokens * 8 * 4096 * (1 - 1 / 8))


def test_full_recomputation_keeps_inputs_and_one_layer():
    found = training_memory(DENSE, BF16, JOB, Layout(recompute=2))
    one = layer_activation_bytes(DENSE, BF16, JOB, Layout())
    assert found.activations == pytest.approx(31 * 2 * 4096 * 4096 + one)


def test_logits_are_on_the_last_stage_and_held_once():
    single = training_memory(DENSE, BF16, JOB, Layout())
    assert single.logits == 4096 * DENSE.vocab * 6
    staged = training_memory(DENSE, BF16, JOB, Layout(pipeline=8))
    assert staged.logits == 0
    # With a vocabulary that outweighs eight micro-batches, the last stage is the fullest.
    wide = replace(DENSE, vocab=10_000_000)
    last = training_memory(wide, BF16, JOB, Layout(pipeline=8)).activations
    assert last == pytest.approx(4096 * 10_000_000 * 6 + staged.activations / 8)


@given(layout=layouts(), moe=st.booleans())
def test_more_sharding_never_takes_more(layout, moe):
    a = MIXTURE if moe else DENSE
    taken = [total(a, replace(layout, shard=s), recipe=FP8) for s in range(4)]
    assert all(more <= less * (1 + 1e-12) for less, more in pairwise(taken))
    base = total(a, layout)
    assert total(a, replace(layout, data=2 * layout.data, shard_ranks=2 * layout.shard_ranks)) <= base * (1 + 1e-12)
    assert total(a, replace(layout, context=2 * layout.context, shard_ranks=2 * layout.shard_ranks)) <= base * (
        1 + 1e-12
    )
    if layout.expert_tensor == 1:
        assert total(a, replace(layout, tensor=2 * layout.tensor)) <= base * (1 + 1e-12)


@given(layout=layouts())
def test_more_expert_ranks_never_take_more(layout):
    ranks = layout.data * layout.context * layout.tensor
    if ranks % (2 * layout.expert * layout.expert_tensor) == 0 and 2 * layout.expert <= 256:
        assert total(MIXTURE, replace(layout, expert=2 * layout.expert)) <= total(MIXTURE, layout) * (1 + 1e-12)


@given(layout=layouts(), moe=st.booleans(), share=st.floats(0.1, 1.0))
def test_recomputing_more_never_takes_more(layout, moe, share):
    a = MIXTURE if moe else DENSE
    keeps = Keeps(selective_share=share)
    none, selective, full = (total(a, replace(layout, recompute=r), keeps=keeps) for r in range(3))
    assert selective <= none
    assert full <= none


@given(layout=layouts(), more=st.integers(1, 4))
def test_longer_sequences_and_larger_micro_batches_never_take_less(layout, more):
    base = total(DENSE, layout)
    assert total(DENSE, layout, replace(JOB, sequence=JOB.sequence * more)) >= base
    one_round = replace(JOB, global_batch=JOB.global_batch * more)  # as many micro-batches as before
    assert total(DENSE, replace(layout, micro_batch=layout.micro_batch * more), one_round) >= base


def test_arrays_of_layouts_agree_with_single_ones():
    many = Layout(
        tensor=np.array([1.0, 8.0, 2.0]),
        pipeline=np.array([1.0, 4.0, 16.0]),
        data=np.array([8.0, 2.0, 4.0]),
        expert=np.array([8.0, 2.0, 1.0]),
        shard=np.array([3.0, 1.0, 0.0]),
        shard_ranks=np.array([8.0, 2.0, 4.0]),
        recompute=np.array([0.0, 1.0, 2.0]),
        schedule=np.array([0.0, 1.0, 2.0]),
    )
    whole = training_memory(MIXTURE, FP8, JOB, many).total
    assert whole.shape == (3,)
    for place in range(3):
        assert total(MIXTURE, many.take(place), recipe=FP8) == pytest.approx(whole[place], rel=1e-12)


def test_published_peaks_are_met_within_three_percent():
    with (DATA / "measured" / "training_runs.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["peak_mem_gib"]]
    apart = [abs(compute(run_of_row(r)).peak_bytes / GIB / float(r["peak_mem_gib"]) - 1) for r in rows]
    assert len(apart) >= 18
    assert median(apart) < 0.03
    assert max(apart) < 0.15
