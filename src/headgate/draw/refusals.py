"""How a spread is refused: each message says where, what, why, and what to do."""

from typing import NoReturn

from headgate.errors import CatalogError, UsageError, did_you_mean

SHAPES = ("normal", "lognormal", "logit_normal", "uniform", "point")
KEYS = ("value", "low", "high", "median", "shape")  # of a spread in a file


def refuse_no_table(where: str, given: object) -> NoReturn:
    """Refuse something that is no table of keys."""
    raise CatalogError(
        f"{where}: a spread is a table, not {given!r}. Write {{ value = ... }} or {{ low, high, shape }}."
    )


def refuse_unknown_key(where: str, key: object) -> NoReturn:
    """Refuse a key that a spread does not have."""
    near = did_you_mean(str(key), KEYS) or f" Known are {', '.join(KEYS)}."
    raise CatalogError(f"{where}: {key!r} is not a key of a spread.{near}")


def refuse_missing_key(where: str, key: str) -> NoReturn:
    """Refuse an interval that is not told in full."""
    raise CatalogError(
        f"{where}: {key} is missing. Write low, high and shape (one of {', '.join(SHAPES[:-1])}), "
        f"or only value for a number known exactly."
    )


def refuse_value_and_interval(where: str) -> NoReturn:
    """Refuse a number that is told both as known and as spread."""
    raise CatalogError(f"{where}: value is given beside other keys. Keep value alone, or low, high and shape.")


def refuse_unknown_shape(where: str, shape: object) -> NoReturn:
    """Refuse a shape that is none of `SHAPES`."""
    near = did_you_mean(str(shape), SHAPES) or f" Known are {', '.join(SHAPES)}."
    raise CatalogError(f"{where}: shape: {shape!r} is not a shape of a spread.{near}")


def refuse_no_number(where: str, key: str, given: object) -> NoReturn:
    """Refuse text, a truth value, NaN or an infinity where a number is due."""
    raise CatalogError(f"{where}: {key}: {given!r} is not a finite number. Write a plain number.")


def refuse_low_over_high(where: str, low: float, high: float) -> NoReturn:
    """Refuse an interval whose ends are swapped."""
    raise CatalogError(f"{where}: low {low:g} is over high {high:g}. Swap them, or correct one.")


def refuse_no_width(where: str, shape: str, low: float) -> NoReturn:
    """Refuse an interval without width under a shape that has one."""
    raise CatalogError(
        f"{where}: low and high are both {low:g}, which is no {shape} spread. "
        f"Write value = {low:g} if it is known exactly, else a wider interval."
    )


def refuse_wide_point(where: str, low: float, high: float) -> NoReturn:
    """Refuse a point with an interval."""
    raise CatalogError(
        f"{where}: a point has one value, but low is {low:g} and high is {high:g}. Write value = {low:g}, "
        f"or name another shape."
    )


def refuse_not_positive(where: str, low: float) -> NoReturn:
    """Refuse a lognormal spread that reaches zero."""
    raise CatalogError(
        f"{where}: low {low:g} is not over 0, as a lognormal needs. Raise it, or take the shape normal or uniform."
    )


def refuse_no_share(where: str, low: float, high: float) -> NoReturn:
    """Refuse a logit-normal spread that leaves the open interval from 0 to 1."""
    raise CatalogError(
        f"{where}: [{low:g}, {high:g}] is not within (0, 1), as a logit_normal needs. "
        f"Keep both ends strictly between 0 and 1, or take another shape."
    )


def refuse_median_outside(where: str, median: float, low: float, high: float) -> NoReturn:
    """Refuse a median that the interval does not hold."""
    raise CatalogError(f"{where}: median {median:g} is outside [{low:g}, {high:g}]. Correct it, or leave it out.")


def refuse_median_of_uniform(where: str) -> NoReturn:
    """Refuse a median of a uniform spread, which has its own."""
    raise CatalogError(
        f"{where}: a uniform spread has its median in the middle. Leave median out, or name another shape."
    )


def refuse_share_out_of_range(p: object) -> NoReturn:
    """Refuse a probability at or beyond 0 and 1."""
    raise UsageError(f"A quantile is asked at p = {p!r}, which is not between 0 and 1. Give a share such as 0.95.")


def refuse_bad_factor(times: object) -> NoReturn:
    """Refuse to scale a spread by nothing, a negative number, or no number."""
    raise UsageError(f"A spread cannot be scaled by {times!r}. Give a finite factor over 0.")
