"""15 CFR part 746: embargoes and special controls, on every item."""

from headgate.expr import fact, field, holds
from headgate.law.provision import provision
from headgate.law.us.sources import ECFR, cite

TO = field("act.destination")
MOVES = holds("us.ear.734.movement")

embargo = provision(
    "us.ear.746.embargo",
    stage="require",
    says="A license is required for every item to Cuba, Iran, North Korea and Syria.",
    when=MOVES & TO.in_list("us.embargoed"),
    start="2022-08-26",
    cite=cite("15 CFR part 746, 742.19, 746.4, 746.9", ECFR),
    mark="one_source",
    note="No mark in the country chart does not mean freedom: these countries are controlled by part 746.",
)
embargo_review = provision(
    "us.ear.746.embargo_review",
    stage="review",
    says="Applications for the embargoed destinations are denied.",
    when=holds("us.ear.746.embargo"),
    start="2022-08-26",
    cite=cite("15 CFR part 746", ECFR),
    mark="one_source",
    policy="denial",
    note="Controls on Syria were eased on 2025-09-02 (90 FR 42320); what that changes for chips was not read.",
)
russia = provision(
    "us.ear.746_8",
    stage="require",
    says="A license is required for every item of the Commerce Control List to Russia and Belarus.",
    when=MOVES & TO.in_list("us.russia_belarus"),
    start="2022-08-26",
    cite=cite("15 CFR 746.5, 746.8", ECFR),
    mark="one_source",
)
russia_review = provision(
    "us.ear.746_8.review",
    stage="review",
    says="Applications for Russia and Belarus are denied.",
    when=holds("us.ear.746_8"),
    start="2022-08-26",
    cite=cite("15 CFR 746.8(b)", ECFR),
    mark="one_source",
    policy="denial",
)
occupied = provision(
    "us.ear.746_6",
    stage="require",
    says="A license is required for every item to Crimea and the occupied regions of Donetsk and Luhansk.",
    when=MOVES & TO.one_of("UA") & fact("act.is_occupied_region"),
    start="2022-08-26",
    cite=cite("15 CFR 746.6", ECFR),
    mark="one_source",
    note="A country code does not tell the region, so it is asked for every line to Ukraine.",
)
occupied_review = provision(
    "us.ear.746_6.review",
    stage="review",
    says="Applications for the occupied regions are denied.",
    when=holds("us.ear.746_6"),
    start="2022-08-26",
    cite=cite("15 CFR 746.6(b)", ECFR),
    mark="unverified",
    policy="denial",
)

PROVISIONS = (embargo, russia, occupied, embargo_review, russia_review, occupied_review)
