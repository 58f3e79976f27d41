"""A workbook written: the same decisions as CSV, their reasons with sources, nothing that runs, the same bytes."""

import csv
import datetime
import io
import re
import shutil
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.cli.main import main
from headgate.decide import write_xlsx
from headgate.decide.book_run import decide_file
from headgate.decide.cells import texts
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.mapping.layout import Layout
from headgate.decide.one import decider
from headgate.decide.read import read_chunks
from headgate.decide.read_xlsx import xlsx_chunks
from headgate.decide.wording import OUTCOME
from headgate.decide.workbook import reasons
from headgate.decide.workbook.about import MEANINGS, SHEETS
from headgate.decide.workbook.look import OUTCOMES
from headgate.decide.workbook.places import MOST_TEXT
from headgate.decide.workbook.sheets import OWN_SHEETS
from headgate.decide.write import Writer, flat
from headgate.decide.write_xlsx import write_table
from headgate.errors import UsageError

ORDERS = Path(__file__).resolve().parents[2] / "examples" / "orders.csv"
HEADING = "line_id,activity,event_date,item,ship_from,destination,quantity,consignee,note"
NASTY = (
    "=1+1",
    "-5",
    "+1",
    "@x",
    "'quoted",
    "شركة النور",
    "你好",
    "a\nb",
    " lead",
    "trail ",
    "0012",
    "1e5",
    "\t=cmd|' /C calc'!A0",
    "_x0041_",
    "\x01\x1f",
    "{=1+1}",
    "https://example.org",
    "TRUE",
    "#N/A",
    "12345678901234567890",
    "𠀋" * 3,
)


def orders(path, notes=NASTY, days=("2024-06-01",)):
    """Write an order book with a line for each text."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADING.split(","))
        for n, note in enumerate(notes):
            day = days[n % len(days)]
            out.writerow([f"L{n}", "export", day, "nvidia-h100-sxm", "US", "CN", n, f"{note}", note])
    return path


def decided(path, out, **options):
    """Decide a book into a workbook; return the decisions as CSV holds them, unguarded, and what was to be said."""
    kept = []

    class Both(Writer):
        def write(self, frame, orders=None, facts=None):
            kept.append(flat(frame))
            super().write(frame, orders, facts)

    with Both(out, io.BytesIO()) as writer:
        decide_file(path, writer, **options)
    return pl.concat(kept), writer.notes


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The example decided once with all its columns: the workbook, and the decisions as CSV holds them."""
    out = tmp_path_factory.mktemp("example") / "out.xlsx"
    return out, decided(ORDERS, out, carry_rest=True)[0]


def as_texts(frame):
    """Return every cell as CSV writes it, whole numbers without a point; blank is None."""
    text = frame.with_columns(duty_rate=texts(frame["duty_rate"])).write_csv()
    return [[c or None for c in row] for row in csv.reader(io.StringIO(text))]


def sheet(path, name):
    """Return the rows of a sheet as the library reads them."""
    return python_calamine.load_workbook(path).get_sheet_by_name(name).to_python()


def test_what_is_read_back_is_what_csv_holds(tmp_path):
    out = tmp_path / "out.xlsx"
    frame, notes = decided(orders(tmp_path / "orders.csv"), out, carry_rest=True)
    chunks = list(xlsx_chunks(out))
    back = pl.concat(c.frame for c in chunks)
    assert [back.columns, *map(list, back.rows())] == as_texts(frame)
    assert notes == []
    assert [c.broken for c in chunks] == [{}]


def test_the_example_is_read_back_as_csv_holds_it(example):
    out, frame = example
    back = pl.concat(c.frame for c in xlsx_chunks(out))
    assert [back.columns, *map(list, back.rows())] == as_texts(frame)


LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufffe\uffff"), max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=st.lists(LETTERS, min_size=1, max_size=6))
def test_any_carried_text_is_read_back(tmp_path, notes):
    path, out = tmp_path / "orders.parquet", tmp_path / "out.xlsx"
    rows = [{"line_id": str(n), "event_date": "2024-06-01", "note": note} for n, note in enumerate(notes)]
    pl.DataFrame(rows).write_parquet(path)
    decided(path, out, carry_rest=True)
    assert pl.concat(c.frame for c in xlsx_chunks(out))["note"].to_list() == [n or None for n in notes]


