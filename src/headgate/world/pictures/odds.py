"""Pictures of what matters and how sure it is: the tornado of gradients, and the probabilities of the two claims."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.errors import UsageError
from headgate.pictures.look import LIGHT, NUMBER, SOURCE, Look, Pen, Row, brief, dressed, lines_of
from headgate.world.pictures.frames import CLAIMS, TORNADO, check_once, name_of, refuse_cell, rows_of, unique

if TYPE_CHECKING:
    import polars as pl

BARS, BAR, MOST_LABEL, EFFECTS, SOURCES = 380, 24, 250, 64, 290  # pixels
MOST = 12  # bars of a headline
ENDS = ("prior at its 5 %", "prior at its 95 %")
CLAIM_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "A": "A: the US-to-China ratio is higher than a year before",
        "B": "B: China's own supply makes up for the imports forgone, at twice the orders",
    }
)
GRID, CELL = 900, 25


def refuse_nothing_moves(headline: str) -> NoReturn:
    """Refuse to draw a headline that no prior moves."""
    raise UsageError(
        f"tornado: no prior moves {headline!r}: every low equals its high. Leave the headline out, or check that the "
        "gradients were taken of it"
    )


def tornado(
    frame: "pl.DataFrame",
    *,
    title: str = "Which assumptions matter",
    about: str | Sequence[str] = (),
    units: Mapping[str, str] = MappingProxyType({}),
    most: int = MOST,
    source: str = SOURCE,
    look: Look = LIGHT,
) -> Any:
    """Return the headlines with what each prior does to them, the strongest first.

    Args:
        frame: Columns `headline`, `prior`, `effect` (change of the headline for one standard deviation of the prior),
            `low` and `high` (the headline with the prior at its 5 % and at its 95 %), and `source` of the prior.
        title: Its title.
        about: Lines of the subtitle.
        units: What a headline counts.
        most: Bars of a headline; the note says how many more there are.
        source: The note below.
        look: Colors.

    Returns:
        An Altair chart, one panel a headline.

    Raises:
        UsageError: The frame is not as it must be, or no prior moves a headline.
    """
    rows = rows_of(frame, TORNADO)
    check_once(TORNADO.what, rows, "headline", "prior")
    pen = Pen(look)
    drawn, left_out = [], 0
    wide = min(MOST_LABEL, 6.6 * max(len(row["prior"]) for row in rows) + 10)
    for headline in unique(rows, "headline"):
        own = [row for row in rows if row["headline"] == headline]
        if all(row["low"] == row["high"] for row in own):
            refuse_nothing_moves(headline)
        kept = strongest(own, most)
        left_out += len(own) - len(kept)
        drawn.append(_tornado(pen, kept, headline, units.get(headline, ""), wide))
    body = pen.alt.vconcat(*drawn, spacing=24)
    more = f" Not shown: {left_out} weaker ones." if left_out else ""
    notes = [
        "Exact gradients, followed in a straight line to the ends of each prior's interval of 90 %, one at a time.",
        f"Right: change of the headline for one standard deviation of the prior, and the prior's source.{more}",
        source,
    ]
    return dressed(pen, body, wide + BARS + EFFECTS + SOURCES, title, about, notes)


def strongest(rows: Sequence[Row], most: int) -> list[Row]:
    """Return the rows of one headline that move it most, the strongest first, equals by name.

    Example:
        >>> rows = [{"prior": p, "low": 1.0, "high": h} for p, h in (("a", 1.5), ("b", 3.0), ("c", 0.0))]
        >>> [row["prior"] for row in strongest(rows, 2)]
        ['b', 'c']
    """
    return sorted(rows, key=lambda row: (-abs(row["high"] - row["low"]), row["prior"]))[:most]


def _tornado(pen: Pen, rows: Sequence[Row], headline: str, unit: str, wide: float) -> Any:
    # In a straight line the middle of the two ends is the headline where it was linearized.
    base = sum(row["low"] + row["high"] for row in rows) / (2 * len(rows))
    bars = [
        {"prior": row["prior"], "end": name, "from": (row["low"] + row["high"]) / 2, "to": row[end]}
        for row in rows
        for name, end in zip(ENDS, ("low", "high"), strict=True)
    ]
    sort = [row["prior"] for row in rows]
    axis = pen.alt.Axis(labelLimit=MOST_LABEL, ticks=False, domain=False, minExtent=wide, labelPadding=6)
    y = pen.alt.Y("prior:N", sort=sort, title=None, axis=axis)
    axis = pen.alt.Axis(labelExpr=NUMBER, tickCount=6)
    x = pen.alt.X("to:Q", title=unit or None, scale=pen.alt.Scale(zero=False), axis=axis)
    color = pen.color("end", ENDS, pen.look.ends, 2, "square")
    drawn = pen.chart(bars).mark_bar(size=BAR * 0.62).encode(y=y, x=x, x2="from:Q", color=color)
    rule = pen.chart([{"to": base}]).mark_rule(color=pen.look.ink, strokeWidth=1.2).encode(x=x)
    told = [{"prior": row["prior"], "effect": brief(row["effect"], "+"), "source": row["source"]} for row in rows]
    words = pen.chart(told).encode(y=y)
    style = {"fontSize": 11.5, "color": pen.look.soft}
    effects = words.mark_text(align="right", **style).encode(x=pen.alt.value(BARS + EFFECTS), text="effect:N")
    sources = words.mark_text(align="left", limit=SOURCES, **style).encode(
        x=pen.alt.value(BARS + EFFECTS + 16), text="source:N"
    )
    layers = (drawn, rule, effects, sources)
    return pen.alt.layer(*layers, width=BARS, height=pen.alt.Step(BAR), title=headline)


def claims(
    frame: "pl.DataFrame",
    *,
    title: str = "How probable the two claims are",
    about: str | Sequence[str] = (),
    source: str = SOURCE,
    look: Look = LIGHT,
) -> Any:
    """Return the probability of each claim by year and measure, one panel for each claim, kind and basis.

    Args:
        frame: Columns `claim` (`A`, `B`, or another's name), `basis`, `kind` (`stock` or `flow`), `measure`, `year`,
            and `probability`, 0 to 1.
        title: Its title.
        about: Lines of the subtitle.
        source: The note below.
        look: Colors.

    Returns:
        An Altair chart; each cell says its probability in percent.

    Raises:
        UsageError: The frame is not as it must be, or a probability is over 1.
    """
    rows = rows_of(frame, CLAIMS)
    check_once(CLAIMS.what, rows, "x", "claim", "basis", "kind", "measure")
    for line, row in enumerate(rows, start=1):
        if row["probability"] > 1:
            refuse_cell(CLAIMS.what, line, "probability", row["probability"], "1 or less")
        row |= {"words": percent(row["probability"]), "row": name_of(row["measure"]), "when": row["x"] // 1}
    pen = Pen(look)
    bases, measures = unique(rows, "basis"), unique(rows, "row")
    years = sorted({int(row["when"]) for row in rows})
    width = min(GRID // len(bases) - (150 if len(bases) == 1 else 20) - 130 // len(bases), 48 * len(years))
    lines = []
    for claim, kind in dict.fromkeys((row["claim"], row["kind"]) for row in rows):
        own = [row for row in rows if (row["claim"], row["kind"]) == (claim, kind)]
        across = [
            _cells(pen, [row for row in own if row["basis"] == basis], measures, years, width, first=nth == 0)
            for nth, basis in enumerate(unique(own, "basis"))
        ]
        words = lines_of(f"{CLAIM_WORDS.get(claim, claim)} ({kind})", GRID, 14)
        lines.append(pen.alt.hconcat(*across, spacing=14, title=pen.alt.TitleParams(words, fontSize=14, offset=10)))
    body = pen.alt.vconcat(*lines, spacing=22)
    notes = ["Share of draws in which the claim holds at the end of the year, in percent.", source]
    return dressed(pen, body, GRID, title, about, notes)


def percent(share: float) -> str:
    """Return a probability in percent, never 0 or 100 unless it is so.

    Example:
        >>> [percent(p) for p in (0.0, 0.001, 0.524, 0.996, 1.0)]
        ['0', '<1', '52', '>99', '100']
    """
    if 0 < share < 0.01:
        return "<1"
    return ">99" if 0.99 < share < 1 else f"{share * 100:.0f}"


def _cells(
    pen: Pen, rows: Sequence[Row], measures: Sequence[str], years: Sequence[int], width: float, first: bool
) -> Any:
    """Return the panel of one claim, kind and basis; the first in a line says the measures."""
    alt = pen.alt
    whole = width / len(years) >= 36
    expression = "format(datum.value, 'd')" if whole else "'\u2019' + slice(toString(datum.value), 2)"
    bare = {"ticks": False, "domain": False}
    axis = alt.Axis(labelExpr=expression, labelAngle=0, orient="bottom", labelPadding=4, **bare)
    x = alt.X("when:O", title=None, axis=axis, sort=list(years))
    axis = alt.Axis(labelLimit=170, labelPadding=6, **bare) if first else None
    y = alt.Y("row:N", sort=measures, title=None, axis=axis)
    ramp = alt.Scale(domain=[0, 0.5, 1], range=list(pen.look.ramp), interpolate="rgb")
    base = pen.chart(rows).encode(x=x, y=y)
    cells = base.mark_rect(stroke=pen.look.background, strokeWidth=1.5)
    layers = (
        cells.encode(color=alt.Color("probability:Q", scale=ramp, legend=None)),
        base.mark_text(fontSize=11.5, color=pen.look.ink).encode(text="words:N"),
    )
    title = alt.TitleParams(rows[0]["basis"], fontSize=12.5, offset=4)
    return alt.layer(*layers, width=width, height=alt.Step(CELL), title=title)
