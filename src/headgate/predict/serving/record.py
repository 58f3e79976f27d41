"""What a plan to serve a model says, what it assumes, and what it refuses."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.cost import Terms, chip_price, usd_for_tokens, usd_per_chip_hour
from headgate.machine.energy import chip_power, tokens_per_s_per_mw
from headgate.machine.hardware import Machine
from headgate.machine.recipe import Recipe
from headgate.machine.serving import Load
from headgate.machine.serving_parts import Pass, ServingLayout
from headgate.predict.serving.bands import Quantity
from headgate.predict.serving.rows import Case, levels_of


@dataclass(frozen=True, slots=True)
class Served:
    """How a model is best served, and what that yields.

    Args:
        layout, copies: Spread of one copy that decodes, and how many there are.
        prefill_layout, prefill_copies: The same for chips that only read prompts; None and 0 when the same chips do
            both.
        running: Requests that run at once in one copy.
        tpot_ms, ttft_ms: Milliseconds: median, low, high.
        tokens_per_s_per_chip: Output tokens, over all chips, prompts included: median, low, high.
        input_tokens_per_s_per_chip: Prompt tokens that go with them, median.
        tokens_per_s_per_mw: Output tokens per second for a megawatt of machines; None when their power is unknown.
        usd_per_million_tokens: Dollars for a million output tokens; None when the price or power is unknown.
        peak_mem_gib: Of the fullest chip that decodes: median, low, high.
        step_ms: One decode step by part: `compute`, `memory`, `communication`, `floor`; and `prompts`, what the
            prompts of others add to a token.
        notes: What is assumed, in words.
    """

    layout: ServingLayout
    copies: int
    prefill_layout: ServingLayout | None
    prefill_copies: int
    running: float
    tpot_ms: Quantity
    ttft_ms: Quantity
    tokens_per_s_per_chip: Quantity
    input_tokens_per_s_per_chip: float
    tokens_per_s_per_mw: float | None
    usd_per_million_tokens: float | None
    peak_mem_gib: Quantity
    step_ms: Mapping[str, float]
    notes: tuple[str, ...]


def refuse_bad_size(name: str, given: float) -> NoReturn:
    """Refuse a size that is not over 0."""
    raise UsageError(f"{name} is {given:g}: it must be over 0.")


def refuse_bad_mapping(layout: ServingLayout, chips: int, why: str) -> NoReturn:
    """Refuse a spread that does not divide."""
    raise UsageError(
        f"a copy with {layout.tensor} tensor ranks in {layout.data} groups does not go on {chips:,} chips: {why}."
    )


def refuse_too_slow(best_ms: float, limit_ms: float) -> NoReturn:
    """Refuse a limit on the time of a token that even one request does not meet."""
    raise UsageError(
        f"no way to serve meets {limit_ms:g} ms for each token: one request alone takes {best_ms:.1f} ms at best. "
        "Give more chips, a faster machine, a narrower precision, or a longer limit."
    )


def refuse_no_split(chips: int) -> NoReturn:
    """Refuse to divide chips that are too few for one copy of each kind."""
    raise UsageError(
        f"{chips:,} chips are too few to read prompts and decode apart: a copy of each kind does not go on them. "
        "Give more chips, or let the same chips do both."
    )


def check_mapping(layout: ServingLayout, a: Architecture, chips: int) -> None:
    """Refuse a stated spread that does not divide heads, experts or chips.

    Raises:
        UsageError: It does not divide.
    """
    size = layout.chips
    if chips % size:
        refuse_bad_mapping(layout, chips, f"it takes {size} chips, which does not divide them")
    if a.heads % layout.tensor:
        refuse_bad_mapping(layout, chips, f"{a.heads} heads do not divide by the tensor ranks")
    if a.experts and layout.expert * layout.expert_tensor != layout.tensor * layout.data:
        ranks = f"{layout.expert} expert ranks of {layout.expert_tensor} do not make up its"
        refuse_bad_mapping(layout, chips, f"{ranks} {layout.tensor * layout.data} chips")


def plan_case(
    a: Architecture, machine: Machine, recipe: Recipe, load: Load, chips: int, phase: str, engine: str
) -> Case:
    """Return a case for a plan, which is about no row of a table."""
    levels = levels_of(engine, "", phase, machine, a, recipe)
    return Case(phase, a, machine, recipe, load, chips, None, 1.0, 0.0, 0.0, 0.0, engine, levels)


def assumed(case: Case, notes: list[str]) -> None:
    """Add what every plan assumes."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    if machine.published_only:
        notes.append(f"{machine.name} was never measured in a published run: an extrapolation, the band is widened")
    if r.format not in machine.chip.kernels:
        notes.append(f"{machine.chip.id} has no {r.format}: narrow weights are widened and multiplied in bf16")
    if r.roof_factor != 1.0:
        notes.append(f"best case: the roof of {r.format} is taken {r.roof_factor:g} times, which depends on the data")
    if a.experts:
        notes.append(f"the busiest expert chip has {load.imbalance:g} times the mean load")
    if load.draft_tokens:
        notes.append(f"drafts of {load.draft_tokens} a step, each accepted with chance {load.acceptance:g}")
    notes.append(f"each key or value takes {load.cache_bytes:g} byte")


def worth(machine: Machine, rate: float, notes: list[str]) -> tuple[float | None, float | None]:
    """Return tokens per second for a megawatt and dollars for a million tokens, at one chip's rate."""
    power, price, terms = chip_power(machine), chip_price(machine), Terms()
    per_mw = usd = None
    if not math.isnan(power.watts):
        per_mw = float(tokens_per_s_per_mw(rate, power.watts, 1.0))
        notes.append(f"power of a chip: {power.basis}; for a megawatt of machines, without the building")
    else:
        notes.append(f"power of a chip: {power.basis}")
    hour = float(usd_per_chip_hour(price.usd, power.watts, terms))
    if not math.isnan(hour):
        usd = float(usd_for_tokens(1e6, hour, rate, 1.0))
        notes.append(f"price of a chip: {price.basis}; {terms.shown()}")
    else:
        notes.append(f"price of a chip: {price.basis}")
    return per_mw, usd


def parts(step: Pass, factor: float, tpot_ms: float) -> dict[str, float]:
    """Return the parts of a token's time in milliseconds; they add up to `tpot_ms`."""
    names = ("compute", "memory", "communication", "floor")
    found = {name: float(getattr(step, name)) * factor * 1e3 for name in names}
    return found | {"prompts": max(0.0, tpot_ms - sum(found.values()))}
