"""Correlation: draws get the rank correlation asked, stay standard normal, and impossible wishes are refused."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from headgate.draw.correlate import ar1, copula, correlate
from headgate.draw.spread import Spread
from headgate.draw.stream import normals
from headgate.errors import UsageError

THREE = np.array([[1, 0.6, -0.3], [0.6, 1, 0.2], [-0.3, 0.2, 1]])
# Each pair is possible, the three together are not.
TORN = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]


def test_the_copula_at_its_known_points():
    assert copula([-1, 0, 1]) == pytest.approx([-1, 0, 1])
    assert float(copula(0.5)) == pytest.approx(0.5176380902)


@settings(max_examples=10)
@given(st.floats(-0.95, 0.95), st.integers(0, 1000))
def test_draws_get_the_rank_correlation_asked(rho, seed):
    both = correlate(normals("pair", 20_000, 2, seed), [[1, rho], [rho, 1]])
    found = stats.spearmanr(both[:, 0], both[:, 1]).statistic
    assert found == pytest.approx(rho, abs=0.04)


def test_spreads_laid_on_them_keep_the_rank_correlation():
    z = correlate(normals("three", 20_000, 3), THREE)
    values = np.stack(
        [
            Spread("lognormal", 1, 100).of(z[:, 0]),
            Spread("uniform", 0, 1).of(z[:, 1]),
            Spread("logit_normal", 0.1, 0.9, 0.8).of(z[:, 2]),
        ],
        axis=1,
    )
    assert stats.spearmanr(values).statistic == pytest.approx(THREE, abs=0.03)
    assert z.mean(axis=0) == pytest.approx([0] * 3, abs=0.03)
    assert z.std(axis=0) == pytest.approx([1] * 3, abs=0.03)


def test_a_row_depends_on_that_row_alone():
    z = normals("three", 500, 3)
    assert (correlate(z, THREE)[:7] == correlate(z[:7], THREE)).all()
    assert (correlate(z, THREE)[:, 0] == z[:, 0]).all()
    assert (correlate(z, np.eye(3)) == z).all()
    assert (correlate(z.reshape(5, 100, 3), THREE) == correlate(z, THREE).reshape(5, 100, 3)).all()
    assert correlate(z[:, :1], [[1]]).shape == (500, 1)


def test_jax_gives_the_same_numbers():
    z = normals("three", 50, 3)
    with jax.enable_x64(True):
        mixed = jax.jit(lambda x: correlate(x, THREE, jnp))(z)
        remembered = jax.jit(lambda x, rho: ar1(x, rho, jnp))(z, 0.7)
        slope = jax.grad(lambda rho: ar1(z, rho, jnp)[0, 1])(0.7)
    assert np.asarray(mixed) == pytest.approx(correlate(z, THREE))
    assert np.asarray(remembered) == pytest.approx(ar1(z, 0.7))
    assert float(slope) == pytest.approx(z[0, 0] - 0.7 / np.sqrt(1 - 0.49) * z[0, 1])


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        ([[1, 0.5], [0.4, 1]], "row 1, column 2 is 0.5, but 0.4 the other way round"),
        ([[1, 0.5], [0.5, 0.9]], "row 2, column 2 is 0.9; a diagonal is 1"),
        ([[1, 1.2], [1.2, 1]], "row 1, column 2 is 1.2, which is not from -1 to 1"),
        ([[1, -1.2], [-1.2, 1]], "is -1.2, which is not from -1 to 1"),
        ([[1, np.nan], [np.nan, 1]], "is nan, which is not from -1 to 1"),
        ([[1, 1], [1, 1]], "two quantities that always move together are one"),
        ([[1]], "the shape [1, 1], but 2 quantities are drawn"),
        (np.eye(3), "Give a matrix of 2 by 2"),
        ([1, 1], "the shape [2]"),
    ],
)
def test_a_matrix_that_is_no_correlation_is_refused(matrix, says):
    with pytest.raises(UsageError, match=re.escape(says)):
        correlate(np.zeros((4, 2)), matrix)


def test_a_single_number_is_no_set_of_quantities():
    with pytest.raises(UsageError, match="0 quantities are drawn"):
        correlate(1.0, [[1]])


def test_correlations_that_cannot_hold_at_once_are_refused_and_the_advice_helps():
    z = normals("torn", 10, 3)
    with pytest.raises(UsageError, match="cannot all hold at once: the smallest eigenvalue is -0.") as refused:
        correlate(z, TORN)
    times = float(re.search(r"all times ([0-9.]+) would do", str(refused.value)).group(1))
    assert 0.3 < times < 1
    milder = np.where(np.eye(3) == 1, 1, np.array(TORN) * times)
    assert np.isfinite(correlate(z, milder)).all()
    with pytest.raises(UsageError):
        correlate(z, np.where(np.eye(3) == 1, 1, np.array(TORN) * (times + 0.01)))


@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.5, 0.95])
def test_memory_is_stationary_with_the_correlation_asked(rho):
    x = ar1(normals("memory", 20_000, 12), rho)
    assert x.std(axis=0) == pytest.approx([1] * 12, abs=0.03)
    found = np.corrcoef(x.T)
    lag = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    assert found == pytest.approx(float(rho) ** lag, abs=0.04)


def test_memory_at_its_edges():
    z = normals("edge", 6, 5)
    assert (ar1(z, 0) == z).all()
    assert (ar1(z, 1) == z[:, :1]).all()
    assert ar1(z, -1) == pytest.approx(z[:, :1] * [1, -1, 1, -1, 1])
    assert (ar1(z[:, :1], 0.5) == z[:, :1]).all()
    assert (ar1(z, 0.5)[:, :3] == ar1(z[:, :3], 0.5)).all()


def test_each_draw_may_have_its_own_memory():
    z, rho = normals("own", 3, 4), np.array([0.0, 0.5, 1.0])
    each = np.stack([ar1(z[i], float(rho[i])) for i in range(3)])
    assert ar1(z, rho) == pytest.approx(each)


@pytest.mark.parametrize("rho", [1.1, -2, np.nan, np.float32(1.5), np.array([0.5, 3])])
def test_a_memory_out_of_range_is_refused(rho):
    with pytest.raises(UsageError, match="which is not from -1 to 1"):
        ar1(np.zeros((2, 2)), rho)


@pytest.mark.parametrize("z", [1.0, np.zeros((3, 0))])
def test_no_step_of_time_is_refused(z):
    with pytest.raises(UsageError, match="have no step of time"):
        ar1(z, 0.5)
