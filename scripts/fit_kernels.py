"""Fit the constants of single kernels and write `data/fit/kernels.toml`.

    python scripts/fit_kernels.py            write the file
    python scripts/fit_kernels.py --check    say whether it is up to date (exit 1 if not)

The table holds medians over published kernel timings, each along one dimension. A narrow format's timing has the
quantizing of activations inside. It is fitted beside the multiplication, as a pass of so many bytes an element and a
launch of its own, because a training stack may fuse it away and a recipe counts it by itself:

    t = max(2 (M + m) (N + n) (K + k) / (rate * limit), bytes / (bandwidth * share)) + floor
        + quantize_bytes * M * K / (bandwidth * stream share) + quantize floor
"""

import csv
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src" / "headgate" / "data" / "measured" / "kernel_efficiency.csv"
TARGET = ROOT / "src" / "headgate" / "data" / "fit" / "kernels.toml"

CHIPS = ("A100", "H100", "B200", "GB200")
FORMATS = {"bf16": "bfloat16", "fp8": "fp8", "fp8_block": "fp8_block", "nvfp4": "nvfp4"}
# Bytes of one operand element; NVFP4 has one scale byte for 16 elements.
OPERAND_BYTES = {"bf16": 2.0, "fp8": 1.0, "fp8_block": 1.0, "nvfp4": 0.5625}
# Least time of one multiplication inside a fit over 3,000 single shapes; the medians here have no small shapes.
FLOORS_US = {"A100": 5.5, "H100": 3.5, "B200": 3.1, "GB200": 3.1}
# The other two dimensions of a curve: the geometric middle of its range, 4,096 to 16,384.
OTHER = 8192.0
Row = dict[str, str]
Vector = NDArray[np.float64]


def read_rows() -> list[Row]:
    """Return the rows of the table."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def medians(rows: Sequence[Row], **wanted: str) -> list[tuple[str, float, float]]:
    """Return value, median and roof of the rows whose cells are as wanted."""
    fits = [row for row in rows if all(row[key] == cell for key, cell in wanted.items())]
    return [(row["value"], float(row["median"]), float(row["peak"] or "nan")) for row in fits]


def least(
    misfit: Callable[[Vector], Vector], start: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> Vector:
    """Return the parameters, between the limits, with the least sum of soft absolute misfits.

    Levenberg and Marquardt's steps on the logarithms; a misfit above 0.1 counts by its size, not its square.
    """
    bottom, top = np.log(low), np.log(high)
    at = np.clip(np.log(start), bottom, top)

    def cost(z: Vector) -> float:
        return float(np.sum(np.sqrt(1.0 + (misfit(np.exp(z)) / 0.1) ** 2)))

    damping, best = 1.0, cost(at)
    for _ in range(400):
        here = misfit(np.exp(at))
        slope = np.stack([(misfit(np.exp(at + 1e-5 * unit)) - here) / 1e-5 for unit in np.eye(len(at))], axis=1)
        weight = 1.0 / np.sqrt(1.0 + (here / 0.1) ** 2)
        normal = slope.T @ (slope * weight[:, None])
        step = np.linalg.solve(
            normal + damping * (np.diag(np.diag(normal)) + 1e-9 * np.eye(len(at))), slope.T @ (weight * here)
        )
        tried = np.clip(at - step, bottom, top)
        if (found := cost(tried)) < best:
            at, best, damping = tried, found, damping / 3.0
        else:
            damping *= 4.0
        if damping > 1e12:
            break
    return np.asarray(np.exp(at))


def fit_format(rows: Sequence[Row], chip: str, name: str, share: float) -> dict[str, float]:
    """Fit one format of one chip; `share` is that of memory bandwidth in weight streaming."""
    cells = {"chip": chip, "op": "gemm", "dtype": FORMATS[name], "metric": "fraction_of_peak"}
    curve = [(axis, *point) for axis in "MNK" for point in medians(rows, variable=axis, **cells)]
    size = np.full((3, len(curve)), OTHER)
    for column, (axis, value, _, _) in enumerate(curve):
        size["MNK".index(axis), column] = float(value)
    m, n, k = size
    seen = np.array([median for _, _, median, _ in curve])
    rate, bandwidth = curve[0][3] * 1e12, bandwidth_of(rows, chip)
    moved = (m * k + n * k) * OPERAND_BYTES[name] + 2.0 * m * n
    stream = stream_share(rows, chip)

    def misfit(p: Vector) -> Vector:
        compute = 2.0 * (m + p[1]) * (n + p[2]) * (k + p[3]) / (rate * p[0])
        seconds = np.maximum(compute, moved / (bandwidth * share)) + FLOORS_US[chip] * 1e-6
        if name != "bf16":
            seconds = seconds + p[4] * m * k / (bandwidth * stream) + p[5] * 1e-6
        return np.asarray(np.log(2.0 * m * n * k / (rate * seconds) / seen))

    low, high = (0.2, 1.0, 1.0, 1.0, 0.5, 0.1), (1.0, 1000.0, 3000.0, 2000.0, 12.0, 20.0)
    starts = ((0.7, 100.0, 30.0, 100.0, 3.0, 4.0), (0.7, 50.0, 5.0, 500.0, 6.0, 8.0))
    p = min((least(misfit, s, low, high) for s in starts), key=lambda p: float(np.sum(np.abs(misfit(p)))))
    found = dict(zip(("efficiency_limit", "m_half", "n_half", "k_half"), p.tolist(), strict=False))
    found |= {"memory_efficiency": share, "floor_us": FLOORS_US[chip]}
    if name != "bf16":
        found |= {"quantize_bytes": float(p[4]), "quantize_floor_us": float(p[5])}
    return found | {"median_error": float(np.median(np.abs(misfit(p)))), "worst_error": float(np.abs(misfit(p)).max())}


def bandwidth_of(rows: Sequence[Row], chip: str) -> float:
    """Return the bandwidth, in bytes per second, to which the table's shares of it refer."""
    return medians(rows, chip=chip, op="gemm", dtype="bfloat16", metric="fraction_of_HBM_bandwidth")[0][2] * 1e12


