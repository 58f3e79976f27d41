"""`headgate world`: what a rule does to the compute gap, in a simulated world under the same book of law."""

import argparse
from typing import Any

PURPOSE = "Run the simulated world: the compute gap under the law as it is, and under scenarios."
EXAMPLE = """\
Example:
  headgate world claims
  headgate world run h200-open-at-cap
  headgate world compare baseline no-controls full-embargo

`headgate law try` lists the scenarios. What runs the world needs the extra
headgate[world]; what is stored (claims, backtest) is read without it.
"""


def add(commands: Any) -> None:
    """Add `world` and its commands to the parser; each command is a module of its own."""
    from headgate.cli import (
        world_agree,
        world_backtest,
        world_calibrate,
        world_claims,
        world_compare,
        world_run,
        world_sensitivity,
    )

    raw = argparse.RawDescriptionHelpFormatter
    world = commands.add_parser("world", help=PURPOSE, description=PURPOSE, epilog=EXAMPLE, formatter_class=raw)
    verbs = world.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for door in (
        *(world_run, world_compare, world_claims, world_sensitivity, world_agree, world_backtest, world_calibrate),
    ):
        door.add(verbs)
