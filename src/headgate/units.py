"""Numbers as people write them."""

import re

GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


def digits(text: str) -> str:
    """Return the text of a number without the commas that group its thousands.

    A comma anywhere else stays, so that the number is refused: `14,8` is fourteen point eight in half of the world.

    Example:
        >>> digits("2,048"), digits(" 12,288.5 "), digits("14,8")
        ('2048', '12288.5', '14,8')
    """
    stripped = text.strip()
    return stripped.replace(",", "") if GROUPED.fullmatch(stripped) else stripped
