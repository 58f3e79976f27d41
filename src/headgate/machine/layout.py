"""How a training job is laid out over chips, as arrays: one entry for each way of running it."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

RECOMPUTE = ("none", "selective", "full")
SHARDING = ("none", "optimizer", "gradients", "weights")


@dataclass(frozen=True, slots=True)
class Layout:
    """Parallel sizes and choices; each field is a number or an array, and they broadcast.

    Args:
        tensor, pipeline, context, data: Ranks; chips = tensor * pipeline * context * data.
        expert: Ranks that share the experts, within context * data (times tensor when experts are not split).
        expert_tensor: Ranks that split one expert; 1 or `tensor`.
        virtual: Virtual stages on each pipeline stage.
        micro_batch: Sequences in one micro-batch.
        shard: What data ranks divide: place in `SHARDING` (ZeRO stage 0 to 3).
        shard_ranks: Ranks that divide it; data * context unless a smaller group holds a whole copy.
        recompute: Place in `RECOMPUTE`.
        schedule: Place in `pipeline.SCHEDULES`.
        sequence_parallel: Norms and residuals are divided over tensor ranks.
    """

    tensor: Any = 1
    pipeline: Any = 1
    context: Any = 1
    data: Any = 1
    expert: Any = 1
    expert_tensor: Any = 1
    virtual: Any = 1
    micro_batch: Any = 1
    shard: Any = 1
    shard_ranks: Any = 1
    recompute: Any = 0
    schedule: Any = 0
    sequence_parallel: Any = 1

    @property
    def chips(self) -> Any:
        """Chips that the layout takes."""
        return self.tensor * self.pipeline * self.context * self.data

    def take(self, index: Any) -> "Layout":
        """Return the entries at `index` of every field that is an array."""
        size = max(np.ndim(getattr(self, f.name)) for f in fields(self))
        if size == 0:
            return self
        picked = {f.name: getattr(self, f.name) for f in fields(self)}
        return Layout(**{k: v[index] if np.ndim(v) else v for k, v in picked.items()})


@dataclass(frozen=True, slots=True)
class Job:
    """What is trained, apart from how it is laid out.

    Args:
        sequence: Tokens in one sequence.
        global_batch: Sequences in one step.
        imbalance: Load of the busiest expert rank over the mean, 1 or more.
        frozen: The base weights do not learn (LoRA): no weight gradients, no optimizer for them.
        fused_attention: Scores stay in registers (FlashAttention); otherwise they pass through memory.
        attention_slowdown: Time of the attention kernel over that of the chip's best published one.
        captured: Launches are captured in graphs, so that the host costs nothing.
        immaturity: Host time of expert layers over that of the software of the reference day.
        tensor_overlap, data_overlap, expert_overlap: Share of that communication that hides behind work, 0 to 1.
            None takes the calibrated usual share.
    """

    sequence: float
    global_batch: float
    imbalance: float = 1.0
    frozen: bool = False
    fused_attention: bool = True
    attention_slowdown: float = 1.0
    captured: bool = False
    immaturity: float = 1.0
    tensor_overlap: float | None = None
    data_overlap: float | None = None
    expert_overlap: float | None = None
