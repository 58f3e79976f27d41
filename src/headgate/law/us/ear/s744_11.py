"""15 CFR 744.8, 744.11, 744.15, 744.21 and part 764: listed and denied parties, and who owns them."""

from datetime import date, timedelta

from headgate.expr import fact, field, holds, threshold
from headgate.law.provision import Provision, provision
from headgate.law.us.ear.s734 import ACT, AT_HOME, MOVEMENTS, TO
from headgate.law.us.sources import AFFILIATES_2025, ECFR, STAY_2025, Publication, cite
from headgate.law.us.state import Stay, affiliates_stay

MOVES = holds("us.ear.734.movement")
SHARE = field("party.listed_owner_share")
HALF = SHARE >= threshold("us.ear.744_11.affiliates/share", 0.5, "of the shares")
SOME = SHARE > threshold("us.ear.732.supp_3.29/share", 0, "of the shares")
AFFILIATES = "A license is required when listed parties together hold half or more of a party."
# Days on which the stay of 90 FR 50857 begins and, as that rule has it, ends.
STAY_BEGINS, STAY_ENDS = date(2025, 11, 10), date(2026, 11, 10)

entity_list = provision(
    "us.ear.744_11",
    stage="require",
    says="A license is required for every item when a party to the transaction is on the Entity List.",
    when=MOVES & fact("party.is_entity_listed") & ~holds("us.savings.88_fr_71991"),
    start="2022-08-26",
    cite=cite("15 CFR 744.11, 744.16; supp. 4 to part 744", ECFR),
    mark="primary",
    flag="read_entity_list_entry",
    note="The license requirement and review policy of each entry stand in its own columns; the row does not say "
    "which.",
)
no_item = provision(
    "us.ear.744_11.no_item",
    stage="note",
    says="A listed party to an act that moves no item: the Entity List asks for a license for items.",
    when=ACT.one_of("use", "service", "cloud_access") & fact("party.is_entity_listed"),
    start="2022-08-26",
    cite=cite("15 CFR 744.11; supp. 4 to part 744", ECFR),
    mark="unverified",
    flag="listed_party_no_item",
    note="Spare parts, software and technology that go with a service are items.",
)
meu_list = provision(
    "us.ear.744_21.list",
    stage="require",
    says="A license is required when a party is on the Military End-User List.",
    when=MOVES & fact("party.is_meu_listed"),
    start="2022-08-26",
    cite=cite("15 CFR 744.21; supp. 7 to part 744", ECFR),
    mark="one_source",
    note="The items are those of supplement 2 to part 744; every chip and computer is taken to be one.",
)
unverified_list = provision(
    "us.ear.744_15",
    stage="note",
    says="A party on the Unverified List: no license exception, and a statement must be obtained first.",
    when=fact("party.is_unverified") & MOVES,
    start="2022-08-26",
    cite=cite("15 CFR 744.15, 740.2(a)(17); supp. 6 to part 744", ECFR),
    mark="unverified",
    flag="uvl_statement",
)
listed_review = provision(
    "us.ear.744_11.review",
    stage="review",
    says="Applications for listed parties, and for those that listed parties own, are reviewed with a presumption of "
    "denial.",
    when=holds("us.ear.744_11") | holds("us.ear.744_11.affiliates") | holds("us.ear.744_21.list"),
    start="2022-08-26",
    cite=cite("15 CFR 744.11, 744.16, 744.21(e); supp. 4 to part 744", ECFR),
    mark="unverified",
    policy="presumption_of_denial",
    note="Each entry of the Entity List states its own policy. This is the usual one of chip parties; some entries "
    "are stricter.",
)
denied = provision(
    "us.ear.736_2_b_4",
    stage="require",
    says="No one may take part in a transaction with a person denied export privileges or blocked.",
    when=fact("party.is_denied") & ~holds("not_an_export") & ~holds("us.ear.734_3.not_subject"),
    start="2022-08-26",
    cite=cite("15 CFR 736.2(b)(4), 744.8, part 764", ECFR),
    mark="primary",
    prohibits=True,
)
denied_at_home = provision(
    "us.ear.764.domestic",
    stage="note",
    says="A denied party to a domestic line: the order may reach what will be exported later.",
    when=fact("party.is_denied") & holds("not_an_export"),
    start="2022-08-26",
    cite=cite("15 CFR part 764", ECFR),
    mark="unverified",
    flag="denied_party_domestic",
)


