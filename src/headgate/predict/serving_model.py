"""What the formulas alone say of one serving case, before calibration of what they miss."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.decode import accepted_tokens
from headgate.machine.prefill import prompt_pass
from headgate.machine.serving import (
    Served,
    aggregated,
    decode_step,
    memory_bytes_per_chip,
    offline,
    running_limit,
    weight_bytes_per_chip,
)
from headgate.machine.serving_parts import Engine, ServingLayout
from headgate.predict.serving_rows import AGGREGATED, DECODE, PREFILL, Case

PREFILL_TOKENS = 16384.0  # prompt tokens of one chip in a pass where prompts are read on chips of their own
MOST_RUNNING = 2048.0  # requests of one attention group that engines run at once by default
# Latency limits of the benchmark, seconds for each token, by model and scenario.
TPOT_LIMITS = {
    ("llama2-70b", "MLPerf Server"): 0.2,
    ("llama2-70b", "MLPerf Interactive"): 0.04,
    ("llama3.1-405b", "MLPerf Server"): 0.175,
    ("llama3.1-405b", "MLPerf Interactive"): 0.08,
    ("mixtral-8x7b", "MLPerf Server"): 0.2,
    ("llama3-8b", "MLPerf Server"): 0.1,
    ("llama3-8b", "MLPerf Interactive"): 0.03,
    ("deepseek-r1-v3", "MLPerf Server"): 0.08,
}


@dataclass(frozen=True, slots=True)
class Raw:
    """Uncalibrated answer for one case; None where the phase has no such quantity.

    Args:
        tokens_per_s_per_chip: Output tokens, or prompt tokens when only prompts are read.
        tpot_seconds, ttft_seconds, memory_bytes: As named; memory on the fullest chip.
        layout: The spread that was used.
        running: Requests of one copy that run at once.
    """

    tokens_per_s_per_chip: float | None
    tpot_seconds: float | None
    ttft_seconds: float | None
    memory_bytes: float | None
    layout: ServingLayout
    running: float


def layouts(a: Architecture, chips: int) -> Iterable[ServingLayout]:
    """Yield every way to spread one copy over at most `chips` chips: tensor ranks that divide the heads, attention
    groups, and experts dealt out or split."""
    size = 1
    while size <= chips:
        for tensor in (t for t in (1, 2, 4, 8, 16) if t <= size and a.heads % t == 0):
            data = size // tensor
            if not a.experts:
                if data == 1:
                    yield ServingLayout(tensor)
                continue
            yield ServingLayout(tensor, data, 1, min(size, a.experts), size / min(size, a.experts))
            if data == 1 and size > 1:
                yield ServingLayout(tensor, 1, 1, 1, size)
        size = size * 2 if size * 2 <= chips or size == chips else chips


def most_running(case: Case, layout: ServingLayout) -> float:
    """Return how many requests a copy runs when it has as many as it likes."""
    limit = float(running_limit(case.architecture, case.machine, case.recipe, layout, case.load))
    return min(max(limit, 1.0), MOST_RUNNING * float(layout.data))


def under_limit(case: Case, layout: ServingLayout, engine: Engine, most: float, limit: float) -> float:
    """Return the most requests, up to `most`, whose tokens come within `limit` seconds each, by bisection."""

    def slow(n: float) -> bool:
        served = offline(case.architecture, case.machine, case.recipe, layout, engine, case.load, n)
        return float(served.tpot_seconds) > limit

    low, high = 1.0, most
    if not slow(high):
        return high
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if slow(middle) else (middle, high)
    return low


def _offline(case: Case, layout: ServingLayout, engine: Engine) -> tuple[Served, float]:
    running = most_running(case, layout)
    limit = TPOT_LIMITS.get((case.architecture.id, case.phase))
    if limit is not None:
        running = under_limit(case, layout, engine, running, limit)
    served = offline(case.architecture, case.machine, case.recipe, layout, engine, case.load, running)
    return served, running


def fits(case: Case, layout: ServingLayout) -> bool:
    """Whether a copy so spread has room for one request."""
    return float(running_limit(case.architecture, case.machine, case.recipe, layout, case.load)) >= 1.0


def _best(case: Case, engine: Engine) -> ServingLayout:
    """Return the spread with the highest rate a chip among those that fit."""
    best, rate = None, -1.0
    for layout in layouts(case.architecture, case.chips):
        if case.chips % int(layout.chips) or not fits(case, layout):
            continue
        own = _rate(case, layout, engine) / float(layout.chips)
        if own > rate * 1.0001:
            best, rate = layout, own
    if best is None:
        refuse_no_room(case)
    return best


def _rate(case: Case, layout: ServingLayout, engine: Engine) -> float:
    if case.phase == PREFILL:
        return _prefill_rate(case, layout, engine)
    if case.phase == DECODE or (case.phase == AGGREGATED and not case.requests):
        served, _ = _offline(case, layout, engine)
        return float(served.output_tokens_per_s)
    if case.phase == AGGREGATED:
        clients = case.requests * float(layout.chips) / case.chips
        served = aggregated(case.architecture, case.machine, case.recipe, layout, engine, case.load, clients)
        return float(served.output_tokens_per_s)
    served, _ = _offline(case, layout, engine)
    return float(served.output_tokens_per_s)


def refuse_no_room(case: Case) -> Any:
    """Refuse a model that does not fit on the chips of the row, with by how much and how many would do."""
    a, machine = case.architecture, case.machine
    widest = ServingLayout(1, case.chips, 1, case.chips, 1) if a.experts else ServingLayout(case.chips)
    need = float(weight_bytes_per_chip(a, case.recipe, widest, case.load.wide_attention))
    have = machine.chip.memory_bytes
    raise UsageError(
        f"{a.id} does not fit on {case.chips} x {machine.chip.id}: the weights alone take {need / 1e9:.1f} GB a chip "
        f"of {have / 1e9:.1f} GB. Give more chips or a narrower precision."
    )


def _prefill_rate(case: Case, layout: ServingLayout, engine: Engine) -> float:
    """Prompt tokens per second of one copy that only reads prompts."""
    a, load = case.architecture, case.load
    group = (case.batch_tokens or PREFILL_TOKENS) * float(layout.tensor)
    if not case.batch_tokens and case.requests:
        group = case.requests * load.prompt / float(layout.data)
    wide = replace(engine, chunk_tokens=max(engine.chunk_tokens, group))
    prompts = max(group / load.prompt, 1e-9)
    spent = prompt_pass(
        a,
        case.machine,
        case.recipe,
        layout,
        wide,
        load.prompt,
        prompts,
        imbalance=load.imbalance,
        wide_attention=load.wide_attention,
    ).total
    return float(group * layout.data / spent) / (1.0 - case.cached)


def raw(case: Case, engine: Engine) -> Raw:
    """Return what the formulas say of one case."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    if case.phase not in (DECODE, PREFILL):
        engine = replace(engine, overlap=0.0)  # two half batches in turn need chips that do one thing only
    layout = case.layout or _best(case, engine)
    size = float(layout.chips)
    memory = float(memory_bytes_per_chip(a, r, layout, load, max(case.requests, 1.0)))
    if case.phase == PREFILL:
        return Raw(_prefill_rate(case, layout, engine) / size, None, None, None, layout, 0.0)
    if case.phase == AGGREGATED and case.requests:
        served = aggregated(a, machine, r, layout, engine, load, case.requests)
        return Raw(
            float(served.output_tokens_per_s) / size,
            float(served.tpot_seconds),
            float(served.ttft_seconds),
            memory,
            layout,
            float(served.running),
        )
    if case.phase == DECODE:
        running = case.requests or most_running(case, layout)
        step = decode_step(a, machine, r, layout, engine, load, running).total
        tpot = float(step / accepted_tokens(load.draft_tokens, load.acceptance))
        return Raw(running / tpot / size, tpot, None, memory, layout, running)
    served, running = _offline(case, layout, engine)
    memory = float(memory_bytes_per_chip(a, r, layout, load, running))
    return Raw(float(served.output_tokens_per_s) / size, float(served.tpot_seconds), None, memory, layout, running)
