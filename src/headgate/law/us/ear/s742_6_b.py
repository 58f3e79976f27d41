"""15 CFR 742.6(b)(10): how license applications for advanced computing items are reviewed."""

from headgate.expr import any_of, any_part, fact, field, holds
from headgate.law.kinds import RELATED
from headgate.law.provision import provision
from headgate.law.us.sources import AC_S_2023, DIFFUSION_2025, FIX_2024, H200_2026, IFR_2022, cite

TO = field("act.destination")
HQ, PARENT = field("party.hq"), field("party.parent")
D5_OR_MACAU = TO.in_list("us.country_group.d5") | TO.one_of("MO") | holds("us.ear.744_23.hq_d5_or_macau")
CONTROLLED = any_of(
    holds("us.ear.742_6.a_6_iii.a"),
    holds("us.ear.742_6.a_6_iii.b"),
    holds("us.ear.742_6.a_6_iii.hq"),
    holds("us.ear.744_23.a_3"),
)
LETTER_2023 = holds("us.letter.2023_10_23")
DATACENTER_A = any_part(holds("us.ear.3a090.a") & fact("ic.is_datacenter")) | holds("us.ear.3a090.note_1")
# The case-by-case line names commodities; software and technology stay with the presumption.
STRICT = DATACENTER_A | RELATED
ALLIED = ("us.country_group.a5", "us.country_group.a6")
# With several parties, one that is not allied counts against the exporter, whoever else is.
ALLIED_HQ = (
    (HQ.one_of("US") | any_of(*(HQ.in_list(g) for g in ALLIED)))
    & (PARENT.one_of("US") | any_of(*(PARENT.in_list(g) for g in ALLIED)))
    & ~holds("us.ear.744_23.hq_d5_or_macau")
    & fact("party.is_one_hq")
    & fact("party.is_one_parent")
)
GATE = holds("us.ear.742_6.b_10_iii.gate")

denial_2022 = provision(
    "us.ear.742_6.b_10.2022",
    stage="review",
    says="Applications for 3A090 and 4A090 items to China are reviewed with a presumption of denial.",
    when=holds("us.ear.742_6.a_6") & ~ALLIED_HQ,
    start="2022-10-21",
    end="2023-11-17",
    cite=cite("15 CFR 742.6(b)(10)", IFR_2022),
    ended_by=cite("15 CFR 742.6(b)(10)", AC_S_2023),
    mark="unverified",
    policy="presumption_of_denial",
)
allied_2022 = provision(
    "us.ear.742_6.b_10.2022_allied",
    stage="review",
    says="Applications for end users in China headquartered in the United States, A:5 or A:6 are reviewed case by "
    "case.",
    when=holds("us.ear.742_6.a_6") & ALLIED_HQ,
    start="2022-10-21",
    end="2023-11-17",
    cite=cite("15 CFR 742.6(b)(10), 744.23(d)", IFR_2022),
    ended_by=cite("15 CFR 742.6(b)(10)", AC_S_2023),
    mark="unverified",
    policy="case_by_case",
)
denial_2023 = provision(
    "us.ear.742_6.b_10.denial",
    stage="review",
    says="Macau, Country Group D:5, and parties headquartered there: presumption of denial.",
    when=(CONTROLLED | LETTER_2023) & D5_OR_MACAU,
    start="2023-10-23",
    end="2024-04-04",
    cite=cite("15 CFR 742.6(b)(10)", AC_S_2023),
    known_from="2023-10-24",
    mark="two_sources",
    policy="presumption_of_denial",
)
denial_2024 = provision(
    "us.ear.742_6.b_10.denial",
    stage="review",
    says="Macau, Country Group D:5, and parties headquartered there: presumption of denial for data-center items of "
    ".a, and for software and technology.",
    when=CONTROLLED & D5_OR_MACAU & STRICT,
    start="2024-04-04",
    end="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)", FIX_2024),
    mark="two_sources",
    policy="presumption_of_denial",
)
denial_2026 = provision(
    "us.ear.742_6.b_10.denial",
    stage="review",
    says="Macau, Country Group D:5, and parties headquartered there: presumption of denial for data-center items of "
    ".a outside the H200 rule, and for software and technology.",
    when=CONTROLLED & D5_OR_MACAU & STRICT & ~GATE,
    start="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)", H200_2026),
    mark="two_sources",
    policy="presumption_of_denial",
)
case_by_case_2024 = provision(
    "us.ear.742_6.b_10.case_by_case",
    stage="review",
    says="Circuits and computers that are not data-center items of .a are reviewed case by case.",
    when=CONTROLLED & D5_OR_MACAU & ~STRICT,
    start="2024-04-04",
    end="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)", FIX_2024),
    mark="two_sources",
    policy="case_by_case",
)
case_by_case_2026 = provision(
    "us.ear.742_6.b_10.case_by_case",
    stage="review",
    says="Circuits and computers that are not data-center items of .a are reviewed case by case.",
    when=CONTROLLED & D5_OR_MACAU & ~STRICT,
    start="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)", H200_2026),
    mark="two_sources",
    policy="case_by_case",
    flag="review_policy_sources_disagree",
    note="A digest of the H200 rule reads everything outside its gate to China and Macau as presumption of denial; "
    "another keeps "
    "case by case for what is no data-center item of .a, as here.",
)
APPROVAL = "Country Groups D:1 and D:4 outside D:5, for parties not headquartered there: presumption of approval"
DESTINED = holds("us.ear.742_6.a_6_iii.a") | holds("us.ear.742_6.a_6_iii.b")
approval_2023 = provision(
    "us.ear.742_6.b_10.approval",
    stage="review",
    says=f"{APPROVAL}.",
    when=(DESTINED | LETTER_2023) & ~D5_OR_MACAU,
    start="2023-10-23",
    end="2025-05-15",
    cite=cite("15 CFR 742.6(b)(10)", AC_S_2023),
    known_from="2023-10-24",
    mark="two_sources",
    policy="presumption_of_approval",
    note="Before 2023-11-17 only for what the letter of 2023-10-23 brought forward.",
)
approval_enforced = provision(
    "us.ear.742_6.b_10.approval",
    stage="review",
    says=f"{APPROVAL}.",
    when=DESTINED & ~D5_OR_MACAU,
    start="2025-05-15",
    cite=cite("15 CFR 742.6(b)(10)", AC_S_2023),
    mark="two_sources",
    known_from="2025-05-13",
    track="enforced",
    policy="presumption_of_approval",
)
approval_printed = provision(
    "us.ear.742_6.b_10.approval",
    stage="review",
    says=f"{APPROVAL}, for .b items.",
    when=holds("us.ear.742_6.a_6_iii.b") & ~D5_OR_MACAU,
    start="2025-05-15",
    cite=cite("15 CFR 742.6(b)(10)(iv)(A)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    policy="presumption_of_approval",
    note="For .a items the printed policy turns on the country allocation.",
)

PROVISIONS = (
    denial_2022,
    allied_2022,
    denial_2023,
    denial_2024,
    denial_2026,
    case_by_case_2024,
    case_by_case_2026,
    approval_2023,
    approval_enforced,
    approval_printed,
)
