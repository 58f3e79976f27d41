"""`headgate chip`: list and show."""

import json

import pytest

from headgate.catalog.chips import catalog
from headgate.cli.main import main
from headgate.cli.text import Column, table


def said(capsys, *arguments):
    assert main(["chip", *arguments]) == 0
    return capsys.readouterr().out


def flat(text):
    return " ".join(text.split())


def test_list_has_every_record_with_its_measures(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys, "list")
    assert [i for i in catalog().ids() if i not in text] == []
    h100 = next(line for line in text.splitlines() if line.startswith("nvidia-h100-sxm "))
    assert h100.split()[1:6] == ["15,832", "19.45", "3,350", "1,028", "3A090.a.1"]
    assert max(map(len, text.splitlines())) <= 80


def test_a_wide_terminal_shows_names(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert "NVIDIA H100 SXM5 80GB" in said(capsys, "list", "--kind", "ic")


def test_list_by_kind_and_day(capsys):
    lines = [json.loads(line) for line in said(capsys, "list", "--kind", "computer", "--json").splitlines()]
    assert {r["kind"] for r in lines} == {"computer"}
    early = [json.loads(line) for line in said(capsys, "list", "--on", "2022-11-01", "--json").splitlines()]
    by_id = {r["id"]: r for r in early}
    assert by_id["nvidia-h100-sxm"]["eccn"] == "3A090"
    assert by_id["nvidia-a800-sxm4-80"]["eccn"] == "3A991.p"
    assert len(early) == len(catalog().ids())


def test_a_lower_bound_is_not_printed_as_a_value(capsys):
    rows = {r["id"]: r for r in map(json.loads, said(capsys, "list", "--json").splitlines())}
    bound = rows["gb200-nvl72"]
    assert bound["io_bandwidth_gb_per_s"] is None
    assert bound["io_bandwidth_gb_per_s_at_least"] == 1800.0


def test_show_has_values_sources_and_classification(capsys):
    text = flat(said(capsys, "show", "nvidia-h20-96"))
    for phrase in (
        "tpp: 2,368, two sources; nearest 2,400 (1.3 % below)",
        "die_area_mm2: 814 (two sources:",
        "2022-08-26 to 2022-10-20 none",
        "from 2022-10-21 3A991.p",
        "Chosen: 400 W",
        "Tom's Hardware: H20, L20 and L2 for China",
    ):
        assert phrase in text


def test_show_of_a_system_names_its_circuits(capsys):
    text = flat(said(capsys, "show", "dgx-h100"))
    assert "contains: nvidia-h100-sxm" in text
    assert "from 2023-10-23 4A090.a" in text
    assert "never summed" in text


def test_show_as_json(capsys):
    found = json.loads(said(capsys, "show", "H100 SXM", "--json"))
    assert found["id"] == "nvidia-h100-sxm"
    assert found["values"]["die_area_mm2"]["value"] == 814.0
    assert found["eccn_over_time"][-1] == {"from": "2023-11-17", "to": None, "eccn": "3A090.a.1"}


@pytest.mark.parametrize("id", catalog().ids())
def test_every_record_can_be_shown(id, capsys):
    assert id in said(capsys, "show", id)
    assert json.loads(said(capsys, "show", id, "--json"))["id"] == id


def test_a_table_cuts_the_last_columns_first_and_counts_wide_letters():
    columns = [Column("id"), Column("maker", least=4), Column("name", least=4)]
    rows = [["a1", "寒武纪科技", "思元三百七十"]]
    wide = table(columns, rows, 80)
    assert wide[1] == "a1  寒武纪科技  思元三百七十"
    assert table(columns, rows, 24)[1] == "a1  寒武纪科技  思元三…"
    assert table(columns, rows, 15)[1] == "a1  寒武纪科技"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "nvidia-h1000"], "Did you mean"),
        (["show", "h100"], "is ambiguous"),
        (["list", "--kind", "chip"], "Give ic (chips) or computer (systems)"),
        (["list", "--on", "2020-01-01"], "the book begins on 2022-08-26"),
        (["list", "--on", "yesterday"], "'yesterday' is not a real day"),
        (["show"], "required"),
    ],
)
def test_bad_input(arguments, says, capsys):
    assert main(["chip", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_show_draws_rulers_and_names_neighbors(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = said(capsys, "show", "nvidia-h20-96", "--on", "2024-06-01").splitlines()
    line = next(n for n, text in enumerate(lines) if text.strip().startswith("tpp:"))
    ruler = next(text for text in lines[line:] if "#" in text)
    assert ruler.index("#") == ruler.index("|", ruler.index("#")) - 1
    assert "nearest in TPP and density: A30 PCIe 24GB" in flat("\n".join(lines))
    assert max(map(len, lines[: lines.index("SOURCES")])) <= 80  # an address is never broken


def test_show_as_json_has_what_the_picture_shows(capsys):
    plane = json.loads(said(capsys, "show", "nvidia-h20-96", "--on", "2024-06-01", "--json"))["plane"]
    assert plane["axes"] == {"x": "tpp", "y": "performance_density"}
    assert {"id": "us.ear.3a090.a.2/tpp", "value": 1600.0}.items() <= plane["limits"][3].items()
    assert plane["points"][0]["x"] == 2368.0
    assert plane["areas"][-1]["x"][1] is None


def test_show_draws_a_picture_for_a_program_without_a_word(capsys, tmp_path):
    path = tmp_path / "h20.svg"
    out = said(capsys, "show", "nvidia-h20-96", "--on", "2022-11-01", "--json", "--picture", str(path))
    assert len(out.splitlines()) == 1
    assert "I/O bandwidth, both directions (GB/s)" in path.read_text()


def test_show_under_a_scenario(capsys):
    assert "this is not the law" in flat(said(capsys, "show", "nvidia-h20-96", "--scenario", "h20-letters-lifted"))
