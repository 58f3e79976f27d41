"""`headgate policy`: list and show."""

import json
import subprocess
import sys

import pytest

from headgate.catalog.policy import policies
from headgate.cli.main import main

IDS = tuple(policies())


@pytest.fixture(autouse=True)
def day_and_width(monkeypatch):
    monkeypatch.setenv("HEADGATE_TODAY", "2026-11-22")
    monkeypatch.setenv("COLUMNS", "80")


def said(capsys, *arguments):
    assert main(["policy", *arguments]) == 0
    return capsys.readouterr().out


def records(capsys, *arguments):
    return [json.loads(line) for line in said(capsys, *arguments, "--json").splitlines()]


def flat(text):
    return " ".join(text.split())


def line_of(text, id):
    return next(line for line in text.splitlines() if line.startswith(f"{id} "))


def test_list_has_every_record_on_one_line_within_the_terminal(capsys):
    text = said(capsys, "list")
    assert [id for id in IDS if sum(line.startswith(f"{id} ") for line in text.splitlines()) != 1] == []
    assert max(map(len, text.splitlines())) <= 80
    assert line_of(text, "gain-ai").split()[1:] == ["dropped", "2025-12-11", "GAIN", "AI", "Act"]
    assert f"{len(IDS)} records" in text


@pytest.mark.parametrize("width", ["40", "80", "120", "300"])
def test_list_fits_any_terminal_that_holds_its_ids(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    text = said(capsys, "list", "--kind", "appropriation")
    assert max(map(len, text.splitlines())) <= max(int(width), 50)


def test_a_wide_list_says_what_happened_last(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    assert "Held at the desk of the House." in line_of(said(capsys, "list"), "s1473-stop-stealing-our-chips")


def test_list_marks_what_is_unverified(capsys):
    text = said(capsys, "list", "--kind", "bill")
    assert line_of(text, "s4281-match").split()[1] == "attached?"
    assert line_of(text, "hr6875-ai-overwatch").split()[1] == "attached"


def test_list_says_which_review_is_overdue(capsys, monkeypatch):
    lines = said(capsys, "list").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("china-rare-earth-controls "))
    assert lines[at + 1] == "    review overdue since 2026-11-10; by its events now unknown"
    at = next(n for n, line in enumerate(lines) if line.startswith("affiliates-rule "))
    assert lines[at + 1] == "    review overdue since 2026-11-10; by its events now in_force?"
    overdue = {r["id"] for r in records(capsys, "list") if r["review_overdue_since"]}
    assert overdue == {
        *("affiliates-rule", "us-china-tariff-truce", "china-rare-earth-controls"),
        *("clock-affiliates-stay", "clock-china-suspensions", "clock-tariff-truce"),
    }
    monkeypatch.setenv("HEADGATE_TODAY", "2026-11-09")
    assert "overdue" not in said(capsys, "list")
    monkeypatch.setenv("HEADGATE_TODAY", "2026-11-27")
    assert "china-gallium-ban" in {r["id"] for r in records(capsys, "list") if r["review_overdue_since"]}


def test_list_as_json_is_one_object_a_line(capsys):
    found = records(capsys, "list")
    assert [r["id"] for r in found] == list(IDS)
    row = next(r for r in found if r["id"] == "hr6875-ai-overwatch")
    assert row == {
        "id": "hr6875-ai-overwatch",
        "title": "AI OVERWATCH Act",
        "kind": "bill",
        "side": "us",
        "status": "attached",
        "status_mark": "one_source",
        "status_day": "2026-07",
        "last_event": {"day": "2026-07", "what": "In the manager's package of the Senate's FY27 NDAA."},
        "scenarios": ["ai-overwatch"],
        "suspended_until": None,
        "review_by": None,
        "review_overdue_since": None,
    }


def test_list_by_side_kind_and_status(capsys):
    assert {r["side"] for r in records(capsys, "list", "--side", "china")} == {"china"}
    bills = records(capsys, "list", "--kind", "bill")
    assert {r["kind"] for r in bills} == {"bill"}
    assert {r["id"] for r in records(capsys, "list", "--kind", "bill", "--status", "passed_house")} == {
        "hr2683-remote-access-security",
        "hr8800-fy27-ndaa",
    }


def test_list_on_a_day_replays_the_events(capsys):
    then = {r["id"]: r for r in records(capsys, "list", "--on", "2026-01-01")}
    assert then["hr6875-ai-overwatch"]["status"] == "introduced"
    assert then["hr6875-ai-overwatch"]["last_event"]["day"] == "2025-12-18"
    assert "hr9546-cloud-security" not in then
    assert "h200-rule" not in then
    assert {r["status_day"] for r in then.values()} == {"2026-01-01"}
    suspended = {r["id"] for r in records(capsys, "list", "--on", "2026-11-09", "--status", "suspended")}
    assert {"affiliates-rule", "china-rare-earth-controls", "china-gallium-ban"} <= suspended


def test_list_of_a_day_before_everything_says_so(capsys):
    assert said(capsys, "list", "--on", "2001-01-01") == "No record fits on 2001-01-01.\n"
    assert records(capsys, "list", "--on", "2001-01-01") == []


def test_show_has_everything(capsys):
    text = flat(said(capsys, "show", "hr6875-ai-overwatch"))
    for phrase in (
        "AI OVERWATCH Act (hr6875-ai-overwatch)",
        "numbers: H.R. 6875 (primary text)",
        "sponsors: Mast (R-FL)",
        "status: attached: taken into another bill that is not law; one source; last seen 2026-07",
        "tried by: headgate law try ai-overwatch",
        "2025-12-18 Introduced in the House. -> introduced (primary text) [1]",
        "congressional_review_days = 30:",
        "WHERE SOURCES DISAGREE",
        "one source: 2026-01-22",
        "[1] https://www.congress.gov/119/bills/hr6875/BILLS-119hr6875ih.htm",
    ):
        assert phrase in text


def test_show_says_what_ran_out(capsys):
    text = flat(said(capsys, "show", "china-rare-earth-controls"))
    assert "now: unknown: not settled by any source, the suspension ended on 2026-11-10; unverified" in text
    assert "review overdue since 2026-11-10" in text
    assert "overdue" not in said(capsys, "show", "china-gallium-ban")


def test_show_of_the_december_bill_has_both_candidates(capsys):
    text = flat(said(capsys, "show", "december-2025-house-bill"))
    for phrase in (
        "WHAT IT COULD BE",
        "H.R. 6322, Stop Stealing Our Chips Act, House bill, see s1473-stop-stealing-our-chips (unverified)",
        "H.R. 6875, AI OVERWATCH Act, see hr6875-ai-overwatch (unverified)",
        "H.R. 4505, Export Controls Enforcement Act (unverified)",
        "against: its sponsors at filing were Republicans only",
    ):
        assert phrase in text


def test_show_as_json_is_one_line_with_the_whole_record(capsys):
    (found,) = records(capsys, "show", "H.R. 6875")
    assert found["id"] == "hr6875-ai-overwatch"
    assert found["events"][1]["day"] == "2026-01-21"
    assert found["events"][1]["mark"] == "one_source"
    assert found["disagree"][0]["says"] == ["all sources but one: 2026-01-21", "one source: 2026-01-22"]
    assert found["status_today"] == {"day": "2026-11-22", "status": "attached", "mark": "one_source"}
    assert found["numbers"] == {"primary": ["H.R. 6875"]}


@pytest.mark.parametrize("id", IDS)
def test_every_record_can_be_shown_within_the_terminal(id, capsys):
    lines = said(capsys, "show", id).splitlines()
    # An address stays in one piece, or it could not be opened.
    assert [line for line in lines if len(line) > 80 and "://" not in line] == []
    assert [line for line in lines if "://" in line and len(line.split()) != 2] == []
    assert len(records(capsys, "show", id)) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "hr6875-ai-overwach"], "Did you mean hr6875-ai-overwatch"),
        (["list", "--status", "supended"], "Did you mean suspended"),
        (["list", "--kind", "bills"], "Did you mean bill"),
        (["list", "--side", "chin"], "Did you mean china?"),
        (["list", "--on", "2026-02-30"], "2026-02-30"),
        (["lst"], "See `headgate policy --help`"),
    ],
)
def test_a_wrong_word_is_refused_with_near_ones(arguments, says, capsys):
    assert main(["policy", *arguments]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["list"], ["show"]])
def test_help_has_an_example(arguments, capsys):
    text = said(capsys, *arguments, "--help")
    assert "Example:\n  headgate policy " in text


def test_the_overall_help_reads_no_record():
    code = (
        "import sys; from headgate.cli.main import main; main(['--help']); "
        "sys.exit(any(n in sys.modules for n in ('headgate.catalog.policy', 'tomllib', 'polars')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "policy" in done.stdout
