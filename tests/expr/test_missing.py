"""What is missing, held against brute force.

For an expression without `is_blank`, and any set of blanks:

* Sound: a blank fact that is not reported changes nothing, whatever the other blanks are or turn out to be. (A leaf
  that is not reached stands only under steps of known truth, and by Kleene what is known outlasts any filling.)
* Never silent: when the truth is unknown, some fact is reported; filling what is reported, again and again, ends in a
  known truth.
* Exact, when each fact is read once: what is reported is what some filling of the other blanks makes decisive.

With `is_blank` a known truth can turn. Then, if each fact stands in one place, one not reported changes nothing alone.
"""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.expr import AtLeast, any_part, fact, field, threshold
from headgate.expr.case import compile_case
from headgate.expr.margin import is_near
from headgate.expr.missing import is_missing, sensitive, sensitive_leaves
from headgate.expr.node import And, Not, Or
from headgate.expr.oracle import evaluate
from headgate.expr.program import lower
from headgate.expr.table import sensitive_table

from .draws import PART_IDS, ROW_IDS, books, expressions, lists, sheets
from .readers import table_truths

LIMIT = threshold("coast/w", 10, "st")
LEAVES = {"a": fact("a"), "b": fact("b"), "c": fact("c"), "n": field("n") >= LIMIT}
PART_LEAVES = {"ic.a": fact("ic.a"), "ic.n": field("ic.n") >= LIMIT}
SETS = ((), ({"ic.a": True, "ic.n": 10.0},), ({"ic.a": False, "ic.n": 9.0},), ({"ic.a": True, "ic.n": 9.0}, {}))


def values(name):
    return (9.0, 10.0) if name.endswith("n") else (False, True)


def grown(leaves):
    def grow(inner):
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(inner.map(Not), several.map(And), several.map(Or))

    return st.recursive(leaves, grow, max_leaves=8)


def partly_blank(names):
    return st.fixed_dictionaries({name: st.sampled_from((None, *values(name))) for name in names})


def reported(node, row, parts=None):
    """Return the facts reported missing, as (part number or None, name), and `parts` when the parts are."""
    program = lower(({"it": node}, field))
    truths, each = compile_case(program, lists)(row, parts)
    leaves, parts_unknown = sensitive_leaves(program, truths, each, [program.roots["it"]])
    names = {(n, leaf.name) for leaf, i, n in leaves if is_missing(leaf, truths[i] if n is None else each[n][i])}
    return names | ({"parts"} if parts_unknown else set())


def filled(row, parts, spot, value):
    """Return the row and parts with one blank filled."""
    if spot == "parts":
        return row, value
    n, name = spot
    if n is None:
        return row | {name: value}, parts
    return row, tuple(part | {name: value} if n == m else part for m, part in enumerate(parts))


def blanks(row, parts):
    found = [(None, name) for name in row if row[name] is None]
    if parts is None:
        return [*found, "parts"]
    return found + [(n, name) for n, part in enumerate(parts) for name in PART_LEAVES if part.get(name) is None]


def choices(spot):
    return SETS if spot == "parts" else values(spot[1])


def fillings(row, parts, spots):
    """Yield the row under every filling of some blanks; each may also stay blank."""
    for chosen in product(*((None, *choices(spot)) for spot in spots)):
        at = (row, parts)
        for spot, value in zip(spots, chosen, strict=True):
            at = at if value is None else filled(*at, spot, value)
        yield at


def truth(node, row, parts):
    return evaluate(node, row, lists, parts)


rows = partly_blank(LEAVES)
some_parts = st.none() | st.lists(partly_blank(PART_LEAVES), max_size=2).map(tuple)
on_parts = grown(st.sampled_from(tuple(PART_LEAVES.values()))).map(any_part)
nodes = grown(st.sampled_from(tuple(LEAVES.values())) | on_parts)


@given(nodes, rows, some_parts, st.data())
def test_a_fact_not_reported_changes_nothing(node, row, parts, data):
    open_, told = blanks(row, parts), reported(node, row, parts)
    quiet = [spot for spot in open_ if spot not in told]
    if not quiet:
        return
    spot = data.draw(st.sampled_from(quiet))
    others = [s for s in open_ if s != spot and (s[0] is None or s == "parts")]
    for at in fillings(row, parts, others):
        for value in choices(spot):
            assert truth(node, *filled(*at, spot, value)) is truth(node, *at)


@given(nodes, rows, some_parts)
def test_unknown_is_never_silent(node, row, parts):
    while truth(node, row, parts) is None:
        told = reported(node, row, parts)
        assert told
        for spot in told:
            row, parts = filled(row, parts, spot, choices(spot)[-1])
    assert reported(node, row, parts) == set()


