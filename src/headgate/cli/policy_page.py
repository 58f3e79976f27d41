"""What `headgate policy show` prints: a record of the tracker for a person."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.catalog.policy_record import Policy

SIDE = {"us": "United States", "china": "China"}


def show_lines(p: "Policy", today: date, width: int) -> Iterator[str]:
    """Yield a record for a person: sources are numbered, and their addresses stand at the end."""
    from headgate.cli.text import wrap

    yield from wrap(f"{p.title} ({p.id})", width)
    for name, text in _facts(p, today).items():
        if text:
            yield from wrap(text, width, f"  {name + ':':<11}")
    if since := p.overdue_since(today):
        yield f"  review overdue since {since}"
    number = {source: n for n, source in enumerate(p.sources, 1)}
    for head, lines in (
        ("EVENTS", _event_lines(p, number, width)),
        ("PARAMETERS", _parameter_lines(p, number, width)),
        ("WHERE SOURCES DISAGREE", _disagree_lines(p, width)),
        ("WHAT IT COULD BE", _candidate_lines(p, number, width)),
    ):
        inside = list(lines)
        if inside:
            yield from ("", head, *inside)
    yield from ("", "SOURCES")
    for source, n in number.items():
        yield from wrap(source, width, f"  {f'[{n}]':<4} ")


def _facts(p: "Policy", today: date) -> Mapping[str, str]:
    """Return what a record says of itself in a word or a line, by name."""
    status, mark = p.status()
    now = p.status(today)
    ended = f", the suspension ended on {p.suspended_until}" if now[0] == "unknown" and p.suspended_until else ""
    return {
        "kind": f"{p.kind.replace('_', ' ')}, {SIDE[p.side]}",
        "numbers": _marked(p.numbers),
        "sponsors": _marked(p.sponsors),
        "status": f"{words(status)}; {_mark(mark)}; last seen {p.status_day}",
        "now": f"{words(now[0])}{ended}; {_mark(now[1])}; by the events, {today}" if now != (status, mark) else "",
        "suspended": f"until {p.suspended_until}" if p.suspended_until else "",
        "review by": str(p.review_by or ""),
        "tried by": "; ".join(f"headgate law try {s}" for s in p.scenarios),
        "why": p.why,
        "look at": "; ".join(p.look_at),
        "related": ", ".join(p.related),
        "note": p.note,
    }


def words(status: str) -> str:
    """Say what a status means, after its name where that is not plain enough.

    Example:
        >>> words("in_force"), words("attached")
        ('in force', 'attached: taken into another bill that is not law')
    """
    from headgate.catalog.policy_record import STATUSES

    name = status.replace("_", " ")
    return name if name == STATUSES[status] else f"{name}: {STATUSES[status]}"


def _mark(mark: str) -> str:
    from headgate.decide.wording import MARK

    return MARK[mark]


def _marked(texts: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{', '.join(named)} ({_mark(mark)})" for mark, named in texts.items())


def _known(mark: str, source: Iterable[str], number: Mapping[str, int]) -> str:
    """Say how well a claim is known and where: the mark and the numbers of its sources."""
    return f"({_mark(mark)}) {''.join(f'[{number[s]}]' for s in source)}"


def _event_lines(p: "Policy", number: Mapping[str, int], width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    for e in p.events:
        status = f" -> {e.status}" if e.status else ""
        yield from wrap(f"{e.what}{status} {_known(e.mark, e.source, number)}", width, f"  {e.day!s:<10}  ")


def _parameter_lines(p: "Policy", number: Mapping[str, int], width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    for each in p.parameters:
        value = "" if each.value is None else f" = {_value(each.value)}"
        yield from wrap(
            f"{each.name}{value}: {each.says} {_known(each.mark, each.source, number)}", width, "  - ", "    "
        )


def _value(value: object) -> str:
    from headgate.decide.prose import number

    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, int | float) else str(value)


def _disagree_lines(p: "Policy", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    for each in p.disagree:
        yield from wrap(f"{each.about}:", width, "  ")
        for says in each.says:
            yield from wrap(says, width, "  - ")
        yield from wrap(f"Used: {each.used}", width, "  ")


def _candidate_lines(p: "Policy", number: Mapping[str, int], width: int) -> Iterator[str]:
    from headgate.cli.text import wrap

    for c in p.candidates:
        where = f", see {c.record}" if c.record else ""
        yield from wrap(f"{c.number}, {c.title}{where} {_known(c.mark, c.source, number)}", width, "  ")
        for word, reasons in (("for", c.reasons_for), ("against", c.reasons_against)):
            for reason in reasons:
                yield from wrap(reason, width, f"    {word + ':':<9}")
