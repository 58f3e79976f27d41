"""The questions to the customer as a form to fill in, in English and Chinese: HTML and Markdown."""

from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files

from headgate.catalog.countries import country_name
from headgate.decide.columns import Column, written
from headgate.decide.packet.asked import CUSTOMER, EXPORTER, Ask
from headgate.decide.packet.record import Line
from headgate.decide.packet.words import PAGE, chinese
from headgate.decide.paper.outline import Run, set_apart, visible
from headgate.decide.paper.to_html import CLOSED, style
from headgate.decide.paper.to_markdown import END, ISOLATE, escaped
from headgate.decide.prose import number
from headgate.decide.sentence import item_name

RULE = "_" * 24
# Codes that do not read well with their underscores taken out.
SPELLED = {
    "ai_training": "AI training",
    "wmd": "weapons of mass destruction",
    "ic": "integrated circuit",
    "hbm": "high-bandwidth memory",
    "osat": "packaging and test house",
    "us_data_center": "US data center",
    "us_repair": "repair in the US",
    "us_research": "research in the US",
    "us_startup": "US startup",
}
BOX = "\u2610"
HEAD = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    f'<meta http-equiv="Content-Security-Policy" content="{CLOSED}">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n'
)


@cache
def form_style() -> str:
    """Return the style sheet of forms and indexes, laid over that of every paper."""
    return style() + (files("headgate") / "data" / "paper" / "form.css").read_text(encoding="utf-8")


def shown(text: str) -> str:
    """Return text for HTML: escaped, nothing hidden, what is read from right to left apart.

    Example:
        >>> shown("<A&B>\\u202e"), shown("שלום 1")
        ('&lt;A&amp;B&gt;[U+202E]', '<bdi dir="rtl">שלום 1</bdi>')
    """
    runs = set_apart(Run(visible(text)), (text,))
    return "".join(f'<bdi dir="rtl">{escape(r.text)}</bdi>' if r.apart else escape(r.text) for r in runs)


def plain(text: str) -> str:
    """Return text for Markdown, in the same way."""
    runs = set_apart(Run(visible(text)), (text,))
    return "".join(f"{ISOLATE}{escaped(r.text)}{END}" if r.apart else escaped(r.text) for r in runs)


def both(key: str) -> tuple[str, str]:
    """Return words of the page in English and Chinese."""
    return PAGE[key], chinese()["page"][key]


def to_ask(line: Line) -> list[Ask]:
    """Return what leaves the house: the customer's questions first, then those that the maker of the item answers."""
    out = [a for a in line.asks if a.who != EXPORTER]
    return sorted(out, key=lambda a: a.who != CUSTOMER)


