"""15 CFR 740.27, 740.28, 740.29: License Exceptions AIA, ACM and LPP, as printed and never enforced."""

from headgate.expr import fact, field, holds, threshold
from headgate.law.kinds import CHIP, TECHNOLOGY
from headgate.law.provision import provision
from headgate.law.us.sources import DIFFUSION_2025, FOUNDRY_2025, FOUNDRY_FIX_2026, cite

TO, ACT = field("act.destination"), field("act.activity")
FOR_COMPUTER = field("item.commodity").one_of("computer")
HQ, PARENT = field("party.hq"), field("party.parent")
STATUS, DESIGNERS = field("item.designer_status"), field("item.designer_countries")
ITEMS_A, ITEMS_B = holds("us.ear.742_6.items_a"), holds("us.ear.742_6.items_b")
HQ_D5 = holds("us.ear.744_23.hq_d5_or_macau")
ELSEWHERE = ~(TO.in_list("us.country_group.d5") | TO.one_of("MO"))
LISTED = ~fact("party.is_unverified")
ALLIES = "us.diffusion.supplement_5a"
# With several parties, one that is not allied counts against the exporter, whoever else is.
PARENT_ALLIED = PARENT.in_list(ALLIES) & fact("party.is_one_parent")
ALL_ALLIED = HQ.in_list(ALLIES) & fact("party.is_one_hq") & PARENT_ALLIED
HOME = (
    DESIGNERS.in_list("us.country_group.a1") | DESIGNERS.in_list("us.country_group.a5") | DESIGNERS.one_of("TW")
) & ~(DESIGNERS.in_list("us.country_group.d5") | DESIGNERS.one_of("MO"))
DESIGNED = holds("us.ear.3a090.note_1.designer") | holds("us.ear.740_27.designer")
WORLDWIDE = "us.ear.742_6.a_6_iii.worldwide"

DESIGNER = "A designer of unstated status that is headquartered in Taiwan, A:1 or A:5 passes as an authorized one"
DESIGNER_NOTE = (
    "An authorized designer has also agreed to report (743.9(b)), which is not a fact of the row: the status stands "
    "among what must still be shown. Where it is located, and its ultimate parent, are not asked."
)

designer_2025 = provision(
    "us.ear.740_27.designer",
    stage="scope",
    says=f"{DESIGNER} before 2026-04-13.",
    when=STATUS.is_blank() & HOME,
    start="2025-01-16",
    binds_from="2025-01-31",
    end="2026-04-13",
    cite=cite("15 CFR 740.27(a)(1), 740.28; ECCN 3A090, Note 1 to 3A090.a, para. a(2)", FOUNDRY_2025),
    ended_by=cite("ECCN 3A090, Note 1 to 3A090.a, para. a(2)", FOUNDRY_2025),
    mark="two_sources",
    track="printed",
    note=DESIGNER_NOTE,
)
designer_2026 = provision(
    "us.ear.740_27.designer",
    stage="scope",
    says=f"{DESIGNER} before 2026-12-31.",
    when=STATUS.is_blank() & HOME,
    start="2026-04-13",
    end="2026-12-31",
    cite=cite("15 CFR 740.27(a)(1), 740.28; ECCN 3A090, Note 1 to 3A090.a, para. a(2)", FOUNDRY_FIX_2026),
    mark="two_sources",
    track="printed",
    note=f"{DESIGNER_NOTE} From the end on it must have applied for approval, so its status is to be stated.",
)
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

PROVISIONS = (designer_2025, designer_2026, aia, aia_weights, acm, lpp)
