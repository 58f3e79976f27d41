"""Lowering: constants fold, what is shared is computed once, circles and misplaced fields are refused."""

import pytest

from headgate.expr import FALSE, TRUE, any_part, fact, field, holds, threshold
from headgate.expr.node import And, Or
from headgate.expr.program import lower

A, B = fact("a"), fact("b")
LAMP = fact("ic.is_lamp")
LIMIT = threshold("coast/w", 4800, "st")


def kinds(program):
    return [step.kind for step in program.steps]


def root(node, book=None):
    program = lower(({"it": node}, (book or {}).__getitem__))
    return program.steps[program.roots["it"]]


@pytest.mark.parametrize(
    ("node", "value"),
    [
        (TRUE, True),
        (A & FALSE, False),
        (A | TRUE, True),
        (~FALSE, True),
        (~~FALSE, False),
        (And(()), True),
        (Or(()), False),
        (TRUE & TRUE, True),
        (any_part(LAMP) & ~TRUE, False),
    ],
)
def test_constants_fold(node, value):
    step = root(node)
    assert (step.kind, step.value) == ("const", value)


@pytest.mark.parametrize("node", [A, ~~A, A & A, A | A, A & TRUE, A | FALSE, And((A,)), ~(~A & TRUE)])
def test_what_adds_nothing_is_dropped(node):
    assert root(node).leaf == A


def test_a_condition_has_one_place_however_often_it_is_named():
    program = lower(({"one": A & B, "two": B & A, "not": ~(A & B)}, fact), ({"three": A & B}, fact))
    assert kinds(program) == ["leaf", "leaf", "and", "not"]
    assert program.roots["one"] == program.roots["two"] == program.roots["three"]


def test_comparisons_are_lowered_to_two_kinds():
    n = field("n")
    program = lower(({"ge": n >= LIMIT, "lt": n < LIMIT, "gt": n > LIMIT, "le": n <= LIMIT}, field))
    assert [leaf.op for _, leaf in program.leaves()] == [">=", ">"]
    assert kinds(program) == ["leaf", "not", "leaf", "not"]


def test_thresholds_with_another_id_are_not_merged():
    other = threshold("coast/v", 4800, "st")
    assert len(lower(({"it": (field("n") >= LIMIT) | (field("n") >= other)}, field)).leaves()) == 2


def test_references_are_resolved_in_each_group_by_its_own_book():
    old, new = {"rule": A}, {"rule": B}
    program = lower(({"old": holds("rule")}, old.__getitem__), ({"new": holds("rule")}, new.__getitem__))
    assert [program.steps[program.roots[name]].leaf for name in ("old", "new")] == [A, B]


def test_steps_come_after_what_they_are_made_of():
    program = lower(({"it": holds("x") | any_part(holds("y")) | ~A}, {"x": A & ~B, "y": LAMP & ~LAMP}.__getitem__))
    for steps in (program.steps, program.parts.steps):
        assert all(arg < n for n, step in enumerate(steps) if step.kind != "part" for arg in step.args)
    assert any(step.kind == "part" for step in program.steps)


@pytest.mark.parametrize(
    ("book", "chain"),
    [
        ({"x": holds("x")}, "x -> x"),
        ({"x": A & holds("y"), "y": ~holds("z"), "z": B | holds("x")}, "x -> y -> z -> x"),
        ({"x": any_part(holds("p")), "p": LAMP & holds("q"), "q": holds("p")}, "p -> q -> p"),
    ],
)
def test_a_circle_is_shown(book, chain):
    with pytest.raises(ValueError, match=f"in a circle: {chain}$"):
        lower(({"it": holds("x")}, book.__getitem__))


@pytest.mark.parametrize(
    "node", [A, field("n") > LIMIT, field("c").one_of("AA"), field("c").in_list("l"), field("c").is_blank()]
)
def test_a_field_of_the_item_is_refused_inside_a_part(node):
    with pytest.raises(ValueError, match=f"{node.name} is read inside any_part"):
        root(any_part(LAMP | node))


def test_a_field_of_a_part_is_refused_outside():
    with pytest.raises(ValueError, match="ic.is_lamp is read outside any_part"):
        root(A & LAMP)
    with pytest.raises(ValueError, match="ic.is_lamp is read outside any_part"):
        root(holds("lamp"), {"lamp": LAMP})
    with pytest.raises(ValueError, match="a is read inside any_part"):
        root(any_part(holds("ship")), {"ship": A})


def test_parts_have_no_parts():
    with pytest.raises(ValueError, match="cannot stand inside any_part"):
        root(any_part(any_part(LAMP)))


def test_an_unknown_reference_is_the_books_to_refuse():
    with pytest.raises(KeyError, match="nowhere"):
        root(holds("nowhere"), {})
