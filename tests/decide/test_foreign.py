"""Foreign-made items: taken as subject to the EAR until all is stated that could settle it."""

import pytest

import headgate

ASSUMED = "subject_to_ear_assumed"
NOT_SUBJECT = "us.ear.734_3.not_subject"
CLEAR = {"made_in": "TW", "is_us_direct_product": False, "us_content_share": 0.1}
A100 = {"item": "nvidia-a100-sxm4-80", "activity": "reexport", "ship_from": "TW", "destination": "CN"}
H100 = {"item": "nvidia-h100-sxm", "activity": "reexport", "ship_from": "TW", "destination": "CN"}


def decide(row, day, **facts):
    return headgate.decide({**row, **facts, "event_date": day}, assume="clean")


def test_a_foreign_chip_with_all_stated_is_not_subject():
    decision = decide(A100, "2022-11-01", **CLEAR)
    assert decision.outcome == decision.outcome_printed == "no_license_required"
    assert NOT_SUBJECT in decision.reasons
    assert ASSUMED not in decision.flags
    assert decision.evidence == "one_source"


@pytest.mark.parametrize("column", [*CLEAR, "ship_from"])
def test_a_blank_leaves_it_subject_and_says_so(column):
    decision = decide(A100, "2022-11-01", **CLEAR | {column: None})
    assert decision.outcome == "license_required"
    assert ASSUMED in decision.flags
    assert column in decision.missing


def test_nothing_is_asked_as_long_as_nobody_says_that_it_is_foreign():
    decision = decide(A100, "2022-11-01")
    assert not {*CLEAR} & {*decision.missing}
    assert ASSUMED in decision.flags
    claimed = decide(A100, "2022-11-01", made_in="TW")
    assert {*CLEAR} - {"made_in"} <= {*claimed.missing}


@pytest.mark.parametrize(
    ("day", "facts", "reached"),
    [
        ("2022-10-20", {}, False),
        ("2022-10-21", {}, True),
        ("2022-11-01", {"destination": "DE", "hq_country": "CN"}, False),
        ("2023-01-17", {"destination": "MO"}, True),
        ("2023-11-17", {"destination": "SA"}, True),
        ("2023-11-17", {"destination": "SG", "ultimate_parent_hq_country": "CN"}, True),
        ("2023-11-17", {"destination": "SG"}, False),
        ("2025-05-14", {"destination": "SG"}, False),
        ("2025-05-15", {"destination": "SG"}, True),
        ("2026-08-01", {"destination": "AE"}, True),
    ],
)
def test_the_advanced_computing_rule_reaches_a_direct_product(day, facts, reached):
    told = {"made_in": "TW", "is_us_direct_product": True, "us_content_share": 0.1}
    measures = {"item_kind": "ic", "maker": "Biren", "tpp": 4992, "io_bandwidth_gb_per_s": 640, "is_datacenter": True}
    item = H100 if day >= "2023-11-17" else A100 | {"item": None} | measures
    decision = decide(item, day, **facts | told)
    assert (NOT_SUBJECT in decision.reasons) is not reached
    assert ASSUMED not in decision.flags


def test_the_rule_that_reaches_it_stands_among_the_reasons():
    decision = decide(H100, "2024-06-01", made_in="TW", is_us_direct_product=True, us_content_share=0.1)
    assert decision.outcome == "license_required"
    assert "us.ear.734_9.h" in decision.reasons
    assert ASSUMED not in decision.flags


def test_a_direct_product_for_nobody_knows_whom_is_not_settled():
    row = {**H100, **CLEAR, "is_us_direct_product": True, "destination": "SG", "event_date": "2024-06-01"}
    decision = headgate.decide(row | {"is_entity_listed": False, "end_use": "civil", "is_denied": False})
    assert decision.outcome == "insufficient_facts"
    assert "hq_country" in decision.missing


def test_a_listed_party_is_taken_as_reached_whatever_its_footnote():
    told = CLEAR | {"is_us_direct_product": True, "is_entity_listed": True}
    decision = decide(A100 | {"item": "nvidia-l2", "destination": "SG"}, "2024-06-01", **told)
    assert decision.outcome == "license_required"
    assert {"read_footnote", "read_entity_list_entry"} <= {*decision.flags}


def test_a_chip_that_a_letter_reaches_is_no_less_reached_for_being_made_abroad():
    row = {"item": "nvidia-h20-96", "activity": "reexport", "ship_from": "TW", "destination": "CN"}
    product = CLEAR | {"is_us_direct_product": True}
    assert decide(row, "2025-04-08", **product).outcome == "no_license_required"
    assert decide(row, "2025-04-09", **product).outcome == "license_required"


@pytest.mark.parametrize(
    ("place", "share", "outcome"),
    [
        ("CN", 0.25, "no_license_required"),
        ("CN", 0.2501, "license_required"),
        ("IR", 0.1, "no_license_required"),
        ("IR", 0.1001, "license_required"),
        ("CU", 0.1001, "license_required"),
    ],
)
def test_de_minimis(place, share, outcome):
    told = CLEAR | {"us_content_share": share, "destination": place}
    assert decide(H100, "2024-06-01", **told).outcome == outcome


def test_there_is_no_level_for_computers_to_china():
    machine = {"item": "dgx-h100", "activity": "reexport", "ship_from": "TW", "destination": "CN"}
    assert decide(machine, "2024-06-01", **CLEAR).outcome == "license_required"
    assert decide(machine, "2024-06-01", **CLEAR | {"us_content_share": 0.0}).outcome == "no_license_required"


def test_a_denied_party_is_a_bar_until_it_is_settled_that_the_item_is_not_subject():
    assert decide(A100, "2022-11-01", **CLEAR, is_denied=True).outcome == "no_license_required"
    assert decide(A100, "2022-11-01", **CLEAR | {"us_content_share": None}, is_denied=True).outcome == "prohibited"


def test_what_ships_from_the_united_states_is_subject_wherever_it_is_made():
    decision = decide(A100 | {"activity": "export", "ship_from": "US"}, "2022-11-01", **CLEAR)
    assert decision.outcome == "license_required"
    assert ASSUMED not in decision.flags


def test_the_memo_says_why_it_is_free():
    text = " ".join(decide(A100, "2022-11-01", **CLEAR).explain().split())
    assert "reached by no foreign-direct-product rule: it is not subject to the EAR." in text
    assert "Requirements checked" not in text


def test_technology_out_of_china_that_is_not_subject_needs_no_license():
    row = {"item": "nvidia-h100-sxm", "item_kind": "technology", "activity": "export", "ship_from": "CN"}
    row |= {"destination": "DE", "made_in": "CN", "us_content_share": 0.0, "designer_hq_country": "CN"}
    assert decide(row, "2024-06-01", is_us_direct_product=False).outcome == "no_license_required"
    assert decide(row, "2024-06-01", is_us_direct_product=True).outcome == "license_required"
