"""Time of one forward pass when a model is served: linear layers, experts, and the exchange between chips.

A decode step and a chunk of a prompt are the same pass but for attention, which `decode` and `prefill` add.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.collectives import inside_domain
from headgate.machine.hardware import Kernel, Link, Machine
from headgate.machine.kernels import gemm_seconds, pass_seconds
from headgate.machine.recipe import Recipe
from headgate.machine.serving_parts import Engine, Pass, ServingLayout, bound


def touched_experts(experts: Any, topk: Any, tokens: Any) -> Any:
    """Experts that a batch touches when each token picks `topk` of them evenly.

        E (1 - (1 - K / E)^tokens)

    Args:
        experts: Experts E in the layer, 1 or more.
        topk: Experts K of one token, 1 to E.
        tokens: Tokens in the batch, 0 or more.

    Returns:
        Number of experts, not rounded, in the broadcast shape.

    Source:
        Expectation of a draw without replacement for each token; real routing is less even and touches fewer.

    Example:
        >>> touched_experts(256, 8, np.array([1, 64])).round(1).tolist()
        [8.0, 222.4]
    """
    return experts * -np.expm1(tokens * np.log1p(-np.minimum(topk / experts, 1.0 - 1e-12)))


def reached_ranks(ranks: Any, topk: Any) -> Any:
    """Ranks that one token is sent to when its `topk` experts lie on `ranks` ranks evenly.

        R (1 - (1 - 1 / R)^K)

    Example:
        >>> float(reached_ranks(1, 8)), round(float(reached_ranks(8, 8)), 2)
        (1.0, 5.25)
    """
    return ranks * (1.0 - (1.0 - 1.0 / ranks) ** topk)


def reduce_seconds(message_bytes: Any, ranks: Any, machine: Machine, latency: float) -> Any:
    """Time of the all-reduce of a small message inside a served layer, in seconds; none for one rank.

        t = latency * link latency * log2(ranks) / 3 + 2 (n - 1) / n * bytes / (line rate * efficiency)

    Over more than a domain the slower fabric carries what leaves it.

    Args:
        message_bytes: Bytes that each rank holds.
        ranks: Ranks in the group, 1 or more, neighbors first.
        machine: The machine.
        latency: Time of the smallest all-reduce over the link's latency.
    """
    inside = inside_domain(ranks, 1, machine.domain_chips)
    outside = ranks / inside

    def level(link: Link, n: Any, size: Any) -> Any:
        wire = 2.0 * (n - 1.0) / n * size / (link.bytes_per_s * link.efficiency["all_reduce"])
        return np.where(n > 1, wire + latency * link.latency_seconds * np.log2(np.maximum(n, 2.0)) / 3.0, 0.0)

    return level(machine.scale_up, inside, message_bytes) + level(machine.scale_out, outside, message_bytes / inside)


def _silent(kernel: Kernel) -> Kernel:
    """Return the kernel without its floor, which a captured step hides or counts by layer."""
    return replace(kernel, floor_seconds=0.0)


def matrix(machine: Machine, recipe: Recipe, engine: Engine, *, wide: bool = False) -> Callable[[Any, Any, Any], Pass]:
    """Return a function (m, n, k) -> Pass for one multiplication with weights n by k."""
    chip = machine.chip
    narrow = recipe.format in chip.kernels and not wide
    # Weights narrower than any format of the chip are widened on the way and multiplied in bf16.
    kernel = replace(_silent(chip.kernels[recipe.format if narrow else "bf16"]), memory_efficiency=1.0)
    rate = kernel.rate_flop_per_s * (recipe.roof_factor if narrow else 1.0)
    kernel = replace(kernel, rate_flop_per_s=rate)
    size = 2.0 if wide else recipe.weight_bytes
    bandwidth = chip.memory_bytes_per_s * engine.weight_efficiency

    def seconds(m: Any, n: Any, k: Any) -> Pass:
        compute = gemm_seconds(m, n, k, kernel, np.inf, size) * engine.matrix_time
        # Activations are read wide and, where the recipe asks, written narrow.
        moved = n * k * size + m * k * (2.0 + recipe.quantize_bytes * narrow) + 2.0 * m * n
        return bound(compute, moved / bandwidth)

    return seconds


def _grouped(engine: Engine) -> Engine:
    """Return the software with the times of its grouped multiplications, over experts, as those of all of them."""
    return replace(
        engine,
        matrix_time=engine.matrix_time * engine.expert_time,
        weight_efficiency=engine.weight_efficiency / engine.expert_reads,
    )


def attention_projections(
    a: Architecture, layout: ServingLayout, tokens: Any, gemm: Callable[[Any, Any, Any], Pass]
) -> Pass:
    """Time of one layer's projections on one chip, by part."""
    t, h = layout.tensor, a.hidden
    out = gemm(tokens, h, a.heads * a.v_dim / t)
    if a.attention == "mla":
        heads = a.heads / t
        latent = gemm(tokens, a.q_rank + a.kv_rank + a.rope_dim, h)
        query = gemm(tokens, heads * a.head_dim, a.q_rank or h)
        # Absorbed into the query and the output, or unfolded from the latent: the same weights either way.
        unfold = gemm(tokens, heads * (a.head_dim - a.rope_dim + a.v_dim), a.kv_rank)
        return latent + query + unfold + out
    kv = np.maximum(a.kv_heads / t, 1.0)
    return gemm(tokens, a.heads * a.head_dim / t + kv * (a.head_dim + a.v_dim), h) + out


def feed_forward(width: Any, a: Architecture, tokens: Any, gemm: Callable[[Any, Any, Any], Pass]) -> Pass:
    """Time of a feed-forward block of inner `width` on one chip, by part."""
    return gemm(tokens, (2.0 if a.gated else 1.0) * width, a.hidden) + gemm(tokens, a.hidden, width)


