"""A row of a serving table as what the formulas want: model, machine, formats, spread, load."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.recipe import Recipe
from headgate.machine.serving import Load
from headgate.machine.serving_parts import ServingLayout
from headgate.predict.hardware import machine_for_row
from headgate.predict.models import architecture_of_row
from headgate.predict.recipes import recipe
from headgate.predict.runs import check_format
from headgate.predict.serving.fit import USUAL, release
from headgate.predict.usual import is_best_case
from headgate.units import digits

AGGREGATED, OFFLINE, DECODE, PREFILL = "aggregated serving", "offline max throughput", "decode", "prefill"
BENCHMARKS = ("MLPerf Offline", "MLPerf Server", "MLPerf Interactive")
PHASES = (AGGREGATED, OFFLINE, DECODE, PREFILL, *BENCHMARKS)
CACHED = re.compile(r"incl\. ([\d.]+)% cache hits")
LENGTHS = re.compile(r"mean ~?(\d+) in / ~?(\d+) out")
DRAFTS = re.compile(
    r"(?P<bare>\d+)"
    r"|yes(?:\W+(?P<count>\d+) drafts?)?(?:\W+(?P<chance>\d+(?:\.\d+)?)\s*% accept\w*)?(?:\W+memory)?\W*"
)
ACCEPTED = 0.7  # usual chance that a draft is accepted
MOST_DRAFTS = 16
NARROW_EXPERTS_ONLY = ("gpt-oss", "kimi-k2")  # their 4-bit checkpoints leave attention in bf16
ENGINES = {"mlperf": "mlperf", "vllm": "vllm", "sglang": "sglang", "trt": "trtllm", "tensorrt": "trtllm"}
WHOLE = ("chips", "tp", "pp", "attn_dp", "ep", "moe_tp")
# Load of the busiest expert chip over the mean: a published pair of prompts read with the default spread and with a
# perfect one differs by 18 % (SGLang on H100); what rebalancing leaves is a judgment.
BALANCE = {"perfect": 1.0, "simulated perfect": 1.0, "eplb": 1.08, "default": 1.18}


@dataclass(frozen=True, slots=True)
class Case:
    """One row, ready for the formulas.

    Args:
        phase: One of `PHASES`.
        layout: How a copy is spread; None when the row does not say, and then it is searched.
        copies: Copies of the model on the row's chips.
        requests: Clients or running requests of one copy; 0 when the row does not say.
        batch_tokens: Prompt tokens of one chip in a pass; 0 when the row does not say.
        cached: Share of prompt tokens counted but not computed, as the row's unit says.
        engine: Family of the software.
        levels: What calibration groups rows by.
    """

    phase: str
    architecture: Architecture
    machine: Machine
    recipe: Recipe
    load: Load
    chips: int
    layout: ServingLayout | None
    copies: float
    requests: float
    batch_tokens: float
    cached: float
    engine: str
    levels: Mapping[str, str]


def refuse_bad_number(column: str, given: str) -> NoReturn:
    """Refuse a cell that is not a number over 0, or no whole one where chips and ranks are counted."""
    kind = "a whole number" if column in WHOLE else "a number"
    raise UsageError(f"column {column}: {given!r} is not {kind} over 0. Write {kind}, or leave it blank.")


def refuse_bad_ranks(tp: int, chips: int, why: str) -> NoReturn:
    """Refuse parallel sizes that do not divide what they split."""
    raise UsageError(f"tp {tp} on {chips:,} chips: {why}. Correct tp, attn_dp, pp or chips, or leave tp blank.")


def refuse_unknown_phase(given: str) -> NoReturn:
    """Refuse a phase that is not modeled."""
    raise UsageError(f"phase {given!r} is not known. Known are {', '.join(PHASES)}.")


def refuse_missing(column: str, why: str) -> NoReturn:
    """Refuse a row that lacks what its phase needs."""
    raise UsageError(f"column {column} is blank, but {why}. Fill it in.")


def number(row: Mapping[str, str], column: str) -> float:
    """Return a cell as a number, 0 when it is blank; tables write 0 for groups of a kind that a run does not have.

    Raises:
        UsageError: The cell is no finite number over 0, or no whole one where it counts.

    Example:
        >>> number({"chips": "2,048"}, "chips"), number({"ep": "0"}, "ep")
        (2048.0, 0.0)
    """
    text = digits(row.get(column) or "")
    if not text:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        refuse_bad_number(column, text)
    absent = value == 0 and column in ("attn_dp", "ep", "moe_tp")
    if (not absent and not 0 < value < math.inf) or (column in WHOLE and value != int(value)):
        refuse_bad_number(column, text)
    return value


def layout_of_row(row: Mapping[str, str], a: Architecture, chips: int) -> ServingLayout | None:
    """Return how a copy is spread, as far as the row says; None when it says nothing.

    `tp` counts all chips of a copy in some tables and one attention group in others: when `tp` alone makes up the
    chips, `attn_dp` divides it, else the two multiply. Tensor ranks of a mixture that do not divide the
    heads cannot be meant: then each chip serves requests of its own and holds its share of the experts.

    Raises:
        UsageError: Sizes do not divide.
    """
    tp, dp, pp = (int(number(row, c)) for c in ("tp", "attn_dp", "pp"))
    ep, etp = int(number(row, "ep")), int(number(row, "moe_tp"))
    if not tp and ep <= 1:
        return None
    pp = pp or 1
    if pp > a.layers:
        raise UsageError(f"pp {pp}: {a.id} has {a.layers} layers, and a stage takes at least one. Give a smaller pp.")
    if not tp:
        # Wide expert parallelism: attention is never split. Dies of one package count as one chip.
        ranks = min(ep, chips)
        return ServingLayout(1, ranks, 1, ranks, 1)
    if dp > 1 and tp * dp * pp > chips and tp % dp == 0:
        tp //= dp
    dp = max(dp, 1)
    ranks = tp * dp
    if a.heads % tp and not a.experts:
        refuse_bad_ranks(tp, chips, f"{a.heads} heads do not divide by it")
    if ranks * pp < chips and chips % (ranks * pp):
        refuse_bad_ranks(tp, chips, f"copies of {ranks * pp} chips do not make them up")
    if a.heads % tp:
        return ServingLayout(1, ranks, pp, ranks, 1)
    if not a.experts:
        return ServingLayout(tp, dp, pp)
    if ep * max(etp, 1) > ranks and tp * dp * pp < ep * max(etp, 1) <= 2 * chips:
        tp = max(1, ep * max(etp, 1) // dp)  # a row that names more expert ranks than chips
        ranks = tp * dp
    ep = min(ep, ranks) if ep > 1 else (ranks // etp if 1 < etp < ranks and ranks % etp == 0 else 1)
    return ServingLayout(tp, dp, pp, ep, ranks / ep)


def _lengths(row: Mapping[str, str], phase: str) -> tuple[float, float]:
    prompt, output = number(row, "isl"), number(row, "osl")
    said = LENGTHS.search(row.get("notes") or "")
    if said and not (prompt and output):
        prompt, output = prompt or float(said[1]), output or float(said[2])
    kept = number(row, "kv_len")
    if phase == DECODE and kept and not prompt:
        # A context of kv_len at mid-answer.
        prompt, output = kept - min(kept / 2, output / 2), output or 1.0
    return prompt, output


def _load(row: Mapping[str, str], phase: str, a: Architecture, r: Recipe, engine: str) -> Load:
    prompt, output = _lengths(row, phase)
    if not prompt:
        if phase == PREFILL:
            prompt = 4096.0  # the usual length where a prefill rate is published without one
        else:
            refuse_missing("isl", f"phase {phase!r} needs the length of the prompt")
    if not output:
        if phase in (PREFILL, DECODE):
            output = 1.0
        else:
            refuse_missing("osl", f"phase {phase!r} needs the length of the answer")
    for column, tokens in (("isl", prompt), ("osl", output)):
        if tokens < 1:
            raise UsageError(f"column {column}: {tokens:g} is under 1 token. Write the mean tokens, 1 or more.")
    cache = (row.get("attention_kv_precision") or "").strip().lower()
    cache_bytes = {"fp8": 1.0, "int8": 1.0, "bf16": 2.0, "fp16": 2.0}.get(cache, 0.0)
    if not cache_bytes:
        narrow = engine in ("trtllm", "mlperf") and r.weight_bytes < 1.5
        cache_bytes = 1.0 if narrow else 2.0
    balance = (row.get("expert_balance") or "").strip().lower()
    skew = next((v for k, v in BALANCE.items() if balance.startswith(k)), BALANCE["default"])
    return Load(prompt, output, cache_bytes, *drafts(row), skew, wide_attention(a, r))


def drafts(row: Mapping[str, str]) -> tuple[int, float]:
    """Return the draft tokens tried in each step and the chance that each is accepted, as column `mtp` says.

    `simulated` counts no tokens that were not decoded.

    Raises:
        UsageError: The cell is not understood.

    Example:
        >>> drafts({"mtp": "yes (1 draft, ~70% accept)"}), drafts({"mtp": "3"}), drafts({"mtp": "simulated"})
        ((1, 0.7), (3, 0.7), (0, 0.7))
    """
    text = (row.get("mtp") or "").strip().lower()
    if text in ("", "no", "none", "off", "simulated"):
        return 0, ACCEPTED
    said = DRAFTS.fullmatch(text)
    count = int(said["bare"] or said["count"] or 1) if said else MOST_DRAFTS + 1
    chance = float(said["chance"]) / 100 if said and said["chance"] else ACCEPTED
    if not 0 <= count <= MOST_DRAFTS or not 0 <= chance <= 1:
        raise UsageError(
            f"column mtp: {text!r} is not understood. Write a number of drafts from 0 to {MOST_DRAFTS}, "
            "'yes (1 draft, 70% accept)', 'simulated' or 'no', or leave it blank."
        )
    return count, chance


def wide_attention(a: Architecture, r: Recipe) -> bool:
    """Whether the published checkpoint of a model in a 4-bit format leaves attention in bf16."""
    return r.weight_bytes < 0.9 and a.id.startswith(NARROW_EXPERTS_ONLY)


def engine_name(text: str) -> str:
    """Return the family of a serving engine: vllm, trtllm, sglang, mlperf, or the usual one."""
    low = text.lower()
    for key, name in ENGINES.items():
        if key in low:
            return name
    return USUAL


def levels_of(
    engine: str, software: str, phase: str, machine: Machine, a: Architecture, r: Recipe
) -> Mapping[str, str]:
    """Return the groups that calibration puts a run in."""
    kind = "moe" if a.experts else "dense"
    return {
        "stack": f"{engine} {release(software)}".strip(),
        "chip": machine.chip.id,
        "model": a.id,
        "work": f"{kind} {'benchmark' if phase in BENCHMARKS else phase}",
        "cell": f"{machine.chip.id} {a.id} {r.format}",
    }


def case_of_row(row: Mapping[str, str]) -> Case:
    """Read one row; measured columns are never looked at."""
    phase = (row.get("phase") or AGGREGATED).strip()
    if phase not in PHASES:
        refuse_unknown_phase(phase)
    a, machine = architecture_of_row(row), machine_for_row(row)
    r = recipe((row.get("weight_precision") or "bf16").strip(), "serve")
    if "fp8_block" in (row.get("notes") or "") and "fp8_block" in machine.chip.kernels:
        r = recipe("fp8_block", "serve")
    if r.weight_bytes >= 1.0 or is_best_case(r):
        check_format(machine, r)  # narrower weights are widened on the way where the chip lacks their format
    engine = engine_name(row.get("engine") or "")
    load = _load(row, phase, a, r, engine)
    chips = int(number(row, "chips")) or int(number(row, "tp") * max(number(row, "attn_dp"), 1)) or 1
    layout = layout_of_row(row, a, chips)
    size = int(layout.chips) if layout else chips
    copies = max(1.0, chips // size)
    batch, basis = number(row, "batch"), (row.get("batch_basis") or "").lower()
    tokens = 0.0
    if "token" in basis:
        batch, tokens = 0.0, batch
    elif "per" in basis:
        batch *= size
    else:
        batch /= copies
    hits = CACHED.search(row.get("per_what") or "")
    cached = float(hits[1]) / 100.0 if hits else 0.0
    levels = levels_of(engine, row.get("software") or "", phase, machine, a, r)
    return Case(phase, a, machine, r, load, chips, layout, copies, batch, tokens, cached, engine, levels)
