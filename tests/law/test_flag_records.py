"""The red flags as data: what a record must hold, what is refused, and how they become provisions."""

import re
from collections import defaultdict
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from headgate.decide.columns import COLUMNS
from headgate.decide.era import waits_for_answer
from headgate.errors import BookError
from headgate.expr import fact
from headgate.expr.node import And, Blank, Const, Not, Or, children, walk
from headgate.law import fields
from headgate.law.book import Book
from headgate.law.flag_records import ACTION, KINDS, PREFIX, WEIGHTS, find_flag, flag_records, read_flags
from headgate.law.provision import STAGES
from headgate.law.us import book, red_flags

from .casefile import load

RECORDS = flag_records()
FLAGS = [p for p in book().provisions if p.id.startswith("us.flag.")]
GOOD = """
[fact.odd_payment]
kind  = "yesno"
words = "it is odd"

[[flag]]
id        = "X-01"
says      = "It is odd."
ask       = "Is it odd?"
weight    = "hold"
facts     = ["odd_payment"]
when      = 'fact("ask.odd_payment")'
start     = 2025-05-13
section   = "a guidance"
published = "90 FR 4544"
mark      = "primary"
"""
WANTED = {
    "KYC": 29,
    "ADV": 11,
    "PRC": 2,
    "HQ": 2,
    "H2": 2,
    "FND": 1,
    "TRI": 3,
    "ADR": 1,
    "LIC": 1,
    "ENF": 10,
    "DD": 8,
}


def test_every_row_of_the_digest_is_there():
    assert list(RECORDS.flags) == [f"{kind}-{n:02}" for kind, count in WANTED.items() for n in range(1, count + 1)]


@pytest.mark.parametrize("flag", RECORDS.flags.values(), ids=lambda f: f.id)
def test_a_flag_is_complete(flag):
    assert flag.says.endswith(".")
    assert flag.ask.endswith("?")
    assert flag.section
    assert {rule.weight for rule in flag.rules} <= set(WEIGHTS) - {ACTION}
    assert (flag.weight == ACTION) == (not flag.rules)
    assert (flag.weight == ACTION) == flag.id.startswith("DD-")
    if flag.id in ("ADV-04", "ADV-05", "ADV-10", "ADV-11") or flag.id.startswith("TRI-"):
        assert flag.mark == "unverified"


@pytest.mark.parametrize("flag", RECORDS.flags.values(), ids=lambda f: f.id)
def test_the_columns_of_a_flag_are_those_that_its_rules_read(flag):
    read = {n.removeprefix(PREFIX) for p in red_flags.provisions_of(flag) for n in p.reads() if n.startswith(PREFIX)}
    assert read == set(flag.facts)


def test_every_flag_has_a_firing_and_a_silent_case():
    kinds = defaultdict(set)
    versions = {p.id: p.flag for p in FLAGS}
    for case in load(Path(__file__).parent / "us"):
        if case["provision"] in versions:
            kinds[versions[case["provision"]]].add(case["kind"])
    assert {f.id for f in RECORDS.flags.values() if f.rules and not {"true", "false"} <= kinds[f.id]} == set()


def test_the_columns_of_answers_are_no_columns_of_a_transaction_and_never_missing():
    assert set(RECORDS.facts) & set(COLUMNS) == set()
    assert set(RECORDS.facts) & set(fields.COLUMNS) == set()
    assert {f.name for f in fields.ANSWERS} == {PREFIX + name for name in RECORDS.facts}
    # No text is read: neither a name nor a sentence of a customer can raise or clear a flag.
    assert "text" not in KINDS


def test_flags_are_notes_to_which_nothing_else_refers():
    assert {(p.stage, bool(p.flag and p.weight)) for p in FLAGS} == {("note", True)}
    assert {p.id for p in book().provisions if p.weight} == {p.id for p in FLAGS}
    assert [p.id for p in book().provisions if any(id.startswith("us.flag.") for id in p.refers_to())] == []


