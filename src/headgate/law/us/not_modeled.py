"""Law that the book does not model yet.

A stated value that asks for it gives `not_modeled`; a blank that could be such a value never frees.
"""

from headgate.expr import FALSE, Expr, field, holds
from headgate.law.provision import Provision, provision
from headgate.law.us.sources import DIFFUSION_2025, ECFR, FOUNDRY_2025, GP10_2025, HBM_2024, cite
from headgate.source import Cite

ACT, KIND = field("act.activity"), field("item.kind")
DESIGNER = field("item.designer_countries")
# A line that ends in the United States asks for none of this, unless the act itself does.
AT_HOME = holds("not_an_export")


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
        "cloud_access",
        "Remote access to chips, 744.6 support and the policy statement on training.",
        ACT.one_of("cloud_access"),
        "2022-08-26",
        cite("15 CFR 744.6; BIS policy statement of 2025-05-13", ECFR),
    ),
    _gap(
        "use_and_service",
        "Use, storage, financing and service: General Prohibition Ten, 744.23 maintenance, the relief of 2026-05-31.",
        ACT.one_of("use", "service"),
        "2022-08-26",
        cite("15 CFR 736.2(b)(10), 764.2(e)", ECFR),
    ),
    _gap(
        "general_prohibition_ten",
        "General Prohibition Ten for 3A090-class circuits designed by parties of Macau or Country Group D:5.",
        ~AT_HOME
        & (DESIGNER.in_list("us.country_group.d5") | DESIGNER.one_of("MO"))
        & (holds("us.ear.742_6.items_a") | holds("us.ear.742_6.items_b")),
        "2025-05-13",
        cite("15 CFR 736.2(b)(10)", GP10_2025),
        flag="gp10",
    ),
    _gap(
        "hbm",
        "High-bandwidth memory: 3A090.c, its scope and License Exception HBM.",
        (KIND.one_of("hbm") | (~field("item.hbm_density").is_blank() & KIND.is_blank())) & ~AT_HOME,
        "2022-08-26",
        cite("15 CFR part 774, supp. 1, ECCN 3A090.c", HBM_2024),
    ),
    _gap(
        "software_and_technology",
        "Software and technology: 3D001, 3E001, 4D090, 4E001 and their foreign-direct-product rules.",
        KIND.one_of("software", "technology") & ~AT_HOME,
        "2022-08-26",
        cite("15 CFR part 774, supp. 1, ECCNs 4D090, 4E001", ECFR),
    ),
    _gap(
        "model_weights",
        "Model weights: 4E091 as printed.",
        (KIND.one_of("model_weights") | (~field("item.training_operations").is_blank() & KIND.is_blank())) & ~AT_HOME,
        "2022-08-26",
        cite("15 CFR part 774, supp. 1, ECCN 4E091", DIFFUSION_2025),
    ),
    _gap(
        "foundry_presumption",
        "Foundry due diligence: a front-end fabricator's or packager's logic circuit is presumed to be 3A090.a.",
        field("act.exporter_role").one_of("foundry", "osat") & KIND.one_of("ic") & ~AT_HOME,
        "2025-01-31",
        cite("15 CFR part 774, supp. 1, ECCN 3A090, Note 1 to 3A090.a", FOUNDRY_2025),
    ),
    _gap(
        "diffusion_exceptions",
        "License Exceptions AIA, ACM and LPP, country allocations, UVEU and NVEU as printed: they never lower an "
        "answer here.",
        FALSE,
        "2025-01-13",
        cite("15 CFR 740.27, 740.28, 740.29; supp. 10 to part 748", DIFFUSION_2025),
    ),
    _gap(
        "other_exceptions",
        "License Exceptions TMP, RPL, GOV, TSU, HBM and STA, and validated end users: they never lower an answer here.",
        FALSE,
        "2022-08-26",
        cite("15 CFR 740.2(a)(9)(ii)", ECFR),
    ),
    _gap(
        "foreign_direct_product",
        "Whether a foreign-made item is subject to the EAR: every item is taken as subject.",
        FALSE,
        "2022-08-26",
        cite("15 CFR 734.9", ECFR),
    ),
    _gap(
        "savings_clauses",
        "Savings clauses: an order or shipment before a rule's day may proceed under the old terms; the event date "
        "decides here.",
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
    _gap(
        "red_flags",
        "Red flags and due diligence of supplement 3 to part 732 and of BIS's guidance of 2025-05-13, except a "
        "listed owner.",
        FALSE,
        "2022-08-26",
        cite("supp. 3 to 15 CFR part 732", GP10_2025),
    ),
)
