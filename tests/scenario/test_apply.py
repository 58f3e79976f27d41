"""A scenario changes what it names, from its day on, and nothing else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.countries import country_lists
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.one import decider
from headgate.decide.table import decide_frame
from headgate.errors import BookError, UsageError
from headgate.law.us import book
from headgate.scenario.apply import lay_over
from headgate.scenario.record import Scenario, names, read_scenario
from headgate.scenario.trial import under

from ..decide.rows import rows

HEAD = """
id = "draft"
title = "A draft"
says = "It changes something."
status = "imagined"
evidence = "unverified"
from = 2025-06-01
[[source]]
title = "nobody"
"""
H100_TO = {"item": "nvidia-h100-sxm", "activity": "export", "ship_from": "US"}


@pytest.fixture
def trial(tmp_path):
    def read(text, head=HEAD, **settings):
        path = tmp_path / "draft.toml"
        path.write_text(head + text, encoding="utf-8")
        return read_scenario(str(path), settings)

    return read


def answer(scenario, **row):
    return under(scenario, decider()).decide({**H100_TO, **row}, "clean", None)


def test_an_empty_scenario_is_the_baseline_itself(trial):
    made, lists = lay_over(trial(""), book(), country_lists())
    assert made is book()
    assert lists is country_lists()
    same = trial('[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = 4800')
    assert lay_over(same, book(), country_lists())[0] is book()


@given(rows())
def test_an_empty_scenario_gives_the_same_bytes(row):
    assert NOTHING.decide(row, None, None).to_json() == decider().decide(row, None, None).to_json()


def test_a_threshold_moves_from_its_day_on(trial):
    lower = trial('[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = 2000')
    made, _ = lay_over(lower, book(), country_lists())
    before, after = (made.on(d, "enforced").by_id["us.ear.3a090.a.1"] for d in (date(2025, 5, 31), date(2025, 6, 1)))
    assert (before.thresholds()[0].value, after.thresholds()[0].value) == (4800, 2000)
    assert before.when is book().on(date(2025, 5, 31), "enforced").by_id["us.ear.3a090.a.1"].when
    assert made.version.endswith("+draft")
    assert "scenario draft" in str(after.cite)
    chip = {
        "item": None,
        "item_kind": "ic",
        "tpp": 2000,
        "is_datacenter": False,
        "destination": "SA",
        "die_area_mm2": 800,
    }
    assert answer(lower, **chip, event_date="2025-06-01").outcome == "license_required"
    assert answer(lower, **chip, event_date="2025-05-31").outcome == "no_license_required"


def test_until_ends_a_change(trial):
    lower = trial('[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = 2000\nuntil = 2025-07-01')
    made, _ = lay_over(lower, book(), country_lists())
    values = [made.on(date(2025, m, 1), "enforced").by_id["us.ear.3a090.a.1"].thresholds()[0].value for m in (5, 6, 7)]
    assert values == [4800, 2000, 4800]


def test_repeal_keep_and_enforce(trial):
    gone = trial('[[repeal]]\nprovisions = ["us.letter.2025_04_09*"]')
    made, _ = lay_over(gone, book(), country_lists())
    assert "us.letter.2025_04_09" in made.on(date(2025, 5, 31), "enforced").by_id
    assert "us.letter.2025_04_09" not in made.on(date(2025, 6, 1), "enforced").by_id
    kept = trial('[[keep]]\nprovisions = ["us.ear.742_6.b_10_iii.*", "us.ear.742_6.b_10.denial"]\nas_of = 2025-06-01')
    made, _ = lay_over(kept, book(), country_lists())
    law = made.on(date(2026, 3, 1), "enforced")
    assert "us.ear.742_6.b_10_iii.gate" not in law.by_id
    assert (
        law.by_id["us.ear.742_6.b_10.denial"].when
        == book().on(date(2025, 6, 1), "enforced").by_id["us.ear.742_6.b_10.denial"].when
    )
    enforced = trial("[[enforce]]")
    made, _ = lay_over(enforced, book(), country_lists())
    day = date(2025, 7, 1)
    assert [p.id for p in made.on(day, "enforced").provisions] == [p.id for p in made.on(day, "printed").provisions]
    assert answer(enforced, destination="BR", event_date="2025-07-01").outcome == "license_required"
    assert answer(enforced, destination="BR", event_date="2025-05-31").outcome == "no_license_required"


def test_spans_and_lists(trial):
    shorter = trial('[[span]]\nprovision = "us.ear.742_6.b_10.denial"\nversion = 2024-04-04\nend = 2026-01-10')
    made, _ = lay_over(shorter, book(), country_lists())
    denial = [made.on(date(2026, 1, d), "enforced").by_id.get("us.ear.742_6.b_10.denial") for d in (9, 12, 15)]
    assert [p is None for p in denial] == [False, True, False]
    listed = trial('[[list]]\nlist = "us.country_group.d4"\nadd = ["Malaysia"]\nremove = ["SA"]')
    assert answer(listed, destination="MY", event_date="2025-06-01").outcome == "license_required"
    assert answer(listed, destination="MY", event_date="2025-05-31").outcome == "no_license_required"
    assert answer(listed, destination="SA", event_date="2025-06-01").outcome == "no_license_required"
    assert answer(listed, destination="SA", event_date="2025-05-31").outcome == "license_required"
    assert decider().decide({**H100_TO, "destination": "MY", "event_date": "2025-06-01"}, "clean", None).outcome == (
        "no_license_required"
    )


DRAFT = """
[[provision]]
id = "draft.cap"
stage = "require"
says = "A license is required for circuits of $floor TPP to Kenya."
when = '''holds("us.ear.734.movement") & any_part(field("ic.tpp") >= threshold("draft.cap/tpp", $floor, "TPP"))
    & field("act.destination").one_of("KE")'''
