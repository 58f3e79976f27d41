"""What each missing fact could do: the row decided again with every answer filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from headgate.decide.cell import Cell
from headgate.decide.columns import COLUMNS, MEASURES
from headgate.decide.prose import number
from headgate.decide.wording import CERTIFIED, question, short_answer
from headgate.errors import ConflictError, RowError
from headgate.expr.node import Compare
from headgate.law.fields import BY_NAME, CERTIFICATIONS

if TYPE_CHECKING:
    from headgate.decide.decision import Decision
    from headgate.decide.one import Decider
    from headgate.decide.trace import Trace

# Answers that speak for the exporter, for the best case.
FAVORED_YES = (*CERTIFICATIONS, "us_available_2026_01_15", "is_uae_approved", "weights_published")
MAKERS = ("NVIDIA", "AMD", "Intel", "another maker")
WEEKS = timedelta(days=28)
Result = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What the answers to one question could do.

    Args:
        columns: The columns asked for; more than one where they are one question.
        asks: The question for a customer.
        answers: (answer in words, what the decision would then be), equal results together.
        changes: Some answer alone changes the decision.
        compared: For a number: the thresholds it is compared with.
    """

    columns: tuple[str, ...]
    asks: str
    answers: tuple[tuple[str, str], ...]
    changes: bool
    compared: tuple[str, ...] = ()


def effects(decision: "Decision", by: "Decider") -> list[Effect]:
    """Return what each missing fact could do, the most decisive first; what must merely be done is left out.

    Args:
        decision: A decision with its trace.
        by: What made it.

    Example:
        >>> from headgate.decide.one import decider
        >>> row = {"item": "nvidia-h20-96", "destination": "CN", "activity": "export", "event_date": "2024-06-01"}
        >>> by = decider()
        >>> effects(by.decide(row, "clean", {"is_denied": ""}), by)[0].answers[0]
        ('yes', 'the act is prohibited')
    """
    trace = decision.trace
    if trace is None:
        return []
    asked = [c for c in decision.missing if c in COLUMNS and c not in needed(trace)]
    certificates = tuple(c for c in asked if c in CERTIFICATIONS)
    found: list[Effect] = []
    for column in asked:
        if COLUMNS[column].kind in ("number", "share"):
            found.append(_number_effect(decision, by, column))
        elif len(certificates) < 2 or column not in certificates:
            found.append(_effect(decision, by, (column,), list(answers_to(column, trace))))
        elif column == certificates[0]:
            every: list[tuple[str, Cell]] = [("yes, all", True), ("no, one is not given", False)]
            found.append(_effect(decision, by, certificates, every))
    return found


def needed(trace: "Trace") -> set[str]:
    """Return what must still be done or shown to use an exception."""
    return {n for a in trace.answers.values() for n in a.needs}


def best_case(decision: "Decision", by: "Decider") -> str:
    """Say what the answer would be with every missing fact in the exporter's favor; blank if that changes nothing."""
    trace = decision.trace
    if trace is None:
        return ""
    facts = {c: _favored(c) for c in decision.missing if c in COLUMNS and c not in needed(trace)}
    again = _decide(by, trace, {c: v for c, v in facts.items() if v is not None})
    if again is None or again.outcome == "insufficient_facts" or result(again) == result(decision):
        return ""
    return _words(decision, again)


def result(d: "Decision") -> Result:
    """Return what counts as the answer when two decisions are compared."""
    return (
        d.outcome,
        d.outcome_printed,
        d.review_policy,
        d.review_policy_printed,
        d.eccn,
        str(d.duty_rate),
        *d.exceptions,
        "|",
        *d.exceptions_printed,
    )


def answers_to(column: str, trace: "Trace") -> Iterator[tuple[str, Cell]]:
    """Yield the answers worth trying for one column, as (words, cell)."""
    spec = COLUMNS[column]
    if spec.kind == "yesno":
        yield from (("yes", True), ("no", False))
    elif spec.kind == "code":
        yield from ((v.replace("_", " "), v) for v in spec.values)
    elif spec.kind == "uses":
        yield from ((v.replace("_", " "), (v,)) for v in spec.values)
    elif spec.kind in ("country", "countries"):
        yield from _places(column, trace)
    elif spec.kind == "day":
        # Savings clauses ask whether it was before a rule's day, some weeks before the line.
        line_day = trace.cells["event_date"]
        assert isinstance(line_day, date)
        yield from (("some weeks before the line's day", line_day - WEEKS), ("the line's day", line_day))
    elif column == "maker":
        yield from ((m, m) for m in MAKERS)


def _places(column: str, trace: "Trace") -> Iterator[tuple[str, Cell]]:
    lists = trace.era.lists
    names = {"a country of D:5": "us.country_group.d5", "a country of A:5": "us.country_group.a5"}
    plain = next(c for c in ("BR", "TH", "MY", "CL") if not any(c in lists(n) for n in names.values()))
    found = {"China": "CN", "Macau": "MO", "the United States": "US", "a country outside every group": plain}
    found |= {words: _member(lists(list_id), trace) for words, list_id in names.items()}
    order = ("China", "Macau", *names, "the United States", "a country outside every group")
    for words in order:
        yield words, (found[words],) if COLUMNS[column].kind == "countries" else found[words]


def _member(members: frozenset[str], trace: "Trace") -> str:
    """A member of a group that stands for it: one that no provision names by itself."""
    named = ("CN", "MO", "RU", "AE", "UA", "IR", "KP", "SY", "CU", "BY")
    own = trace.cells.get("destination")
    return min(members, key=lambda c: (c in named, c == own, c))


