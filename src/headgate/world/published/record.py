"""One input of a published model, one number to compare with, and how each is drawn and asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.catalog.refusals import stop
from headgate.draw.spread import Spread
from headgate.draw.stream import normals
from headgate.errors import CatalogError, did_you_mean
from headgate.extras import needed

Draws = NDArray[np.float64]
FILE = "published.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """A publication: who, what, when and where; `what` says what was read of it."""

    authors: str
    title: str
    published: date | str
    url: str
    what: str
    license: str = ""
    credit: str = ""

    def __str__(self) -> str:
        return f"{self.authors}, {self.title} ({self.published})"


@dataclass(frozen=True, slots=True)
class Given:
    """One input of a published model: a number, a number a year, or an uncertain number.

    Args:
        id: Model and name, as `cnas.vendors`; it names the random stream too.
        spread: How uncertain it is; a point when the model takes it as known; None for `years` and `beta`.
        cut: Whether draws are cut to 0..1, as a normal share needs.
        beta: The two parameters of a beta distribution, or None.
        years: The number of each year; empty otherwise.
    """

    id: str
    unit: str
    source: Source
    mark: str
    note: str = ""
    spread: Spread | None = None
    cut: bool = False
    beta: tuple[float, float] | None = None
    years: Mapping[int, float] = field(default_factory=dict)

    def of(self, z: Draws) -> Draws:
        """Turn standard normals into values of an uncertain number."""
        if self.beta is not None:
            special = needed("scipy").special
            return np.asarray(special.betaincinv(*self.beta, special.ndtr(z)))
        if self.spread is None:
            refuse_other_form(self.id, "a number a year", "an uncertain number")
        values: Draws = self.spread.of(z)
        return np.clip(values, 0.0, 1.0) if self.cut else values


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of one model, by name; those of a group as `group.name`."""

    model: str
    given: Mapping[str, Given]

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def one(self, name: str) -> Given:
        """Return an input.

        Raises:
            CatalogError: The model has none of that name; near names are given.
        """
        return self.given[name] if name in self.given else refuse_unknown_input(self.model, name, self.given)

    def number(self, name: str) -> float:
        """Return an input that is one number; of an uncertain one its median.

        Example:
            >>> from headgate.world.published.inputs import inputs
            >>> inputs("cnas").number("dies.dies_per_package")
            2.0
        """
        return self.spread(name).middle

    def spread(self, name: str) -> Spread:
        """Return an input that is one number or an interval.

        Example:
            >>> from headgate.world.published.inputs import inputs
            >>> print(inputs("cnas").spread("vendors"))
            75.5 [38 to 150]
        """
        found = self.one(name).spread
        return refuse_other_form(name, "no single number and no interval", "one") if found is None else found

    def years(self, name: str) -> Mapping[int, float]:
        """Return an input that has a number a year.

        Example:
            >>> from headgate.world.published.inputs import inputs
            >>> inputs("ai2040").years("domestic.good_stacks_per_wafer")[2028]
            33.0
        """
        return self.one(name).years or refuse_other_form(name, "one number", "a number a year")

    def at(self, name: str, year: int) -> float:
        """Return the number of one year.

        Raises:
            CatalogError: The model has no such year.

        Example:
            >>> from headgate.world.published.inputs import inputs
            >>> inputs("ai2040").at("channels.legal", 2028)
            1600000.0
        """
        years = self.years(name)
        return years[year] if year in years else refuse_unknown_year(self.model, name, year, years)

    def draw(self, name: str, draws: int, seed: int = 0) -> Draws:
        """Draw an uncertain input, from the random stream of its own name.

        Example:
            >>> from headgate.world.published.inputs import inputs
            >>> bool((inputs("cnas").draw("vendors", 3) == inputs("cnas").draw("vendors", 9)[:3]).all())
            True
        """
        given = self.one(name)
        return given.of(normals(f"published.{given.id}", draws, 1, seed)[:, 0])


@dataclass(frozen=True, slots=True)
class Target:
    """A published number, or what the inputs of a published model were found to give.

    Args:
        id: What computes ours; `test` is the regression target that it belongs to.
        low: Low end of the published interval; None where not given. The same for `median` and `high`.
        tolerance: How far our median may be off, as a share; `tolerance_tail` the same for low and high.
        absolute: How far each may be off in the unit, in place of both; None where the shares hold.
        soft: Compared and shown, not required.
    """

    id: str
    test: str
    name: str
    year: int
    unit: str
    low: float | None
    median: float | None
    high: float | None
    tolerance: float
    tolerance_tail: float
    absolute: float | None
    soft: bool
    source: Source
    mark: str
    note: str


def refuse_unknown_input(model: str, name: str, known: Mapping[str, Given]) -> NoReturn:
    """Refuse an input that a model does not have."""
    near = did_you_mean(name, known) or f" It has {', '.join(known)}."
    raise CatalogError(f"{FILE}: {name!r} is not an input of {model}. Correct the name.{near}")


def refuse_unknown_year(model: str, name: str, year: int, known: Mapping[int, float]) -> NoReturn:
    """Refuse a year that an input does not cover."""
    years = ", ".join(map(str, known))
    raise CatalogError(f"{FILE}: {name} of {model} has no year {year}. Choose one that it has: {years}.")


def refuse_other_form(name: str, has: str, asked: str) -> NoReturn:
    """Refuse to read an input as something else than it is."""
    stop(FILE, name, f"it is {has}, not {asked}", "Ask for what it is, or change the file.")
