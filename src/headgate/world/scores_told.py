"""The scores of the back-test in words: what a terminal and the docs say of them, losses first."""

from collections.abc import Iterator, Mapping, Sequence

from headgate.world.scores import ALL, WORLDS, Backtest, Line, lines, read

NAMES: Mapping[str, str] = {
    ALL: "all",
    "us_named": "US, seven owners",
    "china_legal": "China, legal",
    "china_domestic": "China, domestic",
    "china_smuggled": "China, smuggled",
    "last_growth": "last growth rate",
    "random_walk": "random walk",
}
HEAD = ("forecasts of", "method", "n", "CRPS", "in 80 %", "in 90 %", "better")
READ = (
    "CRPS of log(1 + flow / 1,000 H100e): 0.1 is an error of about 10 %, less is better. `in 80 %` and `in 90 %`: how "
    "many outcomes lay in the interval. `better`: for the world, in how many of the n forecasts its score is less than "
    "that of both naive ones; for every other line, than that of the world. The quarters of one origin and series hang "
    "together, so that few of these forecasts are independent."
)


def name_of(word: str) -> str:
    """Return a series or method in words.

    Example:
        >>> name_of("random_walk"), name_of("2024Q2")
        ('random walk', '2024Q2')
    """
    return NAMES.get(word, word)


def cells(line: Line) -> list[str]:
    """Return a line of the table as text, in the order of `HEAD`."""
    about = line.origin if line.series == ALL and line.origin != ALL else name_of(line.series)
    share = [f"{100 * x:.0f} %" for x in (line.in80, line.in90)]
    has_rival = not line.alone or line.method != WORLDS[0]
    return [
        about,
        name_of(line.method),
        str(line.forecasts),
        f"{line.crps:.2f}",
        *share,
        str(line.wins) if has_rival else "",
    ]


def parts(found: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Yield the parts of the table with their headings: by series, by origin, and what the world forecast alone."""
    shared = [x for x in found if not x.alone]
    alone = [x for x in found if x.alone]
    yield "By series, all origins", [x for x in shared if x.origin == ALL]
    yield "By origin, all series", [x for x in shared if x.origin != ALL]
    if alone:
        yield "Without a naive forecast: the series begins after the origin", [x for x in alone if x.series != ALL]


def verdict(found: Sequence[Line]) -> list[str]:
    """Say where the world wins and where it loses: all together, then a sentence for each series, losses first."""
    told: list[tuple[float, str]] = []
    for name in dict.fromkeys(x.series for x in found if not x.alone):
        mine = {x.method: x for x in found if not x.alone and x.origin == ALL and x.series == name}
        own, best = mine[WORLDS[0]], min((x for m, x in mine.items() if m not in WORLDS), key=lambda x: x.crps)
        margin = best.crps - own.crps
        told.append((margin if name != ALL else float("-inf"), _sentence(name, own, best)))
    return [text for _, text in sorted(told)]


def _sentence(series: str, own: Line, best: Line) -> str:
    """Say how the world did against the better of the naive forecasts."""
    name, rival = name_of(series), name_of(best.method)
    held = [f"{x.in90 * x.forecasts:.0f}" for x in (own, best)]
    return (
        f"{name[0].upper()}{name[1:]}: the world {'loses to' if own.crps > best.crps else 'beats'} the better of the "
        f"naive forecasts ({rival}), CRPS {own.crps:.2f} against {best.crps:.2f}; its 90 % interval held {held[0]} of "
        f"{own.forecasts} outcomes, that of the {rival} {held[1]}."
    )


def markdown(found: Backtest | None = None) -> str:
    """Return the back-test for the docs: where the world loses and wins, the table, and what hindsight is in it.

    Args:
        found: A back-test; by default the stored one.
    """
    stored = found or read()
    made = lines(stored.scores)
    out = [*(f"- {text}" for text in verdict(made)), "", READ]
    for heading, mine in parts(made):
        out += ["", f"**{heading}**", "", f"| {' | '.join(HEAD)} |", "|---|---|---:|---:|---:|---:|---:|"]
        out += [f"| {' | '.join(cells(x))} |" for x in mine]
    out += ["", "**What hindsight is in it**", "", *(f"- {text}" for text in stored.hindsight)]
    return "\n".join(out) + "\n"
