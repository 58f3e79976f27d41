"""What a picture of the plane says in words: title, facts assumed, notes, and a summary for those who do not see it."""

from collections.abc import Iterator

from headgate.decide.plane.areas import COLUMNS, Limit, X
from headgate.decide.plane.points import Point, Scene, short_name, value
from headgate.decide.prose import listed, number, percent
from headgate.law.fields import BY_NAME

UNITS = {X: "TPP", "ic.performance_density": "TPP/mm2", "ic.io_bandwidth": "GB/s"}
MARKET = {True: "designed or marketed for data centers", False: "neither designed nor marketed for data centers"}
MOST_READINGS = 6
SOURCE = "Source: Headgate; limits from the provisions in force that day, figures from its catalog. Not legal advice."


def title(scene: Scene) -> str:
    """Return the title of a picture."""
    under = f" under {scene.scenario}" if scene.scenario else ""
    return f"{short_name(scene.record)} among the limits of {scene.plane.day}{under}"


def about_lines(scene: Scene) -> list[str]:
    """Return the lines below the title: what the axes are, and for which circuits the areas hold."""
    stated = scene.plane.about.get("is_datacenter")
    market = None if stated is None else MARKET[bool(stated)]
    kind = f"circuits {market}" if market else "circuits of which nothing says whether they are for data centers"
    lines = [f"Gray: the entries of that day for {kind}, as the book decides them by these two figures alone."]
    if not scene.plane.fields:
        lines = ["On this day no entry is drawn by these figures."]
    elif scene.plane.y == "ic.io_bandwidth":
        lines.append("The text of that day asks for I/O bandwidth and bit length times TOPS, not for density.")
    if scene.plane.day > scene.read_on:
        lines.append(
            f"As of {scene.read_on}: the law was not read after that day; what changed since is not known here."
        )
    return [*lines, chip_words(scene)]


def chip_words(scene: Scene) -> str:
    """Say where the chip lies, with how near it is to what.

    Example:
        >>> from datetime import date
        >>> from headgate.decide.one import decider
        >>> from headgate.decide.plane.points import scene
        >>> chip_words(scene(decider(), decider().catalog.get("nvidia-h20-96"), date(2024, 6, 1)))
        'H20 SXM 96GB (China): 2,368 TPP, 2.91 TPP/mm2; within 5 % of a limit: 1.3 % below 2,400 TPP.'
    """
    p = scene.points[0]
    figures = ", ".join(figure_words(p, axis) for axis in (X, scene.plane.y))
    near = [
        f"{percent(share) if (share := v / limit.threshold.value - 1) else 'exactly'} {number(limit.threshold.value)} "
        f"{limit.threshold.unit}"
        for limit in scene.near
        if (v := value(p, limit.axis)) is not None
    ]
    return f"{p.label}: {figures}{f'; within 5 % of a limit: {listed(near)}' if near else ''}."


def figure_words(p: Point, axis: str) -> str:
    """Return one figure of a point with its unit; unknown where it is."""
    found, least = (p.x, p.x_least) if axis == X else (p.y, p.y_least)
    name = COLUMNS[axis].replace("_gb_per_s", "").replace("_", " ")
    if found is None:
        return f"{'TPP' if axis == X else name} unknown"
    return f"{'at least ' if least else ''}{number(round(found, 2))} {UNITS[axis]}"


def limit_words(limit: Limit) -> str:
    """Return one limit with the provisions that compare with it."""
    field = BY_NAME[limit.axis].words.removeprefix("its ")
    return f"{field} {number(limit.threshold.value)} {limit.threshold.unit}: {', '.join(limit.provisions)}"


def notes(scene: Scene) -> list[str]:
    """Return the notes below a picture."""
    lines = ["Yellow: within 5 % of a limit."] if scene.near else []
    if others := [limit for limit in scene.limits if not limit.classifies]:
        named = listed(
            f"{number(limit.threshold.value)} {limit.threshold.unit} ({limit.provisions[0]})" for limit in others
        )
        lines.append(f"* Dashed: a limit that no entry names, but which decides something else: {named}.")
    readings = scene.of("reading")
    if readings:
        told = (f"{p.label}: {reading_words(p, scene)}" for p in readings[:MOST_READINGS])
        more = f" {len(readings) - MOST_READINGS} more stand in the data." if len(readings) > MOST_READINGS else ""
        lines.append("Open marks and thin lines, other readings of the chip:" + more)
        lines += told
    if scene.points[0].ids[1:]:
        lines.append(f"Same figures: {', '.join(scene.points[0].ids[1:])}.")
    lines.append(
        "Other marks: chips of the catalog known that day, for the same market; +1 has one more of equal figures."
    )
    return [*lines, SOURCE]


