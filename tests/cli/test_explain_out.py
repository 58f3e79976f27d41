"""`headgate explain --format` and `-o`: one memo to file in five forms, or a refusal that says what to write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from headgate.cli.explain_out import FORMATS
from headgate.cli.main import main

BASE = ["explain", "--item", "nvidia-h200-sxm", "--from", "US", "--to", "CN", "--on", "2026-02-15", "--assume", "clean"]
STARTS = {
    "text": b"! us.ear.744_11.affiliates",
    "md": b"# Export control memo: NVIDIA H200",
    "html": b"<!doctype html>",
    "pdf": b"%PDF-",
    "json": b'{"line_id"',
}
SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    # Which reviews are overdue depends on the day.
    monkeypatch.setenv("HEADGATE_TODAY", "2026-11-22")


@pytest.mark.parametrize("form", FORMATS)
def test_the_ending_says_the_form(form, tmp_path, capsys):
    for ending in FORMATS[form]:
        file = tmp_path / f"memo{ending.upper()}"
        assert main([*BASE, "-o", str(file)]) == 10
        assert file.read_bytes().startswith(STARTS[form])
        said = capsys.readouterr().out
        assert said == (
            f"A license is required (applications are reviewed with a presumption of denial).\nWritten: {file}\n"
        )
    assert {path.stem for path in tmp_path.iterdir()} == {"memo"}


@pytest.mark.parametrize("form", FORMATS)
def test_without_a_file_it_goes_to_standard_output(form, capfdbinary):
    assert main([*BASE, "--format", form]) == 10
    out = capfdbinary.readouterr().out
    assert out.startswith(STARTS[form])
    if form not in ("json", "pdf"):
        assert b"review overdue since 2026-11-10" in out.replace(b"\n", b" ")


def test_the_file_in_text_is_what_the_terminal_shows(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    main(BASE)
    shown = capsys.readouterr().out
    main([*BASE, "-o", str(tmp_path / "memo.txt")])
    assert (tmp_path / "memo.txt").read_text(encoding="utf-8") == shown


def test_json_is_the_same_by_either_name_and_has_the_citations(capsys):
    main([*BASE, "--json"])
    first = capsys.readouterr().out
    main([*BASE, "--format", "json"])
    assert capsys.readouterr().out == first
    found = json.loads(first)
    assert {c["id"] for c in found["citations"]} >= {*found["reasons"]}
    assert found["outcome"] == "license_required"


@pytest.mark.parametrize("form", ["md", "html", "pdf"])
def test_the_same_question_gives_the_same_bytes(form, tmp_path):
    made = []
    for n in range(2):
        main([*BASE, "-o", str(tmp_path / f"{n}{FORMATS[form][0]}")])
        made.append((tmp_path / f"{n}{FORMATS[form][0]}").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "memo.docx"], "-o memo.docx: no memo is written in a file of this ending. End the name in .txt, .md"),
        (["-o", "memo.pfd"], "Did you mean .pdf?"),
        (["-o", "memo"], "End the name in .txt, .md, .html, .pdf, .json"),
        (["-o", "memo", "--format", "pdf"], "End the name in .pdf"),
        (["-o", "memo.pdf", "--format", "html"], "is pdf, but html was asked for. Leave out the form, or end the name"),
        (["-o", "memo.pdf", "--json"], "is pdf, but json was asked for"),
        (["--json", "--format", "md"], "--json and --format md contradict each other"),
        (["-o", "no-such-folder/memo.pdf"], "the folder no-such-folder does not exist; make it first"),
        (["-o", "."], "this is a folder; name a file in it"),
        (["-o", ""], "-o: no name is given"),
        (["-o", " "], "-o: no name is given"),
        (["--format", "pfd"], "Did you mean pdf"),
        (["--questions", "-o", "asked.md"], "--questions prints the questionnaire as text or JSON"),
        (["--questions", "--format", "html"], "headgate decide ORDERS.csv --questions FILE.csv"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(arguments, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*BASE, *arguments]) == 2
    caught = capsys.readouterr()
    assert says in caught.err
    assert caught.err.startswith("headgate: ")
    assert caught.out == ""
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_a_terminal_is_asked_for_a_file(form, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert main([*BASE, "--format", form]) == 2
    assert f"name a file with -o memo.{form}" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, capsys, monkeypatch):
    file = tmp_path / "memo.html"
    file.write_text("before", encoding="utf-8")

    def full(*_):
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(os, "replace", full)
    assert main([*BASE, "-o", str(file)]) == 2
    assert f"-o {file}: cannot write there: No space left on device" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "before"
    assert [*tmp_path.iterdir()] == [file]


def test_a_row_that_cannot_be_read_makes_no_file(tmp_path, capsys):
    arguments = [*BASE, "--item", "nvidia-h1000-sxm", "-o", str(tmp_path / "memo.pdf")]
    assert main(arguments) == 2
    assert "Did you mean" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


def test_without_typst_the_extra_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    assert main([*BASE, "-o", str(tmp_path / "memo.pdf")]) == 2
    assert "pip install 'headgate[pdf]'" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


def test_the_activity_and_the_scenario_are_said_on_paper(tmp_path):
    file = tmp_path / "memo.html"
    main([*BASE, "--as-of", "2024-06-01", "-o", str(file)])
    text = file.read_text(encoding="utf-8")
    assert "derived, because the line ships from the United States" in text
    assert "Every line is decided under the law of 2024-06-01" in text


def test_a_memo_loads_no_table_engine_and_a_page_no_typst():
    code = (
        "import sys; from headgate.cli.main import main; main(sys.argv[1:]); "
        "print('polars' in sys.modules, 'typst' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *BASE, "--format", "html"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"},
    )
    assert done.stderr.split() == ["False", "False"]
    assert done.stdout.endswith("</html>\n")


FACTS = (
    "nvidia-h200-sxm",
    "2026-02-15",
    "VN",
    "quantity",
    "7",
    "is_entity_listed",
    "end_use",
    "civil",
    "exporter_role",
)


def shown(form, arguments, tmp_path):
    file = tmp_path / f"memo{FORMATS[form][0]}"
    main([*arguments, "-o", str(file)])
    if form != "pdf":
        return " ".join(file.read_text(encoding="utf-8").split())
    pages = pytest.importorskip("pypdfium2").PdfDocument(file)
    return " ".join(" ".join(page.get_textpage().get_text_range().replace("\ufffe", "").split()) for page in pages)


@pytest.mark.parametrize("form", FORMATS)
def test_the_facts_and_the_cautions_stand_in_every_form(form, tmp_path):
    arguments = ["explain", "--item", "nvidia-h200-sxm", "--from", "US", "--to", "VN", "--on", "2026-02-15"]
    text = shown(form, [*arguments, "--assume", "clean", "--set", "quantity=7"], tmp_path)
    for fact in FACTS:
        # A person reads a country by its name.
        assert fact in text or (fact == "VN" and "Viet" in text)
    assert "review overdue since 2026-11-10" in text
    assert "2026-09-25" in text
    assert "ot legal advice" in text or '"legal_advice": false' in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_replay_says_that_its_words_are_of_today_in_every_form(form, tmp_path):
    text = shown(form, [*BASE, "--as-known", "2026-02-03"], tmp_path)
    assert "Words and citations are today's; only which provisions count is that of 2026-02-03." in text.replace(
        "\\'", "'"
    ).replace("&#x27;", "'").replace("\u2019", "'")


def test_json_holds_what_came_in_what_was_stated_and_under_which_law(capsys):
    main([*BASE, "--set", "tpp=15832", "--answer", "consignee_role=end_user", "--as-of", "2026-02-01", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["input"] == {
        "item": "nvidia-h200-sxm",
        "ship_from": "US",
        "destination": "CN",
        "event_date": "2026-02-15",
        "activity": "export",
    }
    assert found["stated"]["tpp"] == 15832.0
    assert found["stated"]["is_denied"] is False
    assert set(found["stated"]) == set(found["assumed"])
    assert found["answers"] == {"consignee_role": "end_user"}
    law = found["law"]
    assert (law["day"], law["as_of"], law["as_known"], law["scenario"], law["overlay"]) == (
        *("2026-02-01", "2026-02-01"),
        *(None, None, None),
    )
    assert law["read_up_to"] == "2026-09-25"
    assert found["warnings"][0] == "Every line is decided under the law of 2026-02-01, whatever its own date."
    assert found["legal_advice"] is False
    assert "headgate law list" in found["no_license_required_means"]


def test_json_names_the_scenario_and_keeps_every_column_of_a_decision(capsys):
    from headgate.decide.decision import DECISION_COLUMNS

    main([*BASE, "--scenario", "diffusion-enforced", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["law"]["scenario"] == "diffusion-enforced"
    assert found["warnings"][0] == "Under the scenario diffusion-enforced: this is not the law."
    assert list(found)[: len(DECISION_COLUMNS)] == list(DECISION_COLUMNS)


def test_json_of_a_packet_and_of_a_memo_are_of_one_home(tmp_path, capsys):
    (tmp_path / "o.csv").write_text(
        "line_id,activity,event_date,item,ship_from,destination\n1,export,2026-02-15,nvidia-h200-sxm,US,CN\n"
    )
    files = {"--packet": tmp_path / "p", "-o": tmp_path / "d.csv"}
    options = [str(word) for pair in files.items() for word in pair]
    main(["decide", str(tmp_path / "o.csv"), "--assume", "clean", *options])
    capsys.readouterr()
    packet = json.loads((tmp_path / "p" / "1" / "decision.json").read_text(encoding="utf-8"))
    main([*BASE, "--activity", "export", "--json"])
    memo = json.loads(capsys.readouterr().out)
    assert packet["law"].pop("under") == []
    for key in ("legal_advice", "no_license_required_means", "warnings", "law", "stated"):
        assert packet[key] == memo[key]
    assert {k: v for k, v in packet["input"]["read"].items() if k != "line_id"} == memo["input"]
