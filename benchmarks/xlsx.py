"""Measure workbooks in and out beside the other ways, side by side in one run.

    .venv/bin/python benchmarks/xlsx.py [ROWS]

Prints a table for benchmarks/README.md: ROWS (default 100,000) lines of the example order book, repeated, read, decided
and written as a workbook and as CSV, and the same table read and written by other libraries. openpyxl and fastexcel are
measured where they are installed. Every job is a process of its own; processor seconds, because they are steadier than
those of the clock, and peak memory.
"""

import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WATCH = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)
"""
READING = """
from pathlib import Path
from headgate.decide.read_xlsx import xlsx_chunks
for chunk in xlsx_chunks(Path({0!r})): pass
"""
LOOKING = """
from pathlib import Path
from headgate.decide.workbook.package import Package
from headgate.decide.workbook.scan import scan_sheet
book = Package(Path({0!r}))
scan_sheet(book.blocks(book.sheets[0].part))
"""
CALAMINE = "import python_calamine as c; c.load_workbook({0!r}).get_sheet_by_index(0).to_python()"
POLARS = "import polars as pl; pl.read_excel({0!r}, infer_schema_length=0)"
OPENPYXL = """
import openpyxl
for row in openpyxl.load_workbook({0!r}, read_only=True).active.iter_rows(values_only=True): pass
"""
DECIDE = """
import sys
from pathlib import Path
from headgate.decide.book_run import decide_file
from headgate.decide.write import Writer
with Writer(Path({1!r}), sys.stdout.buffer) as writer: decide_file(Path({0!r}), writer)
"""
POLARS_OUT = "import polars as pl; pl.read_csv({0!r}, infer_schema=False).write_excel({1!r})"
OPENPYXL_OUT = """
import csv, openpyxl
book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet()
for row in csv.reader(open({0!r}, encoding='utf-8')): sheet.append(row)
book.save({1!r})
"""
# Name to the package it needs, what it reads, what it writes, and what it runs.
READ = {
    "Headgate reads the workbook": ("", "orders.xlsx", "", READING),
    "of it the look over the sheet": ("", "orders.xlsx", "", LOOKING),
    "python-calamine reads it to lists": ("", "orders.xlsx", "", CALAMINE),
    "Polars reads it (fastexcel), all texts": ("fastexcel", "orders.xlsx", "", POLARS),
    "openpyxl reads it, read-only": ("openpyxl", "orders.xlsx", "", OPENPYXL),
}
DECIDED = {
    "`headgate decide`, CSV to CSV": ("", "orders.csv", "out.csv", DECIDE),
    "`headgate decide`, workbook to CSV": ("", "orders.xlsx", "out.csv", DECIDE),
    "`headgate decide`, CSV to workbook of four sheets": ("", "orders.csv", "out.xlsx", DECIDE),
}
WRITTEN = {
    "Polars writes the decisions as one sheet": ("", "out.csv", "other.xlsx", POLARS_OUT),
    "openpyxl writes them as one sheet, write-only": ("openpyxl", "out.csv", "other.xlsx", OPENPYXL_OUT),
}
# How often each job runs, and the jobs that take long.
RUNS, FEW_RUNS = 3, 1


def job(code: str) -> tuple[float, float]:
    """Return processor seconds and peak memory in MB of one piece of Python."""
    found = subprocess.run([sys.executable, "-c", WATCH, code], capture_output=True, text=True, check=True)
    seconds, memory = found.stdout.split()
    return float(seconds), float(memory)


def measured(name: str, code: str, runs: int, floor: float | None) -> float:
    """Measure a job and print its row; return its median seconds."""
    found = [job(code) for _ in range(runs)]
    taken = sorted(seconds for seconds, _ in found)
    median, memory = statistics.median(taken), max(memory for _, memory in found)
    span = f" ({taken[0]:.2f} to {taken[-1]:.2f})" if runs > 1 else ""
    ratio = f", {median / floor:.1f}x" if floor else ""
    print(f"| {name} | {median:.2f} s{span}, {memory:,.0f} MB{ratio} |", flush=True)
    return median


def write_books(folder: Path, rows: int) -> None:
    """Write the example order book, repeated, as CSV and as a workbook with shared strings, as spreadsheets save it."""
    import polars as pl
    import xlsxwriter

    example = pl.read_csv(ROOT / "examples" / "orders.csv", infer_schema=False)
    ids = pl.int_range(rows, eager=True).cast(pl.String).alias("line_id")
    orders = pl.concat([example] * (rows // example.height + 1))[:rows].with_columns(ids)
    orders.write_csv(folder / "orders.csv")
    blank = {name: orders[name].cast(pl.Float64, strict=False).null_count() for name in orders.columns}
    numbers = {name for name, count in blank.items() if count == orders[name].null_count()} - {"line_id"}
    book = xlsxwriter.Workbook(folder / "orders.xlsx")
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, orders.columns)
    for number, row in enumerate(orders.iter_rows(), 1):
        for place, (name, cell) in enumerate(zip(orders.columns, row, strict=True)):
            if cell is not None and name in numbers:
                sheet.write_number(number, place, float(cell))
            elif cell is not None:
                sheet.write_string(number, place, cell)
    book.close()


def main(rows: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_books(folder, rows)
        size = (folder / "orders.xlsx").stat().st_size / 1e6
        print(f"| {rows:,} lines; the workbook has {size:.1f} MB | processor seconds, peak memory |\n|---|---|")
        for jobs in (READ, DECIDED, WRITTEN):
            floor = None
            for name, (package, source, target, code) in jobs.items():
                if not package or find_spec(package):
                    text = code.format(str(folder / source), str(folder / target))
                    seconds = measured(name, text, FEW_RUNS if jobs is WRITTEN else RUNS, floor)
                    floor = floor or seconds


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
