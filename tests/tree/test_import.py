"""Importing Headgate is light: no table engine, no arrays and no pictures before they are asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "headgate"
HEAVY = {"polars", "duckdb", "altair", "vl_convert", "scipy", "xarray", "pandas", "jax", "numpyro"}
HEAVY |= {"python_calamine", "xlsxwriter", "typst", "shtab"}
# The two rooms written in JAX; whoever needs them imports them inside a function.
TRACED = ("headgate.world.quarter", "headgate.world.fit")


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
    names = [name for name in all_modules() if not name.startswith(TRACED)]
    assert {"headgate.catalog.countries", "headgate.world.run", "headgate.cli.main"} <= set(names)
    assert loaded_by(names) & HEAVY == set()


def test_only_the_rooms_written_in_jax_load_it() -> None:
    names = [name for name in all_modules() if name.startswith(TRACED)]
    assert set(TRACED) <= set(names)
    found = loaded_by(names)
    assert found & HEAVY >= {"jax", "numpyro"}
    assert found & {"polars", "duckdb", "altair", "vl_convert", "xarray", "pandas"} == set()


@pytest.mark.parametrize("name", ["claims", "claims_stored", "posterior", "results", "build", "run", "backtest"])
def test_what_reads_stored_results_loads_no_jax(name: str) -> None:
    assert loaded_by([f"headgate.world.{name}"]) & HEAVY == set()


def test_a_world_is_put_together_without_jax() -> None:
    """Lanes are decided and fingerprints compared before anything is compiled, also under a scenario of quantities."""
    code = (
        "import sys, headgate\n"
        "from headgate.scenario.record import read_scenario\n"
        "from headgate.world.build import world\n"
        "told = read_scenario('chip-security')\n"
        "assert world(headgate.law(), told.id, told.start, told.priors).fingerprints(16)\n"
        "assert not {'jax', 'numpyro', 'scipy', 'altair'} & set(sys.modules), 'loaded'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_check_would_see_one() -> None:
    assert "polars" in loaded_by(["polars"])
