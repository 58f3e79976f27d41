"""The rows of one era: fields, truths, other readings, and the decision of each distinct combination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headgate.decide.answer import Answer
from headgate.decide.batch import Parts, Pattern, asked_columns, item_values, patterns, questions, run_parts
from headgate.decide.cells import Cells
from headgate.decide.columns import Cell
from headgate.decide.decision import DECISION_COLUMNS, LISTS
from headgate.decide.era import Era
from headgate.decide.facts import DIRECT, ITEM_FIELDS, field_value
from headgate.decide.finish import combine, duty_rate, eccn_differs, measures, shown
from headgate.decide.item import SHOWN, ItemFacts
from headgate.expr.table import Codes, Numbers, codes, constant, number_column, run_table
from headgate.law.book import ENFORCED, PRINTED

if TYPE_CHECKING:
    from polars import DataFrame, Series


def schema() -> dict[str, Any]:
    """Return the Polars types of a decision's columns, in order."""
    import polars as pl

    measure = pl.Struct(
        {"value": pl.Float64, "at_least": pl.Boolean, "mark": pl.String, "threshold": pl.String, "margin": pl.Float64}
    )
    special = {
        "row_number": pl.Int64,
        "duty_rate": pl.Float64,
        "measures": pl.Struct(dict.fromkeys(SHOWN, measure)),
        **dict.fromkeys(LISTS, pl.List(pl.String)),
    }
    return {name: special.get(name, pl.String) for name in DECISION_COLUMNS}


def decide_era(
    era: Era, columns: Mapping[str, Cells], items: Sequence[ItemFacts], key: Series, at: Series, late: Series
) -> DataFrame:
    """Decide the rows of one era: `at` says which rows, `key` which item each has."""
    import polars as pl

    used = key.unique().sort()
    here = [items[k] for k in used.to_list()]
    spot = pl.Series(range(len(used)), dtype=pl.UInt32)
    row_key = pl.DataFrame({"k": key}).join(
        pl.DataFrame({"k": used, "s": spot}), on="k", how="left", maintain_order="left"
    )["s"]
    fields = _fields(era, columns, here, row_key, at)
    parts = run_parts(era, [(i.parts, i.ask_parts) for i in here], row_key)
    truths = run_table(era.program, fields, era.lists, len(at), parts.truth_of_rows())
    asked = _flag_column(columns, "us_import", at)
    found, which = patterns(era, truths, asked)
    first, near_1 = questions(era, truths, found, which, parts, second=False)
    second, near_2 = questions(era, truths, found, which, parts, second=True)
    other = _readings(era, here, parts, fields, asked)
    known = {c: _blank_column(columns, c, at) for c in ("nac_number", "nac_filed_date")}
    eccn = columns.get("stated_eccn")
    flags = codes([i.flags for i in here])
    facts = pl.DataFrame(
        {
            "pattern": which,
            "first": first,
            "second": second,
            "near": near_1 | near_2,
            "asked": asked,
            "late": late.gather(at),
            "flags": flags.codes.gather(row_key),
            "stated_eccn": eccn.codes.gather(at) if eccn else pl.repeat(None, len(at), dtype=pl.UInt32, eager=True),
            **known,
            **other.columns,
        }
    )
    distinct = facts.unique(maintain_order=True)
    results = [
        _result(era, found, other, row, flags.values, eccn.values if eccn else [])
        for row in distinct.iter_rows(named=True)
    ]
    table = pl.DataFrame(results, schema=result_schema(), orient="row").with_row_index("answer")
    numbered = distinct.with_row_index("answer")
    chosen = facts.join(numbered, on=facts.columns, how="left", nulls_equal=True, maintain_order="left")["answer"]
    used_numbers = pl.Series([shown(measures(i, era)) for i in here], dtype=schema()["measures"])
    return table[chosen].drop("answer").with_columns(at=at, measures=used_numbers.gather(row_key))


def result_schema() -> dict[str, Any]:
    """Return the types of the columns that one distinct combination decides."""
    left = ("line_id", "row_number", "assumed", "measures", "law_version", "data_version")
    return {name: kind for name, kind in schema().items() if name not in left}


def _fields(
    era: Era, columns: Mapping[str, Cells], items: Sequence[ItemFacts], row_key: Series, at: Series
) -> dict[str, Numbers | Codes]:
    import polars as pl

    needed = {leaf.name for _, leaf in era.program.leaves()}  # type: ignore[attr-defined]
    found: dict[str, Numbers | Codes] = {}
    for info in DIRECT:
        cells = columns.get(info.column)
        if info.name not in needed or cells is None:
            continue
        values = [field_value(info, v) for v in cells.values]
        if info.kind == "number":
            low = pl.Series(values, dtype=pl.Float64).gather(cells.codes.gather(at))
            found[info.name] = number_column(low, low.is_not_null())
        else:
            found[info.name] = Codes(cells.codes.gather(at).fill_null(len(values)), values)
    for name in ITEM_FIELDS:
        if name in needed:
            own = codes(item_values(items, name))
            found[name] = Codes(own.codes.gather(row_key), own.values)
    return found


