"""The picture of a comparison: rooflines by precision, the split of a step's time, and tokens a second with their band.

One definition makes every file: SVG, PNG, PDF, and a page of HTML that needs no network.
"""

import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

from headgate.errors import UsageError, did_you_mean
from headgate.extras import needed
from headgate.machine.hardware import Machine
from headgate.pictures.files import flattened
from headgate.predict.compare.picture_rows import INTENSITY, caption, names, rates, rooflines, splits, subtitle, ticks
from headgate.predict.compare.side import Comparison

ENDINGS = (".svg", ".png", ".pdf", ".html")
# Okabe and Ito's colors, which people with any color vision tell apart, without yellow, and purple darker for words.
MACHINE_COLORS = ("#0072B2", "#D55E00", "#009E73", "#AA4499", "#E69F00", "#56B4E9", "#000000", "#7F7F7F")
# Blue for work and brown for waiting, each part also told apart by lightness.
PART_COLORS = {
    "compute": "#08519C",
    "memory": "#6BAED6",
    "communication": "#8C2D04",
    "bubble": "#EC7014",
    "host": "#FEC44F",
    "jitter": "#BDBDBD",
}
DARK = ("compute", "communication")  # parts whose words are white
PIXELS = 2.0  # of a PNG, for one of the definition
FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
GRAY = "#444444"
LEFT, RIGHT, HEIGHT = 350, 400, 380
WORD = 13.5  # height of a word at the end of a roof


def refuse_ending(path: Path) -> NoReturn:
    """Refuse a file of a kind that no picture is written in."""
    near = did_you_mean(path.suffix, ENDINGS)
    kind = f"as {path.suffix}" if path.suffix else "without an ending"
    raise UsageError(f"{path}: no picture is written {kind}.{near} End the name in {', '.join(ENDINGS)}.")


def refuse_many(count: int) -> NoReturn:
    """Refuse more machines than colors can tell apart."""
    raise UsageError(f"{count} machines are too many for one picture; it has {len(MACHINE_COLORS)} colors. Name fewer.")


def refuse_nothing(found: Comparison) -> NoReturn:
    """Refuse to draw a comparison in which no machine can run the job."""
    raise UsageError(f"there is nothing to draw: no machine can run the job. {found.sides[0].refusal}")


def check_ending(path: Path) -> None:
    """Refuse a file whose ending says no kind of picture.

    Raises:
        UsageError: The ending is none of `ENDINGS`.
    """
    if path.suffix not in ENDINGS:
        refuse_ending(path)


def picture(found: Comparison) -> Any:
    """Return the picture of a comparison, as an Altair chart.

    Args:
        found: A comparison of at most eight machines.

    Returns:
        The chart; `save` writes it. Left are the rooflines, right the split of a step and tokens a second.

    Raises:
        UsageError: Too many machines, none that can run the job, or Altair is not installed.
    """
    machines = {side.machine.id: side.machine for side in found.sides}
    if len(found.sides) > len(MACHINE_COLORS):
        refuse_many(len(found.sides))
    if all(side.trained is None for side in found.sides):
        refuse_nothing(found)
    alt = needed("altair")
    right = alt.vconcat(_split(alt, found), _rates(alt, found, machines), spacing=26).resolve_scale(color="independent")
    body = alt.hconcat(_rooflines(alt, machines), right, spacing=20).resolve_scale(color="independent")
    return (
        # A chart has one title: that of the outer one stands below, as the caption.
        alt.hconcat(body.properties(title=_head(alt, found)), title=_foot(alt, found))
        .properties(padding=18, background="white")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            gridColor="#E6E6E6",
            domainColor="#888888",
            tickColor="#888888",
            labelFontSize=11,
            titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_title(fontSize=13, anchor="start")
        .configure_legend(labelFontSize=11, title=None, orient="top", offset=6)
    )


def _head(alt: Any, found: Comparison) -> Any:
    machines = dict.fromkeys(side.machine.id for side in found.sides)
    return alt.TitleParams(
        f"{found.model} on {', '.join(machines)}",
        subtitle=subtitle(found),
        fontSize=18,
        subtitleFontSize=12,
        subtitleColor=GRAY,
        subtitlePadding=5,
        offset=16,
    )


def _foot(alt: Any, found: Comparison) -> Any:
    style = {"fontSize": 11, "fontWeight": "normal", "color": GRAY, "lineHeight": 15}
    return alt.TitleParams(caption(found), orient="bottom", offset=14, **style)


def _color(alt: Any, machines: Mapping[str, Machine], *, legend: bool = False) -> Any:
    scale = alt.Scale(domain=list(machines), range=list(MACHINE_COLORS[: len(machines)]))
    return alt.Color("machine:N", scale=scale, legend=alt.Legend(columns=4, symbolStrokeWidth=3) if legend else None)


