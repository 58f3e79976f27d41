"""Two clocks: law is valid on a day, and known from a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from headgate.catalog.chips import catalog
from headgate.catalog.countries import country_lists
from headgate.decide.one import Decider, decider
from headgate.decide.table import decide_frame
from headgate.errors import CatalogError
from headgate.expr import field
from headgate.law.fields import CERTIFICATIONS
from headgate.law.provision import provision
from headgate.law.us import BEGINS, READ_ON, book
from headgate.source import Cite

H200 = {
    "line_id": "1",
    "item": "nvidia-h200-sxm",
    "activity": "export",
    "ship_from": "US",
    "destination": "CN",
    "event_date": "2026-02-01",
}
NEWS = provision(
    "us.ear.742_6.news",
    stage="require",
    says="A license is required for everything to Kenya.",
    when=field("act.destination").one_of("KE"),
    start="2026-01-01",
    cite=Cite("15 CFR 742.6", "99 FR 1", "2026-12-01", published_on=date(2026, 12, 1)),
    mark="primary",
)


def test_as_known_yesterday_gives_the_same_bytes_after_a_provision_is_added():
    yesterday = date(2026, 11, 21)
    lines = [H200 | {"line_id": to, "destination": to} for to in ("CN", "KE", "SA", "DE")]
    before = Decider()
    later = Decider(replace(book(), provisions=(*book().provisions, NEWS)))
    old, new = (d.decide(lines[1], "clean", None) for d in (before, later))
    assert (old.outcome, new.outcome) == ("no_license_required", "license_required")
    replayed = later.as_known(yesterday)
    assert [replayed.decide(r, "clean", None).to_json() for r in lines] == [
        before.decide(r, "clean", None).to_json() for r in lines
    ]
    assert decide_frame(replayed, lines, assume="clean").equals(decide_frame(before, lines, assume="clean"))


def test_as_known_reopens_an_end_that_was_not_foreseen():
    ended = replace(
        book(),
        provisions=tuple(
            replace(p, end=date(2026, 10, 1), ended_by=NEWS.cite) if p.id == "us.ear.742_6.a_6_iii.a" else p
            for p in book().provisions
        ),
    )
    assert ended.version != book().version
    assert ended.as_known(date(2026, 11, 21)).version == book().version


def test_a_later_reading_does_not_change_what_was_known():
    read = replace(
        book(), read_on=date(2027, 1, 31), readings=(*book().readings, (date(2027, 2, 1), date(2027, 1, 31)))
    )
    for day in (date(2026, 11, 21), date(2026, 11, 22), date(2027, 1, 31)):
        assert read.as_known(day).read_on == book().as_known(day).read_on == READ_ON
    assert read.as_known(date(2027, 2, 1)).read_on == date(2027, 1, 31)
    assert book().as_known(date(2024, 1, 1)).read_on == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("known", "event", "policy"),
    [
        ("2026-01-14", "2026-02-01", "presumption_of_denial"),
        ("2026-01-15", "2026-02-01", "case_by_case"),
        ("2026-11-22", "2026-01-14", "presumption_of_denial"),
    ],
)
def test_the_h200_rule_is_known_from_its_publication(known, event, policy):
    certified = dict.fromkeys(("us_available_2026_01_15", *CERTIFICATIONS), "yes")
    found = (
        decider().as_known(date.fromisoformat(known)).decide(H200 | certified | {"event_date": event}, "clean", None)
    )
    assert (found.outcome, found.review_policy) == ("license_required", policy)


def test_as_known_never_loses_the_law_that_a_later_one_replaced():
    row = H200 | {"item": "nvidia-a100-sxm4-80", "event_date": "2023-12-01"}
    assert decider().as_known(date(2023, 9, 1)).decide(row, "clean", None).eccn == "3A090"
    assert decider().as_known(date(2023, 10, 25)).decide(row, "clean", None).eccn == "3A090.a"


def test_every_day_of_knowledge_gives_a_book_that_holds_together():
    day = BEGINS
    while day < date(2026, 12, 1):
        known = book().as_known(day)
        assert all(p.known_from <= day for p in known.provisions)
        day += timedelta(days=9)
    assert book().as_known(date(2026, 11, 22)) == book()


def test_lists_and_records_have_their_own_day():
    lists = country_lists()
    day = date(2026, 7, 12)
    assert "AE" in lists.members("us.country_group.a5", day)
    assert "AE" not in lists.as_known(day).members("us.country_group.a5", day)
    assert "AE" in lists.as_known(day).members("us.country_group.d4", day)
    assert "CY" in lists.as_known(date(2024, 5, 9)).members("us.country_group.d5", date(2024, 6, 1))
    early = catalog().as_known(date(2024, 1, 1))
    with pytest.raises(CatalogError, match="not yet known on 2024-01-01"):
        early.find("nvidia-b300")
    assert early.version() != catalog().version()


def test_as_of_decides_every_line_under_the_law_of_one_day():
    of = Decider(as_of=date(2023, 6, 1))
    row = H200 | {"item": "nvidia-a800-sxm4-80"}
    assert of.decide(row, "clean", None).outcome == "no_license_required"
    assert decider().decide(row, "clean", None).outcome == "license_required"
    lines = [row, row | {"line_id": "2", "event_date": None}, row | {"line_id": "3", "event_date": "2019-01-01"}]
    frame = decide_frame(of, lines, assume="clean")
    assert frame["outcome"].to_list() == ["no_license_required"] * 3
    late = decide_frame(Decider(as_of=date(2026, 11, 1)), lines, assume="clean")
    assert all("law_not_read_after_2026-09-25" in flags for flags in late["flags"].to_list())


def test_what_is_overdue_is_said():
    due = replace(book(), provisions=(*book().provisions, replace(NEWS, review_by=date(2026, 11, 10)))).overdue
    assert NEWS.id not in [p.id for p in due(date(2026, 11, 9))]
    assert NEWS.id in [p.id for p in due(date(2026, 11, 10))]


def test_every_record_was_known_when_the_law_was_last_read():
    assert [r.id for r in catalog().records() if r.known_from > READ_ON] == []
