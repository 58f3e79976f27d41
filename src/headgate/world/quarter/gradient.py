"""Headlines of a run and their exact gradients: back through the whole simulator, draw by draw."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from headgate.world.axes import ACCOUNTS, CHINA_OWNED, MEASURES, US_OWNED
from headgate.world.build import World
from headgate.world.claims import DOMESTIC, FOREIGN, LEGAL
from headgate.world.quarter.horizon import Variant, simulator, tables_of
from headgate.world.quarter.step import SERIES
from headgate.world.results import KEPT, OUTSIDE
from headgate.world.run import placed

Arrays = Mapping[str, Any]
USABLE = ("training", "serving")
TINY = 1e-9
# Some hundred draws are done before a compiler that tries harder has finished: half its time, and half the speed.
QUICK = {"xla_backend_optimization_level": 0}


def finish_with(factors: Any, measures: Sequence[str]) -> Callable[[Arrays], Any]:
    """Return what to keep of the record of a quarter: flows in some measures, and the figures that headlines need.

    Args:
        factors: What one unit of each chip counts for, [chip, measure of the axis].
        measures: Which measures.
    """
    each = factors[:, [list(MEASURES).index(m) for m in measures]]
    usable = np.array([m in USABLE for m in measures])

    def finish(record: Arrays) -> dict[str, Any]:
        flows = (record["chips"] * record["quality"]) @ each
        return {
            "flows": flows * jnp.where(usable, record["usable"][:, None], 1.0),
            "orders": record["series"][SERIES.index("orders_usd")],
            "rent": record["series"][SERIES.index("rent_permitted")],
            "hazard": record["kept"][KEPT.index("retire.hazard")],
        }

    return finish


def stock(flows: Any, hazard: Any) -> Any:
    """Return what is left at the end of each quarter of what was added until then, [quarter, account]."""

    def one(before: Any, now: Any) -> tuple[Any, Any]:
        added, kept = now
        after = before * kept + added
        return after, after

    _, found = jax.lax.scan(one, jnp.zeros(flows.shape[1]), (flows, (1.0 - hazard) ** 0.25))
    return found


def log_ratio(accounts: Any, basis: str, permitted: Any) -> Any:
    """Return the logarithm of the US over China, as `Results.ratio` has it for what is owned or controlled."""
    at = {name: accounts[..., n] for n, name in enumerate(ACCOUNTS)}
    us, china = sum(at[a] for a in US_OWNED), sum(at[a] for a in CHINA_OWNED)
    if basis == "controlled":
        rented = at["china_rented"] * permitted
        outside = jnp.maximum(sum(at[a] for a in OUTSIDE), TINY)
        us, china = us * (1.0 - jnp.minimum(rented / outside, 1.0)), china + rented
    return jnp.log(us) - jnp.log(jnp.maximum(china, TINY))


def log_supply(here: Any, free: Any, channels: Sequence[str], permitted: tuple[Any, Any]) -> Any:
    """Return the margin of `headgate.world.claims.supply_margin`, of accounts [quarter, account]."""
    sides = []
    for accounts, share in ((here, permitted[0]), (free, permitted[1])):
        at = {name: accounts[..., n] for n, name in enumerate(ACCOUNTS)}
        sides.append(at | {"china_rented": at["china_rented"] * share})
    told = sum(sides[0][a] for a in (*DOMESTIC, *channels))
    forgone = sum(sides[1][a] for a in channels)
    return jnp.log(jnp.maximum(told, TINY)) - jnp.log(jnp.maximum(forgone, TINY))


def read(kind: str, which: str, measure: int, year: int, runs: Sequence[Arrays]) -> Any:
    """Return one headline of one draw, a logarithm; see `headgate.world.headlines.KINDS`.

    Args:
        kind: What it is.
        which: Of which basis, channel or imports, or `stock` or `flow`.
        measure: Place of the measure among those kept.
        year: Its place among the years.
        runs: What `finish_with` keeps of each world, the quarter first.
    """
    end, span = 4 * year + 3, slice(4 * year, 4 * year + 4)
    flows = [each["flows"][..., measure] for each in runs]
    if kind == "added":
        names = DOMESTIC if which == "domestic" else (f"china_{which}",)
        return jnp.log(jnp.maximum(sum(flows[0][span, ACCOUNTS.index(a)].sum() for a in names), TINY))
    if kind == "orders":
        since = slice(0, end + 1) if which == "stock" else span
        return jnp.log(runs[0]["orders"][since].sum()) - jnp.log(runs[1]["orders"][since].sum())
    stocks = [stock(flow, each["hazard"]) for flow, each in zip(flows, runs, strict=True)]
    if kind == "supply":
        channels = LEGAL if which == "legal" else FOREIGN[which]
        return log_supply(stocks[0], stocks[1], channels, (runs[0]["rent"], runs[1]["rent"]))[end]
    ratios = log_ratio(stocks[0], which, runs[0]["rent"])
    return ratios[end] - ratios[end - 4] if kind == "widening" else ratios[end]


def headlines(
    worlds: Sequence[World], asked: Sequence[tuple[str, str, str, int]]
) -> tuple[Callable[[Any, Any], Any], Any]:
    """Return the function from the normals of one draw and the tables to the headlines, [headline], and the tables.

    Args:
        worlds: The world and, where a headline compares, the one without controls.
        asked: Kind, which, measure and place of the year of each headline.
    """
    measures = list(dict.fromkeys(m or "fp8" for _, _, m, _ in asked))
    quarters = 4 * max(year for *_, year in asked) + 4
    first = worlds[0]
    variants = [Variant(each.gate_tables, placed(each, worlds)) for each in worlds]
    finish = finish_with(first.conversion.factors, measures)
    run: Callable[..., Any] = simulator(first.priors, first.fixed, first.by_quarter, variants, quarters, finish)

    def told(z: Any, tables: Any) -> Any:
        runs = run(z, tables)
        return jnp.stack([read(k, w, measures.index(m or "fp8"), y, runs) for k, w, m, y in asked])

    return told, jax.device_put(tables_of(first.by_quarter, variants, quarters))


def gradients(worlds: Sequence[World], asked: Sequence[tuple[str, str, str, int]]) -> Callable[[Any], Any]:
    """Return the compiled function from normals [draw, normal] to headlines [draw, headline] and their gradients.

    Args:
        worlds: As for `headlines`.
        asked: As for `headlines`.

    Returns:
        A function that gives the gradients by each normal, [draw, headline, normal], and the headlines.
    """
    told, tables = headlines(worlds, asked)

    def twice(z: Any, given: Any) -> tuple[Any, Any]:
        found = told(z, given)
        return found, found

    # Law and history are given anew each time: worlds that differ in nothing else share what was compiled.
    slope = jax.jit(jax.vmap(jax.jacrev(twice, has_aux=True), in_axes=(0, None)), compiler_options=QUICK)
    return lambda z: slope(z, tables)
