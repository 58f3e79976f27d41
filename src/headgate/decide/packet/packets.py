"""`decide --packet`: one folder for each line to hold, and an index; all of it appears at once, or none."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from headgate.decide.columns import COLUMNS
from headgate.decide.decision import DECISION_COLUMNS, LISTS, Decision
from headgate.decide.packet.asked import asks
from headgate.decide.packet.documents import due, owes_paper
from headgate.decide.packet.holding import HOLD, OWING, PAPERS_DUE, RED_FLAG, held_as, is_held, may_owe
from headgate.decide.packet.index import PAGE, PAPERS, TABLE, Index
from headgate.decide.packet.line import write_line
from headgate.decide.packet.names import Names
from headgate.decide.packet.record import Line, Source
from headgate.decide.summary import overdue
from headgate.errors import UsageError
from headgate.extras import needed

if TYPE_CHECKING:
    from polars import DataFrame

    from headgate.decide.answers import Answers
    from headgate.decide.one import Decider


class Packets:
    """Writes the packets of a run, line by line; the folder appears only when all of them are whole.

    Args:
        folder: Where they go: a folder that does not exist, or is empty.
        orders: The order book.
        others: What else shapes the decisions: role to file.
        under: Under which law the run decides, in sentences.
        pdf: Write the memo as a PDF too.
        asked: The options that change the law, by name.
        today: The day on which reviews are due or not; None asks for none.

    Raises:
        UsageError: The folder cannot be used.
    """

    def __init__(
        self,
        folder: str,
        orders: Path,
        others: Mapping[str, str | None] | None = None,
        under: Sequence[str] = (),
        pdf: bool = False,
        asked: Mapping[str, object] | None = None,
        today: date | None = None,
    ) -> None:
        self.folder, self.orders, self.under, self.pdf = Path(folder), orders, tuple(under), pdf
        self.asked, self.today = asked or {}, today
        self.others = {role: Path(file) for role, file in (others or {}).items() if file}
        self.papers = {**PAPERS, **({"PDF": "memo.pdf"} if pdf else {})}
        self.names = Names((PAGE, TABLE))
        self.decided = self.held = 0
        self.counts: Counter[str] = Counter()
        self.index: Index | None = None
        self.made: Path | None = None
        self.progress: Callable[[int, int], None] | None = None
        check_folder(self.folder)
        if pdf:
            needed("typst")

    def __enter__(self) -> Packets:
        if self.orders.is_file():
            self.state = _state(self.orders)
            # What is no file comes with the program, as a map that it knows by name.
            named = {r: (f.name, digest(f) if f.is_file() else "") for r, f in self.others.items()}
            self.source = Source((self.orders.name, digest(self.orders)), named, self.under, self.asked)
        target = self.folder.absolute()
        try:
            self.made = _fresh(target)
        except OSError as problem:
            raise UsageError(f"--packet {self.folder}: cannot write there: {problem.strerror}") from None
        return self

    def add(
        self,
        found: DataFrame,
        orders: DataFrame,
        by: Decider,
        assume: str | None,
        stated: Mapping[str, object] | None,
        answers: Answers | None,
        own: DataFrame | None = None,
    ) -> None:
        """Write a packet for each line to hold of one chunk."""
        assert self.made is not None
        self.decided += found.height
        try:
            if self.index is None:
                self.source = replace(self.source, reviews=tuple(overdue(by.book, self.today)))
                self.index = Index(self.made, self.source, by.book, self.papers)
            for line in lines(found, orders, by, assume, stated, answers, own, self.source):
                d = line.decision
                self.held += 1
                self.counts[held_as(d.outcome, d.missing, d.diligence)] += 1
                folder = self.names.of(d.line_id, d.row_number or 0)
                write_line(self.made / folder, line, self.pdf)
                self.index.add(line, folder)
                if self.progress is not None:
                    self.progress(self.held, 0)
        except OSError as problem:
            raise _unwritable(self.folder, problem) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as problem:
            raise _unwritable(self.folder, problem) from None
        finally:
            if self.index is not None:
                self.index.drop()
            if self.made is not None:
                shutil.rmtree(self.made, ignore_errors=True)

    def said(self) -> str:
        """Say what was written where."""
        lines, papers, flagged = (self.counts[kind] for kind in (HOLD, PAPERS_DUE, RED_FLAG))
        parts = [f"{lines:,} line{'' if lines == 1 else 's'} to hold"]
        parts += [f"{papers:,} with papers of an exception due"] if papers else []
        parts += [f"{flagged:,} held by a red flag alone"] if flagged else []
        parts += [f"{self.counts[OWING]:,} held for a paper alone"] if self.counts[OWING] else []
        return f"Packets: {self.folder / PAGE} ({', '.join(parts)})"

    def _finish(self) -> None:
        assert self.made is not None
        if _state(self.orders) != self.state:
            raise UsageError(
                f"--packet {self.folder}: {self.orders} changed during the run, so the packets would name another "
                "file than was decided; nothing was written there. Decide a copy"
            )
        if self.index is None:
            return
        self.index.finish(self.decided)
        check_folder(self.folder)
        target = self.folder.absolute()
        if target.exists():
            target.rmdir()
        os.replace(self.made, target)


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something, so that two runs never mix.

    Raises:
        UsageError: It is no folder, is not empty, or that in which it would stand does not exist.
    """
    if folder.is_symlink():
        raise UsageError(f"--packet {folder}: this is a link; name the folder itself")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--packet {folder}: this is a file; name a folder that does not exist yet")
    if folder.is_dir():
        try:
            first = next(folder.iterdir(), None)
        except OSError as problem:
            raise UsageError(f"--packet {folder}: cannot read it: {problem.strerror}") from None
        if first is not None:
            raise UsageError(
                f"--packet {folder}: the folder is not empty (it holds {first.name!r}), and two runs are never mixed; "
                "name a new folder"
            )
    parent = folder.absolute().parent
    if not parent.is_dir():
        raise UsageError(f"--packet {folder}: the folder {parent} does not exist; make it first")


