"""The legal measures of a circuit: performance, density and bandwidth, by the technical notes to 3A090.

This is the only place in which they are computed. A measure of which a part is unknown is a lower bound (`AtLeast`):
it can reach a threshold and never clear one.
"""

from collections.abc import Mapping

from headgate.expr import AtLeast

Measure = float | AtLeast | None

# Bit length of the inputs to the multiply. TF32 holds 19 bits in a 32-bit container; the note is silent on which.
BITS = {
    "dense_fp64_tflops": 64,
    "dense_fp32_tflops": 32,
    "dense_tf32_tflops": 19,
    "dense_fp16_tflops": 16,
    "dense_bf16_tflops": 16,
    "dense_fp8_tflops": 8,
    "dense_fp6_tflops": 6,
    "dense_fp4_tflops": 4,
    "dense_int8_tops": 8,
    "dense_int4_tops": 4,
}
TF32_CONTAINER_BITS = 32
# GB/s of one lane, both directions together: 32, 64, 128 and 256 GB/s for sixteen lanes.
PCIE_LANE_GB_PER_S = {3: 2.0, 4: 4.0, 5: 8.0, 6: 16.0}


def total_processing_performance(
    rates: Mapping[str, float], tf32_bits: int = BITS["dense_tf32_tflops"]
) -> tuple[float, str] | None:
    """Return TPP and the column that gives it: the largest dense rate times the bit length of its inputs.

        TPP = max over formats of (dense TFLOPS or TOPS) x bits

    A published rate counts a multiply and an add, so it already holds the factor 2 of `2 x MacTOPS x bits`.

    Args:
        rates: Column of `BITS` to dense rate in TFLOPS or TOPS, 0 or more.
        tf32_bits: 19 or 32.

    Returns:
        TPP and the deciding column, or None when no rate is known.

    Source:
        15 CFR part 774, supp. 1, ECCN 3A090, technical notes 1 to 3.

    Example:
        >>> total_processing_performance({"dense_fp16_tflops": 312, "dense_int8_tops": 624})
        (4992.0, 'dense_fp16_tflops')
    """
    products = [
        (rate * (tf32_bits if column == "dense_tf32_tflops" else BITS[column]), column)
        for column, rate in rates.items()
    ]
    best = max(products, key=lambda p: p[0], default=None)
    return (float(best[0]), best[1]) if best else None


def performance_density(tpp: Measure, die_area_mm2: float | None) -> Measure:
    """Return TPP over the area of the logic dies made on a non-planar node, in TPP/mm2.

    An area of 0 states that no die is non-planar: the density is then 0, so that only a test without density can match.

    Source:
        Technical note 4 to 3A090. That a planar design has no density is our reading of it.

    Example:
        >>> round(performance_density(4992.0, 826.0), 2)
        6.04
    """
    if die_area_mm2 is None:
        return None
    if die_area_mm2 == 0:
        return 0.0
    if isinstance(tpp, AtLeast):
        return AtLeast(tpp.low / die_area_mm2)
    return None if tpp is None else tpp / die_area_mm2


def peak_tops(rates: Mapping[str, float], tpp: Measure, complete: bool) -> Measure:
    """Return the largest dense rate in TOPS; from TPP alone, at least TPP / 64 (no input is longer than 64 bits).

    Example:
        >>> peak_tops({}, 4800.0, complete=False)
        AtLeast(low=75.0)
    """
    best = max(rates.values(), default=None)
    if best is not None and complete:
        return float(best)
    low = tpp.low if isinstance(tpp, AtLeast) else tpp
    floor = max(best or 0.0, (low or 0.0) / 64)
    return AtLeast(floor) if floor > 0 else None


def pcie_bandwidth(generation: float | None, lanes: float | None) -> float | None:
    """Return PCIe bandwidth in GB/s, both directions; None when generation or lane count is unknown.

    Example:
        >>> pcie_bandwidth(5, 16), pcie_bandwidth(None, 0), pcie_bandwidth(6, None)
        (128.0, 0.0, None)
    """
    if lanes == 0:
        return 0.0
    lane = PCIE_LANE_GB_PER_S.get(int(generation)) if generation is not None else None
    return None if lane is None or lanes is None else lane * lanes


def bandwidth_sum(*parts: Measure) -> Measure:
    """Add bandwidths in GB/s; with a part unknown, the sum is a lower bound.

    Example:
        >>> bandwidth_sum(900.0, 128.0), bandwidth_sum(900.0, None), bandwidth_sum(None, None)
        (1028.0, AtLeast(low=900.0), None)
    """
    low = sum(p.low if isinstance(p, AtLeast) else p for p in parts if p is not None)
    if all(p is None for p in parts):
        return None
    return float(low) if all(isinstance(p, int | float) for p in parts) else AtLeast(float(low))
