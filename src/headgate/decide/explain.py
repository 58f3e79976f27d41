"""The memo: one decision as a careful lawyer would write it down."""

from collections.abc import Iterable, Mapping, Sequence

from headgate.decide.answer import Answer
from headgate.decide.chain import Chain, cited, show_exceptions, show_not_met, show_provisions, show_review
from headgate.decide.decision import Decision
from headgate.decide.memo_end import show_facts, show_foot, show_sources, show_stated
from headgate.decide.memo_top import LATER, SOON, show_line, show_outcome, show_title
from headgate.decide.one import Decider, decider
from headgate.decide.paper.links import links
from headgate.decide.prose import Page, listed
from headgate.decide.questionnaire import raised
from headgate.decide.sentence import sentence
from headgate.decide.trace import Trace
from headgate.decide.whatif import best_case, effects, needed
from headgate.decide.wording import NEEDS, NLR, READING, flag_words, question, short_answer
from headgate.law.book import ENFORCED, PRINTED
from headgate.law.flag_records import flag_records
from headgate.law.provision import Provision

MOST_QUESTIONS = 10
REVIEWED = ("license_required", "exception_available", "legal_ambiguity", "insufficient_facts", "not_modeled")


def memo(decision: Decision, by: Decider | None = None, width: int = 80, notes: Sequence[str] = ()) -> str:
    """Write the memo of a decision.

    Args:
        decision: Any decision; without a trace (from a table) the memo is short.
        by: What made it; by default the built-in book and catalog.
        width: Columns a line may take.
        notes: Sentences about how the question was read, shown under the title.

    Returns:
        Plain text, ending in a line break.

    Example:
        >>> row = {"item": "nvidia-h20-96", "activity": "export", "destination": "CN", "event_date": "2024-06-01"}
        >>> "  As enforced: no license is required." in memo(decider().decide(row, "clean", None)).splitlines()
        True
    """
    return memo_page(decision, by, notes, width=width).text()


def memo_page(
    decision: Decision,
    by: Decider | None = None,
    notes: Sequence[str] = (),
    warnings: Iterable[str] = (),
    width: int = 80,
) -> Page:
    """Return the memo of a decision as blocks, which `headgate.decide.paper` renders to file.

    Args:
        decision: Any decision; without a trace (from a table) the memo is short.
        by: What made it; by default the built-in book and catalog.
        notes: Sentences about how the question was read.
        warnings: What must be known first, such as a review that is overdue; on paper alone.
        width: Columns a line of its plain text may take.
    """
    page = Page(width)
    show_outcome(page, decision, warnings)
    if decision.trace is None:
        _without_trace(page, decision, notes)
    else:
        _with_trace(page, decision, decision.trace, by or _maker_of(decision.trace), notes)
    return page


def _maker_of(trace: Trace) -> Decider:
    """The decider whose book this decision was made with, so that its open questions are asked of the same law."""
    built_in, book = decider(), trace.era.tracks[ENFORCED].law.book
    return built_in if book is built_in.book else Decider(book)


def _with_trace(page: Page, decision: Decision, trace: Trace, by: Decider, notes: Sequence[str]) -> None:
    show_title(page, trace, by, notes)
    page.head("The answer")
    page.say(sentence(decision, trace, by))
    if "no_license_required" in (decision.outcome, decision.outcome_printed):
        page.say(NLR)
    _tracks(page, decision, trace)
    show_line(page, decision, trace, by, notes)
    _readings(page, decision, trace)
    chains = {name: Chain(trace, name) for name in (ENFORCED, PRINTED)}
    _why(page, decision, chains)
    if decision.outcome in REVIEWED or decision.outcome_printed in REVIEWED:
        page.head("Exceptions and review", LATER)
        _exceptions(page, decision, chains)
    _missing(page, decision, trace, by)
    _flags(page, decision)
    show_stated(page, decision, trace)
    show_sources(page, decision, chains, by)
    show_facts(page, decision, trace)
    show_foot(page, decision, str(by.book.read_on))


