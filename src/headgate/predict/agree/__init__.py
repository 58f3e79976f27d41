"""Predicted against measured, row by row, for every published run that the model was calibrated on.

A row was seen by the calibration, so that its error says how well the model can follow, not how well it forecasts. The
honest figure is `blind`: the prediction of a model that was fitted again without the row's whole group (chip, model,
precision), kept in `data/fit/leave_out.csv` by `scripts/leave_out.py`. Beside both stands what one constant efficiency
says, for a chip, a precision and dense or experts, likewise without the row's group.
"""

import csv
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from typing import Any, NoReturn

from headgate.catalog.measured import measured, number
from headgate.errors import HeadgateError, UsageError, did_you_mean
from headgate.predict.calibrated import FIT
from headgate.predict.runs import Run, run_of_row
from headgate.predict.training import predict

KINDS = ("training", "serving")
# The files that calibration writes; `leave_out.toml` says of which state of them it tells.
FITTED = {
    "training": ("kernels.toml", "stacks.toml", "training.toml", "training_rows.csv"),
    "serving": ("kernels.toml", "serving.toml", "serving_rows.csv"),
}
MEMORY = "peak_mem_gib"
QUANTITIES = {
    "step_time_s": "time of a training step, s",
    "tokens_per_s_per_chip": "tokens a second and chip served",
    "tpot_ms": "time per output token, ms",
    "ttft_ms": "time to first token, ms",
    MEMORY: "peak memory, GiB",
}
Band = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured quantity of one published run beside its prediction.

    Args:
        id, kind: Of the row, and `training` or `serving`.
        chip, model, arch, precision, group: As in its table; `arch` is `dense` or `moe`.
        part: `pretrain`, `lora` or `proxy`; for serving its phase.
        source, verify: Where it was published, and how well it is known.
        quantity, measured: One of `QUANTITIES`; a training rate is turned into the time of its step.
        told: Median, low and high of the package; None when it cannot predict the row.
        blind: The same of a model fitted without the row's group; None when not kept.
        roof: Time of the step at the dense roof of the chip, training only; NaN otherwise.
        constant: What a constant efficiency says, without the row's group; NaN when there is none.
        problem: Why the row cannot be predicted.
    """

    id: str
    kind: str
    chip: str
    model: str
    arch: str
    precision: str
    group: str
    part: str
    source: str
    verify: str
    quantity: str
    measured: float
    told: Band | None = None
    blind: Band | None = None
    roof: float = math.nan
    constant: float = math.nan
    problem: str = ""

    @property
    def error(self) -> float:
        """Predicted over measured, less one; NaN when it is not predicted."""
        return self.told[0] / self.measured - 1.0 if self.told else math.nan

    @property
    def scored(self) -> bool:
        """Whether the row counts in the summaries: someone read it, and its time is that of pretraining a whole model.

        Memory counts for models cut down in layers too, since the layers that were run are known.
        """
        apart = ("lora",) if self.quantity == MEMORY else ("lora", "proxy")
        return self.verify != "unverified" and self.part not in apart

    @property
    def cell(self) -> tuple[str, str, str]:
        """Chip, precision class and kind of model, for which a constant efficiency is taken."""
        return self.chip, self.group.split("|")[-1], self.arch


def inside(band: Band | None, value: float) -> bool:
    """Say whether a value lies in a band.

    Example:
        >>> inside((1.0, 0.9, 1.1), 1.05), inside(None, 1.0)
        (True, False)
    """
    return band is not None and band[1] <= value <= band[2]


def refuse_unknown(what: str, given: str, known: Iterable[str]) -> NoReturn:
    """Refuse a name that no row has."""
    known = sorted(set(known))
    near = did_you_mean(given, known) or f" Known are {', '.join(known)}."
    raise UsageError(f"{what} {given!r} stands in no calibration row.{near}")


def measured_step_seconds(row: Mapping[str, str], run: Run) -> float | None:
    """Return the measured time of a step, from the rate where only that was published; None when neither was.

    Example:
        >>> rows = {r["row_id"]: r for r in measured("training_runs").rows}
        >>> row = rows["llama2-70b_MI300X_8_fp8_lora"]
        >>> measured_step_seconds(row, run_of_row(row))
        3.78179
    """
    step, rate = number(row["step_time_s"]), number(row["tokens_per_s_per_chip"])
    if step is not None and not run.batch_assumed:
        return step
    return None if rate is None else run.job.global_batch * run.job.sequence / run.chips / rate


def roof_seconds(run: Run) -> float:
    """Return the time of a step if the chip's dense roof were reached: causal work over rate, nothing recomputed."""
    work = run.architecture.train_flop_per_token(run.job.sequence) * run.job.sequence * run.job.global_batch
    return work / (run.chips * run.machine.chip.kernels[run.recipe.format].rate_flop_per_s)