def possible(node):
    """The truths that a condition can have while no question is answered, whatever the transaction states."""
    if isinstance(node, Const):
        return {node.value}
    if isinstance(node, Not):
        return {None if t is None else not t for t in possible(node.arg)}
    if isinstance(node, And | Or):
        settles = isinstance(node, Or)
        found = set()
        for truths in product(*map(possible, children(node))):
            found.add(settles if settles in truths else None if None in truths else not settles)
        return found
    asked = str(getattr(node, "name", "")).startswith(PREFIX)
    return ({True} if isinstance(node, Blank) else {None}) if asked else {True, False, None}


def test_what_waits_for_an_answer_cannot_hold_without_one():
    waiting = [p for p in FLAGS if waits_for_answer(p)]
    assert len(waiting) > 50
    assert [p.id for p in waiting if True in possible(p.when)] == []
    assert possible(fact("ask.x") | fact("item.is_red")) == {True, None}


def test_only_a_red_flag_may_read_an_answer():
    p = next(p for p in FLAGS if waits_for_answer(p))
    for stage in STAGES[:3]:
        with pytest.raises(BookError, match="only a red flag reads the answers"):
            Book((replace(p, id="x", stage=stage),), book().begins, book().read_on)
    with pytest.raises(BookError, match="only a red flag reads the answers"):
        Book((replace(p, id="x", weight=""),), book().begins, book().read_on)


def test_the_windows_of_flag_29_are_those_of_the_affiliates_rule():
    spans = {(p.start, p.end, p.weight) for p in FLAGS if p.id == "us.flag.KYC-29.unknown_share"}
    law = {
        (p.start, p.end, weight)
        for id, weight in (("us.ear.744_11.affiliates", "block"), ("us.ear.744_11.affiliates_stay", "hold"))
        for p in book().versions(id)
    }
    assert spans == law


def test_fields_of_a_condition_are_those_of_the_law():
    assert {n.name for p in FLAGS for n in walk(p.when) if hasattr(n, "name")} <= set(fields.BY_NAME)


def test_a_good_record_is_read():
    made = read_flags(GOOD)
    assert made.flags["X-01"].rules[0].when == 'fact("ask.odd_payment")'
    assert next(red_flags.provisions_of(made.flags["X-01"])).cite.published == "90 FR 4544"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("weight    =", "wieght    =", "no key 'wieght'. Did you mean weight?"),
        ('weight    = "hold"\n', "", "the key 'weight' is missing"),
        ('"hold"', '"stop"', "none of block, hold, note, action"),
        ('"primary"', '"sure"', "none of block, hold, note, action, primary"),
        ('["odd_payment"]', '["odd_paymnt"]', "'odd_paymnt', none of odd_payment"),
        ("2025-05-13", '"2025-05-13"', "start is '2025-05-13'"),
        ('"It is odd."', '""', "says is ''"),
        ('"yesno"', '"maybe"', "kind is 'maybe', none of yesno"),
        ('"yesno"', '"code"', "the key 'values' is missing"),
        ("when      = 'fact(\"ask.odd_payment\")'\n", "", "the key 'when' is missing"),
        ('"hold"', '"action"', "an action, which nothing raises"),
        ("[[flag]]", "[[flagg]]", "no key 'flagg'. Did you mean flag"),
        ('facts     = ["odd_payment"]\n', "", "asked by no flag"),
    ],
)
def test_a_bad_record_is_refused(old, new, says):
    assert old in GOOD
    with pytest.raises(BookError, match=re.escape(says)):
        read_flags(GOOD.replace(old, new))


def test_a_flag_twice_is_refused():
    flag = GOOD[GOOD.index("[[flag]]") :]
    with pytest.raises(BookError, match="used twice"):
        read_flags(GOOD + flag)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"90 FR 4544"', '"90 FR 4545"', "'90 FR 4545' is no publication"),
        ("fact(", "fcat(", "Did you mean fact?"),
        ('fact("ask.odd_payment")', 'fact("act.odd_payment")', "there is no field 'act.odd_payment'"),
    ],
)
def test_a_bad_rule_is_refused(old, new, says):
    flag = read_flags(GOOD.replace(old, new)).flags["X-01"]
    with pytest.raises(BookError, match=re.escape(says)):
        list(red_flags.provisions_of(flag))


def test_a_flag_is_found_whatever_its_case_and_near_names_are_given():
    assert find_flag("kyc-09").id == "KYC-09"
    with pytest.raises(BookError, match="Did you mean KYC-"):
        find_flag("KYC-99")
