"""The catalog of chips and systems: completeness, sources, readings, look-up, and every refusal."""

import re
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest

from headgate.catalog import chips, record
from headgate.catalog.chips import DATA, Catalog, catalog, normalized
from headgate.catalog.record import parse_record
from headgate.errors import CatalogError
from headgate.source import MARKS

CHIPS = """
amd-mi100 amd-mi210 amd-mi250x amd-mi300x amd-mi308x amd-mi325x amd-mi350x amd-mi355x amd-mi455x aws-trainium1
aws-trainium2 aws-trainium3 baidu-kunlun-m100 baidu-kunlun-p800 biren-br100 biren-br104p biren-br106
cambricon-mlu370-x8 cambricon-mlu590 cambricon-mlu690 cerebras-wse3 enflame-l600 enflame-s60 google-tpu-7x-ironwood
google-tpu-v4 google-tpu-v5e google-tpu-v5p google-tpu-v6e groq-lpu-v1 huawei-ascend-310 huawei-ascend-910
huawei-ascend-910-premiuma huawei-ascend-910-proa huawei-ascend-910b1 huawei-ascend-910b2 huawei-ascend-910b3
huawei-ascend-910b4 huawei-ascend-910c huawei-ascend-910d huawei-ascend-950dt huawei-ascend-950pr huawei-ascend-960
huawei-ascend-970 huawei-atlas-350 hygon-bw1000 hygon-k100-ai iluvatar-bi-v100 iluvatar-bi-v150 intel-gaudi2
intel-gaudi3 intel-gaudi3-hl328 intel-gaudi3-hl388 intel-max1550 meta-mtia-200 meta-mtia-300 meta-mtia-400
meta-mtia-450 meta-mtia-500 metax-c500-oam metax-c500-pcie metax-c550 metax-c600 microsoft-maia100 microsoft-maia200
moorethreads-s4000 moorethreads-s5000 nvidia-a10 nvidia-a100-sxm4-40 nvidia-a100-sxm4-80 nvidia-a30 nvidia-a40
nvidia-a800-sxm4-80 nvidia-b100 nvidia-b200 nvidia-b300 nvidia-b30a nvidia-gb200 nvidia-gb300 nvidia-gh200-144
nvidia-groq3-lp30 nvidia-h100-nvl nvidia-h100-pcie nvidia-h100-sxm nvidia-h100-sxm-96-500w nvidia-h20-141 nvidia-h20-96
nvidia-h200-nvl nvidia-h200-sxm nvidia-h800-sxm nvidia-l2 nvidia-l20 nvidia-l4 nvidia-l40 nvidia-l40s nvidia-rtx-3090
nvidia-rtx-4090 nvidia-rtx-4090d nvidia-rtx-5090 nvidia-rtx-5090d nvidia-rtx-5090d-v2 nvidia-rtx-6000-ada
nvidia-rtx-pro-6000-se nvidia-rtx-pro-6000d nvidia-rubin-cpx nvidia-rubin-ultra-2die nvidia-rubin-ultra-4die
nvidia-rubin-vr200 nvidia-v100-sxm2-32 thead-hanguang800 thead-ppu-zhenwu810e thead-zhenwu-m890
""".split()

MACHINES = """
atlas-900-a2-8 atlas-950-superpod atlas-960-superpod cloudmatrix-384 dgx-a100 dgx-b200 dgx-b300 dgx-h100 dgx-h200
gaudi2-8 gaudi3-8 gb200-nvl72 gb300-nvl72 groq3-lpx hgx-a100-40-8 hgx-a800-8 hgx-h100-96-8 hgx-h20-8 hgx-h800-8
hgx-rubin-nvl8 ironwood-pod maia200-cluster mi300x-8 mi325x-8 mi350x-8 mi355x-8 mi450-helios panjiu-al128
rubin-chip-1-vera-cpu rubin-chip-2-rubin-gpu rubin-chip-3-nvlink6-switch rubin-chip-4-connectx9 rubin-chip-5-bluefield4
rubin-chip-6-spectrum6 rubin-nvl144-cpx rubin-ultra-nvl144-kyber rubin-ultra-nvl576-2025 rubin-ultra-nvl576-2026
tpu-v4-pod tpu-v5e-pod tpu-v5p-pod tpu-v6e-pod trn2-ultraserver trn3-ultraserver-gen2 vera-rubin-nvl72
""".split()

