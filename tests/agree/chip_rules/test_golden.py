"""The golden cases of the chip rules, 2022 to 2027: one outside digest of the law, as data."""

import datetime
from pathlib import Path

import pytest

from ..casefile import check, decide, faults, load, row_of

CASES, LEFT_OUT = load(Path(__file__).with_name("golden.toml"))
PRINTED_PARTS_FROM_ENFORCED = datetime.date(2025, 5, 15)
EARLY = [case for case in CASES if row_of(case)["event_date"] < PRINTED_PARTS_FROM_ENFORCED]


def by_id(case):
    return case["id"]


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_golden_case(case):
    check(case)


@pytest.mark.parametrize("case", EARLY, ids=by_id)
def test_printed_and_enforced_answers_agree_before_they_part(case):
    decision = decide(case)
    assert decision.outcome_printed == decision.outcome


def test_every_golden_case_is_here_and_well_formed():
    assert {case["ref"] for case in CASES} == {f"GC{number}" for number in range(1, 54)}
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert [(case["id"], found) for case in CASES if (found := faults(case))] == []
    assert LEFT_OUT == []
