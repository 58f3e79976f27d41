"""Tables of runs in files: read CSV, JSON lines or Parquet, write the predictions; nothing half-written stays."""

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from headgate.errors import UsageError
from headgate.predict.table import COLUMNS, EXTRA

FORMATS = (".csv", ".jsonl", ".parquet")


def refuse_format(path: Path) -> NoReturn:
    """Refuse a file whose ending is of no table."""
    raise UsageError(f"{path}: the name ends in no known format. Tables end in {', '.join(FORMATS)}.")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a table: `.csv`, `.jsonl` or `.parquet`.

    Raises:
        UsageError: The file cannot be read, is no table, or two of its columns have one name.
    """
    suffix = path.suffix.casefold()
    if suffix not in FORMATS:
        refuse_format(path)
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file. Give the path of a table of runs.")
    if suffix == ".parquet":
        import polars

        return polars.read_parquet(path).rows(named=True)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(f"{path}: byte {problem.start} is not UTF-8. Save the table as UTF-8.") from None
    return _json_rows(path, text) if suffix == ".jsonl" else _csv_rows(path, text)


def _csv_rows(path: Path, text: str) -> list[dict[str, Any]]:
    reader = csv.reader(text.splitlines(keepends=True))
    try:
        header = [name.strip() for name in next(reader, [])]
        lines = [cells for cells in reader if cells]
    except csv.Error as problem:
        raise UsageError(f"{path}, line {reader.line_num}: {problem}. Correct the file.") from None
    if not any(header):
        raise UsageError(f"{path}: the first line names no columns. Put the header there.")
    if twice := [name for n, name in enumerate(header) if name and name in header[:n]]:
        raise UsageError(f"{path}: the column {twice[0]!r} stands in the header twice. Rename or remove one.")
    rows = []
    for cells in lines:
        row: dict[str, Any] = dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=False))
        rows.append({k: v for k, v in row.items() if k} | {EXTRA: ", ".join(c for c in cells[len(header) :] if c)})
    return rows


def _json_rows(path: Path, text: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as problem:
            raise UsageError(f"{path}, line {number}: it is not JSON: {problem}. Write one object a line.") from None
        if not isinstance(row, dict):
            raise UsageError(f"{path}, line {number}: it is no object. Write one object a line.")
        rows.append(row)
    return rows


def check_target(path: Path | None) -> None:
    """Refuse a file that cannot be written, before anything is computed.

    Raises:
        UsageError: Its ending is of no table, it is a folder, or its folder does not exist.
    """
    if path is None:
        return
    if path.suffix.casefold() not in FORMATS:
        refuse_format(path)
    if path.is_dir() or not path.parent.is_dir():
        why = "this is a folder; name a file in it" if path.is_dir() else f"the folder {path.parent} does not exist"
        raise UsageError(f"{path}: {why}.")


def write_rows(rows: Sequence[Mapping[str, Any]], path: Path | None, stream: IO[str]) -> None:
    """Write predicted rows; the final name appears only when all is written.

    Args:
        rows: From `predict_table`.
        path: A file ending in `.csv`, `.jsonl` or `.parquet`; None for CSV on the stream.
        stream: Standard output.

    Raises:
        UsageError: The file cannot be written there.
    """
    check_target(path)
    if path is None:
        _write_csv(rows, stream)
        return
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        half = folder / "out"
        if path.suffix.casefold() == ".parquet":
            import polars

            polars.DataFrame([dict(row) for row in rows], infer_schema_length=None).write_parquet(half)
        else:
            with half.open("w", encoding="utf-8", newline="") as lines:
                (_write_csv if path.suffix.casefold() == ".csv" else _write_json)(rows, lines)
        os.replace(half, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_json(rows: Sequence[Mapping[str, Any]], lines: IO[str]) -> None:
    lines.writelines(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)


def _write_csv(rows: Sequence[Mapping[str, Any]], lines: IO[str]) -> None:
    columns = list(dict.fromkeys([*COLUMNS, *(c for row in rows for c in row)]))
    writer = csv.DictWriter(lines, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
