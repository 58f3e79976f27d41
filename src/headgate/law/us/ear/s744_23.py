"""15 CFR 744.23: supercomputers, advanced-node fabs, and parties headquartered in Macau or Country Group D:5."""

from headgate.expr import any_of, fact, field, holds
from headgate.law.kinds import CHIP
from headgate.law.provision import provision
from headgate.law.us.sources import AC_S_2023, ECFR, IFR_2022, MACAU_2023, cite

TO = field("act.destination")
HQ, PARENT = field("party.hq"), field("party.parent")
MOVES = holds("us.ear.734.movement")
# A memory is a circuit too; whether its own entry is one of those named is not modeled, so it is taken to be.
ANY_CIRCUIT = CHIP | field("item.kind").one_of("hbm")
D5_OR_MACAU = TO.in_list("us.country_group.d5") | TO.one_of("MO")
FAB = "A license is required for any item when it is known that it goes to an advanced-node fab in "
SUPERCOMPUTER = "A license is required for circuits and computers when it is known that they go to a supercomputer in "

hq_d5_or_macau = provision(
    "us.ear.744_23.hq_d5_or_macau",
    stage="scope",
    says="A party is headquartered, or has its ultimate parent headquartered, in Macau or Country Group D:5.",
    when=any_of(
        HQ.in_list("us.headquarters.d5"),
        HQ.one_of("MO"),
        PARENT.in_list("us.headquarters.d5"),
        PARENT.one_of("MO"),
    ),
    start="2022-10-21",
    cite=cite("15 CFR 744.23(a)(3)", AC_S_2023),
    known_from="2022-10-13",
    note="A D:5 country that is also in A:5 or A:6 (Cyprus until 2024-05-30) is left out, as in the destination scope; "
    "the text does not say so, BIS's count of countries does. No requirement turns on this before 2023-10-23; the "
    "review policy of 2022 does.",
    mark="two_sources",
)
hq_rule_2023 = provision(
    "us.ear.744_23.a_3",
    stage="require",
    says="A license is required for .a and .b items to any other destination when a party is headquartered, or has "
    "its ultimate "
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
    says="A license is required for .b items to any other destination when a party is headquartered, or has its "
    "ultimate parent, "
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
supercomputer_2022 = provision(
    "us.ear.744_23.a_1",
    stage="require",
    says=SUPERCOMPUTER + "China.",
    when=MOVES & ANY_CIRCUIT & fact("use.supercomputer") & TO.one_of("CN"),
    start="2022-10-21",
    end="2023-01-17",
    cite=cite("15 CFR 744.23(a)(1)", IFR_2022),
    mark="two_sources",
)
supercomputer_2023_01 = provision(
    "us.ear.744_23.a_1",
    stage="require",
    says=SUPERCOMPUTER + "China or Macau.",
    when=MOVES & ANY_CIRCUIT & fact("use.supercomputer") & TO.one_of("CN", "MO"),
    start="2023-01-17",
    end="2023-11-17",
    cite=cite("15 CFR 744.23(a)(1)", MACAU_2023),
    mark="unverified",
)
supercomputer = provision(
    "us.ear.744_23.a_1",
    stage="require",
    says=SUPERCOMPUTER + "Macau or Country Group D:5.",
    when=MOVES & ANY_CIRCUIT & fact("use.supercomputer") & D5_OR_MACAU,
    start="2023-11-17",
    cite=cite("15 CFR 744.23(a)(1)", ECFR),
    mark="two_sources",
    note="The size of a supercomputer (772.1) is the user's to judge; the end use is stated or not.",
)
supercomputer_review = provision(
    "us.ear.744_23.d",
    stage="review",
    says="Applications for a supercomputer or advanced-node fab are reviewed with a presumption of denial.",
    when=holds("us.ear.744_23.a_1") | holds("us.ear.744_23.a_2"),
    start="2022-10-07",
    cite=cite("15 CFR 744.23(d)", IFR_2022),
    mark="unverified",
    policy="presumption_of_denial",
)
fab_2022 = provision(
    "us.ear.744_23.a_2",
    stage="require",
    says=FAB + "China.",
    when=MOVES & fact("use.advanced_node_fab") & TO.one_of("CN"),
    start="2022-10-07",
    end="2023-01-17",
    cite=cite("15 CFR 744.23(a)(2)", IFR_2022),
    mark="one_source",
)
fab_2023_01 = provision(
    "us.ear.744_23.a_2",
    stage="require",
    says=FAB + "China or Macau.",
    when=MOVES & fact("use.advanced_node_fab") & TO.one_of("CN", "MO"),
    start="2023-01-17",
    end="2023-11-17",
    cite=cite("15 CFR 744.23(a)(2)", MACAU_2023),
    mark="unverified",
)
advanced_fab = provision(
    "us.ear.744_23.a_2",
    stage="require",
    says=FAB + "Macau or Country Group D:5.",
    when=MOVES & fact("use.advanced_node_fab") & D5_OR_MACAU,
    start="2023-11-17",
    cite=cite("15 CFR 744.23(a)(2)", AC_S_2023),
    mark="one_source",
)

PROVISIONS = (
    hq_d5_or_macau,
    supercomputer_2022,
    supercomputer_2023_01,
    supercomputer,
    fab_2022,
    fab_2023_01,
    advanced_fab,
    hq_rule_2023,
    hq_rule_2025,
    supercomputer_review,
)
