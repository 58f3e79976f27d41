"""The rows of one era: fields, truths, other readings, and the decision of each distinct combination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.decide.answer import Answer
from headgate.decide.batch import (
    Pattern,
    asked_columns,
    item_values,
    patterns,
    questions,
    run_parts,
    seeds_of,
    verdicts_of,
)
from headgate.decide.cell import Cell
from headgate.decide.cells import Cells
from headgate.decide.consignment import SUMS, sum_columns
from headgate.decide.decision import DECISION_COLUMNS, LISTS
from headgate.decide.era import Era
from headgate.decide.facts import DIRECT, ITEM_FIELDS, field_value
from headgate.decide.finish import combine, duty_rate, eccn_differs, heavier, measures, shown
from headgate.decide.item import SHOWN, ItemFacts
from headgate.decide.readings import Readings, other_readings
from headgate.expr.table import Codes, Numbers, codes, number_column, run_table
from headgate.law.book import ENFORCED, PRINTED

if TYPE_CHECKING:
    from polars import DataFrame, Series

# Columns that, once filled, answer what an exception needs.
NEEDED_COLUMNS = ("nac_number", "nac_filed_date")
# Between the flags of the law and those of the readings stand the item's own.
SPLIT = "|"


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


GROUPS = ("answer", "missing", "flags", "measures")


@dataclass(slots=True)
class Decided:
    """Rows of one era: for each group of columns the distinct rows, and which one each row has."""

    tables: dict[str, DataFrame]
    rows: DataFrame


def decide_era(
    era: Era, columns: Mapping[str, Cells], items: Sequence[ItemFacts], key: Series, at: Series, late: Series
) -> Decided:
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
    verdicts = verdicts_of(era, truths, asked)
    found, which = patterns(era, verdicts)
    first, first_more, near_1 = questions(era, fields, truths, seeds_of(verdicts, "first"), parts)
    second, second_more, near_2 = questions(era, fields, truths, seeds_of(verdicts, "second"), parts)
    other = other_readings(era, here, parts, fields, asked)
    answered, answers = _group({"pattern": which, "asked": asked, **other.columns})
    words = [_words(found, other, row) for row in answered]
    needs = codes([w.needs for w in words])  # type: ignore[misc]
    blanks = {c: _blank_column(columns, c, at) for c in NEEDED_COLUMNS}
    asked_for = {"first": first, "first_more": first_more, "second": second, "second_more": second_more}
    open_, waiting = _group({**asked_for, "needs": needs.codes.gather(answers), **blanks})
    missing = split_lists(pl.Series("missing", [_missing(row, needs.values) for row in open_], dtype=pl.String))
    eccn = columns.get("stated_eccn")
    own_flags = codes([i.flags for i in here])
    flagged, flags = _group(
        {
            "answer": answers,
            "item": own_flags.codes.gather(row_key),
            "near": near_1 | near_2,
            "late": late.gather(at),
            "eccn": eccn.codes.gather(at) if eccn else pl.repeat(None, len(at), dtype=pl.UInt32, eager=True),
        }
    )
    stated = eccn.values if eccn else []
    lists = [_flags(era, words, own_flags.values, stated, row) for row in flagged]
    ends = pl.DataFrame(lists, schema={"flags": pl.String, "evidence": pl.String}, orient="row")
    numbers = pl.Series("measures", [shown(measures(i, era)) for i in here], dtype=schema()["measures"])
    return Decided(
        tables={
            "answer": _table([w.columns for w in words]),
            "missing": missing.to_frame(),
            "flags": ends.with_columns(split_lists(ends["flags"])),
            "measures": numbers.to_frame(),
        },
        rows=pl.DataFrame({"at": at, "answer": answers, "missing": waiting, "flags": flags, "measures": row_key}),
    )


def nothing_decided() -> dict[str, DataFrame]:
    """Return the one row of each group of columns that an invalid row has; its error is put in later."""
    import polars as pl

    blank = dict(zip(result_schema(), invalid_columns(""), strict=True))
    return {
        "answer": pl.DataFrame([[blank[n] for n in answer_schema()]], schema=answer_schema(), orient="row"),
        "missing": pl.DataFrame({"missing": [[]]}, schema={"missing": pl.List(pl.String)}),
        "flags": pl.DataFrame({"flags": [[]], "evidence": [""]}, schema_overrides={"flags": pl.List(pl.String)}),
        "measures": pl.DataFrame({"measures": pl.Series([shown({})], dtype=schema()["measures"])}),
    }


def split_lists(joined: Series) -> Series:
    """Split `;`-texts into lists; an empty text is an empty list. One split is far cheaper than many small lists."""
    import polars as pl

    empty = pl.lit([], dtype=pl.List(pl.String))
    return pl.select(pl.when(joined == "").then(empty).otherwise(joined.str.split(";"))).to_series().alias(joined.name)


def _table(rows: Sequence[tuple[Any, ...]]) -> DataFrame:
    """Make the answers' columns; lists come as `;`-texts."""
    import polars as pl

    kinds = answer_schema()
    flat = {name: pl.String if name in LISTS else kind for name, kind in kinds.items()}
    table = pl.DataFrame(rows, schema=flat, orient="row")
    return table.with_columns(split_lists(table[name]) for name in flat if name in LISTS)


