"""AI 2040 on China's compute: its own chips from CXMT's memory, what else reaches it, and its share of the world's.

Rebuilt from: Romeo Dean, "AI 2040: Compute in Plan A", AI Futures Project, 2026, sections 1.1 and 1.3,
https://ai-2040.com/supplements/compute-supplement. H100-equivalents are by total processing performance.

Reproduced: Ascend 910C a year from wafers of memory, domestic supply, China's stock and its share of the world's stock.
The imports, the rental and the years 2024 and 2025 are inputs there and here. The world's supply is capital
expenditure over the all-in cost of an H100-equivalent, as printed (scarcity of EUV within it), or from the stated trend
and the stated surcharge. Guessed: both stocks at the start of 2024, and the share of the world's stock that survives a
year, solved from printed stocks and flows; China's stock does not retire there. The trend with the surcharge gives
costs 5 to 6 % over the printed ones in 2026 and 2027: the supplement's path is not quite its own formula.
"""

from dataclasses import dataclass
from typing import NoReturn

from headgate.errors import UsageError, did_you_mean
from headgate.world.published.arithmetic import packages_of_stacks
from headgate.world.published.inputs import inputs

MONTHS = 12
YEARS = (2024, 2025, 2026, 2027, 2028)
CHANNELS = ("legal", "loopholes", "smuggled")
COSTS = ("printed", "trend")


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the path, in H100-equivalents.

    Args:
        packages: Ascend 910C on CXMT memory; None before the model makes them itself.
        domestic: China's own chips, made in the year.
        added: What all four channels add to China's stock.
        stock: China's, at the end of the year, owned or leased.
        world_added: By the EUV supply chain, without China's own chips.
        world_stock: At the end of the year, China's own chips within it.
    """

    year: int
    packages: float | None
    domestic: float
    added: float
    stock: float
    world_added: float
    world_stock: float

    @property
    def share(self) -> float:
        """China's share of the world's stock."""
        return self.stock / self.world_stock

    @property
    def us_ratio(self) -> float:
        """Stock of the United States over China's, at the stated split of what is not China's."""
        return inputs("ai2040").number("world.us_share_of_rest") * (1 - self.share) / self.share


def refuse_unknown_cost(cost: str) -> NoReturn:
    """Refuse a way to tell the cost that the supplement does not have."""
    near = did_you_mean(cost, COSTS) or f" Known are {', '.join(COSTS)}."
    raise UsageError(f"AI 2040 has no cost {cost!r}. Choose how the cost of an H100-equivalent is told.{near}")


def packages(year: int) -> float | None:
    """Good Ascend 910C of a year: wafer starts a month x 12 x good stacks a wafer / 8; None before 2026.

    Example:
        >>> packages(2028), packages(2025)
        (4950000.0, None)
    """
    given = inputs("ai2040")
    if year in given.years("domestic.before"):
        return None
    wafers = given.at("domestic.hbm_wafer_starts_per_month", year) * MONTHS
    stacks = wafers * given.at("domestic.good_stacks_per_wafer", year)
    return packages_of_stacks(stacks, given.number("domestic.stacks_per_package"))


def domestic(year: int) -> float:
    """China's own chips of a year: packages x H100-equivalents each x (1 + uplift); before 2026 as pinned there.

    Example:
        >>> round(domestic(2026)), domestic(2025)
        (1029600, 600000.0)
    """
    given = inputs("ai2040")
    made = packages(year)
    if made is None:
        return given.at("domestic.before", year)
    return made * given.at("domestic.h100e_per_package", year) * (1 + given.at("domestic.uplift_share", year))


def surcharge(share_of_passes: float) -> float:
    """What scarcity of EUV adds to the cost, as a share of it: A u^K of the share of passes that AI takes.

    Example:
        >>> round(surcharge(0.65), 3)
        0.341
    """
    given = inputs("ai2040")
    return float(given.number("world.surcharge_at_full") * share_of_passes ** given.number("world.surcharge_power"))


def added_by_trend(year: int) -> float:
    """World supply of a year after 2025 at the stated trend of cost, the surcharge solved together with the supply.

    The cost falls by 1.4 a year from that of 2025. Supply takes EUV passes as the printed one does, a chip; their share
    raises the cost, which lowers the supply. Solved by halving, as the cost only rises with supply.

    Example:
        >>> round(added_by_trend(2028) / 1e6)
        150
    """
    given = inputs("ai2040")
    spent, last = given.at("world.capex_usd", year), max(given.years("world.added"))
    cost = given.at("world.capex_usd", last) / given.at("world.added", last)
    naive = cost / given.number("world.price_performance") ** (year - last)
    tools = (given.at("world.euv_tools", year) + given.at("world.euv_tools", year + 1)) / 2
    passes = tools * given.number("world.passes_per_tool")
    share_per_chip = given.at("world.ai_passes", year) / added_as_printed(year) / passes
    low, high = 0.0, spent / naive
    for _ in range(60):
        middle = (low + high) / 2
        over = middle * naive * (1 + surcharge(middle * share_per_chip)) > spent
        low, high = (low, middle) if over else (middle, high)
    return low


def added_as_printed(year: int) -> float:
    """World supply of a year: capital expenditure / the printed cost, which holds the surcharge; pinned up to 2025.

    Example:
        >>> round(added_as_printed(2026) / 1e6, 1), added_as_printed(2024)
        (34.7, 5090000.0)
    """
    given = inputs("ai2040")
    pinned = given.years("world.added")
    if year in pinned:
        return pinned[year]
    return given.at("world.capex_usd", year) / given.at("world.usd_per_h100e", year)


def world_added(year: int, cost: str = "printed") -> float:
    """World supply of a year by the EUV chain, at the printed cost or at the stated trend and surcharge.

    Raises:
        UsageError: `cost` is neither `printed` nor `trend`.
    """
    if cost not in COSTS:
        refuse_unknown_cost(cost)
    pinned = year in inputs("ai2040").years("world.added")
    return added_as_printed(year) if pinned or cost == "printed" else added_by_trend(year)


def path(cost: str = "printed") -> tuple[Year, ...]:
    """Step China's stock and the world's from 2024 to 2028.

    Args:
        cost: `printed`, or `trend`.

    Returns:
        The years, in order.

    Raises:
        UsageError: `cost` is neither.

    Example:
        >>> [round(year.stock / 1e6, 1) for year in path()]
        [1.3, 2.9, 6.3, 13.1, 25.9]
    """
    given = inputs("ai2040")
    stock, world = given.number("channels.at_start"), given.number("world.at_start")
    kept = given.number("world.kept_share")
    found = []
    for year in YEARS:
        own, made = domestic(year), world_added(year, cost)
        added = own + sum(given.at(f"channels.{channel}", year) for channel in CHANNELS)
        stock, world = stock + added, world * kept + made + own
        found.append(Year(year, packages(year), own, added, stock, made, world))
    return tuple(found)
