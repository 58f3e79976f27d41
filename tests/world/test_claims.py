"""Claims A and B: defined in worlds that one can add up by hand, kept in files, told when stale, and run for real."""

import dataclasses
import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world import worlds
from tests.world.claimed import by_quarter, from_year, results, stored

from headgate.errors import CatalogError, UsageError
from headgate.world import claims_made, claims_stored
from headgate.world.axes import ACCOUNTS, LABELS, MEASURES, YEARS
from headgate.world.claims import BATCHES, CLAIMS, claims, for_good, margins, mc_error, parity, trailing
from headgate.world.decided import Drawn, decided, drawn, ranks
from headgate.world.priors import priors
from headgate.world.results import Results

US = {"us_named": 10.0}


def probability(
    frame: pl.DataFrame, claim: str, kind: str, year: int, basis: str = "owned", measure: str = "fp8"
) -> float:
    measure, basis = ("orders_usd", "either") if claim == "B orders" else (measure, basis)
    here = frame.filter(claim=claim, kind=kind, year=year, basis=basis, measure=measure)
    assert len(here) == 1
    return here["probability"].item()


# ---- what the claims say ----


def test_the_gap_widens_where_the_ratio_grew_over_the_year() -> None:
    # The ratio of what is added each year: 10, 10, 20, 5; in the third draw China adds the other way round.
    added = by_quarter([1.0, 1.0, 0.5, 2.0] + [2.0] * 7)
    here = results(draws=2, **US, china_legal=np.concatenate([added, 1.0 / added], axis=1))
    found = claims(here, here)
    assert [probability(found, "A", "flow", y) for y in (2023, 2024, 2025, 2026)] == [0.0, 0.5, 0.5, 0.0]
    # In stock, 2023 leaves the ratio at 10 exactly: higher it is not.
    assert [probability(found, "A", "stock", y) for y in (2023, 2024, 2025)] == [0.0, 0.5, 0.5]
    assert found.filter(claim="A")["year"].min() == 2023


def test_a_stock_retires_and_a_flow_does_not() -> None:
    # The US stops adding; China goes on, ever less. Without retirement its stock still grows.
    us, china = by_quarter([10.0, 10.0] + [0.0] * 9), by_quarter([5.0, 5.0] + [0.4] * 9)
    here = results(draws=1, us_named=us, china_domestic=china, hazard=0.0)
    gone = results(draws=1, us_named=us, china_domestic=china, hazard=0.5)
    want = np.log(80 / 41.6) - np.log(2)
    assert margins(here, here, "fp8")["A", "owned", "stock"][2, 0] == pytest.approx(want, rel=1e-5)
    kept = 0.5**0.25
    built = sum(kept**n for n in range(8))
    us_after, china_after = 10 * built * kept**4, 5 * built * kept**4 + 0.4 * sum(kept**n for n in range(4))
    want = np.log(us_after / china_after) - np.log(2)
    assert margins(gone, gone, "fp8")["A", "owned", "stock"][2, 0] == pytest.approx(want, rel=1e-5)
    assert margins(gone, gone, "fp8")["A", "owned", "flow"][1, 0] == pytest.approx(0.0, abs=1e-6)


def test_owned_located_and_controlled_are_three_claims() -> None:
    # What China rents grows from 2024 on; owned stays as it is.
    rented = from_year(2024, 3.0)
    here = results(draws=1, us_named=10.0, china_legal=1.0, china_rented=rented)
    found = claims(here, here)
    assert probability(found, "A", "flow", 2024) == probability(found, "A", "flow", 2024, "located") == 0.0
    assert margins(here, here, "tpp")["A", "controlled", "flow"][2, 0] == pytest.approx(np.log(7 / 4) - np.log(10))
    # Where the law does not let rented chips be used, a stock of them counts for nothing.
    shut = results(draws=1, us_named=10.0, china_legal=1.0, china_rented=rented, permitted=0.0)
    assert margins(shut, shut, "tpp")["A", "controlled", "stock"][2, 0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("supply", "orders", "holds"), [(4.0, 2.0, 1.0), (3.9, 2.0, 0.0), (4.0, 1.99, 0.0)])
