"""What a plan to serve a model says, what it assumes, and what it refuses."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.cost import Terms, chip_price, usd_for_tokens, usd_per_chip_hour
from headgate.machine.decode import accepted_tokens
from headgate.machine.energy import chip_power, tokens_per_s_per_mw
from headgate.machine.hardware import Machine
from headgate.machine.recipe import Recipe
from headgate.machine.serving import Load, memory_bytes_per_chip
from headgate.machine.serving_parts import Pass, ServingLayout
from headgate.predict.serving.bands import Quantity, half_band, memory_band
from headgate.predict.serving.rows import MOST_DRAFTS, Case, levels_of

MOST_COUNT = 1_000_000_000  # chips, and clients


@dataclass(frozen=True, slots=True)
class Served:
    """How a model is best served, and what that yields.

    Args:
        layout, copies: Spread of one copy that decodes, and how many there are.
        prefill_layout, prefill_copies: The same for chips that only read prompts; None and 0 when the same chips do
            both.
        running: Requests that run at once in one copy.
        tpot_ms, ttft_ms: Milliseconds: median, low, high; no numbers where no token follows the first.
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


def check_asked(
    chips: float,
    isl: float,
    osl: float,
    concurrency: float | None,
    draft_tokens: float,
    acceptance: float,
    imbalance: float | None,
    cache_bytes: float | None,
) -> None:
    """Refuse what no service can be asked for.

    Raises:
        UsageError: A value is out of its range; the message names the range.
    """
    for name, count, whole in (("chips", chips, True), ("concurrency", concurrency, False)):
        if count is not None and (not 1 <= count <= MOST_COUNT or (whole and count != int(count))):
            raise UsageError(f"{name} is {count:g}; it must be {'a whole number ' * whole}from 1 to {MOST_COUNT:,}.")
    for name, tokens in (("isl", isl), ("osl", osl)):
        if tokens < 1:
            raise UsageError(f"{name} is {tokens:g}; prompts and answers have 1 token or more.")
    if not 0 <= draft_tokens <= MOST_DRAFTS or draft_tokens != int(draft_tokens):
        raise UsageError(f"draft tokens are {draft_tokens}; it must be a whole number from 0 to {MOST_DRAFTS}.")
    if not 0 <= acceptance <= 1:
        raise UsageError(f"acceptance is {acceptance}; it must be a chance from 0 to 1.")
    if imbalance is not None and not 1 <= imbalance < math.inf:
        raise UsageError(f"imbalance is {imbalance}; it must be 1 or more.")
    if cache_bytes is not None and not 0 < cache_bytes < math.inf:
        raise UsageError(f"cache_bytes is {cache_bytes}; it must be over 0: 2 for bf16, 1 for fp8.")


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
    if not 1 <= layout.pipeline <= a.layers:
        refuse_bad_mapping(layout, chips, f"{a.layers} layers do not go on {layout.pipeline} stages")
    if a.experts and a.moe_ffn % layout.expert_tensor:
        refuse_bad_mapping(
            layout, chips, f"experts {a.moe_ffn} wide do not divide by {layout.expert_tensor} chips for each"
        )
    if a.experts and layout.expert * layout.expert_tensor != layout.tensor * layout.data:
        ranks = f"{layout.expert} expert ranks of {layout.expert_tensor} do not make up its"
        refuse_bad_mapping(layout, chips, f"{ranks} {layout.tensor * layout.data} chips")


def plan_case(
    a: Architecture, machine: Machine, recipe: Recipe, load: Load, chips: int, phase: str, engine: str
) -> Case:
    """Return a case for a plan, which is about no row of a table."""
    levels = levels_of(engine, "", phase, machine, a, recipe)
    return Case(phase, a, machine, recipe, load, chips, None, 1.0, 0.0, 0.0, 0.0, engine, levels)


def left_over(idle: int) -> list[str]:
    """Return a note on chips that no copy is on, none where there are none."""
    if not idle:
        return []
    return [f"{idle:,} chips are left over" if idle > 1 else "1 chip is left over"]


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


def served_record(
    case: Case,
    layout: ServingLayout,
    copies: tuple[int, ServingLayout | None, int],
    running: float,
    times: tuple[Quantity, Quantity, Quantity],
    step: Pass,
    notes: list[str],
) -> Served:
    """Return the record of a plan: times are those of a token, of the first one, and the rate of a chip."""
    load = case.load
    tpot, ttft, rate = times
    assumed(case, notes)
    per_mw, usd = worth(case.machine, rate[0], notes)
    factor = math.exp(half_band(case, "tpot")[0]) / float(accepted_tokens(load.draft_tokens, load.acceptance))
    step_ms = parts(step, factor, tpot[0])
    if load.output <= 1.0:  # no token follows the first
        tpot, step_ms = (math.nan, math.nan, math.nan), {}
    memory = float(memory_bytes_per_chip(case.architecture, case.recipe, layout, load, running))
    return Served(
        layout,
        *copies,
        running,
        tpot,
        ttft,
        rate,
        rate[0] * load.prompt / load.output,
        per_mw,
        usd,
        memory_band(memory),
        step_ms,
        tuple(notes),
    )
