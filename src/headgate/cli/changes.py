"""Changes of the law on paper: the timeline of one screen, and the difference between two days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from headgate.catalog.countries import country_name
from headgate.catalog.country_names import countries
from headgate.decide.chain import short_section
from headgate.decide.prose import listed, number, shorten, width_of, wrap
from headgate.law.fields import LISTS

if TYPE_CHECKING:
    from headgate.decide.flips import Flip
    from headgate.law.history import Change, ChangeDay, ListChange

MOST_NAMED = 60
MOST_LINES = 45
BRIEF = (
    ("A license is required ", "License "),
    ("Country Groups ", ""),
    ("Country Group ", ""),
    ("the United States", "the US"),
    ("the United Arab Emirates", "the UAE"),
    ("United Arab Emirates", "UAE"),
    ("License Exceptions ", ""),
)
SIGN = {"starts": "+", "changes": "~", "ends": "-"}


def as_change(c: "Change") -> dict[str, object]:
    """Return a change of a provision as an object for JSON."""
    return {
        "what": c.what,
        "id": c.one.id,
        "stage": c.one.stage,
        "track": c.track if c.one.track == "both" else c.one.track,
        "says": c.one.says,
        "says_before": c.before.says if c.before else None,
        "section": c.one.cite.section,
        "published": c.one.cite.published,
        "thresholds": [
            {"id": id, "before": old.value if old else None, "after": new.value if new else None}
            for id, old, new in c.thresholds()
        ],
    }


def as_list_change(c: "ListChange") -> dict[str, object]:
    """Return a change of a country list as an object for JSON."""
    return {"day": c.day, "list": c.list_id, "country": c.country, "joins": c.joins, "cite": c.cite}


def timeline_lines(
    days: Sequence["ChangeDay"], read_on: date, width: int, most: int | None = MOST_LINES
) -> Iterator[str]:
    """Yield the timeline, newest last: a sentence a day, and what else happens in few words.

    Args:
        days: From `headgate.law.history.timeline`.
        read_on: The last day up to which the law was read.
        width: Columns of the terminal.
        most: Lines of the screen; days of smaller changes are only counted, and second lines are given up, the least
            weighty first, to stay within them. None shows every day.
    """
    indent = " " * 12
    shown = []
    # Red flags are no law that changes an answer; `headgate flags list` has them with their days.
    days = [replace(d, changes=tuple(c for c in d.changes if not c.one.weight)) for d in days]
    days = [d for d in days if d.changes or d.lists]
    small = [d for d in days if most is not None and is_small(d)]
    for n, d in enumerate(d for d in days if d not in small):
        head, tail = _day_words(d, begins=n == 0)
        lines = wrap(head if width_of(head) <= width - 12 else in_brief(head), width - 12)
        lines = lines if len(lines) < 3 else [lines[0], shorten(" ".join(lines[1:]), width - 12)]
        weighs = bool(d.changes) and d.changes[0].one.stage != "not_modeled"
        shown.append((d.day, weighs, lines, [shorten(tail, width - 12)] if tail else []))
    frame = 2 + bool(small) + any(day > read_on for day, *_ in shown)
    over = 0 if most is None else frame + sum(len(lines) + len(rest) for *_, lines, rest in shown) - most
    lightest = sorted(shown, key=lambda entry: (entry[1], entry[0]))
    for _, _, lines, _ in lightest:
        if over > 0 and len(lines) > 1:
            lines[:] = [shorten(" ".join(lines), width - 12)]
            over -= 1
    for *_, rest in lightest:
        if over > 0 and rest:
            rest.clear()
            over -= 1
    yield "WHAT CHANGED WHEN"
    after = False
    for day, _, lines, rest in shown:
        if day > read_on and not after:
            after = True
            yield f"-- the law was last read on {read_on}; what follows was known by then --"
        yield f"{day}  {lines[0]}"
        yield from (f"{indent}{line}" for line in (*lines[1:], *rest))
    if small:
        yield shorten(f"{len(small)} more days bring smaller changes (notes, counts, printed caps): --all", width)
    yield shorten("+ starts  ~ changes  - ends   `headgate law diff DAY DAY` shows all of it.", width)


def is_small(d: "ChangeDay") -> bool:
    """Say whether a day brings nothing that a first look needs: no list, no duty, only helpers or printed caps."""
    helpers = ("scope", "note", "not_modeled")
    return not d.lists and all(
        c.one.stage in helpers or (c.one.track, c.what) == ("printed", "changes") for c in d.changes
    )


def in_brief(text: str) -> str:
    """Write a provision's sentence with the short forms that every reader of the timeline knows.

    Example:
        >>> in_brief("A license is required for .a items to Country Groups D:1, D:4 and D:5 outside A:5 and A:6.")
        'License for .a items to D:1, D:4 and D:5 outside A:5 and A:6.'
    """
    for long, short in BRIEF:
        text = text.replace(long, short)
    return text


def _day_words(d: "ChangeDay", begins: bool) -> tuple[str, str]:
    """Return a day's weightiest change as a sentence, and the rest in a few words."""
    lists = list(list_words(d.lists))
    printed = [c for c in d.changes if c.one.track == "printed"]
    plain = [c for c in d.changes if c.one.track != "printed"]
    if not plain and not printed:
        return f"{'; '.join(lists)}.", ""
    first = (plain or printed)[0]
    if begins:
        return first.one.says, f"The book begins here, with {len(d.changes)} provisions in force."
    start = "Not modeled: " if first.one.stage == "not_modeled" else ""
    ends = "Ends: " if first.what == "ends" else ""
    said = f"{start}{ends}{first.one.says}"
    tail = lists
    if printed and plain:
        tail = [*tail, f"printed only: {printed[0].one.says.rstrip('.')}"]
    # Where the first change stands is told by its sentence; naming the section again says nothing.
    rest = [c for c in plain if short_section(c.one) != short_section(first.one)]
    if named := _signed(rest):
        tail = [*tail, named]
    return said, in_brief("; ".join(tail))


