"""The fit: sampled on a toy, diagnosed as published formulas say, refused where it did not come out well."""

from itertools import pairwise

import jax.numpy as jnp
import numpy as np
import pytest

import headgate.world.fit.calibrate as calibration
from headgate.decide.one import decider
from headgate.errors import UsageError
from headgate.world.axes import LABELS
from headgate.world.build import world
from headgate.world.fit.model import touched
from headgate.world.observed import Observation

GOOD = {"r_hat": 1.01, "effective_sample": 400.0, "divergent_share": 0.0}
NOISE = np.random.Generator(np.random.Philox(4)).standard_normal((4, 300, 3))


def seen(value: float, error: float, kind: str = "about") -> Observation:
    return Observation("T1", ("china_legal",), (), 0, 0, "units", value, error, "made up", kind)


@pytest.fixture(scope="module")
def today():
    return world(decider())


# Two that are sure, a floor, one that is far off: each about a number of its own.
SURE, FLOOR, ODD = (float(np.exp(2.0)), float(np.exp(0.5))), float(np.e), float(np.exp(6.0))
TOLD = (seen(SURE[0], 0.01), seen(SURE[1], 0.01), seen(FLOOR, 0.05, "at least"), seen(ODD, 0.3))


def sampled(today, monkeypatch, seed=0, warmup=300, samples=600):
    """Fit a toy in the place of the simulator: what is seen is the exponential of the first normals, one each."""

    def reading(told, chips, h100e, quarters):
        return lambda record: jnp.exp(record["z"][: len(TOLD)])

    monkeypatch.setattr(calibration, "simulator", lambda *given: lambda z: ({"z": z},))
    monkeypatch.setattr(calibration, "reading", reading)
    monkeypatch.setattr(calibration.observed, "observations", lambda rows, through: TOLD)
    return calibration.calibrate(today, through=7, warmup=warmup, samples=samples, chains=2, seed=seed)


@pytest.fixture(scope="module")
def fit(today):
    with pytest.MonkeyPatch.context() as patch:
        return sampled(today, patch)


def test_history_moves_what_it_was_asked_about_and_nothing_else(fit, today) -> None:
    assert list(fit.columns) == [0, 1, 2, 3]
    assert fit.names == tuple(today.priors.labels()[:4])
    assert fit.normals.mean(axis=0)[:2] == pytest.approx([2.0, 0.5], abs=0.02)
    assert fit.diagnostics["draws"] == fit.draws == 1200
    assert not calibration.is_bad(fit.diagnostics)


def test_a_floor_pushes_up_and_lets_be_what_is_above(fit) -> None:
    # A normal told to be at least 1 has its mean at 1.525, were the floor a wall.
    assert fit.normals[:, 2].mean() == pytest.approx(1.525, abs=0.1)
    assert np.quantile(fit.normals[:, 2], 0.02) > 0.9


def test_one_estimate_far_off_does_not_pull_the_rest(fit) -> None:
    # Were errors normal, the mean would be 6 / 1.09 = 5.5.
    assert fit.normals[:, 3].mean() < 5.0


def test_it_says_what_it_was_made_of(fit, today) -> None:
    now = today.fingerprints(calibration.observed.HISTORY_ENDS + 1)
    assert fit.made_of == {
        **{k: now[k] for k in ("lanes", "history", "priors", "chips", "measures")},
        "observations": calibration.observed.fingerprint(TOLD),
        "through": LABELS[7],
    }


def test_one_seed_gives_one_fit(fit, today, monkeypatch) -> None:
    assert sampled(today, monkeypatch).hash == fit.hash
    assert sampled(today, monkeypatch, seed=1).hash != fit.hash


def test_too_few_steps_are_refused_and_all_is_said(today, monkeypatch) -> None:
    with pytest.raises(UsageError, match=r"the fit is refused: r_hat .*effective_sample .*--warmup and --samples"):
        sampled(today, monkeypatch, warmup=1, samples=4)


def test_looser_limits_let_the_same_pass_and_no_more_is_kept_than_needed(today, monkeypatch) -> None:
    for name, value in (("MOST_R_HAT", float("inf")), ("LEAST_ESS", -1e9), ("MOST_DIVERGENT", 1.0), ("KEPT_DRAWS", 5)):
        monkeypatch.setattr(calibration, name, value)
    found = sampled(today, monkeypatch, warmup=1, samples=4)
    assert found.draws == 5
    assert found.diagnostics["draws"] == 8


def test_only_what_moves_an_observation_is_sampled() -> None:
    assert list(touched(lambda z: jnp.stack([jnp.exp(z[3]), 1.0 + z[1] ** 2]), 6)) == [1, 3]


# ---- diagnostics


def by_hand(chains) -> float:
    """Return the largest split R-hat as in Gelman et al., BDA3, 11.4."""
    halves = np.concatenate(np.split(chains, 2, axis=1), axis=0)
    n = halves.shape[1]
    between = n * halves.mean(axis=1).var(axis=0, ddof=1)
    within = halves.var(axis=1, ddof=1).mean(axis=0)
    return float(np.sqrt(((n - 1) / n * within + between / n) / within).max())


@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0])
def test_r_hat_is_that_of_the_book(shift) -> None:
    chains = NOISE + shift * np.arange(4)[:, None, None]
    found = calibration.diagnose(chains, np.zeros((4, 300)), np.full((4, 300), 7))
    assert found["r_hat"] == pytest.approx(by_hand(chains), rel=1e-6)
    assert (found["r_hat"] > calibration.MOST_R_HAT) == (shift > 0)


def test_the_effective_sample_is_the_worst_column_and_falls_with_memory() -> None:
    walk = NOISE.copy()
    for before, now in pairwise(range(300)):
        walk[:, now, 1] = 0.95 * walk[:, before, 1] + np.sqrt(1 - 0.95**2) * NOISE[:, now, 1]
    fresh, slow = (
        calibration.diagnose(c, np.zeros((4, 300)), np.ones((4, 300)))["effective_sample"] for c in (NOISE, walk)
    )
    assert fresh > 800
    # 1,200 draws of an autoregression of 0.95 are worth (1 - 0.95) / (1 + 0.95) as many: 31.
    assert 15 < slow < 70


def test_what_diverged_and_how_many_steps_are_counted() -> None:
    divergent = np.zeros((4, 300))
    divergent[0, :30] = 1
    found = calibration.diagnose(NOISE, divergent, np.full((4, 300), 15))
    assert found["divergent_share"] == pytest.approx(0.025)
    assert (found["mean_steps"], found["chains"], found["draws"]) == (15.0, 4, 1200)


@pytest.mark.parametrize(
    ("key", "value", "bad"),
    [
        ("r_hat", 1.05, False),
        ("r_hat", 1.0501, True),
        ("r_hat", float("nan"), True),
        ("effective_sample", 100.0, False),
        ("effective_sample", 99.9, True),
        ("effective_sample", float("nan"), True),
        ("divergent_share", 0.01, False),
        ("divergent_share", 0.0101, True),
    ],
)
def test_the_edges_of_a_bad_fit(key, value, bad) -> None:
    assert calibration.is_bad({**GOOD, key: value}) is bad
