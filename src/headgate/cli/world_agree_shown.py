"""The text of `headgate world agree`: each published number beside ours, then how many are met and what is left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import floor, log10
from typing import TYPE_CHECKING, Any

from headgate.cli.numbers import short
from headgate.cli.text import wrap

if TYPE_CHECKING:
    from headgate.world.agree import Line
    from headgate.world.published import Rebuilt

MOST_READABLE = 120
HEADS = ("ours [5 to 95 %]", "published")
CHECKED = {"hard": "hard", "soft": "soft", "never": "none"}
SAID = {"hard": "hard", "soft": "soft", "never": "[unverified]"}
RUN = ("draws", "seed", "posterior", "hash_lanes", "hash_history", "hash_code")


def figure(value: float | None) -> str:
    """Write a number with three digits that count; those over 10^15 with the power of ten.

    Example:
        >>> [figure(x) for x in (None, 0.0612, 17.912, 354_321.0, 15_746_640.0, 4.123e26, 0.0)]
        ['', '0.0612', '17.9', '354 k', '15.7 M', '4.1e26', '0']
    """
    if value is None:
        return ""
    if abs(value) >= 1e15:
        return f"{value:.1e}".replace("e+", "e")
    if 1e4 <= abs(value) < 1e6:
        return f"{value / 1e3:.{1 if abs(value) < 1e5 else 0}f} k"
    if abs(value) >= 1e6 or value != value:
        return short(value)
    digits = 2 if value == 0 else max(0, 2 - floor(log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def band(middle: float | None, low: float | None, high: float | None) -> str:
    """Write a middle with its ends.

    Example:
        >>> band(2.0, 1.0, 3.0), band(None, 10.0, 31.0), band(5e6, 5e6, None), band(7.0, None, None)
        ('2 [1 to 3]', '[10 to 31]', '5.00 M [5.00 M or more]', '7')
    """
    if low is None and high is None:
        return figure(middle)
    if high is None:
        ends = f"{figure(low)} or more"
    elif low is None:
        ends = f"up to {figure(high)}"
    else:
        ends = f"{figure(low)} to {figure(high)}"
    return f"{figure(middle)} [{ends}]".strip()


def word(given: bool | None) -> str:
    """Return yes, no, or a dash where there is nothing to say."""
    return "-" if given is None else "yes" if given else "no"


def heading(name: str, unit: str, tests: Iterable[str], numbers: Iterable[int], width: int) -> Iterator[str]:
    """Yield the name of a metric with its unit, target and sources."""
    test = "".join(f", target {t}" for t in dict.fromkeys(tests) if t)
    told = ", ".join(str(n) for n in dict.fromkeys(numbers))
    yield from wrap(f"{name} ({unit}){test} [{told}]", width)


def group_lines(lines: Sequence["Line"], sources: Mapping[str, int], width: int) -> Iterator[str]:
    """Yield the lines of one group: by metric a heading, a row for each date, and notes not yet read."""
    cells = {
        id(x): (x.when, band(x.median, x.low, x.high), band(x.published, x.published_low, x.published_high))
        for x in lines
    }
    wide = [max(len(cell[n]) for cell in (*cells.values(), ("", *HEADS))) for n in range(3)]
    yield f"  {'':<{wide[0]}} {HEADS[0]:<{wide[1]}} {HEADS[1]:<{wide[2]}} in ours, in theirs"
    noted = set()
    for metric, unit in dict.fromkeys((x.metric, x.unit) for x in lines):
        mine = [x for x in lines if (x.metric, x.unit) == (metric, unit)]
        yield from heading(metric, unit, (x.test for x in mine), (sources[_source(x)] for x in mine), width)
        for x in mine:
            row = " ".join(f"{cell:<{w}}" for cell, w in zip(cells[id(x)], wide, strict=True))
            yield f"  {row} {word(x.covered):<3} {word(x.ours_inside):<3} {x.ref} {CHECKED[x.target]}"
        notes = list(dict.fromkeys(x.note for x in mine if x.note and x.note not in noted))
        if len(notes) == 1 or any(note.startswith("ours: ") for note in notes):
            noted.update(notes)
            for note in notes:
                yield from wrap(note, min(width, MOST_READABLE), "    ", "    ")


def rebuilt_lines(models: Sequence["Rebuilt"], sources: Mapping[str, int], width: int) -> Iterator[str]:
    """Yield the published models run again from their stated inputs."""
    yield f"  {'':<4} {'run again':<24} {HEADS[1]:<24} margin: within"
    for name, unit in dict.fromkeys((m.target.name, m.target.unit) for m in models):
        mine = [m for m in models if (m.target.name, m.target.unit) == (name, unit)]
        told = [m.target for m in mine]
        yield from heading(name, unit, (t.test for t in told), (sources[_origin(m)] for m in mine), width)
        for m, t in zip(mine, told, strict=True):
            ours, theirs = band(m.median, m.low, m.high), band(t.median, t.low, t.high)
            margin = figure(t.absolute) if t.absolute is not None else f"{100 * t.tolerance:g} %"
            yield f"  {t.year} {ours:<24} {theirs:<24} {margin}: {word(m.within)}{', soft' if t.soft else ''}"


def _source(line: "Line") -> str:
    return f"{line.source} {line.url}".strip()


def _origin(model: "Rebuilt") -> str:
    return f"{model.target.source} {model.target.source.url}".strip()


def every(lines: Sequence["Line"], models: Sequence["Rebuilt"], words: Sequence[str], width: int) -> Iterator[str]:
    """Yield every line under its heading, the rebuilt models, the lags in words, and the sources by number."""
    named = dict.fromkeys((*map(_source, lines), *map(_origin, models)))
    sources = {text: n for n, text in enumerate(named, start=1)}
    for group in dict.fromkeys(x.group for x in lines):
        yield group
        yield from group_lines([x for x in lines if x.group == group], sources, width)
        yield ""
    if models:
        yield "PUBLISHED MODELS RUN AGAIN FROM THEIR STATED INPUTS"
        yield from (*rebuilt_lines(models, sources, width), "")
    if words:
        yield "CAPABILITY AND COMPUTE, NEITHER FITTED TO THE OTHER"
        for text in words:
            yield from wrap(text, min(width, MOST_READABLE), "  ", "    ")
        yield ""
    yield "SOURCES"
    for text, n in sources.items():
        yield from wrap(f"[{n}] {text}", width, "", "    ")
    yield ""


def counts(
    lines: Sequence["Line"],
    models: Sequence["Rebuilt"],
    missing: Mapping[str, tuple[int, str]],
    manifest: Mapping[str, Any],
    width: int,
) -> Iterator[str]:
    """Yield how many published numbers are met, by heading and in all, what is compared with nothing, and the run."""
    from headgate.world.agree import summary

    readable = min(width, MOST_READABLE)
    yield "HOW MANY PUBLISHED NUMBERS LIE IN OUR 90 %"
    for group in dict.fromkeys(x.group for x in lines):
        mine = [x for x in lines if x.group == group]
        yield f"  {sum(x.covered for x in mine):>3} of {len(mine):>3}  {group}"
    for c in summary(lines):
        told = f"{SAID[c.target]}: {c.covered} of {c.count} published numbers lie in our 90 %"
        inside = f"; our median lies in {c.inside} of {c.with_interval} published intervals" if c.with_interval else ""
        yield from wrap(f"{told}{inside}.", readable) if c.count else ()
    if models:
        must = [m for m in models if not m.target.soft]
        yield f"rebuilt: {sum(m.within for m in must)} of {len(must)} required numbers are within their margin."
    if missing:
        yield from ("", "COMPARED WITH NOTHING")
        for group, (count, why) in missing.items():
            yield from wrap(f"{count} of {group}: {why}", readable, "  ", "    ")
    parts = (f"{name.removeprefix('hash_')} {str(manifest[name])[:16]}" for name in RUN if name in manifest)
    yield from ("", *wrap("Run: " + ", ".join(parts), readable, "", "  "))
