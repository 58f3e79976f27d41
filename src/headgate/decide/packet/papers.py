"""The list of documents to obtain for a line, and what our own desk finds out, as a page of blocks."""

from collections.abc import Iterable

from headgate.decide.columns import COLUMNS
from headgate.decide.packet.asked import EXPORTER, Ask
from headgate.decide.packet.documents import Due
from headgate.decide.packet.form import facts, said
from headgate.decide.packet.record import Line
from headgate.decide.packet.words import PAGE
from headgate.decide.prose import Page, listed, number
from headgate.decide.questionnaire import OPEN, RAISED, raised
from headgate.decide.wording import MARK, NEEDS, short_answer
from headgate.law.flag_records import ACTION, flag_records

FROM = {"customer": "from the customer", "maker": "from the maker or designer", "exporter": "ours to prepare or obtain"}
LIMITS = (
    "The list follows the provisions of the book and the records of documents that come with it. It does not replace "
    "reading the sections named: what a mark calls unverified was not read in the text. Conditions of a license held, "
    "carrier and customs papers, and the law of other countries are not in it."
)


def page(line: Line) -> Page:
    """Return the page of documents of a line."""
    made = Page()
    d = line.decision
    made.name(line.name, *line.parties())
    for text in line.source.warnings:
        made.warning(text)
    known = [(PAGE[key], "; ".join(values)) for key, values in facts(line)]
    # The law of another day than the line's may have been asked for.
    law = [("Law of", f"{d.trace.day}; read up to {line.by.book.read_on}")] if d.trace is not None else []
    made.facts([*known, *law, ("Answer", d.error or short_answer(d.outcome, d.review_policy, d.exceptions))])
    _documents(made, line, "To obtain or to file", [e for e in line.due if e.certain])
    _documents(made, line, "Only if a missing fact asks for it", [e for e in line.due if not e.certain])
    _evidence(made, line)
    own = [a for a in line.asks if a.who == EXPORTER]
    _desk(made, "For our own desk: facts to find out", [a for a in own if a.state == "missing"])
    _desk(made, "For our own desk: red flags raised", [a for a in own if a.state == RAISED])
    _desk(made, "For our own desk: red flags to rule out", [a for a in own if a.state == OPEN])
    _diligence(made, line)
    if line.no_form:
        made.head("Questions to the customer")
        made.say(line.no_form)
    made.head("What this list does not cover")
    made.say(LIMITS)
    read = line.by.book.read_on
    made.foot(f"Law {d.law_version}, data {d.data_version}. Law read up to {read}. Not legal advice.")
    return made


def _documents(made: Page, line: Line, title: str, found: Iterable[Due]) -> None:
    for n, each in enumerate(found, 1):
        if n == 1:
            made.head(title)
        document, mark = each.document, f"{n}. "
        made.say(f"{document.title} ({FROM[document.who]})", 2, mark, lead=document.title)
        indent = 2 + len(mark)
        made.say(document.why, indent)
        for text in document.contains:
            made.say(text, indent, "- ")
        open_needs = [name for name in document.needs if name in line.decision.missing]
        if open_needs:
            made.say("Still to do:", indent)
            for name in open_needs:
                made.say(NEEDS[name], indent + 2, "- ")
        _states(made, line, document.columns, indent)
        if document.note:
            made.say(document.note, indent)
        made.cite(cited(each), [(document.published, document.url)] if document.url else (), indent)


def _states(made: Page, line: Line, columns: Iterable[str], indent: int) -> None:
    """Write what the line says of each fact; where it says nothing, what the catalog knows, or that it is blank."""
    stated, blank = [], []
    for column in columns:
        value, known = said(line.fact(column)), line.decision.measures.get(column)
        if COLUMNS[column].kind == "yesno":
            by_catalog = said(line.of_catalog(column))
            found = value or (f"{by_catalog} by the catalog" if by_catalog else "not stated")
            made.say(f"{COLUMNS[column].note} ({column}): {found}", indent, "- ")
        elif value:
            stated.append(f"{column} = {value}")
        elif known is not None and isinstance(known["value"], float):
            least = "at least " if known["at_least"] else ""
            stated.append(f"{column} = {least}{number(known['value'])} by the catalog")
        elif (figure := line.figure(column)) is not None:
            stated.append(f"{column} = {number(figure)} by the catalog")
        else:
            blank.append(column)
    if stated:
        made.say(f"Known of the line: {'; '.join(stated)}.", indent)
    if blank:
        made.say(f"Not stated: {listed(blank)}.", indent)


def cited(each: Due) -> str:
    """Return where a document is asked for, and how well that is known."""
    document = each.document
    published = f" ({document.published})" if document.published else ""
    known = "" if document.mark == "primary" else f"; {MARK[document.mark]}"
    return f"{document.section}{published}{known}"


def _evidence(made: Page, line: Line) -> None:
    """The papers that settle the red flags that are raised."""
    records = flag_records().flags
    rules = raised(line.decision.trace) if line.decision.trace else {}
    found = [(records[flag], rule) for flag, rule in rules.items() if records[flag].evidence]
    if found:
        made.head("Evidence that red flags ask for")
    for flag, rule in found:
        made.say(f"{flag.id} ({rule.weight}): {listed(flag.evidence)}.", mark="- ", lead=flag.id)
        made.say(rule.says, 4)
        made.cite(f"{flag.section} ({flag.published}){'' if flag.mark == 'primary' else f'; {MARK[flag.mark]}'}", (), 4)


def _desk(made: Page, title: str, found: Iterable[Ask]) -> None:
    for n, ask in enumerate(found):
        if n == 0:
            made.head(title)
            made.say("These are not for the customer.")
        weight = f" ({ask.weight})" if ask.weight else ""
        made.say(f"{ask.id}{weight}: {ask.english}", mark="- ", lead=ask.id)
        if ask.state == "missing" or len(ask.answers) > 1:
            for column in ask.answers:
                made.say(f"{column.name}: {column.note}", 4, "- ")


def _diligence(made: Page, line: Line) -> None:
    records = flag_records().flags
    found = [a for a in line.asks if a.state == ACTION]
    if found:
        made.head("Due diligence on every such line")
    for ask in found:
        flag = records[ask.id]
        made.say(f"{ask.id}: {ask.english}", mark="- ", lead=ask.id)
        if flag.evidence:
            made.say(f"Obtain: {listed(flag.evidence)}.", 4)