def test_the_blockade_backfires_only_where_both_halves_hold(supply: float, orders: float, holds: float) -> None:
    # Without controls 5 come in legally, under them 1: 4 are forgone, and 4 are enough.
    here = results(draws=1, **US, china_legal=1.0, china_domestic=supply - 1.5, china_domestic_other=1.5, orders=orders)
    free = results(draws=1, name="no-controls", **US, china_legal=5.0, china_domestic=9.0, orders=1.0)
    found = claims(here, free)
    for kind in ("stock", "flow"):
        assert probability(found, "B", kind, 2026) == probability(found, "B", kind, 2026, "controlled") == holds
        assert probability(found, "B supply", kind, 2026) == float(supply >= 4)
        assert probability(found, "B orders", kind, 2026) == float(orders >= 2)


def test_other_foreign_channels_count_in_the_net_claim_alone() -> None:
    # 4 of 5 legal imports are forgone. 2 come in by other ways instead, and 2 are rented. Domestic supply is 2.
    here = {
        "china_legal": 1.0,
        "china_smuggled": 1.5,
        "china_proxy_fab": 0.5,
        "china_domestic": 2.0,
        "china_rented": 2.0,
    }
    free = results(draws=1, name="no-controls", **US, china_legal=5.0)
    found = claims(results(draws=1, **US, **here, orders=2.0), free)
    assert probability(found, "B supply", "flow", 2025) == 0.0
    assert probability(found, "B supply net", "flow", 2025) == 1.0
    less = claims(results(draws=1, **US, **{**here, "china_domestic": 1.5}, orders=2.0), free)
    assert probability(less, "B supply net", "flow", 2025) == 0.0
    assert (
        probability(less, "B supply net", "flow", 2025, "controlled")
        == probability(less, "B net", "flow", 2025, "controlled")
        == 1.0
    )


def test_orders_are_added_up_for_a_stock() -> None:
    # Ten times the orders from 2026 on: twice as many in all by the end of 2026 already.
    here = results(draws=1, **US, china_domestic=1.0, orders=1.0 + 9.0 * from_year(2026))
    found = claims(here, results(draws=1, name="no-controls", **US, orders=1.0))
    assert [probability(found, "B orders", "flow", y) for y in (2025, 2026)] == [0.0, 1.0]
    assert [probability(found, "B orders", "stock", y) for y in (2025, 2026)] == [0.0, 1.0]
    little = results(draws=1, **US, china_domestic=1.0, orders=1.0 + 3.0 * from_year(2026))
    found = claims(little, results(draws=1, name="no-controls", **US, orders=1.0))
    assert [probability(found, "B orders", "flow", y) for y in (2026, 2027)] == [1.0, 1.0]
    assert [probability(found, "B orders", "stock", y) for y in (2026, 2027)] == [0.0, 1.0]


def test_a_world_against_itself_forgoes_nothing_and_doubles_nothing() -> None:
    here = results(draws=5, **US, china_legal=1.0, china_domestic=0.01, china_rented=2.0)
    found = claims(here, here)
    assert set(found.filter(pl.col("claim").str.starts_with("B supply"))["probability"]) == {1.0}
    assert set(found.filter(pl.col("claim").is_in(["B", "B net", "B orders"]))["probability"]) == {0.0}
    assert set(parity(here, here)["probability"]) == {1.0}


def test_the_frame_has_every_claim_once_and_in_order() -> None:
    here = results(draws=2, **US, china_legal=1.0)
    found, later = claims(here, here), parity(here, here)
    keys = found.select("claim", "basis", "kind", "measure", "year")
    assert keys.is_unique().all()
    assert list(dict.fromkeys(found["claim"])) == list(CLAIMS)
    rows = 9 * 2 * (3 * 10 + 2 * 4 * 11) + 2 * 11
    assert (len(found), len(later)) == (rows, 9 * 2 * 2 * 2 * 11)
    assert found.filter(claim="A").group_by("basis", "kind", "measure").len()["len"].unique().to_list() == [10]


