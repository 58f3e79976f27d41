"""Outside truths kept as data: how a case becomes a row, and how a decision is held against what the case expects.

A case has `row` and, to keep lines short, `measures` and `facts`, which are laid over it; all three use the closed list
of columns. `certs = true` states the eight H200 certifications. A value of "" is a blank. `assume` stands in the case
or atop the file.
"""

import tomllib
from pathlib import Path

import pytest

import headgate
from headgate.errors import HeadgateError

COLUMNS = frozenset(Path(__file__).with_name("columns.txt").read_text(encoding="utf-8").split())
CERTS = {column: True for column in sorted(COLUMNS) if column.startswith("cert_")}
CASE_KEYS = {"id", "ref", "mark", "source", "differs", "note", "assume", "row", "measures", "facts", "certs"}
CASE_KEYS |= {"expect", "refused"}
HOW = ("include", "exclude", "in", "not")
NO_LICENSE = "no_license_required"


def load(path):
    """Return the cases of one file, the file's `assume` filled in, and its table of what was left out."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    assume = content.get("assume", "")
    return [{"assume": assume} | case for case in content.get("case", [])], content.get("left_out", [])


def row_of(case):
    """Return the row that a case states."""
    certs = CERTS if case.get("certs") else {}
    return certs | case["row"] | case.get("measures", {}) | case.get("facts", {})


def stated_row(case):
    """Return the row with everything that `assume = "clean"` stands for written out, and no blanks."""
    row = row_of(case)
    clean = dict.fromkeys(("is_entity_listed", "is_meu_listed", "is_unverified", "is_denied", "is_uae_approved"), False)
    clean |= {"listed_owner_share": 0, "end_use": "civil", "exporter_role": "other"}
    clean |= dict.fromkeys(("hq_country", "ultimate_parent_hq_country"), row["destination"])
    if row["activity"] in ("use", "service"):
        clean["known_violation"] = False
    full = clean | row if case["assume"] == "clean" else row
    return {column: value for column, value in full.items() if value != ""}


def decide(case):
    """Decide the row of a case under what it assumes."""
    if case["assume"]:
        return headgate.decide(**row_of(case), assume=case["assume"])
    return headgate.decide(**row_of(case))


def outcome(row):
    """Return the outcome of a row of which nothing is assumed; a row refused outright counts as invalid."""
    try:
        return headgate.decide(**row).outcome
    except HeadgateError:
        return "invalid_row"


def refusal(case):
    """Return what is said when a row is refused, by an error or as an invalid row; empty when it is decided."""
    try:
        decision = decide(case)
    except HeadgateError as error:
        return str(error)
    return decision.error if decision.outcome == "invalid_row" else ""


def check(case):
    """Hold the decision against every line of `expect`; differences are reported together."""
    if "refused" in case:
        said = refusal(case)
        assert case["refused"] in said, f"{case['id']}: the refusal should name {case['refused']!r}, it says {said!r}"
        return
    decision = decide(case)
    wrong = [line for key, want in case["expect"].items() if (line := difference(decision, key, want))]
    assert not wrong, f"{case['id']}: {'; '.join(wrong)}"


def difference(decision, key, want):
    """Return one line when the decision is not what `key` wants, else an empty string."""
    name, _, how = key.rpartition("_")
    if how not in HOW:
        name, how = key, ""
    got = getattr(decision, name)
    got = tuple(got) if isinstance(got, (list, tuple)) else "" if got is None else got
    right = {
        "": lambda: matches(got, want),
        "include": lambda: all(any(like(entry, one) for entry in got) for one in want),
        "exclude": lambda: not any(like(entry, one) for entry in got for one in want),
        "in": lambda: got in want,
        "not": lambda: got != want,
    }[how]()
    return "" if right else f"{key} should be {want!r}, {name} is {got!r}"


def matches(got, want):
    """Compare one value; numbers nearly, lists without order."""
    if isinstance(want, list):
        return sorted(got) == sorted(want)
    if isinstance(want, float):
        return got != "" and got == pytest.approx(want)
    return got == want


def like(entry, want):
    """Compare one entry of a list; a `*` at the end stands for any ending."""
    return entry.startswith(want[:-1]) if want.endswith("*") else entry == want


def faults(case):
    """Return what is malformed in a case, without deciding it."""
    found = [f"unknown key {key}" for key in case.keys() - CASE_KEYS]
    found += [f"unknown column {column}" for column in row_of(case).keys() - COLUMNS if "refused" not in case]
    if not {"id", "mark", "source"} <= case.keys() or not {"expect", "refused"} & case.keys():
        found.append("needs id, mark, source, and expect or refused")
    return found
