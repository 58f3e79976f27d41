"""The policy tracker: every row of the sources is a record, every claim has a source and a mark, and every refusal."""

from datetime import date, timedelta

import pytest

from headgate.catalog.policy import FILES, POLICY, find_policy, policies, read_policies
from headgate.catalog.policy_record import KINDS, SIDES, STATUSES, first_day, last_day
from headgate.errors import CatalogError
from headgate.scenario.record import names
from headgate.source import MARKS

EVERY = tuple(policies().values())
TODAY = date(2026, 11, 22)

# Bills: id, a number, and the status when last seen.
BILLS = """
gain-ai                       |S.Amdt. to S. 2296 (FY26 NDAA)|dropped
hr3447-chip-security          |S. 1705     |attached
hr6875-ai-overwatch           |H.R. 6875   |attached
hr2683-remote-access-security |H.R. 2683   |passed_house
s3374-safe-chips              |S. 3374     |introduced
hr6879-restrict               |H.R. 6879   |in_committee
s1473-stop-stealing-our-chips |S. 1473     |passed_senate
december-2025-house-bill      |            |unknown
s4281-match                   |H.R. 8170   |attached
hr8283-model-theft            |H.R. 8283   |out_of_committee
hr9546-cloud-security         |H.R. 9546   |introduced
hr5022-no-advanced-chips      |H.R. 5022   |in_committee
hr3919-ai-security-readiness  |S. 3202     |in_committee
hr3434-ai-cloud-competition   |S. 1775     |in_committee
scott-warren-entity-list      |            |introduced
hr1316-export-transparency    |H.R. 1316   |enacted
s1071-fy26-ndaa               |Pub. L. 119-60|enacted
hr8800-fy27-ndaa              |S. 4784     |passed_house
"""
# Executive instruments: id, status when last seen, day of its first event.
INSTRUMENTS = """
ai-diffusion-rule not_enforced 2025-01-13
training-and-prc-chip-guidance in_force 2025-05-13
ai-action-plan announced 2025-07-23
ai-exports-program in_force 2025-07-23
h20-15-percent announced 2025-08
h200-announcement superseded 2025-12-08
h200-rule in_force 2026-01-13
section-232-semiconductors in_force 2026-01-14
affiliates-rule suspended 2025-09-29
foundry-designer-dates in_force 2026-04-07
hq-test-guidance in_force 2026-05-31
uae-rule in_force 2026-07-10
bis-money-fy26 introduced 2026-01-05
state-law-preemption in_force 2025-12-11
nsf-restricted-entities in_force 2026-07-08
"""
CHINA = """
china-gallium-licensing in_force 2023-08-01
china-gallium-ban suspended 2024-12-03
samr-nvidia-case open 2024-12-09
china-rare-earth-licensing in_force 2025-04-04
china-h20-discouraged superseded 2025-07-31
china-analog-antidumping suspended 2025-09-13
samr-nvidia-finding open 2025-09-15
china-nvidia-purchase-ban in_force 2025-09
china-customs-crackdown in_force 2025-10
china-rare-earth-controls suspended 2025-10-09
china-power-price in_force 2025-11-04
china-state-data-centers in_force 2025-11-05
china-chip-incentives reported 2025-12
china-h200-customs eased 2026-01-13
china-h200-clearance reported 2026-01-23
china-h200-approvals reported 2026-01-28
h200-testimony reported 2026-07-14
waic-2026 reported 2026-07
ulanqab-ascend reported 2026-09
"""
# State laws and the task force: every dated step, and the record that holds it.
STEPS = """
state-law-preemption 2025-12-11
ai-litigation-task-force 2026-01-09
commerce-state-law-list 2026-03-11
federal-preemption-framework 2026-03-20
xai-v-weiser 2026-04-09
doj-intervention-colorado 2026-04-24
xai-v-weiser 2026-04-27
colorado-ai-act 2026-05-14
xai-v-weiser 2026-06-11
ai-litigation-task-force 2026-06
california-sb-53 2026-01-01
new-york-raise-act 2026-03-27
"""
SCENARIOS = {
    "diffusion-enforced": "ai-diffusion-rule",
    "october-2022-only": "october-2022-rule",
    "october-2023-kept": "october-2023-rule",
    "h20-letters-lifted": "h20-letters-2025",
    "h200-rule-repealed": "h200-rule",
    "gain-ai": "gain-ai",
    "ai-overwatch": "hr6875-ai-overwatch",
    "restrict": "hr6879-restrict",
    "safe-chips": "s3374-safe-chips",
    "chip-security": "hr3447-chip-security",
    "remote-access-security": "hr2683-remote-access-security",
    "march-2026-draft": "march-2026-draft",
    "bis-funding": "bis-money-fy26",
    "section-232-expanded": "section-232-semiconductors",
    "affiliates-rule-stays-suspended": "affiliates-rule",
    "uae-rule-undone": "uae-rule",
    "headquarters-rule-gone": "hq-test-guidance",
    "designer-dates-kept": "foundry-designer-dates",
    "h20-ban-kept": "h20-15-percent",
    "no-advanced-chips-for-ccp": "hr5022-no-advanced-chips",
    "match-act": "s4281-match",
    "stop-stealing-our-chips": "s1473-stop-stealing-our-chips",
}
NO_INSTRUMENT = {
    *("no-controls", "h200-customer-cap", "b30a-allowed", "b30a-open", "blackwell-allowed", "blackwell-open"),
    *("beijing-bans-foreign", "beijing-opens", "cxmt-on-plan", "cxmt-stalls", "enforcement-doubled", "full-embargo"),
    *("h200-open-25", "h200-open-at-cap", "h200-open-unlimited", "hbm-unconstrained", "no-feedback"),
    *("smuggling-stopped",),
}
HEAD = 'title = "T"\nkind = "bill"\nside = "us"\nstatus_day = 2026-01-01\n'
EVENT = '[[a.event]]\nday = 2025-12-18\nwhat = "Introduced."\nstatus = "introduced"\nmark = "primary"\nsource = ["S"]\n'


