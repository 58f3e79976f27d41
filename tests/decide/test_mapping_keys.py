"""Map files: every refusal, and a page that says what each key means."""

import tomllib
from pathlib import Path

import pytest

from headgate.decide.mapping.headings import fold
from headgate.decide.mapping.map_file import layout_of, map_text, read_map, with_options
from headgate.decide.mapping.map_keys import FILE_KEYS, KEYS
from headgate.decide.mapping.scales import SCALES
from headgate.decide.mapping.shipped import shipped_names, shipped_text, shipped_title
from headgate.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "maps.md").read_text(encoding="utf-8")
ITEM = '[columns]\nM = "item"\n'
REFUSED = {
    "no TOML": ("[columns", "it is no TOML"),
    "deep": ("a = " + "[" * 20_000 + "]" * 20_000, "no TOML"),
    "unknown key": ('[colums]\nM = "item"', r"unknown key 'colums'\. Did you mean columns\?"),
    "unknown key of the file": (ITEM + "[file]\nheading-row = 2", r"\[file\] unknown key 'heading-row'.*heading_row"),
    "nothing mapped": ("confirmed = true", "it maps nothing"),
    "no table": ('columns = "item"', r"columns is a table; write \[columns\]"),
    "no text": ("[columns]\nM = 5", "put it in quotes"),
    "unknown column": ('[columns]\nM = "itm"', "names no column. Did you mean item"),
    "two become one": ('[columns]\nM = "item"\nN = "item"', "two headings become the same column.*item"),
    "a heading and a constant": (ITEM + '[constants]\nitem = "h100"', "two headings become the same column"),
    "a heading and a join": (ITEM + '[join]\nitem = { of = ["A"] }', "two headings become the same column"),
    "sparse": ('[columns]\n"FP16 (with sparsity)" = "dense_fp16_tflops"', "is a rate with sparsity.*twice"),
    "sparse in Chinese": ('[columns]\n"FP16稀疏" = "dense_fp16_tflops"', "is a rate with sparsity"),
    "join of nothing": ("[join]\nline_id = { of = [] }", r"\[join\] line_id: write line_id = \{ of"),
    "join as text": ('[join]\nline_id = "A-B"', r"\[join\] line_id: write"),
    "join with another key": ('[join]\nline_id = { of = ["A"], sep = "-" }', r"\[join\] line_id: write"),
    "join of no column": ('[join]\nlineid = { of = ["A"] }', "names no column. Did you mean line_id"),
    "constant line": ('[constants]\nline_id = "1"', "every line needs a name of its own"),
    "blank constant": ('[constants]\nhq_country = " "', "blank is unknown"),
    "impossible constant": ('[constants]\nactivity = "exports"', r"activity = 'exports': .*none of export"),
    "constant list": ('[constants]\nhq_country = "CN;XX"', "'XX' is no country"),
    "no constant column": ('[constants]\nactivty = "export"', "Did you mean activity"),
    "values of nothing": (ITEM + '[values]\nitem = "x"', r"\[values.item\] is a table"),
    "values of no column": (ITEM + '[values.land]\nA = "DE"', r"\[values.land\] names no column"),
    "value of a blank": (ITEM + '[values.is_denied]\n" " = "no"', "a blank cell is unknown and stays so"),
    "impossible value": (ITEM + '[values.destination]\nAbsurdistan = "XX"', "'XX' is no country"),
    "impossible entry": (ITEM + '[values.end_use]\nzivil = "civilian"', "'civilian' is none of civil"),
    "two values": (ITEM + '[values.destination]\nChina = "CN"\n"china " = "TW"', "stands there with another"),
    "value no text": (ITEM + "[values.quantity]\nzwei = 2", "put it in quotes"),
    "unit of another column": (
        '[columns]\nM = "die_area_mm2"\n[units]\nM = "GB/s"',
        "units of die_area_mm2 are mm2, cm2",
    ),
    "unit of no number": (ITEM + '[units]\nM = "GB/s"', "item has no unit"),
    "bits or bytes": ('[columns]\nM = "io_bandwidth_gb_per_s"\n[units]\nM = "Gb/s"', "Did you mean GB/s"),
    "unit of no heading": (ITEM + '[units]\nX = "GB/s"', r"\[units\]: 'X' does not stand in \[columns\]"),
    "unit of our column": (
        '[columns]\n"Band" = "dram_bandwidth_gb_per_s"\n[units]\ndram_bandwidth_gb_per_s = "TB/s"',
        'is our column, and nothing would read the entry; write the heading that becomes it: "Band"',
    ),
    "unit of our column by a join": (
        '[join]\ntpp = { of = ["T"] }\n[units]\ntpp = "kTPP"',
        'is our column.*the heading that becomes it: "T"',
    ),
    "unit of a constant": (ITEM + '[constants]\ntpp = "70"\n[units]\ntpp = "kTPP"', "does not stand in"),
    "unit of one of two": (
        '[columns]\nM = "tpp"\n[join]\ndie_area_mm2 = { of = ["M"] }\n[units]\nM = "kTPP"',
        "units of die_area_mm2 are",
    ),
    "date of our column": (
        '[columns]\nD = "event_date"\n[dates]\nevent_date = "DD/MM/YYYY"',
        r"\[dates\] 'event_date' is our column.*\"D\"",
    ),
    "date of parts": (
        '[join]\nevent_date = { of = ["Y", "M"] }\n[dates]\nY = "YYYYMMDD"',
        r"\[dates\]: 'Y' does not stand",
    ),
    "number of parts": ('[join]\ntpp = { of = ["A", "B"], with = "." }', "no number is put together"),
    "share of parts": ('[join]\nus_content_share = { of = ["A", "B"] }', "no number is put together"),
    "sign still to choose": (ITEM + '[file]\ndecimal = "?"', "is still to be chosen"),
    "date of no heading": (ITEM + '[dates]\nX = "DD.MM.YYYY"', r"\[dates\]: 'X' does not stand"),
    "date of no day": (ITEM + '[dates]\nM = "DD.MM.YYYY"', "item is no day"),
    "date in no form": ('[columns]\nM = "event_date"\n[dates]\nM = "TT.MM.JJJJ"', "'T' stands for nothing"),
    "only no list": (ITEM + '[only]\nCurr = "USD"', "write a list of texts"),
    "only nothing": (ITEM + "[only]\nCurr = []", "write a list of texts"),
    "carry no list": ('carry = "A"\n' + ITEM, "carry is a list of headings"),
    "carry numbers": ("carry = [1]\n" + ITEM, "carry is a list of headings"),
    "ignored and used": ('ignore = ["M"]\n' + ITEM, "ignore lists 'M', which another part of the map uses"),
    "ignored and carried": ('ignore = ["A"]\ncarry = ["A"]\n' + ITEM, "which another part of the map uses"),
    "row zero": (ITEM + "[file]\nheading_row = 0", "heading_row = 0 is no row"),
    "row yes": (ITEM + "[file]\nheading_row = true", "heading_row = True is no row"),
    "sheet by number": (ITEM + "[file]\nsheet = 2", r"\[file\] sheet = 2 is no text"),
    "decimal sign": (ITEM + "[file]\ndecimal = ';'", "decimal sign is"),
    "separator": (ITEM + "[file]\nseparator = '||'", "write one character"),
    "separator a quote": (ITEM + "[file]\nseparator = '\"'", "write one character"),
    "encoding": (ITEM + "[file]\nencoding = 'utf-9'", "encoding = 'utf-9' is unknown. Did you mean utf-8"),
    "no text encoding": (ITEM + "[file]\nencoding = 'base64'", "encoding = 'base64' is unknown"),
    "language": (ITEM + "[file]\nlanguage = 'fr'", "it is one of de, zh"),
    "confirmed": ('confirmed = "yes"\n' + ITEM, "confirmed is true or false"),
    "draft": ("confirmed = false\n" + ITEM, "this map is a draft: 0 lines are marked GUESS"),
    "draft with a guess": (
        "confirmed = false\n[columns]\nM = 'item' # GUESS: because\n",
        "draft: 1 line is marked GUESS",
    ),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED)
