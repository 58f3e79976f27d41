"""Machines composed from records: every row of the tables, the six chips of Rubin halved, one's own files, refusals."""

import csv
import importlib.util
import math
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.chips import DATA, catalog
from headgate.errors import CatalogError, UsageError
from headgate.machine.hardware import Machine
from headgate.predict.hardware import halved, is_measured, machine, machine_for_row, machine_gaps, machines
from headgate.predict.kernels import RATE_KEYS, chip_gaps, chip_of, families, kernel_set

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("cpu", "accelerator", "scale_up_switch", "nic", "dpu", "fabric_switch")
CAPABILITIES = ("host_memory_bytes", "host_memory_bytes_per_s", "host_link_bytes_per_s", "storage_bytes_per_s")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / "measured" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def figures(one: Machine) -> dict[str, float]:
    """Every figure of a machine that says what it can do, flat."""
    found = {name: float(getattr(one, name)) for name in CAPABILITIES}
    found |= {"up": one.scale_up.bytes_per_s, "out": one.scale_out.bytes_per_s, "domain": float(one.domain_chips)}
    found |= {"memory": one.chip.memory_bytes, "bandwidth": one.chip.memory_bytes_per_s}
    return found | {f"rate {name}": kernel.rate_flop_per_s for name, kernel in one.chip.kernels.items()}


def changed(role: str) -> dict[str, float]:
    whole, half = figures(machine("vera-rubin-nvl72")), figures(halved("vera-rubin-nvl72", role))
    return {name: half[name] / whole[name] for name in whole if half[name] != whole[name]}


@pytest.mark.parametrize("name", ["training_runs", "serving_runs"])
def test_every_measured_row_has_a_machine(name: str) -> None:
    for row in rows(name):
        one = machine_for_row(row)
        assert row["chip_id"] in ("", one.chip.id)
        assert not one.published_only
        assert not one.assumed
        if row.get("scaleup_domain"):
            assert one.domain_chips == int(row["scaleup_domain"])
        if row.get("nic_gbps_per_chip"):
            assert one.scale_out.bytes_per_s == float(row["nic_gbps_per_chip"]) / 8 * 1e9


def test_every_machine_of_the_catalog_is_composed_or_says_what_is_missing() -> None:
    computers = {record.id for record in catalog().records() if record.kind == "computer"}
    assert computers == {*machines(), *machine_gaps()}
    for name in machines():
        one = machine(name)
        assert all(value > 0 for key, value in figures(one).items() if key not in CAPABILITIES), name
        assert set(one.scale_up.efficiency) == set(one.scale_out.efficiency)
        assert "bf16" in one.chip.kernels
    for name, missing in machine_gaps().items():
        with pytest.raises(CatalogError, match=f"cannot be composed: no record knows {missing[0]}"):
            machine(name)


def test_vera_rubin_by_its_parts() -> None:
    one = machine("vr200")
    assert (one.id, one.domain_chips, one.published_only, one.scale_up_reduces) == ("vera-rubin-nvl72", 72, True, True)
    assert one.scale_up.bytes_per_s == pytest.approx(1800e9)
    assert one.scale_out.bytes_per_s == pytest.approx(200e9)
    assert (one.host_memory_bytes, one.host_memory_bytes_per_s) == (750e9, 600e9)
    assert (one.host_link_bytes_per_s, one.storage_bytes_per_s) == (450e9, 25e9)
    assert one.chip.kernels["nvfp4"].rate_flop_per_s == 35e15
    assert one.chip.measured == ()
    assert set(one.parts) == set(ROLES)


def test_halving_each_of_the_six_chips_changes_what_it_should() -> None:
    assert changed("cpu") == dict.fromkeys(CAPABILITIES[:3], 0.5)
    assert changed("nic") == {"out": 0.5}
    assert changed("fabric_switch") == {"out": 0.5}
    assert changed("dpu") == {"storage_bytes_per_s": 0.5}
    assert changed("scale_up_switch") == {"up": 0.5}
    rates = {f"rate {name}": 0.5 for name in ("bf16", "fp8", "fp8_block", "mxfp8", "nvfp4")}
    # Half of a GPU's own link to its CPU is what its share of the CPU's end already was: nothing changes there.
    assert changed("accelerator") == {"up": 0.5, "memory": 0.5, "bandwidth": 0.5, **rates}


