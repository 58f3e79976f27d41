"""The back-test: what came, how it is scored and compared, what is kept on disk, and the scores that are stored."""

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

import headgate.world.fit.calibrate as calibration
from headgate.decide.one import decider
from headgate.draw.score import crps
from headgate.errors import CatalogError, UsageError
from headgate.world import backtest, scores, scores_told
from headgate.world.anchors import anchors
from headgate.world.as_of import HINDSIGHT, as_of
from headgate.world.axes import ACCOUNTS, LABELS
from headgate.world.build import world
from headgate.world.history import fingerprint, history, select
from headgate.world.naive import METHODS, scale
from headgate.world.posterior import Posterior
from headgate.world.scores import ALL, ORIGINS, WORLDS, Backtest, Line, Score
from headgate.world.tables import HISTORY_ENDS

FEW = {"origin": "2024Q4", "quarter": "2025Q1", "series": "us_named"}


def score(method="world", value=0.2, inside=True, **told) -> Score:
    where = {**FEW, **told}
    return Score(
        **where, method=method, outcome=5.0, low=1.0, median=4.0, high=9.0, crps=value, in80=False, in90=inside
    )


def whole(value: float, rival: float, **told) -> list[Score]:
    """Return one forecast by every method."""
    return [score(m, value, **told) for m in WORLDS] + [score(m, rival, inside=False, **told) for m in METHODS]


def flows(seed=0, draws=40):
    return np.random.default_rng(seed).lognormal(10, 1, (len(LABELS), draws, len(ACCOUNTS)))


# ---- what came


def test_what_came_is_what_was_published() -> None:
    found = backtest.outcomes(history())
    rows = select(history(), freq="Q", group="CN-LEGAL", use="primary", period="2023Q3")
    assert found["china_legal"][LABELS.index("2023Q3")] == sum(r.h100e_median for r in rows)
    stocks = [a.value for a in anchors(metric="owned H100e stock, seven named US owners")]
    assert sum(found["us_named"].values()) == pytest.approx(stocks[HISTORY_ENDS])
    assert len(found["china_domestic"]) == len(found["china_smuggled"]) == 8


def test_nothing_after_the_history_is_an_outcome() -> None:
    assert max(max(series) for series in backtest.outcomes(history()).values()) == HISTORY_ENDS


def test_what_is_not_verified_is_no_outcome() -> None:
    doubted = tuple(replace(r, mark="unverified") if r.row_id == "S0064" else r for r in history())
    at = LABELS.index("2024Q4")
    assert at in backtest.outcomes(history())["china_legal"]
    assert at not in backtest.outcomes(doubted)["china_legal"]


# ---- scoring


def test_a_forecast_is_scored_on_its_own_scale() -> None:
    sample = scale(np.linspace(1e4, 2e4, 101))
    found = backtest.scored(11, 12, "us_named", "world", sample, 1.5e4)
    assert (found.origin, found.quarter) == ("2024Q4", "2025Q1")
    assert found.crps == pytest.approx(float(crps(sample, scale(1.5e4))))
    assert (found.low, found.median, found.high) == pytest.approx((10_500, 15_000, 19_500), rel=1e-3)
    assert found.in80
    assert found.in90


@pytest.mark.parametrize(
    ("outcome", "in80", "in90"), [(10_499, False, False), (10_600, False, True), (11_100, True, True)]
)
def test_the_edges_of_the_intervals(outcome, in80, in90) -> None:
    sample = scale(np.linspace(1e4, 2e4, 10_001))
    found = backtest.scored(11, 12, "us_named", "world", sample, outcome)
    assert (found.in80, found.in90) == (in80, in90)


def test_every_method_forecasts_the_same_quarters_where_it_can() -> None:
    came = backtest.outcomes(history())
    for label in ORIGINS:
        origin = LABELS.index(label)
        found = backtest.of_origin(origin, {name: flows() for name in WORLDS}, came)
        ahead = min(scores.AHEAD, HISTORY_ENDS - origin)
        assert len([s for s in found if s.method == "world"]) == ahead * len(backtest.SERIES)
        late = {"china_domestic", "china_smuggled"} if label == "2023Q4" else set()
        for method in METHODS:
            assert {s.series for s in found if s.method == method} == set(backtest.SERIES) - late
        assert {s.quarter for s in found} == set(LABELS[origin + 1 : origin + 1 + ahead])


def test_naive_forecasts_see_nothing_after_the_origin() -> None:
    origin, came = 11, backtest.outcomes(history())
    other = {name: {q: v * (9.0 if q > origin else 1.0) for q, v in series.items()} for name, series in came.items()}
    told = {name: flows() for name in WORLDS}
    one, two = (backtest.of_origin(origin, told, x) for x in (came, other))
    assert [(s.low, s.median, s.high) for s in one] == [(s.low, s.median, s.high) for s in two]
    assert [s.crps for s in one] != [s.crps for s in two]