def constant_seconds(row: Row, others: Iterable[Row]) -> float:
    """Return the time of a step at one efficiency: the median of rows of the same cell, else of the nearest kind.

    A chip that no other row has takes the median of its precision and kind over all chips, else of its kind.

    Args:
        row: The row, with `roof`.
        others: Rows that may be looked at.

    Returns:
        Seconds; NaN when no other row is of its kind.
    """
    pool = [(o.cell, o.roof / o.measured) for o in others if o.scored and o.quantity == "step_time_s"]
    for first in range(3):
        shares = [share for cell, share in pool if cell[first:] == row.cell[first:]]
        if shares:
            return row.roof / median(shares)
    return math.nan


def fitted_hash(kind: str) -> str:
    """Return a short hash of the calibrated constants, to tell whether what was measured with them is still theirs.

    Args:
        kind: `training` or `serving`.
    """
    text = b"".join((FIT / name).read_bytes() for name in FITTED[kind])
    return hashlib.sha256(text).hexdigest()[:16]


@cache
def blind_rows() -> Mapping[tuple[str, str, str], Band]:
    """Return what a model that had not seen them said, by slice, row and quantity."""
    if not (FIT / "leave_out.csv").is_file():
        return {}
    with (FIT / "leave_out.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (r["slice"], r["row_id"], r["quantity"]): (float(r["median"]), float(r["low"]), float(r["high"]))
            for r in csv.DictReader(lines)
        }


def _of(row: Mapping[str, str], kind: str, part: str, precision: str) -> Callable[..., Row]:
    """Return what makes rows of one published run."""

    def make(quantity: str, value: float, **rest: Any) -> Row:
        blind = blind_rows().get(("group", row["row_id"], quantity))
        named = (row["chip_id"] or row["chip"], row["model"], row["arch"], precision, row["group"], part)
        return Row(row["row_id"], kind, *named, row["source"], row["verify"], quantity, value, blind=blind, **rest)

    return make


def _training_rows(row: Mapping[str, str]) -> list[Row]:
    """Return the measured quantities of one training run."""
    make = _of(row, "training", row["task"].split(" ")[0], row["precision"])
    memory = number(row[MEMORY])
    try:
        run = run_of_row(row)
        told = predict(run).quantities
    except HeadgateError as problem:
        return [make("step_time_s", number(row["step_time_s"]) or math.nan, problem=str(problem))]
    found = []
    if (seconds := measured_step_seconds(row, run)) is not None:
        found.append(make("step_time_s", seconds, told=told["step_time_s"], roof=roof_seconds(run)))
    if memory is not None:
        found.append(make(MEMORY, memory, told=told[MEMORY]))
    return found


def _serving_rows(row: Mapping[str, str]) -> list[Row]:
    """Return the measured quantities of one serving run."""
    from headgate.predict.serving import predict_serving_row

    make = _of(row, "serving", row["phase"], row["weight_precision"])
    values = {q: number(row[q]) for q in ("tokens_per_s_per_chip", "tpot_ms", "ttft_ms")}
    try:
        told = predict_serving_row(row)
    except HeadgateError as problem:
        return [make(q, v, problem=str(problem)) for q, v in values.items() if v]
    without = "the phase of the row has no such quantity"
    return [make(q, v, told=told.get(q), problem="" if told.get(q) else without) for q, v in values.items() if v]


@cache
def agreement(kind: str = "training") -> tuple[Row, ...]:
    """Return every calibration row of a kind with prediction, measurement and the constant-efficiency baseline.

    Args:
        kind: `training` or `serving`.

    Returns:
        One entry for each measured quantity, in the order of the table; a row that cannot be predicted says why.

    Raises:
        UsageError: The kind is unknown.

    Example:
        >>> rows = agreement("training")
        >>> len({r.id for r in rows}) > 190, all(r.told or r.problem for r in rows)
        (True, True)
    """
    if kind not in KINDS:
        refuse_unknown("kind", kind, KINDS)
    read = _training_rows if kind == "training" else _serving_rows
    rows = [found for row in measured(f"{kind}_runs").rows for found in read(row)]
    timed = [r for r in rows if r.quantity == "step_time_s" and r.told]
    return tuple(
        replace(r, constant=constant_seconds(r, (o for o in timed if o.group != r.group))) if r in timed else r
        for r in rows
    )
