"""Fit the scalars of the training model to the published runs and write `data/fit/training.toml` and its rows.

Run it after a change of formulas, records or rows: `python scripts/fit_training.py` (about two minutes). Kernel
constants stay fixed (`scripts/fit_kernels.py` fits those first); a dozen scalars are fitted with a prior
each, then the spread of each factor, then the band, on rows whose whole group was left out and everything fitted again.
"""

import csv
import math
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np

from headgate.catalog.chips import DATA
from headgate.errors import HeadgateError
from headgate.machine.training import Habits, step_seconds
from headgate.predict.effects import TAIL, fit_effects, fit_spread, marginal, row_covariance
from headgate.predict.power import sustained
from headgate.predict.runs import Run, run_of_row
from headgate.predict.training import FIT, SLOPES, Computed, Fit, compute, job_of, levels_of

# Each scalar with its first guess and the spread of its prior, in logarithms (of odds for a share).
PRIOR = {
    "element_passes": (1.3, 0.3),
    "attention_backward": (2.9, 0.15),
    "tensor_overlap": (0.35, 0.5),
    "expert_overlap": (0.4, 0.2),
    "data_overlap": (0.88, 0.5),
    "contention": (0.12, 0.4),
    "host_seconds": (4e-4, 0.5),
    "host_expert_seconds": (8e-3, 0.2),
    "permute_passes": (6.0, 0.16),
    "jitter": (0.008, 0.4),
    "tensor_fused": (0.7, 0.5),
    "fa2": (2.2, 0.3),
    "power": (0.5, 0.3),
    "maturity": (0.7, 0.16),
}
SHARES = ("tensor_overlap", "expert_overlap", "data_overlap", "tensor_fused", "contention")
SPREAD = {
    "kind": 0.10,
    "family_format": 0.08,
    "chip": 0.10,
    "chip_format": 0.06,
    "stack": 0.10,
    "stack_chip": 0.06,
    "dense_release": 0.05,
    "dense_model": 0.05,
    "dense_model_format": 0.04,
    "dense_chip_model": 0.04,
    "moe_release": 0.1,
    "moe_model": 0.15,
    "moe_model_format": 0.08,
    "moe_chip_model": 0.1,
    "moe_chip": 0.1,
    "moe_row": 0.1,
    "youth": 0.15,
    "moe_years": 0.15,
    "searched": 0.15,
    "task": 0.15,
}
NOISE = 0.05
FOLDS = 8
TRUST = {"primary": 1.0, "secondary": 0.7, "unverified": 0.2}


def rows() -> list[dict[str, str]]:
    """Return the calibration rows that have a measured time or rate."""
    with (DATA / "measured" / "training_runs.csv").open(encoding="utf-8", newline="") as lines:
        return [r for r in csv.DictReader(lines) if r["step_time_s"] or r["tokens_per_s_per_chip"]]


def measured_seconds(row: dict[str, str], run: Run) -> float:
    """Return the measured time of a step; from the rate where only that was published."""
    if row["step_time_s"] and not run.batch_assumed:
        return float(row["step_time_s"])
    return run.job.global_batch * run.job.sequence / run.chips / float(row["tokens_per_s_per_chip"])


def start() -> Fit:
    """Return the first guess."""
    names = {f.name for f in fields(Habits)}
    habits = replace(Habits(), **{k: v for k, (v, _) in PRIOR.items() if k in names})
    rest = {k: v for k, (v, _) in PRIOR.items() if k not in names}
    years = {"youth_years": 0.6, "first_year": 2020.0, "last_year": 2027.0, "most_chips": 1.0}
    return Fit(habits, spread=SPREAD, noise=NOISE, band={"dense": 1.0, "moe": 1.0}, **years, **rest)


def to_line(name: str, value: float) -> float:
    return math.log(value / (1 - value)) if name in SHARES else math.log(value)


def from_line(name: str, value: float) -> float:
    return 1 / (1 + math.exp(-value)) if name in SHARES else math.exp(value)


def with_scalars(fit: Fit, values: np.ndarray) -> Fit:
    """Return the fit with the scalars at a point of the line."""
    names = {f.name for f in fields(Habits)}
    told = {k: from_line(k, float(v)) for k, v in zip(PRIOR, values, strict=True)}
    habits = replace(fit.habits, **{k: v for k, v in told.items() if k in names})
    return replace(fit, habits=habits, **{k: v for k, v in told.items() if k not in names})