def reading_words(p: Point, scene: Scene) -> str:
    """Return the figures of another reading, and who says so."""
    figures = ", ".join(figure_words(p, axis) for axis in (X, scene.plane.y))
    return f"{figures}; {p.says}"


def summary(scene: Scene) -> str:
    """Return the picture in a few sentences, for a reader who does not see it."""
    entries = dict.fromkeys(f.paragraph for f in scene.plane.fields if f.paragraph)
    named = ", ".join(p.label for p in scene.of("neighbor")[:6])
    axes = "total processing performance against " + (
        "performance density" if scene.plane.y == "ic.performance_density" else "I/O bandwidth"
    )
    return " ".join(
        (
            f"{title(scene)}: {axes}, both logarithmic.",
            chip_words(scene),
            f"Areas: {', '.join(entries)}." if entries else "No entry is drawn.",
            f"Limits: {'; '.join(limit_words(limit) for limit in scene.limits)}." if scene.limits else "",
            f"Nearest chips: {named}." if named else "",
        )
    ).replace("  ", " ")


def as_record(scene: Scene) -> dict[str, object]:
    """Return everything a picture shows, for JSON; an open end of a field is null."""
    plane = scene.plane
    return {
        "day": plane.day,
        "axes": {"x": COLUMNS[X], "y": COLUMNS[plane.y]},
        "areas_for": dict(plane.about),
        "limits": [
            {
                "axis": COLUMNS[limit.axis],
                "id": limit.threshold.id,
                "value": limit.threshold.value,
                "unit": limit.threshold.unit,
                "provisions": list(limit.provisions),
                "draws_an_entry": limit.classifies,
                "near": limit in scene.near,
            }
            for limit in scene.limits
        ],
        "areas": [
            {"x": _ends(f.x), "y": _ends(f.y), "eccn": f.eccn, "eccn_paragraph": f.paragraph} for f in plane.fields
        ],
        "points": [
            {
                "kind": p.kind,
                "label": p.label,
                "ids": list(p.ids),
                "maker_country": p.country,
                "x": p.x,
                "y": p.y,
                "x_is_least": p.x_least,
                "y_is_least": p.y_least,
                "says": p.says,
            }
            for p in scene.points
        ],
    }


def _ends(ends: tuple[float, float]) -> list[float | None]:
    return [None if end == float("inf") else end for end in ends]


def ruler(values: dict[str, float], found: float, least: bool, room: int) -> Iterator[str]:
    """Yield one measure as a logarithmic line with the limits on it: their numbers stand below.

    Args:
        values: What to write under each limit, to the limit.
        found: The chip's own figure, over 0.
        least: It is a lower bound.
        room: Columns.

    Example:
        >>> for line in ruler({"1,600": 1600.0, "2,400": 2400.0, "4,800": 4800.0}, 2368.0, False, 40): print(line)
        -------|-------#|---------------|-------
               1,600    2,400           4,800
    """
    from math import log

    marks = sorted({*values.values(), found})
    low, high = marks[0] / 1.35, marks[-1] * 1.35

    def at(v: float) -> int:
        return round(log(v / low) / log(high / low) * (room - 1))

    line = ["-"] * room
    for v in values.values():
        line[at(v)] = "|"
    place = at(found)
    # It never stands on a limit that it is not at, and never on its wrong side.
    for v in sorted(values.values(), key=lambda v: abs(v - found)):
        if at(v) == place and v != found:
            place += 1 if found > v else -1
    line[place] = "#"
    if least and place + 1 < room:
        line[place + 1] = ">"
    below = ""
    for words, v in sorted(values.items(), key=lambda pair: pair[1]):
        start = min(at(v), room - len(words))
        if not below or start > len(below):
            below = f"{below:<{start}}{words}"
    yield "".join(line)
    yield below
