"""Where `headgate explain` puts a memo, and in which form."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.errors import UsageError, did_you_mean
from headgate.files import write_whole

if TYPE_CHECKING:
    from headgate.decide.decision import Decision

# The endings of each form, the usual one first.
FORMATS = {
    "text": (".txt",),
    "md": (".md", ".markdown"),
    "html": (".html", ".htm"),
    "pdf": (".pdf",),
    "json": (".json",),
}
ENDINGS = tuple(endings[0] for endings in FORMATS.values())
NOT_FOR_EYES = ("html", "pdf")


def target(args: argparse.Namespace) -> tuple[str, Path | None]:
    """Return the form of the memo and the file it goes to; None is standard output.

    Raises:
        UsageError: Options that contradict each other, a file that cannot be written, or a form no terminal shows.
    """
    asked = "json" if args.json else args.format
    if args.json and args.format not in (None, "json"):
        raise UsageError(f"--json and --format {args.format} contradict each other; give one of them")
    if args.out is not None and not args.out.strip():
        raise UsageError("-o: no name is given; write -o memo.pdf, or leave it out to see the memo here")
    path = Path(args.out) if args.out is not None else None
    if args.questions and (path is not None or asked not in (None, "text", "json")):
        raise UsageError(
            "--questions prints the questionnaire as text or JSON; leave out -o and --format, or write it to a file "
            "with `headgate decide ORDERS.csv --questions FILE.csv`"
        )
    if path is not None:
        return _form_of(path, asked), path
    if asked in NOT_FOR_EYES and sys.stdout.isatty():
        raise UsageError(f"--format {asked}: a terminal does not show it; name a file with -o memo{FORMATS[asked][0]}")
    return asked or "text", None


def _form_of(path: Path, asked: str | None) -> str:
    """Return the form of a file by its ending; refuse one that contradicts what was asked, or cannot be written."""
    if path.is_dir():
        raise UsageError(f"-o {path}: this is a folder; name a file in it")
    ending = path.suffix.casefold()
    form = next((name for name, endings in FORMATS.items() if ending in endings), None)
    if form is None:
        near = did_you_mean(ending, ENDINGS) if ending else ""
        wanted = FORMATS[asked][0] if asked else ", ".join(ENDINGS)
        raise UsageError(f"-o {path}: no memo is written in a file of this ending.{near} End the name in {wanted}")
    if asked is not None and asked != form:
        raise UsageError(
            f"-o {path}: a file in {ending} is {form}, but {asked} was asked for. "
            f"Leave out the form, or end the name in {FORMATS[asked][0]}"
        )
    if not path.parent.is_dir():
        raise UsageError(f"-o {path}: the folder {path.parent} does not exist; make it first")
    return form


def put(content: bytes, decision: "Decision", path: Path | None) -> None:
    """Write a memo to its file and say so with the outcome, or to standard output.

    Raises:
        UsageError: The file cannot be written; one that was there stays as it was.
    """
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    from headgate.decide.wording import short_answer

    try:
        write_whole(path, content)
    except OSError as problem:
        raise UsageError(f"-o {path}: cannot write there: {problem.strerror or problem}") from problem
    answer = short_answer(decision.outcome, decision.review_policy, decision.exceptions)
    print(f"{answer[:1].upper()}{answer[1:]}.\nWritten: {path}")
