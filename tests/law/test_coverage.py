"""Coverage: its rows fit the book, are read strictly, and `headgate law coverage` prints them."""

import json
from datetime import date
from itertools import groupby

import pytest

from headgate.cli.coverage import markdown_lines
from headgate.cli.main import main
from headgate.errors import BookError
from headgate.expr import FALSE, TRUE
from headgate.law.book import Book
from headgate.law.provision import provision
from headgate.law.us import book
from headgate.law.us.coverage import STATES, Row, complaints, coverage, read_rows, row_of
from headgate.source import Cite

ROWS = coverage()


def test_the_rows_fit_the_book():
    assert complaints(ROWS, book()) == []


def test_rows_say_what_is_missing_and_why():
    assert [row.section for row in ROWS if row.state != "modeled" and not row.reason.endswith(".")] == []
    assert [row.section for row in ROWS if row.reason and not row.reason.endswith(".")] == []
    assert [row.section for row in ROWS if row.what.endswith(".")] == []


def test_every_part_stands_together():
    parts = [part for part, _ in groupby(ROWS, key=lambda row: row.part)]
    assert len(parts) == len(set(parts))


def test_every_provision_cites_a_section_of_its_row():
    """A row and its provisions speak of one section: they share a number such as 742.6, 3A090 or 9903."""

    def numbers(text):
        words = "".join(c if c.isalnum() or c in ".-" else " " for c in text).split()
        return {w.strip(".") for w in words if any(c.isdigit() for c in w)} - {"15"}

    strange = []
    for p in book().provisions:
        section = row.section if (row := row_of(p.id, ROWS)) else ""
        cited, covered = numbers(f"{p.cite.section} {p.cite.published}"), numbers(section)
        near = any(a.startswith(b) or b.startswith(a) for a in cited for b in covered)
        if cited and covered and not near and p.stage != "not_modeled":
            strange.append((p.id, p.cite.section, section))
    assert strange == []


# ---- a small book of two provisions, and rows that do not fit it


def _provision(id, stage="require", when=TRUE):
    cite = Cite("Toy 1", "", "2026-11-22")
    return provision(id, stage=stage, says="A toy.", when=when, start="2024-01-01", cite=cite, mark="primary")


TOY = Book(
    (_provision("toy.1.a"), _provision("toy.1.b"), _provision("not_modeled.toy", "not_modeled", FALSE)),
    date(2024, 1, 1),
    date(2024, 6, 1),
)
FIT = (
    Row("Toys", "Toy 1", "toys", "modeled", names=("toy.1.*",)),
    Row("Toys", "Toy 2", "more toys", "not_modeled", "They are not toys of ours.", ("not_modeled.toy",)),
)


def test_rows_that_fit_have_no_complaint():
    assert complaints(FIT, TOY) == []
    assert FIT[0].ids(TOY) == ("toy.1.a", "toy.1.b")
    assert row_of("toy.1.b", FIT) is FIT[0]
    assert row_of("toy.2", FIT) is None


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([FIT[0]], "not_modeled.toy stands in 0 rows"),
        ([*FIT, Row("Toys", "Toy 3", "x", "modeled", names=("toy.1.a",))], "toy.1.a stands in 2 rows"),
        ([*FIT, Row("Toys", "Toy 3", "x", "not_modeled", "y", ("toy.2",))], "toy.2 names no provision"),
        ([Row("Toys", "Toy", "x", "modeled", "", ("toy.*", "not_modeled.*"))], "but not_modeled.toy says"),
        ([*FIT, Row("Toys", "Toy 3", "x", "partial", "y")], "no provision has any of it"),
        ([Row("Toys", "Toy", "x", "not_modeled", "y", ("toy.*", "not_modeled.*"))], "but the book has toy.1.a"),
        ([*FIT, Row("Toys", "Toy 1", "x", "not_modeled", "y")], "Toy 1 has 2 rows"),
    ],
)
def test_rows_that_do_not_fit_are_named(rows, says):
    assert any(says in complaint for complaint in complaints(rows, TOY))


GOOD = '[[part]]\ntitle = "Toys"\n[[part.row]]\nsection = "Toy 1"\nwhat = "toys"\nstate = "modeled"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("state", "stat"), "unknown key 'stat'. Did you mean state?"),
        (GOOD.replace("title", "titel"), "unknown key 'titel'. Did you mean title?"),
        ("[[rows]]\n", "unknown key 'rows'"),
        (GOOD.replace('"modeled"', '"modelled"'), "'modelled' is no state"),
        (GOOD.replace('"modeled"', '"partial"'), "is partial and gives no reason"),
        (GOOD.replace('"modeled"', '"not_modeled"'), "is not modeled and gives no reason"),
        (GOOD.replace('what = "toys"\n', ""), "needs 'what', a text"),
        (GOOD.replace('"toys"', "1"), "needs 'what', a text"),
        (GOOD.replace('title = "Toys"', "title = 1"), "needs 'title', a text"),
        (GOOD + 'provisions = "toy.1"\n', "needs 'provisions', a list of ids"),
        (GOOD + "provisions = [1]\n", "needs 'provisions', a list of ids"),
    ],
)
def test_bad_rows_are_refused(text, says):
    with pytest.raises(BookError, match=says.replace("?", r"\?")):
        read_rows(text)


# ---- the command


def said(capsys, *arguments):
    assert main(["law", "coverage", *arguments]) == 0
    return capsys.readouterr().out


def test_it_prints_every_section_within_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys)
    flat = " ".join(text.split())
    assert [row.section for row in ROWS if row.section not in flat] == []
    assert [row.reason for row in ROWS if row.reason not in flat] == []
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("state", STATES)
def test_it_prints_one_state(state, capsys):
    records = [json.loads(line) for line in said(capsys, "--state", state, "--json").splitlines()]
    assert [r["section"] for r in records] == [row.section for row in ROWS if row.state == state]
    assert {r["state"] for r in records} == {state}


def test_every_provision_is_reached(capsys):
    records = [json.loads(line) for line in said(capsys, "--json").splitlines()]
    assert sorted(id for r in records for id in r["provisions"]) == sorted(book().ids())


def test_the_table_has_a_row_for_every_section(capsys):
    lines = said(capsys, "--markdown").splitlines()
    assert lines == list(markdown_lines(ROWS, book()))
    assert len(lines) == 2 + len({row.part for row in ROWS}) + len(ROWS)
    assert {line.replace("\\|", "").count("|") for line in lines} == {5}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--state", "partly"], "Did you mean partial? The states are modeled, partial, not_modeled"),
        (["--markdown", "--json"], "choose one"),
    ],
)
def test_bad_options(arguments, says, capsys):
    assert main(["law", "coverage", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_help_has_an_example(capsys):
    assert main(["law", "coverage", "--help"]) == 0
    assert "headgate law coverage --state partial" in capsys.readouterr().out
