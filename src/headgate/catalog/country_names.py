"""Names of countries: one name, one code.

Nothing here guesses: a name that fits two countries is asked back, and Hong Kong counts as China because the EAR counts
it so.
"""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from headgate.errors import CatalogError, did_you_mean
from headgate.source import MARKS

_COLUMNS = ("alpha2", "alpha3", "name", "aliases")
_SHORT_WORDS = {"st": "saint", "rep": "republic", "dem": "democratic"}


def _fold(text: str) -> str:
    """Reduce a name to what two spellings of it share: no case, accent, punctuation, or article."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    bare = re.sub(r"['’`]|(?<=\b\w)\.", "", bare).replace("&", " and ")
    return " ".join(_SHORT_WORDS.get(word, word) for word in re.findall(r"\w+", bare) if word != "the")


@dataclass(frozen=True, slots=True)
class Countries:
    """All countries: names by alpha-2 code, and the code of every accepted code and name."""

    names: Mapping[str, str]
    by_code: Mapping[str, str]
    by_name: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]
    counted_as: Mapping[str, str]

    def find(self, text: str) -> str:
        """Return the alpha-2 code that the rules use for a code or English name; see `find_country`."""
        code = self.written(text)
        return self.counted_as.get(code, code)

    def written(self, text: str) -> str:
        """Return the alpha-2 code of a code or English name as it was written: Hong Kong is `HK` here."""
        code = self.by_code.get(text.strip().upper()) or self.by_name.get(_fold(text))
        if code is None:
            if not text.strip():
                raise no_country_given()
            if _fold(text) in self.ambiguous:
                raise several_countries(text, [f"{c} ({self.names[c]})" for c in self.ambiguous[_fold(text)]])
            raise no_such_country(text, self.names.values())
        return code

    def and_counted(self, codes: Iterable[str]) -> list[str]:
        """Return codes, each followed by those that count as it."""
        return [
            each
            for code in codes
            for each in (code, *sorted(c for c, other in self.counted_as.items() if other == code))
        ]

    def counted_words(self, code: str) -> str:
        """Say what a code counts as; nothing of one that is its own.

        Example:
            >>> countries().counted_words("HK"), countries().counted_words("MO")
            ('Hong Kong counts as China everywhere in the EAR.', '')
        """
        other = self.counted_as.get(code)
        return f"{self.names[code]} counts as {self.names[other]} everywhere in the EAR." if other else ""


def no_country_given() -> CatalogError:
    """Refuse a blank: a missing country is unknown, not a country."""
    return CatalogError("no country is given: leave the cell out if it is unknown, or write a code such as US")


def several_countries(text: str, choices: list[str]) -> CatalogError:
    """Refuse a name that fits several countries, and ask which one is meant."""
    return CatalogError(f"{text.strip()!r} fits several countries: {' or '.join(choices)}?")


def no_such_country(text: str, known: Iterable[str]) -> CatalogError:
    """Refuse a name or code that is no country's."""
    near = did_you_mean(text.strip(), known)
    return CatalogError(
        f"{text.strip()!r} is no country known by code or English name.{near} Write an ISO code such as US"
    )


def name_of_two(name: str, one: str, other: str) -> CatalogError:
    """Refuse data in which one name or code stands for two countries."""
    return CatalogError(
        f"countries: {name!r} stands for {one} and {other}; keep it at one, or list it under [ambiguous]"
    )


def wrong_columns(line: int) -> CatalogError:
    """Refuse a line of the table of countries that does not have exactly the four columns."""
    return CatalogError(
        f"countries.csv, line {line}: not the columns {', '.join(_COLUMNS)}; quote a name that holds a comma"
    )


def unknown_keys(where: str, keys: Iterable[str], known: Iterable[str]) -> CatalogError:
    """Refuse a table with a key that nothing reads."""
    first = sorted(keys)[0]
    return CatalogError(
        f"{where}: unknown key {first!r}.{did_you_mean(first, known)} Known: {', '.join(sorted(known))}"
    )


def missing_keys(where: str, keys: Iterable[str]) -> CatalogError:
    """Refuse a table that lacks a key every such table needs."""
    return CatalogError(
        f"{where}: {', '.join(sorted(keys))} missing; every entry says how well it is known and from where"
    )


