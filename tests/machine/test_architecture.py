"""Sizes of a model: parameters counted by hand, keys attended to counted one by one, and the work of a token."""

import csv
from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.chips import DATA
from headgate.machine.architecture import Architecture
from headgate.predict.models import architecture_of_row, reduced

from .units import DENSE, MIXTURE


def test_parameters_of_a_small_grouped_query_model_by_hand():
    a = Architecture("a", layers=2, hidden=8, heads=4, kv_heads=2, head_dim=3, ffn=10, vocab=11)
    attention = 8 * 12 + 2 * 8 * 6 + 12 * 8  # queries, keys and values, output
    assert a.attention_parameters == attention
    assert a.dense_ffn_parameters == 3 * 8 * 10
    assert a.parameters == 2 * (attention + 240) + 2 * 11 * 8
    assert replace(a, gated=False).dense_ffn_parameters == 2 * 8 * 10
    assert replace(a, tied=True).parameters == a.parameters - 11 * 8
    assert replace(a, value_dim=5).attention_parameters == 8 * 12 + 8 * 2 * (3 + 5) + 4 * 5 * 8


def test_parameters_of_latent_attention_by_hand():
    a = Architecture("a", 1, 16, 2, 2, 6, 10, 7, value_dim=4, attention="mla", q_rank=5, kv_rank=3, rope_dim=2)
    compressed = 16 * 5 + 5 * 2 * 6
    latent = 16 * (3 + 2) + 3 * 2 * ((6 - 2) + 4)
    assert a.attention_parameters == compressed + latent + 2 * 4 * 16
    assert replace(a, q_rank=0).attention_parameters == 16 * 2 * 6 + latent + 2 * 4 * 16


def test_parameters_of_a_mixture_by_hand():
    a = Architecture("a", 3, 8, 2, 2, 4, 10, 7, moe_layers=2, experts=6, topk=2, moe_ffn=5, shared_experts=1)
    expert = 3 * 8 * 5
    assert (a.expert_parameters, a.shared_parameters, a.dense_layers) == (expert, expert, 1)
    assert a.routed_parameters == 2 * 6 * expert
    assert a.moe_fixed_parameters == 2 * (expert + 8 * 6)
    dense = replace(a, layers=3, moe_layers=0, experts=0, topk=0, moe_ffn=0, shared_experts=0)
    assert a.parameters == dense.parameters - 2 * dense.dense_ffn_parameters + 2 * (7 * expert + 48)
    assert a.active_parameters == a.parameters - 2 * 4 * expert
    assert replace(a, shared_ffn=9).shared_width == 9


def test_deepseek_v3_has_the_parameters_of_its_report():
    # arXiv:2412.19437: 671 billion in all, 37 billion for each token.
    assert MIXTURE.parameters / 1e9 == pytest.approx(671, rel=0.005)
    assert MIXTURE.active_parameters / 1e9 == pytest.approx(37, rel=0.02)


def keys_seen(a: Architecture, tokens: int) -> float:
    """Mean keys of a causal query, half of its own counted, one query after the other."""
    place = np.arange(tokens) + 0.5
    full = np.minimum(place, a.sparse_topk) if a.sparse_topk else place
    near = np.minimum(place, a.window) if a.window else full
    return float((1 - a.window_share) * full.mean() + a.window_share * near.mean())


@given(tokens=st.integers(1, 3000), most=st.sampled_from([1, 128, 1000]), share=st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_keys_attended_to_are_those_counted_one_by_one(tokens, most, share):
    for limit in ({"window": most, "window_share": share}, {"sparse_topk": most}, {}):
        a = replace(DENSE, **limit)
        assert a.attended_tokens(tokens) == pytest.approx(keys_seen(a, tokens), abs=0.01 * tokens / most + 0.2)


@pytest.mark.parametrize("limit", [{"window": 128, "window_share": 1.0}, {"sparse_topk": 128}])
def test_a_limit_on_keys_begins_where_the_sequence_is_longer(limit):
    a = replace(DENSE, **limit)
    assert a.attended_tokens(128) == DENSE.attended_tokens(128) == 64
    assert a.attended_tokens(129) < DENSE.attended_tokens(129)
    assert a.attended_tokens(129) == pytest.approx(64.5, abs=0.01)
    assert a.attended_tokens(1e9) == pytest.approx(128)


def test_work_of_a_token_is_six_operations_for_each_parameter_that_multiplies():
    looked_up = DENSE.vocab * DENSE.hidden
    assert DENSE.train_flop_per_token(0) == 6 * (DENSE.parameters - looked_up)
    shared = replace(DENSE, tied=True)
    assert shared.train_flop_per_token(0) == DENSE.train_flop_per_token(0)
    # Scores and values: 2 x 2 x 128 operations for a key and head, forward, three times that with the backward pass.
    scores = DENSE.train_flop_per_token(4096) - DENSE.train_flop_per_token(0)
    assert scores == 3 * 4 * 128 * 32 * 32 * 2048


def test_only_experts_that_a_token_passes_count():
    more = replace(MIXTURE, experts=512)
    routers = MIXTURE.moe_layers * MIXTURE.hidden * 256
    assert more.parameters > 1.9 * MIXTURE.parameters
    assert more.train_flop_per_token(4096) == MIXTURE.train_flop_per_token(4096) + 6 * routers


@given(tokens=st.integers(1, 10**6), more=st.integers(1, 10**6))
def test_longer_sequences_never_take_less_work_for_a_token(tokens, more):
    for a in (DENSE, MIXTURE, replace(DENSE, window=128, window_share=0.5), replace(MIXTURE, sparse_topk=2048)):
        assert a.train_flop_per_token(tokens + more) >= a.train_flop_per_token(tokens)


def test_work_of_a_token_agrees_with_the_uniform_count_of_the_published_runs():
    with (DATA / "measured" / "training_runs.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["model_flop_per_token_causal"] and r["task"] == "pretrain"]
    apart = []
    for row in rows:
        a = architecture_of_row(row)
        if row["layers_run"] and int(row["layers_run"]) < a.layers:
            a = reduced(a, int(row["layers_run"]))
        apart.append(abs(a.train_flop_per_token(int(row["seq"])) / float(row["model_flop_per_token_causal"]) - 1))
    assert len(rows) > 150
    assert median(apart) < 0.01
    assert np.quantile(apart, 0.9) < 0.05
