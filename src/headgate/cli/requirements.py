"""What Headgate asks for of other packages, and what is installed of it."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

# As in `numpy>=2.4,<2.5; extra == "machine"`, or under its extra in pyproject.toml without what follows the semicolon.
WRITTEN = re.compile(
    r"(?P<name>[\w.-]+)\s*(?:\[[^]]*\])?\s*(?P<range>[^;]*?)\s*(?:;.*?extra == ['\"](?P<extra>[\w-]+)['\"].*)?"
)
SOURCE = Path(__file__).resolve().parents[3] / "pyproject.toml"
WORKSHOP = "dev"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One package that Headgate needs or can use.

    Args:
        name: As it is installed.
        wanted: The versions that are asked for, as `>=2.4,<2.5`.
        extra: The extra of Headgate that brings it; blank for what it always needs.
        installed: Its version here; None when it is not installed.
    """

    name: str
    wanted: str
    extra: str
    installed: str | None

    @property
    def fits(self) -> bool:
        """Whether the version here is one that is asked for."""
        return self.installed is not None and within(self.installed, self.wanted)


def requirements() -> tuple[Requirement, ...]:
    """Return what Headgate needs and can use, without the tools of its own workshop."""
    found = []
    for text, extra in _written():
        match = WRITTEN.fullmatch(text)
        if match and match["name"] != "headgate" and WORKSHOP not in (extra, match["extra"]):
            found.append(Requirement(match["name"], match["range"], match["extra"] or extra, _installed(match["name"])))
    return tuple(found)


def _written() -> Iterator[tuple[str, str]]:
    """Yield the requirements as they are written, each with its extra; those of the source where it runs from there."""
    if SOURCE.is_file():
        import tomllib

        project = tomllib.loads(SOURCE.read_text(encoding="utf-8"))["project"]
        yield from ((text, "") for text in project["dependencies"])
        for extra, texts in project["optional-dependencies"].items():
            yield from ((text, extra) for text in texts)
        return
    try:
        yield from ((text, "") for text in requires("headgate") or ())
    except PackageNotFoundError:
        return


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def within(found: str, wanted: str) -> bool:
    """Say whether a version is in a range, by its numbers.

    Args:
        found: A version, as `2.4.1`.
        wanted: Bounds with `,` between, as `>=2.4,<2.5`; blank for any.

    Example:
        >>> within("2.4.1", ">=2.4,<2.5"), within("2.10", ">=2.4,<2.5"), within("3.11.7", ">=3.11")
        (True, False, True)
    """
    tests = {
        ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        ">": lambda a, b: a > b,
        "<": lambda a, b: a < b,
    }
    for bound in filter(None, (each.strip() for each in wanted.split(","))):
        match = re.fullmatch(r"([<>=!]=?)\s*([\d.]+)", bound)
        if match is None or not tests[match[1]](_numbers(found), _numbers(match[2])):
            return False
    return True


def _numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a version without the zeros at its end, so that 2.1 and 2.1.0 are one."""
    numbers = [int(n) for n in re.match(r"\d+(\.\d+)*", text)[0].split(".")] if text[:1].isdigit() else []  # type: ignore[index]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def python_version() -> str:
    """Return the version of Python, as `3.11.7`."""
    return ".".join(str(n) for n in sys.version_info[:3])
