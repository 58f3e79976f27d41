"""Answers to the questions of red flags: they raise flags and change no outcome, one by one and as a table."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headgate
from headgate.decide.answers import ANSWERS, Answers, read_answer_cell, unguarded
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.one import decider
from headgate.decide.questionnaire import OPEN, RAISED, concerns, questions
from headgate.errors import UsageError
from headgate.law.flag_records import ACTION, flag_records

from .rows import rows
from .test_properties import as_text

TOLD = ("flags", "diligence")
CELLS = {
    "yesno": ("yes", "no", "yes"),
    "share": ("0", "0.5", "0.51"),
    "number": ("1", "1000000000"),
    "country": ("CN", "Hong Kong", "MY"),
    "countries": ("JP;CN", "DE"),
}
LINE = {"activity": "export", "ship_from": "US", "destination": "MY", "event_date": "2026-06-01", "item": "nvidia-l4"}


@st.composite
def answers(draw):
    """Draw answers to some of the questions."""
    names = draw(st.sets(st.sampled_from(sorted(ANSWERS)), max_size=6))
    return {n: draw(st.sampled_from((*CELLS.get(ANSWERS[n].kind, ANSWERS[n].values), None))) for n in sorted(names)}


@settings(max_examples=25)
@given(st.lists(st.tuples(rows(), answers()), min_size=1, max_size=25))
def test_one_by_one_and_as_a_table_are_identical(drawn):
    table = pl.DataFrame(
        [{"line_id": str(n), **{c: as_text(v) for c, v in row.items()}} for n, (row, _) in enumerate(drawn)],
        infer_schema_length=None,
    )
    names = {name: pl.String for _, told in drawn for name in told}
    told = pl.DataFrame(
        [{"line_id": str(n), **told} for n, (_, told) in enumerate(drawn)], schema={"line_id": pl.String, **names}
    ).reverse()
    decided = headgate.decide_table(table, answers=told).to_dicts()
    for n, (row, got) in enumerate(zip(table.to_dicts(), decided, strict=True)):
        expected = headgate.decide(row, answers=drawn[n][1]).to_dict()
        assert {c: got[c] for c in DECISION_COLUMNS if c != "row_number"} == {
            c: expected[c] for c in DECISION_COLUMNS if c != "row_number"
        }


@settings(max_examples=60)
@given(rows(), answers())
def test_answers_raise_flags_and_change_nothing_else(row, told):
    bare, answered = headgate.decide(row), headgate.decide(row, answers=told)
    same = [c for c in DECISION_COLUMNS if c not in TOLD]
    assert [getattr(bare, c) for c in same] == [getattr(answered, c) for c in same]
    assert set(bare.flags) <= set(answered.flags)
    weights = ("block", "hold", "note", "")
    assert weights.index(answered.diligence) <= weights.index(bare.diligence)


@settings(max_examples=40)
@given(rows())
def test_without_answers_the_answering_law_says_the_same(row):
    assert headgate.decide(row).to_json() == headgate.decide(row, answers={}).to_json()


def clean(told=None, **row):
    return headgate.decide({**LINE, **row}, assume="clean", answers=told)


@pytest.mark.parametrize("word", ["Russia Trading", "no military end use whatsoever", "华为技术有限公司"])
def test_names_and_free_text_decide_nothing(word):
    row = {"destination": "JP", "consignee": word, "end_user": word, "intermediate_consignee": word}
    told = {"consignee_role": "end_user"}
    assert clean(told, **row).to_json() == clean(told, destination="JP").to_json()


def test_a_clean_line_of_an_everyday_chip_raises_nothing():
    assert clean().diligence == ""
    assert not set(clean().flags) & set(flag_records().flags)
    assert clean(item="nvidia-h100-sxm", destination="DE").diligence == ""


@pytest.mark.parametrize(
    ("told", "row", "flag", "weight"),
    [
        ({"consignee_role": "forwarder"}, {}, "KYC-09", "block"),
        ({"payment_country": "HK"}, {}, "ENF-04", "block"),
        ({"transit_countries": "JP"}, {"ship_from": "TW", "activity": "reexport"}, "ENF-06", "hold"),
        ({"no_online_presence": "yes"}, {}, "ADV-03", "note"),
        ({"thin_cloud_company": True, "order_value_usd": 2e9}, {}, "ENF-07", "hold"),
        ({"straw_purchase": "yes"}, {"destination": "US"}, "ENF-03", "block"),
        ({"has_listed_owner": "yes"}, {"event_date": "2026-12-01", "listed_owner_share": None}, "KYC-29", "block"),
        ({}, {"item": "nvidia-h100-sxm", "hq_country": "CN"}, "HQ-01", "block"),
        ({}, {"item": "nvidia-h100-sxm", "hq_country": "KZ"}, "ADV-06", "hold"),
        ({}, {"item": "huawei-ascend-910c", "ship_from": "CN"}, "PRC-01", "block"),
        ({}, {"item": "huawei-ascend-910c", "ship_from": "CN", "destination": "US"}, "PRC-01", "block"),
    ],
)
def test_a_flag_is_raised_with_its_weight(told, row, flag, weight):
    assume = None if "listed_owner_share" in row else "clean"
    decision = headgate.decide({**LINE, **row}, assume=assume, answers=told)
    assert flag in decision.flags
    assert decision.diligence == weight


def test_the_heaviest_weight_stands():
    told = {"no_online_presence": True, "unusual_urgency": True}
    assert clean(told).diligence == "hold"
    assert clean(told | {"letter_received": True}).diligence == "block"


def test_a_flag_of_a_case_is_not_raised_before_the_case():
    assert clean({"payment_country": "CN"}, event_date="2025-08-04").diligence == ""
    assert clean({"payment_country": "CN"}, event_date="2025-08-05").diligence == "block"


TABLE = pl.DataFrame([{"line_id": id, **LINE} for id in ("1", "2", "=3")])


def decided(told, table=TABLE):
    return {d["line_id"]: d for d in headgate.decide_table(table, assume="clean", answers=told).to_dicts()}


def test_blank_and_absent_answers_are_unanswered():
    found = decided({"line_id": ["1", "2"], "consignee_role": ["", None], "unusual_urgency": [None, "yes"]})
    assert [found[id]["diligence"] for id in ("1", "2", "=3")] == ["", "hold", ""]
    assert decided({"line_id": []})["1"]["diligence"] == ""


def test_answers_may_be_typed():
    told = pl.DataFrame(
        {"line_id": [1, 2], "unusual_urgency": [True, False], "transit_countries": [["JP"], ["CN", "JP"]]}
    )
    assert [d["diligence"] for d in decided(told).values()] == ["hold", "", ""]


def test_a_line_whose_id_a_spreadsheet_guards_is_found():
    assert decided({"line_id": ["'=3"], "letter_received": ["yes"]})["=3"]["diligence"] == "block"
    assert unguarded("'") == "'"


def test_an_answer_that_cannot_be_read_makes_its_line_unreadable():
    found = decided({"line_id": ["1", "2"], "unusual_urgency": ["perhaps", "yes"]})
    assert found["1"]["outcome"] == "invalid_row"
    assert found["1"]["error"] == clean({"unusual_urgency": "perhaps"}).error
    assert "the answer unusual_urgency: 'perhaps' is neither yes nor no" in found["1"]["error"]
    assert found["2"]["diligence"] == "hold"


def test_two_rows_of_answers_about_one_line_are_refused_with_it():
    found = decided({"line_id": ["2", "1", "2"], "unusual_urgency": ["no", "yes", "yes"]})
    assert found["2"]["outcome"] == "invalid_row"
    assert "line_id '2' stands in rows 1 and 3; keep one row a line" in found["2"]["error"]
    assert found["1"]["diligence"] == "hold"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"line_id": ["1"], "payment_contry": ["CN"]}, "Did you mean payment_country?"),
        ({"line_id": ["1"], "hq_country": ["CN"]}, "column 'hq_country' answers no question of a red flag"),
        ({"payment_country": ["CN"]}, "there is no column line_id"),
        ({"line_id": ["1", "9"], "payment_country": ["CN", "CN"]}, "row 2: line_id '9' matches no line"),
        ({"line_id": [None], "payment_country": ["CN"]}, "row 1: line_id is blank"),
    ],
)
def test_bad_tables_of_answers_are_refused(told, says):
    with pytest.raises(UsageError, match=says):
        decided(told)


def test_a_bad_column_of_one_line_is_refused():
    with pytest.raises(UsageError, match="Did you mean unusual_urgency"):
        clean({"unusual_urgancy": "yes"})
    assert read_answer_cell("order_value_usd", " ") is None


def test_the_answers_of_a_line_are_given_as_they_stand():
    told = Answers(pl.DataFrame({"line_id": ["1", "=3"], "unusual_urgency": ["yes", None]}))
    assert told.of("1") == {"unusual_urgency": "yes"}
    assert told.of("'=3") == {}
    assert told.of("2") == {}


def asked(told=None, **row):
    return questions(decider().answering.decide({**LINE, **row}, "clean", None, told or {}))


def test_a_questionnaire_has_what_is_raised_and_open_and_to_be_done():
    found = asked({"payment_country": "HK", "consignee_role": "end_user"})
    assert (found[0].flag, found[0].state, found[0].weight) == ("ENF-04", RAISED, "block")
    assert found[0].meaning.startswith("Money comes from China")
    states = [q.state for q in found]
    assert states == sorted(states, key=(RAISED, OPEN, ACTION).index)
    assert set(states) == {RAISED, OPEN, ACTION}
    assert {"KYC-09", "ENF-04"} & {q.flag for q in found if q.state == OPEN} == set()
    assert {q.flag for q in found if q.state == ACTION} == {f"DD-0{n}" for n in range(1, 9)}
    assert all(q.column in ANSWERS and q.question.endswith("?") for q in found if q.state == OPEN)


def test_a_question_is_closed_by_a_no_and_by_what_the_line_states():
    assert {q.column for q in asked() if q.flag == "ADV-05"} == {
        "above_market_price",
        "unusual_urgency",
        "reseller_without_record",
    }
    left = asked({"above_market_price": "no", "unusual_urgency": "no"})
    assert [q.column for q in left if q.flag == "ADV-05"] == ["reseller_without_record"]
    assert [q for q in asked(destination="DE") if q.flag == "ENF-04"] == []
    assert [q for q in asked() if q.flag == "KYC-20"] == []
    assert [q for q in asked(event_date="2025-05-12") if q.state == ACTION] == []


def test_a_line_that_cannot_be_read_has_no_questions():
    assert asked(item="nvidia-h99") == []


@pytest.mark.parametrize(
    ("line", "due"),
    [
        (("license_required", "3A090.a", ""), True),
        (("no_license_required", "", "hold"), True),
        (("no_license_required", "4A994.l", ""), False),
        (("no_license_required", "", ""), False),
        (("invalid_row", "", ""), False),
    ],
)
def test_which_lines_need_a_questionnaire(line, due):
    assert concerns(*line) is due


def test_clean_does_not_deny_a_listed_owner_that_is_answered():
    row = {"line_id": "1", "item": "nvidia-rtx-4090d", "activity": "export", "ship_from": "US", "destination": "SG"}
    row["event_date"] = "2026-11-22"
    one = decider().decide(row, "clean", None, {"has_listed_owner": "yes"})
    assert one.outcome == "insufficient_facts"
    assert "listed_owner_share" in one.missing
    assert "listed_owner_share" not in one.assumed
    assert decider().decide(row, "clean", None, {"has_listed_owner": "no"}).outcome == "no_license_required"
    # A share that somebody states stands.
    stated = decider().decide(row, "clean", {"listed_owner_share": "0.1"}, {"has_listed_owner": "yes"})
    assert "listed_owner_share" in stated.assumed
    table = headgate.decide_table([row], assume="clean", answers=[{"line_id": "1", "has_listed_owner": "yes"}])
    assert table["outcome"].to_list() == ["insufficient_facts"]
