"""Spreads: the points told come back, nothing falls as the normal rises, and what makes no sense is refused."""

import math
import tomllib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from headgate.draw.refusals import KEYS, SHAPES
from headgate.draw.spread import Z95, Spread, read_spread
from headgate.draw.stream import normals
from headgate.errors import CatalogError, UsageError

WHERE = "priors.toml: cost"
SHARES = st.floats(1e-6, 1 - 1e-6)


@st.composite
def spreads(draw, shapes=SHAPES):
    """Any spread of a sensible size, with or without a median."""
    shape = draw(st.sampled_from(shapes))
    if shape == "point":
        return Spread.point(draw(st.floats(-1e9, 1e9)))
    ends = {"lognormal": st.floats(1e-6, 1e9), "logit_normal": SHARES}.get(shape, st.floats(-1e9, 1e9))
    low, high = sorted((draw(ends), draw(ends)))
    assume(high - low > 1e-6 * max(abs(low), abs(high), 1e-6))
    median = draw(st.none() | st.floats(low, high)) if shape != "uniform" else None
    return Spread(shape, low, high, median)


def rounding(spread):
    """What is lost where the pieces of a spread nearly cancel, say a median of 1 and a low of 0; else nothing."""
    return 1e-14 * max(abs(spread.low), abs(spread.high)) if spread.shape in ("normal", "uniform") else 0


@given(spreads(("normal", "lognormal", "logit_normal")))
def test_the_points_told_come_back(spread):
    for p, told in ((0.05, spread.low), (0.5, spread.middle), (0.95, spread.high)):
        assert spread.quantile(p) == pytest.approx(told, rel=1e-9, abs=rounding(spread))


@given(spreads(), st.floats(1e-12, 1 - 1e-9))
def test_a_quantile_is_the_value_of_that_normal(spread, p):
    assert spread.quantile(p) == pytest.approx(float(spread.of(ndtri(p))), rel=1e-9, abs=rounding(spread))


@given(spreads(), st.lists(st.floats(-9, 9), min_size=2, max_size=20))
def test_values_never_fall_as_the_normal_rises(spread, z):
    values = spread.of(np.sort(z))
    # The exponential is right to the last bit but one, so that neighbors may tie the wrong way by that bit.
    assert (np.diff(values) >= -4e-16 * np.abs(values[1:])).all()
    assert np.isfinite(values).all()


@given(spreads(("logit_normal",)), st.floats(-40, 40))
def test_a_share_stays_strictly_between_0_and_1(spread, z):
    assert 0 < float(spread.of(z)) < 1


@given(spreads(("uniform",)), st.floats(-40, 40))
def test_a_uniform_never_leaves_its_ends(spread, z):
    assert spread.low <= float(spread.of(z)) <= spread.high


def test_the_ends_of_a_uniform_are_its_ends():
    spread = Spread("uniform", 10, 20)
    assert spread.of([-math.inf, 0.0, math.inf]).tolist() == [10, 15, 20]
    assert spread.quantile(0.05) == pytest.approx(10.5)
    assert spread.middle == 15


@pytest.mark.parametrize(
    ("spread", "law"),
    [
        (Spread("normal", 2, 8), stats.norm(5, 3 / Z95)),
        (Spread("lognormal", 4, 36), stats.lognorm(math.log(3) / Z95, scale=12)),
        (Spread("uniform", 4, 36), stats.uniform(4, 32)),
    ],
)
def test_draws_follow_the_law_of_the_shape(spread, law):
    drawn = spread.of(normals("shape", 20_000)[:, 0])
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-3
    assert spread.quantile(0.99) == pytest.approx(law.ppf(0.99))


def test_the_middle_is_taken_in_the_scale_of_the_shape():
    assert Spread("normal", 2, 8).middle == 5
    assert Spread("lognormal", 4, 36).middle == pytest.approx(12)
    assert Spread("logit_normal", 0.2, 0.8).middle == pytest.approx(0.5)
    assert Spread("logit_normal", 0.1, 0.4).middle == pytest.approx(1 / (1 + math.sqrt(9 * 1.5)))


def test_a_median_splits_the_spread_in_two_pieces():
    told = Spread("normal", 0, 10, median=2)
    assert told.of([-2 * Z95, -Z95, 0, Z95, 2 * Z95]) == pytest.approx([-2, 0, 2, 10, 18])
    plain, same = Spread("lognormal", 4, 36), Spread("lognormal", 4, 36, median=12)
    z = np.linspace(-5, 5, 101)
    assert same.of(z) == pytest.approx(plain.of(z))


