"""Beside Epoch AI: stocks, shares and ratios by owner, quarter by quarter."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from headgate.world.agree.line import Line, Read, by_metric
from headgate.world.agree.ours import DOMESTIC, EVERYWHERE, LATE, Ours, ratio, share
from headgate.world.anchors import Anchor, anchors
from headgate.world.axes import quarter_of
from headgate.world.history import select

GROUP = "EPOCH AI: OWNED STOCKS BY QUARTER"
US, LEGAL = "owned H100e stock, seven named US owners", "owned H100e stock, China legal imports"
CHINA_MADE, SMUGGLED = "owned H100e stock, China domestic (Huawei+Cambricon)", "smuggled Nvidia stock"
COUNTED = tuple(a for a in EVERYWHERE if a != "china_domestic_other")  # whose chips Epoch AI counts
# The stocks of target F11.
STOCKS: Mapping[str, Read] = {
    US: lambda o, q: o.total(["us_named"])[q],
    LEGAL: lambda o, q: o.total(["china_legal"])[q],
    CHINA_MADE: lambda o, q: o.total(DOMESTIC, since=LATE)[q],
    SMUGGLED: lambda o, q: o.total(["china_smuggled"], since=LATE)[q],
}
REST: Mapping[str, Read] = {
    "owned H100e stock, China total": lambda o, q: o.china()[q],
    "stock ratio seven named US owners / China": lambda o, q: ratio(o.total(["us_named"])[q], o.china()[q]),
    "China share of all attributed chips": lambda o, q: share(o.china()[q], o.total(COUNTED)[q]),
    "flow ratio seven named US owners / China (additions in the year)": lambda o, q: ratio(
        o.added(["us_named"], q), o.china()[q] - o.china()[q - 4]
    ),
}


def ends(of: Anchor) -> tuple[float, float]:
    """Return the 90 % interval of a published stock of F11.

    Epoch AI gives none for the stock of Chinese makers. There the intervals of its quarterly rows are added up from
    the first on, low ends with low ends: as its quarters are totals of a year split evenly, one error moves them all.

    Example:
        >>> ends(anchors(metric=CHINA_MADE)[-1])
        (597624.0, 945309.0)
    """
    if of.low is not None and of.high is not None:
        return of.low, of.high
    rows = [r for r in select(freq="Q", group="CN-DOM", use="primary") if r.start <= of.day]
    low = sum(float(r.h100e_low or r.h100e_median or 0.0) for r in rows)
    return low, sum(float(r.h100e_high or r.h100e_median or 0.0) for r in rows)


def stock_of(ours: Ours, of: Anchor) -> float:
    """Return our median for a published stock of F11, H100e."""
    return float(np.median(STOCKS[of.metric](ours, quarter_of(of.day))))


def lines(ours: Ours) -> Iterator[Line]:
    """Yield a line for each of Epoch AI's numbers."""
    by_anchor = {a.anchor_id: a for metric in STOCKS for a in anchors(metric=metric)}
    for line in by_metric(GROUP, STOCKS, ours, test="F11"):
        low, high = ends(by_anchor[line.ref])
        added = "; the ends are those of its quarterly rows, added up" if line.published_low is None else ""
        yield replace(line, published_low=low, published_high=high, mass=0.9, note=line.note + added)
    yield from by_metric(GROUP, REST, ours)
