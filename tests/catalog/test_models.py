"""The catalog of models: every record complete and cited, found by every name, and every refusal."""

import tomllib
from pathlib import Path

import pytest

from headgate.catalog import model_sizes
from headgate.catalog import models as catalog_models
from headgate.catalog.chips import DATA
from headgate.catalog.model_sizes import NEEDED_SIZES, SIZES, contradictions
from headgate.catalog.models import find_model, model_sources, models, names_of, parse_model, read_models
from headgate.errors import CatalogError
from headgate.source import MARKS

WANTED = """
deepseek-r1 deepseek-v2 deepseek-v3 deepseek-v3.2 glm-4.5 glm-5 gpt-oss-120b gpt-oss-20b gpt3-175b grok1-314b kimi-k2
kimi-k2.5 llama1-65b llama2-13b llama2-70b llama2-7b llama3-70b llama3-8b llama3.1-405b llama4-maverick llama4-scout
mcore-gpt-1.7b mcore-gpt-119b mcore-gpt-16b mcore-gpt-314b mcore-gpt-462b mcore-gpt-70b megatron-gpt-1.7b
megatron-gpt-1008b megatron-gpt-145.6b megatron-gpt-18.4b megatron-gpt-22b megatron-gpt-3.6b megatron-gpt-310.1b
megatron-gpt-39.1b megatron-gpt-529.6b megatron-gpt-7.5b megatron-gpt-76.1b minimax-m2.5 mixtral-8x22b mixtral-8x7b
mpt-13b mpt-30b mpt-70b mpt-7b palm-540b pangu-ultra-135b pangu-ultra-moe qwen1.5-72b qwen3-0.6b qwen3-1.7b qwen3-14b
qwen3-235b-a22b qwen3-30b-a3b qwen3-32b qwen3-8b qwen3-coder-480b-a35b
""".split()

HEAD = """id = "x"
name = "Maker X"
maker = "Maker"
maker_country = "US"
sources = ["a.b"]
mark = "primary"
"""
SIZE = """[size]
layers = 2
hidden = 64
heads = 4
ffn = 256
vocab = 100
"""
MIXTURE = SIZE.replace("ffn = 256", "experts = 8\ntopk = 2\nmoe_ffn = 32")
LATENT = SIZE + 'attention = "mla"\nhead_dim = 24\nkv_rank = 16\nrope_dim = 8\n'


def write(folder: Path, name: str, text: str) -> Path:
    """Write a model `name` into a folder and return the folder."""
    (folder / f"{name}.toml").write_text(text.replace('"x"', f'"{name}"').replace("Maker X", f"Maker {name}"))
    return folder


def test_every_model_is_there() -> None:
    assert list(models()) == sorted(p.stem for p in (DATA / "models").glob("*.toml"))
    assert set(WANTED) <= set(models())


def test_every_record_has_its_sources_and_a_mark() -> None:
    known = model_sources()
    for model in models().values():
        assert model.sources, model.id
        assert set(model.sources) <= set(known), model.id
        assert model.mark in MARKS
        assert model.parameters_b or model.same_as, model.id
        kinds = [known[s].kind for s in model.sources]
        if model.mark == "primary":
            assert "maker" in kinds, model.id
        if model.mark == "two_sources":
            assert len(kinds) > 1, model.id


def test_every_source_is_used_and_has_an_address() -> None:
    used = {s for m in models().values() for s in m.sources}
    assert used == set(model_sources())
    assert all(s.url.startswith("https://") for s in model_sources().values() if s.id != "headgate.training_runs")


def test_shipped_records_state_what_may_be_left_out() -> None:
    for path in (DATA / "models").glob("*.toml"):
        size = tomllib.loads(path.read_text("utf-8")).get("size")
        assert size is None or {"kv_heads", "head_dim", "gated", "tied", "ffn"} <= set(size), path.stem