# ---- parity ----


def test_parity_comes_for_good_or_never() -> None:
    # Imports forgone are 2. Supply is enough in 2024 alone; from 2029 on; never; always.
    supply = np.concatenate(
        [
            by_quarter([2.0 if y == 2024 else 0.0 for y in YEARS]),
            from_year(2029, 2.0),
            from_year(2033),
            from_year(2022, 2.0),
        ],
        axis=1,
    )
    here = results(draws=4, **US, china_domestic=supply)
    found = parity(here, results(draws=4, name="no-controls", **US, china_legal=2.0))
    by = {y: probability(found, "parity", "flow", y) for y in YEARS}
    assert (by[2024], by[2028], by[2029], by[2032]) == (0.25, 0.25, 0.5, 0.5)
    # In stock the second draw never makes up for what it was without until 2029.
    assert probability(found, "parity", "stock", 2032) == 0.25


def test_parity_in_the_middle_of_a_year_counts_from_its_end() -> None:
    late = np.zeros((len(LABELS), 1))
    late[LABELS.index("2027Q2") :] = 100.0
    here = results(draws=1, **US, china_domestic=late)
    found = parity(here, results(draws=1, name="no-controls", **US, china_legal=1.0))
    assert [probability(found, "parity", "stock", y) for y in (2026, 2027)] == [0.0, 1.0]


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_properties_of_random_worlds(seed: int) -> None:
    draw = np.random.default_rng(seed)

    def random(name: str) -> Results:
        accounts = {a: draw.lognormal(size=(len(LABELS), 7)) for a in ACCOUNTS}
        return results(draws=7, name=name, **accounts, orders=draw.lognormal(size=(len(LABELS), 7)), hazard=0.1)

    here, free = random("baseline"), random("no-controls")
    found, later = claims(here, free), parity(here, free)
    for kind in ("stock", "flow"):
        for basis in ("owned", "controlled"):
            for net in ("", " net"):
                both = found.filter(claim=f"B{net}", kind=kind, basis=basis, measure="fp8")["probability"]
                supply = found.filter(claim=f"B supply{net}", kind=kind, basis=basis, measure="fp8")["probability"]
                orders = found.filter(claim="B orders", kind=kind)["probability"]
                assert (both <= supply).all()
                assert (both <= orders).all()
                assert (both >= supply + orders - 1 - 1e-9).all()
                came = later.filter(claim=f"parity{net}", kind=kind, basis=basis, measure="fp8")["probability"]
                assert (came.diff().drop_nulls() >= 0).all()
                assert (came <= supply).all()
        same = [found.filter(claim="B", kind=kind, basis=b)["probability"].to_list() for b in ("owned", "controlled")]
        assert same[0] == same[1]


def test_worlds_of_other_draws_are_refused() -> None:
    here = results(draws=3, **US)
    for other in (results(draws=4, name="no-controls", **US), results(draws=3, name="no-controls", seed=1, **US)):
        for asked in (claims, parity):
            with pytest.raises(UsageError, match=r"no-controls .* draw by draw. Run the two together"):
                asked(here, other)


# ---- errors from the number of draws ----


def test_the_error_is_binomial_without_a_posterior_and_never_zero() -> None:
    held = np.arange(10_000) % 4 == 0
    assert mc_error(held) == pytest.approx(np.sqrt(0.25 * 0.75 / 10_000), rel=1e-3)
    assert 0 < mc_error(np.zeros(10_000, bool)) < 1e-3
    assert mc_error(np.ones(100, bool)) == pytest.approx(mc_error(np.zeros(100, bool)))


def test_the_error_grows_where_draws_share_their_history() -> None:
    told, times = 2000, 5
    of_history = np.random.default_rng(1).uniform(size=told) < 0.3
    held = np.tile(of_history, times)  # a draw of the posterior decides alone
    want = np.sqrt(0.3 * 0.7 / told)
    assert want * 0.75 < mc_error(held, told) < want * 1.3
    assert mc_error(held) < want / 2
    assert mc_error(held[: BATCHES - 1], told) == mc_error(held[: BATCHES - 1])


