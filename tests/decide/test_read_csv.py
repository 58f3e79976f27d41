"""CSV in: each row comes out once and in its order, whatever quotes stand in it, and none is decided in part."""

import csv
import io
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.cli.main import main
from headgate.decide import read_csv
from headgate.decide.answers import read_answers
from headgate.decide.read import own_items
from headgate.errors import UsageError

BROKEN = "broken"
BLOCKS = st.sampled_from((1, 7, 40, 300, 40_000_000))


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Return what reads a table of CSV: of each row its cells, or that it is broken."""
    path = tmp_path_factory.mktemp("csv") / "book.csv"

    def read(text, width, separator=",", block=40_000_000, why=False):
        heading = separator.join(f"c{n}" for n in range(width))
        path.write_bytes(heading.encode() + b"\n" + (text if isinstance(text, bytes) else text.encode()))
        rows = []
        with patch.object(read_csv, "CHUNK_BYTES", block):
            for chunk in read_csv.csv_chunks(path, separator):
                told = {n: said if why else BROKEN for n, said in chunk.broken.items()}
                rows += [told.get(n, ["" if c is None else c for c in row]) for n, row in enumerate(chunk.frame.rows())]
        return rows

    return read


@st.composite
def tables(draw, letters, most_rows=8, least_width=2):
    """Draw a table: its width, its separator and its rows of text cells."""
    width, separator = draw(st.integers(least_width, 7)), draw(st.sampled_from(",;\t|"))
    cells = st.text(letters + separator if "\n" in letters else letters, max_size=6)
    return width, separator, draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=most_rows))


@given(tables('aé "'), st.sampled_from(("\n", "\r\n")), BLOCKS)
def test_a_quote_inside_a_cell_is_a_letter(read, table, end, block):
    width, separator, rows = table
    rows = [[c.lstrip('"') for c in row] for row in rows]
    text = "".join(separator.join(row) + end for row in rows)
    assert read(text, width, separator, block) == rows


@given(tables("ab "), st.data(), BLOCKS)
def test_a_stray_quote_breaks_the_row_that_it_opens_a_cell_in_and_no_other(read, table, data, block):
    width, separator, rows = table
    lines, expected = [], []
    for row in rows:
        line = separator.join(row)
        if data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(line)))
            line = line[:at] + '"' + line[at:]
        cells = line.split(separator)
        lines.append(line + "\n")
        expected.append(BROKEN if any(c.startswith('"') for c in cells) else cells)
    assert read("".join(lines), width, separator, block) == expected


@settings(max_examples=300)
@given(tables('a""'), st.data(), BLOCKS)
def test_no_line_vanishes_whatever_quotes_there_are(read, table, data, block):
    width, separator, rows = table
    lines = [separator.join(row[: data.draw(st.sampled_from((width, width, width, 1)))]) + "\n" for row in rows]
    lines = [line for line in lines if line.strip() or separator in line]
    at = 0
    for row in read("".join(lines), width, separator, block):
        used = 1 if row == BROKEN else 1 + sum(c.count("\n") for c in row)
        try:
            found = list(csv.reader(lines[at : at + used], delimiter=separator, strict=True))
        except csv.Error:
            found = None
        if row == BROKEN:
            assert found is None or len(found[0]) != width
        else:
            assert found == [row]
        at += used
    assert at == len(lines)


@settings(max_examples=300)
@given(tables('a é"\n\r'), st.booleans(), BLOCKS)
def test_what_a_writer_of_csv_wrote_reads_back_equal(read, table, all_quoted, block):
    width, separator, rows = table
    # A cell with as many separators as a row may hold a line that is a row; which of the two it is cannot be told.
    rows = [row for row in rows if sum(c.count(separator) for c in row) < width - 1]
    out = io.StringIO(newline="")
    quoting, end = (csv.QUOTE_ALL, "\n") if all_quoted else (csv.QUOTE_MINIMAL, "\r\n")
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    assert read(out.getvalue(), width, separator, block) == rows


@settings(max_examples=300)
@given(st.lists(st.text('a, "\r', max_size=9), max_size=9), st.integers(1, 4), BLOCKS)
def test_the_fast_way_reads_as_the_careful_one_does(read, lines, width, block):
    text = "\n".join(lines)
    found = read(text, width, block=block)
    with patch.object(read_csv, "_plain_block", lambda *_: None):
        assert read(text, width, block=block) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('1,19" Rack,no\n2,19" Rack,yes\n', [["1", '19" Rack', "no"], ["2", '19" Rack', "yes"]]),
        ('1,19",no\n2,19",yes\n', [["1", '19"', "no"], ["2", '19"', "yes"]]),
        ('1,"15 Rack,no\n2,"15 Rack,yes\n', [BROKEN, BROKEN]),
        ('1,"15 Rack,no\n2,19",yes\n', [BROKEN, ["2", '19"', "yes"]]),
        ('1,"15 Rack,no\n2,x,yes\n3,19",yes\n', [BROKEN, ["2", "x", "yes"], ["3", '19"', "yes"]]),
        ('1,"15 Rack,no\n2,"Fictive, Ltd.",yes\n', [BROKEN, ["2", "Fictive, Ltd.", "yes"]]),
        ('1,"15" Rack,no\n2,x,yes\n', [BROKEN, ["2", "x", "yes"]]),
        ('1,"x,no\n2,y\n3,z",yes,4\n', [BROKEN, BROKEN, BROKEN]),
        ('1,"Street 1\nTown",no\n2,x,yes', [["1", "Street 1\nTown", "no"], ["2", "x", "yes"]]),
        ('"a\nb",c,"d\n\ne"\n', [["a\nb", "c", "d\n\ne"]]),
        ('1, "x",no\n', [["1", ' "x"', "no"]]),
        ('1, "x, y",no\n', [BROKEN]),
        ('1,"x""y",no\n1,"",no\n', [["1", 'x"y', "no"], ["1", "", "no"]]),
        ('1,19"\rx,no\n', [BROKEN]),
        ('1,"x\ry",no\n', [["1", "x\ry", "no"]]),
        ("1,x\n2,x,yes\n", [BROKEN, ["2", "x", "yes"]]),
        ("1\n\n   \n,,\n1,x,no,4\n", [BROKEN, ["", "", ""], BROKEN]),
        (b'1,"x\n\xff",no\n2,x,yes\n', [BROKEN, ["2", "x", "yes"]]),
        ('1,x,"no', [BROKEN]),
        ("1,x,", [BROKEN]),
    ],
)
@pytest.mark.parametrize("block", [1, 5, 40_000_000])
def test_rows_as_a_careful_reader_sees_them(read, text, expected, block):
    assert read(text, 3, block=block) == expected


def test_a_row_of_blanks_between_tabs_is_a_row(read):
    assert read('\t\t\n1\t"x"\tno\n\t\n', 3, "\t") == [["", "", ""], ["1", "x", "no"], BROKEN]


def test_what_is_wrong_is_said(read):
    def said(text):
        return read(text, 3, why=True)[0]

    assert said("1,x\n").startswith(
        "the row has 2 cells and the heading 3; it may be cut short; a blank cell keeps its "
    )
    assert said("1\n").startswith("the row has 1 cell and")
    assert said("1,2,3,4\n") == "the row has 4 cells and the heading 3; a comma inside a cell needs quotes around it"
    assert said('1,"x\ny"\n').startswith("the row, which a quote carries over 2 lines, has 2 cells and")
    assert said('1,"x,no\n') == said('1,"x,no\n2,x,no\n') == read_csv.UNCLOSED
    assert said('1,"x,no\n2,y",no\n') == read_csv.CROSSED
    assert "expected after" in said('1,"x"y,no\n')
    assert said("1,x\ry,no\n") == said('1,x"\ry,no\n') == read_csv.LONE_CR


def test_lines_that_each_open_a_quote_are_read_in_time(read):
    lines = 'x",y,"z\n' * 3000
    assert read(lines, 5) == [BROKEN] * 3000


HEADING = "line_id,activity,event_date,item,ship_from,destination,is_denied,is_entity_listed\n"
LINE = "export,2024-06-01,nvidia-h20-96,US,DE,no,yes"


@pytest.mark.parametrize("cut", [1, 4, 5, 7, 8, 12, 30])
def test_a_row_that_was_cut_short_is_not_decided(cut, tmp_path, capsys):
    orders, out = tmp_path / "orders.csv", tmp_path / "out.csv"
    orders.write_text((HEADING + f"1,{LINE}\n2,{LINE}")[:-cut])
    assert main(["decide", str(orders), "-o", str(out), "--assume", "clean"]) == 10
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [row["outcome"] for row in rows] == ["license_required", "invalid_row"]
    capsys.readouterr()


def test_tables_beside_the_book_are_not_read_in_part(tmp_path):
    parts, answers = tmp_path / "parts.csv", tmp_path / "answers.csv"
    parts.write_text("item,tpp,die_area_mm2\nX-1,100,100\nX-2,100\n")
    with pytest.raises(UsageError, match="row 2: the row has 2 cells and the heading 3"):
        own_items(str(parts))
    parts.write_text('item,tpp\n19" X,1\n19" X2,1\n')
    assert list(own_items(str(parts))) == ['19" x', '19" x2']
    answers.write_text("line_id,unusual_urgency,payment_country\nL1,yes\nL2,no,CN\n")
    told = read_answers(str(answers))
    assert told.unmatched(["L1", "L2"])[0].startswith("row 1: the row has 2 cells and the heading 3")
    assert told.of("L2") == {"unusual_urgency": "no", "payment_country": "CN"}


def test_a_file_without_a_last_line_end_is_said_and_a_cell_that_may_be_cut_is_not_blank(read, tmp_path, capsys):
    assert read("a,b\nc,d", 2) == [["a", "b"], ["c", "d"]]
    for quoted in ("a,b\n", 'a,"b"\n'):
        assert read(f"{quoted}c,", 2) == [["a", "b"], BROKEN]
        assert read(f"{quoted}c,\n", 2) == [["a", "b"], ["c", ""]]
    path = tmp_path / "book.csv"
    path.write_text(
        "line_id,activity,event_date,item,ship_from,destination,is_entity_listed\n"
        "L1,export,2024-06-01,nvidia-h20-96,US,DE,"
    )
    assert main(["decide", str(path), "--assume", "clean", "-o", str(tmp_path / "out.csv")]) == 20
    said = " ".join(capsys.readouterr().out.split())
    assert "the file has no line end after its last row" in said
    assert "after a separator and without a line end" in (tmp_path / "out.csv").read_text()
