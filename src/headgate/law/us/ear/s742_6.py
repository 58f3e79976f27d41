"""15 CFR 742.6(a)(6): regional stability license requirements on advanced computing items, by destination."""

from headgate.expr import any_part, fact, field, holds
from headgate.law.kinds import CHIP, CHIP_OR_RELATED
from headgate.law.provision import provision
from headgate.law.us.sources import (
    AC_S_2023,
    DIFFUSION_2025,
    GUIDANCE_2026,
    IFR_2022,
    MACAU_2023,
    UAE_2026,
    cite,
)

TO = field("act.destination")
HQ, PARENT = field("party.hq"), field("party.parent")
MOVES = holds("us.ear.734.movement")
ITEMS_A, ITEMS_B = holds("us.ear.742_6.items_a"), holds("us.ear.742_6.items_b")
IN_B, HQ_D5 = holds("us.ear.742_6.destinations"), holds("us.ear.744_23.hq_d5_or_macau")
# What the rule says of software and technology was not read; the digests name commodities.
APPROVED_UAE = CHIP & TO.one_of("AE") & holds("us.ear.740.supp_8")

items_2022 = provision(
    "us.ear.742_6.items_2022",
    stage="scope",
    says="The item is 3A090 or 4A090 of the 2022 text, or software or technology for one.",
    when=CHIP_OR_RELATED & any_part(holds("us.ear.3a090.2022")),
    start="2022-10-21",
    end="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)", IFR_2022),
    ended_by=cite("15 CFR 742.6(a)(6)", AC_S_2023),
    mark="two_sources",
)
items_a = provision(
    "us.ear.742_6.items_a",
    stage="scope",
    says="The item is 3A090.a, 4A090.a, a .z item that is treated as .a, presumed to be 3A090.a, or software or "
    "technology for one.",
    when=CHIP_OR_RELATED & (any_part(holds("us.ear.3a090.a")) | holds("us.ear.3a090.note_1")),
    start="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
)
items_b = provision(
    "us.ear.742_6.items_b",
    stage="scope",
    says="The item is 3A090.b, 4A090.b, a .z item that is treated as .b, or software or technology for one.",
    when=CHIP_OR_RELATED & any_part(holds("us.ear.3a090.b")),
    start="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
)
china_2022 = provision(
    "us.ear.742_6.a_6",
    stage="require",
    says="A license is required for 3A090 and 4A090 items to China.",
    when=MOVES & holds("us.ear.742_6.items_2022") & TO.one_of("CN"),
    start="2022-10-21",
    end="2023-01-17",
    cite=cite("15 CFR 742.6(a)(6)", IFR_2022),
    mark="two_sources",
)
china_macau_2023 = provision(
    "us.ear.742_6.a_6",
    stage="require",
    says="A license is required for 3A090 and 4A090 items to China or Macau.",
    when=MOVES & holds("us.ear.742_6.items_2022") & TO.one_of("CN", "MO"),
    start="2023-01-17",
    end="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)", MACAU_2023),
    ended_by=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="unverified",
    note="The day on which Macau was added is unverified; that the scope was China and Macau before November 2023 is "
    "not.",
)
destinations = provision(
    "us.ear.742_6.destinations",
    stage="scope",
    says="The destination is in Country Group D:1, D:4 or D:5 and not in A:5 or A:6.",
    when=(TO.in_list("us.country_group.d1") | TO.in_list("us.country_group.d4") | TO.in_list("us.country_group.d5"))
    & ~(TO.in_list("us.country_group.a5") | TO.in_list("us.country_group.a6")),
    start="2022-08-26",
    cite=cite("15 CFR 742.6(a)(6)(iii); supp. 1 to part 740", AC_S_2023),
    known_from="2022-08-26",
    mark="two_sources",
    note="Macau is in D:1 and D:4, not in D:5. No requirement uses this set before 2023-07.",
)
a_by_destination = provision(
    "us.ear.742_6.a_6_iii.a",
    stage="require",
    says="A license is required for .a items to Country Groups D:1, D:4 and D:5 outside A:5 and A:6.",
    when=MOVES & ITEMS_A & IN_B,
    start="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
)
b_by_destination = provision(
    "us.ear.742_6.a_6_iii.b",
    stage="require",
    says="A license is required for .b items to Country Groups D:1, D:4 and D:5 outside A:5 and A:6.",
    when=MOVES & ITEMS_B & IN_B,
    start="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)(iii)", AC_S_2023),
    mark="two_sources",
)
a_headquarters = provision(
    "us.ear.742_6.a_6_iii.hq",
    stage="require",
    says="A license is required for .a items anywhere outside the United States when a party is headquartered, or "
    "has its "
    "ultimate parent, in Macau or Country Group D:5.",
    when=MOVES & ITEMS_A & HQ_D5 & ~IN_B,
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 742.6(a)(6)(iii)(A)", GUIDANCE_2026),
    known_from="2025-01-15",
    mark="two_sources",
    note="Moved from 744.23(a)(3) by 90 FR 4544, effective 2025-01-13 with compliance from 2025-05-15; until then "
    "the old "
    "home binds, so that there is no gap. The non-enforcement of 90 FR 4544 does not reach it (BIS, 2026-05-31).",
)
worldwide = provision(
    "us.ear.742_6.a_6_iii.worldwide",
    stage="require",
    says="A license is required for .a items to every destination.",
    when=MOVES & ITEMS_A & ~APPROVED_UAE,
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 742.6(a)(6)(iii)(A)", DIFFUSION_2025),
    mark="two_sources",
    track="printed",
    note="Printed law only: BIS announced on 2025-05-13 that it does not enforce this; the text is still printed.",
)
uae = provision(
    "us.ear.742_6.a_6_iii.uae",
    stage="require",
    says="A license is required for .a and .b items to the United Arab Emirates, except to its government agencies "
    "and the "
    "parties of supplement 8.",
    when=MOVES & (ITEMS_A | ITEMS_B) & TO.one_of("AE") & ~APPROVED_UAE,
    start="2026-07-10",
    cite=cite("15 CFR 742.6(a)(6)(iii)", UAE_2026),
    mark="two_sources",
    note="The UAE is in Country Group A:5 from this day and is therefore named; the printed .b row both names it and "
    "excludes "
    "A:5. How applications are reviewed was not read, so no policy is stated.",
)
supplement_8 = provision(
    "us.ear.740.supp_8",
    stage="scope",
    says="The recipient is a UAE government agency or a party of supplement 8 to part 740.",
    when=fact("party.is_uae_approved"),
    start="2026-07-10",
    end="2027-04-07",
    review_by="2027-04-07",
    cite=cite("supp. 8 to 15 CFR part 740", UAE_2026),
    mark="two_sources",
    note="Two of the listed parties lapse after 2027-04-06 unless renewed. A transaction does not say which party it "
    "is, so "
    "the whole approval ends here in the book; for government agencies and US companies it goes on in the text.",
)
supplement_8_lapsed = provision(
    "us.ear.740.supp_8.lapsed",
    stage="note",
    says="Two parties of supplement 8 lapsed after 2027-04-06 unless renewed; here the approval ends for all.",
    when=MOVES & TO.one_of("AE") & fact("party.is_uae_approved"),
    start="2027-04-07",
    cite=cite("supp. 8 to 15 CFR part 740", UAE_2026),
    mark="two_sources",
    flag="uae_two_parties_lapsed",
)

PROVISIONS = (
    items_2022,
    items_a,
    items_b,
    destinations,
    supplement_8,
    supplement_8_lapsed,
    china_2022,
    china_macau_2023,
    a_by_destination,
    b_by_destination,
    a_headquarters,
    worldwide,
    uae,
)
