"""Precision recipes by name: what one trains or serves with, from `data/recipes.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, NoReturn

from headgate.catalog.chips import DATA
from headgate.errors import UsageError, did_you_mean
from headgate.machine.recipe import Recipe

JOBS = ("train", "serve")


def refuse_unknown_recipe(name: str) -> NoReturn:
    """Refuse a precision that no recipe has, with near names."""
    near = did_you_mean(name, _recipe_names()) or f" Known are {', '.join(recipes())}."
    raise UsageError(f"precision {name!r} is not a recipe.{near}")


def refuse_unknown_job(job: str) -> NoReturn:
    """Refuse a job that is neither training nor serving."""
    raise UsageError(f"job {job!r} is not one of {', '.join(JOBS)}. Write one of them.")


@cache
def _recipe_tables() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((DATA / "recipes.toml").read_text("utf-8"))


@cache
def _recipe_names() -> Mapping[str, str]:
    """Return every name and alias, folded, with the id of its recipe."""
    return {_folded(n): key for key, table in _recipe_tables().items() for n in (key, *table.get("aliases", ()))}


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.strip().casefold())


def recipes() -> Mapping[str, str]:
    """Return what each precision recipe is, by its name.

    Example:
        >>> recipes()["bf16"]
        'Everything in bf16.'
    """
    return {key: table["says"] for key, table in _recipe_tables().items()}


def recipe(name: str, job: str = "train") -> Recipe:
    """Return the precision recipe of a name.

    Args:
        name: A name or alias, as in the columns `precision` and `weight_precision`; `_` reads as `-`.
        job: `train`, or `serve` where nothing is kept for a backward pass and weights are quantized beforehand.

    Returns:
        The recipe. `weight_bytes` is the copy that multiplications read; wide copies that training keeps beside it
        (bf16 or FP32 masters) belong to the memory formula.

    Raises:
        UsageError: No recipe has this name, or the job is neither `train` nor `serve`.

    Example:
        >>> recipe("fp4").weight_bytes, recipe("nvfp4", "serve").quantize_bytes
        (0.5625, 2.5625)
    """
    if job not in JOBS:
        refuse_unknown_job(job)
    key = _recipe_names().get(_folded(name)) or refuse_unknown_recipe(name)
    table = _recipe_tables()[key]
    own = {f.name for f in fields(Recipe)} - {"id"}
    stated = {**table, **table.get("serve", {})} if job == "serve" else table
    return Recipe(id=key, **{field: stated[field] for field in own & set(stated)})
