"""Refusals of a layout whose held sizes cannot be: they do not divide, are more than there is, or are no size."""

import math
from collections.abc import Mapping
from dataclasses import fields

from headgate.errors import UsageError, did_you_mean
from headgate.machine.architecture import Architecture
from headgate.machine.layout import RECOMPUTE, SHARDING, Job, Layout
from headgate.machine.pipeline import SCHEDULES

PARTS = tuple(f.name for f in fields(Layout))
RANKS = ("tensor", "pipeline", "context", "data")
CHOICES = {
    "shard": len(SHARDING),
    "recompute": len(RECOMPUTE),
    "schedule": len(SCHEDULES),
    "sequence_parallel": 2,
}
END_SLOTS = 2  # embedding and output may count as a layer each: Llama 3 405B runs 126 layers as 16 x 8 slots


def check_held(fixed: Mapping[str, float], chips: int, a: Architecture, job: Job) -> None:
    """Refuse sizes that are held and cannot be.

    Args:
        fixed: Field of `Layout` to the value it is held at.
        chips: Accelerators of the job.
        a: The model.
        job: Sequence and batch.

    Raises:
        UsageError: A name is no part of a layout, or a size does not fit; the message says which and to what.
    """
    for name, value in fixed.items():
        _check_value(name, value)
    _check_ranks({name: int(fixed[name]) for name in RANKS if name in fixed}, chips)
    _check_model({name: int(value) for name, value in fixed.items()}, a)
    _check_batch({name: int(value) for name, value in fixed.items()}, job)


def _check_value(name: str, value: float) -> None:
    if name not in PARTS:
        near = did_you_mean(name, PARTS) or f" Parts are {', '.join(PARTS)}."
        raise UsageError(f"{name!r} is not a part of a layout.{near} `headgate train --help` names them")
    least, most = (0, CHOICES[name] - 1) if name in CHOICES else (1, math.inf)
    if not math.isfinite(value) or value != int(value) or not least <= value <= most:
        limit = f"from {least} to {most}" if name in CHOICES else f"of {least} or more"
        raise UsageError(f"{name} is {value:g}; it must be a whole number {limit}.")


def _check_ranks(ranks: Mapping[str, int], chips: int) -> None:
    for name, size in ranks.items():
        if chips % size:
            raise UsageError(f"{name} {size} does not divide the {chips:,} chips. Choose a divisor.")
    together = math.prod(ranks.values())
    said = " x ".join(f"{name} {size}" for name, size in ranks.items())
    if chips % together:
        raise UsageError(f"{said} make {together:,}, which does not divide the {chips:,} chips. Change one of them.")
    if len(ranks) == len(RANKS) and together != chips:
        raise UsageError(f"{said} make {together:,} chips, not {chips:,}. Change one of them.")


def _check_model(held: Mapping[str, int], a: Architecture) -> None:
    tensor, pipeline, expert = (held.get(name, 1) for name in ("tensor", "pipeline", "expert"))
    if a.heads % tensor:
        raise UsageError(f"tensor {tensor} does not divide the model's {a.heads} heads. Choose a divisor.")
    if pipeline > a.layers:
        raise UsageError(f"pipeline {pipeline} is more than the model's {a.layers} layers. Choose fewer stages.")
    slots = pipeline * held.get("virtual", 1)
    if slots > a.layers + END_SLOTS:
        raise UsageError(
            f"pipeline {pipeline} x virtual {held['virtual']} make {slots} parts of the model's {a.layers} layers. "
            "Choose fewer virtual stages."
        )
    if expert > 1 and not a.experts:
        raise UsageError(f"expert is {expert}, but {a.id} has no experts. Leave it out.")
    if a.experts and a.experts % expert:
        raise UsageError(f"expert {expert} does not divide the model's {a.experts} experts. Choose a divisor.")


def _check_batch(held: Mapping[str, int], job: Job) -> None:
    context, data, micro = (held.get(name, 1) for name in ("context", "data", "micro_batch"))
    if job.sequence % context:
        raise UsageError(f"context {context} does not divide the sequence of {job.sequence:,g} tokens.")
    if job.global_batch % (data * micro):
        said = " x ".join(f"{name} {held[name]}" for name in ("data", "micro_batch") if name in held)
        raise UsageError(
            f"{said} does not divide the batch of {job.global_batch:,g} sequences. Change one of them or the batch."
        )
