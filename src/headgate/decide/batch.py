"""Many rows of one era at once: the era's program on columns, and its answers by distinct pattern of truths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from headgate.decide.answer import Answer, answer, waiting_for
from headgate.decide.era import TRACKS, Era
from headgate.decide.item import ItemFacts
from headgate.errors import ConflictError
from headgate.expr.missing import near_number
from headgate.expr.node import Blank, Compare
from headgate.expr.program import Program
from headgate.expr.table import Codes, Columns, Numbers, codes, numbers, run_table, sensitive_table
from headgate.expr.value import Row, Value
from headgate.law.fields import BY_NAME, COLUMNS

if TYPE_CHECKING:
    from polars import Series

BIT = {column: 1 << n for n, column in enumerate(COLUMNS)}
DIGITS_A_WORD = 39
UNKNOWN = 2


@dataclass(slots=True)
class Parts:
    """The circuits of some items in one era.

    Args:
        truth: Root of the part program to its truth for each item.
        missing: Root to the bits of the columns whose facts could change it.
        near: Root to whether a near number could change it.
        key: For each row, which item.
    """

    truth: dict[int, Series]
    missing: dict[int, Series]
    near: dict[int, Series]
    key: Series

    def of_rows(self, what: Mapping[int, Series]) -> dict[int, Series]:
        """Spread item by item values over the rows."""
        return {root: column.gather(self.key) for root, column in what.items()}


@dataclass(slots=True)
class Pattern:
    """One distinct pattern of truths: its answers, or why it has none."""

    answers: Mapping[str, Answer]
    error: str | None
    first: tuple[int, ...]
    second: tuple[int, ...]


def part_columns(rows: Sequence[Row], program: Program) -> Columns:
    """Make columns of the circuits' fields that a program reads, and of the columns to ask for them."""
    found: dict[str, Numbers | Codes] = {}
    for _, leaf in program.leaves():
        name = leaf.name  # type: ignore[attr-defined]
        values = [r.get(name) for r in rows]
        found[name] = numbers(values) if BY_NAME[name].kind == "number" else codes(values)  # type: ignore[arg-type]
        if rows and f"{name}?" in rows[0]:
            found[f"{name}?"] = codes([r.get(f"{name}?") for r in rows])
    return found


def run_parts(era: Era, items: Sequence[tuple[tuple[Row, ...] | None, str]], key: Series) -> Parts:
    """Run the part program on the circuits of distinct items.

    Args:
        era: The era.
        items: For each item its circuits (None when unknown) and the column that would tell them.
        key: For each row, which item.
    """
    import polars as pl

    program = cast("Program", era.program.parts)
    rows = [part for parts, _ in items for part in parts or ()]
    owner = pl.Series([n for n, (parts, _) in enumerate(items) for _ in parts or ()], dtype=pl.UInt32)
    columns = part_columns(rows, program)
    truths = run_table(program, columns, era.lists, len(rows))
    known = pl.Series([parts is not None for parts, _ in items], dtype=pl.Boolean)
    ask = pl.Series([BIT[column] for _, column in items], dtype=pl.UInt64)
    simple = len(rows) == len(items) and bool(known.all())
    out = Parts({}, {}, {}, key)
    for root in program.roots.values():
        settled = truths[root]
        out.truth[root] = settled if simple else _any_by_item(settled, owner, known)
        counts = _counts(settled, owner, simple)
        bits, near = _part_questions(program, columns, truths, root, counts)
        if simple:
            out.missing[root], out.near[root] = bits, near
        else:
            out.missing[root], out.near[root] = _questions_by_item(bits, near, owner, known, ask)
    return out


def _any_by_item(truth: Series, owner: Series, known: Series) -> Series:
    import polars as pl

    grouped = pl.DataFrame({"o": owner, "t": truth}).group_by("o").agg(pl.col("t").any(ignore_nulls=False))
    items = pl.DataFrame({"o": pl.Series(range(len(known)), dtype=pl.UInt32), "k": known}).join(
        grouped.with_columns(has=pl.lit(True)), on="o", how="left", maintain_order="left"
    )
    # An item with no circuits at all meets nothing; one whose circuits are unknown is unknown.
    value = pl.when(pl.col("has")).then(pl.col("t")).when(pl.col("k")).then(pl.lit(False)).otherwise(None)
    return items.select(value.alias("t")).to_series()


def _counts(truth: Series, owner: Series, simple: bool) -> Series:
    """Say which circuits could change "any circuit meets it" alone: none other meets it already."""
    import polars as pl

    if simple:
        return pl.repeat(True, len(truth), dtype=pl.Boolean, eager=True)
    meets = truth.fill_null(False)
    frame = pl.DataFrame({"o": owner, "m": meets})
    others = frame.select(pl.col("m").sum().over("o").cast(pl.Int64) - pl.col("m").cast(pl.Int64)).to_series()
    return others == 0


