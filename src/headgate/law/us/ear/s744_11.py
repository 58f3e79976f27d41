"""15 CFR 744.8, 744.11, 744.15, 744.21 and part 764: listed and denied parties, and who owns them."""

from headgate.expr import fact, field, holds, threshold
from headgate.law.provision import provision
from headgate.law.us.sources import AFFILIATES_2025, ECFR, GP10_2025, STAY_2025, cite

DESIGNER = field("item.designer_countries")
MOVES = holds("us.ear.734.movement")
HALF = field("party.listed_owner_share") >= threshold("us.ear.744_11.affiliates/share", 0.5, "of the shares")
SOME = field("party.listed_owner_share") > threshold("us.ear.732.supp_3.29/share", 0, "of the shares")
AFFILIATES = "A license is required when listed parties together hold half or more of a party."

entity_list = provision(
    "us.ear.744_11",
    stage="require",
    says="A license is required for every item when a party to the transaction is on the Entity List.",
    when=MOVES & fact("party.is_entity_listed"),
    start="2022-08-26",
    cite=cite("15 CFR 744.11, 744.16; supp. 4 to part 744", ECFR),
    mark="primary",
    flag="read_entity_list_entry",
    note="The license requirement and review policy of each entry stand in its own columns; the row does not say "
    "which.",
)
affiliates_2025 = provision(
    "us.ear.744_11.affiliates",
    stage="require",
    says=AFFILIATES,
    when=MOVES & HALF,
    start="2025-09-29",
    end="2025-11-10",
    cite=cite("15 CFR 744.11(a)(1), 744.21(a)(3), 744.8(a)(2)", AFFILIATES_2025),
    ended_by=cite("15 CFR 744.11", STAY_2025),
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
minority_2025 = provision(
    "us.ear.732.supp_3.29",
    stage="note",
    says="A listed party holds a share below half: red flag 29.",
    when=MOVES & SOME & ~HALF,
    start="2025-09-29",
    end="2025-11-10",
    cite=cite("supp. 3 to 15 CFR part 732, red flag 29", AFFILIATES_2025),
    ended_by=cite("supp. 3 to 15 CFR part 732", STAY_2025),
    mark="two_sources",
    flag="listed_minority_owner",
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
chinese_design_at_home = provision(
    "us.ear.736_2_b_10.domestic",
    stage="note",
    says="A domestic line with a 3A090-class circuit designed in Macau or Country Group D:5: General Prohibition Ten "
    "may reach it.",
    when=(DESIGNER.in_list("us.country_group.d5") | DESIGNER.one_of("MO"))
    & (holds("us.ear.742_6.items_a") | holds("us.ear.742_6.items_b"))
    & holds("not_an_export"),
    start="2025-05-13",
    cite=cite("15 CFR 736.2(b)(10)", GP10_2025),
    mark="two_sources",
    flag="gp10",
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
    when=fact("party.is_denied")
    & ~(holds("not_an_export") & field("act.activity").one_of("export", "reexport", "transfer")),
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
minority_2026 = provision(
    "us.ear.732.supp_3.29",
    stage="note",
    says="A listed party holds a share below half: red flag 29.",
    when=MOVES & SOME & ~HALF,
    start="2026-11-10",
    cite=cite("supp. 3 to 15 CFR part 732, red flag 29", STAY_2025),
    mark="unverified",
    flag="listed_minority_owner",
)

PROVISIONS = (
    entity_list,
    affiliates_2025,
    affiliates_2026,
    meu_list,
    listed_review,
    denied,
    denied_at_home,
    chinese_design_at_home,
    unverified_list,
    affiliates_suspended,
    minority_2025,
    minority_2026,
)
