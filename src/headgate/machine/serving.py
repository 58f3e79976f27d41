"""What a copy of a model serves: batch by memory, mixed and separate prompts and decoding, and rates."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.decode import accepted_tokens, cache_bytes_per_token, decode_pass, kept_tokens
from headgate.machine.hardware import Machine
from headgate.machine.prefill import prompt_pass
from headgate.machine.recipe import Recipe
from headgate.machine.serving_parts import Engine, Pass, ServingLayout

# Set so that the published runs that waited for a place do so here, and those that did not, do not.
USABLE_MEMORY = 0.95  # share of memory that engines take for weights and cache
RESERVE_BYTES = 3e9  # buffers, captured graphs, libraries


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of one copy of a model.

    Args:
        prompt: Tokens of a prompt, over 0.
        output: Tokens of an answer, 1 or more.
        cache_bytes: Bytes of one cached element: 2 for bf16, 1 for fp8.
        draft_tokens: Tokens tried beyond the sure one in each step.
        acceptance: Chance that a draft token is accepted, 0 to 1.
        imbalance: Load of the busiest expert chip over the mean, 1 or more.
        wide_attention: The checkpoint keeps attention in bf16 and narrows only the experts.
    """

    prompt: float
    output: float
    cache_bytes: float = 2.0
    draft_tokens: int = 0
    acceptance: float = 0.7
    imbalance: float = 1.0
    wide_attention: bool = False


@dataclass(frozen=True, slots=True)
class Steady:
    """Steady state of one copy; every field has the broadcast shape.

    Args:
        running: Requests that run at once.
        tpot_seconds: Mean time between two tokens of a request after its first.
        ttft_seconds: Mean time from arrival to the first token.
        output_tokens_per_s, input_tokens_per_s: Of the copy.
        step: One decode step by part.
        prompt_seconds: Time that one request's prompt takes from the copy.
    """

    running: Any
    tpot_seconds: Any
    ttft_seconds: Any
    output_tokens_per_s: Any
    input_tokens_per_s: Any
    step: Pass
    prompt_seconds: Any


def weight_bytes_per_chip(a: Architecture, recipe: Recipe, layout: ServingLayout, wide_attention: bool = False) -> Any:
    """Bytes of weights that each chip of a copy holds.

    Attention, dense and shared blocks are split over `tensor`, experts over `expert * expert_tensor`, layers over
    `pipeline`. Embedding and output stay in bf16.

    Example:
        >>> llama = Architecture("x", 32, 4096, 32, 8, 128, 14336, 128256)
        >>> fp8 = Recipe("fp8", "fp8", weight_bytes=1.0)
        >>> round(float(weight_bytes_per_chip(llama, fp8, ServingLayout())) / 1e9, 2)
        9.08
    """
    attention = a.layers * a.attention_parameters * (2.0 if wide_attention else recipe.weight_bytes)
    narrow = a.dense_layers * a.dense_ffn_parameters + a.moe_fixed_parameters
    split = attention + narrow * recipe.weight_bytes
    routed = a.routed_parameters * recipe.weight_bytes / (layout.expert * layout.expert_tensor)
    return (split / layout.tensor + routed) / layout.pipeline + a.embedding_parameters * 2.0 / layout.tensor


def request_bytes_per_chip(a: Architecture, load: Load, layout: ServingLayout, tokens: Any) -> Any:
    """Bytes of cache that one request of `tokens` tokens takes on a chip that serves it."""
    each = cache_bytes_per_token(a, layout.tensor, load.cache_bytes)
    index = a.rope_dim * 2.0 if a.sparse_topk else 0.0
    return (each + index) * kept_tokens(a, tokens) * a.layers / layout.pipeline


def running_limit(a: Architecture, machine: Machine, recipe: Recipe, layout: ServingLayout, load: Load) -> Any:
    """Requests that one copy holds at once, at their mean length; below 1 when the model does not fit.

        data * (memory * usable - reserve - weights) / cache of one request at mid-answer

    Engines hand out the cache page by page, so that running requests take what they have, not what they may need.
    """
    room = machine.chip.memory_bytes * USABLE_MEMORY - RESERVE_BYTES
    free = room - weight_bytes_per_chip(a, recipe, layout, load.wide_attention)
    one = request_bytes_per_chip(a, load, layout, load.prompt + load.output / 2.0)
    return np.maximum(free, 0.0) / one * layout.data


