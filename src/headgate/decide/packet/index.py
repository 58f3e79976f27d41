"""The index of a folder of packets: a page and a table of every line to hold, written as the run goes."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import IO

from headgate.decide.answer import OUTCOMES
from headgate.decide.memo_top import SHAPES as MARKED_BY
from headgate.decide.memo_top import UNDECIDED
from headgate.decide.packet.asked import EXPORTER
from headgate.decide.packet.form import HEAD, form_style, said, shown
from headgate.decide.packet.holding import OWING, held_as
from headgate.decide.packet.record import NO_FORMS, Line, Source
from headgate.decide.paper.to_html import SHAPES, coded
from headgate.decide.prose import listed
from headgate.decide.wording import MARK, NEEDS, NLR, OUTCOME, POLICY, question
from headgate.law.book import Book
from headgate.source import Cite
from headgate.units import guarded

PAGE, TABLE = "index.html", "index.csv"
COLUMNS = (
    *("folder", "line_id", "row_number", "outcome", "outcome_printed", "eccn_paragraph", "review_policy", "exceptions"),
    *("diligence", "missing", "customer_questions", "documents", "item", "ship_from", "destination", "consignee"),
    *("end_user", "error"),
)
# The file of a packet that each word of the index leads to.
PAPERS = {"memo": "memo.html", "questions": "questions.html", "documents": "documents.html", "record": "decision.json"}
RETENTION = (
    "Keep every record of a transaction, these packets among them, for five years from the latest of: the export; any "
    "known reexport, transshipment or diversion; any other termination of the transaction. So the five years begin "
    "anew with each of these. What the government has asked for is not destroyed."
)
RETENTION_CITE = Cite("15 CFR 762.6", "eCFR", "2026-11-22")
RETENTION_MARK = "primary"
LONGER = "The period of the Treasury's sanctions is said to be ten years since March 2025 (unverified)."
HELD_MEANS = (
    "A line stands here when it is prohibited or needs a license, when facts, the text or the model leave its answer "
    "open, when an exception needs papers, when it cannot be read, when a red flag of weight block or hold is raised, "
    "or when a flag or a stated fact asks for a paper, such as a UVL statement, whatever the answer."
)
LET_GO = "A line that is not here needs no license, or a license exception is open and nothing is left to do or show."


def csv_row(line: Line, folder: str) -> list[str]:
    """Return the row of a line in the table; no cell is one that a spreadsheet would run."""
    d = line.decision
    out = [a for a in line.asks if a.who != EXPORTER]
    values = {
        **{name: getattr(d, name) for name in COLUMNS if hasattr(d, name)},
        "folder": folder,
        "customer_questions": len(out),
        "documents": sum(e.certain for e in line.due),
        **{name: said(line.fact(name)) for name in ("item", "ship_from", "destination", "consignee", "end_user")},
    }
    return [guarded(_text(values[name])) for name in COLUMNS]


def _text(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def html_row(line: Line, folder: str, papers: Mapping[str, str]) -> str:
    """Return the row of a line on the page."""
    d = line.decision
    shape = MARKED_BY.get(d.outcome, UNDECIDED)
    drawn = f'<svg viewBox="0 0 20 20" width="14" height="14" aria-hidden="true">{SHAPES[shape]}</svg>'
    flag = f"<br>red flag: {escape(d.diligence)}" if d.diligence else ""
    route = " → ".join(said(line.fact(c)) or "?" for c in ("ship_from", "destination"))
    who = "".join(f"<br>{shown(name)}" for name in line.parties())
    there = {word: name for word, name in papers.items() if not (line.no_form and name == PAPERS["questions"])}
    links = ", ".join(f'<a href="{_href(folder, name)}">{word}</a>' for word, name in there.items())
    asked = sum(a.who != EXPORTER for a in line.asks)
    papers_due = sum(e.certain for e in line.due)
    counts = f"{asked} to ask, {papers_due} document{'' if papers_due == 1 else 's'}"
    return (
        f'<tr><th scope="row"><a href="{_href(folder, papers["memo"])}">{shown(line.name)}</a><br>'
        f'<span class="soft">row {d.row_number}</span></th>'
        f'<td><span class="{shape}">{drawn} <strong>{escape(d.outcome.replace("_", " "))}</strong></span><br>'
        f"{shown(_why(line))}{flag}</td>"
        f"<td>{shown(said(line.fact('item')) or 'item not stated')}<br>{shown(route)}{who}</td>"
        f"<td>{counts}<br>{links}</td></tr>\n"
    )


def _why(line: Line) -> str:
    """Say in a few words what stands behind an outcome."""
    d = line.decision
    if d.error is not None:
        return d.error
    if held_as(d.outcome, d.missing, d.diligence) == OWING:
        return f"to obtain: {listed(e.document.title for e in line.due if e.certain)}"
    if d.outcome == "exception_available":
        return f"License Exception {listed(d.exceptions, 'or')}; {len(d.missing)} still to do or show"
    if d.outcome in ("insufficient_facts", "legal_ambiguity") and d.missing:
        return f"ask first: {NEEDS.get(d.missing[0]) or question(d.missing[0])}"
    return POLICY[d.review_policy] if d.review_policy and d.outcome == "license_required" else ""


def _href(folder: str, name: str) -> str:
    """Return the relative address of a file in a packet."""
    from urllib.parse import quote

    return f"./{quote(folder)}/{quote(name)}"


class Index:
    """Writes the table and the rows of the page as lines come; the page is put together at the end.

    Args:
        folder: Where the packets are being built.
        source: The files of the run.
        book: The book that decides.
        papers: The files of a packet by the word that leads to them.
    """

    def __init__(self, folder: Path, source: Source, book: Book, papers: Mapping[str, str]) -> None:
        self.folder, self.source, self.book, self.papers = folder, source, book, papers
        self.outcomes: Counter[str] = Counter()
        self.versions: tuple[str, str] = ("", "")
        self.rows: IO[str] = (folder / ".rows").open("w", encoding="utf-8")
        self.table: IO[str] = (folder / TABLE).open("w", encoding="utf-8", newline="")
        self.csv = csv.writer(self.table, lineterminator="\n")
        self.csv.writerow(COLUMNS)

    def add(self, line: Line, folder: str) -> None:
        """Take in a line whose packet stands in a folder."""
        self.outcomes[line.decision.outcome] += 1
        self.versions = (line.decision.law_version, line.decision.data_version)
        self.csv.writerow(csv_row(line, folder))
        self.rows.write(html_row(line, folder, self.papers))

    def drop(self) -> None:
        """Let go of the files, whatever is in them; a full disk must not hide why the run stopped."""
        for file in (self.rows, self.table):
            with suppress(OSError):
                file.close()

    def finish(self, decided: int) -> None:
        """Put the page together.

        Args:
            decided: Lines decided in the run.
        """
        self.rows.close()
        self.table.close()
        with (self.folder / PAGE).open("w", encoding="utf-8") as page:
            page.writelines(self._head(decided))
            with (self.folder / ".rows").open(encoding="utf-8") as rows:
                for row in rows:
                    page.write(row)
            page.writelines(self._foot())
        (self.folder / ".rows").unlink()

    def _head(self, decided: int) -> Iterator[str]:
        name, digest = self.source.orders
        held = sum(self.outcomes.values())
        title = f"Lines to hold: {name}"
        yield f"{HEAD}<title>{shown(title)}</title>\n<style>\n{form_style()}</style>\n</head>\n<body>\n"
        yield f'<article class="index">\n<header>\n<h1>{shown(title)}</h1>\n'
        yield f"<p>{held:,} of {decided:,} line{'' if decided == 1 else 's'}. {HELD_MEANS}</p>\n"
        for text in self.source.warnings:
            yield f'<p class="warning" role="note"><strong>Note.</strong> {shown(text)}</p>\n'
        if self.book.scenario or self.source.asked.get("scenario"):
            yield f"<p>{NO_FORMS}</p>\n"
        late = f"Law read up to {self.book.read_on}"
        files = [("Order book", name, digest), *((role, f, h) for role, (f, h) in self.source.others.items())]
        yield '<table class="facts"><tbody>\n'
        for role, file, sha in files:
            yield f'<tr><th scope="row">{escape(role)}</th><td>{shown(file)}<br>{_hash(sha)}</td></tr>\n'
        law, data = self.versions
        versions = f"version {law or self.book.version}{f', data {data}' if data else ''}"
        yield f'<tr><th scope="row">Law</th><td>{late}; {versions}'
        yield '</td></tr>\n</tbody></table>\n</header>\n<section>\n<h2>By outcome</h2>\n<table class="facts"><tbody>\n'
        for outcome in OUTCOMES:
            if self.outcomes[outcome]:
                yield f'<tr><th scope="row">{escape(OUTCOME[outcome])}</th><td>{self.outcomes[outcome]:,}</td></tr>\n'
        yield f'</tbody></table>\n<p>As a table: <a href="./{TABLE}">{TABLE}</a>.</p>\n</section>\n'
        yield '<section>\n<h2>Lines</h2>\n<div class="table"><table class="lines"><thead><tr><th scope="col">Line</th>'
        yield '<th scope="col">Answer</th><th scope="col">Item, route, parties</th><th scope="col">Packet</th></tr>'
        yield "</thead><tbody>\n"

    def _foot(self) -> Iterable[str]:
        if not self.outcomes:
            yield '<tr><td colspan="4">No line is to be held.</td></tr>\n'
        yield "</tbody></table></div>\n</section>\n<section>\n<h2>How long to keep this</h2>\n"
        yield f'<p>{RETENTION}</p>\n<p class="cite">{RETENTION_CITE}; {MARK[RETENTION_MARK]}</p>\n<p>{LONGER}</p>\n'
        yield "</section>\n<section>\n<h2>What this does not cover</h2>\n<ul>\n"
        gaps = dict.fromkeys(p.says for p in self.book.provisions if p.stage == "not_modeled")
        yield from (f"<li>{escape(gap)}</li>\n" for gap in gaps)
        yield f"</ul>\n<p>{LET_GO} {coded(NLR)}</p>\n</section>\n"
        yield "<footer><p>Not legal advice.</p></footer>\n</article>\n</body>\n</html>\n"


def _hash(sha256: str) -> str:
    return f"SHA-256 <code>{sha256}</code>" if sha256 else "comes with Headgate"
