"""The words of a page: Markdown, numbers, citations, and a condition as a list that is read from the top."""

from collections.abc import Iterator
from pathlib import Path

from headgate.decide.chain import named
from headgate.expr import Expr
from headgate.expr.node import And, AnyPart, Holds, Not, Or, Threshold, children
from headgate.expr.words import plain, words
from headgate.law.fields import WORDS
from headgate.source import Cite

ROOT = Path(__file__).resolve().parent.parent
# The longest joined condition that stands on one line.
INLINE = 90
# Numbers from here on are written as powers of ten.
LARGE = 1e15


def escaped(text: str) -> str:
    """Return a text whose signs mean nothing to Markdown, on a line or in the cell of a table."""
    for sign in "|*~":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("<", "&lt;")


def link(id: str) -> str:
    """Return a link to a provision's page."""
    return f"[`{id}`]({id}.md)"


def file_link(path: Path) -> str:
    """Return a link to a file of the project, seen from a page."""
    return f"[{path.name}](../../{path.relative_to(ROOT).as_posix()})"


def anchor(heading: str) -> str:
    """Return the anchor that a code host gives a heading."""
    return "".join(c for c in heading.lower() if c.isalnum() or c in " -_").replace(" ", "-")


def amount(value: float, unit: str = "") -> str:
    """Return a number with its unit, a very large one as a power of ten."""
    return f"{value:g} {unit}".rstrip() if value >= LARGE else f"{plain(float(value))} {unit}".rstrip()


def limit(found: Threshold | None) -> str:
    """Return a threshold with its unit; `none` where there is none."""
    return amount(found.value, found.unit) if found else "none"


def source(cite: Cite) -> str:
    """Return a citation, as a link when it has an address."""
    return f"[{escaped(str(cite))}]({cite.url})" if cite.url else escaped(str(cite))


def said(node: Expr) -> str:
    """Return a condition as a sentence whose references are links."""
    match node:
        case Not(Holds(id)):
            return f"not {link(id)}"
        case AnyPart(arg) if not isinstance(arg, And | Or):
            return f"for any integrated circuit in the item: {said(arg)}"
        case Not(AnyPart(arg)) if not isinstance(arg, And | Or):
            return f"for no integrated circuit in the item: {said(arg)}"
    return words(named(node), WORDS, link)


def condition(node: Expr) -> Iterator[str]:
    """Yield when a provision applies: what must hold, and under it the choices that it leaves."""
    head, inner = opened(node)
    yield f"**It applies when {f'{head}:' if inner else 'this holds:'}**"
    yield ""
    for each in inner or (node,):
        yield from branch(each)


def branch(node: Expr, depth: int = 0) -> Iterator[str]:
    """Yield one condition as an entry of a list; one that is long or joined twice gets a list of its own."""
    head, inner = opened(node)
    indent = "  " * depth + "- "
    joined = any(isinstance(c, And | Or) for a in inner for c in (a, *children(a)))
    if not inner or (len(words(node, WORDS)) <= INLINE and not joined):
        yield f"{indent}{said(node)}"
        return
    yield f"{indent}{head}:"
    for each in inner:
        yield from branch(each, depth + 1)


def opened(node: Expr) -> tuple[str, tuple[Expr, ...]]:
    """Return the words above a joined condition and the conditions under it; none when it is a single one."""
    match node:
        case And(args):
            return "all of these hold", args
        case Or(args):
            return "at least one of these holds", args
        case Not(Or(args)):
            return "none of these holds", args
        case Not(And(args)):
            return "not all of these hold together", args
        case Not(AnyPart(And(args))):
            return "for no integrated circuit in the item do all of these hold", args
        case AnyPart(arg) if isinstance(arg, And | Or):
            head, inner = opened(arg)
            return f"for any integrated circuit in the item, {head}", inner
    return "", ()
