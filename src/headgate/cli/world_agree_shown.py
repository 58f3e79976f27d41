"""The text of `headgate world agree`: each published number beside ours, then how many are met and what is left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import floor, log10
from typing import TYPE_CHECKING, Any

from headgate.cli.numbers import short
from headgate.cli.text import wrap

if TYPE_CHECKING:
    from headgate.world.agree import Line
    from headgate.world.published import Rebuilt

MOST_READABLE = 120
OURS, THEIRS = "ours [5 to 95 %]", "published"
CHECKED = {"hard": "hard", "soft": "soft", "never": "[unverified]"}


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
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


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


def _word(given: bool | None) -> str:
    return "-" if given is None else "yes" if given else "no"


def _notes(lines: Sequence["Line"]) -> list[str]:
    """Return the notes that all lines share, or those of each where they belong to a regression target."""
    notes = list(dict.fromkeys(line.note for line in lines if line.note))
    return notes if len(notes) == 1 or (lines[0].test and len(notes) <= 3) else []


def metric_lines(lines: Sequence["Line"], width: int) -> Iterator[str]:
    """Yield the lines of one metric: its name and unit, a row for each date, and its source."""
    first = lines[0]
    test = f", target {first.test}" if first.test else ""
    yield from wrap(f"{first.metric} ({first.unit}){test}", width)
    wide = max(7, *(len(line.when) for line in lines))
    for line in lines:
        ours, theirs = (
            band(line.median, line.low, line.high),
            band(line.published, line.published_low, line.published_high),
        )
        verdict = f"{_word(line.covered):<4}{_word(line.ours_inside):<4}"
        yield f"  {line.when:<{wide}} {ours:<26} {theirs:<26} {verdict} {line.ref} {CHECKED[line.target]}".rstrip()
    readable = min(width, MOST_READABLE)
    for text in (*_notes(lines), "; ".join(dict.fromkeys(line.source for line in lines))):
        yield from wrap(text, readable, "    ", "    ")


def rebuilt_lines(models: Iterable["Rebuilt"], width: int) -> Iterator[str]:
    """Yield the published models run again from their stated inputs."""
    for model in models:
        t = model.target
        yield from wrap(f"{t.name} ({t.unit}), target {t.test}", width)
        ours, theirs = band(model.median, model.low, model.high), band(t.median, t.low, t.high)
        margin = f"{t.absolute:g}" if t.absolute is not None else f"{100 * t.tolerance:g} %"
        near = f"within {margin}: {_word(model.within)}"
        yield f"  {t.year:<7} {ours:<26} {theirs:<26} {near}{', soft' if t.soft else ''}"
        yield from wrap(str(t.source), min(width, MOST_READABLE), "    ", "    ")


def every(lines: Sequence["Line"], models: Sequence["Rebuilt"], words: Sequence[str], width: int) -> Iterator[str]:
    """Yield every line under its heading, the rebuilt models, and the lags in words."""
    for group, members in groupby(lines, key=lambda line: line.group):
        yield group
        yield f"  {'':<7} {OURS:<26} {THEIRS:<26} in ours, in theirs"
        for _, same in groupby(members, key=lambda line: (line.metric, line.unit, line.test)):
            yield from metric_lines(list(same), width)
        yield ""
    if models:
        yield "PUBLISHED MODELS RUN AGAIN FROM THEIR STATED INPUTS"
        yield f"  {'':<7} {'run again':<26} {THEIRS:<26}"
        yield from rebuilt_lines(models, width)
        yield ""
    if words:
        yield "CAPABILITY AND COMPUTE, NEITHER FITTED TO THE OTHER"
        for text in words:
            yield from wrap(text, min(width, MOST_READABLE), "  ", "    ")
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
    yield "HOW MANY ARE MET"
    told = dict.fromkeys(line.group for line in lines)
    for group in told:
        mine = [line for line in lines if line.group == group]
        yield f"  {group.capitalize():<56} {sum(line.covered for line in mine):>3} of {len(mine):>3} in ours"
    for count in summary(lines):
        if count.count:
            yield from wrap(
                f"{CHECKED[count.target]}: {count.covered} of {count.count} published numbers lie in our 90 %; our "
                f"median lies in {count.inside} of {count.with_interval} published intervals.",
                readable,
            )
    if models:
        must = [model for model in models if not model.target.soft]
        yield f"rebuilt: {sum(model.within for model in must)} of {len(must)} required numbers are within their margin."
    if missing:
        yield from ("", "COMPARED WITH NOTHING")
        for group, (count, why) in missing.items():
            yield from wrap(f"{count} of {group}: {why}", readable, "  ", "    ")
    shown = ("draws", "seed", "posterior", "hash_lanes", "hash_history", "hash_code")
    parts = (f"{name.removeprefix('hash_')} {str(manifest[name])[:16]}" for name in shown if name in manifest)
    yield from ("", *wrap("Run: " + ", ".join(parts), readable, "", "  "))
