"""Our numbers beside published ones: nothing left unsaid, nothing copied wrong, each reading right on a run by hand."""

import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world.agreed import made, runs

from headgate.cli.main import main
from headgate.errors import UsageError
from headgate.world.agree import BASELINE, FEBRUARY, SCENARIOS, agree, elsewhere, kinks, left_out, located, summary
from headgate.world.agree.february import KNOWN, WideGate, forecast, grunewald
from headgate.world.agree.line import Line, last_quarter, row_of
from headgate.world.agree.memory import chain
from headgate.world.agree.ours import LATE, Ours, called, made_by, prices, units_of
from headgate.world.agree.owned import REST, STOCKS, US
from headgate.world.anchors import anchor, anchors
from headgate.world.axes import LABELS, quarter
from headgate.world.chips import chips
from headgate.world.history import history


@pytest.fixture(scope="module")
def lines() -> tuple[Line, ...]:
    """The lines under the priors, so that no test here turns on what is stored."""
    return agree(runs(prior=True))


def test_every_published_number_is_compared_or_said_not_to_be(lines: tuple[Line, ...]) -> None:
    missing = left_out(lines)
    there = {x.ref for x in lines}
    assert sum(count for count, _ in missing.values()) == sum(a.anchor_id not in there for a in anchors())
    assert {"share", "flow", "outcome"}.isdisjoint(missing)
    assert all("Southeast Asia" in a.metric for a in anchors(group="stock") if a.anchor_id not in there)


def test_an_anchor_that_nobody_accounts_for_is_refused(lines: tuple[Line, ...]) -> None:
    with pytest.raises(UsageError, match="anchors of share are compared with nothing"):
        left_out([x for x in lines if x.ref != "A0102"])


def test_published_numbers_are_those_of_the_files(lines: tuple[Line, ...]) -> None:
    told = {a.anchor_id: a for a in anchors()}
    rows = {r.row_id: r for r in history()}
    for x in lines:
        if x.ref in told and x.metric not in STOCKS:
            a = told[x.ref]
            assert (x.published_low, x.published, x.published_high) == (a.low, a.value, a.high)
            assert (x.source, x.mark, x.unit) == (a.source, a.mark, a.unit)
        elif x.ref in rows and x.test != "F16":
            r = rows[x.ref]
            equal = (r.h100e_low, r.h100e_median, r.h100e_high)
            assert (x.published_low, x.published, x.published_high) in (equal, (r.low, r.median, r.high))
            assert (x.source, x.mark) == (r.source, r.mark)
    assert all(x.ref in told or x.ref in rows or x.ref == "frontier_models.csv" for x in lines)


def test_each_is_compared_once(lines: tuple[Line, ...]) -> None:
    twice = {ref for ref, n in Counter(x.ref for x in lines if x.ref.startswith("A")).items() if n > 1}
    assert twice == {"A0212"}  # as it is, and as of February 2026


def test_what_no_source_was_seen_of_is_shown_and_no_target(lines: tuple[Line, ...]) -> None:
    seen = {x.ref for x in lines if x.mark == "unverified" and x.ref != "frontier_models.csv"}
    assert {"A0211", "A0225", "A0244", "S0245"} <= seen
    assert all(x.target == "never" for x in lines if x.ref in seen)
    assert all(x.mark != "unverified" for x in lines if x.target == "hard")


def test_rows_are_computed_from_draws(lines: tuple[Line, ...]) -> None:
    for x in lines:
        assert x.low <= x.median <= x.high, x
        assert math.isfinite(x.low), x
        assert math.isfinite(x.high), x
    still = {x.ref for x in lines if x.low == x.high}
    assert not still, still


@pytest.mark.parametrize("test", ["F11", "F12", "F13", "F14", "F15", "F16"])
def test_soft_and_hard_targets_have_lines(lines: tuple[Line, ...], test: str) -> None:
    assert (
        len([x for x in lines if x.test == test]) >= {"F11": 48, "F12": 8, "F13": 3, "F14": 1, "F15": 3, "F16": 2}[test]
    )


