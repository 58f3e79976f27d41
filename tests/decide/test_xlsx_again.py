"""Decided, carried, decided again: a line that could not be read is never freed because its cells came out blank."""

import datetime
import io

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.decide.book_run import decide_file
from headgate.decide.cell import WITH_TIME, is_sheet_error
from headgate.decide.cells import texts
from headgate.decide.columns import COLUMNS, read_cell
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.facts import stated_facts
from headgate.decide.mapping.layout import Layout
from headgate.decide.one import decider
from headgate.decide.read import read_chunks
from headgate.decide.read_xlsx import xlsx_chunks
from headgate.decide.table import Seen, decide_rows
from headgate.decide.workbook.lines import AGAIN
from headgate.decide.workbook.scan import MERGED, NO_VALUE
from headgate.decide.write import Writer
from headgate.decide.write_xlsx import write_table
from headgate.errors import RowError, UsageError

from .books import pack, parts, row, save

FACTS = {
    "line_id": "L",
    "activity": "export",
    "event_date": "2024-06-01",
    "item": "nvidia-h20-96",
    "ship_from": "US",
    "destination": "DE",
    "is_denied": "no",
    "is_entity_listed": None,
    "consignee": "Rack Co",
}
HEADING, PLACES = list(FACTS), {name: "ABCDEFGHI"[n] for n, name in enumerate(FACTS)}
ERROR = '<c r="REF" t="e"><v>{}</v></c>'
STALE = '<c r="REF"><f>A1</f></c>'
UNREAD = ("cell ", "cells ", "the row ", "the line ", "a quote ")


def book(path, *changes, merges=()):
    """Write a workbook with one line for each change of the facts; a change to a `<c` is that cell."""
    body = row(1, *HEADING)
    for n, change in enumerate(changes, 2):
        facts = {**FACTS, "line_id": f"L{n}", **change}
        body += row(n, *(v or '<c r="REF"/>' for v in facts.values()))
    found = parts(body)
    if merges:
        name = "xl/worksheets/sheet1.xml"
        cells = "".join(f'<mergeCell ref="{m}"/>' for m in merges)
        found[name] = found[name].replace("</sheetData>", f"</sheetData><mergeCells>{cells}</mergeCells>")
    return pack(path, found)


def carried(path, out, layout=None):
    """Decide a book with all its columns into a file; return the file."""
    with Writer(out, io.BytesIO()) as writer:
        decide_file(path, writer, carry_rest=True, layout=layout)
    return out


def cleanly(path):
    """Decide a book with nothing against anybody; return the outcome and the error of each line."""
    by, seen, facts = decider(), Seen(), stated_facts("clean", None)
    found = [decide_rows(by, c.frame, facts, True, seen, c.broken) for c in read_chunks(path, Layout())]
    return pl.concat(found).select("outcome", "error").rows()


LOST = {
    "error": ([{"is_denied": ERROR.format("#N/A")}], ()),
    "error in the name": ([{"line_id": ERROR.format("#NUM!")}], ()),
    "formula": ([{"is_denied": STALE}], ()),
    "formula whose value is an error": ([{"is_denied": '<c r="REF" t="e"><f>A1</f><v>#DIV/0!</v></c>'}], ()),
    "error without a name": ([{"is_denied": ERROR.format("")}], ()),
    "merged down": ([{"is_denied": "yes"}, {"is_denied": None}, {"is_denied": None}], ("G2:G4",)),
    "merged across": ([{"is_denied": None}], ("F2:G2",)),
    "several": ([{"is_denied": STALE, "destination": ERROR.format("#NAME?")}, {"item": STALE}], ("D2:E3",)),
}


@pytest.mark.parametrize("name", LOST)
def test_a_line_that_could_not_be_read_stays_so_however_often_it_is_decided(name, tmp_path):
    changes, merges = LOST[name]
    first = book(tmp_path / "a.xlsx", *changes, merges=merges)
    second = carried(first, tmp_path / "b.xlsx")
    third = carried(second, tmp_path / "c.xlsx")
    for path in (first, second, third):
        assert {outcome for outcome, _ in cleanly(path)} == {"invalid_row"}
    again = cleanly(second)
    assert all(error.endswith(AGAIN) for _, error in again)
    assert again == cleanly(third)


