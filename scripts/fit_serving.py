"""Fit the scalars of serving software and write `data/fit/serving.toml` and `data/fit/serving_rows.csv`.

Run it after a change of formulas, records or rows: `python scripts/fit_serving.py` (about ten minutes on two cores,
most of it for the rows left out). Kernel constants stay fixed (`scripts/fit_kernels.py`). Each scalar has a prior; each
engine may differ from the usual one in a few of them, as far as its rows say so. What is left is shared out to stack,
chip, model and kind of work. The band is set on rows whose whole group (chip, model and precision) was left out of all
of this.
"""

import csv
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from multiprocessing import Pool

import numpy as np
from numpy.typing import NDArray

from headgate.catalog.chips import DATA
from headgate.machine.serving_parts import Engine
from headgate.predict.effects import TAIL, Effects, fit_effects
from headgate.predict.serving.fit import FIT, QUANTITIES, USUAL
from headgate.predict.serving.model import raw
from headgate.predict.serving.rows import Case, case_of_row

Vector = NDArray[np.float64]

# Each scalar with its first guess and the spread of its prior, in logarithms.
PRIOR = {
    "matrix_time": (1.0, 0.15),
    "weight_efficiency": (0.78, 0.12),
    "cache_efficiency": (0.85, 0.12),
    "dense_layer_seconds": (35e-6, 0.4),
    "expert_layer_seconds": (65e-6, 0.4),
    "reduce_latency": (0.4, 0.4),
    "exchange_latency": (1.5, 0.4),
    "step_seconds": (7e-4, 0.4),
    "request_seconds": (8e-6, 0.5),
    "expert_time": (1.5, 0.35),
    "expert_passes": (8.0, 0.35),
    "expert_reads": (1.0, 0.15),
    "first_seconds": (0.05, 0.4),
    "prefill_time": (1.1, 0.15),
    "group_wait_steps": (5.0, 0.8),
    "queue_share": (0.1, 0.4),
    "steal_share": (0.95, 0.2),
    "overlap": (0.6, 0.2),
}
# How far an engine's own scalar lies from the usual one, in logarithms.
OWN = {
    "request_seconds": 0.7,
    "step_seconds": 0.3,
    "dense_layer_seconds": 0.2,
    "expert_layer_seconds": 0.2,
    "first_seconds": 0.4,
    "queue_share": 0.4,
    "group_wait_steps": 1.2,
    "prefill_time": 0.1,
    "expert_time": 0.2,
}
ENGINES = ("vllm", "trtllm", "sglang", "mlperf")
SCALARS = [(USUAL, name) for name in PRIOR] + [(engine, name) for engine in ENGINES for name in OWN]
WIDTH = np.array([PRIOR[name][1] if engine == USUAL else OWN[name] for engine, name in SCALARS])
NOISE = {"tpot": 0.12, "ttft": 0.3, "rate": 0.14}
SPREAD = {
    "tpot": {"stack": 0.15, "chip": 0.08, "cell": 0.08},
    "ttft": {"stack": 0.2, "chip": 0.1, "model": 0.15},
    "rate": {"work": 0.1, "chip": 0.08, "cell": 0.08},
}
LEAST = {"tpot": 0.1, "ttft": 0.2, "rate": 0.1}
TRUST = {"primary": 1.0, "secondary": 0.7}
MEASURED = {"tpot": "tpot_ms", "ttft": "ttft_ms", "rate": "tokens_per_s_per_chip"}


@dataclass(frozen=True)
class Row:
    """One measured quantity of one row."""

    id: str
    keys: Mapping[str, str]
    case: Case
    quantity: str
    measured: float
    trust: float


def rows() -> list[Row]:
    """Return every measured quantity that the formulas predict, of all rows that were verified."""
    found = []
    with (DATA / "measured" / "serving_runs.csv").open(encoding="utf-8", newline="") as lines:
        table = [r for r in csv.DictReader(lines) if r["verify"] in TRUST]
    for row in table:
        case = case_of_row(row)
        first = raw(case, Engine())
        if case.layout is None:
            # The search is settled once: what a scalar changes little must not jump between spreads.
            share = float(first.layout.chips) / case.chips
            case = replace(case, layout=first.layout, requests=case.requests * share)
        answers = {"tpot": first.tpot_seconds, "ttft": first.ttft_seconds, "rate": first.tokens_per_s_per_chip}
        keys = {"group": row["group"], "chip": row["chip"], "model": row["model"]}
        for quantity in QUANTITIES:
            text = row[MEASURED[quantity]]
            if text and answers[quantity]:
                measured = float(text) / (1.0 if quantity == "rate" else 1e3)
                found.append(Row(row["row_id"], keys, case, quantity, measured, TRUST[row["verify"]]))
    return found


