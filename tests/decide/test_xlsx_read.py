"""A workbook read: every cell as a CSV would hold it, and what is not clear asked back by the name of its cell."""

import datetime
import tracemalloc

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.decide.mapping.day_forms import day_form
from headgate.decide.mapping.layout import Layout
from headgate.decide.read import own_items, read_chunks
from headgate.decide.read_xlsx import XLSX_CHUNK_ROWS, xlsx_chunks
from headgate.decide.workbook.scan import scan_sheet
from headgate.errors import UsageError

from .books import HEADING, LINE, SPACE, pack, parts, row, save

ERROR = '<c r="REF" t="e"><v>#N/A</v></c>'
DAY = datetime.datetime.fromisoformat("2025-01-21")
STALE = '<c r="REF"><f>A1</f><v></v></c>'


def read(path, sheet=None, heading_row=None):
    """Return the frame, the broken rows and the notes of a workbook."""
    chunks = list(xlsx_chunks(path, sheet, heading_row))
    broken, start = {}, 0
    for chunk in chunks:
        broken |= {start + n: why for n, why in chunk.broken.items()}
        start += chunk.frame.height
    return pl.concat([c.frame for c in chunks]), broken, [n for c in chunks for n in c.notes]


def refused(path, sheet=None, heading_row=None):
    """Return why a workbook is refused."""
    with pytest.raises(UsageError) as caught:
        read(path, sheet, heading_row)
    return str(caught.value)


def test_every_cell_becomes_the_text_of_a_csv(tmp_path):
    day, hour = DAY, DAY.replace(hour=13, minute=45)

    def dated(book, sheet):
        form = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_datetime(1, 5, day, form)
        sheet.write_datetime(1, 6, hour, form)
        sheet.write_number(1, 7, 0.6, book.add_format({"num_format": "0%"}))

    rows = [list("abcdefghi"), [4992, 0.1, "0012", " 64 ", True, None, None, None, 1e26]]
    frame, broken, notes = read(save(tmp_path / "a.xlsx", rows, change=dated))
    expected = ("4992", "0.1", "0012", " 64 ", "yes", "2025-01-21", "2025-01-21T13:45:00", "0.6", "1e+26")
    assert frame.rows() == [expected]
    assert frame.schema == dict.fromkeys("abcdefghi", pl.String)
    assert (broken, notes) == ({}, [])


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path):
    def dated(book, sheet):
        sheet.write_datetime(1, 0, DAY, book.add_format({"num_format": "yyyy-mm-dd"}))

    path = save(tmp_path / "a.xlsx", [["day", "n"], [None, 44216]], options={"date_1904": True}, change=dated)
    chunk = next(xlsx_chunks(path))
    assert chunk.frame.row(0) == ("2025-01-21", "44216")
    assert chunk.day_zero == datetime.date(1904, 1, 1)


STRINGS = (
    "<si><r><t>ri</t></r><r><rPr><b/></rPr><t xml:space='preserve'>ch </t></r></si>"
    "<si><t>漢字</t><rPh sb='0' eb='2'><t>カンジ</t></rPh></si><si><t>a\u200bb&#10;c</t></si><si><t>=1+1</t></si>"
    "<si><t>شركة النور</t></si>"
)


def test_rich_phonetic_and_strange_texts_survive(tmp_path):
    cells = [f'<c r="REF" t="s"><v>{n}</v></c>' for n in range(5)]
    path = pack(tmp_path / "a.xlsx", parts(row(1, *"abcde") + row(2, *cells), STRINGS))
    assert read(path)[0].row(0) == ("rich ", "漢字", "a\u200bb\nc", "=1+1", "شركة النور")


def test_errors_and_formulas_without_a_value_break_their_row(tmp_path):
    body = row(1, "a", "b") + row(2, ERROR, "x") + row(3, "y", STALE) + row(4, "z", '<c r="REF"><f>1+1</f><v>7</v></c>')
    body += row(5, '<c r="REF" t="str"><f>A9</f><v></v></c>', "w")
    frame, broken, notes = read(pack(tmp_path / "a.xlsx", parts(body)))
    assert frame.rows() == [("#N/A", "x"), ("y", "#FORMULA!"), ("z", "7"), (None, "w")]
    assert list(broken) == [0, 1]
    assert "cell A2 holds an error" in broken[0]
    assert "cell B3 holds a formula without a stored value" in broken[1]
    assert notes == ["3 formulas were not run; the values stored in the cells were read"]


