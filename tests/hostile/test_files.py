"""Every hostile file of README.md: what is said, and that nothing is left half-written."""

import random
from pathlib import Path

import polars as pl
import pytest

from headgate.cli.main import main
from headgate.decide.mapping.layout import Layout
from headgate.decide.read import read_chunks
from headgate.errors import UsageError

from .files import FILES, HEADING, parquet, row, text

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
LINES = [
    line.strip("| ").split(" | ") for line in README.splitlines() if line.startswith("| ") and line.count(" | ") == 2
]
SAYS = {name: (refused, says) for name, refused, says in LINES[1:]}


def test_the_table_names_every_file():
    assert list(SAYS) == list(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_clearly_and_leaves_nothing_behind(name, tmp_path, capfd):
    ending, content = FILES[name]()
    orders, out = tmp_path / f"orders{ending}", tmp_path / "out.csv"
    orders.write_bytes(content)
    out.write_text("as it was")
    code = main(["decide", str(orders), "-o", str(out)])
    said = capfd.readouterr().err
    refused, says = SAYS[name]
    assert (code == 2) == (refused == "file")
    if refused == "file":
        assert says in said
        assert said.startswith("headgate: ")
        assert said.count("\n") == 1
        assert len(said) < 700
        assert out.read_text() == "as it was"
    else:
        rows = pl.read_csv(out, infer_schema=False)
        errors = [e for e in rows["error"] if e]
        assert says in errors[0]
        assert len(errors[0]) < 700
        assert set(rows.filter(pl.col("error").is_not_null())["outcome"]) == {"invalid_row"}
    assert {p.name for p in tmp_path.iterdir()} == {orders.name, "out.csv"}


ALONE = ("GB18030", "CR alone among rows")  # files without a good line
BESIDE = [name for name, (refused, _) in SAYS.items() if refused == "row" and name not in ALONE]


@pytest.mark.parametrize("name", [name for name in BESIDE if not name.endswith(("in Parquet", "Parquet cell"))])
def test_the_good_line_beside_a_bad_one_is_decided(name, tmp_path, capfd):
    ending, content = FILES[name]()
    orders, out = tmp_path / f"orders{ending}", tmp_path / "out.csv"
    orders.write_bytes(content)
    main(["decide", str(orders), "-o", str(out)])
    assert pl.read_csv(out, infer_schema=False)["outcome"][-1] == "license_required"
    capfd.readouterr()


@pytest.mark.parametrize("hidden", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\xad", "\u202e", "\u2066", "\0"])
@pytest.mark.parametrize("column", ["destination", "hq_country", "is_denied", "end_use", "activity", "event_date"])
def test_a_hidden_character_makes_no_code_another_one(hidden, column, tmp_path, capfd):
    good = row("1").split(",")[HEADING.split(",").index(column)]
    cells = {"a": good[:1] + hidden + good[1:], "b": hidden + good, "c": good + hidden, "d": hidden}
    orders, out = tmp_path / "orders.csv", tmp_path / "out.csv"
    orders.write_bytes(text(*(row(n, **{column: value}) for n, value in cells.items())))
    main(["decide", str(orders), "-o", str(out)])
    rows = pl.read_csv(out, infer_schema=False)
    assert set(rows["outcome"]) == {"invalid_row"}
    assert all(f"U+{ord(hidden):04X}" in error for error in rows["error"])
    capfd.readouterr()


def test_damaged_parquet_is_read_or_refused_and_nothing_else(tmp_path, capfd):
    whole, chance, path = parquet(), random.Random(6), tmp_path / "orders.parquet"
    refused = read = 0
    for _ in range(150):
        raw = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            raw[chance.randrange(len(raw) // 2, len(raw))] = chance.randrange(256)
        path.write_bytes(raw)
        try:
            read += bool(list(read_chunks(path, Layout())))
        except UsageError as problem:
            refused += "\n" not in str(problem)
    assert refused + read == 150
    assert refused > 50
    capfd.readouterr()


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet"])
@pytest.mark.parametrize("value", [b"\xff", {"a": 1}, [[1]]])
def test_what_a_csv_cannot_hold_is_carried_all_the_same(value, out, tmp_path, capfd):
    orders = tmp_path / "orders.parquet"
    orders.write_bytes(parquet(blob=value))
    assert main(["decide", str(orders), "--carry", "blob", "-o", str(tmp_path / out)]) == 10
    capfd.readouterr()