def _part_questions(
    program: Program, columns: Columns, truths: Sequence[Series], root: int, counts: Series
) -> tuple[Series, Series]:
    import polars as pl

    height = len(counts)
    bits = pl.repeat(0, height, dtype=pl.UInt64, eager=True)
    near = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    for index, reached in sensitive_table(program, truths, {root: counts}).items():
        leaf = program.steps[index].leaf
        if leaf is None:
            continue
        name = leaf.name  # type: ignore[attr-defined]
        asked = columns.get(f"{name}?")
        bit: Series | int = BIT[BY_NAME[name].column]
        if isinstance(asked, Codes):
            bit = pl.Series([BIT[str(v)] for v in asked.values], dtype=pl.UInt64).gather(asked.codes)
        waiting = reached & ((truths[index] & isinstance(leaf, Blank)) | truths[index].is_null()).fill_null(True)
        bits = bits | _where(waiting, bit)
        if isinstance(leaf, Compare):
            near = near | (reached & _near(cast("Numbers", columns[name]), leaf))
    return bits, near


def _near(column: Numbers, leaf: Compare) -> Series:
    import polars as pl

    exact = column.slack.is_not_null()
    unique = column.low.unique()
    found = pl.Series([near_number(leaf, v) for v in unique.to_list()], dtype=pl.Boolean)
    return column.low.is_in(unique.filter(found).implode()).fill_null(False) & exact


def _where(rows: Series, bit: Series | int) -> Series:
    import polars as pl

    return pl.select(pl.when(rows).then(pl.lit(bit, dtype=pl.UInt64) if isinstance(bit, int) else bit).otherwise(
        pl.lit(0, dtype=pl.UInt64)
    )).to_series()


def _questions_by_item(bits: Series, near: Series, owner: Series, known: Series, ask: Series) -> tuple[Series, Series]:
    import polars as pl

    grouped = pl.DataFrame({"o": owner, "b": bits, "n": near}).group_by("o").agg(pl.col("b").bitwise_or(), pl.col("n").any())
    items = pl.DataFrame({"o": pl.Series(range(len(known)), dtype=pl.UInt32), "k": known, "a": ask}).join(
        grouped, on="o", how="left", maintain_order="left"
    )
    asked = pl.when(pl.col("k")).then(pl.col("b").fill_null(0)).otherwise(pl.col("a"))
    found = items.select(asked.cast(pl.UInt64).alias("b"), pl.col("n").fill_null(False))
    return found["b"], found["n"]


def patterns(era: Era, truths: Sequence[Series], duty_asked: Series) -> tuple[list[Pattern], Series]:
    """Answer each distinct pattern of truths once; return the patterns and which one each row has."""
    import polars as pl

    read = tuple(dict.fromkeys(s for t in TRACKS for s in era.tracks[t].read()))
    digits = [truths[s].cast(pl.Int64).fill_null(UNKNOWN) for s in read] + [duty_asked.cast(pl.Int64)]
    words = {}
    for start in range(0, len(digits), DIGITS_A_WORD):
        word = digits[start]
        for n, digit in enumerate(digits[start + 1 : start + DIGITS_A_WORD]):
            word = word + digit * 3 ** (n + 1)
        words[f"w{start}"] = word
    frame = pl.DataFrame(words)
    distinct = frame.with_row_index("at").unique(subset=list(words), keep="first", maintain_order=True)
    numbered = distinct.drop("at").with_row_index("pattern")
    which = frame.join(numbered, on=list(words), how="left", maintain_order="left")["pattern"]
    table = [column.gather(distinct["at"]).to_list() for column in (*(truths[s] for s in read), duty_asked)]
    return [_pattern(era, dict(zip(read, row[:-1], strict=True)), row[-1]) for row in zip(*table, strict=True)], which


def _pattern(era: Era, truths: Mapping[int, bool | None], asked: bool) -> Pattern:
    try:
        answers = {name: answer(track, truths) for name, track in era.tracks.items()}
    except ConflictError as problem:
        return Pattern({}, str(problem), (), ())
    waits = [waiting_for(era.tracks[t], answers[t], truths, asked) for t in TRACKS]
    return Pattern(answers, None, tuple(s for f, _ in waits for s in f), tuple(s for _, s2 in waits for s in s2))


def questions(
    era: Era, truths: Sequence[Series], found: Sequence[Pattern], which: Series, parts: Parts, second: bool
) -> tuple[Series, Series]:
    """Return for each row the bits of the columns that could change its answer, and whether a near number could."""
    import polars as pl

    height = len(which)
    wanted: dict[int, set[int]] = {}
    for n, pattern in enumerate(found):
        for step in pattern.second if second else pattern.first:
            wanted.setdefault(step, set()).add(n)
    seeds = {s: pl.Series([n in has for n in range(len(found))]).gather(which) for s, has in wanted.items()}
    bits = pl.repeat(0, height, dtype=pl.UInt64, eager=True)
    near = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    missing, close = parts.of_rows(parts.missing), parts.of_rows(parts.near)
    for index, reached in sensitive_table(era.program, truths, seeds).items():
        step = era.program.steps[index]
        if step.kind == "part":
            bits = bits | _where(reached, missing[step.args[0]])
            near = near | (reached & close[step.args[0]])
        elif step.leaf is not None:
            unknown = truths[index].is_null() | (truths[index].fill_null(False) & isinstance(step.leaf, Blank))
            bits = bits | _where(reached & unknown, BIT[BY_NAME[step.leaf.name].column])  # type: ignore[attr-defined]
    return bits, near


def asked_columns(bits: int) -> list[str]:
    """Return the columns of some bits, in the order in which a desk would ask."""
    return [column for column in COLUMNS if bits & BIT[column]]


def item_values(items: Sequence[ItemFacts], name: str) -> list[Value]:
    """Return one `item.` field of each item."""
    return [item.row.get(name) for item in items]
