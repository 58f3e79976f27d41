"""`headgate map` as its user meets it."""

import json
import os
from pathlib import Path

import pytest

from headgate.cli.main import main
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.mapping.shipped import shipped_names, shipped_text

ERP = Path(__file__).resolve().parents[2] / "examples" / "erp"
HEADING = "Doc,Pos,Material,Ship date,Country,Qty\n"
ROWS = "1,10,nvidia-h100-sxm,01.06.2024,CN,8\n1,20,nvidia-h100-sxm,31.12.2024,XX,8\n1,30,nvidia-h100-sxm,soon,CN,8\n"
MAP = """
[join]
line_id = { of = ["Doc", "Pos"], with = "-" }
[columns]
Material = "item"
"Ship date" = "event_date"
Country = "destination"
[dates]
"Ship date" = "DD.MM.YYYY"
[constants]
activity = "export"
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "orders.csv").write_text(HEADING + ROWS, encoding="utf-8")
    (tmp_path / "map.toml").write_text(MAP + "\n", encoding="utf-8")
    return tmp_path


def test_suggest_writes_a_draft_whole_and_decide_refuses_it(files, capsys):
    target, orders = files / "draft.toml", str(files / "orders.csv")
    assert main(["map", "suggest", orders, "-o", str(target)]) == 0
    assert f"Draft: {target}" in capsys.readouterr().out
    assert sorted(p.name for p in files.iterdir()) == ["draft.toml", "map.toml", "orders.csv"]
    assert main(["decide", orders, "--map", str(target)]) == 2
    guesses = target.read_text(encoding="utf-8").count("# GUESS:")
    assert f"this map is a draft: {guesses} lines are marked GUESS" in capsys.readouterr().err
    assert main(["map", "check", str(target), orders]) == 2
    assert "column 'Doc' is not a column of a transaction, nor are 2 others" in capsys.readouterr().err


def test_suggest_prints_the_draft_or_its_lines(files, capsys):
    assert main(["map", "suggest", str(files / "orders.csv")]) == 0
    found = capsys.readouterr()
    assert "confirmed = false" in found.out
    assert "write confirmed = true" in found.err
    assert main(["map", "suggest", str(files / "orders.csv"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"table": "columns", "key": "Qty", "value": "quantity"}.items() <= {
        k: v for line in lines if line["key"] == "Qty" for k, v in line.items()
    }.items()
    assert {line["kind"] for line in lines} == {"guess", "choice", "legal"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["suggest", "orders.csv", "-o", "draft.csv"], "a map is a .toml file"),
        (["suggest", "orders.csv", "--sheet", "A"], "has no sheets"),
        (["suggest", "orders.csv", "--heading-row", "0"], "rows count from 1"),
        (["suggest", "none.csv"], "no such file"),
        (["check", "map.toml", "orders.csv", "--rows", "0"], "show at least one row"),
        (["check", "oracle-order", "orders.csv"], "Did you mean oracle-orders"),
        (["check", "oracle-orders", "orders.csv"], "the file has no heading 'Ordered Item'"),
        (["check", "map.toml", "orders.csv"], "'Qty' is not a column of a transaction"),
        (["show", "oracle"], "no map of that name comes with Headgate. Did you mean oracle-orders"),
    ],
)
def test_what_cannot_be_done_is_refused(files, capsys, arguments, says, monkeypatch):
    monkeypatch.chdir(files)
    assert main(["map", *arguments]) == 2
    assert says in capsys.readouterr().err
    assert sorted(os.listdir(files)) == ["map.toml", "orders.csv"]


def test_check_shows_what_becomes_what(files, capsys):
    (files / "map.toml").write_text('carry = ["Qty"]\n' + MAP, encoding="utf-8")
    assert main(["map", "check", str(files / "map.toml"), str(files / "orders.csv"), "--rows", "2"]) == 0
    found = capsys.readouterr().out
    assert "1 + 10 -> 1-10" in found
    assert "01.06.2024 -> 2024-06-01" in found
    assert "XX -> ! destination: 'XX' is no country" in found
    assert "Passed through: Qty." in found
    assert "ROWS THAT CANNOT BE READ (1)" in found
    assert "row 3: event_date: heading 'Ship date': 'soon' is not written as DD.MM.YYYY" in " ".join(found.split())
    assert main(["map", "check", str(files / "map.toml"), str(files / "orders.csv"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {
        "column": "line_id",
        "from": "Doc + Pos",
        "theirs": ["1 + 10", "1 + 20", "1 + 30"],
        "ours": ["1-10", "1-20", "1-30"],
    }
    assert lines[-1]["row"] == 3


def test_shipped_maps_are_listed_and_shown(capsys):
    assert main(["map", "list"]) == 0
    assert all(name in capsys.readouterr().out for name in shipped_names()[:1])
    assert main(["map", "list", "--json"]) == 0
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == list(shipped_names())
    assert main(["map", "show", "census-eei"]) == 0
    assert capsys.readouterr().out == shipped_text("census-eei")
    assert main(["map", "show", "census-eei", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["columns"]["Part Number"] == "item"


def test_decide_breaks_the_row_and_carries_the_original(files, capfd):
    (files / "map.toml").write_text('ignore = ["Qty"]\n' + MAP, encoding="utf-8")
    out = files / "out.jsonl"
    arguments = ["decide", str(files / "orders.csv"), "--map", str(files / "map.toml"), "-o", str(out)]
    assert main([*arguments, "--carry", "Ship date"]) == 10
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["Ship date"] for row in rows] == ["01.06.2024", "31.12.2024", "soon"]
    assert [row["line_id"] for row in rows] == ["1-10", "1-20", "1-30"]
    assert rows[2]["error"].startswith("event_date: heading 'Ship date': 'soon' is not written as DD.MM.YYYY")
    assert "states for every line: activity = export" in " ".join(capfd.readouterr().out.split())
    assert main([*arguments, "--carry-rest"]) == 10
    row = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert (row["Country"], row["destination"], row["Qty"]) == ("CN", "CN", "8")


def test_a_trial_takes_a_map_too(capsys):
    assert main(["law", "try", "gain-ai", str(ERP / "oracle-orders.csv"), "--map", "oracle-orders", "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out.splitlines()[0])
    assert verdict["lines_decided"] == 120


def test_what_is_carried_or_checked_is_decided_all_the_same(tmp_path, capsys):
    """A denied party stays denied, whatever else the map does with the heading that says so."""
    orders, mapped, out = tmp_path / "p.csv", tmp_path / "m.toml", tmp_path / "o.jsonl"
    facts = ("is_denied", "is_entity_listed", "hq_country", "tpp", "us_import")
    orders.write_text(
        f"line_id,activity,event_date,item,ship_from,destination,{','.join(facts)}\n"
        "L1,export,2024-06-01,nvidia-h20-96,US,DE,yes,yes,CN,6000,yes\n",
        encoding="utf-8",
    )
    found = []
    only = "".join(f'{h} = ["yes", "CN", "6000"]\n' for h in facts)
    for text in (
        'ignore = ["none"]',
        f"carry = {list(facts)}",
        f"[only]\n{only}",
        f"carry = {list(facts)}\n[only]\n{only}",
    ):
        mapped.write_text(text, encoding="utf-8")
        assert main(["decide", str(orders), "--map", str(mapped), "--assume", "clean", "-o", str(out)]) == 10
        row = json.loads(out.read_text(encoding="utf-8"))
        found.append({c: row[c] for c in DECISION_COLUMNS})
    assert found[0]["outcome"] == "prohibited"
    assert found == found[:1] * 4
    assert "carries, and nothing reads" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_a_file_of_decisions_is_decided_again_or_says_what_it_is(tmp_path, kind, capsys):
    out, again = tmp_path / f"out.{kind}", tmp_path / "again.jsonl"
    orders = str(ERP / "oracle-orders.csv")
    assert main(["decide", orders, "--map", "oracle-orders", "--carry-rest", "-o", str(out)]) == 10
    capsys.readouterr()
    # The map is not applied a second time: a workbook says what to do, and what it says works.
    assert main(["decide", str(out), "--map", "oracle-orders"]) == 2
    said = capsys.readouterr().err
    code = main(["decide", str(out), "--carry-rest", "-o", str(again)])
    if kind != "xlsx":
        assert "the file holds decisions of an earlier run" in said
        assert "Decide the order book that they were made from" in capsys.readouterr().err
        assert (code, again.exists()) == (2, False)
        return
    assert "decide the file without the map, with --carry-rest" in said
    assert code == 10
    plain = tmp_path / "plain.jsonl"
    main(["decide", orders, "--map", "oracle-orders", "-o", str(plain)])
    first, second = (
        [json.loads(r)["outcome"] for r in p.read_text(encoding="utf-8").splitlines()] for p in (plain, again)
    )
    assert first == second
