"""Many rows of one era at once: the era's program on columns, and its answers by distinct pattern of truths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from headgate.decide.answer import Answer, answer, waiting_for
from headgate.decide.era import TRACKS, Era
from headgate.decide.item import ItemFacts
from headgate.errors import ConflictError
from headgate.expr.margin import NEAR
from headgate.expr.node import Blank, Compare, Expr
from headgate.expr.program import Program
from headgate.expr.table import Codes, Columns, Numbers, Truth, codes, constant, numbers, run_table, sensitive_table
from headgate.expr.value import Row, Value
from headgate.law.fields import BY_NAME, COLUMNS

if TYPE_CHECKING:
    from polars import Series

BIT = {column: 1 << n for n, column in enumerate(COLUMNS)}
BITS_A_WORD = 64


@dataclass(slots=True)
class Parts:
    """The circuits of some items in one era.

    Args:
        truth: Root of the part program to its truth for each item.
        missing: Root to the bits of the columns whose facts could change it.
        near: Root to whether a near number could change it.
        key: For each row, which item.
    """

    truth: dict[int, Truth]
    missing: dict[int, Series]
    near: dict[int, Series]
    key: Series

    def spread(self, what: Mapping[int, Series]) -> dict[int, Series]:
        """Spread item by item values over the rows."""
        from polars import DataFrame

        if not what:
            return {}
        rows = DataFrame({str(root): column for root, column in what.items()})[self.key]
        return {root: rows[str(root)] for root in what}

    def truth_of_rows(self) -> dict[int, Truth]:
        """Spread the truths over the rows."""
        yes = self.spread({root: t.yes for root, t in self.truth.items()})
        no = self.spread({root: t.no for root, t in self.truth.items()})
        return {root: Truth(yes[root], no[root]) for root in yes}


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


def run_parts(era: Era, items: Sequence[tuple[tuple[Row, ...] | None, str]], key: Series, asking: bool = True) -> Parts:
    """Run the part program on the circuits of distinct items.

    Args:
        era: The era.
        items: For each item its circuits (None when unknown) and the column that would tell them.
        key: For each row, which item.
        asking: Work out what is missing and near, too.
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
        if not asking:
            continue
        counts = constant(True, len(rows)) if simple else _counts(settled.yes, owner)
        bits, near = _part_questions(program, columns, truths, root, counts)
        if not simple:
            bits, near = _questions_by_item(bits, near, owner, known, ask)
        out.missing[root], out.near[root] = bits, near
    return out


def _any_by_item(truth: Truth, owner: Series, known: Series) -> Truth:
    """Any circuit of an item: yes if one does; no if its circuits are known and none could."""
    import polars as pl

    grouped = (
        pl.DataFrame({"o": owner, "y": truth.yes, "n": truth.no})
        .group_by("o")
        .agg(pl.col("y").any(), pl.col("n").all())
    )
    items = pl.DataFrame({"o": pl.Series(range(len(known)), dtype=pl.UInt32)}).join(
        grouped, on="o", how="left", maintain_order="left"
    )
    return Truth(items["y"].fill_null(False), items["n"].fill_null(True) & known)


def _counts(meets: Series, owner: Series) -> Series:
    """Say which circuits could change "any circuit meets it" alone: none other meets it already."""
    import polars as pl

    frame = pl.DataFrame({"o": owner, "m": meets})
    others = frame.select(pl.col("m").sum().over("o").cast(pl.Int64) - pl.col("m").cast(pl.Int64)).to_series()
    return others == 0


def _part_questions(
    program: Program, columns: Columns, truths: Sequence[Truth], root: int, counts: Series
) -> tuple[Series, Series]:
    bits, near = _no_bits(len(counts)), constant(False, len(counts))
    for index, reached in sensitive_table(program, truths, {root: counts}).items():
        leaf = program.steps[index].leaf
        if leaf is None:
            continue
        name = leaf.name  # type: ignore[attr-defined]
        asked = columns.get(f"{name}?")
        bit: Series | int = BIT[BY_NAME[name].column]
        if isinstance(asked, Codes):
            bit = _bits_of(asked)
        bits = bits | _times(reached & _waiting(leaf, truths[index]), bit)
        if isinstance(leaf, Compare):
            near = near | (reached & _near(cast("Numbers", columns[name]), leaf))
    return bits, near


def _waiting(leaf: Expr, truth: Truth) -> Series:
    """The rows in which a leaf waits for a fact: it is unknown, or it holds because the row is silent."""
    return truth.yes if isinstance(leaf, Blank) else truth.unknown


def _bits_of(asked: Codes) -> Series:
    import polars as pl

    return pl.Series([*(BIT[str(v)] for v in asked.values), 0], dtype=pl.UInt64).gather(asked.codes)


