"""Sensitivity: headlines as written, shifts of quantities, and exact gradients against finite differences."""

from functools import cache
from typing import Any

import jax
import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.world import worlds

from headgate.draw.spread import Z95
from headgate.errors import UsageError
from headgate.world import sensitivity as module
from headgate.world.axes import LABELS, YEARS
from headgate.world.claims import margins, orders_margin
from headgate.world.headlines import DEFAULT, Headline, headline
from headgate.world.pictures.frames import TORNADO, rows_of
from headgate.world.posterior import Posterior
from headgate.world.priors import priors
from headgate.world.quarter.gradient import gradients, headlines
from headgate.world.quarter.values import Layout
from headgate.world.run import normals
from headgate.world.sensitivity import direction, left_of, sensitivity, shifts

Array = NDArray[np.float64]
DRAWS = 64
YEAR = 2025
# One of every kind, early enough that few quarters are run.
ASKED = (
    *("ratio:owned:fp8:2025", "ratio:controlled:memory_bandwidth:2025", "widening:controlled:training:2025"),
    *("added:domestic:h100e:2025", "added:smuggled:h100e:2025", "added:rented:fp8:2024", "added:legal:fp8:2025"),
    *("supply:legal:fp8:2025", "supply:owned:fp8:2025", "supply:controlled:training:2025"),
    *("orders:flow:2025", "orders:stock:2025"),
)


def places(texts: tuple[str, ...]) -> list[tuple[str, str, str, int]]:
    return [(h.kind, h.which, h.measure, h.year - YEARS[0]) for h in map(headline, texts)]


def drawn(draws: int) -> Array:
    return np.concatenate([z[:count] for count, z in normals([worlds.baseline()], draws, 0, None, min(draws, 256))])


# ---- headlines ----


@pytest.mark.parametrize("text", [*ASKED, *DEFAULT])
def test_a_headline_is_read_and_written(text: str) -> None:
    assert headline(text).id == text
    assert str(headline(text).year) in headline(text).words


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ration:owned:fp8:2028", "no kind 'ration'. Did you mean ratio?"),
        ("ratio:owned:fp8", "ratio has 4 parts, not 3"),
        ("orders:flow:fp8:2028", "orders has 3 parts, not 4"),
        ("ratio:locate:fp8:2028", "'locate' is none of owned, controlled"),
        ("ratio:owned:fp9:2028", "'fp9' is none of .* Did you mean fp8"),
        ("added:smugled:fp8:2028", "Did you mean smuggled?"),
        ("ratio:owned:fp8:2033", "'2033' is no year from 2022 to 2032"),
        ("widening:owned:fp8:2022", "'2022' is no year from 2023 to 2032"),
        ("ratio:owned:fp8:soon", "'soon' is no year"),
        ("", "no kind ''"),
    ],
)
def test_what_is_no_headline_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        headline(text)


# ---- shifts ----


def test_a_shift_moves_every_knot_by_one_standard_deviation() -> None:
    given = priors()
    layout = Layout(given)
    zero = np.zeros(given.size)
    for id, q in given.quantities.items():
        if not q.size or not direction(q).any():
            continue
        z = zero.copy()
        z[given.columns(id)] = direction(q)
        u = layout.weights[:, 0] * z[layout.common] + layout.weights[:, 1] * z[layout.own]
        first, last = layout.place[id]
        spreads = [s.shape != "point" for s in q.spreads]
        assert u[first:last][spreads] == pytest.approx(1.0), id
        others = np.delete(u, np.arange(first, last))
        assert not others[np.abs(others) > 0].size, id


def test_a_path_is_at_its_high_knots_where_it_is_shifted_so() -> None:
    given = priors()
    q = given.find("china.budget")
    z = np.zeros(given.size)
    z[given.columns(q.id)] = Z95 * direction(q)
    path = np.asarray(Layout(given).values(z)[q.id])
    for place, spread in zip(q.knots, q.spreads, strict=True):
        assert path[place] == pytest.approx(spread.high)


