"""What the cells of a column say of how they are to be read: the sign of decimals, the form of days, the unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache

from headgate.catalog.chips import catalog
from headgate.catalog.countries import find_country
from headgate.catalog.record import NUMBERS, Record
from headgate.decide.columns import COLUMNS, read_cell
from headgate.decide.mapping.day_forms import fitting
from headgate.decide.mapping.headings import fold
from headgate.decide.mapping.languages import LANGUAGES, country_words
from headgate.decide.mapping.readings import EITHER, UNDECIDED
from headgate.decide.mapping.scales import BLANKS, SCALES, read_number, scaled, unit_named
from headgate.errors import CatalogError, RowError
from headgate.law.measures import BITS, total_processing_performance

MOST_VALUES, MOST_DAYS = 12, 5_000
_BETWEEN = re.compile(BLANKS)
NO_DAYS = ("00000000", "00.00.0000", "0000-00-00", "00/00/0000")
_LANGUAGE = {"de": "German", "zh": "Chinese"}


def decimal_sign(values: Iterable[str], typed: bool = False) -> tuple[str, str] | None:
    """Return the decimal sign of numbers that are not plain, and why; None when all are.

    The sign is `UNDECIDED` where cells such as 15.824 or 1,234 fit two readings and no other cell tells which.

    Args:
        values: The cells of all columns of numbers.
        typed: The file has numbers of its own, so that a point may be none of its writer's.

    Example:
        >>> decimal_sign(["1.234,50", "7"]), decimal_sign(["1,234.5"]), decimal_sign(["1.580.000", "15.824"])
        ((',', "as in '1.234,50'"), ('.', "as in '1,234.5'"), (',', "as in '1.580.000'"))
        >>> decimal_sign(["15.824", "70"])[0], decimal_sign(["1,234"])[0], decimal_sign(["15.824", "4.8"])
        ('?', '?', None)
    """
    told: dict[str, str] = {}
    plain = either = commas = ""
    for value in values:
        number = _BETWEEN.sub("", value.rstrip("%％ "))
        sign = _sign(number)
        commas = commas or (value if "," in number else "")
        if sign == "." and number.count(".") == 1 and "," not in number:
            plain = plain or value
        elif sign is not None:
            told.setdefault(sign, value)
        elif EITHER.fullmatch(number):
            either = either or value
    if plain and ((not typed and "," in told) or (commas and not told)):
        told.setdefault(".", plain)
    if len(told) == 2:
        return UNDECIDED, f"{told[',']!r} has a comma before its decimals, {told['.']!r} a point"
    if told:
        return next((sign, f"as in {value!r}") for sign, value in told.items())
    if either and not plain:
        number = _BETWEEN.sub("", either)
        return UNDECIDED, f"{either!r} could be {re.sub('[.,]', '', number)} or {number.replace(',', '.')}"
    return None


def _sign(number: str) -> str | None:
    """Return the decimal sign that a number betrays; None when it could have either or has none."""
    if not re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", number) or EITHER.fullmatch(number):
        return None
    for point, group in ((",", "."), (".", ",")):
        between = rf"[1-9]\d{{0,2}}(?:[{group}]\d{{3}})"
        if re.fullmatch(rf"[+-]?(?:{between}+[{point}]\d+|{between}{{2,}}|\d*[{point}]\d+)", number):
            return point
    return None


def guess_dates(values: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the forms in which every day can be read, why, and whether one is chosen.

    Example:
        >>> [kind for _, _, kind in guess_dates(["31.12.2025"])], [kind for _, _, kind in guess_dates(["01/02/2026"])]
        (['guess'], ['choice', 'choice'])
    """
    forms = fitting(values[:MOST_DAYS]) if values else ()
    if "YYYY-MM-DD" in forms:
        return
    if len(forms) == 1:
        yield forms[0], f"every day seen fits, and no other form does ({values[0]})", "guess"
    for form in forms if len(forms) > 1 else ():
        yield form, f"every day seen fits {' and '.join(forms)}; say which it is", "choice"
    if values and not forms:
        strange = next((v for v in values if not fitting([v])), values[0])
        yield "?", f"no one form fits all days seen; look at {strange!r}", "choice"


def unusual(column: str, values: Sequence[str]) -> str:
    """Say which reading of a cell such as 15.824 would be unusual in a column; blank when both or none would.

    Example:
        >>> unusual("tpp", ["15.824"]), unusual("quantity", ["1.500"])
        ('a tpp of 15.824 would be unusual, of 15824 not', '')
    """
    range_ = usual(column)
    value = next((v for v in values if EITHER.fullmatch(v)), "")
    if range_ is None or not value:
        return ""
    small, large = value.replace(",", "."), re.sub("[.,]", "", value)
    fits = [_fits([Decimal(n)], 1, range_) for n in (small, large)]
    if fits[0] == fits[1]:
        return ""
    odd, fair = (large, small) if fits[0] else (small, large)
    return f"a {column} of {odd} would be unusual, of {fair} not"


