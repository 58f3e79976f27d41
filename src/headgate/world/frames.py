"""Results as tidy frames: quantiles over the draws, by quarter or year, as tables and pictures take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError
from headgate.world.axes import ACCOUNTS, BLOCS, CHANNEL_OF, CHANNELS, KINDS, LABELS, MEASURES, YEARS
from headgate.world.lane import CATEGORIES
from headgate.world.results import Results, place, year_ends, yearly

if TYPE_CHECKING:
    import polars as pl

    from headgate.world.build import World

Array = NDArray[Any]
LEVELS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
UNITS: Mapping[str, str] = {
    "tpp": "TPP",
    "fp8": "TFLOPS",
    "fp4": "TFLOPS",
    "int8": "TOPS",
    "memory_bandwidth": "GB/s",
    "memory_size": "GB",
    "h100e": "H100-equivalents",
    "training": "TFLOP/s",
    "serving": "tokens/s",
}
# What scenarios are compared by: name to unit, and how it is taken from results, [quarter, draw].
DIFFERENCES: Mapping[str, tuple[str, Callable[[Results], Array]]] = {
    "China's compute, owned or rented": ("H100-equivalents", lambda r: r.stock("china", "controlled", "h100e")),
    "US over China, FP8 compute owned": ("times", lambda r: r.ratio("owned", "fp8")),
}
DIRECT = "cn_direct"  # the lane that stands for what the law lets through


def refuse_other_draws(one: Results, other: Results) -> NoReturn:
    """Refuse to compare results draw by draw that did not see the same draws."""
    raise UsageError(
        f"{one.name} and {other.name} did not see the same draws, so they cannot be compared draw by draw. "
        "Run them together, with one seed."
    )


def quantiles(draws: Array) -> Array:
    """Return the 5, 25, 50, 75 and 95 % quantiles over the draws, [quarter or year, draw] to [quarter or year, 5].

    Example:
        >>> quantiles(np.arange(101.0)[None, :]).tolist()
        [[5.0, 25.0, 50.0, 75.0, 95.0]]
    """
    return np.quantile(np.asarray(draws, dtype=np.float64), list(LEVELS.values()), axis=1).T


def rows_of(draws: Array, labels: Sequence[object], axis: str, **told: object) -> Iterator[dict[str, object]]:
    """Yield one row a quarter or year with its quantiles."""
    for label, numbers in zip(labels, quantiles(draws).tolist(), strict=True):
        yield {axis: label, **told, **dict(zip(LEVELS, numbers, strict=True))}


def _frame(rows: Iterator[dict[str, object]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(list(rows), infer_schema_length=None)


def ratios(
    results: Sequence[Results],
    bases: Sequence[str] = ("owned",),
    measures: Sequence[str] = tuple(MEASURES),
    kind: str = "stock",
    first: str = LABELS[0],
) -> pl.DataFrame:
    """Return bands of the ratio of the United States to China: the frame of `pictures.fan`.

    Args:
        results: One or more worlds; the column `series` names them.
        bases: `owned`, `located` or `controlled`.
        measures: Measures.
        kind: `stock` at the end of the quarter, or `flow` in it.
        first: The first quarter to show.
    """
    at = LABELS.index(first)
    return _frame(
        row
        for each in results
        for basis in bases
        for measure in measures
        for row in rows_of(
            each.ratio(basis, measure, kind)[at:],
            LABELS[at:],
            "quarter",
            series=each.name,
            measure=measure,
            basis=basis,
        )
    )


def channel_stock(results: Results, measure: str) -> dict[str, Array]:
    """Return China's stock by the way it came, [quarter, draw] for each channel; rented only as far as permitted."""
    accounts = results.account_stock(measure)
    found: dict[str, Array] = {}
    for n, name in enumerate(ACCOUNTS):
        if name in CHANNEL_OF:
            channel = CHANNEL_OF[name]
            part = accounts[..., n] * (results.figure("rent_permitted") if name == "china_rented" else 1.0)
            found[channel] = found.get(channel, 0.0) + part
    return {name: found[name] for name in CHANNELS}


def channels(results: Results, measure: str = "h100e", first: str = LABELS[0]) -> pl.DataFrame:
    """Return China's stock by channel: the frame of `pictures.channel_stack`."""
    at = LABELS.index(first)
    rows = (
        row
        for name, stock in channel_stock(results, measure).items()
        for row in rows_of(stock[at:], LABELS[at:], "quarter", channel=name)
    )
    return _frame(rows).rename({"q05": "low", "q50": "median", "q95": "high"}).drop("q25", "q75")


def answers(world: World, chip: str) -> list[str]:
    """Return what the law mostly says in each quarter of a chip sold to a Chinese firm on no list."""
    shares = world.gates.shares[:, world.gates.lanes.index(DIRECT), world.gates.chips.index(chip)]
    return [CATEGORIES[n] for n in shares.argmax(axis=1)]


def legal_units(results: Results) -> Array:
    """Return units that both gates let into China, [quarter, draw of the sample, chip]."""
    return results.chips[:, :, ACCOUNTS.index("china_legal"), :]


def imported(results: Results, least: float = 100.0) -> list[str]:
    """Return the chips of which both gates let units into China: `least` or more in all in one draw of twenty."""
    total = np.quantile(legal_units(results).sum(axis=0), 0.95, axis=0)
    return [id for id, units in zip(results.chip_ids, total, strict=True) if units >= least]


