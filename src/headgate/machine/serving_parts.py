"""What serving is made of: how a copy of a model is spread, what the software sets, and a time split by part."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class ServingLayout:
    """How one copy of a model is spread over chips; each field is a number or an array, and they broadcast.

    Args:
        tensor: Chips that split each attention layer.
        data: Groups of such chips that hold attention twice and serve requests of their own.
        pipeline: Stages that split the layers.
        expert: Chips, or groups of chips, that the experts are dealt to.
        expert_tensor: Chips that split each expert. `expert * expert_tensor == tensor * data` for a mixture.
    """

    tensor: Any = 1
    data: Any = 1
    pipeline: Any = 1
    expert: Any = 1
    expert_tensor: Any = 1

    @property
    def chips(self) -> Any:
        """Chips that one copy takes."""
        return self.tensor * self.data * self.pipeline


@dataclass(frozen=True, slots=True)
class Engine:
    """The scalars that serving software sets; calibration fits them for each engine.

    Args:
        matrix_time: Time of a multiplication over what its kernel constants say.
        weight_efficiency: Share of memory bandwidth that reading weights in a step reaches, 0 to 1.
        cache_efficiency: The same for keys and values.
        dense_layer_seconds, expert_layer_seconds: Fixed time of a layer in a captured decode step: the floors of its
            kernels. The second is for a layer with experts, in all.
        reduce_latency, exchange_latency: Time of the smallest all-reduce, and exchange, over the link's latency.
        step_seconds: Fixed time of a decode step: scheduling.
        request_seconds: Time of a step for each running request: sampling, text.
        expert_time: Time to multiply in the routed experts over what the kernels say of one full multiplication.
        expert_passes: Passes through memory over a token routed to an expert: sorting, quantizing, weighing, adding.
        expert_reads: Weights of experts read in a step over what even routing would touch.
        chunk_tokens: Prompt tokens that one pass takes at most.
        first_seconds: Fixed time from a request's arrival to its first token.
        prefill_time: Time of a prompt's pass over what the kernels say.
        group_wait_steps: Decode steps that a new request waits, on average, for the other attention groups of its copy.
        queue_share: Share of the other running requests' prompts that a new request waits for.
        steal_share: Share of prompt time that running requests lose.
        overlap: Share of communication hidden behind work.
    """

    matrix_time: float = 1.0
    weight_efficiency: float = 0.75
    cache_efficiency: float = 0.8
    dense_layer_seconds: float = 25e-6
    expert_layer_seconds: float = 40e-6
    reduce_latency: float = 0.5
    exchange_latency: float = 1.0
    step_seconds: float = 1e-3
    request_seconds: float = 8e-6
    expert_time: float = 1.5
    expert_passes: float = 8.0
    expert_reads: float = 1.0
    chunk_tokens: float = 8192.0
    first_seconds: float = 0.04
    prefill_time: float = 1.1
    group_wait_steps: float = 3.0
    queue_share: float = 0.1
    steal_share: float = 0.8
    overlap: float = 0.6


@dataclass(frozen=True, slots=True)
class Pass:
    """Seconds of one pass by part; every field has the broadcast shape of the arguments.

    Args:
        compute: Multiplications and attention that the roof limits.
        memory: Weights and cache that the memory bandwidth limits.
        communication: Exchange between chips that stays visible.
        floor: Fixed times of kernels and of the step.
    """

    compute: Any = 0.0
    memory: Any = 0.0
    communication: Any = 0.0
    floor: Any = 0.0

    @property
    def total(self) -> Any:
        """Seconds of the pass."""
        return self.compute + self.memory + self.communication + self.floor

    def __add__(self, other: "Pass") -> "Pass":
        """Sum part by part."""
        return Pass(
            self.compute + other.compute,
            self.memory + other.memory,
            self.communication + other.communication,
            self.floor + other.floor,
        )

    def __mul__(self, factor: Any) -> "Pass":
        """Scale every part."""
        return Pass(self.compute * factor, self.memory * factor, self.communication * factor, self.floor * factor)


def bound(compute: Any, memory: Any) -> Pass:
    """Return the longer of two times, booked as what limits."""
    limited = compute >= memory
    return Pass(np.where(limited, compute, 0.0), np.where(limited, 0.0, memory))
