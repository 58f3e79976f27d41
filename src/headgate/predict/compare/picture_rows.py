"""What a picture of a comparison shows, as rows of numbers and words: rooflines, splits, rates, and its caption."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headgate.machine.hardware import Machine
from headgate.machine.roofline import attainable_flop_per_s, ridge_flop_per_byte
from headgate.predict.compare.side import Comparison, Side
from headgate.predict.recipes import recipe
from headgate.predict.usual import BEST_CASE_FAMILY

WORDS = {"bf16": "BF16", "fp8": "FP8", "fp8_block": "FP8", "mxfp8": "FP8", "nvfp4": "NVFP4", "int8": "INT8"}
INTENSITY = (1.0, 1e4)  # operations a byte: from decoding one request to the largest products
LEAST_WORD = 0.055  # share of a bar that has room for its percentage
LINE = 180  # letters in a line below the picture
Row = dict[str, Any]


def roofs(found: Machine) -> list[tuple[str, float, bool]]:
    """Return the roofs of a machine's chip: the formats that share it, operations a second, and whether a best case.

    Rubin has one roof more, the best case that its maker names for FP4.

    Example:
        >>> from headgate.predict.hardware import machine
        >>> [name for name, _, _ in roofs(machine("h20"))], roofs(machine("vr200"))[-1]
        (['BF16', 'FP8, INT8'], ('NVFP4 best case', 5e+16, True))
    """
    by_rate: dict[float, list[str]] = {}
    for name, kernel in found.chip.kernels.items():
        words = by_rate.setdefault(kernel.rate_flop_per_s, [])
        if WORDS[name] not in words:
            words.append(WORDS[name])
    known = [(", ".join(words), rate, False) for rate, words in sorted(by_rate.items())]
    if found.chip.family == BEST_CASE_FAMILY:
        best = recipe("nvfp4-best-case")
        known.append(("NVFP4 best case", found.chip.kernels[best.format].rate_flop_per_s * best.roof_factor, True))
    return known


def spread(heights: Sequence[float], least_ratio: float) -> list[float]:
    """Return heights on a logarithmic axis moved apart as little as needed, so that no word covers the next.

    Args:
        heights: Heights over 0, in any order.
        least_ratio: Ratio to keep between neighbors, over 1.

    Example:
        >>> [round(h) for h in spread([100.0, 400.0, 100.0], 1.21)]
        [91, 400, 110]
    """
    order = np.argsort(heights, kind="stable")
    at = np.log(np.asarray(heights, dtype=np.float64)[order])
    step = math.log(least_ratio)
    # Words that would cover each other form a block, spaced evenly about the mean of their heights.
    blocks: list[tuple[float, list[int]]] = []
    for place in range(len(at)):
        middle, members = float(at[place]), [place]
        while blocks and middle - blocks[-1][0] < step * (len(blocks[-1][1]) + len(members)) / 2 - 1e-12:
            members = blocks.pop()[1] + members
            middle = float(at[members].mean())
        blocks.append((middle, members))
    moved = np.empty(len(at))
    for middle, members in blocks:
        for nth, place in enumerate(members):
            moved[order[place]] = middle + step * (nth - (len(members) - 1) / 2)
    return [float(height) for height in np.exp(moved)]


def tera(rate: float) -> str:
    """Return a rate in teraflops or petaflops.

    Example:
        >>> tera(989.4e12), tera(17.5e15)
        ('989 TF', '17.5 PF')
    """
    return f"{rate / 1e12:,.0f} TF" if rate < 1e15 else f"{rate / 1e15:.3g} PF"


def rooflines(machines: Mapping[str, Machine], word_share: float) -> tuple[list[Row], list[Row], tuple[float, float]]:
    """Return the corners of every roofline, a word at the right end of each, and the ends of the axis.

    Args:
        machines: Machines by the name they are shown by.
        word_share: Height of a word over that of the axis, 0 to 1.
    """
    corners: list[Row] = []
    ends: list[Row] = []
    for name, found in machines.items():
        memory = found.chip.memory_bytes_per_s
        for words, rate, best in roofs(found):
            bend = float(np.clip(ridge_flop_per_byte(rate, memory), *INTENSITY))
            for x in sorted({INTENSITY[0], bend, INTENSITY[1]}):
                reached = float(attainable_flop_per_s(x, rate, memory)) / 1e12
                corners.append({"machine": name, "roof": f"{name} {words}", "x": x, "y": reached, "best": best})
            ends.append({"machine": name, "words": f"{words}  {tera(rate)}", "x": INTENSITY[1], "y": rate / 1e12})
    low, high = min(row["y"] for row in corners) / 1.3, max(row["y"] for row in corners) * 1.5
    for row, height in zip(ends, spread([row["y"] for row in ends], (high / low) ** word_share), strict=True):
        row["y"] = height
    return corners, ends, (low, high)


def names(sides: Sequence[Side]) -> list[str]:
    """Return a name for each machine, with the precision where one machine stands there twice."""
    ids = [side.machine.id for side in sides]
    return [f"{i} {side.precision}".rstrip() if ids.count(i) > 1 else i for i, side in zip(ids, sides, strict=True)]


def splits(sides: Sequence[Side]) -> list[Row]:
    """Return the share of each part of the step, machine by machine; none of a machine that was refused."""
    rows = []
    for name, side in zip(names(sides), sides, strict=True):
        end = 0.0
        for nth, (part, share) in enumerate(side.parts.items()):
            words = f"{share:.0%}" if share >= LEAST_WORD else ""
            rows.append(
                {"name": name, "part": part, "share": share, "nth": nth, "middle": end + share / 2, "words": words}
            )
            end += share
    return rows


def rates(sides: Sequence[Side]) -> list[Row]:
    """Return tokens a second and chip with their band, machine by machine; none of a machine that was refused."""
    rows = []
    for name, side in zip(names(sides), sides, strict=True):
        if side.trained:
            middle, low, high = side.rate
            mark = " *" if side.extrapolated else ""
            words = f"{middle:,.0f}{mark}, {side.figure('mfu')[0]:.0%} of the roof"
            row = {"name": name, "machine": side.machine.id, "middle": middle, "low": low, "high": high, "words": words}
            rows.append(row)
    return rows


def ticks(low: float, high: float) -> list[float]:
    """Return the 1, 2 and 5 of every power of ten between two numbers over 0.

    Example:
        >>> ticks(150, 1200)
        [200.0, 500.0, 1000.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= m * 10.0**p <= high]


