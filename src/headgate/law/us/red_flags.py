"""Red flags as provisions: notes that weigh, made of the records in `data/red_flags.toml`; no outcome turns on them.

Supplement 3 to part 732, the BIS guidance of 2025-05-13 and 2026-05-31, joint notes, and what enforcement cases show.
"""

from collections.abc import Iterator
from datetime import date

from headgate.errors import BookError, did_you_mean
from headgate.law.flag_records import RedFlag, Rule, flag_records
from headgate.law.provision import Provision, provision
from headgate.law.read import parse_at
from headgate.law.us import sources
from headgate.law.us.ear.s744_11 import AFFILIATES_RULE
from headgate.law.us.sources import READ, Publication
from headgate.source import Cite

PUBLICATIONS = {p.name: p for p in vars(sources).values() if isinstance(p, Publication)}


def provisions_of(flag: RedFlag) -> Iterator[Provision]:
    """Yield the provisions that raise one flag: one a rule, and one a span of days where another provision gives them.

    Raises:
        BookError: A condition cannot be read, or a publication is not one of `sources`.

    Example:
        >>> from headgate.law.flag_records import find_flag
        >>> [p.id for p in provisions_of(find_flag("ADV-06"))]
        ['us.flag.ADV-06', 'us.flag.ADV-06.d5']
    """
    for rule in flag.rules:
        if not rule.spans_of:
            yield _made(flag, rule, rule.start, rule.end, rule.mark, rule.published)
        for other in AFFILIATES_RULE:
            if other.id == rule.spans_of:
                mark = rule.mark if rule.mark == "unverified" else other.mark
                yield _made(flag, rule, other.start, other.end, mark, other.cite.published, other)


def _made(
    flag: RedFlag, rule: Rule, start: date, end: date | None, mark: str, published: str, other: Provision | None = None
) -> Provision:
    where = f"red_flags.toml, {flag.id}"
    if published not in PUBLICATIONS and other is None:
        near = did_you_mean(published, PUBLICATIONS)
        raise BookError(f"{where}: {published!r} is no publication of law/us/sources.py.{near}")
    found = PUBLICATIONS.get(published) or Publication(published, other.cite.published_on if other else None)
    return provision(
        f"us.flag.{flag.id}{f'.{rule.name}' if rule.name else ''}",
        stage="note",
        says=rule.says,
        when=parse_at(rule.when, where),
        start=start.isoformat(),
        end=end.isoformat() if end else None,
        cite=Cite(rule.section, found.name, READ, found.url, found.published_on),
        ended_by=other.ended_by if other else None,
        mark=mark,
        track=rule.track,
        flag=flag.id,
        weight=rule.weight,
        note=rule.note,
    )


PROVISIONS = tuple(p for flag in flag_records().flags.values() for p in provisions_of(flag))
