"""Plan a service: the best way to serve a model on a number of chips, under a limit on the time of a token."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.machine.architecture import Architecture
from headgate.machine.decode import accepted_tokens
from headgate.machine.hardware import Machine
from headgate.machine.prefill import prompt_pass
from headgate.machine.recipe import Recipe
from headgate.machine.serving import (
    Load,
    aggregated,
    decode_step,
    memory_bytes_per_chip,
    request_bytes_per_chip,
)
from headgate.machine.serving_parts import Pass, ServingLayout
from headgate.predict.runs import check_format
from headgate.predict.serving.bands import Quantity, banded, closed_rate, engine_of, half_band, memory_band
from headgate.predict.serving.fit import USUAL
from headgate.predict.serving.model import (
    PREFILL_TOKENS,
    at,
    layouts,
    most_running,
    most_within,
    prefill_rate,
    refuse_no_room,
)
from headgate.predict.serving.record import (
    Served,
    assumed,
    check_mapping,
    parts,
    plan_case,
    refuse_bad_size,
    refuse_no_split,
    refuse_too_slow,
    worth,
)
from headgate.predict.serving.rows import AGGREGATED, BALANCE, DECODE, PREFILL, Case, levels_of, wide_attention

Numbers = NDArray[np.float64]


def _highest(rate: Numbers) -> int:
    """Return the first place whose rate is the highest, or as good as."""
    return int(np.flatnonzero(rate >= np.nanmax(rate) * 0.9999)[0])


def _served(
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
        parts(step, factor, tpot[0]),
        tuple(notes),
    )


def _mixed(case: Case, many: ServingLayout, limit_ms: float | None, clients: float | None) -> Served:
    """Plan with chips that read prompts and decode."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    engine = replace(engine_of(case), overlap=0.0)
    mean, half = half_band(case, "tpot")
    limit = math.inf if limit_ms is None else limit_ms / 1e3 / math.exp(mean)
    most = most_running(a, machine, r, many, load)
    if np.isnan(most).all():
        refuse_no_room(case)

    def tpot(n: np.ndarray) -> np.ndarray:
        return np.asarray(aggregated(a, machine, r, many, engine, load, n).tpot_seconds)

    most = most_within(tpot, most, limit)
    if np.isnan(most).all():
        refuse_too_slow(float(np.nanmin(tpot(np.ones_like(most)))) * math.exp(mean) * 1e3, limit_ms or 0.0)
    own = most if clients is None else clients * many.chips / case.chips
    # Requests come whole; with fewer clients than copies each has a part of one.
    own = np.where(own > 1.0, np.floor(own), own) if clients is None else own
    asked = np.broadcast_to(own if limit_ms is None else np.minimum(own, most), most.shape)
    steady = aggregated(a, machine, r, many, engine, load, asked)
    place = _highest(np.where(np.isnan(most), np.nan, steady.output_tokens_per_s / many.chips))
    layout, n = at(many, place), float(asked[place])
    served = aggregated(a, machine, r, layout, engine, load, n)
    times = banded(float(served.tpot_seconds) * 1e3, mean, half)
    ttft = half_band(case, "ttft")
    first = banded(float(served.ttft_seconds) * 1e3, *ttft)
    rate = closed_rate(n / layout.chips, load.output, (times[0], half), (first[0], ttft[1]))
    notes: list[str] = []
    if limit_ms is not None and clients is not None and n < clients * layout.chips / case.chips * 0.999:
        notes.append("more clients than the limit allows: the rest are turned away")
    copies = case.chips // int(layout.chips)
    return _served(case, layout, (copies, None, 0), float(served.running), (times, first, rate), served.step, notes)


