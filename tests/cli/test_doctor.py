"""`headgate doctor`: what it finds, what it calls wrong, and that it says so on one screen."""

import json
import sys
from datetime import date

import pytest

from headgate.cli import doctor_checks, requirements
from headgate.cli.doctor import shown
from headgate.cli.doctor_checks import FINE, NOTE, WRONG, Check, checks
from headgate.cli.main import main
from headgate.cli.requirements import Requirement, within

TODAY = date(2026, 11, 22)


def found(today=TODAY):
    """Return what is found, by name."""
    return {check.name: check for check in checks(today)}


def test_a_sound_installation_has_nothing_wrong(monkeypatch, capsys):
    monkeypatch.setenv("HEADGATE_TODAY", TODAY.isoformat())
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("Nothing is wrong.")
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 45
    assert {"INSTALLATION", "LAW", "DATA", "HERE"} <= set(lines)


def test_json_has_an_object_for_every_check(capsys):
    main(["doctor", "--json"])
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [o["name"] for o in objects if o["name"] != "HEADGATE_TODAY"] == [*found()]
    assert {"group", "name", "state", "says", "do"} == set(objects[0])
    assert {o["state"] for o in objects} <= {FINE, NOTE, WRONG}


def test_the_age_of_the_law_counts_from_the_day_that_is_told():
    assert "up to 2026-09-25, 58 days ago" in found()["read"].says
    assert found(date(2026, 9, 25))["read"].state == FINE
    assert found()["read"].state == NOTE
    assert "us.ear.744_11.affiliates since 2026-11-10" in found()["reviews"].says
    assert found(date(2026, 11, 9))["reviews"].says == "none is overdue"


def test_what_it_says_of_the_law_is_so():
    from headgate.law.us import book
    from headgate.law.us.coverage import coverage

    here = found()
    assert f"{len(book().ids())} provisions, version {book().version}" in here["read"].says
    missing = sum(row.state == "not_modeled" for row in coverage())
    assert here["not modeled"].says.endswith(f"in part, {missing} not")
    assert "`headgate law coverage --state not_modeled`" in here["not modeled"].do


def test_a_wrong_answer_is_found(monkeypatch, capsys):
    line = ({"item": "nvidia-h100-sxm", "event_date": "2024-06-01"}, "clean", "no_license_required")
    monkeypatch.setattr(doctor_checks, "KNOWN", (line,))
    assert found()["self-check"].state == WRONG
    assert "is license_required and license_required, not no_license_required" in found()["self-check"].says
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Wrong: self-check."


def test_one_by_one_and_as_a_table_must_agree(monkeypatch):
    import headgate

    table = headgate.decide_table
    monkeypatch.setattr(headgate, "decide_table", lambda rows, assume=None: table(rows, assume=None))
    assert found()["self-check"].state == WRONG


@pytest.mark.parametrize(
    ("packages", "state", "says", "do"),
    [
        ([("numpy", ">=2.4,<2.5", "machine", "2.4.6")], FINE, "numpy 2.4.6", ""),
        ([("numpy", ">=2.4,<2.5", "machine", None)], NOTE, "numpy missing; for the model of machines", "[machine]'"),
        ([("numpy", ">=2.4,<2.5", "machine", "2.3.9")], WRONG, "numpy 2.3.9 is not >=2.4,<2.5", "[machine]'"),
        ([("polars", ">=2.1,<2.2", "", None)], WRONG, "polars missing", "install --upgrade headgate"),
        ([("polars", ">=2.1,<2.2", "", "2.2.0")], WRONG, "polars 2.2.0 is not", "install --upgrade headgate"),
    ],
)
def test_packages_are_weighed(packages, state, says, do, monkeypatch):
    monkeypatch.setattr(doctor_checks, "requirements", lambda: tuple(Requirement(*p) for p in packages))
    extra = packages[0][2]
    check = found()[f"[{extra}]" if extra else "packages"]
    assert check.state == state
    assert says in check.says
    assert do in check.do


def test_an_old_python_is_wrong(monkeypatch):
    monkeypatch.setattr(doctor_checks, "python_version", lambda: "3.10.4")
    assert found()["Python"].state == WRONG


