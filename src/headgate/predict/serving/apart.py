"""Plan a service whose prompts are read on chips of their own, with the cache sent to those that decode."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.machine.decode import accepted_tokens
from headgate.machine.prefill import prompt_pass
from headgate.machine.serving import decode_step, request_bytes_per_chip
from headgate.machine.serving_parts import ServingLayout
from headgate.predict.serving.bands import banded, closed_rate, engine_of, half_band
from headgate.predict.serving.model import PREFILL_TOKENS, at, most_running, most_within, refuse_no_room
from headgate.predict.serving.record import Served, left_over, refuse_no_split, refuse_too_slow, served_record
from headgate.predict.serving.rows import PREFILL, Case, levels_of

Numbers = NDArray[np.float64]
SPLITS = 1024  # ways to divide the chips that are tried: all of them up to so many chips
POINTS = 64  # counts of running requests at which the time of a token is computed, between one and the most
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Apart:
    """Every way to divide the chips: rows are spreads of a copy, columns are counts of chips that read prompts.

    Args:
        readers, decoders: Copies of each kind; 0 where a copy does not go on them.
        read_rate: Requests per second that all readers read.
        first_seconds: Time from arrival to the first token where nobody waits; infinite without readers.
        token_seconds, token_rate: By spread and point: time of a token, and tokens per second of one copy.
        output: Tokens of an answer.
    """

    readers: Numbers
    decoders: Numbers
    read_rate: Numbers
    first_seconds: Numbers
    token_seconds: Numbers
    token_rate: Numbers
    output: float

    def first(self, rate: float) -> Numbers:
        """Return the time to the first token of each way that reads so many requests a second, else infinity."""
        return np.where(self.read_rate >= rate, self.first_seconds, np.inf)

    def token(self, rate: float) -> Numbers:
        """Return the time of a token of each way that decodes so many requests a second, else infinity."""
        needed = rate * self.output / np.maximum(self.decoders, 1e-9)
        found = [
            np.interp(row, known, seconds, right=np.inf)
            for row, known, seconds in zip(needed, self.token_rate, self.token_seconds, strict=True)
        ]
        return np.where(self.decoders >= 1, np.array(found), np.inf)

    def best(self, clients: float) -> tuple[float, int, int, int]:
        """Return the highest rate of requests that so many clients reach, and the way: reader, decoder, split.

        A rate is reached when both kinds of chips keep up and the clients do not take longer than it allows:

            TTFT + (output - 1) TPOT <= clients / rate

        All three get harder as the rate grows, so it is found by bisection.
        """

        def slack(rate: float) -> Numbers:
            whole = self.first(rate).min(axis=0) + (self.output - 1.0) * self.token(rate).min(axis=0)
            # Without an end of clients it is enough that both keep up.
            return np.where(np.isfinite(whole) & (whole <= clients / rate), whole, np.inf)

        low, high = 0.0, float(np.max(self.read_rate)) * 2.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            low, high = (middle, high) if np.isfinite(slack(middle)).any() else (low, middle)
        if low <= 0.0:
            return 0.0, 0, 0, 0
        split = int(np.argmin(slack(low)))
        return low, int(np.argmin(self.first(low)[:, split])), int(np.argmin(self.token(low)[:, split])), split


def _decoding(case: Case, many: ServingLayout, limit_ms: float | None) -> tuple[Numbers, Numbers]:
    """Return seconds of a token and tokens per second of a copy that only decodes, by spread and point.

    A spread with no room, or too slow for the limit, makes no tokens.
    """
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    engine, factor = engine_of(case), math.exp(half_band(case, "tpot")[0])
    yielded = float(accepted_tokens(load.draft_tokens, load.acceptance))
    room = most_running(a, machine, r, many, load)
    if np.isnan(room).all():
        refuse_no_room(case)

    def tpot(n: Any, layout: ServingLayout = many) -> Numbers:
        return np.asarray(decode_step(a, machine, r, layout, engine, load, n).total) * factor / yielded

    most = most_within(tpot, room, math.inf if limit_ms is None else limit_ms / 1e3)
    if np.isnan(most).all():
        refuse_too_slow(float(np.nanmin(np.where(np.isnan(room), np.nan, tpot(1.0)))) * 1e3, limit_ms or 0.0)
    names = ("tensor", "data", "pipeline", "expert", "expert_tensor")
    tall = ServingLayout(**{name: np.asarray(getattr(many, name))[:, None] for name in names})
    running = np.where(np.isnan(most), 1.0, most)[:, None] ** np.linspace(0.0, 1.0, POINTS)
    seconds = tpot(running, tall)
    rate = np.maximum.accumulate(running / seconds, axis=1)
    return seconds, np.where(np.isnan(most)[:, None], 0.0, rate)


def _reading(case: Case, many: ServingLayout, readers: Numbers, clients: float) -> tuple[Numbers, Numbers]:
    """Return requests per second that all readers read, and the time to a first token, by spread and split."""
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    engine = engine_of(case)
    reader = replace(case, phase=PREFILL, levels=levels_of(case.engine, "", PREFILL, machine, a, r))
    names = ("tensor", "data", "pipeline", "expert", "expert_tensor")
    tall = ServingLayout(**{name: np.asarray(getattr(many, name))[:, None] for name in names})
    # A pass takes as many prompts as fit, but no more than there are clients for each group of readers.
    asked = np.maximum(clients / (np.maximum(readers, 1.0) * tall.data), 1.0)
    prompts = np.minimum(PREFILL_TOKENS * tall.tensor / load.prompt, asked)

    def seconds(engine: Any, count: Numbers) -> Numbers:
        skew, wide = load.imbalance, load.wide_attention
        told = prompt_pass(a, machine, r, tall, engine, load.prompt, count, imbalance=skew, wide_attention=wide)
        return np.asarray(told.total)

    whole = replace(engine, chunk_tokens=PREFILL_TOKENS * float(np.max(tall.tensor)))
    rate = readers * prompts * tall.data / seconds(whole, prompts) * math.exp(half_band(reader, "rate")[0])
    # A prompt waits half a pass for the one before it, is read, and its cache crosses the fabric.
    cache = np.asarray(request_bytes_per_chip(a, load, tall, load.prompt))
    sent = cache / (machine.scale_out.bytes_per_s * machine.scale_out.efficiency["send"])
    first = engine.first_seconds + 1.5 * seconds(engine, np.maximum(prompts, 1.0)) + sent
    first = np.where(readers >= 1, first * math.exp(half_band(case, "ttft")[0]), np.inf)
    room = most_running(a, machine, r, tall, replace(load, output=1.0))
    fits = ~np.isnan(room)
    return np.where(fits, rate, 0.0), np.where(fits, first, np.inf)


def separate(case: Case, many: ServingLayout, limit_ms: float | None, clients: float | None) -> Served:
    """Plan with chips that only read prompts, chips that only decode, and the cache sent from one to the other.

    Raises:
        UsageError: The model does not fit, nothing meets the limit, or the chips are too few for both kinds.
    """
    a, machine, r, load = case.architecture, case.machine, case.recipe, case.load
    seconds, token_rate = _decoding(case, many, limit_ms)
    given = np.unique(np.linspace(1, max(case.chips - 1, 1), min(SPLITS, max(case.chips - 1, 1))).round())
    sizes = np.asarray(many.chips)[:, None]
    readers, decoders = given // sizes, (case.chips - given) // sizes
    read_rate, first = _reading(case, many, readers, math.inf if clients is None else clients)
    ways = Apart(readers, decoders, read_rate, first, seconds, token_rate, load.output)
    rate, reading, decoding, split = ways.best(math.inf if clients is None else clients)
    if not rate:
        refuse_no_split(case.chips)
    layout, prompt_layout = at(many, decoding), at(many, reading)
    copies = int(decoders[decoding, split]), int(readers[reading, split])
    running = rate / copies[0] * load.output * float(ways.token(rate)[decoding, split])
    step = decode_step(a, machine, r, layout, engine_of(case), load, max(running, 1.0))
    tpot = banded(
        float(step.total) * 1e3 / float(accepted_tokens(load.draft_tokens, load.acceptance)), *half_band(case, "tpot")
    )
    halves = half_band(case, "tpot")[1], half_band(case, "ttft")[1]
    ttft_ms = float(first[reading, split]) * 1e3
    notes = [f"{copies[1] * int(prompt_layout.chips)} chips read prompts and {copies[0] * int(layout.chips)} decode"]
    if clients is None:
        shown = banded(rate * load.output / case.chips, 0.0, half_band(case, "rate")[1])
    else:
        alone = rate * (ttft_ms + (load.output - 1.0) * tpot[0]) / 1e3
        if limit_ms is not None and alone < clients * 0.999:
            notes.append("more clients than the limit allows: the rest are turned away")
            clients = alone
        # Who finds no place waits for one before the first token.
        ttft_ms = max(ttft_ms, clients / rate * 1e3 - (load.output - 1.0) * tpot[0])
        shown = closed_rate(clients / case.chips, load.output, (tpot[0], halves[0]), (ttft_ms, halves[1]))
    notes += left_over(case.chips - copies[1] * int(prompt_layout.chips) - copies[0] * int(layout.chips))
    times = tpot, banded(ttft_ms, 0.0, halves[1]), shown
    return served_record(case, layout, (copies[0], prompt_layout, copies[1]), running, times, step, notes)
