"""Time of one training step, part by part, for arrays of layouts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.collectives import gather_seconds, inside_domain, level_seconds
from headgate.machine.hardware import Machine
from headgate.machine.kernels import pass_seconds
from headgate.machine.layer import Layer, Site, attention_layer, expert_layer, feed_forward_layer
from headgate.machine.layout import Job, Layout
from headgate.machine.pipeline import bubble_seconds
from headgate.machine.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Habits:
    """The few scalars that software sets, and that calibration fits for all machines at once.

    Args:
        element_passes: Element-wise traffic over the traffic of perfectly fused kernels.
        attention_backward: Time of the backward attention over its forward time.
        tensor_overlap, data_overlap, expert_overlap, send_overlap: Share of communication hidden behind work.
        contention: Time that hidden communication takes from the work that hides it, over its own time.
        host_seconds: Time the host needs to launch one dense layer, forward and backward.
        host_expert_seconds: The same in addition for a layer with experts.
        permute_passes: Passes over a routed token to sort it to its expert and back.
        step_seconds: Fixed time of one step: data, clipping, logging.
        optimizer_bytes: Bytes moved for one parameter of the shard in the optimizer's step.
        jitter: Share of time lost for each doubling of chips beyond eight.
    """

    element_passes: float = 1.3
    attention_backward: float = 2.9
    tensor_overlap: float = 0.3
    data_overlap: float = 0.9
    expert_overlap: float = 0.2
    send_overlap: float = 0.8
    contention: float = 0.1
    host_seconds: float = 4e-4
    host_expert_seconds: float = 2.5e-3
    permute_passes: float = 6.0
    step_seconds: float = 0.01
    optimizer_bytes: float = 30.0
    jitter: float = 0.008


@dataclass(frozen=True, slots=True)
class Step:
    """Seconds of one step by part; every field has the shape of the layouts.

    Args:
        compute: Matrix multiplication and attention.
        memory: Element-wise passes, quantizing, the optimizer.
        communication: What stays visible of tensor, expert, context, pipeline and data exchange.
        bubble: Waiting for the pipeline to fill and drain, and for the slowest stage.
        host: Launching that the chip waits for, and the fixed part of the step.
        jitter: Lost to stragglers at scale.
    """

    compute: Any
    memory: Any
    communication: Any
    bubble: Any
    host: Any
    jitter: Any

    @property
    def total(self) -> Any:
        """Seconds of the step."""
        return self.compute + self.memory + self.communication + self.bubble + self.host + self.jitter


@dataclass(frozen=True, slots=True)
class _Pass:
    """Forward and backward of one part of the model for one micro-batch: seconds by part."""

    compute: Any
    memory: Any
    communication: Any
    forward: Any
    weight: Any

    @property
    def total(self) -> Any:
        return self.compute + self.memory + self.communication


def _both_ways(site: Site, layer: Layer, habits: Habits, host_seconds: float) -> tuple[_Pass, Any]:
    """Return forward and backward of a layer, and the seconds the chip waits for the host."""
    job, layout, chip = site.job, site.layout, site.machine.chip
    again = np.where(layout.recompute == 2, 1.0, 0.0)
    scores_again = np.where(layout.recompute >= 1, 1.0 if not job.fused_attention else 0.0, 0.0)
    scores_again = np.maximum(again, scores_again)
    weight = 0.0 if job.frozen else layer.gemm
    compute = layer.gemm * (2.0 + again) + weight + layer.attention * (1.0 + habits.attention_backward + scores_again)
    element = pass_seconds(layer.moved * habits.element_passes, chip)
    narrow = pass_seconds(layer.quantized * site.recipe.quantize_bytes, chip)
    memory = (element + narrow) * (3.0 + again)
    tensor = layer.tensor * (2.5 + again) * _visible(job.tensor_overlap, habits.tensor_overlap, habits)
    expert = layer.expert * (2.0 + again) * _visible(job.expert_overlap, habits.expert_overlap, habits)
    ring, ring_back = _context_seconds(site, layer)
    communication = tensor + expert + ring + ring_back
    forward = layer.gemm + layer.attention + element + narrow + ring
    forward = forward + tensor / (2.5 + again) + expert / (2.0 + again)
    busy = _Pass(compute, memory, communication, forward, weight)
    if job.captured:
        return busy, 0.0
    # A soft maximum: launching hides behind work until the two are alike.
    together = np.sqrt(np.sqrt(busy.total**4 + host_seconds**4))
    return busy, together - busy.total


def _visible(stated: float | None, usual: float, habits: Habits) -> float:
    """Share of a communication's time that is felt: what is not hidden, and what hiding costs the work."""
    hidden = usual if stated is None else stated
    return 1.0 - hidden * (1.0 - habits.contention)


