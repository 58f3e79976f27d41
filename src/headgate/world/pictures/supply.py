"""Pictures of chips: China's stock by channel, and what the law let through, chip by chip."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from headgate.pictures.look import ANSWERS, LIGHT, NUMBER, SOURCE, Look, Pen, Row, dressed
from headgate.world.axes import CHANNELS as ORDER
from headgate.world.pictures.frames import CHANNELS, LET_THROUGH, check_once, refuse_unknown, rows_of, unique
from headgate.world.pictures.panels import numbers_axis, years_axis

if TYPE_CHECKING:
    import polars as pl

CHANNEL_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "legal": "imported legally",
        "domestic": "made in China",
        "proxy_fab": "Chinese designs made abroad",
        "smuggled": "smuggled",
        "rented": "rented, located elsewhere",
    }
)
ANSWER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "open": "no license needed",
        "exception": "license exception",
        "approval": "presumption of approval",
        "case_by_case": "case by case",
        "unstated": "license, policy not stated",
        "denial": "presumption of denial",
    }
)
STACK, BAND, HEADING = (470, 400), 270, 34  # of one of the small panels: width, and height of its heading with space
ROW, STRIP, LANE = 38, 5, 820  # height of a chip's row and of its strip, and width of the lanes
LARGEST = 900  # area of the largest disc, square pixels


def channel_stack(
    channels: "pl.DataFrame",
    measure: str = "H100-equivalents",
    *,
    title: str = "China's compute by the way it came",
    about: str | Sequence[str] = (),
    source: str = SOURCE,
    look: Look = LIGHT,
) -> Any:
    """Return China's stock by channel: the medians stacked, and beside them each channel with its interval.

    Args:
        channels: Columns `quarter` or `year`, `channel` (one of `axes.CHANNELS`), `low`, `median`, `high`, 0 or more.
        measure: What the numbers count, with the unit.
        title: Its title.
        about: Lines of the subtitle.
        source: The note below.
        look: Colors.

    Returns:
        An Altair chart.

    Raises:
        UsageError: The frame is not as it must be, or a channel is not known.
    """
    rows = rows_of(channels, CHANNELS)
    check_once(CHANNELS.what, rows, "x", "channel")
    for name in unique(rows, "channel"):
        if name not in ORDER:
            refuse_unknown(CHANNELS.what, "channel", name, ORDER)
    names = [name for name in ORDER if name in unique(rows, "channel")]
    rows = [row | {"line": CHANNEL_WORDS[row["channel"]]} for row in sorted(rows, key=lambda row: row["x"])]
    pen = Pen(look)
    colors = [look.colors[ORDER.index(name)] for name in names]  # a channel keeps its color whichever are drawn
    color = pen.color("line", [CHANNEL_WORDS[name] for name in names], colors, 3)
    heap = stacked(rows, names)
    y = numbers_axis(pen, measure, [*heap, {"bottom": 0.0, "top": 0.0}], ("top",))
    areas = pen.chart(heap).mark_area(opacity=0.88, stroke=look.background, strokeWidth=0.6)
    areas = areas.encode(x=years_axis(pen, rows, STACK[0])("x"), y=y("bottom"), y2="top:Q", color=color)
    left = areas.properties(width=STACK[0], height=STACK[1], title="Medians, stacked")
    small = [_channel(pen, rows, name, color, last=name == names[0]) for name in reversed(names)]
    body = pen.alt.hconcat(left, pen.alt.vconcat(*small, spacing=10), spacing=30)
    notes = [
        "Left: the medians one upon the other; the median of a sum is not the sum of medians.",
        "Right: each channel on its own axis, with its 90 % interval. What is rented is owned by others, elsewhere.",
        source,
    ]
    return dressed(pen, body, STACK[0] + BAND + 130, title, about, notes)


def stacked(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Return medians one upon the other, date by date; a channel without a row at a date is 0 there.

    Example:
        >>> rows = [{"x": 2024.5, "channel": c, "median": 2.0} for c in ("legal", "smuggled")]
        >>> [(row["bottom"], row["top"]) for row in stacked(rows, ["legal", "domestic", "smuggled"])]
        [(0.0, 2.0), (2.0, 2.0), (2.0, 4.0)]
    """
    found = {(row["x"], row["channel"]): row["median"] for row in rows}
    heap = []
    for x in sorted({row["x"] for row in rows}):
        height = 0.0
        for name in names:
            top = height + found.get((x, name), 0.0)
            heap.append({"x": x, "line": CHANNEL_WORDS[name], "bottom": height, "top": top})
            height = top
    return heap


def _channel(pen: Pen, rows: Sequence[Row], name: str, color: Any, last: bool) -> Any:
    own = [row for row in rows if row["channel"] == name]
    x = years_axis(pen, rows, BAND, shown=last)
    y = numbers_axis(pen, None, [*own, {"low": 0.0, "high": 0.0}], ("low", "high"), steps=3)
    base = pen.chart(own).encode(x=x("x"), color=color)
    band, middle = base.mark_area(opacity=0.3), base.mark_line(strokeWidth=2.2)
    layers = [band.encode(y=y("low"), y2="high:Q"), middle.encode(y=y("median"))]
    height = max(44, (STACK[1] + HEADING / 2) / len(unique(rows, "channel")) - HEADING)
    title = pen.alt.TitleParams(CHANNEL_WORDS[name], fontSize=12.5, offset=4)
    return pen.alt.layer(*layers, width=BAND, height=height, title=title)


