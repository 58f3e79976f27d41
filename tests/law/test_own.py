"""Rules of the user's own: stricter only, unless an authorization, and marked in every reason."""

import pytest
from hypothesis import given

from headgate.decide.one import decider
from headgate.errors import BookError
from headgate.law.own import lay_over, read_folder
from headgate.law.us import book

from ..decide.rows import rows
from ..decide.test_properties import no_milder

POLICY = """
[[provision]]
id = "own.policy.resellers"
stage = "require"
says = "We ship no .a item to Kenya without asking the desk."
when = '''holds("us.ear.734.movement") & holds("us.ear.742_6.items_a") & field("act.destination").one_of("KE")'''
start = 2024-01-01
mark = "primary"
section = "export policy, point 4"
[[provision]]
id = "own.policy.resellers_review"
stage = "review"
says = "Such applications are denied."
when = 'holds("own.policy.resellers")'
start = 2024-01-01
mark = "primary"
section = "export policy, point 4"
policy = "denial"
[[provision]]
id = "own.letter"
stage = "require"
says = "BIS informed us that circuits of 1000 TPP to Vietnam need a license."
when = '''holds("us.ear.734.movement") & field("act.destination").one_of("VN")
    & any_part(field("ic.tpp") >= threshold("own.letter/tpp", 1000, "TPP"))'''
start = 2024-03-01
mark = "primary"
section = "letter of 2024-03-01"
flag = "own_letter"
"""
LICENSE = """
[[provision]]
id = "own.license.d1234567"
stage = "exempt"
authorization = true
says = "License D1234567 authorizes H200 to one customer in Saudi Arabia."
when = '''holds("us.ear.734.movement") & field("act.destination").one_of("SA")
    & field("item.id").one_of("nvidia-h200-sxm")'''
start = 2026-02-01
end = 2028-02-01
mark = "primary"
section = "license D1234567"
exception = "D1234567"
covers = ["us.ear.742_6.a_6_iii.a"]
needs = ["license_conditions"]
"""


@pytest.fixture
def folder(tmp_path):
    def write(text):
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def with_own(folder):
    base = decider()
    return base.with_book(lay_over(base.book, folder), base.lists)


def test_own_rules_show_in_reasons_and_in_the_version(folder):
    by = with_own(folder(POLICY))
    row = {"item": "nvidia-h100-sxm", "activity": "export", "ship_from": "US", "event_date": "2024-06-01"}
    found = by.decide(row | {"destination": "KE"}, "clean", None)
    assert (found.outcome, found.review_policy) == ("license_required", "denial")
    assert [r for r in found.reasons if r.startswith("own.")] == ["own.policy.resellers", "own.policy.resellers_review"]
    assert found.law_version.startswith(f"{book().version}+own.")
    assert by.decide(row | {"destination": "KE", "event_date": "2023-12-31"}, "clean", None).outcome == (
        "no_license_required"
    )
    letter = by.decide(row | {"destination": "VN", "item": "nvidia-h20-96"}, "clean", None)
    assert (letter.outcome, letter.flags[0]) == ("license_required", "own_letter")
    assert not [id for id in book().ids() if id.startswith("own.")]


def test_an_authorization_opens_what_it_covers_and_no_more(folder):
    by = with_own(folder(LICENSE))
    row = {"item": "nvidia-h200-sxm", "activity": "export", "ship_from": "US", "event_date": "2026-03-01"}
    found = by.decide(row | {"destination": "SA"}, "clean", None)
    assert (found.outcome, found.exceptions) == ("exception_available", ("D1234567",))
    listed = by.decide(row | {"destination": "SA", "is_entity_listed": "yes"}, "clean", None)
    assert listed.outcome == "license_required"
    assert by.decide(row | {"destination": "SA", "event_date": "2026-01-31"}, "clean", None).outcome == (
        "license_required"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (POLICY.replace("own.policy", "us.policy"), "begins with 'own.'"),
        (LICENSE.replace("authorization = true\n", ""), "would make an answer milder"),
        (LICENSE.replace('covers = ["us.ear.742_6.a_6_iii.a"]\n', ""), "names its `exception` and the ids it `covers`"),
        (LICENSE.replace("us.ear.742_6.a_6_iii.a", "us.ear.742_6.a_6_iii.aa"), "Did you mean us.ear.742_6.a_6_iii.a"),
        (POLICY.replace('stage = "require"', 'stage = "classify"'), "of stage scope"),
        (POLICY.replace('policy = "denial"', ""), "states a policy"),
        (POLICY.replace("act.destination", "act.destnation"), "Did you mean act.destination"),
        (POLICY.replace("start = 2024-01-01", 'start = "2024-01-01"'), "write a day"),
        (POLICY.replace("section", "sectoin", 1), "Did you mean section"),
        (POLICY.replace("Such applications are denied.", "Such applications are denied"), "full stop"),
        (POLICY + POLICY, "two versions in force"),
        ("[[rule]]\nid = 1", "no key 'rule'"),
        ("", "no provision found"),
        ("= broken", "not valid TOML"),
    ],
)
def test_refused(folder, text, said):
    with pytest.raises(BookError, match=said):
        lay_over(book(), folder(text))


def test_no_such_folder(tmp_path):
    with pytest.raises(BookError, match="no such folder"):
        list(read_folder(tmp_path / "none"))


@pytest.fixture(scope="module")
def stricter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.toml").write_text(POLICY, encoding="utf-8")
    return with_own(folder)


@given(row=rows())
def test_own_rules_never_make_an_answer_milder(stricter, row):
    no_milder(decider().decide(row, None, None), stricter.decide(row, None, None))