def _tracks(page: Page, decision: Decision, trace: Trace) -> None:
    enforced = short_answer(decision.outcome, decision.review_policy, decision.exceptions)
    printed = short_answer(decision.outcome_printed, decision.review_policy_printed, decision.exceptions_printed)
    page.gap()
    page.say(f"As enforced: {enforced}.", lead="As enforced:")
    page.say(f"As printed: {printed if printed != enforced else 'the same'}.", lead="As printed:")
    apart = {*decision.reasons} ^ {*decision.reasons_printed}
    provisions = [p for name in (ENFORCED, PRINTED) for p in trace.era.tracks[name].provisions if p.id in apart]
    found = {p.id: p for p in provisions if p.track != "both"} or ({p.id: p for p in provisions} if apart else {})
    if found and printed != enforced:
        page.say("They differ because of:")
    elif found:
        page.say("The two texts are not the same, though the answer is:")
    for p in found.values():
        where = links(p.cite, trace.day, trace.era.tracks[ENFORCED].law.book.read_on)
        page.say(f"{p.says} {p.note} [{cited(p)}]", 4, "- ", links=where)


def _readings(page: Page, decision: Decision, trace: Trace) -> None:
    """Show both readings where the text leaves two, and another source's answer where it would differ."""
    own = _said(trace.answers[ENFORCED])
    others = [(label, said) for label, answers in trace.readings if (said := _said(answers[ENFORCED])) != own]
    if not others:
        return
    page.head("Readings" if decision.outcome == "legal_ambiguity" else "Other readings", SOON)
    page.say(f"As computed here: {own}.", mark="- ")
    for label, said in dict.fromkeys(others):
        page.say(f"If {READING[label]}: {said}.", mark="- ")


def _said(a: Answer) -> str:
    return short_answer(a.outcome, a.review_policy, a.exceptions) + (f", ECCN {a.eccn}" if a.eccn else "")


def _applied(chain: Chain, ids: Sequence[str]) -> list[Provision]:
    """The provisions that applied, in order; those of the review have their own section."""
    return [p for p in chain.track.provisions if p.id in ids and p.stage not in ("review", "exempt")]


def _why(page: Page, decision: Decision, chains: Mapping[str, Chain]) -> None:
    page.head("Why", LATER)
    chain = chains[ENFORCED]
    if decision.eccn:
        page.say(f"Classification: {decision.eccn_paragraph}.", lead="Classification:")
    else:
        page.say("Classification: no entry of the book reaches the item, or it is not known which one does.")
    start = show_provisions(page, chain, _applied(chain, decision.reasons))
    extra = [p for p in _applied(chains[PRINTED], decision.reasons_printed) if p.id not in decision.reasons]
    if extra:
        page.say("By the printed text also:")
        show_provisions(page, chains[PRINTED], extra, start)
    if decision.outcome in ("insufficient_facts", "not_modeled"):
        show_not_met(page, chain, "require", None, "Requirements that wait for a fact, with what is not known:")
        show_not_met(page, chain, "not_modeled", None, "Law that is not modeled and may apply, with what is not known:")
    if decision.outcome in ("no_license_required", "insufficient_facts") and not chain.freed:
        show_not_met(page, chain, "classify", False, "Entries that do not reach it, with what is not met:", most=8)
    if decision.outcome == "no_license_required" and not chain.freed:
        show_not_met(page, chain, "require", False, "Requirements checked, with what is not met:", most=24)


def _exceptions(page: Page, decision: Decision, chains: Mapping[str, Chain]) -> None:
    chain = chains[ENFORCED]
    if chain.formula("required") is False:
        page.say("As enforced no requirement of the book applies, so there is no exception and no review to show.")
    else:
        show_exceptions(page, chain)
        show_review(page, chain, decision.review_policy)
    printed = (decision.exceptions_printed, decision.review_policy_printed)
    if printed != (decision.exceptions, decision.review_policy) and chains[PRINTED].formula("required") is not False:
        page.say(f"By the printed text: license exceptions open: {listed(decision.exceptions_printed) or 'none'}.")
        if todo := [NEEDS.get(n, n) for n in chain.trace.answers[PRINTED].needs if decision.exceptions_printed]:
            page.say(f"To do for them: {'; '.join(todo)}.", 4)
        show_review(page, chains[PRINTED], decision.review_policy_printed)
    page.say(
        "Exceptions that the book does not model (`headgate law list --stage not_modeled`) never lower an answer here."
    )
    if decision.duty_rate is not None:
        page.say(f"Duty on import into the United States: {decision.duty_rate:.0%}.")


