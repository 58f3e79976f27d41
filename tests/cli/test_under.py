"""The options that change the law, at both doors: two clocks, rules of one's own, scenarios, and what is overdue."""

import csv
import io
import json
import re

import pytest

from headgate.cli.main import main

LINES = """line_id,item,activity,ship_from,destination,event_date
1,nvidia-h20-96,export,US,CN,2025-08-01
2,nvidia-a800-sxm4-80,export,US,CN,2023-06-01
3,nvidia-h100-sxm,export,US,DE,2025-08-01
"""
OWN = """
[[provision]]
id = "own.policy"
stage = "require"
says = "We ship nothing to Germany without asking the desk."
when = 'holds("us.ear.734.movement") & field("act.destination").one_of("DE")'
start = 2024-01-01
mark = "primary"
section = "export policy"
"""


@pytest.fixture
def orders(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADGATE_TODAY", "2026-11-22")
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "orders.csv"
    path.write_text(LINES, encoding="utf-8")
    return str(path)


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "policy.toml").write_text(OWN, encoding="utf-8")
    return str(folder)


def decided(capsys, *arguments):
    code = main(["decide", *arguments, "--assume", "clean"])
    said = capsys.readouterr()
    return code, list(csv.DictReader(io.StringIO(said.out))), said.err


def outcomes(rows):
    return [row["outcome"] for row in rows]


def test_plain(orders, capsys):
    code, rows, said = decided(capsys, orders)
    assert (code, outcomes(rows)) == (10, ["license_required", "no_license_required", "no_license_required"])
    assert "scenario" not in said


def test_as_of(orders, capsys):
    _, rows, said = decided(capsys, orders, "--as-of", "2023-12-01")
    assert outcomes(rows) == ["no_license_required", "license_required", "no_license_required"]
    assert "! Every line is decided under the law of 2023-12-01" in said


def test_as_known(orders, capsys):
    _, rows, said = decided(capsys, orders, "--as-known", "2025-04-01")
    # Nobody had announced yet that the Diffusion Rule would not be enforced from 2025-05-15 on.
    assert outcomes(rows) == ["no_license_required", "no_license_required", "license_required"]
    assert "designer_status" in rows[2]["missing"]
    assert "! Only what the book knew on 2025-04-01 is used." in said
    assert "law_not_read_after_2025-04-01" in rows[0]["flags"]


def test_overlay(orders, own, capsys):
    _, rows, said = decided(capsys, orders, "--overlay", own)
    assert outcomes(rows)[2] == "license_required"
    assert "own.policy" in rows[2]["reasons"]
    assert "+own." in rows[0]["law_version"]
    assert "they are yours" in re.sub(r"\s+", " ", said)
    assert main(["law", "list", "--json"]) == 0
    assert '"own.' not in capsys.readouterr().out


def test_scenario_and_parameter(orders, capsys):
    _, rows, said = decided(capsys, orders, "--scenario", "h20-letters-lifted")
    assert outcomes(rows) == ["no_license_required"] * 3
    assert "! Under the scenario h20-letters-lifted: this is not the law." in said
    assert rows[0]["law_version"].endswith("+h20-letters-lifted")
    later = ["--scenario", "h20-letters-lifted", "--param", "lifted=2025-09-01"]
    _, rows, _ = decided(capsys, orders, *later)
    assert outcomes(rows)[0] == "license_required"


