"""What stands in a report: every number with the priors, history rows and provisions that it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Number = float | int | str | None


@dataclass(frozen=True, slots=True)
class Value:
    """A number as it is shown, and the ids of what it comes from.

    Args:
        text: The number with its interval and unit, as `13.2 [9.1, 18.4]`.
        ids: Ids of priors, history rows and provisions of the page; at least one.
    """

    text: str
    ids: tuple[str, ...]


Words = str | Value
Prose = Sequence[Words]


@dataclass(frozen=True, slots=True)
class Headline:
    """One line of the table at the top: what is said, and its number."""

    label: str
    value: Value


@dataclass(frozen=True, slots=True)
class Table:
    """A table; a cell that is a number is a `Value`, a cell of words is text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of `headgate.world.pictures`.

    Args:
        chart: An Altair chart.
        words: What it shows, for those who cannot see it, and below it.
        ids: Ids of what its numbers come from; at least one.
    """

    chart: Any
    words: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: a heading, text, and perhaps a picture and a table."""

    heading: str
    prose: Prose = ()
    figure: Figure | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A prior with its interval of 90 %, or a published count that the world uses or is fitted to.

    Args:
        id: Of the prior, or of the row of history.
        says: What is counted, where and when.
        low: Low end; the same for `median` and `high`. None where not given.
        mark: How well it is known, one of `headgate.source.MARKS`.
        url: Address of the source.
    """

    id: str
    says: str
    low: Number
    median: Number
    high: Number
    unit: str
    source: str
    mark: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """One provision that moved an answer: what it says, how it is cited, and what changed."""

    id: str
    says: str
    citation: str
    moved: str = ""
    url: str = ""


def ids_of(rows: Sequence[SourceRow] | Sequence[ProvisionRow]) -> list[str]:
    """Return the ids of rows, in order."""
    return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class Page:
    """A report of one run.

    Args:
        title: Of the page.
        question: What was asked, in a sentence or two.
        headlines: The numbers that answer it.
        sections: Text, pictures and tables, in order.
        priors: The priors that any number of the page comes from.
        history: The history rows, likewise.
        provisions: The provisions, likewise.
        manifest: Hashes of law, data and code, seed, draws, version; a mapping within is written out.
        not_modeled: What the world leaves out, one sentence each.
    """

    title: str
    question: str
    headlines: tuple[Headline, ...]
    sections: tuple[Section, ...]
    priors: tuple[SourceRow, ...]
    history: tuple[SourceRow, ...]
    provisions: tuple[ProvisionRow, ...]
    manifest: Mapping[str, Any]
    not_modeled: tuple[str, ...]

    def marks(self) -> dict[str, str]:
        """Return the short name of every source: P1, P2 ... of priors, H of history rows, L of provisions.

        Example:
            >>> prior = SourceRow("smic.wafers", "Wafers", 20, 45, 60, "k a month", "SemiAnalysis", "one_source")
            >>> Page("T", "Q", (), (), (prior,), (), (), {}, ()).marks()
            {'smic.wafers': 'P1'}
        """
        shelves = {"P": ids_of(self.priors), "H": ids_of(self.history), "L": ids_of(self.provisions)}
        return {id: f"{letter}{nth}" for letter, ids in shelves.items() for nth, id in enumerate(ids, start=1)}
