"""Machines side by side: one model on as many chips, for as much money, or on as much power."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from headgate.catalog.models import find_model
from headgate.errors import HeadgateError, UsageError, did_you_mean
from headgate.machine.cost import chip_price, usd_per_chip_hour
from headgate.machine.energy import chip_power
from headgate.machine.hardware import Machine
from headgate.predict.compare.basis import Basis
from headgate.predict.compare.side import Comparison, Side, Work
from headgate.predict.hardware import machine
from headgate.predict.recipes import recipe, recipes
from headgate.predict.serving.by_name import serve_model
from headgate.predict.train import train

BUDGET = 1e12  # tokens of the training that days are told of
# Notes of the service that the training has in its own words, by their beginnings.
TOLD = ("power of a chip:", "price of a chip:")


def refuse_no_machine() -> NoReturn:
    """Refuse to compare nothing."""
    raise UsageError("no machine is named. Name at least one, as h20; `headgate machine list` has all.")


def refuse_precision(text: str, name: str) -> NoReturn:
    """Refuse what stands behind the colon of a machine when it is no precision."""
    near = did_you_mean(name, recipes()) or f" Known are {', '.join(recipes())}."
    raise UsageError(f"{text!r}: {name!r} is no precision. Write MACHINE:PRECISION, as vr200:nvfp4.{near}")


def split_name(text: str) -> tuple[str, str | None]:
    """Return the machine and the precision of a name such as `vr200:nvfp4`; the precision may be left out.

    Raises:
        UsageError: No recipe has the name behind the colon.

    Example:
        >>> split_name("vr200:nvfp4"), split_name("h20"), split_name("C:/mine.toml")
        (('vr200', 'nvfp4'), ('h20', None), ('C:/mine.toml', None))
    """
    name, colon, last = text.rpartition(":")
    if not colon or last.endswith(".toml"):
        return text, None
    try:
        return name, recipe(last).id
    except UsageError:
        refuse_precision(text, last)


def precision_for(found: Machine, stated: str | None, wanted: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Return the precision to ask for on a machine, None for its usual one, and a note where it is not the one wanted.

    Args:
        found: The machine.
        stated: Precision stated for this machine alone, which is kept, and refused later if the chip lacks it.
        wanted: Precision wanted for all machines.

    Example:
        >>> precision_for(machine("ascend-910c"), None, "fp8")[0], precision_for(machine("h20"), None, "fp8")[0]
        (None, 'fp8')
    """
    if stated or wanted is None or recipe(wanted).format in found.chip.kernels:
        return stated or wanted, ()
    return None, (f"{found.chip.id} does not multiply in {wanted}; what is usual on it is used instead",)


def trained_on(side: Side, work: Work, name: str, precision: str | None) -> Side:
    """Return a side with its training, or why there is none."""
    try:
        job = train(
            work.model,
            name,
            side.chips,
            BUDGET,
            precision=precision,
            sequence=work.sequence,
            batch=work.batch,
            terms=work.terms,
        )
    except HeadgateError as problem:
        return replace(side, refusal=str(problem))
    return replace(side, trained=job, notes=(*side.notes, *job.notes))


def served_on(side: Side, work: Work, name: str, precision: str | None) -> Side:
    """Return a side with its service, or why there is none; what training has noted is not said again."""
    try:
        service = serve_model(
            work.model, name, side.chips, work.isl, work.osl, precision=precision, tpot_limit_ms=work.tpot_ms
        )
    except HeadgateError as problem:
        return replace(side, serving_refusal=str(problem))
    fresh = [note for note in service.notes if note not in side.notes and not note.startswith(TOLD)]
    return replace(side, served=service, notes=(*side.notes, *(f"serving: {note}" for note in fresh)))


def side_of(name: str, stated: str | None, work: Work, basis: Basis) -> Side:
    """Return what one machine does with the work, on what the basis gives it."""
    found = machine(name)
    watts, price = chip_power(found).watts, chip_price(found).usd
    hour = float(usd_per_chip_hour(price, watts, work.terms))
    side = Side(found, 0, watts, price, hour, work.terms.pue)
    try:
        side = replace(side, chips=basis.chips_of(found, work.terms.pue))
    except UsageError as problem:
        return replace(side, refusal=str(problem), serving_refusal=str(problem))
    precision, notes = precision_for(found, stated, work.precision)
    side = trained_on(replace(side, notes=notes), work, name, precision)
    return served_on(side, work, name, precision)


def compare(names: Sequence[str], work: Work | str, basis: Basis | None = None) -> Comparison:
    """Train and serve one model on each of several machines, each in the fastest way that fits.

    Args:
        names: Machines or chips, each by name, or as `NAME:PRECISION`.
        work: The model, and how it is trained and served; or the model's name alone.
        basis: What each machine gets; 2,048 chips by default.

    Returns:
        The machines in the order asked for. One that cannot train or serve says why.

    Raises:
        UsageError: No machine is named, or no precision has the name.
        CatalogError: A machine or a model is not known; the message lists near names.

    Source:
        Each prediction is that of `train` or `serve_model`, by the names of `headgate.predict`.

    Example:
        >>> found = compare(["h20", "h200"], Work("llama3-70b"), Basis(chips=64))
        >>> found.basis, found.sides[0].rate[0] < found.sides[1].rate[0]
        ('64 chips each', True)
    """
    if not names:
        refuse_no_machine()
    work = Work(work) if isinstance(work, str) else work
    basis, model = basis or Basis(), find_model(work.model)
    if work.precision is not None:
        recipe(work.precision)
    sides = tuple(side_of(name, stated, work, basis) for name, stated in map(split_name, names))
    return Comparison(model.name, work, basis.words(), sides)
