"""What a person leaves out of a job, and how people write the rest: tokens, layouts, recipe, software and batch."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from headgate.catalog.chips import catalog
from headgate.catalog.measured import measured
from headgate.errors import CatalogError, UsageError, did_you_mean
from headgate.machine.hardware import Machine
from headgate.machine.layout import RECOMPUTE, SHARDING
from headgate.machine.pipeline import SCHEDULES
from headgate.machine.recipe import Recipe
from headgate.predict.held import PARTS
from headgate.predict.models import recipe, recipes
from headgate.predict.runs import SIZES
from headgate.predict.stacks import Stack, stack
from headgate.units import digits

TOKENS = re.compile(r"([\d_,]*\.?\d+(?:[eE][+-]?\d+)?)\s*([KMBT]?)", re.IGNORECASE)
SCALE = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
STACK_OF_FAMILY = {
    **dict.fromkeys(("ampere", "hopper", "blackwell", "rubin"), "nemo"),
    **dict.fromkeys(("cdna3", "cdna4"), "primus"),
    "ascend": "mindspeed",
    "tpu": "maxtext",
}
KIN = {"rubin": "blackwell"}  # a family that was never measured trains as the one before it
BEST_CASE_FAMILY = "rubin"
TABLE_OF_JOB = {"train": ("training_runs", "precision"), "serve": ("serving_runs", "weight_precision")}
ENOUGH_ROWS = 3
CHOICES = {
    "shard": {**{w: n for n, w in enumerate(SHARDING)}, "zero-1": 1, "zero-2": 2, "zero-3": 3, "fsdp": 3},
    "recompute": {w: n for n, w in enumerate(RECOMPUTE)},
    "schedule": {**{w: n for n, w in enumerate(SCHEDULES)}, "interleaved": 0},
    "sequence_parallel": {"no": 0, "yes": 1},
}


def refuse_bad_tokens(text: object) -> NoReturn:
    """Refuse a token budget that is no number over 0."""
    raise UsageError(f"tokens {text!r} is not a number of tokens over 0. Write it as 14.8T, 500B, 10M or 2e12.")


def refuse_bad_part(name: str, value: object, why: str) -> NoReturn:
    """Refuse one part of a layout."""
    raise UsageError(f"{name}={value}: {why}.")


def refuse_unknown_part(name: str, known: Mapping[str, str]) -> NoReturn:
    """Refuse a name that no part of a layout has, with near names."""
    near = did_you_mean(name, known) or f" Parts are {', '.join(known)}."
    raise UsageError(f"{name!r} is not a part of a layout.{near} `headgate train --help` names them")


def tokens_of(text: str | float) -> float:
    """Read a number of tokens as people write it: `14.8T`, `500B`, `10M`, `2e12`, or plain digits.

    Raises:
        UsageError: It is no number, or not over 0.

    Example:
        >>> tokens_of("14.8T"), tokens_of("500 b"), tokens_of("2e12"), tokens_of("1_000")
        (14800000000000.0, 500000000000.0, 2000000000000.0, 1000.0)
    """
    found = TOKENS.fullmatch(str(text).strip())
    if found is None:
        refuse_bad_tokens(text)
    number = digits(found[1].replace("_", ""))
    if "," in number:
        refuse_bad_tokens(text)
    value = float(number) * SCALE[found[2].upper()]
    return value if 0 < value < float("inf") else refuse_bad_tokens(text)


def held(layout: Mapping[str, Any]) -> dict[str, float]:
    """Read the parts of a layout that a person holds, by the names of `Layout` or of the table of runs.

    Args:
        layout: Value by part: whole numbers, or words for `shard`, `recompute`, `schedule` and `sequence_parallel`.

    Returns:
        Field of `Layout` to its value.

    Raises:
        UsageError: A part or a word is not known, or a size is no whole number.

    Example:
        >>> held({"tp": 8, "recompute": "full", "shard": "zero-1"})
        {'tensor': 8.0, 'recompute': 2.0, 'shard': 1.0}
    """
    known = {**{part: part for part in PARTS}, **SIZES}
    found: dict[str, float] = {}
    for name, value in layout.items():
        axis = known.get(name) or refuse_unknown_part(name, known)
        if axis in found:
            refuse_bad_part(name, value, f"{axis} is given twice; give it once")
        words = CHOICES.get(axis, {})
        text = str(value).strip().casefold()
        if text in words:
            found[axis] = float(words[text])
            continue
        if not re.fullmatch(r"\d+(\.0)?", text) or not (float(text) <= max(words.values()) if words else float(text)):
            near = f"give one of {', '.join(words)}" if words else "give a whole number of 1 or more"
            refuse_bad_part(name, value, near)
        found[axis] = float(text)
    return found


def usual_recipe(machine: Machine, moe: bool, job: str = "train") -> tuple[str, str]:
    """Return the recipe one usually trains or serves with on a machine, and why, in words.

    It is the narrow recipe that was measured most often on the chip's family for models of this kind, and bf16 where
    fewer than three such runs are known.

    Args:
        machine: The machine.
        moe: The model is a mixture of experts.
        job: `train` or `serve`.

    Example:
        >>> from headgate.predict.hardware import machine
        >>> [usual_recipe(machine(m), True)[0] for m in ("h100", "ascend-910c", "gb200")]
        ['fp8-current-scaling', 'bf16', 'mxfp8']
        >>> usual_recipe(machine("ascend-910c"), True, "serve")[0]
        'int8'
    """
    family = KIN.get(machine.chip.family, machine.chip.family)
    table, column = TABLE_OF_JOB[job]
    counts: Counter[str] = Counter()
    for row in measured(table).rows:
        if row["arch"] == ("moe" if moe else "dense") and row[column] and _family(row["chip_id"]) == family:
            counts[recipe(row[column]).id] += 1
    counts = Counter({r: n for r, n in counts.items() if recipe(r).format in set(machine.chip.kernels) - {"bf16"}})
    model = "a mixture of experts" if moe else "a dense model"
    if counts and max(counts.values()) >= ENOUGH_ROWS:
        best = max(counts, key=lambda r: counts[r])
        like = "" if family == machine.chip.family else f" ({machine.chip.family} itself was never measured)"
        return best, f"{best}, the narrow recipe most often measured for {model} on {family} chips{like}"
    return "bf16", f"bf16: nothing narrower was measured often enough for {model} on {family} chips"


def _family(chip_id: str) -> str:
    try:
        return catalog().get(chip_id).family
    except CatalogError:
        return ""


def searched_recipes(machine: Machine) -> tuple[str, ...]:
    """Return the recipes that a search tries: each that a published run has trained with, in a format of the chip.

    Rivals of one meaning (fp16 for bf16) and best cases stay out: a best case is only ever chosen by name.

    Example:
        >>> from headgate.predict.hardware import machine
        >>> searched_recipes(machine("h800")), searched_recipes(machine("ascend-910c"))
        (('bf16', 'fp8', 'fp8-current-scaling', 'fp8-block'), ('bf16',))
    """
    trained = {recipe(row["precision"]).id for row in measured("training_runs").rows if row["precision"]}
    # DeepSeek-V3 trained with blocks (arXiv:2412.19437), though no row of the table has it.
    trained |= {"fp8-block"}
    kept = [r for r in recipes() if r in trained and r not in ("fp16", "int8")]
    return tuple(r for r in kept if recipe(r).format in machine.chip.kernels)


def usual_layout(stack: Stack, fixed: Mapping[str, float]) -> dict[str, float]:
    """Return what software does by itself: what data ranks divide, whole experts, its schedule."""
    usual = {"shard": float(SHARDING.index(stack.sharding)), "expert_tensor": 1.0}
    if stack.schedule == "1f1b":
        usual["schedule"] = 0.0
    if fixed.get("pipeline") == 1.0:
        usual["schedule"] = 0.0
    return {**usual, "sequence_parallel": float(stack.sequence_parallel), **fixed}


def usual_stack(machine: Machine) -> Stack:
    """Return the stack that the maker of a machine's chip supports, or `other`.

    Example:
        >>> from headgate.predict.hardware import machine
        >>> [usual_stack(machine(name)).id for name in ("h800", "ascend-910c", "trn2-ultraserver")]
        ['nemo', 'mindspeed', 'other']
    """
    return stack(STACK_OF_FAMILY.get(machine.chip.family, "other"))


def is_best_case(chosen: Recipe) -> bool:
    """Say whether a recipe counts on more than the dense roof.

    Example:
        >>> is_best_case(recipe("nvfp4-best-case")), is_best_case(recipe("nvfp4"))
        (True, False)
    """
    return chosen.roof_factor > 1.0
