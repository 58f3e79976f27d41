"""15 CFR 740.25: License Exception HBM."""

from headgate.expr import fact, field, holds, threshold
from headgate.law.provision import provision
from headgate.law.us.sources import HBM_2024, cite

hbm = provision(
    "us.ear.740_25",
    stage="exempt",
    says="License Exception HBM covers memory of 3A090.c under 3.3 GB/s for each square millimeter that goes to a "
    "packaging site.",
    when=holds("us.ear.734.movement")
    & holds("us.ear.3a090.c")
    & (field("item.hbm_density") < threshold("us.ear.740_25/density", 3.3, "GB/s/mm2"))
    & ~fact("party.is_unverified"),
    start="2024-12-02",
    binds_from="2024-12-31",
    cite=cite("15 CFR 740.25", HBM_2024),
    mark="unverified",
    exception="HBM",
    covers=("us.ear.742_6.a_6_i_b", "us.ear.744_23.a_3_i_b"),
    needs=(
        "hbm_bought_by_designer",
        "hbm_shipped_to_packaging_site",
        "hbm_allied_packaging_site",
        "hbm_units_reconciled",
        "hbm_shortfalls_reported",
    ),
    flag="hbm_exception_unread",
    note="Only the limit of density is confirmed, by one source. That the designer of the co-packaged part buys the "
    "memory, that it goes straight to the packaging site, that units are reconciled and shortfalls reported is from "
    "memory; that the site belongs to a company headquartered in the United States or an allied country is a law "
    "firm's summary. All of it stands among what must still be shown, and none of it was read in the text.",
)

PROVISIONS = (hbm,)