def line(**changed: object) -> Line:
    told = Line(
        "GROUP", "metric", "2025", "x", 1.0, 2.0, 3.0, None, 2.5, None, None, "source", "", "A0000", "primary", "read",
        "hard",
    )  # fmt: skip
    return replace(told, **changed)


@pytest.mark.parametrize(
    ("told", "covered", "inside"),
    [
        ({}, True, None),
        ({"published": 3.0}, True, None),
        ({"published": 3.0001}, False, None),
        ({"published": 0.9999}, False, None),
        ({"published": 9.0, "published_low": 2.0, "published_high": 10.0}, False, True),
        ({"published": 9.0, "published_low": 2.1, "published_high": 10.0}, False, False),
        ({"published": None, "published_low": 3.0, "published_high": 4.0}, True, False),
        ({"published": None, "published_low": 3.1, "published_high": 4.0}, False, False),
        ({"published": None, "published_low": 0.1, "published_high": 0.9}, False, False),
        ({"published": None, "published_high": 1.0}, True, False),
        ({"published": 2.0, "published_low": 2.0}, True, True),
    ],
)
def test_covered_and_inside(told: dict[str, object], covered: bool, inside: bool | None) -> None:
    found = line(**told)
    assert (found.covered, found.ours_inside) == (covered, inside)
    assert found.row["covered"] == covered


def test_the_summary_counts() -> None:
    given = [line(), line(published=9.0, published_low=8.0, published_high=9.5), line(target="soft", published=1.5)]
    hard, soft, never = summary(given)
    assert (hard.count, hard.covered, hard.with_interval, hard.inside) == (2, 1, 1, 0)
    assert (soft.count, soft.covered, never.count) == (1, 1, 0)


def test_stocks_are_added_up_and_nothing_is_retired() -> None:
    ours = Ours(made({("us_named", "h100e"): 2.0, ("china_legal", "h100e"): 1.0, ("china_smuggled", "h100e"): 1.0},
                     quantities={"retire.hazard": 0.5}))  # fmt: skip
    assert ours.total(["us_named"])[7].tolist() == [16.0, 16.0]
    assert ours.total(["china_smuggled"], since=LATE)[[LATE - 1, LATE, 15]].tolist() == [[0, 0], [1, 1], [8, 8]]
    assert ours.china()[[LATE - 1, 15]].tolist() == [[8, 8], [24, 24]]
    assert ours.added(["us_named", "china_legal"], quarter("2025Q2")).tolist() == [12.0, 12.0]
    assert STOCKS[US](ours, 15).tolist() == [32.0, 32.0]
    assert REST["stock ratio seven named US owners / China"](ours, 15).tolist() == pytest.approx([32 / 24] * 2)
    assert REST["flow ratio seven named US owners / China (additions in the year)"](ours, 15).tolist() == [1.0, 1.0]


def test_the_year_of_a_quarter_is_its_own() -> None:
    flow = np.arange(44.0)[:, None]
    ours = Ours(made({("us_named", "h100e"): flow}, {"packages": flow}))
    for label in ("2024Q1", "2024Q4"):
        assert ours.added(["us_named"], quarter(label))[0] == 8 + 9 + 10 + 11
        assert ours.year_of("packages", quarter(label))[0] == 38
        assert ours.gained("us", "owned", quarter(label))[0] == 38


def test_chips_are_counted_sold_and_converted() -> None:
    ours = Ours(made(units={("china_legal", "nvidia-h20-96"): 3.0, ("china_domestic", "huawei-ascend-910c"): 2.0}))
    at = quarter("2025Q1")
    assert ours.units(["china_legal"], called("H20"), at).tolist() == [12.0, 12.0]
    assert ours.units(["china_legal"], made_by("huawei"), at).tolist() == [0.0, 0.0]
    assert ours.equivalents(["china_domestic"], made_by("huawei"), at)[0] == pytest.approx(
        8 * units_of("h100e", "huawei-ascend-910c")
    )
    h20 = [c.id for c in chips()].index("nvidia-h20-96")
    assert ours.sales(["china_legal"], called("H20"), at, whole_year=False)[0] == pytest.approx(3 * prices()[at, h20])
    assert ours.sales(["china_legal"], called("H20"), at)[0] == pytest.approx(3 * prices()[at : at + 4, h20].sum())


