"""Tables of runs in files: read CSV, JSON lines or Parquet, write the predictions; nothing half-written stays."""

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from headgate.errors import UsageError
from headgate.predict.table import COLUMNS, EXTRA, passed
from headgate.units import guarded

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
        return _parquet_rows(path)
    try:
        # Decoded by hand: line breaks inside a cell stay as they are.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(f"{path}: byte {problem.start} is not UTF-8. Save the table as UTF-8.") from None
    return _json_rows(path, text) if suffix == ".jsonl" else _csv_rows(path, text)


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    import polars

    try:
        return polars.read_parquet(path).rows(named=True)
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as problem:
        why = (str(problem).splitlines() or ["no reason is told"])[0]
        raise UsageError(f"{path}: it cannot be read as Parquet: {why}. Write the table again.") from None


def _csv_rows(path: Path, text: str) -> list[dict[str, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    limit = csv.field_size_limit(max(len(text), csv.field_size_limit()))
    try:
        header = [name.strip() for name in next(reader, [])]
        # A line of blanks alone is no row.
        lines = [cells for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as problem:
        raise UsageError(f"{path}, line {reader.line_num}: {problem}. Correct the file.") from None
    finally:
        csv.field_size_limit(limit)
    if not any(header):
        raise UsageError(f"{path}: the first line names no columns. Put the header there.")
    if len(header) == 1 and ";" in header[0]:
        raise UsageError(f"{path}: the columns seem to be separated by semicolons. Save the table with commas.")
    if twice := [name for n, name in enumerate(header) if name and name in header[:n]]:
        raise UsageError(f"{path}: the column {twice[0]!r} stands in the header twice. Rename or remove one.")
    rows = []
    for cells in lines:
        row: dict[str, Any] = dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=False))
        rows.append({k: v for k, v in row.items() if k} | {EXTRA: ", ".join(c for c in cells[len(header) :] if c)})
    return rows


def _json_rows(path: Path, text: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as problem:
            raise UsageError(f"{path}, line {number}: it is not JSON: {problem}. Write one object a line.") from None
        except RecursionError:
            raise UsageError(f"{path}, line {number}: it is nested too deeply. Write numbers and texts.") from None
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


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the columns that the predictions of a table have.

    Example:
        >>> columns_of([{"row_id": "a", "desk": "7"}, {"site": "B"}])[-3:]
        ['error', 'desk', 'site']
    """
    return [*COLUMNS, *passed(dict.fromkeys(c for row in rows for c in row))]


def write_rows(
    rows: Iterable[Mapping[str, Any]], path: Path | None, stream: IO[str], columns: Sequence[str] | None = None
) -> None:
    """Write predicted rows as they come; the final name appears only when all is written.

    In CSV a text that a spreadsheet would run is guarded by an apostrophe; `row_id` stays, so that it can be joined.

    Args:
        rows: From `predict_table`.
        path: A file ending in `.csv`, `.jsonl` or `.parquet`; None for CSV on the stream.
        stream: Standard output.
        columns: Those of a CSV; None for all that the rows have, which are then held in memory.

    Raises:
        UsageError: The file cannot be written there.
    """
    check_target(path)
    if path is None:
        _write_csv(rows, stream, columns)
        return
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as problem:
        # Nobody asked for the folder: the error names what was asked for.
        raise OSError(problem.errno, problem.strerror, str(path)) from None
    try:
        half = folder / "out"
        if path.suffix.casefold() == ".parquet":
            import polars

            polars.DataFrame([dict(row) for row in rows], infer_schema_length=None).write_parquet(half)
        else:
            with half.open("w", encoding="utf-8", newline="") as lines:
                if path.suffix.casefold() == ".csv":
                    _write_csv(rows, lines, columns)
                else:
                    _write_json(rows, lines)
        os.replace(half, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_json(rows: Iterable[Mapping[str, Any]], lines: IO[str]) -> None:
    lines.writelines(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)


class _Lines:
    """Ends lines with a line feed alone, though the writer quotes a carriage return in a cell only as a line's end."""

    def __init__(self, lines: IO[str]) -> None:
        self.lines = lines

    def write(self, line: str) -> int:
        """Write one line that ends in both."""
        return self.lines.write(line.removesuffix("\r\n") + "\n")


def _write_csv(rows: Iterable[Mapping[str, Any]], lines: IO[str], columns: Sequence[str] | None = None) -> None:
    if columns is None:
        rows = list(rows)
        columns = list(dict.fromkeys([*COLUMNS, *(c for row in rows for c in row)]))
    writer = csv.writer(_Lines(lines), lineterminator="\r\n")
    writer.writerow([guarded(name) for name in columns])
    for row in rows:
        writer.writerow([_cell(name, row.get(name)) for name in columns])


def _cell(column: str, value: Any) -> Any:
    """Return a value as it stands in a CSV."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return guarded(value) if isinstance(value, str) and column != "row_id" else value