def let_through(
    frame: "pl.DataFrame",
    *,
    title: str = "What the law let through, chip by chip",
    about: str | Sequence[str] = (),
    source: str = SOURCE,
    look: Look = LIGHT,
) -> Any:
    """Return units by chip and quarter as discs in the color of the law's answer.

    Args:
        frame: Columns `quarter` or `year`, `chip`, `chip_name`, `units`, `low`, `high`, and `answer`, one of
            `look.ANSWERS`.
        title: Its title.
        about: Lines of the subtitle.
        source: The note below.
        look: Colors.

    Returns:
        An Altair chart: a row for each chip in the order of the frame; its strip is the law's answer even where no
        unit passed, a disc is as large as the median of units, and its ring as the upper end.

    Raises:
        UsageError: The frame is not as it must be, or an answer is not known.
    """
    rows = rows_of(frame, LET_THROUGH)
    check_once(LET_THROUGH.what, rows, "x", "chip")
    for answer in unique(rows, "answer"):
        if answer not in ANSWERS:
            refuse_unknown(LET_THROUGH.what, "answer", answer, ANSWERS)
    names = _names(rows)
    half = 0.125 if "quarter" in rows[0] else 0.5
    for row in rows:
        row |= {"row": names[row["chip"]], "words": ANSWER_WORDS[row["answer"]]}
        row |= {"from": row["x"] - half, "to": row["x"] + half}
    pen = Pen(look)
    body = pen.alt.layer(*_lanes(pen, rows, list(names.values()), half), width=LANE, height=pen.alt.Step(ROW))
    notes = [
        "Strip: the law's answer. Disc: median of the units that passed, by its area; ring: upper end of the interval.",
        source,
    ]
    return dressed(pen, body, LANE + 160, title, about, notes)


def _lanes(pen: Pen, rows: Sequence[Row], names: Sequence[str], half: float) -> list[Any]:
    """Return the layers of `let_through`: strips of the law's answer, rings, and discs."""
    alt = pen.alt
    present = [name for name in ANSWERS if name in unique(rows, "answer")]
    colors = [pen.look.answers[name] for name in present]
    color = pen.color("words", [ANSWER_WORDS[name] for name in present], colors, 6, "square")
    y = alt.Y("row:N", sort=names, title=None, axis=alt.Axis(labelLimit=240, ticks=False, domain=False))
    x = years_axis(pen, rows, LANE)
    strips = pen.chart(spells(rows)).mark_bar(size=STRIP, yOffset=ROW / 2 - STRIP)
    legend = alt.Legend(orient="bottom", title=f"units in a {'quarter' if half < 0.5 else 'year'}", labelExpr=NUMBER)
    area = alt.Scale(domain=[0, max(row["high"] for row in rows) or 1.0], range=[0, LARGEST])
    passed = pen.chart([row for row in rows if row["high"] > 0]).encode(x=x("x"), y=y, color=color)
    ring = passed.mark_point(filled=False, strokeWidth=1, opacity=0.6, yOffset=-3)
    disc = passed.mark_point(filled=True, opacity=0.85, yOffset=-3)
    return [
        strips.encode(y=y, x=x("from"), x2="to:Q", color=color),
        ring.encode(size=alt.Size("high:Q", scale=area, legend=legend)),
        disc.encode(size=alt.Size("units:Q", scale=area, legend=legend)),
    ]


def spells(rows: Sequence[Row]) -> list[Row]:
    """Return for each chip the spans in which the law's answer stays the same.

    Example:
        >>> quarters = [(0.0, 0.25, "denied"), (0.25, 0.5, "denied"), (0.5, 0.75, "open")]
        >>> rows = [{"row": "H20", "x": a, "from": a, "to": b, "words": w} for a, b, w in quarters]
        >>> [(row["from"], row["to"], row["words"]) for row in spells(rows)]
        [(0.0, 0.5, 'denied'), (0.5, 0.75, 'open')]
    """
    found: list[Row] = []
    for row in sorted(rows, key=lambda row: (row["row"], row["x"])):
        span = {name: row[name] for name in ("row", "from", "to", "words")}
        if found and all(found[-1][a] == span[b] for a, b in (("row", "row"), ("words", "words"), ("to", "from"))):
            found[-1]["to"] = span["to"]
        else:
            found.append(span)
    return found


def _names(rows: Sequence[Row]) -> dict[str, str]:
    """Return a name for each chip, with its id where two share one."""
    shown = {row["chip"]: row["chip_name"] for row in rows}
    every = list(shown.values())
    return {chip: f"{name} ({chip})" if every.count(name) > 1 else name for chip, name in shown.items()}
