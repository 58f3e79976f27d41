"""15 CFR 742.6(b)(10)(iii) and (iv) as printed in 2025: review by ally, by country allocation, and for D:5."""

from headgate.expr import field, holds, threshold
from headgate.law.provision import provision
from headgate.law.us.ear.s740_27 import ALL_ALLIED, ALLIES, HQ, PARENT, TO
from headgate.law.us.ear.s742_6_b import CONTROLLED, D5_OR_MACAU, GATE
from headgate.law.us.sources import DIFFUSION_2025, H200_2026, cite

OPEN = holds("us.ear.742_6.a_6_iii.worldwide") & ~D5_OR_MACAU
OTHER = ~(TO.in_list(ALLIES) & ALL_ALLIED)
USED = field("act.allocation_tpp")
ALLOCATION = threshold("us.ear.742_6.b_10.diffusion_rest/tpp", 790_000_000, "TPP")
UNREAD = (
    "Whether another paragraph of (b)(10) keeps the case-by-case line of 2024-04-04 for items that are not "
    "data-center items of .a was not read; the stricter is printed."
)

ally = provision(
    "us.ear.742_6.b_10.diffusion_5a",
    stage="review",
    says="As printed, destinations of supplement 5(a) to part 740, and parties headquartered there or with an ultimate "
    "parent there: presumption of approval.",
    when=OPEN & (TO.in_list(ALLIES) | HQ.in_list(ALLIES) | PARENT.in_list(ALLIES)),
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 742.6(b)(10)(iii)(A)(2)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    policy="presumption_of_approval",
    note="The text does not say which policy governs where one party or the destination is allied and another is not; "
    "both then hold, and the stricter is printed.",
)
rest = provision(
    "us.ear.742_6.b_10.diffusion_rest",
    stage="review",
    says="As printed, other destinations and parties: presumption of approval up to the country's allocation of "
    "790,000,000 TPP for 2025 to 2027.",
    when=OPEN & OTHER & (USED <= ALLOCATION),
    start="2025-01-13",
    binds_from="2025-05-15",
    end="2028-01-01",
    cite=cite("15 CFR 742.6(b)(10)(iii)(B)(1)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    policy="presumption_of_approval",
    note="What is licensed since the start of 2025 counts, LPP and validated end users apart. A country that gives "
    "assurances gets up to double by (b)(10)(iii)(C); supplement 5(b) was printed without one.",
)
denial = provision(
    "us.ear.742_6.b_10.diffusion_denial",
    stage="review",
    says="As printed, other destinations and parties: denial once the country's allocation is met.",
    when=OPEN & OTHER & (USED > ALLOCATION),
    start="2025-01-13",
    binds_from="2025-05-15",
    end="2028-01-01",
    cite=cite("15 CFR 742.6(b)(10)(iii)(B)(2)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    policy="denial",
    note="An application that would pass the allocation is read as one after it is met.",
)
d5 = provision(
    "us.ear.742_6.b_10.diffusion_d5",
    stage="review",
    says="As printed, Macau, Country Group D:5 and parties headquartered there: presumption of denial for .a and .b "
    "items.",
    when=CONTROLLED & D5_OR_MACAU,
    start="2025-01-13",
    binds_from="2025-05-15",
    end="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)(iii)(A)(1), (iv)(B)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    policy="presumption_of_denial",
    note=UNREAD,
)
d5_2026 = provision(
    "us.ear.742_6.b_10.diffusion_d5",
    stage="review",
    says="As printed, Macau, Country Group D:5 and parties headquartered there: presumption of denial for .a and .b "
    "items outside the H200 rule.",
    when=CONTROLLED & D5_OR_MACAU & ~GATE,
    start="2026-01-15",
    cite=cite("15 CFR 742.6(b)(10)(iii)(A)(1), (iv)(B)", H200_2026),
    mark="two_sources",
    track="printed",
    policy="presumption_of_denial",
    note=UNREAD,
)

PROVISIONS = (ally, rest, denial, d5, d5_2026)
