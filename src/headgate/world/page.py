"""The report of a run filled in: each number with the quantities, rows of history and provisions that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from headgate.world import frames, shelves
from headgate.world.axes import YEARS
from headgate.world.charts import charts, fitted
from headgate.world.grounds import Grounds
from headgate.world.lanes import lanes
from headgate.world.moved import Move
from headgate.world.parts import PARTS
from headgate.world.pictures.frames import name_of
from headgate.world.report import Headline, Page
from headgate.world.results import Results, year_ends
from headgate.world.writer import Asked, Writer

if TYPE_CHECKING:
    from headgate.world.build import World
    from headgate.world.posterior import Posterior

__all__ = ["Asked", "page"]
HEADLINES = ((2026, "fp8"), (2028, "fp8"), (2032, "fp8"), (2028, "memory_bandwidth"))
NOT_MODELED = (
    "Electricity, buildings, networks and people: a chip counts from the quarter in which it is made or comes in.",
    "Markets do not clear: prices have priors of their own and do not answer to demand; no firm fails or merges.",
    "Other countries' own export controls; Beijing's gate stands on imports alone, by class of chip.",
    "Controls on the machines that make chips: what they do stands in the priors of China's wafers, yield and memory.",
    "Retaliation, such as on rare earths, and everything else that a country may do in answer.",
    "What compute is worth: the same chip serves alike in every hand, but for one prior on chips made in China.",
    "Chips older than the horizon, and those of makers that no published count names.",
)


def page(
    asked: Asked,
    worlds: Sequence[World],
    results: Sequence[Results],
    moves: Sequence[Move],
    grounds: Grounds,
    posterior: Posterior | None,
) -> Page:
    """Return the page of a run.

    Args:
        asked: What was asked.
        worlds: The baseline alone, or the baseline and a scenario's world.
        results: Theirs, run together.
        moves: What the scenario moves at gate 1.
        grounds: What moves each number of the last world.
        posterior: What the run was made with.

    Raises:
        UsageError: Altair is not installed.
    """
    writer = Writer(asked, worlds, results, moves, grounds, posterior)
    drawn = charts(results, worlds, asked.law, fitted(posterior, worlds[0]))
    sections = tuple(section for part in PARTS for section in part(writer, drawn))
    headlines = tuple(_headlines(writer))
    made = {each.name: dict(each.manifest) for each in results} if len(results) > 1 else dict(results[0].manifest)
    return Page(
        title=asked.title,
        question=asked.question,
        headlines=headlines,
        sections=sections,
        priors=(*writer.changes, *shelves.prior_rows(writer.world, posterior)),
        history=tuple(shelves.history_rows(writer.world, writer.order())),
        provisions=tuple(shelves.provision_rows(writer.laws_used, asked.provisions, moves)),
        manifest={"law_read_on": asked.law, **made},
        not_modeled=(*NOT_MODELED, *_lanes_read()),
    )


def _headlines(writer: Writer) -> Iterator[Headline]:
    """Yield the ratio by measure at the ends of years, owned and controlled, and what the scenario changes of it."""
    for basis in ("owned", "controlled"):
        for year, measure in HEADLINES:
            at, ids = YEARS.index(year), writer.of_ratio(basis, measure, year)
            ratios = [year_ends(each.ratio(basis, measure))[at] for each in writer.results]
            label = f"US over China, {name_of(measure)}, compute {basis}, end of {year}"
            yield Headline(label, writer.number(frames.quantiles(ratios[-1][None, :])[0], ids))
            if behind := writer.of_change(year):
                less = frames.quantiles((ratios[-1] - ratios[0])[None, :])[0]
                yield Headline("\u2003less the baseline, draw by draw", writer.number(less, behind, "+"))


def _lanes_read() -> Iterator[str]:
    """Yield how a lane is read on which the book has no answer."""
    for lane in lanes().lanes:
        if lane.where_not_modeled:
            read = lane.where_not_modeled
            answer = read.category.replace("_", " ")
            yield f"Lane {lane.id}: the book has no answer, and {answer} is supposed: {read.says}"
