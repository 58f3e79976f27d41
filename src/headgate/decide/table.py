"""A table: the same steps as one case, on columns. Equal items and equal patterns of truths are worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from headgate.decide.answers import Answers
from headgate.decide.cell import Cell
from headgate.decide.cells import Cells, cell_errors, fill, line_ids, read_columns
from headgate.decide.columns import COLUMNS, check_columns
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.distinct import Met
from headgate.decide.era_table import GROUPS, Decided, decide_era, nothing_decided
from headgate.decide.facts import check_route, stated_facts
from headgate.decide.item import COLUMNS as ITEM_COLUMNS
from headgate.decide.item import ItemFacts
from headgate.decide.one import Decider
from headgate.errors import RowError, UsageError

if TYPE_CHECKING:
    from polars import DataFrame, Series


def decide_frame(
    decider: Decider,
    table: Any,
    *,
    assume: str | None = None,
    stated: Mapping[str, object] | None = None,
    answers: Any = None,
) -> DataFrame:
    """Decide a table; see `headgate.decide_table`.

    Raises:
        UsageError: An unknown column, no `line_id`, or answers about a line that is not in the table.
    """
    import polars as pl

    frame = table if isinstance(table, pl.DataFrame) else pl.DataFrame(table)
    check_columns(frame.columns)
    if "line_id" not in frame.columns:
        raise UsageError("the table has no column line_id; every line needs a name that is unique in the table")
    told = None if answers is None else Answers(answers if isinstance(answers, pl.DataFrame) else pl.DataFrame(answers))
    by, seen = decider if told is None else decider.answering, Seen()
    found = decide_rows(by, frame, stated_facts(assume, stated), bool(assume), seen, answers=told)
    if told is not None and (lost := told.unmatched(seen.first)):
        raise UsageError(f"the answers: {'; '.join(lost)}")
    return found


class Seen:
    """The lines met so far, over all chunks of a file: their ids, and what was decided of each distinct one."""

    def __init__(self) -> None:
        self.rows = 0
        self.met = Met()
        self.first: dict[str, int] = {}

    def errors(self, ids: Sequence[str | None], broken: Mapping[int, str]) -> list[str | None]:
        """Return for each line what is wrong with it or its id, and remember the id."""
        start, self.rows = self.rows, self.rows + len(ids)
        if not broken and None not in ids and self.first.keys().isdisjoint(ids) and len(set(ids)) == len(ids):
            self.first.update(zip(cast("Sequence[str]", ids), range(start + 1, self.rows + 1), strict=True))
            return [None] * len(ids)
        found: list[str | None] = []
        for n, id in enumerate(ids, start + 1):
            if n - start - 1 in broken:
                found.append(broken[n - start - 1])
            elif id is None:
                found.append("line_id is blank; every line needs a name that is unique in the file")
            elif self.first.setdefault(id, n) != n:
                found.append(f"line_id {id!r} already stands in row {self.first[id]}; make it unique")
            else:
                found.append(None)
        return found


def decide_rows(
    decider: Decider,
    frame: DataFrame,
    stated: Mapping[str, Cell],
    at_destination: bool,
    seen: Seen,
    broken: Mapping[int, str] | None = None,
    answers: Answers | None = None,
) -> DataFrame:
    """Decide the rows of one chunk, in order; `broken` says which could not be read at all, and why."""
    import polars as pl

    height, start = frame.height, seen.rows
    columns = read_columns(frame)
    ids = line_ids(frame["line_id"])
    wrong = pl.Series(seen.errors(ids.to_list(), broken or {}), dtype=pl.String)
    out = None
    if answers is None:

        def each(few: DataFrame) -> DataFrame:
            read = read_columns(few)
            return _decide_each(decider, read, cell_errors(read, few.columns, few.height), stated, at_destination)

        out = seen.met.decide(frame, columns, each)
    if out is None:
        errors = pl.select(pl.coalesce(wrong, cell_errors(columns, frame.columns, height))).to_series()
        if answers is not None:
            told, answer_errors = answers.of_rows(ids)
            columns |= told
            errors = pl.select(pl.coalesce(errors, answer_errors)).to_series()
        out = _decide_each(decider, columns, errors, stated, at_destination)
    elif wrong.null_count() < height:
        out = _laid_over(out, wrong)
    return out.with_columns(
        line_id=ids,
        row_number=pl.Series(range(start + 1, start + height + 1), dtype=pl.Int64),
        law_version=pl.lit(decider.book.version),
        data_version=pl.lit(decider.data_version),
    ).select(DECISION_COLUMNS)


def _decide_each(
    decider: Decider, columns: dict[str, Cells], errors: Series, stated: Mapping[str, Cell], at_destination: bool
) -> DataFrame:
    """Decide rows one by one: everything of a decision but the line's id and number, and the versions."""
    import polars as pl

    height = len(errors)
    columns, filled = fill(columns, stated, at_destination, height)
    era, day_errors = _eras(decider, columns.get("event_date"), height)
    errors = pl.select(pl.coalesce(errors, day_errors, _routes(columns, height))).to_series()
    items, key, item_errors = _items(decider, columns, height, errors.is_null())
    errors = pl.select(pl.coalesce(errors, item_errors)).to_series()
    late = _late(decider, columns.get("event_date"), height)
    numbered = pl.DataFrame({"at": pl.Series(range(height), dtype=pl.UInt32), "era": era}).filter(errors.is_null())
    done: list[Decided] = []
    for (number,), rows in numbered.group_by("era", maintain_order=True):
        at = rows["at"]
        done.append(decide_era(decider.eras.at(int(number)), columns, items, key.gather(at), at, late))
    return _assemble(done, errors, height).with_columns(assumed=_assumed(filled, errors, height))


