"""What is asked about a line, of whom, and in which order; nothing that is missing is asked of nobody."""

import csv
from pathlib import Path

import pytest

from headgate.decide.one import decider
from headgate.decide.packet.asked import CUSTOMER, EXPORTER, MAKER, asks, read_roles, roles
from headgate.decide.packet.words import chinese
from headgate.decide.whatif import needed
from headgate.decide.wording import CERTIFIED
from headgate.errors import CatalogError
from headgate.law.fields import CERTIFICATIONS
from headgate.law.flag_records import flag_records

ORDERS = Path(__file__).resolve().parents[2] / "examples" / "orders.csv"
H200 = {
    "line_id": "1",
    "activity": "export",
    "event_date": "2026-02-15",
    "item": "nvidia-h200-sxm",
    "ship_from": "US",
    "destination": "CN",
}


def decide(row=H200, assume=None, answers=None, **changed):
    return decider().answering.decide({**row, **changed}, assume, None, answers or {})


def by_id(decision):
    return {ask.id: ask for ask in asks(decision)}


def test_the_missing_facts_come_first_the_most_decisive_before_the_rest():
    decision = decide()
    found = [ask.id for ask in asks(decision) if ask.state == "missing"]
    columns = [c for c in decision.missing if c in found]
    assert found == columns
    assert found[0] == decision.missing[0]
    states = [ask.state for ask in asks(decision)]
    assert states.index("missing") == 0
    assert states == sorted(states, key=["missing", "raised", "open", "action"].index)


def test_nothing_that_is_missing_is_asked_of_nobody():
    with ORDERS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    seen = set()
    for row in rows[::4]:
        decision = decide({**row}, None)
        if decision.trace is None:
            continue
        asked = {column.name for ask in asks(decision) if ask.state == "missing" for column in ask.answers}
        assert asked == set(decision.missing) - needed(decision.trace)
        seen |= asked
    assert len(seen) > 8


def test_the_customer_is_never_asked_what_only_the_desk_can_know():
    found = asks(decide(destination="SG", event_date="2026-06-01"))
    whose = {ask.id: ask.who for ask in found}
    assert whose["hq_country"] == whose["end_use"] == whose["KYC-09"] == CUSTOMER
    assert whose["KYC-01"] == whose["ENF-03"] == whose["TRI-01"] == EXPORTER
    spoken_of = [a.english for a in found if a.who == CUSTOMER and "the buyer" in a.english and "evasive" in a.english]
    assert spoken_of == []


def test_open_certifications_are_one_question_to_the_desk_but_what_the_consignee_does_is_asked_of_it():
    found = by_id(decide(assume="clean"))
    group = next(ask for ask in found.values() if ask.english == CERTIFIED)
    assert group.who == EXPORTER
    assert {c.name for c in group.answers} == set(CERTIFICATIONS) - {"cert_kyc_remote_access"}
    assert found["cert_kyc_remote_access"].who == CUSTOMER


def test_one_open_certification_is_asked_by_itself():
    given = dict.fromkeys(CERTIFICATIONS, "yes") | {"cert_us_supply": None}
    found = by_id(decide(assume="clean", us_available_2026_01_15="yes", **given))
    assert [c for c in found if c in CERTIFICATIONS] == ["cert_us_supply"]
    assert found["cert_us_supply"].english != CERTIFIED


def test_the_maker_is_asked_about_the_item():
    decision = decide(item=None, item_kind="ic", hq_country="SG", ultimate_parent_hq_country="SG")
    assert by_id(decision)["tpp"].who == MAKER


def test_a_question_is_not_asked_twice():
    found = by_id(decide())
    assert "ADV-06" not in found
    assert "DD-03" in found
    owned = {"event_date": "2025-10-15", "destination": "SG"}
    assert "listed_owner_share" in by_id(decide(**owned))
    assert "KYC-29" not in by_id(decide(**owned))
    stated = by_id(decide(**owned, is_entity_listed="no", is_meu_listed="no"))
    assert "KYC-29" in stated


def test_an_answer_takes_its_question_off_the_list():
    sold = {"event_date": "2026-06-01", "destination": "SG"}
    before = by_id(decide(**sold))
    after = by_id(decide(**sold, answers={"payment_country": "SG", "consignee_role": "end_user"}))
    for flag in ("ENF-04", "KYC-09"):
        assert flag in before
        assert flag not in after


def test_every_question_has_both_languages_and_a_row_that_cannot_be_read_has_none():
    assert all(ask.english and ask.chinese for ask in asks(decide()))
    assert asks(decide(item="nvidia-h10-sxm")) == []


def test_every_flag_and_column_of_the_roles_is_one():
    known = {*chinese()["column"], *flag_records().flags}
    assert set(roles().who) <= known
    assert set(roles().who.values()) == {MAKER, EXPORTER}


GOOD = "[exporter]\ncolumns = ['item']\nflags = []\n[maker]\ncolumns = ['tpp']\nflags = []\n[covered]\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("'tpp'", "'tppp'"), "'tppp' is no question"),
        (GOOD.replace("'tpp'", "'item'"), "'item' is asked of two"),
        (GOOD.replace("[covered]", "[cover]"), "its tables are maker, exporter and covered"),
        (GOOD + "ADV-99 = ['item']", "names what nobody asks"),
        (GOOD + "ADV-06 = ['itemm']", "names what nobody asks"),
        (GOOD.replace("flags = []\n[maker]", "[maker]"), "exporter: write `columns` and `flags`"),
    ],
)
def test_roles_that_cannot_be_used_are_refused(text, says):
    assert read_roles(GOOD).who == {"item": EXPORTER, "tpp": MAKER}
    with pytest.raises(CatalogError, match=says):
        read_roles(text)
