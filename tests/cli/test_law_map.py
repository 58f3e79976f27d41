"""`headgate law map` and `headgate chip flips`, at the terminal and as JSON."""

import json

import pytest

from headgate.catalog.country_names import countries
from headgate.cli.main import main


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
        "LICENSE, PRESUMPTION OF DENIAL (17)",
        "is-informed letters of 2025-04-09 (us.letter.2025_04_09)",
        "ask in_occupied_region",
        "AS PRINTED, ANOTHER ANSWER (219)",
        "No license required means: none under the provisions",
    ):
        assert words in flat(text)


def test_the_map_names_all_on_request(capsys):
    text = flat(said(capsys, "law", "map", "--on", "2024-06-01", "--item", "H100 SXM", "--all"))
    assert "All other destinations" not in text
    assert [n for c, n in countries().names.items() if c not in countries().counted_as and n not in text] == []


def test_the_map_as_json_has_one_object_for_each_destination(capsys):
    out = said(capsys, "law", "map", "--on", "2024-06-01", "--item", "nvidia-rtx-4090", "--json")
    rows = {r["destination"]: r for r in map(json.loads, out.splitlines())}
    assert len(rows) == len(countries().names) - len(countries().counted_as)
    assert rows["CN"]["exceptions"] == ["NAC"]
    assert rows["CN"]["reasons"]
    assert "clean" in rows["CN"]["assumed"][1]


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
        assert len(text.splitlines()) < 75
    h20 = flat(said(capsys, "chip", "flips", "nvidia-h20-96"))
    for words in (
        "2025-04-09 No license required -> License, no policy published 18 destinations",
        "(us.letter.2025_04_09)",
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
        (["chip", "flips", "h100"], "is ambiguous"),
        (["chip", "flips", "nvidia-h20-96", "--to", "Chyna"], "no country known"),
        (["chip", "show", "nvidia-h20-96", "--picture", "h20"], "without an ending"),
    ],
)
def test_bad_input(arguments, says, capsys):
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
