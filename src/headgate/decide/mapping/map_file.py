"""Map files (`--map`): a file of somebody's own, or one that Headgate brings, read into a layout."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from headgate.decide.mapping.layout import Layout
from headgate.decide.mapping.map_keys import MapReader
from headgate.decide.mapping.shipped import shipped_names, shipped_text
from headgate.errors import UsageError, did_you_mean


def read_map(name: str | None, drafts: bool = False) -> Layout:
    """Read a map: a file, or one of those that Headgate brings.

    Args:
        name: Its path or name; None for no map.
        drafts: Read a draft too; nothing is decided by it.

    Raises:
        UsageError: It cannot be read or is a draft, or an entry of it cannot be used; the message says which and why.
    """
    if name is None:
        return Layout()
    return layout_of(name, map_text(name), drafts)


def with_options(layout: Layout, path: Path, sheet: str | None, heading_row: int | None) -> Layout:
    """Return a layout with what `--sheet` and `--heading-row` say of a file instead of what the map does.

    Raises:
        UsageError: The file has no sheets, or no such row.
    """
    kind = path.suffix.casefold()
    if sheet is not None and kind != ".xlsx":
        raise UsageError(f"--sheet {sheet}: {path} is no workbook and has no sheets; leave the option out")
    if heading_row is not None and (heading_row < 1 or kind not in (".xlsx", ".csv")):
        raise UsageError(f"--heading-row {heading_row}: rows count from 1, in a .xlsx or .csv file")
    if sheet is None and heading_row is None:
        return layout
    return replace(layout, sheet=sheet or layout.sheet, heading_row=heading_row or layout.heading_row)


def map_text(name: str) -> str:
    """Return the text of a map file or of a shipped map.

    Raises:
        UsageError: There is neither a file nor a shipped map of that name.
    """
    if name in shipped_names():
        return shipped_text(name)
    if not Path(name).exists():
        near = did_you_mean(name, shipped_names())
        raise UsageError(
            f"--map {name}: no such file, and no map of that name comes with Headgate.{near} `headgate map list` shows "
            "those that do"
        )
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise UsageError(f"--map {name}: it cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise UsageError(f"--map {name}: it is not UTF-8 at byte {problem.start}; save it as UTF-8") from None


def layout_of(name: str, text: str, drafts: bool = False) -> Layout:
    """Make a layout of the text of a map.

    Raises:
        UsageError: See `read_map`.
    """
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise UsageError(
            f"--map {name}: {problem}; it is no TOML. `headgate map show` shows how one is written"
        ) from None
    return MapReader(name, drafts).layout(found, text)