def test_gb300_equivalents_are_of_the_fp8_of_one() -> None:
    ours = Ours(made({("us_named", "fp8"): 5000.0, ("china_legal", "fp8"): 2500.0}))
    assert located.STOCKS["located compute, USA"](ours, 3)[0] == pytest.approx(4.0)
    assert located.SHARES["share of world compute located in China"](ours, 3)[0] == pytest.approx(100 / 3)
    assert located.located_ratio("fp8")(ours, 3)[0] == pytest.approx(2.0)


def test_a_run_of_other_chips_is_refused() -> None:
    with pytest.raises(UsageError, match="other chips"):
        Ours(replace(made(), chip_ids=("one",)))


def test_agree_needs_a_baseline_and_known_names() -> None:
    results = made()
    for odd in ({}, {FEBRUARY: results}, {BASELINE: results, "h200-open": results}):
        with pytest.raises(UsageError, match="agree takes baseline"):
            agree(odd)
    with pytest.raises(UsageError, match="baseline has 16 quarters, not 44"):
        agree({BASELINE: replace(results, flows=results.flows[:16])})


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(UsageError, match="no row 'S9999'"):
        row_of("S9999")
    assert LABELS[last_quarter(row_of("S0194"))] == "2025Q2"


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-5, 5), st.integers(3, 12))
@settings(max_examples=60, deadline=None)
def test_a_bend_is_found_whatever_the_line_before_it(bent: float, slope: float, level: float, at: int) -> None:
    t = np.arange(16.0) / 4
    day = at / 4 + 0.1
    y = (level + slope * t + bent * np.maximum(t - day, 0.0))[:, None]
    assert kinks.bend(t, y, day) == pytest.approx([bent], abs=1e-8)
    assert kinks.bend(t + 2000, y, day + 2000) == pytest.approx([bent], abs=1e-6)


def test_no_bend_without_two_quarters_on_either_side() -> None:
    t = np.arange(6.0)
    for at in (0.5, 4.5):
        with pytest.raises(UsageError, match="two quarters before its day and two after"):
            kinks.bend(t, t[:, None], at)


def test_a_straight_ratio_has_no_bend_and_a_stop_in_imports_has() -> None:
    grows = np.diff(1.3 ** np.arange(45.0))[:, None]
    us = {("us_named", "h100e"): 1e5 * grows}
    level = kinks.bends(Ours(made({**us, ("china_legal", "h100e"): 3e4 * grows})))
    assert level["A0348"] == pytest.approx(0.0, abs=1e-4)
    assert level["A0346"] == pytest.approx(0.0, abs=1e-4)
    stopped = np.where(np.arange(44)[:, None] > 7, 0.0, 3e4 * grows)
    bent = kinks.bends(Ours(made({**us, ("china_legal", "h100e"): stopped})))
    assert (bent["A0346"] < -0.5).all()
    assert bent["A0348"] == pytest.approx(0.0, abs=1e-4)
    through = np.where(np.arange(44)[:, None] > 7, 3e4 * grows, 0.0)
    undone = Ours(made({**us, ("china_legal", "h100e"): stopped, ("china_smuggled", "h100e"): through}))
    assert kinks.undone(undone) == pytest.approx(-bent["A0346"], rel=1e-3)


def test_the_estimator_on_what_was_published_overlaps_what_was_published() -> None:
    """Our estimator on Epoch AI's own medians; the published panel weighs owners alike and is not here."""
    for kink in kinks.KINKS:
        told = anchor(kink.anchor)
        assert told.low is not None
        assert told.high is not None
        assert told.low <= kinks.of_published(kink) <= told.high


