"""Law that the book does not model yet.

A stated value that asks for it gives `not_modeled`; a blank that could be such a value never frees.
"""

from headgate.expr import FALSE, Expr, any_of, fact, field, holds
from headgate.law.provision import Provision, provision
from headgate.law.us.sources import ECFR, HBM_2024, cite
from headgate.source import Cite

ACT = field("act.activity")
CLOUD = ACT.one_of("cloud_access")
# Uses of computing that are not plainly civil: whether serving them is support is another question than for training.
DOUBTFUL = any_of(*(fact(f"use.{u}") for u in ("military", "supercomputer", "advanced_node_fab", "chip_manufacturing")))
PLACES = (field("act.destination"), field("party.hq"), field("party.parent"))
SANCTIONED = ("us.embargoed", "us.russia_belarus")


def _gap(name: str, says: str, when: Expr, start: str, citation: Cite, flag: str = "") -> Provision:
    """One registered gap."""
    return provision(
        f"not_modeled.{name}",
        stage="not_modeled",
        says=says,
        when=when,
        start=start,
        cite=citation,
        known_from=start,
        mark="unverified",
        flag=flag,
    )


PROVISIONS = (
    _gap(
        "deemed_exports",
        "Deemed exports: release of technology or source code to foreign persons.",
        ACT.one_of("deemed_export"),
        "2022-08-26",
        cite("15 CFR 734.13(a)(2)", ECFR),
    ),
    _gap(
        "cloud_support",
        "Whether giving computing to a party of Macau or Country Group D:5, or for a use that is not plainly civil, is "
        "support within 744.6 or the statement on training turns on what the provider knows, which no column states.",
        CLOUD & (DOUBTFUL | holds("us.ear.736_2_b_10.items") | holds("us.ear.744_6.d5_customer")),
        "2022-08-26",
        cite("15 CFR 744.6; BIS policy statement of 2025-05-13", ECFR),
        flag="cloud_review",
    ),
    _gap(
        "memory_technology",
        "Software and technology for high-bandwidth memory of 3A090.c: 3D001 and 3E001.",
        field("item.kind").one_of("software", "technology")
        & ~field("item.hbm_density").is_blank()
        & holds("us.ear.734.movement"),
        "2024-12-31",
        cite("15 CFR part 774, supp. 1, ECCNs 3D001, 3E001", HBM_2024),
    ),
    _gap(
        "other_items",
        "Items that are no chip, computer, memory, software, technology or model weights: a line that says neither "
        "what it is nor of what kind could be any of them.",
        holds("us.ear.734.movement")
        & ~field("item.kind").one_of("ic", "computer", "hbm", "software", "technology", "model_weights"),
        "2022-08-26",
        cite("supp. 1 to 15 CFR part 774", ECFR),
    ),
    _gap(
        "treasury_sanctions",
        "Sanctions of the Treasury on service to Cuba, Iran, North Korea, Syria, Russia, Belarus and the occupied "
        "regions: what the EAR leaves free they may forbid.",
        (
            ACT.one_of("use", "service", "cloud_access")
            & (
                any_of(*(place.in_list(group) for place in PLACES for group in SANCTIONED))
                | (field("act.destination").one_of("UA") & fact("act.is_occupied_region"))
            )
        )
        | (CLOUD & any_of(*(field("act.cloud_customer_hq").in_list(group) for group in SANCTIONED))),
        "2022-08-26",
        cite("31 CFR parts 500 to 599; 15 CFR 744.6(a)", ECFR),
    ),
    _gap(
        "other_exceptions",
        "License Exceptions TMP, RPL, GOV, TSU and STA, and general validated end users: they never lower an answer."
        " They are not in the book.",
        FALSE,
        "2022-08-26",
        cite("15 CFR 740.2(a)(9)(ii)", ECFR),
    ),
    _gap(
        "foreign_direct_product",
        "The foreign-direct-product rules for other items: by national security outside the 3A090 family, satellites, "
        "the 600 series, chip-making equipment.",
        FALSE,
        "2022-08-26",
        cite("15 CFR 734.9(b), (c), (d), (e)(3), (k)", ECFR),
    ),
    _gap(
        "savings_clauses",
        "Savings clauses whose text was not read: an order or shipment before a rule's day may proceed under the old "
        "terms; the event date decides here.",
        FALSE,
        "2022-08-26",
        cite("the savings clause of each rule", ECFR),
    ),
    _gap(
        "names",
        "Party names: until screening exists a name decides nothing.",
        FALSE,
        "2022-08-26",
        cite("supp. 4 to 15 CFR part 744", ECFR),
    ),
)
