"""A page as a PDF to file: PDF/A, the same bytes for the same page; a letter that no font has is shown as its code."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from headgate.decide.paper.outline import Node, Run, foot, grouped, runs, sections, set_apart, visible
from headgate.decide.prose import Page, shorten
from headgate.extras import needed

STANDARDS = ("a-2a", "ua-1")  # archival and accessible: tagged, searchable, and every letter must have a shape
NO_DAY = 0  # PDF/A demands a day of making; the same page is to give the same bytes, so all say 1970-01-01
# The first comes with typst. The others stand for the scripts that it lacks, where the machine has them.
FONTS = ("Libertinus Serif", "Noto Serif CJK SC", "Noto Sans CJK SC", "Songti SC", "SimSun", "Noto Naskh Arabic")
# Isolates of Unicode: what stands between them is read in its own direction and moves nothing around it.
ISOLATE, END = "\u2068", "\u2069"
PROBE = b'#set document(title: "probe")\n#let words = json(bytes(sys.inputs.page))\n#words *#words*'
WITHOUT_FONT = (
    "No font of the machine that made this file has these, so their codes stand for them: {}. The same memo as HTML, "
    "Markdown or JSON holds them as they were given."
)


def pdf(page: Page, title: str, lang: str = "en") -> bytes:
    """Return a page as a PDF.

    Args:
        page: Its blocks.
        title: The heading, and the name of the document.
        lang: Its language, as `en` or `zh`.

    Raises:
        UsageError: typst is not installed.

    Example:
        >>> page = Page()
        >>> page.say("Because.")
        >>> pdf(page, "Memo") == pdf(page, "Memo"), pdf(page, "Memo")[:5]
        (True, b'%PDF-')
    """
    needed("typst")
    data = _outline(page, title, lang)
    words = sorted({word for text in _texts(data) for word in text.split() if not word.isascii()})
    system = not _has_shapes(words, system=False)
    lost = _lost(words) if system else {}
    if lost:
        shown = sorted({c for word in lost for c in word if c not in lost[word]})
        codes = WITHOUT_FONT.format(", ".join(f"[U+{ord(c):04X}]" for c in shown))
        data["foot"].append(_runs([Run(codes)]))
    spelled = _spelled(data, lost)
    spelled["fonts"] = [name for name in FONTS if name in _fonts(system).families()]
    template = (files("headgate") / "data" / "paper" / "paper.typ").read_bytes()
    return _compiled(template, spelled, system)


@cache
def _fonts(system: bool) -> Any:
    """Return the fonts of typst itself, or with them those of the machine, which take a while to find."""
    return needed("typst").Fonts(include_system_fonts=system)


def _compiled(template: bytes, data: object, system: bool) -> bytes:
    # The text comes in as data: typst reads no markup or code in it.
    made, _ = needed("typst").compile_with_warnings(
        template,
        format="pdf",
        sys_inputs={"page": json.dumps(data)},
        font_paths=_fonts(system),
        pdf_standards=list(STANDARDS),
        timestamp=NO_DAY,
    )
    return bytes(made)


def _has_shapes(words: Sequence[str], system: bool) -> bool:
    """Say whether fonts have a shape for every letter of some words; a PDF/A without one is refused by typst."""
    try:
        _compiled(PROBE, " ".join(words), system)
    except needed("typst").TypstError:
        return False
    return True


def _lost(words: Sequence[str]) -> dict[str, str]:
    """Return the words that no font can show, each as it is shown instead."""
    if not words or _has_shapes(words, system=True):
        return {}
    if len(words) > 1:
        half = len(words) // 2
        return _lost(words[:half]) | _lost(words[half:])
    (word,) = words
    lacking = [c for c in dict.fromkeys(word) if not c.isascii() and not _has_shapes([c], system=True)]
    # Where each letter has a shape alone but they have none together, all are spelled out.
    codes = {c: f"[U+{ord(c):04X}]" for c in lacking or word if not c.isascii()}
    return {word: "".join(codes.get(c, c) for c in word)}


def _texts(data: object) -> Iterator[str]:
    """Yield every text of an outline."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping | list):
        for part in data.values() if isinstance(data, Mapping) else data:
            yield from _texts(part)


def _spelled(data: Any, lost: Mapping[str, str]) -> Any:
    """Return an outline whose lost words are spelled out."""
    if isinstance(data, str):
        return " ".join(lost.get(word, word) for word in data.split(" ")) if lost else data
    if isinstance(data, dict):
        return {name: _spelled(part, lost) for name, part in data.items()}
    return [_spelled(part, lost) for part in data] if isinstance(data, list) else data


def _outline(page: Page, title: str, lang: str) -> dict[str, Any]:
    """Return what the template reads."""
    names, shown = page.names, visible(title)
    of = {kind: [b for b in page.blocks if b.kind == kind] for kind in ("status", "warning")}
    return {
        "title": shown,
        "lang": lang.partition("-")[0],
        "short": f"{ISOLATE}{shorten(shown, 90)}{END}",
        "heading": _runs(set_apart(Run(shown), names)),
        "status": [{"shape": b.mark, "runs": _runs(runs(b, names))} for b in of["status"]],
        "warnings": [_runs(runs(b, names)) for b in of["warning"]],
        "sections": [
            {"title": _value(s.title, names), "groups": list(_groups(s.nodes, names))} for s in sections(page)
        ],
        "foot": [_runs(runs(b, names)) for b in foot(page)],
    }


def _runs(found: Iterable[Run]) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{ISOLATE}{r.text}{END}" if r.apart else r.text,
            "url": r.url,
            "strong": r.strong,
            "code": r.code,
        }
        for r in found
    ]


def _value(text: str, names: Iterable[str]) -> list[dict[str, Any]]:
    return _runs(set_apart(Run(visible(text)), names))


def _groups(nodes: Iterable[Node], names: set[str]) -> Iterator[dict[str, Any]]:
    for kind, group in grouped(nodes):
        made: dict[str, Any] = {"kind": kind}
        if kind == "facts":
            made |= {"heads": [], "rows": [[_value(n, names), _value(v, names)] for n, v in _pairs(group)]}
        elif kind == "row":
            made["heads"] = [_value(name, names) for name, _ in group[0].block.cells]
            made["rows"] = [[_value(value, names) for _, value in node.block.cells] for node in group]
        else:
            if kind == "number":
                made["start"] = int(group[0].block.mark.rstrip(". "))
            made["nodes"] = [
                {
                    "runs": _runs(runs(n.block, names)),
                    "lang": n.block.lang.partition("-")[0],
                    "below": list(_groups(n.below, names)),
                }
                for n in group
            ]
        yield made


def _pairs(group: Iterable[Node]) -> Iterator[tuple[str, str]]:
    return (pair for node in group for pair in node.block.cells)
