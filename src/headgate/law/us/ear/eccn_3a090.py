"""ECCN 3A090: advanced computing integrated circuits. Every condition here is on one integrated circuit."""

from headgate.expr import fact, field, holds, threshold
from headgate.law.provision import provision
from headgate.law.us.sources import AC_S_2023, IFR_2022, cite

SECTION = "15 CFR part 774, supp. 1, ECCN 3A090"
TPP = field("ic.tpp")
DENSITY = field("ic.performance_density")
IO = field("ic.io_bandwidth")
# Paragraph .b ends where .a begins: the same numbers, written once.
FLOOR_A = threshold("us.ear.3a090.a.1/tpp", 4800, "TPP")
DENSE_A = threshold("us.ear.3a090.a.2/density", 5.92, "TPP/mm2")
NOTE_2 = "us.ear.3a090.note_2"

text_2022 = provision(
    "us.ear.3a090.2022",
    stage="classify",
    says="An integrated circuit is 3A090 when its I/O reaches 600 GB/s and its bit length times TOPS reaches 4800.",
    when=(IO >= threshold("us.ear.3a090.2022/io", 600, "GB/s"))
    & (TPP >= threshold("us.ear.3a090.2022/tpp", 4800, "TPP")),
    start="2022-10-21",
    end="2023-11-17",
    cite=cite(SECTION, IFR_2022),
    ended_by=cite("15 CFR part 774, supp. 1, ECCN 3A090", AC_S_2023),
    mark="two_sources",
    eccn="3A090",
    paragraph="3A090",
    note="Bit length times TOPS is computed as TPP. The 2022 text counts the longest input or output, and is not "
    "known to "
    "exclude sparse rates; both points are unverified.",
)
note_2 = provision(
    NOTE_2,
    stage="classify",
    says="3A090.a and .b do not reach a circuit that is neither designed nor marketed for data centers and is under "
    "4800 TPP.",
    when=~fact("ic.is_datacenter") & ~(TPP >= threshold("us.ear.3a090.note_2/tpp", 4800, "TPP")),
    start="2023-11-17",
    cite=cite(f"{SECTION}, Note 2", AC_S_2023),
    mark="primary",
)
a_1 = provision(
    "us.ear.3a090.a.1",
    stage="classify",
    says="An integrated circuit is 3A090.a when its total processing performance reaches the first floor.",
    when=TPP >= FLOOR_A,
    start="2023-11-17",
    cite=cite(f"{SECTION}.a.1", AC_S_2023),
    mark="primary",
    eccn="3A090.a",
    paragraph="3A090.a.1",
)
a_2 = provision(
    "us.ear.3a090.a.2",
    stage="classify",
    says="An integrated circuit is 3A090.a when it reaches a second, lower floor and is also dense.",
    when=(TPP >= threshold("us.ear.3a090.a.2/tpp", 1600, "TPP")) & (DENSITY >= DENSE_A) & ~holds(NOTE_2),
    start="2023-11-17",
    cite=cite(f"{SECTION}.a.2", AC_S_2023),
    mark="primary",
    eccn="3A090.a",
    paragraph="3A090.a.2",
)
b_1 = provision(
    "us.ear.3a090.b.1",
    stage="classify",
    says="An integrated circuit is 3A090.b when it lies between two performance floors and between two densities.",
    when=(TPP >= threshold("us.ear.3a090.b.1/tpp", 2400, "TPP"))
    & ~(TPP >= FLOOR_A)
    & (DENSITY >= threshold("us.ear.3a090.b.1/density", 1.6, "TPP/mm2"))
    & ~(DENSITY >= DENSE_A)
    & ~holds(NOTE_2),
    start="2023-11-17",
    cite=cite(f"{SECTION}.b.1", AC_S_2023),
    mark="primary",
    eccn="3A090.b",
    paragraph="3A090.b.1",
)
b_2 = provision(
    "us.ear.3a090.b.2",
    stage="classify",
    says="An integrated circuit is 3A090.b when it reaches a lower performance floor and a higher density.",
    when=(TPP >= threshold("us.ear.3a090.b.2/tpp", 1600, "TPP"))
    & (DENSITY >= threshold("us.ear.3a090.b.2/density", 3.2, "TPP/mm2"))
    & ~(DENSITY >= DENSE_A)
    & ~(TPP >= FLOOR_A)
    & ~holds(NOTE_2),
    start="2023-11-17",
    cite=cite(f"{SECTION}.b.2", AC_S_2023),
    mark="primary",
    eccn="3A090.b",
    paragraph="3A090.b.2",
    note="The text puts no ceiling on .b.2; a circuit at 4800 or more is already 3A090.a.1, so it is left out here.",
)
a = provision(
    "us.ear.3a090.a",
    stage="scope",
    says="A circuit of 3A090.a meets .a.1 or .a.2.",
    when=holds("us.ear.3a090.a.1") | holds("us.ear.3a090.a.2"),
    start="2023-11-17",
    cite=cite(f"{SECTION}.a", AC_S_2023),
    mark="primary",
)
b = provision(
    "us.ear.3a090.b",
    stage="scope",
    says="A circuit of 3A090.b meets .b.1 or .b.2.",
    when=holds("us.ear.3a090.b.1") | holds("us.ear.3a090.b.2"),
    start="2023-11-17",
    cite=cite(f"{SECTION}.b", AC_S_2023),
    mark="primary",
)

PROVISIONS = (text_2022, note_2, a_1, a_2, b_1, b_2, a, b)
