"""Workbooks that lie, burst or are none: refused in words, in bounded time and memory, before anything is laid out."""

import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter

from headgate.cli.main import main
from headgate.decide.read_xlsx import xlsx_chunks
from headgate.decide.workbook import package as limits
from headgate.decide.workbook import sheets
from headgate.decide.workbook.places import MOST_COLUMNS
from headgate.errors import UsageError

from .books import HEADING, LINE, LINKED, PACKED, pack, parts, row, save

SHEET = "xl/worksheets/sheet1.xml"
GOOD = row(1, *HEADING) + row(2, *LINE)


def refused(path):
    """Return why a workbook is refused."""
    with pytest.raises(UsageError) as caught:
        list(xlsx_chunks(path))
    return str(caught.value)


def changed(name, content):
    return lambda: {**parts(GOOD), name: content}


TWO_LINKS = (
    f'<Relationships xmlns="{PACKED}">'
    + 2 * (f'<Relationship Id="rId1" Type="{LINKED}/worksheet" Target="worksheets/sheet1.xml"/>')
    + "</Relationships>"
)
LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'
PACKAGES = {
    "no workbook": (lambda: {"a.txt": "x"}, "a zip, but no workbook: a.txt"),
    "binary workbook": (lambda: {"xl/workbook.bin": "x"}, "(.xlsb)"),
    "OpenDocument": (lambda: {"mimetype": "x", "content.xml": "x"}, "(.ods)"),
    "macros": (changed("xl/vbaProject.bin", "x"), "holds macros; save it as .xlsx"),
    "macros, spelled otherwise": (changed("XL/VBAPROJECT.BIN", "x"), "holds macros"),
    "document type in a sheet": (lambda: {**(p := parts(GOOD)), SHEET: LAUGHS + p[SHEET]}, "declares a document type"),
    "document type in the workbook": (
        lambda: {**(p := parts(GOOD)), limits.WORKBOOK: LAUGHS + p[limits.WORKBOOK]},
        "declares a document type",
    ),
    "document type in the strings": (changed(limits.STRINGS, LAUGHS + "<sst/>"), "declares a document type"),
    "document type in the styles": (changed(limits.STYLES, LAUGHS + "<styleSheet/>"), "declares a document type"),
    "two links of one id": (changed(limits.LINKS, TWO_LINKS), "two links have the id rId1"),
    "no sheet behind its link": (lambda: {k: v for k, v in parts(GOOD).items() if k != SHEET}, "is missing"),
    "two parts of one name": (changed(SHEET.upper(), "<x/>"), "two parts have one name"),
    "no XML": (changed(limits.WORKBOOK, "no XML"), "damaged"),
    "a sheet cut off": (lambda: {**(p := parts(GOOD)), SHEET: p[SHEET][:-40]}, "damaged"),
    "a text that is not there": (lambda: parts(row(1, "a", '<c r="REF" t="s"><v>7</v></c>')), "damaged"),
    "an entity of its own": (lambda: parts(row(1, "a") + row(2, "&a;")), "damaged"),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_that_is_no_plain_workbook_is_refused(name, tmp_path):
    found, said = PACKAGES[name]
    assert said in refused(pack(tmp_path / "a.xlsx", found()))


ROWS = {
    "the last cell of all": (
        row(1, "a") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "its row or",
    ),
    "far right": (row(1, "a") + row(2, "b") + '<row r="1048576"><c r="DZ1048576"><v>1</v></c></row>', "stands far off"),
    "past the last row": ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "row 1048577 follows"),
    "past the last column": ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "no column XFE"),
    "in another row": ('<row r="1"><c r="A900"><v>1</v></c></row>', "stands in another row"),
    "a cell twice": ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "stands twice"),
    "a row twice": (GOOD + row(2, *LINE), "row 2 follows row 2"),
    "rows backwards": (row(2, "a") + row(1, "b"), "row 1 follows row 2"),
    "row zero": ('<row r="0"><c r="A0"><v>1</v></c></row>', "row 0 follows"),
    "a row of letters": ('<row r="x"><c r="A1"><v>1</v></c></row>', "row x follows"),
    "a cell of no name": ('<row r="1"><c r="1"><v>1</v></c></row>', "another row"),
    "cells after the cells": (
        GOOD + '</sheetData><pageMargins/><sheetData><row r="9"><c r="XFD9"><v>1</v></c></row>',
        "outside",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_sheet_that_no_program_writes_is_refused(name, tmp_path):
    body, said = ROWS[name]
    assert said in refused(pack(tmp_path / "a.xlsx", parts(body)))


def test_files_of_other_kinds_under_the_name_are_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"line_id,item\n1,x\n")
    assert "begins with 'line_id,item" in refused(path)
    path.write_bytes(limits.OLD_OFFICE + b"\0" * 600)
    assert "(.xls)" in refused(path)
    path.write_bytes(limits.OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"))
    assert "encrypted; take its password off" in refused(path)
    path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    assert "cut off" in refused(path)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_workbook_that_is_cut_off_is_refused(share, tmp_path):
    path = save(tmp_path / "a.xlsx", [HEADING, *([LINE] * 50)])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "cut off or damaged" in refused(path)


def test_flipped_bytes_never_pass_unseen(tmp_path):
    """A workbook with any one byte of its sheet changed is read the same or refused."""
    path = save(tmp_path / "a.xlsx", [HEADING, LINE])
    whole, kept = path.read_bytes(), [c.frame.rows() for c in xlsx_chunks(path)]
    with zipfile.ZipFile(path) as package:
        part = package.getinfo(SHEET)
    for at in range(part.header_offset + 60, part.header_offset + 60 + part.compress_size, 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with suppress(UsageError):
            assert [c.frame.rows() for c in xlsx_chunks(path)] == kept


def test_a_bomb_is_stopped_where_it_begins_to_burst(tmp_path):
    path = tmp_path / "a.xlsx"
    found = parts(GOOD)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in found.items():
            if name != SHEET:
                package.writestr(name, content)
        with package.open(SHEET, "w") as sheet:
            sheet.write(found[SHEET].partition("</sheetData>")[0].encode())
            for _ in range(300):
                sheet.write(b" " * 1_000_000)
    start = time.monotonic()
    assert "no order book does that" in refused(path)
    assert time.monotonic() - start < 10


def test_a_part_that_lies_about_its_size_is_refused(tmp_path):
    """The directory says that the sheet is small; it is not, and another reader would not stop where it says."""
    path = pack(tmp_path / "a.xlsx", parts(GOOD))
    with zipfile.ZipFile(path) as package:
        real = package.getinfo(SHEET)
        text = package.read(SHEET)
    data = bytearray(path.read_bytes())
    entry = data.rfind(SHEET.encode()) - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, entry + 24, real.file_size - 30)
    struct.pack_into("<I", data, entry + 16, zlib.crc32(text[:-30]))
    path.write_bytes(data)
    assert "damaged" in refused(path)


def test_millions_of_parts_are_refused_before_they_are_listed(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        for name, content in parts(GOOD).items():
            package.writestr(name, content)
        for n in range(limits.MAX_PARTS + 1):
            package.writestr(f"x/{n}", b"")
    path = tmp_path / "a.xlsx"
    path.write_bytes(held.getvalue())
    assert "parts or more" in refused(path)


def test_texts_that_would_be_copied_too_often_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_TEXT_BYTES", 1_000_000)
    cells = "".join(row(n, *['<c r="REF" t="s"><v>0</v></c>'] * 2) for n in range(2, 100))
    path = pack(tmp_path / "a.xlsx", parts(row(1, "a", "b") + cells, f"<si><t>{'x' * 9000}</t></si>"))
    assert "texts of up to 9,000 letters" in refused(path)


def test_a_book_of_200_columns_and_a_million_letters_is_read(tmp_path):
    rows = [[*HEADING, *(f"c{n}" for n in range(200))], [*LINE, *(str(n) for n in range(200))]]
    body = row(1, *HEADING, "note") + row(2, *LINE, "x" * 1_000_000)
    assert next(xlsx_chunks(save(tmp_path / "a.xlsx", rows))).frame.width == 206
    long = next(xlsx_chunks(pack(tmp_path / "b.xlsx", parts(body)))).frame
    assert long["note"].str.len_chars().to_list() == [1_000_000]


def test_a_row_as_wide_as_a_sheet_is_read(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    for place in range(MOST_COLUMNS):
        sheet.write_string(0, place, f"c{place}")
        sheet.write_number(1, place, place)
    book.close()
    assert next(xlsx_chunks(tmp_path / "a.xlsx")).frame.width == MOST_COLUMNS


def test_merges_that_cover_each_other_take_no_time(tmp_path):
    many = "".join(f'<mergeCell ref="{c}2:{c}60000"/>' for c in ("A", "B", "C", "D") for _ in range(2000))
    path = pack(tmp_path / "a.xlsx", parts(GOOD, after=f"<mergeCells>{many}</mergeCells>"))
    start = time.monotonic()
    chunk = next(xlsx_chunks(path))
    assert list(chunk.broken) == [0]
    assert time.monotonic() - start < 5


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process's own memory stands there")
def test_no_memory_is_taken_for_a_cell_far_off(tmp_path):
    """The far cell is refused by a process that never laid out its rectangle."""
    path = pack(tmp_path / "a.xlsx", parts(ROWS["the last cell of all"][0]))
    code = (
        "import sys; from pathlib import Path; from headgate.errors import UsageError\n"
        "from headgate.decide.read_xlsx import xlsx_chunks\n"
        "try: list(xlsx_chunks(Path(sys.argv[1])))\n"
        "except UsageError as said: print(said)\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert "stands far off" in done.stdout
    assert int(done.stdout.split()[-1]) < 300_000


def test_the_command_refuses_in_one_line_and_writes_nothing(tmp_path, capsys):
    path = pack(tmp_path / "a.xlsx", parts(ROWS["a cell twice"][0]))
    assert main(["decide", str(path), "-o", str(tmp_path / "out.csv")]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx"]


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on the size of files")
def test_a_full_disk_leaves_no_half_of_a_workbook(tmp_path):
    orders = tmp_path / "orders.csv"
    lines = "".join(f"{n},export,2024-06-01,nvidia-h100-sxm,US,CN\n" for n in range(3000))
    orders.write_text(",".join(HEADING) + "\n" + lines)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from headgate.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-W", "error", "-c", code, "decide", str(orders), "-o", str(tmp_path / "out.xlsx")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["orders.csv"]
