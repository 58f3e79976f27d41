"""Folder names made of line ids: safe on every file system, one for each line, the same for the same book."""

import hashlib
import unicodedata

# Names that Windows keeps for devices, whatever stands behind a dot.
DEVICES = frozenset(("CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³")))
KEPT = "-_."
# A file system allows 255 bytes; a path on Windows 260 characters in all.
MOST_CHARACTERS, MOST_BYTES = 48, 120


def safe_name(line_id: str) -> str:
    """Return a line id as a folder name; what a file system could mistake becomes `_`.

    Example:
        >>> safe_name("SO-4101-2"), safe_name("../../etc"), safe_name("昇腾/910B"), safe_name("con.txt")
        ('SO-4101-2', 'etc', '昇腾_910B', '_con.txt')
    """
    found = ""
    for char in unicodedata.normalize("NFC", line_id):
        found += char if char in KEPT or unicodedata.category(char)[0] in "LMN" else "_"
    while "__" in found:
        found = found.replace("__", "_")
    # A dot at the start hides a folder and at the end is lost on Windows; a dash reads as an option.
    found = found.strip("._-")[:MOST_CHARACTERS]
    while len(found.encode()) > MOST_BYTES:
        found = found[:-1]
    found = found.rstrip("._-")
    return f"_{found}" if found.split(".")[0].upper() in DEVICES else found


def key_of(name: str) -> str:
    """Return what a file system may compare names by: neither case nor the way of composing a letter.

    Example:
        >>> key_of("SO-É") == key_of("so-e\\u0301")
        True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


class Names:
    """Gives every line a folder name of its own.

    Args:
        taken: Names that no line may have.

    Example:
        >>> names = Names()
        >>> names.of("SO-1", 1), names.of("so-1", 2), names.of(None, 3)
        ('SO-1', 'so-1-93f52e17', 'row-3')
    """

    def __init__(self, taken: tuple[str, ...] = ()) -> None:
        self.taken = {key_of(name) for name in taken}

    def of(self, line_id: str | None, row_number: int) -> str:
        """Return the name of the next line; one whose id cannot stand as it is ends in a hash of the id."""
        base = safe_name(line_id or "")
        mark = hashlib.sha256((line_id or "").encode()).hexdigest()[:8]
        hashed = f"{base or 'line'}-{mark}"
        found = base if line_id and base == line_id else f"row-{row_number}" if not line_id else hashed
        for other in (hashed, f"{hashed}-row-{row_number}"):
            if key_of(found) in self.taken:
                found = other
        n = 1
        while key_of(found) in self.taken:
            n += 1
            found = f"{hashed}-row-{row_number}-{n}"
        self.taken.add(key_of(found))
        return found
