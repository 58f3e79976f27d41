"""Run the world with and without controls and write the stored probabilities of the claims, `data/world/claims*`.

    python scripts/world_claims.py            write the results
    python scripts/world_claims.py --check    say whether they are up to date (exit 1 if not, with what differs)

It takes a minute or two: under the stored posterior where there is one, under the priors alone otherwise. Run it anew
after a change of law, history, priors, posterior or simulator; --check says which. Another machine may round otherwise
and move a probability by a draw or two, which --check passes over.
"""

import sys
from collections.abc import Mapping, Sequence

from headgate.cli.world_claims import FREE, free_law
from headgate.decide.one import decider
from headgate.errors import CatalogError
from headgate.scenario.record import read_scenario
from headgate.world import posterior
from headgate.world.build import World, world
from headgate.world.claims_made import differences, made
from headgate.world.claims_stored import Claim, Stored, read, write

DRAWS, SEED = 10_000, 0
NEAR = 0.002  # probabilities that differ by no more are the same


def worlds() -> tuple[World, World]:
    """Return the world under the law as it is, and the one without controls."""
    free = read_scenario(FREE)
    return world(decider()), world(free_law(), free.id, free.start, free.priors)


def computed() -> Stored:
    """Run both worlds and return their results."""
    baseline, free = worlds()
    told = posterior.fitting(posterior.load(), baseline) if posterior.FILE.is_file() else None
    return made(baseline, free, DRAWS, SEED, told)


def keyed(rows: Sequence[Claim]) -> Mapping[tuple[str, str, str, str, int], float]:
    """Return the probabilities by what they are of."""
    return {(r.claim, r.basis, r.kind, r.measure, r.year): r.probability for r in rows}


def differing(one: Stored, other: Stored) -> list[str]:
    """Return in words what differs between two results."""
    here, there = keyed(one.claims), keyed(other.claims)
    odd = [key for key in here.keys() | there.keys() if abs(here.get(key, -1.0) - there.get(key, -1.0)) > NEAR]
    return [" ".join(map(str, key)) for key in sorted(odd)]


def complaint() -> str:
    """Say what is wrong with the stored results; nothing where they are up to date."""
    try:
        stored = read()
    except CatalogError as problem:
        return str(problem)
    if changed := differences(stored, decider, free_law):
        return f"the claims are stale: {', '.join(changed)} changed. Run: python scripts/world_claims.py"
    if odd := differing(stored, computed()):
        return f"{len(odd)} claims come out otherwise: {'; '.join(odd[:5])}. Run: python scripts/world_claims.py"
    return ""


def main() -> int:
    """Write the results, or compare them with what would be written."""
    if "--check" not in sys.argv:
        write(computed())
        return 0
    if told := complaint():
        print(told, file=sys.stderr)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
