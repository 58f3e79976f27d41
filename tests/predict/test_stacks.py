"""Software stacks: which one a text means, the day of its release, and records that say only what they may."""

import csv
from types import MappingProxyType

import pytest

from headgate.catalog.chips import DATA
from headgate.errors import CatalogError
from headgate.machine.layout import SHARDING
from headgate.machine.memory import Keeps
from headgate.machine.pipeline import SCHEDULES
from headgate.predict import stacks as module
from headgate.predict.runs import recompute_place
from headgate.predict.stacks import ATTENTION, OVERLAPS, stack, stack_of, stacks, year_of


@pytest.mark.parametrize(
    ("software", "name"),
    [
        ("NeMo 25.11", "nemo"),
        ("nemo 26.04.01", "nemo"),
        ("MLPerf v5.1", "mlperf"),
        ("Megatron-LM v2 (2021)", "megatron-2021"),
        ("Megatron-LM 0.14 / TE 2.11", "megatron"),
        ("torchtitan 2024-12", "torchtitan-2024"),
        ("torchtitan 2025-06, vanilla TP", "torchtitan"),
        ("llm-foundry FSDP FULL_SHARD", "llm-foundry"),
        ("MaxText", "maxtext"),
        ("MindSpeed-LLM", "mindspeed"),
        ("something nobody heard of", "other"),
        ("", "other"),
    ],
)
def test_a_stack_is_found_by_its_words(software, name):
    assert stack_of(software).id == name


def test_every_published_run_s_software_is_known_by_name():
    with (DATA / "measured" / "training_runs.csv").open(encoding="utf-8", newline="") as lines:
        texts = {row["software"] for row in csv.DictReader(lines)}
    unknown = {t for t in texts if t and stack_of(t).id == "other"}
    assert len(unknown) <= 0.25 * len(texts), unknown


def test_every_record_says_what_the_formulas_understand_and_where_it_is_from():
    for name, one in stacks().items():
        assert one.id == name
        assert one.tensor_overlap in OVERLAPS
        assert one.attention in ATTENTION
        assert one.sharding in SHARDING
        assert one.schedule in SCHEDULES
        assert one.recompute == "" or recompute_place(one.recompute) is not None
        assert one.expert_overlap is None or 0.0 <= one.expert_overlap <= 1.0
        assert one.immaturity > 0
        assert 0.0 < one.keeps.selective_share <= 1.0
        assert one.source or name == "other"


def test_what_a_stack_keeps_in_memory_is_megatron_s_way_unless_it_says_otherwise():
    assert stack("megatron").keeps == Keeps()
    assert stack("torchtitan-2024").keeps == Keeps(logit_bytes=14.0, selective_share=0.45, runtime_gib=2.0)


def test_a_stack_by_its_id_or_a_near_name():
    assert stack("nemo").tensor_overlap == "fused"
    with pytest.raises(CatalogError, match="'megatro' is not a software stack. Did you mean megatron"):
        stack("megatro")
    with pytest.raises(CatalogError, match="Stacks are nemo, mlperf"):
        stack("zzz")


def test_a_key_that_no_stack_has_is_refused(monkeypatch):
    raw = MappingProxyType({"stack": {"x": {"match": ["x"], "from": ["y"], "tensr_overlap": "none"}}})
    monkeypatch.setattr(module, "_file", lambda: raw)
    stacks.cache_clear()
    try:
        with pytest.raises(CatalogError, match="stacks.toml: x: 'tensr_overlap' is not a key. Keys are match,"):
            stacks()
    finally:
        monkeypatch.undo()
        stacks.cache_clear()
    assert "nemo" in stacks()


@pytest.mark.parametrize(
    ("software", "year"),
    [
        ("NeMo 25.11", 2025.875),
        ("nemo 24.01", 2024.042),
        ("torchtitan 2024-12", 2024.958),
        ("torchtitan 2025-06, async TP", 2025.458),
        ("of unknown age", None),
        ("", None),
    ],
)
def test_the_year_of_a_release(software, year):
    assert year_of(software) == year


def test_a_later_release_is_later():
    assert year_of("MLPerf v5.0") < year_of("MLPerf v5.1")
    years = [year_of(f"NeMo {y}.{m:02d}") for y in (24, 25) for m in range(1, 13)]
    assert years == sorted(years)
    assert len(set(years)) == 24
