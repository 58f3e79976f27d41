"""The first five minutes: the greeting, an example for every command that runs, and errors that name what helps."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from headgate.cli.main import GREETING, main, parser

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = re.compile(r"^  (headgate .*)$", re.MULTILINE)
HELPS = re.compile(r"`headgate ([^`]+)`")
FINE = {0, 10, 11, 20}
# What takes half a minute or more: the same command in its smallest form. Tests of their own run the rest.
CHEAPER = {
    # tests/world/test_calibrate.py fits, and tests/cli/test_world_backtest.py refits.
    "world calibrate --warmup 500 --samples 750 --out posterior.parquet": "world calibrate --stored",
    "world backtest --refit --folder fits --out .": "world backtest",
    # tests/world/test_agree.py runs the other worlds, test_report.py and tests/cli/test_world.py write reports.
    "world agree": "world agree --quick",
    "world run h200-open-at-cap --report h200.html": "world run h200-open-at-cap --out h200.parquet",
    # The other example has the gradients of one headline; tests/world/test_sensitivity.py has more.
    "world sensitivity": "world sensitivity --headline added:smuggled:h100e:2026 --picture tornado.svg",
    # Many worlds are run one by one; tests/cli/test_world.py runs all of them.
    "world compare --all --out compared.parquet": "world compare baseline no-controls --out compared.parquet",
}
DRAWS = re.compile(r"^world (run|compare|sensitivity|agree|claims --refresh)\b")
FEW = "--draws 32"


def commands(top: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of all commands below it."""
    yield top
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                yield from commands(below)


EVERY = {each.prog: each for each in commands(parser())}
EXAMPLES = {line: prog for prog, each in EVERY.items() for line in EXAMPLE.findall(each.epilog or "")}


@pytest.mark.parametrize("prog", EVERY)
def test_every_command_has_an_example_of_its_own(prog):
    found = EXAMPLE.findall(EVERY[prog].epilog or "")
    assert found
    assert all(line.startswith(f"{prog} ") or prog in (line, "headgate") for line in found)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Return a folder with a copy of the examples, as a person has who tries them."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


def cheap(line: str) -> str:
    """Return the example in a form that takes seconds: only draws and worlds are fewer."""
    own = line.removeprefix("headgate ")
    own = CHEAPER.get(own, own)
    if DRAWS.match(own):
        own = re.sub(r" --draws \d+", "", own) + f" {FEW}"
    return own


@pytest.mark.parametrize("line", sorted({cheap(line) for line in EXAMPLES}))
def test_every_example_runs(line, desk, monkeypatch, capfd):
    monkeypatch.chdir(desk)
    words = shlex.split(line)
    before = {p.name for p in desk.iterdir()}
    assert main(words) in FINE
    said = capfd.readouterr()
    written = [w for w in words if w.endswith((".csv", ".html", ".svg", ".parquet", ".xlsx", ".toml", ".png", ".pdf"))]
    new = {p.name for p in desk.iterdir()} - before
    assert said.out or new
    assert all(Path(w).exists() for w in written if not w.startswith("-"))


def test_the_greeting_fits_a_screen_and_its_commands_run_anywhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([]) == 0
    said = capsys.readouterr().out
    assert said == GREETING
    assert max(map(len, said.splitlines())) <= 80
    assert len(said.splitlines()) <= 23
    tries = EXAMPLE.findall(said)[:3]
    assert len(tries) == 3
    for line in tries:
        assert main(shlex.split(line)[1:]) in FINE
        assert capsys.readouterr().out
    assert {"headgate --help", "headgate doctor", "headgate completion bash"} <= {
        line.partition("  ")[0] for line in EXAMPLE.findall(said)
    }
    assert list(tmp_path.iterdir()) == []


