"""History: what starts, ends and changes, by day and between two days."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from headgate.expr import field, threshold
from headgate.law.book import Book
from headgate.law.history import between, list_changes, timeline
from headgate.law.provision import provision
from headgate.law.us import book as us_book
from headgate.source import Cite


@dataclass(frozen=True)
class Listed:
    list_id: str
    country: str
    start: date | None
    end: date | None
    cite: str = "somewhere"


def rule(start, end=None, limit=10.0, **gives):
    return provision(
        gives.pop("id", "toy.rule"),
        stage=gives.pop("stage", "require"),
        says="Heavy goods need a license.",
        when=field("item.kilograms") >= threshold("toy.rule/kg", limit, "kg"),
        start=start,
        end=end,
        cite=Cite("Toy 1", "", "2026-11-22"),
        mark="primary",
        **gives,
    )


def toy(*provisions):
    return Book(provisions, date(2020, 1, 1), date(2026, 1, 1))


def test_a_new_version_changes_and_tells_its_thresholds():
    book = toy(rule("2020-01-01", "2022-01-01"), rule("2022-01-01", limit=5.0))
    (change,) = between(book, date(2021, 12, 31), date(2022, 1, 1))
    assert (change.what, change.track) == ("changes", "both")
    ((id, old, new),) = change.thresholds()
    assert (id, old.value, new.value) == ("toy.rule/kg", 10.0, 5.0)


def test_start_and_end_are_told_apart():
    book = toy(rule("2020-01-01"), rule("2021-01-01", "2023-01-01", id="toy.guest"))
    assert [c.what for c in between(book, date(2020, 6, 1), date(2021, 1, 1))] == ["starts"]
    assert [c.what for c in between(book, date(2022, 12, 31), date(2023, 1, 1))] == ["ends"]
    assert between(book, date(2020, 6, 1), date(2024, 1, 1)) == ()


def test_the_printed_track_is_marked_and_duties_count_from_the_day_they_bind():
    book = toy(rule("2021-01-01", binds_from="2021-05-15", track="printed"))
    assert between(book, date(2020, 6, 1), date(2021, 5, 14)) == ()
    (change,) = between(book, date(2021, 5, 14), date(2021, 5, 15))
    assert change.track == "printed"


def test_lists_join_and_leave():
    entries = [Listed("g", "CY", None, date(2024, 5, 30)), Listed("g", "NI", date(2024, 3, 15), None)]
    found = list_changes(entries, date(2024, 1, 1), date(2024, 12, 31))
    assert [(c.day.isoformat(), c.country, c.joins) for c in found] == [
        ("2024-03-15", "NI", True),
        ("2024-05-30", "CY", False),
    ]
    assert list_changes(entries, date(2024, 5, 30), date(2025, 1, 1)) == ()


def test_the_timeline_has_days_on_which_only_a_list_changes():
    book = toy(rule("2020-01-01"))
    days = timeline(book, [Listed("g", "CY", None, date(2024, 5, 30))])
    assert [d.day.isoformat() for d in days] == ["2020-01-01", "2024-05-30"]
    assert days[1].changes == ()


def test_what_comes_to_be_required_stands_first():
    day = next(d for d in timeline(us_book()) if d.day == date(2023, 11, 17))
    assert day.changes[0].one.stage == "require"


@pytest.mark.parametrize("n", range(1, len(us_book().change_days)))
def test_every_change_day_changes_something_and_the_day_before_does_not(n):
    day = us_book().change_days[n]
    before = day - timedelta(days=1)
    assert between(us_book(), before, day)
    if before > us_book().change_days[n - 1]:
        assert between(us_book(), us_book().change_days[n - 1], before) == ()
