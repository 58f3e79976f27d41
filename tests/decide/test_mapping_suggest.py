"""Drafts of maps: what is guessed, what is only asked, and that nothing of the law is guessed."""

import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.decide.columns import COLUMNS, carried_columns
from headgate.decide.mapping.draft import draft_text
from headgate.decide.mapping.guess_values import decimal_sign, guess_unit
from headgate.decide.mapping.map_file import layout_of
from headgate.decide.mapping.suggest import suggest
from headgate.decide.mapping.vocabulary import GUESSABLE, meanings, words
from headgate.decide.read import read_chunks
from headgate.errors import UsageError

ERP = Path(__file__).resolve().parents[2] / "examples" / "erp"
MAPS = Path(__file__).resolve().parents[2] / "src" / "headgate" / "data" / "maps"
CHINESE = (
    "订单号,行项目,型号,数量,单价（美元）,币种,发货日期,最终目的国,最终用户,总部所在国,实体清单,显存带宽(TB/s),备注\n"
    "A1,10,nvidia-h20-96,8,12000,USD,2024年6月1日,中国香港,甲公司,中国,否,4.0,测试\n"
    "A1,20,nvidia-h20-96,8,12000,USD,2024年6月2日,新加坡,乙公司,新加坡,否,4.0,测试\n"
)


def drafted(path, text=None, encoding="utf-8", **options):
    """Return a draft as the tables of TOML, and as text."""
    if text is not None:
        path.write_bytes(text.encode(encoding))
    found = draft_text(suggest(path, **options))
    return tomllib.loads(found), found


@pytest.mark.parametrize("name", sorted(p.name for p in ERP.iterdir()))
def test_a_draft_is_toml_has_every_heading_and_nothing_of_the_law(name):
    found, text = drafted(ERP / name)
    draft = suggest(ERP / name)
    assert found["confirmed"] is False
    assert set(found.get("columns", {}).values()) <= set(GUESSABLE)
    assert set(found.get("values", {})) <= set(GUESSABLE)
    assert found.get("constants", {}) == {}
    assert [h for h in draft.peek.frame.columns if h not in text] == []
    assert layout_of("draft.toml", text, drafts=True).name == "draft.toml"


@pytest.mark.parametrize("name", ["sap-german.csv", "sap-fields.xlsx", "oracle-orders.csv", "census-eei.csv"])
def test_what_is_guessed_of_the_samples_is_what_their_maps_say(name):
    """The maps were written by hand; no guess may say something else."""
    found, _ = drafted(ERP / name)
    map_path = Path(__file__).resolve().parents[2] / "src/headgate/data/maps" / f"{name.partition('.')[0]}.toml"
    by_hand = tomllib.loads(map_path.read_text(encoding="utf-8"))
    assert len(found["columns"]) >= 9
    assert found["columns"].items() <= by_hand["columns"].items()
    assert found["join"] == by_hand["join"]
    dates = {h: f for h, f in by_hand["dates"].items() if name.endswith(".csv")}
    assert found.get("dates", {}) == dates
    for key, value in found.get("file", {}).items():
        assert by_hand["file"][key] == value


@pytest.mark.parametrize("name", sorted(p.name for p in ERP.iterdir()))
def test_a_draft_carries_nothing_by_itself(name, tmp_path):
    """A confirmed draft in which nobody chose anything stops at each heading that nobody chose for."""
    found, text = drafted(ERP / name)
    draft = suggest(ERP / name)
    assert (found.get("carry", []), found.get("ignore", [])) == ([], [])
    layout = layout_of("m.toml", text.replace("confirmed = false", "confirmed = true"))
    frame = next(read_chunks(ERP / name, layout)).frame
    assert set(draft.unknown) <= set(frame.columns) - set(COLUMNS)
    if draft.unknown:
        assert f"{len(draft.unknown)} heading" in "".join(text.partition("confirmed")[0])
        with pytest.raises(UsageError, match="is not a column of a transaction"):
            carried_columns(frame.columns, layout.carry, False)