def memory_bytes_per_chip(a: Architecture, recipe: Recipe, layout: ServingLayout, load: Load, running: Any) -> Any:
    """Bytes that a chip of the copy holds with `running` requests at mid-answer: weights, cache, and buffers."""
    cache = request_bytes_per_chip(a, load, layout, load.prompt + load.output / 2.0) * running / layout.data
    return weight_bytes_per_chip(a, recipe, layout, load.wide_attention) + cache + RESERVE_BYTES


def decode_step(
    a: Architecture, machine: Machine, recipe: Recipe, layout: ServingLayout, engine: Engine, load: Load, running: Any
) -> Pass:
    """Return one decode step at mid-answer, by part."""
    return decode_pass(
        a,
        machine,
        recipe,
        layout,
        engine,
        running,
        load.prompt + load.output / 2.0,
        cache_bytes=load.cache_bytes,
        draft_tokens=load.draft_tokens,
        imbalance=load.imbalance,
        wide_attention=load.wide_attention,
    )


def prompt_seconds(
    a: Architecture, machine: Machine, recipe: Recipe, layout: ServingLayout, engine: Engine, load: Load, running: Any
) -> tuple[Any, Any]:
    """Return seconds of a prompt read alone, and of a prompt's share when as many are read together as fit a chunk."""

    def seconds(prompts: Any) -> Any:
        return prompt_pass(
            a,
            machine,
            recipe,
            layout,
            engine,
            load.prompt,
            prompts,
            imbalance=load.imbalance,
            wide_attention=load.wide_attention,
        ).total

    alone = seconds(1.0)
    fit = np.clip(engine.chunk_tokens / load.prompt, 1.0, np.maximum(running / layout.data, 1.0))
    shared = seconds(fit) / fit / layout.data
    return alone, shared


def aggregated(
    a: Architecture, machine: Machine, recipe: Recipe, layout: ServingLayout, engine: Engine, load: Load, requests: Any
) -> Steady:
    """Steady state when the same chips read prompts and decode, with `requests` clients who ask again at once.

    Of the prompts of the others that run, a share delays the first token and a share the tokens after it:

        TPOT = step / accepted + steal (n - 1) prompt / output
        TTFT = fixed + wait for other groups + prompt alone + queue (n - 1) prompt + wait for a place

    Places are what memory holds; a client without one waits for (requests / n - 1) rounds.

    Args:
        a, machine, recipe, layout, engine, load: Model, machine, formats, spread, software, lengths.
        requests: Clients of the copy, over 0. Any shape.

    Returns:
        Rates and times, in the broadcast shape.

    Source:
        Little's law for the closed loop; the shares are fitted to published serving runs.
    """
    running = np.minimum(requests, np.maximum(running_limit(a, machine, recipe, layout, load), 1.0))
    step = decode_step(a, machine, recipe, layout, engine, load, running)
    alone, shared = prompt_seconds(a, machine, recipe, layout, engine, load, running)
    others = np.maximum(running - 1.0, 0.0)
    yielded = accepted_tokens(load.draft_tokens, load.acceptance)
    tpot = step.total / yielded + engine.steal_share * others * shared / load.output
    groups = np.where(np.asarray(layout.data) > 1, engine.group_wait_steps * step.total, 0.0)
    ttft = engine.first_seconds + groups + alone + engine.queue_share * others * shared
    cycle = ttft + (load.output - 1.0) * tpot
    rate = running / cycle
    wait = (requests / running - 1.0) * cycle
    return Steady(running, tpot, ttft + wait, rate * load.output, rate * load.prompt, step, shared)


def offline(
    a: Architecture, machine: Machine, recipe: Recipe, layout: ServingLayout, engine: Engine, load: Load, running: Any
) -> Steady:
    """Steady state with endless supply, in which every place is always taken.

    All the time of the chips goes to steps and to prompts:

        output tokens per second = n output / (n prompt + output step / accepted)

    Args:
        running: Requests that run at once, over 0.
    """
    step = decode_step(a, machine, recipe, layout, engine, load, running)
    alone, shared = prompt_seconds(a, machine, recipe, layout, engine, load, running)
    yielded = accepted_tokens(load.draft_tokens, load.acceptance)
    cycle = running * shared + load.output * step.total / yielded
    rate = running / cycle
    return Steady(running, cycle / load.output, alone, rate * load.output, rate * load.prompt, step, shared)
