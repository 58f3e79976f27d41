"""The engine, tested on the toy country: nothing here knows a rule of any real one."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from headgate.decide.answer import answer
from headgate.decide.era import Eras
from headgate.errors import BookError, ConflictError
from headgate.expr import FALSE, any_part, fact, field, holds, threshold
from headgate.expr.program import lower
from headgate.law.book import Book
from headgate.law.provision import STAGES, provision
from headgate.law.toy import BEGINS, PROVISIONS, READ_ON, book
from headgate.source import Cite

CITE = Cite("Acts of Lumen, no. 99", "", "2020-12-31")
BRIGHT, DIM, LIGHTHOUSE = (
    {"ic.tpp": 120.0, "ic.is_datacenter": False, "ic.maker": "Wick"},
    {"ic.tpp": 20.0, "ic.is_datacenter": False, "ic.maker": "Firefly"},
    {"ic.tpp": 120.0, "ic.is_datacenter": True, "ic.maker": "Wick"},
)
ROW = {
    "act.activity": "export",
    "act.destination": "FJ",
    "item.kind": "ic",
    "party.is_denied": False,
    "use.military": False,
    "act.us_import": False,
}
SHIP = {"item.kind": "computer"}
UNSAID = {"act.destination": None}


class Lists:
    """Dated lists: one coast, which grows by an island on a day."""

    def members(self, list_id, day):
        assert list_id == "toy.coast"
        return frozenset(("FJ", "IS") if day >= date(2005, 5, 5) else ("FJ",))

    def change_days(self):
        return (date(1999, 1, 1), date(2005, 5, 5))


def rule(id, when=FALSE, stage="scope", start="2000-01-01", **more):
    return provision(id, stage=stage, says="A rule.", when=when, start=start, cite=CITE, mark="primary", **more)


def toy(*more, without=()):
    """Return the toy book with further provisions, or without some."""
    return Book((*(p for p in PROVISIONS if p.id not in without), *more), BEGINS, READ_ON)


def decide(changes=None, parts=(BRIGHT,), day="2005-01-01", track="enforced", of=None):
    era = Eras(of or book(), Lists()).on(date.fromisoformat(day))
    truths, _ = era.run(ROW | (changes or {}), parts)
    return answer(era.tracks[track], truths)


@pytest.mark.parametrize(
    ("changes", "parts", "day", "outcome"),
    [
        ({}, (BRIGHT,), "2005-01-01", "exception_available"),
        ({}, (LIGHTHOUSE,), "2005-01-01", "license_required"),
        ({}, (DIM,), "2005-01-01", "no_license_required"),
        ({"act.destination": "FR"}, (LIGHTHOUSE,), "2005-01-01", "no_license_required"),
        ({"act.destination": "LU"}, (LIGHTHOUSE,), "2005-01-01", "no_license_required"),
        (SHIP, (DIM, LIGHTHOUSE), "2005-01-01", "license_required"),
        (SHIP, (), "2005-01-01", "no_license_required"),
        ({}, None, "2005-01-01", "insufficient_facts"),
        (UNSAID, (LIGHTHOUSE,), "2005-01-01", "insufficient_facts"),
        (UNSAID, (DIM,), "2005-01-01", "no_license_required"),
        ({"party.is_denied": True}, (DIM,), "2005-01-01", "prohibited"),
        ({"party.is_denied": True} | UNSAID, (LIGHTHOUSE,), "2005-01-01", "insufficient_facts"),
        ({"party.is_denied": None}, (LIGHTHOUSE,), "2005-01-01", "license_required"),
        ({"item.kind": "software"}, (), "2005-01-01", "not_modeled"),
        ({"item.kind": None}, (DIM,), "2005-01-01", "insufficient_facts"),
        ({}, ({"ic.tpp": 80.0, "ic.is_datacenter": True},), "2009-12-31", "no_license_required"),
        ({}, ({"ic.tpp": 80.0, "ic.is_datacenter": True},), "2010-01-01", "license_required"),
        ({}, ({"ic.tpp": 79.9999, "ic.is_datacenter": True},), "2010-01-01", "no_license_required"),
        ({"use.military": True}, (DIM,), "2012-05-31", "no_license_required"),
        ({"use.military": True}, (DIM,), "2012-06-01", "license_required"),
    ],
)
def test_outcome(changes, parts, day, outcome):
    assert decide(changes, parts, day).outcome == outcome


@pytest.mark.parametrize(
    ("changes", "parts", "enforced", "printed"),
    [
        ({"act.destination": "FR"}, (BRIGHT,), "no_license_required", "license_required"),
        ({"act.destination": "MT"} | SHIP, (DIM,), "license_required", "no_license_required"),
        ({}, (BRIGHT,), "exception_available", "license_required"),
    ],
)
def test_printed_and_enforced_law_differ(changes, parts, enforced, printed):
    assert decide(changes, parts, "2015-01-01").outcome == enforced
    assert decide(changes, parts, "2015-01-01", "printed").outcome == printed
    assert decide(changes, parts, "2014-12-31").outcome == decide(changes, parts, "2014-12-31", "printed").outcome


def test_an_exception_must_cover_every_requirement_that_applies():
    open_ = decide(day="2012-06-01")
    assert (open_.exceptions, open_.needs) == (("FESTIVAL",), ("purchase_order",))
    closed = decide({"use.military": True}, day="2012-06-01")
    assert (closed.outcome, closed.exceptions, closed.needs) == ("license_required", (), ())
    assert decide({"use.military": None}, day="2012-06-01").outcome == "license_required"
    assert decide({"party.is_denied": True}).outcome == "prohibited"


@pytest.mark.parametrize(
    ("parts", "policy"),
    [
        ((BRIGHT,), "case_by_case"),
        ((LIGHTHOUSE,), "presumption_of_denial"),
        ((BRIGHT | {"ic.is_datacenter": None},), "presumption_of_denial"),
        (None, "presumption_of_denial"),
        ((DIM,), ""),
    ],
)
def test_the_policy_is_the_strictest_still_possible(parts, policy):
    assert decide(parts=parts).review_policy == policy


def test_a_stated_policy_yields_to_a_stricter_one_and_silence_to_any():
    drown = rule("toy.review.drown", holds("toy.moths"), "review", policy="denial")
    assert decide(of=toy(drown)).review_policy == "denial"
    assert decide(of=toy(without=("toy.review.other", "toy.review.lighthouse"))).review_policy == "unstated"


@pytest.mark.parametrize(
    ("changes", "parts", "eccn", "paragraph"),
    [
        ({}, (BRIGHT,), "L1", "L1.a"),
        ({}, (DIM,), "L2", "L2"),
        ({}, ({"ic.tpp": 9.9999},), "", ""),
        ({}, ({},), "", ""),
        (SHIP, (DIM,), "S2", "S2"),
        (SHIP, (DIM, BRIGHT), "S1", "S1"),
        (SHIP, ({},), "", ""),
        ({"item.kind": None}, (BRIGHT,), "", ""),
    ],
)
def test_classification(changes, parts, eccn, paragraph):
    found = decide(changes, parts)
    assert (found.eccn, found.eccn_paragraph) == (eccn, paragraph)


def test_two_classifications_without_precedence_stop_the_decision():
    ferry = rule("toy.ferry", field("item.kind").one_of("computer"), "classify", eccn="S3", paragraph="S3")
    with pytest.raises(ConflictError, match=r"toy.ship .* and toy.ferry .* as S2 and S3"):
        decide(SHIP, (DIM,), of=toy(ferry))
    assert decide(SHIP, (DIM,), of=toy(replace(ferry, over=("toy.ship",)))).eccn == "S3"
    assert decide(of=toy(ferry)).eccn == "L1"


def test_reasons_come_in_the_order_of_application_with_what_they_build_on():
    found = decide(parts=(LIGHTHOUSE,))
    assert found.reasons == ("toy.bright", "toy.leaves", "toy.moths", "toy.review.lighthouse")
    assert decide({"act.destination": "LU"}).reasons == ("toy.bright", "not_an_export")
    assert decide(parts=(DIM,), changes={"party.is_denied": True}).reasons == ("toy.dim", "toy.pirates")


def test_evidence_is_the_weakest_mark_that_decided():
    assert decide(day="2016-01-01").evidence == "primary"
    assert decide({"act.destination": "MT"} | SHIP, day="2016-01-01").evidence == "one_source"


def test_a_note_flags_and_never_decides():
    assert decide(parts=(DIM,)).flags == ("may_fly_away",)
    assert decide(parts=(DIM,)).outcome == decide(parts=(DIM | {"ic.maker": "Wick"},)).outcome


@pytest.mark.parametrize(("back", "due"), [(True, True), (False, False), (None, None)])
def test_the_duty_stands_beside_the_answer(back, due):
    found = decide({"act.us_import": back})
    assert (found.duty, found.rate, found.outcome) == (due, 0.1, "exception_available")


def test_what_is_not_modeled_never_frees():
    haunted = toy(rule("toy.haunted", fact("use.wmd"), "not_modeled"))
    assert decide({"use.wmd": True}, (DIM,), of=haunted).outcome == "not_modeled"
    assert decide({}, (DIM,), of=haunted).outcome == "insufficient_facts"
    assert decide({}, (BRIGHT,), of=haunted).outcome == "license_required"
    assert decide({"use.wmd": True}, (LIGHTHOUSE,), of=haunted).outcome == "license_required"


def test_spans_are_half_open():
    old, new = book().versions("toy.bright")
    assert book().on(date(2009, 12, 31), "printed").by_id["toy.bright"] is old
    assert book().on(date(2010, 1, 1), "printed").by_id["toy.bright"] is new
    for id, start in (("toy.sea_battle", date(2012, 6, 1)), ("toy.bright", BEGINS)):
        assert id not in book().on(start - timedelta(1), "enforced").by_id
        assert id in book().on(start, "enforced").by_id
    with pytest.raises(ValueError, match="on or before its start"):
        _ = rule("toy.x", start="2001-01-01", end="2001-01-01").binds


def test_tracks_hold_their_own():
    day = date(2016, 1, 1)
    printed, enforced = (set(book().on(day, track).by_id) for track in ("printed", "enforced"))
    assert (printed - enforced, enforced - printed) == ({"toy.everywhere"}, {"toy.harbor_master"})


def test_eras_change_with_the_book_and_with_its_lists():
    coast = rule("toy.coast", field("act.destination").in_list("toy.coast"), "require")
    eras = Eras(toy(coast), Lists())
    days = [*book().change_days, date(2005, 5, 5)]
    assert list(eras.starts) == sorted(days)
    assert [eras.starts[eras.number(d)] for d in days] == days
    iceland = {"act.destination": "IS"}
    assert decide(iceland, (DIM,), "2005-05-04", of=toy(coast)).outcome == "no_license_required"
    assert decide(iceland, (DIM,), "2005-05-05", of=toy(coast)).outcome == "license_required"


def test_overlapping_versions_are_refused():
    again = rule("toy.moths", start="2015-01-01")
    with pytest.raises(
        BookError, match="toy.moths has two versions in force at once: 2000-01-01 to open and 2015-01-01"
    ):
        toy(again)
    with pytest.raises(BookError, match="toy.everywhere has two versions"):
        toy(rule("toy.everywhere", start="2016-01-01"))
    assert toy(rule("toy.everywhere", start="2016-01-01", track="enforced")).versions("toy.everywhere")
    late = rule("toy.sea_battle", start="2000-01-01", end="2012-06-01")
    assert len(toy(late).versions("toy.sea_battle")) == 2


@pytest.mark.parametrize("more", [{"when": holds("toy.brigt")}, {"covers": ("toy.brigt",)}, {"over": ("toy.brigt",)}])
def test_an_unknown_reference_is_refused_with_near_names(more):
    with pytest.raises(BookError, match=r"toy.lost refers to 'toy.brigt'.* Did you mean toy.bright"):
        toy(rule("toy.lost", **more))


def test_an_unknown_id_is_refused_with_near_names():
    with pytest.raises(BookError, match=r"no provision 'toy.moth'.* Did you mean toy.moths"):
        book().versions("toy.moth")


HEN, EGG = rule("toy.hen", holds("toy.egg") & fact("use.wmd")), rule("toy.egg", ~holds("toy.hen"))
CIRCLE = r"in a circle: toy\.(egg|hen) -> toy\.(egg|hen) -> toy\.(egg|hen)"


def test_a_circle_is_refused_when_the_law_of_a_day_is_lowered():
    law = toy(HEN, EGG).on(BEGINS, "enforced")
    with pytest.raises(ValueError, match=CIRCLE):
        lower(({"toy.hen": HEN.when}, law.expression))


def test_a_circle_is_refused_before_a_decision():
    with pytest.raises(ValueError, match=CIRCLE):
        decide(of=toy(HEN, EGG))


def test_a_part_is_not_asked_about_the_whole():
    with pytest.raises(BookError, match="toy.odd asks toy.leaves of a part"):
        toy(rule("toy.odd", any_part(holds("toy.leaves"))))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"stage": "digest"}, "stage 'digest' is none of classify, scope"),
        ({"track": "rumored"}, "track 'rumored'"),
        ({"stage": "review", "policy": "coin_toss"}, "policy 'coin_toss'"),
    ],
)
def test_unknown_words_are_refused(more, says):
    with pytest.raises(BookError, match=f"provision toy.x: {says}"):
        rule("toy.x", **more)


def test_a_sentence_ends_with_a_full_stop():
    with pytest.raises(BookError, match="full stop"):
        provision("toy.x", stage="note", says="No stop", when=FALSE, start="2000-01-01", cite=CITE, mark="primary")
    with pytest.raises(BookError, match="mark 'hearsay'"):
        provision("toy.x", stage="note", says="A.", when=FALSE, start="2000-01-01", cite=CITE, mark="hearsay")


def test_the_version_is_the_same_in_every_process_and_moves_with_a_threshold():
    def version(seed):
        code = "from headgate.law.toy import book; print(book().version)"
        src = Path(__file__).resolve().parents[2] / "src"
        env = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(src)}
        return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout

    assert version(1).strip() == version(2).strip() == book().version
    bright = next(p for p in PROVISIONS if p.id == "toy.bright")
    shifted = replace(bright, when=field("ic.tpp") >= threshold("toy.bright/glow", 100.0001, "TPP"))
    versions = {
        Book((shifted, *PROVISIONS[1:]), BEGINS, READ_ON).version,
        Book((replace(bright, note="Ask the moths."), *PROVISIONS[1:]), BEGINS, READ_ON).version,
        book().version,
    }
    assert len(versions) == 3


def test_the_toy_country_uses_everything():
    assert {p.stage for p in PROVISIONS} == set(STAGES)
    assert {p.track for p in PROVISIONS} == {"both", "printed", "enforced"}
    assert any(p.binds_from for p in PROVISIONS)
    assert any(len(book().versions(id)) > 1 for id in book().ids())


def test_the_toy_country_decides_at_the_front_door():
    from headgate.decide.one import Decider

    row = {"activity": "export", "destination": "FJ", "event_date": "2005-01-01", "item_kind": "ic", "tpp": "120"}
    found = Decider(book()).decide(row | {"is_datacenter": "no"}, "clean", {"us_import": "yes"})
    assert (found.outcome, found.exceptions, found.eccn) == ("exception_available", ("FESTIVAL",), "L1")
    assert (found.duty_rate, found.law_version) == (0.1, book().version)
    assert Decider(book()).decide(row, "clean", {}).missing == ("is_datacenter",)
