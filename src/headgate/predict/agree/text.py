"""The text of `headgate machine agree`: the summary, then every row with its source."""

import math
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headgate.errors import HeadgateError
from headgate.predict.agree import KINDS, QUANTITIES, Band, Row, agreement, fitted_hash, inside, refuse_unknown
from headgate.predict.agree.scores import Line, Score, summary
from headgate.predict.calibrated import FIT
from headgate.predict.hardware import machine
from headgate.predict.models import architecture

WIDE = 100
SEEN = (
    "`seen`: rows that the calibration saw, so that this is no forecast. `left out`: the same rows, everything fitted "
    "again without their group (chip, model, precision). `constant`: one efficiency a chip, precision and kind, also "
    "without the group. Errors are |predicted / measured - 1|; bias over 0 is too slow or too much. `in` is the share "
    "within the band of 90 %."
)


def left_out() -> Mapping[str, Any]:
    """Return the results of leaving whole groups, chips, models and scales out; empty before they were ever made.

    Example:
        >>> set(left_out()) <= {"ran_on", "fitted", "caveat", "slice"}
        True
    """
    path = FIT / "leave_out.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def percent(share: float, places: int = 1) -> str:
    """Return a share as a percentage, or a dash when there is none.

    Example:
        >>> percent(0.0516), percent(float("nan"))
        ('5.2', '-')
    """
    return "-" if math.isnan(share) else f"{100 * share:.{places}f}"


def _cells(made: Score, band: bool = True) -> str:
    text = f"{percent(made.middle):>6} {percent(made.high):>6}"
    return f"{text} {percent(made.bias):>6} {percent(made.covered, 0):>4}" if band else text


def _summary_line(x: Line) -> str:
    lost = f"  {x.lost} not predicted" if x.lost else ""
    return (
        f"{x.chip:<23}{x.arch:<6}{x.seen.rows:>3}  {_cells(x.seen)}  {_cells(x.blind)} "
        f"{_cells(x.constant, band=False)}{lost}"
    ).rstrip()


def summary_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the summary, a table for each quantity."""
    found = summary(rows)
    for quantity, title in QUANTITIES.items():
        own = [x for x in found if x.quantity == quantity]
        if not own:
            continue
        yield from ("", title.upper())
        yield f"{'':<34}{'seen, %':<25}  {'left out, %':<25} constant, %"
        four = f"{'median':>6} {'p90':>6} {'bias':>6} {'in':>4}"
        yield f"{'chip':<22}{'kind':<6}{'rows':>4}  {four}  {four} {'median':>6} {'p90':>6}"
        yield from map(_summary_line, own)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


def _band(told: Band | None) -> str:
    return f"{_number(told[1])}..{_number(told[2])}" if told else ""


def row_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield every row, a table for each quantity, and then the sources that its last column numbers."""
    sources = list(dict.fromkeys(r.source for r in rows))
    for quantity, title in QUANTITIES.items():
        own = [r for r in rows if r.quantity == quantity]
        if not own:
            continue
        yield from ("", f"EVERY ROW: {title.upper()}")
        yield f"{'row':<54}{'measured':>10} {'predicted':>10} {'band':^19} {'error':>6} in {'left out':>8}  source"
        for r in own:
            told = f"{_number(r.told[0]):>10}" if r.told else f"{'none':>10}"
            off = percent(r.blind[0] / r.measured - 1.0) if r.blind else "-"
            mark = "" if r.scored else f" ({r.part if r.verify != 'unverified' else 'unverified'}, apart)"
            yield (
                f"{r.id:<54}{_number(r.measured):>10} {told} {_band(r.told):^19} {percent(r.error):>6} "
                f"{'y' if inside(r.told, r.measured) else 'n':<2} {off:>8}  [{sources.index(r.source) + 1}]{mark}"
            )
            if r.problem:
                yield f"    not predicted: {r.problem}"
    yield from ("", "SOURCES")
    yield from (f"[{place}] {source}" for place, source in enumerate(sources, start=1))


