"""Names of cells and columns as a spreadsheet shows them, and the size of its sheets."""

from collections.abc import Sequence

MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 1_048_576, 16_384, 3
# Longest text of a cell, in units of UTF-16.
MOST_TEXT = 32_767


def column_number(letters: str) -> int:
    """Return the number of a column, from 1.

    Example:
        >>> column_number("A"), column_number("XFD")
        (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column.

    Example:
        >>> column_letters(1), column_letters(16384)
        ('A', 'XFD')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell; row and column count from 1.

    Example:
        >>> cell_name(7, 28)
        'AB7'
    """
    return f"{column_letters(column)}{row}"


def listed(words: Sequence[str], most: int = 8) -> str:
    """Return words in a row, the last ones counted only.

    Example:
        >>> listed(["A1", "B2", "C3"], 2)
        'A1, B2 and 1 more'
    """
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more:,} more" if more > 0 else "")
