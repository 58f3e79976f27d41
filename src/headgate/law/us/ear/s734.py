"""15 CFR part 734: what is an export, a reexport or a transfer, and the notes that go with it."""

from headgate.expr import fact, field, holds
from headgate.law.provision import provision
from headgate.law.us.sources import ECFR, cite

# The states and the territories that the EAR counts as the United States (772.1).
UNITED_STATES = ("US", "AS", "GU", "MP", "PR", "UM", "VI")

not_an_export = provision(
    "not_an_export",
    stage="scope",
    says="A line that ends in the United States is no export, reexport or in-country transfer.",
    when=field("act.destination").one_of(*UNITED_STATES),
    start="2022-08-26",
    cite=cite("15 CFR 734.13, 734.14, 734.16", ECFR),
    mark="primary",
    note="A release of technology to a foreign person in the United States is a deemed export, which is another "
    "activity.",
)
movement = provision(
    "us.ear.734.movement",
    stage="scope",
    says="The line is an export, reexport or in-country transfer.",
    when=field("act.activity").one_of("export", "reexport", "transfer") & ~holds("not_an_export"),
    start="2022-08-26",
    cite=cite("15 CFR 734.13, 734.14, 734.16", ECFR),
    mark="primary",
)
subject_assumed = provision(
    "us.ear.734_3.subject_assumed",
    stage="note",
    says="The item is taken as subject to the EAR, because the foreign-direct-product rules are not in the book.",
    when=field("act.activity").one_of("reexport", "transfer") & ~holds("not_an_export"),
    start="2022-08-26",
    cite=cite("15 CFR 734.3, 734.9", ECFR),
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

PROVISIONS = (not_an_export, movement, subject_assumed, planar)
