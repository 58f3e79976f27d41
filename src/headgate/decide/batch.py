"""Many rows of one era at once: the era's program on columns, and its answers by distinct pattern of truths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import invert, itemgetter
from typing import TYPE_CHECKING, cast

from headgate.decide.answer import Answer, bits_of, read_answer
from headgate.decide.era import Era
from headgate.decide.item import ItemFacts
from headgate.decide.verdict import Verdict, verdict
from headgate.errors import ConflictError
from headgate.expr.margin import NEAR
from headgate.expr.node import Blank, Compare, Expr
from headgate.expr.program import Program
from headgate.expr.table import Codes, Columns, Numbers, Truth, codes, constant, numbers, run_table, sensitive_table
from headgate.expr.value import Row, Value
from headgate.law.fields import BY_NAME, COLUMNS

if TYPE_CHECKING:
    from polars import Series

BITS_A_WORD = 64
# The columns that a decision may ask for stand as bits in two words; those of circuits and items all in the first.
WORD = {column: n // BITS_A_WORD for n, column in enumerate(COLUMNS)}
BIT = {column: 1 << n % BITS_A_WORD for n, column in enumerate(COLUMNS)}


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
    """One distinct pattern of bits: its answers, or why it has none."""

    answers: Mapping[str, Answer]
    error: str | None


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


def verdicts_of(era: Era, truths: Sequence[Truth], asked: Series) -> dict[str, Verdict]:
    """Return the verdict of each track on every row."""
    yes, no = [t.yes for t in truths], [t.no for t in truths]
    never = constant(False, len(asked))
    return {name: verdict(track, yes, no, invert, never, asked) for name, track in era.tracks.items()}


def patterns(era: Era, verdicts: Mapping[str, Verdict]) -> tuple[list[Pattern], Series]:
    """Put each distinct pattern of bits into words once; return the patterns and which one each row has."""
    import polars as pl

    bits = {name: bits_of(v) for name, v in verdicts.items()}
    # Many bits are one and the same column; each is looked at once.
    columns = {id(bit): bit for track in bits.values() for bit in track}
    places = {key: n for n, key in enumerate(columns)}
    flat = list(columns.values())
    read = {name: itemgetter(*(places[id(bit)] for bit in track)) for name, track in bits.items()}
    words = {}
    for start in range(0, len(flat), BITS_A_WORD):
        word = _no_bits(len(flat[0]))
        for n, column in enumerate(flat[start : start + BITS_A_WORD]):
            word = word | _times(column, 1 << n)
        words[f"w{start}"] = word
    frame = pl.DataFrame(words)
    distinct = frame.with_row_index("at").unique(subset=list(words), keep="first", maintain_order=True)
    numbered = distinct.drop("at").with_row_index("pattern")
    which = frame.join(numbered, on=list(words), how="left", maintain_order="left")["pattern"]
    rows = pl.DataFrame({str(n): column for n, column in enumerate(flat)})[distinct["at"]].rows()
    known: dict[tuple[str, tuple[bool, ...]], Answer] = {}
    return [_pattern(era, verdicts, {name: read[name](row) for name in bits}, known) for row in rows], which


def _pattern(
    era: Era,
    verdicts: Mapping[str, Verdict],
    row: Mapping[str, tuple[bool, ...]],
    known: dict[tuple[str, tuple[bool, ...]], Answer],
) -> Pattern:
    """Put one pattern into words; the same bits of one track are read once."""
    answers: dict[str, Answer] = {}
    try:
        for name, found in verdicts.items():
            key = (name, row[name])
            if key not in known:
                known[key] = read_answer(era.tracks[name], found, row[name])
            answers[name] = known[key]
    except ConflictError as problem:
        return Pattern({}, str(problem))
    return Pattern(answers, None)


def questions(
    era: Era, fields: Columns, truths: Sequence[Truth], seeds: Mapping[int, Series], parts: Parts
) -> tuple[Series, Series, Series]:
    """Return for each row two words of the columns that could change a seed, and whether a near number could."""
    height = len(next(iter(seeds.values())))
    bits, near = [_no_bits(height), _no_bits(height)], constant(False, height)
    missing, close = parts.spread(parts.missing), parts.spread(parts.near)
    for index, reached in sensitive_table(era.program, truths, seeds).items():
        at = era.program.steps[index]
        if at.kind == "part":
            bits[0] = bits[0] | _times(reached, missing[at.args[0]])
            near = near | (reached & close[at.args[0]])
        elif at.leaf is not None:
            info = BY_NAME[at.leaf.name]  # type: ignore[attr-defined]
            if info.asked:
                word = WORD[info.column]
                bits[word] = bits[word] | _times(reached & _waiting(at.leaf, truths[index]), BIT[info.column])
            if isinstance(at.leaf, Compare) and info.name in fields:
                near = near | (reached & _near(cast("Numbers", fields[info.name]), at.leaf))
    return bits[0], bits[1], near


def seeds_of(verdicts: Mapping[str, Verdict], group: str) -> dict[int, Series]:
    """Return the formulas of one group that matter, by the rows in which they do, on either track."""
    found: dict[int, Series] = {}
    for v in verdicts.values():
        for step, rows in getattr(v, group).items():
            found[step] = found[step] | rows if step in found else rows
    return found


@lru_cache(maxsize=500_000)
def asked_columns(bits: int, word: int = 0) -> list[str]:
    """Return the columns of the bits of one word, in the order in which a desk would ask."""
    found = []
    while low := bits & -bits:
        found.append(COLUMNS[word * BITS_A_WORD + low.bit_length() - 1])
        bits ^= low
    return found


def item_values(items: Sequence[ItemFacts], name: str) -> list[Value]:
    """Return one `item.` field of each item."""
    return [item.row.get(name) for item in items]
