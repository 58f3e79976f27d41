"""Importing Headgate is light: no table engine, no arrays and no pictures before they are asked for."""

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "headgate"
HEAVY = {"polars", "duckdb", "altair", "vl_convert", "scipy"}


def loaded_by(modules: list[str]) -> set[str]:
    """Return the top-level packages loaded in a fresh interpreter after importing some modules."""
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def all_modules() -> list[str]:
    names = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name == "__main__.py":
            continue
        parts = ("headgate", *path.relative_to(SOURCE).with_suffix("").parts)
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def test_importing_headgate_or_its_command_loads_no_table_engine_and_no_arrays() -> None:
    assert loaded_by(["headgate", "headgate.cli.main"]) & (HEAVY | {"numpy"}) == set()


def test_importing_every_module_loads_no_table_engine() -> None:
    names = all_modules()
    assert "headgate.catalog.countries" in names
    assert loaded_by(names) & HEAVY == set()


def test_the_check_would_see_one() -> None:
    assert "polars" in loaded_by(["polars"])
