"""What is the same for all machines of a comparison: their chips, their price, or their power."""

import math
from dataclasses import dataclass, fields
from typing import NoReturn

from headgate.errors import UsageError
from headgate.machine.cost import chip_price
from headgate.machine.energy import chip_power
from headgate.machine.hardware import Machine

USUAL_CHIPS = 2048


def refuse_bases(names: list[str]) -> NoReturn:
    """Refuse a comparison on several bases at once."""
    raise UsageError(f"{' and '.join(names)} are given; machines are compared on one basis. Give one of them.")


def refuse_amount(name: str, value: float) -> NoReturn:
    """Refuse an amount of chips, dollars or megawatts that is none."""
    raise UsageError(f"{name} is {value:g}; it must be a finite number over 0, and chips a whole one.")


def refuse_unknown(what: str, found: Machine) -> NoReturn:
    """Refuse to compare a machine by a figure that is not known of it."""
    raise UsageError(f"the {what} of {found.id} is not known, so that it cannot be compared by it. Compare by chips.")


def refuse_too_little(amount: str, found: Machine, each: float) -> NoReturn:
    """Refuse an amount that does not suffice for one chip."""
    raise UsageError(f"{amount} do not suffice for one chip of {found.id}, which takes {each:,.3g}. Give more.")


def whole_chips(number: float) -> int:
    """Return the chips to use of a number that a budget allows: down to a multiple of a power of two, for layouts.

    Less than a sixteenth is left.

    Example:
        >>> whole_chips(2731.6), whole_chips(100.0), whole_chips(7.9)
        (2688, 100, 7)
    """
    count = int(number)
    unit = 1
    while unit * 32 <= count:
        unit *= 2
    return count // unit * unit


@dataclass(frozen=True, slots=True)
class Basis:
    """What every machine gets; 2,048 chips when nothing is stated.

    Args:
        chips: Chips, a whole number of 1 or more.
        usd: Or dollars of purchase, over 0.
        megawatts: Or megawatts of building power, over 0.

    Raises:
        UsageError: Several are stated, or one is out of range.
    """

    chips: float | None = None
    usd: float | None = None
    megawatts: float | None = None

    def __post_init__(self) -> None:
        given = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) is not None}
        if len(given) > 1:
            refuse_bases(list(given))
        for name, value in given.items():
            if not 0 < value < math.inf or (name == "chips" and value != int(value)):
                refuse_amount(name, value)

    def words(self) -> str:
        """Return the basis as a phrase.

        Example:
            >>> Basis(usd=1e8).words(), Basis().words()
            ('100,000,000 USD of machines each', '2,048 chips each')
        """
        if self.usd is not None:
            return f"{self.usd:,.0f} USD of machines each"
        if self.megawatts is not None:
            return f"{self.megawatts:,g} MW of building power each"
        return f"{int(self.chips or USUAL_CHIPS):,} chips each"

    def chips_of(self, found: Machine, pue: float) -> int:
        """Return the chips that a machine gets.

        Args:
            found: The machine.
            pue: Power of the building over power of the machines, 1 or more.

        Raises:
            UsageError: Its price or power is not known, or does not suffice for one chip.
        """
        if self.usd is not None:
            what, amount, have, each = "price", f"{self.usd:,.0f} USD", self.usd, chip_price(found).usd
        elif self.megawatts is not None:
            megawatts = chip_power(found).watts * pue / 1e6
            what, amount, have, each = "power", f"{self.megawatts:g} MW", self.megawatts, megawatts
        else:
            return int(self.chips or USUAL_CHIPS)
        if math.isnan(each):
            refuse_unknown(what, found)
        return whole_chips(have / each) or refuse_too_little(amount, found, each)
