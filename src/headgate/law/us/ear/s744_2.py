"""15 CFR 744.2 to 744.4, 744.21 and 744.22: weapons, military and military-intelligence end uses."""

from headgate.expr import any_of, fact, field, holds
from headgate.law.provision import provision
from headgate.law.us.sources import ECFR, STATEMENT_2025, cite

TO = field("act.destination")
# Whose end use it is: the place and the parties.
WHOSE = (TO, field("party.hq"), field("party.parent"))
MOVES = holds("us.ear.734.movement")
REACHED = ("us.meu_countries", "us.embargoed")
# Whom a cloud abroad serves counts when it is stated; it is not asked of every line.
CUSTOMER = field("act.cloud_customer_stated")
REACHED_USER = any_of(*(f.in_list(g) for f in WHOSE for g in REACHED)) | (
    ~CUSTOMER.is_blank() & any_of(*(CUSTOMER.in_list(g) for g in REACHED))
)

weapons = provision(
    "us.ear.744_2",
    stage="require",
    says="A license is required for a nuclear, missile, chemical or biological weapons end use.",
    when=MOVES & fact("use.wmd"),
    start="2022-08-26",
    cite=cite("15 CFR 744.2, 744.3, 744.4", ECFR),
    mark="unverified",
    note="The sections differ by weapon and country; any stated weapons end use is taken as reached.",
)
military = provision(
    "us.ear.744_21.end_use",
    stage="require",
    says="A license is required for a military end use in Belarus, Burma, Cambodia, China, Nicaragua, Russia or "
    "Venezuela.",
    when=MOVES & fact("use.military") & TO.in_list("us.meu_countries"),
    start="2022-08-26",
    cite=cite("15 CFR 744.21", ECFR),
    mark="unverified",
)
INTELLIGENCE = "A license is required for a military-intelligence end use or user of the listed and embargoed countries"
intelligence_2022 = provision(
    "us.ear.744_22",
    stage="require",
    says=f"{INTELLIGENCE}, wherever.",
    when=MOVES & fact("use.military_intelligence") & REACHED_USER,
    start="2022-08-26",
    end="2025-05-13",
    cite=cite("15 CFR 744.22", ECFR),
    mark="unverified",
    note="The country set is unverified.",
)
intelligence = provision(
    "us.ear.744_22",
    stage="require",
    says=f"{INTELLIGENCE}, and for training a model for military intelligence.",
    when=MOVES & fact("use.military_intelligence") & (REACHED_USER | fact("use.ai_training")),
    start="2025-05-13",
    cite=cite("15 CFR 744.22", STATEMENT_2025),
    mark="unverified",
    note="The country set is unverified. Training a model for military intelligence is reached wherever it is done, "
    "because a transaction does not say for whom a cloud trains.",
)

review = provision(
    "us.ear.744_2.review",
    stage="review",
    says="Applications for weapons, military and military-intelligence end uses are reviewed with a presumption of "
    "denial.",
    when=holds("us.ear.744_2") | holds("us.ear.744_21.end_use") | holds("us.ear.744_22"),
    start="2022-08-26",
    cite=cite("15 CFR 744.2(d), 744.21(e), 744.22(e)", ECFR),
    mark="unverified",
    policy="presumption_of_denial",
    note="The sections' own wording was not read; BIS speaks of the denial standards of part 744.",
)

PROVISIONS = (
    weapons,
    military,
    intelligence_2022,
    intelligence,
    review,
)
