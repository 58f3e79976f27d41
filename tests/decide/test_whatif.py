"""What a missing day could do is tried, not passed over."""

from headgate.decide.one import decider
from headgate.decide.whatif import effects

LISTED = {
    "item": "nvidia-a10",
    "activity": "export",
    "ship_from": "US",
    "destination": "CN",
    "event_date": "2023-10-24",
    "is_entity_listed": "yes",
}


def test_a_day_of_loading_that_a_savings_clause_asks_for_can_free_the_line() -> None:
    by = decider()
    (found,) = effects(by.decide({**LISTED, "entity_listed_on": "2023-10-17"}, "clean", None), by)
    assert found.columns == ("loaded_date",)
    assert found.changes
    assert found.answers == (
        ("some weeks before the line's day", "no license is required"),
        ("the line's day", "no change by itself"),
    )


def test_where_no_clause_can_save_no_day_is_asked_for() -> None:
    by = decider()
    assert effects(by.decide(LISTED, "clean", None), by) == []
