"""Without the control of memory: what Huawei's chain could make, and what holds it then (target F16)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from headgate.world.agree.line import Line, of_anchor, of_draws, row_of
from headgate.world.agree.ours import Draws, Ours
from headgate.world.anchors import anchor
from headgate.world.axes import quarter

GROUP, NAME = "MEMORY UNCONSTRAINED", "hbm-unconstrained"
YEAR = quarter("2026Q4")
PUBLISHED = 5e6  # packages in 2026, "over"; note of S0176
LINKS = ("limit_dies", "limit_memory", "limit_packaging")


@dataclass(frozen=True)
class Chain:
    """What a chain makes in 2026, and what it could.

    Args:
        packages: Made, within the limits and what is ordered.
        dies: What its dies would allow; `memory` and `packaging` the same for the other links.
        shortest: How often each link is the shortest of the three, a share of the draws.
        of_shortest: Packages over what the shortest link allows; the rest nobody ordered, or was lost where links are
            about equal.
    """

    packages: Draws
    dies: Draws
    memory: Draws
    packaging: Draws
    shortest: Mapping[str, float]
    of_shortest: float


def chain(ours: Ours, q: int = YEAR) -> Chain:
    """Return what the chain of a run makes in the year of a quarter, and what holds it."""
    limits = {name.removeprefix("limit_"): ours.year_of(name, q) for name in LINKS}
    table = np.stack(list(limits.values()))
    first = table.argmin(axis=0)
    shortest = {name: float((first == n).mean()) for n, name in enumerate(limits)}
    packages = ours.year_of("packages", q)
    part = float(np.median(packages / np.maximum(table.min(axis=0), 1e-9)))
    return Chain(packages, limits["dies"], limits["memory"], limits["packaging"], shortest, part)


def _says(free: Chain, held: Chain) -> str:
    links = ", ".join(f"{name} {100 * part:.0f} %" for name, part in free.shortest.items())
    made, before = (np.median(each.packages) / 1e6 for each in (free, held))
    return (
        f"ours: what dies alone allow (published: in the note of the row). Made are {made:.2f} million, with the "
        f"control {before:.2f}. Shortest link without it: {links}; of the shortest {100 * free.of_shortest:.0f} % are "
        "made, the rest is not ordered or lost where limits are near"
    )


def lines(unconstrained: Ours, baseline: Ours) -> Iterator[Line]:
    """Yield the lines on memory: 2025 as published, 2026 as "over 5 million"."""
    before = quarter("2025Q4")
    note = "ours: packages made under the scenario; orders and packaging hold them"
    yield of_anchor(GROUP, anchor("A0216"), chain(unconstrained, before).packages, note, "F16")
    told, free = row_of("S0176"), chain(unconstrained)
    yield Line(
        GROUP, "Huawei Ascend units if HBM were not binding, over", "2026", "packages", *of_draws(free.dies),
        PUBLISHED, PUBLISHED, None, None, told.source, told.url, "S0176", told.mark, told.status, "soft", "F16",
        _says(free, chain(baseline)),
    )  # fmt: skip