def test_shifts_name_every_quantity_that_moves_and_the_errors_of_vendors() -> None:
    move, mean = shifts([worlds.baseline()])
    assert set(move) == set(mean)
    moving = {id for id, q in priors().quantities.items() if q.size and direction(q).any()}
    assert set(move) == moving | {f"error.{v}" for v in ("nvidia", "amd", "google", "amazon")}
    assert {len(way) for way in move.values()} == {drawn(1).shape[1]}
    assert (np.array(list(move.values())) != 0).sum(axis=0).max() == 1  # no normal belongs to two


def test_what_a_scenario_makes_uncertain_is_a_quantity_of_its_own(tmp_path) -> None:
    text = '[[prior]]\nprior = "smic.wafers"\nlow = 0.5\nhigh = 2.0\nshape = "lognormal"\nwhy = "a guess"\n'
    move, _ = shifts([worlds.draft(tmp_path, text)])
    extra = set(move) - set(shifts([worlds.baseline()])[0])
    assert len(extra) == 1
    assert "smic.wafers" in extra.pop()


def test_what_history_leaves_of_a_prior() -> None:
    mean = np.array([0.6, 0.8, 0.0])
    assert left_of(mean, None) == 1.0
    z = np.random.default_rng(1).normal(size=(4000, 2))
    z[:, 0] *= 0.0
    told = Posterior(("a", "b"), np.array([0, 2]), z, {}, {}, "")
    assert left_of(mean, told) == pytest.approx(0.8, abs=1e-9)  # the first is known, the second was not asked
    z[:, 0] = np.random.default_rng(2).normal(size=4000) * 0.5
    assert left_of(np.array([1.0, 0.0, 0.0]), told) == pytest.approx(0.5, abs=0.02)


# ---- gradients ----


@cache
def both() -> tuple[Any, Any]:
    return worlds.baseline(), worlds.scenario("no-controls")


