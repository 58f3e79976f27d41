"""Worlds for the tests: under scenarios, run as they are, and run by hand, one compiled quarter after another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

import headgate
import headgate.world.quarter  # 64 bits before anything is traced
from headgate.scenario.record import read_scenario
from headgate.world import run as running
from headgate.world.axes import ACCOUNTS, LABELS
from headgate.world.build import World, world
from headgate.world.quarter.horizon import capacity, errors, streams
from headgate.world.quarter.step import SERIES, begin, step
from headgate.world.quarter.values import Layout, under
from headgate.world.results import Results
from headgate.world.run import normals

Array = NDArray[np.float64]
DRAWS = 128
HEAD = """
id = "draft"
title = "A draft"
says = "It changes something, or nothing."
status = "imagined"
evidence = "unverified"
from = 2024-05-15
[[source]]
title = "nobody"
"""
EMPTY = ""
# What is, said again, from the middle of a quarter on.
SAID_AGAIN = """
[[set]]
threshold = "us.ear.3a090.a.1/tpp"
value = 4800
[[prior]]
prior = "smic.wafers"
times = 1.0
why = "as it is"
[[prior]]
prior = "beijing.h200"
times = 1.0
why = "as it is"
[[prior]]
prior = "cap.us_volume_share"
value = 0.5
why = "as it is"
"""


@cache
def baseline() -> World:
    """Return the world under the law as it is."""
    return world(headgate.law())


@cache
def scenario(name: str) -> World:
    """Return the world under a scenario of the package, or under a file."""
    told = read_scenario(name)
    return world(headgate.law(scenario=name), told.id, told.start, told.priors)


def draft(folder: Path, text: str) -> World:
    """Return the world under a scenario of a few lines."""
    path = folder / "draft.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    told = read_scenario(str(path))
    return world(headgate.law(scenario=str(path)), told.id, told.start, told.priors)


def run(worlds: Sequence[World], draws: int, seed: int = 0, **more: Any) -> tuple[Results, ...]:
    """Run worlds without the sample of chips, which takes a simulator of its own to compile."""
    with patch.object(running, "_chips", lambda which, *_: [np.zeros((len(LABELS), 0, 1, 1), np.float32)] * len(which)):
        return running.run(worlds, draws, seed, **more)


@dataclass(frozen=True, eq=False)
class ByHand:
    """A world run by hand: its quantities, its state before each quarter, and its record, all [quarter, draw, ...]."""

    given: World
    p: Mapping[str, Array]
    error: Array
    states: Mapping[str, Array]
    record: Mapping[str, Array]

    def account(self, name: str) -> Array:
        """Return the chips of an account, [quarter, draw, chip]."""
        return self.record["chips"][:, :, ACCOUNTS.index(name)]

    def figure(self, name: str) -> Array:
        """Return a figure, [quarter, draw]."""
        return self.record["series"][:, :, SERIES.index(name)]


def tables_of(given: World) -> dict[str, Array]:
    """Return all tables with the quarter first."""
    return {k: np.asarray(v) for k, v in {**given.by_quarter, **given.gate_tables}.items()}


def compiled_step() -> Any:
    """Return one quarter of many draws, compiled: state, tables of the quarter, quantities and errors by draw."""
    fixed = baseline().fixed
    return jax.jit(jax.vmap(lambda s, now, p, wrong: step(fixed, s, {**now, "error": wrong}, p), (0, None, 0, 0)))


the_step = cache(compiled_step)


@cache
def _values() -> Any:
    layout = Layout(baseline().priors)

    def of(z: Any) -> Any:
        found = layout.values(z)
        first = layout.priors.size
        return found, errors(found, z[first : first + sum(n for _, n in streams())], len(LABELS))

    return jax.jit(jax.vmap(of))


def drawn(given: World, draws: int, seed: int = 0) -> Array:
    """Return the normals of some draws, [draw, normal]."""
    return np.concatenate([block[:count] for count, block in normals([given], draws, seed, None)])


def quantities(given: World, z: Array) -> tuple[dict[str, Array], Array]:
    """Return the quantities of some draws in a world, and the errors of the published units, [quarter, draw]."""
    found, error = _values()(z)
    own = z[:, given.priors.size + sum(n for _, n in streams()) :]

    def changed(p: Any, normal: Any, extra: Any) -> Any:
        told = under(p, given.changes, given.priors, normal, extra)
        first = jnp.broadcast_to(p["china.domestic_preference"], (len(LABELS),))[0]
        return {**told, "smic_wafers": capacity(told), "preference_first": first}

    laid = {k: np.asarray(v) for k, v in jax.vmap(changed)(found, z, own).items()}
    wide = {k: v.T if v.ndim == 2 else np.repeat(v[None], len(LABELS), 0) for k, v in laid.items()}
    return wide, np.swapaxes(np.asarray(error), 0, 1)


def by_hand(given: World, draws: int = DRAWS, through: int = len(LABELS) - 1, do: Any = None) -> ByHand:
    """Run a world quarter by quarter, with one compiled step for all worlds."""
    p, error = quantities(given, drawn(given, draws))
    tables, do = tables_of(given), do or the_step()
    state: Any = {k: jnp.broadcast_to(v, (draws, *v.shape)) for k, v in begin(given.fixed).items()}
    states, records = [], []
    for q in range(through + 1):
        states.append(state)
        state, record = do(state, at(tables, q), at(p, q), error[q])
        records.append(record)
    return ByHand(given, p, error, stacked(states), stacked(records))


@cache
def hand(name: str = "") -> ByHand:
    """Return the baseline, or a scenario of the package, run by hand."""
    return by_hand(scenario(name) if name else baseline())


def at(arrays: Mapping[str, Array], q: int) -> dict[str, Array]:
    """Return the slices of a quarter."""
    return {k: v[q] for k, v in arrays.items()}


def stacked(parts: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
    """Return records of quarters as arrays, the quarter first."""
    return {k: np.stack([np.asarray(each[k]) for each in parts]) for k in parts[0]}