def test_a_median_at_an_end_leaves_no_width_on_that_side():
    told = Spread("lognormal", 3, 12, median=3)
    assert told.of([-5.0, -1.0, 0.0]).tolist() == [3, 3, 3]
    assert told.quantile(0.95) == pytest.approx(12)


def test_a_point_is_that_number_everywhere():
    values = Spread.point(3).of(np.array([[-9, 0], [1, 9]]))
    assert values.tolist() == [[3, 3], [3, 3]]
    assert values.dtype == np.float64
    assert Spread.point(3) == Spread("point", 3, 3)
    assert Spread("point", 3, 3, median=3).middle == 3


@given(spreads(), st.floats(-6, 6))
def test_jax_gives_the_same_values_and_a_slope(spread, z):
    with jax.enable_x64(True):
        value, slope = jax.value_and_grad(lambda x: spread.of(x, jnp))(z)
    here = float(spread.of(z))
    assert float(value) == pytest.approx(here, rel=1e-9, abs=rounding(spread))
    assert float(slope) >= 0
    step = 1e-6
    if abs(z) > 2 * step and spread.shape != "logit_normal":
        rise = (float(spread.of(z + step)) - float(spread.of(z - step))) / (2 * step)
        assert float(slope) == pytest.approx(rise, rel=1e-4, abs=1e-7 * max(abs(spread.low), abs(spread.high)))


def test_jax_keeps_its_own_precision_and_can_be_compiled():
    z = jnp.array([-1.0, 0.0, 1.0], dtype=jnp.float32)
    for spread in (Spread("normal", 1, 9, 2), Spread("lognormal", 1, 9), Spread("uniform", 1, 9), Spread.point(3)):
        found = jax.jit(lambda x, spread=spread: spread.of(x, jnp))(z)
        assert found.dtype == jnp.float32
        assert np.asarray(found) == pytest.approx(spread.of(np.asarray(z)), rel=1e-5)


@given(spreads(("normal", "lognormal", "uniform", "point")), st.floats(1e-3, 1e3), st.floats(-5, 5))
def test_a_scaled_spread_is_the_scaled_value(spread, times, z):
    size = max(abs(spread.low), abs(spread.high)) * times
    assert float(spread.scaled(times).of(z)) == pytest.approx(float(spread.of(z)) * times, rel=1e-9, abs=1e-9 * size)


def test_a_scaled_share_stays_a_share():
    assert Spread("logit_normal", 0.1, 0.4, 0.2).scaled(2) == Spread("logit_normal", 0.2, 0.8, 0.4)
    with pytest.raises(CatalogError, match="not within .0, 1."):
        Spread("logit_normal", 0.1, 0.4).scaled(2.5)


@pytest.mark.parametrize("times", [0, -1, math.nan, math.inf, True, "2"])
def test_a_spread_is_not_scaled_by_a_factor_that_is_none(times):
    with pytest.raises(UsageError, match="Give a finite factor over 0"):
        Spread("normal", 1, 2).scaled(times)


@pytest.mark.parametrize("p", [0, 1, -0.1, 1.5, math.nan, True, "0.5"])
def test_no_quantile_at_the_ends_or_beyond(p):
    with pytest.raises(UsageError, match="not between 0 and 1"):
        Spread("normal", 1, 2).quantile(p)


@pytest.mark.parametrize(
    ("spread", "words"),
    [
        (Spread("lognormal", 4, 30, 12), "12 [4 to 30]"),
        (Spread.point(3.5), "3.5"),
        (Spread("normal", 2_400_000, 3_412_345, 2_900_000), "2,900,000 [2,400,000 to 3,412,000]"),
        (Spread("normal", -1, 1), "0 [-1 to 1]"),
        (Spread("lognormal", 1e-7, 1e-5), "1e-06 [1e-07 to 1e-05]"),
        (Spread("lognormal", 1e20, 4e20, 2e20), "2e+20 [1e+20 to 4e+20]"),
        (Spread("logit_normal", 0.01234567, 0.4), "0.08365 [0.01235 to 0.4]"),
    ],
)
def test_in_words(spread, words):
    assert str(spread) == words


