"""A job as a person asks for it, made into the runs that are computed: one for each recipe to compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from headgate.days import today
from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.layout import Job
from headgate.predict.calibrated import fit
from headgate.predict.hardware import machine
from headgate.predict.models import architecture, recipe
from headgate.predict.runs import Run, check_format, check_trains, usual_batch
from headgate.predict.stacks import Stack, stack_of, stacks, year_of
from headgate.predict.usual import (
    searched_recipes,
    usual_layout,
    usual_recipe,
    usual_stack,
)


def present_year() -> float:
    """Return the present year with its fraction."""
    day = today()
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def software_day(year: float) -> str:
    """Say of which month software is taken to be, that of today within what was measured.

    Example:
        >>> software_day(2026.0), software_day(2031.0).startswith("no newer than was measured, ")
        ('as of 2026-01', True)
    """
    last = fit().last_year
    told = f"{int(min(year, last))}-{int(min(year, last) % 1 * 12) + 1:02}"
    return f"as of {told}" if year <= last else f"no newer than was measured, {told}"


@dataclass(frozen=True)
class Request:
    """What a person states of a job of training; None where it is left open.

    Args:
        model, machine: Names, or paths of TOML files.
        precision: Recipe.
        sequence, batch: Tokens in a sequence, sequences in a step.
        fixed: Parts of the layout that are held.
        full_search: Every schedule, sharding and recipe is tried, not only the usual ones.
        software: Stack and release.
    """

    model: str
    machine: str
    precision: str | None
    sequence: int
    batch: int | None
    fixed: Mapping[str, float]
    full_search: bool
    software: str | None

    @cached_property
    def architecture(self) -> Architecture:
        """Sizes of the model."""
        return architecture(self.model)

    @cached_property
    def home(self) -> Machine:
        """The machine, composed."""
        return machine(self.machine)

    @cached_property
    def stack(self) -> Stack:
        """The software stack, the usual one where none is stated."""
        return stack_of(self.software) if self.software else usual_stack(self.home)

    @cached_property
    def recipes(self) -> tuple[str, ...]:
        """Recipes to compare, by name."""
        if self.precision is not None:
            return (self.precision,)
        if self.full_search:
            return searched_recipes(self.home)
        return (usual_recipe(self.home, bool(self.architecture.moe_layers))[0],)

    def notes(self) -> tuple[str, ...]:
        """Return what was assumed for what is left open, one sentence each."""
        said = list(self.home.assumed)
        if self.precision is None and self.full_search:
            said.append(f"recipes searched: {', '.join(self.recipes)}")
        elif self.precision is None:
            said.append(f"precision is {usual_recipe(self.home, bool(self.architecture.moe_layers))[1]}")
        if self.software is None:
            said.append(f"software is {self.stack.id}, {software_day(present_year())}")
        elif self.stack.id == "other":
            said.append(f"{self.software!r} is no software that was measured; known are {', '.join(stacks())}")
        return tuple(said)

    def runs(self, chips: int) -> list[Run]:
        """Return the runs to compare on so many chips.

        Raises:
            HeadgateError: A name is unknown, a size is no whole number or does not divide, the chip lacks the format.
        """
        for name, size in {"chips": chips, "sequence": self.sequence, "batch": self.batch}.items():
            if size is not None and (size != int(size) or size < 1):
                raise UsageError(f"{name} is {size}; it must be a whole number of 1 or more.")
        batch = float(self.batch or usual_batch(chips, self.sequence, self.fixed))
        year = year_of(self.software or "") or present_year()
        job = Job(self.sequence, batch, fused_attention=self.stack.attention != "unfused")
        usual = usual_layout(self.stack, self.fixed)
        parts = {**self.fixed, "sequence_parallel": usual["sequence_parallel"]} if self.full_search else usual
        found = []
        for name in self.recipes:
            chosen = recipe(name)
            check_format(self.home, chosen)
            check_trains(chosen)
            run = Run(
                id="",
                architecture=self.architecture,
                machine=self.home,
                recipe=chosen,
                job=job,
                chips=chips,
                fixed=parts,
                stack=self.stack,
                software=self.software or self.stack.id,
                year=year,
                batch_assumed=self.batch is None,
            )
            found.append(run)
        return found
