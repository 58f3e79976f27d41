"""JSON Lines in: one object a line; a line that is none never stops a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.decide.chunk import Chunk
from headgate.decide.given_file import MOST_LINE, refuse_other_kind, whole_lines

if TYPE_CHECKING:
    from polars import DataFrame

CHUNK_ROWS = 50_000


def jsonl_chunks(path: Path, always: Iterable[str]) -> Iterator[Chunk]:
    """Read a file of JSON Lines.

    Args:
        path: The file.
        always: Columns that are there although no line names them.

    Raises:
        UsageError: It is of another kind, or a line is longer than a line can be.
    """
    rows: list[dict[str, str | None]] = []
    broken: dict[int, str] = {}
    names: dict[str, None] = dict.fromkeys(always)
    with path.open("rb") as file:
        for number, raw in enumerate(whole_lines(path, file, MOST_LINE)):
            if number == 0:
                _check_start(path, raw)
            line = raw.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            found = {}
            try:
                found = _object(line)
            except ValueError as problem:
                broken[len(rows)] = f"the line is no JSON object: {problem}"
            rows.append({k: json_text(v) for k, v in found.items()})
            names.update(dict.fromkeys(found))
            if len(rows) >= CHUNK_ROWS:
                yield Chunk(_frame(names, rows), broken)
                rows, broken = [], {}
    yield Chunk(_frame(names, rows), broken)


def _check_start(path: Path, first: bytes) -> None:
    refuse_other_kind(path, first)
    if first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        refuse_other_kind(path, first, "one JSON array, not JSON Lines; write one object a line, without the brackets")


def _object(line: bytes) -> dict[str, Any]:
    """Read one object.

    Raises:
        ValueError: It is none; the message says why.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError as problem:
        raise ValueError(f"it is not UTF-8 at byte {problem.start} (0x{line[problem.start]:02x})") from None
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_int=_whole)
    except RecursionError:
        raise ValueError("it is nested too deeply; write numbers, texts and lists") from None
    if not isinstance(found, dict):
        raise ValueError("every line holds one whole object, as {...}")
    if "" in found:
        raise ValueError("a name in it is blank")
    if "\\ud" in text.lower():
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half a character (a lone surrogate, as \\ud800)") from None
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a name that stands twice is refused, because one of the two would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def _whole(digits: str) -> int | float:
    """Read a whole number; one of more digits than any fact has is as good as infinite."""
    return int(digits) if len(digits) < sys.int_info.default_max_str_digits else float(digits)


def _frame(names: Mapping[str, None], rows: list[dict[str, str | None]]) -> DataFrame:
    import polars as pl

    return pl.DataFrame([pl.Series(n, [r.get(n) for r in rows], dtype=pl.String) for n in names])


def json_text(value: Any) -> str | None:
    """Write a JSON value the way a CSV cell would hold it.

    Example:
        >>> json_text(True), json_text(4800.0), json_text(["CN", "HK"]), json_text(None)
        ('yes', '4800', 'CN;HK', None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(json_text(v) or "" for v in value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value) if isinstance(value, dict) else str(value)
