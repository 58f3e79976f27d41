"""The two claims: in which draws they hold, how probable that makes them by year, and when supply makes up for imports.

A(m, y)  The US-to-China ratio of measure m is higher at the end of year y than a year before.
B(m, y)  China's domestic supply under the controls is at least the imports forgone against the world without controls,
         and domestic orders are at least twice those of that world. Both worlds see the same draws.

For `stock` a year is its end, with what was retired taken off; orders are added up from 2022 on. For `flow` it is what
was added in the four quarters of the year. Domestic supply is the channel `domestic`: dies made in China. Imports
forgone are the legal imports that China would have had less those that it has. `B net` counts every foreign channel
instead: legal, diverted, and chips of Chinese design with foreign dies; for what China controls also what it rents. The
plain B is therefore the same for owned and for controlled compute, and `B net` is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError
from headgate.world.axes import ACCOUNTS, CHANNEL_OF, KINDS, MEASURES, YEARS

if TYPE_CHECKING:
    import polars as pl

    from headgate.world.results import Results

Array = NDArray[np.float64]
Key = tuple[str, str, str]
CLAIMS: Mapping[str, str] = MappingProxyType(
    {
        "A": "the US-to-China ratio is higher than a year before",
        "B": "domestic supply makes up for the legal imports forgone, and orders are twice those without controls",
        "B net": "the same, net of what comes in through other foreign channels",
        "B supply": "the first half of B: domestic supply makes up for the legal imports forgone",
        "B supply net": "the first half of B net",
        "B orders": "the second half of B: domestic orders are twice those without controls",
    }
)
PARITY: Mapping[str, str] = MappingProxyType(
    {
        "parity": "domestic supply makes up for the legal imports forgone, from then on to the end of the horizon",
        "parity net": "the same, net of what comes in through other foreign channels",
    }
)
STOCK_OR_FLOW = ("stock", "flow")
BASES = ("owned", "controlled")  # of B; what China owns and what is located there are one
DOMESTIC = ("china_domestic", "china_domestic_other")
LEGAL = ("china_legal",)
FOREIGN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "owned": ("china_legal", "china_proxy_fab", "china_smuggled"),
        "controlled": ("china_legal", "china_proxy_fab", "china_smuggled", "china_rented"),
    }
)
ORDERS_FACTOR = 2.0
ORDERS = ("either", "orders_usd")  # basis and measure of a claim on orders alone
COLUMNS = ("claim", "basis", "kind", "measure", "year", "probability", "mc_error")
BATCHES = 40
TINY = 1e-9


def refuse_other_draws(one: "Results", other: "Results") -> NoReturn:
    """Refuse worlds that did not see the same draws."""
    raise UsageError(
        f"{one.name} has {one.draws:,} draws with seed {one.manifest.get('seed')}, {other.name} {other.draws:,} with "
        f"seed {other.manifest.get('seed')}: claim B compares worlds draw by draw. Run the two together."
    )


def trailing(flows: Any) -> Array:
    """Return what was added in the four quarters up to each one, [quarter, ...]; fewer at the beginning.

    Example:
        >>> trailing(np.ones((6, 1)))[:, 0].tolist()
        [1.0, 2.0, 3.0, 4.0, 4.0, 4.0]
    """
    total = np.cumsum(flows, axis=0, dtype=np.float64)
    total[4:] -= total[:-4].copy()
    return total


def china(results: "Results", measure: str, kind: str) -> dict[str, Array]:
    """Return what China has through each account by quarter and draw, [quarter, draw]; rented as far as it may be used.

    Args:
        results: One world.
        measure: One of `MEASURES`.
        kind: `stock` at the end of the quarter, or `flow` of the four quarters up to it.
    """
    if kind == "flow":
        flows = results.flows[..., list(MEASURES).index(measure)]
        return {a: trailing(flows[..., ACCOUNTS.index(a)]) for a in CHANNEL_OF}
    stocks = results.account_stock(measure)
    found = {a: stocks[..., ACCOUNTS.index(a)].astype(np.float64) for a in CHANNEL_OF}
    found["china_rented"] *= results.figure("rent_permitted")
    return found


def ratio(results: "Results", basis: str, measure: str, kind: str) -> Array:
    """Return the US over China at the ends of the years, [year, draw]; a flow is that of the year."""
    if kind == "stock":
        return np.asarray(results.ratio(basis, measure)[3::4], dtype=np.float64)
    us, them = (trailing(results.flow(bloc, basis, measure))[3::4] for bloc in ("us", "china"))
    return np.asarray(us / np.maximum(them, TINY))


def supply_margin(here: Mapping[str, Array], free: Mapping[str, Array], channels: Sequence[str]) -> Array:
    """Return by how much domestic supply is more than the imports forgone; parity is at zero.

        log((domestic + imports under the controls) / imports without controls)

    Args:
        here: China's accounts under the controls.
        free: The same without controls.
        channels: Which accounts are imports.
    """
    told = sum(here[a] for a in (*DOMESTIC, *channels))
    return np.log(np.maximum(told, TINY)) - np.log(np.maximum(sum(free[a] for a in channels), TINY))


def orders_margin(baseline: "Results", free: "Results", kind: str) -> Array:
    """Return the logarithm of domestic orders over twice those without controls, by year, [year, draw]."""
    here, there = (
        np.cumsum(r.figure("orders_usd"), axis=0, dtype=np.float64)
        if kind == "stock"
        else trailing(r.figure("orders_usd"))
        for r in (baseline, free)
    )
    return np.log(np.maximum(here, TINY))[3::4] - np.log(ORDERS_FACTOR * np.maximum(there, TINY))[3::4]


def margins(baseline: "Results", free: "Results", measure: str) -> dict[Key, Array]:
    """Return by how much each claim holds in each draw, by claim, basis and kind, [year, draw]; it holds at 0 or more.

    Claim A holds above 0 alone, and is NaN in the first year. Claim B is the smaller of its two halves.

    Args:
        baseline: The world under the controls.
        free: The world without them, of the same draws.
        measure: One of `MEASURES`.
    """
    found: dict[Key, Array] = {}
    for kind in STOCK_OR_FLOW:
        for basis in KINDS:
            grown = np.diff(np.log(np.maximum(ratio(baseline, basis, measure, kind), TINY)), axis=0)
            found["A", basis, kind] = np.concatenate([np.full((1, grown.shape[1]), np.nan), grown])
        orders = orders_margin(baseline, free, kind)
        here, there = (china(r, measure, kind) for r in (baseline, free))
        for basis in BASES:
            for claim, channels in (("B", LEGAL), ("B net", FOREIGN[basis])):
                supply = supply_margin(here, there, channels)[3::4]
                found[claim, basis, kind] = np.minimum(supply, orders)
                found[claim.replace("B", "B supply"), basis, kind] = supply
    return found


def holds(claim: str, margin: Array) -> NDArray[np.bool_]:
    """Return in which draws a claim holds."""
    return margin > 0 if claim == "A" else margin >= 0


def mc_error(held: NDArray[np.bool_], told: int | None = None) -> float:
    """Return the standard error of a probability that comes from the number of draws.

    Draws that take their history from one draw of a posterior are not independent, nor are its neighbors in a chain:
    with a posterior the error is also taken from the spread between batches of its draws, and the larger one counts.

    Args:
        held: Whether the claim holds, [draw].
        told: Draws of the posterior, which are used in turn; None without one.

    Example:
        >>> round(mc_error(np.arange(1000) < 500), 4)
        0.0158
    """
    n = len(held)
    # Never zero: half a success and half a failure are added.
    share = (np.count_nonzero(held) + 0.5) / (n + 1)
    found = float(np.sqrt(share * (1 - share) / n))
    if told is None or min(told, n) < 2 * BATCHES:
        return found
    batch = (np.arange(n) % told) * BATCHES // min(told, n)
    means = np.bincount(batch, held, BATCHES) / np.bincount(batch, minlength=BATCHES)
    return max(found, float(np.std(means, ddof=1) / np.sqrt(BATCHES)))


def check_paired(baseline: "Results", free: "Results") -> None:
    """Refuse two worlds that did not see the same draws.

    Raises:
        UsageError: Their draws, seeds or posteriors differ.
    """
    same = all(baseline.manifest.get(k) == free.manifest.get(k) for k in ("seed", "posterior"))
    if baseline.draws != free.draws or not same:
        refuse_other_draws(baseline, free)


def claims(baseline: "Results", free: "Results", told: int | None = None) -> "pl.DataFrame":
    """Return the probabilities of both claims and of the parts of B.

    Args:
        baseline: The world under the controls.
        free: The world without them (scenario `no-controls`), run together with the baseline.
        told: Draws of the posterior, for the Monte Carlo error; None without one.

    Returns:
        One row for each claim, basis, kind, measure and year, with `probability` and `mc_error`. Claim A has no first
        year. `B orders` has the basis `either` and the measure `orders_usd`.

    Raises:
        UsageError: The two worlds did not see the same draws.
    """
    check_paired(baseline, free)
    rows: list[tuple[Any, ...]] = []
    for measure in MEASURES:
        for (claim, basis, kind), margin in margins(baseline, free, measure).items():
            rows += _rows((claim, basis, kind, measure), holds(claim, margin), told, first=claim == "A")
    for kind in STOCK_OR_FLOW:
        held = holds("B orders", orders_margin(baseline, free, kind))
        rows += _rows(("B orders", ORDERS[0], kind, ORDERS[1]), held, told)
    return framed(rows, tuple(CLAIMS))


def parity(baseline: "Results", free: "Results", told: int | None = None) -> "pl.DataFrame":
    """Return the probability that domestic supply has made up for the imports forgone for good, by year.

    The date of parity of a draw is the first quarter from which on, to the end of the horizon, domestic supply is at
    least the imports forgone; it may be that there is none. The row of a year says how probable it is that the date
    has come by its end, and what is missing to 1 in the last year is the probability of never in the horizon.

    Args:
        baseline: The world under the controls.
        free: The world without them, run together with the baseline.
        told: Draws of the posterior, for the Monte Carlo error; None without one.

    Returns:
        As `claims`, of the claims in `PARITY`; probabilities never fall from year to year.

    Raises:
        UsageError: The two worlds did not see the same draws.
    """
    check_paired(baseline, free)
    rows: list[tuple[Any, ...]] = []
    for measure in MEASURES:
        for kind in STOCK_OR_FLOW:
            here, there = (china(r, measure, kind) for r in (baseline, free))
            for basis in BASES:
                for claim, channels in (("parity", LEGAL), ("parity net", FOREIGN[basis])):
                    held = supply_margin(here, there, channels) >= 0
                    rows += _rows((claim, basis, kind, measure), for_good(held)[3::4], told)
    return framed(rows, tuple(PARITY))


def for_good(held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return from when on something holds to the end, [time, ...].

    Example:
        >>> for_good(np.array([True, False, True, True])).tolist()
        [False, False, True, True]
    """
    return np.logical_and.accumulate(held[::-1], axis=0)[::-1]


def _rows(
    words: tuple[str, ...], held: NDArray[np.bool_], told: int | None, first: bool = False
) -> Iterator[tuple[Any, ...]]:
    for year, each in list(zip(YEARS, held, strict=True))[int(first) :]:
        yield (*words, year, float(np.mean(each)), mc_error(each, told))


def framed(rows: Sequence[tuple[Any, ...]], order: Sequence[str]) -> "pl.DataFrame":
    """Return rows as a frame, in the order of claims, of stock before flow, of bases, measures and years."""
    import polars as pl

    words = (order, (*KINDS, ORDERS[0]), STOCK_OR_FLOW, (*MEASURES, ORDERS[1]))

    def place(row: tuple[Any, ...]) -> tuple[int, ...]:
        claim, basis, kind, measure = (known.index(word) for known, word in zip(words, row, strict=False))
        return claim, kind, basis, measure, row[4]

    types = {"year": pl.Int64, "probability": pl.Float64, "mc_error": pl.Float64}
    return pl.DataFrame(sorted(rows, key=place), schema={c: types.get(c, pl.String) for c in COLUMNS}, orient="row")
