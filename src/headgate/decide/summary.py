"""The summary of a run: counts by outcome, the lines to hold, the facts to ask for, and what it does not cover."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from headgate.decide.answer import OUTCOMES
from headgate.decide.cells import texts
from headgate.decide.exits import is_stale
from headgate.decide.prose import clean, pad, shorten, wrap
from headgate.decide.wording import NLR, question
from headgate.law.book import Book
from headgate.law.flag_records import flag_records
from headgate.law.provision import WEIGHTS

if TYPE_CHECKING:
    from polars import DataFrame

HELD = ("prohibited", "license_required", "insufficient_facts", "legal_ambiguity", "not_modeled", "invalid_row")
SHOWN_HELD, SHOWN_EACH, SHOWN_QUESTIONS = 8, 3, 12


class Summary:
    """Counts a run chunk by chunk.

    Args:
        book: The book that decided.
        today: The day on which reviews are due or not; None asks for none.
    """

    def __init__(self, book: Book, today: date | None = None) -> None:
        self.book, self.today = book, today
        self.outcomes: Counter[str] = Counter()
        self.printed_differs = 0
        self.missing: Counter[str] = Counter()
        self.flags: Counter[str] = Counter()
        self.held: dict[str, list[dict[str, object]]] = {}
        self.stale = False
        self.diligence: Counter[str] = Counter()
        self.weighed: dict[str, list[str]] = {weight: [] for weight in WEIGHTS}
        self.unmatched: list[str] = []
        self.notes: dict[str, None] = {}

    def add(self, frame: DataFrame, orders: DataFrame) -> None:
        """Count the decisions of one chunk, and keep the first lines to hold with their item and destination."""
        import polars as pl

        self.outcomes.update(_counts(frame["outcome"]))
        self.printed_differs += int((frame["outcome"] != frame["outcome_printed"]).sum())
        open_rows = frame.filter(pl.col("outcome").is_in(["insufficient_facts", "legal_ambiguity"]))
        self.missing.update(_counts(open_rows["missing"].explode().drop_nulls()))
        self.flags.update(_counts(frame["flags"].explode().drop_nulls()))
        self._weigh(frame)
        if not self.stale:
            decided = frame.filter(pl.col("outcome") != "invalid_row")
            marks = decided.select("flags", "evidence").unique()
            self.stale = any(is_stale(flags or (), evidence) for flags, evidence in marks.iter_rows())
        shown = ["line_id", "row_number", "outcome", "eccn", "review_policy", "error", "missing", "reasons"]
        lanes = [texts(orders[c]) for c in ("item", "destination") if c in orders.columns]
        for outcome in HELD:
            kept = self.held.setdefault(outcome, [])
            if len(kept) < SHOWN_HELD and self.outcomes[outcome]:
                rows = frame.select(shown).with_columns(lanes).filter(pl.col("outcome") == outcome)
                kept += rows.head(SHOWN_HELD - len(kept)).to_dicts()

    def note(self, notes: Iterable[str]) -> None:
        """Keep what a person should know of how the file was read; each is said once."""
        self.notes |= dict.fromkeys(notes)

    def lost_answers(self) -> str:
        """Say which rows of answers are about no line; empty when there are none."""
        count = len(self.unmatched)
        rows = "1 row of answers is" if count == 1 else f"{count:,} rows of answers are"
        few = "; ".join(map(clean, self.unmatched[:SHOWN_HELD])) + ("; ..." if count > SHOWN_HELD else "")
        return f"{rows} about no line of the book and changed nothing: {few}." if count else ""

    def _weigh(self, frame: DataFrame) -> None:
        """Count the lines by their heaviest red flag, and keep the first of each weight."""
        import polars as pl

        self.diligence.update({w: n for w, n in _counts(frame["diligence"]).items() if w})
        for weight, kept in self.weighed.items():
            if self.diligence[weight] and len(kept) < SHOWN_HELD:
                rows = frame.filter(pl.col("diligence") == weight).head(SHOWN_HELD - len(kept))
                for line, number, flags in rows.select("line_id", "row_number", "flags").iter_rows():
                    red = ", ".join(f for f in flags if f in flag_records().flags)
                    kept.append(clean(f"{line if line is not None else f'row {number}'} ({red})"))

    def text(self, width: int = 80) -> str:
        """Return the summary for a person, at most `width` columns wide."""
        total = sum(self.outcomes.values())
        lines = [*self._warnings(width), f"{total:,} line{'' if total == 1 else 's'} decided", ""]
        lines += [f"  {self.outcomes[o]:>9,}  {o}" for o in OUTCOMES if self.outcomes[o]]
        if self.printed_differs:
            count = f"{self.printed_differs:,} line{'' if self.printed_differs == 1 else 's'}"
            lines += ["", *wrap(f"The printed law answers {count} differently (outcome_printed).", width)]
        lines += [*self._to_hold(width), *self._red(width), *self._to_ask(width), *self._flagged(width)]
        lines += self._covers(width)
        return "\n".join(lines) + "\n"

    def _warnings(self, width: int) -> list[str]:
        due = overdue_lines(self.book, self.today, width)
        for note in self.notes:
            due = [*due, *wrap(f"! {note}", width), ""]
        if self.unmatched:
            due = [*wrap(f"! {self.lost_answers()}", width), "", *due]
        late = self.flags[f"law_not_read_after_{self.book.read_on}"]
        if not late:
            return due
        lines = "1 line is" if late == 1 else f"{late:,} lines are"
        said = f"! {lines} dated after {self.book.read_on}, the last day up to which the law was read. Check them."
        return [*due, *wrap(said, width), ""]

    def _to_hold(self, width: int) -> list[str]:
        count = sum(self.outcomes[o] for o in HELD)
        if not count:
            return []
        lines = ["", f"Hold ({count:,})"]
        # The gravest first, and some of each kind.
        rows = [row for outcome in HELD for row in self.held.get(outcome, [])[:SHOWN_EACH]]
        for row in rows:
            name = clean(str(row["line_id"] if row["line_id"] is not None else f"row {row['row_number']}"))
            lane = clean(" to ".join(str(row[c]).strip() for c in ("item", "destination") if row.get(c)))
            lines.append("  " + shorten(f"{pad(name, 10)} {pad(str(row['outcome']), 18)} {lane}", width - 2))
            lines.append("  " + shorten(f"{pad('', 10)} {_why(row)}", width - 2))
        more = count - len(rows)
        return [*lines, *([f"  and {more:,} more: all stand in the decisions"] if more > 0 else [])]

    def _red(self, width: int) -> list[str]:
        """The lines with red flags, by the heaviest: they never change an outcome, and each is to be resolved."""
        if not self.diligence:
            return []
        count = sum(self.diligence.values())
        lines = ["", f"Red flags ({count:,} line{'' if count == 1 else 's'}; no outcome turns on them)"]
        for weight, kept in self.weighed.items():
            if self.diligence[weight]:
                more = self.diligence[weight] - len(kept)
                named = "; ".join(kept) + (f"; and {more:,} more" if more > 0 else "")
                lines += wrap(named, width, f"  {self.diligence[weight]:>7,}  {weight:<6}", " " * 17)
        return lines

    def _to_ask(self, width: int) -> list[str]:
        if not self.missing:
            return []
        by_question: Counter[str] = Counter()
        for column, count in self.missing.items():
            by_question[question(column)] = max(by_question[question(column)], count)
        lines = ["", "Ask (lines that wait for it)"]
        for asked, count in sorted(by_question.items(), key=lambda q: (-q[1], q[0]))[:SHOWN_QUESTIONS]:
            first, *rest = wrap(asked, width - 12)
            lines += [f"  {count:>7,}  {first}", *(f"           {r}" for r in rest)]
        more = len(by_question) - SHOWN_QUESTIONS
        return [*lines, *([f"  and {more} more: see the column `missing`"] if more > 0 else [])]

    def _flagged(self, width: int) -> list[str]:
        if not self.flags:
            return []
        counted = ", ".join(
            f"{flag} {count:,}" for flag, count in sorted(self.flags.items(), key=lambda f: (-f[1], f[0]))
        )
        return ["", "Flags", *(f"  {line}" for line in wrap(counted, width - 2))]

    def _covers(self, width: int) -> list[str]:
        gaps = [p.says for p in self.book.provisions if p.stage == "not_modeled"]
        lines = ["", "What this does not cover"]
        for gap in gaps:
            first, *rest = wrap(gap, width - 4)
            lines += [f"  - {first}", *(f"    {r}" for r in rest)]
        return [*lines, "", *wrap(f"no_license_required: {NLR} Not legal advice.", width)]


def overdue_lines(book: Book, today: date | None, width: int) -> list[str]:
    """Say what was to be reviewed by a day that has passed."""
    return [line for text in overdue(book, today) for line in (*wrap(f"! {text}", width), "")]


def overdue(book: Book, today: date | None) -> list[str]:
    """Say of each provision what was to be reviewed by a day that has passed."""
    return [
        f"{p.id}: review overdue since {p.review_by}, its state is {p.mark.replace('_', ' ')}. {p.note or p.says}"
        for p in (book.overdue(today) if today else ())
    ]


def _counts(column: object) -> Mapping[str, int]:
    frame = column.value_counts()  # type: ignore[attr-defined]
    return dict(frame.rows())


def _why(row: Mapping[str, object]) -> str:
    if row["error"]:
        return clean(str(row["error"]))
    if row["outcome"] == "insufficient_facts":
        asked = row["missing"]
        assert isinstance(asked, list)
        return "ask: " + ", ".join(asked[:3]) + (f" and {len(asked) - 3} more" if len(asked) > 3 else "")
    if row["outcome"] == "not_modeled":
        reasons = row["reasons"]
        assert isinstance(reasons, list)
        return "asks for " + ", ".join(r.partition(".")[2] for r in reasons if r.startswith("not_modeled."))
    return " ".join(str(v) for v in (row["eccn"], row["review_policy"]) if v)
