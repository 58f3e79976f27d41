"""Under which law a command decides: the options that change the book, and the decider they make."""

import argparse
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from headgate.days import day, today

if TYPE_CHECKING:
    from headgate.decide.one import Decider
    from headgate.scenario.record import Scenario


def add_options(parser: argparse.ArgumentParser, scenario: bool = True) -> None:
    """Add the options that change the law."""
    group = parser.add_argument_group("which law")
    group.add_argument("--as-of", metavar="DAY", help="the law of this day for every line, instead of its event date")
    group.add_argument("--as-known", metavar="DAY", help="only what the book knew on this day: replays an old answer")
    group.add_argument("--overlay", metavar="DIR", help="a folder of your own rules: stricter, or authorizations held")
    if scenario:
        group.add_argument(
            "--scenario", metavar="NAME", help="a scenario file, or the id of one (see `law try --help`)"
        )
    group.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="set a parameter of the scenario; repeatable"
    )


def baseline(args: argparse.Namespace) -> "Decider":
    """Return the decider that the options describe, without any scenario.

    Raises:
        UsageError: An option cannot be used; the message names it.
        BookError: A rule of the overlay cannot be used.
    """
    return _under(args, None)


def scenario_of(name: str, args: argparse.Namespace) -> "Scenario":
    """Read a scenario with the parameters of the command."""
    from headgate.decide.facts import parse_set
    from headgate.scenario.record import read_scenario

    return read_scenario(name, parse_set(args.param))


def chosen(args: argparse.Namespace) -> "Decider":
    """Return the decider that all options describe.

    Raises:
        UsageError: An option cannot be used; the message names it.
        BookError: A rule or a scenario cannot be used.
    """
    return _under(args, args.scenario, args.param)


def _under(args: argparse.Namespace, scenario: str | None, param: Sequence[str] = ()) -> "Decider":
    from headgate.decide.facts import parse_set
    from headgate.decide.read import own_items
    from headgate.scenario.trial import law_under

    own = own_items(args.items) if getattr(args, "items", None) else None
    return law_under(args.as_of, args.as_known, args.overlay, scenario, parse_set(param), own)


def present(args: argparse.Namespace) -> date:
    """Return the day on which reviews are due or not: the present day, or that of the knowledge asked for."""
    return min(today(), day(args.as_known)) if args.as_known else today()


def asked(args: argparse.Namespace) -> dict[str, object]:
    """Return the options that change the law, by name, for a record; what was not given is None."""
    given = {name: getattr(args, name, None) for name in ("as_of", "as_known", "scenario", "overlay")}
    return {**given, "parameters": [*args.param] or None}


def said(args: argparse.Namespace) -> list[str]:
    """Say under which law a run decided; nothing where it is simply the law."""
    found = []
    if args.scenario:
        found.append(f"Under the scenario {args.scenario}: this is not the law.")
    if args.as_of:
        found.append(f"Every line is decided under the law of {args.as_of}, whatever its own date.")
    if args.as_known:
        found.append(f"Only what the book knew on {args.as_known} is used.")
        found.append(f"Words and citations are today's; only which provisions count is that of {args.as_known}.")
    if args.overlay:
        found.append(f"Rules of {args.overlay} (ids own.*) are laid over the law; they are yours, and no part of it.")
    return found
