"""The lines of `law_state.toml`: what an edit of them moves, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from headgate.decide.one import Decider
from headgate.errors import BookError
from headgate.law.book import Book
from headgate.law.us import book
from headgate.law.us.ear.s744_11 import AFFILIATES_RULE, windows
from headgate.law.us.state import Stay, affiliates_stay, read_state

STAY = affiliates_stay()
LATER = Stay(date(2027, 11, 9), "primary", "91 FR 99999", date(2026, 11, 5))
STATUS = "affiliates_rule_status_unverified"
ROW = {"activity": "export", "item": "nvidia-l2", "ship_from": "US", "destination": "DE"}
LINE = 'affiliates_stay = {{ through = {}, mark = "{}", cite = "90 FR 50857", published = 2025-11-12 }}'


@cache
def under(stay):
    """Return the book with the affiliates rule as one line of the state has it."""
    rest = tuple(p for p in book().provisions if p not in AFFILIATES_RULE)
    made = Book((*rest, *windows(stay)), book().begins, book().read_on, book().readings)
    return Decider(made)


def decide(decider, day, share=0.6, assume="clean"):
    return decider.decide(ROW | {"event_date": day, "listed_owner_share": share}, assume, None)


def test_the_book_reads_the_line():
    assert windows(STAY) == AFFILIATES_RULE
    assert [p for p in AFFILIATES_RULE if p not in book().provisions] == []


def test_what_comes_back_after_the_stay_must_be_looked_at_on_its_first_day():
    back = {p.id: p for p in AFFILIATES_RULE if p.start == STAY.through + timedelta(1)}
    assert back["us.ear.744_11.affiliates"].review_by == STAY.through + timedelta(1)
    assert {p.mark for p in back.values()} == {STAY.mark}


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2025-10-15", "license_required"),
        ("2026-03-01", "no_license_required"),
        ("2026-11-20", "no_license_required"),
        ("2027-11-09", "no_license_required"),
        ("2027-11-10", "license_required"),
    ],
)
def test_an_extension_moves_the_return_of_the_rule(day, outcome):
    decision = decide(under(LATER), day)
    assert decision.outcome == outcome
    assert STATUS not in decision.flags
    assert ("affiliates_rule_suspended" in decision.flags) is (outcome == "no_license_required")


def test_before_the_extension_is_known_only_the_stay_is():
    early = under(LATER).book.as_known(date(2026, 11, 4))
    assert [(p.start.isoformat(), p.end) for p in early.versions("us.ear.744_11.affiliates_stay")] == [
        ("2025-11-10", None)
    ]


def test_a_return_that_is_verified_is_no_longer_flagged():
    decision = decide(under(replace(STAY, mark="primary")), "2026-11-20")
    assert decision.outcome == "license_required"
    assert STATUS not in decision.flags
    assert "read_owner_entry" in decision.flags


@pytest.mark.parametrize(("share", "flagged"), [(None, True), (0.0001, True), (0.6, True), (0, False)])
@pytest.mark.parametrize("assume", ["clean", None])
def test_every_decision_that_it_may_touch_says_that_its_state_is_unverified(share, flagged, assume):
    decision = decide(under(STAY), "2026-11-10", share, assume)
    # `--assume clean` states that no listed party owns anything, and then nothing hangs on the rule.
    assert (STATUS in decision.flags) is (flagged and not (share is None and assume))
    assert STATUS not in decide(under(STAY), "2026-11-09", share, assume).flags


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs 'through', a day"),
        ("affiliates_stay = 3", "needs 'through', a day"),
        (LINE.format('"2026-11-09"', "primary"), "needs 'through', a day"),
        (LINE.format("2026-11-09", "sure"), "mark 'sure' is none of"),
        (LINE.format("2026-11-09", "primary") + "\naffiliate_stay = 1", "unknown key 'affiliate_stay'"),
        (LINE.format("2026-11-09", "primary").replace("}", ", till = 1 }"), "unknown key 'till'"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(text, said):
    with pytest.raises(BookError, match=said):
        read_state(text)
