"""A table: the same steps as one case, on columns. Equal items and equal patterns of truths are worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headgate.decide.answer import Answer
from headgate.decide.batch import Parts, Pattern, asked_columns, item_values, patterns, questions, run_parts
from headgate.decide.cells import Cells, cell_errors, fill, line_ids, read_columns
from headgate.decide.columns import COLUMNS, Cell, check_columns
from headgate.decide.decision import DECISION_COLUMNS, LISTS
from headgate.decide.era import Era
from headgate.decide.facts import DIRECT, check_day, field_value, stated_facts
from headgate.decide.item import COLUMNS as ITEM_COLUMNS
from headgate.decide.item import SHOWN, ItemFacts
from headgate.decide.one import Decider, combine, duty_rate, eccn_differs, measures, shown
from headgate.errors import RowError, UsageError
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


def decide_frame(
    decider: Decider, table: Any, *, assume: str | None = None, stated: Mapping[str, object] | None = None
) -> DataFrame:
    """Decide a table; see `headgate.decide_table`.

    Raises:
        UsageError: An unknown column, or no `line_id`.
    """
    import polars as pl

    frame = table if isinstance(table, pl.DataFrame) else pl.DataFrame(table)
    check_columns(frame.columns)
    if "line_id" not in frame.columns:
        raise UsageError("the table has no column line_id; every line needs a name that is unique in the table")
    return decide_rows(decider, frame, stated_facts(assume, stated), bool(assume), Seen())


class Seen:
    """The line ids met so far, over all chunks of a file."""

    def __init__(self) -> None:
        self.rows = 0
        self.first: dict[str, int] = {}

    def errors(self, ids: Sequence[str | None], broken: Mapping[int, str]) -> list[str | None]:
        """Return for each line what is wrong with it or its id, and remember the id."""
        found: list[str | None] = []
        for n, id in enumerate(ids, self.rows + 1):
            if n - self.rows - 1 in broken:
                found.append(broken[n - self.rows - 1])
            elif id is None:
                found.append("line_id is blank; every line needs a name that is unique in the file")
            elif self.first.setdefault(id, n) != n:
                found.append(f"line_id {id!r} already stands in row {self.first[id]}; make it unique")
            else:
                found.append(None)
        self.rows += len(ids)
        return found


def decide_rows(
    decider: Decider,
    frame: DataFrame,
    stated: Mapping[str, Cell],
    at_destination: bool,
    seen: Seen,
    broken: Mapping[int, str] | None = None,
) -> DataFrame:
    """Decide the rows of one chunk, in order; `broken` says which could not be read at all, and why."""
    import polars as pl

    height = frame.height
    columns = read_columns(frame)
    ids = line_ids(frame["line_id"])
    start = seen.rows
    wrong_id = pl.Series(seen.errors(ids.to_list(), broken or {}), dtype=pl.String)
    errors = pl.select(pl.coalesce(wrong_id, cell_errors(columns, frame.columns, height))).to_series()
    columns, filled = fill(columns, stated, at_destination, height)
    era, day_errors = _eras(decider, columns.get("event_date"), height)
    items, key, item_errors = _items(decider, columns, height, errors.is_null() & day_errors.is_null())
    errors = pl.select(pl.coalesce(errors, day_errors, item_errors)).to_series()
    late = _late(decider, columns.get("event_date"), height)
    numbered = pl.DataFrame({"at": pl.Series(range(height), dtype=pl.UInt32), "era": era}).filter(errors.is_null())
    done: list[DataFrame] = []
    for (number,), rows in numbered.group_by("era", maintain_order=True):
        at = rows["at"]
        done.append(_decide_era(decider.eras.at(int(number)), columns, items, key.gather(at), at, late))
    out = _assemble(done, errors, height)
    return out.with_columns(
        line_id=ids,
        row_number=pl.Series(range(start + 1, start + height + 1), dtype=pl.Int64),
        assumed=_assumed(filled, errors, height),
        law_version=pl.lit(decider.book.version),
        data_version=pl.lit(decider.data_version),
    ).select(DECISION_COLUMNS)


def _eras(decider: Decider, days: Cells | None, height: int) -> tuple[Series, Series]:
    import polars as pl

    days = days or Cells(pl.repeat(None, height, dtype=pl.UInt32, eager=True), [])
    eras: list[int | None] = []
    messages: list[str | None] = []
    for value in (*days.values, None):
        try:
            eras.append(decider.eras.number(check_day({"event_date": value}, decider.book.begins)))
            messages.append(None)
        except RowError as problem:
            eras.append(None)
            messages.append(str(problem))
    at = days.codes.fill_null(len(days.values))
    return pl.Series(eras, dtype=pl.UInt32).gather(at), pl.Series(messages, dtype=pl.String).gather(at)


def _late(decider: Decider, days: Cells | None, height: int) -> Series:
    import polars as pl

    if days is None:
        return pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    late = pl.Series([v is not None and v > decider.book.read_on for v in days.values], dtype=pl.Boolean)  # type: ignore[operator]
    return late.gather(days.codes).fill_null(False) if len(late) else pl.repeat(False, height, dtype=pl.Boolean, eager=True)


def _items(
    decider: Decider, columns: Mapping[str, Cells], height: int, readable: Series
) -> tuple[list[ItemFacts], Series, Series]:
    """Work out each distinct item once; return the items, which one each row has, and why a row has none."""
    import polars as pl

    used = [c for c in ITEM_COLUMNS if c in columns and columns[c].codes.null_count() < height]
    frame = pl.DataFrame({c: columns[c].codes for c in used}) if used else pl.DataFrame({"none": pl.zeros(height, eager=True)})
    distinct = frame.filter(readable).unique(maintain_order=True)
    key = frame.join(distinct.with_row_index("key"), on=frame.columns, how="left", nulls_equal=True, maintain_order="left")["key"]
    items: list[ItemFacts] = []
    messages: list[str | None] = []
    for row in distinct.rows():
        cells = {c: columns[c].values[code] for c, code in zip(used, row, strict=False) if code is not None}
        try:
            items.append(decider.item(cells))
            messages.append(None)
        except RowError as problem:
            items.append(ItemFacts({}, None))
            messages.append(str(problem))
    return items, key, pl.Series(messages, dtype=pl.String).gather(key)


def _decide_era(
    era: Era, columns: Mapping[str, Cells], items: Sequence[ItemFacts], key: Series, at: Series, late: Series
) -> DataFrame:
    """Decide the rows of one era: `at` says which rows, `key` which item each has."""
    import polars as pl

    used = key.unique().sort()
    here = [items[k] for k in used.to_list()]
    spot = pl.Series(range(len(used)), dtype=pl.UInt32)
    row_key = pl.DataFrame({"k": key}).join(pl.DataFrame({"k": used, "s": spot}), on="k", how="left", maintain_order="left")["s"]
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
    flags = codes([i.flags for i in here])  # type: ignore[misc]
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
        _result(era, found, other, row, flags.values, eccn.values if eccn else []) for row in distinct.iter_rows(named=True)
    ]
    table = pl.DataFrame(results, schema=_result_schema(), orient="row").with_row_index("answer")
    numbered = distinct.with_row_index("answer")
    chosen = facts.join(numbered, on=facts.columns, how="left", nulls_equal=True, maintain_order="left")["answer"]
    used_numbers = pl.Series([shown(measures(i, era)) for i in here], dtype=schema()["measures"])
    return table[chosen].drop("answer").with_columns(at=at, measures=used_numbers.gather(row_key))


def _result_schema() -> dict[str, Any]:
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
    for name in ("item.id", "item.kind", "item.is_planar", "item.designer_countries"):
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
        rows = pl.DataFrame({"k": base.key}).with_row_index("at").join(place, on="k", how="inner", maintain_order="left")
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
    era: Era, found: Sequence[Pattern], other: _Readings, row: Mapping[str, Any], flag_sets: Sequence[Any], eccns: Sequence[Cell]
) -> tuple[Any, ...]:
    """Build the decision columns of one distinct combination."""
    pattern = found[row["pattern"]]
    if pattern.error is not None:
        return _invalid(pattern.error)
    labels = other.labels[row["labels"]]
    numbers = [row[f"reading{n}"] for n in range(len(labels))]
    others = [(label, other.patterns[n][numbers[n]].answers) for n, label in enumerate(labels) if numbers[n] is not None]
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


def _invalid(error: str) -> tuple[Any, ...]:
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


def _assemble(done: list[DataFrame], errors: Series, height: int) -> DataFrame:
    """Put the decided rows and the invalid ones back in the order of the table."""
    import polars as pl

    kinds = {**_result_schema(), "measures": schema()["measures"]}
    rows = [_invalid("")[: len(_result_schema())]]
    blank = pl.DataFrame(rows, schema=_result_schema(), orient="row")
    bad = pl.DataFrame({"at": pl.Series(range(height), dtype=pl.UInt32), "why": errors}).filter(pl.col("why").is_not_null())
    empty = pl.Series([shown({})] * 1, dtype=kinds["measures"])
    spread = pl.zeros(bad.height, dtype=pl.UInt32, eager=True)
    invalid = blank[spread].with_columns(error=bad["why"], at=bad["at"], measures=empty.gather(spread))
    order = [*kinds, "at"]
    return pl.concat([invalid.select(order), *(d.select(order) for d in done)]).sort("at").drop("at")


def _assumed(filled: Mapping[str, Series], errors: Series, height: int) -> Series:
    import polars as pl

    valid = errors.is_null()
    mask = pl.repeat(0, height, dtype=pl.UInt64, eager=True)
    names = [c for c in COLUMNS if c in filled]
    for n, name in enumerate(names):
        mask = mask | (filled[name] & valid).cast(pl.UInt64) * (1 << n)
    distinct = mask.unique()
    lists = [[c for n, c in enumerate(names) if m & (1 << n)] for m in distinct.to_list()]
    frame = pl.DataFrame({"m": distinct, "a": pl.Series(lists, dtype=pl.List(pl.String))})
    return pl.DataFrame({"m": mask}).join(frame, on="m", how="left", maintain_order="left")["a"]
