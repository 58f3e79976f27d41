"""Headings as files spell them: found whatever their case, width and blanks, and reported as they stand."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence

from headgate.errors import UsageError, did_you_mean

SHOWN = 12


def fold(text: str) -> str:
    """Reduce a text to what two spellings of it share: no case, width, zero-width characters or doubled blanks.

    Example:
        >>> fold(" Sold-to\u00a0 Country\u200b"), fold("ＩＴＥＭ")
        ('sold-to country', 'item')
    """
    known = unicodedata.normalize("NFKC", text)
    seen = "".join(c for c in known if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(seen.casefold().split())


def quoted(text: str) -> str:
    r"""Write a text as TOML does.

    Example:
        >>> quoted('5" rack')
        '"5\\" rack"'
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


class Headings:
    """The headings of one file, found by what a map calls them.

    Args:
        names: As they stand in the file.
        where: The map, for messages.
    """

    def __init__(self, names: Sequence[str], where: str) -> None:
        self.names, self.where = names, where
        self.folded: dict[str, list[str]] = {}
        for name in names:
            self.folded.setdefault(fold(name), []).append(name)

    def find(self, name: str) -> str | None:
        """Return the heading that a map means, or None when the file has none.

        Raises:
            UsageError: Several headings look alike, and none is spelled exactly so.

        Example:
            >>> Headings(["Material "], "a.toml").find("material")
            'Material '
        """
        if name in self.names:
            return name
        alike = self.folded.get(fold(name), [])
        if len(alike) > 1:
            raise UsageError(
                f"--map {self.where}: {name!r} could be any of the headings {', '.join(map(repr, alike))}; "
                "write one of them exactly"
            )
        return alike[0] if alike else None

    def need(self, name: str, optional: Iterable[str] = ()) -> str | None:
        """Return the heading that a map means; None when it may be missing and is.

        Raises:
            UsageError: The file has no such heading; the message gives near ones.
        """
        found = self.find(name)
        if found is None and name not in optional:
            few = ", ".join(map(repr, self.names[:SHOWN])) + (", ..." if len(self.names) > SHOWN else "")
            raise UsageError(
                f"--map {self.where}: the file has no heading {name!r}.{did_you_mean(name, self.names)} "
                f"Its headings are {few}. Name it as it stands there, or list it under `optional`"
            )
        return found