def test_what_is_asked_for_is_read_from_the_source_and_from_an_installation_alike(monkeypatch, tmp_path):
    source = requirements.requirements()
    assert {"polars", "numpy", "altair", "jax"} <= {r.name for r in source}
    assert not {"pytest", "mypy", "headgate"} & {r.name for r in source}
    assert {r.extra for r in source} >= {"", "machine", "pictures", "world"}
    written = [f'{r.name}{r.wanted}; extra == "{r.extra}"' if r.extra else f"{r.name}{r.wanted}" for r in source]
    told = [*written, 'headgate[machine]; extra == "fit"', 'pytest<10,>=9; extra == "dev"']
    monkeypatch.setattr(requirements, "SOURCE", tmp_path / "pyproject.toml")
    monkeypatch.setattr(requirements, "requires", lambda _: told)
    assert requirements.requirements() == source


def test_what_is_not_installed_is_no_fault(monkeypatch, tmp_path):
    def nothing(_):
        raise requirements.PackageNotFoundError

    monkeypatch.setattr(requirements, "SOURCE", tmp_path / "pyproject.toml")
    monkeypatch.setattr(requirements, "requires", nothing)
    assert requirements.requirements() == ()
    assert found()["packages"].state == NOTE


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("2.4.6", ">=2.4,<2.5", True),
        ("2.5.0", ">=2.4,<2.5", False),
        ("2.10", ">=2.4", True),
        ("1.9.0.post1", ">=1.9,<2", True),
        ("3.11", ">=3.11.0", True),
        ("2.5.0rc1", "<2.5", False),
        ("1.0", "", True),
        ("1.0", "~=1.0", False),
        ("1.0", "!=1", False),
    ],
)
def test_versions_are_compared_by_their_numbers(version, wanted, fits):
    assert within(version, wanted) is fits


def test_a_folder_that_cannot_be_written_in_is_said(tmp_path):
    assert doctor_checks.folder(tmp_path).state == FINE
    assert list(tmp_path.iterdir()) == []
    gone = doctor_checks.folder(tmp_path / "gone")
    assert gone.state == NOTE
    assert "nothing can be written in" in gone.says


class Screen:
    """A standard output of some encoding."""

    def __init__(self, encoding, is_terminal=True):
        self.encoding, self.is_terminal = encoding, is_terminal

    def isatty(self):
        return self.is_terminal


@pytest.mark.parametrize(
    ("encoding", "columns", "state", "says"),
    [
        ("utf-8", "100", FINE, "utf-8, 100 columns"),
        ("UTF8", "80", FINE, "utf8, 80 columns"),
        ("utf-8", "60", NOTE, "tables are cut"),
        ("cp1252", "80", NOTE, "names in other scripts fail"),
    ],
)
def test_the_terminal_is_looked_at(encoding, columns, state, says, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Screen(encoding))
    monkeypatch.setenv("COLUMNS", columns)
    check = {c.name: c for c in doctor_checks.here()}["terminal"]
    assert check.state == state
    assert says in check.says


def test_fonts_are_looked_at_where_there_is_a_list(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor_checks.fonts().says == "not looked at: fc-list is not here"
    lister = tmp_path / "fc-list"
    lister.write_text("#!/bin/sh\n")
    lister.chmod(0o755)
    assert doctor_checks.fonts().state == NOTE
    lister.write_text("#!/bin/sh\necho 'Noto Sans CJK SC,思源黑体'\n")
    assert doctor_checks.fonts().says == "Chinese: Noto Sans CJK SC"


def test_stored_results_made_with_other_files_are_said(monkeypatch):
    from headgate.world import claims_made, scores

    monkeypatch.setattr(claims_made, "digest_of_files", lambda part: "other")
    assert "were edited since (lanes," in doctor_checks.world().says
    monkeypatch.setattr(scores, "stale", lambda _: ["history"])
    assert doctor_checks.world().says == "the back-test was made with other history"


def test_without_the_arrays_the_world_is_not_looked_at():
    import subprocess

    code = "import sys; sys.modules['numpy'] = None\nfrom headgate.cli.main import main\nsys.exit(main(['doctor']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not looked at: numpy is missing" in done.stdout


def test_long_words_wrap_under_their_own_column():
    check = Check("here", "folder", NOTE, "word " * 30, "Name another")
    lines = list(shown([check], 80))
    assert lines[0] == "HERE"
    assert all(line.startswith(" " * 23) for line in lines[2:-2])
    assert lines[-1] == "Nothing is wrong. 1 note above."
