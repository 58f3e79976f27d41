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
LEAST = 0.0005
DIGEST = 64  # letters of a SHA-256
MOST_CHIPS = 12
ANSWER = {80: 18, 120: 44}  # width kept for the law's answer, from a width of the terminal on
RECENT = 7  # years, from the first, by whose imports chips are ordered
CHANGE = "  change"
Row = tuple[str, Any, str]


def cell(numbers: Sequence[float], sign: str = "") -> str:
    """Return a median with its 90 % interval; a difference that is nothing in every draw as 0.

    Args:
        numbers: The five quantiles.
        sign: `+` for a difference, which is told in two digits instead of three.

    Example:
        >>> cell([15.1, 17, 18.5, 20, 22.3]), cell([-0.91, 0, 0.1, 0.2, 0.3], "+"), cell([0.0] * 5, "+")
        ('18.5 15.1..22.3', '+0.1 -0.91..+0.3', '0')
    """
    low, median, high = (tidy(numbers[n], sign) for n in (0, 2, 4))
    return median if low == median == high else f"{median} {low}..{high}"


def tidy(number: float, sign: str = "") -> str:
    """Return a number in three digits, or two with a sign, and what is as good as nothing as 0.

    Example:
        >>> tidy(1234567.0), tidy(1234567.0, "+"), tidy(-99_700.0, "+"), tidy(999.7), tidy(-0.0, "+")
        ('1.23M', '+1.2M', '-100k', '1k', '0')
    """
    if abs(number) < LEAST:
        return "0"
    for letter, size in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0)):
        if abs(number) >= size * 0.9995 or not letter:
            scaled = number / size
            digits = 2 if sign else 3
            is_whole = abs(scaled) >= 10**digits - 0.5
            return f"{scaled:{sign}.0f}{letter}" if is_whole else f"{scaled:{sign}.{digits}g}{letter}"
    raise AssertionError("the last size takes every number")


def years_that_fit(order: Sequence[int], widths: Mapping[int, int], room: int) -> list[int]:
    """Return the years to show, the first of the order that fit side by side, in order of time; at least one.

    Args:
        order: Years, those to show first before the others.
        widths: Width of each year's column.
        room: Width for all of them; two columns are two spaces apart.

    Example:
        >>> years_that_fit(ENDS, dict.fromkeys(ENDS, 18), 60)
        [2026, 2028, 2032]
    """
    count = 1
    while count < len(order) and sum(widths[y] + 2 for y in order[: count + 1]) <= room:
        count += 1
    return sorted(order[:count])


def by_year(rows: Sequence[Row], order: Sequence[int], width: int, beside: int = 0) -> list[list[str]]:
    """Return the lines of a table by year: the head first, then one line for each row.

    Args:
        rows: Label, numbers [year, draw], and the sign for the cells.
        order: Which years to show first.
        width: Of the table.
        beside: Width kept for columns that come after.
    """
    from headgate.world.axes import YEARS
    from headgate.world.frames import quantiles

    told = [(label, [cell(numbers, sign) for numbers in quantiles(draws)]) for label, draws, sign in rows]
    widths = {y: max(4, *(len(cells[n]) for _, cells in told)) for n, y in enumerate(YEARS)}
    room = width - max(len(label) for label, _ in told) - beside
    shown = [YEARS.index(y) for y in years_that_fit(order, widths, room)]
    return [["", *(str(YEARS[n]) for n in shown)], *([label, *(cells[n] for n in shown)] for label, cells in told)]


def with_changes(shown: Mapping[str, Any], base: Mapping[str, Any] | None) -> list[Row]:
    """Return rows of numbers [year, draw], each with what a scenario changes of it where it changes anything."""
    rows: list[Row] = []
    for label, draws in shown.items():
        rows.append((label, draws, ""))
        if base is not None and (less := draws - base[label]).any():
            rows.append((CHANGE, less, "+"))
    return rows


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

    for basis, words in BASES.items():
        told = [{SHORT[m]: year_ends(each.ratio(basis, m)) for m in measures} for each in results]
        yield ""
        yield f"US over China, compute {words}, end of the year".upper()
        yield from laid_out(by_year(with_changes(told[-1], told[0] if len(told) > 1 else None), ENDS, width), width)


