"""Runs to set beside published numbers in tests: of the package's worlds, and made by hand from plain arrays."""

from collections.abc import Mapping
from functools import cache

import numpy as np

import headgate
from headgate.scenario.record import read_scenario
from headgate.world.agree import BASELINE, FEBRUARY, memory
from headgate.world.agree.february import february
from headgate.world.axes import ACCOUNTS, LABELS, MEASURES
from headgate.world.build import World, world
from headgate.world.chips import chips
from headgate.world.posterior import fitting, load
from headgate.world.results import KEPT, Results
from headgate.world.run import run

DRAWS = 512
FIGURES = ("rent_permitted", "packages", "limit_dies", "limit_memory", "limit_packaging")


@cache
def worlds() -> tuple[World, ...]:
    """Return the law as it is, memory unconstrained, and the world as of February 2026."""
    told = read_scenario(memory.NAME)
    free = world(headgate.law(scenario=memory.NAME), told.id, told.start, told.priors)
    return world(headgate.law()), free, february(headgate.law())


@cache
def runs(prior: bool) -> dict[str, Results]:
    """Run them: under the priors, or under the stored posterior, which must have been made of this law and data."""
    posterior = None if prior else fitting(load(), worlds()[0])
    found = run(worlds(), DRAWS, posterior=posterior, sample=DRAWS)
    return dict(zip((BASELINE, memory.NAME, FEBRUARY), found, strict=True))


def made(
    flows: Mapping[tuple[str, str], object] | None = None,
    figures: Mapping[str, object] | None = None,
    quantities: Mapping[str, object] | None = None,
    units: Mapping[tuple[str, str], object] | None = None,
    draws: int = 2,
) -> Results:
    """Return results made by hand: what is not given is 0, each given array is broadcast to [quarter, draw].

    Args:
        flows: By account and measure.
        figures: By name.
        quantities: By id.
        units: By account and chip.
    """
    ids = tuple(c.id for c in chips())
    shapes = {"flows": (len(ACCOUNTS), len(MEASURES)), "series": (len(FIGURES),), "kept": (len(KEPT),)}
    held = {k: np.zeros((len(LABELS), draws, *s), np.float32) for k, s in shapes.items()}
    kept = np.zeros((len(LABELS), draws, len(ACCOUNTS), len(ids)), np.float32)
    for (account, measure), given in (flows or {}).items():
        held["flows"][:, :, ACCOUNTS.index(account), list(MEASURES).index(measure)] = given
    for name, given in {"rent_permitted": 1.0, **(figures or {})}.items():
        held["series"][:, :, FIGURES.index(name)] = given
    for id, given in (quantities or {}).items():
        held["kept"][:, :, KEPT.index(id)] = given
    for (account, chip), given in (units or {}).items():
        kept[:, :, ACCOUNTS.index(account), ids.index(chip)] = given
    return Results("baseline", held["flows"], held["series"], FIGURES, held["kept"], kept, ids)
