"""Letters by which BIS informed companies of a license requirement.

Each binds its addressee, but is decided by the item's maker or numbers, whoever exports; an unknown maker counts as
reached, and a computer with a reached circuit is reached.
"""

from headgate.expr import Expr, any_part, fact, field, holds, threshold
from headgate.law.kinds import CHIP
from headgate.law.provision import provision
from headgate.law.us.sources import AC_S_2023, IFR_2022, LETTER_2022, LETTER_2023_07, LETTER_2023_10, LETTER_2025, cite

TPP, IO = field("ic.tpp"), field("ic.io_bandwidth")
MAKER, TO = field("ic.maker"), field("act.destination")
MOVES = holds("us.ear.734.movement")
UNCONFIRMED = "letter_addressee_unconfirmed"
# Where the letters of July 2023, October 2023 and 2025 ask for a license.
OTHER_REGIONS = TO.in_list("us.country_group.d4") & ~TO.in_list("us.country_group.a6")
COMING = holds("us.ear.742_6.destinations") | holds("us.ear.744_23.hq_d5_or_macau")
D5_OR_MACAU = TO.in_list("us.country_group.d5") | TO.one_of("MO") | holds("us.ear.744_23.hq_d5_or_macau")
NAMED_2022 = (
    "nvidia-a100-sxm4-40",
    "nvidia-a100-sxm4-80",
    "nvidia-a100x",
    "nvidia-h100-sxm",
    "nvidia-h100-pcie",
    "amd-mi250",
    "amd-mi250x",
    # Families, for parts that are not in the catalog.
    "a100",
    "a100x",
    "h100",
    "mi250",
    "mi250x",
    # What stands in a DGX of whatever kind.
    "dgx",
)


def by(*makers: str) -> Expr:
    """The item's maker is one of these, or is not stated."""
    return MAKER.one_of(*makers) | MAKER.is_blank()


