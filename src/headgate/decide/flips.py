"""Which chips flip: the catalog decided on two days for every destination, under clean facts, exported from the US.

Two destinations that stand on the same lists on both days, and that no provision names, cannot be told apart by any
expression of the book; so one of each such group is decided for all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headgate.catalog.country_names import countries
from headgate.decide.one import Decider
from headgate.expr import walk
from headgate.expr.node import InList, OneOf
from headgate.law.book import Book

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Flip:
    """Chips whose answer differs between two days, for the same destinations.

    Args:
        track: `enforced` or `printed`.
        what: `outcome`, or `review_policy` where the outcome stays.
        items: Catalog ids.
        before: The answer on the first day.
        after: The answer on the second day.
        destinations: Alpha-2 codes; those that a provision names come first.
    """

    track: str
    what: str
    items: tuple[str, ...]
    before: str
    after: str
    destinations: tuple[str, ...]


def flips(
    by: Decider,
    first: date,
    second: date,
    items: Iterable[str] | None = None,
    then: Decider | None = None,
    stated: Mapping[str, object] | None = None,
) -> tuple[Flip, ...]:
    """Return which chips flip for which destinations between two days, or between two books.

    Args:
        by: A book and a catalog.
        first: The first day.
        second: The second day; with another book it may be the same.
        items: Catalog ids; by default every integrated circuit of the catalog.
        then: The book of the second day; by default the same.
        stated: Facts to state beside the clean ones.

    Returns:
        Flips of both tracks, outcomes before review policies, many destinations before few. A printed flip that is
        also an enforced one is named once, as enforced.

    Example:
        >>> from headgate.decide.one import decider
        >>> found = flips(decider(), date(2023, 10, 22), date(2023, 11, 18), ["nvidia-a800-sxm4-80"])
        >>> found[0].before, found[0].after, "CN" in found[0].destinations
        ('no_license_required', 'license_required', True)
    """
    chosen = list(items) if items is not None else [r.id for r in by.catalog.records() if r.kind == "ic"]
    moved: dict[tuple[str, str, str, Pair], set[str]] = {}
    together = groups(by, (first, second), *([then] if then else []))
    lanes = [(item, members) for members in together for item in chosen]
    pairs = [(item, members[0]) for item, members in lanes]
    answers = zip(_answers(by, pairs, first, stated), _answers(then or by, pairs, second, stated), strict=True)
    for (item, members), (before, after) in zip(lanes, answers, strict=True):
        for track, what, change in _differences(before, after):
            moved.setdefault((track, what, item, change), set()).update(members)
    return tuple(_gathered(moved, named_codes(by.book)))


def groups(by: Decider, days: Iterable[date], *others: Decider) -> list[list[str]]:
    """Return all destinations, those together that no expression of the books can tell apart on these days.

    Example:
        >>> from headgate.decide.one import decider
        >>> found = groups(decider(), [date(2024, 6, 1)])
        >>> ["CN"] in found, any({"BR", "CL"} <= set(group) for group in found)
        (True, True)
    """
    all_of, days = (by, *others), tuple(days)
    lists = sorted(
        {n.list_id for d in all_of for p in d.book.provisions for n in walk(p.when) if isinstance(n, InList)}
    )
    held = [d.lists.members(list_id, day) for d in all_of for list_id in lists for day in days]
    named = {code: n for d in all_of for code, n in named_codes(d.book).items()}
    known = countries()
    found: dict[tuple[object, ...], list[str]] = {}
    for code in sorted(set(known.names) - set(known.counted_as)):
        key = (*(code in members for members in held), code if code in named else "")
        found.setdefault(key, []).append(code)
    return list(found.values())


def named_codes(book: Book) -> Mapping[str, int]:
    """Return every code that some provision names by itself, whatever the field, with its place in order of mention."""
    mentions = (v for p in book.provisions for n in walk(p.when) if isinstance(n, OneOf) for v in n.values)
    return {code: n for n, code in enumerate(dict.fromkeys(mentions))}


def clean_row(item: str, destination: str, day: date, stated: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return the row that is decided under clean facts: an export from the United States, unless stated otherwise.

    Example:
        >>> clean_row("nvidia-h100-sxm", "CN", date(2024, 6, 1))["activity"]
        'export'
    """
    row: dict[str, object] = {"item": item, "activity": "export", "ship_from": "US", "destination": destination}
    row = {column: cell for column, cell in row.items() if column not in (stated or {})}
    if (stated or {}).get("activity") == "cloud_access":
        row["cloud_customer_hq_country"] = destination
    return row | {"event_date": day}


def _answers(
    by: Decider, pairs: Sequence[tuple[str, str]], day: date, stated: Mapping[str, object] | None
) -> list[tuple[Pair, Pair]]:
    """Return outcome and review policy of each chip to each destination, as enforced and as printed."""
    import polars as pl

    from headgate.decide.table import decide_frame

    rows = [{"line_id": str(n), **clean_row(*pair, day, stated)} for n, pair in enumerate(pairs)]
    found = decide_frame(by, pl.DataFrame(rows), assume="clean", stated=stated)
    columns = ("outcome", "review_policy", "outcome_printed", "review_policy_printed")
    return [((a, b), (c, d)) for a, b, c, d in found.select(columns).iter_rows()]


def _differences(a: tuple[Pair, Pair], b: tuple[Pair, Pair]) -> Iterator[tuple[str, str, Pair]]:
    """Yield how two answers differ, as (track, what, answers); a printed difference only where it is another one."""
    enforced, printed = _difference(a[0], b[0]), _difference(a[1], b[1])
    if enforced:
        yield "enforced", *enforced
    if printed and printed != enforced:
        yield "printed", *printed


def _difference(a: Pair, b: Pair) -> tuple[str, Pair] | None:
    if a[0] != b[0]:
        return "outcome", (a[0], b[0])
    if a[0] == "prohibited":
        # Nobody reviews what is prohibited.
        return None
    return ("review_policy", (a[1], b[1])) if a[1] != b[1] else None


def _gathered(moved: Mapping[tuple[str, str, str, Pair], set[str]], named: Mapping[str, int]) -> Iterator[Flip]:
    """Put chips with the same flip for the same destinations together."""
    together: dict[tuple[str, str, Pair, tuple[str, ...]], list[str]] = {}
    for (track, what, item, change), codes in moved.items():
        ordered = tuple(sorted(codes, key=lambda c: (named.get(c, len(named)), c)))
        together.setdefault((track, what, change, ordered), []).append(item)
    order = sorted(together, key=lambda k: (k[0] != "enforced", k[1], k[2], -len(k[3]), k[3]))
    for key in order:
        track, what, (before, after), destinations = key
        yield Flip(track, what, tuple(sorted(together[key])), before, after, destinations)
