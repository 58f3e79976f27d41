"""The command `headgate`: noun and verb, help with an example everywhere, and the exit codes of the contract."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from headgate import __version__
from headgate.errors import HeadgateError, did_you_mean

USAGE = 2
GREETING = f"""\
Headgate {__version__}: the United States' export controls on AI chips, as a program.

Three commands to try:
  headgate explain --item nvidia-h200-sxm --from US --to CN --on 2026-02-15
  headgate law timeline
  headgate chip show nvidia-h20-96

`headgate --help` lists all commands. Not legal advice.
"""
PURPOSE = "Decide export lines of AI chips under the US law of their day, say why, and say which facts are missing."
EXAMPLE = """\
Example:
  headgate explain --item nvidia-h200-sxm --from US --to CN --on 2026-02-15

Exit codes of decide and explain: 0 nothing needs a license, 10 a license is
required or the act is prohibited, 11 only exceptions, 20 facts are missing (or
ambiguous, not modeled, invalid rows), 2 usage, 3 stale law under --strict.
"""


class Parser(argparse.ArgumentParser):
    """A parser whose refusals name near words and point to the help."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, which words are near, and where the help is; exit with 2."""
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        hint = did_you_mean(wrong[1], re.findall(r"[\w-]+", wrong[2])) if wrong else ""
        self.exit(USAGE, f"headgate: {message}.{hint} See `{self.prog} --help`.\n")


def parser() -> Parser:
    """Return the parser of all commands; no heavy module is loaded for it."""
    from headgate.cli import chip, decide, explain, flags, law, machine, policy, serve_model, train, world

    top = Parser("headgate", description=PURPOSE, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"headgate {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for door in (decide, explain, chip, law, flags, policy, machine, train, serve_model, world):
        door.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        argv: The arguments; by default those of the process.

    Example:
        >>> main(["--version"])
        headgate 0.1.0
        0
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    # Matrices here are small: threads would only wait for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except HeadgateError as problem:
        print(f"headgate: {problem}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:
        # The reader has gone, as `| head` does; what is still in the buffer must not raise again on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        print(f"headgate: {where}{problem.strerror or problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    if not arguments:
        print(GREETING, end="")
        return 0
    try:
        top = parser()
        args, rest = top.parse_known_args(arguments)
        # What a command takes as a list of names may also stand behind its options.
        if rest and (not hasattr(args, "names") or any(r.startswith("-") for r in rest)):
            top.error(f"unrecognized arguments: {' '.join(rest)}")
        elif rest:
            args.names += rest
    except SystemExit as stop:
        return int(stop.code or 0)
    run: Callable[[argparse.Namespace], int] | None = getattr(args, "run", None)
    if run is None:
        print(GREETING, end="")
        return 0
    return run(args)