item_2022 = provision(
    "us.letter.2022_08_26.item",
    stage="scope",
    says="The letter of 2022 reaches A100, A100X, H100, DGX and MI250 by name, and what equals them in performance "
    "and I/O.",
    when=by("NVIDIA", "AMD")
    & (
        field("ic.id").one_of(*NAMED_2022)
        | (
            (TPP >= threshold("us.letter.2022_08_26/tpp", 4992, "TPP"))
            & (IO >= threshold("us.letter.2022_08_26/io", 600, "GB/s"))
        )
    ),
    start="2022-08-26",
    end="2023-11-17",
    cite=cite("is-informed letters of 2022-08-26", LETTER_2022),
    ended_by=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
)
letter_2022 = provision(
    "us.letter.2022_08_26",
    stage="require",
    says="The letters of 2022 require a license for A100-class items to China and Russia.",
    when=MOVES & CHIP & any_part(holds("us.letter.2022_08_26.item")) & TO.one_of("CN", "RU"),
    start="2022-08-26",
    end="2022-10-21",
    cite=cite("is-informed letters of 2022-08-26", LETTER_2022),
    ended_by=cite("15 CFR 742.6(a)(6)", IFR_2022),
    mark="two_sources",
    flag=UNCONFIRMED,
    note="No end was published. From 2022-10-21 everything it reached is reached by 3A090 (China) or 746.8 (Russia), "
    "so it ends here.",
)
letter_2023_07 = provision(
    "us.letter.2023_07",
    stage="require",
    says="Letters of 2023 require a license for A100-class items to certain customers and regions, among them the "
    "Middle East.",
    when=MOVES & CHIP & any_part(holds("us.letter.2022_08_26.item")) & OTHER_REGIONS,
    start="2023-07-01",
    end="2023-11-17",
    cite=cite("is-informed letters of July and August 2023", LETTER_2023_07),
    ended_by=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="one_source",
    flag=UNCONFIRMED,
    note="Which customers and regions is not public, nor is the exact day. Country Group D:4 outside A:6 is our "
    "reading of the "
    "regions, and every customer there is taken as reached.",
)
item_2023 = provision(
    "us.letter.2023_10_23.item",
    stage="classify",
    says="The letter of 2023-10-23 applies the coming 3A090.a at once to data-center circuits of 4800 TPP or more.",
    when=by("NVIDIA") & (TPP >= threshold("us.letter.2023_10_23/tpp", 4800, "TPP")) & fact("ic.is_datacenter"),
    start="2023-10-23",
    end="2023-11-17",
    cite=cite("acceleration letter of 2023-10-23", LETTER_2023_10),
    ended_by=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
    eccn="3A090.a",
    paragraph="3A090.a",
    over=("us.ear.3a090.2022", "us.ear.3a991.p"),
)
computer_2023 = provision(
    "us.letter.2023_10_23.computer",
    stage="classify",
    says="A computer with a circuit of the letter of 2023-10-23 is treated as 4A090.a.",
    when=field("item.kind").one_of("computer") & any_part(holds("us.letter.2023_10_23.item")),
    start="2023-10-23",
    end="2023-11-17",
    cite=cite("acceleration letter of 2023-10-23", LETTER_2023_10),
    ended_by=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
    eccn="4A090.a",
    paragraph="4A090.a",
    over=("us.ear.4a090.2022", "us.ear.4a994.l"),
)
letter_2023_10 = provision(
    "us.letter.2023_10_23",
    stage="require",
    says="The letter of 2023-10-23 brings the requirement of 2023-11-17 forward for data-center items of 4800 TPP or "
    "more.",
    when=MOVES & CHIP & any_part(holds("us.letter.2023_10_23.item")) & COMING,
    start="2023-10-23",
    end="2023-11-17",
    cite=cite("acceleration letter of 2023-10-23", LETTER_2023_10),
    ended_by=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
    flag=UNCONFIRMED,
)
item_2025 = provision(
    "us.letter.2025_04_09.item",
    stage="scope",
    says="The letters of 2025 reach circuits by DRAM bandwidth, I/O bandwidth, or both together.",
    when=by("NVIDIA", "AMD", "Intel")
    & (
        (field("ic.dram_bandwidth") >= threshold("us.letter.2025_04_09/dram", 1400, "GB/s"))
        | (IO >= threshold("us.letter.2025_04_09/io", 1100, "GB/s"))
        | (field("ic.total_bandwidth") >= threshold("us.letter.2025_04_09/total", 1700, "GB/s"))
    ),
    start="2025-04-09",
    cite=cite("is-informed letters of 2025-04-09", LETTER_2025),
    mark="two_sources",
)
letter_2025 = provision(
    "us.letter.2025_04_09",
    stage="require",
    says="The letters of 2025 require a license to China, Macau, Country Group D:5 and parties headquartered there.",
    when=MOVES & CHIP & any_part(holds("us.letter.2025_04_09.item")) & D5_OR_MACAU,
    start="2025-04-09",
    cite=cite("is-informed letters of 2025-04-09", LETTER_2025),
    mark="two_sources",
    flag=UNCONFIRMED,
    note="No review policy is published; no rule in the Federal Register carries it.",
)
direct_product = provision(
    "us.letter.direct_product",
    stage="scope",
    says="A direct product that a letter reaches is taken as subject to the EAR where the letter asks for a license.",
    when=fact("item.is_direct_product")
    & CHIP
    & (
        (any_part(holds("us.letter.2022_08_26.item")) & (TO.one_of("CN", "RU") | OTHER_REGIONS))
        | (any_part(holds("us.letter.2023_10_23.item")) & COMING)
        | (any_part(holds("us.letter.2025_04_09.item")) & D5_OR_MACAU)
    ),
    start="2022-08-26",
    cite=cite("is-informed letters", LETTER_2022),
    mark="unverified",
    note="No text says by which rule of 734.9. The circuits named are made abroad, and their makers took them as "
    "reached; the letters of 2025 speak of a risk of use in a supercomputer, which 734.9(i) is about.",
)

PROVISIONS = (
    item_2022,
    item_2023,
    computer_2023,
    item_2025,
    direct_product,
    letter_2022,
    letter_2023_07,
    letter_2023_10,
    letter_2025,
)