def _missing(page: Page, decision: Decision, trace: Trace, by: Decider) -> None:
    found = effects(decision, by)
    todo = [n for n in decision.missing if n in needed(trace)]
    page.head("What is missing", SOON if found or not todo else LATER)
    if not found and todo:
        page.say("No fact that could change the answer; what must still be done to use the exception stands above.")
    elif not found:
        page.say("Nothing: no further fact could change the answer under the provisions of that day.")
    shown, rest = found[:MOST_QUESTIONS], found[MOST_QUESTIONS:]
    for effect in [e for e in shown if e.changes]:
        page.say(f"{effect.asks} ({listed(effect.columns[:1])})", mark="- ")
        for words, said in effect.answers:
            page.say(f"{words}: {said}", 6, lead=f"{words}:")
        if effect.compared:
            page.say(f"It is compared with {listed(effect.compared)}.", 6)
    quiet = [e for e in shown if not e.changes]
    if quiet:
        page.say(
            "By themselves these change nothing; together they can:"
            if len(quiet) > 1
            else "By itself this changes nothing:"
        )
    for effect in quiet:
        many = (
            f"{effect.columns[0]} and {len(effect.columns) - 1} more" if len(effect.columns) > 1 else effect.columns[0]
        )
        compared = f" It is compared with {listed(effect.compared)}." if effect.compared else ""
        page.say(f"{effect.asks} ({many}){compared}", 4, "- ")
    if rest:
        page.say(f"And {len(rest)} more: {listed(c for e in rest for c in e.columns)}.")
    best = best_case(decision, by) if len(found) > 1 else ""
    if best:
        page.say(f"With every answer in the exporter's favor: {best}.")


def _flags(page: Page, decision: Decision) -> None:
    records = flag_records().flags
    notes = [flag for flag in decision.flags if flag not in records]
    if notes:
        page.head("Flags", LATER)
    for flag in notes:
        page.say(f"{flag_words(flag)} ({flag})", mark="- ")
    if len(notes) < len(decision.flags):
        page.head("Red flags", LATER)
        page.say("No outcome turns on them. Resolve each before going on.")
    rules = raised(decision.trace) if decision.trace else {}
    for flag in rules or [flag for flag in decision.flags if flag in records]:
        said = f"{rules[flag].says} ({flag}: {rules[flag].weight})" if rules else f"{flag_words(flag)} ({flag})"
        page.say(said, mark="- ")
        page.say(f"Ask: {records[flag].ask}", 4)
        if records[flag].evidence:
            page.say(f"Obtain: {listed(records[flag].evidence)}.", 4)


def _without_trace(page: Page, decision: Decision, notes: Sequence[str]) -> None:
    """A decision from a table holds its columns alone; an unreadable row holds its error."""
    page.say(f"Line {decision.line_id}" if decision.line_id else "One line", 0)
    for note in notes:
        page.say(note, 0)
    page.head("The answer")
    if decision.error is not None or decision.outcome == "invalid_row":
        page.say(f"The row cannot be read, so nothing was decided. {decision.error or ''}")
    else:
        enforced = short_answer(decision.outcome, decision.review_policy, tuple(decision.exceptions))
        printed = (decision.outcome_printed, decision.review_policy_printed, tuple(decision.exceptions_printed))
        page.say(f"As enforced: {enforced}.", lead="As enforced:")
        page.say(f"As printed: {short_answer(*printed)}.", lead="As printed:")
        if "no_license_required" in (decision.outcome, decision.outcome_printed):
            page.say(NLR)
        if decision.eccn:
            page.say(f"Classification: {decision.eccn_paragraph}.", lead="Classification:")
        page.head("Why")
        for id in dict.fromkeys((*decision.reasons, *decision.reasons_printed)):
            page.say(f"headgate law show {id}", mark="- ")
    if decision.missing:
        page.head("What is missing")
    for column in decision.missing:
        page.say(NEEDS.get(column) or f"{question(column)} ({column})", mark="- ")
    _flags(page, decision)
    if decision.assumed:
        page.head("Assumed")
        page.say(f"Stated or assumed, not checked: {listed(decision.assumed)}.")
    book = decider().book
    show_foot(page, decision, str(book.read_on) if book.version == decision.law_version else "")
