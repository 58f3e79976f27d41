"""The fan chart: a ratio or a stock by measure, with its bands and what was published."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.errors import UsageError, did_you_mean
from headgate.pictures.look import LIGHT, SOURCE, Look, Pen, Row, dressed, refuse_many
from headgate.world.pictures.frames import (
    BANDS,
    OBSERVED,
    check_once,
    name_of,
    refuse_no_column,
    rows_of,
    unique,
)
from headgate.world.pictures.panels import (
    bands_of,
    level_of,
    line_color,
    numbers_axis,
    points_of,
    size_of,
    span_of,
    units_of,
    width_of,
    years_axis,
)

if TYPE_CHECKING:
    import polars as pl

READ = "Line: median. Darker band: 50 % of draws; lighter band: 90 %."
POINTS = "Points and bars: published estimates with their intervals."


def refuse_no_band(series: str, known: Sequence[str]) -> NoReturn:
    """Refuse observed numbers of a series that has no band."""
    raise UsageError(
        f"observed: series {series!r} has no band.{did_you_mean(series, known)} Bands are of {', '.join(known)}"
    )


def refuse_no_unit(measure: str, known: Sequence[str]) -> NoReturn:
    """Refuse a measure whose unit was not said."""
    raise UsageError(f"fan: no unit for measure {measure!r}.{did_you_mean(measure, known)} Say one for every measure")


def band_rows(frame: "pl.DataFrame") -> list[Row]:
    """Return the rows of bands with `line` (series, scenario) and `panel` (measure, basis), each point once."""
    rows = rows_of(frame, BANDS)
    varied = {name for name in BANDS.optional if name in rows[0] and len({row[name] for row in rows}) > 1}
    for row in rows:
        row["line"] = f"{row['series']}, {row['scenario']}" if "scenario" in varied else row["series"]
        row["panel"] = name_of(row["measure"]) + (f", {row['basis']}" if "basis" in varied else "")
    check_once(BANDS.what, rows, "x", "line", "panel")
    return sorted(rows, key=lambda row: row["x"])


def observed_rows(frame: "pl.DataFrame | None", rows: Sequence[Row]) -> list[Row]:
    """Return observed rows, each of a series that has a band, with `measure`."""
    if frame is None:
        return []
    seen = rows_of(frame, OBSERVED)
    measures, series = unique(rows, "measure"), unique(rows, "series")
    for row in seen:
        if "measure" not in row and len(measures) > 1:
            refuse_no_column(OBSERVED.what, "measure", frame.columns)
        row.setdefault("measure", measures[0])
        if row["series"] not in series:
            refuse_no_band(row["series"], series)
    return sorted(seen, key=lambda row: row["x"])


def fan(
    bands: "pl.DataFrame",
    observed: "pl.DataFrame | None" = None,
    *,
    title: str = "How many times China's compute the United States has",
    about: str | Sequence[str] = (),
    unit: str | Mapping[str, str] = "times",
    level: tuple[float, str] | None = None,
    source: str = SOURCE,
    look: Look = LIGHT,
) -> Any:
    """Return the fan chart of a ratio, or of anything else with bands, one panel a measure.

    Args:
        bands: Columns `quarter` or `year`, `series`, `measure`, `q05` to `q95`; perhaps `basis` (a panel each) and
            `scenario` (a line each).
        observed: Published estimates to lay over: `quarter` or `year`, `series`, `low`, `median`, `high`, `source`, and
            `measure` when the bands have several.
        title: Its title.
        about: Lines of the subtitle; `run_words` makes the usual one.
        unit: What the axis counts; one for all, whose panels then share their axis, or one for each measure.
        level: A number to mark with a dashed line and its words, say `(1.0, "parity")`.
        source: The note below.
        look: Colors.

    Returns:
        An Altair chart; `save` writes it. An axis is logarithmic when its numbers span more than thirty times.

    Raises:
        UsageError: A frame is not as it must be, there are more than seven lines, or Altair is not installed.
    """
    rows = band_rows(bands)
    lines, panels = unique(rows, "line"), unique(rows, "panel")
    refuse_many("fan", lines)
    for measure in unique(rows, "measure"):
        if not isinstance(unit, str) and measure not in unit:
            refuse_no_unit(measure, list(unit))
    seen = observed_rows(observed, rows)
    pen = Pen(look)
    columns, width, height = size_of(len(panels))
    color, sources = line_color(pen, lines), unique(seen, "source")
    dots = color if set(unique(seen, "series")) <= set(lines) else pen.alt.value(pen.look.ink)
    x, left = years_axis(pen, [*rows, *seen], width), span_of([*rows, *seen])[0]
    drawn = []
    for nth, panel in enumerate(panels):
        own = [row for row in rows if row["panel"] == panel]
        points = [row | {"line": row["series"]} for row in seen if row["measure"] == own[0]["measure"]]
        shared = isinstance(unit, str)
        words = units_of(unit, own[0]["measure"]) if nth % columns == 0 or not shared else None
        held = [*(rows if shared else own), *as_quantiles(seen if shared else points), *_as_level(level)]
        y = numbers_axis(pen, words, held, ("q05", "q95"))
        layers = bands_of(pen, own, x, y, color)
        layers += level_of(pen, *level, left, x, y) if level else []
        layers += points_of(pen, points, x, y, dots, sources) if points else []
        drawn.append(pen.alt.layer(*layers, width=width, height=height, title=panel))
    body = pen.alt.concat(*drawn, columns=columns, spacing=22)
    notes = [READ, *([POINTS] if seen else []), source]
    return dressed(pen, body, width_of(columns, width), title, about, notes)


def as_quantiles(rows: Sequence[Row]) -> list[Row]:
    return [{"q05": row["low"], "q95": row["high"]} for row in rows]


def _as_level(level: tuple[float, str] | None) -> list[Row]:
    return [{"q05": level[0], "q95": level[0]}] if level else []