def _near(column: Numbers, leaf: Compare) -> Series:
    limit = leaf.limit.value
    slack = NEAR * abs(limit)
    gap = column.low - limit
    return column.exact & (gap <= slack) & (gap >= -slack)


@lru_cache(maxsize=64)
def _no_bits(height: int) -> Series:
    import polars as pl

    return pl.repeat(0, height, dtype=pl.UInt64, eager=True)


def _times(rows: Series, bit: Series | int) -> Series:
    import polars as pl

    return rows.cast(pl.UInt64) * bit


def _questions_by_item(bits: Series, near: Series, owner: Series, known: Series, ask: Series) -> tuple[Series, Series]:
    import polars as pl

    grouped = (
        pl.DataFrame({"o": owner, "b": bits, "n": near}).group_by("o").agg(pl.col("b").bitwise_or(), pl.col("n").any())
    )
    items = pl.DataFrame({"o": pl.Series(range(len(known)), dtype=pl.UInt32), "k": known, "a": ask}).join(
        grouped, on="o", how="left", maintain_order="left"
    )
    asked = pl.when(pl.col("k")).then(pl.col("b").fill_null(0)).otherwise(pl.col("a"))
    found = items.select(asked.cast(pl.UInt64).alias("b"), pl.col("n").fill_null(False))
    return found["b"], found["n"]


def patterns(era: Era, truths: Sequence[Truth], duty_asked: Series) -> tuple[list[Pattern], Series]:
    """Answer each distinct pattern of truths once; return the patterns and which one each row has."""
    import polars as pl

    read = tuple(dict.fromkeys(s for t in TRACKS for s in era.tracks[t].read()))
    bits = [duty_asked, *(column for s in read for column in (truths[s].yes, truths[s].no))]
    words = {}
    for start in range(0, len(bits), BITS_A_WORD):
        word = _no_bits(len(duty_asked))
        for n, column in enumerate(bits[start : start + BITS_A_WORD]):
            word = word | _times(column, 1 << n)
        words[f"w{start}"] = word
    frame = pl.DataFrame(words)
    distinct = frame.with_row_index("at").unique(subset=list(words), keep="first", maintain_order=True)
    numbered = distinct.drop("at").with_row_index("pattern")
    which = frame.join(numbered, on=list(words), how="left", maintain_order="left")["pattern"]
    table = pl.DataFrame({str(n): column for n, column in enumerate(bits)})[distinct["at"]].rows()
    return [_pattern(era, dict(zip(read, _read_truths(row), strict=True)), row[0]) for row in table], which


def _read_truths(row: tuple[bool, ...]) -> list[bool | None]:
    return [True if yes else False if no else None for yes, no in zip(row[1::2], row[2::2], strict=True)]


def _pattern(era: Era, truths: Mapping[int, bool | None], asked: bool) -> Pattern:
    try:
        answers = {name: answer(track, truths) for name, track in era.tracks.items()}
    except ConflictError as problem:
        return Pattern({}, str(problem), (), ())
    waits = [waiting_for(era.tracks[t], answers[t], truths, asked) for t in TRACKS]
    return Pattern(answers, None, tuple(s for f, _ in waits for s in f), tuple(s for _, s2 in waits for s in s2))


def questions(
    era: Era, truths: Sequence[Truth], found: Sequence[Pattern], which: Series, parts: Parts, second: bool
) -> tuple[Series, Series]:
    """Return for each row the bits of the columns that could change its answer, and whether a near number could."""
    import polars as pl

    wanted: dict[int, set[int]] = {}
    for n, pattern in enumerate(found):
        for step in pattern.second if second else pattern.first:
            wanted.setdefault(step, set()).add(n)
    bits, near = _no_bits(len(which)), constant(False, len(which))
    if not wanted:
        return bits, near
    by_pattern = {
        str(s): pl.Series([n in has for n in range(len(found))], dtype=pl.Boolean) for s, has in wanted.items()
    }
    rows = pl.DataFrame(by_pattern)[which]
    missing, close = parts.spread(parts.missing), parts.spread(parts.near)
    for index, reached in sensitive_table(era.program, truths, {s: rows[str(s)] for s in wanted}).items():
        at = era.program.steps[index]
        if at.kind == "part":
            bits = bits | _times(reached, missing[at.args[0]])
            near = near | (reached & close[at.args[0]])
        elif at.leaf is not None:
            bit = BIT[BY_NAME[at.leaf.name].column]  # type: ignore[attr-defined]
            bits = bits | _times(reached & _waiting(at.leaf, truths[index]), bit)
    return bits, near


def asked_columns(bits: int) -> list[str]:
    """Return the columns of some bits, in the order in which a desk would ask."""
    return [column for column in COLUMNS if bits & BIT[column]]


def item_values(items: Sequence[ItemFacts], name: str) -> list[Value]:
    """Return one `item.` field of each item."""
    return [item.row.get(name) for item in items]