def test_an_error_in_a_styled_cell_breaks_its_row_too(tmp_path):
    styled = '<c r="REF" s="0" t="e"><v>#DIV/0!</v></c>'
    assert read(pack(tmp_path / "a.xlsx", parts(row(1, "a") + row(2, styled))))[1].keys() == {0}


def test_merged_cells_break_the_rows_that_they_cover(tmp_path):
    rows = [["a", "b"], ["1", "x"], ["2", None], ["3", "y"]]

    def merged(book, sheet):
        sheet.merge_range("B2:B3", "x")

    frame, broken, _ = read(save(tmp_path / "a.xlsx", rows, change=merged))
    assert frame.rows() == [("1", "x"), ("2", "#MERGED!"), ("3", "y")]
    assert list(broken) == [0, 1]
    assert "B2:B3 are merged" in broken[0]


def test_what_is_hidden_is_read_and_said(tmp_path):
    def hidden(book, sheet):
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.set_row(2, None, None, {"hidden": True})
        book.add_worksheet("Prices").write_string(0, 0, "x")
        book.worksheets()[1].hide()

    frame, _, notes = read(save(tmp_path / "a.xlsx", [["a", "hp"], ["1", "x"], ["2", "y"]], change=hidden))
    assert frame.rows() == [("1", "x"), ("2", "y")]
    assert notes == [
        "hidden sheets were not read: 'Prices'",
        "column B (hp) is hidden; it was read",
        "1 hidden row was decided too",
    ]


def test_several_sheets_are_asked_back(tmp_path):
    def more(book, sheet):
        book.add_worksheet("Closed").write_column(0, 0, ["line_id", "9"])
        book.add_worksheet("Nothing")
        book.add_worksheet("Secret").write_column(0, 0, ["line_id", "8"])
        book.worksheets()[3].hide()

    path = save(tmp_path / "a.xlsx", [["line_id"], ["1"], ["2"]], change=more)
    said = refused(path)
    assert "2 sheets: 'Orders' (3 rows), 'Closed' (2 rows). Hidden: 'Secret'. Say which with --sheet NAME" in said
    assert "Did you mean Closed?" in refused(path, "Closd")
    assert "holds no cell" in refused(path, "Nothing")
    assert read(path, "closed")[0]["line_id"].to_list() == ["9"]
    frame, _, notes = read(path, "Secret")
    assert (frame["line_id"].to_list(), notes) == (["8"], ["the sheet 'Secret' is hidden; it was read"])


def merge(area, text):
    return lambda book, sheet: sheet.merge_range(area, text)


HEADINGS = {
    "two of one name": ([["a", "b", "a"], ["1", "2", "3"]], None, None, "'a' stands in A1 and in C1"),
    "blank over values": (
        [["a", None, "c"], ["1", "2", "3"]],
        None,
        None,
        "cell B1 is blank, but column B holds values",
    ),
    "blank over values, where": ([["a", None, "c"], ["1"], ["1", "x"]], None, None, "first in B3"),
    "title": ([["Open orders"], [], ["a", "b"], ["1", "2"]], None, None, "A1 ('Open orders'): a title"),
    "title, which row": ([["Open orders"], [], ["a", "b"], ["1", "2"]], None, None, "--heading-row 3"),
    "blank row": ([[], ["a", "b"], ["1", "2"]], None, None, "row 1 is blank"),
    "blank row, which": ([[], ["a", "b"], ["1", "2"]], None, None, "--heading-row 2"),
    "two lines": ([["a", "to", None], [None, "x", "y"], "123"], merge("B1:C1", "to"), None, "merged in B1:C1 ('to')"),
    "two lines, which row": (
        [["a", "to", None], ["a", "x", "y"], "123"],
        merge("B1:C1", "to"),
        None,
        "row 2 names each",
    ),
    "merged down": ([["a", "b"], [None, "c"], ["1", "2"]], merge("A1:A2", "a"), 2, "merged in A1:A2 ('a')"),
    "past the end": ([["a", "b"], ["1", "2"]], None, 9, "row 9 is blank"),
    "no row": ([["a", "b"], ["1", "2"]], None, 0, "rows count from 1"),
}


@pytest.mark.parametrize("name", HEADINGS)
def test_headings_that_are_not_clear_are_refused_by_their_cell(name, tmp_path):
    rows, change, heading_row, said = HEADINGS[name]
    assert said in refused(save(tmp_path / "a.xlsx", rows, change=change), heading_row=heading_row)


