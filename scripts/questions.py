"""Write docs/questions.md: what people ask, each with an answer, a command, and what that command prints.

    python scripts/questions.py            write it
    python scripts/questions.py --check    say whether it is up to date (exit 1 if not)

The questions stand in questions.toml beside this file. Each step of an answer is a command (`run`), a few lines of
Python (`python`) or a file to look at (`file`). `keep` cuts an output to the lines that answer; `shows` is what those
lines must say, so that prose and program cannot drift apart; `exit` is the exit code that is expected.
"""

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(__file__).with_suffix(".toml")
PAGE = ROOT / "docs" / "questions.md"
# The day on which the page is read: which reviews are overdue depends on it.
TODAY = "2026-11-22"
CUT = "[...]"
FRONT = """\
# The questions people ask

Forty-eight questions of those who sell, ship, rent, hold, use, study and write about AI chips, in their words, each
with a short answer, a command, and what the command prints. The outputs are made by `python scripts/questions.py` and
checked by a test; each step also names what it must print for the answer to stand. A cut is shown as `[...]`.

What the answers say of the law is what this book has, last read up to 2026-09-25; `headgate law coverage` lists what it
does not have. Parties in the examples are fictitious. `build/` is any folder of yours. This is not legal advice.
"""


class WrongPageError(Exception):
    """A step does not do what the page says of it."""


@contextlib.contextmanager
def desk() -> Iterator[None]:
    """Work in an empty folder that has the examples in it, on the page's day and 80 columns wide."""
    was = {name: os.environ.get(name) for name in ("COLUMNS", "HEADGATE_TODAY")}
    os.environ |= {"COLUMNS": "80", "HEADGATE_TODAY": TODAY}
    try:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "examples").symlink_to(ROOT / "examples", target_is_directory=True)
            Path(folder, "build").mkdir()
            with contextlib.chdir(folder):
                yield
    finally:
        for name, value in was.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def printed(step: dict[str, Any]) -> str:
    """Do one step and return what it prints; refuse another exit code than the one stated."""
    from headgate.cli.main import main

    if "file" in step:
        return Path(step["file"]).read_text(encoding="utf-8")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        if "python" in step:
            exec(compile(step["python"], "<questions.toml>", "exec"), {"__name__": "questions"})
            code = 0
        else:
            program, *argv = shlex.split(step["run"])
            if program != "headgate":
                raise WrongPageError(f"not a command of ours: {step['run']}")
            code = main(argv)
    if code != step.get("exit", 0):
        raise WrongPageError(f"exit code {code}, not {step.get('exit', 0)}: {step.get('run', step.get('python'))}")
    return out.buffer.getvalue().decode()


def cut(text: str, keep: Sequence[str]) -> str:
    """Keep the lines that answer, in order, and show each cut.

    Args:
        text: An output.
        keep: For each part a text of its first line. `FIRST` keeps that line and what hangs below it, indented deeper;
            `FIRST ...` runs to the next blank line; `FIRST ... LAST` to the line with LAST, which may be the same.
            All parts in the order of the output; none keeps everything.

    Raises:
        WrongPageError: A part is not in what is left of the output.

    Example:
        >>> print(cut("a\\nb\\n  c\\nd\\ne", ["b", "e"]))
        [...]
        b
          c
        [...]
        e
    """
    lines = text.rstrip("\n").split("\n")
    if not keep:
        return "\n".join(lines)
    at, kept = 0, []
    for part in keep:
        first, open_end, last = part.partition(" ...")
        start = next((n for n in range(at, len(lines)) if first in lines[n]), None)
        if start is None:
            raise WrongPageError(f"no line with {first!r} in what is left of:\n{text}")
        stop = _end(lines, start, last.strip() if open_end else None)
        if stop is None:
            raise WrongPageError(f"no line with {last!r} after {first!r} in:\n{text}")
        between = lines[at:start]
        kept += [CUT] if any(line.strip() for line in between) else between
        kept += lines[start:stop]
        at = stop
    return "\n".join([*kept, CUT] if any(line.strip() for line in lines[at:]) else kept)


def _end(lines: Sequence[str], start: int, last: str | None) -> int | None:
    """Return the line after a part: after what hangs below its first line, before a blank one, or after LAST."""
    if last:
        return next((n + 1 for n in range(start, len(lines)) if last in lines[n]), None)
    if last is not None:
        return next((n for n in range(start, len(lines)) if not lines[n].strip()), len(lines))
    depth = _indent(lines[start])
    return next((n for n in range(start + 1, len(lines)) if _indent(lines[n]) <= depth), len(lines))


def _indent(line: str) -> int:
    """Return how deep a line stands; a blank one ends what hangs."""
    return len(line) - len(line.lstrip()) if line.strip() else 0


def told(text: str) -> str:
    """Return a text on one line, so that a line break hides nothing."""
    return re.sub(r"\s+", " ", text)


def shown(step: dict[str, Any]) -> str:
    """Return one step as the page has it: what is asked, and what it prints."""
    text = cut(printed(step), step.get("keep", ()))
    for each in step["shows"]:
        if told(each) not in told(text):
            raise WrongPageError(f"{each!r} is not in:\n{text}")
    if "file" in step:
        return f"`{step['file']}`:\n\n```text\n{text}\n```\n"
    asked = f"```python\n{step['python'].strip()}" if "python" in step else f"```\n{typed(step['run'])}"
    return f"{asked}\n```\n\n```text\n{text}\n```\n"


def typed(command: str) -> str:
    """Return a command in lines of 100, broken before options, as a shell takes it."""
    first, *options = re.split(r" (?=-)", command.strip())
    lines = [first]
    for option in options:
        fits = len(lines[-1]) + len(option) < 98
        lines = [*lines[:-1], f"{lines[-1]} {option}"] if fits else [*lines, f"    {option}"]
    return " \\\n".join(lines)


def anchor(question: dict[str, Any]) -> str:
    """Return the anchor of a question."""
    return f"q{question['number']}"


def wrapped(text: str) -> str:
    """Return a paragraph in lines of 120."""
    return textwrap.fill(told(text).strip(), 120, break_long_words=False, break_on_hyphens=False) + "\n"


def section(question: dict[str, Any]) -> str:
    """Return one question with its answer, its steps, and what they do not say."""
    parts = [
        f'<a id="{anchor(question)}"></a>\n',
        f"### {question['number']}. {question['asks']}\n",
        wrapped(question["answer"]),
        *(shown(step) for step in question["step"]),
        wrapped(f"*What this does not say.* {question['limits']}"),
    ]
    return "\n".join(parts)


def read() -> list[dict[str, Any]]:
    """Return the heads with their questions."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))["head"]


def page() -> str:
    """Return the whole page."""
    heads = read()
    index = [f"**{head['title']}**\n\n" + "".join(linked(each) for each in head["question"]) for head in heads]
    parts = [FRONT, *index]
    with desk():
        for head in heads:
            parts.append(f"## {head['title']}\n")
            parts += [section(each) for each in head["question"]]
    return "\n".join(parts)


def linked(question: dict[str, Any]) -> str:
    """Return a line of the index."""
    return f"- [{question['number']}. {question['asks']}](#{anchor(question)})\n"


def main() -> int:
    """Write or check the page."""
    new = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != new)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