def test_explain_takes_the_same_options(own, capsys, monkeypatch):
    monkeypatch.setenv("HEADGATE_TODAY", "2026-11-22")
    line = ["explain", "--item", "nvidia-h100-sxm", "--from", "US", "--to", "DE", "--on", "2025-08-01"]
    assert main([*line, "--assume", "clean"]) == 0
    assert main([*line, "--assume", "clean", "--scenario", "diffusion-enforced"]) in (10, 11)
    assert main([*line, "--assume", "clean", "--overlay", own]) == 10
    said = capsys.readouterr().out
    assert "this is not the law" in said
    assert "own.policy" in said
    assert main([*line, "--assume", "clean", "--as-of", "2024-01-01", "--as-known", "2024-01-01"]) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--as-of", "2022-01-01"], "the book begins on 2022-08-26"),
        (["--as-known", "yesterday"], "--as-known"),
        (["--as-of", "2024-02-30"], "--as-of"),
        (["--scenario", "gain-a"], "Did you mean gain-ai"),
        (["--param", "x=1"], "name one with --scenario"),
        (["--scenario", "gain-ai", "--param", "enactd=2026-01-01"], "Did you mean enacted"),
        (["--scenario", "gain-ai", "--param", "enacted=soon"], "a day"),
        (["--overlay", "no-such-folder"], "no such folder"),
    ],
)
def test_refusals(orders, capsys, options, said):
    assert main(["decide", orders, *options]) == 2
    assert said in capsys.readouterr().err


def test_what_is_overdue_is_said_at_the_top_of_every_run(orders, capsys, monkeypatch):
    _, _, said = decided(capsys, orders)
    assert "us.ear.744_11.affiliates: review overdue since 2026-11-10" in re.sub(r"\s+", " ", said)
    monkeypatch.setenv("HEADGATE_TODAY", "2026-11-09")
    _, _, said = decided(capsys, orders)
    assert "overdue" not in said


def test_strict_exits_3_where_unverified_law_touched_a_line(orders, capsys, tmp_path):
    assert decided(capsys, orders, "--strict")[0] == 10
    path = tmp_path / "late.csv"
    path.write_text(LINES.replace("2025-08-01", "2026-11-20"), encoding="utf-8")
    assert decided(capsys, str(path), "--strict")[0] == 3


def test_try_lists_and_tries(orders, capsys):
    assert main(["law", "try"]) == 0
    assert "gain-ai" in capsys.readouterr().out
    assert main(["law", "try", "h20-letters-lifted", orders, "--assume", "clean"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Under h20-letters-lifted the answer moves for")
    assert "ORDER LINES (1 OF 3 MOVE)" in said
    assert "no longer us.letter.2025_04_09" in said
    assert [line for line in said.splitlines() if len(line) > 80 and "://" not in line] == []


def test_the_order_book_may_stand_behind_the_options(orders, capsys):
    assert main(["law", "try", "gain-ai", "--param", "enacted=2025-01-01", orders, "--assume", "clean"]) == 0
    assert "OF 3 MOVE" in capsys.readouterr().out
    assert main(["law", "try", "gain-ai", orders, orders]) == 2
    assert main(["law", "try", "gain-ai", "--no-such-option"]) == 2
    assert main(["decide", orders, "another.csv"]) == 2


def test_try_as_json(orders, capsys):
    assert main(["law", "try", "h20-letters-lifted", orders, "--assume", "clean", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (found[0]["kind"], found[0]["moved"], found[0]["lines_moved"]) == ("trial", True, 1)
    assert [r["line_id"] for r in found if r["kind"] == "line"] == ["1"]


def test_try_says_first_when_nothing_moved(tmp_path, capsys):
    path = tmp_path / "same.toml"
    path.write_text(
        'id = "same"\ntitle = "Same"\nsays = "Nothing."\nstatus = "none"\nevidence = "primary"\nfrom = 2025-06-01\n'
        '[[source]]\ntitle = "us"\n[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = 4800\n',
        encoding="utf-8",
    )
    assert main(["law", "try", str(path)]) == 0
    told = capsys.readouterr().out.replace("\n", " ")
    assert told.startswith("Nothing moved: no chip and no line has another answer under same.")
    assert "The book is the same." in told


def test_try_refuses_a_typo_in_the_order_book(tmp_path, capsys):
    path = tmp_path / "orders.csv"
    path.write_text(LINES.replace("destination", "destnation"), encoding="utf-8")
    assert main(["law", "try", "gain-ai", str(path)]) == 2
    assert "Did you mean destination" in capsys.readouterr().err
