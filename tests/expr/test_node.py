"""The expression as data: how it is built, and what it refuses."""

from datetime import date

import pytest

from headgate.expr import FALSE, TRUE, all_of, any_of, any_part, fact, field, holds, threshold, walk
from headgate.expr.node import And, Compare, During, Not, OneOf, Or, children

LIMIT = threshold("coast/w", 4800, "st")
A, B, C = fact("a"), fact("b"), fact("c")


@pytest.mark.parametrize("node", [A, TRUE, A & B, field("n") >= LIMIT, any_part(A)])
def test_an_expression_has_no_truth_value(node):
    with pytest.raises(TypeError, match="combine with & | ~"):
        bool(node)


def test_and_or_slip_is_caught():
    with pytest.raises(TypeError, match="no truth value"):
        _ = A and B
    with pytest.raises(TypeError, match="no truth value"):
        _ = field("n") < LIMIT == Compare("n", "<", LIMIT)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_threshold_is_a_finite_number(value):
    with pytest.raises(ValueError, match="threshold coast/w must be a finite number"):
        threshold("coast/w", value, "st")


def test_a_threshold_is_float64():
    assert isinstance(LIMIT.value, float)
    assert threshold("coast/w", 4799.9999, "st").value != LIMIT.value


def test_junctions_of_one_kind_are_flat():
    assert A & B & C == And((A, B, C)) == A & (B & C)
    assert A | B | C == Or((A, B, C))
    assert A & B | C == Or((And((A, B)), C))
    assert ~(A & B) == Not(And((A, B)))


def test_all_of_and_any_of():
    assert (all_of(), any_of()) == (TRUE, FALSE)
    assert (all_of(A), any_of(A)) == (A, A)
    assert (all_of(A, B), any_of(A, B)) == (A & B, A | B)


def test_fields_make_leaves():
    assert (field("n") < LIMIT) == Compare("n", "<", LIMIT)
    assert [(f(field("n"))).op for f in (lambda x: x >= LIMIT, lambda x: x > LIMIT, lambda x: x <= LIMIT)] == [
        ">=",
        ">",
        "<=",
    ]
    assert field("to").one_of("AA", "BB") == OneOf("to", ("AA", "BB"))
    assert field("day").during("2024-02-29") == During("day", date(2024, 2, 29), None)
    with pytest.raises(ValueError, match="day is out of range"):
        field("day").during("2023-02-29")


def test_walk_goes_parents_first():
    node = (A & ~B) | any_part(C)
    assert list(walk(node)) == [node, A & ~B, A, ~B, B, any_part(C), C]
    assert children(A) == () == children(holds("x"))


def test_equal_expressions_are_equal_and_hash_alike():
    assert {A & (field("n") >= LIMIT), A & (field("n") >= threshold("coast/w", 4800.0, "st"))} == {
        A & (field("n") >= LIMIT)
    }
