"""How the commands of the world show numbers on a terminal: medians with intervals, for as many years as fit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headgate.world.build import World
    from headgate.world.moved import Move
    from headgate.world.results import Results

# Which years are shown first where not all fit.
ENDS = (2028, 2026, 2032, 2030, 2025, 2024, 2027, 2029, 2031, 2023, 2022)
IMPORTS = (2026, 2025, 2028, 2024, 2023, 2027, 2022, 2030, 2029, 2031, 2032)
SHORT: Mapping[str, str] = {
    "tpp": "TPP",
    "fp8": "FP8",
    "fp4": "FP4",
    "int8": "8-bit",
    "memory_bandwidth": "bandwidth",
    "memory_size": "memory",
    "h100e": "H100e",
    "training": "training",
    "serving": "serving",
}
CHANNELS: Mapping[str, str] = {
    "legal": "legal",
    "domestic": "domestic",
    "proxy_fab": "proxy fab",
    "smuggled": "smuggled",
    "rented": "rented",
}
BASES: Mapping[str, str] = {"owned": "owned", "controlled": "controlled (owned or rented)"}
MOST_MOVES = 12


def cell(numbers: Sequence[float], sign: str = "") -> str:
    """Return a median with its 90 % interval; a difference that is nothing in every draw as 0.

    Args:
        numbers: The five quantiles.
        sign: `+` for a difference.

    Example:
        >>> cell([15.1, 17, 18.5, 20, 22.3]), cell([-0.9, 0, 0.1, 0.2, 0.3], "+"), cell([0.0] * 5, "+")
        ('18.5 15.1..22.3', '+0.1 -0.9..+0.3', '0')
    """
    from headgate.world.pictures.look import brief

    low, median, high = numbers[0], numbers[2], numbers[4]
    if low == high:
        return brief(median, sign) if median else "0"
    return f"{tidy(median, sign)} {tidy(low, sign)}..{tidy(high, sign)}"


def tidy(number: float, sign: str = "") -> str:
    """Return a number in three digits, and what is as good as nothing as 0.

    Example:
        >>> tidy(1234567.0, "+"), tidy(0.0003), tidy(-0.0, "+")
        ('+1.23M', '0', '0')
    """
    from headgate.world.pictures.look import brief

    return brief(number, sign) if abs(number) >= 0.0005 else "0"


def years_that_fit(order: Sequence[int], room: int, each: int) -> list[int]:
    """Return the years to show, at least one, in order of time.

    Example:
        >>> years_that_fit(ENDS, 60, 18)
        [2026, 2028, 2032]
    """
    return sorted(order[: max(1, room // each)])


def by_year(rows: Mapping[str, tuple[Any, str]], order: Sequence[int], width: int, beside: int = 0) -> list[list[str]]:
    """Return the lines of a table by year: the head first, then one line for each row.

    Args:
        rows: Label to numbers [year, draw], and the sign for its cells.
        order: Which years to show first.
        width: Of the table.
        beside: Width kept for columns that come after.
    """
    from headgate.world.axes import YEARS
    from headgate.world.frames import quantiles

    told = {label: [cell(numbers, sign) for numbers in quantiles(draws)] for label, (draws, sign) in rows.items()}
    each = max(len(text) for cells in told.values() for text in cells) + 2
    room = width - max(map(len, told), default=0) - beside
    shown = [YEARS.index(y) for y in years_that_fit(order, room, each)]
    return [["", *(str(YEARS[n]) for n in shown)], *([label.rstrip("\0"), *(c[n] for n in shown)] for label, c in told.items())]


def laid_out(lines: Sequence[Sequence[str]], width: int, last: bool = False) -> list[str]:
    """Lay out lines as a table, numbers to the right; with `last`, the last column holds words and may be cut."""
    from headgate.cli.text import Column, table

    head, *rows = lines
    columns = [Column(h, right=n > 0) for n, h in enumerate(head)]
    if last:
        columns[-1] = Column(head[-1], least=12)
    return table(columns, rows, width)


def ratio_lines(results: Sequence["Results"], measures: Sequence[str], width: int) -> Iterator[str]:
    """Yield the ratio of stocks at the ends of years, owned and controlled, and what a scenario changes of it."""
    from headgate.world.results import year_ends

    *base, shown = results
    for basis, words in BASES.items():
        rows: dict[str, tuple[Any, str]] = {}
        for n, measure in enumerate(measures):
            ratio = year_ends(shown.ratio(basis, measure))
            rows[SHORT[measure]] = (ratio, "")
            if base:
                rows[f"  change{'\0' * n}"] = (ratio - year_ends(base[0].ratio(basis, measure)), "+")
        yield ""
        yield f"UNITED STATES OVER CHINA, COMPUTE {words}, AT THE END OF THE YEAR".upper()
        yield from laid_out(by_year(rows, ENDS, width), width)


def channel_lines(results: Sequence["Results"], measure: str, width: int) -> Iterator[str]:
    """Yield China's stock by the way it came, and what a scenario changes of it."""
    from headgate.world.frames import UNITS, channel_stock
    from headgate.world.results import year_ends

    stocks = [{k: year_ends(v) for k, v in channel_stock(each, measure).items()} for each in results]
    for each in stocks:
        rented = each.pop("rented")
        each["owned"] = sum(each.values())
        each["rented"] = rented
    *base, shown = stocks
    rows: dict[str, tuple[Any, str]] = {}
    for n, name in enumerate(shown):
        rows[CHANNELS.get(name, name)] = (shown[name], "")
        if base:
            rows[f"  change{'\0' * n}"] = (shown[name] - base[0][name], "+")
    yield ""
    yield f"CHINA'S STOCK BY THE WAY IT CAME, {UNITS[measure]}, AT THE END OF THE YEAR".upper()
    yield from laid_out(by_year(rows, ENDS, width), width)


