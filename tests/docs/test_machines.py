"""The page on machines is up to date: what is quick is computed, the rest is told by a hash of its inputs."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def script():
    before = list(sys.path)
    spec = importlib.util.spec_from_file_location("machines_script", ROOT / "scripts" / "machines.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.fixture(scope="module")
def text(script):
    return script.PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date(script, text):
    assert script.stale(text) == [], "run: make docs"


def test_a_missing_a_stale_and_an_older_block_are_named(script, text):
    without = text.replace("<!-- begin: six_parts -->", "")
    assert script.stale(without) == ["missing: six_parts"]
    other = text.replace("rubin-chip-5-bluefield4", "rubin-chip-5", 1)
    assert script.stale(other) == ["stale: six_parts"]
    older = re.sub(r"begin: authors from \w+", "begin: authors from 0", text)
    assert script.stale(older) == ["computed from older code or data: authors"]


def test_every_formula_with_an_equation_stands_on_the_page(script, text):
    for name in ("gemm_seconds", "gather_seconds", "bubble_seconds", "goodput_share", "usd_per_chip_hour"):
        assert f".{name}`" in text
    assert "arXiv:2104.04473" in text


def test_every_quantity_and_bar_is_shown(text):
    rows = text.split("### Left out, everything fitted again")[1].split("### Chip by chip")[0]
    for bar in (
        "| 8 % | 5 % |",
        "| 14 % | 9 % |",
        "| 20 % | 13 % |",
        "| 6 % | 4 % |",
        "| 18 % | 10 % |",
        "| 40 % | 25 % |",
    ):
        assert bar in rows


def test_links_lead_somewhere_and_tables_are_even(text):
    anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}
    assert [t for t in LINK.findall(text) if t.startswith("#") and t[1:] not in anchors] == []
    before = 0
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not (before and cells) or cells == before, line
        before = cells
