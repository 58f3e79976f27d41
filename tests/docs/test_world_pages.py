"""The pages about the world speak of the stored posterior and of every scenario, and their pictures are there."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "h200-opened.md", "diffusion-rule-kept.md", "october-2022-only.md")


@pytest.fixture(scope="module")
def script():
    before = list(sys.path)
    sys.path.insert(0, str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location("world_script", ROOT / "scripts" / "world.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def test_the_pages_are_of_the_stored_posterior_and_name_every_scenario(script) -> None:
    assert script.check() == []


def test_the_check_finds_a_page_of_another_posterior(script, tmp_path, monkeypatch) -> None:
    for name in PAGES:
        (tmp_path / name).write_text(
            (script.DOCS / name).read_text("utf-8").replace("posterior `", "posterior `0"), "utf-8"
        )
    monkeypatch.setattr(script, "DOCS", tmp_path)
    assert len(script.check()) == len(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_is_there_and_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / "docs" / "world" / name
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_front_page_has_no_empty_block() -> None:
    assert not re.search(r"@[A-Z_]+@", (ROOT / "docs" / "world" / "README.md").read_text("utf-8"))


@pytest.mark.parametrize(
    ("value", "words"), [(1234567, "1.2 million"), (-4321, "-4.3 thousand"), (12.34, "12"), (0, "0")]
)
def test_amounts_in_words(script, value: float, words: str) -> None:
    assert script.amount(value) == words
