"""Words of other languages that mean exactly one of ours: names of countries, and yes and no."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from headgate.decide.columns import COLUMNS
from headgate.decide.mapping.headings import fold

LANGUAGES = ("de", "zh")
_YES_NO: Mapping[str, Mapping[str, str]] = {
    "de": {"ja": "yes", "nein": "no"},
    "zh": {"是": "yes", "否": "no"},
}


@cache
def country_words(language: str) -> Mapping[str, str]:
    """Return the names of countries in a language, folded, with their codes.

    Example:
        >>> country_words("de")["südkorea"], country_words("zh")["中国香港"]
        ('KR', 'HK')
    """
    text = files("headgate").joinpath("data", "maps", "countries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {fold(name): row["alpha2"] for row in rows for name in row[language].split(";") if name}


def language_values(language: str | None) -> dict[str, dict[str, str]]:
    """Return, for each column that names countries or says yes or no, the words of a language and ours.

    Example:
        >>> language_values("de")["is_denied"]
        {'ja': 'yes', 'nein': 'no'}
    """
    if language is None:
        return {}
    words = {"country": country_words(language), "countries": country_words(language), "yesno": _YES_NO[language]}
    return {c.name: dict(words[c.kind]) for c in COLUMNS.values() if c.kind in words}
