"""Headlines: single numbers of a world by which assumptions are told apart, and how one is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from headgate.errors import UsageError, did_you_mean
from headgate.world.axes import MEASURES, YEARS

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ratio": ("owned", "controlled"),
        "widening": ("owned", "controlled"),
        "added": ("domestic", "legal", "proxy_fab", "smuggled", "rented"),
        "supply": ("legal", "owned", "controlled"),
        "orders": ("stock", "flow"),
    }
)
COMPARES = ("supply", "orders")  # with the world without controls
DEFAULT = (
    *("ratio:owned:fp8:2028", "ratio:controlled:fp8:2028", "added:domestic:h100e:2028", "added:smuggled:h100e:2026"),
    *("supply:legal:fp8:2028", "orders:flow:2028"),
)


def refuse_headline(text: str, why: str) -> NoReturn:
    """Refuse what is no headline."""
    raise UsageError(
        f"headline {text!r}: {why}. Write KIND:WHICH:MEASURE:YEAR, as ratio:owned:fp8:2028, "
        "added:domestic:h100e:2028 or supply:legal:fp8:2028; or orders:flow:2028."
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """One number of a world, by which assumptions are told apart.

    Args:
        kind: `ratio` of the US over China in stock at the end of the year, `widening` of it over the year, what is
            `added` in the year through a channel, `supply` (domestic supply and imports over imports without controls,
            in stock; parity is 1), or `orders` over those without controls.
        which: Basis, channel or imports, or `stock` or `flow`.
        measure: One of `MEASURES`; empty for `orders`.
        year: The year.
    """

    kind: str
    which: str
    measure: str
    year: int

    @property
    def id(self) -> str:
        """How it is written.

        Example:
            >>> Headline("orders", "flow", "", 2028).id
            'orders:flow:2028'
        """
        return ":".join(filter(None, (self.kind, self.which, self.measure, str(self.year))))

    @property
    def words(self) -> str:
        """What it says.

        Example:
            >>> Headline("ratio", "owned", "fp8", 2028).words
            'US over China, stock owned, fp8, end of 2028'
        """
        told = {
            "ratio": f"US over China, stock {self.which}, {self.measure}, end of {self.year}",
            "widening": f"US over China, stock {self.which}, {self.measure}: {self.year} over the year before",
            "added": f"China's {self.which} chips of {self.year}, {self.measure}",
            "supply": f"Supply and imports ({self.which}) over imports without controls, {self.measure}, {self.year}",
            "orders": f"Domestic orders over those without controls, {self.year}, {self.which}",
        }
        return told[self.kind]


def headline(text: str) -> Headline:
    """Read a headline.

    Raises:
        UsageError: It is none; the message says how to write one, with near names.

    Example:
        >>> headline("added:smuggled:h100e:2026").words
        "China's smuggled chips of 2026, h100e"
    """
    kind, *rest = text.split(":")
    if kind not in KINDS:
        refuse_headline(text, f"there is no kind {kind!r}.{did_you_mean(kind, KINDS)} Kinds are {', '.join(KINDS)}")
    wanted = 2 if kind == "orders" else 3
    if len(rest) != wanted:
        refuse_headline(text, f"{kind} has {wanted + 1} parts, not {len(rest) + 1}")
    which, year, measure = rest[0], rest[-1], "" if kind == "orders" else rest[1]
    for word, known in ((which, KINDS[kind]), (measure, tuple(MEASURES))):
        if word and word not in known:
            refuse_headline(text, f"{word!r} is none of {', '.join(known)}.{did_you_mean(word, known)}")
    first = YEARS[1] if kind == "widening" else YEARS[0]
    if not year.isdecimal() or not first <= int(year) <= YEARS[-1]:
        refuse_headline(text, f"{year!r} is no year from {first} to {YEARS[-1]}")
    return Headline(kind, which, measure, int(year))
