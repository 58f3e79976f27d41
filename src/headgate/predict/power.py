"""What power leaves of a chip's rate: multiplication that lasts runs into the limit that short timings do not."""

import math
from dataclasses import replace

from headgate.catalog.chips import catalog
from headgate.machine.hardware import Machine
from headgate.predict.kernels import kernel_set

MOST_EFFICIENCY = 0.97


def power_ratio(chip: str, family: str) -> float:
    """Return how much more power a chip has for each operation than the one its kernels were timed on, in logarithms.

    Dense multiplication runs into the power limit; kernels timed in bursts do not. 0 when a figure is unknown.

    Example:
        >>> power_ratio("nvidia-gb300", "blackwell") > 0, power_ratio("nvidia-h100-sxm", "hopper")
        (True, 0.0)
    """
    timed = kernel_set(chip, family).name
    if chip not in catalog().ids() or timed not in catalog().ids():
        return 0.0
    share = []
    for name in (chip, timed):
        record = catalog().get(name)
        watts, rate = record.number("tdp_watts"), record.number("dense_fp16_tflops")
        if not watts or not rate:
            return 0.0
        share.append(watts / rate)
    return min(max(math.log(share[0] / share[1]), -0.35), 0.2)


def sustained(machine: Machine, exponent: float) -> Machine:
    """Return the machine with the efficiency that its chip's power sustains, against the chip whose kernels were timed.

        limit * (watts for each operation / those of the timed chip) ** exponent, at most 0.97

    Only multiplication changes: below an exponent of one, more rate at the same power is still never slower.

    Example:
        >>> from headgate.predict.hardware import machine
        >>> before, after = machine("gb300-nvl72"), sustained(machine("gb300-nvl72"), 0.5)
        >>> before.chip.kernels["bf16"].efficiency_limit < after.chip.kernels["bf16"].efficiency_limit
        True
    """
    ratio = power_ratio(machine.chip.id, machine.chip.family)
    if not ratio:
        return machine
    factor = math.exp(exponent * ratio)
    kernels = {
        name: replace(k, efficiency_limit=min(MOST_EFFICIENCY, k.efficiency_limit * factor))
        for name, k in machine.chip.kernels.items()
    }
    return replace(machine, chip=replace(machine.chip, kernels=kernels))