def rows(text):
    return [line.split() for line in text.strip().splitlines()]


def read(body, top="read_on = 2026-11-22\n"):
    return read_policies({"x.toml": f"{top}[a]\n{body}"})


# What is in it


@pytest.mark.parametrize("line", BILLS.strip().splitlines())
def test_every_bill_is_a_record(line):
    id, number, status = (cell.strip() for cell in line.split("|"))
    p = policies()[id]
    assert (p.kind, p.side, p.status()[0]) == ("bill", "us", status)
    assert number in {"", *(n for given in p.numbers.values() for n in given)}
    assert p.parameters or p.candidates


@pytest.mark.parametrize(("id", "status", "day"), rows(INSTRUMENTS + CHINA.lstrip()))
def test_every_instrument_and_measure_is_a_record(id, status, day):
    p = policies()[id]
    assert (p.status()[0], str(p.events[0].day)) == (status, day)
    assert p.side == ("us" if id in INSTRUMENTS else "china")


@pytest.mark.parametrize(("id", "day"), rows(STEPS))
def test_every_step_on_state_laws_is_an_event(id, day):
    assert day in [str(e.day) for e in policies()[id].events]


def test_no_section_lost_a_row():
    files = {name: len(read_policies_of(name)) for name in FILES}
    least = {"bills": 18, "instruments": 15, "china": 19, "litigation": 8, "enforcement": 24, "open_clocks": 12}
    assert {name: n for name, n in files.items() if n < least[name]} == {}
    assert sum(files.values()) == len(EVERY)


def read_policies_of(name):
    import tomllib

    table = tomllib.loads((POLICY / f"{name}.toml").read_text("utf-8"))
    return [id for id in table if id != "read_on"]


def test_every_file_of_the_folder_is_read():
    assert {path.stem for path in POLICY.glob("*.toml")} == set(FILES)


