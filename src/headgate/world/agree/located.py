"""Beside Pilz and others: compute by where it stands, in FP8 with FP16 where a chip has no FP8."""

from collections.abc import Iterator, Mapping

from headgate.world.agree.line import Line, Read, by_id, by_metric
from headgate.world.agree.ours import DOMESTIC, Ours, ratio, share, units_of

GROUP = "PILZ AND OTHERS: COMPUTE BY WHERE IT STANDS, FP8"
NOTE = "ours: chips of US owners abroad by one supposed share"
MADE = (*DOMESTIC, "china_domestic_other")


def gb300e(ours: Ours, *accounts: str) -> Read:
    """Return the reading of some accounts' stock in the FP8 of a GB300."""
    return lambda o, q: o.total(accounts, "fp8")[q] / units_of("fp8", "nvidia-gb300")


def _located(bloc: str) -> Read:
    return lambda o, q: o.held(bloc, "located", "fp8")[q] / units_of("fp8", "nvidia-gb300")


def located_ratio(measure: str) -> Read:
    """Return the reading of the ratio of located stocks in a measure."""
    return lambda o, q: ratio(o.held("us", "located", measure)[q], o.held("china", "located", measure)[q])


def _share(bloc: str) -> Read:
    return lambda o, q: share(o.held(bloc, "located", "fp8")[q], o.world("located", "fp8")[q])


SHARES: Mapping[str, Read] = {
    "share of world compute located in China": _share("china"),
    "share of world compute located in USA": _share("us"),
}
STOCKS: Mapping[str, Read] = {
    "located compute, USA": _located("us"),
    "located compute, China": _located("china"),
    "located compute, world": lambda o, q: o.world("located", "fp8")[q] / units_of("fp8", "nvidia-gb300"),
    "flow ratio USA / China (location)": lambda o, q: ratio(
        o.gained("us", "located", q, "fp8"), o.gained("china", "located", q, "fp8")
    ),
    "smuggled into China during 2026": lambda o, q: (
        o.added(["china_smuggled"], q, "fp8") / units_of("fp8", "nvidia-gb300")
    ),
}
# The same chips under three measures: target F15.
SWITCH: Mapping[str, Read] = {
    "A0126": located_ratio("memory_bandwidth"),
    "A0124": located_ratio("fp8"),
    "A0125": located_ratio("fp4"),
}
EARLIER: Mapping[str, Read] = {id: located_ratio("fp8") for id in ("A0103", "A0110", "A0117")}


def lines(ours: Ours) -> Iterator[Line]:
    """Yield a line for each of the located stocks, shares and ratios."""
    yield from by_metric(GROUP, SHARES, ours, NOTE, test="F12")
    yield from by_metric(GROUP, STOCKS, ours, NOTE)
    yield from by_id(GROUP, EARLIER, ours, NOTE)
    yield from by_id(GROUP, SWITCH, ours, NOTE, test="F15")
    origin = {
        "China stock by origin: domestic production": gb300e(ours, *MADE),
        "China stock by origin: legal Western imports": gb300e(ours, "china_legal"),
        "China stock by origin: smuggled Western chips": gb300e(ours, "china_smuggled"),
        "China stock by origin: total": gb300e(ours, *MADE, "china_legal", "china_smuggled"),
    }
    yield from by_metric(GROUP, origin, ours)