def test_numbers_and_days_are_what_they_are(tmp_path):
    out = tmp_path / "out.xlsx"
    decided(orders(tmp_path / "orders.csv", ["0012", "64"]), out, carry_rest=True)
    head, first, second = sheet(out, "Decisions")
    row = dict(zip(head, first, strict=True))
    assert (row["row_number"], row["quantity"], row["event_date"]) == (1.0, 0.0, datetime.date(2024, 6, 1))
    assert (row["note"], dict(zip(head, second, strict=True))["note"]) == ("0012", "64")


def test_a_decided_workbook_is_decided_again(tmp_path, example):
    first, one = example
    two, _ = decided(first, tmp_path / "second.xlsx", carry_rest=True)
    assert one.equals(two)
    notes = [n for c in read_chunks(first, Layout()) for n in c.notes]
    assert notes == [
        "the sheet Decisions was read, as Headgate wrote it",
        "the sheet holds decisions of an earlier run; they were left out, and its lines decided anew",
    ]


def test_decisions_without_their_lines_are_not_decided_again(tmp_path):
    out = tmp_path / "out.xlsx"
    write_table(out, "Decisions", pl.DataFrame({name: ["1"] for name in DECISION_COLUMNS}))
    with pytest.raises(UsageError, match="--carry-rest"):
        list(read_chunks(out, Layout()))


def test_the_same_decisions_are_the_same_bytes(tmp_path):
    found = []
    for name in ("a.xlsx", "b.xlsx"):
        decided(orders(tmp_path / "orders.csv"), tmp_path / name, carry_rest=True)
        found.append((tmp_path / name).read_bytes())
    assert found[0] == found[1]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        assert {part.date_time[0] for part in package.infolist()} == {1980}
        assert b"2026-01-01T00:00:00Z" in package.read("docProps/core.xml")


def test_nothing_in_the_package_runs_or_leads_out(tmp_path):
    out = tmp_path / "out.xlsx"
    decided(orders(tmp_path / "orders.csv"), out, carry_rest=True)
    with zipfile.ZipFile(out) as package:
        names = package.namelist()
        sheets = b"".join(package.read(n) for n in names if n.startswith("xl/worksheets/"))
        links = b"".join(package.read(n) for n in names if n.endswith(".rels"))
    assert b"=1+1" in sheets
    assert not re.search(rb"<f[ >/]", sheets)
    assert b"hyperlink" not in sheets
    assert b"External" not in links
    assert not [n for n in names if "externalLink" in n or "vba" in n or "connections" in n]


def test_the_sheets_are_as_they_are_described(example):
    out, frame = example
    book = python_calamine.load_workbook(out)
    assert tuple(book.sheet_names) == OWN_SHEETS == tuple(SHEETS)
    assert tuple(MEANINGS) == DECISION_COLUMNS
    assert tuple(OUTCOMES) == tuple(OUTCOME)
    about = {row[0]: row[1] for row in reversed(sheet(out, "About"))}
    assert about["law_version"] == decider().book.version
    assert about["Law read up to"] == str(decider().book.read_on)
    gaps = [row[1] for row in sheet(out, "What this does not cover")]
    assert {p.says for p in decider().book.provisions if p.stage == "not_modeled"} <= set(gaps)
    with zipfile.ZipFile(out) as package:
        text = package.read("xl/worksheets/sheet1.xml").decode()
    assert '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>' in text
    assert re.search(r'<autoFilter ref="A1:[A-Z]+128"/>', text)
    assert frame.height == 127