@pytest.mark.parametrize("name", ["sap-german", "oracle-orders", "census-eei"])
def test_each_fact_of_the_law_of_the_samples_is_known_by_its_heading(name):
    by_hand = layout_of(name, (MAPS / f"{name}.toml").read_text(encoding="utf-8")).columns
    asked = {(g.key, g.value) for g in suggest(ERP / f"{name}.csv").guesses if g.kind == "legal"}
    assert {(h, c) for h, c in by_hand.items() if c not in GUESSABLE} - asked == set()


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Blocked", "is_denied"),
        ("Restricted party?", "is_denied"),
        ("Restricted party?", "is_entity_listed"),
        ("Denied", "is_denied"),
        ("Owner %", "listed_owner_share"),
        ("Listed owner", "listed_owner_share"),
        ("Import to US", "us_import"),
        ("Gesperrt", "is_denied"),
        ("Eigner (%)", "listed_owner_share"),
        ("被拒绝", "is_denied"),
        ("黑名单", "is_entity_listed"),
        ("进口美国", "us_import"),
    ],
)
def test_words_of_the_law_are_asked_in_three_languages(heading, column, tmp_path):
    found, text = drafted(tmp_path / "a.csv", f"{heading},Qty\nyes,1\n")
    assert found["columns"] == {"Qty": "quantity"}
    assert f'# "{heading}" = "{column}"' in text


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("FP16 算力", {"dense_fp16_tflops"}),
        ("INT8-Leistung", {"dense_int8_tops"}),
        ("TFLOPS FP8", {"dense_fp8_tflops"}),
        ("FP16/FP8", {"dense_fp16_tflops", "dense_fp8_tflops"}),
        ("BW", {"dram_bandwidth_gb_per_s", "io_bandwidth_gb_per_s"}),
        ("Memory BW TB/s", {"dram_bandwidth_gb_per_s"}),
        ("算力", {"tpp", "dense_fp16_tflops", "dense_fp8_tflops", "dense_int8_tops"}),
    ],
)
def test_rates_and_bandwidths_are_known_and_no_rate_is_taken_for_the_measure_of_the_law(heading, columns):
    assert {m.column for m in meanings(heading)} == columns


@pytest.mark.parametrize(
    ("cells", "typed", "sign"),
    [
        (["15.824", "1.580.000"], False, ","),
        (["1,580,000"], False, "."),
        (["15.824", "70"], False, "?"),
        (["15,824", "70"], False, "?"),
        (["15.824", "15,824"], False, "?"),
        (["15.824", "4.8"], False, None),
        (["15.824", "0.125"], False, None),
        (["15.824", "4,8"], False, ","),
        (["15,824", "4.8"], False, "."),
        (["4.8", "4,8"], False, "?"),
        (["4.8", "1.234,5"], True, ","),
        (["1.234,5", "1,234.5"], False, "?"),
        (["1'234.5", "1 234,5 %"], False, "?"),
        (["4.8", "70", "x", "31.12.2025"], False, None),
        ([], False, None),
    ],
)
def test_the_sign_of_decimals_is_guessed_only_where_cells_tell(cells, typed, sign):
    assert (decimal_sign(cells, typed) or (None,))[0] == sign
    assert (decimal_sign(cells[::-1], typed) or (None,))[0] == sign


@given(st.lists(st.integers(1_000, 10**9), min_size=1), st.sampled_from(".,"))
def test_thousands_are_never_guessed_to_be_decimals(numbers, group):
    cells = [f"{n:,}".replace(",", group) for n in numbers]
    found = (decimal_sign(cells) or ("",))[0]
    assert found == ("?" if all(c.count(group) == 1 for c in cells) else ",."[group == ","])


def test_a_sign_that_nobody_can_guess_stops_the_run_and_says_what_is_unusual(tmp_path):
    found, text = drafted(tmp_path / "a.csv", "TPP;Speicherbandbreite;Menge\n15.824;4.800;70\n")
    assert found["file"]["decimal"] == "?"
    assert "units" not in found
    assert "a tpp of 15.824 would be unusual, of 15824 not" in text
    with pytest.raises(UsageError, match="is still to be chosen"):
        layout_of("m.toml", text.replace("confirmed = false", "confirmed = true"))
    for sign, read in ((",", "15824"), (".", "15.824")):
        chosen = text.replace("confirmed = false", "confirmed = true").replace('"?"', f'"{sign}"')
        (chunk,) = read_chunks(tmp_path / "a.csv", layout_of("m.toml", chosen))
        assert chunk.frame["tpp"].to_list() == [read]


def test_every_guess_says_why():
    _, text = drafted(ERP / "sap-german.csv")
    stated = [
        line for line in text.splitlines() if " = " in line and not line.startswith("#") and line != "confirmed = false"
    ]
    assert stated
    assert [
        line for line in stated if "# GUESS: because " not in line and not line.startswith(("carry", "ignore"))
    ] == []