def _signed(changes: Iterable["Change"]) -> str:
    """The sections of some changes with their signs; new versions of one section stand once."""
    by_sign: dict[str, dict[str, None]] = {}
    for c in changes:
        by_sign.setdefault(SIGN[c.what], {})[short_section(c.one)] = None
    return "  ".join(f"{sign} {', '.join(sections)}" for sign, sections in by_sign.items())


def list_words(changes: Iterable["ListChange"]) -> Iterator[str]:
    """Yield changes of country lists in words: those of one country together, many countries counted.

    Example:
        >>> from headgate.law.history import ListChange
        >>> day = date(2024, 5, 30)
        >>> list(list_words([ListChange(day, "us.country_group.d5", "CY", False, "89 FR 40369")]))
        ['Cyprus leaves D:5']
    """
    by_country: dict[tuple[str, bool], list[str]] = {}
    for c in changes:
        name = LISTS.get(c.list_id, c.list_id).removeprefix("Country Group ")
        by_country.setdefault((c.country, c.joins), []).append(name)
    together: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for (country, joins), names in by_country.items():
        together.setdefault((tuple(names), joins), []).append(country_name(country))
    for (on, joins), places in together.items():
        who = listed(places) if len(places) <= 3 else f"{len(places)} countries"
        verb = ("joins" if joins else "leaves") if len(places) == 1 else ("join" if joins else "leave")
        yield f"{who} {verb} {listed(on)}"


def diff_records(
    changes: Iterable["Change"], lists: Iterable["ListChange"], found: Iterable["Flip"]
) -> Iterator[dict[str, object]]:
    """Yield the difference between two days as objects for JSON."""
    for c in changes:
        yield {"kind": "provision", **as_change(c)}
    for moved in lists:
        yield {"kind": "list", **as_list_change(moved)}
    for f in found:
        yield {
            "kind": "flip",
            "track": f.track,
            "what": f.what,
            "before": f.before,
            "after": f.after,
            "items": list(f.items),
            "destinations": list(f.destinations),
        }


