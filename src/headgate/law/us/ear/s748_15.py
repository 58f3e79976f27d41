"""15 CFR 748.15: validated end users that run data centers."""

from headgate.expr import Expr, field, threshold
from headgate.law.provision import provision
from headgate.law.us.ear.s740_27 import ALLIES, ELSEWHERE, HQ_D5, ITEMS_A, ITEMS_B, PARENT_ALLIED, TO
from headgate.law.us.sources import DC_VEU_2024, DIFFUSION_2025, cite

SHARE, TPP = field("auth.veu_country_share"), field("auth.veu_country_tpp")
COVERS = ("us.ear.742_6.a_6_iii.a", "us.ear.742_6.a_6_iii.b", "us.ear.742_6.a_6_iii.uae")
WORLDWIDE = "us.ear.742_6.a_6_iii.worldwide"
NEEDS = ("veu_listing", "veu_certification", "veu_notice")
# Table 1 to 748.15(a)(2)(iii)(B): the first day of a quarter and the TPP that may stand in the country during it.
NVEU = (
    ("2025-05-15", 949_500_000),
    ("2025-07-01", 1_266_000_000),
    ("2025-10-01", 1_582_500_000),
    ("2026-01-01", 1_899_000_000),
    ("2026-04-01", 2_690_250_000),
    ("2026-07-01", 3_481_500_000),
    ("2026-10-01", 4_272_750_000),
    ("2027-01-01", 5_064_000_000),
)
ENDS = (*(start for start, _ in NVEU[1:]), "2028-01-01")


def held(kind: str) -> Expr:
    """Say that the recipient holds an authorization of one kind, and that it may be used for this line."""
    return (
        (ITEMS_A | ITEMS_B)
        & field("act.activity").one_of("export", "reexport")
        & ~field("auth.veu_number").is_blank()
        & field("auth.veu_type").one_of(kind)
        & ELSEWHERE
        & ~HQ_D5
    )


data_center = provision(
    "us.ear.748_15.veu",
    stage="exempt",
    says="Data Center VEU covers exports and reexports to a validated data center outside Macau and D:5, for parties "
    "not headquartered there.",
    when=held("data_center"),
    start="2024-10-02",
    cite=cite("15 CFR 748.15(b)(2), (c)(2), (d)(2)", DC_VEU_2024),
    mark="primary",
    exception="VEU",
    covers=(*COVERS, WORLDWIDE),
    needs=NEEDS,
    note="By the text printed since 2025-01-13 such an authorization is a universal or a national one. The validated "
    "end users of chip plants in China are another program; Intel Dalian, Samsung China and SK hynix China left it on "
    "2025-12-31 (FR Doc 2025-16735).",
)
universal = provision(
    "us.ear.748_15.uveu",
    stage="exempt",
    says="A universal VEU with its ultimate parent in a destination of supplement 5(a) may hold up to 7 percent of its "
    "performance in any one other country outside Macau and D:5.",
    when=held("universal")
    & PARENT_ALLIED
    & (TO.in_list(ALLIES) | (SHARE <= threshold("us.ear.748_15.uveu/country_share", 0.07, "of its performance"))),
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 748.15(a)(2)(ii), (b)(2)(i); supp. 10 to part 748, para. 6", DIFFUSION_2025),
    mark="primary",
    track="printed",
    exception="UVEU",
    covers=(*COVERS, WORLDWIDE),
    needs=(*NEEDS, "uveu_shares", "uveu_new_site", "veu_security"),
)
national = tuple(
    provision(
        "us.ear.748_15.nveu",
        stage="exempt",
        says=f"A national VEU may have up to {cap:,} TPP in its country outside Macau and D:5, for parties not "
        "headquartered there.",
        when=held("national") & (TPP <= threshold("us.ear.748_15.nveu/tpp", cap, "TPP")),
        start="2025-01-13" if start == NVEU[0][0] else start,
        binds_from=start if start == NVEU[0][0] else None,
        end=end,
        cite=cite("15 CFR 748.15(a)(2)(iii), table 1; supp. 10 to part 748", DIFFUSION_2025),
        mark="primary",
        track="printed",
        exception="NVEU",
        covers=(*COVERS, WORLDWIDE),
        needs=(*NEEDS, "veu_security"),
        note="What may stand there during the quarter, not what may be added. The step of the first quarter of 2025 "
        "(633,000,000 TPP) ended before duties bound; none is printed after 2027.",
    )
    for (start, cap), end in zip(NVEU, ENDS, strict=True)
)

PROVISIONS = (data_center, universal, *national)