class _Readings:
    """The other readings of the items of one era, as columns of pattern numbers."""

    def __init__(self) -> None:
        self.columns: dict[str, Series] = {}
        self.patterns: list[list[Pattern]] = []
        self.labels: list[tuple[str, ...]] = []


def _readings(
    era: Era, items: Sequence[ItemFacts], base: Parts, fields: Mapping[str, Numbers | Codes], asked: Series
) -> _Readings:
    """Decide again, under each other reading, the rows whose item it classifies otherwise."""
    import polars as pl

    out = _Readings()
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
    for n in range(max(n for _, n in flat) + 1):
        place = spots.filter(pl.col("n") == n).select("k", "s")
        rows = (
            pl.DataFrame({"k": base.key}).with_row_index("at").join(place, on="k", how="inner", maintain_order="left")
        )
        column = pl.repeat(None, len(base.key), dtype=pl.UInt32, eager=True)
        out.patterns.append([])
        if rows.height:
            parts.key, at = rows["s"], rows["at"]
            some = {name: _pick(values, at) for name, values in fields.items()}
            truths = run_table(era.program, some, era.lists, len(at), parts.truth_of_rows())
            out.patterns[n], which = patterns(era, truths, asked.gather(at))
            column = column.scatter(at, which)
        out.columns[f"reading{n}"] = column
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


def _result(
    era: Era,
    found: Sequence[Pattern],
    other: _Readings,
    row: Mapping[str, Any],
    flag_sets: Sequence[Any],
    eccns: Sequence[Cell],
) -> tuple[Any, ...]:
    """Build the decision columns of one distinct combination."""
    pattern = found[row["pattern"]]
    if pattern.error is not None:
        return invalid_columns(pattern.error)
    labels = other.labels[row["labels"]]
    numbers = [row[f"reading{n}"] for n in range(len(labels))]
    others = [
        (label, other.patterns[n][numbers[n]].answers) for n, label in enumerate(labels) if numbers[n] is not None
    ]
    final, reading_flags = combine(pattern.answers, tuple(others))
    enforced, printed = final[ENFORCED], final[PRINTED]
    missing = asked_columns(row["first"])
    missing += [c for c in asked_columns(row["second"]) if c not in missing]
    needs = dict.fromkeys(n for a in pattern.answers.values() for n in a.needs if row.get(n, True))
    stated = None if row["stated_eccn"] is None else eccns[row["stated_eccn"]]
    book = next(iter(era.tracks.values())).law.book
    flags = dict.fromkeys(
        (
            *enforced.flags,
            *printed.flags,
            *flag_sets[row["flags"]],
            *(("near_threshold",) if row["near"] else ()),
            *reading_flags,
            *(("eccn_mismatch",) if eccn_differs(stated, enforced) else ()),
            *((f"law_not_read_after_{book.read_on}",) if row["late"] else ()),
        )
    )
    return _columns(enforced, printed, [*missing, *needs], list(flags), row)


def _columns(
    enforced: Answer, printed: Answer, missing: list[str], flags: list[str], row: Mapping[str, Any]
) -> tuple[Any, ...]:
    return (
        None,
        enforced.outcome,
        printed.outcome,
        enforced.eccn,
        enforced.eccn_paragraph,
        enforced.review_policy,
        printed.review_policy,
        list(enforced.exceptions),
        list(printed.exceptions),
        duty_rate(enforced, row["asked"]),
        list(enforced.reasons),
        list(printed.reasons),
        missing,
        flags,
        "unverified" if row["late"] else enforced.evidence,
    )


def invalid_columns(error: str) -> tuple[Any, ...]:
    return (error, "invalid_row", "invalid_row", "", "", "", "", [], [], None, [], [], [], [], "")


def _flag_column(columns: Mapping[str, Cells], name: str, at: Series) -> Series:
    import polars as pl

    cells = columns.get(name)
    if cells is None or not cells.values:
        return pl.repeat(False, len(at), dtype=pl.Boolean, eager=True)
    return pl.Series([v is True for v in cells.values]).gather(cells.codes.gather(at)).fill_null(False)


def _blank_column(columns: Mapping[str, Cells], name: str, at: Series) -> Series:
    import polars as pl

    cells = columns.get(name)
    return pl.repeat(True, len(at), dtype=pl.Boolean, eager=True) if cells is None else cells.codes.gather(at).is_null()
