"""The documents to obtain: which a line asks for, which wait for a fact, and that the data can be trusted."""

from dataclasses import replace

import pytest

from headgate.decide.one import decider
from headgate.decide.packet.documents import applies, documents, due, owed_by, owes_paper, read_documents
from headgate.decide.verdict import OUTCOMES
from headgate.decide.wording import NEEDS
from headgate.errors import CatalogError

DAY = {"activity": "export", "event_date": "2026-02-15", "ship_from": "US", "destination": "CN"}
RTX = {**DAY, "item": "nvidia-rtx-4090", "event_date": "2024-06-01"}
BY_ID = {document.id: document for document in documents()}


def decide(row, assume="clean", **changed):
    return decider().answering.decide({**row, **changed}, assume, None, {})


def state(id, decision):
    return applies(BY_ID[id], decision)


def test_nac_is_asked_for_where_it_is_open_and_waits_where_a_fact_decides():
    assert state("nac_notification", decide(RTX)) is True
    assert state("nac_notification", decide(RTX, is_unverified=None, assume=None)) is None
    assert state("nac_notification", decide({**DAY, "item": "nvidia-h200-sxm"})) is False
    assert state("nac_notification", decide(RTX, is_entity_listed="yes")) is False


def test_aca_asks_for_an_order_and_for_nothing_to_file():
    found = {each.document.id for each in due(decide(RTX, destination="VN")) if each.certain}
    assert {"aca_record", "purchase_order"} <= found
    assert "nac_notification" not in found


def test_the_h200_rule_asks_for_its_certifications_and_a_laboratory():
    wanted = {"h200_certifications", "us_lab_report", "license_application"}
    for row in ({**DAY, "item": "nvidia-h200-sxm"}, {**DAY, "item": "amd-mi325x"}):
        assert wanted <= {each.document.id for each in due(decide(row)) if each.certain}
    assert state("h200_certifications", decide(DAY, item="nvidia-b200")) is False
    assert state("h200_certifications", decide(DAY, item="nvidia-h200-sxm", destination="VN")) is False
    assert state("us_lab_report", decide(DAY, item="nvidia-h200-sxm", event_date="2026-01-14")) is False


@pytest.mark.parametrize(
    ("id", "changed"),
    [
        ("corrected_line", {"item": "nvidia-h10-sxm"}),
        ("entity_list_entry", {"item": "nvidia-h100-sxm", "is_entity_listed": "yes"}),
        ("uvl_statement", {"item": "nvidia-rtx-4090", "is_unverified": "yes"}),
        ("lawful_production", {"item": "huawei-ascend-910b1", "ship_from": "CN", "activity": "transfer"}),
        ("foundry_attestations", {"item_kind": "ic", "exporter_role": "foundry", "node_nm": "7", "ship_from": "TW"}),
        ("model_record", {"item_kind": "model_weights", "destination": "IN"}),
        ("hbm_file", {"item_kind": "hbm", "hbm_density_gb_per_s_mm2": "2.5", "is_unverified": "no"}),
        ("duty_papers", {"item": "nvidia-h200-sxm", "us_import": "yes"}),
        ("eei_filing", {"item": "nvidia-h200-sxm"}),
        ("destination_control_statement", {"item": "nvidia-h200-sxm"}),
    ],
)
def test_a_document_appears_where_its_rule_does(id, changed):
    decision = decide(DAY, **changed)
    assert state(id, decision) is True, (decision.outcome, decision.flags, decision.missing)


def test_a_row_that_cannot_be_read_asks_for_its_correction_alone():
    assert [each.document.id for each in due(decide(DAY, item="nvidia-h10-sxm"))] == ["corrected_line"]
    waiting = decide(RTX, assume=None, destination="VN", event_date="2023-04-18")
    assert waiting.outcome == "insufficient_facts"
    assert state("corrected_line", waiting) is False


def test_what_is_certain_comes_first():
    found = [each.certain for each in due(decide({**DAY, "item": "nvidia-h100-sxm", "destination": "SG"}, None))]
    assert found == sorted(found, reverse=True)
    assert set(found) == {True, False}


