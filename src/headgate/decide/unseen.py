"""Characters of a cell that a reader does not see, or takes for others; a message names them."""

import unicodedata
from collections.abc import Iterator

# Letters of these look like Latin ones.
ALIKE = ("CYRILLIC", "GREEK", "FULLWIDTH")
SHOWN = 3


def unseen(text: str) -> str:
    """Return a sentence on the characters of a text that are not seen or look like others; empty when there are none.

    Example:
        >>> unseen("U\\u200bS"), unseen("US")
        (' It holds U+200B ZERO WIDTH SPACE, which is not seen; type it anew', '')
        >>> unseen("\\u0421N")
        ' It holds U+0421 CYRILLIC CAPITAL LETTER ES, which looks like another; type it anew'
    """
    kinds = ((_hidden(text), "is not seen", "are not seen"), (_alike(text), "looks like another", "look like others"))
    for found, one, several in kinds:
        names = list(dict.fromkeys(found))
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            told = one if len(names) == 1 else several
            return f" It holds {', '.join(names[:SHOWN])}{more}, which {told}; type it anew"
    return ""


def is_invisible(text: str) -> bool:
    """Say whether a text that is not blank has nothing in it that is seen.

    Example:
        >>> is_invisible("\u200b"), is_invisible("a\u200b"), is_invisible("")
        (True, False, False)
    """
    return bool(text) and not any(c.isprintable() and not c.isspace() for c in text)


def _hidden(text: str) -> Iterator[str]:
    for c in text:
        kind = unicodedata.category(c)
        if kind in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp") or (kind == "Zs" and c != " "):
            yield _named(c)


def _alike(text: str) -> Iterator[str]:
    for c in text:
        if ord(c) > 127 and unicodedata.name(c, "").startswith(ALIKE):
            yield _named(c)


def _named(c: str) -> str:
    return f"U+{ord(c):04X} {unicodedata.name(c, 'control character')}"
