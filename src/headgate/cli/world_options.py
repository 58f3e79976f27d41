"""What the commands of `headgate world` share: options, and the worlds and the posterior that these name."""

import argparse
from typing import TYPE_CHECKING

from headgate.cli.numbers import whole
from headgate.errors import UsageError
from headgate.units import digits

if TYPE_CHECKING:
    from datetime import date

    from headgate.decide.one import Decider
    from headgate.scenario.record import Scenario
    from headgate.world.build import World
    from headgate.world.posterior import Posterior

DRAWS, LAST_SEED = 10_000, 2**63 - 1
BASELINE = "baseline"


def seed(text: str) -> int:
    """Read a seed of the random draws.

    Example:
        >>> seed("0"), seed("20,261,122")
        (0, 20261122)
    """
    number = digits(text)
    if not number.isdecimal() or int(number) > LAST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; give a whole number from 0 to 2^63 - 1")
    return int(number)


def common(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command of the world has."""
    group = parser.add_argument_group("how it is run")
    group.add_argument("--draws", metavar="N", type=whole, default=DRAWS, help=f"how many draws ({DRAWS})")
    group.add_argument("--seed", metavar="N", type=seed, default=0, help="which random numbers (0)")
    group.add_argument("--prior", action="store_true", help="run under the priors alone, without what history says")
    group.add_argument("--stale", action="store_true", help="take a posterior that was made with other law or data")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")


def scenario_of(args: argparse.Namespace, name: str) -> "Scenario":
    """Read a scenario by id or path, with the parameters of `--param` where the command has them.

    Raises:
        UsageError: There is no such scenario or parameter; near names are given.
        BookError: The file is malformed.
    """
    from headgate.decide.facts import parse_set
    from headgate.scenario.record import read_scenario

    return read_scenario(name, parse_set(getattr(args, "param", [])))


def baseline(args: argparse.Namespace) -> "World":
    """Return the world under the law as it is enforced."""
    from headgate.decide.one import decider
    from headgate.world.build import world

    return world(decider(), BASELINE)


def law_of(args: argparse.Namespace, name: str) -> "Decider":
    """Return the law of a scenario: its changes laid over the law as enforced.

    Raises:
        UsageError: There is no such scenario, or a change of law lies outside the horizon.
        BookError: The file is malformed, or names what is not in the book.
    """
    from headgate.decide.one import decider
    from headgate.scenario.trial import under

    if name == BASELINE:
        return decider()
    scenario = scenario_of(args, name)
    for change in scenario.changes:
        refuse_outside(scenario.id, change.verb, change.start, change.end)
    return under(scenario, decider()) if scenario.changes else decider()


def refuse_outside(id: str, verb: str, start: "date", end: "date | None") -> None:
    """Refuse a change of law that no quarter of the world sees."""
    from headgate.world.axes import QUARTERS

    first, last = QUARTERS[0].start, QUARTERS[-1].last
    if start > last or (end is not None and end <= first):
        span = f"from {start}{f' until {end}' if end else ''}"
        raise UsageError(
            f"{id}: its change of law ({verb}, {span}) lies outside the horizon of the world, {first} to {last}. "
            "Give it days within, or look at it with `headgate law try`."
        )


def check(args: argparse.Namespace, name: str) -> None:
    """Refuse a scenario that `chosen` would refuse, without deciding a lane, so that a long run need not begin.

    Raises:
        UsageError: As for `chosen`; the same for BookError.
    """
    from headgate.world.changes import resolve
    from headgate.world.priors import priors

    if name != BASELINE:
        law_of(args, name)
        resolve(scenario_of(args, name).priors, priors())


def chosen(args: argparse.Namespace, name: str) -> "World":
    """Return the world of a scenario: its law laid over the law as enforced, and what it supposes.

    Args:
        args: With the options of the command.
        name: The id of a scenario, a path to one, or `baseline`.

    Raises:
        UsageError: There is no such scenario, it names no quantity of the world, or a change lies outside the horizon.
        BookError: The file is malformed, or names what is not in the book.
    """
    from headgate.world.build import world

    if name == BASELINE:
        return baseline(args)
    scenario = scenario_of(args, name)
    return world(law_of(args, name), scenario.id, scenario.start, scenario.priors)


def posterior_of(args: argparse.Namespace, baseline: "World") -> "Posterior | None":
    """Return the stored posterior; None with `--prior`.

    Raises:
        UsageError: There is none, or it was made with other law or data and `--stale` is not given.
    """
    if args.prior:
        return None
    from headgate.world.posterior import fitting, load

    return fitting(load(), baseline, args.stale)


def fitted_words(posterior: "Posterior | None", baseline: "World") -> str:
    """Say in a sentence what history had to say in a run, and whether that is stale.

    Args:
        posterior: What the run was made with.
        baseline: The world under the law as it is.
    """
    from headgate.world.posterior import differences

    if posterior is None:
        return "Under the priors alone: what history says is left aside."
    differs = differences(posterior, baseline)
    if differs:
        return f"STALE: fitted to history with other {' and '.join(differs)} than this world has."
    return f"Fitted to history; {posterior.draws:,} draws of it are stored."
