"""A world put together: chips, history, what is supposed, and the two gates under one book of law."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from headgate.world.axes import MEASURES
from headgate.world.changes import Change, Told, resolve
from headgate.world.chips import WorldChip, chips
from headgate.world.gate import Gates
from headgate.world.history import Row, fingerprint, history
from headgate.world.lanes import lanes
from headgate.world.measures import Conversion, conversion
from headgate.world.priors import Priors, priors
from headgate.world.tables import by_quarter, digest, fixed_tables, gate_tables

if TYPE_CHECKING:
    from headgate.decide.one import Decider

# Which lanes feed what is not China: bloc to the table that its lanes make up.
FED = {"allied": "gate_allied", "other": "gate_other"}
ALLOCATION = "us.ear.742_6.b_10.diffusion_rest/tpp"
NO_LIMIT = 1e30  # TPP: where the book has no allocation, none is ever reached


@dataclass(frozen=True)
class World:
    """Everything of a world but its draws.

    Args:
        name: `baseline`, or the scenario's id.
        start: The scenario's first day; None for the baseline.
        gates: Gate 1.
        changes: What the scenario changes of the quantities.
        told: The same as the scenario tells it.
    """

    name: str
    start: date | None
    chips: tuple[WorldChip, ...]
    rows: tuple[Row, ...]
    priors: Priors
    conversion: Conversion
    fixed: Mapping[str, Any]
    by_quarter: Mapping[str, Any]
    gates: Gates
    gate_tables: Mapping[str, Any]
    changes: tuple[Change, ...] = ()
    told: tuple[Told, ...] = ()

    def fingerprints(self, quarters: int | None = None) -> dict[str, str]:
        """Return digests of what a result turns on: lane decisions, history, priors, tables, measures, changes.

        Args:
            quarters: Only so many quarters of lanes and tables count: what comes after the history moves no fit.
        """
        return {
            "lanes": digest(self.gate_tables, quarters=quarters),
            "history": fingerprint(self.rows),
            "priors": self.priors.fingerprint(),
            "chips": digest(self.fixed, self.by_quarter, quarters=quarters),
            "measures": hashlib.sha256(self.conversion.factors.tobytes()).hexdigest(),
            "changes": hashlib.sha256(repr(self.changes).encode()).hexdigest(),
        }


def weights() -> dict[str, dict[str, float]]:
    """Return which lanes make up the gates of allied and other countries, by their middle weights.

    Example:
        >>> sorted(weights()["gate_allied"])
        ['allied_de', 'allied_jp', 'allied_kr']
    """
    found: dict[str, dict[str, float]] = {name: {} for name in FED.values()}
    for lane in lanes().lanes:
        if lane.bloc in FED:
            found[FED[lane.bloc]][lane.id] = lane.weight[1]
    return found


def allocation(by: "Decider") -> float:
    """Return the performance that the AI Diffusion Rule allocates to one country, TPP; the book's own number."""
    return next((float(t.value) for p in by.book.provisions for t in p.thresholds() if t.id == ALLOCATION), NO_LIMIT)


@cache
def _fixed() -> tuple[Mapping[str, Any], Mapping[str, Any], Conversion]:
    return fixed_tables(chips()), by_quarter(chips(), history()), conversion(chips())


def world(
    by: "Decider",
    name: str = "baseline",
    start: date | None = None,
    told: Sequence[Told] = (),
) -> World:
    """Put a world together under a book of law.

    Args:
        by: The law; `headgate.law(...)` gives it, laid under a scenario or not.
        name: `baseline`, or the scenario's id.
        start: The scenario's first day.
        told: What the scenario changes of the quantities.

    Raises:
        UsageError: A change names no quantity, or lies outside the horizon.
        CatalogError: The book has no answer on a lane, or a data file is malformed.

    Example:
        >>> import headgate
        >>> world(headgate.law()).name
        'baseline'
    """
    from headgate.world.washington import gates

    given = priors()
    changes = resolve(told, given)
    fixed, quarters, factors = _fixed()
    gate = gates(by)
    return World(
        name=name,
        start=start,
        chips=chips(),
        rows=history(),
        priors=given,
        conversion=factors,
        fixed=fixed,
        by_quarter=quarters,
        gates=gate,
        gate_tables=gate_tables(gate, weights(), allocation(by)),
        changes=changes,
        told=tuple(told),
    )


def factors_of(given: World, measure: str) -> Any:
    """Return what one unit of each chip counts for in a measure, [chip]."""
    return given.conversion.factors[:, list(MEASURES).index(measure)]
