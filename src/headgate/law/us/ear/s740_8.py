"""15 CFR 740.8: License Exceptions NAC and ACA."""

from headgate.expr import any_part, fact, field, holds
from headgate.law.kinds import CHIP
from headgate.law.provision import provision
from headgate.law.us.sources import AC_S_2023, DIFFUSION_2025, FIX_2024, cite

TO = field("act.destination")
ACT = field("act.activity")
HQ_D5 = holds("us.ear.744_23.hq_d5_or_macau")
IN_B = holds("us.ear.742_6.destinations")
IN_D5_OR_MACAU = TO.in_list("us.country_group.d5") | TO.one_of("MO")
ELIGIBLE = holds("us.ear.740_8.items") & ~fact("party.is_unverified")
COVERS = (
    "us.ear.742_6.a_6_iii.a",
    "us.ear.742_6.a_6_iii.b",
    "us.ear.742_6.a_6_iii.hq",
    "us.ear.742_6.a_6_iii.worldwide",
    "us.ear.744_23.a_3",
)
NOTIFY = ("nac_filed_date", "nac_number", "25_days_since_filing", "purchase_order", "one_end_user", "no_distributor")

items = provision(
    "us.ear.740_8.items",
    stage="scope",
    says="Eligible are .a items not for data centers at 4800 TPP or more, and .b items for data centers.",
    when=CHIP
    & (holds("us.ear.742_6.items_a") | holds("us.ear.742_6.items_b"))
    & ~any_part(holds("us.ear.3a090.a") & fact("ic.is_datacenter"))
    & ~holds("us.ear.3a090.note_1"),
    start="2023-11-17",
    cite=cite("15 CFR 740.8(a)", AC_S_2023),
    mark="two_sources",
    note="Note 2 leaves no .a item under 4800 TPP and no .b item outside data centers, so one test is enough.",
)
nac_2023 = provision(
    "us.ear.740_8.nac",
    stage="exempt",
    says="NAC covers exports and reexports of eligible items; to Macau, D:5 and parties headquartered there after "
    "notification.",
    when=ELIGIBLE & ACT.one_of("export", "reexport") & (IN_D5_OR_MACAU | HQ_D5),
    start="2023-11-17",
    end="2024-04-04",
    cite=cite("15 CFR 740.8", AC_S_2023),
    mark="two_sources",
    exception="NAC",
    covers=COVERS,
    needs=NOTIFY,
)
nac_2023_elsewhere = provision(
    "us.ear.740_8.nac_elsewhere",
    stage="exempt",
    says="NAC covers exports and reexports of eligible items to D:1 and D:4 without notification.",
    when=ELIGIBLE & ACT.one_of("export", "reexport") & IN_B & ~(IN_D5_OR_MACAU | HQ_D5),
    start="2023-11-17",
    end="2024-04-04",
    cite=cite("15 CFR 740.8", AC_S_2023),
    ended_by=cite("15 CFR 740.8", FIX_2024),
    mark="two_sources",
    exception="NAC",
    covers=COVERS,
    needs=("purchase_order",),
)
nac_2024 = provision(
    "us.ear.740_8.nac",
    stage="exempt",
    says="NAC covers exports and reexports of eligible items to Macau, D:5 and parties headquartered there, after "
    "notification.",
    when=ELIGIBLE & ACT.one_of("export", "reexport") & (IN_D5_OR_MACAU | HQ_D5),
    start="2024-04-04",
    cite=cite("15 CFR 740.8(a)", FIX_2024),
    mark="two_sources",
    exception="NAC",
    covers=COVERS,
    needs=NOTIFY,
)
aca = provision(
    "us.ear.740_8.aca",
    stage="exempt",
    says="ACA covers eligible items to D:1 and D:4 outside Macau and D:5 for parties not headquartered there, and "
    "transfers within "
    "Macau or a D:5 country.",
    when=ELIGIBLE
    & ((holds("us.ear.734.movement") & IN_B & ~(IN_D5_OR_MACAU | HQ_D5)) | (ACT.one_of("transfer") & IN_D5_OR_MACAU)),
    start="2024-04-04",
    cite=cite("15 CFR 740.8(b)", FIX_2024),
    mark="two_sources",
    exception="ACA",
    covers=COVERS,
    needs=("purchase_order",),
)
aca_worldwide = provision(
    "us.ear.740_8.aca_worldwide",
    stage="exempt",
    says="As printed, ACA covers eligible items to every other destination too, except Macau and D:5, for parties not "
    "headquartered there.",
    when=ELIGIBLE & holds("us.ear.734.movement") & ~IN_B & ~(IN_D5_OR_MACAU | HQ_D5),
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 740.8(a)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    exception="ACA",
    covers=COVERS,
    needs=("purchase_order",),
)

PROVISIONS = (items, nac_2023, nac_2023_elsewhere, nac_2024, aca, aca_worldwide)
