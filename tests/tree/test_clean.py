"""A clean install: everything is pinned by hash, and nothing names a place to get it from."""

import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][^ ;]*)(?: ; [^\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def logical_lines(text: str) -> list[str]:
    """Return the lines of a requirements file with continuations joined."""
    return [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def faults(text: str) -> list[str]:
    """Return the lines of a lock that are not exactly a pin and its hashes."""
    bad = []
    for line in logical_lines(text):
        pin, *hashes = re.split(r"\s+(?=--)", line)
        if not PIN.fullmatch(pin.strip()) or not hashes or not all(HASH.fullmatch(h) for h in hashes):
            bad.append(line[:60])
    return bad


def pinned() -> dict[str, str]:
    found = [PIN.match(line) for line in logical_lines(LOCK.read_text(encoding="utf-8"))]
    return {match["name"]: match["version"] for match in found if match}


def test_every_line_of_the_lock_is_a_pin_with_hashes() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert faults(text) == []
    assert "://" not in text


@pytest.mark.parametrize(
    "line",
    [
        "polars==2.1.0",
        "polars>=2.1.0 --hash=sha256:" + "0" * 64,
        "polars==2.1.0 --hash=sha256:12",
        "--index-" + "url x",
        "polars @ file:x --hash=sha256:" + "0" * 64,
        "# a comment",
    ],
)
def test_a_bad_line_is_caught(line: str) -> None:
    assert faults(line) == [line[:60]]


def test_the_lock_covers_running_testing_and_building() -> None:
    project = PROJECT["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    wanted = [*project["dependencies"], *extras, *PROJECT["build-system"]["requires"]]
    names = {re.split(r"[<>=!~ ;\[]", each)[0] for each in wanted} - {project["name"]}
    assert {"numpy", "altair", "vl-convert-python", "scipy"} <= names
    assert names - set(pinned()) == set()


def test_the_build_backend_is_the_locked_one() -> None:
    name, _, version = PROJECT["build-system"]["requires"][0].partition("==")
    assert pinned()[name] == version


def test_deciding_needs_a_table_engine_and_workbooks_only() -> None:
    names = [re.split(r"[<>=]", each)[0] for each in PROJECT["project"]["dependencies"]]
    assert names == ["polars", "python-calamine", "xlsxwriter"]


def test_no_other_lock_is_about() -> None:
    assert not (ROOT / "uv.lock").exists()


def test_the_merge_check_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make check" in script.read_text(encoding="utf-8")


def test_the_record_files_are_packaged() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["headgate"]
    source = ROOT / "src" / "headgate"
    packaged = {path for pattern in patterns for path in source.glob(pattern)}
    records = {path for path in (source / "data").rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert records - packaged == set()
