"""The axes: quarters and days, accounts and channels, words that are not on them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.world.axes import (
    ACCOUNTS,
    BLOCS,
    CHANNEL_OF,
    CHANNELS,
    CHINA_OWNED,
    KINDS,
    LABELS,
    MEASURES,
    QUARTERS,
    US_OWNED,
    YEARS,
    Quarter,
    knot_weights,
    quarter,
    quarter_of,
    share_of_days,
)

FIRST, LAST = QUARTERS[0].start, QUARTERS[-1].last
INSIDE = st.dates(FIRST, LAST)


def test_forty_four_quarters_without_a_gap() -> None:
    assert (LABELS[0], LABELS[-1], len(LABELS), len(YEARS)) == ("2022Q1", "2032Q4", 44, 11)
    assert all(one.end == other.start for one, other in pairwise(QUARTERS))
    assert list(QUARTERS) == sorted(QUARTERS)
    assert sum(q.days for q in QUARTERS) == (date(2033, 1, 1) - date(2022, 1, 1)).days
    assert {q.days for q in QUARTERS} == {90, 91, 92}
    assert all(q.last + timedelta(days=1) == q.end for q in QUARTERS)


def test_accounts_channels_and_blocs_fit_together() -> None:
    assert len(set(ACCOUNTS)) == len(ACCOUNTS) == 10
    assert set(CHANNEL_OF) == {a for a in ACCOUNTS if a.startswith("china")}
    assert set(CHANNEL_OF.values()) == set(CHANNELS)
    assert set(CHINA_OWNED) == set(CHANNEL_OF) - {"china_rented"}
    assert set(US_OWNED) == {a for a in ACCOUNTS if a.startswith("us_")}
    assert BLOCS == ("us", "china", "allied", "other")
    assert KINDS == ("owned", "located", "controlled")
    assert len(MEASURES) == 9


@given(INSIDE)
def test_every_day_lies_in_the_quarter_that_it_is_put_into(day: date) -> None:
    found = QUARTERS[quarter_of(day)]
    assert found.start <= day < found.end
    assert quarter(str(found)) == quarter_of(day)


@pytest.mark.parametrize("day", [FIRST - timedelta(days=1), LAST + timedelta(days=1), date.min, date.max])
def test_a_day_outside_the_horizon_is_refused(day: date) -> None:
    with pytest.raises(UsageError, match=f"{day} lies outside the horizon, 2022-01-01 to 2032-12-31"):
        quarter_of(day)


@pytest.mark.parametrize("text", ["2021Q4", "2033Q1", "2026Q5", "2026q1", "2026-Q1", "26Q1", "", " 2026Q1", "2026Q1x"])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        quarter(text)
    assert f"{text!r} is not a quarter from 2022Q1 to 2032Q4" in str(refused.value)


@given(INSIDE, INSIDE, INSIDE)
def test_shares_of_days_of_adjoining_spans_add_up(one: date, two: date, three: date) -> None:
    first, middle, last = sorted((one, two, three))
    for q in QUARTERS:
        parts = [share_of_days(q, *span) for span in ((None, first), (first, middle), (middle, last), (last, None))]
        assert all(0 <= part <= 1 for part in parts)
        assert sum(parts) == pytest.approx(1)


def test_a_span_is_half_open() -> None:
    q = Quarter(2026, 1)
    assert share_of_days(q, q.start, q.end) == 1
    assert share_of_days(q, q.last, None) == 1 / 90
    assert share_of_days(q, q.end, None) == 0
    assert share_of_days(q, None, q.start) == 0
    assert share_of_days(q, date(2026, 3, 1), date(2026, 2, 1)) == 0


@given(st.lists(st.integers(0, len(LABELS) - 1), min_size=1, max_size=8, unique=True).map(sorted))
def test_knots_weigh_one_in_all_and_all_at_their_own_quarter(knots: list[int]) -> None:
    rows = knot_weights(knots)
    assert len(rows) == len(LABELS)
    for q, row in enumerate(rows):
        assert sum(row) == pytest.approx(1)
        assert sum(w > 0 for w in row) <= 2
        assert min(row) >= 0
        where = min(max(q, knots[0]), knots[-1])
        assert sum(w * k for w, k in zip(row, knots, strict=True)) == pytest.approx(where)
