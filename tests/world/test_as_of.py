"""A world as of a quarter: nothing that the files say of a later one is in it, and what goes on is as said."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.decide.one import decider
from headgate.draw.spread import Spread
from headgate.errors import CatalogError
from headgate.world.as_of import UNSOLD, as_of, first_revenue, laid, law_known, paced, revenue, so_far, trending
from headgate.world.axes import LABELS, QUARTERS
from headgate.world.build import World, world
from headgate.world.carried import AHEAD, DRIFTS, GROWING, GROWS, SCALES, carried, grown, width
from headgate.world.posterior import Posterior
from headgate.world.priors import priors
from headgate.world.scores import ORIGINS
from headgate.world.tables import VENDORS

PLACES = [LABELS.index(label) for label in ORIGINS]


@pytest.fixture(scope="module")
def today() -> World:
    return world(decider())


def disturbed(given: World, origin: int) -> World:
    """Return a world of which everything dated after a quarter is otherwise."""
    tables = dict(given.by_quarter)
    for name, factor in (("history", 7.0), ("price", 3.0), ("dies", 2.0), ("stacks", 2.0), ("domestic_price", 5.0)):
        tables[name] = np.array(tables[name])
        tables[name][origin + 1 :] *= factor
    for name in ("mix", "share", "die_delivery", "bank_delivery"):
        tables[name] = np.array(tables[name])
        tables[name][origin + 1 :] = 0.0
    found = {}
    for id, q in given.priors.quantities.items():
        spreads = list(q.spreads)
        if q.kind == "path":
            for n, k in enumerate(q.knots):
                if k > origin and spreads[n].shape == "lognormal" and q.knots[0] <= origin:
                    spreads[n] = spreads[n].scaled(11.0)
        if q.kind == "steps":
            last = QUARTERS[origin].last
            spreads = [s if day <= last else Spread.point(0.123) for s, day in zip(spreads, q.days, strict=True)]
        found[id] = replace(q, spreads=tuple(spreads))
    return replace(given, by_quarter=tables, priors=laid(found))


@pytest.mark.parametrize("origin", PLACES)
def test_nothing_that_comes_later_is_in_it(today: World, origin: int) -> None:
    seen, other = as_of(today, origin), as_of(disturbed(today, origin), origin)
    assert seen.priors.fingerprint() == other.priors.fingerprint()
    later = {"history", "history_below", "history_above", "china_gb"}  # read up to `is_history` alone; see below
    for name in set(seen.by_quarter) - later:
        assert np.array_equal(seen.by_quarter[name], other.by_quarter[name]), name
    assert not np.array_equal(disturbed(today, origin).by_quarter["price"], today.by_quarter["price"])


def test_units_after_the_origin_do_not_turn_on_history(today: World) -> None:
    from headgate.world.quarter.make import made_abroad
    from headgate.world.quarter.values import Layout

    origin = PLACES[1]
    made = []
    for each in (today, disturbed(today, origin)):
        then = as_of(each, origin)
        p = {k: np.asarray(v) for k, v in Layout(then.priors).values(np.zeros(then.priors.size)).items()}
        for q in (origin, origin + AHEAD):
            now = {k: np.asarray(v)[q] for k, v in then.by_quarter.items()}
            here = {k: v[q] if v.ndim else v for k, v in p.items()}
            made.append(np.asarray(made_abroad(then.fixed, {**now, "error": np.zeros(len(VENDORS))}, here)))
    assert np.array_equal(made[0], made[2])
    assert np.array_equal(made[1], made[3])
    assert made[1].sum() > 0


def test_products_that_came_are_known_only_where_that_is_asked_for(today: World) -> None:
    origin = PLACES[1]
    blind, told = as_of(today, origin), as_of(today, origin, products=True)
    b200 = [c.id for c in today.chips].index("nvidia-gb200")
    at = LABELS.index("2025Q2")
    assert blind.by_quarter["share"][at, b200] == 0.0
    assert told.by_quarter["share"][at, b200] > 0.2
    assert np.array_equal(blind.by_quarter["price"][at], today.by_quarter["price"][origin])
    assert np.array_equal(told.by_quarter["price"], today.by_quarter["price"])


@pytest.mark.parametrize("origin", PLACES)
def test_shares_of_revenue_add_up(today: World, origin: int) -> None:
    then = as_of(today, origin)
    vendor, foreign = today.fixed["vendor"], today.fixed["is_foreign"]
    for n in (VENDORS.index("nvidia"), VENDORS.index("google")):
        mine = then.by_quarter["share"][origin + 1 :, (vendor == n) & foreign].sum(axis=1)
        assert mine == pytest.approx(1.0)


def test_the_history_is_cut_and_a_year_is_supposed(today: World) -> None:
    then = as_of(today, PLACES[0])
    assert int(then.by_quarter["is_history"].sum()) == PLACES[0] + 1
    for q in then.priors.quantities.values():
        if q.kind == "path" and q.spreads[0].shape in SCALES and not q.id.startswith("world."):
            assert q.knots[-1] == PLACES[0] + AHEAD
            assert [k for k in q.knots if k > PLACES[0]] == [q.knots[-1]]
        if q.kind == "steps":
            assert all(str(day) <= "2023-12-31" for day in q.days)
            assert len(q.days) == len(q.spreads) >= 1


def test_revenue_begins_where_units_and_prices_left_it(today: World) -> None:
    found = first_revenue(today, PLACES[2])["nvidia.revenue"]
    own = revenue(today)[PLACES[2], VENDORS.index("nvidia")]
    assert found.low < own < found.high
    assert found.middle == pytest.approx(own)
    assert 15 < own < 40


def test_growth_is_the_same_for_every_path_of_a_kind() -> None:
    for origin in PLACES:
        for q in priors().quantities.values():
            if q.kind != "path" or q.spreads[0].shape != "lognormal":
                continue
            found = carried(q, origin)
            factor = found.spreads[-1].middle / found.spreads[-2].middle
            assert factor == pytest.approx((GROWS if q.id in GROWING else DRIFTS)[1])


def test_history_moves_the_level_of_what_comes_and_tells_nothing_of_growth() -> None:
    import jax

    from headgate.world.quarter.values import Layout

    q = carried(priors().find("rental.ease"), PLACES[2])
    given = laid({q.id: q})
    z = np.random.Generator(np.random.Philox(1)).standard_normal((20_000, given.size))
    path = np.log(np.asarray(jax.vmap(Layout(given).values)(z)[q.id]))
    here, ahead = path[:, PLACES[2]], path[:, PLACES[2] + AHEAD]
    assert abs(np.corrcoef(here, ahead - here)[0, 1]) < 0.03
    # Growth is as wide as said: 90 % between 0.8 and 3 times a year.
    low, middle, high = np.exp(np.quantile(ahead - here, (0.05, 0.5, 0.95)))
    assert (low, middle, high) == pytest.approx(GROWS, rel=0.05)


@given(st.floats(0.1, 5), st.floats(1.1, 10), st.floats(0.25, 2))
def test_what_grows_gets_wider_and_more_so_with_time(low: float, ratio: float, years: float) -> None:
    here = Spread("lognormal", low, low * ratio)
    one, two = grown(here, GROWS, years), grown(here, GROWS, 2 * years)
    assert width(here) < width(one) < width(two)
    assert one.middle / here.middle == pytest.approx(GROWS[1] ** years)


@given(st.floats(0.02, 0.6), st.floats(0.05, 0.35))
def test_a_share_stays_a_share(low: float, more: float) -> None:
    found = grown(Spread("logit_normal", low, low + more), DRIFTS, 1.0)
    assert 0 < found.low < low
    assert low + more < found.high < 1


def test_a_chip_not_sold_yet_has_a_pull_that_nobody_knows(today: World) -> None:
    at = {label: as_of(today, place).priors for label, place in zip(ORIGINS, PLACES, strict=True)}
    h20, h800 = "appeal.nvidia-h20-96", "appeal.nvidia-h800-sxm"
    assert at["2023Q4"].find(h20).spreads == (UNSOLD,)
    assert at["2024Q2"].find(h20) == today.priors.find(h20)
    assert at["2023Q4"].find(h800) == today.priors.find(h800)
    assert at["2025Q2"].find("appeal.other").spreads == (UNSOLD,)


@given(st.lists(st.floats(0, 0.3), min_size=5, max_size=30), st.data())
def test_deliveries_go_on_at_the_pace_until_all_has_come(given: list[float], data: st.DataObject) -> None:
    shares = np.array(given) / max(sum(given), 1.0)
    origin = data.draw(st.integers(0, len(given) - 1))
    found = paced(shares, origin)
    assert found[: origin + 1] == pytest.approx(shares[: origin + 1], abs=1e-9)
    assert found.sum() <= 1.0 + 1e-9
    assert (found[origin + 1 :] <= shares[origin] + 1e-9).all()
    assert (found >= -1e-9).all()


def test_the_law_is_the_one_known_then() -> None:
    by, origin = decider(), LABELS.index("2024Q4")
    known, came = world(law_known(by, origin)), world(by)
    lane, chip = known.gates.lanes.index("cn_direct"), known.gates.chips.index("nvidia-h20-96")
    before, after = LABELS.index("2025Q1"), LABELS.index("2025Q3")
    assert known.gates.shares[before, lane, chip].argmax() == known.gates.shares[after, lane, chip].argmax()
    assert came.gates.shares[before, lane, chip].argmax() != came.gates.shares[after, lane, chip].argmax()
    for name, table in known.gate_tables.items():
        if np.ndim(table) and len(table) == len(LABELS) and name != "allocation_tpp":
            assert np.array_equal(np.asarray(table)[: origin + 1], np.asarray(came.gate_tables[name])[: origin + 1]), (
                name
            )


def test_all_that_the_catalog_knew_then_would_not_do() -> None:
    # Why `law_known` leaves the catalog as it is: chips that were not announced yet cannot be decided on.
    with pytest.raises(CatalogError, match="not yet known"):
        world(decider().as_known(QUARTERS[PLACES[0]].last))


def blank_posterior(given: World) -> Posterior:
    """Return a posterior that has learned nothing of the first two numbers."""
    columns = np.array([0, 1])
    return Posterior(("a", "b"), columns, np.zeros((4, 2)), MappingProxyType({}), MappingProxyType({}), "none")


def test_what_grew_grows_on_as_before(today: World) -> None:
    origin = PLACES[0]
    then = as_of(today, origin)
    posterior = blank_posterior(then)
    growth = so_far(then, posterior, origin)
    past = revenue(today)[: origin + 1, VENDORS.index("nvidia")]
    assert growth["nvidia.revenue"] == pytest.approx((past[-1] / past[0]) ** (4 / origin))
    assert "amd.revenue" not in growth  # nothing is known of it before 2024
    found = trending(then, posterior, origin)
    for id, factor in growth.items():
        *before, last = found.priors.find(id).spreads
        *same, _ = then.priors.find(id).spreads
        assert before == same
        assert last.middle / before[-1].middle == pytest.approx(factor)
        assert width(last) == pytest.approx(width(then.priors.find(id).spreads[-1]))
    for id in set(then.priors.quantities) - set(growth):
        assert found.priors.find(id) == then.priors.find(id)
    assert found.priors.start == then.priors.start
    assert {id: q.common for id, q in found.priors.quantities.items()} == {
        id: q.common for id, q in then.priors.quantities.items()
    }
