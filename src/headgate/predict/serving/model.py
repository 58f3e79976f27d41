"""What the formulas alone say of one serving case, before calibration of what they miss."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np

from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.decode import accepted_tokens
from headgate.machine.hardware import Machine
from headgate.machine.prefill import prompt_pass
from headgate.machine.recipe import Recipe
from headgate.machine.serving import (
    RESERVE_BYTES,
    USABLE_MEMORY,
    Load,
    aggregated,
    decode_step,
    memory_bytes_per_chip,
    offline,
    running_limit,
)
from headgate.machine.serving_parts import Engine, ServingLayout
from headgate.predict.serving.fit import scenario_limits
from headgate.predict.serving.rows import AGGREGATED, DECODE, PREFILL, Case

PREFILL_TOKENS = 16384.0  # prompt tokens of one chip in a pass where prompts are read on chips of their own
MOST_RUNNING = 2048.0  # requests of one attention group that engines run at once by default
MOST_COPY = 4096  # chips of the largest copy: more split neither attention nor experts further


@dataclass(frozen=True, slots=True)
class Raw:
    """Uncalibrated answer for one case; None where the phase has no such quantity.

    Args:
        tokens_per_s_per_chip: Output tokens, or prompt tokens when only prompts are read.
        tpot_seconds, ttft_seconds, memory_bytes: As named; memory on the fullest chip.
        layout: The spread that was used.
        running: Requests of one copy that run at once.
    """

    tokens_per_s_per_chip: float
    tpot_seconds: float | None
    ttft_seconds: float | None
    memory_bytes: float | None
    layout: ServingLayout
    running: float


def layouts(a: Architecture, chips: int, *, whole: bool = True, every: bool = False) -> ServingLayout:
    """Return every way to spread copies over `chips` chips, as arrays.

    A copy takes a divisor of the chips; with `whole` off, 1, 3, 5 or 9 times a power of two up to them, which may
    leave some over, and with `every` all sizes up to 256 too: so more chips only ever add ways.
    Attention is split over tensor ranks that divide the heads, in groups; experts are dealt out, or split evenly where
    there is one group or they are fewer than the chips.
    """
    found: list[tuple[float, float, float, float]] = []
    sizes = [n for n in range(1, min(chips, MOST_COPY) + 1) if chips % n == 0]
    if not whole:
        round_sizes = {k << n for k in (1, 3, 5, 9) for n in range(13)} | set(range(1, 257 if every else 1))
        sizes = sorted(n for n in round_sizes if n <= min(chips, MOST_COPY))
    for size in sizes:
        for tensor in (t for t in (1, 2, 4, 8, 16, 32, 64) if size % t == 0 and a.heads % t == 0):
            data = size // tensor
            if not a.experts:
                if data == 1:
                    found.append((tensor, 1, 1, 1.0))
                continue
            if dealt := _dealt(a, size):
                found.append((tensor, data, dealt, size / dealt))
            if data == 1 and size > 1 and a.moe_ffn % size == 0:
                found.append((tensor, 1, 1, float(size)))
    ranks, groups, expert, split = (np.array(x, dtype=np.float64) for x in zip(*found, strict=True))
    return ServingLayout(ranks, groups, np.ones_like(ranks), expert, split)


def _dealt(a: Architecture, size: int) -> int:
    """Return over how many of a copy's chips experts are dealt, each split evenly over the rest; 0 where none goes."""
    most = min(size, int(a.experts))
    return max((n for n in range(1, most + 1) if size % n == 0 and a.moe_ffn % (size // n) == 0), default=0)


def at(many: ServingLayout, place: int) -> ServingLayout:
    """Return one of many spreads, in whole numbers."""
    names = ("tensor", "data", "pipeline", "expert", "expert_tensor")
    return ServingLayout(**{name: int(getattr(many, name)[place]) for name in names})


def most_within(tpot_seconds: Callable[[Any], Any], most: Any, limit_seconds: float) -> Any:
    """Most requests whose tokens come within a limit, by bisection on arrays.

    Args:
        tpot_seconds: Time of a token as a function of running requests, which must not fall as they grow.
        most: Most requests allowed, 1 or more. Any shape.
        limit_seconds: Limit on the time of a token, over 0.

    Returns:
        Requests, 1 to `most`, in the shape of `most`; NaN where even one request is too slow.

    Example:
        >>> most_within(lambda n: 0.01 + 0.001 * n, np.array([10.0, 500.0]), 0.05).round(3).tolist()
        [10.0, 40.0]
    """
    low, high = np.ones_like(np.asarray(most, dtype=np.float64)), np.asarray(most, dtype=np.float64) * 1.0
    never, always = tpot_seconds(low) > limit_seconds, tpot_seconds(high) <= limit_seconds
    for _ in range(40):
        middle = (low + high) / 2.0
        slow = tpot_seconds(middle) > limit_seconds
        low, high = np.where(slow, low, middle), np.where(slow, middle, high)
    return np.where(never, np.nan, np.where(always, most, low))


def most_running(a: Architecture, machine: Machine, r: Recipe, layout: ServingLayout, load: Load) -> np.ndarray:
    """Return how many requests a copy runs when there is no end of them; NaN where it has no room for one."""
    limit = np.asarray(running_limit(a, machine, r, layout, load), dtype=np.float64)
    return np.where(limit >= 1.0, np.minimum(limit, MOST_RUNNING * np.asarray(layout.data)), np.nan)


def _running(case: Case, layout: ServingLayout, engine: Engine) -> np.ndarray:
    """Return the requests that run at once, as far as memory and the scenario's limit allow."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    most = most_running(a, machine, r, layout, load)
    if case.layout is not None:
        most = np.where(np.isnan(most), 1.0, most)  # what is stated may run: the reserve is our guess
    limit = scenario_limits().get(a.id, {}).get(case.phase)
    if limit is None:
        return most
    within = most_within(lambda n: offline(a, machine, r, layout, engine, load, n).tpot_seconds, most, limit / 1e3)
    return np.where(np.isnan(within) & ~np.isnan(most), 1.0, within)


def _rate(case: Case, layout: ServingLayout, engine: Engine) -> np.ndarray:
    """Return tokens per second of one chip for each spread; NaN where the model does not fit."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    if case.phase == PREFILL:
        room = most_running(a, machine, r, layout, replace(load, output=1.0))
        return np.where(np.isnan(room), np.nan, prefill_rate(case, layout, engine) / layout.chips)
    if case.phase == AGGREGATED and case.requests:
        room = most_running(a, machine, r, layout, load)
        clients = case.requests * layout.chips / case.chips
        served = aggregated(a, machine, r, layout, engine, load, clients)
        return np.where(np.isnan(room), np.nan, served.output_tokens_per_s / layout.chips)
    served = offline(a, machine, r, layout, engine, load, _running(case, layout, engine))
    return np.asarray(served.output_tokens_per_s / layout.chips)


def best_layout(case: Case, engine: Engine) -> ServingLayout:
    """Return the spread with the highest rate for each chip among those that fit; the smallest of equals.

    Raises:
        UsageError: The model fits in no way.
    """
    many = layouts(case.architecture, case.chips)
    rate = _rate(case, many, engine)
    if np.isnan(rate).all():
        refuse_no_room(case)
    return at(many, int(np.flatnonzero(rate >= np.nanmax(rate) * 0.9999)[0]))


def refuse_no_room(case: Case) -> NoReturn:
    """Refuse a model that does not fit on the chips, with by how much and the smallest count that would do."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    many = case.layout or layouts(a, case.chips)
    need = float(np.min(memory_bytes_per_chip(a, r, many, load, many.data))) - RESERVE_BYTES
    room = machine.chip.memory_bytes * USABLE_MEMORY - RESERVE_BYTES
    if not np.isnan(most_running(a, machine, r, layouts(a, case.chips), load)).all():
        raise UsageError(
            f"{a.id} in {r.id} does not fit on {machine.chip.id} as it is spread: weights and one request take "
            f"{need / 2**30:.0f} GiB a chip, {(need - room) / 2**30:.0f} GiB more than the {room / 2**30:.0f} GiB "
            f"there are for them. Leave the mapping blank: there is one that fits on {case.chips:,}."
        )
    enough = smallest(case)
    more = f"{enough:,} chips would do" if enough else "No number of chips would do: give shorter prompts or answers"
    raise UsageError(
        f"{a.id} in {r.id} does not fit on {case.chips:,} x {machine.chip.id}: weights and one request take "
        f"{need / 2**30:.0f} GiB a chip, {(need - room) / 2**30:.0f} GiB more than the {room / 2**30:.0f} GiB there "
        f"are for them. {more}, or a narrower precision."
    )


def smallest(case: Case) -> int:
    """Return the smallest count of chips that one copy fits on, 0 where none does.

    What a chip holds stops falling once attention is split over all tensor ranks and each expert has a chip.
    """
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    many = layouts(a, MOST_COPY, whole=False, every=True)
    fits = np.asarray(many.chips)[~np.isnan(most_running(a, machine, r, many, load))]
    return int(fits.min()) if fits.size else 0


def prefill_rate(case: Case, layout: ServingLayout, engine: Engine) -> np.ndarray:
    """Return prompt tokens per second of one copy that only reads prompts, counted as the row counts them."""
    a, load = case.architecture, case.load
    group = (case.batch_tokens or PREFILL_TOKENS) * np.asarray(layout.tensor)
    if not case.batch_tokens and case.requests:
        group = case.requests * load.prompt / np.asarray(layout.data)
    whole = replace(engine, chunk_tokens=float(np.max(group)))
    spent = prompt_pass(
        a,
        case.machine,
        case.recipe,
        layout,
        whole,
        load.prompt,
        group / load.prompt,
        imbalance=load.imbalance,
        wide_attention=load.wide_attention,
    ).total
    return np.asarray(group * layout.data / spent / (1.0 - case.cached))


def raw(case: Case, engine: Engine) -> Raw:
    """Return what the formulas say of one case.

    Raises:
        UsageError: The row states no spread and the model fits in none.
    """
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    if case.phase not in (DECODE, PREFILL):
        engine = replace(engine, overlap=0.0)  # two half batches in turn need chips that do one thing only
    layout = case.layout or best_layout(case, engine)
    size = float(layout.chips)
    # The reserve is a guess, and only it: weights and one request must go.
    one = memory_bytes_per_chip(a, r, layout, load, layout.data) - RESERVE_BYTES
    if float(one) > machine.chip.memory_bytes:
        refuse_no_room(case)
    if case.phase == PREFILL:
        return Raw(float(prefill_rate(case, layout, engine)) / size, None, None, None, layout, 0.0)
    if case.phase == AGGREGATED and case.requests:
        clients = case.requests * size / case.chips if case.layout is None else case.requests
        served = aggregated(a, machine, r, layout, engine, load, clients)
        memory = float(memory_bytes_per_chip(a, r, layout, load, served.running))
        rate = float(served.output_tokens_per_s) / size
        tpot = float(served.tpot_seconds) if load.output > 1 else None  # no token follows the first
        return Raw(rate, tpot, float(served.ttft_seconds), memory, layout, float(served.running))
    running = case.requests if case.phase == DECODE and case.requests else float(_running(case, layout, engine))
    memory = float(memory_bytes_per_chip(a, r, layout, load, running))
    if case.phase == DECODE:
        step = decode_step(a, machine, r, layout, engine, load, running).total
        tpot = float(step / accepted_tokens(load.draft_tokens, load.acceptance))
        return Raw(running / tpot / size, tpot, None, memory, layout, running)
    served = offline(a, machine, r, layout, engine, load, running)
    rate = float(served.output_tokens_per_s) / size
    tpot = float(served.tpot_seconds) if load.output > 1 else None
    return Raw(rate, tpot, None, memory, layout, running)