def channel_lines(results: Sequence["Results"], measure: str, width: int) -> Iterator[str]:
    """Yield China's stock by the way it came, and what a scenario changes of it."""
    from headgate.world.frames import UNITS, channel_stock
    from headgate.world.results import year_ends

    told = []
    for each in results:
        stocks = {CHANNELS[k]: year_ends(v) for k, v in channel_stock(each, measure).items()}
        rented = stocks.pop(CHANNELS["rented"])
        told.append({**stocks, "owned": sum(stocks.values()), CHANNELS["rented"]: rented})
    yield ""
    yield f"China's stock by the way it came, {UNITS[measure]}, end of the year".upper()
    yield from laid_out(by_year(with_changes(told[-1], told[0] if len(told) > 1 else None), ENDS, width), width)


def import_lines(results: Sequence["Results"], worlds: Sequence["World"], width: int) -> Iterator[str]:
    """Yield what both gates let into China, chip by chip, units a year, with what the law says of each."""
    from headgate.cli.text import wrap
    from headgate.world.frames import imported, legal_units
    from headgate.world.results import yearly

    yield ""
    yield "WHAT BOTH GATES LET INTO CHINA, UNITS IN THE YEAR"
    chips = list(dict.fromkeys(id for each in reversed(results) for id in imported(each)))
    if not chips:
        yield "Nothing."
        return
    shown, units = results[-1], [yearly(legal_units(each)) for each in results]
    total = {chip: max(float(each[:RECENT, :, shown.chip_ids.index(chip)].sum()) for each in units) for chip in chips}
    chips = [chip for chip in sorted(chips, key=lambda chip: -total[chip]) if total[chip]][:MOST_CHIPS]
    told = [{chip: each[..., shown.chip_ids.index(chip)] for chip in chips} for each in units]
    rest = [n for n, chip in enumerate(shown.chip_ids) if chip not in chips]
    for each, rows in zip(units, told, strict=True):
        rows["all others"] = each[..., rest].sum(axis=-1)
    beside = max(wide for least, wide in ANSWER.items() if width >= least or least == min(ANSWER))
    lines = by_year(with_changes(told[-1], told[0] if len(told) > 1 else None), IMPORTS, width, beside)
    said = {chip: law_words(worlds[-1], chip) for chip in chips}
    laid = [[*line, said.get(line[0], "")] for line in lines]
    laid[0][-1] = "the law's answer, the latest first"
    yield from laid_out(laid, width, last=True)
    sample = f"Of {shown.chips.shape[1]:,} of the draws. The law's answer is that to a Chinese firm on no list. A chip"
    yield from wrap(f"{sample} that it denies comes in by the few licenses that are granted all the same.", width, "  ")


def law_words(world: "World", chip: str) -> str:
    """Return the law's answers on a chip in words, the latest first, each with the quarter from which it holds."""
    from headgate.world.axes import LABELS
    from headgate.world.frames import answers

    said = answers(world, chip)
    turns = [q for q in range(len(said)) if q == 0 or said[q] != said[q - 1]]
    return ", ".join(f"{said[q].replace('_', ' ')}{f' {LABELS[q]}' if q else ''}" for q in reversed(turns))


def claim_lines(results: "Results", measures: Sequence[str], width: int) -> Iterator[str]:
    """Yield the probabilities of claim A, by year and measure."""
    from headgate.world.axes import YEARS
    from headgate.world.frames import widening

    for basis in BASES:
        yield ""
        yield f"Claim A, the gap is wider than a year before: compute {basis}, % of draws".upper()
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
        yield from wrap(f"{g.start}, {', '.join(g.lanes)}: {g.says}", width, "  ")
        yield from wrap(", ".join(g.chips), width, "      ")
    if len(groups) > MOST_MOVES:
        yield f"  and {len(groups) - MOST_MOVES:,} more; --json prints all"


def manifest_lines(manifest: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield what a run was made of."""
    from headgate.cli.text import wrap

    yield ""
    yield "MADE OF"
    told = [f"{k.replace('_', ' ')} {str(v)[:12] if len(str(v)) == DIGEST else v}" for k, v in manifest.items()]
    yield from wrap("; ".join(told), width, "  ")
