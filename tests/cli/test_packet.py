"""`headgate decide --packet` as its user meets it."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from headgate.cli.main import main

ORDERS = Path(__file__).resolve().parents[2] / "examples" / "orders.csv"
HEADING = "line_id,activity,event_date,item,ship_from,destination"
BOOK = f"{HEADING}\n1,export,2024-06-01,nvidia-h100-sxm,US,CN\n2,export,2024-06-01,nvidia-h20-96,US,GB\n"


@pytest.fixture
def decide(tmp_path, capfd):
    def run(*options, content=BOOK):
        path = tmp_path / "orders.csv"
        path.write_text(content)
        code = main(["decide", str(path), "--assume", "clean", *map(str, options)])
        return code, *capfd.readouterr()

    return run


def test_packets_stand_beside_the_decisions_and_change_nothing_else(decide, tmp_path):
    plain, said, _ = decide("-o", tmp_path / "a.csv")
    code, told, _ = decide("-o", tmp_path / "b.csv", "--packet", tmp_path / "p")
    assert code == plain == 10
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert told.replace("b.csv", "a.csv").startswith(said)
    assert told.splitlines()[-1] == f"Packets: {tmp_path / 'p' / 'index.html'} (1 line to hold)"
    assert {p.name for p in (tmp_path / "p").iterdir()} == {"1", "index.csv", "index.html"}


def test_without_a_file_of_decisions_they_stand_on_the_standard_output_alone(decide, tmp_path):
    _, out, err = decide("--packet", tmp_path / "p")
    assert out.startswith("line_id,")
    assert "Packets" not in out
    assert "Packets: " in err


def test_a_mixed_book_has_a_packet_for_each_line_of_its_hold_list(tmp_path, capfd):
    heading, *lines = ORDERS.read_text(encoding="utf-8").splitlines()
    (tmp_path / "orders.csv").write_text("\n".join((heading, *lines[::5])) + "\n", encoding="utf-8")
    main(["decide", str(tmp_path / "orders.csv"), "-o", str(tmp_path / "d.csv"), "--packet", str(tmp_path / "p")])
    said = capfd.readouterr().out
    with (tmp_path / "p" / "index.csv").open(encoding="utf-8", newline="") as file:
        held = list(csv.DictReader(file))
    with (tmp_path / "d.csv").open(encoding="utf-8", newline="") as file:
        decided = {row["row_number"]: row for row in csv.DictReader(file)}
    by_outcome = Counter(row["outcome"] for row in held)
    papers, flagged = by_outcome["exception_available"], by_outcome["no_license_required"]
    assert f"Hold ({len(held) - papers - flagged})" in said
    assert f"({len(held) - papers - flagged} lines to hold" in said.splitlines()[-1]
    assert len(by_outcome) > 3
    let_go = {number: row for number, row in decided.items() if number not in {h["row_number"] for h in held}}
    assert {row["outcome"] for row in let_go.values()} == {"no_license_required"}
    assert not {row["diligence"] for row in let_go.values()} & {"block", "hold"}
    for row in held:
        for name in ("outcome", "outcome_printed", "eccn_paragraph", "review_policy", "exceptions", "missing"):
            assert row[name] == decided[row["row_number"]][name]


def test_a_folder_that_holds_something_is_refused_before_anything_is_decided(decide, tmp_path):
    decide("-o", tmp_path / "a.csv", "--packet", tmp_path / "p")
    code, _, err = decide("-o", tmp_path / "b.csv", "--packet", tmp_path / "p")
    assert code == 2
    assert "the folder is not empty" in err
    assert "two runs are never mixed" in err
    assert not (tmp_path / "b.csv").exists()


@pytest.mark.parametrize("option", ["-o", "--questions", "--answers-template"])
def test_another_file_inside_the_folder_is_refused(decide, tmp_path, option):
    (tmp_path / "p").mkdir()
    code, _, err = decide(option, tmp_path / "p" / "x.csv", "--packet", tmp_path / "p")
    assert code == 2
    assert f"{option} {tmp_path / 'p' / 'x.csv'}: this is in the folder of --packet" in err


def test_a_pdf_without_packets_is_refused(decide):
    code, _, err = decide("--packet-pdf")
    assert code == 2
    assert "--packet-pdf needs --packet DIR" in err


def test_a_pdf_without_its_package_names_the_extra(decide, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    code, _, err = decide("--packet", tmp_path / "p", "--packet-pdf")
    assert code == 2
    assert "headgate[pdf]" in err
    assert not (tmp_path / "p").exists()


def test_a_book_that_cannot_be_read_leaves_no_folder(decide, tmp_path):
    code, _, err = decide("--packet", tmp_path / "p", content="line_id,what\n1,2\n")
    assert code == 2
    assert "what" in err
    assert {p.name for p in tmp_path.iterdir()} == {"orders.csv"}


def test_a_scenario_is_said_on_every_page(decide, tmp_path):
    decide("-o", tmp_path / "a.csv", "--packet", tmp_path / "p", "--as-of", "2024-03-01")
    for name in ("index.html", "1/memo.html"):
        assert "under the law of 2024-03-01" in (tmp_path / "p" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["index.html", "1/memo.html", "1/documents.html", "1/documents.md"])
def test_the_law_that_was_asked_for_is_said_on_every_page_and_in_the_record(decide, tmp_path, name):
    decide("-o", tmp_path / "a.csv", "--packet", tmp_path / "p", "--as-known", "2024-03-01")
    said = (tmp_path / "p" / name).read_text(encoding="utf-8").replace("&#x27;", "'")
    assert "Only what the book knew on 2024-03-01 is used." in said
    assert "Words and citations are today's; only which provisions count is that of 2024-03-01." in said
    law = json.loads((tmp_path / "p" / "1" / "decision.json").read_text(encoding="utf-8"))["law"]
    assert (law["as_known"], law["as_of"]) == ("2024-03-01", None)


def test_a_scenario_leaves_no_questions_to_a_customer(decide, tmp_path):
    decide("-o", tmp_path / "a.csv", "--packet", tmp_path / "p", "--scenario", "diffusion-enforced")
    assert not list((tmp_path / "p").rglob("questions.*"))
    assert "not the law" in (tmp_path / "p" / "1" / "documents.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["-o", "--questions", "--answers-template"])
def test_a_file_without_a_name_is_refused(decide, option):
    code, _, err = decide(option, "")
    assert code == 2
    assert f"{option}: no name is given" in err


def test_free_lines_that_owe_a_paper_are_counted_in_the_last_line(decide, tmp_path):
    book = f"{HEADING},is_unverified\n1,export,2026-09-01,nvidia-h100-sxm,US,DE,yes\n"
    _, said, _ = decide("-o", tmp_path / "a.csv", "--packet", tmp_path / "p", content=book)
    assert said.splitlines()[-1].endswith("(0 lines to hold, 1 held for a paper alone)")
    assert (tmp_path / "p" / "1" / "documents.html").is_file()
    assert "The printed law answers 1 line differently" in said
