"""The search: what it enumerates is valid and complete, its best is the best, and more of a machine never hurts."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.machine.architecture import Architecture
from headgate.machine.layout import Job, Layout
from headgate.machine.memory import Keeps
from headgate.machine.recipe import Recipe
from headgate.machine.training import Habits
from headgate.predict.hardware import machine
from headgate.predict.search import AXES, Space, blocks, divisors, evaluate, pareto, search, with_fixed

DENSE = Architecture("dense", 12, 1024, 16, 4, 64, 4096, 32000)
MIXTURE = Architecture(
    "mixture", 6, 1024, 8, 8, 128, 4096, 32000, moe_layers=5, experts=8, topk=2, moe_ffn=512, shared_experts=1
)
JOB = Job(sequence=4096.0, global_batch=16.0)
BF16 = Recipe("bf16", "bf16")


def space(a: Architecture = DENSE, chips: int = 8, job: Job = JOB, fixed=None, name: str = "h100", **more) -> Space:
    return Space(a, machine(name), BF16, job, chips, fixed or {}, Habits(), Keeps(), **more)


def table(found: list[Layout]) -> np.ndarray:
    """All layouts as rows."""
    parts = [np.stack([np.broadcast_to(getattr(b, x), len(b.tensor)) for x in AXES]) for b in found]
    return np.concatenate(parts, axis=1).T


def by_hand(s: Space) -> set[tuple[int, ...]]:
    """Every valid layout, written as plain loops over everything."""
    a, chips, batch, sequence = s.architecture, s.chips, int(s.job.global_batch), int(s.job.sequence)
    found = set()
    ranks = [n for n in range(1, chips + 1) if chips % n == 0]
    for t, p, c, d in itertools.product(ranks, repeat=4):
        if t * p * c * d != chips or p > a.layers or batch % d or t > s.machine.domain_chips:
            continue
        if a.heads % t or (a.kv_heads % t and t % a.kv_heads) or a.ffn % t or a.shared_width % t:
            continue
        if c & (c - 1) or sequence % c or (c > 1 and sequence < 1024 * c):
            continue
        for e, split in itertools.product(range(1, max(a.experts, 1) + 1), {1, t} if a.experts else {1}):
            if a.experts and (a.experts % e or (t * c * d) % (e * split) or a.moe_ffn % split):
                continue
            if not a.experts and e > 1:
                continue
            for v, b, how in itertools.product(range(1, a.layers // p + 1), range(1, batch // d + 1), range(3)):
                count = batch // d // b
                if batch % (d * b) or (b > 1 and b * sequence > 65536 * c):
                    continue
                if p == 1 and (v > 1 or how):
                    continue
                if v > 1 and (how or count % p or math.ceil(a.layers / (p * v)) * v >= a.layers / p + 1):
                    continue
                if how == 2 and (p % 2 or count % 2 or count < 2 * p):
                    continue
                for shard, again in itertools.product(range(4), range(3)):
                    if (shard and d * c == 1) or (shard > 1 and p > 1):
                        continue
                    found.add((t, p, c, d, e, split, v, b, shard, d * c, again, how, 1))
    return found


CASES = {
    "dense": space(),
    "mixture": space(MIXTURE),
    "odd batch": space(job=replace(JOB, global_batch=12.0)),
    "odd chips": space(chips=12, job=replace(JOB, global_batch=24.0)),
    "short sequence": space(MIXTURE, job=replace(JOB, sequence=512.0)),
    "odd sequence": space(job=replace(JOB, sequence=4098.0)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_search_enumerates_every_valid_layout_once_and_no_other(name):
    rows = [tuple(int(x) for x in row) for row in table(list(blocks(CASES[name])))]
    assert len(rows) == len(set(rows))
    assert set(rows) == by_hand(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_the_best_is_the_best_of_all_that_fit_each_evaluated_alone(name):
    # The room is made tight, so that not every layout fits.
    s = replace(CASES[name], usable=0.045)
    room = s.machine.chip.memory_bytes * s.usable
    alone = []
    for row in sorted(by_hand(s)):
        step, peak = evaluate(s, Layout(*(float(x) for x in row)))
        alone.append((float(step.total), float(peak), row))
    fitting = sorted(x for x in alone if x[1] <= room)
    found = search(s, keep=5)
    assert 0 < len(fitting) < len(alone)
    assert (found.evaluated, found.fitting) == (len(alone), len(fitting))
    assert found.least == pytest.approx(min(x[1] for x in alone))
    assert found.seconds.tolist() == pytest.approx([x[0] for x in fitting[:5]], rel=1e-12)
    assert found.seconds[0] <= fitting[0][0] * (1 + 1e-12)


def test_what_is_found_is_what_evaluating_it_says():
    s = space(MIXTURE)
    found = search(s, keep=20)
    for place in range(20):
        step, peak = evaluate(s, found.layout.take(place))
        assert float(step.total) == pytest.approx(found.seconds[place], rel=1e-12)
        assert float(peak) == pytest.approx(found.memory[place], rel=1e-12)
    assert found.seconds.tolist() == sorted(found.seconds)


@pytest.mark.parametrize("size", [1, 7, 100, 16384])
def test_blocks_of_any_size_hold_the_same_layouts(size):
    s = space(MIXTURE)
    some = list(itertools.islice(blocks(s, size), 200))
    whole = table(list(blocks(s)))
    assert all(len(b.tensor) <= size for b in some)
    assert np.array_equal(table(some), whole[: len(table(some))])
    if size >= 100:
        assert sum(len(b.tensor) for b in blocks(s, size)) == len(whole)


@pytest.mark.parametrize("size", [13, 500])
def test_blocks_of_any_size_give_the_same_best(size, monkeypatch):
    s = space(MIXTURE)
    usual = search(s, keep=3)
    monkeypatch.setattr("headgate.predict.search.blocks", lambda given: blocks(given, size))
    other = search(s, keep=3)
    assert other.seconds.tolist() == usual.seconds.tolist()
    assert (other.evaluated, other.fitting, other.least) == (usual.evaluated, usual.fitting, usual.least)
    for name in AXES:
        assert np.array_equal(getattr(other.layout, name), getattr(usual.layout, name))


@given(
    held=st.fixed_dictionaries(
        {},
        optional={
            "tensor": st.sampled_from([1, 2, 4]),
            "pipeline": st.sampled_from([1, 2]),
            "micro_batch": st.sampled_from([1, 2]),
            "recompute": st.integers(0, 2),
            "shard": st.integers(0, 1),
            "schedule": st.integers(0, 1),
            "expert": st.sampled_from([1, 2, 8]),
        },
    )
)
@settings(max_examples=40)
def test_what_is_held_is_held_and_holding_never_makes_the_best_better(held):
    if held.get("pipeline") == 1:
        held.pop("schedule", None)
    s = space(MIXTURE)
    try:
        found = search(with_fixed(s, **held), keep=3)
    except UsageError:
        return
    for name, value in held.items():
        assert set(np.atleast_1d(getattr(found.layout, name))) == {float(value)}
    assert found.seconds[0] >= search(s, keep=1).seconds[0] * (1 - 1e-12)


@given(
    part=st.sampled_from(["rate", "memory rate", "scale-up", "scale-out", "memory"]),
    more=st.floats(1.0, 8.0),
    chips=st.sampled_from([4, 16]),
    moe=st.booleans(),
    usable=st.floats(0.03, 0.5),
)
@settings(max_examples=30)
def test_more_of_a_machine_never_makes_its_best_slower(part, more, chips, moe, usable):
    s = space(MIXTURE if moe else DENSE, chips, usable=usable)
    chip, up, out = s.machine.chip, s.machine.scale_up, s.machine.scale_out
    changed = {
        "rate": {"kernels": {n: replace(k, rate_flop_per_s=k.rate_flop_per_s * more) for n, k in chip.kernels.items()}},
        "memory rate": {"memory_bytes_per_s": chip.memory_bytes_per_s * more},
        "memory": {"memory_bytes": chip.memory_bytes * more},
    }
    better = replace(
        s.machine,
        chip=replace(chip, **changed.get(part, {})),
        scale_up=replace(up, bytes_per_s=up.bytes_per_s * (more if part == "scale-up" else 1.0)),
        scale_out=replace(out, bytes_per_s=out.bytes_per_s * (more if part == "scale-out" else 1.0)),
    )
    base, found = search(s, keep=1), search(replace(s, machine=better), keep=1)
    assert found.fitting >= base.fitting
    if base.fitting:
        assert found.seconds[0] <= base.seconds[0] * (1 + 1e-12)


def test_one_chip_has_its_choices_and_no_communication():
    s = space(chips=1)
    found = search(s, keep=1)
    step, _ = evaluate(s, found.layout.take(0))
    assert (float(step.communication), float(step.bubble)) == (0.0, 0.0)
    assert {float(getattr(found.layout, n)[0]) for n in ("tensor", "pipeline", "context", "data", "virtual")} == {1.0}


def test_where_nothing_fits_the_leanest_is_told():
    found = search(space(usable=1e-6))
    assert (found.fitting, len(found.seconds), len(found.layout.tensor)) == (0, 0, 0)
    assert found.least > 0
    assert found.least < search(space(fixed={"recompute": 0.0}, usable=1e-6)).least * (1 + 1e-12)


@pytest.mark.parametrize(
    ("fixed", "says"),
    [
        ({"tensr": 2}, "'tensr' is not a part of a layout. Did you mean tensor"),
        ({"zzz": 2}, "'zzz' is not a part of a layout. Parts are tensor, pipeline"),
        ({"tensor": 0}, "tensor is 0; it must be a whole number of 1 or more"),
        ({"tensor": -2}, "tensor is -2; it must be a whole number of 1 or more"),
        ({"micro_batch": 1.5}, "micro_batch is 1.5; it must be a whole number"),
        ({"pipeline": math.nan}, "pipeline is nan; it must be a whole number"),
        ({"data": math.inf}, "data is inf; it must be a whole number"),
        ({"recompute": 3}, "recompute is 3; it must be a whole number from 0 to 2"),
        ({"schedule": 3}, "schedule is 3; it must be a whole number from 0 to 2"),
        ({"shard": -1}, "shard is -1; it must be a whole number from 0 to 3"),
        ({"tensor": 3}, "tensor 3 does not divide the 8 chips"),
        ({"tensor": 4, "pipeline": 4}, "tensor 4 x pipeline 4 make 16, which does not divide the 8 chips"),
        (
            {"tensor": 2, "pipeline": 1, "context": 1, "data": 2},
            "tensor 2 x pipeline 1 x context 1 x data 2 make 4 chips, not 8",
        ),
        ({"expert": 3}, "expert 3 does not divide the model's 8 experts"),
        ({"pipeline": 8}, "pipeline 8 is more than the model's 6 layers"),
        ({"pipeline": 4, "virtual": 3}, "pipeline 4 x virtual 3 make 12 parts of the model's 6 layers"),
        ({"micro_batch": 5}, "micro_batch 5 does not divide the batch of 16 sequences"),
        ({"data": 8, "micro_batch": 4}, "data 8 x micro_batch 4 does not divide the batch of 16 sequences"),
    ],
)
def test_held_sizes_that_cannot_be_are_refused_with_the_reason(fixed, says):
    with pytest.raises(UsageError, match=says):
        search(space(MIXTURE, fixed=fixed))


def test_sizes_are_held_against_the_model_and_the_sequence():
    with pytest.raises(UsageError, match="tensor 3 does not divide the model's 16 heads"):
        search(space(chips=12, fixed={"tensor": 3}))
    with pytest.raises(UsageError, match="expert is 2, but dense has no experts"):
        search(space(fixed={"expert": 2}))
    with pytest.raises(UsageError, match="context 8 does not divide the sequence of 4,097 tokens"):
        search(space(job=replace(JOB, sequence=4097.0), fixed={"context": 8}))


def test_end_slots_may_hold_embedding_and_output():
    # Llama 3 405B runs its 126 layers as 16 x 8 = 128 slots; 129 would be one too many.
    a = replace(DENSE, layers=10)
    assert search(space(a, fixed={"pipeline": 4, "virtual": 3})).evaluated > 0
    with pytest.raises(UsageError, match="make 12 parts of the model's 9 layers"):
        search(space(replace(a, layers=9), fixed={"pipeline": 4, "virtual": 3}))


def test_a_job_that_nothing_divides_says_what_to_change():
    with pytest.raises(UsageError, match="No way to lay dense over 13 chips is valid with batch 5: data ranks times"):
        search(space(chips=13, job=replace(JOB, global_batch=5.0)))


@given(number=st.integers(1, 5000), most=st.integers(1, 6000))
def test_divisors_are_all_that_divide(number, most):
    assert divisors(number, most) == [d for d in range(1, min(number, most) + 1) if number % d == 0]


def test_divisors_of_a_huge_number_up_to_a_small_one_come_at_once():
    assert divisors(10**30, 10) == [1, 2, 4, 5, 8, 10]
    assert divisors(10**12)[-1] == 10**12


def dominated(pair: tuple[float, float], others: list[tuple[float, float]]) -> bool:
    return any(o[0] <= pair[0] and o[1] <= pair[1] and o != pair for o in others)


@given(
    pairs=st.lists(
        st.tuples(st.integers(0, 9).map(float), st.one_of(st.integers(0, 9).map(float), st.just(math.inf))), max_size=30
    )
)
def test_the_front_is_what_no_other_beats(pairs):
    front = pareto([p[0] for p in pairs], [p[1] for p in pairs])
    kept = [pairs[i] for i in front]
    assert sorted(set(kept)) == kept  # fastest first, no pair twice
    assert set(kept) == {p for p in pairs if not dominated(p, pairs)}


def test_the_front_of_nothing_is_nothing():
    assert pareto([], []).tolist() == []
    none = search(space(usable=1e-6))
    assert pareto(none.seconds, none.memory).tolist() == []


def test_the_front_of_a_search_against_all_layouts():
    s = space(MIXTURE)
    whole = [evaluate(s, b) for b in blocks(s)]
    seconds = np.concatenate([x.total for x, _ in whole])
    peaks = np.concatenate([p for _, p in whole])
    front = pareto(seconds, peaks)
    assert seconds[front[0]] == seconds.min()
    assert peaks[front[-1]] == peaks.min()
    for i in front:
        assert not np.any((seconds <= seconds[i]) & (peaks < peaks[i]))
