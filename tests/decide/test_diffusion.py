"""The rule of 2025-01-13, end to end: it moves the printed answer alone, and what frees a line of it asks for more."""

import pytest

import headgate

BASE = {"activity": "export", "ship_from": "US", "event_date": "2025-06-01", "item": "nvidia-h100-sxm"}
BASE["designer_status"] = "authorized"
CHIPS = {"quantity": 100, "lpp_tpp_this_year": 0}
MAKING = {"end_use": "chip_manufacturing"}
NATIONAL = {"veu_number": "VEU-1", "veu_type": "national"}
UNIVERSAL = {"veu_number": "VEU-1", "veu_type": "universal", "hq_country": "US", "ultimate_parent_hq_country": "US"}
WEIGHTS = {
    "item": None,
    "item_kind": "model_weights",
    "training_operations": 1e26,
    "weights_published": False,
    "is_finetune_of_published": False,
    "is_below_published_model": False,
}
CASES = [
    # destination, what is stated, the printed outcome, the exceptions, the printed policy
    ("DE", {}, "exception_available", ("AIA",), "presumption_of_approval"),
    ("DE", {"designer_status": "none"}, "license_required", (), "presumption_of_approval"),
    ("DE", {"designer_status": None}, "license_required", (), "presumption_of_approval"),
    ("DE", {"hq_country": "MY"}, "license_required", (), "denial"),
    ("DE", {"hq_country": "DE;MY"}, "license_required", (), "denial"),
    ("DE", {"ultimate_parent_hq_country": "CN"}, "license_required", (), "presumption_of_denial"),
    ("DE", {"is_entity_listed": True}, "license_required", (), "presumption_of_denial"),
    ("DE", {"is_unverified": True}, "license_required", (), "presumption_of_approval"),
    ("DE", {"item": "nvidia-rtx-4090"}, "exception_available", ("ACA", "AIA"), "presumption_of_approval"),
    ("DE", {"item": "nvidia-l40"}, "no_license_required", (), ""),
    ("MY", {}, "license_required", (), "denial"),
    ("MY", {"allocation_tpp_used": 0, **CHIPS}, "exception_available", ("LPP",), "presumption_of_approval"),
    ("MY", CHIPS | {"quantity": 1699}, "exception_available", ("LPP",), "denial"),
    ("MY", CHIPS | {"quantity": 1700}, "license_required", (), "denial"),
    ("MY", CHIPS | {"activity": "transfer", "ship_from": "MY"}, "license_required", (), "denial"),
    ("MY", {"quantity": 100}, "license_required", (), "denial"),
    ("MY", {"quantity": 50000, "allocation_tpp_used": 0}, "license_required", (), "denial"),
    ("MY", {"quantity": 49000, "allocation_tpp_used": 0}, "license_required", (), "presumption_of_approval"),
    ("MY", MAKING, "exception_available", ("ACM",), "denial"),
    ("CN", MAKING, "license_required", (), "presumption_of_denial"),
    ("SA", MAKING, "exception_available", ("ACM",), "denial"),
    ("SA", CHIPS | {"allocation_tpp_used": 0}, "license_required", (), "presumption_of_approval"),
    ("MY", NATIONAL | {"veu_country_tpp": 9e8}, "exception_available", ("NVEU",), "denial"),
    ("MY", NATIONAL | {"veu_country_tpp": 1e9}, "license_required", (), "denial"),
    ("MY", NATIONAL, "license_required", (), "denial"),
    ("CN", NATIONAL | {"veu_country_tpp": 0}, "license_required", (), "presumption_of_denial"),
    ("MY", UNIVERSAL | {"veu_country_share": 0.07}, "exception_available", ("UVEU",), "denial"),
    ("MY", UNIVERSAL | {"veu_country_share": 0.08}, "license_required", (), "denial"),
    ("SG", WEIGHTS, "license_required", (), "presumption_of_denial"),
    ("SG", WEIGHTS | {"ultimate_parent_hq_country": "US"}, "exception_available", ("AIA",), "presumption_of_denial"),
    ("DE", WEIGHTS, "exception_available", ("AIA",), "unstated"),
    ("CN", WEIGHTS, "license_required", (), "presumption_of_denial"),
    ("SG", WEIGHTS | {"training_operations": None}, "insufficient_facts", (), "presumption_of_denial"),
]


def decide(destination, stated):
    return headgate.decide(**(BASE | stated), destination=destination, assume="clean")


@pytest.mark.parametrize(("destination", "stated", "outcome", "exceptions", "policy"), CASES)
def test_printed_answer(destination, stated, outcome, exceptions, policy):
    found = decide(destination, stated)
    assert (found.outcome_printed, found.exceptions_printed) == (outcome, exceptions)
    assert found.review_policy_printed == policy


@pytest.mark.parametrize(("destination", "stated"), [case[:2] for case in CASES])
def test_the_enforced_answer_does_not_know_the_exceptions_of_the_rule(destination, stated):
    found = decide(destination, stated)
    assert {"AIA", "ACM", "LPP", "UVEU", "NVEU"}.isdisjoint(found.exceptions)
    assert not any("diffusion" in id or "742_6.a_13" in id for id in found.reasons)


@pytest.mark.parametrize(("destination", "stated"), [case[:2] for case in CASES])
def test_nothing_of_it_counts_before_duties_bind(destination, stated):
    found = decide(destination, stated | {"event_date": "2025-05-14"})
    assert (found.outcome, found.review_policy) == (found.outcome_printed, found.review_policy_printed)
    assert found.exceptions == found.exceptions_printed


def test_a_data_center_is_validated_on_both_tracks():
    stated = {"event_date": "2024-10-02", "veu_number": "VEU-1", "veu_type": "data_center"}
    found = decide("SA", stated)
    assert (found.exceptions, found.exceptions_printed) == (("VEU",), ("VEU",))
    assert "veu_listing" in found.missing
    assert decide("SA", stated | {"event_date": "2024-10-01"}).outcome == "license_required"
    assert decide("CN", stated).outcome == "license_required"
    assert decide("MY", stated | {"event_date": "2025-06-01"}).exceptions_printed == ("VEU",)


def test_what_an_exception_still_asks_for_stands_in_missing():
    assert {"aia_certification", "aia_notice", "aia_large_order"} <= set(decide("DE", {}).missing)
    assert "designer_status" not in decide("DE", {}).missing
    assert "designer_status" in decide("DE", {"designer_status": None}).missing
    assert {"lpp_statement", "lpp_notice"} <= set(decide("MY", CHIPS).missing)


@pytest.mark.parametrize("destination", ["SG", "CN", "DE"])
def test_weights_are_free_as_enforced_and_named_by_their_entry(destination):
    found = decide(destination, WEIGHTS)
    assert (found.outcome, found.eccn) == ("no_license_required", "4E091")
