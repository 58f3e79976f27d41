"""Lumen, a toy country: ships, lanterns, and islands full of moths. It uses every stage, and no law is harmed by it.

A lantern is read like a circuit (`ic`; its glow is `ic.tpp`), a ship like a computer, and a lantern made for a
lighthouse like one made for a data center. Lumen itself has the code LU.
"""

from datetime import date
from functools import cache

from headgate.expr import Expr, any_part, fact, field, holds, threshold
from headgate.law.book import Book
from headgate.law.provision import Provision, provision
from headgate.source import Cite

BEGINS, READ_ON = date(2000, 1, 1), date(2020, 12, 31)
GLOW, TO, KIND = field("ic.tpp"), field("act.destination"), field("item.kind")
LEAVES = holds("toy.leaves")
BRIGHT_ABOARD = any_part(holds("toy.bright"))
LIGHTHOUSE_ABOARD = any_part(holds("toy.bright") & fact("ic.is_datacenter"))


def _law(id: str, number: int, says: str, when: Expr, *, start: str = "2000-01-01", **more: object) -> Provision:
    """Make one provision of Lumen, cited by the number of its act."""
    cite = Cite(f"Acts of Lumen, no. {number}", "", "2020-12-31")
    given = {"mark": "primary", **more}
    return provision(id, says=says, when=when, start=start, cite=cite, **given)  # type: ignore[arg-type]


PROVISIONS = (
    _law(
        "toy.bright",
        1,
        "A lantern is L1 when its glow reaches 100.",
        GLOW >= threshold("toy.bright/glow", 100, "TPP"),
        end="2010-01-01",
        stage="classify",
        eccn="L1",
        paragraph="L1.a",
    ),
    _law(
        "toy.bright",
        7,
        "A lantern is L1 when its glow reaches 80, because moths have grown bolder.",
        GLOW >= threshold("toy.bright/glow", 80, "TPP"),
        start="2010-01-01",
        stage="classify",
        eccn="L1",
        paragraph="L1.a",
    ),
    _law(
        "toy.dim",
        1,
        "A lantern is L2 when its glow reaches 10 and is not bright.",
        (GLOW >= threshold("toy.dim/glow", 10, "TPP")) & ~holds("toy.bright"),
        stage="classify",
        eccn="L2",
        paragraph="L2",
    ),
    _law(
        "toy.lit_ship",
        2,
        "A ship is S1 when any lantern aboard is bright.",
        KIND.one_of("computer") & BRIGHT_ABOARD,
        stage="classify",
        eccn="S1",
        paragraph="S1",
        over=("toy.ship",),
    ),
    _law("toy.ship", 2, "A ship is S2.", KIND.one_of("computer"), stage="classify", eccn="S2", paragraph="S2"),
    _law(
        "not_an_export",
        3,
        "What stays in Lumen leaves no one in the dark.",
        TO.one_of("LU"),
        stage="scope",
        frees=True,
    ),
    _law(
        "toy.leaves",
        3,
        "A lantern or ship leaves Lumen.",
        field("act.activity").one_of("export", "reexport") & KIND.one_of("ic", "computer") & ~holds("not_an_export"),
        stage="scope",
    ),
    _law(
        "toy.moths",
        4,
        "A license is required for bright lanterns, alone or aboard, to the islands where moths live.",
        LEAVES & BRIGHT_ABOARD & TO.one_of("FJ", "IS", "MT"),
        stage="require",
    ),
    _law(
        "toy.pirates",
        4,
        "Nothing is sold to pirates.",
        fact("party.is_denied") & ~holds("not_an_export"),
        stage="require",
        prohibits=True,
    ),
    _law(
        "toy.sea_battle",
        8,
        "A license is required for anything that is to be thrown in a sea battle.",
        LEAVES & fact("use.military"),
        start="2012-01-01",
        binds_from="2012-06-01",
        stage="require",
    ),
    _law(
        "toy.everywhere",
        9,
        "A license is required for bright lanterns to everywhere.",
        LEAVES & BRIGHT_ABOARD,
        start="2015-01-01",
        stage="require",
        track="printed",
        note="The clerk who should enforce it is asleep.",
    ),
    _law(
        "toy.harbor_master",
        9,
        "A license is required for ships to Malta, says the harbor master, though no book does.",
        LEAVES & KIND.one_of("computer") & TO.one_of("MT"),
        start="2015-01-01",
        mark="one_source",
        stage="require",
        track="enforced",
    ),
    _law(
        "toy.festival",
        5,
        "Bright lanterns that were not made for a lighthouse may go to a festival.",
        LEAVES & BRIGHT_ABOARD & ~LIGHTHOUSE_ABOARD,
        stage="exempt",
        exception="FESTIVAL",
        covers=("toy.moths",),
        needs=("purchase_order",),
    ),
    _law(
        "toy.review.lighthouse",
        6,
        "Lanterns for lighthouses: presumption of denial, ships must not be led astray.",
        holds("toy.moths") & LIGHTHOUSE_ABOARD,
        stage="review",
        policy="presumption_of_denial",
    ),
    _law(
        "toy.review.other",
        6,
        "Other bright lanterns are reviewed moth by moth.",
        holds("toy.moths") & ~LIGHTHOUSE_ABOARD,
        stage="review",
        policy="case_by_case",
    ),
    _law(
        "toy.oil_duty",
        10,
        "A duty of 10 percent is due on bright lanterns that come back.",
        fact("act.us_import") & BRIGHT_ABOARD,
        stage="duty",
        rate=0.1,
    ),
    _law(
        "toy.fireflies",
        11,
        "Lanterns of the house of Firefly may leave by themselves.",
        any_part(field("ic.maker").one_of("Firefly")),
        stage="note",
        flag="may_fly_away",
    ),
    _law(
        "toy.ghosts",
        12,
        "Lamps that are software only are ghosts, and there is no law of ghosts.",
        KIND.one_of("software"),
        stage="not_modeled",
    ),
)


@cache
def book() -> Book:
    """Return the book of Lumen.

    Example:
        >>> [v.thresholds()[0].value for v in book().versions("toy.bright")]
        [100.0, 80.0]
    """
    return Book(PROVISIONS, BEGINS, READ_ON)
