"""`headgate decide` as its user meets it: formats, options, exit codes, and files that are not as they should be."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import headgate
from headgate.cli.main import main
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import DECISION_COLUMNS

ORDERS = Path(__file__).resolve().parents[2] / "examples" / "orders.csv"
HEADING = "line_id,activity,event_date,item,ship_from,destination,hq_country,end_use,tpp,is_denied,quantity"
GOOD = "1,export,2024-06-01,nvidia-h100-sxm,US,CN,CN,civil,,no,8"


@pytest.fixture
def decide(tmp_path, capfdbinary):
    """Decide a text as a CSV file; return exit code, rows and what was said."""

    def run(content, *options, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = main(["decide", str(path), *options])
        out, err = capfdbinary.readouterr()
        rows = list(csv.DictReader(io.StringIO(out.decode()))) if out and "--json" not in options else out.decode()
        return code, rows, err.decode()

    return run


def book(*lines, heading=HEADING):
    """Return a CSV text."""
    return "\n".join((heading, *lines)) + "\n"


BAD_ROWS = {
    "unknown chip": ("2,export,2024-06-01,nvidia-h10-sxm,US,CN,CN,civil,,no,8", "nvidia-h100-sxm"),
    "ambiguous chip": ("2,export,2024-06-01,H100,US,CN,CN,civil,,no,8", "nvidia-h100-pcie"),
    "NaN": ("2,export,2024-06-01,,US,CN,CN,civil,NaN,no,8", "NaN is not a number"),
    "infinity": ("2,export,2024-06-01,,US,CN,CN,civil,inf,no,8", "finite"),
    "impossible date": ("2,export,2024-02-30,nvidia-h100-sxm,US,CN,CN,civil,,no,8", "not a real day"),
    "date of another country": ("2,export,30.06.2024,nvidia-h100-sxm,US,CN,CN,civil,,no,8", "YYYY-MM-DD"),
    "day before the book": ("2,export,2022-08-25,nvidia-h100-sxm,US,CN,CN,civil,,no,8", "2022-08-26"),
    "no date": ("2,export,,nvidia-h100-sxm,US,CN,CN,civil,,no,8", "event_date is blank"),
    "negative number": ("2,export,2024-06-01,,US,CN,CN,civil,-5,no,8", "negative"),
    "text number": ("2,export,2024-06-01,,US,CN,CN,civil,about 5000,no,8", "is not a number"),
    "number with a comma": ('2,export,2024-06-01,,US,CN,CN,civil,"15,832",no,8', "no unit or comma"),
    "duplicate line": ("1,export,2024-06-01,nvidia-h100-sxm,US,CN,CN,civil,,no,8", "already stands in row 1"),
    "blank line id": (",export,2024-06-01,nvidia-h100-sxm,US,CN,CN,civil,,no,8", "line_id is blank"),
    "no country": ("2,export,2024-06-01,nvidia-h100-sxm,US,Chnia,CN,civil,,no,8", "China"),
    "a country asked back": ("2,export,2024-06-01,nvidia-h100-sxm,US,Korea,CN,civil,,no,8", "KR"),
    "no yes or no": ("2,export,2024-06-01,nvidia-h100-sxm,US,CN,CN,civil,,maybe,8", "neither yes nor no"),
    "unknown use": ("2,export,2024-06-01,nvidia-h100-sxm,US,CN,CN,civilian,,no,8", "civil"),
    "unknown activity": ("2,exprot,2024-06-01,nvidia-h100-sxm,US,CN,CN,civil,,no,8", "export"),
    "too many cells": ("2,export,2024-06-01,nvidia-h100-sxm,US,CN,CN,civil,,no,8,9,10", "13 cells"),
    "too few cells": ("2,export,2024-06-01,nvidia-h100-sxm,US,CN", "6 cells and the heading 11"),
    "broken quote": ('2,export,2024-06-01,"nvidia-h100-sxm,US,CN,CN,civil,,no,8', "never closed"),
    "not UTF-8": (b"2,export,2024-06-01,nvidia-h100-sxm,US,CN,CN,civil\xe9,,no,8", "not UTF-8"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_says_what_is_wrong_and_the_rest_is_decided(decide, name):
    line, said = BAD_ROWS[name]
    content = b"\n".join((HEADING.encode(), GOOD.encode(), line if isinstance(line, bytes) else line.encode()))
    content += b"\n" + GOOD.replace("1,", "3,", 1).encode() + b"\n"
    code, rows, _ = decide(content)
    assert [r["outcome"] for r in rows] == ["license_required", "invalid_row", "license_required"]
    assert said in rows[1]["error"]
    assert rows[1]["row_number"] == "2"
    assert code == 10


def test_an_invalid_row_alone_exits_20(decide):
    assert decide(book(BAD_ROWS["NaN"][0]))[0] == 20


BAD_FILES = {
    "empty": ("", "is empty"),
    "unknown column": (book(GOOD + ",1", heading=HEADING + ",destnation2"), "Did you mean destination"),
    "sparse figures": (book(GOOD + ",1", heading=HEADING + ",sparse_fp8_tflops"), "only dense rates count"),
    "column twice": (book(GOOD + ",1", heading=HEADING + ",item"), "names 'item' twice"),
    "column without a name": (book(GOOD + ",1", heading=HEADING + ","), "has no name"),
    "semicolons": (HEADING.replace(",", ";") + "\n", "not separated by commas"),
    "UTF-16": (HEADING.encode("utf-16"), "UTF-16"),
    "no line_id": ("item,destination\nnvidia-h100-sxm,CN\n", "no column line_id"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_is_refused(decide, name):
    content, said = BAD_FILES[name]
    code, rows, err = decide(content)
    assert code == 2
    assert rows in ("", []) or not rows
    assert said in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv"], "no such file"),
        ([str(ORDERS), "-o", "out.xls"], "output files end in"),
        ([str(ORDERS), "--set", "is_denied"], "field=value"),
        ([str(ORDERS), "--set", "is_denid=no"], "is_denied"),
        ([str(ORDERS), "--set", "is_denied=perhaps"], "neither yes nor no"),
        ([str(ORDERS), "--carry", "po_number"], "no such column"),
        ([str(ORDERS), "-o", "no/such/folder/out.csv"], "does not exist"),
        ([str(ORDERS.with_suffix(".md"))], "files end in"),
        ([], "name the order book"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(arguments, said, capsys):
    assert main(["decide", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_byte_order_mark_crlf_and_blank_lines_are_read(decide):
    content = b"\xef\xbb\xbf" + book(GOOD, "", GOOD.replace("1,", "2,", 1)).replace("\n", "\r\n").encode()
    _, rows, _ = decide(content)
    assert [r["outcome"] for r in rows] == ["license_required", "license_required"]
    assert rows[0]["line_id"] == "1"


def test_quoted_cells_with_commas_and_line_breaks_are_read(decide):
    heading = HEADING + ",consignee"
    _, rows, _ = decide(
        book(GOOD + ',"Fictive, Ltd.\nShenzhen"', GOOD.replace("1,", "2,", 1) + ",浪潮", heading=heading)
    )
    assert [r["outcome"] for r in rows] == ["license_required", "license_required"]


def test_formulas_are_written_out_harmless_and_negative_numbers_survive(decide):
    lines = [
        GOOD.replace("1,", "=cmd|' /C calc'!A0,", 1) + ",-5,@SUM(A1)",
        GOOD.replace("1,", "-7,", 1) + ",-1.5e3,+1+1",
    ]
    _, rows, _ = decide(book(*lines, heading=HEADING + ",balance,note"), "--carry", "balance", "--carry", "note")
    assert rows[0]["line_id"] == "'=cmd|' /C calc'!A0"
    assert [r["balance"] for r in rows] == ["-5", "-1.5e3"]
    assert [r["note"] for r in rows] == ["'@SUM(A1)", "'+1+1"]
    assert rows[1]["line_id"] == "-7"


def test_norway_is_a_country_and_the_only_no_that_is_one(decide):
    _, rows, _ = decide(book("1,export,2024-06-01,nvidia-h100-sxm,US,NO,NO,civil,,no,8"), "--assume", "clean")
    assert rows[0]["outcome"] == "no_license_required"


def formats(tmp_path):
    """Write the example as CSV, JSONL and Parquet, the last with real types."""
    frame = pl.read_csv(ORDERS, infer_schema=False)
    csv_path, jsonl, parquet = (tmp_path / f"orders.{end}" for end in ("csv", "jsonl", "parquet"))
    frame.write_csv(csv_path)
    with jsonl.open("w", encoding="utf-8") as file:
        for row in frame.to_dicts():
            file.write(json.dumps({k: typed(k, v) for k, v in row.items() if v is not None}, ensure_ascii=False) + "\n")
    dates = [c for c in ("event_date", "order_date") if c in frame.columns]
    frame.with_columns(pl.col(dates).str.to_date(), pl.col("quantity").cast(pl.Float64)).write_parquet(parquet)
    return csv_path, jsonl, parquet


def typed(column, value):
    """Return a cell as JSON would hold it."""
    kind = COLUMNS[column].kind
    if kind in ("number", "share"):
        return float(value)
    if kind == "yesno":
        return {"yes": True, "no": False}[value]
    return value.split(";") if kind in ("countries", "uses", "ids") else value


def test_csv_jsonl_parquet_one_by_one_and_table_are_identical(tmp_path, capsys):
    answers = {}
    for path in formats(tmp_path):
        out = tmp_path / f"{path.suffix[1:]}.jsonl"
        assert main(["decide", str(path), "-o", str(out)]) == 10
        answers[path.suffix] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert answers[".csv"] == answers[".jsonl"] == answers[".parquet"]
    for row, got in zip(pl.read_csv(ORDERS, infer_schema=False).to_dicts(), answers[".csv"], strict=True):
        assert json.loads(headgate.decide(row).to_json()) | {"row_number": got["row_number"]} == got
    table = headgate.decide_table(pl.read_csv(ORDERS, infer_schema=False))
    assert table.to_dicts() == answers[".csv"]
    capsys.readouterr()


def test_the_three_output_formats_hold_the_same(tmp_path, capsys):
    outs = [tmp_path / f"out.{end}" for end in ("csv", "jsonl", "parquet")]
    for out in outs:
        main(["decide", str(ORDERS), "-o", str(out)])
    table, lines, flat = pl.read_parquet(outs[2]), pl.read_ndjson(outs[1]), pl.read_csv(outs[0], infer_schema=False)
    assert table.columns == lines.columns == flat.columns == list(DECISION_COLUMNS)
    assert table["outcome"].to_list() == flat["outcome"].to_list() == lines["outcome"].to_list()
    assert table["reasons"].list.join(";").to_list() == flat["reasons"].fill_null("").to_list()
    assert not list(tmp_path.glob(".*"))
    capsys.readouterr()


def test_the_same_input_gives_the_same_bytes(tmp_path):
    outs = []
    for n in range(2):
        out = tmp_path / f"{n}.csv"
        command = [sys.executable, "-m", "headgate", "decide", str(ORDERS), "-o", str(out)]
        subprocess.run(command, check=False, capture_output=True)
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]


def test_facts_stated_for_all_stand_in_assumed(decide):
    line = "1,export,2024-06-01,nvidia-h20-96,US,CN,,,,,8"
    assert decide(book(line))[1][0]["outcome"] == "insufficient_facts"
    code, rows, _ = decide(book(line), "--assume", "clean", "--set", "end_use=ai_training")
    assert (code, rows[0]["outcome"]) == (0, "no_license_required")
    assert {"hq_country", "end_use", "is_denied"} <= set(rows[0]["assumed"].split(";"))
    assert "quantity" not in rows[0]["assumed"]


def test_strict_wins_over_every_other_code(decide):
    line = "1,export,2026-11-22,nvidia-h100-sxm,US,CN,CN,civil,,no,8"
    code, rows, err = decide(book(line), "--strict")
    assert code == 3
    assert rows[0]["evidence"] == "unverified"
    assert "law_not_read_after_2026-09-25" in rows[0]["flags"]
    assert "! 1 line is dated after 2026-09-25" in err


def test_own_parts_come_before_the_catalog(decide, tmp_path):
    parts = tmp_path / "parts.csv"
    parts.write_text(
        "item,item_kind,maker,designer_hq_country,tpp,die_area_mm2,is_datacenter\nXPU-1,ic,ACME,US,4800,600,yes\n"
    )
    line = "1,export,2024-06-01,xpu-1,US,CN,CN,civil,,no,8"
    assert decide(book(line), "--items", str(parts))[1][0]["eccn_paragraph"] == "3A090.a.1"
    parts.write_text("item,tpp\nXPU-1,many\n")
    code, _, err = decide(book(line), "--items", str(parts))
    assert code == 2
    assert "row 1: tpp: 'many' is not a number" in err


def test_carry_rest_echoes_every_column_and_map_renames(decide, tmp_path):
    mapping = tmp_path / "map.toml"
    mapping.write_text('[columns]\n"PO line" = "line_id"\n"Part" = "item"\n')
    content = "PO line,Part,activity,event_date,destination,Buyer ref\n7,nvidia-h100-sxm,export,2024-06-01,CN,R-1\n"
    _, rows, _ = decide(content, "--map", str(mapping), "--carry-rest")
    assert (rows[0]["line_id"], rows[0]["item"], rows[0]["Buyer ref"]) == ("7", "nvidia-h100-sxm", "R-1")
    mapping.write_text('[columns]\n"Part" = "itm"\n')
    code, _, err = decide(content, "--map", str(mapping))
    assert code == 2
    assert "names no column" in err


def test_json_prints_one_object_a_line(decide):
    _, out, _ = decide(book(GOOD, GOOD.replace("1,", "2,", 1)), "--json")
    objects = [json.loads(line) for line in out.splitlines()]
    assert [o["line_id"] for o in objects] == ["1", "2"]
    assert objects[0]["measures"]["tpp"]["value"] == 15832.0
    assert list(objects[0]) == list(DECISION_COLUMNS)


def test_a_broken_json_line_or_parquet_file_is_said(decide):
    good = json.dumps({"line_id": "1", "item": "nvidia-h100-sxm", "destination": "CN", "event_date": "2024-06-01"})
    code, rows, _ = decide(f'{good}\n{{"line_id": "2", \n[1]\n', name="orders.jsonl")
    assert [r["outcome"] for r in rows] == ["insufficient_facts", "invalid_row", "invalid_row"]
    assert code == 20
    code, _, err = decide(b"PAR1 and nothing more", name="orders.parquet")
    assert code == 2
    assert "cannot be read" in err


def test_nothing_half_written_stands_under_the_final_name(tmp_path, monkeypatch):
    from headgate.decide import write

    out = tmp_path / "out.csv"
    monkeypatch.setattr(write.Writer, "write", lambda *_: (_ for _ in ()).throw(RuntimeError("disk full")))
    with pytest.raises(RuntimeError):
        main(["decide", str(ORDERS), "-o", str(out)])
    assert list(tmp_path.iterdir()) == []


def test_columns_are_shown(capsys):
    assert main(["decide", "--columns"]) == 0
    assert capsys.readouterr().out.count("\n") == len(COLUMNS)


def test_many_chunks_answer_like_one(tmp_path, monkeypatch, capsys):
    from headgate.decide import read_csv

    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    main(["decide", str(ORDERS), "-o", str(whole)])
    monkeypatch.setattr(read_csv, "CHUNK_BYTES", 3000)
    monkeypatch.setattr(read_csv, "CHUNK_ROWS", 10)
    main(["decide", str(ORDERS), "-o", str(parts)])
    assert whole.read_bytes() == parts.read_bytes()
    capsys.readouterr()
