"""A job of training by names: what is left out, what is searched, what it takes, and what is refused."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.measured import measured
from headgate.errors import CatalogError, HeadgateError, UsageError
from headgate.machine.cost import Terms
from headgate.machine.pipeline import SCHEDULES
from headgate.predict.hardware import machine, machines
from headgate.predict.models import recipe
from headgate.predict.runs import usual_batch
from headgate.predict.train import train
from headgate.predict.train.fits import fits, smallest_count
from headgate.predict.train.record import record_of
from headgate.predict.train.request import Request
from headgate.predict.training import PUBLISHED_BAND
from headgate.predict.usual import (
    STACK_OF_FAMILY,
    held,
    searched_recipes,
    tokens_of,
    usual_recipe,
    usual_stack,
)

SMALL = {"model": "llama3-8b", "machine": "h100", "chips": 64, "tokens": "1T", "precision": "bf16"}


def job(**changed):
    return train(**{**SMALL, **changed})


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("14.8T", 14.8e12),
        ("500b", 5e11),
        ("10M", 1e7),
        ("3 K", 3000),
        ("2e12", 2e12),
        ("1_000", 1000),
        ("1,500B", 1.5e12),
        (".5T", 5e11),
        (7, 7),
        (1e12, 1e12),
        ("1.5E+3M", 1.5e9),
    ],
)
def test_tokens_are_read_as_people_write_them(text, tokens) -> None:
    assert tokens_of(text) == pytest.approx(tokens)


@pytest.mark.parametrize(
    "text", ["", "T", "0", "0T", "-1T", "1.2.3T", "14.8X", "nan", "inf", "1e999", "14.8TT", "1 2T", None, -5, 0.0]
)
def test_tokens_that_are_none_are_refused(text) -> None:
    with pytest.raises(UsageError, match="Write it as 14.8T"):
        tokens_of(text)


@given(st.floats(1e-3, 999.0), st.sampled_from("KMBT"))
def test_a_budget_written_is_the_budget_read(number, unit) -> None:
    assert tokens_of(f"{number!r}{unit}") == pytest.approx(number * {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}[unit])


def test_the_figures_hang_together() -> None:
    found = job()
    f, share = found.figures, float(found.failures.share)
    for place in range(3):
        assert f["chip_hours"][place] == pytest.approx(f["days"][place] * 24 * 64)
        assert f["days_without_failures"][place] == pytest.approx(f["days"][place] * share)
        assert f["mwh"][place] / f["mwh"][0] == pytest.approx(f["days"][place] / f["days"][0])
        assert f["usd"][place] / f["usd"][0] == pytest.approx(f["days"][place] / f["days"][0])
    rate = f["tokens_per_s_per_chip"]
    assert f["days"][1] == pytest.approx(1e12 / (rate[2] * 64 * share * 86400))
    assert f["days"][1] < f["days"][0] < f["days"][2]
    assert 0 < share < 1
    assert sum(found.parts.values()) == pytest.approx(1.0)
    assert list(found.parts) == ["compute", "memory", "communication", "bubble", "host", "jitter"]


def test_twice_the_tokens_take_twice_as_long() -> None:
    one, two = job().figures, job(tokens="2T").figures
    assert all(two[k][0] == pytest.approx(2 * one[k][0]) for k in ("days", "chip_hours", "mwh", "usd"))
    assert two["mfu"] == one["mfu"]


def test_energy_and_cost_follow_their_terms() -> None:
    base = job().figures
    cool = job(terms=Terms(pue=1.0)).figures
    assert cool["mwh"][0] == pytest.approx(base["mwh"][0] / 1.25)
    free = job(terms=Terms(usd_per_kwh=0.0), usd_per_chip=0.0).figures
    assert free["usd"][0] == 0.0
    power_only = job(usd_per_chip=0.0).figures
    assert power_only["usd"][0] == pytest.approx(base["mwh"][0] * 1000 * 0.08)
    assert any("0.08 USD/kWh, PUE 1.25" in note for note in job().notes)


def test_a_price_that_is_unknown_is_not_made_up() -> None:
    unknown = job(machine="h800")
    assert all(math.isnan(x) for x in unknown.figures["usd"])
    assert record_of(unknown)["usd"]["median"] is None
    assert any(note.startswith("price: unknown") for note in unknown.notes)
    assert job(machine="h800", usd_per_chip=25000.0).figures["usd"][0] > 0


def test_what_is_held_is_held_and_the_rest_is_searched() -> None:
    free, tied = job(), job(layout={"tp": 2, "pipeline": 4, "recompute": "full"})
    assert (tied.options[0].layout["tensor"], tied.options[0].layout["pipeline"]) == (2, 4)
    assert tied.options[0].layout["recompute"] == 2
    assert tied.evaluated < free.evaluated
    assert tied.figures["days"][0] >= free.figures["days"][0]


def test_a_plan_is_as_fast_as_any_layout_held_by_hand() -> None:
    # What published runs lose to the best layout is no part of a plan.
    full = {"tensor": 2, "pipeline": 1, "context": 1, "data": 32, "micro_batch": 1, "recompute": "none", "shard": 1}
    found, best = job(layout=full), job()
    assert not found.predicted.computed.searched
    assert best.figures["step_time_s"][0] <= found.figures["step_time_s"][0]
    same = job(layout=best.options[0].layout)
    assert same.figures["step_time_s"] == pytest.approx(best.figures["step_time_s"])
    assert found.figures["peak_mem_gib"][0] == pytest.approx(found.options[0].peak_mem_gib)


def test_the_options_are_the_best_in_order_and_the_first_is_the_prediction() -> None:
    found = job()
    steps = [o.step_time_s for o in found.options]
    assert steps == sorted(set(steps))
    assert steps[0] == pytest.approx(found.figures["step_time_s"][0])
    assert len(found.options) == 10
    assert found.evaluated >= found.fitting > 0


@pytest.mark.parametrize(
    ("model", "machine_name", "chips"), [("llama3-70b", "a100", 128), ("qwen3-30b-a3b", "b200", 64)]
)
def test_a_full_search_is_never_slower_than_the_usual_ways(model, machine_name, chips) -> None:
    asked = {"model": model, "machine": machine_name, "chips": chips, "precision": "bf16"}
    wide, usual = job(**asked, full_search=True), job(**asked)
    assert wide.evaluated > usual.evaluated
    assert wide.predicted.computed.seconds <= usual.predicted.computed.seconds
    anything = job(**{**asked, "precision": None}, full_search=True)
    assert anything.figures["days"][0] <= wide.figures["days"][0]
    assert any(note.startswith("recipes searched: bf16") for note in anything.notes)


def test_a_best_case_is_only_ever_chosen_by_name() -> None:
    asked = {"model": "deepseek-v3", "machine": "vr200", "chips": 576}
    dense, best = (job(**asked, **{"precision": name}) for name in ("nvfp4", "nvfp4-best-case"))
    assert best.figures["days"][0] < dense.figures["days"][0]
    assert any("50 petaflops where the dense roof is 35" in note for note in best.notes)
    assert not any("best case" in note for note in dense.notes)
    assert record_of(best)["roof_factor"] == pytest.approx(50 / 35)
    assert all(recipe(name).roof_factor == 1.0 for m in machines() for name in searched_recipes(machine(m)))
    with pytest.raises(UsageError, match="a best case of Rubin alone"):
        job(machine="b200", precision="nvfp4-best-case")


def test_a_machine_known_from_its_maker_alone_has_a_wide_band_and_says_so() -> None:
    for model, kind in (("llama3-8b", "dense"), ("qwen3-30b-a3b", "moe")):
        found = job(model=model, machine="vr200", chips=72, precision=None)
        median, _, high = found.figures["step_time_s"]
        assert high / median >= 1 + PUBLISHED_BAND[kind] - 1e-9
        assert any("extrapolation" in note for note in found.notes)
    assert not any("extrapolation" in note for note in job().notes)


@pytest.mark.parametrize(
    ("name", "moe", "expected"),
    [
        ("ascend-910b", False, "bf16"),
        ("a100", False, "bf16"),
        ("h800", True, "fp8-current-scaling"),
        ("gb200", True, "mxfp8"),
        ("vr200", True, "mxfp8"),
        ("trn2-ultraserver", False, "bf16"),
    ],
)
def test_the_usual_recipe_is_the_narrow_one_that_was_measured(name, moe, expected) -> None:
    found, why = usual_recipe(machine(name), moe)
    assert found == expected
    assert why.startswith(expected)
    assert recipe(found).format in machine(name).chip.kernels
    assert ("rubin itself was never measured" in why) == (name == "vr200")


def test_every_machine_has_a_usual_recipe_and_stack_that_it_can_run() -> None:
    for name in machines():
        home = machine(name)
        for moe in (False, True):
            for task in ("train", "serve"):
                assert recipe(usual_recipe(home, moe, task)[0]).format in home.chip.kernels
        assert usual_stack(home).id == STACK_OF_FAMILY.get(home.chip.family, "other")
        assert "bf16" in searched_recipes(home)


def test_every_recipe_that_a_search_tries_was_trained_with() -> None:
    trained = {recipe(r["precision"]).id for r in measured("training_runs").rows} | {"fp8-block"}
    assert {r for m in machines() for r in searched_recipes(machine(m))} <= trained


@given(st.integers(1, 20000), st.sampled_from([2048, 4096, 8192, 131072]))
def test_a_usual_batch_can_be_laid_over_the_chips(chips, sequence) -> None:
    batch = usual_batch(chips, sequence, {})
    assert batch >= 1
    assert math.gcd(batch, chips) >= min(chips, 1)
    assert batch * sequence <= 1.5 * 16 * 2**20 or batch == 1


def test_a_usual_batch_is_whole_rounds_of_what_is_held() -> None:
    assert usual_batch(1024, 4096, {"data": 96, "micro_batch": 4}) % 384 == 0


def test_the_software_s_year_is_that_of_its_release_or_of_today(monkeypatch) -> None:
    monkeypatch.setenv("HEADGATE_TODAY", "2026-01-01")
    asked = Request("llama3-8b", "h100", "bf16", 4096, None, {}, False, None)
    assert asked.runs(8)[0].year == 2026.0
    told = replace(asked, software="NeMo 25.11")
    assert told.runs(8)[0].year == 2025.875
    assert told.runs(8)[0].stack.id == "nemo"
    strange = replace(asked, software="homegrown")
    assert strange.stack.id == "other"
    assert any("'homegrown' is no software that was measured" in note for note in strange.notes())


def test_what_is_printed_does_not_change_from_day_to_day(monkeypatch) -> None:
    """Software is taken to be no newer than what was measured, so that a page shown once stays true."""
    found = []
    for day in ("2026-12-01", "2029-05-05"):
        monkeypatch.setenv("HEADGATE_TODAY", day)
        found.append(record_of(job()))
    assert found[0] == found[1]
    monkeypatch.setenv("HEADGATE_TODAY", "2024-03-01")
    assert any("nemo, as of 2024-02" in note or "nemo, as of 2024-03" in note for note in job().notes)


def test_several_counts_are_chosen_among_by_what_matters() -> None:
    asked = {"chips": [64, 128, 256]}
    fast, cheap = job(**asked), job(**asked, objective="cost")
    assert fast.run.chips == 256
    assert cheap.run.chips == min((job(chips=n) for n in asked["chips"]), key=lambda t: t.figures["usd"][0]).run.chips
    assert [t.run.chips for t in fast.front] == [64, 128, 256]
    assert job().front == ()
    within = job(**asked, objective="cost", limits={"days": cheap.figures["days"][0] * 0.9})
    assert within.run.chips > cheap.run.chips
    assert any(note.startswith(f"left out: {cheap.run.chips} chips, over the limit") for note in within.notes)
    assert within.figures["days"][0] <= cheap.figures["days"][0] * 0.9


def test_no_count_of_the_front_beats_another() -> None:
    front = job(chips=[8, 16, 24, 32, 48, 64, 96]).front
    points = [tuple(t.figures[name][0] for name in ("days", "usd", "mwh")) for t in front]
    for one in points:
        assert not any(all(b <= a for a, b in zip(one, other, strict=True)) and one != other for other in points)


def test_a_count_that_cannot_be_laid_out_is_left_out_and_named() -> None:
    found = job(model="llama3-70b", chips=[8, 64])
    assert found.run.chips == 64
    assert any(note.startswith("left out: llama3-70b does not fit on 8") for note in found.notes)


@pytest.mark.parametrize(
    ("model", "name", "chips"), [("deepseek-v3", "h100", 64), ("llama3.1-405b", "gb200", 8), ("llama3-70b", "910b", 4)]
)
def test_a_model_that_does_not_fit_says_by_how_much_and_what_would(model, name, chips) -> None:
    with pytest.raises(UsageError) as refused:
        job(model=model, machine=name, chips=chips)
    said = str(refused.value)
    assert "GiB more than the" in said
    count = int(said.split("smallest count that fits is ")[1].rstrip(".").replace(",", ""))
    assert job(model=model, machine=name, chips=count).run.chips == count > chips
    home = machine(name).domain_chips
    assert count % home == 0 or count & (count - 1) == 0


def test_no_smaller_multiple_of_the_domain_would_do() -> None:
    asked = Request("llama3-70b", "h100", "bf16", 8192, None, {}, False, None)
    run = asked.runs(8)[0]
    count = smallest_count(run)
    assert count is not None
    assert fits(run, count)
    assert not any(fits(run, n) for n in range(16, count, 8))


def test_where_no_count_would_do_it_says_so() -> None:
    with pytest.raises(UsageError, match="With tensor 1, pipeline 1, context 1, data 8 held, no count up to 1,048,576"):
        job(model="llama3.1-405b", chips=8, layout={"tp": 1, "pp": 1, "cp": 1, "dp": 8})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"model": "llama3-8"}, "Did you mean"),
        ({"machine": "h1000"}, "h1000"),
        ({"chips": 0}, "chips is 0"),
        ({"chips": -8}, "chips is -8"),
        ({"chips": []}, "no count of chips"),
        ({"chips": 8.5}, "whole number"),
        ({"tokens": "0"}, "tokens '0'"),
        ({"tokens": "lots"}, "tokens 'lots'"),
        ({"sequence": 0}, "sequence is 0"),
        ({"batch": -1}, "batch is -1"),
        ({"precision": "fp7"}, "precision 'fp7'"),
        ({"machine": "ascend-910c", "precision": "fp8"}, "Comparable is int8"),
        ({"machine": "a100", "precision": "nvfp4"}, "Comparable is int8"),
        ({"layout": {"tensr": 2}}, "Did you mean tensor"),
        ({"layout": {"tp": 2, "tensor": 4}}, "tensor is given twice"),
        ({"layout": {"tp": 0}}, "tp=0: give a whole number of 1 or more"),
        ({"layout": {"tp": "half"}}, "give a whole number"),
        ({"layout": {"recompute": "some"}}, "give one of none, selective, full"),
        ({"layout": {"schedule": 9}}, "give one of 1f1b"),
        ({"layout": {"tp": 3}}, "does not divide"),
        ({"layout": {"tp": 128}, "chips": 128}, "does not divide the model's 32 heads"),
        ({"layout": {"pp": 64}}, "more than the model's 32 layers"),
        ({"layout": {"ep": 8}}, "has no experts"),
        ({"layout": {"dp": 64}, "batch": 100}, "does not divide the batch of 100"),
        ({"objective": "speed"}, "objective 'speed'"),
        ({"limits": {"weeks": 3}}, "limit weeks"),
        ({"limits": {"days": 0}}, "limit days"),
        ({"limits": {"days": 1e-3}}, "no count of chips keeps the limits; nearest is 64 chips"),
        ({"limits": {"usd": 1e9}, "machine": "h800"}, "usd of hgx-h800-8 is unknown"),
        ({"chips": [64, 128], "objective": "cost", "machine": "h800"}, "usd of hgx-h800-8 is unknown"),
        ({"usd_per_chip": -1.0}, "usd_per_chip is -1.0"),
    ],
)
def test_refusals_name_what_which_and_what_to_do(changed, says) -> None:
    with pytest.raises(HeadgateError) as refused:
        job(**changed)
    assert says in str(refused.value)


def test_an_unknown_name_is_an_error_of_the_catalog() -> None:
    with pytest.raises(CatalogError):
        job(model="nothing-like-it")


def test_words_and_short_names_hold_the_same_parts() -> None:
    short = held({"tp": 8, "pp": 2, "vpp": 3, "cp": 1, "dp": 4, "ep": 2, "micro_batch": 1})
    long = held({"tensor": "8", "pipeline": 2.0, "virtual": 3, "context": 1, "data": 4, "expert": 2, "micro_batch": 1})
    assert short == long
    assert held({"schedule": "DualPipe"})["schedule"] == SCHEDULES.index("dualpipe")
    assert held({"shard": "fsdp", "sequence_parallel": "no"}) == {"shard": 3.0, "sequence_parallel": 0.0}


def test_the_band_for_deepseek_v3_holds_what_deepseek_reports() -> None:
    """2.664 million H800 hours for 14.8 trillion tokens (arXiv:2412.19437, table 1): 1,543 tokens a second and chip."""
    layout = {"pipeline": 16, "expert": 64, "tensor": 1, "context": 1, "schedule": "dualpipe", "shard": "zero-1"}
    asked = {"model": "deepseek-v3", "machine": "h800", "chips": 2048, "tokens": "14.8T", "batch": 15360}
    found = train(**asked, precision="fp8-block", layout=layout, software="DeepSeek")
    _, low, high = found.figures["tokens_per_s_per_chip"]
    assert low < 14.8e12 / (2.664e6 * 3600) < high


def test_a_record_is_plain_values() -> None:
    made = record_of(job(chips=[32, 64]))
    assert made["days"]["low"] < made["days"]["median"] < made["days"]["high"]
    assert [point["chips"] for point in made["front"]] == [32, 64]
    assert made["layouts"][0]["tensor"] >= 1
    assert made["published_only"] is False
