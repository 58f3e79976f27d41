"""Measure the main job and its peers, side by side in one run.

    .venv/bin/python benchmarks/run.py [ROWS]

Prints a table for benchmarks/README.md: start-up, one decision, and ROWS (default 1,000,000) rows of CSV and Parquet
next to the time to merely copy the same file with Polars and with DuckDB. Every file job is a process of its own.
"""

import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADGATE = str(Path(sys.executable).with_name("headgate"))
RUNS = 5

POLARS = "import polars as pl; pl.scan_{0}({1!r}).sink_{0}({2!r})"
DUCKDB = "import duckdb; duckdb.sql(\"COPY (FROM '{1}') TO '{2}' (FORMAT {0})\")"


def seconds(command: list[str], runs: int) -> tuple[float, float, float]:
    """Return the least, median and most wall seconds of some runs of a command."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        taken.append(time.perf_counter() - start)
    return min(taken), statistics.median(taken), max(taken)


def job(command: list[str]) -> tuple[float, float]:
    """Return wall seconds and peak memory in MB of one command."""
    watch = (
        "import resource, subprocess, sys, time; t = time.perf_counter(); "
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
        "print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000)"
    )
    found = subprocess.run([sys.executable, "-c", watch, *command], capture_output=True, text=True, check=True)
    wall, memory = found.stdout.split()
    return float(wall), float(memory)


def write_books(folder: Path, rows: int) -> None:
    """Write an order book that repeats the example, and one in which nearly every row is different."""
    import polars as pl

    example = pl.read_csv(ROOT / "examples" / "orders.csv", infer_schema=False)
    ids = pl.int_range(rows, eager=True).cast(pl.String).alias("line_id")
    book = pl.concat([example] * (rows // example.height + 1))[:rows].with_columns(ids)
    book.write_csv(folder / "repeated.csv")
    book.write_parquet(folder / "repeated.parquet")
    draw = random.Random(1)
    columns = {name: example[name].drop_nulls().unique(maintain_order=True).to_list() for name in example.columns}
    left = (
        "line_id",
        "tpp",
        "item_kind",
        "contains",
        "die_area_mm2",
        "dram_bandwidth_gb_per_s",
        "io_bandwidth_gb_per_s",
        "maker",
    )
    random_book = {
        name: draw.choices([*values, None], k=rows) for name, values in columns.items() if name not in left and values
    }
    pl.DataFrame(random_book).insert_column(0, ids).write_csv(folder / "random.csv")


def start_up() -> None:
    """Time the command line from cold."""
    explain = "explain --item nvidia-h200-sxm --from US --to CN --on 2026-02-15".split()
    for name, command, limit in (
        ("`headgate --help`", [HEADGATE, "--help"], 0.3),
        ("`headgate explain ...`", [HEADGATE, *explain], 0.8),
    ):
        low, middle, high = seconds(command, 15)
        print(f"| {name} | {middle:.3f} s ({low:.3f} to {high:.3f}) | {limit} s |")


def one_decision() -> None:
    """Time one decision in a warm process: a pattern met before, and one met for the first time."""
    from headgate.decide.one import Decider

    bare = {
        "item": "nvidia-h200-sxm",
        "activity": "export",
        "ship_from": "US",
        "destination": "CN",
        "event_date": "2026-02-15",
    }
    decider = Decider()
    for name, assume in (("bare", None), ("--assume clean", "clean")):
        decider.decide(bare, assume, None)
        best = min(timed(lambda a=assume: decider.decide(bare, a, None)) for _ in range(RUNS))
        print(f"| one traced decision, {name}, pattern met before | {best * 1e6:.0f} us | 100 us |")

    def fresh() -> None:
        decider._worked.clear()
        decider._shown.clear()
        decider.decide(bare, None, None)

    print(
        f"| the same, every pattern met for the first time | {min(timed(fresh) for _ in range(RUNS)) * 1e6:.0f} us | |"
    )


def timed(call, count: int = 2000) -> float:
    """Return seconds a call."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def books(rows: int) -> None:
    """Decide order books, next to copying them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_books(folder, rows)
        for kind, file in (("csv", "repeated.csv"), ("parquet", "repeated.parquet"), ("csv", "random.csv")):
            path, out = str(folder / file), str(folder / f"out.{kind}")
            jobs = {
                "headgate decide": [HEADGATE, "decide", path, "-o", out],
                "Polars copies the file": [sys.executable, "-c", POLARS.format(kind, path, out)],
                "DuckDB copies the file": [sys.executable, "-c", DUCKDB.format(kind, path, out)],
            }
            found = {label: [job(command) for _ in range(3)] for label, command in jobs.items()}
            for label, runs in found.items():
                walls = sorted(w for w, _ in runs)
                memory = max(m for _, m in runs)
                ratio = statistics.median(walls) / statistics.median(w for w, _ in found["Polars copies the file"])
                limit = "15 s, 1,500 MB" if label == "headgate decide" else ""
                what = f"{rows:,} rows, {file}: {label}"
                spread = f"{walls[1]:.2f} s ({walls[0]:.2f} to {walls[-1]:.2f})"
                print(f"| {what} | {spread}, {memory:,.0f} MB, {ratio:.1f}x | {limit} |")


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print("| what | measured | limit |\n|---|---|---|")
    start_up()
    one_decision()
    books(rows)
    print(f"\nPeak memory of this script: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB")


if __name__ == "__main__":
    main()