def test_the_proxy_fab_counts_as_domestic() -> None:
    given = flows()
    given[:] = 0.0
    given[12, :, ACCOUNTS.index("china_domestic")] = 3e4
    given[12, :, ACCOUNTS.index("china_proxy_fab")] = 1e4
    found = backtest.of_origin(11, {"world": given}, backtest.outcomes(history()))
    own = next(s for s in found if (s.series, s.quarter, s.method) == ("china_domestic", "2025Q1", "world"))
    assert own.median == pytest.approx(4e4)


# ---- comparing


def test_methods_are_compared_on_the_same_forecasts_and_none_is_dropped() -> None:
    alone = [score(m, 3.0, series="china_smuggled") for m in WORLDS]
    given = whole(0.2, 0.5) + whole(0.4, 0.1, quarter="2025Q2") + alone
    shared, rest = scores.split(given)
    assert len(shared) == 2
    assert len(rest) == 1
    made = scores.lines(given)
    for method in (*WORLDS, *METHODS):
        line = next(x for x in made if (x.origin, x.series, x.method, x.alone) == (ALL, ALL, method, False))
        assert line.forecasts == 2
    assert next(x.crps for x in made if x.method == "world" and x.series == ALL and not x.alone) == pytest.approx(0.3)
    assert {(x.series, x.crps) for x in made if x.alone} == {("china_smuggled", 3.0), (ALL, 3.0)}


def test_wins_are_counted_against_both_naive_forecasts() -> None:
    given = whole(0.2, 0.5) + whole(0.4, 0.1, quarter="2025Q2")
    given = [replace(s, crps=0.9) if (s.method, s.quarter) == ("last_growth", "2025Q2") else s for s in given]
    made = {x.method: x for x in scores.lines(given) if x.origin == x.series == ALL}
    assert made["world"].wins == 1
    assert made["random_walk"].wins == 1
    assert made["last_growth"].wins == 0
    assert made["world"].in90 == 1.0
    assert made["random_walk"].in90 == 0.0


def test_a_tie_is_no_win() -> None:
    made = {x.method: x for x in scores.lines(whole(0.2, 0.2)) if x.origin == x.series == ALL}
    assert made["world"].wins == made["random_walk"].wins == 0


def test_losses_are_said_first() -> None:
    given = whole(0.2, 0.5) + whole(0.9, 0.1, series="china_legal")
    told = scores_told.verdict(scores.lines(given))
    assert "all: the world loses to" in told[0].lower()
    assert told[1].startswith("China, legal: the world loses to the better of the naive forecasts")
    assert told[2].startswith("US, seven owners: the world beats")
    assert "0.90 against 0.10" in told[1]
    assert "its 90 % interval held 1 of 1 outcomes, that of the last growth rate 0" in told[1]


# ---- on disk


def made_up() -> Backtest:
    run = {"draws": 4000, "seed": 0, "history": fingerprint(history()), "priors": "x"}
    fits = {"2024Q4": {"r_hat": 1.01, "effective_sample": 400.0, "chains": 4}}
    return Backtest(
        (*whole(0.25, 0.5), score("world", 1.0, series="china_smuggled")), run, fits, ('He said "no".', "b")
    )


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    scores.write(made_up(), tmp_path)
    assert scores.read(tmp_path) == made_up()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backtest.csv", "backtest.toml"]


def test_scores_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"cannot be read.*--refit"):
        scores.read(tmp_path)


def test_a_table_changed_by_hand_is_refused(tmp_path: Path) -> None:
    scores.write(made_up(), tmp_path)
    path = tmp_path / "backtest.csv"
    path.write_text(path.read_text("utf-8").replace("0.25", "0.15"), "utf-8")
    with pytest.raises(CatalogError, match="not the table that it speaks of"):
        scores.read(tmp_path)


def test_a_description_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    scores.write(made_up(), tmp_path)
    path = tmp_path / "backtest.toml"
    path.write_text('foresight = "none"\n' + path.read_text("utf-8"), "utf-8")
    with pytest.raises(CatalogError, match="foresight"):
        scores.read(tmp_path)


def test_a_description_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    scores.write(made_up(), tmp_path)
    (tmp_path / "backtest.toml").write_text("says = = 3", "utf-8")
    with pytest.raises(CatalogError, match="cannot be read"):
        scores.read(tmp_path)


def test_other_data_are_noticed() -> None:
    assert scores.stale(made_up()) == ["priors"]
    other = made_up()
    assert scores.stale(replace(other, run={**other.run, "history": "y"})) == ["history", "priors"]


# ---- fits that are kept


@pytest.fixture
def calibrated(monkeypatch):
    """Stand in for the sampler, and note how often it is asked."""
    asked = []

    def calibrate(given, through, seed, progress, **fit):
        asked.append((LABELS[through], seed, fit))
        normals = np.zeros((3, 2))
        columns = np.array([0, 1])
        told = {"r_hat": 1.0, "effective_sample": 500.0}
        return Posterior(("a", "b"), columns, normals, MappingProxyType({"through": LABELS[through]}), told, "h")

    monkeypatch.setattr(calibration, "calibrate", calibrate)
    return asked


@pytest.fixture(scope="module")
def then():
    return as_of(world(decider()), 11)


