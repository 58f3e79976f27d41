"""One report in the making: what each of its numbers comes from, and which rows and provisions were used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.pictures.look import brief
from headgate.world import frames, shelves
from headgate.world.axes import CHANNELS, YEARS
from headgate.world.grounds import Grounds, history_behind
from headgate.world.moved import Move
from headgate.world.report import Value
from headgate.world.report.page import Words
from headgate.world.results import Results

if TYPE_CHECKING:
    from headgate.law.provision import Provision
    from headgate.world.build import World
    from headgate.world.posterior import Posterior


DECIDING = ("require", "exempt", "review")  # stages whose provisions stand beside a number


@dataclass(frozen=True)
class Asked:
    """What a report is about.

    Args:
        title: In a few words.
        question: In a sentence or two.
        law: The day on which the law was last read.
        provisions: The provisions of both books, by id.
        sources: Where a scenario was read from, in words.
        mark: How well its text is known.
    """

    title: str
    question: str
    law: str
    provisions: Mapping[str, Provision]
    sources: str = "the scenario file"
    mark: str = "unverified"


class Writer:
    """One report in the making: it keeps the ids of all that its numbers come from."""

    def __init__(
        self,
        asked: Asked,
        worlds: Sequence[World],
        results: Sequence[Results],
        moves: Sequence[Move],
        grounds: Grounds,
        posterior: Posterior | None,
    ) -> None:
        self.asked, self.worlds, self.results, self.moves, self.grounds = asked, worlds, results, moves, grounds
        self.posterior = posterior
        self.shown, self.world = results[-1], worlds[-1]
        told = self.world.told if len(worlds) > 1 else ()
        self.changes = shelves.change_rows(told, self.world.priors.quantities, asked.sources, asked.mark)
        self.history = history_behind(self.world, posterior)
        self.laws = [id for m in moves for id in (*m.new, *m.gone) if id in asked.provisions]
        self.rows_used: dict[str, None] = {}
        self.laws_used: dict[str, None] = dict.fromkeys(self.laws)

    def value(self, numbers: Sequence[float], ids: Sequence[str], sign: str = "") -> Words:
        """Return a number of the page, or the word `none` where it is nothing in nine draws of ten."""
        return "none" if numbers[0] == numbers[4] == 0 else self.number(numbers, ids, sign)

    def number(self, numbers: Sequence[float], ids: Sequence[str], sign: str = "") -> Value:
        """Return a median with its interval as a number of the page."""
        low, median, high = (brief(numbers[n], sign) if numbers[n] else "0" for n in (0, 2, 4))
        return Value(median if low == median == high else f"{median} [{low}, {high}]", tuple(dict.fromkeys(ids)))

    def rows(self, channels: Sequence[str], year: int) -> list[str]:
        """Return the rows of history behind some channels up to a year, and keep that they were used."""
        found = [id for c in channels for last, id in self.history[c] if last <= year]
        self.rows_used.update(dict.fromkeys(found))
        return found

    def of_ratio(self, basis: str, measure: str, year: int) -> list[str]:
        """Return what is behind a ratio at the end of a year."""
        own = [c for c in CHANNELS if basis == "controlled" or c != "rented"]
        behind = self.grounds.behind(f"ratio.{basis}.{measure}", year)
        return [*behind, *self.rows(["abroad", *own], year), *self.of_change(year)]

    def of_china(self, channel: str, year: int) -> list[str]:
        """Return what is behind China's stock of a channel, or of all it owns, at the end of a year."""
        own = [c for c in CHANNELS if c != "rented"] if channel == "owned" else [channel]
        return [*self.grounds.behind(f"china.{channel}", year), *self.rows(own, year), *self.of_change(year)]

    def of_change(self, year: int = YEARS[-1]) -> list[str]:
        """Return what is behind a difference in a year: what the scenario supposes, and the provisions that moved."""
        told = self.world.told if self.changes else ()
        supposed = [row.id for row, change in zip(self.changes, told, strict=True) if change.start.year <= year]
        laws = [id for m in self.moves if m.start.year <= year for id in (*m.new, *m.gone)]
        return [*supposed, *dict.fromkeys(id for id in laws if id in self.asked.provisions)]

    def of_chip(self, chip: str, year: int) -> list[str]:
        """Return what is behind the units of a chip that came in: priors, rows of history, and the law's reasons."""
        reasons = self.reasons(chip, year)
        self.laws_used.update(dict.fromkeys(reasons))
        which = next(c for c in self.world.chips if c.id == chip)
        own = [id for id in (f"appeal.{chip}", f"beijing.{which.beijing}") if id in self.world.priors.quantities]
        sold = {r.row_id for r in self.world.rows if r.chip in which.history or r.chip == which.name}
        rows = [id for last, id in self.history["legal"] if last <= year and set(id.split("+")) & sold]
        self.rows_used.update(dict.fromkeys(rows))
        return [*own, *self.grounds.behind("china.legal", year), *rows, *reasons, *self.of_change(year)]

    def reasons(self, chip: str, year: int) -> list[str]:
        """Return the provisions by which the law answers on a chip in a year."""
        found: dict[str, None] = {}
        for row in self.told(chip):
            if row["start"].year <= year and (row["end"] is None or row["end"].year >= year):
                found.update(dict.fromkeys(id for id in row["reasons"].split(";") if id in self.asked.provisions))
        deciding = [id for id in found if self.asked.provisions[id].stage in DECIDING]
        return deciding or list(found)

    def order(self) -> list[str]:
        """Return the rows of history that were used, by year; those of rented chips last."""
        years = {id: (channel == "rented", year) for channel, rows in self.history.items() for year, id in rows}
        return sorted(self.rows_used, key=lambda id: (*years[id], id))

    def told(self, chip: str) -> list[dict[str, Any]]:
        """Return the decisions on a chip sold to a Chinese firm on no list."""
        import polars as pl

        table = self.world.gates.table
        return table.filter((pl.col("lane") == frames.DIRECT) & (pl.col("chip") == chip)).to_dicts()

    def change(self, base: Any, shown: Any) -> Words:
        """Return a paired difference as a number of the page."""
        return self.value(frames.quantiles((shown - base)[None, :])[0], self.of_change(), "+")
