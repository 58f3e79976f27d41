"""Beside forecasts by channel: AI 2040, smuggling, rental, Grunewald, IFP, CFR and others."""

from collections.abc import Iterator, Mapping

import numpy as np

from headgate.world.agree.line import Line, Read, by_id, by_metric, by_row, of_anchor
from headgate.world.agree.ours import (
    DOMESTIC,
    EVERYWHERE,
    LATE,
    Draws,
    Ours,
    b300e,
    called,
    made_by,
    ratio,
    share,
)
from headgate.world.anchors import anchor
from headgate.world.axes import CHINA_OWNED, US_OWNED, quarter
from headgate.world.history import select

AI_2040, SMUGGLED, RENTED = "AI 2040: OWNED OR RENTED", "SMUGGLED", "RENTED ABROAD"
GRUNEWALD, OTHERS = "GRUNEWALD: 2026 BY CHANNEL, AND WHAT CAME", "IFP, CFR AND OTHERS"
MADE = (*DOMESTIC, "china_domestic_other")
CONTROLLED: Mapping[str, Read] = {
    "China compute added, all four channels": lambda o, q: o.gained("china", "controlled", q),
    "China compute installed (owned or leased)": lambda o, q: o.held("china", "controlled")[q],
    "China share of world AI compute (owned or leased)": lambda o, q: share(
        o.held("china", "controlled")[q], o.world("owned")[q]
    ),
    "US/China ratio implied by 85/15 US/RoW split": lambda o, q: ratio(
        o.held("us", "controlled")[q], o.held("china", "controlled")[q]
    ),
    "world AI compute added, EUV supply chain": lambda o, q: o.added(EVERYWHERE, q),
}
CHANNELS: Mapping[str, tuple[str, ...]] = {
    "domestic": MADE,
    "legal import": ("china_legal",),
    "offshore rental and loopholes": ("china_rented",),
    "smuggled": ("china_smuggled",),
}


def doubling_months(ours: Ours) -> Draws:
    """Return the months in which the stock of diverted chips doubled from early 2024 to the end of 2025."""
    stock = ours.total(["china_smuggled"], since=LATE)
    first, last = LATE, quarter("2025Q4")
    return np.asarray(3.0 * (last - first) / np.log2(np.maximum(stock[last] / np.maximum(stock[first], 1.0), 1.0001)))


def _diverted(o: Ours, q: int) -> Draws:
    return o.units(["china_smuggled"], lambda c: True, q)


def _of_all_bought(measure: str) -> Read:
    return lambda o, q: share(o.added(["china_smuggled"], q, measure), o.added(CHINA_OWNED, q, measure))


DIVERTED: Mapping[str, Read] = {
    "A0178": _diverted,
    "A0179": _diverted,
    "A0180": _of_all_bought("training"),
    "A0181": _of_all_bought("serving"),
    "A0183": lambda o, q: o.total(["china_smuggled"], since=LATE)[q],
    "A0184": lambda o, q: o.total(["china_smuggled"], since=LATE)[q],
    "A0185": lambda o, q: share(o.total(["china_smuggled"])[q], o.total(EVERYWHERE)[q]),
    "A0350": lambda o, q: doubling_months(o),
}


def of_channel(*accounts: str) -> Read:
    """Return the reading of what some accounts add in a year, in H100-equivalents."""
    return lambda o, q: o.added(accounts, q)


def in_b300e(*accounts: str) -> Read:
    """Return the reading of what some accounts add in a year, in B300s."""
    return lambda o, q: o.added(accounts, q) / b300e()


def h200_delivered(o: Ours, q: int) -> Draws:
    """Return the H200 that went to China legally from the start of the year to the end of a quarter."""
    return o.chips_in(["china_legal"], called("nvidia-h200-sxm"), q - q % 4, q)


def _h200_in(o: Ours, q: int) -> Draws:
    return o.chips_in(["china_legal"], called("nvidia-h200-sxm"), q, q)


