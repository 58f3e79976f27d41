"""ECCN 3A090, its table of license requirements: misprinted from 2025-01-16, corrected from 2025-02-11."""

from headgate.expr import holds
from headgate.law.provision import provision
from headgate.law.us.sources import FIX_2025, cite

misprint = provision(
    "us.ear.3a090.table",
    stage="note",
    says="The table of license requirements of 3A090 was printed wrongly in these days and corrected afterwards.",
    when=holds("us.ear.742_6.items_a") | holds("us.ear.742_6.items_b") | holds("us.ear.3a090.c"),
    start="2025-01-16",
    end="2025-02-11",
    cite=cite("15 CFR part 774, supp. 1, ECCN 3A090, License Requirements", FIX_2025),
    ended_by=cite("15 CFR part 774, supp. 1, ECCN 3A090, License Requirements", FIX_2025),
    mark="one_source",
    track="printed",
    flag="table_error_before_correction",
    note="That the rule of 2025-01-16 printed the license requirement wrongly is the correction's own summary; what "
    "stood there was not read, and no digest reports that the requirement itself changed. No answer turns on it.",
)

PROVISIONS = (misprint,)