@pytest.mark.parametrize("p", EVERY, ids=lambda p: p.id)
def test_every_claim_has_a_source_and_a_legal_mark(p):
    claims = (*p.events, *p.parameters, *p.candidates)
    assert p.kind in KINDS
    assert p.side in SIDES
    assert {claim.mark for claim in claims} | {*p.numbers, *p.sponsors} <= set(MARKS)
    assert all(claim.source for claim in claims)
    assert p.sources
    for source in p.sources:
        assert source == source.strip()
        assert "://" not in source or (source.startswith(("http://", "https://")) and " " not in source)
    assert {e.status for e in p.events} <= {"", *STATUSES}


@pytest.mark.parametrize("p", EVERY, ids=lambda p: p.id)
def test_an_unread_source_makes_no_primary_claim(p):
    for claim in (*p.events, *p.parameters):
        if any("no source read" in s or "was not read" in s or "were not read" in s for s in claim.source):
            assert claim.mark == "unverified"


def test_every_scenario_but_the_one_without_controls_has_its_record():
    tried = {s: p.id for p in EVERY for s in p.scenarios}
    assert tried == SCENARIOS
    # A counterfactual, a reported practice, and what only the world supposes, are no instrument.
    assert set(names()) == {*tried, *NO_INSTRUMENT}


def test_the_december_bill_has_candidates_and_no_identity():
    bill = policies()["december-2025-house-bill"]
    assert [c.number for c in bill.candidates] == ["H.R. 6322", "H.R. 6875", "H.R. 4505"]
    assert [c.record for c in bill.candidates] == ["s1473-stop-stealing-our-chips", "hr6875-ai-overwatch", ""]
    assert all(c.reasons_for and c.reasons_against for c in bill.candidates)
    assert {c.mark for c in bill.candidates} == {"unverified"}
    assert bill.status() == ("unknown", "unverified")
    assert not bill.numbers


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("hr6875-ai-overwatch", ("2026-01-21", "2026-01-22")),
        ("s4281-match", ("late April 2026", "only referred")),
        ("gain-ai", ("rode the NDAA", "left out")),
        ("uae-rule", ("G42", "GC29")),
        ("beijing-summit", ("about ten buyers", "one blog")),
        ("enf-cadence", ("56", "59")),
    ],
)
def test_where_sources_differ_both_are_said(id, words):
    (found,) = policies()[id].disagree
    assert [word for word in words if word not in " ".join(found.says)] == []
    assert found.used


# The status on a day


@pytest.mark.parametrize(
    ("id", "day", "status"),
    [
        ("hr6875-ai-overwatch", "2025-12-17", ""),
        ("hr6875-ai-overwatch", "2025-12-18", "introduced"),
        ("hr6875-ai-overwatch", "2026-01-01", "introduced"),
        ("hr6875-ai-overwatch", "2026-01-21", "out_of_committee"),
        ("hr6875-ai-overwatch", "2026-07-30", "out_of_committee"),
        ("hr6875-ai-overwatch", "2026-07-31", "attached"),
        ("gain-ai", "2025-12-08", "attached"),
        ("gain-ai", "2025-12-09", "dropped"),
        ("affiliates-rule", "2025-10-01", "in_force"),
        ("affiliates-rule", "2026-11-09", "suspended"),
        ("affiliates-rule", "2026-11-10", "in_force"),
        ("china-rare-earth-controls", "2026-11-10", "suspended"),
        ("china-rare-earth-controls", "2026-11-11", "unknown"),
        ("china-gallium-ban", "2026-11-27", "suspended"),
        ("china-gallium-ban", "2026-11-28", "unknown"),
        ("ai-diffusion-rule", "2025-05-12", "in_force"),
        ("ai-diffusion-rule", "2025-05-13", "not_enforced"),
        ("march-2026-draft", "2026-03-12", "draft"),
        ("enf-gatekeeper-hsu", "2024-12-01", ""),
        ("colorado-ai-act", "2027-01-01", "in_force"),
    ],
)
def test_the_events_replay_the_status(id, day, status):
    assert policies()[id].status(date.fromisoformat(day))[0] == status