@pytest.mark.parametrize("role", ROLES)
def test_a_halved_part_says_so_and_leaves_the_rest_of_the_record(role: str) -> None:
    whole, half = machine("vera-rubin-nvl72"), halved("vera-rubin-nvl72", role)
    assert "halved" in half.assumed[0]
    for name in ("id", "domain_watts", "domain_price_usd", "parts", "published_only"):
        assert getattr(whole, name) == getattr(half, name)


def test_only_the_accelerator_of_a_machine_without_parts_can_be_halved() -> None:
    half = halved("dgx-h100", "accelerator")
    assert half.chip.memory_bytes == machine("dgx-h100").chip.memory_bytes / 2
    with pytest.raises(UsageError, match="'dgx-h100' names no part for 'cpu'"):
        halved("dgx-h100", "cpu")
    with pytest.raises(UsageError, match="Did you mean nic"):
        halved("vera-rubin-nvl72", "nics")
    with pytest.raises(CatalogError, match="is a chip without a machine"):
        halved("nvidia-l40s", "accelerator")


@pytest.mark.parametrize(
    ("name", "found", "domain", "up", "out"),
    [
        ("h100", "dgx-h100", 8, 450, 50),
        ("H200", "dgx-h200", 8, 450, 50),
        ("h20", "hgx-h20-8", 8, 450, 50),
        ("h800", "hgx-h800-8", 8, 200, 50),
        ("a100", "dgx-a100", 8, 300, 25),
        ("b200", "dgx-b200", 8, 900, 50),
        ("gb200", "gb200-nvl72", 72, 900, 50),
        ("GB300 NVL72", "gb300-nvl72", 72, 900, 100),
        ("ascend-910c", "cloudmatrix-384", 384, 392, 50),
        ("CM384", "cloudmatrix-384", 384, 392, 50),
        ("Ascend910B", "atlas-900-a2-8", 8, 196, 25),
        ("MI300X", "mi300x-8", 8, 448, 50),
        ("amd-mi325x", "mi325x-8", 8, 448, 50),
        ("TPUv6e", "tpu-v6e-pod", 256, 400, 12.5),
        ("mi450", "mi450-helios", 72, 1800, 300),
    ],
)
def test_a_short_name_or_a_chip_means_its_usual_machine(
    name: str, found: str, domain: int, up: float, out: float
) -> None:
    one = machine(name)
    assert (one.id, one.domain_chips) == (found, domain)
    assert (one.scale_up.bytes_per_s, one.scale_out.bytes_per_s) == (up * 1e9, out * 1e9)


def test_a_sibling_takes_the_node_of_its_kind_and_says_so() -> None:
    one = machine("nvidia-h20-141")
    assert (one.id, one.chip.id) == ("hgx-h20-8", "nvidia-h20-141")
    assert machine("NVIDIA-H20-141").chip == one.chip
    assert "with NVIDIA H20 141GB" in one.assumed[0]
    assert math.isnan(one.domain_price_usd)


def test_a_chip_without_a_machine_gets_a_plain_node_that_says_so() -> None:
    one = machine("L40S")
    assert (one.domain_chips, one.scale_up.bytes_per_s) == (8, 32e9)
    assert "joined by PCIe" in one.assumed[0]
    assert machine("nvidia-gh200-144").scale_up.bytes_per_s == 450e9