def slice_lines(kinds: Sequence[str]) -> Iterator[str]:
    """Yield what was left out of training, serving or both, beside the bars and the constant efficiency."""
    made = left_out()
    if not made:
        return
    yield from ("", "LEFT OUT, EVERYTHING FITTED AGAIN")
    numbers = f"{'rows':>5} {'median':>7} {'p90':>7} {'bias':>7} {'in':>5} {'constant':>9} {'must':>6} {'good':>6}"
    yield f"{'slice':<8}{'kind':<7}{'quantity':<22}{numbers}"
    for s in made["slice"]:
        if ("training" if s["quantity"] == "step_time_s" else "serving") not in kinds:
            continue
        bars = [percent(s[k], 0) if k in s else "" for k in ("must", "good")]
        yield (
            f"{s['name']:<8}{s['arch']:<7}{s['quantity']:<22}{s['rows']:>5} {percent(s['median']):>7} "
            f"{percent(s['p90']):>7} {percent(s['bias']):>7} {percent(s['in_band'], 0):>5} "
            f"{percent(s.get('constant_median', math.nan)):>9} "
            f"{bars[0]:>6} {bars[1]:>6}"
        ).rstrip()
    changed = [kind for kind in kinds if made["fitted"].get(kind) != fitted_hash(kind)]
    stale = f" Calibrated anew since ({' and '.join(changed)}): run scripts/leave_out.py." if changed else ""
    yield from textwrap.wrap(f"Run on {made['ran_on']}.{stale} {made['caveat']}", WIDE)


def _named(what: str, given: str) -> str:
    """Return the id of the chip or model that a name means; a name that the catalog does not know as it stands."""
    try:
        return machine(given).chip.id if what == "chip" else architecture(given).id
    except HeadgateError:
        return given


def chosen_rows(kind: str = "all", chip: str | None = None, model: str | None = None) -> list[Row]:
    """Return the rows of a kind, chip and model; None is any.

    Raises:
        UsageError: Nothing has this kind, chip or model; near names are given.

    Example:
        >>> {row.chip for row in chosen_rows("training", chip="h200")}
        {'nvidia-h200-sxm'}
    """
    if kind not in ("all", *KINDS):
        refuse_unknown("kind", kind, ("all", *KINDS))
    found = [r for each in (KINDS if kind == "all" else (kind,)) for r in agreement(each)]
    for what, given in (("chip", chip), ("model", model)):
        if given is None:
            continue
        known = {getattr(r, what).casefold() for r in found}
        # A name as the table has it goes first; else what the other commands understand.
        name = given.casefold() if given.casefold() in known else _named(what, given).casefold()
        if name not in known:
            refuse_unknown(what, given, {getattr(r, what) for r in found})
        found = [r for r in found if getattr(r, what).casefold() == name]
    return found


def agree_text(
    kind: str = "all", chip: str | None = None, model: str | None = None, *, rows: bool = True
) -> Iterator[str]:
    """Yield the lines of the report: predicted against measured.

    Args:
        kind: `training`, `serving`, or `all`.
        chip: Id or short name of one chip.
        model: Id or name of one model.
        rows: Print every row after the summary.

    Raises:
        UsageError: Nothing has this kind, chip or model; near names are given.

    Example:
        >>> next(agree_text("training", chip="nvidia-h200-sxm", rows=False))
        'Predicted against measured: 3 published runs.'
    """
    found = chosen_rows(kind, chip, model)
    kinds = KINDS if kind == "all" else (kind,)
    yield f"Predicted against measured: {len({r.id for r in found})} published runs."
    yield from textwrap.wrap(SEEN, WIDE)
    yield from summary_lines(found)
    if chip is None and model is None:
        yield from slice_lines(kinds)
    if rows:
        yield from row_lines(found)
