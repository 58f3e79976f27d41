"""A gate: which share of a quarter's days each lane is how passable, from the decisions on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headgate.world.axes import QUARTERS, share_of_days
from headgate.world.chips import WorldChip
from headgate.world.lane import CATEGORIES, Lanes
from headgate.world.lane_cache import digest

if TYPE_CHECKING:
    from polars import DataFrame

# Made abroad and sold; what its maker uses itself, and what China makes, goes over no border.
GATED = ("merchant", "china")
US_VOLUME = "us_volume"
# (stricter, looser): where the looser is granted no less. An unstated policy stands between denial and open only.
LOOSER = (
    *(("denial", "unstated"), ("denial", "case_by_case"), ("case_by_case", "approval")),
    *(("approval", "exception"), ("exception", "open"), ("unstated", "open")),
)
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gates:
    """What Washington lets through, by quarter; a change of law within a quarter counts by its days.

    Args:
        lanes: Ids of the lanes that carry chips.
        chips: Ids of the chips, as on the axis of the world.
        item_lanes: Ids of the lanes that carry something else.
        shares: [quarter, lane, chip, category], adding up to 1; a chip that goes over no border is `open`.
        item_shares: [quarter, item lane, category], the same.
        limited: Id of a limit to the share of days on which it holds, [quarter, lane, chip].
        duty: Rate of the duty, [quarter, lane, chip].
        hash: SHA-256 of what was decided; the same for two books that differ only in what moves no chip.
        table: The decisions, as `lane_decisions` gives them.
    """

    lanes: tuple[str, ...]
    chips: tuple[str, ...]
    item_lanes: tuple[str, ...]
    shares: Array
    item_shares: Array
    limited: Mapping[str, Array]
    duty: Array
    hash: str
    table: DataFrame = field(repr=False)

    @property
    def capped(self) -> Array:
        """Share of days on which the cap on the volume sold in the US holds, [quarter, lane, chip]."""
        return self.limited.get(US_VOLUME, np.zeros_like(self.duty))


def permitted(shares: Any, granted: Any) -> Any:
    """Return the share of demand that a gate lets through.

        permitted = sum over categories of share x granted

    Args:
        shares: Shares of days by category, [..., category]. NumPy or JAX.
        granted: What is granted in each category, 0 to 1, [..., category]; 1 where no license is needed, and by each
            pair of `LOOSER` the looser no less than the stricter.

    Returns:
        Shares, 0 to 1, in the broadcast shape without the last axis.

    Example:
        >>> half_denied = np.array([0.5, 0, 0, 0, 0, 0.5])
        >>> round(float(permitted(half_denied, np.array([1, 1, 0.9, 0.6, 0.3, 0.02]))), 12)
        0.51
    """
    return (shares * granted).sum(-1)


def gates_of(table: DataFrame, chips: Sequence[WorldChip], lanes: Lanes) -> Gates:
    """Turn the decisions of `lane_decisions` into shares of each quarter's days."""
    names, items = [x.id for x in lanes.of_chips], [x.id for x in lanes.of_items]
    ids = [c.id for c in chips]
    shape = (len(QUARTERS), len(names), len(ids))
    shares, item_shares = np.zeros((*shape, len(CATEGORIES))), np.zeros((shape[0], len(items), len(CATEGORIES)))
    shares[:, :, [n for n, c in enumerate(chips) if c.kind not in GATED], 0] = 1.0
    duty, limited = np.zeros(shape), {x.id: np.zeros(shape) for x in lanes.limits}
    for (start, end), rows in table.group_by("start", "end", maintain_order=True):
        days = np.array([share_of_days(q, start, end) for q in QUARTERS])
        for row in rows.iter_rows(named=True):
            category = CATEGORIES.index(row["category"])
            if row["lane"] in items:
                item_shares[:, items.index(row["lane"]), category] += days
                continue
            at = (slice(None), names.index(row["lane"]), ids.index(row["chip"]))
            shares[(*at, category)] += days
            duty[at] += days * (row["duty_rate"] or 0.0)
            for limit in filter(None, row["limits"].split(";")):
                limited[limit][at] += days
    for array in (shares, item_shares, duty, *limited.values()):
        array.flags.writeable = False
    return Gates(
        lanes=tuple(names),
        chips=tuple(ids),
        item_lanes=tuple(items),
        shares=shares,
        item_shares=item_shares,
        limited=MappingProxyType(limited),
        duty=duty,
        hash=fingerprint(table),
        table=table,
    )


def fingerprint(table: DataFrame) -> str:
    """Return the SHA-256 of what moves chips: categories, limits and duties by lane, chip and span.

    Spans that differ in none of these count as one, and the order of lanes and chips does not count.
    """
    told = table.select("lane", "chip", "start", "end", "category", "limits", "duty_rate").sort("lane", "chip", "start")
    lines: list[list[str]] = []
    for lane, chip, start, end, category, limits, duty in told.iter_rows():
        what = [lane, chip, category, limits, (duty or 0.0).hex()]
        if lines and lines[-1][2:] == what and lines[-1][1] == str(start):
            lines[-1][1] = str(end)
        else:
            lines.append([str(start), str(end), *what])
    return digest("\t".join(line) for line in lines)
