"""Every public formula of `machine/` comes out the same in any units; a new one must be entered in `FORMULAS`.

An entry is a call with arguments in units `u`, and the unit of its result: one, or one by name of its parts. A formula
that says how many bytes an element has, or how many operations a product takes, is tried in units of time alone:
`only_time`.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headgate.machine
from headgate.machine import (
    collectives,
    cost,
    decode,
    energy,
    goodput,
    kernels,
    layer,
    memory,
    offload,
    pipeline,
    prefill,
    roofline,
    serving,
    serving_layers,
    training,
)
from headgate.machine.layout import Job, Layout
from headgate.machine.ranges import checked
from headgate.machine.serving_parts import Engine, ServingLayout, bound

from .units import DENSE, FP8, MIXTURE, ONE, Units, numbers

Unit = float | dict[str, float]
Formula = tuple[Callable[[Units], Any], Callable[[Units], Unit]]

LAYOUT = Layout(tensor=np.array([1, 8]), pipeline=4, context=2, data=8, expert=8, micro_batch=1, virtual=1)
SERVING = ServingLayout(tensor=1, data=16, expert=16)
JOB = Job(sequence=4096.0, global_batch=256.0, imbalance=1.2)


def one(u: Units) -> float:
    """Return the unit of a plain number."""
    return 1.0


def only_time(u: Units) -> Units:
    """Return units in which only the second is changed."""
    return Units(s=u.s)


def engine(u: Units) -> Engine:
    """Return serving software whose times are in the units."""
    usual = Engine()
    times = [name for name in Engine.__dataclass_fields__ if name.endswith("_seconds")]
    return replace(usual, **{name: getattr(usual, name) * u.s for name in times})


def habits(u: Units) -> training.Habits:
    """Return training software whose times are in the units."""
    usual = training.Habits()
    times = [name for name in training.Habits.__dataclass_fields__ if name.endswith("_seconds")]
    return replace(usual, **{name: getattr(usual, name) * u.s for name in times})


def site(u: Units) -> layer.Site:
    """Return a mixture of experts on a machine in units of time."""
    return layer.Site(MIXTURE, only_time(u).machine(), FP8, JOB, LAYOUT, 4096.0)


def parts_of_layer(u: Units) -> Unit:
    """Return the units of a layer in units of time: its bytes and elements stay."""
    return {"moved": 1.0, "quantized": 1.0, **dict.fromkeys(("gemm", "attention", "tensor", "expert"), u.s)}


def projection(u: Units) -> Callable[..., Any]:
    """Return the time of one served multiplication, in units of time."""
    return serving_layers.matrix(only_time(u).machine(), FP8, engine(u))


def served(call: Callable[..., Any], model: Any = MIXTURE) -> Callable[[Units], Any]:
    """Return a serving formula tried in units of time."""
    return lambda u: call(model, only_time(u).machine(), FP8, SERVING, engine(u), serving.Load(4096.0, 512.0), 64.0)


def seconds(u: Units) -> float:
    """Return the unit of a time."""
    return u.s


def steady(u: Units) -> Unit:
    """Return the units of a steady state of serving."""
    times = dict.fromkeys(("tpot_seconds", "ttft_seconds", "step", "prompt_seconds"), u.s)
    return {"running": 1.0, **times, **dict.fromkeys(("output_tokens_per_s", "input_tokens_per_s"), 1 / u.s)}


GOODPUT: dict[str, Formula] = {
    "job_mtbf_seconds": (lambda u: goodput.job_mtbf_seconds(1e4 * u.chip, 5e-4 / (u.chip * u.s)), seconds),
    "checkpoint_seconds": (
        lambda u: goodput.checkpoint_seconds(6e12 * u.byte, 1e4 * u.chip, 1e8 * u.byte / (u.s * u.chip)),
        seconds,
    ),
    "young_interval_seconds": (lambda u: goodput.young_interval_seconds(5 * u.s, 1e4 * u.s), seconds),
    "daly_interval_seconds": (
        lambda u: goodput.daly_interval_seconds(np.array([5.0, 5e4]) * u.s, 1e4 * u.s),
        seconds,
    ),
    "goodput_share": (lambda u: goodput.goodput_share(300 * u.s, 5 * u.s, 900 * u.s, 1e4 * u.s), one),
    "implied_restart_seconds": (
        lambda u: goodput.implied_restart_seconds(0.9, 300 * u.s, 5 * u.s, 1e4 * u.s),
        seconds,
    ),
    "goodput": (
        lambda u: goodput.goodput(
            1e4 * u.chip, 6e12 * u.byte, 1e8 * u.byte / (u.s * u.chip), 5e-4 / (u.chip * u.s), 900 * u.s
        ),
        lambda u: {"share": 1.0, **dict.fromkeys(("mtbf", "write", "interval", "restart"), u.s)},
    ),
    "days_to_tokens": (lambda u: goodput.days_to_tokens(1e13 * u.token, 3e6 * u.token / u.s, 0.9), seconds),
}

ENERGY_AND_COST: dict[str, Formula] = {
    "chip_power": (lambda u: energy.chip_power(u.machine(), 175 * u.watt), lambda u: u.watt),
    "mean_watts": (lambda u: energy.mean_watts(900 * u.watt, 0.8, 0.2), lambda u: u.watt),
    "run_kwh": (
        lambda u: energy.run_kwh(512 * u.chip, 900 * u.watt / u.chip, 3600 * u.s, 1.2),
        lambda u: u.watt * u.s,
    ),
    "joules_per_token": (
        lambda u: energy.joules_per_token(900 * u.watt / u.chip, 1500 * u.token / (u.s * u.chip), 1.2),
        lambda u: u.watt * u.s / u.token,
    ),
    "tokens_per_s_per_mw": (
        lambda u: energy.tokens_per_s_per_mw(1500 * u.token / (u.s * u.chip), 900 * u.watt / u.chip, 1.2),
        lambda u: u.token / (u.s * u.watt),
    ),
    "chip_price": (lambda u: cost.chip_price(u.machine()), lambda u: u.usd),
    "usd_per_chip_hour": (
        lambda u: cost.usd_per_chip_hour(
            44e3 * u.usd, 900 * u.watt, cost.Terms(5.0 * u.s, 0.8, 0.08 * u.usd / (u.watt * u.s), 1.25)
        ),
        lambda u: u.usd / u.s,
    ),
    "usd_for_tokens": (
        lambda u: cost.usd_for_tokens(1e12 * u.token, 2 * u.usd / (u.s * u.chip), 1500 * u.token / (u.s * u.chip), 0.9),
        lambda u: u.usd,
    ),
}

OFFLOAD: dict[str, Formula] = {
    "host_bytes_per_s": (
        lambda u: offload.host_bytes_per_s(64e9 * u.byte / u.s, 3e11 * u.byte / u.s),
        lambda u: u.byte / u.s,
    ),
    "optimizer_seconds": (
        lambda u: offload.optimizer_seconds(
            1e9, np.array([1e9, 1e12]) * u.byte / u.s, 3e11 * u.byte / u.s, 2 * u.byte, 2 * u.byte, 12 * u.byte
        ),
        seconds,
    ),
    "exposed_seconds": (lambda u: offload.exposed_seconds(2 * u.s, np.array([1.0, 3.0]) * u.s), seconds),
    "prefix_seconds": (
        lambda u: offload.prefix_seconds(6e4 * u.token, 7e4 * u.byte / u.token, 2e9 * u.byte / u.s, 1e-4 * u.s),
        seconds,
    ),
    "recompute_tokens_per_s": (
        lambda u: offload.recompute_tokens_per_s(7e4 * u.byte / u.token, 2e9 * u.byte / u.s),
        lambda u: u.token / u.s,
    ),
    "checked": (lambda u: checked("write_seconds", 5 * u.s), seconds),
}

CHIP_AND_NETWORK: dict[str, Formula] = {
    "gemm_seconds": (
        lambda u: kernels.gemm_seconds(
            np.array([1.0, 4096.0]), 4096, 4096, only_time(u).machine().chip.kernels["fp8"], 3e12 / u.s, 1.0, 4
        ),
        seconds,
    ),
    "attention_seconds": (
        lambda u: kernels.attention_seconds(1e12 * u.flop, 4096 * u.token, 128.0, u.machine().chip),
        seconds,
    ),
    "package_bytes_per_s": (
        lambda u: kernels.package_bytes_per_s(8e12 * u.byte / u.s, 2, 1e12 * u.byte / u.s),
        lambda u: u.byte / u.s,
    ),
    "pass_seconds": (lambda u: kernels.pass_seconds(1e9 * u.byte, u.machine().chip), seconds),
    "level_seconds": (
        lambda u: collectives.level_seconds(1e8 * u.byte, u.machine().scale_up, "all_gather", np.array([1, 8])),
        seconds,
    ),
    "gather_seconds": (
        lambda u: collectives.gather_seconds(1e9 * u.byte, np.array([8, 64]), 8, u.machine()),
        seconds,
    ),
    "exchange_seconds": (
        lambda u: collectives.exchange_seconds(1e8 * u.byte, 2e7 * u.byte, np.array([8, 64]), 8, u.machine()),
        seconds,
    ),
    "distinct": (lambda u: collectives.distinct(np.array([1.0, 4.0]), 8), one),
    "inside_domain": (lambda u: collectives.inside_domain(16, 4 * u.chip, 8 * u.chip), one),
    "bubble_seconds": (
        lambda u: pipeline.bubble_seconds(1 * u.s, 2 * u.s, 1 * u.s, 8, 1, np.array([0, 1, 2])),
        seconds,
    ),
    "held_micro_batches": (lambda u: pipeline.held_micro_batches(8, 2, 64, np.array([0, 1, 2])), one),
}

TRAINING: dict[str, Formula] = {
    "attention_layer": (lambda u: layer.attention_layer(site(u)), parts_of_layer),
    "feed_forward_layer": (lambda u: layer.feed_forward_layer(site(u), 18432), parts_of_layer),
    "expert_layer": (lambda u: layer.expert_layer(site(u), 6.0), parts_of_layer),
    "step_seconds": (
        lambda u: training.step_seconds(MIXTURE, only_time(u).machine(), FP8, JOB, LAYOUT, habits(u)),
        seconds,
    ),
    "layer_activation_bytes": (
        lambda u: memory.layer_activation_bytes(MIXTURE, FP8, JOB, replace(LAYOUT, micro_batch=u.token)),
        lambda u: u.token,
    ),
    "stage_parameters": (lambda u: memory.stage_parameters(MIXTURE, LAYOUT), one),
    "training_memory": (lambda u: memory.training_memory(MIXTURE, FP8, JOB, LAYOUT), one),
}

SERVE: dict[str, Formula] = {
    "kept_tokens": (lambda u: decode.kept_tokens(DENSE, 4096 * u.token), lambda u: u.token),
    "cache_bytes_per_token": (
        lambda u: decode.cache_bytes_per_token(MIXTURE, np.array([1, 8]), 2 * u.byte),
        lambda u: u.byte,
    ),
    "scores_pass": (
        lambda u: decode.scores_pass(DENSE, u.machine(), SERVING, Engine(), 64 * u.flop, 64, 4096.0, 2 * u.byte),
        seconds,
    ),
    "decode_pass": (
        lambda u: decode.decode_pass(MIXTURE, only_time(u).machine(), FP8, SERVING, engine(u), 64.0, 4096.0),
        seconds,
    ),
    "accepted_tokens": (lambda u: decode.accepted_tokens(1, 0.7), one),
    "prompt_pass": (
        lambda u: prefill.prompt_pass(MIXTURE, only_time(u).machine(), FP8, SERVING, engine(u), 4096.0),
        seconds,
    ),
    "weight_bytes_per_chip": (
        lambda u: serving.weight_bytes_per_chip(
            replace(MIXTURE, vocab=0), replace(FP8, weight_bytes=1.0 * u.byte), SERVING
        ),
        lambda u: u.byte,
    ),
    "request_bytes_per_chip": (
        lambda u: serving.request_bytes_per_chip(
            MIXTURE, serving.Load(4096.0, 512.0, 2 * u.byte), SERVING, 4096.0 * u.token
        ),
        lambda u: u.byte * u.token,
    ),
    "running_limit": (
        lambda u: serving.running_limit(
            DENSE, only_time(u).machine(), FP8, SERVING, serving.Load(4096.0 * u.token, 512.0 * u.token)
        ),
        lambda u: 1 / u.token,
    ),
    "memory_bytes_per_chip": (
        lambda u: serving.memory_bytes_per_chip(
            MIXTURE, FP8, SERVING, serving.Load(4096.0 * u.token, 512.0 * u.token), 64.0 / u.token
        ),
        one,
    ),
    "decode_step": (served(serving.decode_step), seconds),
    "prompt_seconds": (served(serving.prompt_seconds), seconds),
    "aggregated": (served(serving.aggregated), steady),
    "offline": (served(serving.offline), steady),
    "bound": (lambda u: bound(2 * u.s, np.array([1.0, 3.0]) * u.s), seconds),
    "touched_experts": (lambda u: serving_layers.touched_experts(256, 8, 64), one),
    "reached_ranks": (lambda u: serving_layers.reached_ranks(8, 8), one),
    "reduce_seconds": (
        lambda u: serving_layers.reduce_seconds(1e6 * u.byte, np.array([8, 16]), u.machine(), 0.5),
        seconds,
    ),
    "matrix": (lambda u: projection(u)(np.array([1.0, 4096.0]), 4096, 4096), seconds),
    "attention_projections": (
        lambda u: serving_layers.attention_projections(MIXTURE, SERVING, 64.0, projection(u)),
        seconds,
    ),
    "feed_forward": (
        lambda u: serving_layers.feed_forward(18432.0, MIXTURE, 64.0, projection(u)),
        seconds,
    ),
    "expert_block": (
        lambda u: serving_layers.expert_block(
            MIXTURE, only_time(u).machine(), SERVING, engine(u), 64.0, 1.2, projection(u)
        ),
        seconds,
    ),
    "exchange": (
        lambda u: serving_layers.exchange(
            MIXTURE, only_time(u).machine(), FP8, SERVING, engine(u), 64.0, 1.2, handed_on=True
        ),
        seconds,
    ),
    "layers_pass": (
        lambda u: serving_layers.layers_pass(MIXTURE, only_time(u).machine(), FP8, SERVING, engine(u), 64.0),
        seconds,
    ),
}

ROOFLINE: dict[str, Formula] = {
    "attainable_flop_per_s": (
        lambda u: roofline.attainable_flop_per_s(
            np.array([1.0, 1e4]) * u.flop / u.byte, 1e15 * u.flop / u.s, 3e12 * u.byte / u.s
        ),
        lambda u: u.flop / u.s,
    ),
    "ridge_flop_per_byte": (
        lambda u: roofline.ridge_flop_per_byte(1e15 * u.flop / u.s, 3e12 * u.byte / u.s),
        lambda u: u.flop / u.byte,
    ),
}

FORMULAS = GOODPUT | ENERGY_AND_COST | OFFLOAD | CHIP_AND_NETWORK | TRAINING | SERVE | ROOFLINE


def public_functions() -> list[str]:
    """Return the name of every public function of the room."""
    found = []
    for module in pkgutil.iter_modules(headgate.machine.__path__):
        loaded = importlib.import_module(f"headgate.machine.{module.name}")
        for name, value in inspect.getmembers(loaded, inspect.isfunction):
            if value.__module__ == loaded.__name__ and not name.startswith("_"):
                found.append(name)
    return found


def unit_of(part: str, unit: Unit) -> float:
    """Return the unit of one part of a result; a name stands for all parts whose path begins with it."""
    if not isinstance(unit, dict):
        return unit
    return next(size for name, size in unit.items() if part.startswith(name))


def test_every_public_formula_has_its_dimensions_in_the_table():
    assert sorted(public_functions()) == sorted(FORMULAS)


SIZES = st.builds(Units, *(st.integers(-8, 8).map(lambda k: 2.0**k) for _ in fields(Units)))


def compare(formula: Callable[[Units], Any], unit: Callable[[Units], Unit], u: Units) -> None:
    """Assert that a formula gives the same in the units `u` as in the usual ones."""
    usual, changed = numbers(formula(ONE)), numbers(formula(u))
    assert usual.keys() == changed.keys() != set()
    for part, value in changed.items():
        np.testing.assert_allclose(value, usual[part] * unit_of(part, unit(u)), rtol=1e-9, err_msg=part)


@pytest.mark.parametrize("name", sorted(FORMULAS))
@given(u=SIZES)
@settings(max_examples=20)
def test_a_formula_is_the_same_in_any_units(name, u):
    compare(*FORMULAS[name], u)


@pytest.mark.parametrize("u", [Units(s=2.0), Units(byte=2.0)])
def test_a_formula_that_adds_seconds_to_bytes_is_caught(u):
    with pytest.raises(AssertionError):
        compare(lambda u: u.s + u.byte, seconds, u)
