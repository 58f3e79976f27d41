"""Predict a training run: the formulas, what they usually miss, and a band of ninety percent."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from headgate.catalog.chips import catalog
from headgate.machine.layout import Job, Layout
from headgate.machine.training import Step
from headgate.predict.calibrated import FIT, SLOPES, Fit, effects, fit
from headgate.predict.effects import Effects
from headgate.predict.power import sustained
from headgate.predict.runs import Run
from headgate.predict.search import AXES, USABLE, Space, evaluate, search
from headgate.predict.stacks import REFERENCE

__all__ = [
    "FIT",
    "SLOPES",
    "Computed",
    "Fit",
    "Predicted",
    "chip_year",
    "compute",
    "does_not_fit",
    "effects",
    "fit",
    "job_of",
    "levels_of",
    "model_flop_per_token",
    "predict",
    "software_year",
    "space_of",
]

HALF_BAND = 1.645  # standard deviations to each side of a band of ninety percent
PUBLISHED_BAND = {"dense": 0.30, "moe": 0.45}  # least half-width where nothing of the machine was ever measured
MEMORY_BAND = 0.06
EARLIEST_EXPERTS = -1.5  # years before the reference at which software for experts was first measured
SCALE_SPREAD = 0.03  # what runs lose for each doubling of chips differs between fabrics by about as much
STATED_USABLE = 1.25
NEVER_USABLE = 2.0  # no published run is computed to take so much of its chip


@dataclass(frozen=True, slots=True)
class Computed:
    """What the formulas say of a run, before what they miss."""

    run: Run
    layout: Layout
    step: Step
    seconds: float
    peak_bytes: float
    searched: bool
    evaluated: int


def chip_year(chip: str) -> float | None:
    """Return the year of a chip's release, with its fraction; None when the catalog does not know it."""
    if chip not in catalog().ids():
        return None
    day = catalog().get(chip).released or catalog().get(chip).announced
    if day is None:
        return None
    text = str(day)
    return int(text[:4]) + (int(text[5:7]) - 0.5) / 12


def software_year(run: Run, fitted: Fit) -> float:
    """Return the year of a run's software; unknown is a year and a half after the chip, within what was measured."""
    told = run.year
    if told is None:
        told = (chip_year(run.machine.chip.id) or fitted.last_year) + 1.5
        if run.architecture.moe_layers:
            told = max(told, REFERENCE)
    return min(max(told, fitted.first_year), fitted.last_year)


def levels_of(run: Run, *, searched: bool, fitted: Fit) -> dict[str, str | float]:
    """Return the level of each factor of a run."""
    chip, a = run.machine.chip, run.architecture
    kind = "moe" if a.moe_layers else "dense"
    software = software_year(run, fitted)
    age = max(0.0, software - (chip_year(chip.id) or software))
    found: dict[str, str | float] = {
        "kind": kind,
        "family_format": f"{chip.family} {run.recipe.format}",
        "chip": chip.id,
        "chip_format": f"{chip.id} {run.recipe.format}",
        "stack": f"{run.stack.id} {kind}",
        "stack_chip": f"{run.stack.id} {chip.id}",
        f"{kind}_release": run.software or "unknown",
        f"{kind}_model": a.id,
        f"{kind}_model_format": f"{a.id} {run.recipe.format}",
        f"{kind}_chip_model": f"{chip.id} {a.id}",
        "youth": math.exp(-age / fitted.youth_years),
    }
    if a.moe_layers:
        found["moe_years"] = software - REFERENCE
        found["moe_chip"] = chip.id
        # Runs of experts scatter more: each calibration row has a level of its own here, and a new run an unseen one.
        found["moe_row"] = "this run"
    if searched:
        found["searched"] = "yes"
    if run.task != "pretrain":
        found["task"] = run.task
    return found


def job_of(run: Run, fitted: Fit) -> Job:
    """Return the job with the habits of its software."""
    stack, a = run.stack, run.architecture
    overlap = {"fused": fitted.tensor_fused, "none": 0.0}.get(stack.tensor_overlap)
    if "vanilla tp" in run.software.casefold():
        overlap = 0.0
    elif "async tp" in run.software.casefold():
        overlap = fitted.tensor_fused
    years = software_year(run, fitted) - REFERENCE
    host = math.exp(-fitted.maturity * max(years, EARLIEST_EXPERTS)) * stack.immaturity
    # Routers of one or two experts a token run with fixed shapes and do not wait for the host.
    host *= min(1.0, a.topk / 4.0)
    later = run.machine.chip.family not in ("ampere",)
    slow = fitted.fa2 if stack.attention == "fa2" and later else 1.0
    return replace(
        run.job,
        tensor_overlap=overlap,
        expert_overlap=stack.expert_overlap,
        attention_slowdown=slow,
        captured=stack.graphs,
        immaturity=host,
    )


def space_of(run: Run, fitted: Fit) -> Space:
    """Return what is searched of a run."""
    return Space(
        run.architecture,
        sustained(run.machine, fitted.power),
        replace(run.recipe, saved_bytes=2.0) if run.stack.wide_inputs else run.recipe,
        job_of(run, fitted),
        run.chips,
        run.fixed,
        fitted.habits,
        run.stack.keeps,
        USABLE,
    )


