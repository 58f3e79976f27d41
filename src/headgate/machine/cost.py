"""Cost: dollars for a chip and hour, and for a number of tokens; whatever is assumed is shown beside the result."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.machine.hardware import Machine
from headgate.machine.ranges import checked

YEAR_HOURS = 365.25 * 24.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a price of computing assumes.

    The defaults are estimates: operators write machines off over 4 (Nebius) to 6 years (CoreWeave), Meta's research
    clusters were used for about 80 % of the time (arXiv:2410.21680), industrial power in the United States costs about
    8 cents, and new large buildings run at a PUE of 1.1 to 1.3.

    Args:
        amortization_years: Years over which the price is spread evenly, over 0.
        utilization_share: Share of hours that are used, over 0 and at most 1.
        usd_per_kwh: Price of electricity, 0 or more.
        pue: Power of the building over power of the machines, 1 or more.

    Raises:
        UsageError: A number is out of range.
    """

    amortization_years: float = 5.0
    utilization_share: float = 0.8
    usd_per_kwh: float = 0.08
    pue: float = 1.25

    def __post_init__(self) -> None:
        checked("amortization_years", self.amortization_years, above=True)
        checked("utilization_share", self.utilization_share, high=1.0, above=True)
        checked("usd_per_kwh", self.usd_per_kwh)
        checked("pue", self.pue, low=1.0)

    def shown(self) -> str:
        """Return the terms as a phrase for the output.

        Example:
            >>> Terms().shown()
            'price spread over 5 years, 80 % of hours used, 0.08 USD/kWh, PUE 1.25'
        """
        return (
            f"price spread over {self.amortization_years:g} years, {100 * self.utilization_share:g} % of hours used, "
            f"{self.usd_per_kwh:g} USD/kWh, PUE {self.pue:g}"
        )


@dataclass(frozen=True, slots=True)
class ChipPrice:
    """Price of one chip with what was bought with it: dollars, NaN when unknown, and what they cover, in words."""

    usd: float
    basis: str


def chip_price(machine: Machine) -> ChipPrice:
    """Price of one chip of a machine: its share of the domain's price, or else the chip alone, or else unknown.

        usd = domain_price_usd / domain_chips

    Args:
        machine: The machine; NaN where a price is unknown.

    Returns:
        Dollars, NaN when neither price is known, and the basis.

    Source:
        Definition. Left out: fabric between domains, building, staff, interest, margin.

    Example:
        >>> from headgate.machine.hardware import Chip, Link, Machine
        >>> link = Link(1e11, {"send": 0.9}, 1e-5)
        >>> chip = Chip("h100", "hopper", {}, 80e9, 3.35e12, 0.9, 0.6, 1000)
        >>> chip_price(Machine("dgx-h100", "DGX H100", chip, 8, link, link, domain_price_usd=350e3)).usd
        43750.0
    """
    if not np.isnan(machine.domain_price_usd):
        whole = f"price of the domain ({machine.domain_price_usd:,.0f} USD) over {machine.domain_chips} chips"
        return ChipPrice(machine.domain_price_usd / machine.domain_chips, whole)
    if not np.isnan(machine.chip.price_usd):
        return ChipPrice(machine.chip.price_usd, "price of the chip alone: host, switches and network are not in it")
    return ChipPrice(float("nan"), "unknown: neither the domain nor the chip has a price on record; give one")


def usd_per_chip_hour(price_usd: ArrayLike, watts_per_chip: ArrayLike, terms: Terms) -> NDArray[np.float64]:
    """Cost of one chip for one used hour, in dollars: purchase spread over used hours, and electricity.

        usd = price / (years * 8766 * utilization) + watts / 1000 * pue * usd_per_kwh

    Args:
        price_usd: Price of one chip with what belongs to it, 0 or more.
        watts_per_chip: Its power with what belongs to it, 0 or more.
        terms: What is assumed; print `terms.shown()` beside the result.

    Returns:
        Dollars, float64, in the broadcast shape; NaN where price or power is unknown.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition. Left out: building, network between domains, staff, interest, margin, power of unused hours. For
        comparison, DeepSeek-AI (2024), arXiv:2412.19437, counts 2 USD rent for an H800 and hour.

    Example:
        >>> round(float(usd_per_chip_hour(43750.0, 875.0, Terms())), 2)
        1.34
    """
    used_hours = terms.amortization_years * YEAR_HOURS * terms.utilization_share
    power = checked("watts_per_chip", watts_per_chip) / 1000.0 * terms.pue * terms.usd_per_kwh
    return checked("price_usd", price_usd) / used_hours + power


def usd_for_tokens(
    tokens: ArrayLike, usd_per_hour: ArrayLike, tokens_per_s_per_chip: ArrayLike, share: ArrayLike
) -> NDArray[np.float64]:
    """Cost of training on, or serving, a number of tokens, in dollars.

        usd = tokens / (tokens_per_s_per_chip * share * 3600) * usd_per_hour

    Args:
        tokens: Tokens, 0 or more: 1e12 for the cost of a trillion, or those of the whole run.
        usd_per_hour: Cost of one chip and hour, 0 or more.
        tokens_per_s_per_chip: Over 0.
        share: Goodput, over 0 and at most 1. 1 leaves failures out.

    Returns:
        Dollars, float64, in the broadcast shape; NaN where the cost of an hour is unknown.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition.

    Example:
        >>> round(float(usd_for_tokens(1e12, 2.0, 1543.2, 1.0)))  # DeepSeek-V3: 180,000 hours at 2 USD
        360002
    """
    rate = checked("tokens_per_s_per_chip", tokens_per_s_per_chip, above=True)
    hours = checked("tokens", tokens) / (rate * checked("share", share, high=1.0, above=True) * 3600.0)
    return hours * checked("usd_per_hour", usd_per_hour)
