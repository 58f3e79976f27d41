"""Beside what others say of worlds under another rule: IFP on the B30A and the H200, CFR on the cap."""

from collections.abc import Callable, Iterator, Mapping

from headgate.world.agree.line import Line, of_anchor
from headgate.world.agree.ours import DOMESTIC, Draws, Ours, ratio, share
from headgate.world.anchors import anchor
from headgate.world.axes import US_OWNED, quarter

GROUP = "UNDER ANOTHER RULE: IFP, CFR"
YEAR = quarter("2026Q4")
# Under a rule and as it is, to draws.
Beside = Callable[[Ours, Ours], Draws]


def added_ratio(under: Ours, baseline: Ours) -> Draws:
    """Return what US owners add in 2026 over what China buys legally and makes, without what is diverted."""
    del baseline
    return ratio(under.added(US_OWNED, YEAR), under.added(("china_legal", *DOMESTIC, "china_domestic_other"), YEAR))


def more_stock(under: Ours, baseline: Ours) -> Draws:
    """Return by how much China's own stock at the end of 2026 is higher than as it is, percent, draw by draw."""
    after = under.held("china", "owned")[YEAR]
    before = baseline.held("china", "owned")[YEAR][: len(after)]
    return share(after - before, before)


SCENARIOS: Mapping[str, Mapping[str, Beside]] = {
    "b30a-open": {"A0188": added_ratio, "A0189": added_ratio},
    "h200-open-unlimited": {"A0193": added_ratio},
    "h200-open-at-cap": {"A0204": more_stock},
}


def lines(name: str, under: Ours, baseline: Ours) -> Iterator[Line]:
    """Yield a line for each number published on a scenario."""
    for id, read in SCENARIOS[name].items():
        yield of_anchor(
            GROUP,
            anchor(id),
            read(under, baseline),
            f"ours: scenario {name}; China's money goes over all channels by worth for a dollar",
        )
