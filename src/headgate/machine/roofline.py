"""The roofline: what a chip reaches at most, by how many operations it does for each byte that it reads."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.machine.ranges import checked


def attainable_flop_per_s(
    intensity_flop_per_byte: ArrayLike, rate_flop_per_s: ArrayLike, memory_bytes_per_s: ArrayLike
) -> NDArray[np.float64]:
    """Highest rate that memory and multipliers allow, in operations a second.

        attainable = min(rate, intensity * bandwidth)

    Args:
        intensity_flop_per_byte: Operations for each byte that passes between chip and memory, 0 or more. Any shape.
        rate_flop_per_s: Dense roof of the format, over 0. Broadcasts with the rest.
        memory_bytes_per_s: Bandwidth of the memory, over 0.

    Returns:
        Operations a second, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Williams, Waterman and Patterson (2009), doi:10.1145/1498765.1498785. Left out: caches, and the efficiency
        that kernels reach below the roof (`machine/kernels.py` has it).

    Example:
        >>> (attainable_flop_per_s([1.0, 1000.0], 989.4e12, 3.35e12) / 1e12).tolist()
        [3.35, 989.4]
    """
    reached = checked("intensity_flop_per_byte", intensity_flop_per_byte) * _over(
        "memory_bytes_per_s", memory_bytes_per_s
    )
    lower: NDArray[np.float64] = np.minimum(_over("rate_flop_per_s", rate_flop_per_s), reached)
    return lower


def ridge_flop_per_byte(rate_flop_per_s: ArrayLike, memory_bytes_per_s: ArrayLike) -> NDArray[np.float64]:
    """Intensity from which on the multipliers and no longer the memory are the limit, in operations a byte.

        ridge = rate / bandwidth

    Args:
        rate_flop_per_s: Dense roof of the format, over 0. Any shape.
        memory_bytes_per_s: Bandwidth of the memory, over 0. Broadcasts.

    Returns:
        Operations a byte, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Williams, Waterman and Patterson (2009), doi:10.1145/1498765.1498785.

    Example:
        >>> float(ridge_flop_per_byte(148e12, 4e12)), round(float(ridge_flop_per_byte(989.4e12, 3.35e12)))  # H20, H100
        (37.0, 295)
    """
    return _over("rate_flop_per_s", rate_flop_per_s) / _over("memory_bytes_per_s", memory_bytes_per_s)


def _over(name: str, value: Any) -> NDArray[np.float64]:
    return checked(name, value, above=True)
