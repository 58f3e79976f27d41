"""Small rooms and plain words: sizes of files and functions, and words and addresses that do not belong here."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "headgate"

# The patterns are written so that they do not match themselves.
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|NotImplemented[E]rror)\b")
BRITISH = re.compile(r"licen[c]e|organi[s](?!m)|authori[s]", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.~])/(?:wor[k]|roo[t]|hom[e])/")
INDEX = re.compile(r"pypi\.or[g]|pythonhoste[d]|--(?:extra-)?index-ur[l]|--find-link[s]")
NOTES = re.compile(r"\bshare[d]/")
ADDRESS = re.compile(r"https?://\S+")


def module_lines(text: str) -> int:
    return len(text.splitlines())


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def too_long(path: Path, source: Path) -> Iterator[str]:
    """Yield what in one source file is over its budget."""
    text = path.read_text(encoding="utf-8")
    where = path.relative_to(source).as_posix()
    limit = 200 if where.startswith("law/us/") else 299
    if module_lines(text) > limit:
        yield f"{where}: {module_lines(text)} lines, over {limit}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_lines(node) >= 60:
            yield f"{where}:{node.lineno}: {node.name} has {function_lines(node)} lines, 60 or more"


def tracked() -> list[Path]:
    """Return the files that are or would be tracked; without git, every file that is not plainly made by a tool."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if asked.returncode == 0:
        names = asked.stdout.decode().split("\0")
        paths = [ROOT / name for name in names if name]
    else:
        made = {".git", ".venv", "build", "dist", "__pycache__"}
        paths = [p for p in ROOT.rglob("*") if not any(x in made or "cache" in x for x in p.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    """Return the text of a file, or nothing when it is binary."""
    raw = path.read_bytes()
    return "" if b"\0" in raw else raw.decode("utf-8")


def hits(paths: list[Path], pattern: re.Pattern[str], *, in_addresses: bool = True) -> list[str]:
    """Return where a pattern stands, line by line; on request, not inside web addresses."""
    found = []
    for path in paths:
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            match = pattern.search(line if in_addresses else ADDRESS.sub("", line))
            if match:
                found.append(f"{path.name}:{number}: {match[0]}")
    return found


def test_files_and_functions_keep_their_budgets() -> None:
    assert [each for path in sorted(SOURCE.rglob("*.py")) for each in too_long(path, SOURCE)] == []


def test_nothing_is_left_unfinished() -> None:
    assert hits([p for p in tracked() if p.is_relative_to(ROOT / "src")], UNFINISHED) == []


def test_spelling_is_american() -> None:
    places = (ROOT / "src", ROOT / "docs", ROOT / "README.md")
    paths = [path for path in tracked() if any(path.is_relative_to(place) for place in places)]
    assert hits(paths, BRITISH, in_addresses=False) == []


def test_no_path_of_a_machine_and_no_package_index_is_written_down() -> None:
    assert hits(tracked(), MACHINE, in_addresses=False) + hits(tracked(), INDEX) == []


def test_the_source_does_not_lean_on_notes_outside() -> None:
    assert hits([p for p in tracked() if p.is_relative_to(ROOT / "src")], NOTES) == []


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("law/us/ear/x.py", "x = 1\n" * 201, "201 lines, over 200"),
        ("law/book.py", "x = 1\n" * 300, "300 lines, over 299"),
        ("law/book.py", "def f():\n" + "    x = 1\n" * 59, "f has 60 lines"),
        ("law/book.py", "class A:\n    async def f(self):\n" + "        x = 1\n" * 59, "f has 60 lines"),
    ],
)
def test_the_count_catches(tmp_path: Path, path: str, text: str, says: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    found = list(too_long(file, tmp_path))
    assert len(found) == 1
    assert says in found[0]


def test_the_count_leaves_docstrings_out(tmp_path: Path) -> None:
    file = tmp_path / "book.py"
    file.write_text('def f():\n    """' + "x\n" * 100 + '"""\n' + "    x = 1\n" * 58, encoding="utf-8")
    assert list(too_long(file, tmp_path)) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (UNFINISHED, "x = 1  # TO" + "DO later"),
        (UNFINISHED, "raise NotImplemented" + "Error"),
        (BRITISH, "a Licen" + "ce is required"),
        (BRITISH, "an organi" + "sation"),
        (MACHINE, "see /ro" + "ot/x"),
        (MACHINE, "'/ho" + "me/me/x'"),
        (INDEX, "--index-" + "url x"),
        (INDEX, "files.python" + "hosted.org"),
        (NOTES, "share" + "d/law"),
    ],
)
def test_the_words_are_caught(tmp_path: Path, pattern: re.Pattern[str], text: str) -> None:
    file = tmp_path / "x.py"
    file.write_text(f"fine\n{text}\n", encoding="utf-8")
    assert [each.rpartition(":")[0] for each in hits([file], pattern)] == ["x.py:2"]


@pytest.mark.parametrize("text", ["an organism", "src/headgate/work", "https://example.org/home/new-licen" + "ce.html"])
def test_innocent_words_pass(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.py"
    file.write_text(text, encoding="utf-8")
    assert hits([file], BRITISH, in_addresses=False) + hits([file], MACHINE, in_addresses=False) == []