def test_a_document_is_not_asked_for_before_its_first_day():
    early = decide({**DAY, "item": "nvidia-a100-sxm4-80", "event_date": "2023-11-16"})
    late = decide({**DAY, "item": "nvidia-a100-sxm4-80", "event_date": "2023-11-17"})
    assert state("headquarters_evidence", early) is False
    assert state("headquarters_evidence", late) is True


def test_a_fact_that_is_missing_is_asked_for_on_any_day():
    """A requirement may follow the headquarters before the day from which every line is asked for them."""
    early = decide({**DAY, "item": "nvidia-a100-sxm4-80", "event_date": "2023-11-16"})
    lacking = replace(early, outcome="insufficient_facts", missing=("hq_country",))
    assert state("headquarters_evidence", early) is False
    assert state("headquarters_evidence", lacking) is True


@pytest.mark.parametrize(
    ("id", "changed", "expected"),
    [
        # Goods that do not leave the United States are not filed in AES; where that is not known, it decides.
        ("eei_filing", {"item": "nvidia-h200-sxm", "ship_from": "TW"}, False),
        ("eei_filing", {"item": "nvidia-h200-sxm", "ship_from": "PR"}, True),
        ("eei_filing", {"item": "nvidia-h200-sxm", "ship_from": None}, None),
        # A chip has no training, and neither chips nor memory the other's data sheet.
        ("model_record", {"item": "nvidia-h200-sxm", "destination": "VN"}, False),
        ("data_sheet", {"item_kind": "hbm", "hbm_density_gb_per_s_mm2": "9.1"}, False),
        ("memory_data_sheet", {"item_kind": "hbm", "hbm_density_gb_per_s_mm2": "9.1"}, True),
        ("memory_data_sheet", {"item_kind": "hbm"}, True),
        ("memory_data_sheet", {"item": "nvidia-h200-sxm"}, False),
        ("data_sheet", {"tpp": "4900"}, True),
        # Nobody claims a validated end user: its number is asked for, not its letters.
        ("veu_letters", {"item": "nvidia-h100-sxm", "destination": "VN"}, None),
        ("veu_letters", {"item": "nvidia-h100-sxm", "destination": "VN", "veu_number": "VEU-1"}, True),
        ("veu_letters", {"item": "nvidia-h100-sxm"}, False),
        ("license_held", {"item": "nvidia-h100-sxm", "license_number": "D1234567"}, True),
        ("duty_papers", {"item": "nvidia-h200-sxm", "us_import": "yes", "us_import_use": "us_data_center"}, True),
        ("duty_papers", {"item": "nvidia-h200-sxm", "us_import": "no"}, False),
    ],
)
def test_a_document_fits_its_line(id, changed, expected):
    decision = decide(DAY, **changed)
    assert state(id, decision) is expected, (decision.outcome, decision.flags, decision.missing)


def test_a_record_of_training_is_asked_for_from_its_rule_on():
    row = {**DAY, "item_kind": "model_weights", "destination": "IN"}
    assert state("model_record", decide(row, event_date="2025-01-12")) is False
    assert state("model_record", decide(row, event_date="2025-01-13")) is not False


# A value under which each key of a condition holds, laid into a decision; provisions are tried on rows above.
ROW = decide(RTX)
TABLES = [(d, t) for d in documents() for t in d.when if not {"provision", "waits_for"} & set(t)]


def under(document, table, outcome):
    """A decision for which one table of conditions holds, with an outcome."""
    cells, row = dict(ROW.trace.cells), dict(ROW.trace.row)
    cells |= {key: table[key][0] for key in ("activity", "ship_from") if key in table}
    cells |= dict.fromkeys(table.get("stated", ())[:1], "x")
    row["item.kind"] = table.get("item_kind", ("ic",))[0]
    day = max(ROW.trace.day, document.start)
    taken = {"flags": "flag", "missing": "missing", "exceptions": "exception"}
    return replace(
        ROW,
        outcome=outcome,
        eccn_paragraph=table.get("eccn", ("3A090.a.1",))[0],
        trace=replace(ROW.trace, cells=cells, row=row, day=day),
        **{name: table.get(key, ())[:1] for name, key in taken.items()},
    )


