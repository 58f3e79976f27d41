"""Write the map data of the package anew from the npm package world-atlas (Natural Earth in TopoJSON).

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/geo.py package

`shapes.csv` holds the outlines at 1:110m. Places that are too small for it stand in `places.csv` as the middle of their
largest island at 1:10m. Countries are told by name, the codes are those of `countries.csv`.
"""

import csv
import json
import sys
from itertools import pairwise
from pathlib import Path

from headgate.catalog.country_names import _fold, countries

GEO = Path(__file__).resolve().parents[1] / "src" / "headgate" / "data" / "geo"
DIGITS = 2
# What Natural Earth calls otherwise than any name of countries.csv.
NAMES = {
    "Antigua and Barb.": "AG",
    "Bosnia and Herz.": "BA",
    "Br. Indian Ocean Ter.": "IO",
    "British Virgin Is.": "VG",
    "Cayman Is.": "KY",
    "Central African Rep.": "CF",
    "Congo": "CG",
    "Cook Is.": "CK",
    "Dem. Rep. Congo": "CD",
    "Dominican Rep.": "DO",
    "Eq. Guinea": "GQ",
    "Faeroe Is.": "FO",
    "Falkland Is.": "FK",
    "Fr. Polynesia": "PF",
    "Fr. S. Antarctic Lands": "TF",
    "Heard I. and McDonald Is.": "HM",
    "Macedonia": "MK",
    "Marshall Is.": "MH",
    "N. Mariana Is.": "MP",
    "Pitcairn Is.": "PN",
    "S. Geo. and the Is.": "GS",
    "S. Sudan": "SS",
    "Saint Helena": "SH",
    "Solomon Is.": "SB",
    "St-Barthélemy": "BL",
    "St-Martin": "MF",
    "St. Kitts and Nevis": "KN",
    "St. Pierre and Miquelon": "PM",
    "St. Vin. and Gren.": "VC",
    "São Tomé and Principe": "ST",
    "Turks and Caicos Is.": "TC",
    "U.S. Minor Outlying Is.": "UM",
    "U.S. Virgin Is.": "VI",
    "Vatican": "VA",
    "W. Sahara": "EH",
    "Wallis and Futuna Is.": "WF",
    "Åland": "AX",
    # No destinations of their own: counted as the Country Groups of the EAR count them.
    "N. Cyprus": "CY",
    "Cyprus U.N. Buffer Zone": "CY",
    "Dhekelia": "GB",
    "Akrotiri": "GB",
    "Somaliland": "SO",
    "USNB Guantanamo Bay": "CU",
    "Baikonur": "KZ",
    "Siachen Glacier": "IN",
}
# Parts that Natural Earth draws with another country: code, and the corners (west, south, east, north) they lie in.
PARTS = {
    "France": (
        ("GF", (-55, 1, -51, 7)),
        ("GP", (-62, 15.7, -60.9, 16.6)),
        ("MQ", (-61.4, 14.3, -60.7, 15)),
        ("RE", (55, -21.5, 56, -20.8)),
        ("YT", (44.9, -13.1, 45.4, -12.6)),
    ),
    "Norway": (("SJ", (10, 74, 35, 81.5)), ("BV", (3, -55, 4, -54))),
    "Russia": (("UA", (32, 44, 36.7, 46.3)),),
    "New Zealand": (("TK", (-173, -10, -171, -8)),),
    "Indian Ocean Ter.": (("CC", (96, -13, 97, -11)), ("CX", (105, -11, 106, -10))),
    "Netherlands": (("BQ", (-69, 12, -68, 12.4)),),
}
# Too small for any of the maps.
POINTS = {"VA": (12.45, 41.9)}


def read(path):
    """Return (name, list of polygons, each a list of rings of (longitude, latitude))."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(line)

    def ring(numbers):
        line = []
        for n in numbers:
            part = arcs[n] if n >= 0 else arcs[~n][::-1]
            line += part[1:] if line else part
        return line

    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape.get("arcs", [])
        yield shape["properties"]["name"], [[ring(r) for r in polygon] for polygon in polygons]


def code_of(name):
    known = countries()
    return NAMES.get(name) or known.by_name.get(_fold(name))


def placed(name, polygons):
    """Yield (code, polygon); a part far away that has a code of its own goes to it."""
    for polygon in polygons:
        xs, ys = zip(*polygon[0], strict=True)
        own = [
            code
            for code, (west, south, east, north) in PARTS.get(name, ())
            if west <= min(xs) and max(xs) <= east and south <= min(ys) and max(ys) <= north
        ]
        yield (own[0] if own else code_of(name)), polygon


def area(ring):
    """Return the area of a ring on the plane of degrees; its sign tells the direction."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def coarse(ring):
    """Return a ring of fewer digits, without points that fall together; nothing when it turns over or vanishes."""
    line = []
    for x, y in ring:
        point = (round(x, DIGITS), round(y, DIGITS))
        if not line or line[-1] != point:
            line.append(point)
    return line if len(line) >= 4 and area(line) * area(ring) > 0 else []


def middle(ring):
    """Return the center of area of a ring."""
    whole, x, y = area(ring), 0.0, 0.0
    for a, b in pairwise(ring):
        cross = a[0] * b[1] - b[0] * a[1]
        x, y = x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross
    return x / (6 * whole), y / (6 * whole)


def write(folder):
    """Write both tables; say which code of countries.csv stands in neither."""
    shapes, biggest, unknown = [], {}, []
    for name, polygons in read(folder / "countries-110m.json"):
        for code, polygon in placed(name, polygons):
            rings = [r for r in map(coarse, polygon) if r]
            if code is None:
                unknown.append(name)
            elif rings and code != "AQ":
                shapes.append((code, rings))
    for name, polygons in read(folder / "countries-10m.json"):
        for code, polygon in placed(name, polygons):
            if code is None:
                unknown.append(name)
                continue
            size = abs(area(polygon[0]))
            if size > biggest.get(code, (0, None))[0]:
                biggest[code] = (size, middle(polygon[0]))
    drawn = {code for code, _ in shapes}
    middles = POINTS | {code: found for code, (_, found) in biggest.items()}
    with (GEO / "shapes.csv").open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("alpha2", "polygon", "longitude latitude"))
        for n, (code, rings) in enumerate(sorted(shapes, key=lambda s: s[0])):
            rows.writerows((code, n, " ".join(f"{x:g} {y:g}" for x, y in ring)) for ring in rings)
    with (GEO / "places.csv").open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("alpha2", "longitude", "latitude"))
        for code in sorted(set(middles) - drawn - {"AQ"}):
            x, y = middles[code]
            rows.writerow((code, f"{x:.2f}", f"{y:.2f}"))
    print("islands that no code names:", sorted(set(unknown)))
    print("on no map:", sorted(set(countries().names) - set(middles) - drawn))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