def test_a_suspension_that_has_run_out_is_unverified():
    assert policies()["us-china-tariff-truce"].status(TODAY) == ("unknown", "unverified")
    assert policies()["affiliates-rule"].status(TODAY) == ("in_force", "unverified")


@pytest.mark.parametrize("p", EVERY, ids=lambda p: p.id)
def test_a_record_has_no_status_before_its_first_event(p):
    assert p.status(p.events[0].first - timedelta(days=1)) == ("", "")
    assert p.last_event(p.events[0].first - timedelta(days=1)) is None


def test_every_suspension_with_an_end_must_be_reviewed():
    ends = {p.id: (p.suspended_until, p.review_by) for p in EVERY if p.suspended_until}
    assert ends == {
        "affiliates-rule": (date(2026, 11, 9), date(2026, 11, 10)),
        "us-china-tariff-truce": (date(2026, 11, 10), date(2026, 11, 10)),
        "china-gallium-ban": (date(2026, 11, 27), date(2026, 11, 27)),
        "china-rare-earth-controls": (date(2026, 11, 10), date(2026, 11, 10)),
    }


def test_a_review_is_overdue_from_its_day_on():
    p = policies()["china-gallium-ban"]
    assert p.overdue_since(date(2026, 11, 26)) is None
    assert p.overdue_since(date(2026, 11, 27)) == date(2026, 11, 27)
    assert policies()["gain-ai"].overdue_since(date(2030, 1, 1)) is None


def test_days_of_months_and_years():
    assert (first_day("2024-02"), last_day("2024-02")) == (date(2024, 2, 1), date(2024, 2, 29))
    assert (first_day("2025"), last_day("2025")) == (date(2025, 1, 1), date(2025, 12, 31))
    assert first_day(TODAY) == last_day(TODAY) == TODAY


# Look-up


@pytest.mark.parametrize(
    ("text", "id"),
    [("gain-ai", "gain-ai"), ("hr 6322", "s1473-stop-stealing-our-chips"), ("E.O. 14365", "state-law-preemption")],
)
def test_an_id_or_a_number_finds_its_record(text, id):
    assert find_policy(text).id == id


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("hr6875-ai-overwach", "hr6875-ai-overwatch"),
        ("ai-overwatch", "hr6875-ai-overwatch"),
        ("SAFE Chips Act", "s3374-safe-chips"),
    ],
)
def test_a_misspelt_id_names_near_ones(text, near):
    with pytest.raises(CatalogError, match=f"Did you mean .*{near}"):
        find_policy(text)


def test_a_name_that_is_near_nothing_points_to_the_list():
    with pytest.raises(CatalogError, match="headgate policy list"):
        find_policy("zzzzzz")


# Refusals


