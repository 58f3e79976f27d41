"""Precision recipes: closed, cited, found by every name of the tables, and every refusal."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from headgate.catalog.chips import DATA
from headgate.catalog.measured import measured
from headgate.catalog.models import models
from headgate.errors import UsageError
from headgate.machine.recipe import Recipe
from headgate.predict import recipes as module
from headgate.predict.recipes import recipe, recipes


def test_recipes_are_closed_and_say_what_they_are() -> None:
    own = {f.name for f in dataclasses.fields(Recipe)} - {"id"}
    for name, table in tomllib.loads((DATA / "recipes.toml").read_text("utf-8")).items():
        assert set(table) <= own | {"says", "aliases", "source", "serve"}, name
        assert set(table.get("serve", {})) <= own | {"says"}, name
        assert table["says"], name
        assert table["source"], name
    assert list(recipes())[:3] == ["bf16", "fp16", "fp8"]


@pytest.mark.parametrize("job", ["train", "serve"])
@pytest.mark.parametrize("name", list(recipes()))
def test_a_narrow_recipe_moves_no_more_than_a_wide_one(name: str, job: str) -> None:
    found, wide = recipe(name, job), recipe("bf16", job)
    assert found.weight_bytes <= wide.weight_bytes
    assert found.gather_bytes <= wide.gather_bytes
    assert found.dispatch_bytes <= wide.dispatch_bytes
    assert found.saved_bytes <= wide.saved_bytes
    assert found.quantize_bytes <= recipe(name, "train").quantize_bytes
    assert 3.0 <= recipe(name).quantize_bytes <= 6.0 or found.format == "bf16"
    assert found.roof_factor == (50 / 35 if name == "nvfp4-best-case" else 1.0)


def test_every_precision_of_the_tables_is_a_recipe() -> None:
    assert {recipe(row["precision"]).id for row in measured("training_runs").rows} >= {
        "bf16",
        "fp8",
        "mxfp8",
        "nvfp4",
        "int8",
    }
    assert recipe("fp4") == recipe("NVFP4")
    assert recipe("fp8_block").format == "fp8_block"
    assert recipe("fp8-tensorwise").id == "fp8-current-scaling"
    assert recipe("w8a8").format == "int8"
    assert (recipe("int4").format, recipe("int4").weight_bytes) == ("bf16", 0.5625)
    assert recipe("fp8-block", "serve").gather_bytes < recipe("fp8-block").gather_bytes


def test_every_native_precision_is_a_recipe() -> None:
    for model in models().values():
        if model.native:
            assert recipe(model.native, "serve").id == model.native


def test_refuse_unknown_recipe_and_refuse_unknown_job() -> None:
    with pytest.raises(UsageError, match="'fp9' is not a recipe.*Did you mean fp"):
        recipe("fp9")
    with pytest.raises(UsageError, match="Known are bf16, fp16"):
        recipe("")
    with pytest.raises(UsageError, match="job 'tune' is not one of train, serve"):
        recipe("bf16", "tune")


def test_every_refusal_is_tested() -> None:
    here = Path(__file__).read_text("utf-8")
    own = {n for n, v in vars(module).items() if n.startswith("refuse_") and v.__module__ == module.__name__}
    assert {name for name in own if name not in here} == set()