@pytest.mark.parametrize(
    ("model_id", "sizes"),
    [
        ("deepseek-v3", {"layers": 61, "hidden": 7168, "heads": 128, "experts": 256, "topk": 8, "moe_layers": 58}),
        ("deepseek-v3", {"q_rank": 1536, "kv_rank": 512, "rope_dim": 64, "head_dim": 192, "value_dim": 128}),
        ("deepseek-v3", {"shared_experts": 1, "group_limit": 4, "mtp_layers": 1}),
        ("deepseek-r1", {"layers": 61, "experts": 256}),
        ("deepseek-v3.2", {"sparse_topk": 2048}),
        ("kimi-k2", {"heads": 64, "experts": 384, "moe_layers": 60}),
        ("gpt-oss-120b", {"head_dim": 64, "window": 128, "window_share": 0.5, "topk": 4}),
        ("llama4-maverick", {"moe_layers": 24, "ffn": 16384, "moe_ffn": 8192, "shared_experts": 1}),
        ("pangu-ultra-135b", {"layers": 94, "hidden": 12288, "ffn": 28672, "kv_heads": 8, "vocab": 153376}),
        ("pangu-ultra-moe", {"layers": 61, "hidden": 7680, "experts": 256, "attention": "mla"}),
        ("palm-540b", {"kv_heads": 1, "head_dim": 256, "parallel_block": True, "tied": True}),
        ("gpt3-175b", {"gated": False, "tied": True}),
    ],
)
def test_sizes_are_those_of_the_published_configuration(model_id: str, sizes: dict[str, object]) -> None:
    assert {key: models()[model_id].size.get(key) for key in sizes} == sizes


def test_a_shared_record_has_the_sizes_of_the_other() -> None:
    assert models()["deepseek-r1"].size == models()["deepseek-v3"].size
    assert models()["kimi-k2.5"].native == "int4"


def test_every_name_and_alias_finds_its_model() -> None:
    for model in models().values():
        for name in (model.id, model.name, *model.aliases, model.name.upper().replace(" ", "_")):
            assert find_model(name) is model
    assert find_model("llama3.1-8b").id == "llama3-8b"
    assert find_model("deepseek-r1-v3").id == "deepseek-v3"
    assert find_model("grok 1").id == "grok1-314b"


def test_refuse_unknown_model_with_near_names() -> None:
    with pytest.raises(CatalogError, match="'deepsek-v3' is not in the catalog.*Did you mean deepseek-v3"):
        find_model("deepsek-v3")
    with pytest.raises(CatalogError, match="`headgate machine models` shows all.*path to its TOML"):
        find_model("zzzz")
    with pytest.raises(CatalogError, match="'' is not in the catalog"):
        find_model("")


def test_a_person_adds_a_model_by_a_file_with_sizes_alone(tmp_path: Path) -> None:
    write(tmp_path, "mine", SIZE)
    mine = find_model(str(tmp_path / "mine.toml"))
    assert (mine.id, mine.name, mine.mark, mine.sources) == ("mine", "mine", "unverified", ())
    assert mine.size["head_dim"] == 16
    assert mine.size["kv_heads"] == 4
    assert mine.size["gated"] is True


def test_experts_stand_in_every_layer_unless_a_dense_width_is_given() -> None:
    assert parse_model(MIXTURE, "x", own=True).size["moe_layers"] == 2
    both = MIXTURE + "ffn = 256\n"
    with pytest.raises(CatalogError, match="size: moe_layers: the key is missing"):
        parse_model(both, "x", own=True)
    assert parse_model(both + "moe_layers = 1\n", "x", own=True).size["moe_layers"] == 1


def test_refuse_unreadable_model(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="absent.toml' cannot be read: .*No such file"):
        find_model(str(tmp_path / "absent.toml"))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogError, match="cannot be read"):
        find_model(str(tmp_path / "binary.toml"))


def test_refuse_shared_name() -> None:
    first = parse_model(HEAD + SIZE, "x")
    second = parse_model(HEAD.replace('"x"', '"y"').replace("Maker X", "maker-x") + SIZE, "y")
    with pytest.raises(CatalogError, match=r"y.toml: aliases: 'maker-x' also names x"):
        names_of({"x": first, "y": second})


