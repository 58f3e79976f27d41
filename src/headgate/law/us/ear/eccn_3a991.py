"""ECCN 3A991.p: circuits below 3A090 that are controlled for anti-terrorism reasons only."""

from headgate.expr import field, holds, threshold
from headgate.law.provision import provision
from headgate.law.us.sources import IFR_2022, cite

p = provision(
    "us.ear.3a991.p",
    stage="classify",
    says="A circuit below 3A090 is 3A991.p when it reaches 8 TOPS or an I/O of 150 GB/s.",
    when=(
        (field("ic.peak_tops") >= threshold("us.ear.3a991.p/tops", 8, "TOPS"))
        | (field("ic.io_bandwidth") >= threshold("us.ear.3a991.p/io", 150, "GB/s"))
    )
    & ~holds("us.ear.3a090.2022")
    & ~holds("us.letter.2023_10_23.item")
    & ~holds("us.ear.3a090.a")
    & ~holds("us.ear.3a090.b"),
    start="2022-10-21",
    cite=cite("15 CFR part 774, supp. 1, ECCN 3A991.p", IFR_2022),
    mark="two_sources",
    eccn="3A991.p",
    paragraph="3A991.p",
)

PROVISIONS = (p,)
