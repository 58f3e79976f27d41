"""Words: every kind of node as a lawyer reads it."""

import pytest

from headgate.expr import FALSE, TRUE, Expr, any_part, fact, field, holds, threshold
from headgate.expr.words import words

A, B, C = fact("a"), fact("b"), fact("c")
LIMIT = threshold("coast/w", 4800, "st")


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        (TRUE, "always"),
        (FALSE, "never"),
        (A, "a"),
        (~A, "not (a)"),
        (A & B, "a and b"),
        (A | B, "a or b"),
        (A & B | C, "(a and b) or c"),
        (A & (B | C), "a and (b or c)"),
        (~(A | B), "not (a or b)"),
        (field("n") >= LIMIT, "n is at least 4800 st"),
        (field("n") > LIMIT, "n is above 4800 st"),
        (field("n") < LIMIT, "n is below 4800 st"),
        (field("n") <= LIMIT, "n is at most 4800 st"),
        (field("to").one_of("AA", "BB"), "to is AA or BB"),
        (field("to").in_list("coast.north"), "to is in coast.north"),
        (field("to").is_blank(), "to is not stated"),
        (field("day").during("2024-02-29"), "day is on or after 2024-02-29"),
        (field("day").during("2024-02-29", "2024-03-01"), "day is on or after 2024-02-29 and before 2024-03-01"),
        (any_part(A), "for any integrated circuit in the item: (a)"),
        (holds("coast.rule"), "[coast.rule] holds"),
    ],
)
def test_each_kind_has_its_words(node, sentence):
    assert words(node) == sentence


def test_names_and_titles_are_the_callers():
    node = ~holds("coast.rule") & fact("a") & field("to").in_list("north")
    names = {"a": "it is a ship", "to": "the harbor", "north": "the north coast"}
    told = words(node, names, title=lambda id: f"<{id}>")
    assert told == "not (<coast.rule>) and it is a ship and the harbor is in the north coast"


def test_close_thresholds_do_not_read_alike():
    sentences = {words(field("n") >= threshold("coast/w", value, "st")) for value in (4799.9999, 4800, 1e26, 0.5)}
    assert len(sentences) == 4


def test_a_node_without_words_is_refused():
    with pytest.raises(TypeError, match="no words for Expr"):
        words(Expr())
