"""One provision as a page of Markdown: its versions, what changed between them, references, coverage and cases."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from page_cases import Cases, case_lines
from page_words import anchor, condition, escaped, file_link, limit, link, said, source

from headgate.cli.coverage import STATE
from headgate.cli.law import referring, span_words
from headgate.decide.prose import listed
from headgate.decide.wording import MARK, NEEDS, POLICY, flag_words
from headgate.expr import Expr
from headgate.expr.node import And, Or
from headgate.law.book import Book
from headgate.law.fields import BY_NAME, RANK
from headgate.law.flag_records import flag_records
from headgate.law.history import Change
from headgate.law.provision import Provision
from headgate.law.us.coverage import Row

INDEX = "README.md"
STAGE = {
    "classify": "says which ECCN an item has",
    "scope": "a condition that other provisions build on",
    "require": "requires a license",
    "exempt": "opens a license exception",
    "review": "says how applications are reviewed",
    "duty": "lays a duty on imports",
    "note": "explains or flags; it changes no answer",
    "not_modeled": "law that the book does not have",
}
TRACK = {"both": "printed and enforced", "printed": "printed only", "enforced": "enforced only"}
WEIGHT = {"block": "stop until it is resolved", "hold": "hold for a review", "note": "record it", "": ""}
# The most references that stand with their sentences.
FEW = 12


def page(id: str, book: Book, row: Row | None, cases: Cases | None, home: Path) -> str:
    """Return the page of one provision.

    Args:
        id: The provision.
        book: The book it stands in.
        row: Its row of coverage.
        cases: Its cases.
        home: The file in which it is written.
    """
    versions = sorted(book.versions(id), key=lambda v: (v.binds.start, v.track != "printed"), reverse=True)
    stages = listed(dict.fromkeys(f"stage *{v.stage.replace('_', ' ')}* ({STAGE[v.stage]})" for v in versions))
    section = escaped(versions[0].cite.section)
    lines = [f"# {id}", "", f"{section[0].upper()}{section[1:]}; {stages}. [All provisions]({INDEX})", ""]
    if len(versions) > 1:
        lines += [f"{len(versions)} versions, the latest first.", ""]
    for v in versions:
        lines += version_lines(v, predecessor(v, book), book)
    lines += ["## References", ""]
    lines += references("It refers to", dict.fromkeys(r for v in versions for r in v.refers_to()), book)
    lines += references("It is used by", referring(book, id), book)
    if row is not None:
        lines += ["## Coverage", "", row_line(row, f"[{escaped(row.section)}]({INDEX}#{anchor(row.part)})"), ""]
    if cases is not None:
        lines += case_lines(*cases)
    lines += ["---", "", f"Written by `make docs` from {file_link(home)}."]
    return "\n".join(lines) + "\n"


def row_line(row: Row, section: str) -> str:
    """Return a row of coverage as a line."""
    reason = f" {escaped(row.reason)}" if row.reason else ""
    return f"**{section}**: {escaped(row.what)}. *{STATE[row.state].capitalize()}.*{reason}"


def version_lines(p: Provision, before: Provision | None, book: Book) -> Iterator[str]:
    """Yield the section of one version."""
    track = "" if p.track == "both" else f", {TRACK[p.track]}"
    yield f"## {span_words(p).capitalize()}{track}"
    yield ""
    yield escaped(p.says)
    yield ""
    yield from condition(p.when)
    yield ""
    if p.thresholds():
        yield from ("| threshold | value |", "|---|---|")
        yield from (f"| `{t.id}` | {limit(t)} |" for t in p.thresholds())
        yield ""
    if p.note:
        yield f"> {escaped(p.note)}"
        yield ""
    yield from ("| | |", "|---|---|")
    yield from (f"| {name} | {text} |" for name, text in (gives(p) | known(p, book)).items() if text)
    yield ""
    if before is not None:
        yield f"**What changed** against the version of {before.binds.start}:"
        yield ""
        yield from (f"- {line}" for line in changed(p, before))
        yield ""


def gives(p: Provision) -> dict[str, str]:
    """Return what a provision gives when it applies, by name."""
    asked = flag_records().flags.get(p.flag) if p.weight else None
    return {
        "ECCN": p.paragraph,
        "Exception": p.exception,
        "Covers": ", ".join(map(link, p.covers)),
        "To be done": escaped("; ".join(NEEDS.get(n, n) for n in p.needs)),
        "Goes before": ", ".join(map(link, p.over)),
        "Review policy": POLICY.get(p.policy, ""),
        "Duty": f"{p.rate:.0%}" if p.rate is not None else "",
        "Prohibits": "the act is prohibited, not licensable" if p.prohibits else "",
        "Frees": "what is in it needs no license for that reason" if p.frees else "",
        "Weight": WEIGHT[p.weight],
        "What to ask": escaped(asked.ask) if asked else "",
        "What to obtain": escaped(", ".join(asked.evidence)) if asked else "",
        "Flag": f"`{p.flag}`: {escaped(flag_words(p.flag))}" if p.flag else "",
    }


def known(p: Provision, book: Book) -> dict[str, str]:
    """Return a provision's days, the columns that it reads, and how it is known."""
    published = p.cite.published_on
    columns = {BY_NAME[name].column for name in p.reads() if name in BY_NAME}
    asked = sorted(columns - set(RANK))
    return {
        "Source": source(p.cite),
        "Evidence": MARK[p.mark],
        "Law": TRACK[p.track],
        "Effective": str(p.start),
        "Duties bind from": str(p.binds_from or ""),
        "Ends": ended(p, book) if p.end else "no end",
        "Published": str(published) if published else "in a compilation, without a day of its own",
        "Known from": str(p.known_from) if p.known_from != published else "",
        "Read on": p.cite.read_on,
        "To be looked at again by": str(p.review_by or ""),
        "Columns it reads": ", ".join(f"`{c}`" for c in sorted(columns & set(RANK), key=lambda c: RANK[c])),
        "Answers it reads": ", ".join(f"`{c}`" for c in asked),
    }