def fitted(then, folder, said, seed=0, **fit):
    return backtest.fitted(then, 11, folder, seed, fit, said.append)


def test_a_fit_of_the_same_is_not_made_again(tmp_path, calibrated, then) -> None:
    said: list[str] = []
    one, two = fitted(then, tmp_path, said, warmup=5), fitted(then, tmp_path, said, warmup=5)
    assert len(calibrated) == 1
    assert np.array_equal(one.normals, two.normals)
    assert said[-1] == "2024Q4: the fit that was kept"


def test_a_fit_of_anything_else_is_made(tmp_path, calibrated, then) -> None:
    said: list[str] = []
    fitted(then, tmp_path, said, warmup=5)
    fitted(then, tmp_path, said, warmup=6)
    fitted(then, tmp_path, said, seed=1, warmup=5)
    fewer = replace(then, rows=tuple(r for r in then.rows if r.row_id != "S0064"))
    fitted(fewer, tmp_path, said, warmup=5)
    assert len(calibrated) == 4
    assert len(list(tmp_path.iterdir())) == 4


def test_a_broken_fit_is_made_anew(tmp_path, calibrated, then) -> None:
    said: list[str] = []
    fitted(then, tmp_path, said)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"half a file")
    os.utime(path, (1, 1))
    fitted(then, tmp_path, said)
    assert len(calibrated) == 2
    assert any("cannot be read; it is made anew" in line for line in said)


def test_the_whole_run_goes_on_where_it_stopped(tmp_path, calibrated, monkeypatch) -> None:
    monkeypatch.setattr(backtest, "forecast", lambda given, posterior, draws, seed: flows(len(given.name), draws))
    said: list[str] = []
    given = {"draws": 30, "told": said.append}
    backtest.backtest(decider(), tmp_path, origins=("2024Q4",), **given)
    found = backtest.backtest(decider(), tmp_path, origins=("2024Q4", "2025Q2"), **given)
    assert [label for label, _, _ in calibrated] == ["2024Q4", "2025Q2"]
    assert {s.method for s in found.scores} == {*WORLDS, *METHODS}
    assert set(found.fits) == {"2024Q4", "2025Q2"}
    assert found.hindsight == HINDSIGHT
    assert found.run["draws"] == 30
    assert scores.stale(found) == []


def test_an_origin_with_nothing_after_it_is_refused(tmp_path) -> None:
    with pytest.raises(UsageError, match="2025Q4: history ends with 2025Q4"):
        backtest.backtest(decider(), tmp_path, origins=("2025Q4",), told=lambda line: None)


# ---- what is stored


def test_the_stored_scores_are_of_all_origins_series_and_methods() -> None:
    found = scores.read()
    assert {s.origin for s in found.scores} == set(ORIGINS) == set(found.fits)
    assert {s.method for s in found.scores} == {*WORLDS, *METHODS}
    for label in ORIGINS:
        ahead = min(scores.AHEAD, HISTORY_ENDS - LABELS.index(label))
        for name in backtest.SERIES:
            own = [s for s in found.scores if (s.origin, s.series, s.method) == (label, name, "world")]
            assert len(own) == ahead
    assert found.hindsight == HINDSIGHT


def test_the_stored_outcomes_are_those_of_the_history() -> None:
    came = backtest.outcomes(history())
    for s in scores.read().scores:
        assert s.outcome == pytest.approx(came[s.series][LABELS.index(s.quarter)], rel=1e-4)


def test_the_stored_fits_mixed() -> None:
    for told in scores.read().fits.values():
        assert told["r_hat"] <= calibration.MOST_R_HAT
        assert told["effective_sample"] >= calibration.LEAST_ESS
        assert told["divergent_share"] <= calibration.MOST_DIVERGENT


def test_the_stored_forecasts_are_in_order() -> None:
    for s in scores.read().scores:
        assert 0 <= s.low <= s.median <= s.high
        assert s.crps >= 0
        assert not s.in80 or s.in90
        # The same forecast is as good to everybody who reads it: inside 90 % is between the ends that are stored.
        assert s.in90 == (s.low * (1 - 1e-4) <= s.outcome <= s.high * (1 + 1e-4))


def test_the_docs_hold_every_line_and_the_hindsight() -> None:
    found = scores.read()
    text = scores_told.markdown(found)
    assert text == backtest.markdown()
    for line in scores.lines(found.scores):
        if not line.alone or line.series != ALL:
            assert f"| {' | '.join(scores_told.cells(line))} |" in text
    assert [x for x in HINDSIGHT if x not in text] == []
    heads = [n for n, line in enumerate(text.splitlines()) if line.startswith("|---")]
    assert len(heads) >= 2
    assert all(b > a for a, b in pairwise(heads))


def test_a_line_without_a_rival_has_no_wins() -> None:
    line = Line("2023Q4", "china_smuggled", "world", True, 4, 1.0, 0.5, 0.5, 0)
    assert scores_told.cells(line)[-1] == ""
    assert scores_told.cells(replace(line, method="world, law that came", wins=3))[-1] == "3"