def residuals(done: list[Computed], seconds: np.ndarray, fit: Fit) -> np.ndarray:
    """Return log(measured / computed) of every row at its layout."""
    out = []
    for each, measured in zip(done, seconds, strict=True):
        run = each.run
        machine = sustained(run.machine, fit.power)
        step = step_seconds(run.architecture, machine, run.recipe, job_of(run, fit), each.layout, fit.habits)
        out.append(math.log(measured / float(step.total)))
    return np.array(out)


def left_out(
    keys: list[str], levels: list[dict[str, str | float]], y: np.ndarray, trust: np.ndarray, fit: Fit
) -> list[tuple[float, float]]:
    """Return error and standard deviation of each row when all rows of its key are left out."""
    out: list[tuple[float, float]] = [(0.0, 0.0)] * len(y)
    for key in sorted(set(keys)):
        rest = [i for i, k in enumerate(keys) if k != key]
        fitted = fit_effects([levels[i] for i in rest], y[rest], fit.spread, fit.noise, trust[rest])
        for i, k in enumerate(keys):
            if k == key:
                mean, sd = fitted.predict(levels[i])
                out[i] = (float(y[i]) - mean, sd)
    return out


def blind(rows_: list[dict[str, str]], names: set[str]) -> list[tuple[str, float, float]]:
    """Fit without the groups of these names; return kind, error and standard deviation of their rows."""
    fit, used, done, y = fit_all(lambda _: None, [r for r in rows_ if r["group"] not in names])
    trust = np.array([TRUST[r["verify"]] for r in used])
    known = fit_effects(levels_of_rows(done, fit), y, fit.spread, fit.noise, trust)
    out = []
    for row in (r for r in rows_ if r["group"] in names and TRUST[r["verify"]] > 0.5):
        each = compute(run_of_row(row), fit)
        mean, sd = known.predict(levels_of(each.run, searched=each.searched, fitted=fit))
        error = math.log(measured_seconds(row, each.run) / each.seconds) - mean
        out.append(("moe" if row["arch"] == "moe" else "dense", error, sd))
    return out


def bands(used: list[dict[str, str]]) -> dict[str, float]:
    """Return the factor on the band by kind, from rows whose group was left out and everything fitted again."""
    groups = sorted({r["group"] for r in used})
    found = [each for start in range(FOLDS) for each in blind(used, set(groups[start::FOLDS]))]
    return {
        kind: round(float(np.quantile([abs(e) / sd for k, e, sd in found if k == kind], 0.9)) / 1.645, 3)
        for kind in ("dense", "moe")
    }


def improved(
    point: np.ndarray,
    fit: Fit,
    done: list[Computed],
    seconds: np.ndarray,
    levels: list[dict[str, str | float]],
    weight: np.ndarray,
) -> tuple[np.ndarray, float]:
    """Return the scalars after one Gauss-Newton step, and the loss before it.

    The loss is the negative logarithm of the probability of the rows, levels integrated out, and of the scalars under
    their priors; residuals are taken as linear in the scalars over a step.
    """
    centers = np.array([to_line(k, v) for k, (v, _) in PRIOR.items()])
    widths = np.array([w for _, w in PRIOR.values()])
    now = residuals(done, seconds, with_scalars(fit, point))
    slope = np.empty((len(now), len(point)))
    for place in range(len(point)):
        moved = point.copy()
        moved[place] += 0.02
        slope[:, place] = (residuals(done, seconds, with_scalars(fit, moved)) - now) / 0.02
    loss = marginal(levels, now, fit.spread, fit.noise, weight) + float((((point - centers) / widths) ** 2).sum()) / 2
    rows = np.linalg.solve(row_covariance(levels, fit.spread, fit.noise, weight), np.column_stack([slope, now]))
    curve = slope.T @ rows[:, :-1] + np.diag(1 / widths**2)
    step = np.linalg.solve(curve, slope.T @ rows[:, -1] + (point - centers) / widths**2)
    return point - np.clip(step, -0.5, 0.5), loss


def levels_of_rows(done: list[Computed], fit: Fit) -> list[dict[str, str | float]]:
    """Return the levels of calibration rows, each run of experts with its own."""
    found = [levels_of(d.run, searched=d.searched, fitted=fit) for d in done]
    return [lv | {"moe_row": d.run.id} if "moe_row" in lv else lv for lv, d in zip(found, done, strict=True)]


