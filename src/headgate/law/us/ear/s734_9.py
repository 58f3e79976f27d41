"""15 CFR 734.9: the foreign-direct-product rules, as far as they reach circuits, computers and what goes with them.

Each asks what the item is, of which technology, software or plant it is the product (one fact of a transaction, for all
lists of inputs), and where or to whom it goes. None reads a requirement: every requirement asks whether one holds.
"""

from datetime import timedelta

from headgate.expr import Expr, any_of, fact, field, holds, threshold
from headgate.law.kinds import KIND
from headgate.law.provision import Provision, provision
from headgate.law.us.sources import (
    AC_S_2023,
    AFFILIATES_2025,
    DIFFUSION_2025,
    ECFR,
    IFR_2022,
    MACAU_2023,
    STAY_2025,
    Publication,
    cite,
)
from headgate.law.us.state import affiliates_stay

ID, SECTION = "us.ear.734_9", "15 CFR 734.9"
RULES = (*(f"{ID}.{rule}" for rule in ("b", "e_1", "e_2", "f", "g", "h", "i", "j", "l")), "us.letter.direct_product")
REACHED = any_of(*(holds(rule) for rule in RULES))
TO, DEVELOPER = field("act.destination"), field("item.designer_countries")
PRODUCT = fact("item.is_direct_product")
LISTED = fact("party.is_entity_listed") | holds(f"{ID}.owned")
ITEMS_2022 = holds("us.ear.742_6.items_2022")
ITEMS = holds("us.ear.742_6.items_a") | holds("us.ear.742_6.items_b") | holds("us.ear.3a090.c")
CHINA_OR_MACAU = ("CN", "MO")
D5_OR_MACAU = DEVELOPER.in_list("us.country_group.d5") | DEVELOPER.one_of("MO")
LISTED_PARTY = "A direct product is subject to the EAR when a party is on the Entity List with footnote "
FOOTNOTE = "The row does not say which footnote; any is taken. Footnote 5, of (e)(3), is for chip-making equipment."
NEXT = "That it is known to go into an item for such a place is not among the facts; the place of the line counts."
DEVELOPED = ", and technology that a party headquartered there developed, to any place."


def _rule(
    paragraph: str, says: str, when: Expr, start: str, by: Publication, mark: str = "one_source", **more: object
) -> Provision:
    """One version of one rule."""
    return provision(
        f"{ID}.{paragraph}",
        stage="scope",
        says=says,
        when=PRODUCT & when,
        start=start,
        cite=cite(f"{SECTION}({paragraph.replace('_', ')(')})", by),
        mark=mark,
        **more,  # type: ignore[arg-type]
    )


def _technology_of(developer: Expr) -> Expr:
    """Technology that a party headquartered there developed, for a mask, wafer or die."""
    return KIND.one_of("technology") & developer


