"""What every paper renders: the blocks of a page as sections, paragraphs, lists and tables, and their words in runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from headgate.decide.prose import Block, Page

# Characters that are not seen, that reorder what stands around them, or that no standard gives a shape.
HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
# Letters and marks by their category that leave no trace on a page either, or look like a space.
BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
HIDDEN_SHOWN = (
    "A code such as [U+200B] stands for a character of a given text that is not seen or moves the words around."
)
# A command or a name of the program, as our own sentences write it.
CODE = re.compile(r"(?<!\w)`([a-z][^`]*)`(?!\w)")
RIGHT_TO_LEFT = ("R", "AL", "AN")
APART = ("status", "warning", "foot")  # blocks that stand in no section


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a block.

    Args:
        text: The words, nothing hidden in them.
        url: Where they lead.
        strong: They stand out.
        apart: They are read in a direction of their own, which must not touch the words around them.
        code: They are to be typed as they stand, as a command.
    """

    text: str
    url: str = ""
    strong: bool = False
    apart: bool = False
    code: bool = False


@dataclass(slots=True)
class Node:
    """A block with the blocks that stand deeper below it."""

    block: Block
    below: list[Node] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Return what it is among its neighbors: `facts`, `row`, `number`, `bullet`, `cite` or `say`."""
        if self.block.cells and not self.below:
            return "facts" if self.block.kind == "facts" else "row"
        if self.block.mark[:1].isdigit():
            return "number"
        return "bullet" if self.block.mark else self.block.kind


@dataclass(slots=True)
class Section:
    """A heading and what stands under it; the first section of a page may have none."""

    title: str = ""
    rank: int = 0
    nodes: list[Node] = field(default_factory=list)


def visible(text: str) -> str:
    """Return text on one line whose hidden characters are written as code points.

    Example:
        >>> visible("H200\\u202egpj.exe"), visible("a\\tb\\u200b")
        ('H200[U+202E]gpj.exe', 'a b[U+200B]')
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    joined = " ".join(text.replace("\u2028", " ").replace("\u2029", " ").split())
    return "".join(f"[U+{ord(c):04X}]" if _is_hidden(c) else c for c in joined)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in HIDDEN or BLANK.match(char) is not None


def is_reversed(text: str) -> bool:
    """Say whether a text has letters that are read from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in RIGHT_TO_LEFT for c in text)


def foot(page: Page) -> list[Block]:
    """Return the blocks of the foot; where something hidden is written out, the last one says so."""
    found = [block for block in page.blocks if block.kind == "foot"]
    texts = (part for b in page.blocks for part in (b.text, *(text for cell in b.cells for text in cell)))
    return [*found, Block("foot", HIDDEN_SHOWN)] if any("[U+" in visible(text) for text in texts) else found


def sections(page: Page) -> list[Section]:
    """Return the sections of a page, those of a lower rank first."""
    found = [Section(rank=-1)]
    open_: list[Node] = []
    for block in page.blocks:
        if block.kind == "head":
            found.append(Section(visible(block.text), block.rank))
            open_ = []
        elif block.kind not in APART and block.only != "text":
            # What stands no deeper than this one is complete.
            open_ = [node for node in open_ if block.indent >= _inside(node.block)]
            node = Node(block)
            (open_[-1].below if open_ else found[-1].nodes).append(node)
            open_.append(node)
    return sorted((s for s in found if s.title or s.nodes), key=lambda s: s.rank)


def _inside(block: Block) -> int:
    """The first indent that belongs to a block."""
    return block.indent + max(1, len(block.mark))


def grouped(nodes: Iterable[Node]) -> Iterator[tuple[str, list[Node]]]:
    """Yield neighbors of one kind together; rows only with rows of the same names, paragraphs one by one."""
    for (kind, _), same in groupby(enumerate(nodes), key=lambda pair: _sort(*pair)):
        yield kind, [node for _, node in same]


def _sort(n: int, node: Node) -> tuple[str, object]:
    kind = node.kind
    if kind == "row":
        return kind, tuple(name for name, _ in node.block.cells)
    return kind, None if kind in ("number", "bullet") else n


def runs(block: Block, names: Iterable[str]) -> list[Run]:
    """Return the words of a block in runs: the lead, links, and names that are read from right to left."""
    lead, text = visible(block.lead), visible(block.text)
    front = [Run(lead, strong=True)] if lead and text.startswith(lead) else []
    rest = [Run(text[len(lead) if front else 0 :])]
    for piece, url in block.links:
        rest = [part for run in rest for part in _marked(run, visible(piece), url=url)]
    return [part for run in (*front, *rest) for piece in coded(run, names) for part in set_apart(piece, names)]


def coded(run: Run, names: Iterable[str] = ()) -> list[Run]:
    """Return a run in pieces, what stands between backticks as code; a name that somebody gave stays as it is.

    Example:
        >>> [(part.text, part.code) for part in coded(Run("see `headgate law list`."))]
        [('see ', False), ('headgate law list', True), ('.', False)]
    """
    if "`" not in run.text or run.url:
        return [run]
    given = [m.span() for n in names if "`" in (name := visible(n)) for m in re.finditer(re.escape(name), run.text)]
    parts, at = [], 0
    for found in CODE.finditer(run.text):
        if not any(start < found.end() and found.start() < end for start, end in given):
            parts += [replace(run, text=run.text[at : found.start()]), replace(run, text=found[1], code=True)]
            at = found.end()
    return [part for part in (*parts, replace(run, text=run.text[at:])) if part.text]


def set_apart(run: Run, names: Iterable[str]) -> list[Run]:
    """Return a run in pieces, those apart that are read from right to left: whole names first, then any other."""
    if run.code or not is_reversed(run.text):
        return [run] if run.text else []
    pieces = [run]
    for name in sorted(filter(is_reversed, map(visible, names)), key=lambda n: (-len(n), n)):
        pieces = [part for piece in pieces for part in _marked(piece, name, apart=True)]
    return [part for piece in pieces for part in ([piece] if piece.apart else _reversed_parts(piece))]


def _marked(run: Run, piece: str, **marks: object) -> list[Run]:
    """Cut a piece out of a run wherever it stands, and mark it; a link is set once."""
    if run.url or run.apart or not piece or piece not in run.text:
        return [run]
    texts = run.text.split(piece, 1 if "url" in marks else -1)
    found = [Run(texts[0], strong=run.strong)]
    for text in texts[1:]:
        found += [replace(run, text=piece, **marks), replace(run, text=text)]  # type: ignore[arg-type]
    return [part for part in found if part.text]


def _reversed_parts(run: Run) -> list[Run]:
    """Set apart each stretch from one right-to-left letter to the last before a left-to-right one."""
    sides = [unicodedata.bidirectional(c) for c in run.text]
    parts, start, at = [], 0, 0
    while at < len(sides):
        if sides[at] not in RIGHT_TO_LEFT:
            at += 1
            continue
        stop = end = at
        while end < len(sides) and sides[end] != "L":
            stop = end if sides[end] in (*RIGHT_TO_LEFT, "NSM") else stop
            end += 1
        parts += [replace(run, text=run.text[start:at]), replace(run, text=run.text[at : stop + 1], apart=True)]
        start = at = stop + 1
    return [part for part in (*parts, replace(run, text=run.text[start:])) if part.text]
