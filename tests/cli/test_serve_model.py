"""`headgate serve-model`: what it prints and what it refuses."""

import json

import pytest

from headgate.cli.main import main
from headgate.errors import HeadgateError
from headgate.predict.hardware import machine
from headgate.predict.models import architecture
from headgate.predict.serving.by_name import serve_model, serving_recipe

JOB = ["--model", "llama3-70b", "--machine", "h100", "--chips", "16", "--isl", "4096", "--osl", "512"]


@pytest.fixture(autouse=True)
def _narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def said(capsys, *arguments):
    assert main(["serve-model", *JOB, *arguments]) == 0
    return capsys.readouterr().out


def flat(text):
    return " ".join(text.split())


def test_the_job_of_the_articles(capsys) -> None:
    asked = ["--model", "deepseek-r1", "--machine", "cloudmatrix-384", "--chips", "384", "--tpot-limit", "50"]
    text = said(capsys, *asked)
    words = flat(text)
    for phrase in (
        "deepseek-r1 on 384 x huawei-ascend-910c",
        "prompts of 4,096 tokens, answers of 512, int8",
        "precision is int8, the narrow recipe most often measured",
        "the busiest expert chip has",
        "calibration: headgate/data/fit/serving.toml",
        "requests run at once",
    ):
        assert phrase in words
    assert max(map(len, text.splitlines())) <= 80


def test_a_limit_is_kept_and_costs_rate(capsys) -> None:
    free, tight = (json.loads(said(capsys, "--json", *extra)) for extra in ((), ("--tpot-limit", "30")))
    assert tight["tpot_ms"]["median"] <= 30.0 * 1.001
    assert tight["tokens_per_s_per_chip"]["median"] < free["tokens_per_s_per_chip"]["median"]
    assert tight["tokens_per_s_per_chip"]["low"] < tight["tokens_per_s_per_chip"]["high"]


def test_the_parts_of_a_token_add_up(capsys) -> None:
    made = json.loads(said(capsys, "--json"))
    assert sum(made["step_ms"].values()) == pytest.approx(made["tpot_ms"]["median"], rel=1e-3)
    assert set(made["step_ms"]) == {"compute", "memory", "communication", "floor", "prompts"}


def test_prompts_may_be_read_apart(capsys) -> None:
    words = flat(said(capsys, "--disaggregated", "--draft", "1", "--engine", "vllm"))
    assert "for answers, each over" in words
    assert "for prompts, each over" in words
    assert "drafts of 1 a step" in words
    assert "the software is not named" not in words


def test_what_is_unknown_is_no_number(capsys) -> None:
    text = said(capsys, "--machine", "h800")
    assert next(line for line in text.splitlines() if line.startswith("USD a million")).split()[-1] == "unknown"


@pytest.mark.parametrize(
    ("model", "name", "expected"),
    [
        ("deepseek-v3", "h200", "fp8-block"),
        ("deepseek-v3", "ascend-910c", "int8"),
        ("deepseek-v3", "a100", "bf16"),
        ("gpt-oss-120b", "h100", "mxfp4"),
    ],
)
def test_a_model_is_served_as_published_where_the_chip_can(model, name, expected) -> None:
    assert serving_recipe(model, machine(name), architecture(model))[0] == expected


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (["--chips", "1", "--precision", "bf16"], "chips would do"),
        (["--tpot-limit", "0.1"], "0.1 ms"),
        (["--precision", "fp8", "--machine", "ascend-910c"], "Comparable is int8"),
        (["--precision", "nvfp4-best-case"], "best case of Rubin alone"),
        (["--isl", "0"], "'0' is not a number over 0"),
        (["--chips", "0"], "no whole number"),
        (["--draft", "-1"], "draft tokens are -1"),
        (["--acceptance", "1.5"], "acceptance is 1.5"),
        (["--imbalance", "0.5"], "imbalance is 0.5"),
        (["--engine", "vlm"], "Did you mean vllm"),
        (["--model", "nothing"], "nothing"),
    ],
)
def test_refusals(capsys, changed, says) -> None:
    assert main(["serve-model", *JOB, *changed]) == 2
    assert says in capsys.readouterr().err


def test_a_count_that_is_not_whole_is_refused() -> None:
    with pytest.raises(HeadgateError, match="chips is 8.5"):
        serve_model("llama3-70b", "h100", 8.5, 1024, 128)  # type: ignore[arg-type]
