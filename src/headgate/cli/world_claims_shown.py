"""How `headgate world claims` shows the two claims on a terminal, and says what decides them in plain words."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.world.claims_stored import Claim, Deciding, Stored

NAMES: Mapping[str, str] = {
    "tpp": "TPP",
    "fp8": "FP8",
    "fp4": "FP4",
    "int8": "8-bit",
    "memory_bandwidth": "memory bandwidth",
    "memory_size": "memory size",
    "h100e": "H100-equivalents",
    "training": "usable, training",
    "serving": "usable, serving",
}
ORDERS = "orders_usd"
KINDS: Mapping[str, str] = {"stock": "stock at the end of the year", "flow": "added in the year"}
BASES: Mapping[str, str] = {"owned": "owned", "controlled": "owned or rented"}
HEADS: Mapping[str, str] = {
    "A": "A: the gap widens",
    "B": "B: the blockade backfires",
    "B net": "B, net of what comes in through other foreign channels",
    "B supply": "Half of B: domestic supply makes up for the legal imports forgone",
    "B supply net": "Half of B, net: the same for imports through all foreign channels",
    "parity": "Supply makes up for legal imports forgone by then, for good",
    "parity net": "Supply makes up for all imports forgone by then, for good",
}
PARTS: Sequence[tuple[str, str, str]] = (
    ("B supply", "owned", "supply, legal"),
    ("B supply net", "owned", "supply, all owned"),
    ("B supply net", "controlled", "supply, and rented"),
    ("B orders", "either", "orders"),
)
PARITY: Sequence[tuple[str, str, str]] = (
    ("parity", "owned", "legal"),
    ("parity net", "owned", "all owned"),
    ("parity net", "controlled", "and rented"),
)
DECIDED: Sequence[tuple[str, str, str]] = (
    ("A", "owned", "A, owned"),
    ("A", "controlled", "A, owned or rented"),
    ("B supply", "owned", "B, supply, legal"),
    ("B orders", "either", "B, orders"),
)
CHANNELS = (
    "supply: domestic supply is at least the imports forgone: the legal ones; all that China would own, with diverted "
    "chips and foreign dies in Chinese designs; all that and what it would rent. orders: twice those without controls, "
    "for a stock added up from 2022 on."
)
LABEL, CELL = 23, 5


def shown(
    stored: "Stored",
    stale: Sequence[str],
    measures: Sequence[str],
    main: str,
    years: Sequence[int],
    one: bool,
    width: int,
) -> Iterator[str]:
    """Yield the results for a person.

    Args:
        stored: The results.
        stale: What they were made of and is another now.
        measures: Which measures to show.
        main: The measure in which parts and what decides are told.
        years: For which years to say what decides.
        one: Whether to show the first of the years alone, with errors.
        width: At which prose wraps.
    """
    from headgate.cli.text import wrap

    if stale:
        told = f"What these results rest on has changed since they were made: {', '.join(stale)}."
        yield "STALE"
        yield from wrap(f"{told} Run them anew with --refresh, or store them with scripts/world_claims.py.", width)
        yield ""
    for told in summary(stored, main):
        yield from wrap(told, width)
    yield from of_year(stored, measures, years[0]) if one else by_year(stored, measures, main, width)
    yield from deciding(stored, main, years, width)
    yield from manifest(stored, width)


def percent(share: float) -> str:
    """Return a probability in percent, never 0 or 100 unless it is so in every draw.

    Example:
        >>> [percent(p) for p in (0.0, 0.001, 0.524, 0.996, 1.0)]
        ['0', '<1', '52', '>99', '100']
    """
    if 0 < share < 0.005:
        return "<1"
    return ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"


def series(stored: "Stored", claim: str, basis: str, kind: str, measure: str) -> "dict[int, Claim]":
    """Return one line of the claims, by year."""
    key = (claim, basis, kind, ORDERS if claim == "B orders" else measure)
    return {c.year: c for c in stored.claims if (c.claim, c.basis, c.kind, c.measure) == key}


def summary(stored: "Stored", measure: str) -> Iterator[str]:
    """Say in two sentences what the claims come to, in one measure."""
    gap = series(stored, "A", "owned", "stock", measure).values()
    most, least = max(gap, key=lambda c: c.probability), min(gap, key=lambda c: c.probability)
    yield (
        f"Share of the draws in which a claim holds, in percent. A, for what is owned in {NAMES[measure]}: the gap "
        f"widens in {percent(most.probability)} % of them in {most.year} and in {percent(least.probability)} % in "
        f"{least.year}, its most and least probable years."
    )
    both, supply, orders = (
        max(series(stored, claim, basis, "stock", measure).values(), key=lambda c: c.probability)
        for claim, basis in (("B", "owned"), ("B supply", "owned"), ("B orders", "either"))
    )
    yield (
        f"B, for the same: in at most {percent(both.probability)} % in any year; its half of supply alone in at "
        f"most {percent(supply.probability)} % ({supply.year}), its half of orders in at most "
        f"{percent(orders.probability)} % ({orders.year})."
    )


def of_years(label: str, found: "Mapping[int, Claim]", years: Sequence[int]) -> str:
    """Return the probabilities of a claim in a line, by year."""
    return line(f"  {label}", [percent(found[y].probability) if y in found else "" for y in years])


def line(label: str, cells: Sequence[object]) -> str:
    """Return one line of a table of years."""
    return (f"{label:<{LABEL}}" + "".join(f"{cell:>{CELL}}" for cell in cells)).rstrip()


def by_year(stored: "Stored", measures: Sequence[str], main: str, width: int) -> Iterator[str]:
    """Yield the tables of all years."""
    from headgate.cli.text import wrap
    from headgate.world.axes import YEARS

    years = YEARS[1:]
    for kind, words in KINDS.items():
        yield from ("", f"{HEADS['A']}, {words}".upper())
        for basis, name in BASES.items():
            yield line(name, years)
            yield from (of_years(NAMES[m], series(stored, "A", basis, kind, m), years) for m in measures)
    yield from ("", HEADS["B"].upper())
    for kind, words in KINDS.items():
        yield line(words if len(words) < LABEL else kind, years)
        found = {m: series(stored, "B", "owned", kind, m) for m in measures}
        if all(found[m][y].probability < 0.005 for m in measures for y in years):
            most = percent(max(c.probability for by in found.values() for c in by.values()))
            yield f"  both halves, in each measure and year: {most}"
        else:
            yield from (of_years(NAMES[m], by, years) for m, by in found.items())
        for claim, basis, name in PARTS:
            yield of_years(name, series(stored, claim, basis, kind, main), years)
    yield from wrap(f"Halves are for {NAMES[main]}. {CHANNELS}", width)
    yield from parity_lines(stored, main, years)


def parity_lines(stored: "Stored", measure: str, years: Sequence[int]) -> Iterator[str]:
    """Yield how probable it is that parity has come by each year, and that it never does."""
    yield from ("", f"Domestic supply makes up for imports forgone by then, for good ({NAMES[measure]})".upper())
    for kind in KINDS:
        yield line(kind, years) + " never"
        for claim, basis, name in PARITY:
            found = series(stored, claim, basis, kind, measure)
            never = percent(1 - found[years[-1]].probability)
            yield f"{of_years(name, found, years)}{never:>{CELL + 1}}"


def of_year(stored: "Stored", measures: Sequence[str], year: int) -> Iterator[str]:
    """Yield the tables of one year, with the errors that come from the number of draws."""
    from headgate.cli.text import Column, table, terminal_width

    cases = [(basis, kind) for kind in KINDS for basis in BASES]
    heads = [Column(str(year))]
    heads += [Column("with rented" if basis == "controlled" else f"{kind} owned", right=True) for basis, kind in cases]
    for claim, words in HEADS.items():
        found = {(m, *case): series(stored, claim, *case, m).get(year) for m in measures for case in cases}
        if any(found.values()):
            yield from ("", words.upper())
            rows = [[f"  {NAMES[m]}", *(with_error(found[m, *case]) for case in cases)] for m in measures]
            yield from table(heads, rows, terminal_width())
    stock, flow = (series(stored, "B orders", "either", kind, ORDERS)[year] for kind in KINDS)
    yield from ("", "Half of B: domestic orders are twice those without controls".upper())
    yield f"  added up from 2022 on: {with_error(stock)}; in {year} alone: {with_error(flow)}"


def with_error(found: "Claim | None") -> str:
    """Return a probability in percent with its standard error."""
    return f"{100 * found.probability:.1f} +-{100 * found.mc_error:.1f}" if found else ""


def deciding(stored: "Stored", measure: str, years: Sequence[int], width: int) -> Iterator[str]:
    """Say which assumptions decide the claims: how probable each is where they are low, and where they are high."""
    from headgate.cli.text import Column, table, wrap
    from headgate.world.claims_stored import sayings

    rows: list[list[str]] = []
    named: list[str] = []
    for claim, basis, words in DECIDED:
        found = [d for d in stored.decided if of(d, claim, basis, measure) and d.year in years]
        all_in_all = series(stored, claim, basis, "stock", measure)
        if found:
            rows.append([words, *(percent(all_in_all[y].probability) if y in all_in_all else "" for y in years)])
        keyed = sorted(found, key=lambda d: (d.quantity, d.part))
        lines = [(key, {d.year: d for d in own}) for key, own in groupby(keyed, key=lambda d: (d.quantity, d.part))]
        for (quantity, part), by in sorted(lines, key=lambda each: (min(d.place for d in each[1].values()), each[0])):
            ends = [f"{percent(by[y].low_third)} to {percent(by[y].high_third)}" if y in by else "" for y in years]
            rows.append([f"  {quantity}{' grows' if part == 'change' else ''}", *ends])
            named.append(quantity)
    yield from ("", f"What decides them (stock, {NAMES[measure]})".upper())
    yield from wrap(
        "All draws; then from where the quantity is in the lowest third of its draws to where it is in the highest, "
        "for the three that go most with the claim in each year. grows: its change over the year.",
        width,
    )
    yield from table([Column(""), *(Column(str(y), right=True) for y in years)], rows, width)
    says = sayings()
    for quantity in sorted(set(named)):
        yield from wrap(f"{quantity}: {says.get(quantity, '')}", width, "  ", "    ")


def of(found: "Deciding", claim: str, basis: str, measure: str) -> bool:
    """Say whether a row is about the stock of a claim in one measure."""
    wanted = ORDERS if claim == "B orders" else measure
    return (found.claim, found.basis, found.kind, found.measure) == (claim, basis, "stock", wanted)


def manifest(stored: "Stored", width: int) -> Iterator[str]:
    """Say what the results were made of."""
    from headgate.cli.text import wrap

    run = stored.run
    posterior = run["posterior"] if run["posterior"].startswith("none") else run["posterior"][:12]
    parts = ", ".join(f"{k} {v[:12]}" for k, v in stored.made_of.items() if k != "posterior")
    made = f"{run['draws']:,} draws, seed {run['seed']}, posterior {posterior}; {parts}; "
    yield ""
    yield from wrap(f"Made of: {made}headgate {run['headgate']}, jax {run['jax']}, numpy {run['numpy']}.", width)
