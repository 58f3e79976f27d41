"""The command `headgate`: noun and verb, help with an example everywhere, and the exit codes of the contract."""

import argparse
import errno
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from headgate import __version__
from headgate.errors import HeadgateError, did_you_mean
from headgate.files import refusal, system_error

USAGE, INTERRUPTED = 2, 130
GREETING = f"""\
Headgate {__version__}: the United States' export controls on AI chips, as a program.
It decides an export under the law of its day, says why, and what is missing.

Three commands to try:
  headgate explain --item nvidia-h200-sxm --from US --to CN --on 2026-02-15
  headgate chip show nvidia-h20-96
  headgate law timeline

Then your own orders:
  headgate decide --columns         what an order book may hold
  headgate decide ORDERS.csv        decides each of its lines

Beside them:
  headgate --help                   all commands; each has --help with examples
  headgate doctor                   checks the installation and the law's age
  headgate completion bash          completes words in your shell

The manual is README.md and the folder docs/ of the source. Not legal advice.
"""
PURPOSE = "Decide export lines of AI chips under the US law of their day, say why, and say which facts are missing."
EXAMPLE = """\
Example:
  headgate explain --item nvidia-h200-sxm --from US --to CN --on 2026-02-15
  headgate doctor

Exit codes of decide and explain: 0 nothing needs a license, 10 a license is
required or the act is prohibited, 11 only exceptions, 20 facts are missing (or
ambiguous, not modeled, invalid rows), 2 usage, 3 stale law under --strict.
"""


class Parser(argparse.ArgumentParser):
    """A parser whose refusals name near words and point to the help."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, which words are near, and where the help is; exit with 2."""
        said = f"{message}."
        if wrong := re.search(r"(.*): invalid choice: '([^']*)' \(choose from (.*)\)", message):
            what, given, known = wrong[1], wrong[2], re.findall(r"[\w-]+", wrong[3])
            near = did_you_mean(given, known) or f" It is one of {', '.join(known)}."
            said = f"{what.removeprefix('argument ').casefold()} {given!r}: there is no such word.{near}"
        elif message.startswith("unrecognized arguments: -"):
            option = message.split()[2].partition("=")[0]
            said += did_you_mean(option, [o for a in self._actions for o in a.option_strings])
        self.exit(USAGE, f"headgate: {said} See `{self.prog} --help`.\n")

    def reached(self, arguments: Sequence[str]) -> "Parser":
        """Return the parser of the command that the arguments name, as far as they name one."""
        verbs = next((a.choices for a in self._actions if isinstance(a, argparse._SubParsersAction)), {})
        for n, word in enumerate(arguments):
            if word in verbs:
                found: Parser = verbs[word]
                return found.reached(arguments[n + 1 :])
        return self


def parser() -> Parser:
    """Return the parser of all commands; no heavy module is loaded for it."""
    from headgate.cli import (
        chip,
        completion,
        decide,
        doctor,
        explain,
        flags,
        law,
        machine,
        map,
        policy,
        serve_model,
        train,
        world,
    )

    top = Parser("headgate", description=PURPOSE, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"headgate {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for door in (decide, map, explain, chip, law, flags, policy, machine, train, serve_model, world, doctor):
        door.add(commands)
    completion.add(commands, parser)
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
    if argv is None:
        signal.signal(signal.SIGTERM, _stop)
        for stream in (sys.stdout, sys.stderr):
            # A terminal of another alphabet shows a letter that it lacks as its code.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except HeadgateError as problem:
        return _refused(str(problem))
    except BrokenPipeError:
        # The reader has gone, as `| head` does; what is still in the buffer must not raise again on the way out.
        _drop_output()
        return 0
    except OSError as problem:
        number = system_error(problem)
        if number == errno.ENOSPC:
            _drop_output()
        where = f"{problem.filename}: " if problem.filename else ""
        return _refused(where + (refusal(number) if number else str(problem)))
    except MemoryError:
        return _refused("there is not enough memory for this. Split the file, or write Parquet instead of CSV")
    except KeyboardInterrupt:
        print("\nheadgate: interrupted; what was not whole yet was not written", file=sys.stderr)
        return INTERRUPTED


def _refused(message: str) -> int:
    """Say on one line why nothing came of it."""
    print(f"headgate: {message}", file=sys.stderr)
    return USAGE


def _stop(number: int, frame: object) -> NoReturn:
    """Leave as after Ctrl-C, so that half-written files are taken away."""
    raise SystemExit(128 + number)


def _drop_output() -> None:
    """Send what is left for standard output nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    if not arguments:
        print(GREETING, end="")
        return 0
    try:
        top = parser()
        args, rest = top.parse_known_args(arguments)
        # What a command takes as a list of names may also stand behind its options.
        if rest and (not hasattr(args, "names") or any(r.startswith("-") for r in rest)):
            top.reached(arguments).error(f"unrecognized arguments: {' '.join(rest)}")
        elif rest:
            args.names += rest
    except SystemExit as stop:
        return int(stop.code or 0)
    run: Callable[[argparse.Namespace], int] | None = getattr(args, "run", None)
    if run is None:
        print(GREETING, end="")
        return 0
    return run(args)