def facts(line: Line) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a reader must know of the line, as (key of the words, values); each value may be a name."""
    trace = line.decision.trace
    yield "line", (line.name,)
    yield "line_item", (item_name(trace, line.by) if trace else str(line.fact("item") or "-"),)
    if (quantity := line.fact("quantity")) is not None:
        yield "line_quantity", (number(quantity) if isinstance(quantity, float) else str(quantity),)
    places = [line.fact("ship_from"), line.fact("destination")]
    yield "line_route", (" → ".join(_place(code, trace is not None) for code in places),)
    if parties := line.parties():
        yield "line_parties", parties
    if (day := line.fact("event_date")) is not None:
        yield "line_day", (str(day),)


def _place(code: object, read: bool) -> str:
    return "?" if code is None else country_name(str(code)) if read else str(code)


def sent_along(line: Line) -> list[tuple[str, str]]:
    """Return the documents that the customer is to send, in English and Chinese."""
    names = chinese()["document"]
    return [(e.document.title, names[e.document.id]) for e in line.due if e.document.who == CUSTOMER and e.certain]


def choices(column: Column) -> list[tuple[str, str, str]]:
    """Return the answers that may be ticked, as (code, English, Chinese); none where the answer is written."""
    if column.kind == "yesno":
        return [("yes", *both("yes")), ("no", *both("no"))]
    values = chinese()["value"]
    return [(v, SPELLED.get(v, v.replace("_", " ")), values[v]) for v in column.values]


def html(line: Line) -> str:
    """Return the form as one file of HTML: no script, nothing fetched, to be filled in on a screen or on paper."""
    title, other = both("title")
    parts = [
        HEAD,
        f"<title>{shown(f'{title}: {line.name}')}</title>\n<style>\n{form_style()}</style>\n</head>\n<body>\n",
        f'<article class="form">\n<header>\n<h1>{title}<br>{_chinese(other)}</h1>\n',
        _table((both(key), values) for key, values in facts(line)),
        "</header>\n",
        *(_pair(*both(key)) for key in ("intro", "unknown_rule")),
        f'<div class="note" role="note">{_pair(*both("translation"))}</div>\n',
        f"<section>\n<h2>{' / '.join(both('questions'))}</h2>\n",
    ]
    asked = to_ask(line)
    parts += (
        ["<ol>\n", *(_question(n, ask) for n, ask in enumerate(asked, 1)), "</ol>\n"]
        if asked
        else [_pair(*both("nothing"))]
    )
    parts.append("</section>\n")
    if papers := sent_along(line):
        parts.append(f"<section>\n<h2>{' / '.join(both('documents'))}</h2>\n<ul>\n")
        parts += [f"<li>{escape(en)}<br>{_chinese(zh)}</li>\n" for en, zh in papers]
        parts.append("</ul>\n</section>\n")
    signed = "".join(
        f"<tr><th>{en}<br>{_chinese(zh)}</th><td></td></tr>\n"
        for en, zh in map(both, ("company", "name", "position", "date", "signature"))
    )
    parts.append(
        f'<section class="signed">\n<h2>{" / ".join(both("statement"))}</h2>\n{_pair(*both("statement_text"))}'
        f'<table class="sign"><tbody>\n{signed}</tbody></table>\n</section>\n</article>\n</body>\n</html>\n'
    )
    return "".join(parts)


def _chinese(text: str) -> str:
    return f'<span lang="zh-Hans">{escape(text)}</span>'


def _pair(english: str, other: str) -> str:
    return f"<p>{escape(english)}<br>{_chinese(other)}</p>\n"


def _table(rows: Iterable[tuple[tuple[str, str], tuple[str, ...]]]) -> str:
    lines = (
        f'<tr><th scope="row">{en} {_chinese(zh)}</th><td>{"; ".join(map(shown, values))}</td></tr>\n'
        for (en, zh), values in rows
    )
    return f'<table class="facts"><tbody>\n{"".join(lines)}</tbody></table>\n'


def _question(n: int, ask: Ask) -> str:
    fields = "".join(_field(column, len(ask.answers) > 1) for column in ask.answers) or _written(ask.id, "textarea")
    source = f'<label class="source">{" / ".join(both("source"))}<input type="text" name="{ask.id}.source"></label>'
    legend = f"<legend>{n}. {escape(ask.english)}<br>{_chinese(ask.chinese)}</legend>"
    return f'<li id="{ask.id}"><fieldset>{legend}\n{fields}{source}</fieldset></li>\n'


def _field(column: Column, many: bool) -> str:
    """One answer: what may be ticked, or a line to write on; unknown can always be said."""
    name = f'<span class="fact">{escape(column.note)}</span>' if many else ""
    options = choices(column)
    if not options:
        return name + _written(column.name, "input", "country" if column.kind in ("country", "countries") else "answer")
    kind = "checkbox" if column.kind == "uses" else "radio"
    ticks = [(code, f"{en} / {zh}") for code, en, zh in (*options, ("unknown", *both("unknown")))]
    said = "".join(
        f'<label><input type="{kind}" name="{column.name}" value="{code}"> {escape(words)}</label>\n'
        for code, words in ticks
    )
    return f'{name}<div class="ticks">{said}</div>'


def _written(name: str, element: str, label: str = "answer") -> str:
    box = (
        f'<textarea name="{name}" rows="2"></textarea>'
        if element == "textarea"
        else f'<input type="text" name="{name}">'
    )
    unknown = (
        f'<label><input type="checkbox" name="{name}.unknown" value="unknown"> {" / ".join(both("unknown"))}</label>'
    )
    return f'<label class="line">{" / ".join(both(label))}{box}</label><div class="ticks">{unknown}</div>'


def markdown(line: Line) -> str:
    """Return the form as Markdown."""
    lines = [f"# {' / '.join(both('title'))}", ""]
    lines += [f"- **{' / '.join(both(key))}:** {'; '.join(map(plain, values))}" for key, values in facts(line)]
    for key in ("intro", "unknown_rule", "translation"):
        lines += ["", *map(plain, both(key))]
    lines += ["", f"## {' / '.join(both('questions'))}", ""]
    asked = to_ask(line)
    for n, ask in enumerate(asked, 1):
        mark = f"{n}. "
        lines += [f"{mark}**{plain(ask.english)}**", ""]
        inside = [plain(ask.chinese), "", *_lines(ask), f"- {' / '.join(both('source'))}: {RULE}", ""]
        lines += [f"{' ' * len(mark)}{text}" if text else "" for text in inside]
    if not asked:
        lines += [*map(plain, both("nothing")), ""]
    if papers := sent_along(line):
        lines += [f"## {' / '.join(both('documents'))}", "", *(f"- {plain(en)} / {plain(zh)}" for en, zh in papers), ""]
    lines += [f"## {' / '.join(both('statement'))}", "", *map(plain, both("statement_text")), ""]
    for key in ("company", "name", "position", "date", "signature"):
        lines.append(f"- {' / '.join(both(key))}: {RULE}")
    return "\n".join(lines) + "\n"


def _lines(ask: Ask) -> Iterator[str]:
    for column in ask.answers:
        name = f"{plain(column.note)}: " if len(ask.answers) > 1 else ""
        options = choices(column)
        ticks = [f"{BOX} {plain(en)} / {zh}" for _, en, zh in (*options, ("unknown", *both("unknown")))]
        label = "" if options else f"{' / '.join(both('answer'))}: {RULE} "
        yield f"- {name}{label}{'  '.join(ticks)}"
    if not ask.answers:
        yield f"- {' / '.join(both('answer'))}: {RULE} {BOX} {' / '.join(both('unknown'))}"


def said(value: object) -> str:
    """Write a fact of the line for a person; blank when it is not known.

    Example:
        >>> said(True), said(("CN", "HK")), said(None)
        ('yes', 'CN;HK', '')
    """
    if value is None:
        return ""
    return written(value) if isinstance(value, bool | tuple | float) else str(value)