national_security = _rule(
    "b",
    "A direct product of 3A090 or 4A090 is subject to the EAR to Country Groups D:1, E:1 and E:2 apart from China.",
    ITEMS_2022 & any_of(*(TO.in_list(f"us.country_group.{group}") for group in ("d1", "e1", "e2"))) & ~TO.one_of("CN"),
    "2022-10-21",
    ECFR,
    "unverified",
    end="2023-11-17",
    ended_by=cite(f"{SECTION}(h)", AC_S_2023),
    note="The rule is for items controlled for national security; each may be by its other entry. Later (h) covers it.",
)
owned, owned_again = (
    provision(
        f"{ID}.owned",
        stage="scope",
        says="Listed parties together hold half or more of a party, which then has their footnotes.",
        when=field("party.listed_owner_share") >= threshold(f"{ID}.owned/share", 0.5, "of the shares"),
        start=start,
        end=end,
        cite=cite(f"{SECTION}(e), (g)", by),
        ended_by=cite(f"{SECTION}(e), (g)", STAY_2025) if end else None,
        mark=mark,
        note="With the affiliates rule (744.11), in its windows.",
    )
    for start, end, by, mark in (
        ("2025-09-29", "2025-11-10", AFFILIATES_2025, "one_source"),
        (str(affiliates_stay().through + timedelta(1)), None, STAY_2025, "unverified"),
    )
)
footnote_1, footnote_4, footnote_3 = (
    _rule(rule, f"{LISTED_PARTY}{number}.", LISTED, start, by, flag="read_footnote", note=FOOTNOTE)
    for rule, number, start, by in (
        ("e_1", 1, "2022-08-26", ECFR),
        ("e_2", 4, "2022-10-21", IFR_2022),
        ("g", 3, "2022-08-26", ECFR),
    )
)
russia = _rule(
    "f",
    "A direct product is subject to the EAR to Russia, Belarus and the occupied regions of Ukraine.",
    TO.in_list("us.russia_belarus") | (TO.one_of("UA") & fact("act.is_occupied_region")),
    "2022-08-26",
    ECFR,
    note="The text names Crimea alone; since when was not read. The carve-out for partner countries is not counted.",
)
computing_2022 = _rule(
    "h",
    "A direct product of 3A090, 4A090 or their technology is subject to the EAR to China" + DEVELOPED,
    ITEMS_2022 & (TO.one_of("CN") | _technology_of(DEVELOPER.one_of("CN"))),
    "2022-10-21",
    IFR_2022,
    end="2023-01-17",
    note=f"{NEXT} Software is not named; it is taken as reached with what it is for.",
)
computing_2023_01 = _rule(
    "h",
    "A direct product of 3A090, 4A090 or their technology is subject to the EAR to China and Macau" + DEVELOPED,
    ITEMS_2022 & (TO.one_of(*CHINA_OR_MACAU) | _technology_of(DEVELOPER.one_of(*CHINA_OR_MACAU))),
    "2023-01-17",
    MACAU_2023,
    "unverified",
    end="2023-11-17",
    ended_by=cite(f"{SECTION}(h)", AC_S_2023),
    note="The day on which Macau was added is unverified.",
)
computing_2023 = _rule(
    "h",
    "A direct product of 3A090, 4A090, a .z item or their technology is subject to the EAR to Country Groups D:1, D:4 "
    "and D:5 outside A:5 and A:6, to any place for a party with headquarters or ultimate parent in Macau or D:5, and "
    "technology that such a party developed, to any place.",
    ITEMS & (holds("us.ear.742_6.destinations") | holds("us.ear.744_23.hq_d5_or_macau") | _technology_of(D5_OR_MACAU)),
    "2023-11-17",
    AC_S_2023,
    end="2025-05-15",
    note=f"{NEXT} Software is taken as reached with what it is for.",
)
computing_2025 = _rule(
    "h",
    "A direct product of 3A090, 4A090, a .z item or their technology is subject to the EAR to every destination.",
    ITEMS,
    "2025-01-13",
    DIFFUSION_2025,
    binds_from="2025-05-15",
    note="Counted on both tracks: the requirements by headquarters and for the UAE are enforced and need this reach.",
)
supercomputer_2022 = _rule(
    "i",
    "A direct product for a supercomputer in China is subject to the EAR.",
    fact("use.supercomputer") & TO.one_of("CN"),
    "2022-10-21",
    IFR_2022,
    end="2023-01-17",
)
supercomputer = _rule(
    "i",
    "A direct product for a supercomputer in China or Macau is subject to the EAR.",
    fact("use.supercomputer") & TO.one_of(*CHINA_OR_MACAU),
    "2023-01-17",
    MACAU_2023,
    note="The day on which Macau was added is unverified. The rule still names these two places alone, and is narrower "
    "than 744.23(a)(1), which says Macau or Country Group D:5.",
)
iran = _rule(
    "j",
    "A direct product is subject to the EAR to Iran.",
    TO.one_of("IR"),
    "2023-02-24",
    ECFR,
    "unverified",
    note="Its first day is from memory.",
)
weights = _rule(
    "l",
    "4E091 model weights made in a plant that is a direct product are subject to the EAR to every destination.",
    holds("us.ear.4e091"),
    "2025-01-13",
    DIFFUSION_2025,
    binds_from="2025-05-15",
)

PROVISIONS = (
    national_security,
    owned,
    owned_again,
    footnote_1,
    footnote_4,
    russia,
    footnote_3,
    computing_2022,
    computing_2023_01,
    computing_2023,
    computing_2025,
    supercomputer_2022,
    supercomputer,
    iran,
    weights,
)