CASE = "--from US --to CN --on 2026-02-15"
WRONG = {
    "explian": ("Did you mean explain?", "--help"),
    "law shwo": ("Did you mean show?", "law --help"),
    "law": ("required: COMMAND", "law --help"),
    "zzzz": ("It is one of decide,", "--help"),
    "chip show nvidia-h20-96 --jsno": ("Did you mean --json", "chip show --help"),
    "chip show zzzzqqq": ("is not in the catalog", "chip list"),
    f"explain --item nvidia-h10-sxm {CASE}": ("Did you mean nvidia-h100-sxm", "chip list"),
    f"explain --item h100 --set is_denid=no {CASE}": ("Did you mean is_denied?", "decide --columns"),
    f"explain --item h100 --scenario gainai {CASE}": ("Did you mean gain-ai?", "law try"),
    f"explain --item h100 --scenario gain-ai --param x=1 {CASE}": ("no such parameter", "law try"),
    f"explain --item nvidia-h100-sxm --param x=1 {CASE}": ("belongs to a scenario", "law try"),
    f"explain --item nvidia-h100-sxm --answer payment_contry=HK {CASE}": ("payment_country?", "flags list --columns"),
    "explain --item nvidia-h100-sxm": ("required: --on", "explain --help"),
    "law show us.ear.3a090.a.9": ("Did you mean us.ear.3a090.a.2", "law list"),
    "law try h20-letter-lifted": ("Did you mean h20-letters-lifted", "law try"),
    "flags show KYC-99": ("there is no red flag", "flags list"),
    "policy show hr9999": ("is not in the policy tracker", "policy list"),
    "machine compare h20 --on deepseek-v9": ("Did you mean deepseek-v3", "machine models"),
    "train --model x --machine h800 --chips 8 --tokens 1T": ("is not in the catalog", "machine models"),
    "train --model deepseek-v3 --machine zzz --chips 8 --tokens 1T": ("is not in the catalog", "chip list"),
    "train --model deepseek-v3 --machine h800 --chips 8 --tokens 1T --set tenor=8": ("mean tensor?", "train --help"),
    "world run no-control": ("Did you mean no-controls?", "law try"),
    "world run --param a=1": ("belongs to a scenario", "law try"),
    "world compare baseline no-control": ("Did you mean no-controls?", "law try"),
    "world claims --year 2040": ("the claims speak of 2022 to 2032", "world claims"),
    "decide": ("name the order book", "decide --columns"),
    "decide nowhere.csv": ("no such file", "decide --help"),
    "decide examples/orders.csv --set tppp=3": ("Did you mean tpp?", "decide --columns"),
    "decide examples/orders.csv --map nowhere": ("no such file", "map list"),
    "decide examples/orders.csv --scenario zz": ("there is no scenario", "law try"),
    "completion bsh": ("Did you mean bash or zsh?", "completion --help"),
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_says_what_is_wrong_and_names_the_command_that_helps(words, desk, monkeypatch, capfd):
    monkeypatch.chdir(desk)
    assert main(shlex.split(words)) == 2
    told = capfd.readouterr()
    said, helps = WRONG[words]
    assert told.out == ""
    assert told.err.startswith("headgate: ")
    assert told.err.count("\n") == 1
    assert said in told.err
    assert helps in HELPS.findall(told.err)


@pytest.mark.parametrize("helps", sorted({helps for _, helps in WRONG.values()}))
def test_the_command_that_helps_is_there_and_runs(helps, capfd):
    assert main(shlex.split(helps)) == 0
    assert capfd.readouterr().out


def test_a_wrong_column_of_a_book_names_what_helps(tmp_path, capfd):
    book = tmp_path / "orders.csv"
    book.write_text("line_id,destnation\n1,CN\n")
    assert main(["decide", str(book)]) == 2
    said = capfd.readouterr().err
    assert "Did you mean destination?" in said
    assert {"decide --columns", "map suggest"} <= set(HELPS.findall(said))


def test_a_wrong_test_of_the_world_is_refused_before_anything_is_run(monkeypatch, capfd):
    from headgate.cli import world_agree

    monkeypatch.setattr(world_agree, "runs", lambda *_: pytest.fail("a world was run"))
    assert main(["world", "agree", "--test", "F99"]) == 2
    assert "--test F99: no line belongs to it. Did you mean F9?" in capfd.readouterr().err


def test_a_year_without_one_before_it_says_that_the_first_claim_is_silent(capfd):
    assert main(["world", "claims", "--year", "2022", "--measure", "fp8"]) == 0
    assert "A says nothing of 2022" in capfd.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_of_another_alphabet_shows_codes(encoding):
    command = [sys.executable, "-W", "error", "-m", "headgate", "law", "map", "--on", "2024-06-01", "--all"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Cura" in done.stdout
