"""Predict serving: a row of a table, or a model on a number of chips, as medians and bands of ninety percent."""

from collections.abc import Mapping

from headgate.predict.serving.bands import Quantity, banded, closed_rate, engine_of, half_band, memory_band
from headgate.predict.serving.model import Raw, raw
from headgate.predict.serving.plan import serve
from headgate.predict.serving.record import Served
from headgate.predict.serving.rows import AGGREGATED, Case, case_of_row

__all__ = ["Served", "predict_case", "predict_serving_row", "serve"]
QUANTITIES = ("tokens_per_s_per_chip", "tpot_ms", "ttft_ms", "peak_mem_gib")


def predict_case(case: Case, found: Raw | None = None) -> dict[str, Quantity | None]:
    """Predict one case: what the formulas say, times what they usually miss, with a band.

    Args:
        case: The case.
        found: What the formulas say of it, where that is known already.

    Returns:
        `QUANTITIES`, each as median, low and high; None where the phase has no such quantity.
    """
    found = found or raw(case, engine_of(case))
    out: dict[str, Quantity | None] = dict.fromkeys(QUANTITIES)
    tpot = ttft = None
    if found.tpot_seconds is not None:
        tpot = banded(found.tpot_seconds * 1e3, *half_band(case, "tpot"))
    if found.ttft_seconds is not None:
        ttft = banded(found.ttft_seconds * 1e3, *half_band(case, "ttft"))
    if found.memory_bytes is not None:
        out["peak_mem_gib"] = memory_band(found.memory_bytes)
    if case.phase == AGGREGATED and ttft:
        # What calibration does to the two times of a closed loop, it does to its rate.
        clients = case.requests / (float(found.layout.chips) if case.layout else case.chips)
        halves = half_band(case, "tpot")[1], half_band(case, "ttft")[1]
        rate = closed_rate(clients, case.load.output, (tpot[0] if tpot else 0.0, halves[0]), (ttft[0], halves[1]))
    else:
        rate = banded(found.tokens_per_s_per_chip, *half_band(case, "rate"))
    return out | {"tokens_per_s_per_chip": rate, "tpot_ms": tpot, "ttft_ms": ttft}


def predict_serving_row(row: Mapping[str, str]) -> dict[str, Quantity | None]:
    """Predict one row of a table with the columns of `serving_runs.csv`.

    Any subset of the columns that fixes the run will do: a blank mapping is searched, a blank batch is as large as
    memory (and the scenario's limit) allows. Measured columns are never read.

    Args:
        row: Cells by column.

    Returns:
        `tokens_per_s_per_chip`, `tpot_ms`, `ttft_ms`, `peak_mem_gib`, each as median, low and high; None where the
        phase has no such quantity.

    Raises:
        HeadgateError: The row cannot be predicted; the message says why and what to do.

    Example:
        >>> row = {"model": "llama3-70b", "chip": "H100", "chips": "8", "tp": "8", "engine": "vllm", "batch": "64"}
        >>> row |= {"weight_precision": "fp8", "isl": "8192", "osl": "1024"}
        >>> found = predict_serving_row(row)
        >>> 25 < found["tpot_ms"][0] < 45 and found["tpot_ms"][1] < 34.5 < found["tpot_ms"][2]
        True
    """
    return predict_case(case_of_row(row))
