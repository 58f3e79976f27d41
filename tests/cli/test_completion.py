"""`headgate completion`: scripts that a shell takes, and what they complete."""

import shutil
import subprocess
import sys

import pytest

from headgate.cli.completion import SHELLS, WORDS, actions, with_words
from headgate.cli.main import main, parser

# Completes the words that are given, the last of them begun, and prints what there is.
ASK = """
source "$1"; shift
asked=$(complete -p headgate | sed 's/.*-F \\([^ ]*\\).*/\\1/')
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
"$asked" headgate "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """Return a file with the script for bash."""
    path = tmp_path_factory.mktemp("completion") / "headgate.bash"
    done = subprocess.run([sys.executable, "-m", "headgate", "completion", "bash"], capture_output=True, check=True)
    path.write_bytes(done.stdout)
    return path


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not on the PATH")
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["exp"], {"explain"}),
        (["chip", "sh"], {"show"}),
        (["explain", "--ac"], {"--activity"}),
        (["decide", "--assume", ""], {"clean"}),
        (["chip", "show", "nvidia-h20-"], {"nvidia-h20-96", "nvidia-h20-141"}),
        (["explain", "--item", "nvidia-h200-"], {"nvidia-h200-sxm", "nvidia-h200-nvl"}),
        (["law", "show", "us.ear.3a090.a.1"], {"us.ear.3a090.a.1"}),
        (["world", "run", "h20-"], {"h20-ban-kept", "h20-letters-lifted"}),
        (["world", "compare", "baseline", "no-c"], {"no-controls"}),
        (["train", "--model", "deepseek-r"], {"deepseek-r1"}),
        (["completion", "power"], {"powershell"}),
        (["zzzz", "--x"], {""}),
    ],
)
def test_bash_completes_commands_options_and_ids(words, wanted, script):
    ask = ["bash", "-c", ASK, "bash", str(script), "headgate", *words]
    done = subprocess.run(ask, capture_output=True, text=True, check=True)
    assert set(done.stdout.split("\n")[:-1]) == wanted


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not on the PATH")
def test_bash_takes_the_script(script):
    assert subprocess.run(["bash", "-n", str(script)], capture_output=True, check=True).stderr == b""


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script_that_knows_the_commands(shell, capsys):
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("explain", "timeline", "nvidia-h20-96", "--assume"))


def test_every_argument_that_has_words_is_there_and_none_is_empty():
    found = {(prog, action.dest) for prog, action in actions(parser())}
    options = {option for _, action in actions(parser()) for option in action.option_strings}
    for command, name in WORDS:
        assert (command, name) in found if command else name in options
    assert all(list(words()) for words in WORDS.values())


def test_the_words_are_only_for_completion():
    """A part number of the user's own is not in the list, and is taken all the same."""
    with_words(parser())
    assert parser().parse_args(["explain", "--item", "XPU-1", "--on", "2026-01-01"]).item == "XPU-1"


def test_without_the_arrays_the_rest_is_completed(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert main(["completion", "bash"]) == 0
    assert "nvidia-h20-96" in capsys.readouterr().out


def test_without_the_library_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert "pip install 'headgate[completion]'" in capsys.readouterr().err