HEAD = """id = "x"
name = "Maker X"
maker = "Maker"
maker_country = "US"
kind = "ic"
status = "shipping"
"""
AREA = 'die_area_mm2 = { v = 814, from = ["a.b"], mark = "primary" }'
READING = '[[reading]]\nvalue = { tpp = 5 }\nfrom = ["a.b"]\nwhy = "so"'


def write(folder: Path, name: str, text: str) -> Path:
    """Write a small data folder with one source and one chip `name`, and return it."""
    (folder / "chips").mkdir(parents=True, exist_ok=True)
    (folder / "sources.toml").write_text('[a.b]\ntitle = "T"\nkind = "press"\nread_on = 2026-11-22\n')
    (folder / "chips" / f"{name}.toml").write_text(text.replace('"x"', f'"{name}"'))
    return folder


def readings(record_id: str, key: str) -> set[float]:
    return {reading.value[key] for reading in catalog().get(record_id).readings if key in reading.value}


def test_every_id_is_there() -> None:
    assert set(CHIPS + MACHINES) <= set(catalog().ids())
    assert list(catalog().ids()) == sorted(
        p.stem for folder in ("chips", "machines") for p in (DATA / folder).glob("*.toml")
    )
    assert [r.id for r in catalog().records()] == list(catalog().ids())


def test_kinds_and_contents() -> None:
    kinds = [catalog().get(i).kind for i in MACHINES]
    assert (kinds.count("computer"), kinds.count("ic")) == (39, 6)
    assert all(catalog().get(i).kind == "ic" for i in CHIPS)
    assert catalog().get("rubin-nvl144-cpx").contains == ("nvidia-rubin-vr200", "nvidia-rubin-cpx")


def test_every_value_has_a_source_and_a_mark() -> None:
    known = catalog().sources()
    for item in catalog().records():
        assert "is_datacenter" in item.values, item.id
        for key, value in item.values.items():
            assert value.source, (item.id, key)
            assert set(value.source) <= set(known), (item.id, key)
            assert value.mark in MARKS, (item.id, key)
            if all(known[s].kind == "estimate" for s in value.source):
                assert value.mark == "unverified", (item.id, key)
            if value.mark == "primary":
                assert any(known[s].kind == "maker" for s in value.source), (item.id, key)
            if value.mark == "two_sources":
                assert len(value.source) > 1, (item.id, key)


def test_sources_are_credited_and_used() -> None:
    known = catalog().sources()
    assert known["epoch.ml_hardware"].license == "CC BY 4.0"
    assert "Epoch AI, https://epoch.ai" in known["epoch.ml_hardware"].credit
    assert all(s.read_on == date(2026, 11, 22) for s in known.values())
    assert all(s.url.startswith("http") for s in known.values() if s.kind in ("code", "rule", "analysis"))
    held = [p for r in catalog().records() for p in (*r.values.values(), *r.readings, *r.parts.values())]
    used = {s for part in held for s in part.source}
    fits = [tomllib.loads(path.read_text("utf-8")) for path in (DATA / "fit").glob("kernel*.toml")]
    used |= {
        s
        for fit in fits
        for kind in ("set", "fabric")
        for entry in fit.get(kind, {}).values()
        for s in entry.get("from", [])
    }
    assert used == set(known)


def test_names_and_aliases_are_unique() -> None:
    owner: dict[str, str] = {}
    for item in catalog().records():
        for name in {normalized(n) for n in (item.id, item.name, *item.aliases)}:
            assert owner.setdefault(name, item.id) == item.id


def test_every_name_and_alias_finds_its_record() -> None:
    for item in catalog().records():
        for name in (item.id, item.name, *item.aliases, item.name.upper().replace(" ", "-")):
            assert catalog().find(name).id == item.id
    assert catalog().find("GeForce RTX 4090").id == "nvidia-rtx-4090"
    assert catalog().find("NVIDIA GeForce RTX 4090").id == "nvidia-rtx-4090"