def compute(run: Run, fitted: Fit | None = None) -> Computed:
    """Return what the formulas say of a run, with the fastest layout that fits for whatever is not stated.

    A mapping that is stated in full is computed even when the memory model says that it does not fit.

    Raises:
        UsageError: No layout is valid, or none of the searched ones fits.
    """
    fitted = fitted or fit()
    stated = all(name in run.fixed for name in ("tensor", "pipeline", "micro_batch"))
    space = space_of(run, fitted)
    # What is stated did run; so the memory model only says what it recomputed, and with a margin for its own error.
    found = search(replace(space, usable=STATED_USABLE) if stated else space, keep=1)
    half = not stated and "tensor" in run.fixed and "pipeline" in run.fixed
    if not found.fitting and half:
        found = search(replace(space, usable=STATED_USABLE), keep=1)
    absurd = not found.fitting and found.least > NEVER_USABLE * run.machine.chip.memory_bytes
    if stated and absurd and "shard" in space.fixed:
        # So much cannot have run undivided: its weights were sharded, whatever the row says.
        parts = {k: v for k, v in space.fixed.items() if k != "shard"}
        found = search(replace(space, usable=STATED_USABLE, fixed=parts), keep=1)
    if not found.fitting and (absurd or not stated):
        from headgate.predict.train.fits import refuse_no_room

        refuse_no_room(run, found.least)
    if not found.fitting:
        found = search(replace(space, usable=float("inf"), fixed={"recompute": 2.0, **space.fixed}), keep=1)
    layout = Layout(*(float(getattr(found.layout, name)[0]) for name in AXES))
    step, peak = evaluate(space, layout)
    return Computed(run, layout, step, float(step.total), float(np.max(peak)), not stated, found.evaluated)


def does_not_fit(run: Run, least: float) -> str:
    """Return the refusal of a model that does not fit: by how much, and the smallest count that would."""
    room = run.machine.chip.memory_bytes * USABLE
    return (
        f"{run.architecture.id} does not fit on {run.chips:,} x {run.machine.chip.id}: the leanest layout needs "
        f"{least / 2**30:.0f} GiB a chip, {(least - room) / 2**30:.0f} GiB more than "
        f"the {room / 2**30:.0f} GiB usable."
    )


@dataclass(frozen=True, slots=True)
class Predicted:
    """A prediction: median, low and high of each quantity, and what it rests on.

    Args:
        quantities: `step_time_s`, `tokens_per_s_per_chip`, `mfu`, `peak_mem_gib`: (median, low, high).
        factor: What calibration multiplies the formulas' time by.
        sd: Standard deviation of the logarithm of time.
        unseen: What was never measured, by factor.
        notes: Assumptions, in words.
    """

    computed: Computed
    quantities: Mapping[str, tuple[float, float, float]]
    factor: float
    sd: float
    unseen: tuple[str, ...]
    notes: tuple[str, ...]


def model_flop_per_token(run: Run) -> float:
    """Operations that one token needs by the convention of most reports: full attention, nothing recomputed."""
    a, s = run.architecture, run.job.sequence
    scores = 6.0 * a.layers * a.heads * (a.head_dim + a.v_dim) * (s - a.attended_tokens(s))
    whole = a.train_flop_per_token(s) + scores
    return whole * (2.0 / 3.0 if run.job.frozen else 1.0)


def roof_seconds(run: Run) -> float:
    """Return the least time of a step: its causal operations on all chips at the dense roof of the recipe's format."""
    flop = run.architecture.train_flop_per_token(run.job.sequence) * (2.0 / 3.0 if run.job.frozen else 1.0)
    roof = run.machine.chip.kernels[run.recipe.format].rate_flop_per_s * run.recipe.roof_factor
    return run.job.global_batch * run.job.sequence * flop / (run.chips * roof)


def predict(run: Run, fitted: Fit | None = None, known: Effects | None = None) -> Predicted:
    """Predict a run.

    Args:
        run: The run.
        fitted, known: Calibration; that of the package by default.

    Returns:
        Medians and bands of ninety percent.

    Raises:
        HeadgateError: The run cannot be computed.
    """
    fitted = fitted or fit()
    known = known or effects()
    done = compute(run, fitted)
    levels = levels_of(run, searched=done.searched, fitted=fitted)
    mean, sd = known.predict(levels)
    kind = str(levels["kind"])
    sd *= fitted.band[kind]
    notes = [*run.assumed]
    if run.chips > fitted.most_chips:
        doublings = math.log2(run.chips / fitted.most_chips)
        sd = math.hypot(sd, SCALE_SPREAD * doublings)
        notes.append(
            f"no measured run of calibration has more than {fitted.most_chips:,.0f} chips: the band is wider for each "
            "doubling beyond"
        )
    if run.machine.published_only:
        sd = max(sd, -math.log1p(-PUBLISHED_BAND[kind]) / HALF_BAND)
        notes.append(f"{run.machine.name} was never measured in a published run: an extrapolation, the band is widened")
    if run.batch_assumed:
        notes.append(f"the batch is not stated; {run.job.global_batch:.0f} sequences a step are assumed")
    seconds = done.seconds * math.exp(mean)
    wide = math.exp(HALF_BAND * sd)
    # No run is faster than its multiplications at the roof.
    fast = min(seconds, max(seconds / wide, roof_seconds(run)))
    rate = run.job.global_batch * run.job.sequence / run.chips
    peak = (run.peak_tflops * 1e12) if run.peak_tflops else run.machine.chip.kernels[run.recipe.format].rate_flop_per_s
    share = model_flop_per_token(run) * rate / peak
    memory = done.peak_bytes / 2**30
    quantities = {
        "step_time_s": (seconds, fast, seconds * wide),
        "tokens_per_s_per_chip": (rate / seconds, rate / (seconds * wide), rate / fast),
        "mfu": (share / seconds, share / (seconds * wide), share / fast),
        "peak_mem_gib": (memory, memory * (1 - MEMORY_BAND), memory * (1 + MEMORY_BAND)),
    }
    return Predicted(done, quantities, math.exp(mean), sd, known.unseen(levels), tuple(notes))
