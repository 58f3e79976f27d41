"""ECCN 3A090, Note 1 to 3A090.a: what a foundry or packager ships is presumed to be 3A090.a for data centers."""

from headgate.expr import Expr, any_part, fact, field, holds, threshold
from headgate.expr.node import Threshold
from headgate.law.kinds import CIRCUIT
from headgate.law.provision import provision
from headgate.law.us.sources import FOUNDRY_2025, FOUNDRY_FIX_2026, cite

ID = "us.ear.3a090.note_1"
SECTION = "15 CFR part 774, supp. 1, ECCN 3A090, Note 1 to 3A090.a"
TRANSISTORS, HBM = field("ic.transistors"), field("ic.has_hbm")
STATUS, DESIGNER = field("item.designer_status"), field("item.designer_countries")
DAYS, PACKAGER = field("item.designer_application_days"), field("item.packager_status")
PLACE = field("item.fabricator_packages_in")
# An "applicable advanced logic integrated circuit" (772.1), in the hands of a foundry or a packager.
APPLIES = (
    field("act.exporter_role").one_of("foundry", "osat")
    & CIRCUIT
    & ((field("item.node") <= threshold(f"{ID}/node", 16, "nm")) | fact("item.is_nonplanar"))
)
NOT_BELOW_A = any_part(holds("us.ear.3a090.a"))
# What nobody attests counts against the exporter, here and below.
AUTHORIZED = (
    ~STATUS.is_blank()
    & STATUS.one_of("authorized")
    & (DESIGNER.one_of("TW") | DESIGNER.in_list("us.country_group.a1") | DESIGNER.in_list("us.country_group.a5"))
    & ~(DESIGNER.in_list("us.country_group.d5") | DESIGNER.one_of("MO"))
)


def below(limit: Threshold) -> Expr:
    """The attested count is stated and below a limit."""
    return ~TRANSISTORS.is_blank() & (TRANSISTORS < limit)


BELOW_30 = below(threshold(f"{ID}.count/transistors", 30, "billion"))
NO_HBM = ~HBM.is_blank() & ~fact("ic.has_hbm")
COUNT = "The attested transistors of the final package are below 30 billion"
COUNT_NOTE = (
    "The count is the node's transistor density times die area, or a tool's estimate, over all dies. Only what the "
    "row states counts, as the fabricator's or the approved packager's attestation; the customer's own is not enough. "
    "The day of the transaction is taken as that on which the export is completed. Paragraph d prints the limits as "
    "'below' where 'at or above' must be meant."
)

