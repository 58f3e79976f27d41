"""`headgate machine compare`: the table, JSON, the picture, and refusals."""

import json

import pytest

from headgate.cli.main import main


def said(capsys, *arguments):
    assert main(["machine", "compare", *arguments]) == 0
    return capsys.readouterr().out


def line(text, label):
    return next(each for each in text.splitlines() if each.strip().startswith(label)).split()


def test_the_table_has_a_column_for_each_machine(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys, "h20", "h200", "vr200", "ascend-910c", "--on", "deepseek-v3")
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("DeepSeek-V3 on 2,048 chips each\n")
    assert line(text, "chips") == ["chips", "2,048", "2,048", "2,048", "2,048"]
    assert line(text, "ever measured") == ["ever", "measured", "no", "yes", "no", "no"]
    assert line(text, "precision")[-1] == "bf16"
    speeds = [float(x.replace(",", "")) for x in line(text, "tokens/s a chip")[3:]]
    assert speeds[0] < speeds[3] < speeds[1] < speeds[2]
    for words in ("TRAINING, SEQUENCES OF 4,096 TOKENS", "SERVING, 4,096 TOKENS IN, 1,024 OUT", "NOTES", "90 % band"):
        assert words in text
    assert "an extrapolation, the band is widened" in " ".join(text.split())


def test_many_machines_stand_in_blocks(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys, "a100", "h100", "h200", "b200", "h20", "--on", "llama3-8b", "--chips", "8")
    assert text.count("TRAINING") == 2
    assert max(map(len, text.splitlines())) <= 80
    assert "one chip" in text or "DP" in text


def test_json_has_one_object_a_machine_without_nan(capsys):
    rows = [json.loads(each) for each in said(capsys, "h20", "tpu-v5p-pod", "--on", "llama3-70b", "--chips", "64",
                                              "--json").splitlines()]  # fmt: skip
    assert [row["machine"] for row in rows] == ["hgx-h20-8", "tpu-v5p-pod"]
    assert rows[1]["usd_per_chip"] is None
    assert rows[1]["tokens_per_usd"] == {"median": None, "low": None, "high": None}
    assert rows[0]["training"]["layout"]["tensor"] >= 1
    assert sum(rows[0]["training"]["parts"].values()) == pytest.approx(1.0)
    assert rows[0]["serving"]["tpot_ms"]["median"] <= 50.05
    assert "NaN" not in json.dumps(rows)


def test_the_picture_is_written_beside_the_table(capsys, tmp_path):
    path = tmp_path / "machines.svg"
    text = said(capsys, "h20", "--on", "llama3-70b", "--chips", "64", "-o", str(path))
    assert text.endswith(f"The picture is in {path}.\n")
    assert path.read_text(encoding="utf-8").startswith("<svg")


def test_names_may_stand_behind_the_options(capsys):
    text = said(capsys, "h20", "--chips", "64", "--on", "llama3-70b", "h200")
    assert line(text, "chips") == ["chips", "64", "64"]


def test_what_cannot_be_run_is_said_once_and_the_rest_goes_on(capsys):
    text = said(capsys, "h20", "tpu-v5p-pod", "--on", "llama3-70b", "--usd", "1e6")
    assert text.count("price of tpu-v5p-pod is not known") == 1
    assert line(text, "chips") == ["chips", "40"]


def test_a_machine_that_serves_but_cannot_train_has_blanks(capsys):
    text = said(capsys, "h20", "--on", "deepseek-v3", "--chips", "16")
    assert "SERVING" in text
    assert "TRAINING" not in text
    assert "hgx-h20-8, training: deepseek-v3 does not fit" in " ".join(text.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["h20", "--chips", "8", "--usd", "5"], "not allowed with"),
        (["h20", "--chips", "-8"], "whole number"),
        (["h20", "--usd", "0"], "number over 0"),
        (["h20:fpp8"], "Did you mean fp8"),
        (["h20", "--precision", "zz"], "not a recipe"),
        (["h2oo"], "not in the catalog"),
        (["h20", "--on", "deepsek-v3"], "deepseek-v3"),
        (["h20", "-o", "x.gif"], "End the name in .svg"),
        ([], "MACHINE"),
    ],
)
def test_refusals_say_what_and_what_to_do(capsys, arguments, says):
    assert main(["machine", "compare", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_the_help_has_an_example_and_explains_every_option(capsys):
    assert main(["machine", "compare", "--help"]) == 0
    text = capsys.readouterr().out
    assert "headgate machine compare h20 h200 vr200 ascend-910c --on deepseek-v3" in text
    for option in ("--chips", "--usd", "--megawatts", "--precision", "--isl", "--tpot-limit", "--output", "--json"):
        assert option in text
