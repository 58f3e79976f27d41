"""15 CFR 742.6(b)(10)(iii): the H200 rule, case-by-case review of exports from the US to China and Macau."""

from headgate.expr import all_of, any_part, fact, field, holds, threshold
from headgate.law.fields import CERTIFICATIONS
from headgate.law.kinds import CHIP
from headgate.law.provision import provision
from headgate.law.us.ear.s734 import UNITED_STATES
from headgate.law.us.ear.s742_6_b import CONTROLLED, DATACENTER_A
from headgate.law.us.sources import H200_2026, cite

TO = field("act.destination")
UNDER_BOTH = (field("ic.tpp") < threshold("us.ear.742_6.b_10_iii.gate/tpp", 21000, "TPP")) & (
    field("ic.dram_bandwidth") < threshold("us.ear.742_6.b_10_iii.gate/dram", 6500, "GB/s")
)
# The sixth certification excludes them; a row that states one is not certified by saying so.
PROHIBITED_USES = ("military", "military_intelligence", "wmd", "supercomputer", "advanced_node_fab")

gate = provision(
    "us.ear.742_6.b_10_iii.gate",
    stage="scope",
    says="The H200 rule: exports from the United States to end users in China or Macau of items under 21,000 TPP and "
    "6,500 GB/s "
    "that were sold in the US when the rule was published, with all eight certifications.",
    when=all_of(
        CHIP,
        field("act.activity").one_of("export"),
        field("act.ship_from").one_of(*UNITED_STATES),
        TO.one_of("CN", "MO"),
        ~any_part((holds("us.ear.3a090.a") | holds("us.ear.3a090.b")) & ~UNDER_BOTH),
        ~(holds("us.ear.3a090.note_1") & any_part(~UNDER_BOTH)),
        fact("item.us_available"),
        *(fact(f"cert.{c.removeprefix('cert_')}") for c in CERTIFICATIONS),
        ~fact("party.is_entity_listed"),
        ~fact("party.is_meu_listed"),
        ~holds("us.ear.744_11.affiliates"),
        *(~fact(f"use.{use}") for use in PROHIBITED_USES),
    ),
    start="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)(iii)(A); supp. 2 to part 748, para. (dd)", H200_2026),
    mark="two_sources",
)
case_by_case_2026 = provision(
    "us.ear.742_6.b_10_iii.case_by_case",
    stage="review",
    says="Exports that meet the H200 rule are reviewed case by case.",
    when=CONTROLLED & holds("us.ear.742_6.b_10_iii.gate") & DATACENTER_A,
    start="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)(iii)(A)", H200_2026),
    mark="two_sources",
    policy="case_by_case",
)

PROVISIONS = (gate, case_by_case_2026)
