"""A provision: one dated, cited sentence of law with the expression that decides it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from headgate.days import Span, day
from headgate.errors import BookError
from headgate.expr import Expr, walk
from headgate.expr.node import AnyPart, Compare, Const, Holds, Threshold
from headgate.expr.value import PART_PREFIX
from headgate.source import MARKS, Cite

# In the order in which they are applied. `duty`, `note` and `not_modeled` stand beside the five stages of a decision:
# a duty is asked only on request, a note never changes an answer, and what is not modeled never frees anything.
STAGES = ("classify", "scope", "require", "exempt", "review", "duty", "note", "not_modeled")
TRACKS = ("both", "printed", "enforced")
WEIGHTS = ("block", "hold", "note")
POLICIES = ("denial", "presumption_of_denial", "case_by_case", "presumption_of_approval", "unstated")


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision in one version.

    Args:
        id: Stable name; the versions of one provision share it. Reads like the citation.
        stage: One of `STAGES`.
        says: One plain sentence.
        when: The expression that is true when the provision applies.
        start: First day in effect.
        end: First day no longer in effect; None while open.
        cite: Where it is written.
        mark: How well it is known, one of `headgate.source.MARKS`.
        binds_from: Compliance date, when later than `start`: duties bind from it.
        track: `printed` or `enforced` when only one of the two knows it, else `both`.
        eccn: What a true classification gives.
        paragraph: The same with its paragraph.
        over: Ids of classifications that this one takes precedence over.
        prohibits: For a requirement: the act is prohibited, not licensable.
        frees: For a scope: what is in it needs no license for that reason, and the decision says so.
        exception: The license exception that an exemption opens.
        covers: The requirement ids that an exemption covers.
        needs: What must still be done or shown to use an exemption; a contract column when there is one.
        policy: The review policy stated, one of `POLICIES`.
        rate: For a duty: the share of value, 0 to 1.
        flag: A flag the decision carries when this is true.
        weight: For a red flag: whether it blocks, holds or only notes, one of `WEIGHTS`.
        known_from: Day from which one could know it; by default that of its publication, or its start.
        ended_by: What ended it, when that is neither its own text nor the next version.
        review_by: Day by which somebody must look whether it still stands.
        note: What a reader should know: doubts, disagreements of sources, our reading.
    """

    id: str
    stage: str
    says: str
    when: Expr
    start: date
    cite: Cite
    mark: str
    end: date | None = None
    binds_from: date | None = None
    track: str = "both"
    eccn: str = ""
    paragraph: str = ""
    over: tuple[str, ...] = ()
    prohibits: bool = False
    frees: bool = False
    exception: str = ""
    covers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    policy: str = ""
    rate: float | None = None
    flag: str = ""
    weight: str = ""
    known_from: date = date.min
    ended_by: Cite | None = None
    review_by: date | None = None
    note: str = ""

    @property
    def binds(self) -> Span:
        """The days on which the provision counts in a decision."""
        return Span(self.binds_from or self.start, self.end)

    @property
    def of_part(self) -> bool:
        """The condition is on one integrated circuit, not on the whole item."""
        return any(str(getattr(n, "name", "")).startswith(PART_PREFIX) for n in walk_outside_parts(self.when))

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the thresholds written in this provision, in order, each once."""
        return tuple(dict.fromkeys(n.limit for n in walk(self.when) if isinstance(n, Compare)))

    def refers_to(self) -> tuple[str, ...]:
        """Return the ids of the provisions this one builds on."""
        return tuple(dict.fromkeys(n.id for n in walk(self.when) if isinstance(n, Holds)))

    def refers_outside_parts(self) -> frozenset[str]:
        """Return the ids of the provisions that the condition reads on the whole item, not inside `any_part`."""
        return frozenset(n.id for n in walk_outside_parts(self.when) if isinstance(n, Holds))

    def reads_outside_parts(self) -> tuple[str, ...]:
        """Return the names of the fields that the condition reads on the whole item, not inside `any_part`."""
        return tuple(str(n.name) for n in walk_outside_parts(self.when) if hasattr(n, "name"))

    def reads(self) -> frozenset[str]:
        """Return the names of the fields that the condition reads itself, not through what it refers to."""
        return frozenset(str(getattr(n, "name", "")) for n in walk(self.when)) - {""}

    def on_track(self, track: str) -> bool:
        """Say whether the provision belongs to the printed or the enforced law."""
        return self.track in ("both", track)


def provision(
    id: str,
    *,
    stage: str,
    says: str,
    when: Expr,
    start: str,
    cite: Cite,
    mark: str,
    end: str | None = None,
    binds_from: str | None = None,
    known_from: str | None = None,
    review_by: str | None = None,
    **gives: object,
) -> Provision:
    """Make a provision from ISO days; see `Provision` for the arguments.

    Raises:
        BookError: An unknown stage, track, policy or mark, or a sentence that is none.

    Example:
        >>> from headgate.expr import fact
        >>> provision("toy.rule", stage="require", says="Red goods need a license.", when=fact("item.is_red"),
        ...           start="2020-01-01", cite=Cite("Toy 1", "", "2026-11-22"), mark="primary").binds.start.year
        2020
    """
    made = Provision(
        id=id,
        stage=stage,
        says=says,
        when=when,
        start=day(start),
        end=day(end) if end else None,
        binds_from=day(binds_from) if binds_from else None,
        known_from=day(known_from or cite.published_on or start),
        review_by=day(review_by) if review_by else None,
        cite=cite,
        mark=mark,
        **gives,  # type: ignore[arg-type]
    )
    check_words(made)
    return made


def check_words(p: Provision) -> None:
    """Refuse a provision whose stage, track, mark, policy or sentence is not one of the known."""
    for what, value, known in (
        ("stage", p.stage, STAGES),
        ("track", p.track, TRACKS),
        ("mark", p.mark, MARKS),
        ("policy", p.policy, ("", *POLICIES)),
        ("weight", p.weight, ("", *WEIGHTS)),
    ):
        if value not in known:
            raise BookError(f"provision {p.id}: {what} {value!r} is none of {', '.join(known)}")
    if not p.says.endswith("."):
        raise BookError(f"provision {p.id}: `says` must be one plain sentence that ends with a full stop")


def walk_outside_parts(node: Expr) -> Iterator[Expr]:
    """Yield the nodes that are read on the whole item, not those inside `any_part`."""
    from headgate.expr.node import children

    yield node
    if not isinstance(node, AnyPart):
        for child in children(node):
            yield from walk_outside_parts(child)


def is_constant(node: Expr) -> bool:
    """Say whether an expression is simply true or false."""
    return isinstance(node, Const)
