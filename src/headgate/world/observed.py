"""What history says of the world: competing estimates as noisy observations of the same quantities.

An observation names a part of the simulated world (an account, chips, a span of quarters, units or H100-equivalents or
dollars), what a source says of it, and how far the logarithm of the two may differ. Sources that repeat each other are
not counted twice. An upper bound (S0184, "no more than 200,000") is taken as an estimate with the widest error.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot, log
from types import MappingProxyType

from headgate.draw.spread import Z95
from headgate.world.anchors import anchor, anchors
from headgate.world.axes import FIRST_YEAR, LABELS, LAST_YEAR, quarter_of
from headgate.world.history import Row, select
from headgate.world.tables import HISTORY_ENDS, legal_history

# How far the model itself may be off a single quarter, and a whole year, beside what a source says of its own error.
QUARTER_ERROR, YEAR_ERROR = 0.25, 0.10
# How far a point estimate without an interval may be off (natural logarithm), by how well it is known.
POINT_ERROR: Mapping[str, float] = MappingProxyType(
    {"primary": 0.2, "two_sources": 0.3, "one_source": 0.4, "unverified": 0.6}
)
DOMESTIC = ("china_domestic", "china_proxy_fab")


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing said of the history.

    Args:
        id: Row or anchor it comes from; more than one is joined with `+`.
        accounts: Accounts summed over.
        chips: Labels of the history whose chips are summed over; empty for all chips.
        first: First quarter; `last` is the last, both as places on the axis.
        unit: `units`, `h100e`, or the name of a figure of the quarter in USD.
        value: What the source says, over 0.
        error: Standard deviation of the logarithm.
        kind: `about`, or `at least` for a floor.
    """

    id: str
    accounts: tuple[str, ...]
    chips: tuple[str, ...]
    first: int
    last: int
    unit: str
    value: float
    error: float
    source: str
    kind: str = "about"


def error_of(low: float | None, median: float, high: float | None, mark: str, model: float, mass: float = 0.9) -> float:
    """Return the standard deviation of a source's logarithm, by its interval or its mark, with the model's own added.

    Example:
        >>> round(error_of(80, 100, 125, "primary", 0.0), 3)
        0.136
    """
    if low and high:
        width = {0.9: 2 * Z95, 0.8: 2 * 1.2815515655446004, 0.95: 2 * 1.959963984540054}[mass]
        return hypot(log(high / low) / width, model)
    return hypot(POINT_ERROR[mark], model)


# NVIDIA's fiscal quarters cut across the letter of 2025-04-09: nearly all H20 that a source puts into the second
# calendar quarter of 2025 was sold before it, so the two quarters are taken together.
TOGETHER = ("S0065", "S0066")
# H20 in these rows that NVIDIA says it sold elsewhere: 0.65 USD bn (note of S0066, A0273) at 10,500 USD.
SOLD_ELSEWHERE = 62_000.0


def legal(rows: Sequence[Row]) -> list[Observation]:
    """Return what was sold to China by quarter and chip."""
    found = []
    told = [r for r in legal_history(rows) if r.median]
    for group in [[r] for r in told if r.row_id not in TOGETHER] + [[r for r in told if r.row_id in TOGETHER]]:
        if not group:
            continue
        low, median, high = (sum(float(getattr(r, k) or 0.0) for r in group) for k in ("low", "median", "high"))
        error = error_of(low, median, high, group[0].mark, QUARTER_ERROR)
        median -= SOLD_ELSEWHERE if group[-1].row_id in TOGETHER else 0.0
        span = (quarter_of(group[0].start), quarter_of(group[-1].start))
        name = "+".join(r.row_id for r in group)
        found.append(
            Observation(name, ("china_legal",), (group[0].chip,), *span, "units", median, error, group[0].source)
        )
    return found


# Annual packages of Huawei: who says so. Cards in IDC's count are packages, too.
HUAWEI = ("S0173", "S0174", "S0186", "S0182+S0183", "S0184")
HUAWEI_CHIPS = ("Ascend 910B", "Ascend 910C")


def quarters_of(rows: Sequence[Row], vendor: str, year: int, through: int) -> list[Row]:
    """Return the primary quarterly rows of a Chinese maker in a year, up to a quarter."""
    found = select(rows, freq="Q", vendor=vendor, group="CN-DOM")
    return [r for r in found if r.start.year == year and r.primary and quarter_of(r.start) <= through]


def huawei(rows: Sequence[Row], through: int) -> list[Observation]:
    """Return what Huawei packaged by year: Epoch AI's quarters as one year, and the competing estimates."""
    by_id = {r.row_id: r for r in rows}
    found = []
    for year in (2024, 2025):
        parts = quarters_of(rows, "Huawei", year, through)
        if not parts:
            continue
        low, median, high = (sum(float(getattr(r, k) or 0.0) for r in parts) for k in ("low", "median", "high"))
        name = "+".join(r.row_id for r in parts)
        error = error_of(low, median, high, "primary", YEAR_ERROR)
        found.append(_year(name, DOMESTIC, HUAWEI_CHIPS, year, "units", median, error, parts[0].source, through))
    for id in HUAWEI:
        told = [by_id[k] for k in id.split("+")]
        value = sum(float(r.median or r.high or 0.0) for r in told)
        error = error_of(None, value, None, "unverified" if id == "S0184" else told[0].mark, YEAR_ERROR)
        found.append(_year(id, DOMESTIC, HUAWEI_CHIPS, told[0].start.year, "units", value, error, told[0].source))
    return found


