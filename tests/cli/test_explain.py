"""`headgate explain` and what all commands share: help, examples, exit codes, refusals."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from headgate.cli.explain import derive
from headgate.cli.main import main, parser

BASE = ["explain", "--item", "nvidia-h200-sxm", "--from", "US", "--to", "CN", "--on", "2026-02-15"]
H20 = ["explain", "--item", "nvidia-h20-96", "--from", "US", "--to", "CN", "--on", "2024-06-01"]
RTX = ["explain", "--item", "nvidia-rtx-4090", "--from", "US", "--to", "CN", "--on", "2024-06-01"]
SOURCE = Path(__file__).resolve().parents[2] / "src"


def all_parsers(top=None):
    """Yield every parser of a command, groups included."""
    for action in (top or parser())._actions:
        for made in (action.choices or {}).values() if hasattr(action.choices, "values") else ():
            yield made
            yield from all_parsers(made)


def examples(made):
    return re.findall(r"^  headgate (.+)$", made.epilog or "", flags=re.MULTILINE)


PARSERS = {made.prog: made for made in all_parsers()}


def run(*arguments, env=None):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1", **(env or {})},
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([*H20, "--assume", "clean"], 0),
        (BASE, 10),
        ([*H20, "--assume", "clean", "--set", "is_denied=yes"], 10),
        ([*RTX, "--assume", "clean"], 11),
        (H20, 20),
        ([*BASE, "--activity", "use"], 20),
        ([*BASE, "--on", "2026-12-01", "--strict"], 3),
        ([*BASE, "--on", "2026-12-01"], 10),
    ],
)
def test_exit_codes(arguments, code, capsys):
    assert main(arguments) == code
    assert "Not legal advice." in capsys.readouterr().out


def test_json_is_one_object_with_the_columns_of_the_contract(capsys):
    assert main([*BASE, "--json"]) == 10
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert next(iter(found)) == "line_id"
    assert (found["outcome"], found["eccn"]) == ("license_required", "3A090.a")
    assert (found["activity"], found["activity_derived"]) == ("export", True)


@pytest.mark.parametrize(
    ("start", "to", "activity"),
    [("US", "CN", "export"), ("SG", "CN", "reexport"), ("Hong Kong", "CN", "transfer"), ("DE", "US", "reexport")],
)
def test_the_activity_is_derived_and_the_memo_shows_it(start, to, activity, capsys):
    main(["explain", "--item", "nvidia-h200-sxm", "--from", start, "--to", to, "--on", "2026-02-15"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"Activity: {activity}. It was not given; derived" in said


def test_without_from_the_activity_is_unknown(capsys):
    assert derive(None, "CN")[0] is None
    assert main(["explain", "--item", "nvidia-h200-sxm", "--to", "CN", "--on", "2026-02-15"]) == 20
    assert "Activity: not stated. It was not given and cannot be derived" in " ".join(capsys.readouterr().out.split())


def test_a_given_activity_is_not_called_derived(capsys):
    main([*BASE, "--activity", "reexport", "--json"])
    assert json.loads(capsys.readouterr().out)["activity_derived"] is False


def test_hong_kong_is_said_to_be_china(capsys):
    main(["explain", "--item", "nvidia-h200-sxm", "--from", "US", "--to", "HK", "--on", "2026-02-15"])
    assert "Hong Kong counts as China" in " ".join(capsys.readouterr().out.split())


def test_measures_alone_make_an_item_and_stand_as_assumed(capsys):
    arguments = ["explain", "--set", "tpp=5000", "--from", "US", "--to", "VN", "--on", "2024-06-01", "--json"]
    assert main(arguments) == 10
    assert "tpp" in json.loads(capsys.readouterr().out)["assumed"]


def test_own_parts(tmp_path, capsys):
    file = tmp_path / "parts.csv"
    file.write_text("item,item_kind,tpp,is_datacenter\nACME-1,ic,6000,yes\n", encoding="utf-8")
    arguments = [
        "explain",
        "--item",
        "acme-1",
        "--items",
        str(file),
        "--from",
        "US",
        "--to",
        "VN",
        "--on",
        "2024-06-01",
    ]
    assert main(arguments) == 10
    assert "export ACME-1 to Vietnam" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--item", "nvidia-h1000-sxm"], "Did you mean nvidia-h100-sxm"),
        (["--from", "Korea"], "--from: 'Korea' fits several countries"),
        (["--to", "Chna"], "--to: 'Chna' is no country"),
        (["--on", "2026-02-31"], "--on: '2026-02-31' is not a real day"),
        (["--on", "2020-02-01"], "the first day this book answers for"),
        (["--on", ""], "event_date is blank"),
        (["--set", "destnation=CN"], "Did you mean destination"),
        (["--set", "tpp"], "--set tpp: write it as"),
        (["--set", "tpp=fast"], "'fast' is not a number"),
        (["--set", "tpp=nan"], "NaN"),
        (["--activity", "exprt"], "Did you mean export"),
        (["--assume", "dirty"], "the only assumption is `clean`"),
        (["--items", "no-such-file.csv"], "no such file"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, says, capsys):
    assert main([*BASE, *arguments]) == 2
    caught = capsys.readouterr()
    assert says in caught.err
    assert caught.err.startswith("headgate: ")
    assert caught.out == ""


def test_the_day_is_required(capsys):
    assert main(["explain", "--item", "nvidia-h200-sxm", "--to", "CN"]) == 2
    assert "--on" in capsys.readouterr().err


def test_a_misspelt_command_is_asked_back(capsys):
    assert main(["explian"]) == 2
    assert "Did you mean explain?" in capsys.readouterr().err


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("headgate 0.")


@pytest.mark.parametrize("prog", sorted(PARSERS))
def test_every_help_has_a_purpose_and_an_example(prog, capsys):
    assert main([*prog.split()[1:], "--help"]) == 0
    said = capsys.readouterr().out
    assert PARSERS[prog].description
    assert examples(PARSERS[prog])
    assert "example" in said.casefold()


def test_explain_loads_no_table_engine():
    code = (
        "import sys; from headgate.cli.main import main; code = main(sys.argv[1:]); "
        "print(code, 'polars' in sys.modules, file=sys.stderr)"
    )
    done = run("-c", code, *BASE)
    assert done.stderr.split() == ["10", "False"]


def test_help_is_light():
    code = "import sys; from headgate.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    loaded = set(run("-c", code).stderr.split())
    assert "headgate.cli.explain" in loaded
    assert loaded & {"polars", "headgate.decide.one", "headgate.law.us", "headgate.catalog.chips"} == set()


def test_a_reader_that_goes_away_is_no_error():
    command = f"{shlex.quote(sys.executable)} -m headgate law list | head -1"
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=env)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_output_to_a_file_has_no_color():
    assert "\x1b" not in run("-m", "headgate", *BASE).stdout


@pytest.mark.parametrize("columns", ["80", "200"])
def test_the_memo_keeps_to_the_terminal(columns):
    lines = run("-m", "headgate", *BASE, env={"COLUMNS": columns}).stdout.splitlines()
    assert [line for line in lines if len(line) > int(columns) and "http" not in line] == []
    assert max(map(len, lines)) > int(columns) / 2
