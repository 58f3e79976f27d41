"""Numbers as people write them, and texts that a spreadsheet would take for a formula."""

import re

# What people write into a cell that has no number.
BLANK = ("-", "–", "n/a", "na", "null", "none")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
FORMULA = r"^(\t|\s*[=+\-@])"
SIGNED = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def digits(text: str) -> str:
    """Return the text of a number without the commas that group its thousands; words for nothing are blank.

    A comma anywhere else stays, so that the number is refused: `14,8` is fourteen point eight in half of the world.

    Example:
        >>> digits("2,048"), digits(" 12,288.5 "), digits("14,8"), digits("n/a")
        ('2048', '12288.5', '14,8', '')
    """
    stripped = text.strip()
    if stripped.casefold() in BLANK:
        return ""
    return stripped.replace(",", "") if GROUPED.fullmatch(stripped) else stripped


def guarded(text: str) -> str:
    """Return a text that a spreadsheet will not run: a leading = + - @ or tab gets an apostrophe, a number stays.

    Example:
        >>> guarded("=1+1"), guarded("-5"), guarded("-2,048.5"), guarded("x")
        ("'=1+1", '-5', '-2,048.5', 'x')
    """
    runs = re.search(FORMULA, text) and not re.search(SIGNED, digits(text))
    return f"'{text}" if runs else text