count_2025 = provision(
    f"{ID}.count",
    stage="scope",
    says=f"{COUNT}.",
    when=BELOW_30,
    start="2025-01-16",
    binds_from="2025-01-31",
    end="2027-01-01",
    cite=cite(f"{SECTION}, paras. b, c", FOUNDRY_2025),
    mark="two_sources",
    note=COUNT_NOTE,
)
count_2027 = provision(
    f"{ID}.count",
    stage="scope",
    says=f"{COUNT}, or 35 billion without high-bandwidth memory.",
    when=BELOW_30 | (NO_HBM & below(threshold(f"{ID}.count/no_hbm_2027", 35, "billion"))),
    start="2027-01-01",
    end="2028-01-01",
    cite=cite(f"{SECTION}, paras. b, c", FOUNDRY_2025),
    mark="two_sources",
    note=COUNT_NOTE,
)
count_2028 = provision(
    f"{ID}.count",
    stage="scope",
    says=f"{COUNT}; whether the 35 billion without high-bandwidth memory of 2027 still stand in 2028, the text does "
    "not say.",
    when=BELOW_30 | (NO_HBM & below(threshold(f"{ID}.count/no_hbm_2028", 35, "billion")) & fact("ic.is_window_open")),
    start="2028-01-01",
    end="2029-01-01",
    cite=cite(f"{SECTION}, paras. b, c", FOUNDRY_2025),
    mark="two_sources",
    note="The text names exports completed in 2027 and those in 2029 or thereafter. The year 2028 falls back to 30 "
    f"billion; the other reading, 35, is decided beside it and shown where it differs. {COUNT_NOTE}",
)
count_2029 = provision(
    f"{ID}.count",
    stage="scope",
    says=f"{COUNT}, or 40 billion without high-bandwidth memory.",
    when=BELOW_30 | (NO_HBM & below(threshold(f"{ID}.count/no_hbm_2029", 40, "billion"))),
    start="2029-01-01",
    cite=cite(f"{SECTION}, paras. b, c", FOUNDRY_2025),
    mark="two_sources",
    note=COUNT_NOTE,
)
attested = provision(
    f"{ID}.attested",
    stage="scope",
    says="The fabricator packages the die outside Macau and Country Group D:5, or an approved packager does, and "
    "attests the count.",
    when=(
        (~PLACE.is_blank() & ~(PLACE.in_list("us.country_group.d5") | PLACE.one_of("MO")))
        | (~PACKAGER.is_blank() & PACKAGER.one_of("approved"))
    )
    & any_part(holds(f"{ID}.count")),
    start="2025-01-16",
    binds_from="2025-01-31",
    cite=cite(f"{SECTION}, paras. b, c; supp. 7 to part 740", FOUNDRY_2025),
    mark="two_sources",
    note="The text lets either attestation help a foundry and a packager alike. Whether a packager is on supplement 7 "
    "is the row's to state.",
)
authorized = provision(
    f"{ID}.authorized",
    stage="scope",
    says="A designer headquartered in Taiwan, A:1 or A:5 that agreed to report is authorized before 2026-04-13.",
    when=AUTHORIZED,
    start="2025-01-16",
    binds_from="2025-01-31",
    end="2026-04-13",
    cite=cite(f"{SECTION}, para. a(2)", FOUNDRY_2025),
    ended_by=cite(f"{SECTION}, para. a(2)", FOUNDRY_2025),
    mark="two_sources",
    note="The text of 2025 printed this last day itself; it was moved before it came. That the designer has no "
    "ultimate parent in Macau or D:5 is taken from its stated headquarters.",
)
authorized_2026 = provision(
    f"{ID}.authorized",
    stage="scope",
    says="A designer headquartered in Taiwan, A:1 or A:5 that agreed to report is authorized before 2026-12-31.",
    when=AUTHORIZED,
    start="2026-04-13",
    end="2026-12-31",
    cite=cite(f"{SECTION}, para. a(2)", FOUNDRY_FIX_2026),
    mark="two_sources",
    note="91 FR 17851, effective 2026-04-07, moved the day from 2026-04-13 to 2026-12-31.",
)
applicant = provision(
    f"{ID}.applicant",
    stage="scope",
    says="Such a designer that has also applied to become an approved one is authorized for 180 days.",
    when=AUTHORIZED & ~DAYS.is_blank() & (DAYS < threshold(f"{ID}.applicant/days", 180, "days")),
    start="2026-04-13",
    cite=cite(f"{SECTION}, para. a(3)", FOUNDRY_2025),
    mark="two_sources",
    note="As printed in 2025 from 2026-04-13. Since 91 FR 17851 it adds nothing before 2026-12-31, as authorization "
    "then needs no application. The text says 'prior to' and 'after' that day; on the day itself this is used. "
    "Authorization ceases 180 days after the application was submitted, so the 180th day is no longer within it.",
)
designer = provision(
    f"{ID}.designer",
    stage="scope",
    says="The designer is an approved or an authorized one.",
    when=(~STATUS.is_blank() & STATUS.one_of("approved")) | holds(f"{ID}.authorized") | holds(f"{ID}.applicant"),
    start="2025-01-16",
    binds_from="2025-01-31",
    cite=cite(f"{SECTION}, para. a; supp. 6 to part 740", FOUNDRY_2025),
    mark="two_sources",
    note="Whether a designer is on supplement 6 is the row's to state.",
)
note_1 = provision(
    ID,
    stage="classify",
    says="A logic circuit of the 16/14 nm node or below, or a non-planar one, that a foundry or packager ships is "
    "presumed to be 3A090.a for data centers until an approved or authorized designer's numbers, or the attested "
    "count, overcome it.",
    when=APPLIES & ~((holds(f"{ID}.designer") & ~NOT_BELOW_A) | holds(f"{ID}.attested")),
    start="2025-01-16",
    binds_from="2025-01-31",
    cite=cite(SECTION, FOUNDRY_2025),
    mark="two_sources",
    eccn="3A090.a",
    paragraph="3A090.a",
    over=("us.ear.3a090.b.1", "us.ear.3a090.b.2", "us.ear.3a991.p"),
    note="Every integrated circuit is taken to be a logic one. An approved or authorized designer's data must show "
    "that the circuit is not 3A090.a; the stated or known numbers stand for them, and Note 2 is counted. The "
    "presumption is for foundries and packagers alone.",
)
report = provision(
    "us.ear.743_9",
    stage="note",
    says="An authorized designer's numbers overcome the presumption: the foundry reports to BIS.",
    when=holds("us.ear.734.movement") & APPLIES & (holds(f"{ID}.authorized") | holds(f"{ID}.applicant")) & ~NOT_BELOW_A,
    start="2025-01-16",
    binds_from="2025-01-31",
    cite=cite("15 CFR 743.9", FOUNDRY_2025),
    mark="two_sources",
    flag="report_743_9",
)

PROVISIONS = (
    count_2025,
    count_2027,
    count_2028,
    count_2029,
    attested,
    authorized,
    authorized_2026,
    applicant,
    designer,
    note_1,
    report,
)