def fit_all(
    progress: Callable[[str], None] = print, among: list[dict[str, str]] | None = None
) -> tuple[Fit, list[dict[str, str]], list[Computed], np.ndarray]:
    """Fit everything on the calibration rows, or on some of them; return the fit, the rows used, what was computed,
    and the residuals."""
    used, runs = [], []
    for row in rows() if among is None else among:
        try:
            runs.append(run_of_row(row))
            used.append(row)
        except HeadgateError as problem:
            progress(f"left out {row['row_id']}: {problem}")
    years = [r.year for r in runs if r.year]
    fit = replace(start(), first_year=min(years), last_year=max(years), most_chips=max(r.chips for r in runs))
    trust = np.array([TRUST[r["verify"]] for r in used])
    seconds = np.array([measured_seconds(row, run) for row, run in zip(used, runs, strict=True)])
    x = np.array([to_line(k, v) for k, (v, _) in PRIOR.items()])
    for _ in range(2):
        done = [compute(run, fit) for run in runs]
        levels = levels_of_rows(done, fit)
        y = residuals(done, seconds, fit)
        spread, noise = fit_spread(levels, y, SPREAD, NOISE, trust)
        fit = replace(fit, spread=spread, noise=noise)
        fitted = fit_effects(levels, y, spread, noise, trust)
        away = np.array([(r - fitted.predict(lv)[0]) / noise for r, lv in zip(y, levels, strict=True)])
        weight = trust * (TAIL + 1) / (TAIL + away**2)
        for _ in range(4):
            x, before = improved(x, fit, done, seconds, levels, weight)
            progress(f"loss {before:.2f}")
        fit = with_scalars(fit, x)
    done = [compute(run, fit) for run in runs]
    y = residuals(done, seconds, fit)
    spread, noise = fit_spread(levels, y, SPREAD, NOISE, trust)
    return replace(fit, spread=spread, noise=noise), used, done, y


def main() -> None:
    """Fit, measure the error on left-out groups, and write the files."""
    fit, used, done, y = fit_all()
    trust = np.array([TRUST[r["verify"]] for r in used])
    levels = levels_of_rows(done, fit)
    fit = replace(fit, band=bands(used))
    write(fit, used, done, y, trust, levels)
    for kind in ("group", "chip_id", "model"):
        keys = [r[kind] or r["chip"] for r in used]
        out = left_out(keys, levels, y, trust, fit)
        for arch in ("dense", "moe"):
            picked = [
                (e, sd)
                for (e, sd), r, d in zip(out, used, done, strict=True)
                if r["arch"] == arch and r["verify"] != "unverified" and d.run.task == "pretrain"
            ]
            errors = np.array([abs(math.expm1(-e)) for e, _ in picked])
            inside = np.mean([abs(e) < 1.645 * sd * fit.band[arch] for e, sd in picked])
            print(
                f"left out by {kind:8s} {arch:5s} rows {len(picked):3d} median {np.median(errors):.3f} "
                f"p90 {np.quantile(errors, 0.9):.3f} in band {inside:.2f}"
            )


def write(
    fit: Fit,
    used: list[dict[str, str]],
    done: list[Computed],
    y: np.ndarray,
    trust: np.ndarray,
    levels: list[dict[str, str | float]],
) -> None:
    """Write the two files."""
    lines = ["# Written by scripts/fit_training.py from data/measured/training_runs.csv; do not edit.", "", "[habits]"]
    lines += [f"{k} = {v:.6g}" for k, v in asdict(fit.habits).items()]
    names = (
        "tensor_fused",
        "fa2",
        "power",
        "maturity",
        "youth_years",
        "noise",
        "first_year",
        "last_year",
        "most_chips",
    )
    lines += ["", "[scalars]", *(f"{k} = {getattr(fit, k):.6g}" for k in names)]
    lines += ["", "[band]", *(f"{k} = {v:.3f}" for k, v in fit.band.items())]
    lines += ["", "[spread]", *(f"{k} = {v:.4f}" for k, v in fit.spread.items())]
    (FIT / "training.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    factors = list(SPREAD)
    with Path(FIT / "training_rows.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["row_id", "trust", "residual", *factors])
        for row, each, trusted, lv in zip(used, y, trust, levels, strict=True):
            cells = [f"{lv[k]:.4f}" if k in SLOPES and k in lv else lv.get(k, "") for k in factors]
            table.writerow([row["row_id"], f"{trusted:g}", f"{each:.5f}", *cells])


if __name__ == "__main__":
    main()
