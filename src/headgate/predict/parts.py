"""What each part of a machine does: halve its figures, and see what of a fixed set of work gets slower."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from headgate.machine.decode import cache_bytes_per_token
from headgate.machine.goodput import goodput
from headgate.machine.hardware import Machine
from headgate.machine.layout import Layout
from headgate.machine.offload import host_bytes_per_s, optimizer_seconds, prefix_seconds
from headgate.machine.serving import Load, decode_step, prompt_seconds
from headgate.machine.serving_parts import Engine, ServingLayout
from headgate.predict.hardware import halved, machine
from headgate.predict.models import recipe
from headgate.predict.runs import Run, run_of_row
from headgate.predict.search import AXES
from headgate.predict.training import compute

WORK = MappingProxyType(
    {
        "training": "one training step, with the mapping that is best for the whole machine",
        "decode": "one decode step of a full copy",
        "prompt": "one prompt of 4,096 tokens",
        "checkpoint": "writing a checkpoint through the data processors",
        "lost": "time lost to failures and checkpoints",
        "optimizer": "the optimizer's step, with its state in host memory",
        "context_host": "64 K tokens of cached context back from host memory",
        "context_storage": "the same from storage",
    }
)
RACKS, SEQUENCES, STATE_BYTES = 32, 18432, 14.0
SERVED = ServingLayout(tensor=1, data=64, pipeline=1, expert=64, expert_tensor=1)
LOAD = Load(prompt=4096.0, output=1024.0, cache_bytes=1.0)
RUNNING, CONTEXT = 4096.0, 65536.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part, and how much longer each kind of work takes with half of it.

    Args:
        role, id: What the part is in its machine, and its record.
        slower: Time with the part halved over time without, by a key of `WORK`; 1 where it plays no part.
        fits: Whether the mapping still fits into memory.
    """

    role: str
    id: str
    slower: Mapping[str, float]
    fits: bool


def job(name: str, model: str, precision: str) -> Run:
    """Return a large training job on a machine, with the mapping that is best for it held."""
    row = {"model": model, "chip": name, "chips": str(RACKS * 72), "seq": "4096", "precision": precision}
    run = run_of_row({**row, "global_batch": str(SEQUENCES), "software": "NeMo"})
    best: Layout = compute(replace(run, machine=machine(name))).layout
    return replace(run, fixed={axis: float(getattr(best, axis)) for axis in AXES})


def times(run: Run, on: Machine) -> tuple[dict[str, float], bool]:
    """Return the seconds of each kind of work on a machine, before calibration, and whether the training job fits."""
    a, served = run.architecture, recipe(run.recipe.id, "serve")
    done = compute(replace(run, machine=on))
    engine = Engine()
    alone, _ = prompt_seconds(a, on, served, SERVED, engine, LOAD, RUNNING)
    saved = goodput(run.chips, a.parameters * STATE_BYTES, on.storage_bytes_per_s)
    cached = float(cache_bytes_per_token(a, 1.0, LOAD.cache_bytes)) * a.layers
    host = host_bytes_per_s(on.host_link_bytes_per_s, on.host_memory_bytes_per_s)
    own = a.parameters / run.chips
    found = {
        "training": done.seconds,
        "decode": decode_step(a, on, served, SERVED, engine, LOAD, RUNNING).total,
        "prompt": alone,
        "checkpoint": saved.write_seconds,
        "lost": 1.0 - saved.share,
        "optimizer": optimizer_seconds(own, on.host_link_bytes_per_s, on.host_memory_bytes_per_s),
        "context_host": prefix_seconds(CONTEXT, cached, host, 0.0),
        "context_storage": prefix_seconds(CONTEXT, cached, on.storage_bytes_per_s, 0.0),
    }
    return {name: float(value) for name, value in found.items()}, done.peak_bytes <= on.chip.memory_bytes


def parts(name: str = "vera-rubin-nvl72", model: str = "deepseek-v3", precision: str = "mxfp8") -> tuple[Part, ...]:
    """Return what halving each part of a machine does to a fixed set of work.

    Everything is held but the part: the same mapping, batch and software, so that a figure is the part's own and not
    what a person would do about it.

    Args:
        name: A machine whose record names its parts, with memory and storage for its hosts.
        model: What is trained and served.
        precision: Recipe of both.

    Returns:
        One entry a part, in the order of the record.

    Raises:
        HeadgateError: The machine, model or recipe is unknown, or the job does not fit.

    Example:
        >>> found = {p.role: p.slower for p in parts()}
        >>> found["cpu"]["training"], round(found["cpu"]["context_host"], 2), round(found["dpu"]["checkpoint"], 2)
        (1.0, 2.0, 2.0)
    """
    run, whole = job(name, model, precision), machine(name)
    before, _ = times(run, whole)
    found = []
    for role, part in whole.parts.items():
        after, fits = times(run, halved(name, role))
        slower = {work: after[work] / before[work] for work in WORK}
        found.append(Part(role, part, MappingProxyType(slower), fits))
    return tuple(found)
