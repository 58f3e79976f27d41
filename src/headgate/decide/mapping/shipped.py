"""The maps that Headgate brings, for extracts as common systems write them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped maps.

    Example:
        >>> "oracle-orders" in shipped_names()
        True
    """
    folder = files("headgate").joinpath("data", "maps")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def shipped_text(name: str) -> str:
    """Return the text of a shipped map."""
    return files("headgate").joinpath("data", "maps", f"{name}.toml").read_text(encoding="utf-8")


def shipped_title(name: str) -> str:
    """Return the first line of a shipped map, which says what it is for."""
    return shipped_text(name).partition("\n")[0].lstrip("# ")