def _rooflines(alt: Any, machines: Mapping[str, Machine]) -> Any:
    corners, ends, span = rooflines(machines, WORD / HEIGHT)
    x_axis = alt.Axis(values=[1, 10, 100, 1000, 10000], format=",")
    y_axis = alt.Axis(values=[10**n for n in range(7)], format=",")
    x_scale = alt.Scale(type="log", domain=list(INTENSITY), nice=False)
    y_scale = alt.Scale(type="log", domain=list(span), nice=False)
    x = alt.X("x:Q", title="Operations for each byte of memory traffic", axis=x_axis, scale=x_scale)
    y = alt.Y("y:Q", title="Attainable TFLOP/s of one chip", axis=y_axis, scale=y_scale)
    dash = alt.Scale(domain=[False, True], range=[[1, 0], [5, 4]])
    lines = alt.Chart(alt.Data(values=corners)).mark_line(strokeWidth=2)
    words = alt.Chart(alt.Data(values=ends)).mark_text(align="left", dx=6, fontSize=11)
    both = lines.encode(
        x=x,
        y=y,
        detail="roof:N",
        color=_color(alt, machines, legend=True),
        strokeDash=alt.StrokeDash("best:N", scale=dash, legend=None),
    ) + words.encode(x=x, y=y, text="words:N", color=_color(alt, machines))
    return both.properties(width=LEFT, height=HEIGHT, title="What the chip allows: roofline by precision")


def _rows_axis(alt: Any, found: Comparison) -> Any:
    return alt.Y("name:N", sort=names(found.sides), title=None, axis=alt.Axis(grid=False, labelLimit=220, ticks=False))


def _split(alt: Any, found: Comparison) -> Any:
    x_axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    x = alt.X("share:Q", stack="zero", title="Share of a training step", axis=x_axis, scale=alt.Scale(domain=[0, 1]))
    scale = alt.Scale(domain=list(PART_COLORS), range=list(PART_COLORS.values()))
    legend = alt.Legend(columns=6, symbolType="square", symbolStrokeWidth=0)
    base = alt.Chart(alt.Data(values=splits(found.sides))).encode(y=_rows_axis(alt, found))
    bars = base.mark_bar(stroke="white", strokeWidth=0.6).encode(
        x=x, order="nth:Q", color=alt.Color("part:N", sort=list(PART_COLORS), scale=scale, legend=legend)
    )
    pale = alt.FieldOneOfPredicate(field="part", oneOf=list(DARK))
    words = base.mark_text(fontSize=10.5).encode(
        x="middle:Q", text="words:N", color=alt.condition(pale, alt.value("white"), alt.value("black"))
    )
    return (bars + words).properties(width=RIGHT, height=HEIGHT * 0.42, title="Where the time of a training step goes")


def _rates(alt: Any, found: Comparison, machines: Mapping[str, Machine]) -> Any:
    rows = rates(found.sides)
    low, high = min(row["low"] for row in rows) / 1.25, max(row["high"] for row in rows) * 1.4
    x_scale = alt.Scale(type="log", domain=[low, high], nice=False)
    x_axis = alt.Axis(values=ticks(low, high), format=",", labelOverlap=True)
    x = alt.X("low:Q", title="Tokens a second for one chip, with a band of 90 %", scale=x_scale, axis=x_axis)
    base = alt.Chart(alt.Data(values=rows)).encode(y=_rows_axis(alt, found), color=_color(alt, machines))
    band = base.mark_rule(strokeWidth=2.5, strokeCap="round").encode(x=x, x2="high:Q")
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(x="middle:Q")
    words = base.mark_text(dy=-11, fontSize=11).encode(x="middle:Q", text="words:N")
    return (band + dots + words).properties(width=RIGHT, height=HEIGHT * 0.36, title="How fast it trains")


def save(chart: Any, path: Path) -> None:
    """Write a chart to a file; the ending of its name says as what.

    Args:
        chart: What `picture` returns.
        path: A name in .svg, .png, .pdf or .html. A file of that name is replaced once the new one is whole.

    Raises:
        UsageError: Another ending, or vl-convert is not installed.
        OSError: The file cannot be written.
    """
    check_ending(path)
    convert = needed("vl_convert")
    half = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        if path.suffix == ".html":
            half.write_text(chart.to_html(inline=True), encoding="utf-8")
        elif path.suffix == ".pdf":
            drawn = StringIO()
            chart.save(drawn, format="svg")
            half.write_bytes(convert.svg_to_pdf(flattened(drawn.getvalue())))
        else:
            chart.save(str(half), **({"scale_factor": PIXELS} if path.suffix == ".png" else {}))
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
