"""The README shows what the commands print, and covers what the book has."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def script():
    """Load scripts/readme.py."""
    spec = importlib.util.spec_from_file_location("readme_script", ROOT / "scripts" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_shows_what_the_commands_print(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script().filled(text) == text, "run: .venv/bin/python scripts/readme.py"


def test_every_section_stands_in_the_coverage_table():
    from headgate.law.us.coverage import coverage

    table = script().coverage()
    assert [row.section for row in coverage() if f"| {row.section} |" not in table] == []
    assert table in (ROOT / "README.md").read_text(encoding="utf-8"), "run: make docs"
