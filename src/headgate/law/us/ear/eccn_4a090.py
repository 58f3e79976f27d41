"""ECCN 4A090, the .z items and 4A994.l: computers and racks, by any circuit inside and never by a sum."""

from headgate.expr import any_part, field, holds
from headgate.law.provision import provision
from headgate.law.us.sources import AC_S_2023, DIFFUSION_2025, FIX_2024, IFR_2022, cite

SECTION = "15 CFR part 774, supp. 1, ECCN 4A090"
COMPUTER = field("item.kind").one_of("computer")
ANY_A = any_part(holds("us.ear.3a090.a"))
ANY_B = any_part(holds("us.ear.3a090.b"))
SPLIT = (
    "Sources differ on when the .a and .b branches were split: one describes 4A090.b as reserved from November 2023 "
    "and "
    "filled by the rule of 2024-04-04, another reads the split as printed since 2025-01-13. The earlier date is "
    "used; the "
    "license requirement is the same under both."
)

text_2022 = provision(
    "us.ear.4a090.2022",
    stage="classify",
    says="A computer or assembly is 4A090 when any circuit in it is 3A090.",
    when=COMPUTER & any_part(holds("us.ear.3a090.2022")),
    start="2022-10-21",
    end="2023-11-17",
    cite=cite(SECTION, IFR_2022),
    ended_by=cite("15 CFR part 774, supp. 1, ECCN 4A090", AC_S_2023),
    mark="two_sources",
    eccn="4A090",
    paragraph="4A090",
)
a = provision(
    "us.ear.4a090.a",
    stage="classify",
    says="A computer or assembly is 4A090.a when any circuit in it is 3A090.a.",
    when=COMPUTER & ANY_A,
    start="2023-11-17",
    cite=cite(f"{SECTION}.a", AC_S_2023),
    mark="two_sources",
    eccn="4A090.a",
    paragraph="4A090.a",
    note=SPLIT,
)
b_reserved = provision(
    "us.ear.4a090.b",
    stage="classify",
    says="A computer with a 3A090.b circuit is 4A090 while paragraph .b is reserved.",
    when=COMPUTER & ANY_B & ~ANY_A,
    start="2023-11-17",
    end="2024-04-04",
    cite=cite(SECTION, AC_S_2023),
    mark="one_source",
    eccn="4A090",
    paragraph="4A090",
    note=SPLIT,
)
b = provision(
    "us.ear.4a090.b",
    stage="classify",
    says="A computer or assembly is 4A090.b when any circuit in it is 3A090.b and none is 3A090.a.",
    when=COMPUTER & ANY_B & ~ANY_A,
    start="2024-04-04",
    cite=cite(f"{SECTION}.b", FIX_2024),
    mark="one_source",
    eccn="4A090.b",
    paragraph="4A090.b",
    note=SPLIT,
)
z = provision(
    "us.ear.z",
    stage="note",
    says="A computer otherwise under 3A001, 4A003, 4A004, 4A005, 5A002, 5A004 or 5A992 is the .z item of that entry, "
    "and is treated as 4A090.a or .b.",
    when=COMPUTER & (ANY_A | ANY_B),
    start="2023-11-17",
    cite=cite("15 CFR part 774, supp. 1, .z paragraphs", DIFFUSION_2025),
    known_from="2023-10-25",
    mark="primary",
    note="Which entry a machine has otherwise (encryption, for example) is not among the facts of a transaction; the "
    "license "
    "requirement, exceptions and policy are the same. A circuit left out by Note 2 makes no .z item.",
)
l_994 = provision(
    "us.ear.4a994.l",
    stage="classify",
    says="A computer below 4A090 is 4A994.l when any circuit in it is 3A991.p.",
    when=COMPUTER
    & any_part(holds("us.ear.3a991.p"))
    & ~any_part(holds("us.ear.3a090.2022"))
    & ~any_part(holds("us.letter.2023_10_23.item"))
    & ~ANY_A
    & ~ANY_B,
    start="2022-10-21",
    cite=cite("15 CFR part 774, supp. 1, ECCN 4A994.l", IFR_2022),
    mark="two_sources",
    eccn="4A994.l",
    paragraph="4A994.l",
)

PROVISIONS = (text_2022, a, b_reserved, b, z, l_994)
