"""Every valid way to lay a training job over chips, evaluated as arrays in blocks that stay in the cache."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.layout import Job, Layout
from headgate.machine.memory import Keeps, training_memory
from headgate.machine.recipe import Recipe
from headgate.machine.training import Habits, Step, step_seconds
from headgate.predict.held import PARTS, check_held

BLOCK = 16384
AXES = PARTS  # rows of a table of layouts
USABLE = 0.94  # share of the memory that a job may fill; the rest is the driver's and fragments


@dataclass(frozen=True, slots=True)
class Space:
    """What is searched: a job on so many chips, with any field of the layout held.

    Args:
        fixed: Field of `Layout` to its value; every other field takes all values that are valid.
        usable: Share of the memory that the job may fill.
    """

    architecture: Architecture
    machine: Machine
    recipe: Recipe
    job: Job
    chips: int
    fixed: Mapping[str, float]
    habits: Habits
    keeps: Keeps
    usable: float = USABLE


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Args:
        layout: The layouts kept, best first, as arrays.
        seconds: Step time of each.
        memory: Peak bytes of each.
        evaluated: How many valid layouts were evaluated.
        fitting: How many of them fit into memory.
        least: Peak bytes of the leanest layout, also when none fits.
    """

    layout: Layout
    seconds: NDArray[np.float64]
    memory: NDArray[np.float64]
    evaluated: int
    fitting: int
    least: float


