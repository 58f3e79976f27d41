"""Serving formulas: what must hold on any machine."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.machine.architecture import Architecture
from headgate.machine.decode import accepted_tokens, cache_bytes_per_token, decode_pass, kept_tokens
from headgate.machine.hardware import Machine
from headgate.machine.prefill import prompt_pass
from headgate.machine.serving import (
    Load,
    aggregated,
    memory_bytes_per_chip,
    offline,
    running_limit,
    weight_bytes_per_chip,
)
from headgate.machine.serving_layers import exchange, reached_ranks, reduce_seconds, touched_experts
from headgate.machine.serving_parts import Engine, Pass, ServingLayout

from .units import DENSE, FP8, MIXTURE, Units

MACHINE = Units().machine()
ENGINE = Engine()
WIDE = ServingLayout(1, 64, 1, 64, 1)
CHAT = Load(1024.0, 512.0)
SERVED = [(DENSE, ServingLayout()), (DENSE, ServingLayout(8)), (MIXTURE, WIDE), (MIXTURE, ServingLayout(8, 1, 1, 1, 8))]
requests = st.floats(1.0, 4000.0)
lengths = st.floats(16.0, 30000.0)


def with_chip(**changed: float) -> Machine:
    return replace(MACHINE, chip=replace(MACHINE.chip, **changed))


def with_rate(factor: float) -> Machine:
    kernels = {k: replace(v, rate_flop_per_s=v.rate_flop_per_s * factor) for k, v in MACHINE.chip.kernels.items()}
    return replace(MACHINE, chip=replace(MACHINE.chip, kernels=kernels))


def with_links(factor: float) -> Machine:
    links = {
        name: replace(getattr(MACHINE, name), bytes_per_s=getattr(MACHINE, name).bytes_per_s * factor)
        for name in ("scale_up", "scale_out")
    }
    return replace(MACHINE, **links)


def step(a: Architecture, machine: Machine, layout: ServingLayout, n: float, context: float = 2000.0) -> float:
    return float(decode_pass(a, machine, FP8, layout, ENGINE, n, context).total)


def prompt(a: Architecture, machine: Machine, layout: ServingLayout, tokens: float) -> float:
    return float(prompt_pass(a, machine, FP8, layout, ENGINE, tokens).total)


@pytest.mark.parametrize(("a", "layout"), SERVED)
@given(n=requests, factor=st.floats(1.0, 10.0))
def test_a_better_part_never_slows_a_step_or_a_prompt(a: Architecture, layout: ServingLayout, n: float, factor: float):
    faster = with_chip(memory_bytes_per_s=MACHINE.chip.memory_bytes_per_s * factor)
    for better in (faster, with_rate(factor), with_links(factor)):
        assert step(a, better, layout, n) <= step(a, MACHINE, layout, n) * (1 + 1e-9)
        assert prompt(a, better, layout, 16 * n) <= prompt(a, MACHINE, layout, 16 * n) * (1 + 1e-9)


@pytest.mark.parametrize(("a", "layout"), SERVED)
@given(clients=requests, factor=st.floats(1.0, 5.0))
def test_more_memory_never_lowers_what_clients_get(
    a: Architecture, layout: ServingLayout, clients: float, factor: float
):
    more = with_chip(memory_bytes=MACHINE.chip.memory_bytes * factor)
    now, then = (aggregated(a, m, FP8, layout, ENGINE, CHAT, clients) for m in (MACHINE, more))
    assert then.output_tokens_per_s >= now.output_tokens_per_s * (1 - 1e-9)
    assert then.ttft_seconds <= now.ttft_seconds + 1e-9 or then.running > now.running


@pytest.mark.parametrize(("a", "layout"), SERVED)
@given(n=requests, short=lengths, factor=st.floats(1.0, 4.0))
def test_a_longer_context_is_never_faster(
    a: Architecture, layout: ServingLayout, n: float, short: float, factor: float
):
    assert step(a, MACHINE, layout, n, short * factor) >= step(a, MACHINE, layout, n, short) * (1 - 1e-9)
    assert prompt(a, MACHINE, layout, short * factor) >= prompt(a, MACHINE, layout, short) * (1 - 1e-9)


@pytest.mark.parametrize(("a", "layout"), SERVED)
@given(n=requests, factor=st.floats(1.0, 4.0))
def test_more_requests_slow_each_but_serve_more(a: Architecture, layout: ServingLayout, n: float, factor: float):
    few, many = (offline(a, MACHINE, FP8, layout, ENGINE, CHAT, x) for x in (n, n * factor))
    assert many.tpot_seconds >= few.tpot_seconds * (1 - 1e-9)
    assert many.output_tokens_per_s >= few.output_tokens_per_s * (1 - 1e-9)


@pytest.mark.parametrize("a", [DENSE, MIXTURE])
@given(n=requests)
def test_one_chip_communicates_with_nobody(a: Architecture, n: float):
    assert decode_pass(a, MACHINE, FP8, ServingLayout(), ENGINE, n, 1000.0).communication == 0
    assert prompt_pass(a, MACHINE, FP8, ServingLayout(), ENGINE, n).communication == 0


def test_a_reduce_over_two_domains_costs_more_than_inside_one_and_one_rank_nothing():
    times = [float(reduce_seconds(1e6, n, MACHINE, 0.5)) for n in (1, 8, 16)]
    assert times[0] == 0
    assert times[1] < times[2]


def test_a_limit_on_domains_and_handing_on_save_the_fabric():
    free = replace(MIXTURE, group_limit=0)
    layout = ServingLayout(1, 128, 1, 128, 1)

    def mixed(a: Architecture, handed_on: bool) -> float:
        return float(exchange(a, MACHINE, FP8, layout, ENGINE, 16384.0, 1.0, handed_on)[1])

    assert mixed(MIXTURE, True) < mixed(free, True) < mixed(free, False)


@given(experts=st.integers(1, 512), share=st.floats(0.001, 1.0), tokens=st.floats(1.0, 1e5))
def test_touched_experts_lie_between_those_of_one_token_and_all(experts: int, share: float, tokens: float):
    topk = max(1, int(experts * share))
    touched = float(touched_experts(experts, topk, tokens))
    assert touched <= experts * (1 + 1e-9)
    assert touched <= topk * tokens + 1e-6
    assert touched >= topk * (1 - 1e-6)


def test_a_token_never_reaches_more_ranks_than_it_has_experts_or_there_are():
    ranks = np.array([1.0, 2.0, 8.0, 320.0])
    reached = reached_ranks(ranks, 8)
    assert (reached <= np.minimum(ranks, 8) + 1e-9).all()
    assert reached[0] == 1.0


@pytest.mark.parametrize(
    ("drafts", "chance", "expected"),
    [(0, 0.9, 1.0), (1, 0.0, 1.0), (1, 0.7, 1.7), (2, 0.5, 1.75), (3, 1.0, 4.0), (3, 1 - 1e-9, 4.0)],
)
def test_accepted_tokens_at_the_edges(drafts: int, chance: float, expected: float):
    assert float(accepted_tokens(drafts, chance)) == pytest.approx(expected)


def test_draft_tokens_pay_when_the_step_is_bound_by_memory_and_are_all_accepted():
    plain, drafted = Load(1024.0, 512.0), Load(1024.0, 512.0, draft_tokens=1, acceptance=1.0)
    slow, quick = (offline(DENSE, MACHINE, FP8, ServingLayout(), ENGINE, x, 4.0) for x in (plain, drafted))
    assert quick.tpot_seconds < slow.tpot_seconds
    never = replace(drafted, acceptance=0.0)
    assert offline(DENSE, MACHINE, FP8, ServingLayout(), ENGINE, never, 4.0).tpot_seconds > slow.tpot_seconds


def test_window_keeps_its_tokens_on_its_share_of_layers():
    half = replace(DENSE, window=128, window_share=0.5)
    assert float(kept_tokens(half, 128)) == 128
    assert float(kept_tokens(half, 4128)) == 0.5 * 4128 + 0.5 * 128
    assert float(kept_tokens(DENSE, 4128)) == 4128


def test_heads_are_split_down_to_one_and_a_latent_never():
    assert float(cache_bytes_per_token(DENSE, 8, 2.0)) == float(cache_bytes_per_token(DENSE, 1, 2.0)) / 8
    assert float(cache_bytes_per_token(DENSE, 32, 2.0)) == float(cache_bytes_per_token(DENSE, 8, 2.0))
    assert float(cache_bytes_per_token(MIXTURE, 8, 2.0)) == (512 + 64) * 2.0


def test_weights_of_all_chips_hold_the_model_once_when_everything_is_split():
    eight = ServingLayout(8, 1, 1, 8, 1)
    whole = float(weight_bytes_per_chip(MIXTURE, FP8, ServingLayout()))
    assert 8 * float(weight_bytes_per_chip(MIXTURE, FP8, eight)) == pytest.approx(whole)
    assert whole == pytest.approx(MIXTURE.parameters + MIXTURE.embedding_parameters)


def test_what_fits_is_what_memory_holds():
    limit = float(running_limit(DENSE, MACHINE, FP8, ServingLayout(), CHAT))
    assert limit > 1
    held = float(memory_bytes_per_chip(DENSE, FP8, ServingLayout(), CHAT, limit))
    assert held == pytest.approx(MACHINE.chip.memory_bytes * 0.95)
    assert float(running_limit(MIXTURE, MACHINE, FP8, ServingLayout(), CHAT)) == 0


def test_clients_beyond_memory_wait_their_turn():
    limit = float(running_limit(DENSE, MACHINE, FP8, ServingLayout(), CHAT))
    full, over = (aggregated(DENSE, MACHINE, FP8, ServingLayout(), ENGINE, CHAT, n) for n in (limit, 2 * limit))
    assert over.output_tokens_per_s == pytest.approx(float(full.output_tokens_per_s))
    cycle = float(full.ttft_seconds + (CHAT.output - 1) * full.tpot_seconds)
    assert float(over.ttft_seconds - full.ttft_seconds) == pytest.approx(cycle)


def test_littles_law_holds_for_the_closed_loop():
    served = aggregated(DENSE, MACHINE, FP8, ServingLayout(), ENGINE, CHAT, np.array([1.0, 16.0, 5000.0]))
    cycle = served.ttft_seconds + (CHAT.output - 1) * served.tpot_seconds
    assert np.allclose(served.output_tokens_per_s * cycle / CHAT.output, [1.0, 16.0, 5000.0])


def test_arrays_give_what_single_calls_give():
    layouts = ServingLayout(np.array([1.0, 8.0]), 1.0, 1.0, np.array([1.0, 8.0]), 1.0)
    together = decode_pass(MIXTURE, MACHINE, FP8, layouts, ENGINE, np.array([3.0, 300.0]), 700.0).total
    alone = [step(MIXTURE, MACHINE, ServingLayout(t, 1, 1, t, 1), n, 700.0) for t, n in ((1, 3.0), (8, 300.0))]
    assert np.allclose(together, alone)


def test_a_best_case_roof_is_visible_and_weights_without_a_format_are_multiplied_in_bf16():
    best = replace(FP8, roof_factor=50 / 35)
    assert (
        prompt_pass(DENSE, MACHINE, best, ServingLayout(), ENGINE, 8192.0).compute
        < prompt_pass(DENSE, MACHINE, FP8, ServingLayout(), ENGINE, 8192.0).compute
    )
    lacking = replace(MACHINE, chip=replace(MACHINE.chip, kernels={"bf16": MACHINE.chip.kernels["bf16"]}))
    wide = replace(FP8, format="bf16", quantize_bytes=0.0)
    assert prompt(DENSE, lacking, ServingLayout(), 4096.0) == float(
        prompt_pass(DENSE, MACHINE, wide, ServingLayout(), ENGINE, 4096.0).total
    )


def test_passes_add_and_scale_by_part():
    both = Pass(1.0, 2.0, 3.0, 4.0) + Pass(10.0, 20.0, 30.0, 40.0) * 2
    assert (both.compute, both.memory, both.communication, both.floor) == (21.0, 42.0, 63.0, 84.0)
    assert both.total == 210.0
