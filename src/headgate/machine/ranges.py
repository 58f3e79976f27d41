"""Range checks of the formulas that a person calls with own numbers; the inner loops of the search do not check."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.errors import UsageError


def checked(
    name: str, value: ArrayLike, low: float = 0.0, high: float = np.inf, *, above: bool = False
) -> NDArray[np.float64]:
    """Return a value as float64, or refuse the first number that lies outside its range; NaN (unknown) passes.

    Args:
        name: Name of the argument, for the message.
        value: Numbers of any shape.
        low, high: Least and greatest number allowed.
        above: `low` itself is refused too.

    Returns:
        The numbers, float64, in the shape given.

    Raises:
        UsageError: A number is out of range; the message names the argument and the first such number.

    Example:
        >>> float(checked("pue", 1.2, low=1.0))
        1.2
    """
    numbers = np.asarray(value, dtype=np.float64)
    bad = (numbers <= low if above else numbers < low) | (numbers > high)
    if bad.any():
        first = float(numbers[bad].flat[0]) if numbers.ndim else float(numbers)
        least = f"over {low:g}" if above else f"{low:g} or more"
        most = "" if np.isinf(high) else f" and at most {high:g}"
        raise UsageError(f"{name} is {first:g}: it must be {least}{most}. Check its unit, which the name ends in.")
    return numbers