@cache
def compiled() -> Any:
    """Return the function from normals [draw, normal] to the headlines of both worlds [draw, headline]."""
    of_one, tables = headlines(both(), places(ASKED))
    run = jax.jit(jax.vmap(of_one, (0, None)))

    def found(z: Array) -> Array:
        padded = np.concatenate([z, np.zeros((-len(z) % DRAWS, z.shape[1]))])  # one shape, compiled once
        parts = [np.asarray(run(part, tables)) for part in np.split(padded, len(padded) // DRAWS)]
        return np.concatenate(parts)[: len(z)]

    return found


def test_headlines_are_what_the_results_of_a_run_say() -> None:
    here, free = worlds.run(both(), DRAWS)
    y, at = YEAR - YEARS[0], ASKED.index
    want = {
        "ratio:owned:fp8:2025": np.log(here.ratio("owned", "fp8")[4 * y + 3]),
        "ratio:controlled:memory_bandwidth:2025": np.log(here.ratio("controlled", "memory_bandwidth")[4 * y + 3]),
        "widening:controlled:training:2025": margins(here, free, "training")["A", "controlled", "stock"][y],
        "supply:legal:fp8:2025": margins(here, free, "fp8")["B supply", "owned", "stock"][y],
        "supply:owned:fp8:2025": margins(here, free, "fp8")["B supply net", "owned", "stock"][y],
        "supply:controlled:training:2025": margins(here, free, "training")["B supply net", "controlled", "stock"][y],
        "orders:flow:2025": orders_margin(here, free, "flow")[y] + np.log(2),
        "orders:stock:2025": orders_margin(here, free, "stock")[y] + np.log(2),
        "added:legal:fp8:2025": np.log(here.flows[4 * y : 4 * y + 4, :, 4, 1].sum(axis=0)),
        "added:rented:fp8:2024": np.log(here.flows[4 * y - 4 : 4 * y, :, 9, 1].sum(axis=0)),
    }
    found = compiled()(drawn(DRAWS))
    for text, numbers in want.items():
        assert found[:, at(text)] == pytest.approx(numbers, abs=2e-5), text


def test_gradients_are_the_slopes_of_finite_differences() -> None:
    asked = ASKED[:6]  # of one world; those that compare are of the same arrays
    few, step = 3, 1e-5
    z = drawn(few)
    slopes, values = gradients(both()[:1], places(asked))(z)
    assert np.asarray(values) == pytest.approx(compiled()(z)[:, :6], rel=1e-9)
    move, _ = shifts(both()[:1])
    ways = np.array(list(move.values()))
    exact = np.asarray(slopes) @ ways.T
    ends = [compiled()((z[:, None] + sign * step * ways).reshape(-1, z.shape[1]))[:, :6] for sign in (1, -1)]
    seen = (ends[0] - ends[1]).reshape(few, len(ways), len(asked)).swapaxes(1, 2) / (2 * step)
    # A step over a kink shows a slope between two: few do, and none by much.
    off = np.abs(exact - seen) > 1e-5 + 1e-4 * np.abs(seen)
    assert off.mean() < 0.01
    assert np.abs(exact).max(axis=(0, 2)).min() > 0.05  # every headline is moved by something


def test_a_tornado_ranks_and_says_its_grounds(monkeypatch: pytest.MonkeyPatch) -> None:
    n = len(shifts([worlds.baseline()])[0])

    def made(_worlds: Any, asked: Any, ways: Array, draws: int, *_: Any) -> tuple[Array, Array]:
        assert ways.shape == (n, drawn(1).shape[1])
        slopes = np.zeros((draws, len(asked), n))
        slopes[:, :, 0] = 0.2
        slopes[: draws // 2, :, 1] = 0.4
        return np.full((draws, len(asked)), np.log(30.0)), slopes

    monkeypatch.setattr(module, "_differentiated", made)
    found = sensitivity([worlds.baseline()], [headline("ratio:owned:fp8:2028")], 100)
    assert found.middle == (pytest.approx(30.0),)
    rows = {row["prior"]: row for row in found.frame.to_dicts()}
    first, second = list(rows)[:2]
    assert (rows[first]["effect"], rows[first]["error"]) == (pytest.approx(0.2), pytest.approx(0.0, abs=1e-12))
    assert (rows[second]["effect"], rows[second]["error"]) == (pytest.approx(0.2), pytest.approx(0.02))
    assert rows[first]["high"] == pytest.approx(Z95 * 0.2) == -rows[first]["low"]
    assert rows["china.budget"]["source"] == priors().find("china.budget").source
    assert rows["china.budget"]["mark"] == priors().find("china.budget").mark
    assert rows_of(found.frame, TORNADO)
    assert found.frame.select(pl.col("source", "mark").str.len_chars().min()).row(0) > (0, 0)


def test_a_slope_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_worlds: Any, asked: Any, ways: Array, draws: int, *_: Any) -> tuple[Array, Array]:
        return np.zeros((draws, len(asked))), np.full((draws, len(asked), len(ways)), np.nan)

    monkeypatch.setattr(module, "_differentiated", broken)
    with pytest.raises(UsageError, match=r"ratio:owned:fp8:2028: its gradient to .* is not finite"):
        sensitivity([worlds.baseline()], [headline("ratio:owned:fp8:2028")], 4)


@pytest.mark.parametrize("text", ["supply:legal:fp8:2028", "orders:flow:2028"])
def test_a_headline_that_compares_needs_the_other_world(text: str) -> None:
    with pytest.raises(UsageError, match="compares with the world without controls"):
        sensitivity([worlds.baseline()], [headline(text)], 4)


def test_words_of_every_kind() -> None:
    assert headline("orders:stock:2030").words == "Domestic orders over those without controls, 2030, stock"
    assert (
        Headline("widening", "owned", "fp8", 2028).words == "US over China, stock owned, fp8: 2028 over the year before"
    )
    assert len(LABELS) == 4 * len(YEARS)
