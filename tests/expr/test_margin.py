"""Margins: how far a number is from its threshold."""

import math

import pytest

from headgate.expr import AtLeast, any_of, fact, field, threshold
from headgate.expr.margin import Margin, is_near, margin, margins

LIMIT = threshold("coast/w", 4800, "st")


@pytest.mark.parametrize(
    ("value", "share", "bound"),
    [
        (4800.0, 0.0, False),
        (4560.0, -0.05, False),
        (9600.0, 1.0, False),
        (AtLeast(4560.0), -0.05, True),
        (math.inf, math.inf, False),
    ],
)
def test_a_margin_is_a_share_of_the_threshold(value, share, bound):
    found = margin("n", value, ">=", LIMIT)
    assert found.share == pytest.approx(share)
    assert (found.name, found.op, found.limit, found.bound) == ("n", ">=", LIMIT, bound)


def test_a_threshold_of_nothing_has_no_share():
    nothing = threshold("coast/v", 0, "st")
    assert margin("n", 0.0, ">", nothing).share == 0
    assert margin("n", 1e-9, ">", nothing).share == math.inf


def test_each_known_comparison_is_listed_once():
    other = threshold("coast/v", 1600, "st")
    nodes = (any_of(field("n") >= LIMIT, field("n") < other, fact("a")), ~(field("n") >= LIMIT) & (field("m") > LIMIT))
    assert margins(nodes, {"n": 2400.0, "a": True}) == [
        Margin("n", 2400.0, ">=", LIMIT, -0.5),
        Margin("n", 2400.0, "<", other, 0.5),
    ]
    assert margins(nodes, {"n": True, "m": None}) == []


def test_near_is_five_percent_either_side():
    assert is_near(4560.0, 4800.0)
    assert is_near(5040.0, 4800.0)
    assert not is_near(math.nextafter(4560.0, 0), 4800.0)
    assert not is_near(math.nextafter(5040.0, 1e9), 4800.0)
    assert is_near(0.0, 0.0)
    assert not is_near(1e-9, 0.0)
