"""The picture of a chip among the limits of a day. One definition makes every file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headgate.decide.plane.areas import OPEN, X
from headgate.decide.plane.placed import BIG, HEIGHT, SIZE, WIDTH, Frame, Placed, limits_on, pixels, short_area
from headgate.decide.plane.points import Point, Scene, value
from headgate.decide.plane.told import about_lines, limit_words, notes, summary, title
from headgate.expr.margin import NEAR
from headgate.pictures.look import LIGHT, Look, Pen, Row, dressed
from headgate.pictures.tint import mixed

MAKERS = {"US": "US maker", "CN": "Chinese maker"}
OTHER = "other maker"
SHAPES = {"US maker": "circle", "Chinese maker": "triangle-up", OTHER: "square"}
AXIS = {
    X: "Total processing performance (TPP)",
    "ic.performance_density": "Performance density (TPP/mm2)",
    "ic.io_bandwidth": "I/O bandwidth, both directions (GB/s)",
}
TICKS = [m * 10.0**n for n in range(-2, 8) for m in (1, 2, 5)]
FAINT, STRONG = 0.13, 0.34


def picture(scene: Scene, look: Look = LIGHT) -> Any:
    """Return the picture of a chip on its plane, as an Altair chart.

    Args:
        scene: What `scene` of `points` returns.
        look: Colors.

    Raises:
        UsageError: Altair is not installed.
    """
    pen, frame = Pen(look), Frame(scene)
    placed = Placed(frame)
    layers = [
        *_areas(pen, frame),
        *_limits(pen, frame),
        *_area_names(pen, frame, placed),
        *_unknown(pen, frame),
        *_points(pen, frame, placed),
    ]
    body = pen.alt.layer(*layers, width=WIDTH, height=HEIGHT)
    drawn = dressed(pen, body, WIDTH, title(scene), about_lines(scene), notes(scene))
    drawn.description = summary(scene)
    return drawn


def _scales(pen: Pen, frame: Frame) -> tuple[Any, Any]:
    made = []
    for axis, channel in zip(frame.axes, (pen.alt.X, pen.alt.Y), strict=True):
        low, high = frame.scene.window[axis]
        scale = pen.alt.Scale(type="log", domain=[low, high], nice=False)
        shown = pen.alt.Axis(values=[t for t in TICKS if low <= t <= high], format=",", grid=False, tickSize=4)
        made.append(channel("x:Q" if axis == X else "y:Q", title=AXIS[axis], scale=scale, axis=shown))
    return made[0], made[1]


def _areas(pen: Pen, frame: Frame) -> Iterator[Any]:
    """Yield the areas as the book makes them, each entry in its own gray, the first in the text the darkest."""
    (low_x, high_x), (low_y, high_y) = (frame.scene.window[axis] for axis in frame.axes)
    x, y = _scales(pen, frame)
    fields = frame.scene.plane.fields
    entries = sorted({f.eccn for f in fields if f.eccn and f.eccn != OPEN})
    # Entries stand in the order of the text, which goes from strict to mild.
    shares = {name: STRONG - (STRONG - FAINT) * n / max(1, len(entries) - 1) for n, name in enumerate(entries)}
    shares |= {"": 0.0, OPEN: FAINT / 2}
    rows = [
        {
            "x": max(f.x[0], low_x),
            "x2": min(f.x[1], high_x),
            "y": max(f.y[0], low_y),
            "y2": min(f.y[1], high_y),
            "eccn": f.eccn,
            "entry": short_area(f.paragraph),
        }
        for f in fields
    ]
    if rows:
        colors = [mixed(pen.look.background, pen.look.soft, share) for share in shares.values()]
        fill = pen.alt.Fill("eccn:N", scale=pen.alt.Scale(domain=list(shares), range=colors), legend=None)
        base = pen.chart(rows).mark_rect(strokeWidth=0, opacity=1)
        yield base.encode(x=x, x2="x2:Q", y=y, y2="y2:Q", fill=fill, tooltip=["entry:N"])


def _limits(pen: Pen, frame: Frame) -> Iterator[Any]:
    """Yield the limits as lines with their numbers, and a band of 5 % where the chip is near one."""
    look = pen.look
    x, y = _scales(pen, frame)
    for axis in frame.axes:
        rows = _limit_rows(frame, axis)
        near = [row | {"low": row["at"] * (1 - NEAR), "high": row["at"] * (1 + NEAR)} for row in rows if row["near"]]
        channel = {"x": x, "y": y}["x" if axis == X else "y"]
        name = "x" if axis == X else "y"
        if near:
            band = pen.chart(near).mark_rect(color=look.answers["case_by_case"], opacity=0.35)
            yield band.encode(**{name: _field(channel, "low"), f"{name}2": "high:Q"})
        if not rows:
            continue
        dash = pen.alt.StrokeDash(
            "dash:N", scale=pen.alt.Scale(domain=["yes", "no"], range=[[5, 4], [1, 0]]), legend=None
        )
        yield (
            pen.chart(rows)
            .mark_rule(color=look.soft, strokeWidth=0.7)
            .encode(**{name: _field(channel, "at")}, strokeDash=dash, tooltip=["words:N"])
        )
        style = {"fontSize": SIZE, "color": look.ink, "align": "left" if axis == X else "right"}
        for inward in dict.fromkeys(row["inward"] for row in rows):
            own = [row for row in rows if row["inward"] == inward]
            place = {"dx": 4, "baseline": "top", "y": 4 + inward} if axis == X else {"dy": -7, "x": WIDTH - 4 - inward}
            words = pen.chart(own).mark_text(**style, **place)
            yield words.encode(**{name: _field(channel, "at")}, text="shown:N")


def _field(channel: Any, name: str) -> Any:
    """Return a channel with the same scale and axis that reads another field."""
    made = channel.copy()
    made.shorthand = f"{name}:Q"
    return made


def _limit_rows(frame: Frame, axis: str) -> list[Row]:
    """Return the limits on one axis; a number that would stand over the one before goes a line further in."""
    rows: list[Row] = []
    for limit in limits_on(frame, axis):
        at = frame.at(axis, limit.threshold.value)
        room = 46 if axis == X else 16
        crowd = bool(rows) and abs(at - rows[-1]["pixel"]) < room and not rows[-1]["inward"]
        rows.append(
            {
                "at": limit.threshold.value,
                "pixel": at,
                "inward": (16 if axis == X else 48) if crowd else 0,
                "shown": f"{limit.threshold.value:,g}" + ("" if limit.classifies else " *"),
                "words": limit_words(limit),
                "near": limit in frame.scene.near,
                "dash": "no" if limit.classifies else "yes",
            }
        )
    return rows


def _area_names(pen: Pen, frame: Frame, placed: Placed) -> Iterator[Any]:
    x, y = frame.axes
    rows = [{"words": text, "x": frame.number(x, a), "y": frame.number(y, b)} for text, a, b, _ in placed.areas]
    if rows:
        across, up = _scales(pen, frame)
        style = {"fontSize": BIG, "fontStyle": "italic", "color": pen.look.ink, "opacity": 0.75}
        yield pen.chart(rows).mark_text(**style).encode(x=across, y=up, text="words:N")


def _unknown(pen: Pen, frame: Frame) -> Iterator[Any]:
    """Yield a line across the plane for each figure whose other one is unknown."""
    across, up = _scales(pen, frame)
    for p in (*frame.scene.of("chip"), *frame.scene.of("reading")):
        axis = X if p.x is not None and p.y is None else frame.axes[1] if p.y is not None and p.x is None else None
        if axis is None:
            continue
        is_chip = p.kind == "chip"
        missing = "area unknown" if axis == X and "density" in frame.axes[1] else "the other figure unknown"
        said = f"{p.label}: {missing}" if is_chip else p.label
        row = {"at": value(p, axis), "words": said}
        color = _color(pen, p.country)
        name, channel = ("x", across) if axis == X else ("y", up)
        thick = {"strokeWidth": 5, "opacity": 0.55} if is_chip else {"strokeWidth": 1.5, "opacity": 0.9}
        rule = pen.chart([row]).mark_rule(color=color, **thick)
        yield rule.encode(**{name: _field(channel, "at")})
        turn = {"dx": 7, "y": HEIGHT - 10} if axis == X else {"dx": 10, "dy": -9, "x": 0}
        if axis == X and is_chip:
            turn = {"angle": 270, "dx": 10, "dy": -11, "y": HEIGHT}
        words = {"align": "left", "fontSize": BIG if is_chip else SIZE, "fontWeight": "bold", "color": pen.look.ink}
        yield pen.chart([row]).mark_text(**words, **turn).encode(**{name: _field(channel, "at")}, text="words:N")


def _color(pen: Pen, country: str) -> str:
    return pen.look.colors[list(SHAPES).index(MAKERS.get(country, OTHER))]


def _points(pen: Pen, frame: Frame, placed: Placed) -> Iterator[Any]:
    """Yield the marks and their words; the chip itself is the largest, other readings of it are open."""
    across, up = _scales(pen, frame)
    here = [p for p in frame.scene.points if p.x is not None and p.y is not None]
    rows = [
        {"x": p.x, "y": p.y, "kind": p.kind, "who": MAKERS.get(p.country, OTHER), "name": p.label or p.says}
        for p in here
    ]
    who = [w for w in SHAPES if any(row["who"] == w for row in rows)]
    colors = [pen.look.colors[list(SHAPES).index(w)] for w in who]
    color = pen.alt.Color("who:N", scale=pen.alt.Scale(domain=who, range=colors), legend=pen.alt.Legend(columns=3))
    shape = pen.alt.Shape("who:N", scale=pen.alt.Scale(domain=who, range=[SHAPES[w] for w in who]))
    for kind, style in (
        ("neighbor", {"size": 55, "filled": True, "opacity": 0.95}),
        ("reading", {"size": 95, "filled": False, "strokeWidth": 2}),
        ("chip", {"size": 260, "filled": True, "opacity": 1, "stroke": pen.look.ink, "strokeWidth": 1.5}),
    ):
        own = [row for row in rows if row["kind"] == kind]
        if own:
            marks = pen.chart(own).mark_point(**style)
            yield marks.encode(x=across, y=up, color=color, shape=shape, tooltip=["name:N", "x:Q", "y:Q"])
    yield from _arrows(pen, frame, here)
    yield from _words(pen, frame, placed)


def _arrows(pen: Pen, frame: Frame, here: Sequence[Point]) -> Iterator[Any]:
    """Yield an arrow where a figure is only a lower bound: it is that much or more."""
    across, up = _scales(pen, frame)
    x, y = frame.axes
    for axis, shift, glyph in ((X, (30, 0), "→"), (y, (0, -30), "↑")):
        own = [p for p in here if p.kind != "neighbor" and (p.x_least if axis == X else p.y_least)]
        rows = [
            {"x": frame.number(x, a + shift[0] * 0.6), "y": frame.number(y, b + shift[1] * 0.6), "mark": glyph}
            for a, b in (pixels(frame, p) for p in own)
        ]
        if rows:
            style = {"fontSize": 22, "fontWeight": "bold", "color": pen.look.ink}
            yield pen.chart(rows).mark_text(**style).encode(x=across, y=up, text="mark:N")


def _words(pen: Pen, frame: Frame, placed: Placed) -> Iterator[Any]:
    x, y = frame.axes
    across, up = _scales(pen, frame)
    styles: Mapping[str, dict[str, Any]] = {
        "chip": {"fontSize": BIG, "fontWeight": "bold", "color": pen.look.ink},
        "reading": {"fontSize": SIZE, "fontWeight": "bold", "color": pen.look.ink},
        "neighbor": {"fontSize": SIZE, "color": pen.look.soft},
    }
    for kind, style in styles.items():
        rows = [
            {"x": frame.number(x, w.x), "y": frame.number(y, w.y), "words": p.label}
            for p, w in zip(placed.shown, placed.words, strict=True)
            if w is not None and p.kind == kind
        ]
        if rows:
            yield pen.chart(rows).mark_text(**style).encode(x=across, y=up, text="words:N")
