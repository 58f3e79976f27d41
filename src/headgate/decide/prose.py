"""Plain text for people: widths that count wide characters, wrapping, numbers beside their thresholds."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONG = 1e15  # from which a number is written with a power of ten


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


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page; plain text and papers render the same blocks.

    Args:
        kind: `head`, `say`, `cite` (where a provision stands), `foot`, `gap` (an empty line of plain text), `status`
            (the outcome, `mark` names its shape), `warning`, `facts` or `row`.
        text: Its words.
        indent: Spaces in front of it; what stands deeper belongs to it.
        mark: What its first line starts with: `- `, or a number as `1. `.
        lead: The words it begins with, where they stand out as a name does.
        links: Pieces of the text with the address that each leads to.
        cells: Name and value of each cell; neighbors with the same names make a table on paper, and `facts` a list.
        rank: Of a heading: on paper, sections of a lower rank come first.
        only: `text` or `paper` where it stands in one of the two alone.
        lang: Language of the text, where it is not the page's, as `zh`.
    """

    kind: str
    text: str = ""
    indent: int = 0
    mark: str = ""
    lead: str = ""
    links: tuple[tuple[str, str], ...] = ()
    cells: tuple[tuple[str, str], ...] = ()
    rank: int = 0
    only: str = ""
    lang: str = ""


class Page:
    """Blocks of a text, built from the top; `text` renders them for a terminal, `headgate.decide.paper` for a file.

    Args:
        width: Columns a line of plain text may take.

    Example:
        >>> page = Page(40)
        >>> page.head("Why")
        >>> page.say("Because.")
        >>> page.text()
        'WHY\\n  Because.\\n'
    """

    def __init__(self, width: int = 80) -> None:
        self.width = max(40, width)
        self.blocks: list[Block] = []
        self.names: set[str] = set()

    def name(self, *texts: str) -> None:
        """State which texts are names that somebody gave; a paper keeps each from reordering the words around it."""
        self.names |= {joined for text in texts if (joined := " ".join(text.split()))}

    def status(self, text: str, shape: str) -> None:
        """Add the outcome in a few words with its shape; on paper alone."""
        self.blocks.append(Block("status", text, mark=shape, only="paper"))

    def warning(self, text: str) -> None:
        """Add what must be known before anything else; on paper alone, a terminal shows it above the page."""
        self.blocks.append(Block("warning", text, only="paper"))

    def facts(self, cells: Iterable[tuple[str, str]]) -> None:
        """Add a list of named values; on paper alone."""
        self.blocks.append(Block("facts", cells=tuple(cells), only="paper"))

    def row(self, cells: Iterable[tuple[str, str]]) -> None:
        """Add one row of a table; on paper alone."""
        self.blocks.append(Block("row", cells=tuple(cells), only="paper"))

    def head(self, title: str, rank: int = 0) -> None:
        """Start a section; plain text shows its title in capitals, and leaves out one of which it shows nothing."""
        self.blocks.append(Block("head", title, rank=rank))

    def gap(self) -> None:
        """Leave a line empty in plain text."""
        self.blocks.append(Block("gap", only="text"))

    def say(
        self,
        text: str,
        indent: int = 2,
        mark: str = "",
        *,
        lead: str = "",
        links: Iterable[tuple[str, str]] = (),
        cells: Iterable[tuple[str, str]] = (),
        only: str = "",
        lang: str = "",
    ) -> None:
        """Add a paragraph; `mark` is what its first line starts with, after the indent."""
        self.blocks.append(Block("say", text, indent, mark, lead, tuple(links), tuple(cells), 0, only, lang))

    def cite(self, text: str, links: Iterable[tuple[str, str]] = (), indent: int = 2) -> None:
        """Add where a provision stands."""
        self.blocks.append(Block("cite", text, indent, links=tuple(links)))

    def foot(self, text: str) -> None:
        """Add a line of the foot."""
        self.blocks.append(Block("foot", text))

    def text(self) -> str:
        """Return the page as plain text."""
        lines: list[str] = []
        head: list[str] = []
        for block in self.blocks:
            if block.kind == "head":
                head = ["", block.text.upper()] if lines else [block.text.upper()]
            elif block.kind == "gap":
                lines.append("")
            elif block.kind == "foot":
                lines += wrap(block.text, self.width)
            elif block.only != "paper":
                said = f"[{block.text}]" if block.kind == "cite" else block.text
                lines += [*head, *wrap(said, self.width, " " * block.indent + block.mark)]
                head = []
        return "".join(line.rstrip() + "\n" for line in lines)


def number(value: float, beside: float | None = None) -> str:
    """Write a number; beside a threshold never rounded onto it.

    Example:
        >>> number(15832.0), number(19.4496314), number(4799.9999, 4800.0), number(2.5e25)
        ('15,832', '19.45', '4,799.9999', '2.5e+25')
    """
    if abs(value) >= LONG:
        short = f"{value:g}"
        return repr(value) if beside is not None and float(short) == beside != value else short
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