def decode_shares(rows: Sequence[Row], chip: str) -> dict[str, float]:
    """Return the share of memory bandwidth in decode attention by bytes of keys and values."""
    found = medians(rows, chip=chip, op="attention_decode", metric="fraction_of_HBM_bandwidth")
    return {f"from_{float(value.split('..')[0]):.0e}".replace("+0", ""): share for value, share, _ in found}


def stream_share(rows: Sequence[Row], chip: str) -> float:
    """Return the share of memory bandwidth of a long pass: that of decode attention over 1 GB and more."""
    return decode_shares(rows, chip)["from_1e9"]


def fit_attention(rows: Sequence[Row], chip: str) -> dict[str, float]:
    """Fit `limit * s / (s + half)` to the share of the bf16 roof by sequence length."""
    points = medians(rows, chip=chip, op="attention_prefill_causal_fwd", metric="fraction_of_peak")
    length, seen = np.array([float(v) for v, _, _ in points]), np.array([share for _, share, _ in points])

    def misfit(p: Vector) -> Vector:
        return np.asarray(np.log(p[0] * length / (length + p[1]) / seen))

    limit, half = least(misfit, (0.6, 1000.0), (0.1, 50.0), (1.0, 10000.0)).tolist()
    return {
        "limit": limit,
        "half_tokens": half,
        "median_error": float(np.median(np.abs(misfit(np.array([limit, half]))))),
    }


def fit_link(rows: Sequence[Row], chip: str) -> dict[str, float]:
    """Return shares of the link at 512 MiB by operation, and the latency of a group of 8 ranks, all as measured."""
    shares, latencies = {}, []
    for operation in ("all_reduce", "all_gather", "reduce_scatter", "alltoall"):
        count, speed, link = max(
            medians(rows, chip=chip, op=operation, metric="busbw_GBps_at_512MiB"), key=lambda x: int(x[0])
        )
        shares[operation] = speed / link
        alpha = next(a for n, a, _ in medians(rows, chip=chip, op=operation, metric="alpha_us") if n == count)
        latencies.append(alpha * 3.0 / math.log2(int(count)))
    gather = (shares["all_gather"] + shares["reduce_scatter"]) / 2.0
    # No table times a plain send; it is taken as one step of a gather.
    return {
        "all_reduce": shares["all_reduce"],
        "all_gather": gather,
        "all_to_all": shares["alltoall"],
        "send": gather,
        "latency_us": float(np.median(latencies)),
    }


HEAD = """\
# Constants of single kernels by chip, fitted by scripts/fit_kernels.py to data/measured/kernel_efficiency.csv.
# Do not edit: change the script and run it. What was never timed stands in kernel_priors.toml.
#
# efficiency_limit, m_half, n_half, k_half  share of the dense roof: limit * M/(M+m) * N/(N+n) * K/(K+k)
# memory_efficiency   share of memory bandwidth in weight streaming (bf16; at most 16 rows, 64 M elements and more)
# floor_us            least time of one multiplication
# quantize_bytes      bytes moved to quantize one activation, as timed, unfused, at the stream's share of bandwidth
# quantize_floor_us   least time of that
# attention           share of the bf16 roof of fused causal attention at s tokens: limit * s / (s + half_tokens)
# scale_up            bus bandwidth over the one-way link at 512 MiB, 8 ranks (4 on GB200); an all-reduce counts twice
#                     (n - 1) / n of its bytes, so adding in the switches is inside its share; latency for 8 ranks
# decode              share of memory bandwidth in decode attention, by bytes of keys and values read
# *_error             of the fit: absolute natural logarithm of fitted over measured
"""


def table(name: str, row: dict[str, float]) -> str:
    """Return one table of the file."""
    return f"\n[{name}]\n" + "".join(f"{key} = {float(f'{value:.3g}')!r}\n" for key, value in row.items())


def fitted() -> str:
    """Return the text of the file."""
    rows = read_rows()
    text = HEAD
    for chip in CHIPS:
        chip_id = next(row["chip_id"] for row in rows if row["chip"] == chip)
        share = medians(rows, chip=chip, op="gemm", dtype="bfloat16", metric="fraction_of_HBM_bandwidth")[0][1]
        text += f'\n[set.{chip_id}]\nfrom = ["aiconfigurator.operator_tables"]\nmark = "one_source"\n'
        text += f"stream_efficiency = {stream_share(rows, chip)}\n"
        for name, dtype in FORMATS.items():
            if medians(rows, chip=chip, op="gemm", dtype=dtype, metric="fraction_of_peak"):
                text += table(f"set.{chip_id}.format.{name}", fit_format(rows, chip, name, share))
        text += table(f"set.{chip_id}.attention", fit_attention(rows, chip))
        text += table(f"set.{chip_id}.scale_up", fit_link(rows, chip))
        text += table(f"set.{chip_id}.decode", decode_shares(rows, chip))
    return text


def main() -> int:
    """Write the file, or compare it with what would be written."""
    text = fitted()
    if "--check" in sys.argv:
        return 0 if TARGET.read_text("utf-8") == text else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