def test_trailing_and_for_good() -> None:
    flows = np.arange(8.0)[:, None]
    assert trailing(flows)[:, 0].tolist() == [0, 1, 3, 6, 10, 14, 18, 22]
    assert for_good(np.array([[True, True], [True, False], [True, True]])).tolist() == [[1, 0], [1, 0], [1, 1]]


# ---- what decides ----


def test_what_decides_is_found_with_its_thirds() -> None:
    n = 3000
    draw = np.random.default_rng(5)
    budget, noise = draw.normal(size=(2, n))
    china = np.broadcast_to(by_quarter(1.0), (len(LABELS), n)).copy()
    china[LABELS.index("2027Q1") :] *= np.exp(0.3 * budget + 0.05 * noise)
    here = results(draws=n, **US, china_legal=china)
    values = np.stack([np.broadcast_to(v, (len(YEARS), n)) for v in (budget, noise, draw.normal(size=n), np.ones(n))])
    labels = (("china.budget", "level"), ("noise", "level"), ("nothing", "level"), ("still", "level"))
    found = decided(here, here, Drawn(labels, values.astype(np.float32)))
    first = found.filter(claim="A", basis="owned", kind="flow", measure="fp8", year=2027)
    assert first["quantity"].to_list() == ["china.budget", "noise"]  # in order, and what is noise is left out
    assert first["correlation"][0] < -0.95
    assert first["low_third"][0] == pytest.approx(1.0, abs=0.01)
    assert first["high_third"][0] == pytest.approx(0.0, abs=0.01)
    assert found.filter(claim="A", kind="flow", year=2026).is_empty()  # nothing moves before
    assert found["place"].max() <= 3


def test_a_change_must_beat_the_level_of_its_quantity() -> None:
    n = 2000
    x = np.random.default_rng(6).normal(size=n)
    china = np.broadcast_to(by_quarter(1.0), (len(LABELS), n)).copy()
    china[LABELS.index("2027Q1") :] *= np.exp(x)
    here = results(draws=n, **US, china_legal=china)
    both = np.stack([np.broadcast_to(v, (len(YEARS), n)) for v in (x, x + 0.01)]).astype(np.float32)
    found = decided(here, here, Drawn((("a", "change"), ("a", "level")), both))
    rows = found.filter(claim="A", basis="owned", kind="flow", measure="fp8", year=2027)
    assert rows.select("quantity", "part").rows() == [("a", "level")]


def test_ranks_have_mean_zero_and_square_one() -> None:
    found = ranks(np.random.default_rng(1).lognormal(size=(3, 501)))
    assert np.allclose(found.mean(axis=1), 0)
    assert np.allclose((found**2).mean(axis=1), 1)
    assert not ranks(np.ones((1, 5))).any()


# ---- stored ----


def test_what_is_written_is_read_again(tmp_path) -> None:
    told = stored()
    claims_stored.write(told, tmp_path)
    assert claims_stored.read(tmp_path) == told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["claims.csv", "claims.toml", "claims_decided.csv"]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("claims.csv", "A,owned", "A,owmed", "not the table that claims.toml speaks of"),
        ("claims_decided.csv", "china.budget", "china.money", "not the table that claims.toml speaks of"),
        ("claims.toml", "[run]", "[ran]", "ran"),
        ("claims.toml", "[run]", "[run", "claims.toml"),
    ],
)
def test_files_that_are_not_as_written_are_refused(tmp_path, name, old, new, says) -> None:
    claims_stored.write(stored(), tmp_path)
    path = tmp_path / name
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogError, match=says):
        claims_stored.read(tmp_path)


def test_results_that_are_not_there_are_refused_with_what_to_do(tmp_path) -> None:
    with pytest.raises(CatalogError, match=r"claims.toml.*world_claims.py.*--refresh"):
        claims_stored.read(tmp_path)