def _laid_over(out: DataFrame, wrong: Series) -> DataFrame:
    """Put the row of a line that cannot be read wherever one is wrong."""
    import polars as pl

    at = pl.select(pl.when(wrong.is_null()).then(pl.int_range(len(wrong), dtype=pl.UInt32)).otherwise(len(wrong)))
    invalid = _assemble([], pl.Series([""]), 1).with_columns(assumed=pl.Series([[]], dtype=pl.List(pl.String)))
    both = pl.concat([out, invalid.select(out.columns).cast(out.schema)])[at.to_series()]
    return both.with_columns(error=pl.coalesce(wrong, "error"))


def _eras(decider: Decider, days: Cells | None, height: int) -> tuple[Series, Series]:
    import polars as pl

    days = days or Cells(pl.repeat(None, height, dtype=pl.UInt32, eager=True), [])
    eras: list[int | None] = []
    messages: list[str | None] = []
    for value in (*days.values, None):
        try:
            eras.append(decider.eras.number(decider.law_day({"event_date": value})))
            messages.append(None)
        except RowError as problem:
            eras.append(None)
            messages.append(str(problem))
    at = days.codes.fill_null(len(days.values))
    return pl.Series(eras, dtype=pl.UInt32).gather(at), pl.Series(messages, dtype=pl.String).gather(at)


def _routes(columns: Mapping[str, Cells], height: int) -> Series:
    """Say what is wrong with each route, for every distinct one."""
    import polars as pl

    names = [c for c in ("activity", "ship_from", "destination") if c in columns]
    if not names:
        return pl.repeat(None, height, dtype=pl.String, eager=True)
    frame = pl.DataFrame({c: columns[c].codes for c in names})
    distinct = frame.unique(maintain_order=True)
    messages: list[str | None] = []
    for row in distinct.rows():
        try:
            check_route({c: columns[c].values[code] for c, code in zip(names, row, strict=True) if code is not None})
            messages.append(None)
        except RowError as problem:
            messages.append(str(problem))
    told = distinct.with_columns(why=pl.Series(messages, dtype=pl.String))
    return frame.join(told, on=names, how="left", nulls_equal=True, maintain_order="left")["why"]


def _late(decider: Decider, days: Cells | None, height: int) -> Series:
    import polars as pl

    if decider.as_of is not None or days is None:
        late_all = decider.as_of is not None and decider.as_of > decider.book.read_on
        return pl.repeat(late_all, height, dtype=pl.Boolean, eager=True)
    late = pl.Series([v is not None and v > decider.book.read_on for v in days.values], dtype=pl.Boolean)  # type: ignore[operator]
    return (
        late.gather(days.codes).fill_null(False)
        if len(late)
        else pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    )


def _items(
    decider: Decider, columns: Mapping[str, Cells], height: int, readable: Series
) -> tuple[list[ItemFacts], Series, Series]:
    """Work out each distinct item once; return the items, which one each row has, and why a row has none."""
    import polars as pl

    used = [c for c in ITEM_COLUMNS if c in columns and columns[c].codes.null_count() < height]
    frame = (
        pl.DataFrame({c: columns[c].codes for c in used})
        if used
        else pl.DataFrame({"none": pl.zeros(height, eager=True)})
    )
    distinct = frame.filter(readable).unique(maintain_order=True)
    key = frame.join(
        distinct.with_row_index("key"), on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
    )["key"]
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


def _assemble(done: list[Decided], errors: Series, height: int) -> DataFrame:
    """Put the rows of all eras, and the invalid ones, into the order of the table.

    Only the numbers of the distinct rows are sorted; the wide rows are taken once, at the end.
    """
    import polars as pl

    invalid = nothing_decided()
    parts = [pl.DataFrame({"at": pl.Series(range(height), dtype=pl.UInt32)}).filter(errors.is_not_null())]
    parts[0] = parts[0].with_columns(pl.lit(0, dtype=pl.UInt32).alias(g) for g in GROUPS)
    tables = {g: [invalid[g]] for g in GROUPS}
    start = dict.fromkeys(GROUPS, 1)
    for era in done:
        parts.append(era.rows.with_columns((pl.col(g) + start[g]).cast(pl.UInt32) for g in GROUPS))
        for g in GROUPS:
            tables[g].append(era.tables[g])
            start[g] += era.tables[g].height
    order = pl.concat(parts).sort("at")
    out = pl.concat([pl.concat(tables[g])[order[g]] for g in GROUPS], how="horizontal")
    return out.with_columns(error=pl.coalesce(errors, "error"))


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
