"""The lanes of the world: templates of a transaction that the book of law decides for every chip."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from headgate.catalog.record import table_of, text_of, texts_of
from headgate.catalog.refusals import refuse_bad_toml, refuse_unknown_mark, refuse_wrong_type, stop
from headgate.decide.columns import COLUMNS, MEASURES, read_cell
from headgate.errors import CatalogError, RowError
from headgate.source import MARKS
from headgate.world.axes import BLOCS, CHANNELS
from headgate.world.chips import amount_of
from headgate.world.lane import CARRIES, CATEGORIES, Facts, Lane, Lanes, Limit, Reading
from headgate.world.records import WORLD, check_order, refuse_unknown_word

FILE = WORLD / "lanes.toml"
TOP = ("read_on", "before_the_book", "limit", "imagined", "facts", "lane")
NEEDED = ("id", "says", "bloc", "channel", "weight", "states", "facts", "source", "mark")
OPTIONAL = ("carries", "before_the_book", "where_not_modeled", "note")
# What the world itself states of a line, or the chip does.
OF_THE_WORLD = ("line_id", "event_date", "order_date", "loaded_date")
OF_THE_CHIP = ("item", "item_kind", "contains", "maker", "designer_hq_country", *MEASURES)


def refuse_foreign_fact(where: str, column: str, whose: str) -> NoReturn:
    """Refuse a fact that is not the lane's to state."""
    stop(where, column, f"{whose} states it, not the lane", "Remove it.")


def refuse_bad_fact(where: str, problem: RowError) -> NoReturn:
    """Refuse a fact that a transaction would not take either."""
    raise CatalogError(f"{where}: {problem}. Correct it.") from problem


def refuse_two_facts(where: str, column: str, sets: Sequence[str]) -> NoReturn:
    """Refuse two named sets of one lane that state one column differently."""
    stop(where, column, f"{' and '.join(sets)} state it differently", "State it in `facts` of the lane.")


def refuse_weights(where: str, bloc: str, channel: str, total: float) -> NoReturn:
    """Refuse weights that are no split of the demand of a bloc and channel."""
    stop(where, f"{bloc} {channel}", f"the middles of the weights add up to {total:g}", "Make them add up to 1.")


def refuse_no_share(where: str, key: str, given: float) -> NoReturn:
    """Refuse a weight over 1."""
    stop(where, key, f"{given:g} is no share", "Write a number from 0 to 1.")


def refuse_two_measures(where: str) -> NoReturn:
    """Refuse a limit without exactly one quantity."""
    stop(where, "prior or threshold", "a limit names exactly one of them", "Name the quantity that says how much.")


def _mark(where: str, given: object) -> str:
    return given if isinstance(given, str) and given in MARKS else refuse_unknown_mark(where, "mark", str(given))


def _word(where: str, key: str, given: object, known: Sequence[str]) -> str:
    text = text_of(where, key, given)
    return text if text in known else refuse_unknown_word(where, key, key, text, known)


def _reading(where: str, key: str, given: object) -> Reading:
    keys = ("category", "says", "source", "mark")
    row = table_of(where, key, given, keys, keys)
    at = f"{where}, {key}"
    category = _word(at, "category", row["category"], CATEGORIES)
    return Reading(
        category, text_of(at, "says", row["says"]), text_of(at, "source", row["source"]), _mark(at, row["mark"])
    )


def _limit(where: str, given: object) -> Limit:
    needed = ("id", "says", "provisions", "source", "mark")
    row = table_of(where, "limit", given, (*needed, "prior", "threshold"), needed)
    at = f"{where}, limit {text_of(where, 'id', row['id'])}"
    if ("prior" in row) == ("threshold" in row):
        refuse_two_measures(at)
    told = {
        key: text_of(at, key, row[key]) if key in row else "" for key in ("id", "says", "prior", "threshold", "source")
    }
    return Limit(**told, provisions=texts_of(at, "provisions", row["provisions"]), mark=_mark(at, row["mark"]))


def facts_of(where: str, given: object) -> dict[str, str]:
    """Return facts as the cells of a transaction, in text; each is read as a line of an order would be."""
    found: dict[str, str] = {}
    for column, value in table_of(where, "facts", given, COLUMNS, ()).items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            refuse_wrong_type(where, column, value, 'a text or a number, as "yes" or 1000')
        try:
            read_cell(column, value)
        except RowError as problem:
            refuse_bad_fact(where, problem)
        found[column] = value if isinstance(value, str) else f"{value:.12g}"
    return found


