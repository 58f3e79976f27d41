"""What the published models start from and what they print: `data/world/published.toml`, read strictly."""

import math
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, NoReturn

from headgate.catalog.chips import DATA
from headgate.catalog.record import table_of, text_of
from headgate.catalog.refusals import refuse_bad_toml, refuse_unknown_mark, refuse_wrong_type, stop
from headgate.draw.spread import Z95, Spread, read_spread
from headgate.errors import CatalogError, did_you_mean
from headgate.source import MARKS
from headgate.world.published.record import FILE, Given, Inputs, Source, Target

MODELS = ("cnas", "epoch", "ai2040", "arithmetic")
TOP = ("read_on", "note", "sources", "target", *MODELS)
SOURCE = ("authors", "title", "published", "url", "what")
SHARED = ("source", "mark")  # of a table, for every input in it
ORIGIN = (*SHARED, "unit", "note")
FORMS = (("value",), ("years",), ("low", "high", "median", "shape", "mass"), ("mean", "sd"), ("beta",))
NEEDS = ("id", "test", "name", "unit", *SHARED)
NUMBERS = ("low", "median", "high")
MARGINS = ("tolerance", "tolerance_tail", "absolute")
TARGET = (*NEEDS, "year", "years", *NUMBERS, *MARGINS, "soft", "note")

Sources = Mapping[str, Source]


def refuse_unknown_model(model: str) -> NoReturn:
    """Refuse a model that is not rebuilt here."""
    near = did_you_mean(model, MODELS) or f" Known are {', '.join(MODELS)}."
    raise CatalogError(f"{FILE}: no model {model!r} is rebuilt. Name one that is.{near}")


def refuse_unnamed_source(where: str, source: object, known: Sources) -> NoReturn:
    """Refuse a source that is not under [sources]."""
    stop(FILE, where, f"source {source!r} is not in [sources]", f"Add it there.{did_you_mean(str(source), known)}")


def refuse_bad_form(where: str, keys: list[str]) -> NoReturn:
    """Refuse an input told in no way, in two, or with an unknown key."""
    advice = "Write one of: value; years; low, high and shape; mean and sd; beta; and unit, source, mark, note."
    stop(FILE, where, f"{', '.join(keys) or 'nothing'} is not one way to tell a number", advice)


def refuse_bad_mass(where: str, mass: object) -> NoReturn:
    """Refuse a mass that an interval cannot have, or one beside a shape that cannot be turned into a 90 % interval."""
    advice = "Give a mass between 0 and 1 beside shape lognormal, without a median."
    stop(FILE, where, f"mass {mass!r} cannot be turned into a 90 % interval", advice)


def refuse_bad_target(where: str, why: str) -> NoReturn:
    """Refuse a target that nothing could be compared with."""
    stop(FILE, where, why, "Give low, median or high with `year`, or only `years`; and a tolerance or `absolute`.")


