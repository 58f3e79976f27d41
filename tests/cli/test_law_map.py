"""`headgate law map` and `headgate chip flips`, at the terminal and as JSON."""

import json
from datetime import date

import pytest

from headgate.catalog.country_names import countries
from headgate.cli.main import main
from headgate.decide.flips import clean_row
from headgate.decide.one import decider


def said(capsys, *arguments):
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("width", ["80", "200"])
def test_the_map_fits_the_terminal_and_says_what_it_assumes(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", width)
    text = said(capsys, "law", "map", "--on", "2026-09-01")
    assert max(map(len, text.splitlines())) <= min(120, int(width))
    for words in (
        "The reference item; another with --item",
        "Exported from the United States; law of 2026-09-01.",
        "Assumed (clean): headquarters and ultimate parent at the destination",
        "WHAT IT NEEDS FOR 250 DESTINATIONS",
        "LICENSE, PRESUMPTION OF DENIAL (18)",
        "Hong Kong (counts as China)",
        "is-informed letters of 2025-04-09 (us.letter.2025_04_09; two sources)",
        "(us.ear.746_8; one source)",
        "evidence: one source",
        "flags: letter_addressee_unconfirmed",
        "ask in_occupied_region",
        "AS PRINTED, ANOTHER ANSWER (219)",
        "No license required means: none under the provisions",
    ):
        assert words in flat(text)


def test_the_map_names_all_on_request(capsys):
    text = flat(said(capsys, "law", "map", "--on", "2024-06-01", "--item", "H100 SXM", "--all"))
    assert "All other destinations" not in text
    assert [n for n in countries().names.values() if n not in text] == []


def test_the_map_as_json_has_one_object_for_each_destination(capsys):
    out = said(capsys, "law", "map", "--on", "2024-06-01", "--item", "nvidia-rtx-4090", "--json")
    rows = {r["destination"]: r for r in map(json.loads, out.splitlines())}
    assert list(rows) == sorted(countries().names)
    assert rows["CN"]["exceptions"] == ["NAC"]
    assert (rows["HK"]["counts_as"], rows["CN"]["counts_as"]) == ("CN", None)
    same = [{k: v for k, v in rows[c].items() if k not in ("destination", "name", "counts_as")} for c in ("HK", "CN")]
    assert same[0] == same[1]
    assert rows["CN"]["reasons"]
    assert "clean" in rows["CN"]["assumed"][1]


@pytest.mark.parametrize("day", ["2022-11-01", "2026-09-25", "2027-03-01"])
def test_every_code_that_a_row_may_name_is_on_the_map_with_the_engines_answer(day, capsys):
    """A code that the map lacks reads as one of all the others, which are free."""
    out = said(capsys, "law", "map", "--on", day, "--item", "nvidia-h100-sxm", "--json")
    rows = {r["destination"]: r for r in map(json.loads, out.splitlines())}
    known, by = countries(), decider()
    for written, code in known.by_code.items():
        one = by.decide(clean_row("nvidia-h100-sxm", written, date.fromisoformat(day)), "clean", None).to_dict()
        columns = ("outcome", "outcome_printed", "review_policy", "reasons", "exceptions", "missing", "flags")
        for column in (*columns, "evidence", "law_version"):
            assert rows[code][column] == one[column], (written, column)


def test_a_day_after_the_last_reading_says_as_of_and_is_unverified(capsys):
    text = flat(said(capsys, "law", "map", "--on", "2027-03-01"))
    assert "As of 2026-09-25: the law was not read after that day" in text
    assert "evidence: two sources" not in text
    assert "evidence: unverified" in text
    row = json.loads(said(capsys, "law", "map", "--on", "2027-03-01", "--json").splitlines()[0])
    assert row["evidence"] == "unverified"
    assert "law_not_read_after_2026-09-25" in row["flags"]
    assert "As of" not in said(capsys, "law", "map", "--on", "2026-09-25")


@pytest.mark.parametrize("command", [["law", "map"], ["chip", "flips", "nvidia-h20-96", "--to", "DE"]])
@pytest.mark.parametrize(("today", "due"), [(date(2026, 11, 9), False), (date(2026, 11, 10), True)])
def test_an_overdue_review_stands_on_top(command, today, due, capsys, monkeypatch):
    monkeypatch.setattr("headgate.cli.under.today", lambda: today)
    text = said(capsys, *command)
    assert text.startswith("! us.ear.744_11.affiliates: review overdue since 2026-11-10") is due
    monkeypatch.setattr("headgate.cli.under.today", lambda: date(2022, 8, 27))
    assert said(capsys, *command).startswith(("WHAT", "WHEN"))


@pytest.mark.parametrize(
    ("start", "says", "acts"),
    [
        ("Hong Kong", "Reexported from Hong Kong; law of 2026-09-01. Hong Kong counts as China everywhere", "reexport"),
        ("Puerto Rico", "Exported from Puerto Rico", "export"),
        ("US", "Exported from the United States", "export"),
    ],
)
def test_where_it_ships_from_is_read_as_explain_reads_it(start, says, acts, capsys):
    assert says in flat(said(capsys, "law", "map", "--on", "2026-09-01", "--from", start))
    rows = said(capsys, "law", "map", "--on", "2026-09-01", "--from", start, "--json").splitlines()
    here = {r["destination"]: r for r in map(json.loads, rows)}
    for code in ("CN", "SG", "RU", "DE"):
        asked = ["--from", start, "--to", code, "--on", "2026-09-01", "--assume", "clean", "--json"]
        main(["explain", "--item", "nvidia-h100-sxm", *asked])
        one = json.loads(capsys.readouterr().out)
        assert (here[code]["outcome"], here[code]["reasons"]) == (one["outcome"], one["reasons"])
        assert one["activity"] == ("transfer" if (start, code) == ("Hong Kong", "CN") else acts)


def test_from_another_country_and_with_stated_facts(capsys):
    text = flat(
        said(capsys, "law", "map", "--on", "2024-06-01", "--from", "Singapore", "--set", "is_entity_listed=yes")
    )
    assert "Reexported from Singapore" in text
    assert "Stated: is_entity_listed=yes" in text
    assert "NO LICENSE REQUIRED (2" not in text.upper().partition("AS PRINTED")[0].replace("(2)", "")


def test_by_the_printed_text(capsys):
    assert "LICENSE, DENIED (207)" in said(capsys, "law", "map", "--on", "2026-09-01", "--printed")


def test_the_map_is_drawn(capsys, tmp_path):
    path = tmp_path / "map.svg"
    out = said(
        capsys, "law", "map", "--on", "2022-11-01", "--item", "nvidia-h100-sxm", "--dark", "--picture", str(path)
    )
    assert f"The picture is in {path}." in out
    text = path.read_text()
    assert "NVIDIA H100 SXM5 80GB needs on 2022-11-01, as enforced" in text
    assert "Assumed (clean)" in text


def test_a_scenario_is_named(capsys):
    text = flat(said(capsys, "law", "map", "--scenario", "h20-letters-lifted", "--item", "nvidia-h20-96"))
    assert "this is not the law" in text


def test_flips_fit_a_screen_and_name_days_places_and_provisions(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for id in ("nvidia-h20-96", "nvidia-a800-sxm4-80", "nvidia-rtx-4090", "nvidia-h200-sxm"):
        text = said(capsys, "chip", "flips", id)
        assert max(map(len, text.splitlines())) <= 80
        # Above the head stands what is overdue today.
        assert len(text.partition("WHEN THE ANSWER")[2].splitlines()) < 75
    h20 = flat(said(capsys, "chip", "flips", "nvidia-h20-96"))
    for words in (
        "2025-04-09 No license required -> License, no policy published 19 destinations",
        "MO, CN, HK (counts as CN), KH",
        "(us.letter.2025_04_09; two sources)",
        "As of 2026-09-25: the law was not read after that day",
        "Cambodia leaves D:5",
        "Assumed (clean)",
    ):
        assert words in h20


def test_flips_to_one_country_as_json(capsys):
    out = said(capsys, "chip", "flips", "nvidia-a800-sxm4-80", "--to", "China", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [r["day"] for r in rows] == ["2022-08-26", "2023-10-23"]
    assert rows[0]["before"] is None
    assert rows[1]["before"]["outcome"] == "no_license_required"
    assert rows[1]["provisions"][0]["id"] == "us.letter.2023_10_23"
    assert rows[1]["destinations"] == ["CN"]


@pytest.mark.parametrize("name", ["HK", "HKG", "hong kong", "Hongkong", "China (Hong Kong)"])
def test_flips_to_hong_kong_are_chinas_and_say_so(name, capsys):
    text = flat(said(capsys, "chip", "flips", "nvidia-h200-sxm", "--to", name))
    assert "TO HONG KONG TURNED" in text
    assert "Hong Kong counts as China everywhere in the EAR." in text
    rows = [
        json.loads(r) for r in said(capsys, "chip", "flips", "nvidia-h200-sxm", "--to", name, "--json").splitlines()
    ]
    china = [
        json.loads(r) for r in said(capsys, "chip", "flips", "nvidia-h200-sxm", "--to", "CN", "--json").splitlines()
    ]
    assert [r.pop("destinations") for r in rows] == [["HK"]] * len(china)
    assert [r.pop("counts_as") for r in rows] == [{"HK": "CN"}] * len(china)
    assert rows == [{k: v for k, v in r.items() if k not in ("destinations", "counts_as")} for r in china]


def test_flips_as_json_tell_marks_flags_and_hong_kong(capsys):
    rows = [json.loads(r) for r in said(capsys, "chip", "flips", "nvidia-h100-sxm", "--json").splitlines()]
    for row in rows:
        assert ("HK" in row["destinations"]) == ("CN" in row["destinations"])
        assert row["counts_as"] == ({"HK": "CN"} if "HK" in row["destinations"] else {})
        assert row["law_version"] == decider().book.version
        assert row["evidence"] in ("primary", "two_sources", "one_source", "unverified")
        assert row["read"] or row["evidence"] == "unverified"
        for p in row["provisions"]:
            assert p["mark"] in {v.mark for v in decider().book.versions(p["id"])}
    assert any("HK" in row["destinations"] for row in rows)
    assert any("letter_addressee_unconfirmed" in row["flags"] for row in rows)


def test_the_difference_of_two_days_says_what_hong_kong_counts_as(capsys):
    assert "Hong Kong counts as China" in flat(said(capsys, "law", "diff", "2025-04-08", "2025-04-10"))


def test_the_printed_text_is_shown_on_request(capsys):
    hidden = said(capsys, "chip", "flips", "nvidia-h100-sxm")
    assert "(printed)" not in hidden
    assert "--printed shows it" in flat(hidden)
    assert "(printed)" in said(capsys, "chip", "flips", "nvidia-h100-sxm", "--printed")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["law", "map", "--item", "nvidia-h1000"], "Did you mean"),
        (["law", "map", "--assume", "cleen"], "Did you mean clean?"),
        (["law", "map", "--from", "Korea"], "fits several countries"),
        (["law", "map", "--on", "2020-01-01"], "the book begins on 2022-08-26"),
        (["law", "map", "--picture", "map.gif"], "no picture is written as .gif"),
        (["law", "map", "--set", "destination=CN"], "the map itself says that"),
        (["law", "map", "--set", "ship_from=SG"], "give it with --from"),
        (["chip", "flips", "nvidia-h20-96", "--to", ""], "no country is given"),
        (["law", "map", "--picture", "no_such_room/map.svg"], "the folder no_such_room does not exist; make it first"),
        (["chip", "flips", "h100"], "is ambiguous"),
        (["chip", "flips", "nvidia-h20-96", "--to", "Chyna"], "no country known"),
        (["chip", "show", "nvidia-h20-96", "--picture", "h20"], "without an ending"),
    ],
)
def test_bad_input(arguments, says, capsys):
    assert main(arguments) == 2
    found = capsys.readouterr()
    assert says in found.err
    assert found.out == ""


@pytest.mark.parametrize("command", [["chip", "show", "nvidia-h20-96"], ["law", "map"]])
@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("shetches/deep/a.svg", "does not exist; make it first. Did you mean sketches?"),
        ("a.txt/a.svg", "a.txt is a file and no folder"),
        ("a.txt/deep/a.svg", "a.txt is a file and no folder"),
        ("sketches", "this is a folder; name a file in it"),
        ("room.svg", "this is a folder; name a file in it"),
    ],
)
def test_where_no_picture_can_be_written_is_said_before_any_work(command, path, says, capsys, tmp_path):
    (tmp_path / "sketches").mkdir()
    (tmp_path / "room.svg").mkdir()
    (tmp_path / "a.txt").write_text("")
    assert main([*command, "--picture", str(tmp_path / path)]) == 2
    found = capsys.readouterr()
    assert says in found.err
    assert found.out == ""


def test_a_folder_in_which_nobody_may_write_is_refused_before_any_work(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("headgate.cli.pictures.os.access", lambda path, mode: False)
    assert main(["chip", "show", "nvidia-h20-96", "--picture", str(tmp_path / "a.svg")]) == 2
    found = capsys.readouterr()
    assert "Permission denied" in found.err
    assert found.out == ""
