"""How every picture looks: colors on a light and a dark page, letters, title above, source note below."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from headgate.errors import UsageError
from headgate.extras import needed

FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
SOURCE = "Source: Headgate, its model of the world."
MOST_COLORS = 7
Row = dict[str, Any]
ANSWERS = ("open", "exception", "approval", "case_by_case", "unstated", "denial")
# A number on an axis: 0.05, 12, 3.4k, 2M.
NUMBER = "abs(datum.value) >= 1000 ? replace(format(datum.value, '~s'), 'G', 'B') : format(datum.value, '~g')"
BRIEF = (("B", 1e9), ("M", 1e6), ("k", 1e3))
HEAD, SMALL, LETTER = 18, 12, 0.5  # heights of letters; width of one over its height, on average


@dataclass(frozen=True, slots=True)
class Look:
    """Colors on one background.

    Args:
        ink: Color of words; `soft` of lesser ones, `grid` of lines behind.
        colors: Of lines and areas, told apart with any color vision; the first ones are the most distant.
        answers: Color of each answer of the law, blue for what passes to brown for what does not.
        ends: Color of a low and of a high end.
        ramp: Colors of a probability at 0, 0.5 and 1, on each of which ink is read.
    """

    background: str
    ink: str
    soft: str
    grid: str
    colors: tuple[str, ...]
    answers: Mapping[str, str]
    ends: tuple[str, str]
    ramp: tuple[str, str, str]


def _answers(*colors: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(ANSWERS, colors, strict=True)))


LIGHT = Look(
    background="#FFFFFF",
    ink="#1A1A1A",
    soft="#4A4A4A",
    grid="#E4E4E4",
    colors=("#0072B2", "#D55E00", "#009E73", "#4C0F38", "#9F5FF5", "#802719", "#191980"),
    answers=_answers("#08306B", "#2F7FC4", "#79BEE3", "#DDA600", "#9A9A9A", "#A32A00"),
    ends=("#0072B2", "#D55E00"),
    ramp=("#E08A3C", "#F7F7F7", "#5B9BD5"),
)
DARK = Look(
    background="#161A20",
    ink="#F2F2F2",
    soft="#C4C8CE",
    grid="#333A44",
    colors=("#56B4E9", "#FF8F3F", "#C8F5A0", "#9A6BFF", "#E83E6F", "#FFFFFF", "#8E6A3C"),
    answers=_answers("#E4F2FF", "#79BEE3", "#2F7FC4", "#F0B429", "#8A8F98", "#D9502A"),
    ends=("#56B4E9", "#FF8F3F"),
    ramp=("#A34F00", "#3A4049", "#1F5FA6"),
)


def brief(number: float, sign: str = "") -> str:
    """Return a number in three digits, as on an axis.

    Example:
        >>> brief(-1_360_000), brief(0.548, "+"), brief(3400)
        ('-1.36M', '+0.548', '3.4k')
    """
    for letter, size in BRIEF:
        if abs(number) >= size * 0.9995:
            return f"{number / size:{sign}.3g}{letter}"
    return f"{number:{sign}.3g}"


class Pen:
    """Altair with one look; its charts name their rows, which the picture holds once.

    Altair copies all that a chart holds each time it is put into another, so panels are flat and rows stand apart.
    """

    def __init__(self, look: Look) -> None:
        """Take up the pen.

        Raises:
            UsageError: Altair is not installed.
        """
        self.alt = needed("altair")
        self.look = look
        self.rows: dict[str, list[Row]] = {}

    def chart(self, rows: Sequence[Row]) -> Any:
        """Return an empty chart of rows."""
        name = f"rows{len(self.rows) + 1}"
        self.rows[name] = list(rows)
        return self.alt.Chart(self.alt.NamedData(name=name))

    def color(self, field: str, names: Sequence[str], colors: Sequence[str], columns: int = 0, symbol: str = "") -> Any:
        """Return the color of a field, one for each name in order, with a legend of so many columns; of 0, none."""
        scale = self.alt.Scale(domain=list(names), range=list(colors[: len(names)]))
        style = {"symbolType": symbol, "symbolStrokeWidth": 0} if symbol else {}
        return self.alt.Color(
            f"{field}:N", scale=scale, legend=self.alt.Legend(columns=columns, **style) if columns else None
        )


def refuse_many(what: str, names: Sequence[str]) -> None:
    """Refuse more things than colors can tell apart."""
    if len(names) > MOST_COLORS:
        raise UsageError(
            f"{what}: {len(names)} lines are too many for one picture ({', '.join(names[:3])}, ...); it has "
            f"{MOST_COLORS} colors. Choose fewer, or draw several pictures"
        )


def lines_of(text: str | Sequence[str], width: float, height: float) -> list[str]:
    """Return text broken into lines that fit a width in pixels, each given line on its own.

    A picture has one kind of letters, so the marks of code around a word are dropped.

    Example:
        >>> lines_of("one two three", 40, 12)
        ['one', 'two', 'three']
    """
    given = [text] if isinstance(text, str) else text
    room = max(1, int(width / (LETTER * height)))
    return [line for each in given if each for line in textwrap.wrap(each.replace("`", ""), room)]


def dressed(pen: Pen, body: Any, width: float, title: str, about: str | Sequence[str], notes: Sequence[str]) -> Any:
    """Return a chart with its title and subtitle above, its notes below, and the house's letters and lines.

    Args:
        pen: What the body was drawn with.
        body: The panels.
        width: About how wide they are, pixels; words are broken to fit.
        title: What the picture shows.
        about: Lines of the subtitle: draws, seed, day of the law, basis.
        notes: How to read it, and the source; each begins a line.
    """
    alt, look = pen.alt, pen.look
    ends = {"anchor": "start", "frame": "bounds"}
    small = {"subtitleFontSize": SMALL, "subtitleColor": look.soft, "subtitlePadding": 6}
    above = {"subtitle": lines_of(about, width, SMALL), **small} if about else {}
    below = {"fontSize": 11, "fontWeight": "normal", "lineHeight": 15, "orient": "bottom", "offset": 14}
    body.title = alt.TitleParams(lines_of(title, width, HEAD), fontSize=HEAD, offset=14, **above, **ends)
    return alt.hconcat(
        body,
        # A chart has one title: that of the outer one stands below, as the note.
        title=alt.TitleParams(lines_of(notes, width, 11.2), color=look.soft, **below, **ends),
        # Else the legends would stand above the title.
        resolve={"scale": {"color": "independent", "shape": "independent", "size": "independent"}},
        padding=16,
        background=look.background,
        datasets=pen.rows,
        config=config_of(look),
    )


def config_of(look: Look) -> dict[str, Any]:
    """Return what all panels have in common, as Vega-Lite configures it."""
    ink, words = {"labelColor": look.soft, "titleColor": look.ink}, {"labelFontSize": 12.5, "titleFontSize": 12.5}
    plain = {"titleFontWeight": "normal"}
    lines = {"gridColor": look.grid, "domainColor": look.soft, "tickColor": look.soft}
    place = {"orient": "top", "offset": 8, "title": None, "labelLimit": 420, "symbolOpacity": 1}
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {**ink, **words, **plain, **lines, "labelFontSize": 12},
        "title": {"fontSize": 13.5, "anchor": "start", "frame": "group", "color": look.ink},
        "legend": {**ink, **words, **plain, **place, "labelColor": look.ink},
    }


def run_words(draws: int, seed: int, law: str, basis: str = "") -> str:
    """Return the subtitle of a run: draws, seed, day of the law, and what is counted.

    Example:
        >>> run_words(10_000, 7, "2026-11-22", "owned compute")
        '10,000 draws, seed 7. Law as of 2026-11-22. Counted: owned compute.'
    """
    counted = f" Counted: {basis}." if basis else ""
    return f"{draws:,} draws, seed {seed}. Law as of {law}.{counted}"
