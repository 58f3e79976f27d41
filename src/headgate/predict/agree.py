"""Predicted against measured, row by row, for every published run that the model was calibrated on.

A row was seen by the calibration, so that its error says how well the model can follow, not how well it forecasts. The
honest figure is `blind`: the prediction of a model that was fitted again without the row's whole group (chip, model,
precision), kept in `data/fit/leave_out.csv` by `scripts/leave_out.py`. Beside both stands what one constant efficiency
says, for a chip, a precision and dense or experts, likewise without the row's group.
"""

import csv
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from typing import Any

from headgate.catalog.measured import measured, number
from headgate.errors import HeadgateError, UsageError, did_you_mean
from headgate.predict.runs import Run, run_of_row
from headgate.predict.training import FIT, predict

KINDS = ("training", "serving")
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
        """Whether the row counts in the summaries: read by someone, and no fine-tuning or cut-down model."""
        return self.verify != "unverified" and self.part not in ("lora", "proxy")

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


def refuse_unknown(what: str, given: str, known: Iterable[str]) -> None:
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


@cache
def blind_rows() -> Mapping[tuple[str, str, str], Band]:
    """Return what a model that had not seen them said, by slice, row and quantity."""
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
    return [
        make(q, v, told=told.get(q), problem="" if told.get(q) else without)
        for q, v in values.items()
        if v
    ]


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


@dataclass(frozen=True, slots=True)
class Score:
    """How far off a set of predictions is; errors are shares of the measured value.

    Args:
        rows: Predictions with a measurement.
        middle, high: Median and 90th percentile of the absolute error.
        bias: Median of predicted over measured, less one: over 0 is too slow, or too much.
        covered: Share that lies in the band of ninety percent; NaN where there is no band.
    """

    rows: int
    middle: float
    high: float
    bias: float
    covered: float


def score(pairs: Sequence[tuple[Band, float]]) -> Score:
    """Return the score of predictions with their measured values.

    Example:
        >>> made = score([((1.1, 1.0, 1.2), 1.0), ((0.9, 0.7, 1.1), 1.0), ((1.3, 1.2, 1.4), 1.0)])
        >>> made.rows, round(made.middle, 2), round(made.bias, 2), round(made.covered, 2)
        (3, 0.1, 0.1, 0.67)
    """
    if not pairs:
        return Score(0, math.nan, math.nan, math.nan, math.nan)
    errors = sorted(band[0] / value - 1.0 for band, value in pairs)
    sizes = sorted(abs(e) for e in errors)
    # The 90th percentile by linear interpolation between the two nearest.
    place = 0.9 * (len(sizes) - 1)
    below = int(place)
    above = sizes[min(below + 1, len(sizes) - 1)]
    high = sizes[below] + (place - below) * (above - sizes[below])
    covered = sum(inside(band, value) for band, value in pairs) / len(pairs)
    return Score(len(pairs), median(sizes), high, median(errors), covered)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary: what rows it is of, and three scores.

    Args:
        seen: The package's own predictions, of rows that it was calibrated on.
        blind: Of models that had not seen the row's group.
        constant: Of one efficiency a cell, without the row's group.
        lost: Rows that cannot be predicted.
    """

    quantity: str
    chip: str
    arch: str
    seen: Score
    blind: Score
    constant: Score
    lost: int


def line(rows: Sequence[Row], quantity: str, chip: str, arch: str) -> Line:
    """Return the line of the rows of one quantity, chip (`all` for every one) and kind of model."""
    own = [r for r in rows if r.scored and r.quantity == quantity and r.arch == arch and chip in ("all", r.chip)]
    flat = [((r.constant, math.nan, math.nan), r.measured) for r in own if r.constant == r.constant]
    return Line(
        quantity,
        chip,
        arch,
        score([(r.told, r.measured) for r in own if r.told]),
        score([(r.blind, r.measured) for r in own if r.blind]),
        replace(score(flat), covered=math.nan),
        sum(1 for r in own if not r.told),
    )


def summary(rows: Sequence[Row]) -> list[Line]:
    """Return the scores by quantity and kind of model, for all chips and then chip by chip.

    Args:
        rows: Of `agreement`, all or some.

    Returns:
        Lines in the order of `QUANTITIES`; fine-tuning, cut-down models and unverified rows are left out.

    Example:
        >>> [(x.chip, x.arch) for x in summary(agreement("training"))][:2]
        [('all', 'dense'), ('all', 'moe')]
    """
    found = []
    for quantity in QUANTITIES:
        own = [r for r in rows if r.scored and r.quantity == quantity]
        kinds = sorted({r.arch for r in own})
        cells = sorted({(r.chip, r.arch) for r in own})
        found += [line(own, quantity, "all", arch) for arch in kinds]
        found += [line(own, quantity, chip, arch) for chip, arch in cells]
    return found