def engines(point: Vector) -> dict[str, Engine]:
    """Return the scalars of all engines at a point of the line."""
    usual = {name: guess for name, (guess, _) in PRIOR.items()}
    own: dict[str, dict[str, float]] = {engine: {} for engine in ENGINES}
    for (engine, name), value in zip(SCALARS, point, strict=True):
        if engine == USUAL:
            usual[name] *= math.exp(value)
        else:
            own[engine][name] = usual[name] * math.exp(value)
    usual["overlap"] = min(usual["overlap"], 0.95)
    return {USUAL: Engine(**usual), **{engine: Engine(**{**usual, **own[engine]}) for engine in ENGINES}}


def residuals(data: list[Row], told: Mapping[str, Engine], only: str = USUAL, base: Vector | None = None) -> Vector:
    """Return log(measured / computed), for the rows of one engine or of all; the rest is taken from `base`."""
    out = np.zeros(len(data)) if base is None else base.copy()
    before: Case | None = None
    for place, row in enumerate(data):
        if only not in (USUAL, row.case.engine):
            continue
        if row.case is not before:
            before, found = row.case, raw(row.case, told.get(row.case.engine, told[USUAL]))
        answers = {"tpot": found.tpot_seconds, "ttft": found.ttft_seconds, "rate": found.tokens_per_s_per_chip}
        out[place] = math.log(row.measured / answers[row.quantity])
    return out


def improve(data: list[Row], point: Vector, offset: Vector, trust: Vector) -> Vector:
    """Return the point after one Gauss-Newton step on Student-t residuals with the priors."""
    now = residuals(data, engines(point))
    slope = np.empty((len(data), len(SCALARS)))
    for place, (engine, _) in enumerate(SCALARS):
        moved = point.copy()
        moved[place] += 0.03
        slope[:, place] = (residuals(data, engines(moved), engine, now) - now) / 0.03
    noise = np.array([NOISE[row.quantity] for row in data])
    left = now - offset
    weight = trust * (TAIL + 1) / (TAIL + (left / noise) ** 2) / noise**2
    curve = (slope.T * weight) @ slope + np.diag(1 / WIDTH**2)
    step = np.linalg.solve(curve, (slope.T * weight) @ left + point / WIDTH**2)
    return point - np.clip(step, -0.4, 0.4)


def level_effects(data: list[Row], now: Vector, trust: Vector) -> tuple[dict[str, Effects], Vector]:
    """Fit the levels of each quantity on the trusted rows; return them and their mean for every row."""
    fitted: dict[str, Effects] = {}
    mean = np.zeros(len(data))
    for quantity in QUANTITIES:
        use = [i for i, row in enumerate(data) if row.quantity == quantity and trust[i] > 0]
        levels = [{f: data[i].case.levels[f] for f in SPREAD[quantity]} for i in use]
        known = fit_effects(levels, now[use], SPREAD[quantity], NOISE[quantity], trust[use])
        fitted[quantity] = known
        for i, row in enumerate(data):
            if row.quantity == quantity:
                mean[i] = known.predict(row.case.levels)[0]
    return fitted, mean


def fit(
    data: list[Row], trust: Vector, start: Vector, rounds: int
) -> tuple[Vector, dict[str, Effects], Vector, Vector]:
    """Fit scalars and levels in turn; return the point, the levels, residuals, and the levels' mean."""
    point, mean = start.copy(), np.zeros(len(data))
    for _ in range(rounds):
        point = improve(data, point, mean, trust)
        now = residuals(data, engines(point))
        known, mean = level_effects(data, now, trust)
    return point, known, now, mean


def _fold(job: tuple[str, str, Vector]) -> tuple[list[int], Vector, list[float]]:
    """Fit without the rows of one key; return their places, errors and standard deviations."""
    by, key, start = job
    data = rows()
    trust = np.array([0.0 if row.keys[by] == key else row.trust for row in data])
    _, known, now, mean = fit(data, trust, start, 2)
    out = [i for i, row in enumerate(data) if row.keys[by] == key]
    return out, (now - mean)[out], [known[data[i].quantity].predict(data[i].case.levels)[1] for i in out]


