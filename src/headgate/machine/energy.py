"""Power and energy: watts of a chip with all that belongs to it, energy of a run and of a token."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.machine.hardware import Machine
from headgate.machine.ranges import checked

HOUR_SECONDS = 3600.0
NODE_CHIPS = 8

# Metered whole nodes less the chips' design power, for one of 8 chips: 156 W (64 H100 nodes pre-training GPT-3), 171 W
# (one H100 node) and 196 W (one B200 node), from the logs of MLPerf power submissions; this is their middle.
HOST_WATTS_PER_CHIP = 175.0


@dataclass(frozen=True, slots=True)
class ChipPower:
    """Power of one chip with its share of hosts, switches and fans, at full load, before cooling of the building.

    Args:
        watts: The figure to use; NaN when nothing is known.
        low_watts, high_watts: Design power plus host, and published power of the domain; NaN where unknown.
        basis: Which figure was used, and why, in words.
    """

    watts: float
    low_watts: float
    high_watts: float
    basis: str


def chip_power(machine: Machine, host_watts: float = HOST_WATTS_PER_CHIP) -> ChipPower:
    """Power of one chip of a machine with all that belongs to it, at full load.

    A node of up to 8 chips draws its chips' design power and `host_watts` for each (metered H100 and B200 nodes within
    3 %; the maker's figure for a node is what its supplies can give, and metered nodes drew 0.67 to 0.82 of it). A
    larger domain has switches, optics and cooling of its own, so its published power is used:

        watts = tdp_watts + host_watts, at most domain_watts / domain_chips    up to 8 chips
        watts = domain_watts / domain_chips                                    more than 8 chips, or no design power

    Args:
        machine: The machine; NaN where its design power or its domain's power is unknown.
        host_watts: Host, fans and node switches for one chip, 0 or more.

    Returns:
        The power, its two bounds and its basis.

    Raises:
        UsageError: `host_watts` is below 0.

    Source:
        MLPerf power logs: 856 and 871 W a chip (H100), 1,196 W (B200). Latif et al. (2024), arXiv:2412.08602: an H100
        node rated 10.2 kW drew 8.4 kW at most; Newkirk et al. (2025), arXiv:2506.14551: 76 % of 10.2 kW.

    Example:
        >>> from headgate.machine.hardware import Chip, Link, Machine
        >>> link = Link(1e11, {"send": 0.9}, 1e-5)
        >>> h100 = Chip("h100", "hopper", {}, 80e9, 3.35e12, 0.9, 0.6, 1000, tdp_watts=700.0)
        >>> chip_power(Machine("dgx-h100", "DGX H100", h100, 8, link, link, domain_watts=10200.0)).watts
        875.0
    """
    host = float(checked("host_watts", host_watts))
    low = machine.chip.tdp_watts + host
    high = machine.domain_watts / machine.domain_chips
    design = f"design power of the chip ({machine.chip.tdp_watts:,.0f} W) and {host:,.0f} W for host and fans"
    published = (
        f"published power of the domain ({machine.domain_watts / 1000:,.1f} kW) over {machine.domain_chips} chips"
    )
    if np.isnan(low) and np.isnan(high):
        return ChipPower(low, low, high, "unknown: neither the chip's design power nor the domain's power is published")
    if np.isnan(high):
        return ChipPower(low, low, high, f"{design}; the domain's power is not published")
    if np.isnan(low):
        return ChipPower(high, low, high, f"{published}; the chip's design power is not published")
    if machine.domain_chips > NODE_CHIPS:
        return ChipPower(high, low, high, f"{published}, which has switches and optics in it")
    return ChipPower(min(low, high), low, high, f"{design}; {published} is the limit of its supplies")


def mean_watts(full_watts: ArrayLike, busy_share: ArrayLike, idle_share: ArrayLike) -> NDArray[np.float64]:
    """Mean power of a machine that is busy for a part of the time, in watts.

        watts = full_watts * (busy_share + (1 - busy_share) * idle_share)

    Args:
        full_watts: Power at full load, 0 or more. Any shape.
        busy_share: Share of time at full load, 0 to 1: a running job, waits of its chips included (metered jobs are).
        idle_share: Power at rest over power at full load, 0 to 1. No default: it differs widely between machines.

    Returns:
        Watts, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition.

    Example:
        >>> float(mean_watts(1000.0, 0.9, 0.25))
        925.0
    """
    busy, idle = checked("busy_share", busy_share, high=1.0), checked("idle_share", idle_share, high=1.0)
    return checked("full_watts", full_watts) * (busy + (1.0 - busy) * idle)


def run_kwh(chips: ArrayLike, watts_per_chip: ArrayLike, seconds: ArrayLike, pue: ArrayLike) -> NDArray[np.float64]:
    """Energy of a run, in kilowatt-hours.

        kwh = chips * watts_per_chip * pue * seconds / 3.6e6

    Args:
        chips: Chips in the run, 0 or more.
        watts_per_chip: Power of one chip with all that belongs to it, 0 or more.
        seconds: Wall time, 0 or more.
        pue: Power of the building over power of the machines, 1 or more. No default: state it.

    Returns:
        Kilowatt-hours, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition. Left out: switches and storage outside the domain.

    Example:
        >>> round(float(run_kwh(512, 856, 3600, 1.0)))  # the 438 kW of 64 metered H100 nodes, for an hour
        438
    """
    watts = checked("chips", chips) * checked("watts_per_chip", watts_per_chip) * checked("pue", pue, low=1.0)
    return watts * checked("seconds", seconds) / (1000.0 * HOUR_SECONDS)


def joules_per_token(
    watts_per_chip: ArrayLike, tokens_per_s_per_chip: ArrayLike, pue: ArrayLike
) -> NDArray[np.float64]:
    """Energy of one token, trained or served, in joules.

        joules = watts_per_chip * pue / tokens_per_s_per_chip

    Args:
        watts_per_chip: Power of one chip with all that belongs to it, 0 or more.
        tokens_per_s_per_chip: Over 0.
        pue: Power of the building over power of the machines, 1 or more.

    Returns:
        Joules, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition.

    Example:
        >>> float(joules_per_token(875.0, 1543.0, 1.25).round(3))
        0.709
    """
    watts = checked("watts_per_chip", watts_per_chip) * checked("pue", pue, low=1.0)
    return watts / checked("tokens_per_s_per_chip", tokens_per_s_per_chip, above=True)


def tokens_per_s_per_mw(
    tokens_per_s_per_chip: ArrayLike, watts_per_chip: ArrayLike, pue: ArrayLike
) -> NDArray[np.float64]:
    """Tokens a second that one megawatt of building power carries.

        rate = 1e6 * tokens_per_s_per_chip / (watts_per_chip * pue)

    Args:
        tokens_per_s_per_chip: 0 or more.
        watts_per_chip: Power of one chip with all that belongs to it, over 0.
        pue: Power of the building over power of the machines, 1 or more.

    Returns:
        Tokens a second for each megawatt, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition.

    Example:
        >>> round(float(tokens_per_s_per_mw(2000.0, 1000.0, 1.25)))
        1600000
    """
    watts = checked("watts_per_chip", watts_per_chip, above=True) * checked("pue", pue, low=1.0)
    return 1e6 * checked("tokens_per_s_per_chip", tokens_per_s_per_chip) / watts
