"""Named random streams: a number depends on the seed, the name, its column and its draw, and on nothing else."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from headgate.draw.stream import ROWS, SEEDS, blocks, columns, normals
from headgate.errors import UsageError

COUNTS = st.integers(1, 3 * ROWS)


@given(st.text(min_size=1), st.integers(0, SEEDS - 1), COUNTS, COUNTS, st.integers(1, 3), st.integers(1, 3))
def test_more_draws_or_columns_leave_the_first_ones_alone(name, seed, few, many, narrow, wide):
    few, many = sorted((few, many))
    narrow, wide = sorted((narrow, wide))
    assert (normals(name, many, wide, seed)[:few, :narrow] == normals(name, few, narrow, seed)).all()


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=5, unique=True), st.randoms())
def test_adding_or_moving_a_name_moves_no_other(names, random):
    asked = [(name, number + 1) for number, name in enumerate(names)]
    random.shuffle(asked)
    drawn, at = columns(asked, 7, seed=3), 0
    for name, size in asked:
        assert (drawn[:, at : at + size] == normals(name, 7, size, seed=3)).all()
        at += size
    assert at == drawn.shape[1]


@given(st.integers(1, 50), st.integers(1, 60))
def test_blocks_are_the_columns_cut(draws, rows):
    names = [("a", 2), ("b", 3)]
    cut = [block.copy() for block in blocks(names, draws, 5, rows)]
    assert (np.concatenate(cut) == columns(names, draws, 5)).all()
    assert all(len(block) == rows for block in cut[:-1])


def test_the_shape_and_kind():
    drawn = columns([("a", 2), ("b", 1)], ROWS + 1)
    assert drawn.shape == (ROWS + 1, 3)
    assert drawn.dtype == np.float64
    assert drawn.flags.c_contiguous
    assert normals("a", 4).shape == (4, 1)
    assert columns([], 4).shape == (4, 0)


def test_seeds_names_and_columns_differ():
    base = normals("a", 100, 2)
    for other in (normals("a", 100, 2, seed=1), normals("b", 100, 2), base[:, ::-1]):
        assert not (base == other).any()
    # A seed and a name run together must not be told apart only by where one ends.
    assert not (normals("1:a", 10, seed=1) == normals("a", 10, seed=11)).any()
    assert not (normals("1", 10, seed=1) == normals("11", 10, seed=0)).any()


def test_the_same_on_every_call_and_in_another_process():
    code = "from headgate.draw.stream import normals; print(normals('yield', 3, 2, seed=9).tobytes().hex())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == normals("yield", 3, 2, seed=9).tobytes().hex()


def test_they_are_independent_standard_normals():
    drawn = columns([("a", 3), ("b", 3), ("a2", 2)], 20_000, seed=1)
    for column in drawn.T:
        assert stats.kstest(column, "norm").pvalue > 1e-4
    away = np.corrcoef(drawn.T) - np.eye(8)
    assert np.abs(away).max() < 4.5 / np.sqrt(20_000)
    # Nor does one draw tell the next.
    assert np.abs((drawn[1:] * drawn[:-1]).mean(axis=0)).max() < 4.5 / np.sqrt(20_000)


def test_the_last_seed_is_a_seed():
    assert normals("a", 1, seed=SEEDS - 1).shape == (1, 1)


@pytest.mark.parametrize("seed", [-1, SEEDS, 0.5, "0", None, True])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(UsageError, match="The seed is .*not a whole number from 0 to"):
        normals("a", 1, seed=seed)


@pytest.mark.parametrize("count", [0, -1, 2.0, "3", None, True])
def test_a_bad_count_is_refused(count):
    with pytest.raises(UsageError, match="The number of draws is .*Give 1 or more"):
        normals("a", count)
    with pytest.raises(UsageError, match="The number of columns of a is"):
        normals("a", 1, count)
    with pytest.raises(UsageError, match="The number of rows is"):
        next(blocks([("a", 1)], 1, rows=count))


@pytest.mark.parametrize("name", ["", None, 3, b"a"])
def test_a_quantity_without_a_name_is_refused(name):
    with pytest.raises(UsageError, match="which is no name"):
        normals(name, 1)


def test_a_name_twice_is_refused():
    with pytest.raises(UsageError, match="Two quantities are named 'a'"):
        columns([("a", 1), ("b", 1), ("a", 2)], 1)
