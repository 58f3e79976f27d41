"""Tidy frames and tables of results: quantiles by hand, sums that hold, and the shapes that the pictures take."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from headgate.errors import UsageError
from headgate.world import frames
from headgate.world.axes import ACCOUNTS, CHANNEL_OF, CHANNELS, LABELS, MEASURES, YEARS
from headgate.world.build import world
from headgate.world.charts import charts, largest, save_charts
from headgate.world.compared import NUMBERS, Compared, compared, frame, headline, numbers_of
from headgate.world.pictures.frames import BANDS, LET_THROUGH, PAIRED, rows_of
from headgate.world.pictures.frames import CHANNELS as CHANNELS_SHAPE
from headgate.world.results import KEPT, Results, place, year_ends, yearly
from headgate.world.table import manifest_of, write_table

DRAWS, SAMPLE = 40, 20
FIGURES = ("orders_usd", "rent_permitted")
MADE = {"scenario": "baseline", "draws": DRAWS, "seed": 3, "posterior": "none: priors alone", "hash_code": "c"}


@pytest.fixture(scope="module")
def base():
    import headgate

    return world(headgate.law())


def made_up(ids, name="baseline", legal=1.0):
    """Return results of random numbers: all that frames need, without the simulator."""
    rng = np.random.default_rng(11)
    flows = rng.lognormal(3, 0.4, (len(LABELS), DRAWS, len(ACCOUNTS), len(MEASURES))).astype(np.float32)
    flows[:, :, ACCOUNTS.index("us_named")] *= 30
    flows[16:, :, ACCOUNTS.index("china_legal")] *= legal
    series = rng.lognormal(20, 0.1, (len(LABELS), DRAWS, len(FIGURES))).astype(np.float32)
    series[..., 1] = rng.uniform(0.5, 1, series.shape[:2])
    kept = np.full((len(LABELS), DRAWS, len(KEPT)), 0.1, np.float32)
    chips = np.zeros((len(LABELS), SAMPLE, len(ACCOUNTS), len(ids)), np.float32)
    chips[8:20, :, ACCOUNTS.index("china_legal"), ids.index("nvidia-h20-96")] = rng.lognormal(9, 0.5, (12, SAMPLE))
    chips[16:20, :, ACCOUNTS.index("china_legal"), ids.index("nvidia-h200-sxm")] = 500.0 * legal
    return Results(name, flows, series, FIGURES, kept, chips, ids, {**MADE, "scenario": name})


@pytest.fixture(scope="module")
def one(base):
    return made_up(tuple(c.id for c in base.chips))


@pytest.fixture(scope="module")
def two(base):
    return made_up(tuple(c.id for c in base.chips), "more-legal", 3.0)


def test_quantiles_are_those_of_numpy() -> None:
    draws = np.random.default_rng(1).normal(size=(3, 101))
    assert np.array_equal(frames.quantiles(draws)[:, 2], np.median(draws, axis=1))
    assert (np.diff(frames.quantiles(draws), axis=1) >= 0).all()


def test_ratios_have_a_row_for_each_world_basis_measure_and_quarter(one, two) -> None:
    found = frames.ratios([one, two], ("owned", "controlled"), ("fp8", "tpp"))
    assert len(found) == 2 * 2 * 2 * len(LABELS)
    rows_of(found, BANDS)
    row = found.filter(series="baseline", basis="controlled", measure="fp8", quarter="2026Q3").row(0, named=True)
    told = one.ratio("controlled", "fp8")[LABELS.index("2026Q3")]
    assert row["q50"] == pytest.approx(np.median(told.astype(float)))
    assert frames.ratios([one], first="2030Q1")["quarter"].unique().sort().to_list() == list(LABELS[32:])


def test_channels_add_up_to_what_china_owns_and_controls(one) -> None:
    stocks = frames.channel_stock(one, "h100e")
    assert list(stocks) == list(CHANNELS)
    owned = sum(stock for name, stock in stocks.items() if name != "rented")
    assert np.allclose(owned, one.stock("china", "owned", "h100e"))
    assert np.allclose(owned + stocks["rented"], one.stock("china", "controlled", "h100e"))
    rows_of(frames.channels(one), CHANNELS_SHAPE)


def test_what_is_added_is_the_sum_of_the_flows(one) -> None:
    found = frames.added(one, "h100e", (2026, 2027))
    assert np.allclose(found["smuggled"], one.flows[16:24, :, ACCOUNTS.index("china_smuggled"), place("h100e")].sum(0))
    inside = [n for n, name in enumerate(ACCOUNTS) if CHANNEL_OF.get(name) == "domestic"]
    assert len(inside) == 2
    assert np.allclose(found["domestic"], one.flows[16:24, :, inside, place("h100e")].sum((0, 2)), rtol=1e-5)
    both = np.add(frames.added(one, "h100e", (2026,))["legal"], frames.added(one, "h100e", (2027,))["legal"])
    assert np.allclose(found["legal"], both)


def test_what_was_let_through_comes_with_the_laws_answer(one, base) -> None:
    chips = frames.imported(one)
    assert chips == ["nvidia-h20-96", "nvidia-h200-sxm"]
    found = frames.let_through(one, base, chips)
    rows_of(found, LET_THROUGH)
    told = {(r["chip"], r["quarter"]): r["answer"] for r in found.to_dicts()}
    assert told["nvidia-h20-96", "2024Q4"] == "open"
    assert told["nvidia-h20-96", "2025Q4"] == "unstated"
    assert told["nvidia-h200-sxm", "2025Q4"] == "denial"
    assert told["nvidia-h200-sxm", "2026Q4"] == "case_by_case"
    assert found.filter(chip="nvidia-h200-sxm", quarter="2026Q1")["units"].to_list() == [500.0]
    assert frames.imported(replace(one, chips=one.chips * 0)) == []


def test_the_most_imported_chips_come_first(one, two) -> None:
    assert largest([one, two])[0] == "nvidia-h20-96"
    assert largest([replace(one, chips=one.chips * 0)]) == []


def test_differences_are_draw_by_draw(one, two) -> None:
    found = frames.differences(one, [two])
    rows_of(found, PAIRED)
    row = found.filter(year=2028, unit="H100-equivalents").row(0, named=True)
    less = year_ends(two.stock("china", "controlled", "h100e")).astype(float)
    less -= year_ends(one.stock("china", "controlled", "h100e"))
    assert row["q05"] == pytest.approx(np.quantile(less[YEARS.index(2028)], 0.05))
    before = found.filter(pl.col("year") < 2026)
    assert (before.select("q05", "q95").to_numpy() == 0).all()
    assert (found.filter(unit="times", year=2026)["q95"].to_numpy() < 0).all()


def test_other_draws_are_refused(one, two) -> None:
    for wrong in (
        replace(two, manifest={**two.manifest, "seed": 4}),
        replace(two, manifest={**two.manifest, "posterior": "other"}),
        replace(two, flows=two.flows[:, :10]),
    ):
        with pytest.raises(UsageError, match="baseline and more-legal did not see the same draws"):
            frames.differences(one, [wrong])


def test_claim_a_is_a_share_of_draws(one) -> None:
    ratio = year_ends(one.ratio("owned", "fp8"))
    told = frames.widening(one, "owned", "fp8")
    assert len(told) == len(YEARS) - 1
    assert told[0] == np.mean(ratio[1] > ratio[0])
    us, china = (yearly(one.flow(bloc, "owned", "fp8")) for bloc in ("us", "china"))
    assert frames.widening(one, "owned", "fp8", "flow")[3] == np.mean(us[4] / china[4] > us[3] / china[3])
    rising = replace(one, flows=one.flows.copy())
    rising.flows[:, :, ACCOUNTS.index("us_named")] *= np.exp(np.arange(len(LABELS)))[:, None, None]
    assert frames.widening(rising, "controlled", "tpp")[1:] == [1.0] * (len(YEARS) - 2)


def test_the_summary_holds_every_number_once(one) -> None:
    found = frames.summary(one)
    key = ["quarter", "what", "name", "basis", "measure", "kind"]
    assert found.select(key).is_duplicated().sum() == 0
    assert found.null_count().sum_horizontal().item() == 0
    count = len(MEASURES) * 2 * (3 * 5 + len(ACCOUNTS)) + len(FIGURES)
    assert len(found) == count * len(LABELS)
    row = found.filter(what="ratio", basis="owned", measure="fp4", kind="stock", quarter="2032Q4").row(0, named=True)
    assert row["q95"] == pytest.approx(np.quantile(one.ratio("owned", "fp4")[-1].astype(float), 0.95), rel=1e-5)
    assert (found["q05"] <= found["q95"]).all()


def test_a_table_is_written_with_its_manifest_and_the_same_twice(tmp_path, one, two) -> None:
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    write_table([one, two], first)
    write_table([one, two], second)
    assert first.read_bytes() == second.read_bytes()
    assert manifest_of(first) == [dict(one.manifest), dict(two.manifest)]
    assert pl.read_parquet(first)["scenario"].unique().sort().to_list() == ["baseline", "more-legal"]


def test_a_table_is_never_half_written(tmp_path, one, monkeypatch) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"old")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("headgate.world.table.summary", stop)
    with pytest.raises(KeyboardInterrupt):
        write_table([one], path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.parquet"]
    assert path.read_bytes() == b"old"


def test_pictures_are_drawn_of_what_there_is(tmp_path, one, two, base) -> None:
    then = replace(base, name="more-legal")
    both = charts([one, two], [base, then], "2026-09-25", "Priors alone.")
    assert list(both) == ["ratio-owned", "ratio-controlled", "china-stock", "let-through", "difference"]
    nothing = replace(one, chips=one.chips * 0)
    same = charts([nothing, replace(nothing, name="same")], [base, then], "2026-09-25", "Priors alone.")
    assert list(same) == ["ratio-owned", "ratio-controlled", "china-stock"]
    told = str(both["ratio-owned"].to_dict()["hconcat"][0]["title"])
    assert "seed 3" in told
    assert "Law as of 2026-09-25" in told
    assert "Priors alone." in told
    paths = save_charts({"stock": same["china-stock"]}, tmp_path / "new", {"seed": 3})
    assert [p.name for p in paths] == ["stock.png", "stock.svg", "stock.pdf", "manifest.json"]
    assert all(p.stat().st_size for p in paths)


def test_the_comparison_counts_what_it_says(one, two, base) -> None:
    then = replace(base, name="more-legal")
    found = compared((base, then), [one, two])
    assert found.is_same  # the worlds are the same; only these made-up results differ
    assert found.moved == 0
    less = numbers_of(two)["legal"] - numbers_of(one)["legal"]
    assert found.changes["legal"][2] == pytest.approx(np.median(less))
    assert found.levels["legal"][2] == pytest.approx(np.median(numbers_of(two)["legal"]))
    assert found.base["legal"][2] == pytest.approx(np.median(numbers_of(one)["legal"]))
    assert found.changes["smuggled"] == (0.0,) * 5
    assert found.changes["owned_2028"][2] < 0
    orders = yearly(one.figure("orders_usd"))[4:7].sum(axis=0, dtype=float)
    assert np.allclose(numbers_of(one)["orders"], orders)
    table = frame([found])
    assert table["number"].to_list() == [n.id for n in NUMBERS]
    assert table.filter(number="legal")["change_q50"].item() == pytest.approx(np.median(less))


def test_the_first_line_of_a_comparison() -> None:
    def told(name, moved, same):
        return Compared(name, "", moved, same, {}, {}, {}, {})

    still, law, supposed = told("a", 0, True), told("b", 3, False), told("c", 0, False)
    assert headline("baseline", [still]).startswith("Nothing moved: a is the same world as baseline")
    assert headline("baseline", [still, replace(still, scenario="d")]).startswith("Nothing moved: a, d are the same")
    assert headline("x", [still, law, supposed]) == (
        "The law's answer on a lane moves in 1 of 3 scenarios; in 1 only what is supposed changes; "
        "in 1 no chip moves (a)."
    )
    unused = told("e", 9, True)
    assert headline("x", [unused, law]) == (
        "The law's answer on a lane moves in 1 of 2 scenarios; in 1 no chip moves (e)."
    )
