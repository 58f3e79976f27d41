"""A page as one file of HTML: no script, nothing fetched, readable on a screen and in print."""

from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files

from headgate.decide.paper import outline
from headgate.decide.paper.outline import Node, Run, foot, grouped, runs, sections, set_apart, visible
from headgate.decide.prose import Block, Page

CLOSED = "default-src 'none'; style-src 'unsafe-inline'"
# The shape beside the outcome, so that it does not speak by its color alone.
SHAPES = {
    "octagon": '<path d="M6 1h8l5 5v8l-5 5H6l-5-5V6z"/>',
    "square": '<path d="M2 2h16v16H2z"/>',
    "diamond": '<path d="M10 0l10 10-10 10L0 10z"/>',
    "circle": '<circle cx="10" cy="10" r="9"/>',
    "triangle": '<path d="M10 1l10 18H0z"/>',
}


def html(page: Page, title: str, lang: str = "en") -> str:
    """Return a page as one file of HTML.

    Args:
        page: Its blocks.
        title: The heading, and the name of the document.
        lang: Its language, as `en` or `zh`.

    Example:
        >>> page = Page()
        >>> page.say("Sold to <b>.", mark="- ")
        >>> "<li>Sold to &lt;b&gt;.</li>" in html(page, "Memo")
        True
    """
    shown = escape(visible(title))
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CLOSED}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{shown}</title>\n'
        f"<style>\n{style()}</style>\n</head>\n<body>\n{article(page, title)}\n</body>\n</html>\n"
    )


@cache
def style() -> str:
    """Return the style sheet of every paper."""
    return (files("headgate") / "data" / "paper" / "paper.css").read_text(encoding="utf-8")


def article(page: Page, title: str) -> str:
    """Return a page as one element of HTML, without a style."""
    return "\n".join(["<article>", *_header(page, title), *_body(page), *_footer(page), "</article>"])


def _header(page: Page, title: str) -> Iterator[str]:
    yield f"<header>\n<h1>{_words(set_apart(Run(visible(title)), page.names))}</h1>"
    for block in page.blocks:
        if block.kind == "status":
            shape = SHAPES[block.mark]
            drawn = f'<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{shape}</svg>'
            yield f'<p class="status {block.mark}">{drawn} <strong>{_text(block, page.names)}</strong></p>'
    for block in page.blocks:
        if block.kind == "warning":
            yield f'<p class="warning" role="note"><strong>Note.</strong> {_text(block, page.names)}</p>'
    yield "</header>"


def _body(page: Page) -> Iterator[str]:
    for section in sections(page):
        yield "<section>"
        if section.title:
            yield f"<h2>{_words(set_apart(Run(section.title), page.names))}</h2>"
        yield from _groups(section.nodes, page.names)
        yield "</section>"


def _footer(page: Page) -> Iterator[str]:
    if blocks := foot(page):
        yield "<footer>"
        yield from (f"<p{_lang(block)}>{_text(block, page.names)}</p>" for block in blocks)
        yield "</footer>"


def _words(found: Iterable[Run]) -> str:
    return "".join(_run(run) for run in found)


def _run(run: Run) -> str:
    said = f"<code>{escape(run.text)}</code>" if run.code else escape(run.text)
    if run.apart:
        said = f'<bdi dir="rtl">{said}</bdi>'
    if run.url:
        said = f'<a href="{escape(run.url)}">{said}</a>'
    return f"<strong>{said}</strong>" if run.strong else said


def coded(text: str) -> str:
    """Return a sentence of our own for HTML, what stands between backticks as code.

    Example:
        >>> coded("see `headgate law list`")
        'see <code>headgate law list</code>'
    """
    return _words(outline.coded(Run(visible(text))))


def _text(block: Block, names: set[str]) -> str:
    return _words(runs(block, names))


def _value(text: str, names: set[str]) -> str:
    return _words(set_apart(Run(visible(text)), names))


def _lang(block: Block) -> str:
    return f' lang="{escape(block.lang)}"' if block.lang else ""


def _groups(nodes: Iterable[Node], names: set[str]) -> Iterator[str]:
    for kind, group in grouped(nodes):
        match kind:
            case "bullet" | "number":
                first = group[0].block.mark.rstrip(". ")
                yield f'<ol start="{escape(first)}">' if kind == "number" else "<ul>"
                yield from (_item(node, names) for node in group)
                yield "</ol>" if kind == "number" else "</ul>"
            case "facts":
                yield from (line for node in group for line in _facts(node.block, names))
            case "row":
                yield from _table(group, names)
            case _:
                for node in group:
                    mark = ' class="cite"' if kind == "cite" else ""
                    yield f"<p{mark}{_lang(node.block)}>{_text(node.block, names)}</p>"
                    if node.below:
                        yield from ('<div class="below">', *_groups(node.below, names), "</div>")


def _item(node: Node, names: set[str]) -> str:
    inside = "\n".join(_groups(node.below, names))
    return f"<li{_lang(node.block)}>{_text(node.block, names)}{f'{chr(10)}{inside}{chr(10)}' if inside else ''}</li>"


def _facts(block: Block, names: set[str]) -> Iterator[str]:
    yield '<table class="facts"><tbody>'
    for name, value in block.cells:
        yield f'<tr><th scope="row">{_value(name, names)}</th><td>{_value(value, names)}</td></tr>'
    yield "</tbody></table>"


def _table(group: list[Node], names: set[str]) -> Iterator[str]:
    heads = "".join(f'<th scope="col">{_value(name, names)}</th>' for name, _ in group[0].block.cells)
    yield f'<div class="table"><table><thead><tr>{heads}</tr></thead><tbody>'
    for node in group:
        yield f"<tr>{''.join(f'<td>{_value(value, names)}</td>' for _, value in node.block.cells)}</tr>"
    yield "</tbody></table></div>"
