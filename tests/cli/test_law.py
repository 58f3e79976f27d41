"""`headgate law`: list, show, timeline, diff."""

import json

import pytest

from headgate.cli.main import main
from headgate.law.us import book


def said(capsys, *arguments):
    assert main(["law", *arguments]) == 0
    return capsys.readouterr().out


def records(capsys, *arguments):
    return [json.loads(line) for line in said(capsys, *arguments, "--json").splitlines()]


def flat(text):
    return " ".join(text.split())


def test_list_shows_every_provision_grouped_by_stage(capsys):
    text = said(capsys, "list")
    assert [p.id for p in book().provisions if p.id not in text] == []
    heads = [line.split(" (")[0] for line in text.splitlines() if line.isupper() and line[0] != " "]
    assert heads == ["CLASSIFY", "SCOPE", "REQUIRE", "EXEMPT", "REVIEW", "DUTY", "NOTE", "NOT MODELED"]
    assert "us.ear.742_6.a_6_iii.worldwide  from 2025-05-15, two_sources, printed only" in text


def test_list_of_a_day_and_a_stage(capsys):
    found = records(capsys, "list", "--on", "2024-01-01", "--stage", "exempt")
    assert {r["id"] for r in found} == {"us.ear.740_8.nac", "us.ear.740_8.nac_elsewhere"}
    assert {r["stage"] for r in found} == {"exempt"}


def test_show_has_everything_of_every_version(capsys):
    text = flat(said(capsys, "show", "us.ear.742_6.b_10.denial"))
    assert text.count("condition:") == len(book().versions("us.ear.742_6.b_10.denial"))
    text = flat(said(capsys, "show", "us.ear.3a090.a.1"))
    for phrase in (
        "its total processing performance is at least 4800 TPP",
        "us.ear.3a090.a.1/tpp = 4,800 TPP",
        "15 CFR part 774, supp. 1, ECCN 3A090.a.1 (88 FR 73458)",
        "effective 2023-11-17",
        "evidence: primary",
        "used by: us.ear.3a090.a",
    ):
        assert phrase in text


def test_show_tells_from_when_duties_bind_and_on_which_track(capsys):
    text = flat(said(capsys, "show", "us.ear.742_6.a_6_iii.worldwide"))
    assert "effective 2025-01-13; duties bind from 2025-05-15" in text
    assert "printed only" in text
    assert "us.non_enforcement.gao" in text


@pytest.mark.parametrize("id", book().ids())
def test_every_provision_can_be_shown(id, capsys):
    found = records(capsys, "show", id)
    assert {r["id"] for r in found} == {id}
    assert said(capsys, "show", id)


def test_timeline_fits_one_screen(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = said(capsys, "timeline").splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for phrase in (
        "Cyprus leaves D:5",
        "printed only",
        "2023-11-17  License for .a items to D:1, D:4 and D:5",
        "the law was last read on 2026-09-25",
    ):
        assert phrase in text
    days = [line[:10] for line in lines if line[:2] == "20"]
    assert days == sorted(days)


def test_timeline_is_not_cut_where_there_is_room(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    text = said(capsys, "timeline")
    assert "A license is required for .a items to Country Groups D:1, D:4 and D:5 outside A:5 and A:6." in text
    assert max(map(len, text.splitlines())) <= 200


def test_timeline_as_json_names_every_change(capsys):
    found = records(capsys, "timeline")
    assert found[0]["day"] == "2022-08-26"
    day = next(d for d in found if d["day"] == "2025-05-15")
    worldwide = next(c for c in day["changes"] if c["id"].endswith("worldwide"))
    assert (worldwide["what"], worldwide["track"]) == ("starts", "printed")
    assert {d["read"] for d in found} == {True, False}


def test_diff_of_2023(capsys):
    text = flat(said(capsys, "diff", "2023-10-22", "2023-11-18"))
    assert "us.ear.3a090.a.1/tpp: 4,800 TPP" in text
    assert "us.ear.3a090.2022/io: 600 GB/s" in text
    assert "nvidia-a800-sxm4-80" in text
    assert "no_license_required -> license_required" in text
    assert "clean facts" in text


def test_diff_as_json_has_three_kinds_of_lines(capsys):
    found = records(capsys, "diff", "2024-03-01", "2024-06-01")
    assert {r["kind"] for r in found} >= {"provision", "list"}
    assert {"country": "CY", "joins": False}.items() <= next(r for r in found if r.get("country") == "CY").items()


def test_diff_of_equal_laws_says_so(capsys):
    text = said(capsys, "diff", "2024-06-01", "2024-06-02")
    assert "Nothing: no provision and no country list differs" in text
    assert "None." in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "us.ear.3a090.a1"], "Did you mean us.ear.3a090.a.1"),
        (["list", "--stage", "requir"], "Did you mean require?"),
        (["list", "--on", "2024-13-01"], "--on: '2024-13-01' is not a real day"),
        (["diff", "2024-01-01", "2023-01-01"], "give the earlier day first"),
        (["diff", "2020-01-01", "2023-01-01"], "the book begins on 2022-08-26"),
        (["diff", "2024-01-01", "soon"], "'soon' is not a real day"),
        (["diff", "2024-01-01"], "required"),
        (["lst"], "Did you mean list?"),
        ([], "required"),
    ],
)
def test_bad_input(arguments, says, capsys):
    assert main(["law", *arguments]) == 2
    assert says in capsys.readouterr().err
