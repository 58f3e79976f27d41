"""One meaning, three readers: the tree walk, the generated Python, and the Polars table never differ."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.expr import AtLeast, any_part, field, threshold
from headgate.expr.case import compile_case
from headgate.expr.oracle import evaluate
from headgate.expr.program import lower
from headgate.expr.table import numbers, run_table
from headgate.expr.words import words

from .draws import PART_IDS, ROW_IDS, books, expressions, lists, part_expressions, sheets
from .readers import table_truths

NANS = (math.nan, AtLeast(math.nan))
LIMIT = threshold("coast/w", 4800, "st")


@given(books(), st.lists(expressions(ROW_IDS, PART_IDS), min_size=1, max_size=3), sheets())
def test_three_readers_agree(book, several, sheet):
    named = {str(n): node for n, node in enumerate(several)} | {id: book[id] for id in ROW_IDS}
    program = lower((named, book.__getitem__))
    by_case, by_table = compile_case(program, lists), table_truths(program, sheet, lists)
    for n, (row, parts) in enumerate(sheet):
        truths, _ = by_case(row, parts)
        for name, node in named.items():
            expected = evaluate(node, row, lists, parts, book.__getitem__)
            assert truths[program.roots[name]] is expected
            assert by_table[program.roots[name]].to_series()[n] is expected


@given(expressions(ROW_IDS, PART_IDS) | part_expressions(PART_IDS))
def test_every_expression_has_words(node):
    assert words(node).strip()


@pytest.mark.parametrize("value", NANS)
def test_the_tree_walk_refuses_nan(value):
    with pytest.raises(ValueError, match="item.weight is NaN"):
        evaluate(field("item.weight") >= LIMIT, {"item.weight": value})
    with pytest.raises(ValueError, match="ic.glow is NaN"):
        evaluate(any_part(field("ic.glow") < LIMIT), {}, parts=({"ic.glow": value},))


@pytest.mark.parametrize("value", NANS)
def test_the_generated_code_refuses_nan(value):
    both = (field("item.weight") >= LIMIT) & any_part(field("ic.glow") < LIMIT)
    run = compile_case(lower(({"a": both}, field)), lists)
    with pytest.raises(ValueError, match="item.weight is NaN"):
        run({"item.weight": value}, None)
    with pytest.raises(ValueError, match="ic.glow is NaN"):
        run({}, ({}, {"ic.glow": value}))


@pytest.mark.parametrize("value", NANS)
def test_the_table_refuses_nan(value):
    program = lower(({"a": field("item.weight") >= LIMIT}, field))
    with pytest.raises(ValueError, match="item.weight is NaN"):
        run_table(program, {"item.weight": numbers([value])}, lists, 1)
