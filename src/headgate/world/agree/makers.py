"""Beside counts of makers and of money: packages of Huawei and others, what China spends, who sells it."""

from collections.abc import Iterator, Mapping

import numpy as np

from headgate.world.agree.line import Line, Read, by_id, by_row
from headgate.world.agree.ours import DOMESTIC, Draws, Ours, Which, called, made_by, share
from headgate.world.chips import WorldChip

UNITS, MONEY = "CHIPS BY MAKER, UNITS", "MONEY AND SHARES OF SALES"
MADE = (*DOMESTIC, "china_domestic_other")
SOLD = ("china_legal", *MADE)
BILLION = 1e9


def any_chip(chip: WorldChip) -> bool:
    """Choose every chip."""
    return True


def _count(which: Which, *accounts: str) -> Read:
    return lambda o, q: o.units(accounts or MADE, which, q)


HUAWEI, B, C = made_by("huawei"), called("Ascend 910B"), called("Ascend 910C")
# Which rows of history count what.
COUNTS: Mapping[str, tuple[str, Read]] = {
    **{id: ("Huawei, all", _count(HUAWEI)) for id in ("S0184", "S0185", "S0186", "S0236", "S0237", "S0238")},
    **{id: ("Ascend 910C", _count(C)) for id in ("S0175", "S0177", "S0178", "S0183")},
    **{id: ("Ascend 910B", _count(B)) for id in ("S0181", "S0182")},
    "S0244": ("Ascend 950PR", _count(called("huawei-ascend-950pr"))),
    "S0245": ("Ascend 950DT", _count(called("huawei-ascend-950dt"))),
    **{id: ("Cambricon", _count(made_by("cambricon"))) for id in ("S0189", "S0247")},
    "S0187": ("T-Head", _count(made_by("alibaba"))),
    "S0188": ("Kunlunxin", _count(made_by("baidu"))),
    "S0191": ("other Chinese makers", _count(made_by("various"))),
    "S0190": ("all Chinese makers", _count(any_chip)),
    "S0193": ("AMD, sold legally", _count(made_by("amd"), "china_legal")),
    "S0196": ("H20, sold legally", _count(called("H20"), "china_legal")),
}


def _money(figure: str) -> Read:
    return lambda o, q: o.year_of(figure, q) / BILLION


def _of_sales(vendor: str) -> Read:
    return lambda o, q: share(o.sales(SOLD, made_by(vendor), q), o.sales(SOLD, any_chip, q))


def _domestic_of_sales(o: Ours, q: int) -> Draws:
    made = o.year_of("domestic_usd", q)
    return share(made, made + o.year_of("legal_usd", q))


# What buyers would spend, on rented and diverted chips, too.
BUDGET: Mapping[str, Read] = dict.fromkeys(("A0230", "A0232", "A0234"), _money("budget_usd"))
FIGURES: Mapping[str, Read] = {
    **{id: _money("domestic_usd") for id in ("A0231", "A0233", "A0235")},
    "A0227": _domestic_of_sales,
    "A0228": lambda o, q: share(o.year_of("domestic_usd", q), o.year_of("budget_usd", q)),
    "A0229": _domestic_of_sales,
    "A0236": _of_sales("nvidia"),
    "A0237": _of_sales("huawei"),
    "A0238": _of_sales("huawei"),
    "A0239": _of_sales("nvidia"),
    "A0240": _of_sales("amd"),
    **{
        id: lambda o, q: share(o.units(["china_legal"], any_chip, q), o.units(SOLD, any_chip, q))
        for id in ("A0241", "A0242")
    },
    "A0243": lambda o, q: share(o.units(MADE, any_chip, q), o.units((*SOLD, "china_smuggled"), any_chip, q)),
    "A0244": lambda o, q: share(o.units(MADE, any_chip, q), o.units(SOLD, any_chip, q)),
    **{id: lambda o, q: o.sales(MADE, HUAWEI, q) / BILLION for id in ("A0245", "A0246")},
}


def _yield(o: Ours, q: int) -> Draws:
    return np.asarray(100.0 * o.results.figure("yield")[q])


# SemiAnalysis; of 2026 it counts what Chinese memory alone allows.
SEMI: Mapping[str, Read] = dict.fromkeys(("A0213", "A0214", "A0215"), _count(HUAWEI))
YIELDS: Mapping[str, Read] = dict.fromkeys(("A0223", "A0224", "A0225"), _yield)
NOTES = "ours: legal sales and China's own makers, at the prices of chips.toml; a tracker's cards include weaker ones"


def _h20_sold(o: Ours, q: int) -> Draws:
    return o.sales(["china_legal"], called("H20"), q, whole_year=False)


def lines(ours: Ours) -> Iterator[Line]:
    """Yield a line for each count of chips and each sum of money."""
    yield from by_id(UNITS, SEMI, ours)
    for id, (metric, read) in COUNTS.items():
        yield from by_row(UNITS, metric, [id], read, ours)
    yield from by_id(UNITS, YIELDS, ours)
    yield from by_id(MONEY, BUDGET, ours, "ours: what buyers would spend, on rented and diverted chips, too")
    yield from by_id(MONEY, FIGURES, ours, NOTES)
    yield from by_row(MONEY, "H20 sold in the quarter", ("S0197", "S0198"), _h20_sold, ours)
