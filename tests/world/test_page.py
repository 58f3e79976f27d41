"""What a number comes from, found by moving each quantity; and the report that says so beside every number."""

import re
from dataclasses import replace

import numpy as np
import pytest

import headgate
from headgate.scenario.record import read_scenario
from headgate.world import run as running
from headgate.world.axes import YEARS
from headgate.world.build import world
from headgate.world.grounds import Grounds, grounds, history_behind, numbers_of
from headgate.world.moved import moves
from headgate.world.page import Asked, page
from headgate.world.posterior import load
from headgate.world.report import Value, html
from headgate.world.run import run
from headgate.world.shelves import change_rows, few, history_rows, learned, prior_rows, provision_rows

DRAWS, NAME = 256, "h200-rule-repealed"


@pytest.fixture(scope="module")
def worlds():
    told = read_scenario(NAME)
    return [world(headgate.law()), world(headgate.law(scenario=NAME), told.id, told.start, told.priors)]


@pytest.fixture(scope="module")
def results(worlds):
    return run(worlds, DRAWS, 0, sample=DRAWS)


@pytest.fixture(scope="module")
def traced(worlds):
    seen = []
    found = grounds(worlds, 0, None, lambda done, total: seen.append((done, total)))
    assert seen == [(n, len(found.ids)) for n in range(1, len(found.ids) + 1)]
    return found


@pytest.fixture(scope="module")
def asked():
    both = [p for by in (headgate.law(), headgate.law(scenario=NAME)) for p in by.book.provisions]
    return Asked("The rule repealed", "What if?", "2026-09-25", {p.id: p for p in both})


@pytest.fixture(scope="module")
def made(asked, worlds, results, traced):
    return page(asked, worlds, results, moves(*worlds), traced, None)


def test_every_quantity_with_a_spread_is_moved(traced, worlds) -> None:
    assert set(traced.ids) == {id for id, q in worlds[0].priors.quantities.items() if q.size}
    assert all(size.shape == (len(traced.ids), len(YEARS)) for size in traced.sizes.values())
    assert all((abs(traced.moves[k]) <= traced.sizes[k] + 1e-12).all() for k in traced.sizes)


def test_moving_a_quantity_does_what_the_simulator_does(traced, worlds, results, monkeypatch) -> None:
    def moved(*args, **options):
        for count, z in real(*args, **options):
            z[:, worlds[0].priors.columns("smuggling.ease")] += 1.0
            yield count, z

    before = numbers_of(results[1])
    real = running.normals
    monkeypatch.setattr(running, "normals", moved)
    after = numbers_of(run(worlds, DRAWS, 0, sample=DRAWS)[1])
    at = traced.ids.index("smuggling.ease")
    for name in ("china.smuggled", "ratio.owned.fp8"):
        expected = (after[name] - before[name]).mean(axis=1)
        assert np.allclose(traced.moves[name][at], expected, atol=1e-6)


def test_the_strongest_are_plausible(traced) -> None:
    assert "smuggling.ease" in traced.behind("china.smuggled", 2028)
    assert dict(traced.strongest("china.smuggled", 2028))["smuggling.detection"] < 0
    assert dict(traced.strongest("ratio.owned.fp8", 2028))["china.budget"] < 0
    assert 1 <= len(traced.behind("china.legal", 2022)) <= 3
    sizes = [abs(move) for _, move in traced.strongest("china.rented", 2026)]
    assert sizes[0] >= 0.01


def test_something_always_stands_behind_a_number() -> None:
    none = np.zeros((2, len(YEARS)))
    weak = none.copy()
    weak[1, 5] = 0.001
    found = Grounds(("a", "b"), {"china.legal": weak}, {"china.legal": weak})
    assert found.behind("china.legal", YEARS[5]) == ("b",)
    assert found.strongest("china.legal", YEARS[5]) == []


def test_history_behind_the_channels(worlds) -> None:
    alone, fitted = history_behind(worlds[0], None), history_behind(worlds[0], load())
    assert alone["smuggled"] == ()
    assert (2024, "S0203") in fitted["smuggled"]
    assert (2024, "A0179") in fitted["smuggled"]
    assert set(alone["legal"]) <= set(fitted["legal"])
    ids = [id for rows in fitted.values() for _, id in rows]
    known = {row.id for row in history_rows(worlds[0], ids)}
    assert known == set(ids)


