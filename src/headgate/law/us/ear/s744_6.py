"""15 CFR 744.6: support by US persons, in use, service and cloud access; BIS's statement on training models."""

from headgate.expr import fact, field, holds
from headgate.law.kinds import CHIP
from headgate.law.provision import provision
from headgate.law.us.ear.s734 import ACT, TO
from headgate.law.us.sources import AC_S_2023, ECFR, IFR_2022, MACAU_2023, STATEMENT_2025, cite

HANDLED, CLOUD = ACT.one_of("use", "service"), ACT.one_of("cloud_access")
CUSTOMER = field("act.cloud_customer_hq")
GRAVE = fact("use.wmd") | fact("use.military_intelligence")
D5_OR_MACAU = TO.in_list("us.country_group.d5") | TO.one_of("MO")
FAB = "A US person needs a license to support an advanced-node fab in "
SUPERCOMPUTER = "Running, installing, maintaining or repairing a supercomputer needs a license in "
ANYONE = "Who acts is not stated; a US person is assumed."
SERVED = (
    "744.23(a)(1) speaks of items that go to such an end use; whether an item goes with the service is not stated, and "
    "is taken so."
)

support = provision(
    "us.ear.744_6.b",
    stage="require",
    says="A US person needs a license to support a weapons or military-intelligence end use, by use, service or cloud "
    "access.",
    when=ACT.one_of("use", "service", "cloud_access") & GRAVE,
    start="2022-08-26",
    cite=cite("15 CFR 744.6(b)", ECFR),
    mark="two_sources",
    flag="us_person_assumed",
    note=f"{ANYONE} The paragraphs differ by weapon and country; a stated end use is taken as reached, because the "
    "parties of the row need not be those whom it serves.",
)
fab_2022 = provision(
    "us.ear.744_6.c_2",
    stage="require",
    says=FAB + "China.",
    when=HANDLED & fact("use.advanced_node_fab") & TO.one_of("CN"),
    start="2022-10-12",
    end="2023-01-17",
    cite=cite("15 CFR 744.6(c)(2)", IFR_2022),
    mark="one_source",
    flag="us_person_assumed",
    note=ANYONE,
)
fab_2023_01 = provision(
    "us.ear.744_6.c_2",
    stage="require",
    says=FAB + "China or Macau.",
    when=HANDLED & fact("use.advanced_node_fab") & TO.one_of("CN", "MO"),
    start="2023-01-17",
    end="2023-11-17",
    cite=cite("15 CFR 744.6(c)(2)", MACAU_2023),
    mark="unverified",
    flag="us_person_assumed",
    note=f"{ANYONE} The day on which Macau was added is unverified.",
)
fab = provision(
    "us.ear.744_6.c_2",
    stage="require",
    says=FAB + "Macau or Country Group D:5.",
    when=HANDLED & fact("use.advanced_node_fab") & D5_OR_MACAU,
    start="2023-11-17",
    cite=cite("15 CFR 744.6(c)(2)", AC_S_2023),
    mark="one_source",
    flag="us_person_assumed",
    note=f"{ANYONE} That US persons working for companies of the US, A:5 or A:6 are left out since then is unverified "
    "and not counted.",
)
supercomputer_2022 = provision(
    "us.ear.744_23.a_1.service",
    stage="require",
    says=SUPERCOMPUTER + "China.",
    when=HANDLED & CHIP & fact("use.supercomputer") & TO.one_of("CN"),
    start="2022-10-21",
    end="2023-01-17",
    cite=cite("15 CFR 744.23(a)(1)", IFR_2022),
    mark="unverified",
    note=SERVED,
)
supercomputer_2023_01 = provision(
    "us.ear.744_23.a_1.service",
    stage="require",
    says=SUPERCOMPUTER + "China or Macau.",
    when=HANDLED & CHIP & fact("use.supercomputer") & TO.one_of("CN", "MO"),
    start="2023-01-17",
    end="2023-11-17",
    cite=cite("15 CFR 744.23(a)(1)", MACAU_2023),
    mark="unverified",
    note=SERVED,
)
supercomputer = provision(
    "us.ear.744_23.a_1.service",
    stage="require",
    says=SUPERCOMPUTER + "Macau or Country Group D:5.",
    when=HANDLED & CHIP & fact("use.supercomputer") & D5_OR_MACAU,
    start="2023-11-17",
    cite=cite("15 CFR 744.23(a)(1)(ii)", AC_S_2023),
    mark="unverified",
    note=SERVED,
)
review = provision(
    "us.ear.744_6.e",
    stage="review",
    says="Applications for support by US persons, and for service of a supercomputer, are reviewed with a presumption "
    "of denial.",
    when=holds("us.ear.744_6.b") | holds("us.ear.744_6.c_2") | holds("us.ear.744_23.a_1.service"),
    start="2022-08-26",
    cite=cite("15 CFR 744.6(e), 744.23(d)", ECFR),
    mark="unverified",
    policy="presumption_of_denial",
    note="The sections' own wording was not read; BIS speaks of the denial standards of part 744.",
)
d5_customer = provision(
    "us.ear.744_6.d5_customer",
    stage="scope",
    says="The customer of the cloud, or another party, is headquartered in Macau or Country Group D:5, or has its "
    "ultimate parent there.",
    when=CUSTOMER.in_list("us.headquarters.d5") | CUSTOMER.one_of("MO") | holds("us.ear.744_23.hq_d5_or_macau"),
    start="2022-08-26",
    cite=cite("15 CFR 744.6", ECFR),
    mark="one_source",
)
training = provision(
    "us.ear.744_6.training",
    stage="note",
    says="Training a model for a party of Macau or Country Group D:5 needs a license when a weapons or "
    "military-intelligence use of the model is known; denial is to be expected.",
    when=(GRAVE & fact("use.ai_training") & HANDLED)
    | (GRAVE & CLOUD)
    | (GRAVE & fact("use.ai_training") & holds("us.ear.734.movement") & holds("us.ear.742_6.items_a"))
    | (fact("use.ai_training") & CLOUD & holds("us.ear.744_6.d5_customer")),
    start="2025-05-13",
    cite=cite("15 CFR 744.6, 744.22, 744.23", STATEMENT_2025),
    mark="two_sources",
    flag="PRC-02",
    note="The requirements themselves stand in 744.2, 744.6 and 744.22. For whom a cloud trains is not always stated, "
    "so the flag does not wait for it.",
)
no_export = provision(
    "us.ear.734_13.cloud",
    stage="note",
    says="Giving access to computing over a network, where no item, software or technology moves, is no export.",
    when=CLOUD & ~holds("us.ear.744_6.b") & ~holds("not_modeled.cloud_support"),
    start="2022-08-26",
    cite=cite("15 CFR 734.13; BIS advisory opinions of 2009, 2011 and 2014", ECFR),
    mark="unverified",
    flag="cloud_not_an_export",
    note="The opinions' own citations were not seen. Bills would change it; none is law in what was read.",
)

PROVISIONS = (
    support,
    fab_2022,
    fab_2023_01,
    fab,
    supercomputer_2022,
    supercomputer_2023_01,
    supercomputer,
    d5_customer,
    review,
    training,
    no_export,
)
