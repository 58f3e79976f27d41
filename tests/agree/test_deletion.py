"""A fact that is taken away never moves an answer towards "no license required"."""

from pathlib import Path

import pytest

from .casefile import NO_LICENSE, load, outcome, stated_row

GOLDEN = load(Path(__file__).parent / "chip_rules" / "golden.toml")[0]
FREE = [case for case in GOLDEN if case["expect"]["outcome"] == NO_LICENSE]
BOUND = [case for case in GOLDEN if case["expect"]["outcome"] != NO_LICENSE]
UNSURE = {"insufficient_facts", "not_modeled", "legal_ambiguity", "invalid_row"}
NEEDED = ("destination", "is_denied", "is_entity_listed", "hq_country", "end_use", "event_date", "item")

BEFORE_HQ_RULE = "no rule on this day asks where a party has its headquarters"
OUTSIDE_3A090 = "the headquarters rule is for 3A090 items, and the letters of 2025 are not out yet"
NO_ITEM_MOVES = "the Entity List asks for a license for items, and use moves none"
SAID_BY_MEASURES = "the row states the item's measures, so the name may add nothing"
MAY_STAY_FREE = {
    ("GC3", "hq_country"): BEFORE_HQ_RULE,
    ("GC6", "hq_country"): BEFORE_HQ_RULE,
    ("GC7", "hq_country"): BEFORE_HQ_RULE,
    ("GC8", "hq_country"): BEFORE_HQ_RULE,
    ("GC10 cut", "hq_country"): BEFORE_HQ_RULE,
    ("GC17", "hq_country"): OUTSIDE_3A090,
    ("GC18", "hq_country"): OUTSIDE_3A090,
    ("GC19", "hq_country"): OUTSIDE_3A090,
    ("GC21 T4", "hq_country"): OUTSIDE_3A090,
    ("GC21 V100", "hq_country"): OUTSIDE_3A090,
    ("GC33", "hq_country"): OUTSIDE_3A090,
    ("GC44", "is_entity_listed"): NO_ITEM_MOVES,
    ("GC44 parent in China", "is_entity_listed"): NO_ITEM_MOVES,
    ("GC3", "item"): SAID_BY_MEASURES,
    ("GC10 cut", "item"): SAID_BY_MEASURES,
    ("GC21 T4", "item"): SAID_BY_MEASURES,
    ("GC52 Germany", "item"): SAID_BY_MEASURES,
}


def without(row, field):
    return {column: value for column, value in row.items() if column != field}


def by_id(case):
    return case["id"]


@pytest.mark.parametrize("case", GOLDEN, ids=by_id)
def test_the_assumption_written_out_gives_the_same_outcome(case):
    assert outcome(stated_row(case)) == case["expect"]["outcome"]


@pytest.mark.parametrize("case", BOUND, ids=by_id)
def test_deleting_a_fact_never_frees(case):
    row = stated_row(case)
    assert [field for field in row if outcome(without(row, field)) == NO_LICENSE] == []


@pytest.mark.parametrize("case", FREE, ids=by_id)
def test_deleting_a_fact_from_a_free_row_leaves_it_free_or_unsure(case):
    row = stated_row(case)
    outcomes = {field: outcome(without(row, field)) for field in row}
    assert {field: got for field, got in outcomes.items() if got not in UNSURE | {NO_LICENSE}} == {}


@pytest.mark.parametrize("case", FREE, ids=by_id)
def test_deleting_a_needed_fact_leaves_nothing_free(case):
    row = stated_row(case)
    needed = [field for field in NEEDED if (case["id"], field) not in MAY_STAY_FREE]
    assert [field for field in needed if outcome(without(row, field)) not in UNSURE] == []


@pytest.mark.parametrize("case", GOLDEN, ids=by_id)
def test_without_a_day_there_is_no_answer(case):
    assert outcome(without(stated_row(case), "event_date")) in {"invalid_row", "insufficient_facts"}


def test_what_may_stay_free_names_golden_rows_that_are_free():
    assert {name for name, _ in MAY_STAY_FREE} <= {case["id"] for case in FREE}
    assert all(field in NEEDED for _, field in MAY_STAY_FREE)
