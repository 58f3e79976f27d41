"""Text: an expression is read from the words of a law file, and everything else is refused."""

import pytest

from headgate.errors import BookError
from headgate.expr import FALSE, TRUE, all_of, any_of, any_part, fact, field, holds, threshold
from headgate.expr.text import parse

TPP = field("ic.tpp") >= threshold("own.x/tpp", 4800, "TPP")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("True", TRUE),
        ("False", FALSE),
        ('fact("party.is_denied")', fact("party.is_denied")),
        ('~fact("a") & holds("b") | fact("c")', ~fact("a") & holds("b") | fact("c")),
        ('any_part(field("ic.tpp") >= threshold("own.x/tpp", 4800, "TPP"))', any_part(TPP)),
        ('all_of(fact("a"), fact("b"))', all_of(fact("a"), fact("b"))),
        ('any_of(fact("a"), fact("b"))', any_of(fact("a"), fact("b"))),
        ('field("act.destination").one_of("CN", "MO")', field("act.destination").one_of("CN", "MO")),
        ('field("party.hq").in_list("us.x")', field("party.hq").in_list("us.x")),
        ('field("act.loaded_date").during("2023-11-17")', field("act.loaded_date").during("2023-11-17")),
        ('field("x").is_blank()', field("x").is_blank()),
        ('field("x") < threshold("t/x", 0.5, "of it")', field("x") < threshold("t/x", 0.5, "of it")),
        ('field("x") <= threshold("t/x", 1, "")', field("x") <= threshold("t/x", 1, "")),
        ('field("x") > threshold("t/x", 1, "")', field("x") > threshold("t/x", 1, "")),
        ('fact("a")\n  & fact("b")\n', fact("a") & fact("b")),
    ],
)
def test_read(text, meant):
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "can stand here"),
        ("fact(", "no expression"),
        ('"words"', "no condition"),
        ('field("x")', "no condition"),
        ('feild("x") >= 3', "Did you mean field"),
        ('field("x") >= 3', "compare a field with a threshold"),
        ('fact("a") and fact("b")', "can stand here"),
        ('fact("a") & "b"', "no condition"),
        ('field("x").loads("y")', "only one_of"),
        ('fact("x").one_of("y")', "belongs to a field"),
        ('__import__("os").system("true")', "cannot be read"),
        ("(lambda: 1)()", "cannot be read"),
        ('field("x").during("2023-02-30")', "cannot be read"),
        ('field("x") >= threshold("t", float("nan"), "")', "cannot be read"),
        ('any_part("a")', "takes conditions"),
        ('fact(fact("a"))', "takes names"),
        ('fact(name="a")', "cannot be read"),
        ("fact()", "cannot be read"),
    ],
)
def test_refused(text, said):
    with pytest.raises(BookError, match=said):
        parse(text)