def test_a_small_record_is_read():
    p = read(HEAD + EVENT)["a"]
    assert p.status() == ("introduced", "primary")
    assert (p.parameters, p.review_by, p.note) == ((), None, "")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (HEAD + 'sponsor = "X"\n' + EVENT, "sponsor: a has no such key. Correct or remove it. Did you mean sponsors?"),
        (HEAD.replace('side = "us"\n', "") + EVENT, "a: side: it is missing or empty"),
        (HEAD.replace('"us"', '"usa"') + EVENT, "'usa' is none of us, china. Write one of them. Did you mean us?"),
        (HEAD.replace('"bill"', '"bil"') + EVENT, "Did you mean bill"),
        (HEAD + EVENT.replace('"introduced"', '"introducd"'), "Did you mean introduced?"),
        (HEAD + EVENT.replace('"primary"', '"primry"'), "'primry' is not a mark"),
        (HEAD + EVENT.replace('["S"]', "[]"), "source: it is missing or empty"),
        (HEAD + EVENT.replace('source = ["S"]\n', ""), "event: source: it is missing or empty"),
        (HEAD + EVENT.replace('["S"]', '"S"'), "'S' is not a list of texts"),
        (HEAD + EVENT.replace("2025-12-18", "2025-02-30"), "the file is not valid TOML"),
        (HEAD.replace("2026-01-01", "2026-13-01") + EVENT, "the file is not valid TOML"),
        (HEAD + EVENT.replace("2025-12-18", '"2025-13"'), "'2025-13' is not a date"),
        (HEAD + EVENT.replace("2025-12-18", '"12/18/2025"'), "is not a date, as 2026-03-22, a month"),
        (HEAD + EVENT.replace("2025-12-18", "2025-12-18T00:00:00"), "is not a date"),
        (HEAD + EVENT + EVENT.replace("2025-12-18", "2025-12-17"), "the event of 2025-12-17 stands after a later one"),
        (HEAD.replace("2026-01-01", "2025-12-17") + EVENT, "no event up to 2025-12-17 has a status"),
        (HEAD + EVENT.replace('status = "introduced"\n', ""), "no event up to 2026-01-01 has a status"),
        (HEAD + "review_by = 1\n" + EVENT, "review_by: 1 is not a date"),
        (HEAD + 'suspended_until = "2026-11"\n' + EVENT, "suspended_until: '2026-11' is not a date"),
        (HEAD + 'related = ["b"]\n' + EVENT, "'b' is no record of the tracker"),
        (HEAD + 'numbers.first_hand = ["H.R. 1"]\n' + EVENT, "first_hand: numbers has no such key"),
        (HEAD + "numbers.primary = []\n" + EVENT, "numbers.primary: it is missing or empty"),
        (HEAD + "event = 1\n", "1 is not a list of tables [[event]]"),
        (HEAD + "event = [1]\n", "event: 1 is not a table"),
        (HEAD + EVENT + '[[a.disagree]]\nabout = "x"\nsays = ["y"]\nused = "y"\n', "a second reading in says"),
    ],
)
def test_a_bad_record_is_refused(body, says):
    with pytest.raises(CatalogError) as refused:
        read(body)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("value", "says"),
    [("value = 2026-01-01", "is not a number, a text, true or false"), ("value = nan", "nan is not a finite number")],
)
def test_a_bad_value_is_refused(value, says):
    body = f'[[a.parameter]]\nname = "n"\n{value}\nsays = "s"\nmark = "primary"\nsource = ["S"]\n'
    with pytest.raises(CatalogError, match=says):
        read(HEAD + EVENT + body)


def test_two_parameters_of_one_name_are_refused():
    body = '[[a.parameter]]\nname = "n"\nsays = "s"\nmark = "primary"\nsource = ["S"]\n'
    with pytest.raises(CatalogError, match="parameter n: it stands twice"):
        read(HEAD + EVENT + body + body)


def test_a_candidate_without_a_record_or_a_reason_is_refused():
    body = (
        '[[a.candidate]]\nnumber = "H.R. 1"\ntitle = "T"\nreasons_for = ["x"]\nreasons_against = ["y"]\n'
        'mark = "unverified"\nsource = ["S"]\n'
    )
    assert read(HEAD + EVENT + body)["a"].candidates[0].record == ""
    with pytest.raises(CatalogError, match="'aa' is no record of the tracker.*Did you mean a"):
        read(HEAD + EVENT + body + 'record = "aa"\n')
    with pytest.raises(CatalogError, match="reasons_for: it is missing or empty"):
        read(HEAD + EVENT + body.replace('["x"]', "[]"))


def test_an_id_in_two_files_or_of_other_letters_is_refused():
    text = f"read_on = 2026-11-22\n[a]\n{HEAD}{EVENT}"
    with pytest.raises(CatalogError, match="y.toml: a: it stands twice"):
        read_policies({"x.toml": text, "y.toml": text})
    with pytest.raises(CatalogError, match="lower-case letters"):
        read_policies({"x.toml": text.replace("[a]", "[A_b]").replace("a.event", "A_b.event")})


def test_a_file_without_the_day_of_reading_is_refused():
    with pytest.raises(CatalogError, match="read_on: it is missing or empty"):
        read(HEAD + EVENT, top="")
