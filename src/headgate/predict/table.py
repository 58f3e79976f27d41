"""Predict a table of runs, row by row: training and serving, medians and bands, and an error where there is none.

A cell that was measured is never read: what is not in the list of inputs cannot be seen by a prediction. Rows with the
same inputs are predicted once.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NoReturn

from headgate.catalog.measured import measured
from headgate.errors import HeadgateError, RowError
from headgate.predict.runs import run_of_row
from headgate.predict.serving import predict_serving_row
from headgate.predict.training import predict

QUANTITIES = ("step_time_s", "tokens_per_s_per_chip", "tpot_ms", "ttft_ms", "mfu", "peak_mem_gib")
ENDS = ("median", "low", "high")
COLUMNS = ("row_id", *(f"{q}_{end}" for q in QUANTITIES for end in ENDS), "error")
EXTRA = ""  # under this name stand the cells that a line has beyond its header
TABLES = {"training": "training_runs", "serving": "serving_runs"}
NOTES = re.compile(r"expert TP \d|dualpipe|fp8_block|mean ~?\d", re.IGNORECASE)  # what predictions look for in `notes`
REMEMBERED = 100_000  # predictions of different runs kept in memory
Band = tuple[float, float, float]
Cells = tuple[tuple[str, str], ...]


def refuse_unclear_kind(training: Sequence[str], serving: Sequence[str]) -> NoReturn:
    """Refuse a row that is neither training nor serving, or both."""
    if training and serving:
        raise RowError(
            f"the row is of training ({', '.join(training)}) and of serving ({', '.join(serving)}) at once. "
            "Leave the columns of one kind blank."
        )
    raise RowError(
        "the row states neither training nor serving. Fill `seq` for a training run, or `isl` and `osl` (or `phase`) "
        "for a serving run."
    )


@cache
def signs(kind: str) -> tuple[str, ...]:
    """Return the columns that only one kind of row fills.

    Example:
        >>> "seq" in signs("training"), "isl" in signs("serving"), "tp" in signs("serving")
        (True, True, False)
    """
    other = next(k for k in TABLES if k != kind)
    theirs = measured(TABLES[other]).columns
    return tuple(c for c in measured(TABLES[kind]).of_role("mapping") if c not in theirs)


@cache
def results() -> frozenset[str]:
    """Return the columns that hold results: they are neither read nor copied.

    Example:
        >>> {"step_time_s", "ttft_ms", "tflops_uniform_causal"} <= results(), "software" in results()
        (True, False)
    """
    roles = ("measured", "derived")
    return frozenset(c for name in TABLES.values() for role in roles for c in measured(name).of_role(role))


@cache
def inputs() -> tuple[str, ...]:
    """Return the columns that a prediction may read: model, machine, mapping, and the few others that tell of them.

    Example:
        >>> {"chips", "isl", "notes"} <= {*inputs()}, {"row_id", "mfu_reported", "source"} & {*inputs()}
        (True, set())
    """
    tables = [measured(name) for name in TABLES.values()]
    known = (c for t in tables for role in ("model", "machine", "mapping") for c in t.of_role(role))
    return tuple(dict.fromkeys((*known, "schedule", "mfu_peak_tflops", "notes")))


def cells_of(row: Mapping[str, str]) -> Cells:
    """Return the cells that a prediction reads, in one order, so that equal runs are equal.

    A published run that has a name was seen by the calibration; a row of a table is a new one, whatever its name.

    Example:
        >>> cells_of({"desk": "7", "chip": "H100", "row_id": "a", "tp": "", "notes": "on a Monday", "model": "x"})
        (('model', 'x'), ('chip', 'H100'))
    """
    found = ((c, row[c]) for c in inputs() if row.get(c))
    return tuple((c, cell) for c, cell in found if c != "notes" or NOTES.search(cell))


def kind_of(row: Mapping[str, str]) -> str:
    """Say whether a row is of `training` or of `serving`.

    Raises:
        RowError: It is neither, or both.

    Example:
        >>> kind_of({"model": "llama3-8b", "seq": "8192"}), kind_of({"model": "llama3-8b", "isl": "1024"})
        ('training', 'serving')
    """
    training, serving = ([c for c in signs(kind) if (row.get(c) or "").strip()] for kind in TABLES)
    if bool(training) == bool(serving):
        refuse_unclear_kind(training, serving)
    return "training" if training else "serving"


def text_of(cell: object) -> str:
    """Return a cell as the text that a CSV would hold; nothing and NaN are blank.

    Example:
        >>> text_of(None), text_of(2048.0), text_of(0.5), text_of(True), text_of(" x ")
        ('', '2048', '0.5', '1', ' x ')
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, bool) or (isinstance(cell, float) and cell.is_integer()):
        return str(int(cell))
    return str(cell)


