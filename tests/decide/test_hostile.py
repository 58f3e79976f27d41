"""Rows that try to be freed by what they leave open, contradict, or smuggle in."""

from datetime import datetime, timedelta, timezone

import polars as pl
import pytest

import headgate
from headgate.cli.main import main

LIKE_H20 = {
    "item_kind": "ic",
    "tpp": 2300,
    "die_area_mm2": 800,
    "dram_bandwidth_gb_per_s": 4000,
    "io_bandwidth_gb_per_s": 900,
    "is_datacenter": "yes",
    "designer_hq_country": "US",
    "activity": "export",
    "ship_from": "US",
    "destination": "CN",
    "event_date": "2025-06-01",
}
CERTS = dict.fromkeys(
    "cert_performance cert_us_shipments_stated cert_us_supply cert_no_foundry_diversion cert_volume_cap "
    "cert_no_prohibited_use cert_kyc_remote_access cert_us_lab_test us_available_2026_01_15".split(),
    "yes",
)
H200 = {
    "item": "nvidia-h200-sxm",
    "activity": "export",
    "ship_from": "US",
    "destination": "CN",
    "event_date": "2026-02-15",
}


@pytest.mark.parametrize("maker", [None, "unknown", "?", "n/a", "英伟达", "N.V.I.D.I.A.", "Supermicro", "Dell"])
def test_only_a_maker_known_to_be_another_is_spared_by_a_letter(maker):
    assert headgate.decide(LIKE_H20, maker=maker, assume="clean").outcome == "license_required"


def test_a_maker_known_to_be_another_is_spared():
    assert headgate.decide(LIKE_H20, maker="Cerebras", assume="clean").outcome == "no_license_required"


@pytest.mark.parametrize("column", ["maker", "item", "tpp", "destination", "end_use", "hq_country"])
def test_nan_is_refused_at_every_door(column):
    nan = float("nan")
    assert headgate.decide(LIKE_H20 | {column: nan}).outcome == "invalid_row"
    row = {c: str(v) for c, v in LIKE_H20.items() if c != column}
    table = pl.DataFrame({"line_id": ["1"], **{c: [v] for c, v in row.items()}, column: [nan]})
    assert headgate.decide_table(table)["outcome"].to_list() == ["invalid_row"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"item": "nvidia-l2", "item_kind": "ic", "contains": "nvidia-h100-sxm"}, "contains no circuits"),
        ({"item": "nvidia-rtx-4090", "activity": "transfer"}, "a transfer is in-country"),
        ({"item": "nvidia-l2", "hq_country": "SG;"}, "blank entry"),
        ({"item": "nvidia-l2", "hq_country": ["SG", None]}, "blank entry"),
        ({"item": "nvidia-l2", "event_date": datetime(2024, 6, 1, tzinfo=timezone(timedelta(hours=5)))}, "time zone"),
    ],
)
def test_a_row_that_contradicts_itself_is_held(facts, said):
    row = {"activity": "export", "ship_from": "US", "destination": "CN", "event_date": "2024-06-01"}
    decision = headgate.decide(row | facts, assume="clean")
    assert decision.outcome == "invalid_row"
    assert said in decision.error


def test_a_circuit_of_the_catalog_with_others_inside_is_a_computer():
    row = {"item": "nvidia-l2", "contains": "nvidia-h100-sxm", "is_datacenter": "yes"}
    decision = headgate.decide(H200 | row, assume="clean")
    assert (decision.eccn, decision.outcome) == ("4A090.a", "license_required")


def test_measures_of_a_computer_describe_one_more_circuit_inside():
    row = {"item": None, "item_kind": "computer", "contains": "nvidia-l2", "is_datacenter": "yes", "maker": "Cerebras"}
    plain = headgate.decide(H200 | row | {"event_date": "2024-06-01"}, assume="clean")
    assert plain.outcome == "no_license_required"
    measured = headgate.decide(H200 | row | {"event_date": "2024-06-01", "tpp": 50000}, assume="clean")
    assert measured.outcome == "license_required"
    assert "measures_of_computer_counted" in measured.flags


