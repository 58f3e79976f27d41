"""Where everything on the plane stands, in pixels: areas and their names, limits, marks and their words."""

from collections.abc import Iterator, Sequence
from math import log

from headgate.decide.plane.areas import Limit, X
from headgate.decide.plane.points import MOST_NEIGHBORS, Point, Scene
from headgate.pictures.labels import Box, box_of, put

WIDTH, HEIGHT = 640, 470
SIZE, BIG = 11.0, 13.0  # letters


class Frame:
    """From the numbers of a scene to pixels."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.axes = (X, scene.plane.y)
        self.box = Box(0, 0, WIDTH, HEIGHT)

    def at(self, axis: str, number: float) -> float:
        """Return the pixel of a number; one beyond the window stands at its edge."""
        low, high = self.scene.window[axis]
        share = log(min(max(number, low), high) / low) / log(high / low)
        return share * WIDTH if axis == X else (1 - share) * HEIGHT

    def number(self, axis: str, pixel: float) -> float:
        """Return the number at a pixel."""
        low, high = self.scene.window[axis]
        share = pixel / WIDTH if axis == X else 1 - pixel / HEIGHT
        return float(low * (high / low) ** share)


class Placed:
    """Where the words stand, worked out once for all: areas, the chip, readings, then neighbors."""

    def __init__(self, frame: Frame) -> None:
        scene, x, y = frame.scene, *frame.axes
        here = [p for p in scene.points if p.x is not None and p.y is not None]
        self.shown = [p for p in here if p.kind != "neighbor"]
        self.shown += [p for p in here if p.kind == "neighbor"][:MOST_NEIGHBORS]
        rest = [p for p in here if p not in self.shown]
        marks = [(p.label, frame.at(x, p.x or 0), frame.at(y, p.y or 0)) for p in self.shown]
        chip = [m for m, p in zip(marks, self.shown, strict=True) if p.kind == "chip"]
        dots = [Box(a - 4, b - 4, a + 4, b + 4) for p in rest for a, b in [pixels(frame, p)]]
        dots += [Box(a - 4, b - 4, a + 4, b + 4) for _, a, b in marks[len(chip) :]]
        own = put(chip, frame.box, [*dots, *_edges(frame)], size=BIG, away=14)
        self.areas = self._areas(frame, [*dots, *(w.box for w in own if w)], [(m[1], m[2]) for m in chip])
        taken = [*(w.box for w in own if w), *(box for *_, box in self.areas), *_edges(frame)]
        taken += [Box(a - 9, b - 9, a + 9, b + 9) for _, a, b in chip]
        others = put(marks[len(chip) :], frame.box, [*dots[: len(rest)], *taken], size=SIZE, away=8)
        self.words = [*own, *others]

    def _areas(
        self, frame: Frame, taken: Sequence[Box], chips: Sequence[tuple[float, float]]
    ) -> list[tuple[str, float, float, Box]]:
        """Find a place for the name of each area: the first free one from the corner of its largest field."""
        around = [Box(a - 9, b - 9, a + 9, b + 9) for a, b in chips]
        found: list[tuple[str, float, float, Box]] = []
        for name, fields in _by_name(frame).items():
            text = short_area(name)
            spots = [spot for box in sorted(fields, key=_size, reverse=True) for spot in _spots(box, text)]
            free = (s for s in spots if not any(s[2].meets(b) for b in (*taken, *around)))
            x, y, box = next(free, spots[0])
            found.append((text, x, y, box))
        return found


def pixels(frame: Frame, p: Point) -> tuple[float, float]:
    """Return where a point stands."""
    x, y = frame.axes
    return frame.at(x, p.x or 0), frame.at(y, p.y or 0)


def _size(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _edges(frame: Frame) -> list[Box]:
    """Return where the numbers of the limits stand: at the top, and at the right."""
    # Two lines at the top: a number goes to the second where it would stand over another.
    tops = (frame.at(X, limit.threshold.value) for limit in limits_on(frame, X))
    found = [Box(at, 0, at + 46, 34) for at in tops]
    y = frame.axes[1]
    return found + [
        box_of("0,000", WIDTH - 18, frame.at(y, limit.threshold.value) - 8, SIZE) for limit in limits_on(frame, y)
    ]


def limits_on(frame: Frame, axis: str) -> list[Limit]:
    """Return the limits that are drawn on one axis."""
    return [limit for limit in frame.scene.limits if limit.axis == axis]


def short_area(name: str) -> str:
    """Return the name of an area as it stands in the picture.

    Example:
        >>> short_area(""), short_area("is-informed letters of 2022-08-26")
        ('none of these', 'letters of 2022-08-26')
    """
    return name.removeprefix("is-informed ") if name else "none of these"


def _by_name(frame: Frame) -> dict[str, list[Box]]:
    """Return the boxes of the fields of each area."""
    found: dict[str, list[Box]] = {}
    x, y = frame.axes
    for field in frame.scene.plane.fields:
        left, right = (frame.at(x, v or 1e-9) for v in field.x)
        bottom, top = (frame.at(y, v or 1e-9) for v in field.y)
        found.setdefault(field.paragraph, []).append(Box(left, top, right, bottom))
    return found


def _spots(box: Box, text: str) -> Iterator[tuple[float, float, Box]]:
    """Yield places for words in a box: its corners and its middle."""
    half = len(text) * BIG * 0.28
    for x in (box.left + half + 8, (box.left + box.right) / 2, box.right - half - 8):
        for y in (box.top + 46, box.bottom - 12, (box.top + box.bottom) / 2):
            yield x, y, box_of(text, x, y, BIG)
