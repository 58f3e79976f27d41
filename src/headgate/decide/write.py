"""Decisions out: CSV, JSONL, Parquet and XLSX. Nothing half-written ever stands under the final name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from headgate.decide.cell import Cell
from headgate.decide.cells import texts as as_text
from headgate.decide.decision import DECISION_COLUMNS, LISTS
from headgate.errors import UsageError
from headgate.units import FORMULA, SIGNED

if TYPE_CHECKING:
    from polars import DataFrame, Expr, Series

    from headgate.decide.one import Decider
    from headgate.decide.write_xlsx import DecisionBook

KINDS = (".csv", ".jsonl", ".parquet", ".xlsx")


def guarded(frame: DataFrame) -> DataFrame:
    """Return a frame whose texts a spreadsheet will not run: a leading = + - @ or tab gets an apostrophe, numbers stay.

    Example:
        >>> import polars
        >>> guarded(polars.DataFrame({"a": ["=1+1", "-5", "x"]}))["a"].to_list()
        ["'=1+1", '-5', 'x']
    """
    import polars as pl

    safe = []
    for name in frame.columns:
        # The other columns of a decision are the book's own words.
        if frame.schema[name] == pl.String and (name in ("line_id", "error") or name not in DECISION_COLUMNS):
            text = pl.col(name)
            runs = text.str.contains(FORMULA) & ~text.str.contains(SIGNED)
            safe.append(pl.when(runs).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(name))
    names = {n: f"'{n}" for n in frame.columns if n.lstrip()[:1] in ("=", "+", "-", "@") and n.strip()}
    return frame.with_columns(safe).rename(names)


def flat(frame: DataFrame) -> DataFrame:
    """Return decisions with lists as `;`-text and measures as one text, for CSV."""
    import polars as pl

    lists: list[Expr] = [pl.col(name).list.join(";") for name in LISTS if name in frame.columns]
    plain = _as_text(frame, lambda kind: kind.is_nested() or kind in (pl.Binary, pl.Object, pl.Duration))
    return frame.with_columns(*lists, *plain, measures=_measures_text(frame))


def _is_bytes(kind: Any) -> bool:
    import polars as pl

    return kind in (pl.Binary, pl.Object)


def _as_text(frame: DataFrame, is_odd: Callable[[Any], bool]) -> list[Series]:
    """Return carried columns as text where a format has no form for their kind."""
    return [as_text(frame[n]) for n in frame.columns if n not in DECISION_COLUMNS and is_odd(frame.schema[n])]


def _measures_text(frame: DataFrame) -> Any:
    """Write measures as `tpp=15832 two_sources +229.8% us.ear.3a090.a.1/tpp;...`; a lower bound as `tpp>=...`."""
    import polars as pl

    struct = frame.schema["measures"]
    assert isinstance(struct, pl.Struct)
    texts = []
    for field in struct.fields:
        m = pl.col("measures").struct.field(field.name).struct
        percent = (m.field("margin") * 100).round(1)
        sign = pl.when(percent >= 0).then(pl.lit("+")).otherwise(pl.lit(""))
        relation = pl.when(m.field("at_least")).then(pl.lit(">=")).otherwise(pl.lit("="))
        margin = pl.concat_str(pl.lit(" "), sign, percent, pl.lit("% "), m.field("threshold")).fill_null("")
        texts.append(
            pl.concat_str(pl.lit(field.name), relation, m.field("value").round(4), pl.lit(" "), m.field("mark"), margin)
        )
    return pl.concat_str(texts, separator=";", ignore_nulls=True)


class Writer:
    """Writes decisions chunk by chunk to a file or to standard output; the final name appears only when all is written.

    Args:
        path: The file, or None for standard output as CSV.
        stream: Standard output.
        as_json: Write one JSON object a line to the stream.
        by: The law that decides, which a workbook quotes; by default the law as it is.
        today: The day on which reviews are due or not; None asks for none.
    """

    def __init__(
        self,
        path: Path | None,
        stream: IO[bytes],
        as_json: bool = False,
        by: Decider | None = None,
        today: date | None = None,
    ) -> None:
        self.path, self.stream, self.as_json, self.by, self.today = path, stream, as_json, by, today
        self.book: DecisionBook | None = None
        self.notes: list[str] = []
        self.header = True
        self.parts: list[Path] = []
        self.folder: Path | None = None
        if path is not None:
            if path.suffix.casefold() not in KINDS:
                raise UsageError(f"-o {path}: output files end in {', '.join(KINDS)}")
            if path.is_dir():
                raise UsageError(f"-o {path}: this is a folder; name a file in it")
            if not path.parent.is_dir():
                raise UsageError(f"-o {path}: the folder {path.parent} does not exist; make it first")

    def __enter__(self) -> Writer:
        if self.path is not None:
            try:
                self.folder = Path(tempfile.mkdtemp(prefix=f".{self.path.name}.", dir=self.path.parent))
            except OSError as problem:
                raise UsageError(f"-o {self.path}: cannot write there: {problem.strerror}") from None
            self.target: IO[bytes] = (self.folder / "out").open("wb")
            if self.path.suffix.casefold() == ".xlsx":
                self.book = self._workbook(self.folder / "out")
        else:
            self.target = self.stream
        return self

    def _workbook(self, path: Path) -> DecisionBook:
        from headgate.decide.one import decider
        from headgate.decide.write_xlsx import DecisionBook

        return DecisionBook(path, self.by or decider(), self.today)

    def write(self, frame: DataFrame, orders: DataFrame | None = None, facts: Mapping[str, Cell] | None = None) -> None:
        """Append decisions.

        Args:
            frame: The decisions, with the columns that are carried.
            orders: The lines that they are about; a workbook quotes the law of each line's day.
            facts: What was stated for every line.
        """
        suffix = ".csv" if self.path is None else self.path.suffix.casefold()
        if self.as_json and self.path is None:
            suffix = ".jsonl"
        if suffix == ".csv":
            guarded(flat(frame)).write_csv(self.target, include_header=self.header)
        elif suffix == ".jsonl":
            frame.with_columns(_as_text(frame, _is_bytes)).write_ndjson(self.target)
        elif self.book is not None:
            self.book.add(frame, flat(frame), frame if orders is None else orders, facts or {})
        else:
            assert self.folder is not None
            self.parts.append(self.folder / f"{len(self.parts)}.parquet")
            frame.write_parquet(self.parts[-1])
        self.header = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.folder is None or self.path is None:
            self.target.flush()
            return
        try:
            self.target.close()
            if kind is None:
                if self.book is not None:
                    self.notes += self.book.close()
                if self.parts:
                    _join(self.parts, self.folder / "out")
                os.replace(self.folder / "out", self.path)
        finally:
            if self.book is not None:
                self.book.drop()
            for left in self.folder.glob("*"):
                with suppress(OSError):
                    left.unlink()
            with suppress(OSError):
                self.folder.rmdir()


def _join(parts: list[Path], target: Path) -> None:
    import polars as pl

    pl.scan_parquet(parts).sink_parquet(target)
