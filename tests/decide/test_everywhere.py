"""What an item needs everywhere, the map of it, and when its answer turned."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.catalog.country_names import countries
from headgate.decide.everywhere.answers import ORDER, WORDS, counts, destinations, everywhere, groups_of, in_force
from headgate.decide.everywhere.picture import Caption, colors_of, world_map
from headgate.decide.everywhere.shapes import outlines, places
from headgate.decide.flips import clean_row
from headgate.decide.one import decider
from headgate.decide.plane.picture import picture as plane_picture
from headgate.decide.plane.points import scene
from headgate.decide.plane.told import about_lines
from headgate.decide.turns import said, turns
from headgate.decide.wording import OUTCOME, POLICY
from headgate.errors import UsageError
from headgate.pictures.files import bytes_of
from headgate.pictures.look import DARK, LIGHT

H100, H20 = "nvidia-h100-sxm", "nvidia-h20-96"
CAPTION = Caption("What it needs", ("Assumed: clean.",))


def area(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def test_every_destination_has_a_place_on_the_map_once():
    drawn, dotted = set(outlines()), set(places())
    assert drawn & dotted == set()
    assert drawn | dotted == set(countries().names) - {"AQ"}


def test_the_outlines_close_and_turn_the_way_that_a_globe_needs():
    """An outside that ran counterclockwise would be drawn as the whole world without it."""
    for code, polygons in outlines().items():
        for outside, *holes in polygons:
            for ring in (outside, *holes):
                assert ring[0] == ring[-1], code
                assert len(ring) >= 4, code
                assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring), code
            # On the plane of degrees one that crosses the day line has no direction.
            if all(abs(a[0] - b[0]) < 180 for a, b in pairwise(outside)):
                assert area(outside) < 0, code
                assert all(area(hole) > 0 for hole in holes), code


def inside(code, x, y):
    def crossed(ring):
        return sum(
            (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
            for a, b in pairwise(ring)
        )

    return any(sum(crossed(ring) for ring in polygon) % 2 == 1 for polygon in outlines()[code])


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [
        ("CN", 116.4, 39.9),
        ("TW", 121.0, 24.0),
        ("UA", 34.2, 45.2),
        ("RU", 37.6, 55.8),
        ("CY", 33.3, 35.3),
        ("SO", 45.0, 9.6),
        ("GF", -53.0, 4.0),
        ("XK", 20.9, 42.6),
        ("SJ", 16.0, 78.5),
    ],
)
def test_places_stand_where_the_ear_counts_them(code, x, y):
    assert [c for c in outlines() if inside(c, x, y)] == [code]


def test_every_destination_is_decided_as_the_engine_decides_it():
    day = date(2026, 9, 1)
    found = {d.code: d for d in everywhere(decider(), H100, day)}
    assert sorted(found) == destinations()
    for code in ("CN", "HK", "AE", "DE", "US", "UA", "MO", "IR"):
        one = decider().decide(clean_row(H100, code, day), "clean", None)
        assert found[code].enforced.outcome == one.outcome
        assert found[code].printed.reasons == one.reasons_printed
        assert (found[code].evidence, found[code].flags) == (one.evidence, one.flags)
    assert {d.code: d.counts_as for d in found.values() if d.counts_as} == {"HK": "CN"}


@given(
    item=st.sampled_from(["nvidia-h100-sxm", "nvidia-rtx-4090", "amd-mi308x"]),
    day=st.dates(date(2022, 8, 26), date(2027, 6, 1)),
    start=st.sampled_from(["US", "PR", "SG", "HK", "CN", "AE"]),
)
@settings(max_examples=6, deadline=None)
def test_what_counts_as_another_has_its_answer_on_any_day(item, day, start):
    found = {d.code: d for d in everywhere(decider(), item, day, start)}
    for code, other in countries().counted_as.items():
        assert replace(found[code], code=other) == found[other]


def test_the_version_named_is_the_one_of_the_day():
    book = decider().book
    for id in book.ids():
        for v in book.versions(id):
            assert in_force(book, id, v.binds.start).binds.start <= v.binds.start
            alone = [w for w in book.versions(id) if v.binds.start in w.binds] == [v]
            if alone:
                assert in_force(book, id, v.binds.start) == v
            if v.end and not any(v.end in w.binds for w in book.versions(id)):
                assert v.end - timedelta(days=1) in in_force(book, id, v.end).binds


def test_a_chart_has_no_marks_of_code_and_no_cut_source():
    by = decider()
    shown = scene(by, by.catalog.find("amd-mi308x"), date(2026, 9, 1))
    notes = plane_picture(shown).to_dict()["title"]["text"]
    whole = " ".join(notes)
    assert "`" not in whole
    assert "…" not in whole
    assert "..." not in whole
    for p in shown.of("reading"):
        assert " ".join(p.says.replace("`", "").split()) in whole
    drawn = bytes_of(world_map(everywhere(by, H100, date(2026, 9, 1)), CAPTION), ".svg").decode()
    assert "headgate law list" in drawn
    assert "`" not in drawn


@pytest.mark.parametrize(("day", "late"), [(date(2026, 9, 25), False), (date(2026, 9, 26), True)])
def test_a_chart_of_a_late_day_says_as_of_when(day, late):
    by = decider()
    lines = about_lines(scene(by, by.catalog.find(H20), day))
    assert any("As of 2026-09-25" in line for line in lines) is late


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2022, 11, 1), {"CN": "presumption_of_denial", "SA": "no_license_required", "RU": "denial"}),
        (
            date(2024, 6, 1),
            {"CN": "presumption_of_denial", "SA": "presumption_of_approval", "IN": "no_license_required"},
        ),
        (date(2026, 9, 1), {"AE": "unstated", "KH": "presumption_of_approval", "UA": "insufficient_facts"}),
    ],
)
def test_the_answers_of_known_days(day, kinds):
    found = {d.code: d.enforced.kind for d in everywhere(decider(), H100, day)}
    assert {code: found[code] for code in kinds} == kinds


def test_nothing_assumed_frees_nobody_abroad():
    from headgate.law.us.ear.s734 import UNITED_STATES

    found = everywhere(decider(), H100, date(2024, 6, 1), assume=None)
    assert {d.code for d in found if d.enforced.kind == "no_license_required"} == set(UNITED_STATES)


def test_groups_hold_every_destination_once():
    day = date(2026, 9, 1)
    found = everywhere(decider(), H100, day)
    for track in ("enforced", "printed"):
        groups = groups_of(found, track, decider(), day)
        assert sorted(code for g in groups for code in g.codes) == destinations()
        assert sum(counts(found, track).values()) == len(found)
        assert [ORDER.index(g.kind) for g in groups] == sorted(ORDER.index(g.kind) for g in groups)
        assert all(g.reasons for g in groups if g.kind in POLICY)


def test_from_elsewhere_it_is_a_reexport_and_at_home_a_transfer():
    found = {d.code: d for d in everywhere(decider(), H100, date(2024, 6, 1), "SG")}
    assert found["CN"].enforced.outcome == "license_required"
    assert found["SG"].error == ""


@pytest.mark.parametrize("field", ["item", "destination", "event_date"])
def test_what_the_map_goes_through_cannot_be_stated(field):
    with pytest.raises(UsageError, match=f"--set {field}"):
        everywhere(decider(), H100, date(2024, 6, 1), stated={field: "x"})


def test_every_kind_of_answer_has_words_and_a_color_of_its_own():
    kinds = (set(OUTCOME) - {"license_required"}) | set(POLICY)
    assert kinds == set(ORDER) == set(WORDS)
    for look in (LIGHT, DARK):
        colors = colors_of(look)
        assert set(colors) == kinds
        assert len(set(colors.values())) == len(kinds)


def test_the_map_shows_only_the_answers_there_are_and_says_what_was_assumed():
    found = everywhere(decider(), H100, date(2022, 11, 1))
    drawn = world_map(found, CAPTION)
    text = bytes_of(drawn, ".svg").decode()
    for words in (
        "What it needs",
        "Assumed: clean.",
        "No license required (241)",
        "decide nothing",
        "License, denied (6)",
        "License, presumption of denial (2)",
    ):
        assert words in text
    assert "case by case" not in text
    assert "China" in drawn.description
    rows = json.loads(bytes_of(drawn, ".json"))["datasets"]
    hong_kong = next(row for table in rows.values() for row in table if row["place"].startswith("Hong Kong"))
    china = next(row for table in rows.values() for row in table if row["place"] == "China")
    assert hong_kong["answer"] == china["answer"]
    assert hong_kong["place"] == "Hong Kong (counts as China)"
    assert text == bytes_of(world_map(found, CAPTION), ".svg").decode()


@pytest.mark.parametrize(
    ("item", "to", "day", "after", "cause"),
    [
        ("nvidia-a800-sxm4-80", "CN", "2023-10-23", "presumption_of_denial", "us.letter.2023_10_23"),
        (H20, "CN", "2025-04-09", "unstated", "us.letter.2025_04_09"),
        ("nvidia-h200-sxm", "MO", "2023-01-17", "presumption_of_denial", "us.ear.742_6.a_6"),
        ("nvidia-rtx-4090", "CN", "2023-11-17", "exception_available", "us.ear.742_6.a_6_iii.a"),
        ("nvidia-h200-sxm", "DE", "2025-05-15", "presumption_of_approval", "us.ear.742_6.a_6_iii.worldwide"),
    ],
)
def test_known_turns_and_what_caused_them(item, to, day, after, cause):
    found = [t for t in turns(decider(), item, to) if str(t.day) == day]
    assert len(found) == 1
    assert found[0].after.kind == after
    assert cause in found[0].provisions


def test_hong_kong_turns_when_china_turns():
    by = decider()
    every = turns(by, H20)
    assert any("HK" in t.destinations for t in every)
    for t in every:
        assert ("HK" in t.destinations) == ("CN" in t.destinations)
        assert sorted(set(t.destinations)) == sorted(t.destinations)
    china, there = turns(by, H20, "CN"), turns(by, H20, "HK")
    assert [replace(t, destinations=("CN",)) for t in there] == list(china)


def test_a_turn_by_a_list_names_the_country_and_its_list():
    found = next(t for t in turns(decider(), H20, "KH") if t.before and t.day == date(2026, 2, 3))
    assert found.after.outcome == "no_license_required"
    assert {(c.country, c.list_id, c.joins) for c in found.lists} >= {("KH", "us.country_group.d5", False)}


def test_replaying_the_turns_gives_the_answer_of_every_era():
    """What is shown must be enough to know the answer on any day; and nothing turns without a named cause."""
    by = decider()
    found = turns(by, H100)
    for code in ("CN", "AE", "DE", "KH", "UA"):
        own = [t for t in found if code in t.destinations]
        for day in by.eras.starts:
            d = by.decide(clean_row(H100, code, day), "clean", None)
            for track, outcome in (("enforced", d.outcome), ("printed", d.outcome_printed)):
                past = [t for t in own if t.day <= day and t.track in ("both", track)]
                assert (past[-1].after.outcome if past else "no_license_required") == outcome
    assert all(t.provisions or t.lists for t in found if t.before)


def test_a_turn_is_between_two_different_answers_on_two_days_in_a_row():
    by = decider()
    for t in turns(by, "nvidia-rtx-4090"):
        if t.before is None:
            continue
        assert said(t.before) != said(t.after)
        eve = by.decide(clean_row("nvidia-rtx-4090", t.destinations[0], t.day - timedelta(days=1)), "clean", None)
        was = eve.outcome_printed if t.track == "printed" else eve.outcome
        assert was == t.before.outcome
