"""What headings usually mean: words of ERP systems, of the EEI and of the trade, in English, German and Chinese."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from headgate.decide.columns import COLUMNS
from headgate.decide.mapping.headings import fold
from headgate.law.measures import BITS

SPARSE = re.compile(r"spars|稀疏|dünn", re.IGNORECASE)
# Facts of the order and of the item. Every other column states something of the law, and is for a person to say.
GUESSABLE = (
    *"line_id event_date order_date loaded_date item item_kind contains maker stated_eccn quantity".split(),
    *"unit_price_usd ship_from destination consignee intermediate_consignee end_user tpp performance_density".split(),
    *"die_area_mm2 dram_bandwidth_gb_per_s io_bandwidth_gb_per_s hbm_density_gb_per_s_mm2 transistors_bn".split(),
    "node_nm",
    *BITS,
)
FROM = {
    "own": "it is the name of the column",
    "sap": "it is a field of SAP",
    "oracle": "it is a name of Oracle's order lines",
    "eei": "it is an element of the EEI (15 CFR 30.6)",
    "english": "it is what the trade calls it",
    "german": "it is what the trade calls it in German",
    "chinese": "it is what the trade calls it in Chinese",
}
_BRACKETS = re.compile(r"[(\[（【][^)\]）】]*[)\]）】]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a heading could mean.

    Args:
        column: Ours, or in brackets a part of it.
        why: Why, in words.
        strength: 2 when the whole heading is known, 1 when it holds words that are.
    """

    column: str
    why: str
    strength: int


def plain(heading: str) -> str:
    """Reduce a heading to its words: no brackets, no punctuation, no case.

    Example:
        >>> plain("Speicherbandbreite (TB/s)"), plain("SHIP_TO-Country")
        ('speicherbandbreite', 'ship to country')
    """
    return " ".join(re.sub(r"[\W_]+", " ", _BRACKETS.sub(" ", fold(heading))).split())


@cache
def words() -> dict[str, list[tuple[str, str]]]:
    """Return every known word with the columns that it may mean, and where it is used."""
    text = files("headgate").joinpath("data", "maps", "vocabulary.csv").read_text(encoding="utf-8")
    found: dict[str, list[tuple[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        for word in row["words"].split(";"):
            found.setdefault(plain(word), []).append((row["column"], row["from"]))
    for column in COLUMNS:
        found.setdefault(plain(column), []).insert(0, (column, "own"))
    return found


def meanings(heading: str) -> list[Meaning]:
    """Return what a heading could mean, one of each column; only the best, and several when they are alike.

    Example:
        >>> [m.column for m in meanings("Wunschlieferdatum")], [m.column for m in meanings("Land")]
        (['event_date'], ['destination', 'hq_country'])
    """
    if SPARSE.search(heading):
        return []
    asked = plain(heading)
    if asked in words():
        return _each(asked, words()[asked], 2)
    inside = [word for word in words() if _holds(asked, word)]
    longest = max(map(len, inside), default=0)
    return [m for word in inside if len(word) == longest for m in _each(word, words()[word], 1)]


def _holds(asked: str, word: str) -> bool:
    """Say whether a heading holds a word; a short one says too little."""
    if word.isascii() or not re.search(r"[\u4e00-\u9fff]", word):
        return len(word) > 4 and f" {word} " in f" {asked} "
    return len(word) > 1 and word in asked


def _each(word: str, found: list[tuple[str, str]], strength: int) -> list[Meaning]:
    how = "" if strength == 2 else f" of {word!r}, which it holds"
    told = {column: Meaning(column, FROM[source] + how, strength) for column, source in reversed(found)}
    return [told[column] for column in dict.fromkeys(column for column, _ in found)]
