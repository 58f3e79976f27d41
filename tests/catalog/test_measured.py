"""The tables of measurements: complete, described column by column, sourced row by row, and every refusal."""

import re
from pathlib import Path

import pytest

from headgate.catalog import measured as module
from headgate.catalog.chips import catalog
from headgate.catalog.measured import ROLES, TABLES, measured, number, read_table
from headgate.errors import CatalogError

ABOUT = """says = "S"
read_on = 2026-11-22
key = "a"
note = "N"
[sources]
"P" = { url = "https://example.org", what = "all" }
[columns]
a = { role = "id", says = "A" }
b = { role = "measured", says = "B", kind = "count", unit = "tokens" }
c = { role = "origin", says = "C", kind = "number" }
"""
LINES = ["a,b,c", "one,1,2.5", "two,,"]


@pytest.mark.parametrize(("name", "count"), [("training_runs", 203), ("serving_runs", 196), ("kernel_efficiency", 572)])
def test_tables_are_complete(name: str, count: int) -> None:
    table = measured(name)
    assert len(table.rows) == count
    assert {column.role for column in table.columns.values()} <= set(ROLES)
    assert all(set(row) == set(table.columns) for row in table.rows)
    assert all(row["source"] for row in table.rows)
    assert all(source.url.startswith("https://") for source in table.sources.values())


@pytest.mark.parametrize("name", ["training_runs", "serving_runs"])
def test_every_row_has_a_result_and_says_how_it_was_checked(name: str) -> None:
    table = measured(name)
    results = table.of_role("measured")
    for row in table.rows:
        assert any(row[column] for column in results), row["row_id"]
        assert row["verify"] in ("primary", "secondary", "unverified")


@pytest.mark.parametrize("name", TABLES)
def test_chips_are_chips_of_the_catalog(name: str) -> None:
    assert {row["chip_id"] for row in measured(name).rows} - {""} <= set(catalog().ids())


def test_the_measured_columns_are_the_results() -> None:
    assert "step_time_s" in measured("training_runs").of_role("measured")
    assert "peak_mem_gib" in measured("training_runs").of_role("measured")
    assert measured("serving_runs").of_role("measured")[:2] == ("ttft_ms", "tpot_ms")
    assert "chips" not in measured("training_runs").of_role("measured")


def test_the_cautions_are_in_the_description() -> None:
    assert "5,655 is the directly measured default" in measured("serving_runs").note
    assert "kept apart" in measured("training_runs").note


def test_a_good_small_table_is_read() -> None:
    table = read_table("t", ABOUT, LINES)
    assert [row["a"] for row in table.rows] == ["one", "two"]
    assert table.columns["b"].unit == "tokens"
    assert table.sources["P"].what == "all"
    assert number(table.rows[0]["c"]) == 2.5
    assert number(table.rows[1]["c"]) is None


def test_a_number_is_read_or_refused() -> None:
    assert number(" 3 ") == 3.0
    with pytest.raises(ValueError, match="could not convert"):
        number("three")


def test_refuse_unknown_table() -> None:
    with pytest.raises(CatalogError, match="'training_run' is not a table.*Did you mean training_runs"):
        measured("training_run")
    with pytest.raises(CatalogError, match="Known are training_runs, serving_runs"):
        measured("x")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a,b", "one,1"], "t.csv: header: it differs from the description at c"),
        (["a,b,c,d", "one,1,2,3"], "differs from the description at d"),
        (["b,a,c", "1,one,2"], "differs from the description at their order"),
        ([], "differs from the description at a"),
        (["a,b,c", "one,1"], "line 2: 2 cells instead of 3"),
        (["a,b,c", "one,1.5,2"], "line 2: b: '1.5' is not a count"),
        (["a,b,c", "one,-1,2"], "b: '-1' is not a count"),
        (["a,b,c", "one,1,nan"], "c: 'nan' is not a number"),
        (["a,b,c", "one,1,inf"], "c: 'inf' is not a number"),
        (["a,b,c", "one,1,two"], "c: 'two' is not a number"),
        (["a,b,c", "one,1,2", "one,1,2"], "line 3: a: 'one' is blank or was there before"),
        (["a,b,c", ",1,2"], "line 2: a: '' is blank"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_refuse_other_columns_and_refuse_bad_line(lines: list[str], message: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(message)):
        read_table("t", ABOUT, lines)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("says =", "says", "not valid TOML"),
        ("note =", "notes =", "Did you mean note"),
        ('note = "N"\n', "", "note: the key is missing"),
        ("2026-11-22", "'today'", "'today' is not a date"),
        ('"origin"', '"source"', "c: role: 'source' is not one of id"),
        ('"count"', '"whole"', "b: kind: 'whole' is not one of text"),
        ("unit =", "units =", "Did you mean unit"),
        ("what =", "whatt =", "Did you mean what"),
    ],
)
def test_a_malformed_description_is_refused(old: str, new: str, message: str) -> None:
    assert old in ABOUT
    with pytest.raises(CatalogError, match=message):
        read_table("t", ABOUT.replace(old, new, 1), LINES)


def test_sources_and_columns_are_tables() -> None:
    with pytest.raises(CatalogError, match="sources: 1 is not a table"):
        read_table(
            "t",
            ABOUT.replace('[sources]\n"P" = { url = "https://example.org", what = "all" }\n', "sources = 1\n"),
            LINES,
        )


def test_every_refusal_is_tested() -> None:
    here = Path(__file__).read_text("utf-8")
    own = {n for n, v in vars(module).items() if n.startswith("refuse_") and v.__module__ == module.__name__}
    assert {name for name in own if name not in here} == set()
