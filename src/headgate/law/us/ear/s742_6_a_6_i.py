"""15 CFR 742.6(a)(6)(i)(B) and 744.23(a)(3)(i)(B): high-bandwidth memory, by destination and by headquarters."""

from headgate.expr import field, holds
from headgate.law.provision import provision
from headgate.law.us.ear.s742_6_b import ALLIED_HQ
from headgate.law.us.sources import HBM_2024, cite

TO = field("act.destination")
MOVES, ITEMS_C = holds("us.ear.734.movement"), holds("us.ear.3a090.c")
D5_OR_MACAU = TO.in_list("us.country_group.d5") | TO.one_of("MO")
CONTROLLED = holds("us.ear.742_6.a_6_i_b") | holds("us.ear.744_23.a_3_i_b")

by_destination = provision(
    "us.ear.742_6.a_6_i_b",
    stage="require",
    says="A license is required for high-bandwidth memory of 3A090.c to Macau and Country Group D:5.",
    when=MOVES & ITEMS_C & D5_OR_MACAU,
    start="2024-12-02",
    binds_from="2024-12-31",
    cite=cite("15 CFR 742.6(a)(6)(i)(B)", HBM_2024),
    mark="primary",
)
by_headquarters = provision(
    "us.ear.744_23.a_3_i_b",
    stage="require",
    says="A license is required for high-bandwidth memory of 3A090.c to any other destination when a party is "
    "headquartered, or has its ultimate parent, in Macau or Country Group D:5.",
    when=MOVES & ITEMS_C & holds("us.ear.744_23.hq_d5_or_macau") & ~D5_OR_MACAU,
    start="2024-12-02",
    binds_from="2024-12-31",
    cite=cite("15 CFR 744.23(a)(3)(i)(B)", HBM_2024),
    mark="two_sources",
    note="The memory has its own scope here: every destination that 742.6(a)(6)(i)(B) does not name, also those of "
    "Country Groups D:1 and D:4.",
)
denial = provision(
    "us.ear.742_6.b_10.hbm",
    stage="review",
    says="Applications for high-bandwidth memory are reviewed with a presumption of denial.",
    when=CONTROLLED & ~ALLIED_HQ,
    start="2024-12-02",
    binds_from="2024-12-31",
    cite=cite("15 CFR 742.6(b)(10), 744.23(d)", HBM_2024),
    mark="two_sources",
    policy="presumption_of_denial",
)
case_by_case = provision(
    "us.ear.742_6.b_10.hbm_allied",
    stage="review",
    says="Applications for high-bandwidth memory for parties headquartered in the United States, A:5 or A:6 are "
    "reviewed case by case.",
    when=CONTROLLED & ALLIED_HQ,
    start="2024-12-02",
    binds_from="2024-12-31",
    cite=cite("15 CFR 742.6(b)(10), 744.23(d)", HBM_2024),
    mark="unverified",
    policy="case_by_case",
    note="The wording was not read. With several parties, one that is not so headquartered counts against it.",
)

PROVISIONS = (by_destination, by_headquarters, denial, case_by_case)
