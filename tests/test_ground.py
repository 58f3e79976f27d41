"""Floor 0: errors, days, sources."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate import errors
from headgate.days import Span, day
from headgate.source import MARKS, Cite, weakest

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(DAYS)
    return Span(start, draw(st.none() | st.integers(1, 900).map(lambda n: start + timedelta(days=n))))


def test_every_refusal_is_a_headgate_error() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert len(kinds) >= 6
    assert all(issubclass(kind, errors.HeadgateError) for kind in kinds)


def test_near_names_are_found_whatever_the_case() -> None:
    assert errors.near_names("DESTINATON", ["destination", "maker"]) == ["destination"]
    assert errors.near_names("zzz", ["destination", "maker"]) == []
    assert len(errors.near_names("a1", ["a11", "a12", "a13", "a14"], count=2)) == 2


def test_did_you_mean_is_silent_when_nothing_is_near() -> None:
    assert errors.did_you_mean("destnation", ["destination"]) == " Did you mean destination?"
    assert errors.did_you_mean("zzz", ["destination"]) == ""


def test_a_day_is_read_from_iso_text_or_a_date() -> None:
    assert day("2023-11-17") == day(date(2023, 11, 17)) == date(2023, 11, 17)


@pytest.mark.parametrize(
    "text",
    ["", "2023", "20231117", "2023-11-7", "17.11.2023", "11/17/2023", "2023-02-29", "2023-W46-5", "2023-11-17T00:00"],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):  # the standard library words some of these itself
        day(text)


@given(DAYS)
def test_a_day_survives_its_own_text(moment: date) -> None:
    assert day(moment.isoformat()) == moment


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Span(date(2025, 9, 29), date(2025, 11, 10))
    assert [d in span for d in (date(2025, 9, 28), span.start, date(2025, 11, 9), date(2025, 11, 10))] == [
        False,
        True,
        True,
        False,
    ]
    assert date(9999, 12, 31) in Span(date(2025, 9, 29))


@pytest.mark.parametrize("end", [date(2025, 1, 1), date(2024, 12, 31)])
def test_a_span_without_days_is_refused(end: date) -> None:
    with pytest.raises(ValueError, match="on or before its start"):
        Span(date(2025, 1, 1), end)


@given(spans(), spans())
def test_spans_overlap_just_when_they_share_a_day(one: Span, other: Span) -> None:
    later = max(one.start, other.start)
    assert one.overlaps(other) == other.overlaps(one) == (later in one and later in other)


def test_touching_spans_do_not_overlap() -> None:
    middle = date(2025, 1, 1)
    assert not Span(date(2024, 1, 1), middle).overlaps(Span(middle))


def test_the_weakest_mark_wins() -> None:
    assert weakest(MARKS) == "unverified"
    assert weakest(["primary"]) == "primary"
    assert weakest([]) == "unverified"
    with pytest.raises(ValueError, match="not in"):
        weakest(["primary", "certain"])


def test_a_citation_prints_section_and_publication() -> None:
    assert str(Cite("15 CFR 742.6", "88 FR 73458", "2026-11-22")) == "15 CFR 742.6 (88 FR 73458)"
    assert str(Cite("15 CFR 742.6", "", "2026-11-22")) == "15 CFR 742.6"
