"""Train a model on a stock of chips: days, energy and dollars to a token budget, how, and how sure that is."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from headgate.errors import UsageError
from headgate.machine.cost import ChipPrice, Terms, chip_price, usd_for_tokens, usd_per_chip_hour
from headgate.machine.energy import chip_power, run_kwh
from headgate.machine.goodput import LLAMA_3_STORAGE_BYTES_PER_S, days_to_tokens, goodput
from headgate.machine.training import Step
from headgate.predict.runs import Run
from headgate.predict.search import AXES, Found, search
from headgate.predict.train.choose import check_objective, chosen
from headgate.predict.train.fits import refuse_no_room
from headgate.predict.train.notes import failure_notes, notes_on
from headgate.predict.train.record import Band, Option, Trained
from headgate.predict.train.request import Request
from headgate.predict.training import Predicted, fit, predict, space_of
from headgate.predict.usual import held, tokens_of

STATE_BYTES = 14.0  # of a checkpoint, for one parameter: master weight, two moments, the weight itself
SHOWN = 10
KEPT = 4 * SHOWN  # some of what a search keeps differs in nothing but memory


def train(
    model: str,
    machine: str,
    chips: int | Sequence[int],
    tokens: str | float,
    *,
    precision: str | None = None,
    sequence: int = 4096,
    batch: int | None = None,
    layout: Mapping[str, Any] | None = None,
    full_search: bool = False,
    software: str | None = None,
    objective: str = "time",
    limits: Mapping[str, float] | None = None,
    terms: Terms | None = None,
    usd_per_chip: float | None = None,
) -> Trained:
    """Predict what it takes to train a model on a number of tokens, with the best way to lay it over the chips.

        days = tokens / (chips * tokens_per_s_per_chip * goodput * 86400)

    Args:
        model: Id, alias or name of a model, or the path of a TOML file of one's own.
        machine: The same of a machine, or a chip, which means its usual machine.
        chips: Accelerators, 1 or more; several counts to choose from by `objective` within `limits`.
        tokens: Budget over 0: a number, or text such as `14.8T`.
        precision: Recipe; by default the narrow one most often measured on such chips, else bf16.
        sequence: Tokens in one sequence.
        batch: Sequences in one step; by default near 16 Mi tokens.
        layout: Parts of the layout to hold, as `{"tensor": 8}`; every other part is searched.
        full_search: Try every schedule, sharding and, unless `precision` is given, recipe; by default those that the
            software usually takes.
        software: Stack and release, as `NeMo 25.11`; by default the usual stack of the maker, as of today.
        objective: `time`, `cost` or `energy`: what chooses among counts of chips. On one count all three agree.
        limits: Most `days`, `usd` or `mwh` allowed, each over 0.
        terms: What the cost assumes.
        usd_per_chip: Price of one chip with its share of the machine, 0 or more; by default that on record.

    Returns:
        The prediction; medians with bands of ninety percent.

    Raises:
        HeadgateError: Something is unknown, does not divide, or does not fit; the message says what would.

    Source:
        `headgate.machine` for the formulas, each with its own; `data/fit/training.toml` for what was calibrated.

    Example:
        >>> job = train("llama3-8b", "h100", 8, "1B", sequence=8192, precision="bf16")
        >>> job.run.recipe.id, round(sum(job.parts.values()), 6), job.figures["days"][1] < job.figures["days"][2]
        ('bf16', 1.0, True)
    """
    limits = limits or {}
    check_objective(objective, limits)
    counts = [chips] if isinstance(chips, int | float) else list(dict.fromkeys(chips))
    if not counts:
        raise UsageError("no count of chips is given. Give one or more.")
    request = Request(model, machine, precision, sequence, batch, held(layout or {}), full_search, software)
    bill = _Bill(tokens_of(tokens), terms or Terms(), usd_per_chip)
    tried: list[Trained] = []
    refused: list[UsageError] = []
    for count in counts:
        try:
            tried.append(_trained(request.runs(count), bill, request.notes()))
        except UsageError as problem:
            refused.append(problem)
    if not tried:
        raise refused[0]
    return chosen(tried, objective, limits, tuple(f"left out: {problem}" for problem in refused))


@dataclass(frozen=True, slots=True)
class _Bill:
    """What is bought: tokens, on which terms, at which price of a chip (None for that on record)."""

    tokens: float
    terms: Terms = field(default_factory=Terms)
    usd_per_chip: float | None = None

    def price(self, run: Run) -> ChipPrice:
        """Return the price of one chip of a run's machine."""
        if self.usd_per_chip is None:
            return chip_price(run.machine)
        if not 0 <= self.usd_per_chip < math.inf:
            raise UsageError(f"usd_per_chip is {self.usd_per_chip}; it must be 0 or more.")
        return ChipPrice(self.usd_per_chip, "as given")


