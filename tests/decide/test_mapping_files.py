"""How a map says a file is written: separators, encodings, lines above the table; and the map of the documentation."""

import re
from pathlib import Path

import polars as pl
import pytest

from headgate.cli.main import main
from headgate.decide.mapping.map_file import layout_of
from headgate.decide.read import read_chunks
from headgate.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
MAP = '[columns]\n"Menge" = "quantity"\n"Empfänger" = "consignee"\n"Zeile" = "line_id"\n[file]\n'
ROWS = [["1", "5", "Müller"], ["2", "1.000,5", 'a;b "c",\nd'], ["3", None, "ß"]]


def written(rows, separator):
    """Write rows as CSV by hand."""
    cells = [
        [c if c is None or not set(c) & set('";,\n') else '"' + c.replace('"', '""') + '"' for c in r] for r in rows
    ]
    return "".join(separator.join(c or "" for c in r) + "\n" for r in [["Zeile", "Menge", "Empfänger"], *cells])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "gb18030", "latin-1"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_csv_is_read_as_the_map_says_it_is_written(tmp_path, encoding, separator):
    path = tmp_path / "a.csv"
    path.write_bytes(("Stand heute\n\n" + written(ROWS, separator)).encode(encoding, "replace"))
    keys = f'separator = "{separator}"\nencoding = "{encoding}"\nheading_row = 3\ndecimal = ","'.replace("\t", "\\t")
    # The letter ß is none of gb18030's one- or two-byte ones, but four bytes; it must come back all the same.
    (found,) = read_chunks(path, layout_of("m.toml", MAP + keys))
    assert found.broken == {}
    assert found.frame.select("line_id", "consignee").rows() == [(r[0], r[2]) for r in ROWS]
    assert [None if q is None else float(q) for q in found.frame["quantity"]] == [5.0, 1000.5, None]


@pytest.mark.parametrize("separator", [",", ";"])
def test_plain_and_quoted_rows_are_read_alike(tmp_path, separator):
    rows = [[str(n), str(n), "x"] for n in range(500)]
    path = tmp_path / "a.csv"
    layout = layout_of("m.toml", MAP + f'separator = "{separator}"')
    path.write_text(written(rows, separator), encoding="utf-8")
    plain = pl.concat([c.frame for c in read_chunks(path, layout)])
    path.write_text(written(rows, separator).replace("x\n", '"x"\n'), encoding="utf-8")
    assert pl.concat([c.frame for c in read_chunks(path, layout)]).equals(plain)
    assert plain.height == 500


@pytest.mark.parametrize(
    ("content", "keys", "says"),
    [
        (
            "Zeile;Menge;Empfänger\n1;2;ü\n".encode("cp1252"),
            'separator = ";"\nencoding = "gb18030"',
            "the file is not gb18030",
        ),
        (b"Zeile,Menge\n1,2\n", "heading_row = 5", "the file ends before row 5"),
        (b"Zeile;Menge\n1;2\n", "", "not separated by commas.*`separator` under"),
        (b"Zeile,Menge\n1,2\n", 'separator = ";"', "not separated by ';'"),
        ("Zeile,Menge\n".encode("utf-16"), "", "UTF-16"),
    ],
)
def test_a_file_that_is_not_written_so_is_refused(tmp_path, content, keys, says):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        list(read_chunks(path, layout_of("m.toml", MAP + keys)))


def test_a_row_with_too_many_cells_names_the_separator(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Zeile;Menge;Empfänger\n1;2;3;4\n", encoding="utf-8")
    (found,) = read_chunks(path, layout_of("m.toml", MAP + 'separator = ";"'))
    assert "a ';' inside a cell needs quotes" in found.broken[0]


def test_a_heading_without_rows_is_an_empty_book(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Zeile;Menge;Empfänger\n\n\n", encoding="utf-8")
    (found,) = read_chunks(path, layout_of("m.toml", MAP + 'separator = ";"'))
    assert found.frame.shape == (0, 3)


def test_the_map_of_the_documentation_decides(tmp_path, capsys):
    page = (ROOT / "docs" / "maps.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "map.toml").write_text(told, encoding="utf-8")
    headings = (
        "Sales document,Item,Material,Wunschlieferdatum,Bestimmungsland,Nettopreis,Speicherbandbreite,Währung,"
        "Customer reference,Clerk"
    )
    row = '7,10,nvidia-h100-sxm,31.12.2024,Südkorea,"30.000,50","3,35",USD,R-1,Meyer'
    (tmp_path / "a.csv").write_text(f"Orders\n\n{headings}\n{row}\n", encoding="utf-8")
    assert (
        main(["decide", str(tmp_path / "a.csv"), "--map", str(tmp_path / "map.toml"), "-o", str(tmp_path / "b.jsonl")])
        == 20
    )
    found = pl.read_ndjson(tmp_path / "b.jsonl").row(0, named=True)
    assert (found["line_id"], found["Customer reference"], found["error"]) == ("7-10", "R-1", None)
    assert "Clerk" not in found
    assert "activity = export" in " ".join(capsys.readouterr().out.split())
