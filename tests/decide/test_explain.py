"""The memo: every outcome says what it is, why, and what is missing."""

from dataclasses import replace

import pytest

from headgate.decide.answer import OUTCOMES
from headgate.decide.columns import COLUMNS
from headgate.decide.explain import memo
from headgate.decide.one import decider
from headgate.decide.prose import number, width_of, wrap
from headgate.decide.whatif import effects
from headgate.decide.wording import FLAGS, NEEDS, NLR, OUTCOME, POLICY, QUESTIONS, flag_words
from headgate.law.fields import RANK
from headgate.law.provision import POLICIES

H200 = {"item": "nvidia-h200-sxm", "ship_from": "US", "destination": "CN", "event_date": "2026-02-15"}
H20 = {"item": "nvidia-h20-96", "ship_from": "US", "destination": "CN", "event_date": "2024-06-01"}
RTX = {"item": "nvidia-rtx-4090", "ship_from": "US", "destination": "CN", "event_date": "2024-06-01"}
H100 = {"item": "nvidia-h100-sxm", "ship_from": "US", "destination": "SG", "event_date": "2026-06-01"}
TRAINIUM = {"item": "aws-trainium1", "ship_from": "US", "destination": "VN", "event_date": "2024-06-01"}

CASES = {
    "prohibited": (H200, "clean", {"is_denied": "yes"}, "It is prohibited to export NVIDIA H200"),
    "license_required": (H200, None, {}, "A license is required to export NVIDIA H200"),
    "exception_available": (RTX, "clean", {}, "unless License Exception NAC is used"),
    "no_license_required": (H20, "clean", {}, "No license is required to export NVIDIA H20"),
    "insufficient_facts": (H20, None, {}, "cannot be said, because facts are missing. Ask first: Is any party denied"),
    "legal_ambiguity": (TRAINIUM, "clean", {}, "The text leaves two readings of whether a license is required"),
    "not_modeled": (H200, "clean", {"activity": "cloud_access"}, "Whether giving computing to a party of Macau"),
    "invalid_row": ({**H200, "item": "nvidia-h1000-sxm"}, None, {}, "The row cannot be read"),
}


def decided(row, assume=None, stated=None):
    activity = {} if "activity" in (stated or {}) else {"activity": "export"}
    return decider().decide({**activity, **row}, assume, stated)


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_its_memo(outcome):
    row, assume, stated, says = CASES[outcome]
    decision = decided(row, assume, stated)
    assert decision.outcome == outcome
    text = memo(decision)
    assert says in flat(text)
    assert text.rstrip().endswith("Not legal advice.")
    assert decision.law_version in text
    assert decision.data_version in text
    assert "Law read up to 2026-09-25" in flat(text)


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_lines_keep_to_the_width(outcome, width):
    row, assume, stated, _ = CASES[outcome]
    text = memo(decided(row, assume, stated), width=width)
    assert [line for line in text.splitlines() if width_of(line) > width and "http" not in line] == []


def test_the_memo_of_the_h200_reads_as_a_lawyer_would_write_it():
    text = flat(memo(decided(H200)))
    assert text.startswith("NVIDIA H200 SXM 141GB, from the United States, to China; law of 2026-02-15")
    assert "on 2026-02-15; applications are reviewed with a presumption of denial." in text
    assert "total processing performance 15,832 TPP against 4,800 (229.8 % above)" in text
    assert "15 CFR part 774, supp. 1, ECCN 3A090.a.1 (88 FR 73458); us.ear.3a090.a.1]" in text
    assert "us.letter.2025_04_09; two sources" in text
    assert "License Exception NAC: closed. It is not so that" in text
    assert "yes: the act is prohibited" in text
    assert "(cert_performance and 7 more)" in text
    assert (
        "With every answer in the exporter's favor: a license is required (applications are reviewed case by case)"
        in text
    )


def test_only_the_comparisons_of_a_provision_stand_under_it():
    text = memo(decided(H200))
    first = text.split("  1. ")[1].split("  2. ")[0]
    assert first.count("against") == 1


def test_printed_and_enforced_apart_say_why():
    text = flat(memo(decided(H100, "clean")))
    assert "As enforced: no license is required. As printed: a license is required" in text
    assert "BIS announced on 2025-05-13 that it does not enforce this" in text


def test_no_license_always_says_what_it_means():
    for row in (H20, H100):
        assert flat(NLR) in flat(memo(decided(row, "clean")))