def unknown_mark(where: str, mark: str) -> CatalogError:
    """Refuse a mark of evidence that is not one of the four."""
    return CatalogError(f"{where}: mark {mark!r} is none of {', '.join(MARKS)}")


def unknown_code(where: str, code: str) -> CatalogError:
    """Refuse a list member that is no alpha-2 code."""
    return CatalogError(f"{where}: {code!r} is no ISO 3166-1 alpha-2 code; write, for example, KP for North Korea")


def check_table(where: str, table: Any, need: set[str], may: set[str]) -> None:
    """Refuse missing and unknown keys, and a mark that is none."""
    keys = set(table) if isinstance(table, Mapping) else set()
    if need - keys:
        raise missing_keys(where, need - keys)
    if keys - need - may:
        raise unknown_keys(where, keys - need - may, need | may)
    if "mark" in keys and table["mark"] not in MARKS:
        raise unknown_mark(where, table["mark"])


def read_countries(rows: str, notes: str) -> Countries:
    """Read the text of `countries.csv` and of the TOML beside it.

    Raises:
        CatalogError: A key is unknown or missing, or one name stands for two countries.
    """
    names: dict[str, str] = {}
    by_code: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for line, row in enumerate(csv.DictReader(rows.splitlines()), start=2):
        if tuple(row) != _COLUMNS or None in row.values():
            raise wrong_columns(line)
        code = row["alpha2"]
        names[code] = row["name"]
        for key in (code, row["alpha3"]):
            if by_code.setdefault(key, code) != code:
                raise name_of_two(key, by_code[key], code)
        for name in (row["name"], *filter(None, row["aliases"].split(";"))):
            if by_name.setdefault(_fold(name), code) != code:
                raise name_of_two(name, by_name[_fold(name)], code)
    table = tomllib.loads(notes)
    check_table("countries.toml", table, {"read_on", "mark", "source", "counted_as", "ambiguous"}, {"note"})
    for code, entry in table["counted_as"].items():
        check_table(f"counted_as.{code}", entry, {"as", "mark", "cite"}, {"note"})
    sets = [*table["ambiguous"].values(), *((code, entry["as"]) for code, entry in table["counted_as"].items())]
    for code in (code for codes in sets for code in codes):
        if code not in names:
            raise unknown_code("countries.toml", code)
    for name, codes in table["ambiguous"].items():
        if _fold(name) in by_name:
            raise name_of_two(name, by_name[_fold(name)], " or ".join(codes))
    return Countries(
        names=MappingProxyType(names),
        by_code=MappingProxyType(by_code),
        by_name=MappingProxyType(by_name),
        ambiguous=MappingProxyType({_fold(name): tuple(codes) for name, codes in table["ambiguous"].items()}),
        counted_as=MappingProxyType({code: entry["as"] for code, entry in table["counted_as"].items()}),
    )


def data_text(name: str) -> str:
    """Return the text of a file of `headgate/data`."""
    return (files("headgate") / "data" / name).read_text(encoding="utf-8")


@cache
def countries() -> Countries:
    """Return all countries, read once."""
    return read_countries(data_text("countries.csv"), data_text("countries.toml"))


def find_country(text: str) -> str:
    """Return the alpha-2 code that the rules use for a country code or English name.

    Alpha-2 and alpha-3 codes in any case, names and aliases whatever their case, accents and punctuation. Hong Kong,
    under any of its names, is returned as `CN`: the EAR knows no other destination there, so that a row said Hong Kong
    is lost here on purpose; keep the text as written if you need it. Macau stays `MO`.

    Raises:
        CatalogError: The text is blank, names no country (near names follow), or fits several (they are asked back).

    Example:
        >>> find_country("no"), find_country("Viet Nam"), find_country("Hong Kong"), find_country("DEU")
        ('NO', 'VN', 'CN', 'DE')
        >>> find_country("Korea")
        Traceback (most recent call last):
        headgate.errors.CatalogError: 'Korea' fits several countries: KR (South Korea) or KP (North Korea)?
    """
    return countries().find(text)


def country_name(alpha2: str) -> str:
    """Return the English name of an alpha-2 code, in the EAR's spelling where it has one.

    Raises:
        CatalogError: The code is no country's.

    Example:
        >>> country_name("MM"), country_name("HK")
        ('Burma', 'Hong Kong')
    """
    known = countries()
    if alpha2 not in known.names:
        raise no_such_country(alpha2, known.names.values())
    return known.names[alpha2]
