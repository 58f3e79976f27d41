"""How a workbook looks: a color for each outcome, told apart with any color vision, and the widths of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

FONT = {"font_name": "Arial", "font_size": 10}
# Paper and ink. The word stands in every cell; light and dark tell them apart in print, too.
OUTCOMES = {
    "prohibited": ("#6A1B00", "#FFFFFF"),
    "license_required": ("#F0985A", "#000000"),
    "exception_available": ("#FFDF80", "#000000"),
    "no_license_required": ("#CFE6F7", "#000000"),
    "insufficient_facts": ("#E2E2E2", "#000000"),
    "legal_ambiguity": ("#D9CBEF", "#000000"),
    "not_modeled": ("#BDBDBD", "#000000"),
    "invalid_row": ("#4D4D4D", "#FFFFFF"),
}
WIDTHS = {
    "line_id": 14,
    "row_number": 8,
    "order": 7,
    "lines": 9,
    "track": 10,
    "error": 24,
    "outcome": 21,
    "outcome_printed": 21,
    "eccn": 10,
    "review_policy": 22,
    "review_policy_printed": 22,
    "duty_rate": 9,
    "reasons": 40,
    "reasons_printed": 40,
    "missing": 34,
    "flags": 30,
    "measures": 40,
    "item": 22,
    "consignee": 24,
    "end_user": 24,
    # Of the other sheets.
    "says": 100,
    "meaning": 90,
    "section": 34,
    "published": 22,
    "link": 44,
    "note": 60,
    "provision": 34,
}
WIDTH = 15


class Look:
    """The formats of one workbook."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.plain = book.add_format(FONT)
        self.head = book.add_format({**FONT, "bold": True, "bg_color": "#1F2D3D", "font_color": "#FFFFFF"})
        self.title = book.add_format({**FONT, "bold": True, "font_size": 14})
        self.wrapped = book.add_format({**FONT, "text_wrap": True, "valign": "top"})
        self.day = book.add_format({**FONT, "num_format": "yyyy-mm-dd"})
        self.share = book.add_format({**FONT, "num_format": "0.0%"})
        # A text that looks like a formula stays a text even when somebody edits its cell.
        self.quoted = book.add_format({**FONT, "quote_prefix": True})
        self.outcomes: dict[str, Format] = {
            name: book.add_format(
                {**FONT, "bg_color": paper, "font_color": ink, "border": 1, "border_color": "#FFFFFF"}
            )
            for name, (paper, ink) in OUTCOMES.items()
        }