def test_a_map_that_cannot_be_used_is_refused(text, says):
    with pytest.raises(UsageError, match=f"(?s)--map m.toml: .*{says}"):
        layout_of("m.toml", text)


def test_a_draft_can_be_looked_at():
    assert layout_of("m.toml", "confirmed = false\n" + ITEM, drafts=True).columns == {"M": "item"}


def test_the_old_form_with_columns_alone_goes_on_working():
    assert layout_of("m.toml", '[columns]\n"PO line" = "line_id"').columns == {"PO line": "line_id"}


def test_a_map_that_is_not_there_is_named_with_near_ones(tmp_path):
    with pytest.raises(UsageError, match="no such file, and no map of that name.*Did you mean sap-german"):
        read_map("sap-germany")
    with pytest.raises(UsageError, match="cannot be read"):
        map_text(str(tmp_path))
    latin = tmp_path / "m.toml"
    latin.write_bytes('[columns]\n"Menge für" = "quantity"'.encode("latin-1"))
    with pytest.raises(UsageError, match="not UTF-8 at byte 18"):
        read_map(str(latin))


def test_a_byte_order_mark_is_no_harm(tmp_path):
    file = tmp_path / "m.toml"
    file.write_bytes(b"\xef\xbb\xbf" + ITEM.encode())
    assert read_map(str(file)).columns == {"M": "item"}


@pytest.mark.parametrize("name", shipped_names())
def test_each_shipped_map_can_be_used_and_says_what_it_is_for(name):
    assert read_map(name).columns
    assert 10 < len(shipped_title(name)) < 70
    assert f"`{name}`" in PAGE
    assert shipped_text(name).endswith("\n")


@pytest.mark.parametrize("name", shipped_names())
def test_no_shipped_map_makes_a_fact_of_a_word_that_says_nothing(name):
    """N/A, a dash or "none" is written where nobody asked; only a person can say that it is a fact."""
    nothing = {"n/a", "na", "n.a.", "-", "--", "?", "none", "null", "nil", "keine", "k. a.", "entfällt", "无", "不适用"}
    tables = tomllib.loads(shipped_text(name)).get("values", {})
    assert [
        (column, theirs)
        for column, table in tables.items()
        for theirs, ours in table.items()
        if ours and fold(theirs) in nothing
    ] == []


def test_options_go_before_the_map(tmp_path):
    layout = layout_of("m.toml", ITEM + "[file]\nsheet = 'A'\nheading_row = 4")
    found = with_options(layout, tmp_path / "a.xlsx", "B", 2)
    assert (found.sheet, found.heading_row) == ("B", 2)
    assert with_options(layout, tmp_path / "a.xlsx", None, None) is layout
    with pytest.raises(UsageError, match="is no workbook and has no sheets"):
        with_options(layout, tmp_path / "a.csv", "B", None)
    for name, row in (("a.csv", 0), ("a.jsonl", 2)):
        with pytest.raises(UsageError, match="rows count from 1"):
            with_options(layout, tmp_path / name, None, row)


def test_the_page_explains_every_key_and_unit():
    assert [key for key in (*KEYS, *FILE_KEYS) if f"`{key}`" not in PAGE and f"`[{key}]`" not in PAGE] == []
    assert [unit for units in SCALES.values() for unit in units if unit not in PAGE] == []
