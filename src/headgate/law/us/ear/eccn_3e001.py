"""ECCNs 3D001, 4D090, 3E001 and 4E001: software and technology for the controlled circuits and computers.

What it is for is given like the commodity itself: by item, by the circuits in `contains`, or by measures. The
requirement follows that commodity (742.6), and one more is for technology that leaves Macau or Country Group D:5.
"""

from headgate.expr import Expr, any_part, field, holds
from headgate.law.provision import Provision, provision
from headgate.law.us.sources import AC_S_2023, IFR_2022, MACAU_2023, cite

KIND, COMMODITY, FROM = field("item.kind"), field("item.commodity"), field("act.ship_from")
IN_2022 = any_part(holds("us.ear.3a090.2022"))
SINCE_2023 = any_part(holds("us.ear.3a090.a")) | any_part(holds("us.ear.3a090.b"))
FOR = {"ic": "3A090", "computer": "4A090"}
WORK = (
    "The entry is for the development or production of the commodity. Software and technology to run it are taken as "
    "reached too, because a transaction does not say which; some are the .z items 5D002.z, 5D992.z, 5E002 and 5E992."
)


def _entry(eccn: str, kind: str, commodity: str, note: str = "") -> tuple[Provision, Provision]:
    """Both versions of one entry: by the text of 2022, and by that of 2023."""
    is_it = KIND.one_of(kind) & COMMODITY.one_of(commodity)
    says = f"{kind.capitalize()} is {eccn} when it is for a {'circuit' if commodity == 'ic' else 'computer'} of "
    section = f"15 CFR part 774, supp. 1, ECCN {eccn}"
    notes = " ".join(filter(None, (WORK, note)))

    def version(when: Expr, of: str, start: str, by: object, **more: object) -> Provision:
        """One version: what it is software or technology for, and from when."""
        return provision(
            f"us.ear.{eccn.lower()}",
            stage="classify",
            says=says + of,
            when=is_it & when,
            start=start,
            cite=cite(section, by),  # type: ignore[arg-type]
            mark="one_source",
            eccn=eccn,
            paragraph=eccn,
            note=notes,
            **more,  # type: ignore[arg-type]
        )

    main = FOR[commodity]
    ended = {"end": "2023-11-17", "ended_by": cite(section, AC_S_2023)}
    return (
        version(IN_2022, f"{main}.", "2022-10-21", IFR_2022, **ended),
        version(SINCE_2023, f"{main}.a or .b.", "2023-11-17", AC_S_2023),
    )


LEAVING = (
    field("act.activity").one_of("export", "reexport")
    & holds("us.ear.734.movement")
    & KIND.one_of("technology")
    & COMMODITY.one_of("ic")
)
SAYS = "A license is required for technology for 3A090 that leaves {}, to every destination."
from_china = provision(
    "us.ear.742_6.a_6_ii",
    stage="require",
    says=SAYS.format("China"),
    when=LEAVING & FROM.one_of("CN") & IN_2022,
    start="2022-10-21",
    end="2023-01-17",
    cite=cite("15 CFR 742.6(a)(6)", IFR_2022),
    mark="unverified",
    note="From memory of the entry of 2022; digests name only the foreign-direct-product rule for such technology.",
)
from_china_or_macau = provision(
    "us.ear.742_6.a_6_ii",
    stage="require",
    says=SAYS.format("China or Macau"),
    when=LEAVING & FROM.one_of("CN", "MO") & IN_2022,
    start="2023-01-17",
    end="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)", MACAU_2023),
    ended_by=cite("15 CFR 742.6(a)(6)(ii)", AC_S_2023),
    mark="unverified",
    note="As for 2022; the day on which Macau was added is unverified.",
)
from_d5_or_macau = provision(
    "us.ear.742_6.a_6_ii",
    stage="require",
    says=SAYS.format("Macau or Country Group D:5"),
    when=LEAVING & (FROM.in_list("us.country_group.d5") | FROM.one_of("MO")) & SINCE_2023,
    start="2023-11-17",
    cite=cite("15 CFR 742.6(a)(6)(ii); ECCN 3E001", AC_S_2023),
    mark="one_source",
    note="Read in the printed text of 2026-07-23; that it stands so since 2023-11-17 is taken from the rule that "
    "widened every scope of that section. How applications are reviewed was not read.",
)

PROVISIONS = (
    *_entry("3D001", "software", "ic"),
    *_entry("4D090", "software", "computer"),
    *_entry(
        "3E001",
        "technology",
        "ic",
        "The entry itself prints Country Groups D:1, D:4 and D:5 for all such technology, and neither every "
        "destination for .a nor the UAE; the technology is taken to follow the circuit.",
    ),
    *_entry("4E001", "technology", "computer"),
    from_china,
    from_china_or_macau,
    from_d5_or_macau,
)
