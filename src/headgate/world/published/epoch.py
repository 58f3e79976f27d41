"""Epoch AI on smuggling in 2024 and 2025: two views of one quantity, blended draw by draw.

Rebuilt from: Juniewicz, "Diversion and resale", Epoch AI, 29 April 2026, https://epoch.ai/publications/chip-smuggling
(CC BY 4.0, credit: Epoch AI). The structure and the parameters are those of the model's own source file; no code of it
is used.

The diverters' side adds up nine known cases, corrects them for allegations that fail, and divides by the share of
diversion that comes to light. The resellers' side multiplies vendors by what each sells, and divides by the share that
marketplaces have of the trade. Reproduced: the H100-equivalents of 2024, of 2025, of both, and of each side. Guessed:
nothing in the parameters; one simplification. The published model draws every vendor singly; here the sum of a draw's
vendors is one lognormal number with the same mean and variance (a test holds it to the sum over single vendors).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headgate.draw.spread import Z95, Spread
from headgate.draw.stream import normals
from headgate.world.published.inputs import inputs
from headgate.world.published.record import Draws, Inputs

YEARS = (2024, 2025)
CASES = (
    *("supermicro_servers", "megaspeed", "aperia", "luxuriate", "gatekeeper", "janford", "others", "alx"),
    *("broker_malaysia", "broker_hong_kong"),
)
KINDS = ("a100", "h100", "h200")
MONTHS = 12

ByYear = Mapping[int, Draws]


@dataclass(frozen=True, slots=True)
class Smuggled:
    """H100-equivalents smuggled by year, draw by draw, as the diverters' and the resellers' side see them.

    Args:
        weight: Of the diverters' side in the blend; the rest is the resellers'.
    """

    diverted: ByYear
    resold: ByYear
    weight: float

    @property
    def blended(self) -> ByYear:
        """The weighted mean of both sides, by year."""
        return {
            year: self.weight * self.diverted[year] + (1 - self.weight) * self.resold[year] for year in self.diverted
        }


def total(by_year: ByYear) -> Draws:
    """Sum over the years.

    Example:
        >>> total({2024: np.ones(2), 2025: np.ones(2)}).tolist()
        [2.0, 2.0]
    """
    return np.asarray(np.sum(list(by_year.values()), axis=0), dtype=np.float64)


def mixed(share: Draws, better: float, other: float) -> Draws:
    """H100-equivalents a chip of a lot of which a share is the better chip.

    Example:
        >>> float(mixed(np.float64(0.5), 2.0, 1.0))
        1.5
    """
    return np.asarray(share * better + (1 - share) * other)


def of_case(given: Inputs, case: str, draws: int, seed: int = 0) -> ByYear:
    """H100-equivalents of one known case, by year, as alleged.

    Chips are counted by kind, or are dollars over dollars a chip. A share of them went in 2024 or before.

    Args:
        given: Inputs of the model.
        case: One of `CASES`.

    Returns:
        H100-equivalents of each year, [draws].

    Example:
        >>> cases = inputs("epoch")
        >>> of_case(cases, "megaspeed", 3)[2024].tolist()
        [0.0, 0.0, 0.0]
    """

    def draw(name: str) -> Draws:
        return given.draw(f"{case}.{name}", draws, seed)

    def has(name: str) -> bool:
        return f"{case}.{name}" in given

    each = {kind: given.number(f"h100e.{kind}") for kind in (*KINDS, "blackwell")}
    share = draw("in_2024")
    kinds = [kind for kind in KINDS if has(kind)]
    if kinds:
        alike = np.sum([draw(kind) * each[kind] for kind in kinds], axis=0)
        return {2024: alike * share, 2025: alike * (1 - share)}
    chips = draw("usd") / draw("usd_per_chip") if has("usd") else draw("chips")
    found = {}
    for year, part in zip(YEARS, (share, 1 - share), strict=True):
        per_chip: Draws = np.full(draws, each["h100"])
        if has(f"blackwell_{year}"):
            per_chip = mixed(draw(f"blackwell_{year}"), each["blackwell"], each["h100"])
        elif has("h100_share"):
            per_chip = mixed(draw("h100_share"), each["h100"], each["a100"])
        found[year] = chips * part * per_chip
    return found


def diverted(draws: int = 100_000, seed: int = 0) -> ByYear:
    """H100-equivalents smuggled, from the cases: their sum x accuracy / the share of diversion detected.

    Returns:
        By year, [draws].
    """
    given = inputs("epoch")
    cases = [of_case(given, case, draws, seed) for case in CASES]
    least, most = given.number("detected_least"), given.number("detected_most")
    detected = np.clip(given.draw("detected_share", draws, seed), least, most)
    scale = given.draw("accuracy", draws, seed) / detected
    return {year: total({n: case[year] for n, case in enumerate(cases)}) * scale for year in YEARS}


def sold_by_vendors(vendors: Draws, volume: Spread, correlation: float, market: Draws, own: Draws) -> Draws:
    """Chips a year sold by a number of vendors whose lognormal volumes are correlated.

    A vendor's logarithm of volume has variance s^2, of which the market shares `correlation`. The sum over vendors of
    the rest is taken as lognormal with the mean and the variance of that sum (Fenton and Wilkinson).

    Args:
        vendors: Whole number of vendors, 1 or more, [draws].
        volume: Chips a vendor and year, a lognormal spread.
        correlation: Between the logarithms of two vendors' volumes, 0 to 1.
        market: Standard normals, what all vendors of a draw share.
        own: Standard normals, what is left.

    Returns:
        Chips a year, [draws].

    Example:
        >>> one = sold_by_vendors(np.ones(1), Spread("lognormal", 100, 900), 0.5, np.zeros(1), np.zeros(1))
        >>> bool(np.isclose(one, 300).all())
        True
    """
    sigma = np.log(volume.high / volume.low) / (2 * Z95)
    shared, single = sigma * np.sqrt(correlation), sigma * np.sqrt(1 - correlation)
    mean = vendors * volume.middle * np.exp(shared * market + single**2 / 2)
    variance = np.log1p(np.expm1(single**2) / vendors)  # of the logarithm of the sum
    return np.asarray(mean * np.exp(np.sqrt(variance) * own - variance / 2))


def _period(given: Inputs, period: str, volume: str, months: float, draws: int, seed: int) -> Draws:
    """Chips sold in one period, from streams of its own."""
    year = 2024 if period == "2024" else 2025
    count, market, own = normals(f"published.epoch.resale.{period}", draws, 3, seed).T
    vendors = np.maximum(np.round(given.spread(f"resale.vendors_{year}").of(count)), 1.0)
    correlation = given.number("resale.vendor_correlation")
    each = given.spread(f"resale.{volume}")
    return sold_by_vendors(vendors, each, correlation, market, own) * months / MONTHS


def resold(draws: int = 100_000, seed: int = 0) -> ByYear:
    """H100-equivalents smuggled, from the marketplaces: chips sold there / their share of the trade.

    2025 has three periods (before, during and after the months in which H20 needed a license) that share one shock.

    Returns:
        By year, [draws].
    """
    given = inputs("epoch")

    def draw(name: str) -> Draws:
        return given.draw(f"resale.{name}", draws, seed)

    a100, h100, blackwell = (given.number(f"h100e.{kind}") for kind in ("a100", "h100", "blackwell"))
    shock = np.exp(
        given.number("resale.year_shock_sd") * normals("published.epoch.resale.year_shock", draws, 1, seed)[:, 0]
    )
    before, after = (mixed(draw(f"blackwell_{when}"), blackwell, h100) for when in ("before", "after"))
    first = _period(given, "2024", "usual_volume", MONTHS, draws, seed) * mixed(draw("h100_share_2024"), h100, a100)
    second = sum(
        _period(given, when, volume, given.number(f"resale.months_{when}"), draws, seed) * shock * per_chip
        for when, volume, per_chip in (
            ("before", "usual_volume", before),
            ("ban", "ban_volume", after),
            ("after", "usual_volume", after),
        )
    )
    marketplaces = draw("marketplace_share")
    return {2024: first / marketplaces, 2025: np.asarray(second / marketplaces)}


def smuggled(draws: int = 100_000, seed: int = 0) -> Smuggled:
    """Run both sides of the model.

    Args:
        draws: Number of draws, 1 or more.
        seed: Of the random streams.

    Returns:
        H100-equivalents by side and year, each [draws]; `blended` is Epoch's answer.

    Example:
        >>> ran = smuggled(20_000)
        >>> bool(600_000 < np.median(total(ran.blended)) < 720_000)
        True
    """
    return Smuggled(diverted(draws, seed), resold(draws, seed), inputs("epoch").number("weight_diverted"))