def test_grunewald_is_read_as_told() -> None:
    draws = grunewald(50_000) / 0.75 / units_of("h100e", "nvidia-gb300")
    told = anchor("A0208")
    assert [np.quantile(draws, p) for p in (0.5, 0.95)] == pytest.approx([told.value, told.high], rel=0.02)
    assert draws.min() == 0.0
    assert (draws == 0).mean() == pytest.approx(0.05, abs=0.01)


def test_the_forecast_counts_nine_months_of_the_h200_alone() -> None:
    units = np.zeros((44, 4))
    units[quarter("2026Q1") : quarter("2026Q4") + 1] = [5e3, 10e3, 10.1e3, 0.0]
    other = {("china_legal", "nvidia-h20-96"): 1e6, ("china_smuggled", "nvidia-h200-sxm"): 1e6}
    made_ = forecast(Ours(made(units={("china_legal", "nvidia-h200-sxm"): units, **other}, draws=4)))
    assert made_.delivered.tolist() == pytest.approx([15e3, 30e3, 30.3e3, 0.0])
    assert made_.few == 0.75
    gate = WideGate()
    assert gate.start < KNOWN
    assert dict(gate.numbers) == {"low": 0.0, "high": 1.0}


def test_the_chain_says_which_link_is_shortest() -> None:
    held = chain(
        Ours(made(figures={"packages": 1.0, "limit_dies": 3.0, "limit_memory": [2.0, 5.0], "limit_packaging": 4.0}))
    )
    assert held.shortest == {"dies": 0.5, "memory": 0.5, "packaging": 0.0}
    assert held.dies.tolist() == [12.0, 12.0]
    assert held.of_shortest == pytest.approx((1 / 2 + 1 / 3) / 2)


def test_more_stock_is_paired_draw_by_draw() -> None:
    before = Ours(made({("china_legal", "h100e"): [1.0, 2.0, 9.0]}, draws=3))
    under = Ours(made({("china_legal", "h100e"): [2.0, 3.0]}))
    assert elsewhere.more_stock(under, before).tolist() == pytest.approx([100.0, 50.0])


def test_every_scenario_with_a_published_number_is_in_the_package() -> None:
    from headgate.scenario.record import names

    assert set(SCENARIOS) <= set(names())
    told = [id for table in elsewhere.SCENARIOS.values() for id in table]
    assert all(anchor(id).group == "scenario" for id in told)


def test_the_command_prints_within_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headgate.cli.world_agree.runs", lambda args, posterior: runs(prior=True))
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["world", "agree", "--prior"]) == 0
    text = capsys.readouterr().out
    assert not [x for x in text.splitlines() if len(x) > 80 and "https://" not in x]
    for part in (
        "A0090",
        "Epoch AI, Data on AI Chip Owners (CC BY 4.0)",
        "MEMORY UNCONSTRAINED",
        "Observed: ",
        "Run: draws",
    ):
        assert part in text
    assert main(["world", "agree", "--prior", "--summary"]) == 0
    short = capsys.readouterr().out
    assert "A0090" not in short
    assert "hard: " in short


def test_the_command_as_records(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "agree", "--prior", "--quick", "--draws", "64", "--json"]) == 0
    found = [json.loads(x) for x in capsys.readouterr().out.splitlines()]
    kinds = Counter(x["kind"] for x in found)
    assert set(kinds) == {"line", "rebuilt", "lag", "count", "left_out", "manifest"}
    assert kinds["line"] > 250
    assert found[-1]["draws"] == 64
    assert main(["world", "agree", "--prior", "--quick", "--draws", "64", "--json", "--test", "F13"]) == 0
    bends = [x for x in map(json.loads, capsys.readouterr().out.splitlines()) if x["kind"] == "line"]
    assert [x["ref"] for x in bends] == ["A0346", "A0347", "A0348"]


def test_an_unknown_target_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "agree", "--prior", "--quick", "--draws", "64", "--test", "F14"]) == 2
    said = capsys.readouterr().err
    assert "--test F14: no line belongs to it" in said
    assert "Without --quick there are more" in said
