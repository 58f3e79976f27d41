"""A report as one page of HTML: pictures inline, every number linked to its rows below, nothing from the network."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from headgate.pictures.files import svg_of
from headgate.world.report.page import (
    Figure,
    Number,
    Page,
    ProvisionRow,
    Section,
    SourceRow,
    Table,
    Value,
    Words,
)
from headgate.world.report.style import STYLE

Marks = Mapping[str, str]
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:)]")
# Nothing may be loaded, whatever a text tries to bring in.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def rendered(page: Page) -> str:
    """Return a checked page as HTML."""
    marks = page.marks()
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(page.title)}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{STYLE}</style></head><body><main>",
        f'<h1>{escape(page.title)}</h1><p class="question">{escape(page.question)}</p>',
        *_headlines(page, marks),
        *(part for nth, each in enumerate(page.sections, start=1) for part in _section(each, nth, marks)),
        *_listed("What is not modeled", page.not_modeled),
        *_counts("Priors", page.priors, marks),
        *_counts("History", page.history, marks),
        *_provisions(page.provisions, marks),
        *_manifest(page.manifest),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def anchor(id: str) -> str:
    """Return the name that the row of an id has on the page."""
    return f"from-{id}"


def link(id: str, text: str) -> str:
    """Return a link to the row of an id.

    Example:
        >>> link("us.ear.3a090.a.1/tpp", "L1")
        '<a href="#from-us.ear.3a090.a.1/tpp">L1</a>'
    """
    return f'<a href="#{quote(anchor(id), safe="/.:-_")}">{escape(text)}</a>'


def notes(ids: Sequence[str], marks: Marks) -> str:
    """Return links to the rows of ids, runs of neighbors as one span.

    Example:
        >>> marks = {"a": "P1", "b": "P2", "c": "P3", "d": "H1"}
        >>> re.sub("<.*?>", "", notes(("c", "a", "d", "b"), marks))
        'P1\u2013P3, H1'
    """
    order = list(marks)
    runs: list[list[str]] = []
    for id in sorted(set(ids), key=order.index):
        last = runs[-1][-1] if runs else ""
        follows = last and order.index(id) == order.index(last) + 1 and marks[id][0] == marks[last][0]
        if follows:
            runs[-1].append(id)
        else:
            runs.append([id])
    told = []
    for run in runs:
        ends = run if len(run) < 3 else [run[0], run[-1]]
        told.append(("\u2013" if len(run) > 2 else ", ").join(link(id, marks[id]) for id in ends))
    return ", ".join(told)


def source_attribute(ids: Sequence[str]) -> str:
    """Return the attribute that names the rows a number comes from."""
    return f'data-from="{escape(" ".join(dict.fromkeys(ids)))}"'


def shown(number: Number) -> str:
    """Return a number of a table as text.

    Example:
        >>> shown(1626360.0), shown(0.25), shown(None), shown("about 3")
        ('1,626,360', '0.25', '', 'about 3')
    """
    if number is None or isinstance(number, str):
        return number or ""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def linked(text: str) -> str:
    """Return plain text escaped, its web addresses as links.

    Example:
        >>> linked("see https://epoch.ai/data.")
        'see <a href="https://epoch.ai/data">https://epoch.ai/data</a>.'
    """
    parts, at = [], 0
    for found in ADDRESS.finditer(text):
        parts += [escape(text[at : found.start()]), _outside(found[0], found[0])]
        at = found.end()
    return "".join([*parts, escape(text[at:])])


def _outside(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'


def _number(value: Value, marks: Marks) -> str:
    return f"{escape(value.text)}<sup>{notes(value.ids, marks)}</sup>"


def _cell(words: Words, marks: Marks) -> str:
    if isinstance(words, Value):
        return f'<td class="num" {source_attribute(words.ids)}>{_number(words, marks)}</td>'
    return f"<td>{linked(words)}</td>"


def _headlines(page: Page, marks: Marks) -> Iterator[str]:
    if page.headlines:
        yield '<table class="headlines"><tbody>'
        for headline in page.headlines:
            yield f'<tr><th scope="row">{escape(headline.label)}</th>{_cell(headline.value, marks)}</tr>'
        yield "</tbody></table>"


def _section(section: Section, nth: int, marks: Marks) -> Iterator[str]:
    yield f'<section id="part-{nth}"><h2>{escape(section.heading)}</h2>'
    if section.prose:
        words = [section.prose] if isinstance(section.prose, str) else section.prose
        yield f"<p>{''.join(_said(each, marks) for each in words)}</p>"
    if section.figure:
        yield _figure(section.figure, nth, marks)
    if section.table:
        yield from _table(section.table, marks)
    yield "</section>"


def _said(words: Words, marks: Marks) -> str:
    if isinstance(words, Value):
        return f'<span class="num" {source_attribute(words.ids)}>{_number(words, marks)}</span>'
    return linked(words).replace("\n\n", "</p><p>")


def _figure(figure: Figure, nth: int, marks: Marks) -> str:
    drawing = own_ids(svg_of(figure.chart), f"part-{nth}-")
    named = drawing.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.words)}" ', 1)
    caption = f"{escape(figure.words.rstrip('.'))}. From {notes(figure.ids, marks)}."
    return f"<figure {source_attribute(figure.ids)}>{named}<figcaption>{caption}</figcaption></figure>"


def own_ids(svg: str, prefix: str) -> str:
    """Return a drawing whose ids are no other drawing's on the page.

    Example:
        >>> own_ids('<clipPath id="c0"/><g clip-path="url(#c0)"/>', "part-1-")
        '<clipPath id="part-1-c0"/><g clip-path="url(#part-1-c0)"/>'
    """
    return re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{prefix}", svg)


def _table(table: Table, marks: Marks) -> Iterator[str]:
    numeric = [any(isinstance(row[n], Value) for row in table.rows) for n in range(len(table.columns))]
    yield _head(table.columns, numeric)
    for row in table.rows:
        yield f"<tr>{''.join(_cell(words, marks) for words in row)}</tr>"
    yield "</tbody></table>"


def _head(columns: Sequence[str], numeric: Sequence[bool]) -> str:
    kinds = [' class="num"' if number else "" for number in numeric]
    cells = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(columns, kinds, strict=True))
    return f"<table><thead><tr>{cells}</tr></thead><tbody>"


def _listed(heading: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        items = "".join(f"<li>{linked(each)}</li>" for each in sentences)
        yield f"<section><h2>{heading}</h2><ul>{items}</ul></section>"


def _counts(heading: str, rows: Sequence[SourceRow], marks: Marks) -> Iterator[str]:
    if not rows:
        return
    columns = ("", "id", "what", "low", "median", "high", "unit", "source", "mark")
    yield f'<section id="{heading.lower()}"><h2>{heading}</h2>'
    yield _head(columns, [name in ("low", "median", "high") for name in columns])
    for row in rows:
        own = source_attribute((row.id,))
        numbers = "".join(f'<td class="num" {own}>{escape(shown(n))}</td>' for n in (row.low, row.median, row.high))
        source = linked(row.source) if not row.url else _address(row.url, row.source)
        mark = f'<td class="mark">{escape(row.mark)}</td>'
        yield f"{_row_head(row.id, row.says, marks)}{numbers}<td>{escape(row.unit)}</td><td>{source}</td>{mark}</tr>"
    yield "</tbody></table></section>"


def _row_head(id: str, says: str, marks: Marks) -> str:
    name = f'<td class="id">{marks[id]}</td><td><code>{escape(id)}</code></td>'
    return f'<tr id="{escape(anchor(id))}">{name}<td>{escape(says)}</td>'


def _address(url: str, words: str) -> str:
    """Return words that lead to a web address; any other address stays text."""
    return _outside(url, words) if ADDRESS.fullmatch(url) else f"{escape(words)} ({escape(url)})"


def _provisions(rows: Sequence[ProvisionRow], marks: Marks) -> Iterator[str]:
    if not rows:
        return
    columns = ("", "id", "what it says", "citation", "what moved")
    yield f'<section id="provisions"><h2>Provisions</h2>{_head(columns, [False] * len(columns))}'
    for row in rows:
        cited = _address(row.url, row.citation) if row.url else linked(row.citation)
        yield f"{_row_head(row.id, row.says, marks)}<td>{cited}</td><td>{linked(row.moved)}</td></tr>"
    yield "</tbody></table></section>"


def _manifest(manifest: Mapping[str, Any]) -> Iterator[str]:
    if manifest:
        yield '<section id="manifest"><h2>How to make it again</h2><table><tbody>'
        for name, told in _flat(manifest):
            yield f'<tr><th scope="row">{escape(name)}</th><td><code>{escape(told)}</code></td></tr>'
        yield "</tbody></table></section>"


def _flat(manifest: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, told in manifest.items():
        if isinstance(told, Mapping):
            yield from _flat(told, f"{before}{name}.")
        else:
            yield before + name, str(told)
