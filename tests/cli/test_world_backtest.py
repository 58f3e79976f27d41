"""`headgate world backtest` and `headgate world calibrate`: what they print, write and refuse."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

import headgate.world.backtest as backtests
import headgate.world.fit.calibrate as calibration
import headgate.world.posterior as posteriors
from headgate.cli import world_calibrate
from headgate.cli.main import main
from headgate.world import predictive, scores
from headgate.world.as_of import HINDSIGHT
from headgate.world.predictive import POSTERIOR, PRIOR
from headgate.world.priors import priors
from headgate.world.scores import ORIGINS, WORLDS


@pytest.fixture(autouse=True)
def _narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def said(capsys, *arguments):
    assert main(["world", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys, *arguments):
    assert main(["world", *arguments]) == 2
    return " ".join(capsys.readouterr().err.split())


# ---- backtest


@pytest.mark.parametrize("width", [80, 200])
def test_the_scores_are_printed_wins_and_losses_alike(capsys, monkeypatch, width) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = said(capsys, "backtest")
    assert max(map(len, text.splitlines())) <= width
    for word in (
        "BY SERIES, ALL ORIGINS",
        "BY ORIGIN, ALL SERIES",
        "random walk",
        "last growth rate",
        *ORIGINS,
        *WORLDS,
    ):
        assert word in text
    flat = " ".join(text.split())
    assert [x for x in HINDSIGHT if x not in flat] == []
    assert "R-hat" in flat


def test_the_first_line_says_whether_the_world_wins(capsys) -> None:
    own = {x.method: x for x in scores.lines(scores.read().scores) if x.origin == x.series == "all" and not x.alone}
    loses = own["world"].crps > min(own["random_walk"].crps, own["last_growth"].crps)
    assert f"All: the world {'loses to' if loses else 'beats'}" in said(capsys, "backtest").splitlines()[0]


def test_json_holds_every_forecast(capsys) -> None:
    rows = [json.loads(line) for line in said(capsys, "backtest", "--json").splitlines()]
    stored = scores.read()
    assert rows[0]["kind"] == "backtest"
    assert rows[0]["hindsight"] == list(HINDSIGHT)
    told = [{k: v for k, v in r.items() if k != "kind"} for r in rows if r["kind"] == "forecast"]
    assert len(told) == len(stored.scores)
    assert told[0]["crps"] == stored.scores[0].crps
    assert sum(r["kind"] == "score" for r in rows) == len(scores.lines(stored.scores))


def test_stored_scores_need_no_jax() -> None:
    script = "import sys; from headgate.cli.main import main; main(['world', 'backtest']);"
    script += "print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"jax", "numpyro", "polars", "xarray"} & set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("option", ["--draws", "--seed", "--warmup", "--samples", "--folder", "--out"])
def test_options_of_a_run_are_refused_where_nothing_is_run(capsys, option) -> None:
    assert f"{option} changes nothing about stored scores. Add --refit" in refused(capsys, "backtest", option, "7")


def test_a_folder_that_is_not_there_is_refused_before_the_run(capsys, tmp_path) -> None:
    assert "there is no such folder" in refused(capsys, "backtest", "--refit", "--out", str(tmp_path / "none"))
    file = tmp_path / "file"
    file.write_text("x", "utf-8")
    assert "there is no such folder" in refused(capsys, "backtest", "--refit", "--folder", str(file))


def test_a_refit_is_printed_and_written_where_that_is_asked_for(capsys, monkeypatch, tmp_path) -> None:
    asked = []

    def backtest(by, folder, draws, seed, fit, told, bar):
        asked.append((folder, draws, seed, fit))
        told("2023Q4: fitting")
        return replace(scores.read(), run={**scores.read().run, "draws": draws})

    monkeypatch.setattr(backtests, "backtest", backtest)
    where = str(tmp_path)
    text = said(
        capsys,
        "backtest",
        "--refit",
        "--draws",
        "50",
        "--seed",
        "3",
        "--warmup",
        "9",
        "--folder",
        where,
        "--out",
        where,
    )
    assert asked == [(tmp_path, 50, 3, {"warmup": 9})]
    assert "50 draws a forecast" in text
    assert scores.read(tmp_path).run["draws"] == 50


def test_scores_made_with_other_data_say_so(capsys, monkeypatch) -> None:
    monkeypatch.setattr(scores, "stale", lambda found: ["history", "priors"])
    text = " ".join(said(capsys, "backtest").split())
    assert "Made with other history and priors than now; --refit makes the scores anew." in text


# ---- calibrate

GOOD = {
    "r_hat": 1.002,
    "effective_sample": 1234.0,
    "divergent_share": 0.0,
    "mean_steps": 15.0,
    "chains": 4,
    "draws": 3000,
}


def made(through="2025Q4"):
    """Return a posterior that moves one quantity by a standard deviation."""
    given = priors()
    columns = np.array([given.start["smuggling.premium"], given.start["retire.hazard"]])
    z = np.random.Generator(np.random.Philox(5)).standard_normal((500, 2))
    z = (z - z.mean(axis=0)) / z.std(axis=0) + np.array([1.0, 0.0])
    told = MappingProxyType({"through": through})
    return posteriors.Posterior(("smuggling.premium", "retire.hazard"), columns, z, told, GOOD, posteriors.digest(z))


@pytest.fixture
def quick(monkeypatch):
    """Stand in for the sampler and for the runs of the checks; note what the sampler was asked."""
    asked = []

    def calibrate(world, through, warmup, samples, chains, seed, progress):
        asked.append((through, warmup, samples, chains, seed))
        return made()

    def insides(results, points):
        return [predictive.Inside("China, smuggled", of, 8, 3, 6, 12.5) for of in results]

    monkeypatch.setattr(calibration, "calibrate", calibrate)
    monkeypatch.setattr(predictive, "checked", lambda *given: {PRIOR: None, POSTERIOR: None})
    monkeypatch.setattr(predictive, "insides", insides)
    return asked


def test_a_fit_is_told_and_stored(capsys, quick, tmp_path) -> None:
    out = tmp_path / "p.parquet"
    text = said(
        capsys, "calibrate", "--warmup", "7", "--samples", "8", "--chains", "2", "--seed", "1", "--out", str(out)
    )
    assert quick == [(15, 7, 8, 2, 1)]
    assert posteriors.load(out).draws == 500
    flat = " ".join(text.split())
    assert "R-hat at most 1.002, effective sample at least 1234" in flat
    row = next(line for line in text.splitlines() if line.startswith("smuggling.premium"))
    assert row.endswith("0.50")
    assert "1.59 1.15..2.2" in row
    assert "seconds" in flat
    assert next(line for line in text.splitlines() if line.startswith("China, smuggled")).split()[-3:] == [
        "3",
        "6",
        "12.5",
    ]
    assert max(map(len, (x for x in text.splitlines() if str(out) not in x))) <= 80


def test_a_fit_as_json(capsys, quick, tmp_path) -> None:
    rows = [
        json.loads(x) for x in said(capsys, "calibrate", "--json", "--out", str(tmp_path / "p.parquet")).splitlines()
    ]
    assert quick == [(15, 500, 750, 4, 0)]
    assert rows[0]["r_hat"] == 1.002
    assert rows[0]["made_of"] == {"through": "2025Q4"}
    assert [r["id"] for r in rows if r["kind"] == "learned"] == ["smuggling.premium", "retire.hazard"]
    assert [r["of"] for r in rows if r["kind"] == "check"] == [PRIOR, POSTERIOR]


def test_a_bad_fit_is_refused_and_nothing_is_written(capsys, quick, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(calibration, "calibrate", lambda *given: calibration.refuse_bad_fit({**GOOD, "r_hat": 1.4}))
    out = tmp_path / "p.parquet"
    assert "the fit is refused: r_hat 1.4" in refused(capsys, "calibrate", "--out", str(out))
    assert list(tmp_path.iterdir()) == []


def test_the_worlds_own_posterior_is_written_in_a_checkout_alone(capsys, quick, monkeypatch, tmp_path) -> None:
    own = tmp_path / "src" / "headgate" / "data" / "world" / "posterior.parquet"
    own.parent.mkdir(parents=True)
    monkeypatch.setattr(posteriors, "FILE", own)
    assert "this is an installed package. Name a file with --out" in refused(capsys, "calibrate")
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    said(capsys, "calibrate")
    assert own.is_file()


def test_a_part_of_history_is_not_stored_as_the_worlds(capsys, quick, tmp_path) -> None:
    assert "2024Q4: a posterior of a part of history" in refused(capsys, "calibrate", "--through", "2024Q4")
    assert quick == []
    said(capsys, "calibrate", "--through", "2024Q4", "--out", str(tmp_path / "p.parquet"))
    assert quick[0][0] == 11


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--through", "2026Q1"), "--through 2026Q1: history ends with 2025Q4"),
        (("--through", "spring"), "'spring' is not a quarter"),
        (("--out", "p.csv"), "the name must end in .parquet"),
        (("--out", "nowhere/p.parquet"), "there is no folder nowhere"),
        (("--stored", "--warmup", "5"), "--warmup changes nothing about the stored posterior"),
        (("--stored", "--through", "2024Q4"), "--through changes nothing about the stored posterior"),
    ],
)
def test_what_cannot_be_is_refused_before_the_fit(capsys, quick, given, says) -> None:
    assert says in refused(capsys, "calibrate", *given)
    assert quick == []


def test_the_stored_posterior_can_be_looked_at(capsys, quick, monkeypatch, tmp_path) -> None:
    path = tmp_path / "posterior.parquet"
    posteriors.store(made(), path)
    monkeypatch.setattr(world_calibrate, "read", lambda world, stale: (posteriors.load(path), {"path": "here"}))
    text = said(capsys, "calibrate", "--stored")
    assert quick == []
    assert "History through 2025Q4: here" in text
    assert "smuggling.premium" in text


def test_pictures_are_drawn_where_that_is_asked_for(capsys, quick, monkeypatch, tmp_path) -> None:
    from headgate.world import charts

    drawn = []
    monkeypatch.setattr(predictive, "charts", lambda results, points, about: drawn.append(about) or {"a": 1})

    def save(pictures, folder, manifest):
        assert set(manifest) == {PRIOR, POSTERIOR}
        return [Path(folder) / "a.png"]

    class Run:
        manifest = MappingProxyType({"seed": 2})

    monkeypatch.setattr(predictive, "checked", lambda *given: {PRIOR: Run(), POSTERIOR: Run()})
    monkeypatch.setattr(charts, "save_charts", save)
    out = str(tmp_path / "p.parquet")
    text = said(capsys, "calibrate", "--out", out, "--draws", "70", "--seed", "2", "--pictures", str(tmp_path / "d"))
    assert "70 draws, seed 2" in drawn[0]
    assert "written: " in text
