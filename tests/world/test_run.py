"""Runs: the same draws for every world, the same bytes for the same question, and what is refused before any work."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.world import worlds

from headgate.draw.stream import columns
from headgate.errors import UsageError
from headgate.world import run as running
from headgate.world.axes import ACCOUNTS, CHINA_OWNED, LABELS, MEASURES
from headgate.world.build import World
from headgate.world.changes import streams as change_streams
from headgate.world.memory import bytes_needed, free_memory
from headgate.world.posterior import Posterior, digest
from headgate.world.priors import priors
from headgate.world.quarter.horizon import streams
from headgate.world.quarter.step import SERIES
from headgate.world.results import KEPT, Results
from headgate.world.run import extras, manifest, normals, placed, places

DRAWS = 300  # more than a batch, and no whole number of batches


@pytest.fixture(scope="module")
def alone() -> Results:
    """The baseline, with the chips of a sample."""
    return running.run([worlds.baseline()], DRAWS, sample=8)[0]


@pytest.fixture(scope="module")
def beside() -> tuple[Results, ...]:
    """The baseline beside two scenarios."""
    return worlds.run([worlds.baseline(), worlds.scenario("no-feedback"), worlds.scenario("chip-security")], DRAWS)


def test_every_array_is_as_long_as_its_axes(alone: Results) -> None:
    assert alone.flows.shape == (len(LABELS), DRAWS, len(ACCOUNTS), len(MEASURES))
    assert alone.series.shape == (len(LABELS), DRAWS, len(SERIES))
    assert alone.quantities.shape == (len(LABELS), DRAWS, len(KEPT))
    assert alone.chips.shape == (len(LABELS), 8, len(ACCOUNTS), len(alone.chip_ids))
    for array in (alone.flows, alone.series, alone.quantities, alone.chips):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    assert alone.flows.min() >= 0
    assert alone.chip_ids == tuple(c.id for c in worlds.baseline().chips)


def test_chips_become_measures_at_the_very_end(alone: Results) -> None:
    """The sample of chips times what each counts for is the flow of the same draws, where nothing has learned yet."""
    told = alone.chips.astype(float) @ worlds.baseline().conversion.factors
    early = slice(0, 16)
    np.testing.assert_allclose(alone.flows[early, :8, :, :7], told[early, :, :, :7], rtol=1e-5, atol=1e-2)
    foreign = [n for n, a in enumerate(ACCOUNTS) if a.startswith(("us", "allied", "other"))]
    np.testing.assert_allclose(alone.flows[:, :8, foreign], told[:, :, foreign], rtol=1e-5, atol=1e-2)


def test_a_world_is_the_same_alone_and_beside_others(alone: Results, beside: tuple[Results, ...]) -> None:
    for name in ("flows", "series", "quantities"):
        assert getattr(beside[0], name).tobytes() == getattr(alone, name).tobytes(), name
    assert [r.name for r in beside] == ["baseline", "no-feedback", "chip-security"]
    assert (beside[1].flows != alone.flows).any()
    assert (beside[2].flows != alone.flows).any()


def test_draws_are_paired(beside: tuple[Results, ...]) -> None:
    """What a scenario does not touch is the same number in the same draw, so that a difference is one of policy."""
    plain, _, secure = beside
    before = LABELS.index("2026Q2")
    assert secure.flows[:before].tobytes() == plain.flows[:before].tobytes()
    assert secure.quantities.tobytes() == plain.quantities.tobytes()
    one, other = (np.log(r.stock("china", "owned", "h100e")[-1]) for r in (plain, secure))
    assert (other - one).std() < 0.4 * (other - np.roll(one, 1)).std()


def test_the_same_question_has_the_same_bytes_and_another_seed_others(alone: Results) -> None:
    again, other = (worlds.run([worlds.baseline()], DRAWS, seed)[0] for seed in (0, 1))
    assert again.flows.tobytes() == alone.flows.tobytes()
    assert again.series.tobytes() == alone.series.tobytes()
    assert (other.flows != alone.flows).mean() > 0.5
    assert {k for k, v in other.manifest.items() if again.manifest[k] != v} == {"seed"}


def test_fewer_draws_are_the_first_of_more(alone: Results) -> None:
    few = worlds.run([worlds.baseline()], 40)[0]
    assert few.flows.tobytes() == alone.flows[:, :40].tobytes()
    assert few.series.tobytes() == alone.series[:, :40].tobytes()


def test_batches_do_not_show(alone: Results) -> None:
    """The batch is a matter of speed: the draws of a larger one are the same normals."""
    given = [worlds.baseline()]
    one = np.concatenate([z[:count] for count, z in normals(given, DRAWS, 0, None)])
    other = np.concatenate([z[:count] for count, z in normals(given, DRAWS, 0, None, batch=7)])
    assert one.tobytes() == other.tobytes()
    assert [count for count, _ in normals(given, DRAWS, 0, None)] == [running.BATCH, DRAWS - running.BATCH]
    last = [z for _, z in normals(given, DRAWS, 0, None)][-1]
    assert last.shape[0] == running.BATCH
    assert not last[DRAWS - running.BATCH :].any()
    # Eight of the sample of chips went through a batch of their own.
    china = [ACCOUNTS.index(a) for a in CHINA_OWNED]
    told = (alone.chips[-1][:, china] @ worlds.baseline().conversion.factors)[..., list(MEASURES).index("fp8")].sum(1)
    assert (told > 0).all()


def test_progress_goes_up_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    worlds.run([worlds.baseline()], DRAWS, progress=lambda done, of: told.append((done, of)))
    assert told == [(running.BATCH, DRAWS), (DRAWS, DRAWS)]


# Streams


def test_a_change_has_the_same_draws_whoever_runs_beside_it(tmp_path: Path) -> None:
    """A scenario that spreads a quantity without one of its own: its draws do not turn on the other worlds."""
    text = '[[prior]]\nprior = "smic.wafers"\nlow = 0.5\nhigh = 2.0\nshape = "lognormal"\nwhy = "a test"\n'
    own, secure = worlds.draft(tmp_path, text), worlds.scenario("chip-security")
    names = [n for n, _ in [*priors().streams(), *streams()]]
    assert extras([own, secure]) == [*change_streams(own.changes), *change_streams(secure.changes)]
    assert extras([own, own]) == change_streams(own.changes)
    told = {}
    for given in ([own], [secure, own], [worlds.baseline(), own, secure]):
        z = next(iter(normals(given, 50, 3, None)))[1][:50].copy()
        (change,) = placed(own, given)
        told[len(given)] = z[:, -len(extras(given)) :][:, change.column]
    assert told[1].tobytes() == told[2].tobytes() == told[3].tobytes()
    assert told[1].tobytes() == columns(change_streams(own.changes), 50, 3)[:, 0].tobytes()
    assert not set(names) & {n for n, _ in extras([own, secure])}


def test_history_replaces_only_what_it_was_asked_about() -> None:
    where = np.array([3, 17, priors().size + 2], dtype=np.intp)
    drawn = np.arange(6.0).reshape(2, 3)
    labels = [*priors().labels(), *(f"{n}[{k}]" for n, width in streams() for k in range(width))]
    posterior = Posterior(tuple(labels[n] for n in where), where, drawn, {}, {}, digest(drawn))
    plain = np.concatenate([z[:n].copy() for n, z in normals([worlds.baseline()], 9, 0, None, batch=4)])
    asked = np.concatenate([z[:n].copy() for n, z in normals([worlds.baseline()], 9, 0, posterior, batch=4)])
    assert asked[:, where].tolist() == [drawn[n % 2].tolist() for n in range(9)]
    others = np.setdiff1d(np.arange(plain.shape[1]), where)
    assert asked[:, others].tobytes() == plain[:, others].tobytes()


def test_a_posterior_is_placed_by_name_and_one_of_another_world_is_refused() -> None:
    drawn = np.ones((1, 2))
    names = (priors().labels()[7], priors().labels()[3])
    elsewhere = Posterior(names, np.array([0, 1]), drawn, {}, {}, digest(drawn))
    assert places(worlds.baseline(), elsewhere).tolist() == [7, 3]
    lost = replace(elsewhere, names=("gone", names[0]))
    with pytest.raises(
        UsageError, match="the posterior speaks of gone, which this world does not have.*Calibrate anew"
    ):
        worlds.run([worlds.baseline()], 10, posterior=lost)


# What a run was made of


def test_a_manifest_names_law_data_code_and_draws(beside: tuple[Results, ...]) -> None:
    plain, told, _ = (r.manifest for r in beside)
    assert json.loads(json.dumps(plain)) == plain
    assert (plain["scenario"], plain["draws"], plain["seed"]) == ("baseline", DRAWS, 0)
    assert plain["posterior"] == "none: priors alone"
    hashes = [k for k in plain if k.startswith("hash_")]
    assert {f"hash_{k}" for k in worlds.baseline().fingerprints()} | {"hash_code"} == set(hashes)
    assert all(len(plain[k]) == 64 for k in hashes)
    assert {k for k in plain if told[k] != plain[k]} == {"scenario", "hash_changes"}
    law = manifest(worlds.scenario("no-controls"), DRAWS, 0, None)
    assert {k for k in plain if law[k] != plain[k]} == {"scenario", "hash_lanes"}
    drawn = np.zeros((1, 1))
    asked = manifest(worlds.baseline(), DRAWS, 0, Posterior(("a",), np.array([0]), drawn, {}, {}, digest(drawn)))
    assert asked["posterior"] == digest(drawn)


# Refusals


@pytest.mark.parametrize("draws", [0, -1, 2.5, "many", None, True, 1e4])
def test_draws_that_are_no_number_are_refused(draws: object) -> None:
    with pytest.raises(UsageError, match=r"draws.* whole number"):
        worlds.run([worlds.baseline()], draws)


@pytest.mark.parametrize("seed", [-1, 2**63, 0.5, "x"])
def test_a_seed_that_is_none_is_refused(seed: object) -> None:
    with pytest.raises(UsageError, match="The seed is"):
        worlds.run([worlds.baseline()], 10, seed)


def test_no_world_is_refused() -> None:
    with pytest.raises(UsageError, match="no world"):
        running.run([], 10)


def test_too_little_memory_is_refused_with_what_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "free_memory", lambda: 10**9)
    with pytest.raises(UsageError) as refused:
        running.run([worlds.baseline()], 10**6)
    said = str(refused.value)
    assert "1,000,000 draws of 1 worlds need about" in said
    assert "1.0 GB are free" in said
    fits = int(said.split("at most ")[1].split(" draws", maxsplit=1)[0].replace(",", ""))
    assert bytes_needed(fits, 1, len(SERIES)) <= 10**9
    assert bytes_needed(fits + 1000, 1, len(SERIES)) > 0.9 * 10**9


def test_memory_is_told_and_grows_with_draws_and_worlds() -> None:
    assert free_memory() > 10**7
    assert bytes_needed(2000, 1, 16) < bytes_needed(2000, 2, 16) < bytes_needed(4000, 2, 16)
    own = len(LABELS) * 4 * (len(ACCOUNTS) * len(MEASURES) + len(SERIES) + len(KEPT))
    assert bytes_needed(10_000, 1, len(SERIES)) >= 10_000 * own


def test_where_the_system_does_not_say_memory_is_not_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("builtins.open", missing)
    assert free_memory() > 10**18


def test_worlds_that_suppose_different_things_are_refused() -> None:
    few = dict(list(priors().quantities.items())[:-1])
    other: World = replace(worlds.baseline(), name="other", priors=replace(priors(), quantities=few))
    with pytest.raises(UsageError, match="baseline and other suppose different things"):
        worlds.run([worlds.baseline(), other], 10)


# Compiled simulators


def test_law_is_given_to_a_compiled_simulator_and_a_change_needs_another() -> None:
    """Worlds that differ in law alone share one; the second has nothing to wait for, and its own numbers."""
    running.compiled([worlds.baseline()], chips=False)
    before = dict(running._compiled)
    other = worlds.run([worlds.scenario("no-controls")], 10)[0]
    assert running._compiled == before
    assert (other.flows != worlds.run([worlds.baseline()], 10)[0].flows).any()
    running.compiled([worlds.scenario("no-feedback")], chips=False)
    assert len(running._compiled) == len(before) + 1


def test_compiled_simulators_are_kept_where_they_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert running.cache_folder() == tmp_path / "headgate" / "compiled"
    monkeypatch.setenv("HEADGATE_CACHE", "off")
    assert running.cache_folder() is None
