"""Every provision of the United States, case by case, and what the book as a whole must be.

A version needs a case that is true, one that is false, one that is unknown, and one on a day when it is not in force.
A provision that is simply false, kept in the book to be read, can be neither true nor unknown.
"""

import math
from collections import defaultdict
from datetime import date, timedelta
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import pytest

from headgate.catalog.chips import catalog
from headgate.catalog.countries import country_lists
from headgate.decide.era import Eras
from headgate.decide.item import circuit_facts
from headgate.expr import walk
from headgate.expr.case import compile_case
from headgate.expr.node import And, Blank, Compare, Const, Holds, Not, Or, Threshold, children
from headgate.expr.oracle import evaluate
from headgate.expr.program import lower
from headgate.law.fields import BY_NAME, LISTS
from headgate.law.provision import is_constant
from headgate.law.us import book
from headgate.source import MARKS

from .casefile import KEYS, KINDS, facts, law_of, load, parts_of, truth, version_of

FOLDER = Path(__file__).parent / "us"
CASES = load(FOLDER)
US = book()
VERSIONS = US.provisions
TRACKS = ("enforced", "printed")
EDGE = 1e-3
# Days on which a provision has no version in force between two that are.
GAPS = {
    ("us.ear.744_11.affiliates", date(2025, 11, 10), date(2026, 11, 10)): "suspended for a year by 90 FR 50857",
    ("us.ear.732.supp_3.29", date(2025, 11, 10), date(2026, 11, 10)): "its red flag is suspended with the rule",
    ("us.ear.734_9.owned", date(2025, 11, 10), date(2026, 11, 10)): "its direct-product rules are suspended with it",
}


def name(case):
    return f"{case['file'].removesuffix('.toml')}-{case['provision']}-{case['day']}-{case['kind']}-{case['why']}"


def label(p):
    return f"{p.id} of {p.binds.start}"


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] in KINDS], ids=name)
def test_truth(case):
    found = truth(US, case)
    assert found is KINDS[case["kind"]]


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] not in KINDS], ids=name)
def test_not_in_force(case):
    version = version_of(US, case)
    assert version is not None
    there = law_of(US, case).by_id.get(case["provision"])
    assert there is not version
    assert abs(case.get("but_on", case["day"] + timedelta(1)) - case["day"]) == timedelta(1)


def test_cases_are_well_formed():
    assert [
        name(c) for c in CASES if c.keys() - KEYS or c["kind"] not in (*KINDS, "not_in_force") or not c["why"]
    ] == []
    assert [name(c) for c in CASES if c["provision"] not in US.ids() or version_of(US, c) is None] == []
    known = [set(facts(c.get("row", {}))).union(*parts_of(c) or (), c.get("unknown", ())) for c in CASES]
    assert set().union(*known) - set(BY_NAME) == set()
    assert len({name(c) for c in CASES}) == len(CASES)


def cannot_be_unknown(p):
    """A provision whose every fact is only asked to be blank, is read where it is not, or is none at all."""
    law = US.on(p.binds.start, TRACKS[p.track == "printed"])

    def leaves(node, told=frozenset()):
        if isinstance(node, Holds):
            return leaves(law.expression(node.id))
        if isinstance(node, And | Or):
            asked = [c.arg for c in node.args if isinstance(c, Not)] if isinstance(node, And) else node.args
            told |= {a.name for a in asked if isinstance(a, Blank)}
        if children(node):
            return [x for child in children(node) for x in leaves(child, told)]
        return [] if getattr(node, "name", None) in told else [node]

    return all(isinstance(x, Blank | Const) for x in leaves(p.when))


def needed(p):
    if is_constant(p.when):
        return {"false", "not_in_force"}
    return {"true", "false", "not_in_force"} | (set() if cannot_be_unknown(p) else {"unknown"})


def test_every_version_has_all_kinds_of_cases():
    kinds = defaultdict(set)
    for case in CASES:
        kinds[version_of(US, case)].add(case["kind"])
    assert [(label(p), sorted(lack)) for p in VERSIONS if (lack := needed(p) - kinds[p])] == []
    ended = {label(p): p.end for p in VERSIONS if p.end}
    after = {(label(version_of(US, c)), c["day"]) for c in CASES if c["kind"] == "not_in_force"}
    assert set(ended.items()) - after == set()


