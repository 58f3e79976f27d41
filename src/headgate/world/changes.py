"""What a scenario changes of the world's quantities: each change found by id, laid on the quarters by its days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, Protocol

from headgate.draw.spread import Spread, read_spread
from headgate.errors import UsageError
from headgate.world.axes import QUARTERS, share_of_days
from headgate.world.priors import Priors, Quantity


class Told(Protocol):
    """A change as a scenario tells it; `headgate.scenario.prior.PriorChange` is one."""

    @property
    def prior(self) -> str:
        """Id of the quantity."""

    @property
    def kind(self) -> str:
        """`value`, `times` or `spread`."""

    @property
    def numbers(self) -> Mapping[str, float]:
        """The numbers, by key."""

    @property
    def shape(self) -> str:
        """Shape of a spread; empty for the quantity's own."""

    @property
    def start(self) -> date:
        """Its first day."""

    @property
    def end(self) -> date | None:
        """The first day after it, or None."""


@dataclass(frozen=True)
class Change:
    """A quantity changed by a scenario.

    Args:
        id: The quantity.
        weight: Share of each quarter's days in which it is changed.
        times: Factor on what it was; None when `spread` says what it becomes.
        spread: What it becomes.
        column: Place of its own normal among the extra ones; -1 when it keeps the quantity's first.
    """

    id: str
    weight: tuple[float, ...]
    times: float | None = None
    spread: Spread | None = None
    column: int = -1


def refuse_outside(prior: str, start: date, end: date | None) -> NoReturn:
    """Refuse a change that no quarter of the horizon sees."""
    first, last = QUARTERS[0].start, QUARTERS[-1].last
    raise UsageError(
        f"the change of {prior} from {start} to {end or 'the end'} lies outside the horizon, {first} to {last}. "
        "Give it days within."
    )


def refuse_impossible(told: Told, quantity: Quantity) -> NoReturn:
    """Refuse a number that a quantity cannot be: one below zero, a share over 1."""
    numbers = ", ".join(f"{k} {v:g}" for k, v in told.numbers.items())
    most = "from 0 to 1" if quantity.is_share else "of 0 or more"
    raise UsageError(f"the change of {told.prior} says {numbers} {quantity.unit}. Give numbers {most}.")


def spread_of(told: Told, quantity: Quantity) -> Spread:
    """Return what a quantity becomes.

    Raises:
        UsageError: A number is below 0, or a share over 1.
        CatalogError: The numbers make no spread: low over high.
    """
    where = f"change of {told.prior}"
    if min(told.numbers.values()) < 0 or (quantity.is_share and max(told.numbers.values()) > 1):
        refuse_impossible(told, quantity)
    if told.kind == "value":
        return read_spread({"value": told.numbers["value"]}, where)
    return read_spread({"shape": told.shape or quantity.spreads[0].shape, **told.numbers}, where)


def resolve(changes: Sequence[Told], priors: Priors) -> tuple[Change, ...]:
    """Return the changes of a scenario as the simulator takes them.

    Args:
        changes: As the scenario tells them.
        priors: What the world supposes.

    Raises:
        UsageError: There is no quantity of an id, a change lies outside the horizon, or a number is impossible.
        CatalogError: The numbers of a change make no spread.
    """
    found, extra = [], 0
    for told in changes:
        quantity = priors.find(told.prior)
        weight = tuple(share_of_days(q, told.start, told.end) for q in QUARTERS)
        if not any(weight):
            refuse_outside(told.prior, told.start, told.end)
        if told.kind == "times":
            found.append(Change(told.prior, weight, times=float(told.numbers["times"])))
            continue
        spread, column = spread_of(told, quantity), -1
        if spread.shape != "point" and quantity.size == 0:
            column, extra = extra, extra + 1
        found.append(Change(told.prior, weight, spread=spread, column=column))
    return tuple(found)


def streams(changes: Sequence[Change]) -> list[tuple[str, int]]:
    """Return the random streams that changes need beside those of the quantities."""
    names = [c.id for c in changes if c.column >= 0]
    return [(f"change {name} {n}", 1) for n, name in enumerate(names)]
