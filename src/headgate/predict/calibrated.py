"""The calibrated scalars of training and what the formulas still miss, as `scripts/fit_training.py` writes them."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from headgate.machine.training import Habits
from headgate.predict.effects import Effects, Levels, fit_effects

FIT = Path(__file__).parent.parent / "data" / "fit"
SLOPES = ("youth", "moe_years")


@dataclass(frozen=True, slots=True)
class Fit:
    """The calibrated scalars of training.

    Args:
        habits: Those that the formulas take.
        tensor_fused: Share of tensor exchange hidden by fused kernels.
        fa2: Time of FlashAttention 2 over the best kernel on a chip of a later generation.
        power: Power of the sustained rate of multiplication on the watts for each operation.
        maturity: Rate at which the host time of experts falls, per year.
        youth_years: Years in which software for a new chip loses most of its slowness.
        spread, noise: Of `predict/effects.py`.
        band: Factor on the band by kind of model, so that nine in ten rows lie within when their group is left out.
        first_year, last_year: Years of the software that was measured.
        most_chips: Chips of the largest run that was measured.
    """

    habits: Habits
    tensor_fused: float
    fa2: float
    power: float
    maturity: float
    youth_years: float
    spread: Mapping[str, float]
    noise: float
    band: Mapping[str, float]
    first_year: float
    last_year: float
    most_chips: float


@cache
def fit() -> Fit:
    """Return the calibrated scalars of the package."""
    raw: dict[str, Any] = tomllib.loads((FIT / "training.toml").read_text(encoding="utf-8"))
    names = {f.name for f in fields(Habits)}
    habits = Habits(**{k: v for k, v in raw["habits"].items() if k in names})
    return Fit(habits, spread=raw["spread"], band=raw["band"], **raw["scalars"])


@cache
def effects() -> Effects:
    """Return the fitted numbers of all levels, from the residuals of the calibration rows."""
    with (FIT / "training_rows.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    levels: list[Levels] = [
        {k: float(v) if k in SLOPES else v for k, v in r.items() if k in fit().spread and v != ""} for r in rows
    ]
    trust = [float(r["trust"]) for r in rows]
    return fit_effects(levels, [float(r["residual"]) for r in rows], fit().spread, fit().noise, trust)
