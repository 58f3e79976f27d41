"""Predictive checks and what history taught: points as published, counts that can fail, quantities before and after."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from headgate.world import predictive
from headgate.world.anchors import anchors
from headgate.world.axes import ACCOUNTS, LABELS, MEASURES
from headgate.world.history import history, select
from headgate.world.learned import divergence, foremost, learned
from headgate.world.posterior import Posterior
from headgate.world.predictive import POSTERIOR, PRIOR, QUARTERLY, YEARLY, published
from headgate.world.priors import priors
from headgate.world.results import Results, place
from headgate.world.tables import HISTORY_ENDS

DRAWS = 60


def results(fill) -> Results:
    """Return a run whose flows are what a function of series and quarter says, times a spread over the draws."""
    flows = np.zeros((len(LABELS), DRAWS, len(ACCOUNTS), len(MEASURES)), np.float32)
    spread = np.linspace(0.5, 1.5, DRAWS)
    for series, (accounts, _) in {**QUARTERLY, **YEARLY}.items():
        for n, label in enumerate(LABELS[: HISTORY_ENDS + 1]):
            flows[n, :, ACCOUNTS.index(accounts[0]), place("h100e")] = fill(series, label) * spread
    blank = np.zeros((len(LABELS), DRAWS, 0), np.float32)
    return Results("made up", flows, blank, (), blank, np.zeros((0, 0, 0, 0), np.float32), (), {})


def as_published(series, label, times=1.0):
    told = {(p.series, p.when): p.median for p in published(history())}
    if series in YEARLY:
        return told.get((series, label[:4]), 0.0) / 4 * times
    return told.get((series, label), 0.0) * times


@pytest.fixture(scope="module")
def points():
    return published(history())


# ---- what was published


def test_points_add_up_what_makers_sold_in_a_quarter(points) -> None:
    rows = select(history(), freq="Q", group="CN-LEGAL", use="primary", period="2023Q3")
    assert len(rows) == 2
    (point,) = (p for p in points if (p.series, p.when) == ("China, legal imports", "2023Q3"))
    assert point.median == sum(r.h100e_median for r in rows)
    assert point.low == sum(r.h100e_low for r in rows)
    assert point.low < point.median < point.high


def test_points_of_the_us_add_up_to_the_published_stock(points) -> None:
    stock = [a.value for a in anchors(metric="owned H100e stock, seven named US owners")][HISTORY_ENDS]
    assert sum(p.median for p in points if p.series == "US, seven named owners") == pytest.approx(stock)


def test_a_point_without_an_interval_has_none(points) -> None:
    smuggled = [p for p in points if p.series == "China, smuggled"]
    assert len(smuggled) == 8
    assert all(p.low == p.median == p.high for p in smuggled)


def test_quarters_that_were_fitted_as_one_say_so(points) -> None:
    said = {p.when for p in points if "fitted as one" in p.source}
    assert said == {"2025Q1", "2025Q2"}


def test_no_point_lies_after_the_history(points) -> None:
    assert {p.when for p in points if p.when in LABELS} <= set(LABELS[: HISTORY_ENDS + 1])
    assert all(p.low <= p.median <= p.high for p in points)


# ---- counting


def test_a_run_about_the_points_holds_them_all_and_one_far_off_none(points) -> None:
    runs = {PRIOR: results(lambda s, q: as_published(s, q, 50.0)), POSTERIOR: results(as_published)}
    found = {(c.of, c.series): c for c in predictive.insides(runs, points)}
    for series in (*QUARTERLY, *YEARLY):
        near, far = found[POSTERIOR, series], found[PRIOR, series]
        assert near.points == sum(p.series == series for p in points) == near.in90 == near.in50
        assert far.in90 == 0
        assert near.width == pytest.approx(far.width) == pytest.approx(1.45 / 0.55, rel=1e-3)


def test_the_band_of_half_holds_fewer(points) -> None:
    found = predictive.insides({PRIOR: results(lambda s, q: as_published(s, q, 1.5))}, points)
    assert all(c.in90 == c.points for c in found)
    assert all(c.in50 == 0 for c in found)


def test_years_are_sums_of_their_quarters() -> None:
    told = predictive.simulated(results(as_published))
    (series,) = YEARLY
    assert np.median(told[series]["2025"]) == pytest.approx(as_published(series, "2025Q1") * 4, rel=1e-3)
    assert list(told["China, smuggled"]) == list(LABELS[: HISTORY_ENDS + 1])


def test_the_pictures_say_how_many_points_lie_inside(points) -> None:
    runs = {PRIOR: results(lambda s, q: as_published(s, q, 50.0)), POSTERIOR: results(as_published)}
    drawn = predictive.charts(runs, points, "made up")
    assert set(drawn) == {"predictive-quarters", "predictive-years"}
    quarters, years = (str(chart.to_dict()) for chart in drawn.values())
    assert "posterior: 16 of 16 medians in the 90 % band" in quarters
    assert "prior: 0 of 8 medians in the 90 % band" in quarters
    assert "posterior: 2 of 2 medians in the 90 % band" in years
    assert all(series in quarters for series in QUARTERLY)


# ---- what history taught


def posterior(columns, normals) -> Posterior:
    told, labels = MappingProxyType({}), [*priors().labels(), "error.vendor[0]", "error.vendor[1]"]
    names = tuple(labels[c] for c in columns)
    return Posterior(names, np.array(columns), np.asarray(normals, dtype=np.float64), told, told, "x")


def draws(count, mean=0.0, sd=1.0):
    z = np.random.Generator(np.random.Philox(3)).standard_normal((4000, count))
    return mean + sd * (z - z.mean(axis=0)) / z.std(axis=0)


def test_what_was_not_asked_is_not_taught() -> None:
    given = priors()
    first = given.start["retire.hazard"]
    found = learned(given, posterior([first], draws(1)))
    assert [x.id for x in found] == ["retire.hazard"]
    assert found[0].moved == pytest.approx(0.0, abs=1e-9)
    assert found[0].posterior == pytest.approx(found[0].prior, rel=0.03)


def test_a_quantity_moved_by_a_standard_deviation() -> None:
    given, id = priors(), "smuggling.premium"
    found = learned(given, posterior([given.start[id]], draws(1, mean=1.0)))
    spread = given.find(id).spreads[0]
    assert found[0].moved == pytest.approx(0.5)
    assert found[0].posterior[1] == pytest.approx(float(spread.of(1.0)), rel=0.01)
    assert found[0].prior == pytest.approx((spread.low, spread.middle, spread.high))


def test_the_knots_of_a_path_share_what_they_have_in_common() -> None:
    given, id = priors(), "china.budget"
    q, first = given.find(id), given.start[id]
    normals = np.stack([np.full(5, 1.0), np.full(5, 0.0)], axis=1)
    (found,) = learned(given, posterior([first, first + 1], normals))
    assert found.when == LABELS[q.knots[0]]
    assert found.posterior[1] == pytest.approx(float(q.spreads[0].of(np.sqrt(q.common))))


def test_a_path_whose_knot_history_does_not_reach_is_left_out() -> None:
    given, id = priors(), "china.budget"
    assert learned(given, posterior([given.start[id]], draws(1))) == []


def test_the_most_moved_comes_first_and_each_quantity_once() -> None:
    given = priors()
    budget, hazard = given.start["china.budget"], given.start["retire.hazard"]
    normals = draws(4) * np.array([1.0, 1.0, 0.2, 0.5])
    found = learned(given, posterior([budget, budget + 1, budget + 2, hazard], normals))
    assert [x.moved for x in found] == sorted((x.moved for x in found), reverse=True)
    assert [x.id for x in foremost(found)] == list(dict.fromkeys(x.id for x in found))
    assert len(found) == 3
    assert len(foremost(found)) == 2


def test_divergence_of_a_point_is_finite_and_of_the_prior_nothing() -> None:
    assert np.isfinite(divergence(np.zeros(5)))
    assert divergence(draws(1)[:, 0]) == pytest.approx(0.0, abs=1e-9)
    assert divergence(draws(1, mean=-2.0)[:, 0]) == pytest.approx(2.0)


def test_errors_of_the_published_units_are_no_quantities() -> None:
    given = priors()
    assert learned(given, posterior([given.size, given.size + 1], draws(2))) == []


def test_parts_of_the_history_can_be_left_out() -> None:
    fewer = tuple(r for r in history() if r.group != "CN-SMUG" or r.freq != "Q") + tuple(
        replace(r, h100e_median=None) for r in history() if r.row_id == "S0093"
    )
    assert [p for p in published(fewer) if p.series == "China, smuggled"] == []