def split_chips(
    chips: int, prompt_chips: int, prompt_rate: float, decode_chips: int, decode_rate: float
) -> tuple[int, int]:
    """Copies that read prompts and copies that decode, so that the slower of the two is as fast as can be.

    Args:
        chips: Chips in all.
        prompt_chips, decode_chips: Chips of one copy of each kind.
        prompt_rate, decode_rate: Requests per second of one copy of each kind, over 0.

    Returns:
        Copies of each kind; both 0 when not even one of each goes on the chips.

    Example:
        >>> split_chips(64, 8, 10.0, 8, 10.0), split_chips(64, 8, 30.0, 8, 10.0)
        ((4, 4), (2, 6))
    """
    reading = np.arange(0, chips // prompt_chips + 1)
    decoding = (chips - reading * prompt_chips) // decode_chips
    rate = np.minimum(reading * prompt_rate, decoding * decode_rate)
    best = int(np.argmax(rate))
    return (int(reading[best]), int(decoding[best])) if rate[best] > 0 else (0, 0)


def _front(rate: Numbers, many: ServingLayout) -> list[int]:
    """Return the place of the fastest spread of each size of a copy."""
    found: dict[float, int] = {}
    for place in np.flatnonzero(~np.isnan(rate)).tolist():
        size = float(many.chips[place])
        if size not in found or rate[place] > rate[found[size]]:
            found[size] = place
    return list(found.values())


def _decode_limit(case: Case, many: ServingLayout, limit_ms: float | None) -> tuple[Numbers, Numbers]:
    """Return running requests and seconds of a token for chips that only decode, for each spread."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    engine, mean = engine_of(case), half_band(case, "tpot")[0]
    room = most_running(a, machine, r, many, load)
    if np.isnan(room).all():
        refuse_no_room(case)
    yielded = float(accepted_tokens(load.draft_tokens, load.acceptance))

    def tpot(n: Any) -> Numbers:
        return np.asarray(decode_step(a, machine, r, many, engine, load, n).total) / yielded

    most = most_within(tpot, room, math.inf if limit_ms is None else limit_ms / 1e3 / math.exp(mean))
    if np.isnan(most).all():
        refuse_too_slow(float(np.nanmin(tpot(np.ones_like(room)))) * math.exp(mean) * 1e3, limit_ms or 0.0)
    return most, tpot(most) * math.exp(mean)


def _separate(case: Case, many: ServingLayout, limit_ms: float | None, clients: float | None) -> Served:
    """Plan with chips that only read prompts, chips that only decode, and the cache sent from one to the other."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    engine = engine_of(case)
    reader = replace(case, phase=PREFILL, levels=levels_of(case.engine, "", PREFILL, machine, a, r))
    most, seconds = _decode_limit(case, many, limit_ms)
    decode_rate = most / seconds / load.output
    prompt_rate = prefill_rate(reader, many, engine) / load.prompt * math.exp(half_band(reader, "rate")[0])
    prompt_rate = np.where(np.isnan(most), np.nan, prompt_rate)
    best = (0.0, 0, 0, 0, 0)
    for reading in _front(prompt_rate, many):
        for decoding in _front(decode_rate, many):
            sizes = int(many.chips[reading]), int(many.chips[decoding])
            speeds = float(prompt_rate[reading]), float(decode_rate[decoding])
            copies = split_chips(case.chips, sizes[0], speeds[0], sizes[1], speeds[1])
            served = min(copies[0] * speeds[0], copies[1] * speeds[1])
            if served > best[0] * 1.0001:
                best = (served, reading, decoding, *copies)
    served, reading, decoding, readers, decoders = best
    if not readers:
        refuse_no_split(case.chips)
    layout, prompt_layout = at(many, decoding), at(many, reading)
    sizes = int(prompt_layout.chips), int(layout.chips)
    running = served / decoders * load.output * float(seconds[decoding])
    if clients is not None and clients < running * decoders:
        running, served = clients / decoders, served * clients / (running * decoders)
    step = decode_step(a, machine, r, layout, engine, load, running)
    raw_tpot = float(step.total) / float(accepted_tokens(load.draft_tokens, load.acceptance))
    tpot = banded(raw_tpot * 1e3, *half_band(case, "tpot"))
    # A prompt waits half a pass for the one before it, is read, and its cache crosses the fabric.
    prompts = max(1.0, PREFILL_TOKENS * prompt_layout.tensor / load.prompt)
    wide, skew = load.wide_attention, load.imbalance
    read = prompt_pass(
        a, machine, r, prompt_layout, engine, load.prompt, prompts, imbalance=skew, wide_attention=wide
    ).total
    cache = float(request_bytes_per_chip(a, load, prompt_layout, load.prompt))
    sent = cache / (machine.scale_out.bytes_per_s * machine.scale_out.efficiency["send"])
    ttft = banded((engine.first_seconds + 1.5 * float(read) + sent) * 1e3, *half_band(case, "ttft"))
    rate = banded(served * load.output / case.chips, 0.0, half_band(case, "rate")[1])
    notes = [f"{readers * sizes[0]} chips read prompts and {decoders * sizes[1]} decode"]
    if idle := case.chips - readers * sizes[0] - decoders * sizes[1]:
        notes.append(f"{idle} chips are left over")
    return _served(case, layout, (decoders, prompt_layout, readers), running, (tpot, ttft, rate), step, notes)


def serve(
    architecture: Architecture,
    machine: Machine,
    recipe: Recipe,
    chips: int,
    isl: float,
    osl: float,
    *,
    tpot_limit_ms: float | None = None,
    concurrency: float | None = None,
    mapping: ServingLayout | None = None,
    disaggregated: bool = False,
    draft_tokens: int = 0,
    acceptance: float = 0.7,
    imbalance: float | None = None,
    cache_bytes: float | None = None,
    engine: str = USUAL,
) -> Served:
    """Find the best way to serve a model on a number of chips: the highest rate of output tokens for each chip.

    Every spread of a copy over a divisor of the chips is computed at once, each with as many requests as memory, the
    limit and the clients allow.

    Args:
        architecture, machine, recipe: Model, machine and formats.
        chips: Chips in all, 1 or more.
        isl, osl: Mean tokens of a prompt and of an answer, over 0.
        tpot_limit_ms: Limit on the mean time of a token after the first, in milliseconds; None for none.
        concurrency: Clients over all chips, who ask again at once; None for as many as go.
        mapping: The spread of a copy; None searches all of them.
        disaggregated: Prompts are read on chips of their own; the split is chosen.
        draft_tokens, acceptance: Speculative decoding: tokens tried in each step, and the chance of each, 0 to 1.
        imbalance: Load of the busiest expert chip over the mean, 1 or more; None for a usual one.
        cache_bytes: Bytes of one cached element; None for 1 with weights of a byte or less, else 2.
        engine: `vllm`, `trtllm`, `sglang`, or the usual one.

    Returns:
        The plan.

    Raises:
        UsageError: A size is out of range, the chip lacks the precision, the mapping does not divide, the model does
            not fit (with by how much, and how many chips would do), or no way meets the limit.
    """
    sizes = {"chips": chips, "isl": isl, "osl": osl, "tpot_limit_ms": tpot_limit_ms, "concurrency": concurrency}
    for name, given in sizes.items():
        if given is not None and not 0 < given < math.inf:
            refuse_bad_size(name, given)
    if recipe.weight_bytes >= 1.0:
        check_format(machine, recipe)
    skew = (BALANCE["default"] if architecture.experts else 1.0) if imbalance is None else imbalance
    kept = (1.0 if recipe.weight_bytes < 1.5 else 2.0) if cache_bytes is None else cache_bytes
    load = Load(isl, osl, kept, draft_tokens, acceptance, skew, wide_attention(architecture, recipe))
    phase = DECODE if disaggregated else AGGREGATED
    case = plan_case(architecture, machine, recipe, load, chips, phase, engine)
    if mapping is None:
        many = layouts(architecture, chips, whole=not disaggregated)
    else:
        check_mapping(mapping, architecture, chips)
        names = ("tensor", "data", "pipeline", "expert", "expert_tensor")
        many = ServingLayout(**{name: np.array([float(getattr(mapping, name))]) for name in names})
    plan = _separate if disaggregated else _mixed
    return plan(case, many, tpot_limit_ms, concurrency)
