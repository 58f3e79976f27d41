"""Red flags at the command line: `decide --answers`, its questionnaire and template, `explain --answer`, `flags`."""

import csv
import io
import json

import polars as pl
import pytest

from headgate.cli.main import main
from headgate.law.flag_records import flag_records
from headgate.law.us import book

HEADING = "line_id,activity,event_date,item,ship_from,destination,hq_country,ultimate_parent_hq_country"
LINES = (
    "L-1,export,2026-06-01,nvidia-h100-sxm,US,SG,CN,CN",
    "L-2,export,2026-06-01,nvidia-h100-sxm,US,MY,,",
    "=L3,export,2026-06-01,nvidia-h100-sxm,US,JP,,",
    "L-4,export,2026-06-01,nvidia-rtx-3090,US,DE,,",
)
EXPLAIN = ["explain", "--item", "nvidia-l4", "--from", "US", "--to", "MY", "--on", "2026-06-01", "--assume", "clean"]


@pytest.fixture
def decide(tmp_path, capfd, monkeypatch):
    """Decide four lines with some answers; return exit code, decisions by line and what was said."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(answers="", *options, name="answers.csv"):
        (tmp_path / "orders.csv").write_text("\n".join((HEADING, *LINES)) + "\n", "utf-8")
        (tmp_path / name).write_text(answers, "utf-8")
        told = ["--answers", str(tmp_path / name)] if answers else []
        code = main(["decide", str(tmp_path / "orders.csv"), "--assume", "clean", *told, *options])
        out, err = capfd.readouterr()
        rows = [] if "--json" in options else csv.DictReader(io.StringIO(out))
        return code, {r["line_id"]: r for r in rows}, err

    return run


def flat(text):
    return " ".join(text.split())


def test_answers_raise_flags_and_the_summary_names_the_lines(decide):
    code, found, said = decide("line_id,payment_country,consignee_role\nL-2,Hong Kong,\n'=L3,,forwarder\n")
    assert code == 10
    assert "ENF-04" in found["L-2"]["flags"].split(";")
    assert [found[id]["diligence"] for id in ("L-1", "L-2", "'=L3", "L-4")] == ["block", "block", "block", ""]
    assert "Red flags (3 lines; no outcome turns on them)" in said
    assert "3 block L-1 (ADV-06, HQ-01); L-2 (ENF-04); =L3 (KYC-09)" in flat(said)
    assert list(found["L-1"])[-3:] == ["diligence", "law_version", "data_version"]


def test_jsonl_and_parquet_answers(decide, tmp_path):
    line = json.dumps({"line_id": "L-2", "payment_country": "CN", "transit_countries": ["JP", "CN"]})
    assert decide(line + "\n", name="a.jsonl")[1]["L-2"]["diligence"] == "block"
    pl.DataFrame({"line_id": ["L-2"], "unusual_urgency": [True]}).write_parquet(tmp_path / "a.parquet")
    assert decide("", "--answers", str(tmp_path / "a.parquet"))[1]["L-2"]["diligence"] == "hold"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("L-9,CN", "1 row of answers is about no line of the book and changed nothing: row 1: line_id 'L-9' matches"),
        (",CN", "row 1: line_id is blank"),
        ("L-2,CN,x", "row 1: the row has 3 cells and the heading 2"),
    ],
)
def test_an_answer_about_no_line_is_reported_and_counts(decide, row, says):
    code, _, said = decide(f"line_id,payment_country\n{row}\n")
    assert says in flat(said)
    assert code == 10
    code, _, said = decide(f"line_id,payment_country\n{row}\n", "--json")
    assert says in flat(said)


def test_an_answer_about_no_line_is_a_concern_of_its_own(tmp_path, capsys):
    (tmp_path / "o.csv").write_text(f"{HEADING}\n{LINES[3]}\n", "utf-8")
    (tmp_path / "a.csv").write_text("line_id,payment_country\nL-9,CN\n", "utf-8")
    free = ["decide", str(tmp_path / "o.csv"), "--assume", "clean"]
    assert main(free) == 0
    assert main([*free, "--answers", str(tmp_path / "a.csv")]) == 20
    capsys.readouterr()


def test_unreadable_and_double_answers_make_their_lines_unreadable(decide):
    code, found, _ = decide("line_id,payment_country\nL-2,Chnia\nL-4,CN\nL-4,DE\n")
    assert code == 10
    assert "the answer payment_country: 'Chnia'" in found["L-2"]["error"]
    assert "stands in rows 2 and 3" in found["L-4"]["error"]


@pytest.mark.parametrize(
    ("answers", "options", "says"),
    [
        ("line_id,payment_contry\nL-2,CN\n", [], "Did you mean payment_country?"),
        ("payment_country,unusual_urgency\nCN,no\n", [], "there is no column line_id"),
        ("", ["--answers", "nowhere.csv"], "nowhere.csv: no such file"),
        ("", ["--questions", "q.xls"], "--questions q.xls: the file ends in .csv or .jsonl or .xlsx"),
        ("", ["--answers-template", "nowhere/a.csv"], "the folder nowhere does not exist"),
    ],
)
def test_bad_files_are_refused(decide, answers, options, says):
    code, _, said = decide(answers, *options)
    assert code == 2
    assert says in said


@pytest.mark.parametrize("option", ["--questions", "--answers-template", "-o"])
@pytest.mark.parametrize(("file", "says"), [("orders.csv", "the order book"), ("answers.csv", "the table of answers")])
def test_what_is_read_is_not_written_over(decide, tmp_path, option, file, says):
    code, _, said = decide("line_id,payment_country\nL-2,CN\n", option, str(tmp_path / file))
    assert code == 2
    assert f"this is {says} itself" in said


def test_the_questionnaire_of_a_book(decide, tmp_path):
    path = tmp_path / "q.csv"
    decide("line_id,consignee_role\nL-2,end_user\n", "--questions", str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    assert {r["line_id"] for r in rows} == {"L-1", "L-2", "'=L3"}
    assert [(r["flag"], r["weight"]) for r in rows if r["state"] == "raised"] == [
        ("ADV-06", "block"),
        ("HQ-01", "block"),
    ]
    asked = {(r["line_id"], r["column"]) for r in rows if r["state"] == "open"}
    assert ("L-1", "consignee_role") in asked
    assert ("L-2", "consignee_role") not in asked
    assert ("L-2", "payment_country") in asked
    assert {r["answer"] for r in rows} == {""}
    assert list(tmp_path.glob(".q.csv*")) == []


def test_the_questionnaire_as_jsonl_is_whole_or_not_there(decide, tmp_path):
    path = tmp_path / "q.jsonl"
    decide("line_id,payment_contry\nL-2,CN\n", "--questions", str(path))
    assert not path.exists()
    decide("", "--questions", str(path))
    assert {json.loads(line)["state"] for line in path.read_text("utf-8").splitlines()} == {"raised", "open", "action"}


def test_the_template_is_filled_in_and_fed_back(decide, tmp_path):
    path = tmp_path / "template.csv"
    decide("line_id,consignee_role\nL-2,end_user\n", "--answers-template", str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    assert [r["line_id"] for r in rows] == ["L-1", "L-2", "'=L3"]
    assert rows[1]["consignee_role"] == "end_user"
    assert "used_for_advanced_node_only" not in rows[0]
    rows[2]["letter_received"] = "yes"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    code, found, said = decide(text.getvalue())
    assert code == 10
    assert "about no line" not in said
    assert found["'=L3"]["diligence"] == "block"


def test_the_template_of_a_free_book_is_a_heading(tmp_path, capsys):
    (tmp_path / "o.csv").write_text(f"{HEADING}\n{LINES[3]}\n", "utf-8")
    path, asked = tmp_path / "t.csv", tmp_path / "q.csv"
    main(
        [
            "decide",
            str(tmp_path / "o.csv"),
            "--assume",
            "clean",
            "--answers-template",
            str(path),
            "--questions",
            str(asked),
        ]
    )
    capsys.readouterr()
    assert path.read_text("utf-8") == "line_id\n"
    assert asked.read_text("utf-8").startswith("line_id,flag,weight,state,question")


def test_explain_shows_raised_flags_and_answers(capsys):
    assert main([*EXPLAIN, "--answer", "payment_country=HK"]) == 0
    text = flat(capsys.readouterr().out)
    assert "RED FLAGS No outcome turns on them." in text
    assert "(ENF-04: block) Ask: From which country does the money come? Obtain: bank details of the payer." in text
    assert "payment_country = CN" in text


def test_explain_prints_the_questionnaire(capsys):
    assert main([*EXPLAIN, "--questions", "--answer", "payment_country=HK"]) == 0
    text = capsys.readouterr().out
    heads = [line for line in text.splitlines() if line.isupper()]
    assert heads == ["RED FLAGS RAISED", "QUESTIONS", "DUE DILIGENCE"]
    assert "yes means: the order is unusually urgent" in flat(text)
    assert main([*EXPLAIN, "--questions", "--json"]) == 0
    asked = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {q["state"] for q in asked} == {"open", "action"}


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("payment_contry=CN", "Did you mean payment_country?"),
        ("payment_country", "--answer payment_country: write it as"),
    ],
)
def test_explain_refuses_a_bad_answer(option, says, capsys):
    assert main([*EXPLAIN, "--answer", option]) == 2
    assert says in capsys.readouterr().err


def test_flags_list(capsys):
    assert main(["flags", "list"]) == 0
    text = capsys.readouterr().out
    assert [id for id in flag_records().flags if id not in text] == []
    assert main(["flags", "list", "--weight", "hold", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "ADV-06" in {r["id"] for r in found}
    assert all("hold" in r["weights"] for r in found)
    assert {id for r in found for id in r["provisions"]} <= set(book().ids())


def test_flags_list_columns(capsys):
    assert main(["flags", "list", "--columns"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(flag_records().facts)
    assert main(["flags", "list", "--columns", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["kind"] == "yesno"


@pytest.mark.parametrize("id", flag_records().flags)
def test_every_flag_can_be_shown(id, capsys):
    assert main(["flags", "show", id]) == 0
    text = flat(capsys.readouterr().out)
    assert flag_records().flags[id].ask in text
    assert main(["flags", "show", id.lower(), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == id


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "KYC-99"], "Did you mean KYC-"),
        (["list", "--weight", "blok"], "Did you mean block?"),
        (["shw"], "Did you mean show?"),
        ([], "required"),
    ],
)
def test_bad_input(arguments, says, capsys):
    assert main(["flags", *arguments]) == 2
    assert says in capsys.readouterr().err
