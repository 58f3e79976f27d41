"""The sheet of reasons: for each line every provision that applied, in order, with its source."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from headgate.decide.one import Decider
from headgate.decide.wording import MARK
from headgate.decide.workbook.look import Look
from headgate.decide.workbook.page import Page, Value
from headgate.decide.workbook.places import MOST_ROWS
from headgate.law.book import ENFORCED, PRINTED, Law
from headgate.law.provision import Provision

if TYPE_CHECKING:
    from polars import DataFrame, Series

OF_LINE = ("line_id", "order", "track")
OF_PROVISION = ("provision", "says", "section", "published", "evidence", "link")
COUNTED = (
    "Every provision that applied, with the number of its lines: a row for each line would pass the rows of a sheet. "
    "The columns reasons and reasons_printed of the sheet Decisions name those of each line."
)
# Which track, and the provision as it stood; one that the book has not is named by its id alone.
Step = tuple[str, str, Provision | None]


class Reasons:
    """The reasons of the lines so far; lines with the same reasons in the same state of the law share them.

    Args:
        by: The law that decided.
        most: Rows that the sheet may have.
    """

    def __init__(self, by: Decider, most: int = MOST_ROWS - 2) -> None:
        self.by, self.most = by, most
        self.steps: dict[tuple[tuple[str, ...], tuple[str, ...], int], int] = {}
        self.known: list[list[Step]] = []
        self.laws: dict[tuple[int, str], Law] = {}
        self.lines: list[tuple[Series, array[int]]] = []
        self.counts: Counter[int] = Counter()
        self.rows = 0

    def add(self, found: DataFrame, eras: Sequence[int | None]) -> None:
        """Take in some decisions, each with the number of the era whose law decided it."""
        places = array("I")
        rows = found.select("reasons", "reasons_printed").iter_rows()
        for (enforced, printed), era in zip(rows, eras, strict=True):
            key = (tuple(enforced or ()), tuple(printed or ()), -1 if era is None else era)
            place = self.steps.get(key)
            if place is None:
                place = self.steps[key] = len(self.known)
                self.known.append(self._steps(*key))
            places.append(place)
            self.rows += len(self.known[place])
        self.counts.update(places)
        if self.rows <= self.most:
            self.lines.append((found["line_id"], places))
        else:
            self.lines = []

    def _steps(self, enforced: tuple[str, ...], printed: tuple[str, ...], era: int) -> list[Step]:
        found: list[Step] = []
        for id in in_order(enforced, printed):
            told = {
                t: self._provision(id, era, t) for t, ids in ((ENFORCED, enforced), (PRINTED, printed)) if id in ids
            }
            if len(told) == 2 and told[ENFORCED] == told[PRINTED]:
                found.append(("both", id, told[ENFORCED]))
            else:
                found += [(track, id, p) for track, p in told.items()]
        return found

    def _provision(self, id: str, era: int, track: str) -> Provision | None:
        if era < 0:
            return None
        if (era, track) not in self.laws:
            self.laws[era, track] = self.by.book.on(self.by.eras.starts[era], track)
        return self.laws[era, track].by_id.get(id)

    def write(self, look: Look) -> Page:
        """Write the sheet."""
        page = Page(look, "Reasons", (*OF_LINE, *OF_PROVISION)) if self.rows <= self.most else self._counted(look)
        for row in self._of_lines():
            page.add(row)
        page.end()
        return page

    def _of_lines(self) -> Iterator[list[Value]]:
        shown = [[_shown(step) for step in steps] for steps in self.known]
        for ids, places in self.lines:
            for line, place in zip(ids.to_list(), places, strict=True):
                for order, ((track, *_), cells) in enumerate(zip(self.known[place], shown[place], strict=True), 1):
                    yield [line, order, track, *cells]

    def _counted(self, look: Look) -> Page:
        """One row a provision, with the number of its lines."""
        page = Page(look, "Reasons", ("lines", "track", *OF_PROVISION), above=COUNTED)
        counts: dict[Step, int] = {}
        for place, count in self.counts.items():
            for step in self.known[place]:
                counts[step] = counts.get(step, 0) + count
        for step, count in sorted(counts.items(), key=lambda c: (-c[1], c[0][1], c[0][0])):
            page.add([count, step[0], *_shown(step)])
        return page


def in_order(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return what two lists hold, each once and in the order of both as far as they agree.

    Example:
        >>> in_order(["a", "c"], ["a", "b", "c", "d"])
        ['a', 'b', 'c', 'd']
    """
    found = list(dict.fromkeys(first))
    at = 0
    for name in second:
        if name in found:
            at = found.index(name) + 1
        else:
            found.insert(at, name)
            at += 1
    return found


def _shown(step: Step) -> list[Value]:
    _, id, p = step
    if p is None:
        return [id, *[None] * (len(OF_PROVISION) - 1)]
    return [id, p.says, p.cite.section, p.cite.published, MARK[p.mark], p.cite.url]