def test_an_interruption_leaves_the_old_results(tmp_path, monkeypatch) -> None:
    claims_stored.write(stored(3), tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        claims_stored.write(stored(4), tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_the_results_of_the_package_are_complete() -> None:
    told = claims_stored.read()
    want = {(c.claim, c.basis, c.kind, c.measure, c.year) for c in stored().claims}
    assert {(c.claim, c.basis, c.kind, c.measure, c.year) for c in told.claims} == want
    assert all(0 <= c.probability <= 1 and 0 <= c.mc_error < 0.05 for c in told.claims)
    assert set(told.made_of) == set(told.files) == set(claims_made.PARTS)
    says = claims_stored.sayings()
    assert {d.quantity for d in told.decided} <= says.keys()


# ---- stale ----


def fresh(**changed: str) -> claims_stored.Stored:
    """Return stored results that say they were made of the package as it is, but for some parts."""
    files = {p: claims_made.digest_of_files(p) for p in claims_made.PARTS}
    return dataclasses.replace(stored(), files={**files, **changed}, made_of=dict.fromkeys(claims_made.PARTS, "x"))


def never():
    raise AssertionError("the law is not asked for where no file has changed")


def test_nothing_is_compared_where_no_file_has_changed() -> None:
    assert claims_made.differences(fresh(), never, never) == []


def test_a_part_is_stale_only_where_it_differs_itself() -> None:
    touched = fresh(priors="another file", simulator="another")
    assert claims_made.differences(touched, headgate_law, never) == ["priors", "simulator"]
    same = dataclasses.replace(touched, made_of={**touched.made_of, "priors": priors().fingerprint()})
    assert claims_made.differences(same, headgate_law, never) == ["simulator"]


def headgate_law():
    import headgate

    return headgate.law()


def free_law():
    import headgate

    return headgate.law(scenario="no-controls")


def test_every_part_comes_out_as_the_run_has_it() -> None:
    baseline, free = worlds.baseline(), worlds.scenario("no-controls")
    told = claims_made.parts_of(baseline, free, None)
    assert set(told) == set(claims_made.PARTS)
    for part in set(told) - {"posterior"}:
        assert claims_made.part_now(part, headgate_law, free_law) == told[part], part
    assert told["lanes"] != told["lanes without controls"]


def test_a_posterior_is_a_part(monkeypatch, tmp_path) -> None:
    from headgate.world import posterior

    monkeypatch.setattr(posterior, "FILE", tmp_path / "none.parquet")
    assert claims_made.part_now("posterior", never, never) == claims_made.NO_POSTERIOR


def test_files_behind_a_part_are_told_apart(tmp_path) -> None:
    folder = tmp_path / "data" / "world"
    folder.mkdir(parents=True)
    (folder / "priors.toml").write_text("a = 1\n", "utf-8")
    one = claims_made.digest_of_files("priors", tmp_path)
    (folder / "priors.toml").write_text("a = 2\n", "utf-8")
    assert claims_made.digest_of_files("priors", tmp_path) != one
    (folder / "claims.csv").write_text("", "utf-8")
    assert {claims_made.digest_of_files(p, tmp_path) for p in ("lanes", "history", "posterior")} == {
        claims_made.digest_of_files("history", tmp_path)
    }


def test_reading_and_comparing_need_no_jax() -> None:
    code = (
        "import sys, headgate\n"
        "from headgate.world import claims_made, claims_stored, claims, decided, headlines, sensitivity\n"
        "told = claims_stored.read()\n"
        "assert 'numpy' in sys.modules and 'polars' not in sys.modules\n"
        "law, free = headgate.law, lambda: headgate.law(scenario='no-controls')\n"
        "for part in claims_made.PARTS: claims_made.part_now(part, law, free)\n"
        "heavy = {'jax', 'jaxlib', 'numpyro', 'scipy', 'altair', 'xarray'}\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


# ---- the script ----


@pytest.fixture(scope="module")
def script():
    path = Path(__file__).resolve().parents[2] / "scripts" / "world_claims.py"
    spec = importlib.util.spec_from_file_location("world_claims_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_says_what_comes_out_otherwise(script) -> None:
    one = stored()
    first, second, *rest = one.claims
    moved = dataclasses.replace(first, probability=first.probability + 0.01)
    near = dataclasses.replace(second, probability=second.probability + 0.001)
    other = dataclasses.replace(one, claims=(moved, near, *rest))
    assert script.differing(one, one) == []
    assert script.differing(one, other) == ["A owned stock tpp 2023"]
    assert script.differing(one, dataclasses.replace(one, claims=one.claims[1:])) == ["A owned stock tpp 2023"]


def test_the_script_checks_before_it_runs(script, monkeypatch) -> None:
    monkeypatch.setattr(script, "computed", never)
    monkeypatch.setattr(script, "read", stored)
    monkeypatch.setattr(script, "differences", lambda *_: ["priors"])
    assert "the claims are stale: priors changed" in script.complaint()
    monkeypatch.setattr(script, "read", lambda: claims_stored.read(Path("nowhere")))
    assert "cannot be read" in script.complaint()


# ---- run for real ----

DRAWS = 256


@cache
def pair() -> tuple[Results, Results]:
    return worlds.run([worlds.baseline(), worlds.scenario("no-controls")], DRAWS)


def test_claims_of_a_run_agree_with_its_ratios() -> None:
    here, free = pair()
    found = claims(here, free)
    grown = here.ratio("controlled", "memory_bandwidth")
    want = float((grown[27] > grown[23]).mean())
    assert probability(found, "A", "stock", 2028, "controlled", "memory_bandwidth") == pytest.approx(
        want, abs=2 / DRAWS
    )
    assert found["probability"].is_between(0, 1).all()
    assert (found["mc_error"] > 0).all()
    # No letter before the first one: what both worlds add until 2022Q2 is the same.
    assert np.array_equal(here.flows[:2], free.flows[:2])


def test_the_quantities_are_drawn_again_as_the_run_had_them() -> None:
    from headgate.world.quarter.values import Layout
    from headgate.world.run import normals

    here, _ = pair()
    told = drawn([worlds.baseline(), worlds.scenario("no-controls")], DRAWS, 0, None)
    at = {label: n for n, label in enumerate(told.labels)}
    assert told.values.shape == (len(told.labels), len(YEARS), DRAWS)
    for id in ("retire.hazard", "us.offshore_share", "algorithms.growth"):
        assert np.allclose(told.values[at[id, "level"]], here.quantity(id)[3::4], rtol=1e-5)
    _, z = next(normals([worlds.baseline(), worlds.scenario("no-controls")], DRAWS, 0, None))
    for n in (0, DRAWS - 1):
        path = np.asarray(Layout(priors()).values(z[n])["china.budget"])[3::4]
        assert np.allclose(told.values[at["china.budget", "level"], :, n], path, rtol=1e-5)
        assert np.allclose(told.values[at["china.budget", "change"], 1:, n], np.diff(np.log(path)), atol=1e-5)
    assert np.array_equal(told.values[at["error.amd", "level"], 5], z[:, priors().size + 1].astype(np.float32))
    found = decided(here, pair()[1], told)
    assert set(found["claim"]) == {"A", "B supply", "B supply net", "B orders"}
    assert found["correlation"].abs().is_between(0, 1).all()
    assert set(found["quantity"]) <= claims_stored.sayings().keys()


def test_the_same_inputs_give_the_same_files(monkeypatch) -> None:
    from headgate.world import run as running

    found = pair()
    monkeypatch.setattr(running, "run", lambda *args, **more: found)
    both = worlds.baseline(), worlds.scenario("no-controls")
    one, two = (claims_stored.texts(claims_made.made(*both, DRAWS)) for _ in range(2))
    assert one == two
    assert '"draws" = 256' in one["claims.toml"]
    assert len(one["claims.csv"].splitlines()) == 1 + len(stored().claims)


def test_measures_are_those_of_the_axes() -> None:
    assert {c.measure for c in stored().claims} == {*MEASURES, "orders_usd"}