@pytest.mark.parametrize(
    ("record_id", "key", "kept"),
    [
        ("intel-gaudi3", "tpp", {14680, 26848}),
        ("intel-gaudi3", "dense_fp8_tflops", {1835}),
        ("intel-gaudi3", "die_area_mm2", {1600}),
        ("intel-gaudi2", "dense_fp16_tflops", {450}),
        ("amd-mi355x", "tpp", {40265, 60396}),
        ("amd-mi355x", "die_area_mm2", {1017}),
        ("amd-mi350x", "tpp", {36910, 55362}),
        ("amd-mi308x", "dense_fp8_tflops", {589.8, 414}),
        ("amd-mi308x", "die_area_mm2", {1940, 2400, 1017}),
        ("amd-mi308x", "dram_bandwidth_gb_per_s", {4000, 10300}),
        ("amd-mi308x", "tpp", {2368}),
        ("aws-trainium2", "tpp", {10672, 12673, 21344}),
        ("aws-trainium1", "dense_int8_tops", {420}),
        ("nvidia-h20-96", "tdp_watts", {500, 550}),
        ("nvidia-h100-sxm", "tpp", {15824}),
        ("nvidia-h200-sxm", "tpp", {15824}),
        ("nvidia-a800-sxm4-80", "tpp", {4988.8}),
        ("nvidia-a40", "tpp", {2394}),
        ("nvidia-l4", "die_area_mm2", {294.5}),
        ("nvidia-b300", "dense_fp4_tflops", {13500}),
        ("nvidia-b300", "dram_bandwidth_gb_per_s", {8000}),
        ("nvidia-gb300", "tpp", {61120}),
        ("nvidia-b30a", "dense_fp4_tflops", {7000}),
        ("nvidia-b30a", "tpp", {28000}),
        ("nvidia-b30a", "dram_bandwidth_gb_per_s", {7700}),
        ("nvidia-rubin-vr200", "dense_fp4_tflops", {50000, 25000}),
        ("nvidia-rubin-vr200", "dram_bandwidth_gb_per_s", {13000, 20500}),
        ("nvidia-rtx-4090", "tpp", {5286, 10570}),
        ("nvidia-rtx-pro-6000d", "dram_bandwidth_gb_per_s", {1100}),
        ("amd-mi300x", "die_area_mm2", {1017}),
        ("amd-mi325x", "tpp", {20800}),
        ("amd-mi210", "die_area_mm2", {790}),
        ("amd-mi250x", "die_area_mm2", {724, 1580}),
        ("intel-max1550", "tpp", {1678}),
        ("meta-mtia-300", "tpp", {2832}),
        ("cerebras-wse3", "dense_fp16_tflops", {125000}),
        ("huawei-ascend-910", "die_area_mm2", {1228}),
        ("huawei-ascend-910b4", "die_area_mm2", {833.6}),
        ("huawei-ascend-910c", "dense_fp16_tflops", {780, 752, 781}),
        ("huawei-ascend-910c", "dram_bandwidth_gb_per_s", {1800}),
        ("huawei-atlas-350", "dense_fp16_tflops", {425}),
        ("moorethreads-s4000", "dense_fp16_tflops", {100}),
        ("biren-br104p", "dense_fp16_tflops", {512}),
        ("gb200-nvl72", "power_kw", {120, 145}),
    ],
)
def test_disagreeing_figures_are_kept(record_id: str, key: str, kept: set[float]) -> None:
    assert readings(record_id, key) == kept
    assert catalog().get(record_id).chosen


def test_the_chosen_values() -> None:
    assert catalog().get("intel-gaudi3").number("dense_fp16_tflops") == 1678
    assert catalog().get("intel-gaudi3").number("die_area_mm2") is None
    assert catalog().get("nvidia-h20-96").number("die_area_mm2") == 814
    assert catalog().get("amd-mi300x").number("die_area_mm2") == 2400
    assert catalog().get("nvidia-b30a").values["dense_fp4_tflops"].mark == "unverified"