def others_in_china(rows: Sequence[Row], through: int) -> list[Observation]:
    """Return Cambricon by year, and the cards of other Chinese firms in 2025."""
    found = []
    for year in (2024, 2025):
        parts = quarters_of(rows, "Cambricon", year, through)
        if not parts:
            continue
        value = sum(float(r.median or 0.0) for r in parts)
        name = "+".join(r.row_id for r in parts)
        error = error_of(None, value, None, parts[0].mark, YEAR_ERROR)
        found.append(_year(name, DOMESTIC, ("Siyuan 590",), year, "units", value, error, parts[0].source, through))
    cards = select(rows, group="CN-DOM-OTHER", use="primary")
    value = sum(float(r.median or 0.0) for r in cards)
    name = "+".join(r.row_id for r in cards)
    error = error_of(None, value, None, cards[0].mark, YEAR_ERROR)
    return [*found, _year(name, ("china_domestic_other",), (), 2025, "units", value, error, cards[0].source)]


def smuggled(rows: Sequence[Row], through: int) -> list[Observation]:
    """Return what was smuggled by year: Epoch AI's model, its quarters for part of a year, CNAS's count for 2024."""
    by_id = {r.row_id: r for r in rows}
    found = []
    for year, whole in ((2024, "S0203"), (2025, "S0204")):
        parts = [r for r in select(rows, freq="Q", group="CN-SMUG", use="primary") if r.start.year == year]
        parts = [r for r in parts if quarter_of(r.start) <= through]
        if 0 < len(parts) < 4:
            told = by_id[whole]
            value = sum(float(r.h100e_median or 0.0) for r in parts)
            error = error_of(told.h100e_low, value, told.h100e_high, told.mark, YEAR_ERROR)
            name = "+".join(r.row_id for r in parts)
            found.append(_year(name, ("china_smuggled",), (), year, "h100e", value, error, parts[0].source, through))
    for id in ("S0203", "S0204"):
        row = by_id[id]
        error = error_of(row.h100e_low, float(row.h100e_median or 0), row.h100e_high, row.mark, YEAR_ERROR)
        found.append(
            _year(id, ("china_smuggled",), (), row.start.year, "h100e", float(row.h100e_median or 0), error, row.source)
        )
    cnas = anchor("A0179")
    error = error_of(cnas.low, float(cnas.value or 0), cnas.high, cnas.mark, YEAR_ERROR)
    return [
        *found,
        _year(cnas.anchor_id, ("china_smuggled",), (), 2024, "units", float(cnas.value or 0), error, cnas.source),
    ]


def rented(rows: Sequence[Row]) -> list[Observation]:
    """Return what was rented abroad: AI 2040's channel by year, and The Substrate's floor for the end of 2025."""
    by_id = {r.row_id: r for r in rows}
    found = []
    for id in ("S0209", "S0213"):
        row = by_id[id]
        value = float(row.h100e_median or 0)
        error = error_of(None, value, None, row.mark, YEAR_ERROR)
        found.append(_year(id, ("china_rented",), (), row.start.year, "h100e", value, error, row.source))
    floor = by_id["S0231"]
    value, error = float(floor.h100e_low or 0), POINT_ERROR[floor.mark]
    span = (0, quarter_of(floor.start) + 3)
    return [*found, Observation("S0231", ("china_rented",), (), *span, "h100e", value, error, floor.source, "at least")]


def us_owned(through: int) -> list[Observation]:
    """Return what the seven named US owners added by year, or part of a year, from their stocks at its two ends."""
    stocks = {quarter_of(a.day): a for a in anchors(metric="owned H100e stock, seven named US owners")}
    found = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        first = LABELS.index(f"{year}Q1")
        last = min(first + 3, through)
        if last < first or last not in stocks:
            continue
        after, before = stocks[last], stocks.get(first - 1)
        value = float(after.value or 0) - float(before.value or 0 if before else 0)
        error = error_of(after.low, float(after.value or 0), after.high, "primary", YEAR_ERROR)
        found.append(_year(after.anchor_id, ("us_named",), (), year, "h100e", value, error, after.source, through))
    return found


def money() -> list[Observation]:
    """Return what China spent in 2025: on all accelerators, and on those of its own makers."""
    found = []
    for id, figure in (("A0230", "budget_usd"), ("A0231", "domestic_usd")):
        told = anchor(id)
        value = 1e9 * float(told.value or 0)
        error = error_of(None, value, None, told.mark, YEAR_ERROR)
        found.append(_year(id, (), (), told.day.year, figure, value, error, told.source))
    return found


def _year(
    id: str,
    accounts: tuple[str, ...],
    chips: tuple[str, ...],
    year: int,
    unit: str,
    value: float,
    error: float,
    source: str,
    through: int = len(LABELS) - 1,
) -> Observation:
    first = LABELS.index(f"{year}Q1")
    return Observation(id, accounts, chips, first, min(first + 3, through), unit, value, error, source)


def observations(rows: Sequence[Row], through: int = HISTORY_ENDS) -> tuple[Observation, ...]:
    """Return all observations that were complete at the end of a quarter.

    Args:
        rows: The history.
        through: Last quarter that may be known, as a place on the axis.
    """
    found = [*legal(rows), *huawei(rows, through), *others_in_china(rows, through), *smuggled(rows, through)]
    found += [*rented(rows), *us_owned(through), *money()]
    return tuple(o for o in found if o.last <= through)


def fingerprint(seen: Sequence[Observation]) -> str:
    """Return a digest of what history says."""
    return hashlib.sha256(repr(tuple(seen)).encode()).hexdigest()