mark = "unverified"
section = "section 2"
[parameter.floor]
value = 5000
says = "the text names no number"
"""


def test_a_new_provision_with_a_parameter(trial):
    row = {"destination": "KE", "event_date": "2025-06-01"}
    found = answer(trial(DRAFT), **row)
    assert (found.outcome, "draft.cap" in found.reasons) == ("license_required", True)
    assert answer(trial(DRAFT, floor="20000"), **row).outcome == "no_license_required"
    assert answer(trial(DRAFT), **row | {"event_date": "2025-05-31"}).outcome == "no_license_required"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[set]]\nthreshold = "us.ear.3a090.a.1/tp"\nvalue = 1', "Did you mean us.ear.3a090.a.1/tpp"),
        ('[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = "many"', "write a number"),
        ('[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"', "'value' is missing"),
        ('[[repeal]]\nprovisions = ["us.leter.2025_04_09"]', "Did you mean us.letter.2025_04_09"),
        ('[[repeal]]\nprovisions = ["us.no.such.*"]', "no provision"),
        ('[[list]]\nlist = "us.country_group.d9"\nadd = ["MY"]', "Did you mean us.country_group"),
        ('[[list]]\nlist = "us.country_group.d5"\nremove = ["MY"]', "is not on"),
        ('[[list]]\nlist = "us.country_group.d5"\nadd = ["Malaysa"]', "Malaysia"),
        ('[[span]]\nprovision = "us.ear.3a090.a.1"\nend = 2024-01-01', "not before"),
        ("[[repael]]\nx = 1", "Did you mean repeal"),
        ('[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = 1\nfrom = 2025-01-01', "no span of days"),
        ('[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = "$flor"', "does not state"),
        ('[[provision]]\nid = "draft.x"', "is missing"),
        (DRAFT.replace("draft.cap", "us.ear.cap"), "begins with 'draft.'"),
        (DRAFT.replace("ic.tpp", "ic.tp"), "Did you mean ic.tpp"),
        (DRAFT.replace("us.ear.734.movement", "us.ear.734.move"), "Did you mean us.ear.734.movement"),
        (DRAFT.replace('stage = "require"', 'stage = "requires"'), "is none of"),
        ("not toml", "not valid TOML"),
    ],
)
def test_a_name_that_matches_nothing_stops_with_near_names(trial, text, said):
    with pytest.raises(BookError, match=said):
        lay_over(trial(text), book(), country_lists())


def test_a_parameter_or_scenario_that_does_not_exist_is_refused(trial):
    with pytest.raises(UsageError, match="Did you mean floor"):
        trial(DRAFT, flor="1")
    with pytest.raises(UsageError, match="is not a number"):
        trial(DRAFT, floor="many")
    with pytest.raises(UsageError, match="Did you mean h20-letters-lifted"):
        read_scenario("h20-letter-lifted")


SCENARIOS = [s for s in map(read_scenario, names()) if s.changes]
# The two hashes say what decided; everything else must be the same.
KEPT = [c for c in DECISION_COLUMNS if c not in ("law_version", "data_version")]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.id)
@given(row=rows(), back=st.integers(1, 400))
def test_nothing_before_the_first_day_moves(scenario, row, back):
    day = max(scenario.start - timedelta(days=back), book().begins)
    if day >= scenario.start:
        return
    row = row | {"event_date": day.isoformat()}
    base, changed = (d.decide(row, None, None).to_dict() for d in (decider(), UNDER[scenario.id]))
    assert {c: base[c] for c in KEPT} == {c: changed[c] for c in KEPT}


NOTHING = under(Scenario("nothing", "Nothing", "It changes nothing.", "", "primary", date(2025, 1, 1), ()), decider())
UNDER = {s.id: under(s, decider()) for s in SCENARIOS}


THRESHOLDS = sorted({t.id for p in book().provisions for t in p.thresholds()})


@pytest.mark.parametrize("id", THRESHOLDS)
def test_any_threshold_can_be_halved_and_doubled(trial, id):
    """A moved floor never makes two entries hold at once, for any chip of the catalog, one by one or in a table."""
    value = next(t.value for p in book().provisions for t in p.thresholds() if t.id == id)
    for factor in (0.5, 2):
        by = under(trial(f'[[set]]\nthreshold = "{id}"\nvalue = {value * factor!r}'), decider())
        rows = [
            {"line_id": f"{chip}-{to}", "item": chip, "activity": "export", "ship_from": "US", "destination": to}
            for chip in ("nvidia-l40", "amd-mi210", "nvidia-a30", "nvidia-h20-96", "nvidia-rtx-4090d", "intel-gaudi3")
            for to in ("CN", "SA")
        ]
        found = decide_frame(by, [r | {"event_date": "2026-03-01"} for r in rows], assume="clean")
        assert found["error"].null_count() == len(rows), found["error"].to_list()


HOSTILE = [
    ("[[repeal]]\nwhy = 'forgot'", "'provisions' is missing"),
    ("[[keep]]\nas_of = 2026-01-01\nprovisions = ['us.ear.3a090.a.1']", "lies after"),
    ("[[set]]\nthreshold = 'us.ear.3a090.a.1/*'\nvalue = 1", "no threshold"),
    ("[[set]]\nthreshold = 'us.ear.3a090.a.1/tpp'\nvalue = nan", "0 or more"),
    ("[[set]]\nthreshold = 'us.ear.3a090.a.1/tpp'\nvalue = -5", "0 or more"),
    ("[[set]]\nthreshold = 5\nvalue = 1", "write a text"),
    ("[[list]]\nlist = 'us.country_group.*'\nadd = ['MY']", "no list"),
    ("[[list]]\nlist = 'us.country_group.d5'\nadd = [5]", "list of texts"),
    ("[[repeal]]\nprovisions = 'us.letter.2025_04_09'", "write a list"),
    ("[set]\nx = 1", "tables"),
    (
        "[[set]]\nthreshold = 'us.ear.3a090.a.1/tpp'\nvalue = '$floors'\n[parameter.floor]\nvalue = 1\nsays = 'x'",
        "floor",
    ),
    (DRAFT.replace('one_of("KE")', 'one_of("Kenya")'), "write 'KE'"),
    (DRAFT.replace('one_of("KE")', 'one_of("HK")'), "write 'CN'"),
    (DRAFT.replace('field("act.destination").one_of("KE")', 'field("item.kind").one_of("IC")'), "one of ic"),
    (DRAFT.replace('field("act.destination").one_of("KE")', 'field("item.id").one_of("nvidia-h20")'), "no item"),
    (DRAFT.replace("any_part(", "(") + "", "any_part"),
]


@pytest.mark.parametrize(("text", "said"), HOSTILE)
def test_what_cannot_be_meant_is_refused(trial, text, said):
    with pytest.raises(BookError, match=said):
        under(trial(text), decider())


def test_a_span_leaves_the_days_before_it_untouched(trial):
    gate = "us.ear.742_6.b_10_iii.gate"
    made, _ = lay_over(trial(f'[[span]]\nprovision = "{gate}"\nend = 2026-08-01'), book(), country_lists())
    early, late = (made.on(d, "enforced").by_id.get(gate) for d in (date(2026, 2, 1), date(2026, 8, 1)))
    assert (early.mark, late) == ("unverified", None)
    rule = book().versions("us.ear.742_6.a_6")[-1]
    longer = '[[span]]\nprovision = "us.ear.742_6.a_6"\nversion = 2023-01-17\nend = 2026-01-01'
    made, _ = lay_over(trial(longer, HEAD.replace("2025-06-01", "2023-06-01")), book(), country_lists())
    before, after = (made.on(d, "enforced").by_id[rule.id] for d in (date(2023, 5, 31), date(2024, 1, 1)))
    assert (before.cite, before.mark) == (rule.cite, rule.mark)
    assert "scenario draft" in str(after.cite)


def test_only_lists_changed_still_marks_the_version(trial):
    listed = trial('[[list]]\nlist = "us.country_group.d5"\nadd = ["MY"]')
    assert lay_over(listed, book(), country_lists())[0].version.endswith("+draft")