def _rented(o: Ours, q: int) -> Draws:
    return np.asarray(o.total(["china_rented"])[q])


PATHWAYS: Mapping[str, Read] = {
    "A0207": in_b300e("china_legal", *DOMESTIC, "china_smuggled"),
    "A0208": in_b300e("china_legal"),
    "A0209": in_b300e("china_domestic"),
    "A0210": in_b300e("china_smuggled"),
    "A0211": in_b300e("china_proxy_fab"),
    "A0212": h200_delivered,
}
_FOREIGN = tuple(a for a in EVERYWHERE if a not in MADE)


def _no_exports(o: Ours, q: int) -> Draws:
    """Return what US owners add over what China makes, as if nothing were exported or diverted."""
    return ratio(o.added(US_OWNED, q), o.added(MADE, q))


def huawei_share(o: Ours, q: int) -> Draws:
    """Return Huawei's H100-equivalents over NVIDIA's in the year of a quarter, percent."""
    made = o.equivalents(DOMESTIC, made_by("huawei"), q)
    raw = o.equivalents(DOMESTIC, lambda c: True, q)
    learned = o.added(DOMESTIC, q)[: o.sample]  # with what a later generation gains by learning
    return share(made * ratio(learned, raw), o.equivalents(EVERYWHERE, made_by("nvidia"), q))


VIEWS: Mapping[str, Read] = {
    "A0170": lambda o, q: share(o.held("us", "located")[q], o.world("located")[q]),
    "A0171": lambda o, q: share(o.held("china", "located")[q], o.world("located")[q]),
    "A0177": lambda o, q: o.total(EVERYWHERE)[q],
    "A0186": _no_exports,
    "A0187": _no_exports,
    "A0192": _no_exports,
    "A0194": in_b300e(*_FOREIGN),
    "A0195": in_b300e(*_FOREIGN),
    "A0196": in_b300e(*DOMESTIC),
    "A0197": in_b300e(*DOMESTIC),
    **dict.fromkeys(("A0199", "A0200", "A0201", "A0376", "A0377"), huawei_share),
    "A0206": lambda o, q: ratio(
        o.held("us", "controlled")[q] + o.held("allied", "controlled")[q], o.held("china", "controlled")[q]
    ),
    "A0378": lambda o, q: o.held("china", "owned")[q],
    "A0379": lambda o, q: o.total(["china_proxy_fab"])[quarter("2027Q4")],
    "A0380": lambda o, q: o.held("china", "owned")[q],
}


def lines(ours: Ours) -> Iterator[Line]:
    """Yield a line for each number by channel."""
    yield from by_metric(AI_2040, CONTROLLED, ours)
    for channel, accounts in CHANNELS.items():
        rows = [r for r in select(channel=channel, freq="A", unit="h100e") if r.source.startswith("AI Futures")]
        ids = [r.row_id for r in rows]
        yield from by_row(AI_2040, f"China adds: {channel}", ids, of_channel(*accounts), ours)
    yield from by_id(SMUGGLED, DIVERTED, ours)
    forecast = anchor("A0182")
    note = "made in October 2023"
    yield of_anchor(SMUGGLED, forecast, _diverted(ours, quarter("2024Q4")), note, when="2024")
    yield from by_row(SMUGGLED, "Epoch AI's model by year", ("S0203", "S0204"), of_channel("china_smuggled"), ours)
    yield from by_row(SMUGGLED, "a forecast of 2025, original not seen", ("S0205",), of_channel("china_smuggled"), ours)
    yield from by_row(RENTED, "stock at the end of the year, at least", ("S0231",), _rented, ours)
    yield from by_id(GRUNEWALD, PATHWAYS, ours)
    yield from by_row(GRUNEWALD, "H200 delivered in the quarter", ("S0241", "S0242", "S0243"), _h200_in, ours)
    yield from by_id(OTHERS, VIEWS, ours)
