"""A training run as a table or a command gives it: what is known of it, and what is left to be searched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from headgate.errors import RowError, UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.layout import RECOMPUTE, Job
from headgate.machine.pipeline import SCHEDULES
from headgate.machine.recipe import Recipe
from headgate.predict.cells import needed, number, whole
from headgate.predict.hardware import machine_for_row
from headgate.predict.models import COUNTED, architecture_of_row, recipe, reduced
from headgate.predict.search import divisors
from headgate.predict.stacks import Stack, stack_of, year_of

SIZES = {
    "tp": "tensor",
    "pp": "pipeline",
    "vpp": "virtual",
    "cp": "context",
    "dp": "data",
    "ep": "expert",
    "expert_tp": "expert_tensor",
    "micro_batch": "micro_batch",
}
# What one trains or serves with instead of a format that a chip lacks, best first; bf16 where it has none of them.
COMPARABLE = {"fp8": ("int8",), "nvfp4": ("mxfp8", "fp8", "int8"), "mxfp8": ("fp8", "int8"), "int8": ("fp8",)}
MOST = 1e9  # of anything that a row counts
MOST_LAYERS = 10_000
# Llama 3 405B trained with 16 Mi tokens a step on 16,384 chips (arXiv:2407.21783, table 4).
STEP_TOKENS = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One training run, ready to be computed.

    Args:
        chips: Accelerators.
        job: Sequence and batch; `batch_assumed` says that the batch was not stated.
        fixed: Fields of the layout that are stated; the others are searched.
        stack, year: Software and the year of its release, None when unknown.
        task: `pretrain`, `lora` or `proxy`.
        assumed: What the row does not say and was assumed, one sentence each.
    """

    id: str
    architecture: Architecture
    machine: Machine
    recipe: Recipe
    job: Job
    chips: int
    fixed: Mapping[str, float]
    stack: Stack
    software: str
    year: float | None
    task: str = "pretrain"
    batch_assumed: bool = False
    peak_tflops: float | None = None
    assumed: tuple[str, ...] = ()


def check_format(machine: Machine, recipe: Recipe) -> None:
    """Refuse a precision that the chip lacks, with what is comparable.

    Raises:
        UsageError: The chip multiplies in no such format, or the recipe counts on a best case that it does not have.
    """
    has = machine.chip.kernels
    if recipe.roof_factor != 1.0 and machine.chip.family != "rubin":
        raise UsageError(
            f"{recipe.id} is a best case of Rubin alone; none is named for {machine.chip.id}. Take {recipe.format}."
        )
    if recipe.format in has:
        return
    near = next((name for name in COMPARABLE.get(recipe.format.split("_")[0], ()) if name in has), "bf16")
    what = recipe.id if recipe.id == recipe.format else f"{recipe.format} ({recipe.id})"
    raise UsageError(f"{machine.chip.id} does not multiply in {what}; it has {', '.join(has)}. Comparable is {near}.")


def check_trains(recipe: Recipe) -> None:
    """Refuse a recipe that narrows weights alone, which is a way to serve.

    Raises:
        UsageError: The recipe multiplies in bf16 with narrow weights.
    """
    if recipe.format == "bf16" and recipe.weight_bytes < 2.0:
        raise UsageError(
            f"{recipe.id} narrows weights alone, to serve with; a model trains in bf16 or in a narrow recipe."
        )


def _check_sizes(row: Mapping[str, str]) -> None:
    """Refuse sizes of a model that no model has, before anything is computed with them."""
    # A head's width may be words, which the model's reader understands.
    worded = re.search("[^0-9.eE+-]", (row.get("head_dim") or "").strip())
    for column in (*COUNTED, "params_total_b", *(() if worded else ("head_dim",))):
        number(row, column, least=0.0)
    if (number(row, "layers", least=0.0) or 0.0) > MOST_LAYERS:
        raise RowError(f"layers is {row['layers']}; it must be at most {MOST_LAYERS:,}.")