def test_a_density_is_not_believed_against_area_and_performance():
    row = {"item_kind": "ic", "tpp": 2400, "die_area_mm2": 800, "performance_density": 1, "is_datacenter": "yes"}
    decision = headgate.decide(
        {"destination": "CN", "event_date": "2024-06-01", "activity": "export", **row}, assume="clean"
    )
    assert decision.eccn_paragraph == "3A090.b.1"
    assert "measures_disagree" in decision.flags


@pytest.mark.parametrize(
    "facts", [{"tpp": 100}, {"dense_fp8_tflops": 5000}, {"performance_density": 1}, {"is_datacenter": "no"}]
)
def test_a_stated_measure_that_changes_the_catalog_is_flagged(facts):
    assert "user_overrides_catalog" in headgate.decide(H200 | facts, assume="clean").flags


def test_nothing_is_flagged_where_the_catalog_is_repeated():
    assert "user_overrides_catalog" not in headgate.decide(H200 | {"tpp": 15832}, assume="clean").flags


@pytest.mark.parametrize("use", ["military", "military_intelligence", "wmd", "supercomputer", "advanced_node_fab"])
def test_the_h200_rule_is_closed_to_prohibited_uses(use):
    assert headgate.decide(H200 | CERTS, assume="clean").review_policy == "case_by_case"
    decision = headgate.decide(H200 | CERTS | {"end_use": use}, assume="clean")
    assert decision.review_policy == "presumption_of_denial"


def test_the_h200_rule_is_closed_to_parties_that_listed_parties_own():
    row = H200 | CERTS | {"event_date": "2026-11-12", "listed_owner_share": 0.6}
    assert headgate.decide(row, assume="clean").review_policy == "presumption_of_denial"


@pytest.mark.parametrize("fact", [{"end_use": "wmd"}, {"is_entity_listed": "yes"}, {"is_meu_listed": "yes"}])
def test_a_requirement_of_part_744_is_not_reviewed_with_anothers_mild_policy(fact):
    decision = headgate.decide(H200 | {"destination": "SA", **fact}, assume="clean")
    assert decision.review_policy == "presumption_of_denial"


@pytest.mark.parametrize("name", ["A100 PCIe 80GB", "A100X", "AMD Instinct MI250", "NVIDIA A100X"])
def test_the_letters_of_2022_reach_by_name(name):
    row = {"item": name, "item_kind": "ic", "maker": "AMD" if "AMD" in name else "NVIDIA", "tpp": 4992}
    facts = {"io_bandwidth_gb_per_s": 464, "destination": "CN", "activity": "export", "event_date": "2022-09-01"}
    assert headgate.decide(row | facts, assume="clean").outcome == "license_required"


def test_the_letters_of_2022_reach_a_dgx_by_name():
    row = {"item": "DGX A100", "item_kind": "computer", "contains": "nvidia-a800-sxm4-80", "activity": "export"}
    assert headgate.decide(row, destination="CN", event_date="2022-09-01", assume="clean").outcome == "license_required"


def test_one_party_that_is_not_allied_counts_in_2022():
    row = {"item": "nvidia-a100-sxm4-80", "activity": "export", "destination": "CN", "event_date": "2022-11-01"}
    assert (
        headgate.decide(row, hq_country="DE", ultimate_parent_hq_country="DE").review_policy == "presumption_of_denial"
    )
    clean = {"assume": "clean", "ultimate_parent_hq_country": "DE"}
    assert headgate.decide(row, hq_country="DE", **clean).review_policy == "case_by_case"
    assert headgate.decide(row, hq_country="DE;VN", **clean).review_policy == "presumption_of_denial"


def test_a_denied_party_is_prohibited_in_a_deemed_export_at_home():
    row = {"activity": "deemed_export", "ship_from": "US", "destination": "US", "event_date": "2025-06-01"}
    assert headgate.decide(row, is_denied="yes").outcome == "prohibited"
    assert headgate.decide(row | {"activity": "export"}, is_denied="yes").outcome == "no_license_required"


