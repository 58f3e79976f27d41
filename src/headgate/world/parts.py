"""The parts of a report, in order: text, pictures and tables, every number with what it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from headgate.world import frames
from headgate.world.axes import CHANNELS, MEASURES, YEARS
from headgate.world.charts import largest
from headgate.world.moved import grouped, verdict
from headgate.world.pictures.frames import name_of
from headgate.world.pictures.supply import ANSWER_WORDS, CHANNEL_WORDS
from headgate.world.posterior import differences
from headgate.world.report import Figure, Section, Table, Value
from headgate.world.report.page import Words
from headgate.world.results import year_ends, yearly
from headgate.world.writer import Writer

SHOWN = (2024, 2025, 2026, 2028, 2030, 2032)
CLAIMED = (2025, 2026, 2027, 2028, 2030, 2032)
IMPORTED = (2022, 2023, 2024, 2025, 2026, 2027, 2028)
STRONGEST, STRONGEST_YEAR = "ratio.owned.fp8", 2028
BASES: Mapping[str, str] = {"owned": "owned", "controlled": "controlled, that is owned or rented"}
Drawn = Mapping[str, Any]
Row = tuple[Words, ...]


def law(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield which answers of the law move."""
    if len(writer.worlds) == 1:
        return
    first, last = writer.worlds
    # How many chips and lanes move is a number of the law: of the provisions that decide otherwise.
    said = verdict(first, last, writer.moves)
    ids = tuple(dict.fromkeys(writer.of_change()))
    rows = tuple((str(g.start), ", ".join(g.lanes), ", ".join(g.chips), g.says) for g in grouped(writer.moves))
    table = Table(("from", "lanes", "chips", "the law's answer"), rows) if rows else None
    yield Section("What moves", (Value(said, ids) if ids else said,), table=table)


