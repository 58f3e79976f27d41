"""Machines as records: parts by role, the chips a machine usually stands for, and what is refused."""

import pytest
from tests.catalog.test_chips import HEAD, write

from headgate.catalog.chips import Catalog, catalog, normalized
from headgate.catalog.record import ROLES, parse_record
from headgate.errors import CatalogError
from headgate.source import MARKS

COMPUTER = HEAD.replace('"ic"', '"computer"') + 'contains = ["c"]\n'
PART = '{ id = "p", count = 2, from = ["a.b"], mark = "primary" }'
RUBIN = {
    "accelerator": ("rubin-chip-2-rubin-gpu", 72),
    "cpu": ("rubin-chip-1-vera-cpu", 36),
    "scale_up_switch": ("rubin-chip-3-nvlink6-switch", 36),
    "nic": ("rubin-chip-4-connectx9", 144),
    "dpu": ("rubin-chip-5-bluefield4", 18),
    "fabric_switch": ("rubin-chip-6-spectrum6", 3.375),
}


def test_vera_rubin_is_built_from_its_six_chips() -> None:
    parts = catalog().get("vera-rubin-nvl72").parts
    assert {role: (part.id, part.count) for role, part in parts.items()} == RUBIN
    assert set(parts) == set(ROLES)


@pytest.mark.parametrize(
    ("record_id", "key", "number"),
    [
        ("rubin-chip-1-vera-cpu", "cores_count", 88),
        ("rubin-chip-1-vera-cpu", "host_memory_gb", 1500),
        ("rubin-chip-1-vera-cpu", "host_memory_bandwidth_gb_per_s", 1200),
        ("rubin-chip-1-vera-cpu", "host_link_each_direction_gb_per_s", 900),
        ("rubin-chip-2-rubin-gpu", "dense_fp4_tflops", 35000),
        ("rubin-chip-3-nvlink6-switch", "switch_bandwidth_each_direction_gb_per_s", 3600),
        ("rubin-chip-3-nvlink6-switch", "in_network_reduction_tflops", 3.6),
        ("rubin-chip-4-connectx9", "nic_gbit_per_s", 800),
        ("rubin-chip-5-bluefield4", "storage_gbit_per_s", 800),
        ("rubin-chip-6-spectrum6", "fabric_switch_tbit_per_s", 102.4),
    ],
)
def test_the_figures_of_the_six_chips(record_id: str, key: str, number: float) -> None:
    assert catalog().get(record_id).number(key) == number


def test_the_totals_that_nvidia_prints_follow_from_the_parts() -> None:
    switch, gpu = (catalog().get(RUBIN[role][0]) for role in ("scale_up_switch", "accelerator"))
    each_way = 36 * (switch.number("switch_bandwidth_each_direction_gb_per_s") or 0)
    assert 2 * each_way == pytest.approx(260e3, rel=0.005)
    assert each_way / 72 == (gpu.number("scale_up_bandwidth_gb_per_s") or 0) / 2
    # The switches add as many FP8 numbers a second as the ports carry bytes.
    assert 36e3 * (switch.number("in_network_reduction_tflops") or 0) == each_way


def test_parts_are_sourced_and_point_to_records() -> None:
    known = catalog().sources()
    for item in catalog().records():
        for part in item.parts.values():
            assert item.kind == "computer"
            assert part.id in catalog().ids()
            assert part.count > 0
            assert part.mark in MARKS
            assert set(part.source) <= set(known)
            assert part.mark != "primary" or any(known[s].kind == "maker" for s in part.source)
            assert part.mark == "unverified" or any(known[s].kind != "estimate" for s in part.source)


def test_a_chip_has_one_usual_machine() -> None:
    owner: dict[str, str] = {}
    for item in catalog().records():
        assert not item.usual_for or item.kind == "computer"
        for name in item.usual_for:
            assert owner.setdefault(normalized(name), item.id) == item.id
            assert name in catalog().ids() or not name.startswith("nvidia-"), name
    assert owner["nvidiah20141"] == owner["h20"] == "hgx-h20-8"


def test_what_shares_values_shares_the_family() -> None:
    assert catalog().get("rubin-chip-2-rubin-gpu").family == "rubin"
    assert catalog().get("nvidia-l40s").family == ""


def test_parts_are_read() -> None:
    item = parse_record(f"{COMPUTER}usual_for = ['c', 'short']\n[parts]\nnic = {PART}\n[value]", "x", {"a.b"})
    assert (item.parts["nic"].id, item.parts["nic"].count, item.parts["nic"].source) == ("p", 2.0, ("a.b",))
    assert item.usual_for == ("c", "short")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(f"{HEAD}[parts]\nnic = {PART}\n[value]", "wrong for kind 'ic'", id="parts_of_a_chip"),
        pytest.param(f"{COMPUTER}[parts]\nnick = {PART}\n[value]", "Did you mean nic", id="role"),
        pytest.param(f"{COMPUTER}[parts]\nnic = 2\n[value]", "nic: 2 is not a table", id="bare"),
        pytest.param(
            COMPUTER + "[parts]\nnic = " + PART.replace("id", "idd") + "\n[value]", "Did you mean id", id="key"
        ),
        pytest.param(COMPUTER + "[parts]\nnic = " + PART.replace("2", "0") + "\n[value]", "stand for unk", id="zero"),
        pytest.param(COMPUTER + "[parts]\nnic = " + PART.replace("2", "-1") + "\n[value]", "not a finite", id="minus"),
        pytest.param(
            COMPUTER + "[parts]\nnic = " + PART.replace("prim", "pri") + "\n[value]", "is not a mark", id="mark"
        ),
        pytest.param(
            COMPUTER + "[parts]\nnic = " + PART.replace("a.b", "a.c") + "\n[value]", "Did you mean a.b", id="src"
        ),
        pytest.param(f"{COMPUTER}usual_for = 'c'\n[value]", "usual_for: 'c' is not a list of texts", id="usual"),
        pytest.param(f"{HEAD}family = 1\n[value]", "family: 1 is not non-empty text", id="family"),
    ],
)
def test_a_malformed_machine_is_refused(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        parse_record(text, "x", {"a.b"})


def test_a_part_that_no_record_has_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path, "c", HEAD + "[value]")
    write(tmp_path, "x", f"{COMPUTER}[parts]\nnic = {PART}\n[value]")
    with pytest.raises(CatalogError, match="x.toml: parts: nic: 'p' is not a chip"):
        Catalog(tmp_path).records()
