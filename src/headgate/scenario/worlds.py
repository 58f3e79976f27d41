"""A scenario as a world: its law laid over the book, its quantities over the priors."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headgate.scenario.record import Scenario, read_scenario
from headgate.scenario.trial import under
from headgate.world.build import World, world

if TYPE_CHECKING:
    from headgate.decide.one import Decider
    from headgate.world.results import Results


def scenario_world(scenario: Scenario, by: "Decider") -> World:
    """Return the world under a scenario.

    Args:
        scenario: The scenario.
        by: The law as it is.
    """
    return world(under(scenario, by), scenario.id, scenario.start, scenario.priors)


def run_world(
    scenario: str | None = None,
    *,
    draws: int = 10_000,
    seed: int = 0,
    parameters: Mapping[str, str] | None = None,
    fitted: bool = True,
    stale: bool = False,
) -> "Results":
    """Run the world under the law as it is enforced, or under a scenario.

    Args:
        scenario: A scenario file, or the id of one; None for the law as it is.
        draws: How many draws, 1 or more.
        seed: 0 to 2^63 - 1; the same seed gives every scenario the same draws.
        parameters: Parameters of the scenario with other values, as text.
        fitted: Whether to use what history says; the priors alone otherwise.
        stale: Take the stored posterior although law or data have changed since it was made.

    Returns:
        The results; `.ratio(basis, measure)`, `.stock(...)`, `.flow(...)`, or `.dataset()` for labeled arrays (xarray).

    Raises:
        UsageError: There is no such scenario, an argument is out of range, or memory does not hold the results.

    Example:
        >>> import headgate
        >>> found = headgate.run_world(draws=64)
        >>> found.ratio("owned", "fp8").shape
        (44, 64)
    """
    from headgate.decide.one import decider
    from headgate.world.posterior import fitting, load
    from headgate.world.run import run

    by = decider()
    baseline = world(by)
    one = scenario_world(read_scenario(scenario, parameters), by) if scenario else baseline
    posterior = fitting(load(), baseline, stale) if fitted else None
    (found,) = run([one], draws, seed, posterior)
    return found
