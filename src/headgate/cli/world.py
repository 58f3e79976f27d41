"""`headgate world`: what a rule does to the compute gap, in a simulated world under the same book of law."""

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Any

PURPOSE = "Run the simulated world: the compute gap under the law as it is, and under scenarios."
EXAMPLE = """\
Example:
  headgate world run h200-open-at-cap
  headgate world compare baseline no-controls full-embargo
"""
DOORS = ("run", "compare", "claims", "sensitivity", "agree", "backtest", "calibrate")


def add(commands: Any) -> None:
    """Add `world` and its commands to the parser; each command is a module of its own."""
    raw = argparse.RawDescriptionHelpFormatter
    world = commands.add_parser("world", help=PURPOSE, description=PURPOSE, epilog=EXAMPLE, formatter_class=raw)
    verbs = world.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in DOORS:
        module = f"headgate.cli.world_{name}"
        if find_spec(module):
            import_module(module).add(verbs)