def test_mi308x_has_no_rate_and_no_area_but_keeps_its_bandwidth() -> None:
    chip = catalog().get("amd-mi308x")
    assert not [key for key in chip.values if key.startswith("dense_") or key == "die_area_mm2"]
    assert chip.number("dram_bandwidth_gb_per_s") == 5300
    assert "not public" in chip.chosen


def test_no_dram_is_a_true_zero_and_unknown_is_none() -> None:
    for record_id in ("groq-lpu-v1", "nvidia-groq3-lp30", "cerebras-wse3", "thead-hanguang800"):
        assert catalog().get(record_id).number("dram_bandwidth_gb_per_s") == 0
    assert catalog().get("huawei-ascend-910d").number("dram_bandwidth_gb_per_s") is None
    assert catalog().get("nvidia-l40s").number("scale_up_bandwidth_gb_per_s") == 0
    assert catalog().get("google-tpu-v4").number("pcie_lanes") is None
    assert catalog().get("cerebras-wse3").number("pcie_lanes") == 0
    assert catalog().get("cerebras-wse3").number("pcie_generation") is None


def test_rubin_gpu_of_the_platform_shares_the_values_of_the_chip() -> None:
    for own in (catalog().get("rubin-chip-2-rubin-gpu"), dict(zip(catalog().ids(), catalog().records(), strict=True))):
        gpu = own if isinstance(own, record.Record) else own["rubin-chip-2-rubin-gpu"]
        assert gpu.number("dense_fp8_tflops") == 17500
        assert "224 SM" in str(gpu.values["parameters"].v)
        assert gpu.readings == catalog().get("nvidia-rubin-vr200").readings
    others = [i for i in MACHINES if i.startswith("rubin-chip") and i != "rubin-chip-2-rubin-gpu"]
    assert not [k for i in others for k in catalog().get(i).values if k.startswith("dense_")]


def test_dates_are_days_or_months() -> None:
    assert catalog().get("nvidia-h100-sxm").released == date(2022, 9, 20)
    assert catalog().get("nvidia-groq3-lp30").released == "2026-09"
    assert catalog().get("nvidia-b30a").released is None


def test_an_exact_id_reads_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = Path.read_text

    def spy(self: Path, *args: str) -> str:
        read.append(self.name)
        return original(self, *args)

    monkeypatch.setattr(Path, "read_text", spy)
    assert Catalog().find("nvidia-h100-sxm").number("dense_fp8_tflops") == 1979
    assert read == ["nvidia-h100-sxm.toml"]


def test_a_found_record_is_the_same_however_it_is_found() -> None:
    cold, warm = Catalog(), Catalog()
    warm.records()
    assert cold.find("rubin-chip-2-rubin-gpu") == warm.find("rubin-chip-2-rubin-gpu")
    assert cold.find("nvidia-b200") == warm.find("B200 SXM")


def test_version_is_stable_and_moves_with_any_data_file(tmp_path: Path) -> None:
    assert re.fullmatch("[0-9a-f]{16}", catalog().version())
    assert Catalog().version() == catalog().version()
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert Catalog(copy).version() == catalog().version()
    (copy / "chips" / "nvidia-a10.toml").write_text("# changed\n")
    assert Catalog(copy).version() != catalog().version()


def test_family_names_are_ambiguous_and_list_their_members() -> None:
    with pytest.raises(CatalogError, match="ambiguous") as caught:
        catalog().find("H100")
    for variant in ("nvidia-h100-sxm", "nvidia-h100-pcie", "nvidia-h100-nvl"):
        assert variant in str(caught.value)
    for family in ("A100", "H20", "h200", "Gaudi 3", "Ascend 910", "910B", "GB200", "A800", "Rubin Ultra"):
        with pytest.raises(CatalogError, match="ambiguous"):
            catalog().find(family)
    with pytest.raises(CatalogError, match=r"and \d+ more"):
        catalog().find("NVIDIA")


def test_unknown_names_are_refused_with_near_names() -> None:
    for text, near in (
        ("nvidia-h10-sxm", "nvidia-h100-sxm"),
        ("RTX 4091", "nvidia-rtx-4090"),
        ("GH200", "nvidia-gh200"),
    ):
        with pytest.raises(CatalogError, match=f"not in the catalog.*{near}"):
            catalog().find(text)
    for text in ("", "zzzz", "../sources"):
        with pytest.raises(CatalogError, match="not in the catalog"):
            catalog().find(text)
    with pytest.raises(CatalogError, match="not in the catalog"):
        catalog().get("MI355 Y")