def import_lines(results: Sequence["Results"], worlds: Sequence["World"], width: int) -> Iterator[str]:
    """Yield what both gates let into China, chip by chip, units a year, with what the law says of each."""
    from headgate.world.frames import imported, legal_units
    from headgate.world.results import yearly

    yield ""
    yield "WHAT BOTH GATES LET INTO CHINA, UNITS IN THE YEAR"
    chips = list(dict.fromkeys(id for each in reversed(results) for id in imported(each)))
    if not chips:
        yield "Nothing."
        return
    *base, shown = results
    rows: dict[str, tuple[Any, str]] = {}
    for n, chip in enumerate(chips):
        at = shown.chip_ids.index(chip)
        units = yearly(legal_units(shown))[..., at]
        rows[chip] = (units, "")
        if base and (less := units - yearly(legal_units(base[0]))[..., at]).any():
            rows[f"  change{'\0' * n}"] = (less, "+")
    lines = by_year(rows, IMPORTS, width, beside=26)
    said = {chip: law_words(worlds[-1], chip) for chip in chips}
    laid = [[*line, said.get(line[0], "")] for line in lines]
    laid[0][-1] = "the law's answer"
    yield from laid_out(laid, width, last=True)
    yield f"  From {shown.chips.shape[1]:,} of the draws. The law: a Chinese firm on no list buys, for China."


def law_words(world: "World", chip: str) -> str:
    """Return the law's answers on a chip in words, each with the quarter from which it holds."""
    from itertools import groupby

    from headgate.world.axes import LABELS
    from headgate.world.frames import answers

    runs = [(answer, next(iter(places))) for answer, places in groupby(range(len(LABELS)), answers(world, chip).__getitem__)]
    first, *rest = runs
    return ", ".join([first[0].replace("_", " "), *(f"{a.replace('_', ' ')} {LABELS[q]}" for a, q in rest)])


def claim_lines(results: "Results", measures: Sequence[str], width: int) -> Iterator[str]:
    """Yield the probabilities of claim A, by year and measure."""
    from headgate.world.axes import YEARS
    from headgate.world.frames import widening

    for basis, words in BASES.items():
        yield ""
        yield f"IS THE GAP WIDER THAN A YEAR BEFORE? (CLAIM A, STOCK {words}, % OF DRAWS)".upper()
        rows = [[SHORT[m], *(f"{100 * p:.0f}" for p in widening(results, basis, m))] for m in measures]
        yield from laid_out([["", *map(str, YEARS[1:])], *rows], width)


def moved_lines(found: Sequence["Move"], width: int) -> Iterator[str]:
    """Yield which chips move on which lanes, from which day."""
    from headgate.cli.text import wrap
    from headgate.world.moved import grouped

    if not found:
        return
    yield ""
    yield "WHAT THE LAW ANSWERS OTHERWISE"
    groups = grouped(found)
    for g in groups[:MOST_MOVES]:
        yield from wrap(f"{g.start}  {g.says}", width, "  ", " " * 14)
        yield from wrap(f"on {', '.join(g.lanes)}: {', '.join(g.chips)}", width, " " * 14)
    if len(groups) > MOST_MOVES:
        yield f"  and {len(groups) - MOST_MOVES:,} more; --json prints all"


def manifest_lines(manifest: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield what a run was made of."""
    from headgate.cli.text import wrap

    yield ""
    yield "MADE OF"
    told = [f"{k.replace('_', ' ')} {v[:12] if k.startswith('hash_') else v}" for k, v in manifest.items()]
    yield from wrap("; ".join(told), width, "  ")
