"""15 CFR part 744: end uses, end users, headquarters and ownership.."""

from headgate.expr import any_of, fact, field, holds, threshold
from headgate.law.provision import provision
from headgate.law.us.sources import AC_S_2023, AFFILIATES_2025, ECFR, IFR_2022, MACAU_2023, STAY_2025, cite

TO = field("act.destination")
HQ, PARENT = field("party.hq"), field("party.parent")
MOVES = holds("us.ear.734.movement")
CHIP = field("item.kind").one_of("ic", "computer")
D5_OR_MACAU = TO.in_list("us.country_group.d5") | TO.one_of("MO")
HALF = field("party.listed_owner_share") >= threshold("us.ear.744_11.a_1/share", 0.5, "of the shares")
SOME = field("party.listed_owner_share") > threshold("us.ear.732.supp_3.29/share", 0, "of the shares")

hq_d5_or_macau = provision(
    "us.ear.744_23.hq_d5_or_macau",
    stage="scope",
    says="A party is headquartered, or has its ultimate parent headquartered, in Macau or Country Group D:5.",
    when=any_of(
        HQ.in_list("us.country_group.d5"),
        HQ.one_of("MO"),
        PARENT.in_list("us.country_group.d5"),
        PARENT.one_of("MO"),
    ),
    start="2023-10-23",
    cite=cite("15 CFR 744.23(a)(3)", AC_S_2023),
    mark="two_sources",
)
hq_rule_2023 = provision(
    "us.ear.744_23.a_3",
    stage="require",
    says="A license is required for .a and .b items to any other destination when a party is headquartered, or has its ultimate "
    "parent, in Macau or Country Group D:5.",
    when=MOVES
    & (holds("us.ear.742_6.items_a") | holds("us.ear.742_6.items_b"))
    & holds("us.ear.744_23.hq_d5_or_macau")
    & ~holds("us.ear.742_6.destinations"),
    start="2023-11-17",
    end="2025-05-15",
    cite=cite("15 CFR 744.23(a)(3)", AC_S_2023),
    mark="two_sources",
)
hq_rule_2025 = provision(
    "us.ear.744_23.a_3",
    stage="require",
    says="A license is required for .b items to any other destination when a party is headquartered, or has its ultimate parent, "
    "in Macau or Country Group D:5.",
    when=MOVES
    & holds("us.ear.742_6.items_b")
    & holds("us.ear.744_23.hq_d5_or_macau")
    & ~holds("us.ear.742_6.destinations"),
    start="2025-05-15",
    cite=cite("15 CFR 744.23(a)(3)(i)", ECFR),
    mark="two_sources",
    note="For .a items the rule stands in 742.6(a)(6)(iii)(A) from this day.",
)
SUPERCOMPUTER = "A license is required for circuits and computers when it is known that they go to a supercomputer in "
supercomputer_2022 = provision(
    "us.ear.744_23.a_1",
    stage="require",
    says=SUPERCOMPUTER + "China.",
    when=MOVES & CHIP & fact("use.supercomputer") & TO.one_of("CN"),
    start="2022-10-21",
    end="2023-01-17",
    cite=cite("15 CFR 744.23(a)(1)", IFR_2022),
    mark="two_sources",
)
supercomputer_2023_01 = provision(
    "us.ear.744_23.a_1",
    stage="require",
    says=SUPERCOMPUTER + "China or Macau.",
    when=MOVES & CHIP & fact("use.supercomputer") & TO.one_of("CN", "MO"),
    start="2023-01-17",
    end="2023-11-17",
    cite=cite("15 CFR 744.23(a)(1)", MACAU_2023),
    mark="unverified",
)
supercomputer = provision(
    "us.ear.744_23.a_1",
    stage="require",
    says=SUPERCOMPUTER + "Macau or Country Group D:5.",
    when=MOVES & CHIP & fact("use.supercomputer") & D5_OR_MACAU,
    start="2023-11-17",
    cite=cite("15 CFR 744.23(a)(1)", ECFR),
    mark="two_sources",
    note="The size of a supercomputer (772.1) is the user's to judge; the end use is stated or not.",
)
supercomputer_review = provision(
    "us.ear.744_23.d",
    stage="review",
    says="Applications for a supercomputer end use are reviewed with a presumption of denial.",
    when=holds("us.ear.744_23.a_1"),
    start="2022-10-21",
    cite=cite("15 CFR 744.23(d)", IFR_2022),
    mark="unverified",
    policy="presumption_of_denial",
)
advanced_fab = provision(
    "us.ear.744_23.a_2",
    stage="require",
    says="A license is required for any item when it is known that it goes to an advanced-node fab in Macau or Country Group D:5.",
    when=MOVES & fact("use.advanced_node_fab") & D5_OR_MACAU,
    start="2022-10-21",
    cite=cite("15 CFR 744.23(a)(2)", ECFR),
    mark="one_source",
    note="The scope was China alone in 2022; the later, wider scope is used from the start.",
)
entity_list = provision(
    "us.ear.744_11",
    stage="require",
    says="A license is required for every item when a party to the transaction is on the Entity List.",
    when=MOVES & fact("party.is_entity_listed"),
    start="2022-08-26",
    cite=cite("15 CFR 744.11, 744.16; supp. 4 to part 744", ECFR),
    mark="primary",
    flag="read_entity_list_entry",
    note="The license requirement and review policy of each entry stand in its own columns; the row does not say which.",
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
military = provision(
    "us.ear.744_21.end_use",
    stage="require",
    says="A license is required for a military end use in Belarus, Burma, Cambodia, China, Nicaragua, Russia or Venezuela.",
    when=MOVES & fact("use.military") & TO.in_list("us.meu_countries"),
    start="2022-08-26",
    cite=cite("15 CFR 744.21", ECFR),
    mark="unverified",
)
intelligence = provision(
    "us.ear.744_22",
    stage="require",
    says="A license is required for a military-intelligence end use or user of the listed and embargoed countries, wherever.",
    when=MOVES
    & fact("use.military_intelligence")
    & any_of(*(f.in_list(g) for f in (TO, HQ, PARENT) for g in ("us.meu_countries", "us.embargoed"))),
    start="2022-08-26",
    cite=cite("15 CFR 744.22", ECFR),
    mark="unverified",
    note="The country set is unverified.",
)
weapons = provision(
    "us.ear.744_2",
    stage="require",
    says="A license is required for a nuclear, missile, chemical or biological weapons end use.",
    when=MOVES & fact("use.wmd"),
    start="2022-08-26",
    cite=cite("15 CFR 744.2, 744.3, 744.4", ECFR),
    mark="unverified",
    note="The sections differ by weapon and country; any stated weapons end use is taken as reached.",
)
denied = provision(
    "us.ear.736_2_b_4",
    stage="require",
    says="No one may take part in a transaction with a person denied export privileges or blocked.",
    when=fact("party.is_denied") & ~holds("not_an_export"),
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
AFFILIATES = "A license is required when listed parties together hold half or more of a party."
affiliates_2025 = provision(
    "us.ear.744_11.affiliates",
    stage="require",
    says=AFFILIATES,
    when=MOVES & HALF,
    start="2025-09-29",
    end="2025-11-10",
    cite=cite("15 CFR 744.11(a)(1), 744.21(a)(3), 744.8(a)(2)", AFFILIATES_2025),
    mark="two_sources",
    flag="read_owner_entry",
)
affiliates_suspended = provision(
    "us.ear.744_11.affiliates_stay",
    stage="note",
    says="The affiliates rule is suspended: a listed owner is a red flag, not a license requirement.",
    when=MOVES & SOME,
    start="2025-11-10",
    end="2026-11-10",
    cite=cite("15 CFR 744.11", STAY_2025),
    mark="two_sources",
    flag="affiliates_rule_suspended",
)
affiliates_2026 = provision(
    "us.ear.744_11.affiliates",
    stage="require",
    says=AFFILIATES,
    when=MOVES & HALF,
    start="2026-11-10",
    cite=cite("15 CFR 744.11(a)(1), 744.21(a)(3), 744.8(a)(2)", STAY_2025),
    mark="unverified",
    flag="affiliates_rule_status_unverified",
    note="The suspension ended by its terms on 2026-11-09 unless extended; status unverified.",
)
minority = provision(
    "us.ear.732.supp_3.29",
    stage="note",
    says="A listed party holds a share below half: red flag 29.",
    when=MOVES & SOME & ~HALF,
    start="2025-09-29",
    cite=cite("supp. 3 to 15 CFR part 732, red flag 29", AFFILIATES_2025),
    mark="two_sources",
    flag="listed_minority_owner",
)

PROVISIONS = (
    hq_d5_or_macau,
    weapons,
    entity_list,
    affiliates_2025,
    affiliates_2026,
    meu_list,
    military,
    intelligence,
    supercomputer_2022,
    supercomputer_2023_01,
    supercomputer,
    advanced_fab,
    hq_rule_2023,
    hq_rule_2025,
    supercomputer_review,
    denied,
    denied_at_home,
    unverified_list,
    affiliates_suspended,
    minority,
)