def _context_seconds(site: Site, layer: Layer) -> tuple[Any, Any]:
    """Ring exchange of keys and values that attention does not cover, forward and backward."""
    a, layout = site.a, site.layout
    if a.attention == "mla":
        width = a.heads / layout.tensor * (a.head_dim + a.v_dim)
    else:
        width = np.maximum(a.kv_heads / layout.tensor, 1.0) * (a.head_dim + a.v_dim)
    sent = 2.0 * site.tokens * width * (layout.context - 1.0)
    inside = inside_domain(layout.context, layout.tensor, site.machine.domain_chips)
    near = level_seconds(sent, site.machine.scale_up, "send", layout.context)
    far = level_seconds(sent, site.machine.scale_out, "send", layout.context)
    ring = np.where(layout.context > inside, far, near)
    return np.maximum(ring - layer.attention, 0.0), np.maximum(2.0 * ring - 2.5 * layer.attention, 0.0)


def _head(site: Site) -> Layer:
    """The output matrix and the loss, in bf16."""
    a, t = site.a, site.layout.tensor
    seconds = site.gemm(site.tokens, a.vocab / t, a.hidden, wide=True)
    return Layer(seconds, 0.0, site.tokens * a.vocab / t * 6.0, 0.0, 0.0)


def _stage_layers(a: Architecture, layout: Layout) -> tuple[Any, Any]:
    """Return the layers of the fullest stage, and those of the last one, which also has the output."""
    slots = layout.pipeline * layout.virtual
    chunk = np.ceil(a.layers / slots)
    fullest = np.minimum(chunk * layout.virtual, a.layers)
    spare = slots * chunk - a.layers
    return fullest, fullest - np.minimum(spare, layout.virtual) * (layout.pipeline > 1)


def _data_seconds(site: Site, habits: Habits, micro_batches: Any, cover: Any) -> tuple[Any, Any]:
    """Return visible gradient and weight exchange, and the optimizer's time, in seconds of one step.

    No more can hide than `cover`, the time of one micro-batch on the slowest stage.
    """
    a, layout, recipe, job = site.a, site.layout, site.recipe, site.job
    if job.frozen:
        return 0.0, 0.0
    ranks = layout.data * layout.context * 1.0
    split = layout.tensor * layout.pipeline
    fixed = (a.parameters - a.routed_parameters) / split
    routed = a.routed_parameters / (layout.expert * layout.expert_tensor * layout.pipeline)
    expert_ranks = np.maximum(ranks * layout.tensor / (layout.expert * layout.expert_tensor), 1.0)
    inside = inside_domain(ranks, layout.tensor, site.machine.domain_chips)
    expert_inside = inside_domain(expert_ranks, layout.expert * layout.expert_tensor, site.machine.domain_chips)
    one_way = gather_seconds(2.0 * fixed, ranks, inside, site.machine)
    if a.moe_layers:
        one_way = one_way + gather_seconds(2.0 * routed, expert_ranks, expert_inside, site.machine)
    back = one_way * recipe.gather_bytes / 2.0
    felt = _visible(job.data_overlap, habits.data_overlap, habits)
    once = np.maximum(felt * (one_way + back), one_way + back - cover)
    # Sharded weights are gathered for each pass of each micro-batch.
    each = one_way + 2.0 * back
    always = micro_batches * np.maximum(felt * each, each - cover)
    visible = np.where(layout.shard == 3, always, once)
    own = fixed / np.where(layout.shard >= 1, np.minimum(layout.shard_ranks, ranks), 1.0)
    own = own + routed / np.where(layout.shard >= 1, np.minimum(layout.shard_ranks, expert_ranks), 1.0)
    return visible, pass_seconds(own * habits.optimizer_bytes, site.machine.chip)