def let_through(results: Results, world: World, chips: Sequence[str], first: str = LABELS[0]) -> pl.DataFrame:
    """Return what both gates let through, chip by chip: the frame of `pictures.let_through`.

    Args:
        results: Of the world; the draws whose chips were kept are used.
        world: Its gates say what the law answers.
        chips: Ids of the chips to show.
        first: The first quarter to show.
    """
    at, names, units = LABELS.index(first), {c.id: c.name for c in world.chips}, legal_units(results)

    def rows() -> Iterator[dict[str, object]]:
        for chip in chips:
            told = quantiles(units[..., results.chip_ids.index(chip)])
            for q, answer in enumerate(answers(world, chip)):
                if q >= at:
                    low, median, high = told[q, [0, 2, 4]].tolist()
                    ends = {"units": median, "low": low, "high": high}
                    yield {"quarter": LABELS[q], "chip": chip, "chip_name": names[chip], **ends, "answer": answer}

    return _frame(rows())


def check_paired(baseline: Results, scenario: Results) -> None:
    """Refuse results that did not see the same draws."""
    same = ("draws", "seed", "posterior", "hash_priors", "hash_code")
    if any(baseline.manifest.get(k) != scenario.manifest.get(k) for k in same) or baseline.draws != scenario.draws:
        refuse_other_draws(baseline, scenario)


def differences(baseline: Results, scenarios: Sequence[Results], first: int = YEARS[0]) -> pl.DataFrame:
    """Return scenarios less baseline, draw by draw, at the ends of years: the frame of `pictures.paired`.

    Compared are what China controls, in H100-equivalents, and the ratio of owned FP8 compute.

    Raises:
        UsageError: The results did not see the same draws.
    """
    at = YEARS.index(first)

    def rows() -> Iterator[dict[str, object]]:
        for measure, (unit, take) in DIFFERENCES.items():
            base = year_ends(take(baseline)).astype(np.float64)
            for each in scenarios:
                check_paired(baseline, each)
                less = year_ends(take(each)) - base
                yield from rows_of(less[at:], YEARS[at:], "year", measure=measure, scenario=each.name, unit=unit)

    return _frame(rows())


def added(results: Results, measure: str, years: Sequence[int]) -> dict[str, Array]:
    """Return what China adds in some years by channel, [draw] for each; what is rented counts as much as permitted."""
    at = [YEARS.index(y) for y in years]
    found: dict[str, Array] = dict.fromkeys(CHANNELS, np.zeros(results.draws))
    flows = results.flows[..., place(measure)]
    for n, name in enumerate(ACCOUNTS):
        if name in CHANNEL_OF:
            part = flows[..., n] * (results.figure("rent_permitted") if name == "china_rented" else 1.0)
            found[CHANNEL_OF[name]] = found[CHANNEL_OF[name]] + yearly(part)[at].sum(axis=0, dtype=np.float64)
    return found


def widening(results: Results, basis: str, measure: str, kind: str = "stock") -> list[float]:
    """Return the probability of claim A for each year from the second: that the ratio is higher than a year before.

    For a stock the ratio at the ends of the two years is compared; for a flow, that of what the years add.
    """
    if kind == "stock":
        ratio = year_ends(results.ratio(basis, measure, "stock"))
    else:
        us, china = (yearly(results.flow(bloc, basis, measure)) for bloc in ("us", "china"))
        ratio = us / np.maximum(china, 1e-9)
    return [float(p) for p in (np.diff(ratio, axis=0) > 0).mean(axis=1)]


def summary(results: Results) -> pl.DataFrame:
    """Return a whole run as one tidy table of quantiles.

    Returns:
        Columns `scenario`, `quarter`, `what` (`bloc`, `ratio`, `account` or `figure`), `name`, `basis`, `measure`,
        `kind` (`stock` or `flow`), and `q05` to `q95`. Cells that do not apply are empty.
    """
    return _frame(_summary(results))


def _summary(results: Results) -> Iterator[dict[str, object]]:
    def told(draws: Array, what: str, name: str, basis: str = "", measure: str = "", kind: str = "flow") -> Any:
        labels = {"what": what, "name": name, "basis": basis, "measure": measure, "kind": kind}
        return ({"scenario": results.name, **row} for row in rows_of(draws, LABELS, "quarter", **labels))

    for measure in MEASURES:
        for kind, take in (("stock", results.stock), ("flow", results.flow)):
            for basis in KINDS:
                held = {bloc: take(bloc, basis, measure) for bloc in BLOCS}
                for bloc, draws in held.items():
                    yield from told(draws, "bloc", bloc, basis, measure, kind)
                ratio = held["us"] / np.maximum(held["china"], 1e-9)
                yield from told(ratio, "ratio", "us/china", basis, measure, kind)
        stocks, flows = results.account_stock(measure), results.flows[..., place(measure)]
        for n, account in enumerate(ACCOUNTS):
            yield from told(stocks[..., n], "account", account, "", measure, "stock")
            yield from told(flows[..., n], "account", account, "", measure, "flow")
    for figure in results.figures:
        yield from told(results.figure(figure), "figure", figure, kind="figure")
