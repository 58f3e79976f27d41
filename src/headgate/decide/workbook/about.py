"""The two sheets of words: what the decisions do not cover, and what the workbook is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from math import ceil

from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.one import Decider
from headgate.decide.wording import MARK, NLR, OUTCOME
from headgate.decide.workbook.look import Look
from headgate.law.book import Book

MEANINGS: Mapping[str, str] = {
    "line_id": "Name of the line, as in the order book.",
    "row_number": "Number of the line in the order book, from 1 under its headings.",
    "error": "Why the line could not be read; blank where it could.",
    "outcome": "The answer as the law is enforced.",
    "outcome_printed": "The answer by the printed text; the two differ from 2025-05-15 on.",
    "eccn": "Entry of the Commerce Control List; blank where no entry of the book reaches the item.",
    "eccn_paragraph": "The same with its paragraph; of several, the first in the order of the text.",
    "review_policy": "How an application would be reviewed, as enforced; blank where no license is needed.",
    "review_policy_printed": "The same by the printed text.",
    "exceptions": "License exceptions open to item, destination and party; what must still be done stands in missing.",
    "exceptions_printed": "The same by the printed text.",
    "duty_rate": "Duty on import into the United States, as a share of value; blank where it was not asked.",
    "reasons": "Provisions that applied as enforced, in order; the sheet Reasons quotes each.",
    "reasons_printed": "The same by the printed text.",
    "missing": "Facts that could change the answer, the most decisive first, and what an exception still needs.",
    "flags": "Red flags and notes; none of them makes an answer milder.",
    "assumed": "Facts stated for many lines at once, by --set or --assume, and not by the order book.",
    "measures": "Numbers used, each with how well it is known and how far it is from the nearest threshold.",
    "evidence": "Weakest mark among the provisions that decided.",
    "diligence": "Weight of the heaviest red flag: block, hold or note.",
    "law_version": "Hash of the law that decided.",
    "data_version": "Hash of the catalog of chips and of the lists of countries.",
}
SHEETS = {
    "Decisions": "One row a line, in the order of the order book; your own columns stand to the right.",
    "Reasons": "For each line the provisions that applied, with what they say and where it is written.",
    "What this does not cover": "Law that the book does not model, and how well the rest is known.",
    "About": "This sheet.",
}
# Widths of the two columns, and the height of a line: nobody measures a row before it is shown.
NAME_LETTERS, TEXT_LETTERS, LINE_POINTS = 28, 96, 13.5
LEGAL = (
    "Not legal advice. It is a model of public rules with a stated date, marks of how well each rule is known, and a "
    "list of what it does not cover."
)


class Words:
    """A sheet of sentences, a heading over each part.

    Args:
        look: The formats of the workbook.
        name: The sheet's name.
    """

    def __init__(self, look: Look, name: str) -> None:
        self.look, self.sheet, self.row = look, look.book.add_worksheet(name), 0
        self.sheet.hide_gridlines(2)
        self.sheet.set_column(0, 0, NAME_LETTERS + 2, look.wrapped)
        self.sheet.set_column(1, 1, TEXT_LETTERS + 4, look.wrapped)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)

    def head(self, text: str) -> None:
        """Write a heading."""
        self.row += 1 if self.row else 0
        self.sheet.write_string(self.row, 0, text, self.look.title)
        self.row += 1

    def say(self, what: str, text: str) -> None:
        """Write one sentence, and to its left what it is about."""
        lines = max(ceil(len(text) / TEXT_LETTERS), ceil(len(what) / NAME_LETTERS), 1)
        self.sheet.set_row(self.row, LINE_POINTS * lines)
        self.sheet.write_string(self.row, 0, what, self.look.wrapped)
        self.sheet.write_string(self.row, 1, text, self.look.wrapped)
        self.row += 1


def write_gaps(look: Look, book: Book, today: date | None, evidence: Mapping[str, int], late: int) -> None:
    """Write what the decisions do not cover.

    Args:
        look: The formats of the workbook.
        book: The book that decided.
        today: The day on which reviews are due or not; None asks for none.
        evidence: Lines by the weakest mark among the provisions that decided them.
        late: Lines dated after the law was last read.
    """
    page = Words(look, "What this does not cover")
    page.head("What this does not cover")
    for p in book.provisions:
        if p.stage == "not_modeled":
            page.say(p.cite.section, p.says)
    page.head("How it is to be read")
    page.say("no_license_required", NLR)
    page.say("Law read up to", f"{book.read_on}. What came out later is not in it.")
    if late:
        page.say("Later lines", f"{late:,} dated after {book.read_on}: check whether the law changed.")
    for p in book.overdue(today) if today else ():
        page.say("Review overdue", f"{p.id}, since {p.review_by}; its state is {MARK[p.mark]}. {p.note or p.says}")
    page.head("How well the law that decided is known")
    for mark, words in MARK.items():
        if evidence.get(mark):
            page.say(words, f"{evidence[mark]:,} line{'' if evidence[mark] == 1 else 's'}")
    page.say("", LEGAL)


def write_about(look: Look, by: Decider, outcomes: Counter[str]) -> None:
    """Write what the workbook is: versions, sheets, columns, outcomes."""
    page = Words(look, "About")
    page.head("Decisions under the US export controls on AI chips")
    page.say("", LEGAL)
    page.say("law_version", by.book.version)
    page.say("data_version", by.data_version)
    page.say("Law read up to", str(by.book.read_on))
    page.say("Law of", f"{by.as_of}, for every line" if by.as_of else "the event date of each line")
    if by.book.scenario:
        page.say("Scenario", f"{by.book.scenario}: this is not the law as it is.")
    page.head("Sheets")
    for name, words in SHEETS.items():
        page.say(name, words)
    page.head("Outcomes")
    for name, words in OUTCOME.items():
        page.sheet.write_string(page.row, 0, name, look.outcomes[name])
        page.sheet.write_string(page.row, 1, f"{words[0].upper()}{words[1:]}. Lines: {outcomes[name]:,}", look.wrapped)
        page.row += 1
    page.head("Columns")
    for name in DECISION_COLUMNS:
        page.say(name, MEANINGS[name])