def test_every_chip_with_rate_and_memory_is_composed() -> None:
    for record in catalog().records():
        if record.kind == "ic" and not chip_gaps(record):
            assert machine(record.id).chip.memory_bytes > 0, record.id


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hgx-h10-8", "not in the catalog.*hgx-h20-8"),
        ("NVIDIA", "ambiguous"),
        ("", "not in the catalog"),
        ("../chips/nvidia-b200", "not in the catalog"),
        ("huawei-ascend-910d", "cannot be composed.*dense_fp16_tflops"),
    ],
)
def test_an_unknown_machine_is_refused(name: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        machine(name)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "names no chip"),
        ({"chip": " ", "chip_id": ""}, "names no chip"),
        ({"chip": "H100", "scaleup_domain": "many"}, "scaleup_domain: 'many' is not a whole number over 0"),
        ({"chip": "H100", "scaleup_domain": "0.5"}, "scaleup_domain: '0.5' is not a whole number"),
        ({"chip": "H100", "scaleup_domain": "0"}, "scaleup_domain: '0' is not"),
        ({"chip": "H100", "nic_gbps_per_chip": "-1"}, "nic_gbps_per_chip: '-1' is not"),
        ({"chip": "H100", "nic_gbps_per_chip": "inf"}, "'inf' is not"),
    ],
)
def test_a_row_that_does_not_fix_a_machine_is_refused(row: Mapping[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        machine_for_row(row)


def test_an_unknown_id_falls_back_on_the_label() -> None:
    assert machine_for_row({"chip_id": "no-such-id", "chip": "H100"}).chip.id == "nvidia-h100-sxm"
    with pytest.raises(CatalogError, match="not in the catalog"):
        machine_for_row({"chip_id": "no-such-id", "chip": ""})


@given(domain=st.integers(1, 10_000), card=st.floats(0.1, 10_000))
def test_a_row_overrides_domain_and_card_and_nothing_else(domain: int, card: float) -> None:
    usual = machine("gb200")
    one = machine_for_row({"chip_id": "nvidia-gb200", "scaleup_domain": str(domain), "nic_gbps_per_chip": repr(card)})
    assert one.domain_chips == domain
    assert one.scale_out.bytes_per_s == pytest.approx(card / 8 * 1e9)
    assert one.domain_watts == pytest.approx(usual.domain_watts * domain / 72)
    assert (one.chip, one.scale_up) == (usual.chip, usual.scale_up)


def test_what_was_measured() -> None:
    known = catalog()
    assert is_measured(known.get("nvidia-h100-sxm-96-500w"))
    assert not is_measured(known.get("nvidia-rubin-vr200"))
    assert machine("mi450-helios").published_only
    assert machine("atlas-950-superpod").published_only
    assert machine("h100").chip.measured == ("bf16", "fp8", "fp8_block")
    assert machine("h200").chip.measured == ()


@pytest.mark.parametrize(
    ("chip", "formats"),
    [
        ("nvidia-a100-sxm4-80", {"bf16", "int8"}),
        ("nvidia-h100-sxm", {"bf16", "fp8", "fp8_block", "int8"}),
        ("nvidia-b200", {"bf16", "fp8", "fp8_block", "mxfp8", "nvfp4", "int8"}),
        ("nvidia-gb300", {"bf16", "fp8", "fp8_block", "mxfp8", "nvfp4"}),  # its INT8 is slower than bf16
        ("amd-mi300x", {"bf16", "fp8", "fp8_block", "int8"}),
        ("amd-mi355x", {"bf16", "fp8", "fp8_block", "mxfp8", "nvfp4"}),
        ("huawei-ascend-910b2", {"bf16", "int8"}),  # no FP8 on the 910
        ("huawei-ascend-910c", {"bf16", "int8"}),
        ("google-tpu-v5p", {"bf16", "fp8", "int8"}),  # its FP8 rate is stated, and is that of bf16
        ("google-tpu-7x-ironwood", {"bf16", "fp8"}),
    ],
)
def test_a_chip_has_the_formats_of_its_family_for_which_it_has_a_rate(chip: str, formats: set[str]) -> None:
    record = catalog().get(chip)
    kernels = chip_of(record).kernels
    assert set(kernels) == formats
    for name, kernel in kernels.items():
        assert kernel.rate_flop_per_s == 1e12 * (record.number(RATE_KEYS[name]) or 0)


def test_constants_are_in_range() -> None:
    for record in catalog().records():
        if record.kind == "ic" and not chip_gaps(record):
            chip = chip_of(record)
            shares = [chip.stream_efficiency, chip.attention_limit]
            shares += [s for k in chip.kernels.values() for s in (k.efficiency_limit, k.memory_efficiency)]
            assert all(0 < share <= 1 for share in shares), record.id
            assert all(k.floor_seconds > 0 and min(k.m_half, k.n_half, k.k_half) >= 0 for k in chip.kernels.values())
            assert chip.family in families()


def test_every_set_says_where_it_comes_from() -> None:
    known = catalog().sources()
    for family in families():
        found = kernel_set("", family)
        assert set(found.source) <= set(known)
        assert found.mark == "one_source" or found.why


def test_rubin_keeps_floors_and_latencies_of_gb200_and_its_own_rates() -> None:
    rubin, gb200 = machine("vr200"), machine("gb200")
    for name, kernel in rubin.chip.kernels.items():
        same = gb200.chip.kernels[name]
        for field in fields(kernel):
            if field.name != "rate_flop_per_s":
                assert getattr(kernel, field.name) == getattr(same, field.name)
    assert rubin.scale_up.latency_seconds == gb200.scale_up.latency_seconds
    assert rubin.scale_up.efficiency == gb200.scale_up.efficiency


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(CatalogError, match="'hoper' has no kernel constants.*Did you mean hopper"):
        kernel_set("x", "hoper")


def test_a_machine_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "lab-9.toml").write_text(
        'family = "hopper"\n[value]\ndense_fp16_tflops = 500\ndense_fp8_tflops = 1000\nmemory_gb = 64\n'
        "dram_bandwidth_gb_per_s = 2000\nscale_up_bandwidth_gb_per_s = 600\n"
    )
    (tmp_path / "lab-rack.toml").write_text(
        'contains = ["lab-9"]\n[value]\naccelerators_count = 16\nscaleout_nic_gbit_per_s = 200\n'
        "scale_up_bandwidth_each_direction_gb_per_s = 250\npower_kw = 12\n"
    )
    rack, node = machine(str(tmp_path / "lab-rack.toml")), machine(str(tmp_path / "lab-9.toml"))
    assert (rack.id, rack.chip.id, rack.domain_chips, rack.published_only) == ("lab-rack", "lab-9", 16, True)
    assert (rack.scale_up.bytes_per_s, rack.scale_out.bytes_per_s, rack.domain_watts) == (250e9, 25e9, 12e3)
    assert rack.assumed == ("figures of lab-rack.toml, unchecked",)
    assert sorted(rack.chip.kernels) == ["bf16", "fp8", "fp8_block"]
    assert (node.domain_chips, node.scale_up.bytes_per_s) == (8, 300e9)
    assert len(node.assumed) == 2


def test_a_machine_of_ones_own_around_a_chip_of_the_catalog(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('contains = ["nvidia-h20-96"]\n[value]\naccelerators_count = 16\nscaleout_nic_gbit_per_s = 800\n')
    one = machine(str(path))
    assert (one.chip.id, one.domain_chips, one.scale_up.bytes_per_s) == ("nvidia-h20-96", 16, 450e9)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("a =", CatalogError, "mine.toml: the file is not valid TOML"),
        ("[value]\nmemory_gb = 80\n", CatalogError, "cannot be composed.*dense_fp16_tflops"),
        ("[value]\nmemory = 80\n", CatalogError, "Did you mean memory_gb"),
        ('contains = ["nvidia-h10-sxm"]\n[value]\n', CatalogError, "not in the catalog.*nvidia-h100-sxm"),
        ('contains = ["nvidia-b200"]\n[value]\naccelerators_count = 8\n', CatalogError, "mine: scaleout_nic_gbit"),
        ('[value]\nmemory_gb = "80"\n', CatalogError, "'80' is not a number"),
    ],
)
def test_a_bad_file_of_ones_own_is_refused(tmp_path: Path, text: str, error: type[Exception], message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(error, match=message):
        machine(str(path))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        machine(str(tmp_path / "nothing.toml"))


def test_the_fitted_constants_are_what_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("fit_kernels", ROOT / "scripts" / "fit_kernels.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    again, kept = tomllib.loads(script.fitted()), tomllib.loads((DATA / "fit" / "kernels.toml").read_text("utf-8"))
    assert again.keys() == kept.keys()
    for name, entry in kept["set"].items():
        for format_name, row in entry["format"].items():
            # Another build of the linear algebra may move the last of three digits.
            assert again["set"][name]["format"][format_name] == pytest.approx(row, rel=0.03)
            assert row["median_error"] < 0.05
        assert again["set"][name]["scale_up"] == entry["scale_up"]
