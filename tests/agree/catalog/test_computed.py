"""The measures and entries that the catalog's compilers computed by themselves (2026-11-22), beside ours.

`computed.csv` holds their TPP, density and 3A090 paragraph for the 110 chips. Every difference is explained.
"""

import csv
from pathlib import Path

import pytest

import headgate
from headgate.decide.item import circuit_facts
from headgate.expr import AtLeast

WITH_UNKNOWN = "TPP is not computed: the specifications are not public, so the rates are kept as a reading only"
EXPLAINED = {
    ("amd-mi308x", "tpp"): WITH_UNKNOWN,
    ("amd-mi308x", "performance_density"): WITH_UNKNOWN,
    ("amd-mi308x", "eccn"): WITH_UNKNOWN,
}
# They write both paragraphs where both match; the first in the order of the text is the answer.
NOT_CONTROLLED = ("not 3A090", "not controlled", "")


def theirs():
    with Path(__file__).with_name("computed.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", theirs(), ids=lambda r: r["id"])
def test_measures_agree(row):
    found = circuit_facts(headgate.chip(row["id"]))
    part = found.parts[0]
    for column, name, rounding in (("tpp", "ic.tpp", 0.51), ("performance_density", "ic.performance_density", 0.001)):
        own = part[name]
        if (row["id"], column) in EXPLAINED:
            assert own is None
        elif row[column]:
            assert not isinstance(own, AtLeast)
            # Theirs are rounded: TPP to a whole number before it is divided by the area.
            assert own == pytest.approx(float(row[column]), abs=rounding, rel=3e-4)
        else:
            assert own is None or column == "performance_density"


@pytest.mark.parametrize("row", theirs(), ids=lambda r: r["id"])
def test_paragraphs_agree(row):
    if (row["id"], "eccn") in EXPLAINED:
        return
    decision = headgate.decide(
        item=row["id"], activity="export", ship_from="US", destination="CN", event_date="2024-06-01", assume="clean"
    )
    said = row["eccn"]
    if said.startswith(("needs area", "unknown")):
        assert decision.outcome in ("insufficient_facts", "legal_ambiguity")
        assert decision.missing
    elif said.startswith("3A090.a, Note 2"):
        assert (decision.eccn, decision.outcome, decision.exceptions) == ("3A090.a", "exception_available", ("NAC",))
    elif said.startswith("3A090"):
        assert decision.eccn_paragraph == said.split(" and ")[0]
    else:
        assert said.startswith(NOT_CONTROLLED[:2])
        assert not decision.eccn.startswith("3A090")
        assert decision.outcome == "no_license_required"


def test_every_explained_difference_is_one():
    assert {id for id, _ in EXPLAINED} <= {row["id"] for row in theirs()}


GATE = {
    "activity": "export",
    "ship_from": "US",
    "destination": "CN",
    "event_date": "2026-02-15",
    "us_available_2026_01_15": "yes",
    **dict.fromkeys(
        "cert_performance cert_us_shipments_stated cert_us_supply cert_no_foundry_diversion cert_volume_cap "
        "cert_no_prohibited_use cert_kyc_remote_access cert_us_lab_test".split(),
        "yes",
    ),
}


def test_gaudi_3_is_inside_and_outside_the_gate_by_its_sources():
    decision = headgate.decide(GATE, item="intel-gaudi3", assume="clean")
    assert decision.review_policy == "presumption_of_denial"
    assert "sources_disagree" in decision.flags
    readings = headgate.chip("intel-gaudi3").readings
    assert {14680.0, 26848.0} <= {r.value.get("tpp") for r in readings}


def test_mi355x_has_two_readings_and_both_are_outside_the_gate():
    decision = headgate.decide(GATE, item="amd-mi355x", assume="clean")
    assert decision.review_policy == "presumption_of_denial"
    assert any(r.value.get("tpp") == 40265.0 for r in headgate.chip("amd-mi355x").readings)
    assert decision.measures["tpp"]["value"] == pytest.approx(60396, rel=1e-4)
    # Neither 40,265 nor 60,396 is under 21,000, so no answer flips and nothing is flagged.
    assert "sources_disagree" not in decision.flags


def test_tf32_bits_decide_trainium_2():
    decision = headgate.decide(GATE, item="aws-trainium2", assume="clean")
    assert decision.review_policy == "presumption_of_denial"
    assert "tf32_bit_length" in decision.flags
