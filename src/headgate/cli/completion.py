"""`headgate completion`: what a shell needs to complete commands, options and ids."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from headgate.errors import UsageError

PURPOSE = "Print what completes words of headgate in your shell: commands, options, ids."
ABOUT = "Print a script that completes commands, options, and the ids of chips, provisions, scenarios and machines."
EXAMPLE = """\
Example:
  headgate completion bash
  headgate completion zsh

To use it in every new shell, add its line to the file that the shell starts with:
  bash        ~/.bashrc              eval "$(headgate completion bash)"
  zsh         ~/.zshrc               eval "$(headgate completion zsh)"
  fish        config.fish            headgate completion fish | source
  powershell  $PROFILE               headgate completion powershell | Out-String | Invoke-Expression

The script knows the ids of this version; a new shell after an update knows the new.
"""
FILES = ("FILE", "ORDERS", "OUT", "RUNS")  # in the names of arguments that are files
SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")


def add(commands: Any, top: Callable[[], argparse.ArgumentParser]) -> None:
    """Add `completion` to the parser.

    Args:
        commands: The commands of the parser.
        top: Makes the parser of all commands.
    """
    raw = argparse.RawDescriptionHelpFormatter
    made = commands.add_parser("completion", help=PURPOSE, description=ABOUT, epilog=EXAMPLE, formatter_class=raw)
    made.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    made.set_defaults(run=run, top=top)


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    from headgate.extras import needed

    shtab = needed("shtab")
    top = with_words(args.top())
    for _, action in actions(top):
        named = str(action.metavar)
        if action.choices is None and any(word in named for word in FILES):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif "DIR" in named:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(top, args.shell))
    return 0


def with_words(top: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Return the parser of all commands with the words that arguments take as their choices; it is for no other use.

    Args:
        top: A parser that nothing is read with.
    """
    for prog, action in actions(top):
        words = WORDS.get((prog, action.dest)) or WORDS.get(
            ("", action.option_strings[0] if action.option_strings else "")
        )
        # What is not installed has no words, and the rest is completed all the same.
        with suppress(UsageError):
            if words is not None:
                action.choices = list(words())
    return top


def actions(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """Yield every argument of a parser and of the commands below it, each with the command that takes it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                yield from actions(below)
        else:
            yield parser.prog, action


def _items() -> Iterable[str]:
    from headgate.catalog.chips import catalog

    return catalog().ids()


def _provisions() -> Iterable[str]:
    from headgate.law.us import book

    return book().ids()


def _scenarios() -> Iterable[str]:
    from headgate.scenario.record import names

    return names()


def _worlds() -> Iterable[str]:
    return ("baseline", *_scenarios())


def _machines() -> Iterable[str]:
    from headgate.extras import needed

    needed("numpy")
    from headgate.predict.hardware import machines

    return machines()


def _models() -> Iterable[str]:
    from headgate.catalog.models import models

    return models()


def _flags() -> Iterable[str]:
    from headgate.law.flag_records import flag_records

    return flag_records().flags


def _policies() -> Iterable[str]:
    from headgate.catalog.policy import policies

    return policies()


def _facts() -> Iterable[str]:
    from headgate.decide.columns import COLUMNS

    return (f"{name}=" for name in COLUMNS)


def _countries() -> Iterable[str]:
    from headgate.catalog.country_names import countries

    return countries().names


# The words that an argument takes: by command and name of the argument, or by option wherever it stands.
WORDS: dict[tuple[str, str], Callable[[], Iterable[str]]] = {
    ("headgate chip show", "id"): _items,
    ("headgate chip flips", "id"): _items,
    ("headgate law show", "id"): _provisions,
    ("headgate law try", "names"): _scenarios,
    ("headgate flags show", "id"): _flags,
    ("headgate policy show", "id"): _policies,
    ("headgate machine show", "id"): _machines,
    ("headgate machine compare", "names"): _machines,
    ("headgate machine compare", "on"): _models,
    ("headgate machine agree", "chip"): _items,
    ("headgate world run", "scenario"): _worlds,
    ("headgate world sensitivity", "scenario"): _worlds,
    ("headgate world compare", "names"): _worlds,
    ("headgate decide", "set"): _facts,
    ("headgate explain", "stated"): _facts,
    ("headgate law try", "set"): _facts,
    ("", "--item"): _items,
    ("", "--from"): _countries,
    ("", "--to"): _countries,
    ("", "--scenario"): _scenarios,
    ("", "--machine"): _machines,
    ("", "--model"): _models,
}
