"""What must hold for every transaction, whatever the law of its day."""

import math

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import headgate
from headgate.decide.decision import DECISION_COLUMNS
from headgate.law.provision import POLICIES

from .rows import AREAS, DENSITIES, DRAM, IO, PLACES, TPP, rows

# From the freest: an answer that waits for facts is stricter than one that frees, milder than one that requires.
FREEDOM = {
    "no_license_required": 0,
    "exception_available": 1,
    "insufficient_facts": 2,
    "not_modeled": 2,
    "legal_ambiguity": 2,
    "license_required": 3,
    "prohibited": 4,
    "invalid_row": 2,
}
STRICTNESS = {"": 0, **{policy: len(POLICIES) - n for n, policy in enumerate(POLICIES)}}
RAISED = {
    "tpp": TPP,
    "performance_density": DENSITIES,
    "dram_bandwidth_gb_per_s": DRAM,
    "io_bandwidth_gb_per_s": IO,
}


def no_milder(before, after, tracks=("", "_printed")):
    """Assert that an answer did not become milder, by the enforced and by the printed law."""
    for suffix in tracks:
        was, now = getattr(before, f"outcome{suffix}"), getattr(after, f"outcome{suffix}")
        assert FREEDOM[now] >= FREEDOM[was], f"outcome{suffix}: {was} became {now}"
        policy, then = getattr(before, f"review_policy{suffix}"), getattr(after, f"review_policy{suffix}")
        assert STRICTNESS[then] >= STRICTNESS[policy], f"review_policy{suffix}: {policy} became {then}"


@given(rows(measured=True), st.data())
def test_raising_a_controlled_number_never_relaxes(row, data):
    column = data.draw(st.sampled_from(sorted(RAISED)))
    if row.get(column) is None:
        row = row | {column: data.draw(st.sampled_from(RAISED[column]))}
    higher = [v for v in (*RAISED[column], math.nextafter(row[column], math.inf), row[column] * 1.5) if v > row[column]]
    raised = row | {column: data.draw(st.sampled_from(higher))}
    no_milder(headgate.decide(row), headgate.decide(raised))


@given(rows(measured=True), st.lists(st.sampled_from(AREAS[1:]), min_size=2, max_size=2, unique=True))
def test_a_smaller_die_of_the_same_performance_never_relaxes(row, areas):
    stated = row | {"performance_density": None, "die_area_mm2": max(areas)}
    no_milder(headgate.decide(stated), headgate.decide(stated | {"die_area_mm2": min(areas)}))


@given(rows(), st.data())
def test_removing_a_fact_never_frees(row, data):
    column = data.draw(st.sampled_from(sorted(c for c in row if row[c] is not None)))
    before, after = headgate.decide(row), headgate.decide(row | {column: None})
    for suffix in ("", "_printed"):
        was, now = getattr(before, f"outcome{suffix}"), getattr(after, f"outcome{suffix}")
        # A row that contradicts itself is refused, not answered; without one of the two facts it can be read.
        if now in ("no_license_required", "exception_available") and was != "invalid_row":
            assert FREEDOM[was] <= FREEDOM[now], f"without {column}, outcome{suffix} {was} became {now}"
        if now not in ("invalid_row", "not_modeled") and was not in ("invalid_row", "not_modeled"):
            policy, then = getattr(before, f"review_policy{suffix}"), getattr(after, f"review_policy{suffix}")
            assert STRICTNESS[then] >= STRICTNESS[policy], f"no {column}: policy{suffix} {policy} became {then}"


@given(rows(), st.sampled_from(("CN", "RU", "MO", "KH", "NI")))
def test_a_parent_in_d5_or_macau_never_relaxes(row, parent):
    assume(row["event_date"] < "2026-02-03" or parent != "KH")
    assume(row["event_date"] > "2024-03-15" or parent != "NI")
    assume(row["hq_country"] is not None)
    other = row | {"ultimate_parent_hq_country": "DE"}
    before, after = headgate.decide(other), headgate.decide(row | {"ultimate_parent_hq_country": parent})
    # By the printed text everyone needs a license from 2025-05-15, and where a country's allocation is or may be met
    # an application is denied outright; for D:5 a denial is only presumed, and NAC is open.
    everyone = row["event_date"] >= "2025-05-15"
    no_milder(before, after, ("",) if everyone else ("", "_printed"))


@given(rows(blank=False))
def test_every_stated_row_has_an_answer_and_a_reason(row):
    decision = headgate.decide(row)
    assert decision.outcome in FREEDOM
    if decision.outcome in ("license_required", "exception_available", "prohibited"):
        assert decision.reasons
        assert decision.review_policy
    if decision.outcome == "no_license_required":
        assert decision.review_policy == ""
        assert not decision.exceptions
    assert set(decision.missing) or decision.outcome != "insufficient_facts"


@settings(max_examples=25)
@given(st.lists(rows(), min_size=1, max_size=40))
def test_one_by_one_and_as_a_table_are_identical(drawn):
    table = pl.DataFrame(
        [{"line_id": str(n), **{c: as_text(v) for c, v in row.items()}} for n, row in enumerate(drawn)],
        infer_schema_length=None,
    )
    decided = headgate.decide_table(table).to_dicts()
    for row, got in zip(table.to_dicts(), decided, strict=True):
        expected = headgate.decide(row).to_dict()
        assert {c: got[c] for c in DECISION_COLUMNS if c != "row_number"} == {
            c: expected[c] for c in DECISION_COLUMNS if c != "row_number"
        }


def as_text(value):
    """Write a value as a CSV file would hold it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


@pytest.mark.parametrize("place", PLACES)
def test_a_bare_chip_is_never_free(place):
    decision = headgate.decide(
        item="nvidia-h100-sxm", activity="export", ship_from="US", destination=place, event_date="2025-08-01"
    )
    free = place == "US"
    assert (decision.outcome == "no_license_required") is free
