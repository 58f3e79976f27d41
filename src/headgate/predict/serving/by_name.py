"""Serve a model on a stock of chips, by names: the plan of `predict/serving/` with what a person leaves out."""

from dataclasses import asdict, dataclass
from typing import Any

from headgate.catalog.models import find_model
from headgate.errors import UsageError, did_you_mean
from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.recipe import Recipe
from headgate.predict.hardware import machine as machine_of
from headgate.predict.models import architecture, recipe
from headgate.predict.serving import Served, serve
from headgate.predict.serving.fit import USUAL
from headgate.predict.usual import usual_recipe

ENGINES = (USUAL, "vllm", "trtllm", "sglang")


@dataclass(frozen=True, slots=True)
class Service:
    """A model served on a machine: what was asked, the plan, and what was assumed."""

    architecture: Architecture
    machine: Machine
    recipe: Recipe
    chips: int
    isl: float
    osl: float
    plan: Served
    notes: tuple[str, ...]


def serving_recipe(model: str, machine: Machine, a: Architecture) -> tuple[str, str]:
    """Return the recipe to serve a model with where none is stated, and why, in words.

    It is the precision in which the weights were published, where that is narrow and the chip has its format; else the
    narrow one most often measured on such chips.

    Example:
        >>> home = machine_of("h800"), architecture("deepseek-v3")
        >>> serving_recipe("deepseek-v3", *home)[0], serving_recipe("deepseek-v3", machine_of("910c"), home[1])[0]
        ('fp8-block', 'int8')
    """
    native = find_model(model).native
    if native and recipe(native, "serve").weight_bytes < 2 and recipe(native, "serve").format in machine.chip.kernels:
        return native, f"{native}, in which the weights were published"
    return usual_recipe(machine, bool(a.experts), "serve")


def serve_model(
    model: str,
    machine: str,
    chips: int,
    isl: float,
    osl: float,
    *,
    precision: str | None = None,
    tpot_limit_ms: float | None = None,
    concurrency: float | None = None,
    disaggregated: bool = False,
    draft_tokens: int = 0,
    acceptance: float = 0.7,
    imbalance: float | None = None,
    engine: str = USUAL,
) -> Service:
    """Find the best way to serve a model on a number of chips: most output tokens a second for each chip.

    Args:
        model: Id, alias or name of a model, or the path of a TOML file of one's own.
        machine: The same of a machine, or a chip, which means its usual machine.
        chips: Accelerators, 1 to a billion.
        isl, osl: Mean tokens of a prompt and of an answer, 1 or more.
        precision: Recipe; by default that of the published weights, or the usual narrow one of the chip.
        tpot_limit_ms: Limit on the mean time of a token after the first, in milliseconds.
        concurrency: Clients over all chips, who ask again at once; None for as many as go.
        disaggregated: Prompts are read on chips of their own.
        draft_tokens, acceptance: Speculative decoding: tokens tried in each step, 0 to 16, and the chance of each, 0
            to 1.
        imbalance: Load of the busiest expert chip over the mean, 1 or more; None for a usual one.
        engine: `vllm`, `trtllm`, `sglang`, or the usual one.

    Returns:
        The plan, with medians and bands of ninety percent.

    Raises:
        HeadgateError: Something is unknown, does not divide, does not fit, or cannot meet the limit.

    Source:
        `headgate.machine` for the formulas, each with its own; `data/fit` for what was calibrated.

    Example:
        >>> found = serve_model("llama3-70b", "h100", 8, 2048, 256, precision="fp8", tpot_limit_ms=50)
        >>> found.plan.tpot_ms[0] <= 50.0, found.recipe.id
        (True, 'fp8')
    """
    if engine not in ENGINES:
        near = did_you_mean(engine, ENGINES) or f" Engines are {', '.join(ENGINES)}."
        raise UsageError(f"engine {engine!r} was never measured.{near}")
    a, home = architecture(model), machine_of(machine)
    notes = list(home.assumed)
    name = precision
    if name is None:
        name, why = serving_recipe(model, home, a)
        notes.append(f"precision is {why}")
    if engine == USUAL:
        notes.append("the software is not named: that of all measured engines together, with a wider band")
    chosen = recipe(name, "serve")
    plan = serve(
        a,
        home,
        chosen,
        chips,
        isl,
        osl,
        tpot_limit_ms=tpot_limit_ms,
        concurrency=concurrency,
        disaggregated=disaggregated,
        draft_tokens=draft_tokens,
        acceptance=acceptance,
        imbalance=imbalance,
        engine=engine,
    )
    return Service(a, home, chosen, int(chips), isl, osl, plan, (*notes, *plan.notes))


def service_record(found: Service) -> dict[str, Any]:
    """Return a service as plain values, as for JSON; what is unknown is None."""
    plan = asdict(found.plan)
    bands = ("tpot_ms", "ttft_ms", "tokens_per_s_per_chip", "peak_mem_gib")
    return {
        "model": found.architecture.id,
        "machine": found.machine.id,
        "chip": found.machine.chip.id,
        "chips": found.chips,
        "isl": found.isl,
        "osl": found.osl,
        "precision": found.recipe.id,
        "roof_factor": found.recipe.roof_factor,
        **{name: value for name, value in plan.items() if name not in (*bands, "notes")},
        **{name: dict(zip(("median", "low", "high"), map(_known, plan[name]), strict=True)) for name in bands},
        "published_only": found.machine.published_only,
        "notes": list(found.notes),
    }


def _known(value: float) -> float | None:
    return value if value == value else None