def precisions(sides: Sequence[Side]) -> list[str]:
    """Return which machines train in which precision; those of one precision together."""
    together: dict[str, list[str]] = {}
    for side in sides:
        if side.precision:
            together.setdefault(side.precision, []).append(side.machine.id)
    return [f"{name} on {' and '.join(ids)}" for name, ids in together.items()]


def subtitle(found: Comparison) -> list[str]:
    """Return the lines below the title: the job, and who trains in what."""
    job = (
        f"Training on {found.basis}, sequences of {found.work.sequence:,} tokens: {', '.join(precisions(found.sides))}."
    )
    return textwrap.wrap(job, LINE - 20)


def caption(found: Comparison) -> list[str]:
    """Return the lines below the picture: how to read it, what is extrapolated, and where the figures come from."""
    said = [
        "Roofs are dense rates at full clock. Times are predicted for the fastest layout that fits, failures left out."
    ]
    if any(best for side in found.sides for _, _, best in roofs(side.machine)):
        said.append(
            "Dashed: the best case that NVIDIA names for FP4 on Rubin, which depends on the data; dense is 35 PF."
        )
    if guessed := list(dict.fromkeys(side.machine.id for side in found.sides if side.extrapolated)):
        said.append(f"* No training on {', '.join(guessed)} was ever measured: an extrapolation.")
    if refused := [name for name, side in zip(names(found.sides), found.sides, strict=True) if side.refusal]:
        said.append(f"Without times, because the job cannot be run there: {', '.join(refused)}.")
    said.append(
        "Source: Headgate. Rates and bandwidths from the records of its catalog, mostly makers' publications; "
        "times from its model, calibrated on published runs."
    )
    return [line for text in said for line in textwrap.wrap(text, LINE)]
