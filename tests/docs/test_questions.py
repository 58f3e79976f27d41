"""The page of questions shows what the commands print, and its answers stand on what is printed."""

import importlib.util
import os
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"run", "python", "file"}
KEYS = KINDS | {"exit", "keep", "shows"}
HEADS = (18, 28, 35, 41, 48)  # the last question under each head but the first
OUTPUT = "one\n  two\n\nthree\nfour\n  five\n"


@pytest.fixture(scope="module")
def script():
    """Load scripts/questions.py."""
    spec = importlib.util.spec_from_file_location("questions_script", ROOT / "scripts" / "questions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def questions(script):
    return [each for head in script.read() for each in head["question"]]


def test_the_page_shows_what_the_commands_print(script) -> None:
    text = script.PAGE.read_text(encoding="utf-8")
    assert script.page() == text, "run: .venv/bin/python scripts/questions.py"


def test_all_forty_eight_stand_under_their_heads_in_order(script, questions) -> None:
    assert [each["number"] for each in questions] == list(range(1, 49))
    assert tuple(head["question"][-1]["number"] for head in script.read()) == (9, *HEADS)
    assert all(each["asks"].endswith(("?", ".")) for each in questions)


def test_each_has_an_answer_a_step_and_its_limits(questions) -> None:
    for each in questions:
        assert set(each) == {"number", "asks", "answer", "limits", "step"}, each["number"]
        sentences = re.findall(r"[.!?](?:\s|$)", each["answer"])
        assert 2 <= len(sentences) <= 9, each["number"]
        assert each["limits"].strip()


def test_each_step_is_of_one_kind_and_says_what_it_must_show(questions) -> None:
    for each in questions:
        for step in each["step"]:
            assert len(KINDS & set(step)) == 1, each["number"]
            assert set(step) <= KEYS, each["number"]
            assert step["shows"], each["number"]
            assert all(text.strip() for text in step["shows"]), each["number"]


def test_every_example_is_used(script) -> None:
    data = script.DATA.read_text(encoding="utf-8")
    assert [p.name for p in sorted((ROOT / "examples" / "questions").iterdir()) if p.name not in data] == []


def test_every_line_of_the_index_leads_somewhere(script) -> None:
    text = script.PAGE.read_text(encoding="utf-8")
    links = re.findall(r"\]\(#(\w+)\)", text)
    assert len(links) == 48
    assert links == re.findall(r'<a id="(\w+)">', text)


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ([], "one\n  two\n\nthree\nfour\n  five"),
        (["one"], "one\n  two\n[...]"),
        (["two"], "[...]\n  two\n[...]"),
        (["one ..."], "one\n  two\n[...]"),
        (["one", "three"], "one\n  two\n\nthree\n[...]"),
        (["three", "four"], "[...]\nthree\nfour\n  five"),
        (["one ... four"], "one\n  two\n\nthree\nfour\n[...]"),
        (["four ... four", "five"], "[...]\nfour\n  five"),
        (["five ..."], "[...]\n  five"),
    ],
)
def test_a_cut_keeps_what_answers_and_is_shown(script, keep: list[str], kept: str) -> None:
    assert script.cut(OUTPUT, keep) == kept


@pytest.mark.parametrize("keep", [["six"], ["three", "one"], ["one ... six"], ["one", "one"]])
def test_a_part_that_is_not_there_is_refused(script, keep: list[str]) -> None:
    with pytest.raises(script.WrongPageError, match="no line with"):
        script.cut(OUTPUT, keep)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"run": "headgate law show us.ear.3a090.a.1", "shows": ["never printed"]}, "'never printed' is not in"),
        ({"run": "headgate law show us.ear.3a090.a.1", "exit": 10, "shows": ["4,800"]}, "exit code 0, not 10"),
        ({"run": "headgate law show us.ear.3a090", "shows": ["4,800"]}, "exit code 2, not 0"),
        ({"run": "rm -r x", "shows": ["x"]}, "not a command of ours"),
        # What was cut away proves nothing.
        ({"python": "print('a')\nprint('b')", "keep": ["a"], "shows": ["b"]}, "'b' is not in"),
    ],
)
def test_an_answer_that_no_longer_stands_is_refused(script, step: dict, says: str) -> None:
    with script.desk(), pytest.raises(script.WrongPageError, match=re.escape(says)):
        script.shown(step)


@pytest.mark.parametrize(
    "command", ["headgate law show us.ear.3a090.a.1", "headgate explain" + " --set is_denied=no" * 9]
)
def test_a_long_command_is_broken_as_a_shell_takes_it(script, command: str) -> None:
    typed = script.typed(command)
    assert max(map(len, typed.splitlines())) <= 100
    assert shlex.split(typed.replace("\\\n", "")) == shlex.split(command)


def test_a_claim_may_run_over_a_line_break(script) -> None:
    assert "a\n   b" in script.shown({"python": "print('a\\n   b')", "shows": ["a b"]})


def test_the_desk_leaves_nothing_behind(script, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("HEADGATE_TODAY", raising=False)
    here = Path.cwd()

    def leave() -> None:
        with script.desk():
            assert (os.environ["COLUMNS"], os.environ["HEADGATE_TODAY"]) == ("80", script.TODAY)
            assert Path("examples", "questions").is_dir()
            raise KeyError("left in a hurry")

    with pytest.raises(KeyError):
        leave()
    assert (Path.cwd(), os.environ["COLUMNS"], os.environ.get("HEADGATE_TODAY")) == (here, "200", None)
