"""One lane of the world: a template of a transaction, how passable it can be, and the limits on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from headgate.catalog.refusals import stop
from headgate.errors import did_you_mean

# How passable a lane is, from no license needed to denial.
CATEGORIES = ("open", "exception", "approval", "case_by_case", "unstated", "denial")
CARRIES = ("chips", "hbm")
Facts = Mapping[str, str]


def refuse_unknown_lane(id: str, known: Iterable[str]) -> NoReturn:
    """Refuse an id that no lane has."""
    words = tuple(known)
    stop("lanes.toml", id, "no lane has this id", f"Name one of {', '.join(words)}.{did_you_mean(id, words)}")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a lane is read where the book says nothing: one of `CATEGORIES`, why, and how well that is known."""

    category: str
    says: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on what may go although the lane is passable.

    Args:
        provisions: Ids, `*` for any ending; it holds where one of them is among the reasons.
        prior: The quantity of the world that says how much; empty when the book's own number does.
        threshold: The threshold of the book that says how much; empty when a prior does.
    """

    id: str
    says: str
    provisions: tuple[str, ...]
    prior: str
    threshold: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane.

    Args:
        bloc: Into whose stock its chips go.
        channel: How they go there.
        carries: One of `CARRIES`.
        weight: Low, middle and high share of the demand of its bloc and channel.
        facts: Columns of a transaction to what is stated, those of the named sets included.
        before_the_book: How it stands before the first day that the book answers for.
        where_not_modeled: How it is read where the book answers `not_modeled`; None makes that an error.
    """

    id: str
    says: str
    bloc: str
    channel: str
    carries: str
    weight: tuple[float, float, float]
    facts: Facts
    before_the_book: Reading
    where_not_modeled: Reading | None
    source: str
    mark: str
    note: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """All lanes, the limits on them, and what is stated of a chip that is in no catalog."""

    lanes: tuple[Lane, ...]
    limits: tuple[Limit, ...]
    imagined: Facts

    @property
    def of_chips(self) -> tuple[Lane, ...]:
        """The lanes that carry chips."""
        return tuple(lane for lane in self.lanes if lane.carries == "chips")

    @property
    def of_items(self) -> tuple[Lane, ...]:
        """The lanes that carry what their own facts describe."""
        return tuple(lane for lane in self.lanes if lane.carries != "chips")

    def get(self, id: str) -> Lane:
        """Return one lane.

        Raises:
            CatalogError: There is none with this id.

        Example:
            >>> from headgate.world.lanes import lanes
            >>> lanes().get("hbm_cn").facts["ship_from"]
            'KR'
        """
        found = next((lane for lane in self.lanes if lane.id == id), None)
        return found or refuse_unknown_lane(id, [lane.id for lane in self.lanes])