def thresholds_of(column: str, trace: "Trace") -> dict[float, str]:
    """Return the values of a column at which some comparison of the day turns, each with the threshold in words.

    A density turns at an area, and a sum of bandwidths at what the other part leaves.
    """
    part = trace.item.parts[0] if trace.item.parts else {}

    def known(name: str) -> float:
        value = part.get(name)
        return float(value) if isinstance(value, int | float) else 0.0

    found: dict[float, str] = {}
    for leaf in _compared(trace):
        limit, info = leaf.limit, BY_NAME[leaf.name]
        said = f"{number(limit.value)} {limit.unit}".strip()
        at = None
        if leaf.name == "ic.performance_density":
            area = known("ic.tpp") / limit.value if limit.value else 0.0
            at = {"die_area_mm2": area, "performance_density": limit.value}.get(column)
        elif leaf.name == "ic.total_bandwidth":
            others = {"dram_bandwidth_gb_per_s": "ic.io_bandwidth", "io_bandwidth_gb_per_s": "ic.dram_bandwidth"}
            at = limit.value - known(others[column]) if column in others else None
        elif info.column == column and leaf.name != "ic.peak_tops":
            at = limit.value
        if at is not None and at >= 0:
            found.setdefault(at, said)
    return found


def _compared(trace: "Trace") -> Iterator[Compare]:
    for program in (trace.era.program, trace.era.program.parts):
        for _, leaf in program.leaves() if program else []:
            if isinstance(leaf, Compare):
                yield leaf


def _ranges(cuts: list[float]) -> Iterator[tuple[float, float | None, float]]:
    """Yield (low, high, a value between): between two cuts nothing turns, so one value answers for all."""
    cuts = [0.0, *(c for c in cuts if c > 0)]
    for low, high in pairwise(cuts):
        yield low, high, (low + high) / 2
    yield cuts[-1], None, cuts[-1] * 1.5 if cuts[-1] >= 1 else (cuts[-1] + 1) / 2


def _favored(column: str) -> Cell:
    kind = COLUMNS[column].kind
    if kind == "yesno":
        return column in FAVORED_YES
    if kind == "uses":
        return ("civil",)
    if column in ("hq_country", "ultimate_parent_hq_country"):
        return ("US",)
    favored: dict[str, Cell] = {"exporter_role": "other", "designer_hq_country": "US"}
    return 0.0 if column in ("listed_owner_share", "us_content_share") else favored.get(column)


def _decide(by: "Decider", trace: "Trace", facts: Mapping[str, Cell]) -> "Decision | None":
    try:
        return by.decide_cells({**trace.cells, **facts})
    except (RowError, ConflictError):
        return None


def _effect(decision: "Decision", by: "Decider", columns: tuple[str, ...], answers: list[tuple[str, Cell]]) -> Effect:
    trace = cast("Trace", decision.trace)
    groups: dict[Result, tuple[list[str], str]] = {}
    for words, cell in answers:
        again = _decide(by, trace, dict.fromkeys(columns, cell))
        if again is not None:
            groups.setdefault(result(again), ([], _words(decision, again)))[0].append(words)
    return Effect(
        columns=columns,
        asks=CERTIFIED if len(columns) > 1 else question(columns[0]),
        answers=tuple((" or ".join(words), said) for words, said in groups.values()),
        changes=any(key != result(decision) for key in groups),
    )


def _number_effect(decision: "Decision", by: "Decider", column: str) -> Effect:
    trace = cast("Trace", decision.trace)
    cuts = dict(sorted(thresholds_of(column, trace).items()))
    spans: list[tuple[float, float | None, Result, str]] = []
    # The measures of a computer are those of its circuits, which a row cannot state.
    usable = not (column in MEASURES and trace.row.get("item.kind") == "computer")
    for low, high, value in _ranges(list(cuts)) if usable else ():
        again = _decide(by, trace, {column: value})
        if again is None:
            continue
        if spans and spans[-1][2] == result(again):
            spans[-1] = (spans[-1][0], high, *spans[-1][2:])
        else:
            spans.append((low, high, result(again), _words(decision, again)))
    return Effect(
        columns=(column,),
        asks=question(column),
        answers=tuple((_span_words(low, high), said) for low, high, _, said in spans),
        changes=any(key != result(decision) for _, _, key, _ in spans),
        compared=tuple(dict.fromkeys(cuts.values())),
    )


def _span_words(low: float, high: float | None) -> str:
    if high is None:
        return f"{number(low)} or more" if low else "any value"
    return f"{number(low)} to {number(high)}" if low else f"under {number(high)}"


def _words(before: "Decision", after: "Decision") -> str:
    """Say the answer after a fact is known, naming only what is worth naming."""
    if result(after) == result(before):
        return "no change by itself"
    said = short_answer(after.outcome, after.review_policy, after.exceptions)
    printed = short_answer(after.outcome_printed, after.review_policy_printed, after.exceptions_printed)
    enforced_same = said == short_answer(before.outcome, before.review_policy, before.exceptions)
    if printed != said and (enforced_same or after.outcome_printed != after.outcome):
        said = f"{said}; as printed, {printed}"
    if after.eccn != before.eccn:
        said = f"{said}; ECCN {after.eccn or 'not known'}"
    if after.duty_rate != before.duty_rate and after.duty_rate is not None:
        said = f"{said}; duty {after.duty_rate:.0%}"
    return said
