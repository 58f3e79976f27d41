"""Where a citation leads: the section as the eCFR prints it for the law day, and the Federal Register's page."""

import re
from collections.abc import Iterator
from datetime import date

from headgate.source import Cite

ECFR = "https://www.ecfr.gov"
REGISTER = "https://www.federalregister.gov/citation/{volume}-FR-{page}"
PLACE = re.compile(r"(?:15 CFR )?(?:(7\d\d\.\d+)(?:\(\w+\))*|part (7\d\d)\b)")
PAGE = re.compile(r"(\d+) FR (\d+)")


def links(cite: Cite, day: date, read_on: date) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a citation that lead somewhere, each with its address.

    Args:
        cite: The citation.
        day: The law day, whose text the eCFR is asked for.
        read_on: Last day up to which the law was read: no later text is linked.

    Example:
        >>> cite = Cite("15 CFR 742.6(b)(10), 744.23(d)", "88 FR 73458", "2026-11-22")
        >>> for piece, address in links(cite, date(2024, 6, 1), date(2026, 9, 25)):
        ...     print(f"{piece}: {address}")
        15 CFR 742.6(b)(10): https://www.ecfr.gov/on/2024-06-01/title-15/section-742.6
        744.23(d): https://www.ecfr.gov/on/2024-06-01/title-15/section-744.23
        88 FR 73458: https://www.federalregister.gov/citation/88-FR-73458
    """
    text_of = min(day, read_on)
    for found in PLACE.finditer(cite.section) if "15 CFR" in cite.section else ():
        section, part = found.groups()
        yield found[0], f"{ECFR}/on/{text_of}/title-15/{f'section-{section}' if section else f'part-{part}'}"
    if cite.published and (address := published_at(cite)):
        yield cite.published, address


def published_at(cite: Cite) -> str:
    """Return the address of a publication: its own, or that of its page in the Federal Register; blank when unknown."""
    page = PAGE.fullmatch(cite.published)
    return cite.url or (REGISTER.format(volume=page[1], page=page[2]) if page else "")
