"""The tricky cases that practitioners, agencies and trade lawyers raise, as data.

Marks: V asserts law; S asserts law where a second digest confirms it; I and U assert only that a row is flagged or not
freed.
"""

from pathlib import Path

import pytest

from .casefile import NO_LICENSE, check, faults, load

FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CASES = [case for path in FILES for case in load(path)[0]]
LEFT_OUT = [entry for path in FILES for entry in load(path)[1]]
COUNTS = {"C": 26, "D": 18, "F": 6, "K": 7, "L": 18, "T": 5}
SOFT = {"outcome", "outcome_not", "review_policy", "missing_include", "flags_include", "evidence"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_tricky_case(case):
    check(case)


def test_every_case_is_here_or_left_out_with_a_reason():
    every = {f"{letter}-{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)}
    assert {case["ref"] for case in CASES} | {entry["ref"] for entry in LEFT_OUT} == every
    assert {case["ref"] for case in CASES}.isdisjoint(entry["ref"] for entry in LEFT_OUT)
    assert all(entry["reason"] for entry in LEFT_OUT)


def test_cases_are_well_formed():
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert [(case["id"], found) for case in CASES if (found := faults(case))] == []


def test_inferred_and_unverified_cases_only_assert_that_something_is_flagged_or_not_freed():
    weak = [case for case in CASES if case["mark"] in ("I", "U")]
    assert weak
    assert [(case["id"], key) for case in weak for key in case["expect"] if key not in SOFT] == []
    assert [case["id"] for case in weak if case["expect"].get("outcome") == NO_LICENSE] == []
