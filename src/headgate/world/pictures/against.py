"""Bands against something: a scenario against the baseline draw by draw, and the model against what was published."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.errors import UsageError
from headgate.pictures.look import LIGHT, SOURCE, Look, Pen, Row, dressed, refuse_many
from headgate.world.pictures.bands import POINTS, READ, as_quantiles, band_rows, observed_rows
from headgate.world.pictures.frames import PAIRED, check_once, name_of, rows_of, unique
from headgate.world.pictures.panels import (
    bands_of,
    level_of,
    line_color,
    numbers_axis,
    points_of,
    size_of,
    span_of,
    width_of,
    years_axis,
)

if TYPE_CHECKING:
    import polars as pl

SIDE = (182, 150)  # width and height of a panel of one scenario
MOST_OVER_EACH_OTHER = 3  # bands that can still be told apart in one panel


def refuse_two_units(measure: str, units: Sequence[str]) -> NoReturn:
    """Refuse differences of one measure in two units."""
    raise UsageError(f"paired: {measure} is counted in {' and in '.join(units)}. Convert the rows to one unit")


def paired(
    frame: "pl.DataFrame",
    *,
    title: str = "What the scenario changes",
    about: str | Sequence[str] = (),
    source: str = SOURCE,
    look: Look = LIGHT,
) -> Any:
    """Return scenarios against the baseline: the difference draw by draw, with its bands about zero.

    Args:
        frame: Columns `quarter` or `year`, `measure`, `scenario`, `unit`, and `q05` to `q95` of scenario less baseline.
        title: Its title.
        about: Lines of the subtitle.
        source: The note below.
        look: Colors.

    Returns:
        An Altair chart, one panel a measure; with more than three scenarios, one panel for each of both.

    Raises:
        UsageError: The frame is not as it must be, a measure has two units, or there are more than seven scenarios.
    """
    rows = rows_of(frame, PAIRED)
    check_once(PAIRED.what, rows, "x", "measure", "scenario")
    rows.sort(key=lambda row: row["x"])
    lines, measures = unique(rows, "scenario"), unique(rows, "measure")
    refuse_many("paired", lines)
    for measure in measures:
        if len(units := unique([row for row in rows if row["measure"] == measure], "unit")) > 1:
            refuse_two_units(measure, units)
    apart = len(lines) > MOST_OVER_EACH_OTHER
    pen = Pen(look)
    blocks = [_differences(pen, rows, m, lines, (apart, len(measures))) for m in measures]
    columns, width = (min(len(lines), 4), SIDE[0]) if apart else size_of(len(measures))[:2]
    body = pen.alt.concat(*blocks, columns=1 if apart else columns, spacing=22)
    notes = ["Scenario less baseline, draw by draw: both worlds see the same random numbers. " + READ, source]
    return dressed(pen, body, width_of(columns, width), title, about, notes)


def _differences(pen: Pen, rows: Sequence[Row], measure: str, lines: Sequence[str], plan: tuple[bool, int]) -> Any:
    """Return the panel of one measure, or one panel for each scenario when they stand apart."""
    apart, panels = plan
    own = [row | {"line": row["scenario"]} for row in rows if row["measure"] == measure]
    _, width, height = (0, *SIDE) if apart else size_of(panels)
    x, left, unit = years_axis(pen, rows, width), span_of(rows)[0], own[0]["unit"]
    color = pen.color("line", lines, pen.look.colors) if apart else line_color(pen, lines)
    held = [*own, {"q05": 0.0, "q95": 0.0}]
    drawn = []
    for nth, shown in enumerate([[s] for s in unique(own, "line")] if apart else [lines]):
        y = numbers_axis(pen, unit if nth % 4 == 0 else None, held, ("q05", "q95"))
        layers = level_of(pen, 0.0, "", left, x, y)
        layers += bands_of(pen, [row for row in own if row["line"] in shown], x, y, color)
        title = pen.alt.TitleParams(shown[0], fontSize=12.5, fontWeight="normal") if apart else name_of(measure)
        drawn.append(pen.alt.layer(*layers, width=width, height=height, title=title))
    return pen.alt.concat(*drawn, columns=4, spacing=12, title=name_of(measure)) if apart else drawn[0]


def predictive(
    bands: "pl.DataFrame",
    observed: "pl.DataFrame",
    *,
    title: str = "Does the model foresee what was published?",
    about: str | Sequence[str] = (),
    unit: str = "H100-equivalents",
    source: str = SOURCE,
    look: Look = LIGHT,
) -> Any:
    """Return a predictive check: published estimates over the bands, and how many medians lie in the 90 % band.

    Args:
        bands: As for `fan`; a column `scenario` may tell prior from posterior. One panel for each series and measure.
        observed: As for `fan`.
        title: Its title.
        about: Lines of the subtitle.
        unit: What the axes count.
        source: The note below.
        look: Colors.

    Returns:
        An Altair chart.

    Raises:
        UsageError: A frame is not as it must be.
    """
    rows = band_rows(bands)
    many = len({row["panel"] for row in rows}) > 1
    for row in rows:
        row["line"] = row.get("scenario", "model")
        row["panel"] = f"{row['series']}: {row['panel']}" if many else row["series"]
    seen = observed_rows(observed, rows)
    lines, panels = unique(rows, "line"), unique(rows, "panel")
    refuse_many("predictive", lines)
    pen = Pen(look)
    columns, width, height = size_of(len(panels))
    color, sources = line_color(pen, lines), unique(seen, "source")
    x = years_axis(pen, [*rows, *seen], width)
    drawn = []
    for panel in panels:
        own = [row for row in rows if row["panel"] == panel]
        points = [row for row in seen if all(row[k] == own[0][k] for k in ("series", "measure"))]
        y = numbers_axis(pen, unit, [*own, *as_quantiles(points)], ("q05", "q95"))
        layers = bands_of(pen, own, x, y, color)
        layers += points_of(pen, points, x, y, pen.alt.value(pen.look.ink), sources) if points else []
        told = covered_words(own, points, lines) or ["nothing published"]
        words = [panel, *told, *([" "] * (len(lines) - len(told)))]  # as many lines for each, so that panels align
        heading = pen.alt.TitleParams(words[0], subtitle=words[1:], subtitleFontSize=11.5, subtitleColor=pen.look.soft)
        drawn.append(pen.alt.layer(*layers, width=width, height=height, title=heading))
    body = pen.alt.concat(*drawn, columns=columns, spacing=22)
    notes = [READ, POINTS, source]
    return dressed(pen, body, width_of(columns, width), title, about, notes)


def covered_words(bands: Sequence[Row], points: Sequence[Row], lines: Sequence[str]) -> list[str]:
    """Say, line by line, how many published medians lie in the 90 % band of their date.

    Example:
        >>> band = {"line": "prior", "x": 2024.5, "q05": 1.0, "q95": 3.0}
        >>> covered_words([band], [{"x": 2024.5, "median": 2.0}, {"x": 2024.5, "median": 5.0}], ["prior"])
        ['prior: 1 of 2 medians in the 90 % band']
    """
    told = []
    for line in lines:
        by_date = {row["x"]: row for row in bands if row["line"] == line}
        held = [by_date[p["x"]]["q05"] <= p["median"] <= by_date[p["x"]]["q95"] for p in points if p["x"] in by_date]
        if held:
            told.append(f"{line}: {sum(held)} of {len(held)} medians in the 90 % band")
    return told
