"""One transformer layer on one chip for one micro-batch, forward: seconds and bytes, part by part, for arrays."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.collectives import distinct, exchange_seconds, gather_seconds, inside_domain
from headgate.machine.hardware import Machine
from headgate.machine.kernels import attention_seconds, gemm_seconds
from headgate.machine.layout import Job, Layout
from headgate.machine.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer costs in the forward pass of one micro-batch.

    Args:
        gemm, attention: Seconds of matrix multiplications and of the scores.
        moved: Bytes that element-wise passes move, perfectly fused.
        quantized: Elements that enter narrow multiplications.
        tensor, expert: Seconds of the exchange between tensor ranks and between expert ranks.
    """

    gemm: Any = 0.0
    attention: Any = 0.0
    moved: Any = 0.0
    quantized: Any = 0.0
    tensor: Any = 0.0
    expert: Any = 0.0

    def __add__(self, other: "Layer") -> "Layer":
        """Add part by part."""
        return Layer(
            self.gemm + other.gemm,
            self.attention + other.attention,
            self.moved + other.moved,
            self.quantized + other.quantized,
            self.tensor + other.tensor,
            self.expert + other.expert,
        )


@dataclass(frozen=True, slots=True)
class Site:
    """Where a layer runs: everything that its parts share.

    Args:
        tokens: Tokens of the micro-batch on one context rank.
    """

    a: Architecture
    machine: Machine
    recipe: Recipe
    job: Job
    layout: Layout
    tokens: Any

    def gemm(self, m: Any, n: Any, k: Any, count: Any = 1, *, wide: bool = False) -> Any:
        """Seconds of a multiplication in the recipe's format, or in bf16 when `wide`."""
        chip = self.machine.chip
        kernel = chip.kernels["bf16" if wide else self.recipe.format]
        if not wide and self.recipe.roof_factor != 1.0:
            kernel = replace(kernel, rate_flop_per_s=kernel.rate_flop_per_s * self.recipe.roof_factor)
        size = 2.0 if wide else self.recipe.weight_bytes
        return gemm_seconds(m, n, k, kernel, chip.memory_bytes_per_s, size, count)

    def tensor_exchange(self, rows: Any, ranks: Any) -> Any:
        """Seconds for one gather and one scatter of so many rows of the residual stream between ranks."""
        inside = inside_domain(ranks, 1, self.machine.domain_chips)
        return 2.0 * gather_seconds(2.0 * rows * self.a.hidden, ranks, inside, self.machine)


def attention_layer(site: Site) -> Layer:
    """Attention with its projections, the norm before it and the exchange around it."""
    a, t, tokens = site.a, site.layout.tensor, site.tokens
    queries, values = a.heads * a.head_dim / t, a.heads * a.v_dim / t
    if a.attention == "mla":
        latent = a.kv_rank + a.rope_dim
        narrow = a.q_rank or a.hidden
        seconds = site.gemm(tokens, queries, narrow) + site.gemm(tokens, latent, a.hidden)
        if a.q_rank:
            seconds = seconds + site.gemm(tokens, a.q_rank, a.hidden)
        seconds = seconds + site.gemm(tokens, queries + values - a.heads * a.rope_dim / t, a.kv_rank)
        inner = 2.0 * queries + values + a.q_rank + latent
    else:
        keys = np.maximum(a.kv_heads / t, 1.0) * (a.head_dim + a.v_dim)
        seconds = site.gemm(tokens, queries + keys, a.hidden)
        inner = queries + keys
    seconds = seconds + site.gemm(tokens, a.hidden, values)
    flop = 2.0 * tokens * a.heads / t * (a.head_dim + a.v_dim) * a.attended_tokens(site.job.sequence)
    kernel = attention_seconds(
        flop, site.job.sequence / site.layout.context, (a.head_dim + a.v_dim) / 2.0, site.machine.chip
    )
    scores = kernel * site.job.attention_slowdown
    # Two norms and residuals: three reads or writes each; rotation: read and write queries and keys. Two bytes each.
    divided = np.where(site.layout.sequence_parallel > 0, t, 1.0)
    moved = tokens * (12.0 * a.hidden / divided + 4.0 * inner)
    if not site.job.fused_attention:
        # Scores, mask, softmax and dropout each pass through memory: about ten bytes an element.
        moved = moved + 10.0 * tokens * a.heads / t * site.job.sequence
    return Layer(seconds, scores, moved, tokens * (a.hidden + values), site.tensor_exchange(tokens, t))


def feed_forward_layer(site: Site, width: int) -> Layer:
    """A dense feed-forward block of an inner width, or the shared experts."""
    a, t, tokens = site.a, site.layout.tensor, site.tokens
    up = (2.0 if a.gated else 1.0) * width / t
    seconds = site.gemm(tokens, up, a.hidden) + site.gemm(tokens, a.hidden, width / t)
    moved = tokens * (2.0 * up + 2.0 * width / t)
    return Layer(seconds, 0.0, moved, tokens * (a.hidden + width / t), site.tensor_exchange(tokens, t))


def expert_layer(site: Site, permute_passes: float) -> Layer:
    """Router, sorting, exchange, routed and shared experts."""
    a, layout, recipe = site.a, site.layout, site.recipe
    e, split = layout.expert, layout.expert_tensor
    brought = site.tokens / layout.tensor  # tokens that one rank brings to its expert group
    own = brought * split  # and those that it works on, with the ranks that share its experts
    busiest = site.job.imbalance
    inside = inside_domain(e, split, site.machine.domain_chips)
    domains = e / inside
    # A token crosses to each domain once, and inside it to each rank that holds one of its experts.
    copies = distinct(e * 1.0, a.topk)
    crossing = distinct(np.minimum(domains, a.group_limit) if a.group_limit else domains, a.topk)
    sent = brought * a.hidden * busiest
    near, far = sent * copies * (1.0 - 1.0 / e), sent * crossing * (1.0 - 1.0 / domains)
    there = exchange_seconds(near * recipe.dispatch_bytes, far * recipe.dispatch_bytes, e, inside, site.machine)
    back = exchange_seconds(near * 2.0, far * 2.0, e, inside, site.machine)
    held = a.experts / e
    rows = own * a.topk * e / a.experts * busiest  # tokens of one expert
    width = a.moe_ffn / split
    up = (2.0 if a.gated else 1.0) * width
    seconds = site.gemm(rows, up, a.hidden, held) + site.gemm(rows, a.hidden, width, held)
    seconds = seconds + site.gemm(brought, a.experts, a.hidden, wide=True)
    routed = own * a.topk * busiest
    moved = routed * (2.0 * up + 2.0 * width) + permute_passes * 2.0 * routed * a.hidden
    moved = moved + 8.0 * brought * a.experts
    shared = site.tensor_exchange(own * copies * busiest, split)
    block = Layer(seconds, 0.0, moved, routed * (a.hidden + width), shared, there + back)
    if not a.shared_width:
        return block
    return block + feed_forward_layer(site, a.shared_width)