def _trained(runs: Sequence[Run], bill: _Bill, notes: tuple[str, ...]) -> Trained:
    """Search each run, calibrate, and join what the best one takes."""
    ways = [(run, _search(run)) for run in runs]
    if not any(found.fitting for _, found in ways):
        refuse_no_room(runs[0], min(found.least for _, found in ways))
    fast = [(_with_layout(run, _layout(found, 0)), found) for run, found in ways if found.fitting]
    # What calibration multiplies by differs between recipes, so that they are compared after it.
    best = min((p for p, _ in fast), key=lambda p: p.quantities["step_time_s"][0])
    options = sorted((o for p, found in fast for o in _options(p, found)), key=lambda o: o.step_time_s)
    counts = sum(found.evaluated for _, found in ways), sum(found.fitting for _, found in ways)
    return _joined(best, bill, tuple(options[:SHOWN]), counts, notes)


def _search(run: Run) -> Found:
    """Search the ways to lay one run over its chips; where the usual ones do not fit, with every sharding."""
    found = search(space_of(run, fit()), KEPT)
    if not found.fitting and "shard" in run.fixed:
        wide = {k: v for k, v in run.fixed.items() if k != "shard"}
        found = search(space_of(replace(run, fixed=wide), fit()), KEPT)
    return found


def _layout(found: Found, place: int) -> dict[str, float]:
    return {name: float(getattr(found.layout, name)[place]) for name in AXES}


def _options(predicted: Predicted, found: Found) -> list[Option]:
    """Return the ways that a search kept, of those as fast as another only the first."""
    run, options = predicted.computed.run, []
    for place, (seconds, memory) in enumerate(zip(found.seconds, found.memory, strict=True)):
        if place == 0 or seconds > found.seconds[place - 1]:
            layout = {name: int(value) for name, value in _layout(found, place).items()}
            options.append(Option(layout, run.recipe.id, float(seconds) * predicted.factor, float(memory) / 2**30))
    return options


def _with_layout(run: Run, layout: Mapping[str, float]) -> Predicted:
    """Predict a run in a layout; what published runs lose to the best layout is no part of a plan."""
    return predict(replace(run, fixed=dict(layout)))


def _joined(
    predicted: Predicted, bill: _Bill, options: tuple[Option, ...], counts: tuple[int, int], notes: tuple[str, ...]
) -> Trained:
    """Join time, failures, energy and dollars."""
    run, terms, tokens = predicted.computed.run, bill.terms, bill.tokens
    power, price = chip_power(run.machine), bill.price(run)
    storage = min(run.machine.storage_bytes_per_s or math.inf, LLAMA_3_STORAGE_BYTES_PER_S)
    lost = goodput(run.chips, run.architecture.parameters * STATE_BYTES, storage)
    share, hour = float(lost.share), usd_per_chip_hour(price.usd, power.watts, terms)
    median, low, high = predicted.quantities["tokens_per_s_per_chip"]

    def band(of: Callable[[float], Any]) -> Band:
        # More tokens a second are fewer days: low and high change places.
        return float(of(median)), float(of(high)), float(of(low))

    figures = {
        "days": band(lambda rate: days_to_tokens(tokens, rate * run.chips, share)),
        "days_without_failures": band(lambda rate: days_to_tokens(tokens, rate * run.chips, 1.0)),
        "chip_hours": band(lambda rate: tokens / (rate * share * 3600.0)),
        "mwh": band(lambda rate: run_kwh(1.0, power.watts, tokens / (rate * share), terms.pue) / 1e3),
        "usd": band(lambda rate: usd_for_tokens(tokens, hour, rate, share)),
        **predicted.quantities,
    }
    step = predicted.computed.step
    parts = {part.name: float(getattr(step, part.name)) / float(step.total) for part in fields(Step)}
    grounds = (f"power: {power.basis}", f"price: {price.basis}", f"cost: {terms.shown()}")
    said = (*notes, *notes_on(predicted), *failure_notes(lost), *grounds)
    return Trained(predicted, tokens, figures, lost, parts, options, *counts, said)
