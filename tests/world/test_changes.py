"""Changes of quantities: found by id, laid on the quarters by their days, and refused where they make no sense."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.draw.spread import Spread
from headgate.errors import CatalogError, HeadgateError, UsageError
from headgate.scenario.record import names, read_scenario
from headgate.world.axes import LABELS, QUARTERS, quarter, quarter_of
from headgate.world.changes import resolve, streams
from headgate.world.priors import priors

FIRST, LAST = QUARTERS[0].start, QUARTERS[-1].last


@dataclass(frozen=True)
class Told:
    """A change as a test tells it."""

    prior: str = "smuggling.detection"
    kind: str = "value"
    numbers: Mapping[str, float] = field(default_factory=lambda: {"value": 0.5})
    shape: str = ""
    start: date = date(2026, 5, 10)
    end: date | None = None


def test_nothing_told_changes_nothing() -> None:
    assert resolve((), priors()) == ()
    assert streams(()) == []


def test_a_change_is_weighed_by_its_days() -> None:
    (found,) = resolve([Told(start=date(2026, 5, 16), end=date(2026, 7, 2))], priors())
    assert found.id == "smuggling.detection"
    q = quarter("2026Q2")
    assert found.weight[q] == pytest.approx(46 / 91)
    assert found.weight[q + 1] == pytest.approx(1 / 92)
    assert sum(w > 0 for w in found.weight) == 2
    assert len(found.weight) == len(LABELS)


@given(st.dates(FIRST, LAST), st.integers(1, 5000))
def test_no_weight_lies_outside_of_the_days(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    (found,) = resolve([Told(start=start, end=end)], priors())
    days = sum(w * q.days for w, q in zip(found.weight, QUARTERS, strict=True))
    assert days == pytest.approx((min(end, QUARTERS[-1].end) - start).days)
    assert all(0 <= w <= 1 for w in found.weight)
    assert not any(found.weight[: quarter_of(start)])


def test_the_three_ways_of_telling_it() -> None:
    told = [
        Told(kind="value", numbers={"value": 0.25}),
        Told(prior="hbm.cxmt", kind="times", numbers={"times": 0.5}),
        Told(prior="hbm.cxmt", kind="spread", numbers={"low": 1.0, "high": 4.0}),
        Told(prior="hbm.cxmt", kind="spread", numbers={"low": 1.0, "high": 4.0, "median": 3.0}, shape="normal"),
    ]
    value, times, spread, shaped = resolve(told, priors())
    assert (value.times, value.spread, value.column) == (None, Spread.point(0.25), -1)
    assert (times.times, times.spread) == (0.5, None)
    assert spread.spread == Spread(priors().find("hbm.cxmt").spreads[0].shape, 1.0, 4.0)
    assert shaped.spread == Spread("normal", 1.0, 4.0, 3.0)


def test_only_a_quantity_without_normals_gets_a_stream_of_its_own() -> None:
    """What has normals keeps its draws, so that a world and its scenario stay paired."""
    wide = {"low": 0.1, "high": 0.5}
    told = [
        Told(kind="spread", numbers=wide),
        Told("smuggling.location_verification", "spread", wide, "logit_normal"),
        Told("smic.wafers", "spread", wide, "lognormal"),
        Told("smic.growth", "value", {"value": 0.5}),
    ]
    found = resolve(told, priors())
    assert [c.column for c in found] == [-1, 0, 1, -1]
    assert streams(found) == [("change smuggling.location_verification 0", 1), ("change smic.wafers 1", 1)]


@pytest.mark.parametrize("name", [n for n in names() if read_scenario(n).priors])
def test_every_scenario_of_the_package_is_understood(name: str) -> None:
    told = read_scenario(name)
    found = resolve(told.priors, priors())
    assert [c.id for c in found] == [c.prior for c in told.priors]
    for change in found:
        assert not any(change.weight[: quarter_of(told.start)])
        assert any(change.weight)


# Refusals


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (Told("smugling.detection"), "smuggling.detection"),
        (Told("beijing"), "the world has no quantity 'beijing'"),
        (Told(start=date(2033, 1, 1)), "outside the horizon, 2022-01-01 to 2032-12-31"),
        (Told(start=date(2020, 1, 1), end=date(2022, 1, 1)), "from 2020-01-01 to 2022-01-01 lies outside the horizon"),
        (Told(numbers={"value": 1.5}), "Give numbers from 0 to 1"),
        (Told(numbers={"value": -0.1}), "the change of smuggling.detection says value -0.1 share"),
        (Told("smuggling.location_verification", numbers={"value": 1.01}), "from 0 to 1"),
        (Told("china.budget", numbers={"value": -1.0}), "Give numbers of 0 or more"),
        (Told("hbm.cxmt", "spread", {"low": -1.0, "high": 4.0}, "normal"), "of 0 or more"),
        (Told("beijing.h200", "spread", {"low": 0.5, "high": 1.2}, "normal"), "says low 0.5, high 1.2 share"),
    ],
)
def test_what_makes_no_sense_is_refused(told: Told, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        resolve([told], priors())
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("numbers", "shape", "says"),
    [
        ({"low": 0.6, "high": 0.4}, "", "0.6"),
        ({"low": 0.0, "high": 0.4}, "", "change of smuggling.detection"),
        ({"low": 0.2, "high": 0.4}, "triangular", "triangular"),
        ({"low": 0.2, "high": 0.2}, "", "0.2"),
    ],
)
def test_a_spread_that_is_none_is_refused(numbers: dict[str, float], shape: str, says: str) -> None:
    with pytest.raises(CatalogError) as refused:
        resolve([Told(kind="spread", numbers=numbers, shape=shape)], priors())
    assert says in str(refused.value)


def test_a_change_that_begins_before_the_horizon_holds_from_its_first_day() -> None:
    (found,) = resolve([Told(start=date(2000, 1, 1))], priors())
    assert found.weight == (1.0,) * len(LABELS)


def test_all_refusals_are_of_the_house() -> None:
    for told in (Told("x"), Told(start=date(2040, 1, 1)), Told(numbers={"value": 2.0})):
        with pytest.raises(HeadgateError):
            resolve([told], priors())
