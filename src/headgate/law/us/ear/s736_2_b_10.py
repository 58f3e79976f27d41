"""15 CFR 736.2(b)(10): General Prohibition Ten, and what BIS said of Chinese circuits and of installed machines."""

from headgate.expr import any_of, any_part, fact, field, holds
from headgate.law.fields import USES
from headgate.law.kinds import CHIP
from headgate.law.provision import provision
from headgate.law.us.ear.s734 import ACT, AT_HOME, FROM, MOVEMENTS, UNITED_STATES
from headgate.law.us.sources import ECFR, GP10_2025, GUIDANCE_2026, cite

SECTION = "15 CFR 736.2(b)(10), 764.2(e)"
DESIGNER, NAME = field("item.designer_countries"), field("ic.id")
# Ascend 910B in its bins, 910C and 910D: named, whatever is known of their numbers.
BINS = ("b", "b1", "b2", "b3", "b4", "c", "d")
ASCEND = tuple(f"{maker}ascend-910{name}" for maker in ("huawei-", "") for name in BINS)
NAMED = ~NAME.is_blank() & NAME.one_of(*ASCEND)
HANDLED = ACT.one_of("use", "service")
# Not asked of every export: there it counts when the row states it.
STATED = ~field("act.violation_stated").is_blank() & fact("act.violation_stated")
OTHER_USES = any_of(*(fact(f"use.{u}") for u in USES if u != "technical_analysis"))
# Silence about the end use does not claim the carve-out, and neither does a second use beside it.
ANALYSIS = ~field("use.technical_analysis").is_blank() & fact("use.technical_analysis") & ~OTHER_USES
CHINESE = holds("us.ear.736_2_b_10.items")
# Whether the circuit is subject to the EAR is part of what is presumed, so no other reading of that is asked here.
# Within the United States no item is exported; one that comes in from abroad is bought and moved.
WITHIN = AT_HOME & ~FROM.is_blank() & FROM.one_of(*UNITED_STATES)
PRESUMED = CHINESE & ((ACT.one_of(*MOVEMENTS) & ~WITHIN) | HANDLED)

items = provision(
    "us.ear.736_2_b_10.items",
    stage="scope",
    says="A circuit with the parameters of 3A090.a or .b, or a Huawei Ascend 910B, 910C or 910D, or a computer with "
    "one, is designed in Macau or Country Group D:5.",
    when=CHIP
    & (
        any_part(NAMED)
        | (
            (DESIGNER.in_list("us.country_group.d5") | DESIGNER.one_of("MO"))
            & any_part(holds("us.ear.3a090.a") | holds("us.ear.3a090.b"))
        )
    ),
    start="2025-05-13",
    cite=cite(SECTION, GP10_2025),
    mark="two_sources",
    note="The named circuits are no exhaustive list. The guidance also counts circuits only produced there; a row "
    "states the designer. In a computer one designer there is enough, whichever circuit is its.",
)
presumed = provision(
    "us.ear.736_2_b_10",
    stage="require",
    says="No one may sell, move, buy, finance, store, use or service a 3A090-class circuit designed in Macau or "
    "Country Group D:5 without authorization from BIS, except only to analyze it.",
    when=PRESUMED & ~ANALYSIS,
    start="2025-05-13",
    cite=cite(SECTION, GP10_2025),
    mark="two_sources",
    prohibits=True,
    flag="gp10",
    note="BIS presumes that such a circuit was made with unlicensed technology or equipment; authorization, or proof "
    "that it was licensed, lifts the presumption, and a row cannot prove it. The guidance speaks of a risk of "
    "enforcement; its first announcement said that use anywhere in the world violates the law, and that was taken out.",
)
analysis = provision(
    "us.ear.736_2_b_10.analysis",
    stage="note",
    says="BIS does not pursue one who acquires such a circuit only for technical analysis or destructive testing.",
    when=PRESUMED & ANALYSIS,
    start="2025-05-13",
    cite=cite(SECTION, GP10_2025),
    mark="two_sources",
    flag="gp10_technical_analysis",
)
at_home = provision(
    "us.ear.736_2_b_10.domestic",
    stage="note",
    says="A domestic line with a 3A090-class circuit designed in Macau or Country Group D:5: General Prohibition Ten "
    "may reach it.",
    when=CHINESE & ACT.one_of(*MOVEMENTS) & WITHIN,
    start="2025-05-13",
    cite=cite(SECTION, GP10_2025),
    mark="two_sources",
    flag="gp10",
)
given_as_cloud = provision(
    "us.ear.736_2_b_10.cloud",
    stage="note",
    says="Cloud access to a 3A090-class circuit designed in Macau or Country Group D:5: its operator uses it.",
    when=CHINESE & ACT.one_of("cloud_access"),
    start="2025-05-13",
    cite=cite(SECTION, GP10_2025),
    mark="unverified",
    flag="gp10",
    note="The guidance names use and loan, not access over a network.",
)
known_violation = provision(
    "us.ear.736_2_b_10.known_violation",
    stage="require",
    says="No one may sell, move, buy, finance, store, use or service an item when it is known that a violation of the "
    "EAR stands behind it.",
    when=(HANDLED & fact("act.known_violation")) | (ACT.one_of(*MOVEMENTS) & ~WITHIN & STATED),
    start="2022-08-26",
    cite=cite(SECTION, ECFR),
    mark="two_sources",
    prohibits=True,
)
known_elsewhere = provision(
    "us.ear.736_2_b_10.known_elsewhere",
    stage="note",
    says="A known violation is stated on a domestic line, cloud access or a deemed export.",
    when=((ACT.one_of(*MOVEMENTS) & WITHIN) | ACT.one_of("cloud_access", "deemed_export"))
    & fact("act.known_violation"),
    start="2022-08-26",
    cite=cite(SECTION, ECFR),
    mark="unverified",
    flag="known_violation_stated",
    note="General Prohibition Ten reaches it too. It is not asked of every export, so that a blank frees nothing and "
    "asks nothing.",
)
installed = provision(
    "us.ear.742_6.a_6_iii.installed",
    stage="note",
    says="Bona fide data-center operators with headquarters or a parent in Macau or Country Group D:5 need not stop "
    "use, storage, disposal or servicing of what is installed, until further notice.",
    when=HANDLED
    & (holds("us.ear.742_6.items_a") | holds("us.ear.742_6.items_b"))
    & holds("us.ear.744_23.hq_d5_or_macau"),
    start="2026-05-31",
    cite=cite("15 CFR 742.6(a)(6)(iii)(A), 744.23(a)(3)", GUIDANCE_2026),
    mark="two_sources",
    flag="HQ-02",
    note="`Bona fide` is undefined, new transfers are not covered, and a row cannot say that the headquarters rule is "
    "the only one broken: a known violation stays prohibited.",
)

PROVISIONS = (
    items,
    presumed,
    known_violation,
    analysis,
    at_home,
    given_as_cloud,
    known_elsewhere,
    installed,
)