def test_an_error_in_the_heading_is_refused(tmp_path):
    assert "cell B1 holds an error" in refused(pack(tmp_path / "a.xlsx", parts(row(1, "a", ERROR) + row(2, "1", "2"))))


def test_a_heading_further_down_is_read_when_it_is_named(tmp_path):
    rows = [["Open orders"], [], ["a", "Ship\nto "], ["1", "x"], [], ["2", "y"], [], []]
    frame, _, notes = read(save(tmp_path / "a.xlsx", rows), heading_row=3)
    assert frame.to_dicts() == [{"a": "1", "Ship to": "x"}, {"a": "2", "Ship to": "y"}]
    assert notes[0] == "rows 1 to 2 stand above the headings and were not read"
    assert "1 empty row was skipped" in notes[1]
    assert "line 1 stands in row 4" in notes[1]


def test_a_table_that_begins_further_right_names_its_cells_right(tmp_path):
    rows = [[None, None, "a", "b"], [None, None, "1", "2"]]
    assert read(save(tmp_path / "a.xlsx", rows))[0].to_dicts() == [{"a": "1", "b": "2"}]
    rows = [[None, None, "a", None, "c"], [None, None, "1", "2"]]
    assert "cell D1 is blank" in refused(save(tmp_path / "b.xlsx", rows))


def test_empty_columns_and_rows_at_the_end_are_none(tmp_path):
    def styled(book, sheet):
        bold = book.add_format({"bold": True})
        for number in range(40):
            sheet.write_blank(number, 9, None, bold)

    frame, _, notes = read(save(tmp_path / "a.xlsx", [["a", "b"], ["1", "2"]], change=styled))
    assert (frame.rows(), notes) == ([("1", "2")], [])


def test_cells_without_names_follow_each_other(tmp_path):
    plain = [f'<c t="inlineStr"><is><t>{t}</t></is></c>' for t in ("a", "b", "1", "2")]
    body = f"<row>{plain[0]}{plain[1]}</row><row>{plain[2]}{plain[3]}</row>"
    assert read(pack(tmp_path / "a.xlsx", parts(body)))[0].to_dicts() == [{"a": "1", "b": "2"}]


def test_a_prefix_hides_nothing(tmp_path):
    found = parts("")
    body = '<x:row r="1"><x:c r="A1" t="str"><x:v>a</x:v></x:c></x:row>'
    body += '<x:row r="2"><x:c r="A2" t="e"><x:v>#N/A</x:v></x:c></x:row>'
    found["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{SPACE}"><x:sheetData>{body}</x:sheetData></x:worksheet>'
    )
    frame, broken, _ = read(pack(tmp_path / "a.xlsx", found))
    assert (frame.height, list(broken)) == (1, [0])


def test_day_numbers_are_read_where_a_column_holds_days(tmp_path):
    rows = [["line_id", "event_date", "order_date", "quantity"]]
    rows += [["1", 45678, 20260215, 45678], ["2", "2026-03-01", 2024, 7], ["3", 45679, "45678", None]]
    chunks = list(read_chunks(save(tmp_path / "a.xlsx", rows), Layout()))
    frame = pl.concat(c.frame for c in chunks)
    assert frame["event_date"].to_list() == ["2025-01-21", "2026-03-01", "2025-01-22"]
    assert frame["order_date"].to_list() == ["2026-02-15", "2024", "2025-01-21"]
    assert frame["quantity"].to_list() == ["45678", "7", None]
    notes = [n for c in chunks for n in c.notes]
    assert notes == [
        "event_date of 2 rows held day numbers, read as days (45678 = 2025-01-21)",
        "order_date of 2 rows held day numbers, read as days (20260215 = 2026-02-15)",
    ]


def test_day_numbers_count_from_the_workbooks_own_day(tmp_path):
    path = save(tmp_path / "a.xlsx", [["line_id", "event_date"], ["1", 44216]], options={"date_1904": True})
    assert next(read_chunks(path, Layout())).frame["event_date"].to_list() == ["2025-01-21"]