def diff_lines(
    days: tuple[date, date],
    changes: Sequence["Change"],
    lists: Sequence["ListChange"],
    found: Sequence["Flip"],
    width: int,
) -> Iterator[str]:
    """Yield the difference between two days."""
    yield f"WHAT CHANGES FROM {days[0]} TO {days[1]}"
    if not changes and not lists:
        yield "  Nothing: no provision and no country list differs between these days."
    for what, head in (("starts", "STARTS"), ("changes", "CHANGES"), ("ends", "ENDS")):
        inside = [c for c in changes if c.what == what]
        if inside:
            yield from ("", f"{head} ({len(inside)})")
        for c in inside:
            yield from change_lines(c, width)
    if lists:
        yield from ("", "COUNTRY LISTS")
        for day in sorted({c.day for c in lists}):
            for said in list_words(c for c in lists if c.day == day):
                cites = listed(dict.fromkeys(c.cite for c in lists if c.day == day))
                yield from wrap(f"{said} ({cites})", width, f"  {day}  ")
    yield from ("", "CHIPS THAT FLIP")
    yield from wrap(
        "Every chip of the catalog, exported from the US under clean facts (headquarters in the destination, "
        "nobody listed, civil end use). No license means: none under the provisions that `headgate law list` shows.",
        width,
        "  ",
    )
    if not found:
        yield "  None."
    elif any("CN" in f.destinations for f in found):
        yield from wrap(countries().counted_words("HK"), width, "  ")
    yield from flip_lines(found, width)


def change_lines(c: "Change", width: int) -> Iterator[str]:
    """Yield one changed provision: its sentence, that of before, and the thresholds that differ."""
    track = c.track if c.one.track == "both" else c.one.track
    yield f"  {c.one.id}{'' if track == 'both' else f'  ({track} only)'}"
    yield from wrap(c.one.says, width, "      ")
    if c.what == "changes" and c.before and c.before.says != c.one.says:
        yield from wrap(f"before: {c.before.says}", width, "      ")
    for id, old, new in c.thresholds():
        was, now = (f"{number(t.value)} {t.unit}".strip() if t else "none" for t in (old, new))
        said = f"{was} -> {now}" if c.what == "changes" else (now if c.what == "starts" else was)
        yield from wrap(f"{id}: {said}", width, "      ")
    cite = c.one.cite.published
    yield from wrap(f"[{short_section(c.one)}{f'; {cite}' if cite else ''}]", width, "      ")


def flip_lines(found: Sequence["Flip"], width: int) -> Iterator[str]:
    """Yield the chips that flip, by track and by what differs."""
    heads = {
        ("enforced", "outcome"): "As enforced, another outcome:",
        ("enforced", "review_policy"): "As enforced, the same outcome under another review policy:",
        ("printed", "outcome"): "By the printed text, where it is not the enforced change:",
        ("printed", "review_policy"): "By the printed text, another review policy:",
    }
    for key, head in heads.items():
        inside = [f for f in found if (f.track, f.what) == key]
        if inside:
            yield from ("", f"  {head}")
        for f in inside:
            yield from wrap(f"{', '.join(f.items)}: {f.before or 'none'} -> {f.after or 'none'}", width, "  - ")
            yield from wrap(destination_words(f.destinations), width, "    ")


def destination_words(codes: Sequence[str]) -> str:
    """Count and name destinations; of very many, the first.

    Example:
        >>> destination_words(["CN", "MO"])
        'for 2 destinations: CN, MO'
    """
    named = ", ".join(codes[:MOST_NAMED]) + (", ..." if len(codes) > MOST_NAMED else "")
    return f"for {len(codes)} destination{'s' if len(codes) > 1 else ''}: {named}"
