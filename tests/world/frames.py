"""Frames to draw in tests: random, seeded, and shaped as the world gives them."""

from functools import cache

import numpy as np
import polars as pl

from headgate.world.axes import CHANNELS, LABELS, YEARS
from headgate.world.pictures.frames import QUANTILES

LEVELS = {"tpp": 18.0, "fp8": 14.0, "fp4": 24.0, "memory_bandwidth": 7.0, "h100e": 13.0, "serving": 9.0}
# Name, the law's answer at first and later, and the quarter from which it is the later one.
CHIPS = {
    "nvidia-a100-sxm4-80": ("NVIDIA A100", "open", "denial", 3),
    "nvidia-h800-sxm5": ("NVIDIA H800", "open", "denial", 7),
    "nvidia-h20-sxm5-96": ("NVIDIA H20", "open", "case_by_case", 13),
    "nvidia-h200-sxm5": ("NVIDIA H200", "denial", "case_by_case", 16),
    "nvidia-b30a": ("NVIDIA B30A", "denial", "unstated", 17),
    "amd-mi308x": ("AMD MI308X", "exception", "approval", 14),
}
PASSED = {"open": 1.0, "exception": 0.6, "approval": 0.4, "case_by_case": 0.25, "unstated": 0.1, "denial": 0.0}
SHAPE = (-1.64, -0.67, 0.0, 0.67, 1.64)
PUBLISHED = (
    *(("2023Q4", "Epoch AI"), ("2024Q4", "Epoch AI"), ("2024Q4", "IFP"), ("2025Q2", "CNAS")),
    ("2025Q4", "Epoch AI"),
)
SCENARIOS = {"H200 open at the cap": 1.0, "full embargo": -0.6, "Diffusion Rule kept": 0.2, "HBM unconstrained": 1.6}
PRIORS = ("beijing.h200.share", "smic.wafers", "hbm.cxmt.ramp", "learning.exponent", "smuggling.detection")
SOURCES = ("SemiAnalysis, Huawei Ascend production ramp (2025)", "our estimate", "Epoch AI (2026)")


def quantiles(numbers):
    return dict(zip(QUANTILES, map(float, numbers), strict=True))


@cache
def bands(measures=tuple(LEVELS), series=("stock", "flow"), scenarios=(), bases=()):
    """Return bands by quarter that drift and widen."""
    draw = np.random.default_rng(5)
    rows = []
    for measure in measures:
        for nth, name in enumerate(series):
            for scenario in scenarios or ("",):
                for basis in bases or ("",):
                    more = ({"scenario": scenario} if scenario else {}) | ({"basis": basis} if basis else {})
                    path = np.cumsum(draw.normal(0.01 + 0.02 * nth, 0.03, len(LABELS)))
                    for n, quarter in enumerate(LABELS):
                        wide = 0.08 + 0.05 * n**0.5
                        q = LEVELS[measure] * (1 + 0.3 * nth) * np.exp(path[n] + wide * np.array(SHAPE))
                        rows.append({"quarter": quarter, "series": name, "measure": measure, **quantiles(q), **more})
    return pl.DataFrame(rows)


@cache
def observed():
    draw = np.random.default_rng(6)
    rows = []
    for quarter, source in PUBLISHED:
        middle = 12 * float(np.exp(draw.normal(0, 0.3)))
        ends = {"low": middle / 1.6, "median": middle, "high": middle * 1.7}
        rows.append({"quarter": quarter, "series": "stock", **ends, "source": source})
    return pl.DataFrame(rows)


@cache
def channels():
    draw = np.random.default_rng(7)
    rows = []
    for channel, level, slope in zip(
        CHANNELS, (9e5, 2.5e5, 1.5e5, 3e5, 2e5), (0.02, 0.09, 0.01, 0.05, 0.08), strict=True
    ):
        ramp = level * np.linspace(0.02, 1, len(LABELS))
        path = ramp * np.exp(np.cumsum(draw.normal(slope, 0.02, len(LABELS))))
        for n, (quarter, p) in enumerate(zip(LABELS, path.tolist(), strict=True)):
            ends = {"low": p / (1.15 + 0.02 * n), "median": p, "high": p * (1.15 + 0.02 * n)}
            rows.append({"quarter": quarter, "channel": channel, **ends})
    return pl.DataFrame(rows)


@cache
def let_through():
    draw = np.random.default_rng(8)
    rows = []
    for chip, (name, before, after, turn) in CHIPS.items():
        for n, quarter in enumerate(LABELS[:24]):
            answer = before if n < turn else after
            units = float(draw.uniform(4e4, 3e5)) * PASSED[answer]
            ends = {"units": units, "low": units / 1.5, "high": units * 1.6}
            rows.append({"quarter": quarter, "chip": chip, "chip_name": name, **ends, "answer": answer})
    return pl.DataFrame(rows)


@cache
def paired(count=2):
    draw = np.random.default_rng(9)
    rows = []
    for measure, unit, size in (("h100e", "H100-equivalents", 2e6), ("memory_bandwidth", "PB/s", 4e3)):
        for scenario, effect in list(SCENARIOS.items())[:count]:
            for n, year in enumerate(YEARS[3:]):
                middle = size * effect * n / 7 + size * 0.01 * float(draw.normal())
                q = quantiles(middle + size * (0.02 + 0.06 * n) * np.array(SHAPE))
                rows.append({"year": year, "measure": measure, "scenario": scenario, "unit": unit, **q})
    return pl.DataFrame(rows)


@cache
def tornado():
    draw = np.random.default_rng(10)
    rows = []
    for headline, base in (
        ("US-to-China ratio of FP8 stock, end of 2028", 13.0),
        ("China's chips in 2028, H100e", 4.2e6),
    ):
        for n in range(15):
            effect = base * float(draw.normal()) * 0.35 / (1 + n)
            ends = {"effect": effect, "low": base - 1.645 * effect, "high": base + 1.645 * effect}
            prior = PRIORS[n % 5] + (f".{n // 5}" if n >= 5 else "")
            rows.append({"headline": headline, "prior": prior, **ends, "source": SOURCES[n % 3]})
    return pl.DataFrame(rows)


@cache
def claims(bases=("owned", "controlled")):
    draw = np.random.default_rng(11)
    rows = []
    for claim, slope in (("A", 0.7), ("B", -0.5)):
        for kind in ("stock", "flow"):
            for basis in bases:
                for measure in LEVELS:
                    for year in YEARS[2:]:
                        share = float(1 / (1 + np.exp(-draw.normal((year - 2027) * slope, 1.0))))
                        row = {"claim": claim, "basis": basis, "kind": kind, "measure": measure, "year": year}
                        rows.append(row | {"probability": share})
    return pl.DataFrame(rows)
