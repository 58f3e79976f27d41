"""The world map of what an item needs. One definition makes every file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headgate.decide.everywhere.answers import WORDS, Destination, counts, name_of
from headgate.decide.everywhere.shapes import feature, outlines, places
from headgate.decide.prose import listed
from headgate.law.book import ENFORCED
from headgate.pictures.look import LIGHT, Look, Pen, dressed
from headgate.pictures.tint import mixed

WIDTH, HEIGHT = 900, 400
ROTATED = [-11, 0, 0]  # so that no country is cut
BORDERS = (
    "Circles: places too small for an outline. Borders: Natural Earth's; they decide nothing here. Crimea is drawn "
    "with Ukraine, Taiwan by itself and Hong Kong with China's answer, as the EAR counts them. Antarctica is not drawn."
)
SOURCE = (
    "Source: Headgate. None required means: none under the provisions that headgate law list shows. Not legal advice."
)


@dataclass(frozen=True, slots=True)
class Caption:
    """The words of a map: title, and the lines below it that say what was asked and assumed."""

    title: str
    about: tuple[str, ...]


def colors_of(look: Look) -> dict[str, str]:
    """Return the color of each kind of answer: blue for what passes to brown for what does not, gray for no answer."""
    a = look.answers
    return {
        "no_license_required": mixed(a["open"], look.background, 0.12),
        "exception_available": a["exception"],
        "presumption_of_approval": a["approval"],
        "case_by_case": a["case_by_case"],
        "unstated": mixed(a["case_by_case"], a["denial"], 0.45),
        "presumption_of_denial": a["denial"],
        "denial": mixed(a["denial"], "#000000", 0.5),
        "prohibited": look.ink,
        "insufficient_facts": mixed(a["unstated"], look.background, 0.25),
        "legal_ambiguity": mixed(a["unstated"], look.background, 0.5),
        "not_modeled": mixed(a["unstated"], look.background, 0.65),
        "invalid_row": mixed(a["unstated"], look.background, 0.8),
    }


def world_map(found: Sequence[Destination], caption: Caption, track: str = ENFORCED, look: Look = LIGHT) -> Any:
    """Return the world map of the answers of one track, as an Altair chart.

    Args:
        found: The answer of every destination.
        caption: Its words.
        track: `enforced` or `printed`.
        look: Colors.

    Raises:
        UsageError: Altair is not installed.
    """
    pen = Pen(look)
    by_code = {d.code: d for d in found}

    def told(code: str) -> dict[str, Any]:
        answer = by_code[code].on(track)
        return {"place": name_of(code), "answer": legend[answer.kind], "says": answer.words()}

    number = counts(found, track)
    legend = {kind: f"{WORDS[kind]} ({n})" for kind, n in number.items()}
    shapes = [{**feature(code), **told(code)} for code in outlines()]
    dots = [{"longitude": x, "latitude": y, **told(code)} for code, (x, y) in places().items()]
    every = colors_of(look)
    scale = pen.alt.Scale(domain=list(legend.values()), range=[every[kind] for kind in legend])
    color = pen.alt.Color("answer:N", scale=scale, legend=pen.alt.Legend(columns=3, symbolType="square"))
    tooltip = ["place:N", "says:N"]
    land = pen.chart(shapes).mark_geoshape(stroke=look.background, strokeWidth=0.5).encode(color=color, tooltip=tooltip)
    small = pen.chart(dots).mark_point(
        filled=True, size=26, shape="circle", stroke=look.ink, strokeWidth=0.6, opacity=1
    )
    small = small.encode(longitude="longitude:Q", latitude="latitude:Q", color=color, tooltip=tooltip)
    body = pen.alt.layer(land, small, width=WIDTH, height=HEIGHT).project(type="equalEarth", rotate=ROTATED)
    drawn = dressed(pen, body, WIDTH, caption.title, caption.about, [BORDERS, SOURCE])
    drawn.description = summary(found, caption, track)
    return drawn


def summary(found: Sequence[Destination], caption: Caption, track: str) -> str:
    """Return the map in a few sentences, for a reader who does not see it."""
    parts = []
    for kind, n in counts(found, track).items():
        codes = [d.code for d in found if d.on(track).kind == kind]
        few = f": {listed(map(name_of, codes))}" if n <= 12 else ""
        parts.append(f"{WORDS[kind]}, {n} destination{'s' if n > 1 else ''}{few}.")
    return " ".join((f"World map. {caption.title}.", *caption.about, *parts))
