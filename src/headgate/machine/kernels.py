"""Time of single kernels on one chip: matrix multiplication, attention, passes through memory."""

from typing import Any

import numpy as np

from headgate.machine.hardware import Chip, Kernel


def gemm_seconds(
    m: Any, n: Any, k: Any, kernel: Kernel, memory_bytes_per_s: float, operand_bytes: float = 2.0, count: Any = 1
) -> Any:
    """Time to multiply an m by k with a k by n matrix, in seconds, by saturating efficiency with a floor.

    The efficiency is the limit times m / (m + m_half) for each of the three dimensions, so that the time is

        t = count * (max(2 (m + m_half) (n + n_half) (k + k_half) / (rate * limit), bytes / bandwidth)) + floor

    Args:
        m, n, k: Sizes in elements, 0 or more. Arrays broadcast.
        kernel: Constants of the chip for the format.
        memory_bytes_per_s: Bandwidth of the chip's memory.
        operand_bytes: Bytes of one element of the operands; the result has 2.
        count: Equal multiplications in one launch (a grouped multiplication over experts).

    Returns:
        Seconds, in the broadcast shape.

    Source:
        Form and constants: fits to published kernel timings, `data/fit/kernels.toml`. Left out: wave quantization,
        which did not lower the error on shapes that were held out.

    Example:
        >>> h100 = Kernel(989.4e12, 0.83, 106, 12, 112, 0.82, 3.5e-6)
        >>> round(float(gemm_seconds(4096, 4096, 4096, h100, 3.35e12)) * 1e6)
        180
    """
    compute = (
        (m + kernel.m_half)
        * (n + kernel.n_half)
        * (k + kernel.k_half)
        * (2.0 / (kernel.rate_flop_per_s * kernel.efficiency_limit))
    )
    moved = (m * k + n * k) * operand_bytes + 2.0 * m * n
    return count * np.maximum(compute, moved / (memory_bytes_per_s * kernel.memory_efficiency)) + kernel.floor_seconds


def attention_seconds(flop: Any, tokens: Any, head_dim: float, chip: Chip) -> Any:
    """Time of fused causal attention, in seconds: work over the roof at this sequence length.

        t = flop / (rate * limit * tokens / (tokens + half) * 1.5 head_dim / (head_dim + 64))

    Args:
        flop: Floating-point operations that causality leaves, 0 or more.
        tokens: Sequence length that one kernel sees, over 0.
        head_dim: Mean width of a query and a value head; the limit was measured at 128.
        chip: The accelerator; attention runs in bf16.

    Returns:
        Seconds, in the broadcast shape.

    Source:
        Published kernel timings by sequence length, `data/fit/kernels.toml`.
    """
    kernel = chip.kernels["bf16"]
    narrow = (1.0 + 64.0 / head_dim) / 1.5
    return flop * narrow * (1.0 + chip.attention_half / tokens) / (kernel.rate_flop_per_s * chip.attention_limit)


def package_bytes_per_s(memory_bytes_per_s: float, dies: int, die_to_die_bytes_per_s: float) -> float:
    """Memory bandwidth that a package of several dies reaches when they act as one chip, in bytes per second.

    With data spread evenly, each die takes (n - 1) / n of its bytes from the others, over links to n - 1 of them:

        min(memory, n ** 2 / (n - 1) * die_to_die)

    Args:
        memory_bytes_per_s: Of all stacks together, over 0.
        dies: Compute dies n, 1 or more.
        die_to_die_bytes_per_s: Into one die, one direction; 0 when unknown, and then it limits nothing.

    Source:
        Counting. Left out: caches, and software that keeps data on its own die.

    Example:
        >>> package_bytes_per_s(8e12, 2, 5e12) / 1e12, package_bytes_per_s(8e12, 2, 1e12) / 1e12
        (8.0, 4.0)
    """
    if dies < 2 or not die_to_die_bytes_per_s:
        return memory_bytes_per_s
    return min(memory_bytes_per_s, dies**2 / (dies - 1) * die_to_die_bytes_per_s)


def pass_seconds(moved_bytes: Any, chip: Chip) -> Any:
    """Time of an element-wise pass that moves `moved_bytes` through memory, in seconds.

    t = bytes / (bandwidth * stream_efficiency)
    """
    return moved_bytes / (chip.memory_bytes_per_s * chip.stream_efficiency)
