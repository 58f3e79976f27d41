"""Eras: the spans of days in which neither the book nor any list changes, each compiled once for both tracks."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from graphlib import TopologicalSorter
from typing import Protocol

from headgate.expr.case import Run, compile_case
from headgate.expr.node import AnyPart, Compare, Expr, Threshold, walk
from headgate.expr.program import Program, lower
from headgate.expr.value import Lists
from headgate.law.book import ENFORCED, PRINTED, Book, Law
from headgate.law.flag_records import PREFIX
from headgate.law.provision import STAGES, Provision
from headgate.law.stages import classification, exception_names, formulas

TRACKS = (ENFORCED, PRINTED)


class DatedLists(Protocol):
    """Lists of codes whose members depend on the day."""

    def members(self, list_id: str, day: date) -> frozenset[str]:
        """Return the members of a list on a day."""
        ...

    def change_days(self) -> tuple[date, ...]:
        """Return every day on which some list changes."""
        ...


@dataclass(frozen=True, slots=True)
class Track:
    """One track of one era, with the step of everything a decision reads.

    Args:
        law: The provisions in force.
        steps: Step of each provision's truth, in the order in which they are applied.
        provisions: The provisions in that same order.
        classes: (step, provision) of each classification of the item itself.
        formulas: Step of each formula of `headgate.law.stages`.
        builds_on: For each provision the places of those it refers to.
        top_down: The places of the provisions, each before those it builds on.
        about: For each requirement the places of the scopes that say which items it is about; empty for the rest.
        exceptions: The exceptions known.
        flags: (step, flag, exception) of each provision that carries a flag; an exception's counts once it is open.
        weights: (step, weight) of each provision that weighs: of each rule of a red flag.
        rate: The rate of the duty, 0 when there is none.
    """

    law: Law
    provisions: tuple[Provision, ...]
    steps: tuple[int, ...]
    classes: tuple[tuple[int, Provision], ...]
    formulas: Mapping[str, int]
    builds_on: tuple[tuple[int, ...], ...]
    top_down: tuple[int, ...]
    about: tuple[tuple[int, ...], ...]
    exceptions: tuple[str, ...]
    flags: tuple[tuple[int, str, str], ...]
    weights: tuple[tuple[int, str], ...]
    rate: float

    def read(self) -> tuple[int, ...]:
        """Return every step that an answer on this track reads."""
        return (*self.steps, *(s for s, _ in self.classes), *self.formulas.values())


@dataclass(frozen=True)
class Era:
    """A span of days under one state of the law."""

    number: int
    start: date
    program: Program
    tracks: Mapping[str, Track]
    lists: Lists

    @cached_property
    def run(self) -> Run:
        """The program as generated Python."""
        return compile_case(self.program, self.lists)

    @cached_property
    def limits(self) -> Mapping[str, tuple[Threshold, ...]]:
        """Field of a circuit to the thresholds it is compared with, rising."""
        found: dict[str, dict[float, Threshold]] = {}
        parts = self.program.parts
        for _, leaf in parts.leaves() if parts else []:
            if isinstance(leaf, Compare):
                found.setdefault(leaf.name, {}).setdefault(leaf.limit.value, leaf.limit)
        return {name: tuple(t for _, t in sorted(by.items())) for name, by in found.items()}


class Eras:
    """The eras of a book and its lists, compiled when first needed.

    Args:
        book: The book.
        lists: The dated lists.
        answers: Compile the rules of red flags that wait for an answer, too; without answers none of them can hold.
    """

    def __init__(self, book: Book, lists: DatedLists, answers: bool = False) -> None:
        self.book, self.lists, self.answers = book, lists, answers
        listed = {d for d in lists.change_days() if d > book.begins}
        self.starts: Sequence[date] = sorted({*book.change_days_of(self._kept(book.provisions)), *listed})
        self._made: dict[int, Era] = {}

    def _kept(self, provisions: Sequence[Provision]) -> tuple[Provision, ...]:
        return tuple(p for p in provisions if self.answers or not waits_for_answer(p))

    def number(self, day: date) -> int:
        """Return the number of the era a day lies in."""
        return bisect_right(self.starts, day) - 1

    def on(self, day: date) -> Era:
        """Return the era a day lies in."""
        return self.at(self.number(day))

    def at(self, number: int) -> Era:
        """Return an era by number, compiled on first use."""
        if number not in self._made:
            start = self.starts[number]
            laws = {track: self.book.on(start, track) for track in TRACKS}
            kept = {track: replace(law, provisions=self._kept(law.provisions)) for track, law in laws.items()}
            self._made[number] = _compile(kept, self.lists, number, start)
        return self._made[number]


def waits_for_answer(p: Provision) -> bool:
    """Say whether a provision is the rule of a red flag that reads an answer, so that it cannot hold without one."""
    return bool(p.weight) and any(name.startswith(PREFIX) for name in p.reads())


def _compile(laws: Mapping[str, Law], lists: DatedLists, number: int, start: date) -> Era:
    roots: dict[str, dict[str, Expr]] = {}
    for track, law in laws.items():
        roots[track] = {
            **{f"{track} is {p.id}": law.of_item(p) for p in law.provisions},
            **{f"{track} class {p.id}": classification(law, p) for p in law.stage("classify") if p.eccn},
            **{f"{track} {name}": expr for name, expr in formulas(law).items()},
        }
    program = lower(*((roots[track], law.expression) for track, law in laws.items()))
    members = cache(lambda list_id: lists.members(list_id, start))
    return Era(number, start, program, {track: _track(law, track, program) for track, law in laws.items()}, members)


def is_about_items(p: Provision) -> bool:
    """Say whether a provision is a condition on what is shipped: on some circuit of the item, or on a memory."""
    return any(isinstance(node, AnyPart) or getattr(node, "name", "") == "item.hbm_density" for node in walk(p.when))


def _track(law: Law, track: str, program: Program) -> Track:
    ordered = tuple(sorted(law.provisions, key=lambda p: STAGES.index(p.stage)))
    place = {p.id: n for n, p in enumerate(ordered)}
    builds_on = tuple(tuple(place[id] for id in p.refers_to() if id in place) for p in ordered)
    return Track(
        law=law,
        provisions=ordered,
        steps=tuple(program.roots[f"{track} is {p.id}"] for p in ordered),
        classes=tuple((program.roots[f"{track} class {p.id}"], p) for p in law.stage("classify") if p.eccn),
        formulas={name: program.roots[f"{track} {name}"] for name in formulas(law)},
        builds_on=builds_on,
        about=tuple(
            tuple(m for m in builds_on[n] if ordered[m].stage in ("scope", "classify") and is_about_items(ordered[m]))
            if p.stage == "require"
            else ()
            for n, p in enumerate(ordered)
        ),
        top_down=tuple(TopologicalSorter(dict(enumerate(builds_on))).static_order())[::-1],
        exceptions=exception_names(law),
        flags=tuple((program.roots[f"{track} is {p.id}"], p.flag, p.exception) for p in ordered if p.flag),
        weights=tuple((program.roots[f"{track} is {p.id}"], p.weight) for p in ordered if p.weight),
        rate=next((p.rate for p in law.stage("duty") if p.rate is not None), 0.0),
    )