def test_chinese_designs_carry_the_flag_of_general_prohibition_ten():
    row = {"item": "huawei-ascend-910c", "activity": "reexport", "ship_from": "CN", "destination": "MY"}
    decision = headgate.decide(row, event_date="2026-02-01", assume="clean")
    assert (decision.outcome, "gp10" in decision.flags) == ("prohibited", True)
    home = headgate.decide(row | {"ship_from": "US", "destination": "US"}, event_date="2026-02-01", assume="clean")
    assert (home.outcome, "gp10" in home.flags) == ("no_license_required", True)
    # With or without a designer a domestic line is no export, so that stating a fact never makes the blank the milder.
    blank = {"item_kind": "ic", "tpp": 5000, "is_datacenter": "yes", "activity": "export", "destination": "US"}
    blank["ship_from"] = "US"
    for designer in (None, "US", "CN"):
        found = headgate.decide(blank, designer_hq_country=designer, event_date="2026-02-01", assume="clean")
        assert found.outcome == "no_license_required"


HEADING = "line_id,item,destination,event_date\n"
HOSTILE = {
    "old Mac line ends.csv": (HEADING.replace("\n", "\r").encode() + b"1,x,CN,2024-06-01\r", "old Macs"),
    "heading.csv": (b'line_id,"item\n1,2\n', "heading cannot be read"),
    "folder.csv": (None, "this is a folder"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words(name, tmp_path, capsys):
    content, said = HOSTILE[name]
    path = tmp_path / name
    path.mkdir() if content is None else path.write_bytes(content)
    assert main(["decide", str(path)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        '{"line_id": "1", "is_denied": "yes", "is_denied": "no"}',
        '{"line_id": "1", "item": "\\ud800"}',
        '{"line_id": "1", "item": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_a_hostile_json_line_is_an_invalid_row(line, tmp_path, capsys):
    path = tmp_path / "orders.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    assert main(["decide", str(path), "--json"]) == 20
    assert '"invalid_row"' in capsys.readouterr().out


@pytest.mark.parametrize("value", [[["CN"]], {"a": 1}, b"CN"])
def test_a_parquet_cell_of_a_strange_type_is_an_invalid_row(value):
    table = pl.DataFrame({"line_id": ["1"], "destination": [value], "event_date": ["2024-06-01"]})
    assert headgate.decide_table(table)["outcome"].to_list() == ["invalid_row"]


def test_the_order_book_is_never_overwritten(tmp_path, capsys):
    path = tmp_path / "orders.csv"
    path.write_text(HEADING + "1,nvidia-h100-sxm,CN,2024-06-01\n")
    assert main(["decide", str(path), "-o", str(path)]) == 2
    assert "the order book itself" in capsys.readouterr().err
    assert path.read_text().startswith(HEADING)


def test_a_part_of_the_catalog_is_not_redefined(tmp_path, capsys):
    orders, parts = tmp_path / "orders.csv", tmp_path / "parts.csv"
    orders.write_text(HEADING + "1,nvidia-h100-sxm,CN,2024-06-01\n")
    parts.write_text("item,tpp\nnvidia-h100-sxm,10\n")
    assert main(["decide", str(orders), "--items", str(parts)]) == 2
    assert "is in the catalog" in capsys.readouterr().err


def test_a_carried_heading_is_no_formula(tmp_path, capsys):
    path = tmp_path / "orders.csv"
    path.write_text(HEADING.strip() + ",=cmd\n1,nvidia-h100-sxm,CN,2024-06-01,x\n")
    main(["decide", str(path), "--carry", "=cmd"])
    assert capsys.readouterr().out.splitlines()[0].endswith(",'=cmd")


def test_the_evidence_of_a_freed_item_counts_the_requirements_about_it():
    row = {"item": "nvidia-h100-sxm", "activity": "export", "ship_from": "US", "event_date": "2025-06-01"}
    abroad = headgate.decide(row, destination="MY", assume="clean")
    assert (abroad.outcome, abroad.evidence) == ("no_license_required", "two_sources")
    home = headgate.decide(row, destination="US", assume="clean")
    assert (home.outcome, home.evidence) == ("no_license_required", "primary")