def test_each_outcome_has_its_color(example):
    out, frame = example
    with zipfile.ZipFile(out) as package:
        text = package.read("xl/worksheets/sheet1.xml").decode()
        styles = package.read("xl/styles.xml").decode()
    cells = re.findall(r'<c r="D\d+" s="(\d+)" t="inlineStr"><is><t>(\w+)', text)
    styled = {outcome: style for style, outcome in cells if outcome != "outcome"}
    assert set(styled) == set(frame["outcome"])
    assert len(set(styled.values())) == len(styled)
    assert all(f'rgb="FF{paper[1:]}"' in styles for paper, _ in OUTCOMES.values())


def luminance(color):
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_word_of_an_outcome_is_read_on_its_color(outcome):
    light, dark = sorted(map(luminance, OUTCOMES[outcome]), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 7


def test_reasons_stand_line_by_line_in_order_with_their_sources(example):
    out, frame = example
    head, *rows = sheet(out, "Reasons")
    assert head == [*reasons.OF_LINE, *reasons.OF_PROVISION]
    for line, enforced, printed in frame.select("line_id", "reasons", "reasons_printed").iter_rows():
        here = [r for r in rows if r[0] == line]
        assert [r[1] for r in here] == [float(n) for n in range(1, len(here) + 1)]
        assert ";".join(r[3] for r in here if r[2] in ("both", "enforced")) == (enforced or "")
        assert sorted(r[3] for r in here if r[2] in ("both", "printed")) == sorted(
            (printed or "").split(";") if printed else []
        )
    quoted = {r[3]: r for r in rows}
    assert all(r[4].endswith(".") and r[5] and r[7] for r in quoted.values())


def test_a_provision_is_quoted_as_it_stood_on_the_lines_day(tmp_path):
    """The gate of 742.6 had other words in two years; each line shows those of its own."""
    out = tmp_path / "out.xlsx"
    days = ("2022-11-01", "2023-12-01", "2026-02-15")
    frame, _ = decided(orders(tmp_path / "orders.csv", ["x", "y", "z"], days), out, carry_rest=True)
    _, *rows = sheet(out, "Reasons")
    by = decider()
    assert {r[0] for r in rows} == {"L0", "L1", "L2"}
    for line, day in zip(frame["line_id"], days, strict=True):
        for row in (r for r in rows if r[0] == line):
            told = by.book.on(datetime.date.fromisoformat(day), "printed" if row[2] == "printed" else "enforced")
            assert row[4] == told.by_id[row[3]].says


def test_a_day_stated_for_all_lines_dates_the_reasons(tmp_path):
    path, out = tmp_path / "orders.csv", tmp_path / "out.xlsx"
    path.write_text("line_id,activity,item,ship_from,destination\n1,export,nvidia-h100-sxm,US,CN\n")
    decided(path, out, stated={"event_date": datetime.date(2024, 6, 1)})
    assert all(row[4] for row in sheet(out, "Reasons")[1:])
    assert len(sheet(out, "Reasons")) > 3


def test_too_many_reasons_are_counted_by_provision(tmp_path, monkeypatch):
    monkeypatch.setattr(reasons.Reasons.__init__, "__defaults__", (20,))
    out = tmp_path / "out.xlsx"
    frame, _ = decided(orders(tmp_path / "orders.csv"), out, carry_rest=True)
    said, head, *rows = sheet(out, "Reasons")
    assert said[0] == reasons.COUNTED
    assert head[:2] == ["lines", "track"]
    counts = {(r[1], r[2]): r[0] for r in rows}
    named = [set((r or "").split(";")) for r in frame["reasons"]]
    some = next(id for track, id in counts if track == "both")
    assert sum(n for (track, id), n in counts.items() if id == some and track != "printed") == sum(
        some in n for n in named
    )


def test_a_text_too_long_for_a_cell_is_cut_in_sight_and_said(tmp_path):
    out = tmp_path / "out.xlsx"
    path = orders(tmp_path / "orders.csv", ["short", "x" * 40_000, "𠀋" * 20_000, "y" * MOST_TEXT])
    _, notes = decided(path, out, carry=["note"])
    cells = [row[-1] for row in sheet(out, "Decisions")[1:]]
    assert cells[1].endswith(" [cut here: 40,000 letters in all; CSV and Parquet hold them]")
    assert cells[2].endswith(" [cut here: 20,000 letters in all; CSV and Parquet hold them]")
    assert [len(c.encode("utf-16-le")) // 2 <= MOST_TEXT for c in cells] == [True] * 4
    assert cells[3] == "y" * MOST_TEXT
    assert notes == [
        "a workbook's cell holds 32,767 letters; longer texts were cut in L1, L2. CSV and Parquet hold all"
    ]


def test_letters_that_xml_lacks_are_replaced_in_sight(tmp_path):
    path, out = tmp_path / "orders.parquet", tmp_path / "out.xlsx"
    pl.DataFrame({"line_id": ["1"], "note": ["a\ufffeb\uffffc"]}).write_parquet(path)
    decided(path, out, carry=["note"])
    assert sheet(out, "Decisions")[1][-1] == "a\ufffdb\ufffdc"


def test_more_lines_than_a_sheet_has_are_refused_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(write_xlsx, "MOST_ROWS", len(NASTY))
    path = orders(tmp_path / "orders.csv")
    with pytest.raises(UsageError, match=rf"{len(NASTY) - 1} lines at most .* \.parquet or \.csv"):
        decided(path, tmp_path / "out.xlsx", carry_rest=True)
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_that_fails_leaves_the_workbook_that_was_there(tmp_path):
    path, out = orders(tmp_path / "orders.csv"), tmp_path / "out.xlsx"
    out.write_bytes(b"as it was")
    with suppress(ZeroDivisionError), Writer(out, io.BytesIO()) as writer:
        decide_file(path, writer, carry_rest=True)
        raise ZeroDivisionError
    assert out.read_bytes() == b"as it was"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["orders.csv", "out.xlsx"]


def test_a_book_without_lines_is_a_workbook_without_lines(tmp_path):
    path, out = tmp_path / "orders.csv", tmp_path / "out.xlsx"
    path.write_text(HEADING.removesuffix(",note") + "\n")
    decided(path, out)
    assert sheet(out, "Decisions") == [list(DECISION_COLUMNS)]


def test_a_table_of_texts_is_written_and_read(tmp_path):
    frame = pl.DataFrame({"line_id": ["=1", None], "b": [None, "x"]})
    write_table(tmp_path / "a.xlsx", "Answers", frame)
    assert next(xlsx_chunks(tmp_path / "a.xlsx")).frame.equals(frame)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not on the PATH")
def test_libreoffice_opens_it_and_no_formula_has_run(tmp_path):
    out = tmp_path / "out.xlsx"
    notes = ("=1+1", "@SUM(1;1)", "+2+3", '=HYPERLINK("https://example.org")', "plain")
    frame, _ = decided(orders(tmp_path / "orders.csv", notes), out, carry=["note"])
    made = tmp_path / "made"
    made.mkdir()
    command = ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"]
    for form in ("csv:Text - txt - csv (StarCalc):44,34,76", "xlsx"):
        into = ["--convert-to", form, "--outdir", str(made), str(out)]
        subprocess.run([*command, *into], check=True, capture_output=True, timeout=120)
    rows = list(csv.DictReader(io.StringIO((made / "out.csv").read_text(encoding="utf-8"))))
    assert tuple(r["note"] for r in rows) == notes
    assert {r["outcome"] for r in rows} == {"license_required"}
    # Saved again by another program it holds the same, and still no formula.
    again = list(xlsx_chunks(made / "out.xlsx"))
    back = pl.concat(c.frame for c in again)
    assert [back.columns, *map(list, back.rows())] == as_texts(frame)
    assert not [n for c in again for n in c.notes if "formula" in n]


def test_the_command_writes_it_and_says_where(tmp_path, capsys):
    path, out = orders(tmp_path / "orders.csv"), tmp_path / "out.xlsx"
    assert main(["decide", str(path), "-o", str(out), "--carry", "note"]) == 10
    assert str(out) in capsys.readouterr().out
    assert sheet(out, "Decisions")[0] == [*DECISION_COLUMNS, "note"]
