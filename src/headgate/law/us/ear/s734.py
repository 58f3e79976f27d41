"""15 CFR part 734: what is subject to the EAR, what is an export, and the notes that go with it."""

from headgate.expr import any_of, fact, field, holds, threshold
from headgate.law.provision import provision
from headgate.law.us.ear.s734_9 import REACHED
from headgate.law.us.sources import ECFR, cite

# The states and the territories that the EAR counts as the United States (772.1).
UNITED_STATES = ("US", "AS", "GU", "MP", "PR", "UM", "VI")
MOVEMENTS = ("export", "reexport", "transfer")
ACT, TO = field("act.activity"), field("act.destination")
AT_HOME = TO.one_of(*UNITED_STATES)
FROM, KIND = field("act.ship_from"), field("item.kind")
MADE_IN, CONTENT = field("item.made_in"), field("item.us_content_share")
PRODUCT = field("item.is_direct_product")
TOLD_FOREIGN = holds("us.ear.734_3.told_foreign")
OVER = any_of(*(holds(f"us.ear.734_4.{paragraph}") for paragraph in ("a_1", "c", "d", "d_3")))
SECTION_4 = "15 CFR 734.4"

told_foreign = provision(
    "us.ear.734_3.told_foreign",
    stage="scope",
    says="The item is made abroad and ships from abroad, and its controlled US content and whether it is a direct "
    "product are stated.",
    # Made abroad is what must be said first: as long as it is not, nobody is asked for the rest.
    when=~(MADE_IN.is_blank() | MADE_IN.one_of(*UNITED_STATES))
    & ~FROM.is_blank()
    & ~FROM.one_of(*UNITED_STATES)
    & ~PRODUCT.is_blank()
    & ~CONTENT.is_blank(),
    start="2022-08-26",
    cite=cite("15 CFR 734.3(a)", ECFR),
    mark="primary",
    note="What is in the United States, moves through it or is made there is subject to the EAR. Until all four are "
    "stated an item is taken as subject.",
)
not_subject = provision(
    "us.ear.734_3.not_subject",
    stage="scope",
    says="The item is foreign-made, within the de minimis level and reached by no foreign-direct-product rule: it is "
    "not subject to the EAR.",
    when=TOLD_FOREIGN & ~OVER & ~REACHED,
    start="2022-08-26",
    cite=cite("15 CFR 734.3(a)(1) to (a)(5)", ECFR),
    mark="one_source",
    frees=True,
    note="Published software and technology (734.7), and what other agencies alone control (734.3(b)), are not among "
    "the facts of a transaction. Other law, such as the sanctions of the Treasury, may still reach the line.",
)
high_performance = provision(
    "us.ear.734_4.a_1",
    stage="scope",
    says="There is no de minimis level for a computer with controlled US semiconductors to Country Groups D:1, D:4, "
    "D:5, E:1 and E:2.",
    when=KIND.one_of("computer")
    & (CONTENT > threshold("us.ear.734_4.a_1/share", 0, "of the value"))
    & any_of(*(TO.in_list(f"us.country_group.{group}") for group in ("d1", "d4", "d5", "e1", "e2"))),
    start="2022-08-26",
    cite=cite(f"{SECTION_4}(a)(1)", ECFR),
    mark="unverified",
    note="The text is for computers over an adjusted peak performance to Computer Tier 3. Neither is among the facts: "
    "every computer is taken as over it, and these groups stand for the tier. Any controlled US content is taken to be "
    "semiconductors. The other items without a level, (a)(2) to (a)(9), are encryption technology, chip-making "
    "equipment, and what is for weapons, satellites and engines.",
)
ten_percent = provision(
    "us.ear.734_4.c",
    stage="scope",
    says="To Country Groups E:1 and E:2 controlled US content over 10 percent makes a foreign-made item subject to the "
    "EAR.",
    when=(TO.in_list("us.country_group.e1") | TO.in_list("us.country_group.e2"))
    & (CONTENT > threshold("us.ear.734_4.c/share", 0.1, "of the value")),
    start="2022-08-26",
    cite=cite(f"{SECTION_4}(c)", ECFR),
    mark="one_source",
)
quarter = provision(
    "us.ear.734_4.d",
    stage="scope",
    says="Controlled US content over 25 percent makes a foreign-made item subject to the EAR.",
    when=CONTENT > threshold("us.ear.734_4.d/share", 0.25, "of the value"),
    start="2022-08-26",
    cite=cite(f"{SECTION_4}(d)", ECFR),
    mark="one_source",
    note="What counts as controlled content depends on the destination (supp. 2 to part 734); the share is the user's.",
)
report = provision(
    "us.ear.734_4.d_3",
    stage="scope",
    says="Technology commingled with controlled US technology is subject to the EAR until a report on it is filed.",
    when=KIND.one_of("technology") & (CONTENT > threshold("us.ear.734_4.d_3/share", 0, "of the value")),
    start="2022-08-26",
    cite=cite(f"{SECTION_4}(c)(3), (d)(3)", ECFR),
    mark="one_source",
    note="That the one-time report was filed is not among the facts, so it is taken not to be.",
)
not_an_export = provision(
    "not_an_export",
    stage="scope",
    says="A line that ends in the United States is no export, reexport or in-country transfer.",
    when=ACT.one_of(*MOVEMENTS) & AT_HOME,
    start="2022-08-26",
    cite=cite("15 CFR 734.13, 734.14, 734.16", ECFR),
    mark="primary",
    frees=True,
    note="A release of technology, use, service and cloud access are other acts: that they happen in the United States "
    "frees none of them.",
)
movement = provision(
    "us.ear.734.movement",
    stage="scope",
    says="The line is an export, reexport or in-country transfer of an item subject to the EAR.",
    when=ACT.one_of(*MOVEMENTS) & ~AT_HOME & (~TOLD_FOREIGN | OVER | REACHED),
    start="2022-08-26",
    cite=cite("15 CFR 734.13, 734.14, 734.16", ECFR),
    mark="primary",
)
subject_assumed = provision(
    "us.ear.734_3.subject_assumed",
    stage="note",
    says="The item is taken as subject to the EAR, because the facts that could settle it are not stated.",
    when=(
        ACT.one_of("reexport", "transfer", "use", "service", "cloud_access") | (ACT.one_of("export") & ~FROM.is_blank())
    )
    & ~AT_HOME
    & (FROM.is_blank() | ~FROM.one_of(*UNITED_STATES))
    & ~TOLD_FOREIGN
    & (MADE_IN.is_blank() | ~MADE_IN.one_of(*UNITED_STATES))
    & (CONTENT.is_blank() | ~OVER)
    & (PRODUCT.is_blank() | ~REACHED),
    start="2022-08-26",
    cite=cite("15 CFR 734.3, 734.4, 734.9", ECFR),
    mark="unverified",
    flag="subject_to_ear_assumed",
)
planar = provision(
    "us.ear.3a090.note_4.planar",
    stage="note",
    says="With no non-planar logic die the density is undefined; only a test without density can match.",
    when=fact("item.is_planar"),
    start="2023-11-17",
    cite=cite("15 CFR part 774, supp. 1, ECCN 3A090, technical note 4", ECFR),
    mark="unverified",
    flag="planar_reading",
    note="Our reading of a text that is silent.",
)

PROVISIONS = (
    told_foreign,
    not_subject,
    high_performance,
    ten_percent,
    quarter,
    report,
    not_an_export,
    movement,
    subject_assumed,
    planar,
)
