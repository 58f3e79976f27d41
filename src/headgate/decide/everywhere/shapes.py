"""The outlines of countries and the places too small for one, from Natural Earth; the borders decide nothing."""

import csv
from functools import cache
from typing import Any

from headgate.catalog.country_names import data_text

Ring = list[list[float]]


@cache
def outlines() -> dict[str, list[list[Ring]]]:
    """Return the polygons of each country by alpha-2 code: rings of (longitude, latitude), the outside first.

    Example:
        >>> len(outlines()["CN"]), "SG" in outlines()
        (2, False)
    """
    found: dict[str, dict[str, list[Ring]]] = {}
    for row in csv.DictReader(data_text("geo/shapes.csv").splitlines()):
        numbers = [float(each) for each in row["longitude latitude"].split()]
        ring = [[x, y] for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        found.setdefault(row["alpha2"], {}).setdefault(row["polygon"], []).append(ring)
    return {code: list(polygons.values()) for code, polygons in found.items()}


@cache
def places() -> dict[str, tuple[float, float]]:
    """Return (longitude, latitude) of each place that has no outline.

    Example:
        >>> places()["SG"]
        (103.81, 1.36)
    """
    rows = csv.DictReader(data_text("geo/places.csv").splitlines())
    return {row["alpha2"]: (float(row["longitude"]), float(row["latitude"])) for row in rows}


def feature(code: str) -> dict[str, Any]:
    """Return the outline of a country as a feature of GeoJSON."""
    return {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": outlines()[code]}}
