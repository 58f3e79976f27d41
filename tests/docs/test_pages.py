"""The generated pages are there and fresh, their links lead somewhere, and every provision has what it must have."""

import importlib.util
import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from headgate.law.provision import Provision
from headgate.law.us import book
from headgate.law.us.coverage import coverage, row_of

from ..law.test_provisions import needed

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "law"
KIND = {"true": "yes", "false": "no", "unknown": "unknown", "not_in_force": "not in force"}
LINK = re.compile(r"\]\(([^)\s]+)\)")


def script(name):
    """Load a script."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages():
    before = list(sys.path)
    found = script("pages")
    sys.path[:] = before
    return found


@pytest.fixture(scope="module")
def texts(pages):
    return pages.all_pages()


def test_the_pages_are_up_to_date(pages, texts):
    assert pages.faults(texts, FOLDER) == [], "run: make docs"


def test_pages_are_written_alike_every_time(pages, texts):
    assert pages.all_pages() == texts


def test_a_missing_a_stale_and_an_orphaned_page_are_named_and_mended(pages, tmp_path):
    wanted = {"a.md": "a\n", "b.md": "b\n"}
    (tmp_path / "b.md").write_text("old\n", encoding="utf-8")
    (tmp_path / "c.md").write_text("c\n", encoding="utf-8")
    assert pages.faults(wanted, tmp_path) == ["missing: a.md", "stale: b.md", "orphaned: c.md"]
    pages.write(wanted, tmp_path)
    assert pages.faults(wanted, tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.md", "b.md"]


def headings(text, anchor):
    return {anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}


def test_every_link_leads_somewhere(pages, texts):
    anchors = {name: headings(text, pages.anchor) for name, text in texts.items()}
    hand_written = {"../README.md": (ROOT / "docs" / "README.md").read_text(encoding="utf-8")}
    dead = []
    for name, text in {**texts, **hand_written}.items():
        for target in LINK.findall(text):
            file, _, heading = target.partition("#")
            if target.startswith("https://"):
                continue
            if file and file not in texts and not (FOLDER / name).parent.joinpath(file).exists():
                dead.append((name, target))
            if heading and heading not in anchors.get(file or name, ()):
                dead.append((name, target))
    assert dead == []


def test_tables_have_as_many_cells_in_every_row(texts):
    uneven = []
    for name, text in texts.items():
        before = 0
        for line in text.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            if before and cells and cells != before:
                uneven.append((name, line))
            before = cells
    assert uneven == []


@pytest.mark.parametrize("id", book().ids())
def test_every_provision_is_covered_cited_tested_and_has_a_page(id, texts):
    row = row_of(id, coverage())
    assert row is not None
    assert id in row.ids(book())
    versions = book().versions(id)
    assert all(p.cite.section and p.cite.read_on for p in versions)
    text = texts[f"{id}.md"]
    kinds = {line.split(" | ")[0].removeprefix("| ") for line in text.split("## Cases")[1].splitlines()}
    assert {KIND[kind] for p in versions for kind in needed(p)} - kinds == set()
    flat = text.replace("\\", "").replace("&lt;", "<")
    for p in versions:
        assert p.says in flat
        assert p.note in flat
        assert str(p.cite) in flat
        assert str(p.start) in text
        assert p.end is None or "ended by" in text
        assert all(f"`{t.id}`" in text for t in p.thresholds())
    assert f"({id}.md)" in texts["README.md"]
    assert row.reason in flat


SHOWN = """
    id stage says when start cite mark end binds_from track eccn paragraph over prohibits frees exception covers needs
    policy rate flag weight known_from ended_by review_by note
"""


def test_a_page_shows_every_field_of_a_provision():
    """A new field of `Provision` gets its line in scripts/provision_page.py, and its name here."""
    assert {f.name for f in fields(Provision)} == set(SHOWN.split())


def test_a_page_shows_what_changed(texts):
    text = texts["us.ear.742_6.b_10.denial.md"]
    assert "**What changed** against the version of 2024-04-04:" in text
    assert "- now asked: not [`us.ear.742_6.b_10_iii.gate`](us.ear.742_6.b_10_iii.gate.md)" in text
    assert "- no longer enough: [`us.letter.2023_10_23`](us.letter.2023_10_23.md)" in text


def test_a_page_shows_an_ending_a_gap_and_both_tracks(texts):
    text = texts["us.ear.744_11.affiliates.md"]
    assert "last day 2025-11-09, ended by [15 CFR 744.11 (90 FR 50857)]" in text
    assert "no version was in force from 2025-11-10 to 2026-11-09" in text
    assert "## From 2025-05-15, printed only" in texts["us.ear.742_6.b_10.approval.md"]
