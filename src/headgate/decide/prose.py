"""Plain text for people: widths that count wide characters, wrapping, numbers beside their thresholds."""

import unicodedata
from collections.abc import Iterable


def clean(text: str) -> str:
    """Return text without control characters, so that a name in a file cannot steer a terminal.

    Example:
        >>> clean("red\\x1b[31m")
        'red?[31m'
    """
    return "".join(" " if c in "\t\n\r" else "?" if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)


def char_width(char: str) -> int:
    """Return the columns that one character takes: 2 for a wide one, 0 for a combining mark."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width_of(text: str) -> int:
    """Return the columns that a text takes on a terminal.

    Example:
        >>> width_of("H200"), width_of("昇腾")
        (4, 4)
    """
    return len(text) if text.isascii() else sum(map(char_width, text))


def pad(text: str, width: int, right: bool = False) -> str:
    """Fill a text with spaces to a width, on the left when `right` aligned; a longer text stays as it is."""
    space = " " * max(0, width - width_of(text))
    return space + text if right else text + space


def shorten(text: str, width: int) -> str:
    """Cut a text to a width, with an ellipsis where something was left out.

    Example:
        >>> shorten("a license is required", 12), shorten("昇腾昇腾", 5)
        ('a license i…', '昇腾…')
    """
    if width_of(text) <= width:
        return text
    kept = ""
    for char in text:
        if width_of(kept) + char_width(char) > width - 1:
            break
        kept += char
    return kept.rstrip() + "…"


def _pieces(word: str, width: int) -> list[str]:
    """Break one long word, but only where it has wide characters; an address or an id stays whole."""
    if width_of(word) <= width or word.isascii():
        return [word]
    pieces, piece = [], ""
    for char in word:
        if piece and width_of(piece) + char_width(char) > width:
            pieces.append(piece)
            piece = ""
        piece += char
    return [*pieces, piece]


def wrap(text: str, width: int = 80, first: str = "", rest: str | None = None) -> list[str]:
    """Break a text into lines.

    Args:
        text: One paragraph.
        width: Columns a line may take.
        first: What the first line starts with.
        rest: What the other lines start with; by default as many spaces.

    Example:
        >>> wrap("a license is required", 14, "1. ")
        ['1. a license', '   is required']
    """
    rest = " " * width_of(first) if rest is None else rest
    room = max(10, width - max(width_of(first), width_of(rest)))
    lines, line = [], ""
    for word in clean(text).split():
        for n, piece in enumerate(_pieces(word, room)):
            joined = f"{line}{' ' if line and not n else ''}{piece}"
            if line and width_of(joined) > room:
                lines.append(line)
                line = piece
            else:
                line = joined
    lines.append(line)
    return [(rest if n else first) + text for n, text in enumerate(lines)]


class Page:
    """Lines of plain text, built from the top.

    Example:
        >>> page = Page(40)
        >>> page.head("WHY")
        >>> page.say("Because.")
        >>> page.text()
        'WHY\\n  Because.\\n'
    """

    def __init__(self, width: int = 80) -> None:
        self.width = max(40, width)
        self.lines: list[str] = []

    def head(self, title: str) -> None:
        """Start a section."""
        if self.lines:
            self.lines.append("")
        self.lines.append(title)

    def say(self, text: str, indent: int = 2, mark: str = "") -> None:
        """Add a paragraph; `mark` is what its first line starts with, after the indent."""
        self.lines += wrap(text, self.width, " " * indent + mark)

    def text(self) -> str:
        """Return the page."""
        return "".join(line.rstrip() + "\n" for line in self.lines)


def number(value: float, beside: float | None = None) -> str:
    """Write a number; beside a threshold never rounded onto it.

    Example:
        >>> number(15832.0), number(19.4496314), number(4799.9999, 4800.0)
        ('15,832', '19.45', '4,799.9999')
    """
    digits = 0 if value == int(value) else 1 if abs(value) >= 1000 else 2 if abs(value) >= 10 else 4
    text = f"{value:,.{digits}f}"
    if digits and beside is not None and float(text.replace(",", "")) == beside != value:
        return f"{value:,}"
    return text.rstrip("0").rstrip(".") if digits else text


def percent(share: float) -> str:
    """Write how far a number is from its threshold.

    Example:
        >>> percent(2.29833), percent(-0.0104), percent(0.0), percent(0.0002)
        ('229.8 % above', '1.0 % below', 'exactly at it', 'under 0.1 % above')
    """
    if share == 0:
        return "exactly at it"
    if share == float("inf"):
        return "above"
    size = f"{abs(share) * 100:.1f} %" if abs(share) >= 0.001 else "under 0.1 %"
    return f"{size} {'above' if share > 0 else 'below'}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Join words as a sentence does.

    Example:
        >>> listed(["one", "two", "three"]), listed(["one"])
        ('one, two and three', 'one')
    """
    *front, end = [*words] or [""]
    return f"{', '.join(front)} {last} {end}" if front else end
