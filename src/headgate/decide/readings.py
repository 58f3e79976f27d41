"""The other readings of the items of one era: the rows that they classify otherwise, decided again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from headgate.decide.batch import Parts, Pattern, patterns, run_parts, verdicts_of
from headgate.decide.era import Era
from headgate.decide.item import ItemFacts
from headgate.expr.table import Codes, Numbers, codes, constant, run_table

if TYPE_CHECKING:
    from polars import Series


class Readings:
    """The other readings of the items of one era, as columns of pattern numbers."""

    def __init__(self) -> None:
        self.columns: dict[str, Series] = {}
        self.patterns: list[Pattern] = []
        self.labels: list[tuple[str, ...]] = []


def other_readings(
    era: Era, items: Sequence[ItemFacts], base: Parts, fields: Mapping[str, Numbers | Codes], asked: Series
) -> Readings:
    """Decide again, under each other reading, the rows whose item it classifies otherwise."""
    import polars as pl

    out = Readings()
    labels = codes([tuple(label for label, _ in i.readings) for i in items])  # type: ignore[misc]
    out.columns["labels"] = labels.codes.gather(base.key)
    out.labels = list(labels.values)  # type: ignore[arg-type]
    flat = [(k, n) for k, i in enumerate(items) for n in range(len(i.readings))]
    if not flat:
        return out
    numbered = pl.Series(range(len(flat)), dtype=pl.UInt32)
    parts = run_parts(era, [(items[k].readings[n][1], "item") for k, n in flat], numbered, asking=False)
    spots = pl.DataFrame({"k": [k for k, _ in flat], "n": [n for _, n in flat]}, schema=dict.fromkeys("kn", pl.UInt32))
    spots = spots.with_columns(s=numbered).filter(_differs(parts, base, spots["k"]))
    rows = pl.DataFrame({"k": base.key}).with_row_index("at").join(spots, on="k", how="inner", maintain_order="left")
    which = pl.Series([], dtype=pl.UInt32)
    if rows.height:
        parts.key, at = rows["s"], rows["at"]
        some = {name: _pick(values, at) for name, values in fields.items()}
        truths = run_table(era.program, some, era.lists, rows.height, parts.truth_of_rows())
        out.patterns, which = patterns(era, verdicts_of(era, truths, asked.gather(at)))
    for n in range(max(n for _, n in flat) + 1):
        here = rows["n"] == n
        column = pl.repeat(None, len(base.key), dtype=pl.UInt32, eager=True)
        out.columns[f"reading{n}"] = column.scatter(rows["at"].filter(here), which.filter(here))
    return out


def _differs(parts: Parts, base: Parts, spots: Series) -> Series:
    """Say which items the other reading classifies otherwise, by any test on a circuit."""
    found = constant(False, len(spots))
    for root, truth in parts.truth.items():
        own = base.truth[root]
        found = found | (truth.yes != own.yes.gather(spots)) | (truth.no != own.no.gather(spots))
    return found


def _pick(column: Numbers | Codes, at: Series) -> Numbers | Codes:
    if isinstance(column, Numbers):
        return Numbers(column.low.gather(at), column.exact.gather(at), column.blank.gather(at))
    return Codes(column.codes.gather(at), column.values)
