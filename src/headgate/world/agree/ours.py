"""What is read off a run to be set beside published numbers: stocks as others count them, units, sales, ratios."""

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError
from headgate.world.axes import ACCOUNTS, BLOCS, LABELS, quarter
from headgate.world.chips import WorldChip, along, chips
from headgate.world.measures import conversion
from headgate.world.results import Results, place

Draws = NDArray[np.float64]
Which = Callable[[WorldChip], bool]
DOMESTIC = ("china_domestic", "china_proxy_fab")
EVERYWHERE = tuple(a for a in ACCOUNTS if a != "china_rented")
# Epoch AI counts what China makes, and what is diverted to it, from here on.
LATE = quarter("2024Q1")


@cache
def units_of(measure: str, chip: str) -> float:
    """Return what one chip counts for in a measure.

    Example:
        >>> units_of("fp8", "nvidia-gb300")
        5000.0
    """
    found = conversion(chips())
    return float(found.column(measure)[found.chips.index(chip)])


def b300e() -> float:
    """Return the H100-equivalents of one B300, by Epoch AI's table.

    Example:
        >>> round(b300e(), 3)
        2.526
    """
    return units_of("h100e", "nvidia-gb300")


class Ours:
    """A run, read as others count. Nothing is retired here: published stocks retire nothing.

    Args:
        results: A run of the world.

    Raises:
        UsageError: The run was made with other chips than these.
    """

    def __init__(self, results: Results) -> None:
        if results.chip_ids != tuple(c.id for c in chips()):
            raise UsageError("the run was made with other chips than the package's; run it anew.")
        self.results = results
        self._stocks: dict[str, Draws] = {}

    @cached_property
    def sample(self) -> int:
        """How many of the draws kept their chips."""
        return int(self.results.chips.shape[1])

    def total(self, accounts: Sequence[str], measure: str = "h100e", since: int = 0) -> Draws:
        """Return what some accounts added from a quarter on, [quarter, draw]; 0 before it."""
        if measure not in self._stocks:
            flows = self.results.flows[..., place(measure)]
            self._stocks[measure] = np.cumsum(flows, axis=0, dtype=np.float64)
        stock = self._stocks[measure]
        found = np.zeros(stock.shape[:2])
        for name in accounts:
            mine = stock[..., ACCOUNTS.index(name)]
            found += mine - mine[since - 1] if since else mine
        found[:since] = 0.0
        return found

    def added(self, accounts: Sequence[str], q: int, measure: str = "h100e") -> Draws:
        """Return what some accounts added in the year of a quarter, [draw]."""
        first = q - q % 4
        flows = self.results.flows[first : first + 4, ..., place(measure)].sum(axis=0, dtype=np.float64)
        return np.asarray(flows[:, [ACCOUNTS.index(name) for name in accounts]].sum(axis=1))

    def held(self, bloc: str, basis: str, measure: str = "h100e") -> Draws:
        """Return the stock of a bloc with nothing retired, [quarter, draw]."""
        return np.asarray(self.results.stock(bloc, basis, measure, retiring=False), dtype=np.float64)

    def world(self, basis: str, measure: str = "h100e") -> Draws:
        """Return the stock of all blocs with nothing retired, [quarter, draw]."""
        return np.asarray(sum(self.held(bloc, basis, measure) for bloc in BLOCS))

    def gained(self, bloc: str, basis: str, q: int, measure: str = "h100e") -> Draws:
        """Return what a bloc added in the year of a quarter, [draw]."""
        first = q - q % 4
        return np.asarray(
            self.results.flow(bloc, basis, measure)[first : first + 4].sum(axis=0, dtype=np.float64), dtype=np.float64
        )

    def china(self, measure: str = "h100e") -> Draws:
        """Return China's stock as Epoch AI counts it, [quarter, draw]: legal; from 2024 on also made and diverted."""
        return self.total(["china_legal"], measure) + self.total([*DOMESTIC, "china_smuggled"], measure, LATE)

    def year_of(self, figure: str, q: int) -> Draws:
        """Return a figure added up over the year of a quarter, [draw]."""
        first = q - q % 4
        return np.asarray(self.results.figure(figure)[first : first + 4].sum(axis=0, dtype=np.float64))

    def chips_in(
        self, accounts: Sequence[str], which: Which, first: int, last: int, weight: NDArray[np.float64] | None = None
    ) -> Draws:
        """Return chips added from one quarter to another, [draw of the sample].

        Args:
            which: Which chips.
            weight: What each counts for, [chip] or [quarter, chip]; 1 by default.
        """
        mine = np.array([which(c) for c in chips()], dtype=np.float64)
        given = np.broadcast_to(mine if weight is None else mine * weight, (len(LABELS), len(mine)))
        at = [ACCOUNTS.index(name) for name in accounts]
        found = self.results.chips[first : last + 1][:, :, at].sum(axis=2, dtype=np.float64)
        return np.asarray(np.einsum("qdc,qc->d", found, given[first : last + 1]))

    def units(self, accounts: Sequence[str], which: Which, q: int) -> Draws:
        """Return chips added in the year of a quarter, [draw of the sample]."""
        return self.chips_in(accounts, which, q - q % 4, q - q % 4 + 3)

    def sales(self, accounts: Sequence[str], which: Which, q: int, whole_year: bool = True) -> Draws:
        """Return chips at the prices of `chips.toml`, USD, in the year of a quarter or in the quarter alone."""
        first, last = (q - q % 4, q - q % 4 + 3) if whole_year else (q, q)
        return self.chips_in(accounts, which, first, last, prices())

    def equivalents(self, accounts: Sequence[str], which: Which, q: int) -> Draws:
        """Return H100-equivalents of some chips in the year of a quarter, [draw of the sample].

        What a later generation gains by learning is not in it.
        """
        return self.chips_in(accounts, which, q - q % 4, q - q % 4 + 3, conversion(chips()).column("h100e"))


@cache
def prices() -> NDArray[np.float64]:
    """Return list prices, USD, [quarter, chip]."""
    return np.array([along(c.price_usd) for c in chips()]).T


def made_by(*vendors: str) -> Which:
    """Return the choice of the chips of some vendors.

    Example:
        >>> sum(made_by("huawei")(c) for c in chips()) > 5
        True
    """
    return lambda c: c.vendor in vendors


def called(*names: str) -> Which:
    """Return the choice of chips by id or by their label in the history."""
    return lambda c: c.id in names or bool(set(c.history) & set(names))


def share(part: Any, of: Any) -> Draws:
    """Return a share in percent."""
    return np.asarray(100.0 * np.asarray(part) / np.maximum(np.asarray(of), 1e-9), dtype=np.float64)


def ratio(one: Any, two: Any) -> Draws:
    """Return one over two."""
    return np.asarray(np.asarray(one) / np.maximum(np.asarray(two), 1e-9), dtype=np.float64)