def fit(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield what history had to say in the run."""
    if writer.posterior is None:
        words = "The run is under the priors alone: what history says of them was left aside."
    else:
        words = "The priors were fitted to the history of the quarters up to 2025Q4; the table of priors says which "
        words += "medians moved."
        stale = differences(writer.posterior, writer.worlds[0])
        if stale:
            words += f" The fit was made with other {' and '.join(stale)} than this run has: it is stale."
    yield Section("Fitted to history", (words,))


def ratios(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield the ratio of the United States to China, owned and controlled."""
    for basis, words in BASES.items():
        rows: list[Row] = []
        for measure in MEASURES:
            told = frames.quantiles(year_ends(writer.shown.ratio(basis, measure)))
            cells = (writer.value(told[YEARS.index(y)], writer.of_ratio(basis, measure, y)) for y in SHOWN)
            rows.append((name_of(measure), *cells))
        ids = [id for y in SHOWN for m in MEASURES for id in writer.of_ratio(basis, m, y)]
        picture = f"How many times China's compute the United States has, {words}, by measure and quarter."
        figure = Figure(drawn[f"ratio-{basis}"], picture, tuple(dict.fromkeys(ids)))
        prose = (
            f"Stocks at the end of the year, compute {words}: the United States over China. Median and 90 % interval."
        )
        table = Table(("measure", *map(str, SHOWN)), tuple(rows))
        yield Section(f"The gap in compute {basis}", (prose,), figure, table)


def china(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield China's stock by the way it came."""
    stocks = frames.channel_stock(writer.shown, "h100e")
    stocks = {**stocks, "owned": np.asarray(sum(stocks[c] for c in CHANNELS if c != "rented"))}
    rows: list[Row] = []
    ids: list[str] = []
    for name, stock in stocks.items():
        told = frames.quantiles(year_ends(stock))
        cells = [writer.value(told[YEARS.index(y)], writer.of_china(name, y)) for y in SHOWN]
        ids += [id for cell in cells if isinstance(cell, Value) for id in cell.ids]
        rows.append((CHANNEL_WORDS.get(name, "all that China owns"), *cells))
    figure = Figure(drawn["china-stock"], "China's stock by the way it came, by quarter.", tuple(dict.fromkeys(ids)))
    prose = "H100-equivalents in use at the end of the year. What is rented is owned by others and located elsewhere."
    yield Section("China's compute by the way it came", (prose,), figure, Table(("", *map(str, SHOWN)), tuple(rows)))


def imports(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield what both gates let into China, chip by chip."""
    heading = "What the law let through, chip by chip"
    chips = largest(writer.results)
    if not chips:
        yield Section(heading, ("Nothing came in.",))
        return
    units, names = yearly(frames.legal_units(writer.shown)), {c.id: c.name for c in writer.world.chips}
    rows: list[Row] = []
    ids: list[str] = []
    for chip in chips:
        told = frames.quantiles(units[..., writer.shown.chip_ids.index(chip)])
        cells = [writer.value(told[YEARS.index(y)], writer.of_chip(chip, y)) for y in IMPORTED]
        ids += [id for cell in cells if isinstance(cell, Value) for id in cell.ids]
        rows.append((names[chip], ANSWER_WORDS[frames.answers(writer.world, chip)[-1]], *cells))
    figure = Figure(
        drawn["let-through"], "Units that came into China legally, by chip and quarter.", tuple(dict.fromkeys(ids))
    )
    prose = (
        "Units in the year that Washington's gate and Beijing's let into China, of the draws whose chips were kept. "
    )
    prose += "The answer is the last one of the horizon, to a Chinese firm on no list."
    yield Section(heading, (prose,), figure, Table(("chip", "the law's answer", *map(str, IMPORTED)), tuple(rows)))


def difference(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield what the scenario changes, draw by draw."""
    if len(writer.results) == 1:
        return
    heading = "What the scenario changes"
    if "difference" not in drawn:
        yield Section(heading, ("Nothing, in any draw.",))
        return
    rows: list[Row] = []
    for words, (unit, take) in frames.DIFFERENCES.items():
        base, shown = (year_ends(take(each)).astype(np.float64) for each in writer.results)
        cells = (writer.change(base[n], shown[n]) for n in map(YEARS.index, SHOWN))
        rows.append((f"{words}, {unit}", *cells))
    figure = Figure(drawn["difference"], "Scenario less baseline, draw by draw, by year.", tuple(writer.of_change()))
    prose = "Scenario less baseline at the end of the year. Both see the same draws: a difference is one of policy."
    yield Section(heading, (prose,), figure, Table(("", *map(str, SHOWN)), tuple(rows)))


def claims(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield the probabilities of claim A."""
    for basis in BASES:
        rows: list[Row] = []
        for measure in MEASURES:
            told = dict(zip(YEARS[1:], frames.widening(writer.shown, basis, measure), strict=True))
            cells = (Value(f"{100 * told[y]:.0f} %", tuple(writer.of_ratio(basis, measure, y))) for y in CLAIMED)
            rows.append((name_of(measure), *cells))
        prose = "In how many of the draws the ratio of the stocks is higher than a year before."
        table = Table(("measure", *map(str, CLAIMED)), tuple(rows))
        yield Section(f"Is the gap widening? Compute {basis}", (prose,), table=table)


def strongest(writer: Writer, drawn: Drawn) -> Iterator[Section]:
    """Yield which quantities move the headline most."""
    told = writer.grounds.strongest(STRONGEST, STRONGEST_YEAR)
    says = writer.world.priors.quantities
    rows = tuple((id, says[id].says, Value(f"{100 * np.expm1(move):+.1f} %", (id,))) for id, move in told)
    prose = f"By how much the ratio of owned FP8 compute at the end of {STRONGEST_YEAR} changes when the random "
    prose += "numbers of one quantity are all moved up by one standard deviation: all quantities that move it by one "
    prose += "percent or more. The small links beside a number of this page name the three that move it most, in its "
    prose += "year; after them stand the rows of history and the provisions of law that it rests on."
    yield Section("Which assumptions matter", (prose,), table=Table(("quantity", "what it is", "change"), rows))


PARTS: tuple[Callable[[Writer, Drawn], Iterator[Section]], ...] = (
    *(law, ratios, china, imports, difference, claims, strongest, fit),
)
