"""What history says: every observation from a row or anchor, none twice, none from the future, each with its error."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.draw.spread import Z95
from headgate.world.anchors import anchors
from headgate.world.axes import ACCOUNTS, LABELS, quarter, quarter_of
from headgate.world.chips import chips
from headgate.world.history import Row, history
from headgate.world.observed import (
    POINT_ERROR,
    SOLD_ELSEWHERE,
    TOGETHER,
    Observation,
    error_of,
    fingerprint,
    observations,
)
from headgate.world.quarter.step import SERIES
from headgate.world.tables import HISTORY_ENDS

ORIGINS = ("2023Q4", "2024Q2", "2024Q4", "2025Q2", "2025Q4")
ROWS = {r.row_id: r for r in history()}
ANCHORS = {a.anchor_id: a for a in anchors()}
ALL = observations(history())


def parts(seen: Observation) -> list[str]:
    return seen.id.split("+")


def ids(seen: tuple[Observation, ...]) -> set[tuple]:
    return {(o.id, o.accounts, o.chips, o.first, o.last) for o in seen}


def test_every_observation_comes_from_a_row_or_an_anchor() -> None:
    for seen in ALL:
        assert all(part in ROWS or part in ANCHORS for part in parts(seen)), seen.id
        assert seen.source, seen.id


def test_every_observation_names_what_the_world_has() -> None:
    labels = {label for c in chips() for label in c.history}
    for seen in ALL:
        assert set(seen.accounts) <= set(ACCOUNTS), seen.id
        assert set(seen.chips) <= labels, seen.id
        assert seen.unit in ("units", "h100e", *SERIES), seen.id
        assert bool(seen.accounts) == (seen.unit not in SERIES), seen.id
        assert 0 <= seen.first <= seen.last <= HISTORY_ENDS, seen.id
        assert seen.kind in ("about", "at least")


def test_values_are_positive_and_errors_neither_nothing_nor_all() -> None:
    for seen in ALL:
        assert 0 < seen.value < math.inf, seen.id
        assert 0.1 <= seen.error <= 1.5, seen.id


def test_no_row_is_used_twice_for_one_thing() -> None:
    used = [part for seen in ALL for part in parts(seen)]
    assert len(used) == len(set(used))


def test_competing_estimates_stand_side_by_side() -> None:
    huawei = [o for o in ALL if "Ascend 910C" in o.chips and LABELS[o.first] == "2025Q1"]
    assert len(huawei) >= 4
    assert max(o.value for o in huawei) / min(o.value for o in huawei) > 3


@pytest.mark.parametrize("through", ORIGINS)
def test_nothing_is_known_before_its_time(through: str) -> None:
    last = quarter(through)
    seen = observations(history(), last)
    assert seen
    for o in seen:
        assert o.last <= last, o.id
        for part in parts(o):
            if part in ROWS:
                assert quarter_of(ROWS[part].start) <= last, o.id
            else:
                # What is said of the end of a year, or of a year, is known with its last quarter.
                assert quarter_of(ANCHORS[part].day) <= last, o.id


def test_later_origins_know_all_that_earlier_ones_knew_of_whole_years() -> None:
    known = [ids(observations(history(), quarter(through))) for through in ORIGINS]
    assert [len(k) for k in known] == sorted(len(k) for k in known)
    for earlier, later in pairwise(known):
        whole = {o for o in earlier if o[3] == o[4] or (o[4] + 1) % 4 == 0}
        assert whole <= later


def test_a_year_in_part_is_the_sum_of_its_quarters() -> None:
    seen = [o for o in observations(history(), quarter("2024Q2")) if o.chips == ("Ascend 910B", "Ascend 910C")]
    (huawei,) = seen
    assert (LABELS[huawei.first], LABELS[huawei.last]) == ("2024Q1", "2024Q2")
    assert huawei.value == pytest.approx(sum(ROWS[part].median for part in parts(huawei)))
    assert {quarter_of(ROWS[part].start) for part in parts(huawei)} == {quarter("2024Q1"), quarter("2024Q2")}


def test_legal_sales_are_all_there_and_no_other() -> None:
    told = {part for o in ALL if o.accounts == ("china_legal",) for part in parts(o)}
    rows = {r.row_id for r in history() if r.group == "CN-LEGAL" and r.use == "primary" and r.freq == "Q" and r.median}
    assert told == {id for id in rows if quarter_of(ROWS[id].start) <= HISTORY_ENDS}
    for o in ALL:
        if o.accounts == ("china_legal",):
            elsewhere = SOLD_ELSEWHERE if set(parts(o)) & set(TOGETHER) else 0
            assert o.value == pytest.approx(sum(ROWS[part].median for part in parts(o)) - elsewhere)


def test_what_the_us_added_is_the_difference_of_its_stocks() -> None:
    told = [o for o in ALL if o.accounts == ("us_named",)]
    stocks = [ANCHORS[o.id].value for o in told]
    assert [o.value for o in told] == pytest.approx([b - a for a, b in zip([0, *stocks], stocks, strict=False)])
    assert len(told) == 4


# Errors


@given(st.floats(1, 1e6), st.floats(1.01, 50), st.floats(0, 1))
def test_an_interval_is_read_back_from_its_error(middle: float, times: float, model: float) -> None:
    error = error_of(middle / times, middle, middle * times, "primary", 0.0)
    assert math.exp(Z95 * error) == pytest.approx(times)
    assert error_of(middle / times, middle, middle * times, "primary", model) == pytest.approx(math.hypot(error, model))
    assert error_of(middle / times, middle, middle * times, "primary", 0.0, mass=0.8) > error


def test_a_point_is_worth_as_much_as_it_is_known() -> None:
    errors = [error_of(None, 1.0, None, mark, 0.0) for mark in ("primary", "two_sources", "one_source", "unverified")]
    assert errors == sorted(POINT_ERROR.values()) == sorted(errors)
    assert error_of(None, 1.0, 5.0, "primary", 0.0) == POINT_ERROR["primary"]


# Digests


def test_a_digest_turns_on_what_is_said() -> None:
    assert fingerprint(ALL) == fingerprint(observations(history()))
    assert fingerprint(ALL) != fingerprint(ALL[:-1])
    assert len({fingerprint(observations(history(), quarter(through))) for through in ORIGINS}) == len(ORIGINS)


def test_rows_that_are_not_there_are_missed() -> None:
    rows: list[Row] = [r for r in history() if r.row_id != "S0173"]
    with pytest.raises(KeyError, match="S0173"):
        observations(rows)
