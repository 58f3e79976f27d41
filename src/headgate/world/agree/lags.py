"""Beside the lag in capability and the largest runs known: what compute alone implies, fitted to neither."""

from collections.abc import Iterator

import numpy as np

from headgate.world.agree.line import Line, of_anchor, of_draws
from headgate.world.agree.ours import Draws, Ours, ratio
from headgate.world.anchors import anchor, anchors
from headgate.world.axes import LABELS, quarter, quarter_of
from headgate.world.frontier import Frontier, frontier
from headgate.world.use import implied_lag, largest_run

GROUP, RUNS = "LAG IN CAPABILITY, BESIDE WHAT COMPUTE ALONE IMPLIES", "LARGEST TRAINING RUNS"
ECI = "ECI lag: months since a US model first reached the same ECI"
NOTE = "ours: months since the United States could train as much, by compute alone; fitted to no observed lag"
RUN = "ours: a supposed share of all compute, in one run; published"
BLOCS = {"us": "US", "china": "CN"}


def largest_known(bloc: str, year: int) -> Frontier | None:
    """Return the largest training run known among the models that a bloc released in a year.

    Example:
        >>> largest_known("us", 2024).name
        'Llama 3.1-405B'
    """
    there = [m for m in frontier() if m.bloc == BLOCS[bloc] and m.flop is not None and m.released.year == year]
    return max(there, key=lambda m: m.flop or 0.0, default=None)


def _growth(ours: Ours, bloc: str) -> Draws:
    run = largest_run(ours.results, bloc)
    first, last = quarter("2022Q4"), quarter("2024Q4")
    return np.asarray(ratio(run[last], run[first]) ** (4.0 / (last - first)))


def lines(ours: Ours) -> Iterator[Line]:
    """Yield a line for each observed lag, and for the largest run known of each year."""
    lag = implied_lag(ours.results)
    for of in (*anchors(metric=ECI), anchor("A0351")):
        at = quarter_of(of.day)
        # Longer than the horizon looks back: as long as it does.
        months = np.clip(lag[at], -3.0 * len(LABELS), 3.0 * (at + 1))
        yield of_anchor(GROUP, of, months, NOTE, when=of.day.isoformat(), target="soft")
    note = "ours: largest run that compute allows, end of 2022 to end of 2024"
    for id, bloc in (("A0174", "china"), ("A0175", "us")):
        yield of_anchor(RUNS, anchor(id), _growth(ours, bloc), note)
    for bloc, name in (("us", "United States"), ("china", "China")):
        run = largest_run(ours.results, bloc)
        for year in (2023, 2024, 2025):
            known = largest_known(bloc, year)
            if known is None:
                continue
            yield Line(
                RUNS, f"largest run released in the year and known, {name}", str(year), "FLOP",
                *of_draws(run[quarter(f"{year}Q4")]), None, known.flop, None, None, known.source, known.url,
                "frontier_models.csv", known.mark, known.confidence, "soft", note=f"{RUN}: {known.name}",
            )  # fmt: skip