def _tpp(chip: Record) -> float | None:
    best = total_processing_performance(
        {rate: n for rate in BITS if rate in NUMBERS and (n := chip.number(rate)) is not None}
    )
    return best[0] if best else None


@cache
def usual(column: str) -> tuple[float, float] | None:
    """Return the least and the greatest value of a measure in the catalog, 0 apart; None when it has none."""
    if column not in (*NUMBERS, "tpp"):
        return None
    chips = [r for r in catalog().records() if r.kind == "ic"]
    found = [n for r in chips if (n := _tpp(r) if column == "tpp" else r.number(column)) is not None and n > 0]
    return (min(found), max(found)) if found else None


def guess_unit(column: str, heading: str, values: Sequence[str], decimal: str | None) -> Iterator[tuple[str, str]]:
    """Yield the unit of a column: that of its heading, or the only one in which its values are usual.

    Example:
        >>> [unit for unit, _ in guess_unit("dram_bandwidth_gb_per_s", "Bandwidth (TB/s)", ["4.8"], None)]
        ['TB/s']
        >>> [unit for unit, _ in guess_unit("dram_bandwidth_gb_per_s", "Bandwidth", ["4.8", "3.35"], None)]
        ['TB/s']
    """
    named = _unit_in(column, heading)
    numbers = list(_numbers(values, decimal))
    range_ = usual(column)
    fits = [u for u, by in SCALES.get(column, {}).items() if range_ and numbers and _fits(numbers, by, range_)]
    if named is not None:
        strange = range_ is not None and bool(numbers) and named not in fits
        doubt = (
            f"; yet {numbers[0]} {named} would be unusual ({' or '.join(fits) or 'no unit'} fits): check"
            if strange
            else ""
        )
        if named != next(iter(SCALES[column])) or SCALES[column][named] != 1 or strange:
            yield named, f"the heading says so{doubt}"
        return
    own = next((u for u, by in SCALES.get(column, {}).items() if by == 1), "")
    likely = [u for u in fits if "bit" not in u and "iB" not in u]
    if numbers and fits and own not in fits and len(likely) == 1:
        made = scaled(numbers[0], SCALES[column][likely[0]])
        yield likely[0], f"{numbers[0]} {own} would be unusual; {made} {own} would not"


def _unit_in(column: str, heading: str) -> str | None:
    """Return the unit that a heading names, in brackets or at its end."""
    told = (
        re.findall(r"[(\[（【]\s*(?:in )?([^)\]）】]+?)\s*[)\]）】]", heading) + re.split(r"\s+(?:in )?", heading)[-1:]
    )
    return next((unit for text in told if (unit := unit_named(column, text)) is not None), None)


def _numbers(values: Sequence[str], decimal: str | None) -> Iterator[Decimal]:
    for value in values[:MOST_DAYS]:
        try:
            number = read_number(value.rstrip("% "), decimal)
        except ValueError:
            continue
        if number > 0:
            yield number


def _fits(numbers: Sequence[Decimal], by: Decimal | int, range_: tuple[float, float]) -> bool:
    """Say whether all numbers in a unit lie where chips do, with room for those that are not in the catalog."""
    return all(range_[0] / 2 <= float(n * by) <= range_[1] * 2 for n in numbers)


def _is_place(value: str, language: str = "") -> bool:
    if language and fold(value) in country_words(language):
        return True
    try:
        find_country(value)
    except CatalogError:
        return False
    return True


def country_language(values: Sequence[str]) -> tuple[str, str] | None:
    """Return the language in which names of countries are written that are no English ones, and why.

    Example:
        >>> country_language(["DE", "Südkorea"]), country_language(["US", "Germany"])
        (('de', "'Südkorea' is a country in German"), None)
    """
    strange = [v for v in values if not _is_place(v)]
    known = {lang: [v for v in strange if fold(v) in country_words(lang)] for lang in LANGUAGES}
    best = max(known, key=lambda lang: len(known[lang]))
    return (best, f"{known[best][0]!r} is a country in {_LANGUAGE[best]}") if known[best] else None


def unreadable(column: str, values: Sequence[str], language: str) -> Iterator[tuple[str, str]]:
    """Yield values of a column that Headgate could not read as they stand, the first few, and why."""
    kind = COLUMNS[column].kind
    count = 0
    for value in values:
        why = ""
        if kind == "country" and not _is_place(value, language):
            why = "no country is known by this name"
        elif column == "item":
            try:
                catalog().find(value)
            except CatalogError as problem:
                why = f"{problem}"
        elif kind == "code":
            try:
                read_cell(column, value)
            except RowError as problem:
                why = f"{problem}"
        if why:
            count += 1
            if count <= MOST_VALUES:
                yield value, why
