"""What a run gives: flows by quarter, draw, account and measure, and the stocks that follow from them.

Owned, located and controlled compute are three different stocks. A rented chip is owned by somebody else and located
elsewhere; it counts in what China controls as long as the law lets it be used, and not in what its owners control.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError, did_you_mean
from headgate.world.axes import ACCOUNTS, CHINA_OWNED, KINDS, LABELS, MEASURES, US_OWNED, YEARS

if TYPE_CHECKING:
    from xarray import Dataset

Array = NDArray[np.float32]
KEPT = ("retire.hazard", "us.offshore_share", "run.share", "run.share_china", "run.days", "algorithms.growth")
OUTSIDE = ("us_named", "us_other", "allied", "other")


@dataclass(frozen=True, eq=False)
class Results:
    """One world, all draws.

    Args:
        name: `baseline`, or the scenario's id.
        flows: What is added, [quarter, draw, account, measure], float32.
        series: Single figures, [quarter, draw, figure], float32.
        figures: Names of the figures.
        quantities: The quantities of `KEPT`, [quarter, draw, quantity], float32.
        chips: Chips added by a sample of the draws, [quarter, draw, account, chip], float32.
        chip_ids: The axis of chips.
        manifest: What the run was made of: hashes of law, data and code, seed, draws, version.
    """

    name: str
    flows: Array
    series: Array
    figures: tuple[str, ...]
    quantities: Array
    chips: Array
    chip_ids: tuple[str, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return int(self.flows.shape[1])

    def figure(self, name: str) -> Array:
        """Return a single figure by quarter and draw, [quarter, draw].

        Raises:
            UsageError: There is none of this name; near names are given.
        """
        if name not in self.figures:
            raise UsageError(f"a run has no figure {name!r}.{did_you_mean(name, self.figures)}")
        return self.series[:, :, self.figures.index(name)]

    def quantity(self, id: str) -> Array:
        """Return a quantity of `KEPT` by quarter and draw, [quarter, draw].

        Raises:
            UsageError: It is not kept.
        """
        check(id, KEPT, "kept quantity")
        return self.quantities[:, :, KEPT.index(id)]

    def flow(self, bloc: str, basis: str, measure: str) -> Array:
        """Return what a bloc adds in each quarter, [quarter, draw].

        Args:
            bloc: `us`, `china`, `allied` or `other`.
            basis: `owned`, `located` or `controlled`.
            measure: One of `MEASURES`.

        Raises:
            UsageError: A word is unknown.
        """
        check(basis, KINDS, "basis")
        return self._of(self.flows[..., place(measure)], bloc, basis, None)

    def stock(self, bloc: str, basis: str, measure: str, retiring: bool = True) -> Array:
        """Return what a bloc has at the end of each quarter, [quarter, draw]; as for `flow`.

        Args:
            bloc: `us`, `china`, `allied` or `other`.
            basis: `owned`, `located` or `controlled`.
            measure: One of `MEASURES`.
            retiring: Whether chips fail and are retired; published stocks count none.
        """
        check(basis, KINDS, "basis")
        return self._of(self.account_stock(measure, retiring), bloc, basis, self.figure("rent_permitted"))

    def account_stock(self, measure: str, retiring: bool = True) -> Array:
        """Return the stock of every account at the end of each quarter, [quarter, draw, account]."""
        flows = self.flows[..., place(measure)]
        if not retiring:
            return np.cumsum(flows, axis=0, dtype=np.float32)
        kept = (1.0 - self.quantity("retire.hazard")) ** 0.25
        found = np.empty_like(flows)
        found[0] = flows[0]
        for q in range(1, len(found)):
            found[q] = found[q - 1] * kept[q][:, None] + flows[q]
        return found

    def _of(self, accounts: Array, bloc: str, basis: str, permitted: Array | None) -> Array:
        check(bloc, ("us", "china", "allied", "other"), "bloc")
        at = {name: accounts[..., n] for n, name in enumerate(ACCOUNTS)}
        rented = at["china_rented"] if permitted is None else at["china_rented"] * permitted
        if bloc == "china":
            owned = sum(at[name] for name in CHINA_OWNED)
            return np.asarray(owned + rented if basis == "controlled" else owned)
        owned = np.asarray(sum(at[name] for name in US_OWNED) if bloc == "us" else at[bloc])
        if basis == "controlled":
            outside = np.maximum(sum(at[name] for name in OUTSIDE), 1e-9)
            return np.asarray(owned * (1.0 - np.minimum(rented / outside, 1.0)))
        if basis == "located":
            us = np.asarray(sum(at[name] for name in US_OWNED))
            abroad = us * self.quantity("us.offshore_share")
            return np.asarray(us - abroad if bloc == "us" else owned + abroad * (0.5 if bloc in OUTSIDE else 0.0))
        return owned

    def ratio(self, basis: str, measure: str, kind: str = "stock") -> Array:
        """Return the US over China, by quarter and draw, [quarter, draw].

        Args:
            basis: `owned`, `located` or `controlled`.
            measure: One of `MEASURES`.
            kind: `stock` at the end of the quarter, or `flow` in it.
        """
        check(kind, ("stock", "flow"), "kind")
        told = self.stock if kind == "stock" else self.flow
        return np.asarray(told("us", basis, measure) / np.maximum(told("china", basis, measure), 1e-9))

    def dataset(self) -> "Dataset":
        """Return all of it as a labeled data set (xarray), axes quarter, draw, account, measure, chip, figure."""
        from headgate.extras import needed

        xarray = needed("xarray")
        axes = {
            "quarter": list(LABELS),
            "account": list(ACCOUNTS),
            "measure": list(MEASURES),
            "chip": list(self.chip_ids),
        }
        data = {
            "flow": (("quarter", "draw", "account", "measure"), self.flows),
            "series": (("quarter", "draw", "figure"), self.series),
            "quantity": (("quarter", "draw", "quantity_id"), self.quantities),
            "chips": (("quarter", "sample", "account", "chip"), self.chips),
        }
        coords = {**axes, "chip": list(self.chip_ids), "figure": list(self.figures), "quantity_id": list(KEPT)}
        found: Dataset = xarray.Dataset(data, coords=coords, attrs={"name": self.name, **self.manifest})
        return found


def check(word: str, known: tuple[str, ...], what: str) -> None:
    """Refuse a word that is not known, with near names."""
    if word not in known:
        raise UsageError(f"there is no {what} {word!r}; it is one of {', '.join(known)}.{did_you_mean(word, known)}")


def place(measure: str) -> int:
    """Return where a measure stands on its axis.

    Raises:
        UsageError: There is no such measure.

    Example:
        >>> place("tpp"), place("h100e")
        (0, 6)
    """
    check(measure, tuple(MEASURES), "measure")
    return list(MEASURES).index(measure)


def yearly(flows: Any) -> Any:
    """Return flows by year: the quarters of each added up, [quarter, ...] to [year, ...]."""
    return flows.reshape(len(YEARS), 4, *flows.shape[1:]).sum(axis=1)


def year_ends(stocks: Any) -> Any:
    """Return stocks at the ends of the years, [quarter, ...] to [year, ...]."""
    return stocks[3::4]