def _group(columns: Mapping[str, Series]) -> tuple[list[dict[str, Any]], Series]:
    """Return the distinct combinations of some columns, and which one each row has."""
    import polars as pl

    frame = pl.DataFrame(columns)
    distinct = frame.unique(maintain_order=True)
    numbered = distinct.with_row_index("combination")
    which = frame.join(numbered, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")["combination"]
    return distinct.to_dicts(), which


@dataclass(frozen=True, slots=True)
class _Words:
    """What one distinct answer says: its columns, its flags, and what must still be done."""

    columns: tuple[Any, ...]
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    answer: Answer | None
    evidence: str


def answer_schema() -> dict[str, Any]:
    """Return the types of the columns that the answer alone decides."""
    return {name: kind for name, kind in result_schema().items() if name not in ("missing", "flags", "evidence")}


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
    if needed & SUMS.keys():
        found |= sum_columns(columns, [i.unit_tpp for i in items], row_key, at)
    for name in ITEM_FIELDS:
        if name in needed:
            own = codes(item_values(items, name))
            found[name] = Codes(own.codes.gather(row_key), own.values)
    return found


def _words(found: Sequence[Pattern], other: Readings, row: Mapping[str, Any]) -> _Words:
    """Put one distinct answer, and its other readings, into words."""
    pattern = found[row["pattern"]]
    readings = [other.patterns[n] for k, n in row.items() if k.startswith("reading") and n is not None]
    error = next((p.error for p in (pattern, *readings) if p.error is not None), None)
    if error is not None:
        row_of = (error, "invalid_row", "invalid_row", "", "", "", "", "", "", None, "", "", "")
        return _Words(row_of, (), (), None, "")
    labels = other.labels[row["labels"]]
    numbers = [row[f"reading{n}"] for n in range(len(labels))]
    others = [(label, other.patterns[numbers[n]].answers) for n, label in enumerate(labels) if numbers[n] is not None]
    final, reading_flags = combine(pattern.answers, tuple(others))
    enforced, printed = final[ENFORCED], final[PRINTED]
    return _Words(
        columns=(
            None,
            enforced.outcome,
            printed.outcome,
            enforced.eccn,
            enforced.eccn_paragraph,
            enforced.review_policy,
            printed.review_policy,
            ";".join(enforced.exceptions),
            ";".join(printed.exceptions),
            duty_rate(enforced, row["asked"]),
            ";".join(enforced.reasons),
            ";".join(printed.reasons),
            heavier(enforced.diligence, printed.diligence),
        ),
        flags=(*enforced.flags, *printed.flags, SPLIT, *reading_flags),
        needs=tuple(dict.fromkeys(n for a in pattern.answers.values() for n in a.needs)),
        answer=enforced,
        evidence=enforced.evidence,
    )


def _missing(row: Mapping[str, Any], needs: Sequence[Any]) -> str:
    """Join what is missing and what must still be done, the most decisive first."""
    columns = [*asked_columns(row["first"]), *asked_columns(row["first_more"], 1)]
    columns += [c for c in asked_columns(row["second"]) if c not in columns]
    columns += [c for c in asked_columns(row["second_more"], 1) if c not in columns]
    # A column that is filled is done; anything else stays to be shown.
    still = [n for n in (needs[row["needs"]] if row["needs"] < len(needs) else ()) if row.get(n, True)]
    return ";".join(columns + still)


def _flags(
    era: Era, words: Sequence[_Words], own: Sequence[Any], stated: Sequence[Cell], row: Mapping[str, Any]
) -> tuple[str, str]:
    """Join the flags of one distinct combination, and its evidence."""
    said = words[row["answer"]]
    if said.answer is None:
        return "", ""
    at = said.flags.index(SPLIT)
    book = next(iter(era.tracks.values())).law.book
    differs = eccn_differs(None if row["eccn"] is None else stated[row["eccn"]], said.answer)
    flags = dict.fromkeys(
        (
            *said.flags[:at],
            *own[row["item"]],
            *(("near_threshold",) if row["near"] else ()),
            *said.flags[at + 1 :],
            *(("eccn_mismatch",) if differs else ()),
            *((f"law_not_read_after_{book.read_on}",) if row["late"] else ()),
        )
    )
    return ";".join(flags), "unverified" if row["late"] else said.evidence


def invalid_columns(error: str) -> tuple[Any, ...]:
    return (error, "invalid_row", "invalid_row", "", "", "", "", [], [], None, [], [], [], [], "", "")


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
