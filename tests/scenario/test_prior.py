"""What a scenario changes of the world is read whole, refused where it cannot be meant, and moves no law."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.countries import country_lists
from headgate.cli.main import main
from headgate.decide.one import decider
from headgate.draw.spread import read_spread
from headgate.errors import BookError, UsageError
from headgate.law.us import book
from headgate.scenario.apply import lay_over
from headgate.scenario.prior import PriorChange, read_priors, words
from headgate.scenario.record import FOLDER, names, read_scenario
from headgate.scenario.trial import try_scenario, under
from headgate.world.priors import priors

FIRST = date(2026, 1, 1)
HEAD = """
id = "draft"
title = "A draft"
says = "It changes something."
status = "imagined"
evidence = "unverified"
from = 2026-01-01
[[source]]
title = "nobody"
"""
ORDERS = str(FOLDER.parents[3] / "examples" / "orders.csv")


def prior(text):
    return f'[[prior]]\nprior = "smuggling.detection"\nwhy = "to see"\n{text}\n'


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "draft.toml"
        path.write_text(HEAD + text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def scenario(file):
    return lambda text, **settings: read_scenario(file(text), settings)


@pytest.mark.parametrize(
    ("text", "kind", "numbers", "said"),
    [
        ("value = 0", "value", {"value": 0.0}, "smuggling.detection = 0 from 2026-01-01"),
        ("value = -3", "value", {"value": -3.0}, "smuggling.detection = -3 from 2026-01-01"),
        ("times = 2.0", "times", {"times": 2.0}, "smuggling.detection times 2 from 2026-01-01"),
        ("times = 0", "times", {"times": 0.0}, "smuggling.detection times 0 from 2026-01-01"),
        ("low = 1\nhigh = 1", "spread", {"low": 1.0, "high": 1.0}, "smuggling.detection 1 to 1 (90 %) from 2026-01-01"),
        (
            'low = 0.1\nhigh = 0.5\nmedian = 0.1\nshape = "lognormal"\nuntil = 2026-01-02',
            "spread",
            {"low": 0.1, "high": 0.5, "median": 0.1},
            "smuggling.detection 0.1 to 0.5 (median 0.1, 90 %, lognormal) from 2026-01-01 until 2026-01-02",
        ),
    ],
)
def test_each_way_to_tell_a_change(scenario, text, kind, numbers, said):
    (change,) = scenario(prior(text)).priors
    assert (change.kind, dict(change.numbers), words(change), change.why) == (kind, numbers, said, "to see")


def test_days_are_the_scenarios_own_unless_told(scenario):
    one, other = scenario(
        prior("value = 1\nuntil = 2026-07-01") + prior("value = 2\nfrom = 2026-07-01\nuntil = 2027-01-01")
    ).priors
    assert (one.start, one.end) == (FIRST, date(2026, 7, 1))
    assert (other.start, other.end) == (date(2026, 7, 1), date(2027, 1, 1))
    assert scenario("").priors == ()


PARAMETERS = """[parameter.share]
value = 0.5
says = "nobody knows"
[parameter.begins]
value = 2026-03-01
says = "nobody knows"
"""


def test_parameters_fill_a_change(scenario):
    text = PARAMETERS + prior('value = "$share"\nfrom = "$begins"')
    (change,) = scenario(text).priors
    assert (change.numbers["value"], change.start) == (0.5, date(2026, 3, 1))
    (change,) = scenario(text, share="0.25", begins="2026-04-01").priors
    assert (change.numbers["value"], change.start) == (0.25, date(2026, 4, 1))
    with pytest.raises(UsageError, match="Did you mean share"):
        scenario(text, shar="0.1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (prior(""), "states no number; write exactly one of"),
        (prior("value = 1\ntimes = 2"), "states times, value; write exactly one of"),
        (prior("value = 1\nlow = 0\nhigh = 2"), "write exactly one of"),
        (prior("low = 0"), "write exactly one of"),
        (prior("high = 1\nmedian = 0.5"), "write exactly one of"),
        (prior('value = 1\nshape = "normal"'), "states shape, value; write exactly one of"),
        (prior("times = 1\nmedian = 1"), "write exactly one of"),
        (prior("low = 2\nhigh = 1"), "low 2 lies over high 1; exchange them"),
        (prior("low = 0\nhigh = 1\nmedian = 1.5"), "median 1.5 lies outside"),
        (prior("times = -0.1"), "times is -0.1; write 0 or more"),
        (prior("value = nan"), "value is nan; write a number"),
        (prior("high = inf\nlow = 0"), "high is inf; write a number"),
        (prior("value = true"), "value is True; write a number"),
        (prior('value = "many"'), "value is 'many'; write a number"),
        (prior('value = "$shar"') + PARAMETERS, "Did you mean share"),
        (prior("low = 0\nhigh = 1\nshape = 3"), "shape is 3; write a text"),
        (prior("value = 1").replace('"smuggling.detection"', "7"), "prior is 7; write a text"),
        (prior("valeu = 1"), "Did you mean value"),
        ("[[prior]]\nvalue = 1\nwhy = 'x'", "prior [?]: the key 'prior' is missing"),
        ("[[prior]]\nvalue = 1\nprior = 'smic.wafers'", "prior smic.wafers: the key 'why' is missing"),
        (prior("value = 1\nfrom = 2025-12-31"), "no span of days on or after"),
        (prior("value = 1\nuntil = 2026-01-01"), "no span of days on or after"),
        (prior("value = 1\nfrom = 2026-01-01T00:00:00"), "write a day"),
        (prior("value = 1\nuntil = 'soon'"), "write a day"),
        ("[prior]\nvalue = 1", "write \\[\\[prior\\]\\] tables"),
        ("[[priors]]\nvalue = 1", "Did you mean prior"),
    ],
)
def test_what_cannot_be_meant_is_refused(scenario, text, said):
    with pytest.raises(BookError, match=said):
        scenario(text)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("from = 2026-02-01", "until = 2026-02-02"),
        ("until = 2026-02-02", "from = 2026-02-01\nuntil = 2026-02-03"),
    ],
)
def test_two_changes_of_one_prior_on_one_day_contradict_each_other(scenario, first, second):
    with pytest.raises(BookError, match="contradict each other: smuggling.detection = 1 .*, and .* times 2 .*`until`"):
        scenario(prior(f"value = 1\n{first}") + prior(f"times = 2\n{second}"))


DAYS = st.integers(0, 400).map(lambda n: FIRST + timedelta(n))
SPANS = st.tuples(DAYS, st.one_of(st.none(), st.integers(1, 200)))


@given(SPANS, SPANS)
def test_they_contradict_each_other_exactly_when_they_share_a_day(one, other):
    tables = [
        {"prior": "smic.wafers", "value": 1, "why": "x", "from": start}
        | ({"until": start + timedelta(length)} if length else {})
        for start, length in (one, other)
    ]
    days = [
        {start + timedelta(n) for n in range(length or 2000) if start + timedelta(n) < FIRST + timedelta(1000)}
        for start, length in (one, other)
    ]
    try:
        found = read_priors(tables, FIRST, "draft.toml")
    except BookError:
        assert days[0] & days[1]
    else:
        assert not days[0] & days[1]
        assert len(found) == 2


@given(
    st.floats(-1e9, 1e9), st.floats(0, 1e9), st.floats(0, 1), st.sampled_from(["", "normal", "lognormal", "uniform"])
)
def test_a_spread_is_read_as_told(low, width, within, shape):
    high = low + width
    table = {"prior": "x", "low": low, "high": high, "median": min(high, low + within * width), "why": "x"}
    (found,) = read_priors([table | ({"shape": shape} if shape else {})], FIRST, "draft.toml")
    assert isinstance(found, PriorChange)
    assert found.numbers == {k: table[k] for k in ("low", "high", "median")}
    assert found.shape == shape
    with pytest.raises(TypeError):
        found.numbers["low"] = 0.0


def test_a_change_of_the_world_moves_no_law(scenario):
    read = scenario(prior("value = 1"))
    made, lists = lay_over(read, book(), country_lists())
    assert made is book()
    assert lists is country_lists()
    found = try_scenario(read, decider())
    assert (found.moved, found.days, found.changed) == (False, (), found.baseline)


WORLD_ONLY = [name for name in names() if not read_scenario(name).changes]


@pytest.mark.parametrize("name", WORLD_ONLY)
def test_law_try_says_first_that_no_law_changes_and_decides_nothing(name, capsys, monkeypatch):
    for decides in ("chips_on", "lines_of"):
        monkeypatch.setattr(f"headgate.scenario.trial.{decides}", None)
    assert main(["law", "try", name, ORDERS]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith(f"{name} changes no law, so that no chip and no order line was decided;")
    assert f"`headgate world run {name}` shows" in told
    assert "ORDER LINES" not in told
    assert all(words(p) in told for p in read_scenario(name).priors)


def test_every_quantity_that_a_scenario_names_is_one_of_the_world_and_every_spread_can_be_drawn():
    known = priors()
    for name in names():
        for change in read_scenario(name).priors:
            assert known.find(change.prior)
            if change.kind == "spread":
                read_spread({**change.numbers, "shape": change.shape}, name)


def test_a_scenario_that_changes_nothing_says_so(file, capsys):
    assert main(["law", "try", file("")]) == 0
    assert capsys.readouterr().out.startswith("draft changes nothing: no law, and no assumption of the world.")


def test_law_try_tells_the_world_in_json(file, capsys):
    path = file(prior('low = 0.1\nhigh = 0.2\nshape = "uniform"'))
    assert main(["law", "try", path, "--json"]) == 0
    trial, change = map(json.loads, capsys.readouterr().out.splitlines())
    assert (trial["kind"], trial["moved"], trial["days"], trial["lines_decided"]) == ("trial", False, [], 0)
    assert change == {
        "kind": "prior",
        "prior": "smuggling.detection",
        "low": 0.1,
        "high": 0.2,
        "shape": "uniform",
        "from": "2026-01-01",
        "until": None,
        "why": "to see",
    }


def test_law_that_moves_no_chip_names_the_world(capsys):
    assert main(["law", "try", "hbm-unconstrained", "--on", "2025-06-01"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith("Nothing moved")
    assert "What it assumes of the world shows in `headgate world run hbm-unconstrained`." in told


def test_memory_needs_no_license_where_it_is_unconstrained():
    stack = {"item_kind": "hbm", "hbm_density_gb_per_s_mm2": 8, "activity": "export", "ship_from": "US"}
    changed = under(read_scenario("hbm-unconstrained"), decider())
    for day, before, after in (
        ("2024-12-30", "no_license_required", "no_license_required"),
        ("2024-12-31", "license_required", "no_license_required"),
    ):
        row = stack | {"destination": "CN", "event_date": day}
        assert [by.decide(row, "clean", None).outcome for by in (decider(), changed)] == [before, after]


PASSES = {"us_available_2026_01_15": "yes"} | {
    f"cert_{name}": "yes"
    for name in "performance us_shipments_stated us_supply no_foundry_diversion volume_cap no_prohibited_use "
    "kyc_remote_access us_lab_test".split()
}


@pytest.mark.parametrize(
    ("name", "item", "before", "after"),
    [
        ("b30a-allowed", "nvidia-b30a", "presumption_of_denial", "case_by_case"),
        ("b30a-open", "nvidia-b30a", "presumption_of_denial", "case_by_case"),
        ("b30a-allowed", "nvidia-b100", "presumption_of_denial", "presumption_of_denial"),
        ("b30a-allowed", "nvidia-b200", "presumption_of_denial", "presumption_of_denial"),
        ("blackwell-allowed", "nvidia-b200", "presumption_of_denial", "case_by_case"),
        ("blackwell-allowed", "nvidia-b300", "presumption_of_denial", "case_by_case"),
        ("blackwell-open", "nvidia-gb300", "presumption_of_denial", "case_by_case"),
        ("blackwell-allowed", "nvidia-rubin-vr200", "presumption_of_denial", "presumption_of_denial"),
        ("full-embargo", "nvidia-h20-96", "unstated", "denial"),
        ("full-embargo", "nvidia-h200-sxm", "case_by_case", "denial"),
        ("no-advanced-chips-for-ccp", "nvidia-h20-96", "unstated", "unstated"),
        ("no-advanced-chips-for-ccp", "nvidia-h20-141", "unstated", "denial"),
        ("no-advanced-chips-for-ccp", "nvidia-h200-sxm", "case_by_case", "denial"),
    ],
)
def test_what_washington_would_answer(name, item, before, after):
    row = {"item": item, "activity": "export", "ship_from": "US", "destination": "CN", "event_date": "2026-03-01"}
    found = [by.decide(row | PASSES, "clean", None) for by in (decider(), under(read_scenario(name), decider()))]
    assert [d.outcome for d in found] == ["license_required", "license_required"]
    assert [d.review_policy for d in found] == [before, after]


def test_an_embargo_closes_remote_access_too():
    row = {"item": "nvidia-h20-96", "activity": "cloud_access", "ship_from": "MY", "destination": "MY"}
    row |= {"event_date": "2026-03-01", "cloud_customer_hq_country": "CN", "hq_country": "MY"}
    found = [by.decide(row, "clean", None) for by in (decider(), under(read_scenario("full-embargo"), decider()))]
    assert found[0].outcome != "license_required"
    assert (found[1].outcome, found[1].review_policy) == ("license_required", "denial")


def test_the_h200_opens_without_limit_up_to_its_limits():
    changed = under(read_scenario("h200-open-unlimited"), decider())
    answers = {
        item: changed.decide(
            {"item": item, "activity": "export", "ship_from": "US", "destination": "CN", "event_date": "2026-03-01"},
            "clean",
            None,
        ).outcome
        for item in ("nvidia-h20-96", "nvidia-h200-sxm", "amd-mi325x", "nvidia-b200", "nvidia-b30a")
    }
    assert answers == {
        "nvidia-h20-96": "exception_available",
        "nvidia-h200-sxm": "exception_available",
        "amd-mi325x": "exception_available",
        "nvidia-b200": "license_required",
        "nvidia-b30a": "license_required",
    }
