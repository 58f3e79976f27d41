"""The calibrated constants of serving: scalars by engine, what the formulas still miss by group, and the bands."""

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from headgate.catalog.chips import DATA
from headgate.errors import CatalogError
from headgate.machine.serving_parts import Engine
from headgate.predict.effects import Effects, Levels, fit_effects

FIT = DATA / "fit"
QUANTITIES = ("tpot", "ttft", "rate")
USUAL = "usual"  # scalars of software that is not named or was never measured


@dataclass(frozen=True, slots=True)
class ServingFit:
    """What `scripts/fit_serving.py` wrote.

    Args:
        engines: Scalars by engine.
        spread: Standard deviation of each factor, by quantity.
        noise: Standard deviation of a row about its levels, by quantity.
        least: Smallest standard deviation that is claimed for a row, by quantity.
        band: Standard deviations to each side within which nine in ten rows lay whose whole group was left out.
    """

    engines: Mapping[str, Engine]
    spread: Mapping[str, Mapping[str, float]]
    noise: Mapping[str, float]
    least: Mapping[str, float]
    band: Mapping[str, float]

    def engine(self, name: str) -> Engine:
        """Return the scalars of an engine; those of the usual one when it was never measured."""
        return self.engines.get(name, self.engines[USUAL])


@cache
def serving_fit() -> ServingFit:
    """Return the calibrated constants of the package.

    Raises:
        CatalogError: The file lacks a scalar or has one too many.
    """
    raw = tomllib.loads((FIT / "serving.toml").read_text(encoding="utf-8"))
    names = {f.name for f in fields(Engine)}
    engines = {}
    for name, own in raw["engine"].items():
        found = {**raw["engine"][USUAL], **own}
        if set(found) != names:
            odd = sorted(set(found) ^ names)
            raise CatalogError(
                f"serving.toml: engine {name} lacks or does not know {', '.join(odd)}. Run scripts/fit_serving.py."
            )
        engines[name] = Engine(**found)
    return ServingFit(
        engines,
        {q: raw["spread"][q] for q in QUANTITIES},
        raw["noise"],
        raw["least"],
        raw["band"],
    )


@cache
def scenario_limits() -> Mapping[str, Mapping[str, float]]:
    """Return the milliseconds for each token that a benchmark's scenario allows, by model and scenario."""
    limits: Mapping[str, Mapping[str, float]]
    limits = tomllib.loads((FIT / "serving_limits.toml").read_text(encoding="utf-8"))["tpot_ms"]
    return limits


@cache
def serving_effects(quantity: str) -> Effects:
    """Return the fitted numbers of all levels for `tpot`, `ttft` or `rate`, from the residuals of calibration."""
    fit = serving_fit()
    spread = fit.spread[quantity]
    with (FIT / "serving_rows.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["quantity"] == quantity]
    levels: list[Levels] = [{factor: r[factor] for factor in spread} for r in rows]
    residual = [float(r["residual"]) for r in rows]
    return fit_effects(levels, residual, spread, fit.noise[quantity], [float(r["trust"]) for r in rows])


def release(text: str) -> str:
    """Return the release of a software from the text of its version: two numbers, or a word, or nothing.

    Example:
        >>> release("0.17.0 measured=2026-03-27"), release("nightly-5b8c30d6"), release("")
        ('0.17', 'nightly', '')
    """
    found = re.match(r"\s*(\d+\.\d+)", text)
    if found:
        return found[1]
    return "nightly" if "nightly" in text else ""