@pytest.mark.parametrize(("document", "table"), TABLES, ids=lambda each: getattr(each, "id", ""))
def test_every_document_is_reached_for_each_outcome_that_its_conditions_allow(document, table):
    for outcome in set(table.get("outcome", OUTCOMES)) - ({"invalid_row"} if "outcome" not in table else set()):
        decision = under(document, table, outcome)
        assert document.id in {each.document.id for each in due(decision) if each.certain}, outcome
        if "outcome" not in table and {"flag", "stated"} & set(table):
            assert owes_paper(decision)
            assert {*decision.flags} & owed_by()[0] or set(table.get("stated", ())) <= owed_by()[1]


def test_a_line_that_neither_a_flag_nor_a_stated_fact_touches_owes_no_paper():
    free = decide({**DAY, "item": "nvidia-h100-sxm", "destination": "DE", "event_date": "2026-09-01"})
    assert free.outcome == "no_license_required"
    assert not owes_paper(free)
    assert owes_paper(replace(free, flags=("uvl_statement",)))


def test_nothing_that_must_be_done_for_an_exception_is_without_a_document():
    assert set(NEEDS) - {need for document in documents() for need in document.needs} == set()


def test_the_provisions_and_exceptions_named_are_in_the_book():
    book = decider().book
    ids, exceptions = {p.id for p in book.provisions}, {p.exception for p in book.provisions}
    named = {
        key: {v for d in documents() for t in d.when for v in t.get(key, ())} for key in ("provision", "exception")
    }
    assert named["provision"] <= ids
    assert named["exception"] <= exceptions
    assert exceptions - {""} <= named["exception"]


def test_a_license_that_is_held_comes_with_its_conditions():
    held = replace(decide(DAY, item="nvidia-h100-sxm"), missing=("license_conditions",))
    assert state("license_held", held) is True
    assert state("license_held", decide(DAY, item="nvidia-h100-sxm")) is False


def test_a_source_that_was_not_read_says_so():
    for document in documents():
        if document.id in ("hbm_file", "destination_control_statement"):
            assert document.mark == "unverified"
            assert "not read" in document.note


GOOD = """
[[document]]
id = "a"
who = "customer"
title = "A"
why = "Because."
section = "1"
published = ""
mark = "primary"
when = [{ outcome = ["prohibited"] }]
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "A"', "", "the key 'title' is missing"),
        ('who = "customer"', 'who = "buyer"', "who is 'buyer', none of customer"),
        ('mark = "primary"', 'mark = "sure"', "mark is 'sure'"),
        ('section = "1"', 'section = "1"\nsecton = "2"', "no key 'secton'. Did you mean section"),
        ('section = "1"', "section = 1", "section is 1"),
        ('section = "1"', 'section = "1"\ncolumns = ["tppp"]', "columns names 'tppp'. Did you mean tpp"),
        ('section = "1"', 'section = "1"\nneeds = ["nac"]', "needs names 'nac'"),
        ("outcome =", "outcom =", "no key 'outcom'. Did you mean outcome"),
        ('"prohibited"', '"forbidden"', "when.outcome names 'forbidden'"),
        ('["prohibited"]', "[]", "outcome is \\[\\]"),
        ('{ outcome = ["prohibited"] }', "", "`when` is empty"),
        ('{ outcome = ["prohibited"] }', "{}", "a table of `when` is empty"),
        ('{ outcome = ["prohibited"] }', '{ flag = ["gp11"] }', "when.flag names 'gp11'. Did you mean gp10"),
        ("[[document]]", "[[documents]]", "not documents"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused(old, new, says):
    assert [d.id for d in read_documents(GOOD)] == ["a"]
    with pytest.raises(CatalogError, match=says):
        read_documents(GOOD.replace(old, new))


def test_an_id_that_is_used_twice_is_refused():
    with pytest.raises(CatalogError, match="used twice"):
        read_documents(GOOD + GOOD)