def step_seconds(
    a: Architecture, machine: Machine, recipe: Recipe, job: Job, layout: Layout, habits: Habits | None = None
) -> Step:
    """Time of one training step by part, in seconds.

    The fullest stage works through all micro-batches, then come the bubble, what stays visible of the gradient
    exchange, the optimizer and a fixed part:

        t = m * stage + bubble + data + optimizer + fixed, times 1 + jitter * log2(chips / 8)

    Args:
        a: The model.
        machine: The machine; the chip must have the recipe's format.
        recipe: The precision recipe.
        job: Sequence, batch and habits of the software.
        layout: Parallel sizes; arrays broadcast.
        habits: Calibrated scalars; those of the package by default.

    Returns:
        Seconds by part, in the broadcast shape.

    Source:
        `docs/machines.md` gives each equation with its source.
    """
    habits = habits or Habits()
    tokens = layout.micro_batch * job.sequence / layout.context
    site = Site(a, machine, recipe, job, layout, tokens)
    count = job.global_batch / (layout.data * layout.micro_batch)
    dense_part = attention_layer(site)
    passes: list[tuple[float, _Pass, Any]] = []
    if a.dense_layers:
        layer = dense_part + feed_forward_layer(site, a.ffn)
        passes.append((a.dense_layers / a.layers, *_both_ways(site, layer, habits, habits.host_seconds)))
    if a.moe_layers:
        layer = dense_part + expert_layer(site, habits.permute_passes)
        host = habits.host_seconds + habits.host_expert_seconds * job.immaturity
        passes.append((a.moe_layers / a.layers, *_both_ways(site, layer, habits, host)))
    head, _ = _both_ways(site, _head(site), habits, 0.0)

    def mean(of: str) -> Any:
        return sum(share * getattr(p, of) for share, p, _ in passes)

    layer_total, layer_host = mean("total"), sum(share * wait for share, _, wait in passes)
    fullest, last = _stage_layers(a, layout)
    slowest = np.maximum(fullest * (layer_total + layer_host), last * (layer_total + layer_host) + head.total)
    even = a.layers / layout.pipeline
    per_stage = even * (layer_total + layer_host) + head.total / layout.pipeline
    # Waiting for the host stretches forward, backward and weight half alike: no chip may wait longer by being faster.
    third = even * layer_host / 3.0
    forward = even * mean("forward") + third + head.forward / layout.pipeline
    weight = even * mean("weight") + third + head.weight / layout.pipeline
    wait = bubble_seconds(forward, per_stage - forward, weight, layout.pipeline, layout.virtual, layout.schedule)
    sends = 2.0 * layout.virtual * (layout.pipeline > 1) * _send_seconds(site) * (1.0 - habits.send_overlap)
    visible, optimizer = _data_seconds(site, habits, count, np.maximum(slowest, per_stage))
    share = 1.0 / layout.pipeline
    compute = count * (even * mean("compute") + share * head.compute)
    memory = count * (even * mean("memory") + share * head.memory) + optimizer
    communication = count * (even * mean("communication") + share * head.communication + sends) + visible
    host = count * even * layer_host + habits.step_seconds
    bubble = wait + count * np.maximum(slowest - per_stage, 0.0)
    lost = habits.jitter * np.maximum(np.log2(layout.chips / 8.0), 0.0)
    jitter = lost * (compute + memory + communication + bubble + host)
    return Step(compute, memory, communication, bubble, host, jitter)


def _send_seconds(site: Site) -> Any:
    """Seconds to pass one micro-batch's activations over the slowest border between stages."""
    layout = site.layout
    sent = 2.0 * site.tokens * site.a.hidden / layout.tensor
    near = level_seconds(sent, site.machine.scale_up, "send", layout.pipeline)
    far = level_seconds(sent, site.machine.scale_out, "send", layout.pipeline)
    return np.where(layout.chips > site.machine.domain_chips, far, near)
