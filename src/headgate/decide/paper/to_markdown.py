"""A page as Markdown, in the part of it that every reader of CommonMark knows."""

import re
from collections.abc import Iterable, Iterator

from headgate.decide.paper.outline import Node, Run, foot, grouped, runs, sections, set_apart, visible
from headgate.decide.prose import Page

# Of the punctuation that can begin markup, what does so within a line; an underscore inside a word does not.
WITHIN = re.compile(r"[\\`*\[\]<>|~&$#!]|(?<![^\W_])_|_(?![^\W_])")
AT_START = re.compile(r"^(\d{1,9})?([-+=.)])")
# Isolates of Unicode: what stands between them is read in its own direction and moves nothing around it.
ISOLATE, END = "\u2068", "\u2069"


def markdown(page: Page, title: str, lang: str = "en") -> str:
    """Return a page as Markdown.

    Args:
        page: Its blocks.
        title: The heading.
        lang: Its language; Markdown has no place for it.

    Example:
        >>> page = Page()
        >>> page.head("Why")
        >>> page.say("It is *dense*.", mark="- ")
        >>> print(markdown(page, "Memo"))
        # Memo
        <BLANKLINE>
        ## Why
        <BLANKLINE>
        - It is \\*dense\\*.
        <BLANKLINE>
    """
    lines = [f"# {escaped(visible(title))}", ""]
    for kind, form in (("status", "**{}**"), ("warning", "> **Note:** {}")):
        for block in page.blocks:
            if block.kind == kind:
                lines += [form.format(_words(runs(block, page.names))), ""]
    for section in sections(page):
        if section.title:
            lines += [f"## {escaped(section.title)}", ""]
        lines += _groups(section.nodes, page.names, "")
    said = [_line(runs(block, page.names)) for block in foot(page)]
    for text in ["---", *said] if said else []:
        lines += [text, ""]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it stands.

    Example:
        >>> print(escaped("us.ear.3a090.a_1 <b> *x*"), escaped("_a_"))
        us.ear.3a090.a_1 \\<b\\> \\*x\\* \\_a\\_
    """
    return WITHIN.sub(r"\\\g<0>", text)


def _words(found: Iterable[Run]) -> str:
    return "".join(_run(run) for run in found)


def _line(found: Iterable[Run]) -> str:
    """Return the words of a paragraph or an item, which must not read as a list or a heading at their start."""
    return AT_START.sub(r"\1\\\2", _words(found))


def _run(run: Run) -> str:
    if run.code:
        return f"`{run.text}`"
    said = run.text if run.url == run.text else escaped(run.text)
    if run.apart:
        said = f"{ISOLATE}{said}{END}"
    if run.url:
        said = f"<{said}>" if run.url == run.text else f"[{said}]({run.url})"
    return f"**{said}**" if run.strong else said


def _groups(nodes: Iterable[Node], names: set[str], indent: str) -> Iterator[str]:
    """Yield the lines of some nodes, an empty line after each group."""
    for kind, group in grouped(nodes):
        for n, node in enumerate(group):
            if kind in ("facts", "row"):
                yield from (f"{indent}- {line}" for line in _cells(node, names))
                continue
            mark = {"number": node.block.mark, "bullet": "- "}.get(kind, "")
            yield f"{indent}{mark}{_line(runs(node.block, names))}"
            # What belongs to an item stands at the column of its words; under a paragraph it is a list of its own.
            below = list(_groups(node.below, names, indent + " " * len(mark)))
            if below:
                yield ""
                yield from below[: len(below) - (below[-1] == "")]
            if kind in ("cite", "say") or (below and n < len(group) - 1):
                yield ""
        if kind not in ("cite", "say"):
            yield ""


def _cells(node: Node, names: set[str]) -> Iterator[str]:
    block = node.block
    if block.kind == "say":
        yield _line(runs(block, names))
        return
    pairs = [(escaped(visible(name)), _words(set_apart(Run(visible(value)), names))) for name, value in block.cells]
    if block.kind == "facts":
        yield from (f"**{name}:** {value}" for name, value in pairs)
    else:
        yield "; ".join(f"{name}: {value}" for name, value in pairs if value)