def expert_block(
    a: Architecture,
    machine: Machine,
    layout: ServingLayout,
    engine: Engine,
    tokens: Any,
    imbalance: Any,
    gemm: Callable[[Any, Any, Any], Pass],
) -> Pass:
    """Time of the routed experts of one layer on the busiest chip, by part.

    Tokens of all attention groups meet. A chip reads the experts they touch and multiplies for each of them:

        touched = E (1 - (1 - K / E)^T),   rows for each = T K / touched

    Args:
        a, machine, layout, engine: The model, with experts; the machine, the spread, the software.
        tokens: Tokens of one attention group.
        imbalance: Load of the busiest chip over the mean, 1 or more.
        gemm: Time of one multiplication with the weights of experts.
    """
    together = tokens * layout.data
    touched = touched_experts(a.experts, a.topk, together)
    rows = together * a.topk / np.maximum(touched, 1e-9)
    own = touched / layout.expert
    width = a.moe_ffn / layout.expert_tensor
    # A grouped multiplication fills the chip like one with the columns of all its experts side by side.
    up = gemm(rows, (2.0 if a.gated else 1.0) * width * own, a.hidden)
    down = gemm(rows, a.hidden * own, width)
    skew = np.where(np.asarray(layout.expert) > 1, imbalance, 1.0)
    sorted_bytes = engine.expert_passes * 2.0 * together * a.topk / layout.expert * a.hidden
    passes = Pass(memory=pass_seconds(sorted_bytes * skew, machine.chip))
    return (up + down) * skew + passes


def exchange(
    a: Architecture,
    machine: Machine,
    recipe: Recipe,
    layout: ServingLayout,
    engine: Engine,
    tokens: Any,
    imbalance: Any,
    handed_on: bool,
) -> tuple[Any, Any]:
    """Return seconds of communication in one dense layer and in one layer with experts.

    Groups that share tokens add their parts by all-reduce. Groups with requests of their own send each token to its
    experts, `dispatch_bytes` an element, and get it back with 2.
    """
    message = 2.0 * tokens * a.hidden
    reduce = reduce_seconds(message, layout.tensor, machine, engine.reduce_latency)
    if not a.experts:
        return 2.0 * reduce, 0.0 * reduce
    ranks = 1.0 * layout.tensor * layout.data
    inside = inside_domain(ranks, 1, machine.domain_chips)
    domains = ranks / inside
    near = reached_ranks(ranks, a.topk)
    if handed_on:
        # A copy of a token crosses to another domain once and is handed on there; routing may limit the domains.
        crossing = reached_ranks(domains, a.topk)
        far = (np.minimum(crossing, a.group_limit) if a.group_limit else crossing) * (1.0 - 1.0 / domains)
        near = near * (1.0 - 1.0 / inside)
    else:
        near, far = near * (inside - 1.0) / ranks, near * (ranks - inside) / ranks
    # Each chip of a group sends its share of the group's tokens, narrow on the way out and with 2 bytes back.
    share = tokens / layout.tensor * a.hidden * (recipe.dispatch_bytes + 2.0) * imbalance
    wire = np.maximum(
        share * near / _rate(machine.scale_up),
        share * far / _rate(machine.scale_out),
    )
    latency = np.where(domains > 1, machine.scale_out.latency_seconds, machine.scale_up.latency_seconds)
    start = 2.0 * engine.exchange_latency * latency
    return 2.0 * reduce, reduce + np.where(np.asarray(layout.data) > 1, wire + start, reduce)


def _rate(link: Link) -> float:
    return link.bytes_per_s * link.efficiency["all_to_all"]


def layers_pass(
    a: Architecture,
    machine: Machine,
    recipe: Recipe,
    layout: ServingLayout,
    engine: Engine,
    tokens: Any,
    imbalance: Any = 1.0,
    wide_attention: bool = False,
    handed_on: bool = False,
) -> Pass:
    """Time of all layers for `tokens` tokens of each attention group, without attention's scores and without floors.

    Args:
        a, machine, recipe: The model, the machine, the formats.
        layout: How one copy is spread.
        engine: What the software sets.
        tokens: Tokens of one attention group in this pass, over 0.
        imbalance: Load of the busiest expert chip over the mean, 1 or more.
        wide_attention: The checkpoint keeps attention in bf16 and narrows only the experts.
        handed_on: A token for several chips of another domain crosses once and is handed on there, which pays for
            many tokens; otherwise each copy goes straight to its chip.

    Returns:
        Seconds by part, in the broadcast shape.

    Source:
        Published equations for kernels and collectives; constants from calibration. Left out: norms and rotary
        embedding, which the floors of a layer stand for.
    """
    gemm = matrix(machine, recipe, engine)
    wide = matrix(machine, recipe, engine, wide=True)
    t = layout.tensor
    work = attention_projections(a, layout, tokens, wide if wide_attention else gemm) * a.layers
    if a.dense_layers:
        work = work + feed_forward(a.ffn / t, a, tokens, gemm) * a.dense_layers
    if a.moe_layers:
        grouped = matrix(machine, recipe, _grouped(engine))
        work = work + expert_block(a, machine, layout, engine, tokens, imbalance, grouped) * a.moe_layers
        if a.shared_width:
            work = work + feed_forward(a.shared_width / t, a, tokens, gemm) * a.moe_layers
    dense, mixed = exchange(a, machine, recipe, layout, engine, tokens, imbalance, handed_on)
    visible = (dense * a.dense_layers + mixed * a.moe_layers) * (1.0 - engine.overlap)
    return work + Pass(communication=visible)