def test_a_chinese_book_is_drafted_in_two_encodings(tmp_path):
    utf8, _ = drafted(tmp_path / "a.csv", CHINESE)
    gb, _ = drafted(tmp_path / "b.csv", CHINESE, "gb18030")
    assert gb["file"] == {"encoding": "gb18030", "language": "zh"}
    assert utf8 == gb | {"file": {"language": "zh"}}
    assert utf8["columns"]["最终目的国"] == "destination"
    assert utf8["dates"] == {"发货日期": "YYYY年MM月DD日"}
    assert utf8["units"] == {"显存带宽(TB/s)": "TB/s"}
    assert utf8["only"] == {"币种": ["USD"]}
    assert (utf8["carry"], utf8["ignore"]) == ([], [])
    assert not {"总部所在国", "实体清单"} & set(utf8["columns"])


def test_western_letters_without_utf8_are_cp1252(tmp_path):
    found, _ = drafted(tmp_path / "a.csv", "Menge;Währung;Empfänger\n5;USD;Müller für Öl\n", "cp1252")
    assert found["file"] == {"encoding": "cp1252", "separator": ";"}
    assert found["columns"] == {"Menge": "quantity", "Empfänger": "consignee"}


def test_utf16_is_known_by_its_mark(tmp_path):
    found, _ = drafted(tmp_path / "a.csv", "Qty\tItem\n5\tnvidia-h20-96\n", "utf-16")
    assert found["file"] == {"encoding": "utf-16", "separator": "\t"}
    assert found["columns"] == {"Qty": "quantity", "Item": "item"}


def test_lines_above_the_table_are_found(tmp_path):
    found, _ = drafted(
        tmp_path / "a.csv", "Open orders,,\nas of 2026-01-01,,\nPart number,Qty,Ship date\nnvidia-h20-96,8,2026-01-05\n"
    )
    assert found["file"] == {"heading_row": 3}
    assert found["columns"] == {"Part number": "item", "Qty": "quantity", "Ship date": "event_date"}
    told, _ = drafted(tmp_path / "a.csv", heading_row=3)
    assert told["file"] == {"heading_row": 3}


def test_a_country_could_be_two_things_and_is_asked(tmp_path):
    found, text = drafted(tmp_path / "a.csv", "Country,Qty\nCN,1\n")
    assert "Country" not in found["columns"]
    assert '# "Country" = "destination"' in text
    assert '# "Country" = "hq_country"' in text
    beside, _ = drafted(tmp_path / "a.csv", "Country,Ship-to country\nCN,SG\n")
    assert beside["columns"] == {"Ship-to country": "destination"}


def test_two_headings_for_one_column_are_asked(tmp_path):
    found, text = drafted(tmp_path / "a.csv", "Ship date,Delivery date\n2026-01-05,2026-01-06\n")
    assert found.get("columns", {}) == {}
    assert text.count('= "event_date"') == 2


def test_days_that_fit_two_forms_are_both_shown_and_none_is_chosen(tmp_path):
    found, text = drafted(tmp_path / "a.csv", "Ship date\n01/02/2026\n03/04/2026\n")
    assert found["dates"] == {}
    assert '# "Ship date" = "DD/MM/YYYY"' in text
    assert '# "Ship date" = "MM/DD/YYYY"' in text


def test_days_of_no_form_are_shown(tmp_path):
    found, text = drafted(tmp_path / "a.csv", "Ship date\n2026-01-02\nsoon\n")
    assert found["dates"] == {}
    assert "look at 'soon'" in text


def test_a_day_that_is_none_is_blank(tmp_path):
    found, _ = drafted(tmp_path / "a.csv", "Ship date\n20260102\n00000000\n")
    assert found["dates"] == {"Ship date": "YYYYMMDD"}
    assert found["values"] == {"event_date": {"00000000": ""}}


@pytest.mark.parametrize("prices", ["EUR", "USD,EUR", "USD,"])
def test_a_price_that_is_not_always_in_dollars_is_asked(tmp_path, prices):
    rows = "".join(f"{c or 'x'},5\n" for c in prices.split(","))
    found, text = drafted(tmp_path / "a.csv", f"Currency,Unit price\n{rows}")
    assert found["only"] == {}
    assert "a price in another currency is no price in dollars, and here stands" in text


def test_a_price_without_a_currency_is_marked(tmp_path):
    _, text = drafted(tmp_path / "a.csv", "Unit price,Qty\n5,6\n")
    assert "check that it is dollars" in text


def test_a_line_that_repeats_is_no_name(tmp_path):
    found, text = drafted(tmp_path / "a.csv", "Sales order,Position\n1,10\n1,10\n")
    assert found["join"] == {}
    assert "rows repeat" in text


