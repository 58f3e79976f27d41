"""The back-test: fitted through four origins, four quarters forecast from each, scored beside two naive forecasts.

Each origin is a fit of its own, under the law as it was known then. A fit that was made is kept on disk and not made
again, so that an interrupted back-test goes on where it stopped.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.draw.score import covered, crps
from headgate.errors import UsageError
from headgate.version import VERSION
from headgate.world import observed, results, scores_told
from headgate.world.anchors import anchors
from headgate.world.as_of import HINDSIGHT, as_of, law_known, trending
from headgate.world.axes import ACCOUNTS, LABELS, quarter_of
from headgate.world.build import World, world
from headgate.world.history import Row, fingerprint, select
from headgate.world.naive import METHODS, naive, scale, unscaled
from headgate.world.posterior import MADE_OF, Posterior, load, store
from headgate.world.scores import AHEAD, ORIGINS, WORLDS, Backtest, Score
from headgate.world.tables import HISTORY_ENDS

if TYPE_CHECKING:
    from headgate.decide.one import Decider

Array = NDArray[np.float64]
Told = Callable[[str], None]
# What a series is made of: accounts of the world, and the group of the history that says what came.
SERIES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "us_named": (("us_named",), ""),
    "china_legal": (("china_legal",), "CN-LEGAL"),
    "china_domestic": (("china_domestic", "china_proxy_fab"), "CN-DOM"),
    "china_smuggled": (("china_smuggled",), "CN-SMUG"),
}
DRAWS = 4000
FIT = {"warmup": 300, "samples": 300, "chains": 4}
ROOM = Path(__file__).parent
MAKES_A_FIT = ("quarter/*.py", "fit/*.py", "observed.py", "../draw/spread.py")
READS_A_FIT = ("gradient.py",)


def outcomes(rows: Sequence[Row]) -> dict[str, dict[int, float]]:
    """Return what came, H100e added by quarter, for every series: published medians, by place on the axis.

    To the end of the history, since later rows do not hold all makers; what is marked unverified is left out.

    Example:
        >>> from headgate.world.history import history
        >>> found = outcomes(history())
        >>> {name: LABELS[min(series)] for name, series in found.items()}
        {'us_named': '2022Q1', 'china_legal': '2022Q1', 'china_domestic': '2024Q1', 'china_smuggled': '2024Q1'}
    """
    found: dict[str, dict[int, float]] = {name: {} for name in SERIES}
    stocks = {
        quarter_of(a.day): float(a.value or 0) for a in anchors(metric="owned H100e stock, seven named US owners")
    }
    for at, value in stocks.items():
        if at <= HISTORY_ENDS:
            found["us_named"][at] = value - stocks.get(at - 1, 0.0)
    for name, (_, group) in SERIES.items():
        for row in select(rows, freq="Q", group=group, use="primary") if group else ():
            at = quarter_of(row.start)
            if at <= HISTORY_ENDS and row.h100e_median is not None and row.mark != "unverified":
                found[name][at] = found[name].get(at, 0.0) + row.h100e_median
    return found


def forecast(given: World, posterior: Posterior, draws: int, seed: int) -> Array:
    """Return flows in H100e by quarter, draw and account."""
    from headgate.world.run import run

    (found,) = run([given], draws, seed, posterior, sample=0)
    return np.asarray(found.flows[..., results.place("h100e")], dtype=np.float64)


def scored(origin: int, at: int, series: str, method: str, sample: Any, outcome: float) -> Score:
    """Score a sample, which is on the scale of the scores already.

    Args:
        origin: The last quarter known; `at` is the quarter that was forecast, both as places on the axis.
        series: One of `SERIES`.
        method: Who forecast it.
        sample: Draws of log(1 + flow / 1,000 H100e).
        outcome: The flow that came, H100e.
    """
    y = scale(outcome)
    low, median, high = (unscaled(x) for x in np.quantile(sample, (0.05, 0.5, 0.95)))
    within = {mass: bool(covered(sample, y, mass)) for mass in (0.8, 0.9)}
    told = (LABELS[origin], LABELS[at], series, method)
    return Score(*told, outcome, low, median, high, float(crps(sample, y)), within[0.8], within[0.9])


def of_origin(origin: int, told: Mapping[str, Array], came: Mapping[str, Mapping[int, float]]) -> list[Score]:
    """Return all scores of one origin: of the worlds, and of the naive forecasts where they can be made.

    Args:
        origin: The last quarter known.
        told: Flows in H100e by quarter, draw and account, of each of `WORLDS`.
        came: What came, from `outcomes`; of it the naive forecasts see no more than was known.
    """
    found = []
    for name, (accounts, _) in SERIES.items():
        columns = [ACCOUNTS.index(a) for a in accounts]
        past = [came[name][q] for q in sorted(came[name]) if q <= origin]
        for at in (q for q in range(origin + 1, origin + AHEAD + 1) if q in came[name]):
            samples = {method: scale(flows[at][:, columns].sum(axis=1)) for method, flows in told.items()}
            samples |= {method: naive(past, at - origin, method) for method in METHODS}
            found += [scored(origin, at, name, m, s, came[name][at]) for m, s in samples.items() if s is not None]
    return found


def backtest(
    by: "Decider",
    folder: Path,
    origins: Sequence[str] = ORIGINS,
    draws: int = DRAWS,
    seed: int = 0,
    fit: Mapping[str, int] | None = None,
    told: Told = print,
    bar: bool = False,
) -> Backtest:
    """Run the back-test.

    Args:
        by: The law as it is.
        folder: Where fits are kept; what is there and was made of the same is not made again.
        origins: Last quarters known.
        draws: Draws of each forecast.
        seed: Seed of fits and forecasts.
        fit: Further arguments of the fit, as `warmup` and `samples`.
        told: Called with a line of progress.
        bar: Whether to show a bar of each fit.

    Raises:
        UsageError: A fit did not come out well, or an origin leaves nothing to forecast.
    """
    folder.mkdir(parents=True, exist_ok=True)
    how, scores, fits = {**FIT, **(fit or {})}, list[Score](), dict[str, dict[str, Any]]()
    now = world(by)
    came = outcomes(now.rows)
    for label in origins:
        origin = LABELS.index(label)
        if origin >= HISTORY_ENDS:
            raise UsageError(f"{label}: history ends with {LABELS[HISTORY_ENDS]}, so that nothing after it is known")
        then = world(law_known(by, origin))
        known = as_of(then, origin)
        posterior = fitted(known, origin, folder, seed, how, told, bar)
        others = (trending(known, posterior, origin), as_of(now, origin), as_of(then, origin, products=True))
        worlds = (known, *others)
        flows = {name: forecast(each, posterior, draws, seed) for name, each in zip(WORLDS, worlds, strict=True)}
        more = of_origin(origin, flows, came)
        told(f"{label}: {len(more)} forecasts scored")
        scores += more
        fits[label] = {k: v for k, v in posterior.diagnostics.items() if isinstance(v, int | float)}
    return Backtest(tuple(scores), manifest(now, draws, seed, how), fits, HINDSIGHT)


def markdown() -> str:
    """Return the stored back-test for the docs: verdict, tables, hindsight."""
    return scores_told.markdown()


def manifest(now: World, draws: int, seed: int, fit: Mapping[str, int]) -> dict[str, Any]:
    """Return what a back-test was made of."""
    from importlib.metadata import version

    told = {"headgate": VERSION, "draws": draws, "seed": seed, **fit, "history": fingerprint(now.rows)}
    told |= {"priors": now.priors.fingerprint(), "code": code_of_fits()}
    return told | {name: version(name) for name in ("jax", "numpyro", "numpy")}


def code_of_fits() -> str:
    """Return a digest of the code that makes a fit."""
    told = hashlib.sha256()
    for pattern in MAKES_A_FIT:
        for path in sorted(p for p in ROOM.glob(pattern) if p.name not in READS_A_FIT):
            told.update(path.read_bytes())
    return told.hexdigest()


def fitted(
    given: World, origin: int, folder: Path, seed: int, fit: Mapping[str, int], told: Told, bar: bool = False
) -> Posterior:
    """Return the fit through an origin: the one kept, if it was made of the same, or a new one, which is kept."""
    parts = given.fingerprints(origin + 1)
    seen = observed.fingerprint(observed.observations(given.rows, origin))
    made_of = repr((code_of_fits(), [parts[k] for k in MADE_OF], seen, seed, sorted(fit.items())))
    path = folder / f"{LABELS[origin]}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.parquet"
    if path.is_file():
        try:
            kept = load(path)
        except UsageError:
            told(f"{LABELS[origin]}: the fit that was kept cannot be read; it is made anew")
        else:
            told(f"{LABELS[origin]}: the fit that was kept")
            return kept
    from headgate.world.fit.calibrate import calibrate

    told(f"{LABELS[origin]}: fitting, some minutes")
    made = calibrate(given, through=origin, seed=seed, progress=bar, **fit)
    store(made, path)
    return made
