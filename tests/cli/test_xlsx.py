"""Workbooks at the command line: the same answers as CSV, sheets named, questions asked and answered in workbooks."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
import python_calamine
import xlsxwriter

from headgate.cli.main import main
from headgate.decide.answers import ANSWERS
from headgate.decide.columns import COLUMNS
from headgate.decide.write_xlsx import write_table

ORDERS = Path(__file__).resolve().parents[2] / "examples" / "orders.csv"
LINE = {
    "line_id": "1",
    "activity": "export",
    "event_date": "2024-06-01",
    "item": "nvidia-h100-sxm",
    "ship_from": "US",
    "destination": "CN",
}


def workbook(path, *rows, name="Orders", sheets=()):
    """Write rows of dicts as a desk would keep them: numbers as numbers, days as days, the rest as texts."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})
    for each in (name, *sheets):
        sheet = book.add_worksheet(each)
        sheet.write_row(0, 0, list(rows[0]))
        for number, row in enumerate(rows, 1):
            for place, (column, value) in enumerate(row.items()):
                kind = COLUMNS[column].kind if column in COLUMNS else "text"
                if kind in ("number", "share") and value:
                    sheet.write_number(number, place, float(value))
                elif kind == "day" and value:
                    sheet.write_datetime(number, place, pl.Series([value]).str.to_date()[0])
                elif value:
                    sheet.write_string(number, place, value)
    book.close()
    return path


def decide(capfdbinary, *arguments):
    """Run `decide`; return exit code, rows and what was said."""
    code = main(["decide", *map(str, arguments)])
    out, err = capfdbinary.readouterr()
    return code, list(csv.DictReader(io.StringIO(out.decode()))), err.decode()


def test_the_example_is_decided_alike_as_workbook_and_as_csv(tmp_path, capfdbinary):
    rows = list(csv.DictReader(io.StringIO(ORDERS.read_text(encoding="utf-8"))))
    path = workbook(tmp_path / "orders.xlsx", *rows)
    plain = decide(capfdbinary, ORDERS, "--carry-rest")
    assert decide(capfdbinary, path, "--carry-rest") == plain
    assert plain[0] == 10


def test_a_sheet_is_named_or_asked_back(tmp_path, capfdbinary):
    path = workbook(tmp_path / "a.xlsx", LINE, sheets=("Closed",))
    code, _, said = decide(capfdbinary, path)
    assert code == 2
    assert "'Orders' (2 rows), 'Closed' (2 rows). Say which with --sheet NAME" in said
    assert decide(capfdbinary, path, "--sheet", "Closed")[1][0]["outcome"] == "license_required"


def test_a_file_without_sheets_takes_no_sheet(tmp_path, capfdbinary):
    assert decide(capfdbinary, ORDERS, "--sheet", "Orders")[0] == 2


def test_notes_of_reading_stand_atop_the_summary(tmp_path, capfdbinary):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, list(LINE))
    sheet.write_row(1, 0, list({**LINE, "event_date": 45444}.values()))
    sheet.set_row(1, None, None, {"hidden": True})
    book.close()
    code, rows, said = decide(capfdbinary, path)
    assert (code, rows[0]["outcome"]) == (10, "license_required")
    assert "! 1 hidden row was decided too" in said
    assert "! event_date of 1 row held day numbers, read as days (45444 = 2024-06-01)" in said


def test_questions_and_answers_go_through_workbooks(tmp_path, capfdbinary):
    orders = workbook(tmp_path / "orders.xlsx", LINE, {**LINE, "line_id": "0012", "destination": "MY"})
    asked, blank = tmp_path / "questions.xlsx", tmp_path / "answers.xlsx"
    decide(capfdbinary, orders, "--questions", asked, "--answers-template", blank)
    head, *rows = python_calamine.load_workbook(asked).get_sheet_by_name("Questions").to_python()
    assert {row[0] for row in rows} == {"1", "0012"}
    plain = tmp_path / "questions.csv"
    decide(capfdbinary, orders, "--questions", plain)
    told = list(csv.reader(io.StringIO(plain.read_text(encoding="utf-8"))))
    assert [head, *rows] == told
    table = python_calamine.load_workbook(blank).get_sheet_by_name("Answers").to_python()
    columns, frame = table[0], {name: [row[n] or None for row in table[1:]] for n, name in enumerate(table[0])}
    assert columns[0] == "line_id"
    asked = [name for name in columns[1:] if ANSWERS[name].kind == "yesno"]
    frame |= {name: ["yes", None] for name in asked}
    answers = pl.DataFrame(frame, schema=dict.fromkeys(frame, pl.String))
    write_table(blank, "Answers", answers)
    answers.write_csv(tmp_path / "answers.csv")
    given = decide(capfdbinary, orders, "--answers", blank)
    assert given == decide(capfdbinary, orders, "--answers", tmp_path / "answers.csv")
    assert given[1][0]["diligence"] == "block"
    assert given[1][1]["diligence"] == ""


def test_answers_in_several_sheets_are_refused_in_words_that_fit(tmp_path, capfdbinary):
    answers = workbook(tmp_path / "answers.xlsx", {"line_id": "1"}, sheets=("More",))
    _, _, said = decide(capfdbinary, ORDERS, "--answers", answers)
    assert "Leave cells in one only" in said
    assert "--sheet" not in said


def test_own_parts_come_from_a_workbook(tmp_path, capfdbinary):
    orders = workbook(tmp_path / "orders.xlsx", {**LINE, "item": "X-1"})
    parts = workbook(tmp_path / "parts.xlsx", {"item": "X-1", "item_kind": "ic", "tpp": "5000", "is_datacenter": "yes"})
    _, rows, _ = decide(capfdbinary, orders, "--items", parts)
    assert rows[0]["eccn_paragraph"] == "3A090.a.1"


def test_a_workbook_is_decided_from_and_to_itself_only_under_another_name(tmp_path, capfdbinary):
    path = workbook(tmp_path / "orders.xlsx", LINE)
    before = path.read_bytes()
    code, _, said = decide(capfdbinary, path, "-o", path)
    assert (code, path.read_bytes()) == (2, before)
    assert "the order book itself" in said


@pytest.mark.parametrize("ending", [".xlsm", ".xls", ".xlsb", ".ods"])
def test_other_workbooks_are_refused_by_their_ending(ending, tmp_path, capfdbinary):
    path = tmp_path / f"orders{ending}"
    path.write_bytes(b"PK")
    code, _, said = decide(capfdbinary, path)
    assert code == 2
    assert ".xlsx" in said


def test_json_lines_are_the_same_from_a_workbook(tmp_path, capfdbinary):
    path, plain = workbook(tmp_path / "a.xlsx", LINE), tmp_path / "a.csv"
    plain.write_text(",".join(LINE) + "\n" + ",".join(LINE.values()) + "\n")
    said = []
    for each in (path, plain):
        main(["decide", str(each), "--json"])
        said.append(json.loads(capfdbinary.readouterr().out))
    assert said[0] == said[1]