def divisors(number: int, most: float = float("inf")) -> list[int]:
    """Return the divisors of a number up to `most`, rising.

    Example:
        >>> divisors(12, 6)
        [1, 2, 3, 4, 6]
    """
    small = [d for d in range(1, int(min(number**0.5, most)) + 1) if number % d == 0]
    return sorted({d for s in small for d in (s, number // s) if d <= most})


def _held(space: Space, axis: str, values: Sequence[int]) -> list[int]:
    """Return the values of an axis, or the one it is held at."""
    if axis not in space.fixed:
        return list(values)
    return [int(space.fixed[axis])]


def _outer(space: Space) -> Iterator[tuple[int, int, int, int]]:
    """Yield tensor, pipeline, context and data ranks that fill the chips."""
    a, chips = space.architecture, space.chips
    widest = min(space.machine.domain_chips, a.heads, 64)
    tensors = [
        t
        for t in divisors(a.heads, widest)
        if (a.kv_heads % t == 0 or t % a.kv_heads == 0) and a.ffn % t == 0 and a.shared_width % t == 0
    ]
    longest = max(1, int(space.job.sequence) // 1024)
    contexts = [c for c in divisors(chips, min(longest, 64)) if c & (c - 1) == 0 and space.job.sequence % c == 0]
    for t in _held(space, "tensor", tensors):
        for p in _held(space, "pipeline", divisors(chips, a.layers)):
            for c in _held(space, "context", contexts):
                if chips % (t * p * c):
                    continue
                d = chips // (t * p * c)
                if "data" in space.fixed and d != int(space.fixed["data"]):
                    continue
                if space.job.global_batch % d == 0:
                    yield t, p, c, d


def _grid(*axes: Sequence[int]) -> NDArray[np.float64]:
    """Return every combination of the axes as columns, one row an axis."""
    return np.stack(np.meshgrid(*(np.array(x, dtype=np.float64) for x in axes), indexing="ij")).reshape(len(axes), -1)


def _inner(space: Space, t: int, p: int, c: int, d: int) -> NDArray[np.float64]:
    """Return every valid choice of the other fields as columns, in the order expert ... schedule.

    What depends on one another is chosen together: how experts lie, how micro-batches flow, what is stored.
    """
    a, job, held = space.architecture, space.job, space.fixed
    local = int(job.global_batch // d)
    experts = _grid(
        _held(space, "expert", divisors(a.experts, d * c * t) if a.moe_layers else [1]),
        _held(space, "expert_tensor", sorted({1, t}) if a.moe_ffn and a.moe_ffn % t == 0 else [1]),
    )
    experts = experts[:, (d * c * t) % (experts[0] * experts[1]) == 0]
    # Beyond a few ten thousand tokens a micro-batch only costs memory.
    flows = _grid(
        _held(space, "virtual", range(1, a.layers // p + 1) if p > 1 else [1]),
        _held(space, "micro_batch", divisors(local, max(1.0, 65536 * c / job.sequence))),
        _held(space, "schedule", (0, 1, 2) if p > 1 else (0,)),
    )
    v, b, schedule = flows
    count = local / b
    valid = local % b == 0
    if "virtual" not in held:
        # Interleaving needs whole rounds of micro-batches, and chunks that leave no stage a layer short of its share.
        even = np.ceil(a.layers / (p * v)) * v - a.layers / p < 1.0
        valid &= (v == 1) | ((schedule == 0) & (count % p == 0) & even)
    if "schedule" not in held:
        valid &= (schedule != 2) | ((p % 2 == 0) & (count >= 2 * p) & (count % 2 == 0))
    flows = flows[:, valid]
    # Gathering weights for each micro-batch of a pipeline is never worth it.
    shards = (0,) if d * c == 1 else (0, 1) if p > 1 else (0, 1, 2, 3)
    stores = _grid(_held(space, "shard", shards), _held(space, "recompute", (0, 1, 2)))
    place = np.arange(experts.shape[1] * flows.shape[1] * stores.shape[1])
    place, store = np.divmod(place, stores.shape[1])
    expert, flow = np.divmod(place, max(flows.shape[1], 1))
    e, split = experts[:, expert]
    v, b, schedule = flows[:, flow]
    shard, recompute = stores[:, store]
    return np.stack([e, split, v, b, shard, recompute, schedule])


def blocks(space: Space, size: int = BLOCK) -> Iterator[Layout]:
    """Yield all valid layouts of a space as blocks of at most `size`, as float64 arrays.

    Raises:
        UsageError: A held size cannot be; see `check_held`.
    """
    check_held(space.fixed, space.chips, space.architecture, space.job)
    waiting: list[NDArray[np.float64]] = []
    held = 0
    for t, p, c, d in _outer(space):
        inner = _inner(space, t, p, c, d)
        table = np.empty((11, inner.shape[1]))
        table[:4] = np.array([[t], [p], [c], [d]])
        table[4:] = inner
        waiting.append(table)
        held += inner.shape[1]
        if held < size:
            continue
        whole = np.concatenate(waiting, axis=1)
        full = held // size * size
        for start in range(0, full, size):
            yield _layout(space, whole[:, start : start + size])
        waiting, held = [whole[:, full:]], held - full
    if held:
        yield _layout(space, np.concatenate(waiting, axis=1))


def _layout(space: Space, table: NDArray[np.float64]) -> Layout:
    t, p, c, d, e, split, v, b, shard, recompute, schedule = np.ascontiguousarray(table)
    ranks = d * c if "shard_ranks" not in space.fixed else np.full(len(d), float(space.fixed["shard_ranks"]))
    parallel = float(space.fixed.get("sequence_parallel", 1))
    return Layout(t, p, c, d, e, split, v, b, shard, ranks, recompute, schedule, parallel)


def evaluate(space: Space, layout: Layout) -> tuple[Step, Any]:
    """Return the step of each layout and its peak memory in bytes."""
    step = step_seconds(space.architecture, space.machine, space.recipe, space.job, layout, space.habits)
    peak = training_memory(space.architecture, space.recipe, space.job, layout, space.keeps).total
    return step, peak


def search(space: Space, keep: int = 10) -> Found:
    """Evaluate every valid layout and return the fastest that fit into memory, best first.

    Args:
        space: What is searched.
        keep: How many to keep.

    Returns:
        The layouts; empty arrays when none fits (`least` then tells the leanest).

    Raises:
        UsageError: No layout is valid at all.
    """
    room = space.machine.chip.memory_bytes * space.usable
    kept: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]] = []
    evaluated = fitting = 0
    least = float("inf")
    for layout in blocks(space):
        step, peak = evaluate(space, layout)
        size = len(layout.tensor)
        seconds = np.broadcast_to(step.total, size)
        peak = np.broadcast_to(peak, size)
        evaluated += size
        least = min(least, float(peak.min()))
        fits = np.flatnonzero(peak <= room)
        fitting += len(fits)
        best = fits[np.argsort(seconds[fits], kind="stable")[:keep]]
        columns = np.array([np.broadcast_to(getattr(layout, name), size)[best] for name in AXES])
        kept.append((columns, seconds[best], peak[best]))
    if not evaluated:
        raise UsageError(
            f"No way to lay {space.architecture.id} over {space.chips:,} chips is valid with batch "
            f"{space.job.global_batch:g}: data ranks times micro-batch must divide the batch. "
            "Change the batch, the chips or what is held."
        )
    columns = np.concatenate([k[0] for k in kept], axis=1)
    seconds = np.concatenate([k[1] for k in kept])
    peak = np.concatenate([k[2] for k in kept])
    order = np.argsort(seconds, kind="stable")[:keep]
    found = Layout(*columns[:, order])
    return Found(found, seconds[order], peak[order], evaluated, fitting, least)


def pareto(seconds: Any, other: Any) -> NDArray[np.int64]:
    """Return the places of the entries that no other entry beats in both numbers, fastest first.

    Example:
        >>> pareto([1.0, 2.0, 3.0, 4.0], [9.0, 5.0, 6.0, 1.0]).tolist()
        [0, 1, 3]
    """
    order = np.lexsort((np.asarray(other), np.asarray(seconds)))
    lowest = np.minimum.accumulate(np.asarray(other, dtype=np.float64)[order])
    first = np.ones(len(order), dtype=bool)
    first[1:] = lowest[1:] < lowest[:-1]
    kept: NDArray[np.int64] = order[first]
    return kept


def with_fixed(space: Space, **held: float) -> Space:
    """Return the space with more of the layout held."""
    return replace(space, fixed={**space.fixed, **held})