def test_a_good_small_record_is_read() -> None:
    text = HEAD + 'chosen = "so"\n[value]\nis_datacenter = { v = true, from = ["a.b"], mark = "primary" }\n' + AREA
    item = parse_record(f"{text}\n{READING}", "x", {"a.b"})
    assert item.number("die_area_mm2") == 814
    assert item.values["is_datacenter"].v is True
    assert item.readings[0].value == {"tpp": 5}


def value(text: str) -> str:
    return f"{HEAD}[value]\n{text}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("id = ", "x.toml: the file is not valid TOML", id="refuse_bad_toml"),
        pytest.param(HEAD + "alias = []\n[value]", "alias: record has no such key.*Did you mean aliases", id="key"),
        pytest.param(value(AREA.replace("mm2", "mm")), "Did you mean die_area_mm2", id="value_key"),
        pytest.param(value(AREA.replace("mark", "marc")), "marc: die_area_mm2 has no such key", id="inner_key"),
        pytest.param("id = 'x'\n[value]", "record: name: the key is missing", id="refuse_missing_key"),
        pytest.param(value("die_area_mm2 = { v = 1, from = ['a.b'] }"), "mark: the key is missing", id="no_mark"),
        pytest.param(value(AREA.replace('"a.b"', "")), "die_area_mm2: from: the key is missing", id="no_source"),
        pytest.param(value(AREA.replace("814", '"814"')), "'814' is not a number", id="refuse_wrong_type"),
        pytest.param(value(AREA.replace("814", "true")), "True is not a number", id="bool_as_number"),
        pytest.param(value("die_area_mm2 = 814"), "814 is not a table", id="bare_number"),
        pytest.param(value("is_datacenter = { v = 1, from = ['a.b'], mark = 'primary' }"), "not true or f", id="flag"),
        pytest.param(value("foundry = { v = 1, from = ['a.b'], mark = 'primary' }"), "not non-empty text", id="text"),
        pytest.param(value("dies_count = { v = 1.5, from = ['a.b'], mark = 'primary' }"), "a whole number", id="whole"),
        pytest.param(value(AREA.replace('["a.b"]', '"a.b"')), "not a list of texts", id="list"),
        pytest.param(value(AREA.replace("814", "nan")), "nan is not a finite number", id="refuse_impossible_number"),
        pytest.param(value(AREA.replace("814", "inf")), "inf is not a finite number", id="infinity"),
        pytest.param(value(AREA.replace("814", "-1")), "-1 is not a finite number", id="negative"),
        pytest.param(
            value("memory_gb = { v = 0, from = ['a.b'], mark = 'primary' }"), "stand for unk", id="refuse_zero"
        ),
        pytest.param(value(AREA.replace("primary", "primry")), "Did you mean primary", id="refuse_unknown_mark"),
        pytest.param(value(AREA.replace("a.b", "a.c")), "Did you mean a.b", id="refuse_unknown_source"),
        pytest.param(HEAD + 'released = "2026-13"\n[value]', "'2026-13' is not a date", id="bad_month"),
        pytest.param(HEAD + 'released = "2026-09-01"\n[value]', "is not a date", id="day_as_text"),
        pytest.param(HEAD + "released = 2026-02-30\n[value]", "not valid TOML", id="impossible_day"),
        pytest.param(HEAD.replace('"ic"', '"chip"') + "[value]", "'chip' is not one of ic, computer", id="kind"),
        pytest.param(HEAD.replace("US", "USA") + "[value]", "'USA' is not the two capital letters", id="country"),
        pytest.param(HEAD.replace('"x"', '"y"') + "[value]", "not the name of the file", id="refuse_misnamed_file"),
        pytest.param(HEAD + 'contains = ["y"]\n[value]', "wrong for kind 'ic'", id="refuse_misplaced_contents"),
        pytest.param(HEAD.replace('"ic"', '"computer"') + "[value]", "wrong for kind 'computer'", id="empty_computer"),
        pytest.param(value(READING), "readings and `chosen` belong together", id="refuse_unexplained_choice"),
        pytest.param(HEAD + "chosen = 'so'\n[value]", "readings and `chosen`", id="chosen_without_readings"),
        pytest.param(value(READING.replace("= 5", "= 5, die_area_mm2 = 1")), "derived", id="refuse_mixed_reading"),
        pytest.param(value(READING.replace("tpp", "tppp")), "Did you mean tpp", id="reading_key"),
        pytest.param(value(READING.replace("tpp = 5", "")), "reading: value: the key is missing", id="empty_reading"),
        pytest.param(value(READING.replace("[[", "[").replace("]]", "]")), "a list of tables", id="single_reading"),
    ],
)
def test_a_malformed_record_is_refused(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message) as caught:
        parse_record(text, "x", {"a.b"})
    assert str(caught.value).startswith("x.toml: ")


