"""The cases of a provision as a table: whether it applies, on which day, why, and on which facts."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from page_words import amount, escaped, file_link

KIND = {"true": "yes", "false": "no", "unknown": "unknown", "not_in_force": "not in force"}
# The file of a provision's cases, the bases of that file, and the cases.
Cases = tuple[Path, Mapping[str, Any], list[Mapping[str, Any]]]


def read_cases(folder: Path) -> dict[str, Cases]:
    """Return the cases of every provision under a folder."""
    found: dict[str, Cases] = {}
    for path in sorted(folder.rglob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in content["case"]:
            found.setdefault(case["provision"], (path, content.get("base", {}), []))[2].append(case)
    return found


def case_lines(path: Path, bases: Mapping[str, Any], cases: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the table of a provision's cases, and the bases that they start from."""
    yield "## Cases"
    yield ""
    yield f"From {file_link(path)}. A fact that is not named is unknown."
    yield ""
    yield from ("| does it apply? | on | because | facts |", "|---|---|---|---|")
    for case in cases:
        day = f"{case['day']}{', printed' if case.get('track') == 'printed' else ''}"
        yield f"| {KIND[case['kind']]} | {day} | {escaped(case['why'])} | {case_facts(case)} |"
    yield ""
    for name in dict.fromkeys(case["base"] for case in cases if "base" in case):
        yield f"*{name.replace('_', ' ')}*: {row_facts(bases[name])}"
        yield ""


def case_facts(case: Mapping[str, Any]) -> str:
    """Return the facts of a case in short: its base, what differs from it, and what is taken away."""
    told = [f"*{case['base'].replace('_', ' ')}*"] if "base" in case else []
    told += [row_facts(case)] if row_facts(case) else []
    if case.get("parts") == "unknown":
        told.append("circuits unknown")
    elif "parts" in case:
        told.append(f"circuits: {'; '.join(map(cells, case['parts'])) or 'none'}")
    if case.get("unknown"):
        told.append(f"without {', '.join(f'`{name}`' for name in case['unknown'])}")
    return ", ".join(told)


def row_facts(case: Mapping[str, Any]) -> str:
    """Return the fields of one circuit and of the row, of a case or a base."""
    return cells({**case.get("item", {}), **case.get("row", {})})


def cells(fields: Mapping[str, Any]) -> str:
    """Return fields with their values."""
    return ", ".join(f"`{name}` {cell_value(value)}" for name, value in fields.items())


def cell_value(value: Any) -> str:
    """Return the value of a field as a reader writes it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return amount(value)
        case dict():
            return f"at least {cell_value(value['at_least'])}"
        case list():
            return " and ".join(map(str, value)) or "none"
    return escaped(str(value))
