"""Where a value or a provision comes from, and how well it is known."""

from dataclasses import dataclass
from datetime import date

# Best first; the weakest mark among the provisions that decided is a decision's evidence.
MARKS = ("primary", "two_sources", "one_source", "unverified")


def weakest(marks: "list[str] | tuple[str, ...] | set[str]") -> str:
    """Return the weakest of some marks; of none, `unverified`.

    Example:
        >>> weakest(["primary", "one_source", "two_sources"])
        'one_source'
    """
    return max(marks, key=MARKS.index, default="unverified")


@dataclass(frozen=True, slots=True)
class Cite:
    """A citation: the legal section, where it was published, and when we last read it.

    Args:
        section: As a lawyer cites it, for example `15 CFR 742.6(a)(6)(iii)`.
        published: Federal Register page, letter or document, for example `88 FR 73458`.
        read_on: ISO day on which the text or its digest was last read.
        url: Address of the source, when there is one.
        published_on: Day of publication; None for a compilation, such as the eCFR, that published nothing new.
    """

    section: str
    published: str
    read_on: str
    url: str = ""
    published_on: date | None = None

    def __str__(self) -> str:
        return f"{self.section} ({self.published})" if self.published else self.section