@pytest.mark.parametrize(
    ("shape", "low", "high", "median", "says"),
    [
        ("normal", 5, 4, None, "low 5 is over high 4. Swap them"),
        ("normal", math.nan, 4, None, "low: nan is not a finite number"),
        ("normal", 1, math.inf, None, "high: inf is not a finite number"),
        ("normal", 1, 4, math.nan, "median: nan is not a finite number"),
        ("normal", 1, 10**400, None, "is not a finite number"),
        ("normal", "1", 4, None, "low: '1' is not a finite number"),
        ("normal", True, 4, None, "low: True is not a finite number"),
        ("lognormal", 0, 4, None, "low 0 is not over 0, as a lognormal needs"),
        ("lognormal", -1, 4, None, "low -1 is not over 0"),
        ("logit_normal", 0, 0.5, None, "[0, 0.5] is not within (0, 1)"),
        ("logit_normal", 0.5, 1, None, "[0.5, 1] is not within (0, 1)"),
        ("logit_normal", 20, 80, None, "Keep both ends strictly between 0 and 1"),
        ("normal", 1, 4, 5, "median 5 is outside [1, 4]"),
        ("lognormal", 1, 4, 0.5, "median 0.5 is outside [1, 4]"),
        ("point", 3, 3, 4, "median 4 is outside [3, 3]"),
        ("uniform", 1, 4, 2, "a uniform spread has its median in the middle"),
        ("lognorml", 1, 4, None, "'lognorml' is not a shape of a spread. Did you mean lognormal"),
        ("gamma", 1, 4, None, "Known are normal, lognormal, logit_normal, uniform, point"),
        (None, 1, 4, None, "None is not a shape"),
        (["normal"], 1, 4, None, "is not a shape"),
        ("normal", 3, 3, None, "low and high are both 3, which is no normal spread. Write value = 3"),
        ("uniform", 3, 3, None, "Write value = 3"),
        ("point", 3, 4, None, "a point has one value, but low is 3 and high is 4"),
    ],
)
def test_what_is_no_spread_is_refused(shape, low, high, median, says):
    with pytest.raises(CatalogError) as made:
        Spread(shape, low, high, median)
    assert says in str(made.value)
    table = {"shape": shape, "low": low, "high": high} | ({} if median is None else {"median": median})
    with pytest.raises(CatalogError) as read:
        read_spread(table, WHERE)
    assert says in str(read.value)
    assert str(read.value).startswith(f"{WHERE}: ")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"low": 1, "hgh": 4, "shape": "normal"}, "'hgh' is not a key of a spread. Did you mean high"),
        ({"zzz": 1}, f"Known are {', '.join(KEYS)}"),
        ({3: 1}, "3 is not a key"),
        ({"low": 1, "high": 4}, "shape is missing"),
        ({"low": 1, "shape": "normal"}, "high is missing"),
        ({"high": 1, "shape": "normal"}, "low is missing"),
        ({"median": 1}, "is missing"),
        ({}, "or only value for a number known exactly"),
        ({"value": 1, "low": 1}, "value is given beside other keys"),
        ({"value": "three"}, "value: 'three' is not a finite number"),
        ({"value": math.inf}, "value: inf is not a finite number"),
        (3.0, "a spread is a table, not 3.0"),
        ([1, 2], "a spread is a table"),
    ],
)
def test_a_table_that_is_no_spread_is_refused(table, says):
    with pytest.raises(CatalogError) as refused:
        read_spread(table, WHERE)
    assert says in str(refused.value)
    assert str(refused.value).startswith(WHERE)


def test_every_way_to_tell_a_spread_in_a_file():
    text = """
    exact = { value = 3 }
    plain = { low = 1, high = 4, shape = "normal" }
    skew  = { low = 4, high = 30, median = 12, shape = "lognormal" }
    """
    read = {key: read_spread(table, f"priors.toml: {key}") for key, table in tomllib.loads(text).items()}
    assert read["exact"] == Spread.point(3.0)
    assert read["plain"] == Spread("normal", 1.0, 4.0)
    assert read["skew"] == Spread("lognormal", 4.0, 30.0, 12.0)


def test_whole_numbers_become_floats():
    spread = Spread("normal", 1, np.int64(4), 2)
    assert [type(v) for v in (spread.low, spread.high, spread.median)] == [float] * 3