def test_what_was_lost_is_shown_and_breaks_every_column_that_is_read(tmp_path):
    changes = [{"is_denied": ERROR.format("#N/A")}, {"destination": STALE}, {"is_denied": None}]
    path = book(tmp_path / "a.xlsx", *changes, merges=("F4:G4",))
    frame = pl.concat(c.frame for c in read_chunks(path, Layout()))
    assert frame["is_denied"].to_list() == ["#N/A", "no", MERGED]
    assert frame["destination"].to_list() == ["DE", NO_VALUE, "DE"]
    assert frame["is_entity_listed"].to_list() == [None] * 3
    for name in COLUMNS:
        for text in ("#N/A", NO_VALUE, MERGED):
            with pytest.raises(RowError, match=name):
                read_cell(name, text)


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_other_files_show_what_was_lost_too(ending, tmp_path):
    path = book(tmp_path / "a.xlsx", {"is_denied": ERROR.format("#N/A")}, {"is_denied": STALE})
    out = carried(path, tmp_path / f"out{ending}")
    read = {".csv": pl.read_csv, ".jsonl": pl.read_ndjson, ".parquet": pl.read_parquet}[ending]
    frame = read(out)
    assert frame["is_denied"].to_list() == ["#N/A", NO_VALUE]
    # Somebody takes the decisions out by hand.
    bare = tmp_path / "bare.parquet"
    frame.drop([n for n in DECISION_COLUMNS if n != "line_id"]).write_parquet(bare)
    assert {outcome for outcome, _ in cleanly(bare)} == {"invalid_row"}


def test_lines_lost_from_text_files_stay_lost(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"{','.join(HEADING)}\nL1,export,2024-06-01,nvidia-h20-96,US,DE,yes,no,Rack, Co\n")
    [(outcome, error)] = cleanly(carried(path, tmp_path / "a.xlsx"))
    assert outcome == "invalid_row"
    assert error.startswith("the row has 10 cells")
    path = tmp_path / "b.jsonl"
    path.write_text('{"line_id": "L1", "event_date": "2024-06-01"}\n{"line_id": "L2", "is_denied": "yes",\n')
    _, (outcome, error) = cleanly(carried(path, tmp_path / "b.xlsx"))
    assert outcome == "invalid_row"
    assert error.startswith("the line is no JSON object")


MAPPED = {
    "values": ("vielleicht", "0", {"only": {"Denied?": ["ja"]}}, "heading 'Denied?'"),
    "number": ("no", "8x", {"decimal": ","}, "die_area_mm2: heading 'Area'"),
}


@pytest.mark.parametrize("name", MAPPED)
def test_what_a_map_could_not_read_stays_unread(name, tmp_path):
    """The map's own column of a wrong cell is blank in the workbook, which knows nothing of the map."""
    denied, area, told, said = MAPPED[name]
    path = tmp_path / "a.csv"
    facts = {n: v for n, v in FACTS.items() if n not in ("is_denied", "is_entity_listed")}
    facts |= {"Denied?": denied, "Area": area}
    path.write_text(f"{','.join(facts)}\n{','.join(facts.values())}\n")
    layout = Layout(name="a.toml", columns={"Denied?": "is_denied", "Area": "die_area_mm2"}, **told)
    out = carried(path, tmp_path / "a.xlsx", layout)
    [(outcome, error)] = cleanly(out)
    assert (outcome, error.startswith(said), error.endswith(AGAIN)) == ("invalid_row", True, True)
    assert cleanly(edited(out, tmp_path / "b.xlsx", is_denied="no", die_area_mm2="1")) == [(outcome, error)]


def edited(path, out, **cells):
    """Write the first sheet of a workbook with other cells in its first line."""
    frame = next(read_frame(path)).with_columns(pl.lit(v).cast(pl.String).alias(n) for n, v in cells.items())
    write_table(out, "Decisions", frame)
    return out


def read_frame(path):
    """Return the sheet as it stands, decisions and all."""
    return (c.frame for c in xlsx_chunks(path, "Decisions"))


REPAIRS = {
    "item": ("nvidia-h20-69", "nvidia-h20-96", "no_license_required"),
    "is_denied": ("mybe", "yes", "prohibited"),
    "event_date": (None, "2024-06-01", "no_license_required"),
    "destination": ("Germny", None, "insufficient_facts"),
}


@pytest.mark.parametrize("column", REPAIRS)
def test_a_cell_that_was_carried_is_mended_in_the_workbook(column, tmp_path):
    wrong, right, outcome = REPAIRS[column]
    second = carried(book(tmp_path / "a.xlsx", {column: wrong}), tmp_path / "b.xlsx")
    assert [o for o, _ in cleanly(second)] == ["invalid_row"]
    assert cleanly(edited(second, tmp_path / "c.xlsx", **{column: right}))[0][0] == outcome


@pytest.mark.parametrize("cells", [{"error": None}, {"outcome": None}, {"error": " ", "outcome": " "}])
def test_a_lost_cell_frees_no_line_where_the_decision_is_edited(cells, tmp_path):
    second = carried(book(tmp_path / "a.xlsx", {"is_denied": ERROR.format("#N/A")}), tmp_path / "b.xlsx")
    assert cleanly(edited(second, tmp_path / "c.xlsx", **cells))[0][0] == "invalid_row"


