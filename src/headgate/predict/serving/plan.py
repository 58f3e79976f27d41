"""Plan a service: the best way to serve a model on a number of chips, under a limit on the time of a token."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.recipe import Recipe
from headgate.machine.serving import Load, aggregated
from headgate.machine.serving_parts import ServingLayout
from headgate.predict.runs import check_format
from headgate.predict.serving.apart import separate
from headgate.predict.serving.bands import banded, closed_rate, engine_of, half_band
from headgate.predict.serving.fit import USUAL
from headgate.predict.serving.model import at, layouts, most_running, most_within, refuse_no_room
from headgate.predict.serving.record import (
    Served,
    check_asked,
    check_mapping,
    left_over,
    plan_case,
    refuse_bad_size,
    refuse_too_slow,
    served_record,
)
from headgate.predict.serving.rows import AGGREGATED, BALANCE, DECODE, Case, wide_attention
from headgate.predict.usual import is_best_case

Numbers = NDArray[np.float64]


def _highest(rate: Numbers) -> int:
    """Return the first place whose rate is the highest, but for rounding."""
    return int(np.flatnonzero(rate >= np.nanmax(rate) * (1.0 - 1e-9))[0])


def _mixed(case: Case, many: ServingLayout, limit_ms: float | None, clients: float | None) -> Served:
    """Plan with chips that read prompts and decode."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    engine = replace(engine_of(case), overlap=0.0)
    mean, half = half_band(case, "tpot")
    limit = math.inf if limit_ms is None else limit_ms / 1e3 / math.exp(mean)
    room = most_running(a, machine, r, many, load)
    if np.isnan(room).all():
        refuse_no_room(case)

    def tpot(n: np.ndarray) -> np.ndarray:
        return np.asarray(aggregated(a, machine, r, many, engine, load, n).tpot_seconds)

    most = most_within(tpot, room, limit)
    if np.isnan(most).all():
        refuse_too_slow(float(np.nanmin(tpot(np.ones_like(most)) + 0.0 * room)) * math.exp(mean) * 1e3, limit_ms or 0.0)
    copies = np.floor(case.chips / np.asarray(many.chips))
    # Requests come whole; with fewer clients than copies some copies have none.
    busy = copies if clients is None else np.minimum(copies, clients)
    own = np.floor(most) if clients is None else clients / busy
    asked = np.broadcast_to(own if limit_ms is None else np.minimum(own, most), most.shape)
    steady = aggregated(a, machine, r, many, engine, load, asked)
    ttft = half_band(case, "ttft")
    later = (load.output - 1.0) * np.asarray(steady.tpot_seconds) * math.exp(mean)
    place = _highest(asked * busy / (np.asarray(steady.ttft_seconds) * math.exp(ttft[0]) + later) + 0.0 * most)
    layout, n = at(many, place), float(asked[place])
    served = aggregated(a, machine, r, layout, engine, load, n)
    times = banded(float(served.tpot_seconds) * 1e3, mean, half)
    first = banded(float(served.ttft_seconds) * 1e3, *ttft)
    reached = n * float(busy[place])
    rate = closed_rate(reached / case.chips, load.output, (times[0], half), (first[0], ttft[1]))
    notes: list[str] = []
    if limit_ms is not None and clients is not None and reached < clients * 0.999:
        notes.append("more clients than the limit allows: the rest are turned away")
    count = int(copies[place])
    notes += left_over(case.chips - count * int(layout.chips))
    return served_record(
        case, layout, (count, None, 0), float(served.running), (times, first, rate), served.step, notes
    )


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

    Every spread of a copy is computed at once, though it leaves chips over, each with as many requests as memory, the
    limit and the clients allow.

    Args:
        architecture, machine, recipe: Model, machine and formats.
        chips: Chips in all, 1 to a billion.
        isl, osl: Mean tokens of a prompt and of an answer, 1 or more.
        tpot_limit_ms: Limit on the mean time of a token after the first, in milliseconds; None for none.
        concurrency: Clients over all chips, 1 or more, who ask again at once; None for as many as go.
        mapping: The spread of a copy; None searches all of them.
        disaggregated: Prompts are read on chips of their own; the split is chosen.
        draft_tokens, acceptance: Speculative decoding: tokens tried in each step, 0 to 16, and the chance of each, 0
            to 1.
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
    check_asked(chips, isl, osl, concurrency, draft_tokens, acceptance, imbalance, cache_bytes)
    if recipe.weight_bytes >= 1.0 or is_best_case(recipe):
        check_format(machine, recipe)
    skew = (BALANCE["default"] if architecture.experts else 1.0) if imbalance is None else imbalance
    kept = (1.0 if recipe.weight_bytes < 1.5 else 2.0) if cache_bytes is None else cache_bytes
    load = Load(isl, osl, kept, draft_tokens, acceptance, skew, wide_attention(architecture, recipe))
    phase = DECODE if disaggregated else AGGREGATED
    chips = int(chips)
    case = plan_case(architecture, machine, recipe, load, chips, phase, engine)
    if mapping is None:
        many = layouts(architecture, chips, whole=False, every=not disaggregated)
    else:
        check_mapping(mapping, architecture, chips)
        case = replace(case, layout=mapping)
        names = ("tensor", "data", "pipeline", "expert", "expert_tensor")
        many = ServingLayout(**{name: np.array([float(getattr(mapping, name))]) for name in names})
    plan = separate if disaggregated else _mixed
    # Where no token follows the first there is nothing to limit.
    return plan(case, many, tpot_limit_ms if osl > 1 else None, concurrency)
