"""The page of screens shows a picture of every command that the script draws, and nothing else."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def script(monkeypatch):
    """Load scripts/screens.py."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location("screens_script", ROOT / "scripts" / "screens.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "screens_script", module)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_what_the_script_draws(monkeypatch):
    screens = script(monkeypatch)
    assert screens.PAGE.read_text(encoding="utf-8") == screens.text(), "run: make screens"
    drawn = {path.stem for path in screens.FOLDER.iterdir()}
    assert drawn == {shot.name for shot in screens.shots()}


def test_a_terminal_and_a_chart_are_drawn(monkeypatch, tmp_path):
    screens = script(monkeypatch)
    (greeting,) = [shot for shot in screens.shots() if shot.name == "greeting"]
    assert greeting.draw(tmp_path).startswith(b"\x89PNG")
    monkeypatch.setattr(screens, "browser", lambda: None)
    (memo,) = [shot for shot in screens.shots() if shot.name == "memo-html"]
    assert memo.draw(tmp_path) is None
