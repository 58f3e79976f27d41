"""Small machines for tests."""

from dataclasses import replace

from headgate.machine.hardware import Chip, Link, Machine

LINK = Link(1e11, {"all_reduce": 0.8, "all_gather": 0.8, "all_to_all": 0.7, "send": 0.9}, 1e-5)
CHIP = Chip("chip", "other", {}, 80e9, 3e12, 0.8, 0.6, 1000.0)


def machine(chips: int = 8, tdp_watts: float = float("nan"), chip_usd: float = float("nan"), **fields) -> Machine:
    """Return a machine without kernels, with what a test is about."""
    chip = replace(CHIP, tdp_watts=tdp_watts, price_usd=chip_usd)
    return Machine("machine", "Machine", chip, chips, LINK, LINK, **fields)
