"""Models: every row of the tables is read, its uniform counter met, and every refusal."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.measured import measured
from headgate.catalog.model_sizes import SIZES
from headgate.catalog.models import models
from headgate.errors import CatalogError, UsageError
from headgate.machine.architecture import Architecture
from headgate.predict import models as module
from headgate.predict.models import architecture, architecture_of_row, recipe, reduced, stated_sizes

TRAINING, SERVING = measured("training_runs").rows, measured("serving_runs").rows
MY_GPT = {"model": "my-gpt", "layers": "36", "hidden": "4096", "heads": "32", "ffn": "16384", "vocab": "51200"}
MY_MIXTURE = {**MY_GPT, "ffn": "", "moe_ffn": "1024", "experts": "64", "topk": "4"}
TINY = "[size]\nlayers = 2\nhidden = 64\nheads = 4\nffn = 256\nvocab = 100\n"


def cells(a: Architecture) -> dict[str, str]:
    """Return the columns of a table of runs for an architecture, under a name that no model has."""
    counts = {name: str(getattr(a, name)) for name in (*module.COUNTED, "head_dim")}
    return {"model": "zz", "gated_ffn": str(int(a.gated)), "params_total_b": str(a.parameters / 1e9), **counts}


def test_the_sizes_of_a_record_are_the_fields_of_an_architecture() -> None:
    assert set(SIZES) == {f.name for f in dataclasses.fields(Architecture)} - {"id"}


@pytest.mark.parametrize("model_id", list(models()))
def test_sizes_give_the_stated_parameters(model_id: str) -> None:
    found, stated = architecture(model_id), models()[model_id]
    if stated.parameters_b and not stated.unlike:
        assert found.parameters / 1e9 == pytest.approx(stated.parameters_b, rel=0.02)


@pytest.mark.parametrize("model_id", ["deepseek-v3", "kimi-k2", "qwen3-235b-a22b", "mixtral-8x7b", "qwen3-30b-a3b"])
def test_active_parameters_are_near_the_published_ones(model_id: str) -> None:
    assert architecture(model_id).active_parameters / 1e9 == pytest.approx(models()[model_id].active_b, rel=0.02)


@pytest.mark.parametrize("row", TRAINING, ids=lambda row: row["row_id"])
def test_training_rows_meet_the_uniform_counter(row: dict[str, str]) -> None:
    flop = reduced(architecture_of_row(row), int(row["layers_run"])).train_flop_per_token(float(row["seq"]))
    # LoRA leaves the base frozen: no gradient of the weights, two thirds of the work.
    share = 2 / 3 if row["task"] == "lora" else 1.0
    assert flop * share == pytest.approx(float(row["model_flop_per_token_causal"]), rel=0.0005)


@pytest.mark.parametrize("row", SERVING, ids=lambda row: row["row_id"])
def test_serving_rows_name_known_models_and_recipes(row: dict[str, str]) -> None:
    found = architecture_of_row(row)
    assert found.id in models()
    assert found.parameters / 1e9 == pytest.approx(float(row["params_total_b"]), rel=0.02)
    assert recipe(row["weight_precision"], "serve").weight_bytes <= 2.0


def test_a_row_of_a_known_model_has_its_record() -> None:
    for row in (*TRAINING, *SERVING):
        assert architecture_of_row(row) == architecture(row["model"]), row["row_id"]
        assert architecture_of_row({"model": row["model"]}) == architecture(row["model"])


def test_a_number_in_the_row_overrides_the_record() -> None:
    found = architecture_of_row({"model": "llama3-8b", "layers": "16", "vocab": ""})
    assert found == dataclasses.replace(architecture("llama3-8b"), layers=16)
    assert architecture_of_row({"model": "deepseek-v3", "experts": "64"}).experts == 64


def test_a_record_with_latent_attention_knows_its_sizes_better_than_words() -> None:
    assert architecture_of_row({"model": "glm-5", "attention": "mla", "head_dim": "mla kv_lora 512"}) == architecture(
        "glm-5"
    )


def test_every_row_can_be_built_from_its_columns_alone() -> None:
    for row in (*TRAINING, *SERVING):
        built = architecture_of_row({**row, "model": f"zz-{row['model']}"})
        assert built.parameters / 1e9 == pytest.approx(float(row["params_total_b"]), rel=0.035), row["row_id"]
        assert built.attention == architecture(row["model"]).attention


def test_words_for_attention() -> None:
    assert stated_sizes({"attention": "gqa+swa128 (alternate layers)"}) == {"window": 128, "window_share": 0.5}
    assert stated_sizes({"attention": "mqa (parallel block)", "heads": "48"}) == {
        "heads": 48,
        "kv_heads": 1,
        "parallel_block": True,
    }
    assert stated_sizes({"attention": "mha", "heads": "48"})["kv_heads"] == 48
    assert stated_sizes({"attention": "mha", "heads": "48", "kv_heads": "12"})["kv_heads"] == 12
    latent = stated_sizes({"head_dim": "qk 128+64 / v 128"})
    assert latent == stated_sizes({"head_dim": "mla kv_lora 512 + rope 64"}) == stated_sizes({"attention": "mla"})
    assert (latent["head_dim"], latent["value_dim"], latent["q_rank"], latent["kv_rank"]) == (192, 128, 1536, 512)
    assert stated_sizes({"attention": "mla+dsa"})["sparse_topk"] == 2048
    assert stated_sizes({}) == {}


def test_a_row_of_an_unknown_model_is_built_to_meet_its_parameters() -> None:
    assert architecture_of_row({**MY_GPT, "params_total_b": "7.5"}).gated is False
    assert architecture_of_row({**MY_GPT, "params_total_b": "9.8"}).gated is True
    plain = architecture_of_row(MY_GPT)
    assert (plain.gated, plain.tied, plain.kv_heads, plain.head_dim) == (True, False, 32, 128)
    assert architecture_of_row(MY_MIXTURE).moe_layers == 36
    assert architecture_of_row({**MY_MIXTURE, "ffn": "8192"}).moe_layers == 35
    want = architecture_of_row({**MY_MIXTURE, "ffn": "8192", "moe_layers": "33"})
    assert architecture_of_row({**MY_MIXTURE, "ffn": "8192", "params_total_b": str(want.parameters / 1e9)}) == want


def test_layers_without_a_width_get_the_one_that_meets_the_parameters() -> None:
    dense = architecture_of_row({**MY_GPT, "ffn": "", "gated_ffn": "0", "params_total_b": "7.6679"})
    assert dense.ffn == pytest.approx(16384, rel=0.001)
    hybrid = architecture_of_row({**MY_MIXTURE, "moe_layers": "20", "params_total_b": "25"})
    assert hybrid.parameters == pytest.approx(25e9, rel=1e-4)
    assert hybrid.dense_layers == 16
    assert architecture_of_row({**MY_MIXTURE, "moe_layers": "20", "params_total_b": "1"}).ffn == 1


@given(
    layers=st.integers(4, 128),
    kv_heads=st.integers(1, 16),
    group=st.integers(1, 8),
    head_dim=st.sampled_from([64, 96, 128]),
    ffn=st.integers(64, 65536),
    experts=st.integers(0, 256),
    gated=st.booleans(),
    tied=st.booleans(),
)
def test_columns_of_an_architecture_give_it_back(
    layers: int, kv_heads: int, group: int, head_dim: int, ffn: int, experts: int, gated: bool, tied: bool
) -> None:
    heads = kv_heads * group
    mixture = {"experts": experts, "topk": min(8, experts), "moe_ffn": 512, "moe_layers": layers - 1} if experts else {}
    made = Architecture(
        "zz", layers, heads * head_dim, heads, kv_heads, head_dim, ffn, 50_000, gated=gated, tied=tied, **mixture
    )
    assert architecture_of_row(cells(made)) == made


@given(st.sampled_from(list(models())), st.integers(1, 400))
def test_more_layers_never_mean_less_work(model_id: str, more: int) -> None:
    a = architecture(model_id)
    b = architecture_of_row({"model": model_id, "layers": str(a.layers + more), "ffn": str(a.ffn or 1)})
    assert b.parameters > a.parameters
    assert b.train_flop_per_token(4096) > a.train_flop_per_token(4096)


def test_a_file_of_ones_own_works_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TINY)
    assert architecture(str(path)).id == "mine"
    assert architecture_of_row({"model": str(path), "layers": "3"}).layers == 3


def test_refuse_unlike_parameters(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("parameters_b = 7\n" + TINY)
    with pytest.raises(CatalogError, match="mine: the sizes give 0.00 billion.*parameters_b says 7"):
        architecture(str(path))
    with pytest.raises(CatalogError, match="parameters_b says 7"):
        architecture_of_row({"model": str(path)})
    path.write_text("parameters_b = 7\nunlike = 'a joke'\n" + TINY)
    assert architecture(str(path)).layers == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"model": "my-gpt"},
            "'my-gpt' is not in the catalog, and the row lacks layers, hidden, heads, vocab, ffn or params_total_b",
        ),
        ({**MY_MIXTURE, "moe_layers": "20"}, "the row lacks ffn or params_total_b"),
        ({"model": "deepsek-v3"}, "Did you mean deepseek-v3"),
        ({}, "model 'unnamed' is not in the catalog"),
        ({**MY_GPT, "vocab": " "}, "the row lacks vocab"),
        ({**MY_MIXTURE, "topk": "0"}, "the row lacks topk"),
        ({**MY_GPT, "heads": "33"}, "the row lacks head_dim"),
    ],
)
def test_refuse_too_few_columns(row: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        architecture_of_row(row)


@pytest.mark.parametrize("cell", ["many", "-1", "1.5", "nan", "inf"])
def test_refuse_bad_cell(cell: str) -> None:
    with pytest.raises(UsageError, match=f"column layers: '{cell}' is not a number of 0 or more"):
        architecture_of_row({"model": "llama3-8b", "layers": cell})
    if cell != "1.5":
        with pytest.raises(UsageError, match="column params_total_b"):
            architecture_of_row({**MY_GPT, "params_total_b": cell})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**MY_GPT, "kv_heads": "5"}, "column kv_heads: 5 does not divide 32 heads"),
        ({"model": "llama3-8b", "hidden": "0"}, "column hidden: it is 0"),
        ({**MY_MIXTURE, "topk": "65"}, "more experts are chosen"),
        ({"model": "deepseek-v3", "layers": "4"}, "58 is more than 4 layers"),
        ({"model": "qwen3-30b-a3b", "moe_layers": "40"}, "need an inner width"),
    ],
)
def test_refuse_contradicting_columns(row: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        architecture_of_row(row)


def test_a_proxy_keeps_one_dense_layer() -> None:
    v3, oss, llama = architecture("deepseek-v3"), architecture("gpt-oss-20b"), architecture("llama3-8b")
    assert reduced(v3, 61) is v3
    assert (reduced(v3, 60).dense_layers, reduced(v3, 1).moe_layers) == (1, 0)
    assert reduced(oss, 4).moe_layers == 4
    assert (reduced(llama, 2).layers, reduced(llama, 2).moe_layers) == (2, 0)


@pytest.mark.parametrize("layers", [0, -1, 62])
def test_refuse_other_layers(layers: int) -> None:
    with pytest.raises(UsageError, match=f"{layers} is not between 1 and the 61 layers of deepseek-v3"):
        reduced(architecture("deepseek-v3"), layers)


def test_every_refusal_is_tested() -> None:
    here = Path(__file__).read_text("utf-8")
    own = {n for n, v in vars(module).items() if n.startswith("refuse_") and v.__module__ == module.__name__}
    assert {name for name in own if name not in here} == set()