def test_day_numbers_are_read_under_the_headings_of_a_map(tmp_path):
    rows = [["Pos", "Ship date", "Other"], ["1", 45678, 45678], ["2", "31.12.2025", 1], ["3", 20260215, 2]]
    days = {"Ship date": day_form("DD.MM.YYYY")}
    columns = {"Pos": "line_id", "ship date": "event_date"}
    layout = Layout(name="a.toml", columns=columns, days=days, carry=("Other",))
    chunks = list(read_chunks(save(tmp_path / "a.xlsx", rows), layout))
    found = pl.concat(c.frame for c in chunks)["event_date"].to_list()
    assert found == ["2025-01-21", "2025-12-31", "2026-02-15"]
    assert chunks[0].carried(["Other"])["Other"].to_list() == ["45678", "1", "2"]
    assert [n for c in chunks for n in c.notes if n.startswith("Ship date of 2 rows held day numbers")]


@pytest.mark.parametrize("name", ["A & B", "<x> 'q' y", "数据 ", "a b c d e f g h i j k l m n o"])
def test_a_sheet_of_any_name_is_found(name, tmp_path):
    path = save(
        tmp_path / "a.xlsx", [["a"], ["1"]], name, change=lambda book, _: book.add_worksheet("B").write(0, 0, 1)
    )
    assert read(path, name)[0]["a"].to_list() == ["1"]


def test_a_csv_file_has_no_day_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("line_id,event_date\n1,45678\n")
    assert next(read_chunks(path, Layout())).frame["event_date"].to_list() == ["45678"]


def test_a_long_book_comes_in_chunks_with_its_broken_rows(tmp_path):
    count = XLSX_CHUNK_ROWS + 10
    body = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, count + 1))
    body = row(1, "line_id") + body + row(count + 1, ERROR)
    chunks = list(xlsx_chunks(pack(tmp_path / "a.xlsx", parts(body))))
    assert [c.frame.height for c in chunks] == [XLSX_CHUNK_ROWS, 10]
    assert [list(c.broken) for c in chunks] == [[], [9]]
    assert chunks[1].frame["line_id"][0] == str(XLSX_CHUNK_ROWS + 2)


def test_own_parts_are_read_from_a_workbook(tmp_path):
    path = save(tmp_path / "parts.xlsx", [["item", "tpp", "die_area_mm2"], ["X-1", 4800, 800]])
    assert list(own_items(str(path))) == ["x-1"]
    with pytest.raises(UsageError, match="columns are item"):
        own_items(str(save(tmp_path / "b.xlsx", [["item", "tp"], ["X-1", 4800]])))


def test_a_scan_reaches_no_further_than_the_cells_that_hold_a_value():
    found = scan_sheet(
        [parts(row(1, "a") + row(5, '<c r="REF" s="1"/>') + row(9, None))["xl/worksheets/sheet1.xml"].encode()]
    )
    assert (found.rows, found.last_row, found.width) == (1, 1, 1)


PLAIN = [row(1, "a", "b"), row(2, 1.5, "x"), row(3, '<c r="REF" s="1"/>', 2.0), row(7, "y")]
UNUSUAL = [
    row(4, "x", told=' hidden="1"'),
    row(5, ERROR, "y"),
    row(6, "z", STALE),
    '<row r="8"><c r="C8"><v >1</v></c></row>',
    '<row r="9" ><c r="A9" t="str"><v>&lt;</v></c></row>',
]


@settings(max_examples=60, deadline=None)
@given(kept=st.lists(st.booleans(), min_size=9, max_size=9), size=st.integers(1, 400))
def test_a_plain_row_is_taken_in_as_element_by_element(kept, size):
    """The same sheet, its rows spelled with a blank that no plain row has: both ways find the same."""
    rows = [*PLAIN[:3], *UNUSUAL[:3], PLAIN[3], *UNUSUAL[3:]]
    body = "".join(text for text, keep in zip(rows, kept, strict=True) if keep)
    text = parts(body)["xl/worksheets/sheet1.xml"].encode()
    slow = text.replace(b"<row r=", b"<row  r=")
    blocks = [text[n : n + size] for n in range(0, len(text), size)]
    assert scan_sheet(blocks) == scan_sheet([slow])


LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffe\uffff"), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(LETTERS, min_size=2, max_size=2), min_size=1, max_size=4))
def test_any_text_is_read_as_it_was_written(tmp_path, rows):
    path = save(tmp_path / "a.xlsx", [["a", "b"], *rows])
    assert [list(r) for r in read(path)[0].rows()] == rows


def test_reading_takes_memory_by_the_cells_and_not_by_their_place(tmp_path):
    body = row(1, *HEADING) + row(2, *LINE) + row(60_000, *LINE)
    path = pack(tmp_path / "a.xlsx", parts(body))
    tracemalloc.start()
    try:
        assert read(path)[0].height == 2
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()
