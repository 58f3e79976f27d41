"""`headgate world claims` and `headgate world sensitivity`: what they print, what they refuse, and what they load."""

import dataclasses
import json
import os
import subprocess
import sys

import polars as pl
import pytest
from tests.world.claimed import stored

from headgate.cli.main import main
from headgate.cli.world_claims_shown import percent
from headgate.world import claims_made, claims_stored, posterior, sensitivity
from headgate.world.axes import MEASURES, YEARS
from headgate.world.headlines import DEFAULT, headline
from headgate.world.sensitivity import Tornado


@pytest.fixture(autouse=True)
def _narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def told(monkeypatch):
    """Return random results, which stand in for those of the package and are not stale."""
    found = stored()
    monkeypatch.setattr(claims_stored, "read", lambda: found)
    monkeypatch.setattr(claims_made, "differences", lambda *_: [])
    return found


def said(capsys, *arguments):
    assert main(["world", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys, *arguments):
    assert main(["world", *arguments]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    return out.err


def flat(text):
    return " ".join(text.split())


def of(found, claim, basis, kind, measure, year):
    key = (claim, basis, kind, measure, year)
    return next(c for c in found.claims if (c.claim, c.basis, c.kind, c.measure, c.year) == key)


def cells(text, heading, row, table=0):
    """Return the numbers of a row behind a heading; `table` says which row of that name."""
    lines = text.split(heading)[1].splitlines()
    return [line for line in lines if line.strip().startswith(row)][table].split(row, 1)[1].split()


# ---- claims ----


def test_the_tables_say_the_probabilities(capsys, told) -> None:
    text = said(capsys, "claims")
    for kind, heading in (("stock", "STOCK AT THE END OF THE YEAR"), ("flow", "ADDED IN THE YEAR")):
        want = [percent(of(told, "A", "owned", kind, "memory_bandwidth", y).probability) for y in YEARS[1:]]
        assert cells(text, f"A: THE GAP WIDENS, {heading}", "memory bandwidth") == want
        want = [percent(of(told, "A", "controlled", kind, "fp8", y).probability) for y in YEARS[1:]]
        assert cells(text, f"A: THE GAP WIDENS, {heading}", "FP8", table=1) == want
    want = [percent(of(told, "B", "owned", "stock", "serving", y).probability) for y in YEARS[1:]]
    assert cells(text, "B: THE BLOCKADE BACKFIRES", "usable, serving") == want
    want = [percent(of(told, "B orders", "either", "stock", "orders_usd", y).probability) for y in YEARS[1:]]
    assert cells(text, "B: THE BLOCKADE BACKFIRES", "orders ") == want
    never = 1 - of(told, "parity net", "controlled", "stock", "fp8", 2032).probability
    assert cells(text, "MAKES UP FOR IMPORTS FORGONE BY THEN", "and rented")[-1] == percent(never)


def test_what_decides_and_what_it_was_made_of_stand_at_the_end(capsys, told) -> None:
    text = said(capsys, "claims")
    decides = text.split("WHAT DECIDES THEM (STOCK, FP8)")[1]
    found = next(
        d
        for d in told.decided
        if (d.claim, d.basis, d.kind, d.measure, d.year, d.place) == ("A", "owned", "stock", "fp8", 2026, 2)
    )
    want = f"{percent(found.low_third)} to {percent(found.high_third)}"
    assert want in next(line for line in decides.splitlines() if "hbm.cxmt grows" in line)
    assert "error.amd: Error of the published units of AMD" in decides
    assert "Made of: 10,000 draws, seed 0, posterior ffffffffffff; lanes 000000000000" in flat(decides)
    assert "STALE" not in text


@pytest.mark.parametrize("columns", ["80", "200"])
@pytest.mark.parametrize("more", [(), ("--year", "2028"), ("--measure", "tpp", "--measure", "fp4")])
def test_no_line_is_too_long(capsys, told, monkeypatch, columns, more) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = said(capsys, "claims", *more).splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert lines == [line.rstrip() for line in lines]


def test_one_year_comes_with_errors(capsys, told) -> None:
    text = said(capsys, "claims", "--year", "2028", "--measure", "fp8")
    one = of(told, "A", "owned", "stock", "fp8", 2028)
    assert f"{100 * one.probability:.1f} +-0.5" in text
    assert "TPP" not in text
    for heading in ("B, NET OF", "HALF OF B: DOMESTIC SUPPLY", "HALF OF B: DOMESTIC ORDERS", "FOR GOOD"):
        assert heading in text
    assert "2026" not in text.split("WHAT DECIDES")[1]
    assert "A: THE GAP" not in said(capsys, "claims", "--year", "2022")  # there is no year before


def test_a_claim_that_holds_nowhere_takes_one_line(capsys, told, monkeypatch) -> None:
    rows = [dataclasses.replace(c, probability=0.0) if c.claim == "B" else c for c in told.claims]
    monkeypatch.setattr(claims_stored, "read", lambda: dataclasses.replace(told, claims=tuple(rows)))
    assert said(capsys, "claims").count("both halves, in each measure and year: 0") == 2


def test_json_has_every_claim_and_what_it_was_made_of(capsys, told) -> None:
    rows = [json.loads(line) for line in said(capsys, "claims", "--json").splitlines()]
    assert len(rows) == len(told.claims) + 1
    assert {r["measure"] for r in rows[:-1]} == {*MEASURES, "orders_usd"}
    first = rows[0]
    assert (first["claim"], first["probability"]) == ("A", told.claims[0].probability)
    assert [d["quantity"] for d in first["decided_by"]] == ["china.budget", "hbm.cxmt", "error.amd"]
    assert rows[-1]["manifest"]["made_of"] == told.made_of
    assert rows[-1]["stale"] == []
    rows = [
        json.loads(line) for line in said(capsys, "claims", "--json", "--year", "2030", "--measure", "fp8").splitlines()
    ]
    assert {r["year"] for r in rows[:-1]} == {2030}
    assert {r["measure"] for r in rows[:-1]} == {"fp8", "orders_usd"}


def test_stale_results_say_so_first(capsys, told, monkeypatch) -> None:
    monkeypatch.setattr(claims_made, "differences", lambda *_: ["lanes", "priors"])
    text = said(capsys, "claims")
    assert text.startswith("STALE\n")
    assert "has changed since they were made: lanes, priors. Run them anew" in flat(text)
    rows = [json.loads(line) for line in said(capsys, "claims", "--json").splitlines()]
    assert rows[-1]["stale"] == ["lanes", "priors"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--measure", "fp9"], "no such measure. Did you mean fp8"),
        (["--year", "2040"], "--year 2040: the claims speak of 2022 to 2032"),
        (["--draws", "50"], "--draws changes nothing about stored results. Add --refresh"),
        (["--seed", "7"], "--seed changes nothing"),
        (["--prior"], "--prior changes nothing"),
        (["--stale"], "--stale changes nothing"),
        (["--refresh", "--draws", "0"], "is no whole number of 1 or more"),
    ],
)
def test_bad_options_are_refused(capsys, told, arguments, says) -> None:
    assert says in refused(capsys, "claims", *arguments)


def test_missing_results_are_refused_with_what_to_do(capsys, monkeypatch, tmp_path) -> None:
    read = claims_stored.read
    monkeypatch.setattr(claims_stored, "read", lambda: read(tmp_path))
    assert "headgate world claims --refresh" in refused(capsys, "claims")


def test_refresh_runs_both_worlds_as_asked(capsys, told, monkeypatch) -> None:
    asked = []

    def made(baseline, free, draws, seed, posterior, progress):
        asked.append((baseline.name, free.name, draws, seed, posterior))
        return stored(9)

    monkeypatch.setattr(claims_made, "made", made)
    text = said(capsys, "claims", "--refresh", "--prior", "--draws", "77", "--seed", "5")
    assert asked == [("baseline", "no-controls", 77, 5, None)]
    assert text != said(capsys, "claims")


def test_reading_loads_no_jax_and_the_help_no_arrays() -> None:
    code = (
        "import sys\n"
        "from headgate.cli.main import main\n"
        "before = main(sys.argv[1:])\n"
        "heavy = {'jax', 'numpyro', 'scipy', 'numpy'} & {m.split('.')[0] for m in sys.modules}\n"
        "print(*sorted(heavy), file=sys.stderr)\n"
        "sys.exit(before)"
    )

    def loaded(*arguments):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return set(done.stderr.split())

    assert loaded("world", "claims") <= {"numpy"}
    for verb in ("claims", "sensitivity"):
        assert loaded("world", verb, "--help") == set()


@pytest.mark.parametrize("verb", ["claims", "sensitivity"])
def test_the_help_has_an_example_and_fits(capsys, verb) -> None:
    text = said(capsys, verb, "--help")
    assert f"headgate world {verb}" in text.split("Example:")[1]
    assert max(map(len, text.splitlines())) <= 90


# ---- sensitivity ----


@pytest.fixture
def gradients(monkeypatch):
    """Return what was asked for; the gradients are made up."""
    asked = []

    def made(worlds, headlines, draws, seed, posterior, progress):
        asked.append(([w.name for w in worlds], [h.id for h in headlines], draws, seed, posterior))
        rows = []
        for each in headlines:
            for n, prior in enumerate(("china.budget", "world.hbm", "smuggling.ease")):
                effect = 0.1 * (n - 1.5)
                ends = {"effect": effect, "error": 0.01, "low": -1.645 * effect, "high": 1.645 * effect}
                told = {"left": 0.5, "source": "Epoch AI and others, " * 4, "mark": "unverified"}
                rows.append({"headline": each.id, "prior": prior, **ends, **told})
        middle = tuple(30.0 for _ in headlines)
        return Tornado(tuple(headlines), middle, tuple(0.01 for _ in headlines), pl.DataFrame(rows), draws)

    monkeypatch.setattr(sensitivity, "sensitivity", made)
    return asked


def test_headlines_are_printed_with_the_strongest_first(capsys, gradients) -> None:
    text = said(capsys, "sensitivity", "--prior")
    assert gradients == [(["baseline", "no-controls"], list(DEFAULT), 512, 0, None)]
    for text_of in DEFAULT:
        assert f"{headline(text_of).words}: 30".upper() in text
    first = text.split("END OF 2028: 30\n")[1].splitlines()[1]
    assert first.split()[:7] == ["china.budget", "-15.0", "1.0", "38.4", "23.44", "0.50", "unverified"]
    assert "at the 95 % of its prior" in flat(text)
    assert "Made of: 512 draws, seed 0, posterior none: priors alone; lanes" in flat(text)
    assert max(map(len, text.splitlines())) <= 80


def test_only_what_compares_needs_the_other_world(capsys, gradients, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    arguments = ["--prior", "--headline", "ratio:owned:fp8:2030", "--most", "1", "--draws", "64", "--seed", "3"]
    text = said(capsys, "sensitivity", "h200-open-at-cap", *arguments)
    assert gradients == [(["h200-open-at-cap"], ["ratio:owned:fp8:2030"], 64, 3, None)]
    assert "Epoch AI and others" in text
    assert "world.hbm" not in text


def test_json_has_headlines_and_the_manifest(capsys, gradients) -> None:
    rows = [json.loads(line) for line in said(capsys, "sensitivity", "--prior", "--json").splitlines()]
    assert [r["headline"] for r in rows[:-1]] == list(DEFAULT)
    assert rows[0]["middle"] == 30.0
    assert [r["prior"] for r in rows[0]["by"]] == ["china.budget", "smuggling.ease", "world.hbm"]
    assert rows[-1]["manifest"]["draws"] == 512


def test_a_picture_is_drawn(capsys, gradients, tmp_path) -> None:
    path = tmp_path / "tornado.svg"
    text = said(capsys, "sensitivity", "--prior", "--headline", "orders:flow:2028", "--picture", str(path))
    drawn = path.read_text("utf-8")
    assert "Domestic orders over those without controls, 2028, flow" in drawn
    assert "Priors alone." in drawn
    assert str(path) in text.replace("\n", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--headline", "ratio:owned:fp8:2040", "--prior"], "'2040' is no year"),
        (["h200-open", "--prior"], "there is no scenario 'h200-open'"),
        (["--picture", "tornado.bmp", "--prior"], "no picture is written as .bmp"),
        (["--most", "0"], "is no whole number"),
    ],
)
def test_bad_questions_are_refused(capsys, gradients, arguments, says) -> None:
    assert says in refused(capsys, "sensitivity", *arguments)
    assert gradients == []


def test_a_missing_posterior_is_refused(capsys, gradients, monkeypatch, tmp_path) -> None:
    load = posterior.load
    monkeypatch.setattr(posterior, "load", lambda: load(tmp_path / "none.parquet"))
    assert "or give --prior" in refused(capsys, "sensitivity")
    assert os.listdir(tmp_path) == []