def test_what_lacks_is_said_when_nothing_applies():
    text = flat(memo(decided(H20, "clean")))
    assert "3A090.b.1: total processing performance 2,368 TPP against 2,400 (1.3 % below)" in text
    assert "744.11, 744.16: a party is on the Entity List" in text
    assert "Nothing: no further fact could change the answer" in text


def test_the_assumed_facts_are_listed():
    assert "is_denied = no" in flat(memo(decided(H20, "clean")))


def test_an_open_exception_says_what_must_still_be_done():
    text = flat(memo(decided(RTX, "clean")))
    assert "License Exception NAC: open." in text
    assert "let 25 calendar days pass after filing" in text
    assert "License Exception ACA: closed." in text


def test_an_exception_closed_by_another_requirement_names_it():
    text = flat(memo(decided(RTX, "clean", {"is_entity_listed": "yes"})))
    assert "would qualify, but it does not cover 744.11, 744.16." in text


def test_two_readings_are_shown():
    text = flat(memo(decided(TRAINIUM, "clean")))
    assert "READINGS - As computed here:" in text
    assert "If a TF32 input counts as 32 bits instead of 19:" in text


def test_another_source_is_shown():
    row = {"item": "intel-gaudi3", "ship_from": "US", "destination": "CN", "event_date": "2026-02-15"}
    certs = {c: "yes" for c in COLUMNS if c.startswith("cert_")} | {"us_available_2026_01_15": "yes"}
    decision = decided(row, "clean", certs)
    assert "sources_disagree" in decision.flags
    assert "If another source's figures are used:" in flat(memo(decision))


def test_a_registered_gap_is_quoted_with_its_section():
    text = flat(memo(decided(H200, "clean", {"activity": "cloud_access"})))
    assert "turns on what the provider knows" in text
    assert "744.6" in text


def test_a_number_that_is_missing_says_what_it_is_compared_with():
    row = {"tpp": 3000, "item_kind": "ic", "ship_from": "US", "destination": "CN", "event_date": "2024-06-01"}
    decision = decided(row, "clean")
    area = next(e for e in effects(decision, decider()) if e.columns == ("die_area_mm2",))
    assert area.changes
    assert "5.92 TPP/mm2" in area.compared
    assert [words for words, _ in area.answers][-1].endswith("or more")


def test_every_answer_of_an_effect_is_what_deciding_again_gives():
    decision = decided(H20)
    denied = next(e for e in effects(decision, decider()) if e.columns == ("is_denied",))
    assert denied.answers == (("yes", "the act is prohibited"), ("no", "no change by itself"))
    assert decided({**H20, "is_denied": "yes"}).outcome == "prohibited"


def test_a_decision_without_a_trace_has_a_short_memo():
    decision = replace(decided(H200), trace=None)
    text = flat(memo(decision))
    assert "As enforced: a license is required" in text
    assert "headgate law show us.ear.742_6.a_6_iii.a" in text
    assert text.endswith("Not legal advice.")
    assert "none under the provisions" in flat(memo(replace(decided(H20, "clean"), trace=None)))


def test_a_wide_name_is_measured_as_wide():
    assert width_of("昇腾910B") == 8
    lines = wrap("華為昇騰九一零乙" * 10, 40, "  - ")
    assert len(lines) > 1
    assert all(width_of(line) <= 40 for line in lines)
    row = {"item": "昇腾九一零" * 12, "tpp": 3000, "ship_from": "US", "destination": "CN", "event_date": "2024-06-01"}
    text = memo(decided(row, "clean"))
    assert [line for line in text.splitlines() if width_of(line) > 80 and "http" not in line] == []


def test_a_name_cannot_steer_the_terminal():
    row = {"item": "x\x1b[31m", "tpp": 3000, "ship_from": "US", "destination": "CN", "event_date": "2024-06-01"}
    assert "\x1b" not in memo(decided(row, "clean"))


def test_a_number_is_never_rounded_onto_its_threshold():
    assert number(4799.9999, 4800.0) == "4,799.9999"
    assert number(5.919999, 5.92) == "5.919999"


def test_every_word_is_there():
    assert set(OUTCOME) == set(OUTCOMES)
    assert set(POLICY) == set(POLICIES)
    assert set(RANK) - set(QUESTIONS) == set()
    book = decider().book
    assert {p.flag for p in book.provisions if p.flag} - set(FLAGS) == set()
    assert {n for p in book.provisions for n in p.needs} - set(NEEDS) == set()
    assert flag_words("a_flag_of_tomorrow") == "a_flag_of_tomorrow"