def predict_row(row: Mapping[str, str]) -> Mapping[str, Band | None]:
    """Predict one run of either kind.

    Args:
        row: Cells by column, as in the tables of training or serving runs; results in it are not read.

    Returns:
        Median, low and high by quantity; None where a quantity does not apply.

    Raises:
        HeadgateError: The row cannot be predicted; the message says what, which, why and what to do.

    Example:
        >>> row = {"model": "llama3-8b", "chip": "H100", "chips": "8", "seq": "8192", "precision": "bf16"}
        >>> found = predict_row(row)
        >>> found["tpot_ms"], 0 < found["mfu"][1] < found["mfu"][0] < found["mfu"][2] < 1
        (None, True)
    """
    unseen = dict(cells_of(row))
    trains = kind_of(unseen) == "training"
    found: Mapping[str, Band | None] = predict(run_of_row(unseen)).quantities if trains else predict_serving_row(unseen)
    bands = {q: found.get(q) for q in QUANTITIES}
    if any(band is not None and not all(math.isfinite(x) for x in band) for band in bands.values()):
        raise RowError("the formulas give no finite number for this row. Check its sizes.")
    return bands


def predict_table(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Predict every row of a table; a row that cannot be predicted says why in `error`, and the rest goes on.

    Args:
        rows: Cells by column, text as in a file or typed.

    Returns:
        One dict a row, in order: `row_id` as it is (where it is blank the row's number, or `row 7` where another row
        has the name 7), the columns of `COLUMNS` (None where
        a quantity does not apply), then the columns of the input that are no results.

    Example:
        >>> found = list(predict_table([{"model": "llama3-8b", "desk": "7"}]))
        >>> found[0]["row_id"], found[0]["desk"], found[0]["error"][:39]
        ('1', '7', 'the row states neither training nor ser')
    """
    held = list(rows)
    taken = {text_of(typed.get("row_id")) for typed in held}
    tried = lru_cache(REMEMBERED)(_tried)
    for number, typed in enumerate(held, start=1):
        row = {column: text_of(cell) for column, cell in typed.items()}
        fault = _fault(row)
        bands, error = ({}, fault) if fault else tried(cells_of(row))
        made: dict[str, Any] = {"row_id": row.get("row_id", "")}
        if not made["row_id"].strip():
            made["row_id"] = _new_name(number, taken)
        for quantity in QUANTITIES:
            band = bands.get(quantity) or (None,) * len(ENDS)
            made |= {f"{quantity}_{end}": value for end, value in zip(ENDS, band, strict=True)}
        made["error"] = error
        yield made | {column: row[column] for column in passed(row)}


def _new_name(number: int, taken: Iterable[str]) -> str:
    """Return the name of a row that has none, which no other row has."""
    name = str(number)
    while name in taken:
        name = f"row {name}"
    return name


def _fault(row: Mapping[str, str]) -> str:
    """Return what is wrong with a row as it stands in its file; empty when nothing is."""
    if extra := row.get(EXTRA):
        return f"the line has more cells than the header: {extra}. Correct it, or quote a comma in a cell."
    holed = next((c for c, cell in row.items() if "\0" in cell and c not in results()), None)
    return "" if holed is None else f"{holed} holds a NUL character, which no text has. Remove it."


def _tried(cells: Cells) -> tuple[Mapping[str, Band | None], str]:
    """Predict one run; return what was found and an empty error, or nothing and the error."""
    try:
        return predict_row(dict(cells)), ""
    except HeadgateError as problem:
        return {}, str(problem)
    except (ArithmeticError, LookupError, TypeError, ValueError) as problem:
        # A table goes on whatever one row holds.
        return {}, f"the row cannot be computed ({type(problem).__name__}: {problem}). Check its sizes."


def passed(columns: Iterable[str]) -> list[str]:
    """Return the columns that are copied to the output: all but results, and those that the output has itself.

    Example:
        >>> passed(["row_id", "model", "step_time_s", "step_time_s_median", "error", "desk"])
        ['model', 'desk']
    """
    return [c for c in columns if c and c not in COLUMNS and c not in results()]
