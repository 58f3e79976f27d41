"""Savings clauses: what was loaded before a rule took effect may go on under the old terms for some days.

Every clause is its own rule's, so that this is a table. A clause whose text was read saves: the requirement that it
names says `~holds(...)` of it. A clause whose text was not read only raises a flag where its requirement applies, and
lowers nothing. A day of loading that nobody states saves nothing. Rules that only ease (91 FR 1684, 91 FR 43034) need
no clause.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from headgate.days import day
from headgate.expr import TRUE, Expr, all_of, any_of, fact, field, holds
from headgate.law.provision import Provision, provision
from headgate.law.us.sources import AC_S_2023, AFFILIATES_2025, BIREN_2023, HBM_2024, IFR_2022, Publication, cite

LOADED, LISTED_ON = field("act.loaded_date"), field("party.entity_listed_on")
# Earlier than any shipment that could still be under way.
LONG_AGO = "1970-01-01"


@dataclass(frozen=True, slots=True)
class Clause:
    """The savings clause of one rule.

    Args:
        name: Short name of the rule, for the provision's id.
        rule: The rule.
        effective: Day on which the rule took effect, as the clause counts it.
        through: Last day on which what is saved may move; None when the clause was not read.
        saves: Ids of the requirements of the rule.
        of: What the row must state besides, for example that the party was listed by this rule.
        mark: How well the clause is known.
        note: What a reader should know.
    """

    name: str
    rule: Publication
    effective: str
    through: date | None
    saves: tuple[str, ...]
    mark: str
    note: str
    of: Expr = TRUE


def listed_on(effective: str) -> Expr:
    """The row states that the party was put on the Entity List on this day."""
    return ~LISTED_ON.is_blank() & LISTED_ON.during(effective, str(day(effective) + timedelta(1)))


CLAUSES = (
    Clause(
        "88_fr_71991",
        BIREN_2023,
        effective="2023-10-17",
        through=date(2023, 11, 15),
        saves=("us.ear.744_11",),
        of=fact("party.is_entity_listed") & listed_on("2023-10-17"),
        mark="one_source",
        note="As Thompson Hine quotes it (October 2023): en route aboard a carrier on 2023-10-17 under actual orders, "
        "may proceed before 2023-11-16. Loading on 2023-10-17 itself is not counted as before it, and that there were "
        "actual orders is the user's to know. The day of listing stands for every listed party of the row.",
    ),
    Clause(
        "87_fr_62186",
        IFR_2022,
        effective="2022-10-21",
        through=None,
        saves=("us.ear.742_6.a_6",),
        mark="one_source",
        note="That the rule has a clause is reported (Mondaq, October 2022); its days were not read.",
    ),
    Clause(
        "88_fr_73458",
        AC_S_2023,
        effective="2023-11-17",
        through=None,
        saves=("us.ear.742_6.a_6_iii.a", "us.ear.742_6.a_6_iii.b", "us.ear.744_23.a_3"),
        mark="unverified",
        note="Whether the rule has a clause, and its days, were not read.",
    ),
    Clause(
        "89_fr_96790",
        HBM_2024,
        effective="2024-12-31",
        through=None,
        saves=("us.ear.742_6.a_6_i_b", "us.ear.744_23.a_3_i_b"),
        mark="one_source",
        note="That the rule has clauses is reported (Covington, 2024-12-09); their days were not read.",
    ),
    Clause(
        "90_fr_47201",
        AFFILIATES_2025,
        effective="2025-09-29",
        through=None,
        saves=("us.ear.744_11.affiliates",),
        mark="unverified",
        note="Whether the rule has a clause beside its temporary general license, and its days, were not read.",
    ),
)


def under_way(effective: str) -> Expr:
    """The line moves an item, and states a day of loading before this day."""
    return holds("us.ear.734.movement") & ~LOADED.is_blank() & LOADED.during(LONG_AGO, effective)


def savings(clause: Clause) -> Provision:
    """Return the provision of one clause: a scope that saves, or a note that asks to read it."""
    is_read = clause.through is not None
    touched = TRUE if is_read else any_of(*(holds(id) for id in clause.saves))
    return provision(
        f"us.savings.{clause.name}",
        stage="scope" if is_read else "note",
        says="What was loaded aboard a carrier before the rule took effect may go on under the old terms."
        if is_read
        else "A savings clause of the rule may reach what was loaded before it took effect; its text was not read.",
        when=all_of(*(c for c in (under_way(clause.effective), clause.of, touched) if c is not TRUE)),
        start=clause.effective,
        end=str(clause.through + timedelta(1)) if clause.through else None,
        cite=cite("savings clause", clause.rule),
        mark=clause.mark,
        flag="savings_clause_applied" if is_read else "savings_clause_may_apply",
        note=clause.note,
    )


PROVISIONS = tuple(savings(clause) for clause in CLAUSES)