def lines(
    found: DataFrame,
    orders: DataFrame,
    by: Decider,
    assume: str | None,
    stated: Mapping[str, object] | None,
    answers: Answers | None,
    own: DataFrame | None,
    source: Source,
) -> Iterator[Line]:
    """Yield the lines to hold of one chunk, each decided again by itself, for its trace."""
    names = [c for c in orders.columns if c in COLUMNS]
    told = found.select("outcome", "missing", "diligence").iter_rows()
    for n, (answer, owes) in enumerate(zip(told, may_owe(found, orders, stated), strict=True)):
        if not (owes or is_held(*answer)):
            continue
        outcome = answer[0]
        table, cells = found.row(n, named=True), orders.row(n, named=True)
        original = cells if own is None else own.row(n, named=True)
        line_id = table["line_id"]
        given = answers.of(line_id) if answers is not None and line_id is not None else {}
        if outcome == "invalid_row":
            decision = _of_table(table)
        else:
            row = {name: cells[name] for name in names} | {"line_id": line_id}
            decision = replace(by.decide(row, assume, stated, given), row_number=table["row_number"])
        if not (is_held(*answer) or owes_paper(decision)):
            continue
        yield Line(decision, by, cells, original, given, source, tuple(asks(decision)), tuple(due(decision)))


def _of_table(row: Mapping[str, object]) -> Decision:
    """The decision of a row that cannot be read; the table alone knows what is wrong with it."""
    cells = {name: row[name] for name in DECISION_COLUMNS}
    return Decision(**{name: tuple(v) if name in LISTS else v for name, v in cells.items()})  # type: ignore[arg-type]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _fresh(target: Path) -> Path:
    """Make an empty folder beside another, to become it."""
    n = 0
    while True:
        made = target.with_name(f".{target.name}.{os.getpid()}.{n}")
        try:
            made.mkdir()
        except FileExistsError:
            n += 1
        else:
            return made


def _unwritable(folder: Path, problem: OSError) -> UsageError:
    return UsageError(
        f"--packet {folder}: cannot be written: {problem.strerror or problem}. Nothing was left there; make room or "
        "name another folder, and decide again"
    )