def left_out(by: str, data: list[Row], start: Vector) -> tuple[Vector, Vector]:
    """Return error and standard deviation of every row when all rows of its key are left out."""
    error, spread = np.zeros(len(data)), np.ones(len(data))
    with Pool() as pool:
        for places, off, sd in pool.imap_unordered(_fold, [(by, k, start) for k in sorted({r.keys[by] for r in data})]):
            error[places], spread[places] = off, sd
    return error, spread


def summary(name: str, data: list[Row], error: Vector) -> None:
    """Print median, 90th percentile and bias of the errors by quantity."""
    for quantity in QUANTITIES:
        own = np.array([e for row, e in zip(data, error, strict=True) if row.quantity == quantity])
        share = np.abs(np.expm1(-own))
        print(
            f"{name:18s} {quantity:5s} rows {len(own):3d} median {np.median(share):.3f} "
            f"p90 {np.quantile(share, 0.9):.3f} bias {np.median(-own):+.3f}"
        )


def main() -> None:
    """Fit, measure the error on what is left out, and write the files."""
    data = rows()
    trust = np.array([row.trust for row in data])
    point, _, now, mean = fit(data, trust, np.zeros(len(SCALARS)), 8)
    summary("formulas", data, now)
    summary("calibrated", data, now - mean)
    band: dict[str, float] = {}
    errors: dict[str, Vector] = {}
    inside: dict[str, dict[str, float]] = {}
    for by in ("group", "chip", "model"):
        errors[by], sd = left_out(by, data, point)
        summary(f"{by} left out", data, errors[by])
        inside[by] = {}
        for quantity in QUANTITIES:
            use = [i for i, row in enumerate(data) if row.quantity == quantity]
            ratio = np.abs(errors[by][use] / np.maximum(sd[use], LEAST[quantity]))
            band.setdefault(quantity, float(np.quantile(ratio, 0.9)))
            inside[by][quantity] = float(np.mean(ratio <= band[quantity]))
        print(f"{by} left out: within the band {inside[by]}")
    write(engines(point), band, data, errors, inside)
    write_rows(data, now, errors)


def write(
    told: Mapping[str, Engine],
    band: Mapping[str, float],
    data: list[Row],
    errors: Mapping[str, Vector],
    inside: Mapping[str, Mapping[str, float]],
) -> None:
    """Write the constants, and how well they did on what was left out."""
    lines = ["# Written by scripts/fit_serving.py from data/measured/serving_runs.csv; do not edit."]
    for engine, scalars in told.items():
        names = asdict(scalars) if engine == USUAL else OWN
        lines += ["", f"[engine.{engine}]", *(f"{k} = {getattr(scalars, k):.5g}" for k in names)]
    for quantity in QUANTITIES:
        lines += ["", f"[spread.{quantity}]", *(f"{k} = {v:g}" for k, v in SPREAD[quantity].items())]
    lines += ["", "[noise]", *(f"{k} = {v:g}" for k, v in NOISE.items())]
    lines += ["", "[least]", *(f"{k} = {v:g}" for k, v in LEAST.items())]
    lines += ["", "[band]", *(f"{k} = {v:.3f}" for k, v in band.items())]
    for by, error in errors.items():
        lines += ["", f"# Rows whose whole {by} was left out of everything.", f"[left_out.{by}]"]
        for quantity in QUANTITIES:
            share = np.abs(np.expm1(-error[[i for i, row in enumerate(data) if row.quantity == quantity]]))
            figures = f"median = {np.median(share):.3f}, p90 = {np.quantile(share, 0.9):.3f}"
            lines.append(f"{quantity} = {{ rows = {len(share)}, {figures}, in_band = {inside[by][quantity]:.2f} }}")
    (FIT / "serving.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_rows(data: list[Row], now: Vector, errors: Mapping[str, Vector]) -> None:
    """Write the residual of each row, its levels, and log(measured / predicted) where its kind was left out."""
    factors = sorted({factor for spread in SPREAD.values() for factor in spread})
    with (FIT / "serving_rows.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["row_id", "quantity", "trust", "residual", *(f"{by}_left_out" for by in errors), *factors])
        for place, row in enumerate(data):
            left = [f"{error[place]:.5f}" for error in errors.values()]
            cells = [row.case.levels[f] for f in factors]
            table.writerow([row.id, row.quantity, f"{row.trust:g}", f"{now[place]:.5f}", *left, *cells])


if __name__ == "__main__":
    sys.exit(main())
