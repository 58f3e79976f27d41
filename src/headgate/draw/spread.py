"""A number that is not known exactly: a shape and a 90 % interval, turned from standard normals into values.

A spread says no more than was told. Its 5 %, 50 % and 95 % points are the three numbers given; the shape says how to
go on between and beyond them. Everything random enters as a standard normal, so that one draw of a quantity can be
correlated, differentiated, fitted to history, or set back to its middle (zero).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, TypeGuard

import numpy as np

from headgate.draw.refusals import (
    KEYS,
    SHAPES,
    refuse_bad_factor,
    refuse_low_over_high,
    refuse_median_of_uniform,
    refuse_median_outside,
    refuse_missing_key,
    refuse_no_number,
    refuse_no_share,
    refuse_no_table,
    refuse_no_width,
    refuse_not_positive,
    refuse_share_out_of_range,
    refuse_unknown_key,
    refuse_unknown_shape,
    refuse_value_and_interval,
    refuse_wide_point,
)
from headgate.extras import needed

Z95 = NormalDist().inv_cdf(0.95)
LOGITS = (-700.0, 36.7)  # beyond these the value of a share would be 0 or 1 in floating point


@dataclass(frozen=True, slots=True)
class Spread:
    """An uncertain number, told by a 90 % interval and a shape.

    `normal`, `lognormal` and `logit_normal` are normal in the value, its logarithm, or its log-odds. With a median
    each has two pieces that meet there, so that the 5 %, 50 % and 95 % points are as told; without one the median is
    the middle of the interval in the shape's own scale. `uniform` is level between low and high, which are its ENDS,
    not its 5 % and 95 % points. `point` is one number.

    Args:
        shape: One of `SHAPES`.
        low: 5 % point (`uniform`: the lower end). Over 0 for `lognormal`, within (0, 1) for `logit_normal`.
        high: 95 % point (`uniform`: the upper end), over low; for `point` equal to low.
        median: 50 % point within [low, high], or None for the middle. Not for `uniform`.

    Raises:
        CatalogError: The numbers do not fit together; the message says which and what to do.

    Example:
        >>> yields = Spread("logit_normal", 0.3, 0.7, median=0.6)
        >>> [round(yields.quantile(p), 6) for p in (0.05, 0.5, 0.95)]
        [0.3, 0.6, 0.7]
        >>> print(yields)
        0.6 [0.3 to 0.7]
    """

    shape: str
    low: float
    high: float
    median: float | None = None

    def __post_init__(self) -> None:
        told = _checked("spread", self.shape, self.low, self.high, self.median)
        for key, value in zip(("low", "high", "median"), told, strict=True):
            object.__setattr__(self, key, value)

    @classmethod
    def point(cls, value: float) -> "Spread":
        """Return a spread of one number, known exactly."""
        return cls("point", value, value)

    @property
    def middle(self) -> float:
        """The median: as told, or the middle of the interval in the shape's own scale.

        Example:
            >>> round(Spread("lognormal", 4, 36).middle, 12)
            12.0
        """
        if self.median is not None:
            return self.median
        if self.shape == "lognormal":
            return math.sqrt(self.low) * math.sqrt(self.high)
        if self.shape == "logit_normal":
            return _share((_logit(self.low) + _logit(self.high)) / 2)
        return self.low + (self.high - self.low) / 2

    def of(self, z: Any, xp: Any = np) -> Any:
        """Turn standard normals into values.

        Args:
            z: Standard normals, any shape; 0 gives the median.
            xp: The array package of z: `numpy`, or `jax.numpy`, where the result can be traced and differentiated.

        Returns:
            Values in the shape of z, never falling as z rises.

        Example:
            >>> Spread("normal", 0, 10, median=2).of([-Z95, 0, Z95]).round(6).tolist()
            [0.0, 2.0, 10.0]
        """
        z = xp.asarray(z)
        low, middle, high = self.low, self.middle, self.high
        if self.shape == "point":
            return xp.full_like(z * 1.0, low)
        if self.shape == "uniform":
            return xp.clip(low + (high - low) * _normal_share(xp)(z), low, high)
        if self.shape == "lognormal":
            return middle * xp.exp(_pieces(z, math.log(middle / low), math.log(high / middle), xp))
        if self.shape == "logit_normal":
            low, middle, high = _logit(low), _logit(middle), _logit(high)
            odds = middle + _pieces(z, middle - low, high - middle, xp)
            return 1.0 / (1.0 + xp.exp(-xp.clip(odds, *LOGITS)))
        return middle + _pieces(z, middle - low, high - middle, xp)

    def quantile(self, p: float) -> float:
        """Return the value below which a share p of the draws lie, p within (0, 1).

        Example:
            >>> Spread("uniform", 0, 10).quantile(0.25)
            2.5
        """
        if not _real(p) or not 0 < p < 1:
            refuse_share_out_of_range(p)
        return float(self.of(NormalDist().inv_cdf(p)))

    def scaled(self, times: float) -> "Spread":
        """Return the spread of this number times a factor over 0.

        Raises:
            UsageError: The factor is not a finite number over 0.
            CatalogError: The result is not a spread: a share at or over 1.

        Example:
            >>> print(Spread("lognormal", 4, 30, median=12).scaled(10))
            120 [40 to 300]
        """
        if not _real(times) or not 0 < times < math.inf:
            refuse_bad_factor(times)
        median = None if self.median is None else self.median * times
        return Spread(self.shape, self.low * times, self.high * times, median)

    def __str__(self) -> str:
        if self.shape == "point":
            return _short(self.low)
        return f"{_short(self.middle)} [{_short(self.low)} to {_short(self.high)}]"


def read_spread(table: Any, where: str) -> Spread:
    """Read a spread from a table of a TOML file.

    Args:
        table: Either `{ value = 3.0 }`, known exactly, or `{ shape, low, high }` with an optional `median`.
        where: File and key, for messages.

    Returns:
        The spread.

    Raises:
        CatalogError: A key is unknown or missing, or the numbers do not fit together.

    Example:
        >>> read_spread({"low": 4, "high": 30, "median": 12, "shape": "lognormal"}, "priors.toml: cost")
        Spread(shape='lognormal', low=4.0, high=30.0, median=12.0)
    """
    if not isinstance(table, Mapping):
        refuse_no_table(where, table)
    for key in table:
        if key not in KEYS:
            refuse_unknown_key(where, key)
    if "value" in table:
        if len(table) > 1:
            refuse_value_and_interval(where)
        return Spread.point(_number(where, "value", table["value"]))
    for key in ("shape", "low", "high"):
        if key not in table:
            refuse_missing_key(where, key)
    shape = table["shape"]
    return Spread(shape, *_checked(where, shape, table["low"], table["high"], table.get("median")))


def _real(given: object) -> TypeGuard[float]:
    return isinstance(given, int | float | np.integer | np.floating) and not isinstance(given, bool)


def _number(where: str, key: str, given: object) -> float:
    if not _real(given):
        refuse_no_number(where, key, given)
    try:
        number = float(given)
    except OverflowError:
        number = math.inf
    return number if math.isfinite(number) else refuse_no_number(where, key, given)


def _checked(where: str, shape: object, low: object, high: object, median: object) -> tuple[float, float, float | None]:
    """Return low, high and median as floats that make a spread of this shape, or refuse them."""
    if not isinstance(shape, str) or shape not in SHAPES:
        refuse_unknown_shape(where, shape)
    least, most = _number(where, "low", low), _number(where, "high", high)
    if least > most:
        refuse_low_over_high(where, least, most)
    if shape == "point":
        if least < most:
            refuse_wide_point(where, least, most)
    elif least == most:
        refuse_no_width(where, shape, least)
    if shape == "lognormal" and least <= 0:
        refuse_not_positive(where, least)
    if shape == "logit_normal" and not 0 < least < most < 1:
        refuse_no_share(where, least, most)
    if median is None:
        return least, most, None
    middle = _number(where, "median", median)
    if not least <= middle <= most:
        refuse_median_outside(where, middle, least, most)
    if shape == "uniform":
        refuse_median_of_uniform(where)
    return least, most, middle


def _pieces(z: Any, below: float, above: float, xp: Any) -> Any:
    """Return the way from the median: `below` at the 5 % point, `above` at the 95 % point, straight through zero."""
    return xp.where(z < 0, below / Z95, above / Z95) * z


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)


def _share(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))


def _normal_share(xp: Any) -> Any:
    """Return the cumulative normal distribution of an array package."""
    if xp.__name__.startswith("jax"):
        from jax.scipy.special import ndtr

        return ndtr
    return needed("scipy").special.ndtr


def _short(value: float) -> str:
    """Return a number to four significant digits."""
    if value and not 1e-4 <= abs(value) < 1e15:
        return f"{value:.4g}"
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{rounded:g}"