def windows(stay: Stay) -> tuple[Provision, ...]:
    """Return the affiliates rule in its windows: in force, stayed, and in force again from the day after the stay.

    Example:
        >>> windows(Stay(date(2027, 11, 9), "primary", "92 FR 1", date(2026, 11, 5)))[-2].start.isoformat()
        '2027-11-10'
    """
    back = stay.through + timedelta(1)
    known = stay.mark != "unverified"
    rule = STAY_2025 if stay.cite == STAY_2025.name else Publication(stay.cite, stay.published)
    return (
        _rule("2025-09-29", AFFILIATES_2025, "two_sources", end=STAY_BEGINS),
        _minority("2025-09-29", AFFILIATES_2025, "two_sources", end=STAY_BEGINS),
        *_stays(back, rule),
        *(() if known else (_status(back, rule),)),
        _rule(str(back), rule, stay.mark),
        _minority(str(back), rule, stay.mark),
    )


def _rule(start: str, by: Publication, mark: str, end: date | None = None) -> Provision:
    """The rule itself in one window; what comes back after a stay must be looked at on its first day."""
    settled = end is not None or (mark != "unverified" and by is STAY_2025)
    return provision(
        "us.ear.744_11.affiliates",
        stage="require",
        says=AFFILIATES,
        when=MOVES & HALF,
        start=start,
        end=str(end) if end else None,
        cite=cite("15 CFR 744.11(a)(1), 744.21(a)(3), 744.8(a)(2)", by),
        ended_by=cite("15 CFR 744.11", STAY_2025) if end else None,
        mark=mark,
        flag="read_owner_entry",
        review_by=None if settled else start,
        note="" if settled else "The suspension ends by its terms on the day before, unless extended.",
    )


def _minority(start: str, by: Publication, mark: str, end: date | None = None) -> Provision:
    """The red flag of a smaller share in one window."""
    return provision(
        "us.ear.732.supp_3.29",
        stage="note",
        says="A listed party holds a share below half: red flag 29.",
        when=MOVES & SOME & ~HALF,
        start=start,
        end=str(end) if end else None,
        cite=cite("supp. 3 to 15 CFR part 732, red flag 29", by),
        ended_by=cite("supp. 3 to 15 CFR part 732", STAY_2025) if end else None,
        mark=mark,
        flag="listed_minority_owner",
    )


def _stays(back: date, by: Publication) -> tuple[Provision, ...]:
    """The stay, and behind it its extension when there is one."""
    spans = [(STAY_BEGINS, min(back, STAY_ENDS), STAY_2025), (STAY_ENDS, back, by)]
    return tuple(
        provision(
            "us.ear.744_11.affiliates_stay",
            stage="note",
            says="The affiliates rule is suspended: a listed owner is a red flag, not a license requirement.",
            when=MOVES & SOME,
            start=str(start),
            end=str(end),
            cite=cite("15 CFR 744.11", rule),
            mark="two_sources",
            flag="affiliates_rule_suspended",
        )
        for start, end, rule in spans
        if start < end
    )


def _status(back: date, by: Publication) -> Provision:
    """The warning that nobody has looked whether the stay was extended; silence about the owners counts too."""
    return provision(
        "us.ear.744_11.affiliates_status",
        stage="note",
        says="The suspension of the affiliates rule ended by its terms; whether it was extended is unverified.",
        when=(ACT.is_blank() | ACT.one_of(*MOVEMENTS)) & (TO.is_blank() | ~AT_HOME) & (SHARE.is_blank() | SOME),
        start=str(back),
        cite=cite("15 CFR 744.11", by),
        mark="unverified",
        flag="affiliates_rule_status_unverified",
    )


AFFILIATES_RULE = windows(affiliates_stay())
PROVISIONS = (
    entity_list,
    no_item,
    *(p for p in AFFILIATES_RULE if p.stage == "require"),
    meu_list,
    listed_review,
    denied,
    denied_at_home,
    unverified_list,
    *(p for p in AFFILIATES_RULE if p.stage == "note"),
)
