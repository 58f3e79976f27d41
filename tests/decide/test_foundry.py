"""High-bandwidth memory and the foundry presumption: random rows, two clocks, and the year 2028."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headgate
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.one import decider
from headgate.decide.wording import FLAGS, NEEDS
from headgate.law.fields import CERTIFICATIONS

from .test_properties import FREEDOM, as_text, no_milder

CLEAN = {
    "activity": "reexport",
    "ship_from": "TW",
    "is_denied": False,
    "is_entity_listed": False,
    "is_meu_listed": False,
    "is_unverified": False,
    "listed_owner_share": 0.0,
    "end_use": "civil",
    "us_content_share": 1.0,
}
DAYS = "2025-01-30 2025-01-31 2026-04-12 2026-04-13 2026-12-30 2026-12-31 2027-06-01 2028-06-01 2029-01-01".split()
PLACES = ("CN", "MO", "VN", "TW", "DE", "RU")
COUNTS = (10.0, 29.9, 30.0, 34.9, 35.0, 39.9, 40.0, 80.0)
STATUS = ("approved", "authorized", "none")
FOUNDRY = {
    "event_date": st.sampled_from(DAYS),
    "destination": st.sampled_from(PLACES),
    "hq_country": st.sampled_from(PLACES),
    "ultimate_parent_hq_country": st.sampled_from(PLACES),
    "item_kind": st.sampled_from(("ic", "ic", "ic", "computer", "hbm")),
    "exporter_role": st.sampled_from(("foundry", "osat", "other")),
    "node_nm": st.sampled_from((5.0, 16.0, 22.0)),
    "die_area_mm2": st.sampled_from((0.0, 400.0)),
    "tpp": st.sampled_from((100.0, 1600.0, 2400.0, 4800.0)),
    "is_datacenter": st.booleans(),
    "dram_bandwidth_gb_per_s": st.just(100.0),
    "io_bandwidth_gb_per_s": st.just(64.0),
    "transistors_bn": st.sampled_from(COUNTS),
    "has_hbm": st.booleans(),
    "designer_hq_country": st.sampled_from(("TW", "US", "CN", "SG")),
    "designer_status": st.sampled_from(STATUS),
    "designer_application_days": st.sampled_from((0.0, 179.0, 180.0, 400.0)),
    "packager_status": st.sampled_from(STATUS),
    "fabricator_packages_in": st.sampled_from(("TW", "CN", "MO")),
    "hbm_density_gb_per_s_mm2": st.sampled_from((1.5, 2.0, 2.5, 3.3, 7.4)),
}


@st.composite
def rows(draw):
    """Draw a row of a foundry, a packager or a memory maker; blanks are frequent."""
    row = {column: draw(values) for column, values in FOUNDRY.items()} | CLEAN
    for column in draw(st.sets(st.sampled_from(sorted(set(FOUNDRY) - {"event_date"})), max_size=6)):
        row[column] = None
    return row


@given(rows(), st.data())
def test_removing_a_fact_never_frees(row, data):
    column = data.draw(st.sampled_from(sorted(c for c in row if row[c] is not None and c != "event_date")))
    before, after = headgate.decide(row), headgate.decide(row | {column: None})
    for suffix in ("", "_printed"):
        was, now = getattr(before, f"outcome{suffix}"), getattr(after, f"outcome{suffix}")
        if now in ("no_license_required", "exception_available") and was != "invalid_row":
            assert FREEDOM[was] <= FREEDOM[now], f"without {column}, outcome{suffix} {was} became {now}"


@given(rows(), st.sampled_from(("transistors_bn", "tpp", "hbm_density_gb_per_s_mm2")), st.data())
def test_raising_a_number_never_relaxes(row, column, data):
    values = sorted(
        {10.0, 29.9, 30.0, 35.0, 40.0, 80.0} if column == "transistors_bn" else {1.5, 2.5, 3.3, 100.0, 4800.0}
    )
    low, high = sorted(data.draw(st.lists(st.sampled_from(values), min_size=2, max_size=2, unique=True)))
    no_milder(headgate.decide(row | {column: low}), headgate.decide(row | {column: high}))


@given(rows(), st.sampled_from((5.0, 16.0)))
def test_a_finer_node_never_relaxes(row, node):
    no_milder(headgate.decide(row | {"node_nm": 22.0}), headgate.decide(row | {"node_nm": node}))


@given(rows(), st.sampled_from(("foundry", "osat")))
def test_a_foundry_is_never_freer_than_another_exporter(row, role):
    no_milder(headgate.decide(row | {"exporter_role": "other"}), headgate.decide(row | {"exporter_role": role}))


@settings(max_examples=25)
@given(st.lists(rows(), min_size=1, max_size=30))
def test_one_by_one_and_as_a_table_are_identical(drawn):
    table = pl.DataFrame(
        [{"line_id": str(n), **{c: as_text(v) for c, v in row.items()}} for n, row in enumerate(drawn)],
        infer_schema_length=None,
    )
    for row, got in zip(table.to_dicts(), headgate.decide_table(table).to_dicts(), strict=True):
        expected = headgate.decide(row).to_dict()
        assert {c: got[c] for c in DECISION_COLUMNS if c != "row_number"} == {
            c: expected[c] for c in DECISION_COLUMNS if c != "row_number"
        }


DESIGNED = {
    "activity": "reexport",
    "ship_from": "TW",
    "destination": "CN",
    "item_kind": "ic",
    "maker": "Harbor Logic",
    "exporter_role": "foundry",
    "node_nm": 7,
    "die_area_mm2": 400,
    "tpp": 500,
    "is_datacenter": True,
    "dram_bandwidth_gb_per_s": 100,
    "io_bandwidth_gb_per_s": 64,
    "designer_hq_country": "TW",
    "designer_status": "authorized",
}
FREE, BOUND = "no_license_required", "license_required"


@pytest.mark.parametrize(
    ("known", "event", "days", "outcome"),
    [
        ("2026-04-01", "2026-04-12", None, FREE),
        ("2026-04-01", "2026-04-13", None, BOUND),
        ("2026-04-01", "2026-04-13", 100, FREE),
        ("2026-04-01", "2027-01-02", None, BOUND),
        ("2026-04-08", "2026-04-13", None, BOUND),
        ("2026-04-09", "2026-04-13", None, FREE),
        ("2026-11-22", "2026-04-13", None, FREE),
        ("2026-11-22", "2026-12-30", None, FREE),
        ("2026-11-22", "2026-12-31", None, BOUND),
        ("2026-11-22", "2026-12-31", 100, FREE),
    ],
)
def test_the_day_on_which_authorization_lapses_was_moved(known, event, days, outcome):
    by = decider().as_known(date.fromisoformat(known))
    found = by.decide(DESIGNED | {"event_date": event, "designer_application_days": days}, "clean", None)
    assert found.outcome == outcome
    assert ("report_743_9" in found.flags) is (outcome == FREE)


def test_a_presumed_circuit_needs_both_numbers_for_the_h200_rule():
    lane = {"activity": "export", "ship_from": "US", "event_date": "2026-02-01", "us_available_2026_01_15": True}
    row = DESIGNED | lane | dict.fromkeys(CERTIFICATIONS, True) | {"designer_status": "none"}
    assert headgate.decide(row, assume="clean").review_policy == "case_by_case"
    for column, value in (("dram_bandwidth_gb_per_s", None), ("dram_bandwidth_gb_per_s", 6500), ("tpp", None)):
        found = headgate.decide(row | {column: value}, assume="clean")
        assert (found.outcome, found.review_policy, found.exceptions) == (BOUND, "presumption_of_denial", ())


def test_2028_is_explained_in_both_readings():
    row = DESIGNED | {
        "event_date": "2028-06-01",
        "designer_status": "none",
        "fabricator_packages_in": "TW",
        "transistors_bn": 34,
        "has_hbm": False,
    }
    said = headgate.decide(row, assume="clean").explain()
    assert "the 35 billion transistors of 2027 stand through 2028" in " ".join(said.split())


def test_every_condition_of_the_memory_exception_is_still_to_be_shown():
    found = headgate.decide(
        activity="export",
        ship_from="US",
        destination="CN",
        event_date="2025-06-01",
        item_kind="hbm",
        hbm_density_gb_per_s_mm2=2.8,
        assume="clean",
    )
    assert found.exceptions == ("HBM",)
    assert [n for n in NEEDS if n.startswith("hbm_")] == list(found.missing)
    assert set(found.flags) <= set(FLAGS)
