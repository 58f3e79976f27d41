"""Cases of the law as data: one provision on one day, told some facts, and its truth by the tree walk.

A case names a `base` of its file and lays its own `item` (the fields of one circuit) and `row` over it, or gives
`parts` (several circuits, or "unknown"); `unknown` takes facts away again. What is left out is unknown, and
`{ at_least = 1 }` is a lower bound. `not_in_force` holds the version in force on `but_on`, by default the next day,
against `day`.
"""

import tomllib
from datetime import timedelta
from functools import partial
from pathlib import Path

from headgate.catalog.countries import country_lists
from headgate.expr import AtLeast
from headgate.expr.oracle import evaluate
from headgate.law.book import ENFORCED

KINDS = {"true": True, "false": False, "unknown": None}
KEYS = {"provision", "kind", "day", "but_on", "track", "base", "item", "parts", "row", "unknown", "why", "file"}


def load(folder: Path):
    """Return every case under a folder, its base laid under it."""
    found = []
    for path in sorted(folder.rglob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in content["case"]:
            under = content.get("base", {})[case["base"]] if "base" in case else {}
            full = {"file": path.relative_to(folder).as_posix(), "track": ENFORCED} | case
            for key in ("item", "row"):
                if key in under or key in case:
                    full[key] = under.get(key, {}) | case.get(key, {})
            found.append(full)
    return found


def value(cell):
    """Return a cell of a case as the value of a field."""
    if isinstance(cell, dict):
        return AtLeast(float(cell["at_least"]))
    if isinstance(cell, list):
        return frozenset(cell)
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def facts(cells, unknown=()):
    return {name: value(cell) for name, cell in cells.items() if name not in unknown}


def parts_of(case):
    """Return the circuits of a case; None when nothing is said of them."""
    unknown = case.get("unknown", ())
    if "parts" in case:
        return None if case["parts"] == "unknown" else tuple(facts(part) for part in case["parts"])
    return (facts(case["item"], unknown),) if "item" in case else None


def law_of(book, case, day=None):
    return book.on(day or case["day"], case["track"])


def version_of(book, case):
    """Return the version of its provision that a case is about; None when there is none in force."""
    absent = case["kind"] == "not_in_force"
    day = case.get("but_on", case["day"] + timedelta(1)) if absent else case["day"]
    return law_of(book, case, day).by_id.get(case["provision"])


def truth(book, case):
    """Return the truth of the case's provision, by the tree walk."""
    law = law_of(book, case)
    lists = partial(country_lists().members, day=case["day"])
    row = facts(case.get("row", {}), case.get("unknown", ()))
    return evaluate(law.of_item(law.by_id[case["provision"]]), row, lists, parts_of(case), law.expression)