def test_asking_for_a_number_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CatalogError, match="Did you mean die_area_mm2"):
        catalog().get("nvidia-h100-sxm").number("die_area")


def test_refuse_duplicate_name(tmp_path: Path) -> None:
    write(tmp_path, "x", HEAD + 'aliases = ["X 1"]\n[value]')
    write(tmp_path, "y", HEAD.replace("Maker X", "Maker Y") + 'aliases = ["x-1"]\n[value]')
    with pytest.raises(CatalogError, match=r"y.toml: aliases: 'x-1' also names x"):
        Catalog(tmp_path).find("X 1")


def test_refuse_duplicate_id(tmp_path: Path) -> None:
    write(tmp_path, "x", HEAD + "[value]")
    (tmp_path / "machines").mkdir()
    shutil.copy(tmp_path / "chips" / "x.toml", tmp_path / "machines" / "x.toml")
    with pytest.raises(CatalogError, match="x.toml: id: a file of that name"):
        Catalog(tmp_path).ids()


def test_refuse_dangling_id(tmp_path: Path) -> None:
    write(tmp_path, "x", HEAD + 'same_as = "yy"\n[value]')
    with pytest.raises(CatalogError, match="x.toml: same_as: 'yy' is not a chip"):
        Catalog(tmp_path).get("x")
    write(tmp_path, "x", HEAD.replace('"ic"', '"computer"') + 'contains = ["yy"]\n[value]')
    with pytest.raises(CatalogError, match="x.toml: contains: 'yy' is not a chip"):
        Catalog(tmp_path).records()
    write(tmp_path, "x", HEAD + 'same_as = "x"\n[value]')
    with pytest.raises(CatalogError, match="not a chip with its own values"):
        Catalog(tmp_path).records()


def test_an_unknown_source_is_refused_when_all_are_read(tmp_path: Path) -> None:
    write(tmp_path, "x", value(AREA.replace("a.b", "a.bb")))
    with pytest.raises(CatalogError, match="source 'a.bb' is not in sources.toml"):
        Catalog(tmp_path).records()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a", "sources.toml: the file is not valid TOML"),
        ("a = 1", "1 is not a table"),
        ("[a.b]\ntitle = 'T'\nkind = 'press'", "read_on: the key is missing"),
        ("[a.b]\ntitle = 'T'\nkind = 'blog'\nread_on = 2026-11-22", "'blog' is not one of maker"),
        ("[a.b]\ntitle = 'T'\nkind = 'press'\nread_on = '2026-11-22'", "is not a date"),
        ("[a.b]\ntitle = 'T'\nkind = 'press'\nread_on = 2026-11-22\nurll = 'u'", "Did you mean url"),
        ("[a.b]\ntitle = 1\nkind = 'press'\nread_on = 2026-11-22", "1 is not non-empty text"),
    ],
)
def test_a_malformed_source_is_refused(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        chips.read_sources(text)


def test_every_refusal_is_tested() -> None:
    here = Path(__file__).read_text("utf-8")
    names = {name for module in (chips, record) for name in vars(module) if name.startswith("refuse_")}
    covered = {"refuse_unknown_key", "refuse_unknown_item", "refuse_ambiguous_item"}  # tests above, under other names
    assert {name for name in names if name not in here} == set()
    assert covered <= names
