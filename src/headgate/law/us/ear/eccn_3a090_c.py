"""ECCN 3A090.c: high-bandwidth memory."""

from headgate.expr import field, threshold
from headgate.law.provision import provision
from headgate.law.us.sources import HBM_2024, cite

KIND, DENSITY = field("item.kind"), field("item.hbm_density")
# A row that states a memory's density and no kind is judged as memory, but never freed as such.
MEMORY = KIND.one_of("hbm") | (KIND.is_blank() & ~DENSITY.is_blank())

c = provision(
    "us.ear.3a090.c",
    stage="classify",
    says="High-bandwidth memory is 3A090.c when its memory bandwidth density is over 2 GB/s for each square "
    "millimeter of package or stack.",
    when=MEMORY & (DENSITY > threshold("us.ear.3a090.c/density", 2, "GB/s/mm2")),
    start="2024-12-02",
    binds_from="2024-12-31",
    cite=cite("15 CFR part 774, supp. 1, ECCN 3A090.c", HBM_2024),
    mark="primary",
    eccn="3A090.c",
    paragraph="3A090.c",
    over=(
        "us.ear.3a090.note_1",
        "us.ear.3a090.a.1",
        "us.ear.3a090.a.2",
        "us.ear.3a090.b.1",
        "us.ear.3a090.b.2",
        "us.ear.3a991.p",
    ),
    note="Whether it conforms to a JEDEC standard does not matter, and a stack in a package counts by the package. "
    "Memory packaged together with logic whose dominant function is processing is not .c: state it as a circuit. "
    "Memory fixed to a control interface with a physical layer is. The precedence over circuits is for rows that "
    "state no kind, and the measures of both. BIS held that every stack made in 2024 is over the limit. Below it, and "
    "before the rule, the entry of a memory is not modeled and stays blank.",
)

PROVISIONS = (c,)
