"""Peak memory of one chip in training: states of the weights, activations, logits, and what the runtime keeps."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.layout import Job, Layout
from headgate.machine.pipeline import held_micro_batches
from headgate.machine.recipe import Recipe

GIB = 1024.0**3


@dataclass(frozen=True, slots=True)
class Keeps:
    """What a software stack keeps in memory.

    Args:
        gradient_bytes: Bytes of one gradient as accumulated.
        optimizer_bytes: Bytes of master weight and moments of one parameter.
        logit_bytes: Bytes of one logit at the peak of the loss.
        selective_share: Share of a layer's activations that selective recomputation keeps.
        runtime_gib: Allocator, communication buffers and context.
    """

    gradient_bytes: float = 4.0
    optimizer_bytes: float = 12.0
    logit_bytes: float = 6.0
    selective_share: float = 0.9
    runtime_gib: float = 1.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one chip by part; every field has the shape of the layouts."""

    weights: Any
    gradients: Any
    optimizer: Any
    activations: Any
    logits: Any
    runtime: Any

    @property
    def total(self) -> Any:
        """Bytes at the peak."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits + self.runtime


def stage_parameters(a: Architecture, layout: Layout) -> tuple[Any, Any]:
    """Return parameters of the fullest stage on one chip, those of all and those of routed experts apart.

    The first stage has the embedding and the last the output; with a single stage it has both, or the one they share.
    """
    slots = layout.pipeline * layout.virtual
    layers = np.minimum(np.ceil(a.layers / slots) * layout.virtual, a.layers)
    share = layers / a.layers
    # Dense layers come first, so that some stage has experts in all its layers.
    expert_share = np.minimum(layers, a.moe_layers) / max(a.moe_layers, 1)
    ends = np.where(layout.pipeline > 1, a.vocab * a.hidden, a.embedding_parameters)
    fixed = (a.parameters - a.routed_parameters - a.embedding_parameters) * share + ends
    return fixed / layout.tensor, a.routed_parameters * expert_share / (layout.expert * layout.expert_tensor)


def layer_activation_bytes(a: Architecture, recipe: Recipe, job: Job, layout: Layout) -> Any:
    """Bytes that one layer keeps of one micro-batch for the backward pass, nothing recomputed, mean over layers.

    With fused attention and bf16, of a gated grouped-query layer on s b / (t c) tokens: 8 h for norms and inputs,
    4 a d + 4 k d for queries, keys, values and output, 6 f for the gated block, 4 a for the softmax's sums.

    Source:
        Korthikanti et al. (2022), arXiv:2205.05198, counted anew for gated blocks, experts and latent attention.
    """
    t = np.where(layout.sequence_parallel > 0, layout.tensor, 1.0)
    tokens = job.sequence * layout.micro_batch / layout.context
    linear = recipe.saved_bytes  # inputs of linear layers may be kept narrow
    whole = tokens * (4.0 + 2.0 * linear) * a.hidden / t
    if a.attention == "mla":
        latent = (2.0 + linear) * (a.q_rank + a.kv_rank) + 2.0 * a.rope_dim
        heads = a.heads * (4.0 * a.head_dim + (2.0 + linear) * a.v_dim)
        attention = tokens * (latent / t + heads / layout.tensor)
    else:
        inner = a.heads * (2.0 * a.head_dim + linear * a.v_dim) + 2.0 * a.kv_heads * (a.head_dim + a.v_dim)
        attention = tokens * inner / layout.tensor
    attention = attention + tokens * 4.0 * a.heads / layout.tensor
    if not job.fused_attention:
        attention = attention + 5.0 * a.heads * job.sequence * tokens / layout.tensor
    up = 4.0 if a.gated else 2.0
    dense = tokens * (up + linear) * a.ffn / layout.tensor
    routed = tokens / layout.tensor * a.topk * job.imbalance
    expert = routed * ((linear + 2.0) * a.hidden + (up + linear) * a.moe_ffn)
    expert = expert + tokens * (up + linear) * a.shared_width / layout.tensor + 8.0 * tokens / layout.tensor * a.experts
    return whole + attention + (a.dense_layers * dense + a.moe_layers * expert) / a.layers


def training_memory(a: Architecture, recipe: Recipe, job: Job, layout: Layout, keeps: Keeps | None = None) -> Memory:
    """Peak memory of the fullest chip in training, in bytes by part.

    Args:
        a: The model.
        recipe: The precision recipe.
        job: Sequence and batch.
        layout: Parallel sizes; arrays broadcast.
        keeps: What the software keeps; Megatron's ways by default.

    Returns:
        Bytes by part, in the broadcast shape.

    Source:
        Rajbhandari et al. (2020), arXiv:1910.02054, for the states; Korthikanti et al. (2022), arXiv:2205.05198, for
        activations; checked on published peaks by `headgate machine agree`.
    """
    keeps = keeps or Keeps()
    fixed, routed = stage_parameters(a, layout)
    ranks = np.minimum(layout.shard_ranks, layout.data * layout.context)
    expert_ranks = np.maximum(
        layout.data * layout.context * layout.tensor / (layout.expert * layout.expert_tensor), 1.0
    )
    routed_ranks = np.minimum(ranks, expert_ranks)

    def spread(stage: int) -> Any:
        """Parameters whose state one chip holds when `stage` or a later stage of sharding divides it."""
        divided = layout.shard >= stage
        return fixed / np.where(divided, ranks, 1.0) + routed / np.where(divided, routed_ranks, 1.0)

    copies = np.where(layout.schedule == 2, 2.0, 1.0)
    learns = 0.0 if job.frozen else 1.0
    layers = np.minimum(np.ceil(a.layers / (layout.pipeline * layout.virtual)) * layout.virtual, a.layers)
    # Narrow formats keep a bf16 copy as well. A sharded weight is gathered one layer ahead.
    gathered = 2.0 * (fixed + routed) * np.minimum(2.0 / layers, 1.0)
    # Fully sharded training keeps the master copy alone, which the optimizer's part counts.
    weights = np.where(layout.shard >= 3, gathered, spread(3) * 2.0 * copies)
    gradients = spread(2) * keeps.gradient_bytes * learns
    optimizer = spread(1) * keeps.optimizer_bytes * learns
    whole = layer_activation_bytes(a, recipe, job, layout)
    tokens = job.sequence * layout.micro_batch / layout.context
    t = np.where(layout.sequence_parallel > 0, layout.tensor, 1.0)
    entry = 2.0 * tokens * a.hidden / t
    # Recomputing a whole layer keeps its input, and one layer at a time in full.
    full = layout.recompute == 2
    one_batch = layers * np.where(full, entry, whole * np.where(layout.recompute == 1, keeps.selective_share, 1.0))
    once = np.where(full, whole - entry, 0.0)
    held = held_micro_batches(
        layout.pipeline, layout.virtual, job.global_batch / (layout.data * layout.micro_batch), layout.schedule
    )
    logits = tokens * a.vocab / layout.tensor * keeps.logit_bytes
    # The last stage has the logits and holds one micro-batch; the first holds the most.
    many = layout.pipeline > 1
    activations = once + np.maximum(held * one_batch, np.where(many, logits + one_batch, 0.0))
    logits = np.where(many, 0.0, logits)
    return Memory(weights, gradients, optimizer, activations, logits, keeps.runtime_gib * GIB)
