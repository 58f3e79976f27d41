"""Where words stand beside marks so that none lies over another: places tried in order, the best marks first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from headgate.pictures.look import LETTER


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Say whether two rectangles overlap.

        Example:
            >>> Box(0, 0, 10, 10).meets(Box(9, 9, 20, 20)), Box(0, 0, 10, 10).meets(Box(10, 0, 20, 10))
            (True, False)
        """
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def inside(self, other: "Box") -> bool:
        """Say whether the rectangle lies wholly in another."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside a mark: the middle of their box, and the box."""

    x: float
    y: float
    box: Box


def box_of(text: str, x: float, y: float, size: float) -> Box:
    """Return the box of a line of words around its middle; a little wide, as letters differ."""
    half, high = len(text) * size * (LETTER + 0.06) / 2, size * 0.62
    return Box(x - half, y - high, x + half, y + high)


def _places(text: str, x: float, y: float, size: float, away: float) -> Iterator[tuple[float, float]]:
    """Yield the middles to try: right and left, above and below, then the corners; then the same further away."""
    half = len(text) * size * (LETTER + 0.06) / 2
    for far in (away, away + 0.7 * size):
        side, up = half + far, size * 0.62 + far
        yield from ((x + side, y), (x - side, y), (x, y - up), (x, y + up))
        for down in (-0.75, 0.75):
            yield from ((x + side * 0.85, y + up * down), (x - side * 0.85, y + up * down))


def put(
    marks: Sequence[tuple[str, float, float]],
    frame: Box,
    taken: Iterable[Box] = (),
    *,
    size: float = 11,
    away: float = 7,
) -> list[Label | None]:
    """Return where the words of each mark stand; None where there is no room without lying over something.

    Args:
        marks: (words, x, y) in pixels, those that matter most first.
        frame: The words stay inside.
        taken: What they may not cover, besides the marks and each other.
        size: Height of a letter, pixels.
        away: From the middle of a mark to its words.

    Example:
        >>> found = put([("one", 50, 50), ("two", 52, 50)], Box(0, 0, 100, 100))
        >>> found[0].box.meets(found[1].box)
        False
    """
    dots = [Box(x - away / 2, y - away / 2, x + away / 2, y + away / 2) for _, x, y in marks]
    blocked = [*taken, *dots]
    found: list[Label | None] = []
    for text, x, y in marks:
        tried = ((px, py, box_of(text, px, py, size)) for px, py in _places(text, x, y, size, away))
        free = ((px, py, b) for px, py, b in tried if b.inside(frame) and not any(b.meets(other) for other in blocked))
        first = next(free, None)
        found.append(Label(*first) if first else None)
        if first:
            blocked.append(first[2])
    return found