def test_a_sparse_rate_is_never_a_dense_one(tmp_path):
    found, text = drafted(tmp_path / "a.csv", "FP16 TFLOPS (sparse),INT8 TOPS,FP8稀疏\n1,2,3\n")
    assert found["columns"] == {"INT8 TOPS": "dense_int8_tops"}
    assert found["carry"] == []
    assert text.count("twice the dense one") == 2


@pytest.mark.parametrize(
    ("heading", "values", "unit", "doubt"),
    [
        ("Memory bandwidth (GB/s)", ["4800"], "GB/s", False),
        ("Memory bandwidth [TB/s]", ["4.8"], "TB/s", False),
        ("Memory bandwidth", ["4.8", "3.35"], "TB/s", False),
        ("Memory bandwidth", ["4800", "3350"], None, False),
        ("Memory bandwidth (GB/s)", ["4.8"], "GB/s", True),
        ("Memory bandwidth", ["x"], None, False),
    ],
)
def test_units_are_those_of_the_heading_or_the_only_usual_ones(heading, values, unit, doubt):
    found = list(guess_unit("dram_bandwidth_gb_per_s", heading, values, None))
    told = [(u, "unusual" in why and "yet" in why) for u, why in found]
    assert told in ([(unit, doubt)], [] if unit in (None, "GB/s") and not doubt else None)


def test_an_item_that_is_not_in_the_catalog_is_shown(tmp_path):
    _, text = drafted(tmp_path / "a.csv", "Item,Qty\nnvidia-h10-sxm,6\n")
    assert "Did you mean nvidia-h100-sxm" in text


def test_a_book_in_our_columns_needs_no_guess(tmp_path):
    found, text = drafted(ERP / "book.csv")
    assert found.get("columns", {}) == {}
    assert "These have our names already" in text


def test_a_confirmed_draft_decides(tmp_path):
    path = tmp_path / "a.csv"
    _, text = drafted(path, CHINESE)
    text = text.replace("confirmed = false", "confirmed = true")
    for line in ('"总部所在国" = "hq_country"', '"实体清单" = "is_entity_listed"', 'activity = "export"'):
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    frame = next(read_chunks(path, layout_of("m.toml", text))).frame
    assert frame.select("line_id", "event_date", "destination", "hq_country", "is_entity_listed").row(0) == (
        "A1-10",
        "2024-06-01",
        "HK",
        "CN",
        "no",
    )
    assert frame["dram_bandwidth_gb_per_s"].to_list() == ["4000", "4000"]


def test_the_file_is_asked_back_where_nobody_can_guess(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        suggest(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_text("a,a\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="twice"):
        suggest(tmp_path / "a.csv")


def test_a_json_book_without_a_name_for_lines_has_no_such_heading(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"Part number": "nvidia-h20-96", "Order number": "1", "Line": "2"}\n', encoding="utf-8")
    found, _ = drafted(path)
    assert found["join"] == {"line_id": {"of": ["Order number", "Line"], "with": "-"}}
    assert suggest(path).peek.frame.columns == ["Part number", "Order number", "Line"]


def test_every_word_means_a_column_that_there_is():
    parts = {"(document)", "(item number)", "(currency)", "(price unit)"}
    assert {column for means in words().values() for column, _ in means} <= set(COLUMNS) | parts
    assert all(word and word == word.strip() for word in words())


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - set(GUESSABLE)))
def test_each_fact_of_the_law_is_asked_and_not_guessed(column, tmp_path):
    heading = column.replace("_", " ").upper()
    found, text = drafted(tmp_path / "a.csv", f"{heading},Qty\nyes,1\n")
    assert found["columns"] == {"Qty": "quantity"}
    assert f'# "{heading}" = "{column}"' in text


AWKWARD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), min_size=1, max_size=12)


@given(st.lists(AWKWARD, min_size=1, max_size=4, unique_by=str.strip), AWKWARD)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_heading_makes_a_draft_that_can_be_read(tmp_path, headings, cell):
    path = tmp_path / "a.parquet"
    if not all(h.strip() for h in headings):
        return
    pl.DataFrame({h: [cell] for h in headings}).write_parquet(path)
    found, text = drafted(path)
    layout_of("m.toml", text, drafts=True) if found.get("carry") or found.get("columns") else None
    named = {*found.get("carry", []), *found.get("columns", {})}
    assert all(h in named or h in COLUMNS or h in text or f"{h!r}" for h in headings)
    assert [m for h in headings for m in meanings(h) if m.strength not in (1, 2)] == []