CELLS = st.sampled_from([None, "yes", "no", "mybe", "DE", "CN", "2024-06-01", ERROR.format("#N/A"), STALE, "漢"])
CHANGES = st.dictionaries(st.sampled_from([h for h in HEADING if h != "line_id"]), CELLS, max_size=3)
MERGES = st.sampled_from(["A2:A3", "F2:G2", "G3:G4", "D2:I2", "B4:C4"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=1, max_size=4), merges=st.sets(MERGES, max_size=1))
def test_the_workbook_of_a_book_is_decided_as_the_book(tmp_path, changes, merges):
    """Whatever is wrong with a book, clean facts free the same lines in it and in the workbook of its decisions."""
    first = book(tmp_path / "a.xlsx", *changes, merges=merges)
    once, twice = cleanly(first), cleanly(carried(first, tmp_path / "b.xlsx"))
    assert [o for o, _ in twice] == [o for o, _ in once]
    for (_, before), (_, after) in zip(once, twice, strict=True):
        assert after == (f"{before}. {AGAIN}" if (before or "").startswith(UNREAD) else before)


@pytest.mark.parametrize("changed", ["error", "line_id", "data_version"])
def test_a_sheet_with_a_part_of_the_decisions_is_named_as_that(changed, tmp_path):
    out = carried(book(tmp_path / "a.xlsx", {}), tmp_path / "b.xlsx")
    frame = next(read_frame(out))
    for n, other in enumerate((frame.drop(changed), frame.rename({changed: "Line"}))):
        path = tmp_path / f"{n}.xlsx"
        write_table(path, "Decisions", other)
        with pytest.raises(UsageError, match="looks like decisions of an earlier run") as caught:
            list(read_chunks(path, Layout()))
        assert f"has no column {changed}." in str(caught.value)
        assert "--carry " not in str(caught.value)


def test_a_map_that_says_what_such_headings_are_is_heard(tmp_path):
    path = save(tmp_path / "a.xlsx", [["line_id", "outcome", "flags", "error", "eccn"], ["1", "a", "b", "c", "d"]])
    layout = Layout(name="a.toml", ignore=("outcome", "flags"))
    assert next(read_chunks(path, layout)).frame.columns == ["line_id", "error", "eccn"]
    with pytest.raises(UsageError, match="has no column row_number"):
        list(read_chunks(path, Layout()))


MOMENTS = [datetime.datetime(2024, 6, 1, 23, 59), datetime.datetime(2024, 6, 1, 0, 0, 1)]  # noqa: DTZ001


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_day_with_a_time_of_day_is_refused_at_every_door(moment, tmp_path):
    facts = {n: [v] for n, v in FACTS.items() if n != "event_date"}
    frame = pl.DataFrame({**facts, "event_date": [moment]})
    frame.write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({**facts, "event_date": [moment.isoformat()]}).write_ndjson(tmp_path / "a.jsonl")
    pl.DataFrame({**facts, "event_date": [str(moment)]}).write_csv(tmp_path / "a.csv")

    def dated(book, sheet):
        sheet.write_datetime(1, 2, moment, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}))

    save(tmp_path / "a.xlsx", [HEADING, [None if n == "event_date" else v for n, v in FACTS.items()]], change=dated)
    for ending in (".parquet", ".jsonl", ".csv", ".xlsx"):
        [(outcome, error)] = cleanly(tmp_path / f"a{ending}")
        assert (outcome, WITH_TIME in error) == ("invalid_row", True)
    with pytest.raises(RowError, match="time of day"):
        read_cell("event_date", moment)


def test_a_day_at_midnight_is_a_day_at_every_door(tmp_path):
    midnight = datetime.datetime(2024, 6, 1)  # noqa: DTZ001
    frame = pl.DataFrame({**{n: [v] for n, v in FACTS.items()}, "event_date": [midnight]})
    for unit in ("ms", "us", "ns"):
        path = tmp_path / f"{unit}.parquet"
        frame.with_columns(pl.col("event_date").cast(pl.Datetime(unit))).write_parquet(path)
        assert cleanly(path) == [("no_license_required", None)]
    assert texts(pl.Series([midnight, None, MOMENTS[0]])).to_list() == ["2024-06-01", None, "2024-06-01T23:59:00"]


@pytest.mark.parametrize("text", ["#N/A", "#NV", "#REF!", "#DIV/0!", "#NAME?", "#WERT!", "#ССЫЛКА!", "Err:502"])
def test_the_errors_of_spreadsheets_are_no_texts(text):
    """A number of a notification that is an error would open an exception that nobody applied for."""
    assert is_sheet_error(text)
    for name in ("nac_number", "veu_number", "is_denied", "tpp", "event_date", "destination"):
        with pytest.raises(RowError, match="error of a spreadsheet"):
            read_cell(name, f" {text} ")


@pytest.mark.parametrize("text", ["#7", "N/A-200", "#", "A#REF!", "Err"])
def test_other_texts_with_such_letters_are_texts(text):
    assert read_cell("nac_number", text) == text