def _stated(where: str, sets: Mapping[str, dict[str, str]], names: Sequence[str], own: dict[str, str]) -> Facts:
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        for column, value in sets[_word(where, "states", name, tuple(sets))].items():
            other, before = found.setdefault(column, (name, value))
            if before != value and column not in own:
                refuse_two_facts(where, column, (other, name))
    return MappingProxyType(dict(sorted(({c: v for c, (_, v) in found.items()} | own).items())))


def _lane(where: str, given: object, sets: Mapping[str, dict[str, str]], before: Reading) -> Lane:
    row: dict[str, Any] = table_of(where, "lane", given, (*NEEDED, *OPTIONAL), NEEDED)
    id = text_of(where, "id", row["id"])
    at = f"{where}, {id}"
    carries = _word(at, "carries", row.get("carries", CARRIES[0]), CARRIES)
    facts = _stated(at, sets, texts_of(at, "states", row["states"]), facts_of(at, row["facts"]))
    for column in facts:
        if column in OF_THE_WORLD:
            refuse_foreign_fact(at, column, "the world")
        if carries == "chips" and column in OF_THE_CHIP:
            refuse_foreign_fact(at, column, "the chip")
    ends = ("low", "median", "high")
    told = table_of(at, "weight", row["weight"], ends, ends)
    weight = tuple(amount_of(at, f"weight: {end}", told[end]) for end in ends)
    check_order(at, "weight", "share", weight)
    if weight[2] > 1:
        refuse_no_share(at, "weight: high", weight[2])
    return Lane(
        id=id,
        says=text_of(at, "says", row["says"]),
        bloc=_word(at, "bloc", row["bloc"], BLOCS),
        channel=_word(at, "channel", row["channel"], CHANNELS),
        carries=carries,
        weight=(weight[0], weight[1], weight[2]),
        facts=facts,
        before_the_book=_reading(at, "before_the_book", row["before_the_book"]) if "before_the_book" in row else before,
        where_not_modeled=_reading(at, "where_not_modeled", row["where_not_modeled"])
        if "where_not_modeled" in row
        else None,
        source=text_of(at, "source", row["source"]),
        mark=_mark(at, row["mark"]),
        note=text_of(at, "note", row["note"]) if "note" in row else "",
    )


def _check_together(where: str, found: Lanes) -> None:
    for ids in ([lane.id for lane in found.lanes], [limit.id for limit in found.limits]):
        for id in ids:
            if ids.count(id) > 1:
                stop(where, id, "the id stands twice", "Remove one.")
    for bloc, channel in {(lane.bloc, lane.channel) for lane in found.lanes}:
        total = sum(lane.weight[1] for lane in found.lanes if (lane.bloc, lane.channel) == (bloc, channel))
        if abs(total - 1) > 1e-9:
            refuse_weights(where, bloc, channel, total)


def read_lanes(path: Path) -> Lanes:
    """Read the lanes, in the order of the file.

    Raises:
        CatalogError: The file cannot be read, or anything in it is not as it must be.
    """
    where = path.name
    try:
        raw = table_of(where, "file", tomllib.loads(path.read_text("utf-8")), TOP, TOP)
    except (OSError, UnicodeDecodeError) as problem:
        raise CatalogError(f"{path}: it cannot be read: {problem}. Give the path of a TOML file in UTF-8.") from problem
    except tomllib.TOMLDecodeError as problem:
        refuse_bad_toml(where, problem)
    if type(raw["read_on"]) is not date:
        refuse_wrong_type(where, "read_on", raw["read_on"], "a day, as 2026-11-22")
    before = _reading(where, "before_the_book", raw["before_the_book"])
    named = (
        raw["facts"] if isinstance(raw["facts"], dict) else refuse_wrong_type(where, "facts", raw["facts"], "a table")
    )
    sets = {name: facts_of(f"{where}, facts {name}", table) for name, table in named.items()}
    keys = ("says", "source", "mark", "facts")
    imagined = table_of(where, "imagined", raw["imagined"], keys, keys)
    _mark(f"{where}, imagined", imagined["mark"])
    for key in ("lane", "limit"):
        if not isinstance(raw[key], list):
            refuse_wrong_type(where, key, raw[key], f"a list of tables [[{key}]]")
    found = Lanes(
        lanes=tuple(_lane(where, row, sets, before) for row in raw["lane"]),
        limits=tuple(_limit(where, row) for row in raw["limit"]),
        imagined=MappingProxyType(facts_of(f"{where}, imagined", imagined["facts"])),
    )
    _check_together(where, found)
    return found


@cache
def lanes() -> Lanes:
    """Return the lanes of the world.

    Example:
        >>> [lane.id for lane in lanes().lanes][:3]
        ['cn_direct', 'cn_listed', 'cn_abroad']
    """
    return read_lanes(FILE)
