"""Panels that several pictures share: the axis of years, the axis of numbers, bands, observed points, a level."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headgate.pictures.look import NUMBER, Pen, Row
from headgate.predict.compare.picture_rows import ticks

SPAN = 30.0  # highest over lowest number from which an axis is logarithmic
YEAR_WIDTH = 40  # pixels that the words of a year need
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
SIZES = {1: (640, 340), 2: (400, 260)}  # width and height of a panel, by panels in a line
SMALL = (262, 190)
Axis = Callable[[str], Any]  # the encoding of a column on one axis
GAP = 62  # about what an axis of numbers and the space between panels take


def size_of(panels: int) -> tuple[int, int, int]:
    """Return panels in a line, and width and height of each.

    Example:
        >>> size_of(1), size_of(4), size_of(5)
        ((1, 640, 340), (2, 400, 260), (3, 262, 190))
    """
    columns = min(panels, 3) if panels != 4 else 2
    return columns, *SIZES.get(columns, SMALL)


def width_of(columns: int, width: int) -> float:
    """Return about how wide panels in a line are together, pixels."""
    return columns * (width + GAP)


def span_of(rows: Sequence[Row]) -> tuple[int, int]:
    """Return the first day of the first year and of the year after the last, on the axis of years."""
    return math.floor(min(row["x"] for row in rows)), math.ceil(max(row["x"] for row in rows))


def years_axis(pen: Pen, rows: Sequence[Row], width: float, shown: bool = True) -> Axis:
    """Return the axis of years, the words of a year below its middle, and no more years than have room.

    Args:
        rows: Rows that the axis has to hold, with `x`.
        width: Of the panel, pixels.
        shown: Whether the words are there.
    """
    first, last = span_of(rows)
    step = next((n for n in (1, 2, 5) if width / (last - first) * n >= YEAR_WIDTH), 10)
    values = [year + 0.5 for year in range(first, last, step)]
    axis = pen.alt.Axis(
        values=values, labelExpr="format(floor(datum.value), 'd')", grid=False, ticks=False, labelPadding=6
    )
    scale = pen.alt.Scale(domain=[first, last], nice=False, zero=False)
    return lambda field: pen.alt.X(f"{field}:Q", title=None, axis=axis if shown else None, scale=scale)


def is_wide(rows: Sequence[Row], names: Sequence[str]) -> bool:
    """Say whether numbers span so much that only a logarithmic axis shows them; numbers of 0 or less never do.

    Example:
        >>> is_wide([{"a": 1.0}, {"a": 40.0}], ["a"]), is_wide([{"a": 0.0}, {"a": 40.0}], ["a"])
        (True, False)
    """
    numbers = [row[name] for row in rows for name in names]
    return bool(min(numbers) > 0 and max(numbers) / min(numbers) > SPAN)


def numbers_axis(pen: Pen, title: str | None, rows: Sequence[Row], names: Sequence[str], steps: int = 5) -> Axis:
    """Return the axis of numbers: logarithmic when they span a lot, else linear.

    Args:
        title: What it counts, with its unit.
        rows: Rows that the axis has to hold.
        names: Columns that it has to hold.
        steps: About how many words a linear axis has.
    """
    numbers = [row[name] for row in rows for name in names]
    low, high = min(numbers), max(numbers)
    if is_wide(rows, names):
        low, high = low / 1.15, high * 1.15
        values = ticks(low, high)
        if len(values) > 7:
            values = [v for v in values if math.log10(v) == round(math.log10(v))]
        axis = pen.alt.Axis(values=values, labelExpr=NUMBER)
        scale = pen.alt.Scale(type="log", domain=[low, high], nice=False)
    else:
        axis = pen.alt.Axis(tickCount=steps, labelExpr=NUMBER)
        scale = pen.alt.Scale(domain=_room(low, high), zero=False, nice=True)
    return lambda field: pen.alt.Y(f"{field}:Q", title=title, scale=scale, axis=axis)


def _room(low: float, high: float) -> list[float]:
    """Return the ends of a linear axis: from zero unless all numbers lie far from it."""
    if low >= 0:
        return [0.0 if low < high * 0.6 else low, high or 1.0]
    return [low, max(high, 0.0)]


def bands_of(pen: Pen, rows: Sequence[Row], x: Axis, y: Axis, color: Any) -> list[Any]:
    """Return the layers of bands of 90 % and 50 % and the median of each line; of a single date, bars and a point."""
    base = pen.chart(list(rows)).encode(x=x("x"), color=color)
    if len({row["x"] for row in rows}) == 1:
        wide, narrow = base.mark_rule(strokeWidth=3, opacity=0.5), base.mark_rule(strokeWidth=8, opacity=0.5)
        middle = base.mark_point(filled=True, size=60)
    else:
        wide, narrow = base.mark_area(opacity=0.17), base.mark_area(opacity=0.3)
        middle = base.mark_line(strokeWidth=2.4)
    bands = [wide.encode(y=y("q05"), y2="q95:Q"), narrow.encode(y=y("q25"), y2="q75:Q")]
    return [*bands, middle.encode(y=y("q50"))]


def level_of(pen: Pen, at: float, words: str, left: float, x: Axis, y: Axis) -> list[Any]:
    """Return the layers of a dashed line across a panel at one number, with words above its left end."""
    base = pen.chart([{"level": at, "left": left, "words": words}]).encode(y=y("level"))
    told = base.mark_text(align="left", dx=4, dy=-7, fontSize=11.5, color=pen.look.soft)
    rule = base.mark_rule(color=pen.look.soft, strokeDash=[4, 3], strokeWidth=1.2)
    return [rule, told.encode(x=x("left"), text="words:N")]


def dodged(rows: Sequence[Row], step: float = 0.07) -> list[Row]:
    """Return observed rows moved apart sideways where several stand at one date.

    Example:
        >>> [round(row["x"], 2) for row in dodged([{"x": 2024.5}, {"x": 2024.5}, {"x": 2025.5}])]
        [2024.46, 2024.54, 2025.5]
    """
    count: dict[float, int] = {}
    for row in rows:
        count[row["x"]] = count.get(row["x"], 0) + 1
    nth: dict[float, int] = {}
    moved = []
    for row in rows:
        at = nth[row["x"]] = nth.get(row["x"], -1) + 1
        moved.append(row | {"x": row["x"] + step * (at - (count[row["x"]] - 1) / 2)})
    return moved


def points_of(pen: Pen, rows: Sequence[Row], x: Axis, y: Axis, color: Any, sources: Sequence[str]) -> list[Any]:
    """Return the layers of observed numbers as points with their intervals, the source told by the shape.

    Args:
        rows: Rows of an observed frame, with `x`.
        color: Color of the points.
        sources: All sources of the picture, in order; over six they share one shape.
    """
    base = pen.chart(dodged(rows)).encode(x=x("x"), color=color)
    points = base.mark_point(filled=True, size=58, opacity=1, stroke=pen.look.background, strokeWidth=0.8)
    if len(sources) <= len(SHAPES):
        legend = pen.alt.Legend(symbolFillColor=pen.look.ink, symbolStrokeColor=pen.look.ink, columns=3, labelLimit=420)
        scale = pen.alt.Scale(domain=list(sources), range=list(SHAPES[: len(sources)]))
        points = points.encode(shape=pen.alt.Shape("source:N", scale=scale, legend=legend))
    bars = base.mark_rule(strokeWidth=1.6, opacity=1).encode(y=y("low"), y2="high:Q")
    return [bars, points.encode(y=y("median"))]


def units_of(unit: str | Mapping[str, str], measure: str) -> str:
    """Return what the axis of a measure counts."""
    return unit if isinstance(unit, str) else unit[measure]


def line_color(pen: Pen, names: Sequence[str]) -> Any:
    """Return the color of `line`, with a legend when there is more than one."""
    return pen.color("line", names, pen.look.colors, 4 if len(names) > 1 else 0)
