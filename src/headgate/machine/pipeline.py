"""Pipeline schedules: how long stages wait, and how many micro-batches they hold."""

from typing import Any

import numpy as np

SCHEDULES = ("1f1b", "zero_bubble", "dualpipe")


def bubble_seconds(forward: Any, backward: Any, weight: Any, stages: Any, virtual: Any, schedule: Any) -> Any:
    """Time one stage waits in a step, in seconds, for one micro-batch's times on one stage.

        1f1b (virtual v)  (p - 1) (F + B) / v
        zero_bubble       (p - 1) (F + B - 2 W), at least 0
        dualpipe          (p / 2 - 1) ((F + B) + B - 3 W), at least 0

    Args:
        forward, backward: Seconds of one micro-batch on one stage; `backward` includes the weight half.
        weight: Seconds of the weight half of the backward pass.
        stages: Pipeline stages p, 1 or more.
        virtual: Virtual stages on each, 1 or more; only `1f1b` uses them.
        schedule: Place in `SCHEDULES`, an array of whole numbers.

    Returns:
        Seconds, in the broadcast shape.

    Source:
        Narayanan et al. (2021), arXiv:2104.04473; Qi et al. (2024), arXiv:2401.10241; DeepSeek-AI (2024),
        arXiv:2412.19437, table 2, where an overlapped forward and backward is taken to last F + B.

    Example:
        >>> float(bubble_seconds(1.0, 2.0, 1.0, 8, 1, 0)), float(bubble_seconds(1.0, 2.0, 1.0, 8, 7, 0))
        (21.0, 3.0)
    """
    interleaved = (stages - 1.0) * (forward + backward) / virtual
    zero = (stages - 1.0) * np.maximum(forward + backward - 2.0 * weight, 0.0)
    dual = np.maximum(stages / 2.0 - 1.0, 0.0) * np.maximum(forward + 2.0 * backward - 3.0 * weight, 0.0)
    return np.where(schedule == 0, interleaved, np.where(schedule == 1, zero, dual))


def held_micro_batches(stages: Any, virtual: Any, micro_batches: Any, schedule: Any) -> Any:
    """Micro-batches whose activations the fullest stage holds, as a number of whole stages.

        1f1b       min(p, m); interleaved p (1 + (p - 1) / (p v)), at most m
        zero_bubble as 1f1b; dualpipe min(p + 1, m)

    Source:
        Narayanan et al. (2021), arXiv:2104.04473; DeepSeek-AI (2024), arXiv:2412.19437, table 2.

    Example:
        >>> float(held_micro_batches(8, 1, 64, 0)), float(held_micro_batches(8, 7, 64, 0))
        (8.0, 9.0)
    """
    interleaved = np.where(virtual > 1, stages + (stages - 1.0) / virtual, stages * 1.0)
    return np.minimum(np.where(schedule == 2, stages + 1.0, interleaved), micro_batches)
