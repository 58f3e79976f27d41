"""The end of a memo: what was stated, the sources, on paper the facts it was decided on, and the versions."""

from collections.abc import Mapping

from headgate.decide.answers import ANSWERS
from headgate.decide.chain import Chain
from headgate.decide.columns import COLUMNS, written
from headgate.decide.decision import Decision
from headgate.decide.memo_top import LATER
from headgate.decide.one import Decider
from headgate.decide.paper.links import ECFR, published_at
from headgate.decide.prose import Page, clean, number, percent
from headgate.decide.trace import Trace
from headgate.decide.wording import MARK
from headgate.law.book import ENFORCED, PRINTED
from headgate.law.provision import Provision


def show_stated(page: Page, decision: Decision, trace: Trace) -> None:
    """Write what was answered and assumed."""
    told = {c: v for c, v in trace.cells.items() if c in ANSWERS and v is not None}
    if told:
        page.head("Answered", LATER)
        page.say(f"Answers to questions of red flags: {'; '.join(f'{c} = {written(v)}' for c, v in told.items())}.")
    if decision.assumed:
        page.head("Assumed", LATER)
        facts = "; ".join(f"{c} = {written(trace.cells.get(c))}" for c in decision.assumed)
        page.say(f"Stated or assumed, not checked: {facts}.")


def quoted(decision: Decision, chains: Mapping[str, Chain]) -> list[Provision]:
    """Return the provisions that a decision rests on, in the order of each text, each version once."""
    ids = {*decision.reasons, *decision.reasons_printed}
    # A review policy that unknown facts leave possible is quoted too, so its source belongs here.
    possible = chains[ENFORCED].stage("review", None)
    ids |= {p.id for p in possible if p.policy == decision.review_policy}
    found = [p for chain in chains.values() for p in chain.track.provisions if p.id in ids]
    return [*{(p.id, p.start, p.track): p for p in found}.values()]


def show_sources(page: Page, decision: Decision, chains: Mapping[str, Chain], by: Decider) -> None:
    """Write where the law stands, and where each measure of the item comes from."""
    page.head("Sources", LATER)
    cites = {(p.cite.published, p.cite.url): p.cite for p in quoted(decision, chains)}
    for (published, url), cite in cites.items():
        address = published_at(cite)
        page.say(f"{published}{f', {url}' if url else ''}", mark="- ", only="text")
        # Paper is read without a pointer: the address of a page of the Federal Register is printed too.
        page.say(f"{published}{f', {address}' if address else ''}", mark="- ", links=[(address, address)], only="paper")
    day = min(chains[ENFORCED].trace.day, by.book.read_on)
    text = f"{ECFR}/on/{day}/title-15"
    page.say(f"15 CFR as the eCFR prints it for {day}, {text}", mark="- ", links=[(text, text)], only="paper")
    for column, m in decision.measures.items():
        if m is not None and isinstance(m["value"], float):
            value = f"{'at least ' if m['at_least'] else ''}{number(m['value'])}"
            known = MARK.get(str(m["mark"]), "computed")
            limit, margin = str(m["threshold"] or ""), m["margin"]
            far = percent(float(margin)) if margin is not None else ""
            near = f"; nearest threshold {limit}, {far}" if far else ""
            cells = (("Measure", column), ("Value", value), ("Known from", known), ("Nearest threshold", limit))
            page.say(f"{column} {value}: {known}{near}", mark="- ", cells=(*cells, ("Margin", far)))
    name = chains[ENFORCED].trace.cells.get("item")
    if name is not None and str(name).casefold() not in by.own:
        page.say(f"Every figure with its source: headgate chip show {clean(str(name))}", mark="- ")


def show_facts(page: Page, decision: Decision, trace: Trace) -> None:
    """Write every fact that was decided on, and whether the line states it; on paper alone."""
    page.head("Facts decided on", LATER)
    for column in COLUMNS:
        value = trace.cells.get(column)
        if value is not None:
            how = "stated or assumed, not checked" if column in decision.assumed else "given with the line"
            page.row((("Fact", column), ("Value", written(value)), ("How it is known", how)))


def show_foot(page: Page, decision: Decision, read_on: str) -> None:
    """Write the versions, up to when the law was read, and how well it is known."""
    weak = (
        f" Weakest evidence among the provisions that decided: {MARK[decision.evidence]}." if decision.evidence else ""
    )
    read = f" Law read up to {read_on}." if read_on else ""
    page.gap()
    page.foot(f"Law {decision.law_version}, data {decision.data_version}.{read}{weak}")
    page.foot("Not legal advice.")


def citations(decision: Decision) -> list[dict[str, str | None]]:
    """Return where each provision stands on which a decision rests, for a machine; of a decision from a table, none."""
    trace = decision.trace
    chains = {name: Chain(trace, name) for name in (ENFORCED, PRINTED)} if trace else {}
    return [
        {
            "id": p.id,
            "stage": p.stage,
            "section": p.cite.section,
            "published": p.cite.published,
            "address": published_at(p.cite) or None,
            "mark": p.mark,
            "track": p.track,
            "start": p.start.isoformat(),
            "end": p.end.isoformat() if p.end else None,
        }
        for p in (quoted(decision, chains) if chains else ())
    ]