def _number(where: str, given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        refuse_wrong_type(FILE, where, given, "a finite number")
    return float(given)


def _years(where: str, given: object) -> Mapping[int, float]:
    if not isinstance(given, dict) or not given or not all(key.isdigit() and len(key) == 4 for key in given):
        refuse_wrong_type(FILE, where, given, "a table of numbers by year")
    return MappingProxyType({int(key): _number(f"{where}: {key}", value) for key, value in given.items()})


def _origin(where: str, row: Mapping[str, Any], sources: Sources) -> tuple[Source, str]:
    for key in SHARED:
        if key not in row:
            stop(FILE, where, f"{key} is missing", "Add it here, or to the table that the input stands in.")
    if row["source"] not in sources:
        refuse_unnamed_source(where, row["source"], sources)
    if row["mark"] not in MARKS:
        refuse_unknown_mark(FILE, where, row["mark"])
    return sources[row["source"]], row["mark"]


def _note(where: str, row: Mapping[str, Any]) -> str:
    return text_of(FILE, f"{where}: note", row["note"]) if "note" in row else ""


def _spread(where: str, row: Mapping[str, Any]) -> Spread:
    """Return the spread of an interval, first turned into a 90 % one when it is told with another mass."""
    told = {key: value for key, value in row.items() if key in FORMS[2] or key == "value"}
    mass = told.pop("mass", None)
    spread = read_spread(told, f"{FILE}: {where}")
    if mass is None:
        return spread
    if spread.shape != "lognormal" or spread.median is not None or not isinstance(mass, float) or not 0 < mass < 1:
        refuse_bad_mass(where, mass)
    to_90 = Z95 / NormalDist().inv_cdf(0.5 + mass / 2)
    middle = spread.middle
    return Spread("lognormal", middle * (spread.low / middle) ** to_90, middle * (spread.high / middle) ** to_90)


def _given(where: str, row: Mapping[str, Any], sources: Sources) -> Given:
    told = [key for key in row if key not in ORIGIN]
    form = next((form for form in FORMS if told and set(told) <= set(form)), None)
    if form is None:
        refuse_bad_form(where, told)
    source, mark = _origin(where, row, sources)
    about = (where, text_of(FILE, f"{where}: unit", row.get("unit")), source, mark, _note(where, row))
    if form == ("years",):
        return Given(*about, years=_years(where, row["years"]))
    if form == ("beta",):
        pair = row["beta"]
        if not isinstance(pair, list) or len(pair) != 2 or not all(_number(where, x) > 0 for x in pair):
            refuse_wrong_type(FILE, where, pair, "two numbers over 0")
        return Given(*about, beta=(float(pair[0]), float(pair[1])))
    if form == ("mean", "sd"):
        if len(told) < 2:
            refuse_bad_form(where, told)
        mean, sd = (_number(f"{where}: {key}", row[key]) for key in form)
        wide = read_spread({"shape": "normal", "low": mean - Z95 * sd, "high": mean + Z95 * sd}, f"{FILE}: {where}")
        return Given(*about, spread=wide, cut=True)
    return Given(*about, spread=_spread(where, row))


def _model(model: str, table: Mapping[str, Any], sources: Sources) -> Inputs:
    found: dict[str, Given] = {}

    def walk(group: str, part: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
        shared = {**shared, **{key: part[key] for key in SHARED if key in part}}
        for name, row in part.items():
            if name in SHARED:
                continue
            if not isinstance(row, dict):
                refuse_wrong_type(FILE, f"{model}.{group}{name}", row, "a table")
            if not group and all(isinstance(value, dict) for key, value in row.items() if key not in SHARED):
                walk(f"{name}.", row, shared)
            else:
                found[group + name] = _given(f"{model}.{group}{name}", {**shared, **row}, sources)

    walk("", table, {})
    return Inputs(model, MappingProxyType(found))


def _targets(row: object, number: int, sources: Sources) -> list[Target]:
    """Return the targets of one [[target]], one a year."""
    told = table_of(FILE, f"target {number}", row, TARGET, NEEDS)
    where = f"target {told['id']}"
    source, mark = _origin(where, told, sources)
    test, name, unit = (text_of(FILE, f"{where}: {key}", told[key]) for key in ("test", "name", "unit"))
    tolerance, tail, absolute = (_number(f"{where}: {key}", told[key]) if key in told else None for key in MARGINS)
    if (tolerance is None) == (absolute is None) or min(tolerance or 0, tail or 0, absolute or 0) < 0:
        refuse_bad_target(where, "it has no tolerance, two kinds of it, or one under 0")
    low, median, high = (_number(f"{where}: {key}", told[key]) if key in told else None for key in NUMBERS)
    alone = low is None and median is None and high is None
    if ("years" in told) != alone or (type(told.get("year")) is int) == alone or ("year" in told) == alone:
        refuse_bad_target(where, "it has no number, no year, or both `year` and `years`")
    soft = told.get("soft", False)
    if not isinstance(soft, bool):
        refuse_wrong_type(FILE, f"{where}: soft", soft, "true or false")
    share = tolerance or 0.0
    margins = (share, share if tail is None else tail, absolute, soft, source, mark, _note(where, told))
    if not alone:
        return [Target(told["id"], test, name, told["year"], unit, low, median, high, *margins)]
    years = _years(where, told["years"])
    return [Target(told["id"], test, name, year, unit, None, value, None, *margins) for year, value in years.items()]


def read_published(text: str) -> tuple[Mapping[str, Inputs], tuple[Target, ...]]:
    """Read inputs and targets from the text of the file.

    Returns:
        The inputs by model, and the targets in the order of the file, one a year.

    Raises:
        CatalogError: The text is not TOML, a key is unknown or missing, or a number is not as it must be.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        refuse_bad_toml(FILE, error)
    top = table_of(FILE, "file", raw, TOP, TOP)
    if type(top["read_on"]) is not date:
        refuse_wrong_type(FILE, "read_on", top["read_on"], "a date, as 2026-11-22")
    sources = {
        name: Source(**table_of(FILE, f"sources.{name}", given, (*SOURCE, "license", "credit"), SOURCE))
        for name, given in top["sources"].items()
    }
    models = {model: _model(model, top[model], sources) for model in MODELS}
    targets = [each for number, row in enumerate(top["target"], 1) for each in _targets(row, number, sources)]
    return MappingProxyType(models), tuple(targets)


@cache
def _own() -> tuple[Mapping[str, Inputs], tuple[Target, ...]]:
    return read_published((DATA / "world" / FILE).read_text("utf-8"))


def inputs(model: str) -> Inputs:
    """Return the inputs of one published model.

    Args:
        model: One of `MODELS`.

    Raises:
        CatalogError: No such model is rebuilt, or the file is malformed.

    Example:
        >>> print(inputs("cnas").one("vendors").spread)
        75.5 [38 to 150]
    """
    return _own()[0][model] if model in MODELS else refuse_unknown_model(model)


def targets() -> tuple[Target, ...]:
    """Return what the rebuilt models are compared with, one row a year, in the order of the file.

    Example:
        >>> targets()[0].id, targets()[0].median
        ('cnas.smuggled', 144000.0)
    """
    return _own()[1]