def test_refuse_dangling_model(tmp_path: Path) -> None:
    write(tmp_path, "x", HEAD + 'same_as = "yy"')
    with pytest.raises(CatalogError, match=r"x.toml: same_as: 'yy' is not a model with its own sizes"):
        read_models(tmp_path, None)
    write(tmp_path, "yy", HEAD + 'same_as = "x"')
    with pytest.raises(CatalogError, match="is not a model with its own sizes"):
        read_models(tmp_path, None)
    write(tmp_path, "yy", HEAD + SIZE)
    assert read_models(tmp_path, {"a.b"})["x"].size["layers"] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("id = ", "not valid TOML", id="refuse_bad_toml"),
        pytest.param(HEAD + "alias = []\n" + SIZE, "alias: model has no such key.*Did you mean aliases", id="key"),
        pytest.param(HEAD + SIZE + "layer = 3", "layer: size has no such key.*Did you mean layers", id="size_key"),
        pytest.param(HEAD + SIZE + "[unsure]\nhead = 'so'", "Did you mean heads", id="unsure_key"),
        pytest.param(SIZE, "model: id: the key is missing", id="no_head"),
        pytest.param(HEAD + SIZE.replace("vocab = 100", ""), "size: vocab: the key is missing", id="no_vocab"),
        pytest.param(HEAD.replace('"x"', '"y"') + SIZE, "not the name of the file", id="refuse_misnamed_file"),
        pytest.param(HEAD.replace("US", "USA") + SIZE, "the two capital letters", id="country"),
        pytest.param(HEAD.replace("primary", "primry") + SIZE, "Did you mean primary", id="mark"),
        pytest.param(HEAD.replace("a.b", "a.c") + SIZE, "source 'a.c' is not in sources.toml", id="source"),
        pytest.param(HEAD.replace('["a.b"]', "[]") + SIZE, "sources: from: the key is missing", id="no_source"),
        pytest.param(HEAD, "shares another's by same_as. Keep one", id="refuse_two_or_no_sizes"),
        pytest.param(HEAD + 'same_as = "y"\n' + SIZE, "shares another's by same_as", id="two_sizes"),
        pytest.param(HEAD + "released = '2024'\n" + SIZE, "'2024' is not a date", id="released"),
        pytest.param(HEAD + "parameters_b = 0\n" + SIZE, "0 would stand for unknown", id="parameters"),
        pytest.param(HEAD + "context = 1.5\n" + SIZE, "context.*1.5 is not a whole number", id="context"),
        pytest.param(
            HEAD + SIZE.replace("layers = 2", "layers = 0"), "layers: 0 is not a whole number of 1 or more", id="zero"
        ),
        pytest.param(HEAD + SIZE.replace("= 64", "= -1"), "-1 is not a whole number of 1", id="negative"),
        pytest.param(HEAD + SIZE.replace("= 256", "= 2.5"), "2.5 is not a whole number of 0", id="fraction"),
        pytest.param(HEAD + SIZE.replace("= 256", "= true"), "True is not a whole number", id="bool_as_number"),
        pytest.param(HEAD + SIZE + "gated = 1", "1 is not true or false", id="flag"),
        pytest.param(HEAD + SIZE + "attention = 'mha'", "'mha' is not one of gqa, mla", id="attention"),
        pytest.param(HEAD + SIZE + "window = 8\nwindow_share = 1.5", "a share from 0 to 1", id="share"),
        pytest.param(
            HEAD + SIZE.replace("heads = 4", "heads = 5"), "size: head_dim: the key is missing", id="head_dim"
        ),
        pytest.param(
            HEAD + LATENT.replace("head_dim = 24\n", ""), "size: head_dim: the key is miss", id="mla_head_dim"
        ),
        pytest.param(HEAD + SIZE + "kv_heads = 3", "kv_heads: 3 does not divide 4 heads", id="refuse_contradiction"),
        pytest.param(HEAD + SIZE + "kv_heads = 0", "kv_heads: it is 0", id="no_kv_heads"),
        pytest.param(HEAD + SIZE.replace("ffn = 256\n", ""), "need an inner width", id="no_width"),
        pytest.param(HEAD + SIZE + "topk = 2", "experts: moe_layers, experts, topk", id="half_a_mixture"),
        pytest.param(HEAD + MIXTURE.replace("topk = 2", "topk = 9"), "more experts are chosen", id="topk"),
        pytest.param(HEAD + MIXTURE + "moe_layers = 3", "3 is more than 2 layers", id="moe_layers"),
        pytest.param(HEAD + SIZE + "rope_dim = 8", "attention mla go together", id="half_latent"),
        pytest.param(HEAD + LATENT.replace("= 8", "= 24"), "rotated part is not smaller", id="rope_dim"),
        pytest.param(HEAD + SIZE + "window = 8", "a window and its share", id="half_a_window"),
    ],
)
def test_a_malformed_model_is_refused(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message) as caught:
        parse_model(text, "x", {"a.b"})
    assert str(caught.value).startswith("x.toml: ")


def test_a_good_small_model_is_read() -> None:
    assert parse_model(HEAD + LATENT + '[unsure]\nffn = "so"', "x", {"a.b"}).unsure == {"ffn": "so"}
    assert contradictions(parse_model(HEAD + MIXTURE, "x").size) == []


def test_the_needed_sizes_are_sizes() -> None:
    assert set(NEEDED_SIZES) < set(SIZES)
    assert len(set(SIZES)) == len(SIZES)


def test_every_refusal_is_tested() -> None:
    here = Path(__file__).read_text("utf-8")
    own = {
        name
        for module in (catalog_models, model_sizes)
        for name, value in vars(module).items()
        if name.startswith("refuse_") and value.__module__ == module.__name__
    }
    assert {name for name in own if name not in here} == set()
