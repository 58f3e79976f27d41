"""The same 120 lines through every door give the same decisions: four kinds of file, four extracts of other systems."""

import importlib.util
import json
from pathlib import Path

import polars as pl
import pytest

from headgate.cli.main import main
from headgate.decide.book_run import decide_file
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.mapping.map_file import read_map
from headgate.decide.one import decider
from headgate.decide.write import Writer

ROOT = Path(__file__).resolve().parents[2]
ERP = ROOT / "examples" / "erp"
DOORS = {
    "book.jsonl": None,
    "book.parquet": None,
    "book.xlsx": None,
    "sap-german.csv": "sap-german",
    "sap-fields.xlsx": "sap-fields",
    "oracle-orders.csv": "oracle-orders",
    "census-eei.csv": "census-eei",
}


def decided(name, folder, mapped=None):
    """Return the decisions of a file."""
    out = folder / f"{name}.jsonl"
    with Writer(out, None) as writer:
        decide_file(ERP / name, writer, layout=read_map(mapped))
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return [{c: row[c] for c in DECISION_COLUMNS} for row in rows]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return decided("book.csv", tmp_path_factory.mktemp("doors"))


def test_the_book_has_something_of_everything(book):
    assert len(book) == 120
    assert {"prohibited", "license_required", "no_license_required", "insufficient_facts", "invalid_row"} <= {
        row["outcome"] for row in book
    }


@pytest.mark.parametrize(("name", "mapped"), DOORS.items(), ids=DOORS)
def test_every_door_gives_the_same_decisions(name, mapped, book, tmp_path):
    assert decided(name, tmp_path, mapped) == book


def test_one_by_one_gives_the_same_decisions(book):
    by = decider()
    rows = pl.read_csv(ERP / "book.csv", infer_schema=False).to_dicts()
    assert len(rows) == len(book)
    for n, row in enumerate(rows):
        one = json.loads(by.decide(row, None, None).to_json())
        assert {c: one[c] for c in DECISION_COLUMNS if c != "row_number"} == {
            c: v for c, v in book[n].items() if c != "row_number"
        }


def test_the_samples_are_what_their_script_writes():
    spec = importlib.util.spec_from_file_location("erp_samples", ROOT / "scripts" / "erp_samples.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = script.files()
    assert sorted(made) == sorted(p.name for p in ERP.iterdir())
    texts = [name for name in made if name.endswith((".csv", ".jsonl"))]
    assert [name for name in texts if (ERP / name).read_bytes() != made[name]] == []
    assert script.files() == made


def test_the_command_line_takes_a_shipped_map(tmp_path, capsys):
    out = tmp_path / "out.csv"
    code = main(
        ["decide", str(ERP / "census-eei.csv"), "--map", "census-eei", "-o", str(out), "--carry", "Part Number"]
    )
    said = capsys.readouterr().out
    assert code == 10
    assert "The map census-eei leaves out: Unit of Measure." in " ".join(said.split())
    found = pl.read_csv(out, infer_schema=False)
    assert found.columns[len(DECISION_COLUMNS) :] == ["Schedule B Number", "Value", "Part Number"]
    assert found["Part Number"][0] == "nvidia-a100-sxm4-80"
