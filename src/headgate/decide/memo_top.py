"""The top of a memo: which line it is about, and on paper the outcome and the line's facts at a glance."""

from collections.abc import Iterable, Iterator, Sequence

from headgate.decide.decision import Decision
from headgate.decide.one import Decider, decider
from headgate.decide.prose import Page
from headgate.decide.sentence import item_name, place
from headgate.decide.trace import Trace
from headgate.decide.whatif import needed
from headgate.decide.wording import MARK, short_answer
from headgate.version import VERSION

# The shape beside an outcome on paper, so that no answer is told from another by color alone.
SHAPES = {
    "prohibited": "octagon",
    "license_required": "square",
    "exception_available": "diamond",
    "no_license_required": "circle",
}
UNDECIDED = "triangle"
# On paper the answer comes first, then what is missing, then the reasons.
SOON, LATER = 1, 2
PARTIES = {
    "consignee": "Ultimate consignee",
    "intermediate_consignee": "Intermediate consignee",
    "end_user": "End user",
}


def memo_title(decision: Decision, by: Decider | None = None) -> str:
    """Return the title under which a memo is filed.

    Example:
        >>> row = {"item": "nvidia-h20-96", "activity": "export", "destination": "CN", "event_date": "2024-06-01"}
        >>> memo_title(decider().decide(row, "clean", None))
        'Export control memo: NVIDIA H20 SXM 96GB (China) to China, law of 2024-06-01'
    """
    trace = decision.trace
    line = f"line {decision.line_id}" if decision.line_id else ""
    if trace is None:
        return f"Export control memo: {line or 'one line'}"
    to = place(trace.cells.get("destination"))
    about = f"{item_name(trace, by or decider())} to {to}, law of {trace.day}"
    return f"Export control memo: {f'{line}, ' if line else ''}{about}"


def show_outcome(page: Page, decision: Decision, warnings: Iterable[str]) -> None:
    """Write the outcome with its shape, and what must be known first; on paper alone."""
    enforced = short_answer(decision.outcome, decision.review_policy, tuple(decision.exceptions))
    page.status(enforced[:1].upper() + enforced[1:], SHAPES.get(decision.outcome, UNDECIDED))
    for text in warnings:
        page.warning(text)


def show_title(page: Page, trace: Trace, by: Decider, notes: Sequence[str]) -> None:
    """Write what goes where under which day's law, and how the activity came about."""
    cells = trace.cells
    places = [f"{word} {place(cells.get(column))}" for word, column in (("from", "ship_from"), ("to", "destination"))]
    name = item_name(trace, by)
    page.name(*(str(v) for v in cells.values() if isinstance(v, str)))
    page.say(f"{name[:1].upper()}{name[1:]}, {', '.join(places)}; law of {trace.day}", 0, only="text")
    activity = cells.get("activity")
    act = str(activity).replace("_", " ") if activity else "not stated"
    page.say(f"Activity: {act}. {' '.join(notes)}".strip(), 0, only="text")


def show_line(page: Page, decision: Decision, trace: Trace, by: Decider, notes: Sequence[str]) -> None:
    """Write the line's facts at a glance; on paper alone."""
    page.head("The line")
    page.facts((name, value) for name, value in _line(decision, trace, by, notes) if value)


def _line(decision: Decision, trace: Trace, by: Decider, notes: Sequence[str]) -> Iterator[tuple[str, str]]:
    cells = trace.cells
    given, name = str(cells.get("item") or ""), item_name(trace, by)
    yield "Line", decision.line_id or ""
    yield "Item", f"{name} ({given})" if given and given != name else name
    yield "Classification", decision.eccn_paragraph or "no entry of the book found"
    activity = str(cells.get("activity") or "not stated").replace("_", " ")
    yield "Activity", " ".join((f"{activity}.", *notes)) if notes else activity
    yield "From", place(cells.get("ship_from"))
    yield "To", place(cells.get("destination"))
    for column, words in PARTIES.items():
        yield words, str(cells.get(column) or "")
    yield "Still missing", _missing(decision, trace)
    yield "Law of", f"{trace.day}; read up to {by.book.read_on}"
    yield "Weakest evidence", MARK.get(decision.evidence, "")
    yield "Versions", f"law {decision.law_version}, data {decision.data_version}, Headgate {VERSION}"


def _missing(decision: Decision, trace: Trace) -> str:
    """Count the facts that could change the answer, and what an open exception still asks for."""
    todo = sum(name in needed(trace) for name in decision.missing)
    facts = len(decision.missing) - todo
    said = "nothing that could change the answer"
    if facts:
        said = f"{facts} fact{'s' if facts > 1 else ''}: see What is missing"
    return f"{said}; to use the exception {todo} more: see Exceptions and review" if todo else said
