"""15 CFR 740.27, 740.28, 740.29: License Exceptions AIA, ACM and LPP, as printed and never enforced."""

from headgate.expr import fact, field, holds, threshold
from headgate.law.kinds import CHIP, TECHNOLOGY
from headgate.law.provision import provision
from headgate.law.us.sources import DIFFUSION_2025, cite

TO, ACT = field("act.destination"), field("act.activity")
FOR_COMPUTER = field("item.commodity").one_of("computer")
HQ, PARENT = field("party.hq"), field("party.parent")
ITEMS_A, ITEMS_B = holds("us.ear.742_6.items_a"), holds("us.ear.742_6.items_b")
HQ_D5 = holds("us.ear.744_23.hq_d5_or_macau")
ELSEWHERE = ~(TO.in_list("us.country_group.d5") | TO.one_of("MO"))
LISTED = ~fact("party.is_unverified")
ALLIES = "us.diffusion.supplement_5a"
# With several parties, one that is not allied counts against the exporter, whoever else is.
PARENT_ALLIED = PARENT.in_list(ALLIES) & fact("party.is_one_parent")
ALL_ALLIED = HQ.in_list(ALLIES) & fact("party.is_one_hq") & PARENT_ALLIED
# A designer whose status nobody states does not qualify: a blank never opens an exception.
DESIGNED = holds("us.ear.3a090.note_1.designer")
WORLDWIDE = "us.ear.742_6.a_6_iii.worldwide"

aia = provision(
    "us.ear.740_27.aia",
    stage="exempt",
    says="AIA covers .a items to destinations of supplement 5(a) to part 740 for parties headquartered there, and "
    "with their ultimate parents there.",
    when=ITEMS_A & TO.in_list(ALLIES) & ALL_ALLIED & (FOR_COMPUTER | (DESIGNED & ~TECHNOLOGY)) & LISTED,
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 740.27(a), (b), (c)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    exception="AIA",
    covers=(WORLDWIDE,),
    needs=("aia_certification", "aia_notice", "aia_large_order"),
    note="Software is eligible, and technology for computers, not that for circuits (3E001). The rule of 2025-01-16 "
    "added the designer's condition for circuits and for the .z items 5A002 and 5A992, not for computers of 4A090.a. "
    "The certification is asked of commodities alone.",
)
aia_weights = provision(
    "us.ear.740_27.a_3",
    stage="exempt",
    says="AIA covers model weights outside Macau and D:5 for parties whose ultimate parent is headquartered in a "
    "destination of supplement 5(a), stored as supplement 10 to part 748 demands.",
    when=holds("us.ear.742_6.a_13") & ELSEWHERE & PARENT_ALLIED & ~HQ_D5 & LISTED,
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 740.27(a)(3)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    exception="AIA",
    covers=("us.ear.742_6.a_13",),
    needs=("weights_storage",),
    note="The text names headquarters or an ultimate parent there. Headquarters alone, under a parent elsewhere, do "
    "not open it here: 742.6(b)(14) reviews such a party with a presumption of denial.",
)
acm = provision(
    "us.ear.740_28.acm",
    stage="exempt",
    says="ACM covers .a and .b items, software and technology with them, for development, production or storage "
    "outside Macau and D:5, for parties not headquartered there.",
    when=(ITEMS_A | ITEMS_B) & fact("use.chip_manufacturing") & ELSEWHERE & ~HQ_D5 & DESIGNED & LISTED,
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 740.28; 740.2(a)(9)(ii)", DIFFUSION_2025),
    mark="two_sources",
    track="printed",
    exception="ACM",
    covers=("us.ear.742_6.a_6_iii.a", "us.ear.742_6.a_6_iii.b", WORLDWIDE),
    needs=("acm_private_sector", "acm_customers", "acm_accounting"),
    note="The text of 2025-01-15 was read; the designer's condition of 2025-01-16 only as two digests report it, so "
    "it is asked for computers too. What the UAE rule of 2026-07-10 says of it was not read.",
)
lpp = provision(
    "us.ear.740_29.lpp",
    stage="exempt",
    says="LPP covers exports and reexports of .a items up to 26,900,000 TPP per ultimate consignee and calendar year, "
    "outside D:1, D:4 and D:5 (except A:5 and A:6), for parties not headquartered in Macau or D:5.",
    when=CHIP
    & ITEMS_A
    & ACT.one_of("export", "reexport")
    & ~holds("us.ear.742_6.destinations")
    & ~HQ_D5
    & LISTED
    & ~field("act.quantity").is_blank()
    & (field("act.lpp_tpp") <= threshold("us.ear.740_29.lpp/tpp", 26_900_000, "TPP")),
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 740.29; 740.2(a)(9)(ii)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    exception="LPP",
    covers=(WORLDWIDE,),
    needs=("lpp_one_consignee", "lpp_statement", "lpp_notice"),
    note="740.29(c) bars Macau and D:5 only, but LPP is not among the exceptions that 740.2(a)(9)(ii) leaves for D:1 "
    "and D:4. The .z items of 5A002 are not eligible; a row does not tell them apart.",
)

PROVISIONS = (aia, aia_weights, acm, lpp)
