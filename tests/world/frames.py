"""Frames to draw in tests: random, seeded, and shaped as the world gives them."""

from functools import cache

import numpy as np
import polars as pl

from headgate.world.axes import CHANNELS, LABELS, YEARS
from headgate.world.pictures.look import ANSWERS

LEVELS = {"tpp": 18.0, "fp8": 14.0, "fp4": 24.0, "memory_bandwidth": 7.0, "h100e": 13.0, "serving": 9.0}
CHIPS = {
    "nvidia-a100-sxm4-80": ("NVIDIA A100", "open", "denial", 3),
    "nvidia-a800-sxm4-80": ("NVIDIA A800", "open", "denial", 7),
    "nvidia-h800-sxm5": ("NVIDIA H800", "open", "denial", 7),
    "nvidia-h20-sxm5-96": ("NVIDIA H20", "open", "case_by_case", 13),
    "nvidia-h200-sxm5": ("NVIDIA H200", "denial", "case_by_case", 16),
    "nvidia-b30a": ("NVIDIA B30A", "denial", "unstated", 17),
    "amd-mi308x": ("AMD MI308X", "exception", "approval", 14),
}


def _bands(rng, middle, growth, count):
    """Return rows of quantiles that drift and widen."""
    path = middle * np.exp(np.cumsum(rng.normal(growth, 0.03, count)))
    wide = 0.08 + 0.05 * np.sqrt(np.arange(count))
    return [
        dict(zip(("q05", "q25", "q50", "q75", "q95"), (p * np.exp(w * np.array([-1.64, -0.67, 0, 0.67, 1.64]))).tolist(), strict=True))
        for p, w in zip(path, wide, strict=True)
    ]


@cache
def bands(measures=tuple(LEVELS), series=("stock", "flow"), scenario=None, basis=None):
    rng = np.random.default_rng(5)
    rows = []
    for measure in measures:
        for nth, name in enumerate(series):
            growth = 0.01 if nth == 0 else 0.03
            for quarter, q in zip(LABELS, _bands(rng, LEVELS[measure] * (1 + 0.3 * nth), growth, len(LABELS)), strict=True):
                rows.append({"quarter": quarter, "series": name, "measure": measure, **q})
                rows[-1] |= ({"scenario": scenario} if scenario else {}) | ({"basis": basis} if basis else {})
    return pl.DataFrame(rows)


@cache
def observed():
    rng = np.random.default_rng(6)
    rows = []
    for quarter, source in (("2023Q4", "Epoch AI"), ("2024Q4", "Epoch AI"), ("2024Q4", "IFP"), ("2025Q2", "CNAS"), ("2025Q4", "Epoch AI")):
        middle = 12 * float(np.exp(rng.normal(0, 0.3)))
        rows.append({"quarter": quarter, "series": "stock", "low": middle / 1.6, "median": middle, "high": middle * 1.7, "source": source})
    return pl.DataFrame(rows)


@cache
def channels():
    rng = np.random.default_rng(7)
    level = {"legal": 9e5, "domestic": 2.5e5, "proxy_fab": 1.5e5, "smuggled": 3e5, "rented": 2e5}
    slope = {"legal": 0.02, "domestic": 0.09, "proxy_fab": 0.01, "smuggled": 0.05, "rented": 0.08}
    rows = []
    for channel in CHANNELS:
        path = level[channel] * np.linspace(0.02, 1, len(LABELS)) * np.exp(np.cumsum(rng.normal(slope[channel], 0.02, len(LABELS))))
        for n, (quarter, p) in enumerate(zip(LABELS, path.tolist(), strict=True)):
            w = 1.15 + 0.02 * n
            rows.append({"quarter": quarter, "channel": channel, "low": p / w, "median": p, "high": p * w})
    return pl.DataFrame(rows)


@cache
def let_through():
    rng = np.random.default_rng(8)
    rows = []
    for chip, (name, before, after, turn) in CHIPS.items():
        for n, quarter in enumerate(LABELS[:24]):
            answer = before if n < turn else after
            share = {"open": 1.0, "exception": 0.6, "approval": 0.4, "case_by_case": 0.25, "unstated": 0.1, "denial": 0.0}[answer]
            units = float(rng.uniform(4e4, 3e5)) * share
            rows.append({"quarter": quarter, "chip": chip, "chip_name": name, "units": units, "low": units / 1.5, "high": units * 1.6, "answer": answer})
    assert {row["answer"] for row in rows} == set(ANSWERS)
    return pl.DataFrame(rows)


@cache
def paired(count=2):
    rng = np.random.default_rng(9)
    rows = []
    for measure, unit, size in (("h100e", "H100-equivalents", 2e6), ("memory_bandwidth", "PB/s", 4e3)):
        for s, scenario in enumerate(("H200 open at the cap", "full embargo", "Diffusion Rule kept", "HBM unconstrained")[:count]):
            for n, year in enumerate(YEARS[3:]):
                middle = size * (1, -0.6, 0.2, 1.6)[s] * n / 7 + size * 0.01 * float(rng.normal())
                wide = size * (0.02 + 0.06 * n)
                q = [middle + wide * z for z in (-1.64, -0.67, 0, 0.67, 1.64)]
                rows.append({"year": year, "measure": measure, "scenario": scenario, "unit": unit, **dict(zip(("q05", "q25", "q50", "q75", "q95"), q, strict=True))})
    return pl.DataFrame(rows)


@cache
def tornado():
    rng = np.random.default_rng(10)
    rows = []
    for headline, base in (("US-to-China ratio of FP8 stock, end of 2028", 13.0), ("China's domestic chips in 2028, H100e", 4.2e6)):
        for n in range(16):
            effect = base * float(rng.normal()) * 0.35 / (1 + n)
            rows.append({"headline": headline, "prior": ["beijing.h200.share", "smic.wafers", "hbm.cxmt.ramp", "learning.exponent", "smuggling.detection", "feedback.strength"][n % 6] + (f".{n // 6}" if n >= 6 else ""), "effect": effect, "low": base - 1.645 * effect, "high": base + 1.645 * effect, "source": ["SemiAnalysis, Huawei Ascend production ramp (2025)", "our estimate", "Epoch AI (2026)"][n % 3]})
    return pl.DataFrame(rows)


@cache
def claims(bases=("owned", "controlled")):
    rng = np.random.default_rng(11)
    rows = [
        {"claim": claim, "basis": basis, "kind": kind, "measure": measure, "year": year,
         "probability": float(1 / (1 + np.exp(-rng.normal((year - 2027) * (0.7 if claim == "A" else -0.5), 1.0))))}
        for claim in "AB" for kind in ("stock", "flow") for basis in bases for measure in LEVELS for year in YEARS[2:]
    ]
    return pl.DataFrame(rows)
