"""Worked examples: famous published runs, what was published of them, and what the model says."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate.catalog.chips import DATA
from headgate.errors import CatalogError, HeadgateError
from headgate.predict.agree import Band, Row, agreement, inside
from headgate.predict.agree.authors import words
from headgate.predict.runs import run_of_row
from headgate.predict.training import Predicted, model_flop_per_token, predict

FILE = DATA / "measured" / "worked_examples.toml"
KEYS = ("id", "title", "says", "row", "seen", "published")
UNITS = {
    "chip_hours_per_trillion_tokens": "chip-hours for a trillion tokens",
    "tflops_causal": "TFLOP/s a chip, counting causal attention",
    "tflops_full": "TFLOP/s a chip, counting full attention",
    "mfu": "model FLOP utilization",
    "tokens_per_s_per_chip": "tokens a second and chip",
    "tpot_ms": "ms for each output token",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One published figure beside its prediction.

    Args:
        quantity: A key of `UNITS`.
        published: As published.
        told: Median, low and high; None when it could not be predicted.
        source, mark: Where it was published, and how well it is known.
        blind: The same without the row's group, where the row was calibrated on.
        problem: Why it could not be predicted.
    """

    quantity: str
    published: float
    told: Band | None
    source: str
    mark: str
    blind: Band | None = None
    problem: str = ""

    @property
    def error(self) -> float:
        """Predicted over published, less one; NaN when it was not predicted."""
        return self.told[0] / self.published - 1.0 if self.told else math.nan

    @property
    def inside(self) -> bool:
        """Whether the published figure lies in the band."""
        return inside(self.told, self.published)


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example.

    Args:
        id, title, says: Of the file.
        checks: Published figures with predictions.
        layout: The mapping that was computed, in words; empty for serving.
        unseen: Factors that no calibration row has a level of.
        memory_gib, room_gib: Peak memory by the formula, and what the chip has; NaN for serving.
    """

    id: str
    title: str
    says: str
    checks: tuple[Check, ...]
    layout: str = ""
    unseen: tuple[str, ...] = ()
    memory_gib: float = math.nan
    room_gib: float = math.nan


def _in_unit(quantity: str, told: Predicted) -> Band:
    """Return a prediction in the unit in which something was published."""
    run = told.computed.run
    if quantity == "mfu":
        return told.quantities["mfu"]
    tokens = run.job.global_batch * run.job.sequence
    seconds = told.quantities["step_time_s"]
    if quantity == "chip_hours_per_trillion_tokens":
        middle, low, high = (s * run.chips / 3600.0 / tokens * 1e12 for s in seconds)
        return middle, low, high
    causal = run.architecture.train_flop_per_token(run.job.sequence)
    flop = {"tflops_causal": causal, "tflops_full": model_flop_per_token(run)}[quantity]
    middle, high, low = (flop * tokens / run.chips / s / 1e12 for s in seconds)
    return middle, low, high


def _trained(entry: Mapping[str, Any]) -> Example:
    """Return an example of training."""
    told = predict(run_of_row({"row_id": entry["id"], **entry["row"]}))
    checks = tuple(
        Check(p["quantity"], float(p["value"]), _in_unit(p["quantity"], told), p["source"], p["mark"])
        for p in entry["published"]
    )
    named = (entry["id"], entry["title"], entry["says"])
    room = told.computed.run.machine.chip.memory_bytes / 2**30
    return Example(*named, checks, words(told.computed.layout), told.unseen, told.quantities["peak_mem_gib"][0], room)


def _served(entry: Mapping[str, Any]) -> Example:
    """Return an example of serving: a row of the table of serving runs."""
    rows: list[Row] = [r for r in agreement("serving") if r.id == entry["seen"]]
    if not rows:
        raise CatalogError(f"worked_examples.toml: {entry['id']}: {entry['seen']!r} is no row of serving_runs.csv.")
    checks = tuple(Check(r.quantity, r.measured, r.told, r.source, r.verify, r.blind, r.problem) for r in rows)
    return Example(entry["id"], entry["title"], entry["says"], checks)


def worked_examples() -> tuple[Example, ...]:
    """Return every worked example, predicted by the package's calibration.

    Raises:
        CatalogError: The file has an unknown key, or names a row that is not there.

    Example:
        >>> [e.id for e in worked_examples()][0]
        'deepseek-v3-2048-h800'
    """
    found = []
    for entry in tomllib.loads(FILE.read_text(encoding="utf-8"))["example"]:
        if strange := [key for key in entry if key not in KEYS]:
            raise CatalogError(f"worked_examples.toml: {strange[0]!r} is not a key. Keys are {', '.join(KEYS)}.")
        try:
            found.append(_trained(entry) if "row" in entry else _served(entry))
        except HeadgateError as problem:
            raise CatalogError(f"worked_examples.toml: {entry['id']}: {problem}") from problem
    return tuple(found)
