"""Claims for the tests: worlds of a few hand-made draws, and stored results of random numbers."""

import numpy as np

from headgate.world.axes import ACCOUNTS, KINDS, LABELS, MEASURES, YEARS
from headgate.world.claims_stored import Claim, Deciding, Stored
from headgate.world.results import KEPT, Results

FIGURES = ("orders_usd", "rent_permitted")
PARTS = ("lanes", "lanes without controls", "history", "priors", "chips", "measures", "posterior", "simulator")
MADE_OF = dict.fromkeys(PARTS, "0" * 64)


def results(draws=3, name="baseline", seed=0, hazard=0.0, orders=1.0, permitted=1.0, **accounts):
    """Return a world in which accounts are told and all else is nothing.

    Args:
        hazard: Share retired in a year.
        orders: Domestic orders by quarter and draw, or what broadcasts to it.
        permitted: Share of rented chips that may be used.
        accounts: What each account adds by quarter and draw, the same in all measures, or what broadcasts to it.
    """
    flows = np.zeros((len(LABELS), draws, len(ACCOUNTS), len(MEASURES)), np.float32)
    for account, added in accounts.items():
        flows[:, :, ACCOUNTS.index(account), :] = np.broadcast_to(added, flows.shape[:2])[..., None]
    series = np.zeros((len(LABELS), draws, len(FIGURES)), np.float32)
    series[..., 0], series[..., 1] = orders, permitted
    quantities = np.zeros((len(LABELS), draws, len(KEPT)), np.float32)
    quantities[..., KEPT.index("retire.hazard")] = hazard
    none = np.zeros((len(LABELS), 0, 1, 1), np.float32)
    return Results(name, flows, series, FIGURES, quantities, none, (), {"seed": seed, "posterior": "none"})


def by_quarter(years):
    """Return what is added in each quarter, the same in the four of a year, [quarter, 1]."""
    return np.repeat(np.broadcast_to(years, len(YEARS)), 4)[:, None]


def from_year(year, height=1.0):
    """Return a step: nothing before a year, and so much in each quarter from its first one on, [quarter, 1]."""
    return by_quarter([height if y >= year else 0.0 for y in YEARS])


def stored(seed=3):
    """Return results of random numbers, complete."""
    draw = np.random.default_rng(seed)
    rows, deciding = [], []
    for claim in ("A", "B", "B net", "B supply", "B supply net", "B orders", "parity", "parity net"):
        bases = KINDS if claim == "A" else ("either",) if claim == "B orders" else ("owned", "controlled")
        for kind in ("stock", "flow"):
            for basis in bases:
                for measure in ("orders_usd",) if claim == "B orders" else MEASURES:
                    years = YEARS[1:] if claim == "A" else YEARS
                    shares = draw.uniform(size=len(years))
                    if claim == "B":
                        shares *= 0.3
                    if claim.startswith("parity"):
                        shares.sort()
                    for year, share in zip(years, shares.tolist(), strict=True):
                        rows.append(Claim(claim, basis, kind, measure, year, round(share, 4), 0.0049))
                        if claim in ("A", "B supply", "B orders") and basis != "located":
                            deciding += decided((claim, basis, kind, measure, year), draw)
    run = {"headgate": "0.1.0", "draws": 10000, "seed": 0, "posterior": "f" * 64, "numpy": "2", "jax": "0"}
    return Stored(tuple(rows), tuple(deciding), run, dict(MADE_OF), dict(MADE_OF))


def decided(words, draw):
    """Return three quantities for a claim."""
    three = (("china.budget", "level"), ("hbm.cxmt", "change"), ("error.amd", "level"))
    for place, (quantity, part) in enumerate(three):
        low, high = (round(float(x), 3) for x in draw.uniform(size=2))
        yield Deciding(*words, place + 1, quantity, part, round(0.6 - 0.1 * place, 2), low, high)