@st.composite
def read_once(draw, kinds):
    """A tree over five facts, each read at one place; with the row it is read on."""
    level = [draw(kinds(f"x{n}")) for n in range(5)]
    while len(level) > 1:
        junction = draw(st.sampled_from((And, Or)))
        size = draw(st.integers(2, 3))
        node = junction(tuple(level[:size]))
        level = [*level[size:], draw(st.sampled_from((node, Not(node))))]
    return level[0], draw(st.fixed_dictionaries({f"x{n}": st.sampled_from((None, False, True)) for n in range(5)}))


@given(read_once(lambda name: st.just(fact(name))))
def test_what_is_reported_is_exact_when_each_fact_is_read_once(case):
    node, row = case
    open_ = [(None, name) for name in row if row[name] is None]
    decisive = {
        spot
        for spot in open_
        for at, _ in fillings(row, None, [s for s in open_ if s != spot])
        if len({truth(node, at | {spot[1]: value}, None) for value in (False, True)}) == 2
    }
    assert reported(node, row) == decisive


@given(
    read_once(lambda name: st.sampled_from((fact(name), field(name).is_blank(), fact(name) | field(name).is_blank())))
)
def test_silence_that_decides_is_reported(case):
    node, row = case
    told = reported(node, row)
    for name in (name for name in row if row[name] is None and (None, name) not in told):
        assert {truth(node, row | {name: value}, None) for value in (False, True)} == {truth(node, row, None)}


@pytest.mark.xfail(strict=True, reason="two conditions that hold by the same silence hide each other")
def test_silence_that_decides_in_two_places_is_reported():
    silent = field("b").is_blank()
    node = (silent & fact("a")) | (silent & fact("c"))
    assert truth(node, {"a": True, "c": True}, None) is True
    assert truth(node, {"a": True, "c": True, "b": True}, None) is False
    assert reported(node, {"a": True, "b": None, "c": True}) == {(None, "b")}


def test_facts_that_are_silent_together_are_reported_together():
    a, b, c = (field(name).is_blank() for name in "abc")
    assert reported(~a & ~b & fact("c"), {"c": True}) == {(None, "a"), (None, "b")}
    assert reported(a | b | fact("c"), {"c": False}) == {(None, "a"), (None, "b")}
    # What is settled by a stated fact, or by silence further down, stays settled.
    assert reported(~a & ~b & fact("c"), {"c": False}) == set()
    assert reported(~a & ~b & c, {"c": True}) == set()
    assert reported(~a & ~b & (fact("c") & ~c | fact("d")), {"d": False}) == set()


def test_a_lower_bound_that_does_not_decide_is_missing():
    assert reported(LEAVES["n"], {"n": AtLeast(9.0)}) == {(None, "n")}
    assert reported(LEAVES["n"], {"n": AtLeast(10.0)}) == set()
    assert reported(any_part(PART_LEAVES["ic.n"]), {}, ({"ic.n": 1.0}, {"ic.n": AtLeast(9.0)})) == {(1, "ic.n")}


@given(books(), expressions(ROW_IDS, PART_IDS), sheets(), st.data())
def test_the_table_reaches_the_same_steps(book, node, sheet, data):
    from polars import Boolean, Series

    program = lower(({"it": node} | {id: book[id] for id in ROW_IDS}, book.__getitem__))
    roots = sorted(set(program.roots.values()))
    seeds = {
        i: [data.draw(st.booleans()) for _ in sheet] for i in data.draw(st.sets(st.sampled_from(roots), min_size=1))
    }
    columns = table_truths(program, sheet, lists)
    reached = sensitive_table(program, columns, {i: Series(rows, dtype=Boolean) for i, rows in seeds.items()})
    run = compile_case(program, lists)
    for n, (row, parts) in enumerate(sheet):
        expected = sensitive(program, run(row, parts)[0], [i for i, on in seeds.items() if on[n]])
        assert {i for i, rows in reached.items() if rows[n]} == expected


@pytest.mark.parametrize(
    ("value", "near"),
    [
        (4800.0, True),
        (4560.0, True),
        (5040.0, True),
        (math.nextafter(4560.0, 0), False),
        (math.nextafter(5040.0, 9999), False),
        (math.inf, False),
    ],
)
def test_near_is_within_five_percent_of_the_threshold(value, near):
    assert is_near(value, 4800.0) is near


def test_near_nothing_is_only_nothing():
    assert is_near(0.0, 0.0)
    assert not is_near(5e-324, 0.0)