def ended(p: Provision, book: Book) -> str:
    """Say when a version ended, and what ended it."""
    assert p.end
    last = f"last day {p.end - timedelta(days=1)}, ended by"
    if p.ended_by:
        return f"{last} {source(p.ended_by)}"
    following = [v for v in book.versions(p.id) if v.binds.start == p.end]
    if not following:
        return f"{last} its own text"
    newest = max(following, key=lambda v: v.known_from)
    return f"{last} the next version, {source(newest.cite)}"


def predecessor(p: Provision, book: Book) -> Provision | None:
    """Return the version before this one on its track; None for the first."""
    earlier = [
        v
        for v in book.versions(p.id)
        if v.binds.start < p.binds.start and (v.track == p.track or "both" in (v.track, p.track))
    ]
    return max(earlier, key=lambda v: v.binds.start, default=None)


def changed(p: Provision, before: Provision) -> list[str]:
    """Return what differs between a version and the one before it, a line each."""
    found = []
    if before.end and before.end < p.binds.start:
        found.append(f"no version was in force from {before.end} to {p.binds.start - timedelta(days=1)}")
    if before.says != p.says:
        found.append(f"it said: {escaped(before.says)}")
    for id, old, new in Change(p.track, before, p).thresholds():
        found.append(f"`{id}`: {limit(old)} before, {limit(new)} now")
    found += moved(before.when, p.when)
    old_gives, new_gives = compared(before), compared(p)
    for name, was in old_gives.items():
        if was != new_gives[name]:
            found.append(f"{name}: {was or 'none'} before, {new_gives[name] or 'none'} now")
    return found or ["only the days and the source"]


def moved(before: Expr, now: Expr) -> Iterator[str]:
    """Yield what a condition no longer asks and what it asks now; of a choice, only what came and went."""
    old, new = (node.args if isinstance(node, And) else (node,) for node in (before, now))
    gone, come = [c for c in old if c not in new], [c for c in new if c not in old]
    for was in [c for c in gone if isinstance(c, Or)]:
        for here in [c for c in come if isinstance(c, Or) and set(c.args) & set(was.args)][:1]:
            yield from (f"no longer enough: {said(a)}" for a in was.args if a not in here.args)
            yield from (f"now enough as well: {said(a)}" for a in here.args if a not in was.args)
            gone.remove(was)
            come.remove(here)
    yield from (f"no longer asked: {said(c)}" for c in gone)
    yield from (f"now asked: {said(c)}" for c in come)


def compared(p: Provision) -> dict[str, str]:
    """Return what a version gives and how it stands, as it is compared with the version before."""
    found = gives(p) | {"Flag": f"`{p.flag}`" if p.flag else "", "Law": TRACK[p.track], "Evidence": MARK[p.mark]}
    return {name if name.isupper() else name[0].lower() + name[1:]: text for name, text in found.items()}


def references(head: str, ids: Iterable[str], book: Book) -> Iterator[str]:
    """Yield some provisions with their sentences; of very many, only their names."""
    ids = list(ids)
    if not ids or len(ids) > FEW:
        yield f"{head} {', '.join(map(link, ids)) or 'no other provision'}."
    else:
        yield f"{head}:"
        yield ""
        yield from (f"- {link(id)}: {escaped(latest(id, book).says)}" for id in ids)
    yield ""


def latest(id: str, book: Book) -> Provision:
    """Return the last version of a provision, the enforced one where the printed text differs."""
    return max(book.versions(id), key=lambda v: (v.binds.start, v.track != "printed"))