def _assumed(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the row leaves open that is assumed rather than searched, in words."""
    found = [] if (row.get("precision") or "").strip() else ["the precision is not stated; bf16 is assumed"]
    words = (row.get("recompute") or "").strip().casefold()
    if words and recompute_place(words) is None:
        found.append(f"recompute {words!r} names no choice; it is searched")
    return tuple(found)


def recompute_place(words: str) -> int | None:
    """Return the place in `RECOMPUTE` that words mean, or None when they mean none.

    Example:
        >>> recompute_place("selective+SP"), recompute_place("per recipe (not in table)")
        (1, None)
    """
    told = words.strip().casefold()
    if told.startswith(("full", "yes", "true", "block", "uniform", "all")):
        return RECOMPUTE.index("full")
    if told.startswith(("sel", "core")):
        return RECOMPUTE.index("selective")
    return RECOMPUTE.index("none") if told in ("none", "no", "false") else None


def _reduced(a: Architecture, row: Mapping[str, str]) -> Architecture:
    """Return the model with the layers that were run, for a layer-reduced proxy."""
    run = whole(row, "layers_run")
    if run is None or run >= a.layers:
        return a
    return reduced(a, run)


def _shards(row: Mapping[str, str]) -> int | None:
    """Return over how many ranks weights are sharded, 1 for a plain yes, 0 for no, None for a blank."""
    told = (row.get("fsdp") or "").strip().casefold().replace("-", "_")
    if told in ("yes", "true", "full", "full_shard", "fsdp", "fsdp2", "zero3", "zero_3", "_1"):
        return 1
    return 0 if told in ("no", "false") else whole(row, "fsdp", least=0)


def _fixed(row: Mapping[str, str], stack: Stack, chips: int, experts: bool) -> dict[str, float]:
    """Return the fields of the layout that a row states, or that its software does."""
    held = {field: float(size) for column, field in SIZES.items() if (size := whole(row, column)) is not None}
    if told := re.search(r"expert TP (\d+)", row.get("notes") or ""):
        held.setdefault("expert_tensor", float(told[1]))
    mapped = "tensor" in held and "pipeline" in held
    if mapped:
        # Inside a stated mapping, what is blank was left at one.
        rest = chips / (held["tensor"] * held["pipeline"] * held.get("data", chips))
        held.setdefault("context", rest if rest >= 1 and rest == int(rest) else 1.0)
        for field in ("virtual", "expert", "expert_tensor"):
            if not (field == "virtual" and stack.interleaved) and not (field == "expert" and experts):
                held.setdefault(field, 1.0)
    shards = _shards(row)
    known = {"none": 0, "optimizer": 1, "gradients": 2, "weights": 3}
    if shards:
        held["shard"] = 3.0
    elif mapped or stack.sharding == "weights":
        held["shard"] = float(known[stack.sharding] if shards is None else min(known[stack.sharding], 1))
    place = recompute_place(row.get("recompute") or stack.recompute)
    if place is not None:
        held["recompute"] = float(place)
    told_schedule = (row.get("schedule") or "").casefold() or stack.schedule
    if "dualpipe" in (row.get("notes") or "").casefold():
        told_schedule = "dualpipe"
    if told_schedule in SCHEDULES and (mapped or told_schedule != "1f1b"):
        held["schedule"] = float(SCHEDULES.index(told_schedule))
    held["sequence_parallel"] = float(stack.sequence_parallel)
    if held.get("pipeline", 2.0) == 1.0:
        held["schedule"] = 0.0
    if "tensor" in held and "pipeline" in held and "data" not in held:
        rest = chips / (held["tensor"] * held["pipeline"] * held.get("context", 1.0))
        if rest >= 1 and rest == int(rest):
            held["data"] = rest
    return held


def _task(row: Mapping[str, str]) -> str:
    """Return the task of a row: `lora` and `proxy` by their words, else `pretrain`."""
    told = (row.get("task") or "").casefold()
    return next(
        (name for name, word in (("lora", "lora"), ("proxy", "prox"), ("proxy", "reduced")) if word in told), "pretrain"
    )


def _peak(row: Mapping[str, str], roof_tflops: float) -> float | None:
    """Return the peak that a row divides by, unless it is another chip's."""
    told = number(row, "mfu_peak_tflops")
    return told if told and 0.4 <= told / roof_tflops <= 2.5 else None


def run_of_row(row: Mapping[str, str]) -> Run:
    """Read a run from a row with the columns of the table of training runs.

    Needed are the model (or its sizes), the chip, `chips`, `seq` and `precision`. A blank of the mapping is searched;
    a blank batch takes 16 Mi tokens a step, or whole micro-batches enough for the stated ranks, and says so.
    Measured columns are never read.

    Raises:
        HeadgateError: The row cannot be read, or does not fit together.
    """
    _check_sizes(row)
    architecture = _reduced(architecture_of_row(row), row)
    chips, sequence = needed(row, "chips"), needed(row, "seq")
    machine = machine_for_row(row)
    chosen = recipe((row.get("precision") or "bf16").strip())
    check_format(machine, chosen)
    check_trains(chosen)
    software = (row.get("software") or "").strip()
    stack = stack_of(software)
    fixed = _fixed(row, stack, chips, bool(architecture.moe_layers))
    batch = whole(row, "global_batch")
    task = _task(row)
    job = Job(
        sequence,
        float(batch or usual_batch(chips, sequence, fixed)),
        frozen=task == "lora",
        fused_attention=stack.attention != "unfused",
    )
    return Run(
        (row.get("row_id") or "").strip(),
        architecture,
        machine,
        chosen,
        job,
        chips,
        fixed,
        stack,
        software,
        year_of(software),
        task,
        batch is None,
        _peak(row, machine.chip.kernels[chosen.format].rate_flop_per_s / 1e12),
        _assumed(row),
    )


def usual_batch(chips: int, sequence: int, fixed: Mapping[str, float]) -> int:
    """Return a usual batch in sequences: near 16 Mi tokens, in whole rounds of what is held or of most chips.

    Example:
        >>> usual_batch(2048, 4096, {}), usual_batch(2016, 4096, {}), usual_batch(16384, 8192, {"data": 128})
        (4096, 4032, 2048)
    """
    wanted = max(1.0, STEP_TOKENS / sequence)
    unit = int(fixed.get("micro_batch", 1))
    stages = int(fixed.get("pipeline", 1))
    if "data" in fixed:
        unit *= int(fixed["data"])
    elif "tensor" in fixed and "pipeline" in fixed:
        unit *= max(1, chips // int(fixed["tensor"] * stages * fixed.get("context", 1)))
    else:
        unit *= max(d for d in divisors(chips) if d * unit <= 1.5 * wanted or d == 1)
    # A pipeline needs a few micro-batches for each stage, or it mostly waits.
    return unit * max(round(wanted / unit), 4 * stages if stages > 1 else 1)