def test_every_quantity_has_its_row_and_history_moves_some(worlds) -> None:
    alone = {row.id: row for row in prior_rows(worlds[0], None)}
    fitted = {row.id: row for row in prior_rows(worlds[0], load())}
    assert list(alone) == list(fitted) == list(worlds[0].priors.quantities)
    assert all(row.says and row.source and row.mark for row in alone.values())
    assert not any("History" in row.says for row in alone.values())
    said = [row.says for row in fitted.values()]
    assert any("History makes the median" in text for text in said)
    assert any("History leaves it" in text for text in said)
    path = worlds[0].priors.find("nvidia.revenue")
    assert alone["nvidia.revenue"].low.count("/") == len(few(path)) - 1 == 2
    assert alone["displacement.share"].low == "0"


def test_the_medians_after_history_are_those_of_its_draws(worlds) -> None:
    posterior, priors = load(), worlds[0].priors
    found = learned(worlds[0], posterior)
    id = next(q.id for q in priors.quantities.values() if q.kind == "prior" and q.id in found)
    column = running.places(worlds[0], posterior).tolist().index(priors.start[id])
    spread = priors.find(id).spreads[0]
    told = [spread.of(z, np) for z in posterior.normals[:1000, column]]
    assert found[id][0] == pytest.approx(float(np.median(told)), rel=1e-6)


def test_a_scenarios_changes_have_rows(worlds) -> None:
    told = read_scenario("enforcement-doubled")
    rows = change_rows(told.priors, worlds[0].priors.quantities, "somebody", "one_source")
    assert rows[0].id == "scenario/1/smuggling.detection"
    assert rows[0].low is not None
    assert (rows[0].source, rows[0].mark) == ("somebody", "one_source")
    assert told.priors[0].why in rows[0].says


def test_provisions_say_what_they_moved(worlds, asked) -> None:
    found = moves(*worlds)
    rows = {row.id: row for row in provision_rows([*found[0].new, *found[0].gone, "no.such"], asked.provisions, found)}
    assert "no.such" not in rows
    assert rows["us.ear.742_6.b_10.denial"].moved.startswith("now decides")
    assert rows["us.ear.742_6.b_10_iii.case_by_case"].moved.startswith("no longer decides")
    assert "15 CFR 742.6(b)(10)" in rows["us.ear.742_6.b_10.denial"].citation


def test_every_number_of_the_report_has_a_source_on_the_page(made) -> None:
    text = html(made)
    ids = {row.id for row in (*made.priors, *made.history, *made.provisions)}
    named = re.findall(r'<(?:td|span) class="num" data-from="([^"]*)"', text)
    assert len(named) > 200
    assert all(set(each.split()) <= ids and each.split() for each in named)
    assert 'id="from-china.budget"' in text


def test_the_report_says_what_moved_first_and_how_to_make_it_again(made, results) -> None:
    heads = [section.heading for section in made.sections]
    assert heads[0] == "What moves"
    assert made.sections[0].table.rows
    for heading in ("The gap in compute owned", "China's compute by the way it came", "Which assumptions matter"):
        assert heading in heads
    assert made.manifest["baseline"]["hash_lanes"] != made.manifest[NAME]["hash_lanes"]
    assert made.manifest["law_read_on"] == "2026-09-25"
    assert any("rent" in line for line in made.not_modeled)
    moved = {row.id for row in made.provisions if row.moved}
    assert "us.ear.742_6.b_10_iii.case_by_case" in moved
    assert results[0].draws == DRAWS


def test_numbers_of_the_report_are_those_of_the_results(made, results) -> None:
    from headgate.pictures.look import brief

    ratio = results[1].ratio("owned", "fp8")[YEARS.index(2028) * 4 + 3].astype(float)
    headline = next(h for h in made.headlines if h.label == "US over China, Dense FP8, compute owned, end of 2028")
    low, median, high = (brief(float(q)) for q in np.quantile(ratio, [0.05, 0.5, 0.95]))
    assert headline.value.text == f"{median} [{low}, {high}]"
    assert {"china.budget"} <= set(headline.value.ids)


def test_before_the_first_day_no_provision_of_the_scenario_is_named(made) -> None:
    table = next(s.table for s in made.sections if s.heading == "The gap in compute owned")
    moved = {row.id for row in made.provisions if row.moved}
    row = next(r for r in table.rows if r[0] == "Dense FP8")
    told = dict(zip(table.columns, row, strict=True))
    assert isinstance(told["2025"], Value)
    assert not moved & set(told["2025"].ids)
    assert moved & set(told["2026"].ids)


def test_the_report_of_the_law_as_it_is(asked, worlds, results, traced) -> None:
    made = page(replace(asked, title="As it is"), worlds[:1], results[:1], (), traced, None)
    heads = [section.heading for section in made.sections]
    assert "What moves" not in heads
    assert "What the scenario changes" not in heads
    assert made.manifest["scenario"] == "baseline"