def test_every_threshold_has_a_case_on_it_and_one_just_beside_it():
    told = defaultdict(set)
    for case in CASES:
        if case["kind"] in KINDS:
            for part in (facts(case.get("row", {}), case.get("unknown", ())), *(parts_of(case) or ())):
                for field, number in part.items():
                    told[version_of(US, case), field].add(number)
    for p in VERSIONS:
        for node in walk(p.when):
            if isinstance(node, Compare):
                numbers = {n for n in told[p, node.name] if isinstance(n, float)}
                near = max(EDGE, 2 * math.ulp(node.limit.value))
                beside = [n for n in numbers if 0 < abs(n - node.limit.value) < near]
                assert node.limit.value in numbers, f"{label(p)}: no case with {node.name} = {node.limit.value}"
                assert beside, f"{label(p)}: no case with {node.name} just beside {node.limit.value}"


@pytest.mark.parametrize("p", VERSIONS, ids=label)
def test_provision_is_complete(p):
    assert p.says.endswith(".")
    assert not p.says.endswith("..")
    assert p.cite.section
    assert date.fromisoformat(p.cite.read_on) >= US.read_on
    assert p.mark in MARKS
    parents = {id.rsplit(".", 1)[0] for id in US.ids()}
    assert {t.id.split("/")[0] for t in p.thresholds()} <= {*US.ids(), *parents}
    assert [n for n in walk(p.when) if getattr(n, "name", "item.id") not in BY_NAME] == []
    assert [n for n in walk(p.when) if getattr(n, "list_id", "us.embargoed") not in LISTS] == []
    assert bool(p.policy) == (p.stage == "review")
    assert bool(p.exception and p.covers) == (p.stage == "exempt")
    assert (p.rate is not None) == (p.stage == "duty")
    assert p.prohibits <= (p.stage == "require")
    assert not p.eccn or p.paragraph.startswith(p.eccn)


def test_the_cases_of_one_provision_stand_in_one_file():
    homes = defaultdict(set)
    for case in CASES:
        homes[case["provision"]].add(case["file"])
    assert {id: files for id, files in homes.items() if len(files) > 1} == {}


ERAS = Eras(US, country_lists())


@pytest.mark.parametrize("day", ERAS.starts, ids=str)
def test_the_book_compiles_on_every_day_of_change(day):
    era = ERAS.on(day)
    assert era.start == day
    assert set(era.tracks) == set(TRACKS)
    assert len(era.run({}, None)[0]) == len(era.program.steps)
    for track in TRACKS:
        law = US.on(day, track)
        assert len(law.by_id) == len(law.provisions)
        meaning: dict[str, Threshold] = {}
        for limit in (t for p in law.provisions for t in p.thresholds()):
            assert meaning.setdefault(limit.id, limit) == limit


@cache
def spans(id, track):
    return tuple(sorted((p.binds.start, p.end) for p in US.versions(id) if p.on_track(track)))


def test_there_is_no_gap_that_the_text_does_not_have():
    found = {
        (id, before[1], after[0])
        for id in US.ids()
        for track in TRACKS
        for before, after in pairwise(spans(id, track))
        if before[1] != after[0]
    }
    assert found == set(GAPS)


LETTER = US.versions("us.letter.2022_08_26")[0]
IMAGINED = [
    {"ic.id": "harbor-1", "ic.maker": maker, "ic.tpp": tpp, "ic.io_bandwidth": io, "ic.is_datacenter": dc}
    for maker in (None, "NVIDIA", "AMD")
    for tpp in (4991.9999, 4992.0, 60000.0)
    for io in (599.9999, 600.0, 7200.0)
    for dc in (None, False, True)
]


def test_what_the_letters_of_2022_reached_is_reached_when_they_end():
    real = [circuit_facts(r).parts[0] for r in catalog().records() if r.kind == "ic"]
    reached = 0
    for track in TRACKS:
        before, after = US.on(LETTER.end - timedelta(1), track), US.on(LETTER.end, track)
        requirements = {p.id: after.of_item(p) for p in after.stage("require")}
        program = lower((requirements, after.expression))
        run = compile_case(program, partial(country_lists().members, day=LETTER.end))
        for part in (*real, *IMAGINED):
            for to in ("CN", "RU"):
                for kind in ("ic", "computer"):
                    row = {"act.activity": "export", "act.destination": to, "item.kind": kind}
                    if evaluate(LETTER.when, row, parts=(part,), resolve=before.expression) is True:
                        truths, _ = run(row, (part,))
                        assert any(truths[program.roots[id]] is True for id in requirements), (part["ic.id"], to)
                        reached += 1
    assert reached > 100
