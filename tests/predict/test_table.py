"""A table of runs: row by row, in order, blind to what was measured, and never stopped by one bad row."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.catalog.measured import measured
from headgate.errors import UsageError
from headgate.predict import table, table_file
from headgate.predict.table import COLUMNS, QUANTITIES, kind_of, passed, predict_row, predict_table, results, signs
from headgate.predict.table_file import check_target, columns_of, read_rows, write_rows

DENSE = {"model": "llama3-8b", "chip": "H100", "chips": "8", "seq": "8192", "precision": "bf16"}
SERVED = {"model": "llama3-70b", "chip": "H100", "chips": "8", "tp": "8", "weight_precision": "fp8"}
SERVED |= {"engine": "vllm", "isl": "4096", "osl": "512", "batch": "32"}
PUBLISHED = {kind: measured(name).rows for kind, name in table.TABLES.items()}


def text_of(rows) -> str:
    lines = io.StringIO()
    write_rows(list(predict_table(rows)), None, lines)
    return lines.getvalue()


def one(row):
    return next(predict_table([row]))


def test_the_first_columns_are_the_contract() -> None:
    expected = [f"{q}_{end}" for q in QUANTITIES for end in ("median", "low", "high")]
    assert list(one(DENSE))[:20] == ["row_id", *expected, "error"]
    assert QUANTITIES == ("step_time_s", "tokens_per_s_per_chip", "tpot_ms", "ttft_ms", "mfu", "peak_mem_gib")


def test_training_and_serving_stand_in_one_table_in_order() -> None:
    rows = [{"row_id": "b", **SERVED}, DENSE, {"row_id": "a", **DENSE}]
    found = list(predict_table(rows))
    assert [r["row_id"] for r in found] == ["b", "2", "a"]
    assert [r["error"] for r in found] == ["", "", ""]
    assert found[0]["tpot_ms_median"] > 0
    assert found[0]["step_time_s_median"] is None
    assert found[1]["tpot_ms_median"] is None
    assert found[1]["step_time_s_median"] == found[2]["step_time_s_median"] > 0


@pytest.mark.parametrize("row", [DENSE, SERVED], ids=["training", "serving"])
def test_a_band_holds_its_median(row) -> None:
    bands = [band for band in predict_row(row).values() if band]
    assert len(bands) >= 3
    assert all(0 < low < median < high for median, low, high in bands)


def test_tokens_a_second_are_the_batch_over_the_step() -> None:
    found = one({**DENSE, "global_batch": "128"})
    assert found["tokens_per_s_per_chip_median"] == pytest.approx(128 * 8192 / 8 / found["step_time_s_median"])
    assert found["tokens_per_s_per_chip_low"] == pytest.approx(128 * 8192 / 8 / found["step_time_s_high"])


def test_columns_that_are_not_known_pass_and_results_do_not() -> None:
    found = one({**DENSE, "desk": "7", "step_time_s": "1", "ttft_ms": "3", "software": "x", "mfu_median": "9"})
    assert (found["desk"], found["software"]) == ("7", "x")
    assert not {"step_time_s", "ttft_ms"} & set(found)
    assert found["mfu_median"] < 1


def test_what_holds_results_is_what_the_tables_say() -> None:
    named = "step_time_s tokens_per_s_per_chip tokens_per_s_total tflops_per_chip tflops_uniform_causal mfu_reported"
    assert {*named.split(), "ttft_ms", "tpot_ms", "peak_mem_gib", "node_power_w"} <= results()
    assert not results() & {"row_id", "chips", "software", "notes", "mfu_peak_tflops", "batch"}


def test_each_kind_has_signs_of_its_own() -> None:
    assert not set(signs("training")) & set(signs("serving"))
    assert [kind_of(row) for kind in table.TABLES for row in PUBLISHED[kind]] == [
        kind for kind in table.TABLES for _ in PUBLISHED[kind]
    ]


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(sorted(PUBLISHED)),
    place=st.integers(0, 10**6),
    seed=st.randoms(use_true_random=False),
    junk=st.lists(st.sampled_from(["", "0", "-1", "1e9", "nan", "fast", "123.4"]), min_size=1, max_size=4),
)
def test_what_was_measured_never_changes_a_byte(kind, place, seed, junk) -> None:
    row = dict(PUBLISHED[kind][place % len(PUBLISHED[kind])])
    bare = {k: v for k, v in row.items() if k not in results()}
    scrambled = {k: seed.choice(junk) if k in results() else v for k, v in row.items()}
    foreign = {**bare, **{k: seed.choice(junk) for k in sorted(results())}}
    assert text_of([row]) == text_of([bare]) == text_of([scrambled]) == text_of([foreign])


def test_the_name_of_a_row_changes_nothing() -> None:
    """A published run that calibration saw is predicted as a new one."""
    row = next(r for r in PUBLISHED["training"] if r["arch"] == "moe")
    one_name, other = ({**row, "row_id": name} for name in (row["row_id"], "x"))
    assert text_of([one_name]).replace(row["row_id"], "x") == text_of([other])


def test_rows_do_not_lean_on_one_another() -> None:
    rows = [DENSE, {"model": "nonsense"}, SERVED]
    alone = [one({"row_id": str(n), **row}) for n, row in enumerate(rows, start=1)]
    assert list(predict_table(rows)) == alone


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({**DENSE, "model": "llama9"}, "llama9"),
        ({**DENSE, "chip": "H1000"}, "H1000"),
        ({**DENSE, "chips": "0"}, "chips is 0"),
        ({**DENSE, "chips": ""}, "chips is blank"),
        ({**DENSE, "seq": "-4096"}, "seq is -4096"),
        ({**DENSE, "seq": "4096.5"}, "whole number"),
        ({**DENSE, "chips": "many"}, "no number"),
        ({**DENSE, "tp": "3"}, "does not divide"),
        ({**DENSE, "precision": "fp9"}, "fp9"),
        ({**DENSE, "chip": "Ascend 910B", "precision": "fp8"}, "int8"),
        ({**DENSE, "model": "llama3.1-405b"}, "GiB more"),
        ({**DENSE, "isl": "4096"}, "at once"),
        ({"model": "llama3-8b", "chip": "H100", "chips": "8"}, "neither training nor serving"),
        ({**SERVED, "isl": "long"}, "isl"),
        ({**DENSE, "": "7, 8"}, "more cells than the header: 7, 8"),
        ({}, "neither training nor serving"),
    ],
)
def test_a_bad_row_says_why_and_the_rest_goes_on(row, says) -> None:
    found = list(predict_table([DENSE, row, DENSE]))
    assert [bool(r["error"]) for r in found] == [False, True, False]
    assert says in found[1]["error"]
    assert all(found[1][column] is None for column in COLUMNS[1:-1])


def test_a_fault_in_the_formulas_stays_in_its_row(monkeypatch) -> None:
    def broken(row):
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(table, "run_of_row", broken)
    found = list(predict_table([DENSE, SERVED]))
    assert found[0]["error"].startswith("the row cannot be computed (ZeroDivisionError")
    assert not found[1]["error"]


def test_numbers_may_be_typed() -> None:
    typed = {**DENSE, "chips": 8, "seq": 8192.0, "tp": None, "pp": float("nan")}
    assert one(typed)["step_time_s_median"] == one(DENSE)["step_time_s_median"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_every_format_goes_in_and_out(tmp_path, suffix) -> None:
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    write_rows([{"row_id": "a", **DENSE}, {"row_id": "b", "model": "?"}], source, io.StringIO())
    found = list(predict_table(read_rows(source)))
    write_rows(found, target, io.StringIO())
    again = read_rows(target)
    assert [r["row_id"] for r in again] == ["a", "b"]
    assert float(again[0]["step_time_s_median"]) == pytest.approx(found[0]["step_time_s_median"], rel=1e-5)
    assert again[1]["step_time_s_median"] in (None, "")
    assert "neither" in again[1]["error"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [source.name, target.name]


def test_a_prediction_can_be_predicted_again(tmp_path) -> None:
    """Columns of the output that come back as input are written anew, not doubled."""
    first = text_of([DENSE])
    file = tmp_path / "x.csv"
    file.write_text(first, encoding="utf-8")
    assert text_of(read_rows(file)) == first


def test_a_spreadsheet_s_csv_is_read(tmp_path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b'\xef\xbb\xbfrow_id, model ,chips\r\n7,"llama3-8b, big",8\r\n\r\n8,x\r\n9,a,b,c,d\r\n')
    rows = read_rows(file)
    assert rows[0] == {"row_id": "7", "model": "llama3-8b, big", "chips": "8", "": ""}
    assert rows[1]["chips"] == ""
    assert rows[2][""] == "c, d"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", b"", "names no columns"),
        ("x.csv", b"a,b,a\n1,2,3\n", "'a' stands in the header twice"),
        ("x.csv", b"a\n\xff\n", "not UTF-8"),
        ("x.jsonl", b'{"a": 1}\n[2]\n', "line 2: it is no object"),
        ("x.jsonl", b"{\n", "line 1: it is not JSON"),
        ("x.jsonl", b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1: it is nested too deeply"),
        ("x.parquet", b"PAR1 and no more", "x.parquet: it cannot be read as Parquet"),
        ("x.csv", b"row_id;model;chips\na;llama3-8b;8\n", "separated by semicolons"),
        ("x.txt", b"a\n1\n", "no known format"),
    ],
)
def test_files_that_are_no_tables_are_refused(tmp_path, name, content, says) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        read_rows(file)


def test_a_missing_file_and_a_bad_target_are_refused(tmp_path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        read_rows(tmp_path / "none.csv")
    for target, says in (("x.txt", "no known format"), ("none/x.csv", "does not exist")):
        with pytest.raises(UsageError, match=says):
            check_target(tmp_path / target)
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(UsageError, match="this is a folder"):
        check_target(tmp_path / "dir.csv")
    check_target(None)


def test_nothing_half_written_stands_under_the_final_name(tmp_path, monkeypatch) -> None:
    target = tmp_path / "x.csv"
    target.write_text("before", encoding="utf-8")

    def half(rows, lines, columns):
        lines.write("row_id\n")
        raise OSError("disk is full")

    monkeypatch.setattr(table_file, "_write_csv", half)
    with pytest.raises(OSError, match="disk is full"):
        write_rows([one(DENSE)], target, io.StringIO())
    assert target.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


def test_every_published_row_has_a_prediction() -> None:
    rows = [dict(r) for kind in PUBLISHED for r in PUBLISHED[kind]]
    found = list(predict_table(rows))
    assert [r["row_id"] for r in found] == [r["row_id"] for r in rows]
    assert [(r["row_id"], r["error"]) for r in found if r["error"]] == []


def test_json_lines_hold_numbers_and_nulls(tmp_path: Path) -> None:
    target = tmp_path / "x.jsonl"
    write_rows([one(DENSE)], target, io.StringIO())
    made = json.loads(target.read_text(encoding="utf-8"))
    assert isinstance(made["mfu_median"], float)
    assert made["tpot_ms_low"] is None


def test_csv_leaves_what_does_not_apply_blank() -> None:
    made = next(csv.DictReader(io.StringIO(text_of([DENSE]))))
    assert made["tpot_ms_median"] == made["error"] == ""
    assert float(made["mfu_low"]) < float(made["mfu_median"])


def test_passed_leaves_the_output_s_own_columns_out() -> None:
    assert passed(["row_id", "error", "tpot_ms_low", "tpot_ms", "x", ""]) == ["x"]


@pytest.mark.parametrize("mark", ["\u2028", "\x0b", "\x0c", "\x1c", "\x85", "\r", "\n", "\r\n"])
def test_a_line_break_inside_a_cell_cuts_no_row(tmp_path, mark) -> None:
    desk = f"one{mark}two"
    for suffix in (".csv", ".jsonl"):
        source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
        write_rows([{"row_id": "a", **DENSE, "desk": desk}, {"row_id": "b"}], source, io.StringIO())
        rows = read_rows(source)
        assert [r["row_id"] for r in rows] == ["a", "b"]
        write_rows(predict_table(rows), target, io.StringIO(), columns_of(rows))
        again = read_rows(target)
        assert [r["row_id"] for r in again] == ["a", "b"]
        assert again[0]["desk"] == desk


def test_a_long_cell_is_read_and_the_limit_put_back(tmp_path) -> None:
    before, long = csv.field_size_limit(), "x" * 200_000
    file = tmp_path / "x.csv"
    file.write_text(f"row_id,desk\na,{long}\n", encoding="utf-8")
    assert read_rows(file)[0]["desk"] == long
    assert csv.field_size_limit() == before


def test_a_nul_is_an_error_of_its_row_alone(tmp_path) -> None:
    file = tmp_path / "x.csv"
    text = "model,chip,chips,seq,step_time_s\nllama3-8b,H\x00100,8,8192,\nllama3-8b,H100,8,8192,\x00\n"
    file.write_text(text, encoding="utf-8")
    bad, good = predict_table(read_rows(file))
    assert bad["error"].startswith("chip holds a NUL")
    assert not good["error"]


def test_blank_lines_are_no_rows(tmp_path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("row_id,model,chips\n,,\na,llama3-8b,8\n , ,\n,,\n", encoding="utf-8")
    assert [r["row_id"] for r in read_rows(file)] == ["a"]


@given(st.lists(st.sampled_from(["", " ", "1", "2", "3", "row 1", "row 2", "x"]), max_size=6))
def test_a_made_row_id_is_nobody_else_s(names) -> None:
    found = [r["row_id"] for r in predict_table([{"row_id": name} for name in names])]
    given_names = [name for name in names if name.strip()]
    made = [new for new, name in zip(found, names, strict=True) if not name.strip()]
    assert [new for new, name in zip(found, names, strict=True) if name.strip()] == given_names
    assert len({*made}) == len(made)
    assert not {*made} & {*given_names}


def test_formulas_are_guarded_but_numbers_and_row_ids_stay() -> None:
    cells = {"a": "=1+1", "b": "@SUM(A1)", "c": "-5", "d": "-2,048", "e": "+1 555", "f": "\tx", "g": "x=1", "=h": "8"}
    lines = io.StringIO()
    write_rows(predict_table([{"row_id": "=A1", "model": "=m", **cells}]), None, lines)
    made = next(csv.DictReader(io.StringIO(lines.getvalue())))
    assert [made[c] for c in "abcdefg"] == ["'=1+1", "'@SUM(A1)", "-5", "-2,048", "'+1 555", "'\tx", "x=1"]
    assert (made["row_id"], made["model"], made["'=h"]) == ("=A1", "'=m", "8")


def test_equal_runs_are_computed_once(monkeypatch) -> None:
    asked = []

    def counted(row, real=table.run_of_row):
        asked.append(row)
        return real(row)

    monkeypatch.setattr(table, "run_of_row", counted)
    rows = [{**DENSE, "row_id": n, "desk": n, "notes": f"day {n}", "step_time_s": n} for n in "123"]
    found = list(predict_table([*rows, {**DENSE, "chips": "16"}, {**DENSE, "notes": "with DualPipe"}]))
    assert len(asked) == 3
    assert [r["desk"] for r in found[:3]] == ["1", "2", "3"]
    assert found[0]["step_time_s_median"] == found[2]["step_time_s_median"] != found[3]["step_time_s_median"]


@pytest.mark.parametrize("kind", sorted(PUBLISHED))
def test_what_a_prediction_does_not_read_changes_nothing(kind) -> None:
    """What is remembered is the prediction of the whole row: no column or note that counts is left out of the key."""
    predictor = {"training": lambda row: table.predict(table.run_of_row(row)).quantities}.get(
        kind, table.predict_serving_row
    )
    for row in PUBLISHED[kind]:
        whole = {c: cell for c, cell in row.items() if c not in results() and c != "row_id"}
        assert predictor(whole) == predictor(dict(table.cells_of(whole)))


def test_rows_are_written_as_they_come() -> None:
    lines, rows = io.StringIO(), [{**DENSE, "desk": "7"}, {**DENSE, "site": "B"}]
    seen = []

    def coming():
        for row in predict_table(rows):
            seen.append(lines.getvalue().count("\n"))
            yield row

    write_rows(coming(), None, lines, columns_of(rows))
    assert seen == [1, 2]
    assert lines.getvalue() == text_of(rows)
