"""A job of training as predicted, as a record and as plain values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate.machine.goodput import Goodput
from headgate.predict.runs import Run
from headgate.predict.training import Predicted

OBJECTIVES = {"time": "days", "cost": "usd", "energy": "mwh"}
Band = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to run the job: its layout, recipe, calibrated median step time and peak memory of a chip."""

    layout: Mapping[str, int]
    recipe: str
    step_time_s: float
    peak_mem_gib: float


@dataclass(frozen=True, slots=True)
class Trained:
    """A job as predicted: what it takes, how it runs, and what that rests on.

    Args:
        predicted: The prediction of one step: its run, its quantities, what was never measured.
        tokens: Budget.
        figures: (median, low, high) of `days`, `days_without_failures`, `chip_hours`, `mwh`, `usd`, and of
            `step_time_s`, `tokens_per_s_per_chip`, `mfu`, `peak_mem_gib`. NaN where power or price is unknown.
        failures: What failures cost, at the median.
        parts: Share of the step by part; they add up to 1.
        options: The best ways found, this one first.
        evaluated, fitting: Valid ways that were evaluated, and those of them that fit into memory.
        notes: What is assumed, extrapolated or left out, one sentence each.
        front: Of several counts of chips, those that no other beats in days, dollars and energy at once.
    """

    predicted: Predicted
    tokens: float
    figures: Mapping[str, Band]
    failures: Goodput
    parts: Mapping[str, float]
    options: tuple[Option, ...]
    evaluated: int
    fitting: int
    notes: tuple[str, ...]
    front: tuple["Trained", ...] = ()

    @property
    def run(self) -> Run:
        """The run as it was computed."""
        return self.predicted.computed.run


def record_of(job: Trained) -> dict[str, Any]:
    """Return a job as plain values, as for JSON; what is unknown is None."""
    run = job.run
    return {
        "model": run.architecture.id,
        "machine": run.machine.id,
        "chip": run.machine.chip.id,
        "chips": run.chips,
        "tokens": job.tokens,
        "precision": run.recipe.id,
        "roof_factor": run.recipe.roof_factor,
        "software": run.software,
        "sequence": int(run.job.sequence),
        "batch": int(run.job.global_batch),
        **{
            name: dict(zip(("median", "low", "high"), map(_known, band), strict=True))
            for name, band in job.figures.items()
        },
        "goodput_share": float(job.failures.share),
        "parts": dict(job.parts),
        "layouts": [
            {"recipe": o.recipe, "step_time_s": o.step_time_s, "peak_mem_gib": o.peak_mem_gib, **o.layout}
            for o in job.options
        ],
        "evaluated": job.evaluated,
        "fitting": job.fitting,
        "unseen": list(job.predicted.unseen),
        "published_only": run.machine.published_only,
        "notes": list(job.notes),
        "front": [
            {"chips": t.run.chips, **{name: _known(t.figures[name][0]) for name in OBJECTIVES.values()}}
            for t in job.front
        ],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
