"""Order books that are not as they should be: each by its name, as it stands in README.md."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import polars as pl

HEADING = "line_id,activity,event_date,item,ship_from,destination,hq_country,end_use,is_denied,quantity"
GOOD = dict(
    zip(
        HEADING.split(","),
        ("1", "export", "2024-06-01", "nvidia-h100-sxm", "US", "CN", "CN", "civil", "no", "8"),
        strict=True,
    )
)
MILLION = 1_000_000
Made = tuple[str, bytes]
FILES: dict[str, Callable[[], Made]] = {}


def row(line_id: str = "1", **cells: str) -> str:
    """Return a line of CSV with some cells of its own."""
    return ",".join((GOOD | {"line_id": line_id} | cells).values())


def text(*lines: str, heading: str = HEADING, end: str = "\n") -> bytes:
    """Return a CSV file."""
    return end.join((heading, *lines, "")).encode()


def cell(**cells: str) -> bytes:
    """Return a CSV file of a line with a cell of its own, and a good line."""
    return text(row("1", **cells), row("2"))


def more(heading: str, value: str) -> bytes:
    """Return a CSV file with a further column."""
    return text(f"{row('1')},{value}", f"{row('2')},{value}", heading=f"{HEADING},{heading}")


def jsonl(first: str | bytes) -> bytes:
    """Return a file of JSON Lines: a line, and a good one."""
    raw = first if isinstance(first, bytes) else first.encode()
    return raw + b"\n" + json.dumps(GOOD | {"line_id": "2"}).encode() + b"\n"


def parquet(**columns: object) -> bytes:
    """Return a Parquet file of one line with columns of its own."""
    out = io.BytesIO()
    pl.DataFrame({k: v if isinstance(v, pl.Series) else [v] for k, v in {**GOOD, **columns}.items()}).write_parquet(out)
    return out.getvalue()


def of(ending: str, name: str, made: Callable[[], bytes]) -> None:
    """Put a file on record."""
    FILES[name] = lambda: (ending, made())


JUNK = ",".join(f"junk_{n}" for n in range(200))
of(".csv", "200 columns of junk", lambda: more(JUNK, "," * 199))
of(".csv", "a cell of a million characters", lambda: cell(destination="X" * MILLION))
of(".csv", "a part number of a million characters", lambda: cell(item="X" * MILLION))
of(".csv", "a number of a million digits", lambda: cell(quantity="9" * MILLION))
of(".csv", "a heading of a million characters", lambda: more("y" * MILLION, "1"))
of(".csv", "a heading without an end", lambda: b"x," * (3 * MILLION))
of(".csv", "a Latin-1 row among UTF-8", lambda: cell().replace(b"nvidia-h100-sxm", "Côte".encode("latin-1"), 1))
of(".csv", "a cp1252 heading", lambda: more("Käufer", "x").decode().encode("cp1252"))
of(".csv", "GB18030", lambda: more("consignee", "浪潮").decode().encode("gb18030"))
of(".csv", "UTF-16 with a mark", lambda: cell().decode().encode("utf-16"))
of(".csv", "UTF-16 without a mark", lambda: cell().decode().encode("utf-16-le"))
of(".csv", "UTF-32", lambda: cell().decode().encode("utf-32"))
of(".csv", "a NUL in a cell", lambda: cell(destination="C\0N"))
of(".csv", "nothing but NULs", lambda: b"\0" * 100_000)
of(".csv", "a zero-width space in a country", lambda: cell(destination="U\u200bS"))
of(".csv", "zero-width spaces around a country", lambda: cell(destination="\u200bCN\ufeff"))
of(".csv", "a soft hyphen in an end use", lambda: cell(end_use="ci\xadvil"))
of(".csv", "a cell of a zero-width space alone", lambda: cell(is_denied="\u200b"))
of(".csv", "a part number of a zero-width space alone", lambda: cell(item="\u200b"))
of(".csv", "a zero-width space in a heading", lambda: text(row(), heading=HEADING.replace("item", "it\u200bem")))
of(".csv", "a Cyrillic letter in a country", lambda: cell(destination="\u0421N"))
of(".csv", "full-width letters in a country", lambda: cell(destination="ＣＮ"))
of(".csv", "an override of direction in a country", lambda: cell(destination="\u202eNC\u202c"))
of(".csv", "Arabic digits in a day", lambda: cell(event_date="٢٠٢٤-٠٦-٠١"))
of(".csv", "lines that end in CR alone", lambda: text(row(), end="\r"))
of(".csv", "CR alone among rows", lambda: text(f"{row('1')}\r{row('2')}"))
of(".csv", "a CR in a cell", lambda: cell(item="nvidia\r-h100-sxm"))
of(".csv", "a quote that is never closed", lambda: cell(item='"nvidia'))
of(".csv", "a quote never closed over pages", lambda: text(row("1", item='"x'), *["a pasted mail"] * 50_000, row("2")))
of(
    ".csv",
    "a cell that begins with a stray quote",
    lambda: text(row("1", item='"15 X'), row("3", item='19"'), row("2")),
)
of(".csv", "a quoted cell with more behind it", lambda: cell(item='"15" rack'))
of(".csv", "a row cut short", lambda: text(row("1").rpartition(",")[0], row("2")))
of(".csv", "a row with a cell left out", lambda: text(row("1").replace(",no,", ",", 1), row("2")))
of(".csv", "a line without an end", lambda: text(row("1")) + b"x" * 70 * MILLION)
of(".csv", "1e999", lambda: cell(quantity="1e999"))
of(".csv", "a Parquet file named .csv", parquet)
of(".csv", "a packed file named .csv", lambda: gzip.compress(cell()))
of(".csv", "a workbook named .csv", lambda: b"PK\x03\x04" + bytes(range(256)))
of(".csv", "an old workbook named .csv", lambda: b"\xd0\xcf\x11\xe0" + bytes(512))
of(".csv", "a PDF named .csv", lambda: b"%PDF-1.7\n%\xe2\xe3\n")
of(".csv", "no byte at all", lambda: b"")
of(".csv", "a byte-order mark and nothing more", lambda: b"\xef\xbb\xbf")
of(".jsonl", "JSON nested 100,000 deep", lambda: jsonl('{"line_id":' + "[" * 100_000 + "]" * 100_000 + "}"))
of(".jsonl", "NaN in JSON", lambda: jsonl(json.dumps(GOOD | {"tpp": float("nan")})))
of(".jsonl", "Infinity in JSON", lambda: jsonl(json.dumps(GOOD | {"tpp": float("inf")})))
of(".jsonl", "1e999 in JSON", lambda: jsonl(json.dumps(GOOD | {"tpp": 1}).replace(": 1}", ": 1e999}")))
of(".jsonl", "a name twice in JSON", lambda: jsonl('{"line_id":"1","destination":"CN","destination":"US"}'))
of(".jsonl", "a name that is blank in JSON", lambda: jsonl('{"line_id":"1","":"CN"}'))
of(".jsonl", "6,000 digits in JSON", lambda: jsonl('{"line_id":"1","destination":"CN","tpp":' + "9" * 6000 + "}"))
of(".jsonl", "half a character in JSON", lambda: jsonl(b'{"line_id":"\\ud800","destination":"CN"}'))
of(
    ".jsonl",
    "Latin-1 in JSON",
    lambda: jsonl(json.dumps(GOOD | {"consignee": "ü"}, ensure_ascii=False).encode("latin-1")),
)
of(".jsonl", "JSON in UTF-16", lambda: json.dumps(GOOD).encode("utf-16"))
of(".jsonl", "one array of JSON", lambda: json.dumps([GOOD, GOOD], indent=1).encode())
of(".jsonl", "a number as a line of JSON", lambda: jsonl("7"))
of(".jsonl", "a zero-width space in JSON", lambda: jsonl(json.dumps(GOOD | {"destination": "U\u200bS"})))
of(".jsonl", "a cell of a million characters in JSON", lambda: jsonl(json.dumps(GOOD | {"item": "X" * MILLION})))
of(".parquet", "half a Parquet file", lambda: parquet()[: len(parquet()) // 2])
of(".parquet", "a Parquet file without its last bytes", lambda: parquet()[:-10])
of(".parquet", "the end of a Parquet file", lambda: parquet()[-200:])
of(".parquet", "a Parquet file with noise inside", lambda: parquet()[:4] + bytes(range(256)) * 8 + parquet()[-40:])
of(".parquet", "text named .parquet", cell)
of(".parquet", "a record in a Parquet cell", lambda: parquet(destination={"a": "CN"}))
of(".parquet", "lists of lists in a Parquet cell", lambda: parquet(hq_country=[["CN"]]))
of(".parquet", "bytes in a Parquet cell", lambda: parquet(destination=b"\xff\xfe"))
of(".parquet", "a span of time in a Parquet cell", lambda: parquet(event_date=timedelta(days=3)))
of(".parquet", "a time of day in a Parquet cell", lambda: parquet(event_date=time(3)))
of(".parquet", "a time zone in a Parquet cell", lambda: parquet(event_date=datetime(2024, 6, 1, tzinfo=UTC)))
of(".parquet", "a number for a day in Parquet", lambda: parquet(event_date=20240601))
of(".parquet", "a column of Parquet without a name", lambda: parquet(**{"": "x"}))
